// SPDX-License-Identifier: GPL-3.0-or-later
#include <errno.h>
#include <stdlib.h>

#include "core/counters/scopes.h"
#include "core/counters/snapshot.h"

#define MAX_TRIES 10

int ep_scopes_init(struct ep_scopes *scopes, const struct ep_reader *reader, bool vcpus)
{
	uint32_t count = reader->host->vcpus;

	*scopes = (struct ep_scopes){ .reader = *reader };
	if (!vcpus)
		return 0;
	if (!reader->latch || !count || count > EXITPROF_SCOPE_VM)
		return -EOPNOTSUPP;
	scopes->readers = calloc(count, sizeof(*scopes->readers));
	scopes->own = calloc(count, sizeof(*scopes->own));
	if (!scopes->readers || !scopes->own) {
		ep_scopes_finish(scopes);
		return -ENOMEM;
	}
	scopes->count = count;
	for (uint32_t i = 0; i < count; i++) {
		scopes->readers[i] = *reader;
		scopes->readers[i].scope = i;
	}
	return 0;
}

void ep_scopes_finish(struct ep_scopes *scopes)
{
	free(scopes->readers);
	free(scopes->own);
	*scopes = (struct ep_scopes){};
}

bool ep_scopes_read_histograms(struct ep_scopes *scopes, bool histograms)
{
	bool before = scopes->reader.histogram;

	scopes->reader.histogram = histograms;
	for (uint32_t i = 0; i < scopes->count; i++)
		scopes->readers[i].histogram = histograms;
	return before;
}

int ep_scoped_init(struct ep_scoped *scoped, const struct ep_scopes *scopes)
{
	*scoped = (struct ep_scoped){};
	if (!scopes->count)
		return 0;
	scoped->vcpus = calloc(scopes->count, sizeof(*scoped->vcpus));
	return scoped->vcpus ? 0 : -ENOMEM;
}

void ep_scoped_finish(struct ep_scoped *scoped)
{
	free(scoped->vcpus);
	scoped->vcpus = NULL;
}

int ep_scoped_delta_init(struct ep_scoped_delta *delta, const struct ep_scopes *scopes)
{
	*delta = (struct ep_scoped_delta){};
	if (!scopes->count)
		return 0;
	delta->vcpus = calloc(scopes->count, sizeof(*delta->vcpus));
	return delta->vcpus ? 0 : -ENOMEM;
}

void ep_scoped_delta_finish(struct ep_scoped_delta *delta)
{
	free(delta->vcpus);
	delta->vcpus = NULL;
}

static void add_counter(struct ep_counter *to, const struct ep_counter *part)
{
	to->exits += part->exits;
	to->cycles += part->cycles;
	to->away += part->away;
	to->own_exits += part->own_exits;
	to->own_cycles_exits += part->own_cycles_exits;
	if (part->max > to->max)
		to->max = part->max;
}

static void add_snapshot(const struct ep_reader *reader, struct ep_snapshot *to,
			 const struct ep_snapshot *part)
{
	add_counter(&to->total, &part->total);
	for (uint32_t row = 0; row < part->count; row++)
		add_counter(&to->rows[row], &part->rows[row]);
	to->count = part->count;
	to->unlisted += part->unlisted;
	to->consistent &= part->consistent;
	to->cost += part->cost;
	if (part->passes > to->passes)
		to->passes = part->passes;
	to->vcpu = part->vcpu;
	to->generation = part->generation;
	to->timed = part->timed;
	to->full = part->full;
	if (!reader->histogram)
		return;
	for (uint32_t row = 0; row <= part->count; row++)
		for (int i = 0; i < EXITPROF_BUCKETS; i++)
			to->histogram[row][i] += part->histogram[row][i];
}

/* @own: of the reader's CPUIDs those that are in @snapshot; @row: where */
static void set_own(struct ep_snapshot *snapshot, uint64_t own, uint32_t row)
{
	snapshot->total.own_exits = own;
	snapshot->total.own_cycles_exits = own;
	snapshot->rows[row].own_exits = own;
	snapshot->rows[row].own_cycles_exits = own;
}

/* Returns 0, -ENODEV, or -EAGAIN if the vCPUs' are not of one reader and one generation. */
static int take_all(struct ep_scopes *scopes, struct ep_scoped *ret, uint64_t start)
{
	const struct ep_host *host = scopes->reader.host;

	ret->created = ep_host_vcpus(host);
	for (uint32_t i = 0; i < scopes->count; i++) {
		struct ep_snapshot *snapshot = &ret->vcpus[i];
		int err = ep_snapshot_take(&scopes->readers[i], snapshot);
		uint64_t mine;

		if (err)
			return err;
		if (snapshot->vcpu != ret->vcpus[0].vcpu || snapshot->vcpu >= scopes->count ||
		    snapshot->generation != ret->vcpus[0].generation)
			return -EAGAIN;
		mine = i == snapshot->vcpu ? snapshot->total.own_exits - start : 0;
		set_own(snapshot, scopes->own[i] + mine, host->cpuid_row);
	}
	return 0;
}

static int take_pinned(struct ep_scopes *scopes, struct ep_scoped *ret)
{
	struct ep_cpuid *cpuid = scopes->reader.host->cpuid;
	uint64_t start = cpuid->executed;
	struct ep_pin pin;
	int err;

	cpuid->pin(cpuid, &pin);
	err = take_all(scopes, ret, start);
	if (!cpuid->unpin(cpuid, &pin) && !err)
		err = -EAGAIN;
	if (err)
		return err;
	scopes->own[ret->vcpus[0].vcpu] += cpuid->executed - start;
	return 0;
}

int ep_scopes_take(struct ep_scopes *scopes, struct ep_scoped *ret)
{
	struct ep_snapshot *vm = &ret->vm;
	int err;

	if (!scopes->count)
		return ep_snapshot_take(&scopes->reader, vm);
	for (int i = 0; i < MAX_TRIES; i++) {
		err = take_pinned(scopes, ret);
		if (err != -EAGAIN)
			break;
	}
	if (err && err != -EAGAIN)
		return err;
	ret->elsewhere = scopes->reader.host->cpuid->executed;
	for (uint32_t i = 0; i < scopes->count; i++)
		ret->elsewhere -= scopes->own[i];
	ep_snapshot_clear(&scopes->reader, vm);
	vm->consistent = !err;
	for (uint32_t i = 0; i < scopes->count; i++)
		add_snapshot(&scopes->reader, vm, &ret->vcpus[i]);
	return 0;
}

int ep_scopes_subtract(const struct ep_scopes *scopes, struct ep_scoped_delta *ret,
		       const struct ep_scoped *before, const struct ep_scoped *after)
{
	bool complete = after->created == before->created && after->created <= scopes->count &&
			after->elsewhere == before->elsewhere;
	int err = ep_delta_compute(&ret->vm, &scopes->reader, &before->vm, &after->vm);

	for (uint32_t i = 0; i < scopes->count && !err; i++) {
		err = ep_delta_compute(&ret->vcpus[i], &scopes->readers[i], &before->vcpus[i],
				       &after->vcpus[i]);
		ret->vcpus[i].consistent &= complete;
	}
	if (scopes->count)
		ret->vm.consistent &= complete;
	return err;
}
