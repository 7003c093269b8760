// SPDX-License-Identifier: GPL-3.0-or-later
#include <string.h>

#include "core/base/cleanup.h"
#include "core/base/median.h"
#include "core/result/record.h"

struct ep_repeat *ep_record_add(struct ep_record *record)
{
	struct ep_repeat *repeats;

	repeats = reallocarray(record->repeats, record->count + 1, sizeof(*repeats));
	if (!repeats)
		return NULL;
	record->repeats = repeats;
	memset(&repeats[record->count], 0, sizeof(*repeats));
	return &repeats[record->count++];
}

void ep_record_drop(struct ep_record *record)
{
	struct ep_repeat *repeat = &record->repeats[--record->count];

	ep_details_finish(&repeat->details);
	free(repeat->vcpus);
}

const char *ep_record_name(const struct ep_record *record)
{
	const char *slash = record->command ? strrchr(record->command[0], '/') : NULL;

	if (record->workload)
		return record->workload->name;
	if (!record->command)
		return "record";
	return slash && slash[1] ? slash + 1 : record->command[0];
}

const char *ep_record_operation(const struct ep_record *record)
{
	if (record->workload)
		return record->workload->operation;
	return record->command ? "command" : NULL;
}

double ep_record_own_share(const struct ep_record_series *series)
{
	return series->duration_ns ? (double)series->own_cpu_ns / series->duration_ns : 0;
}

bool ep_record_away_share(const struct ep_record *record, double *ret)
{
	double away = 0, cycles = 0;

	for (size_t i = 0; i < record->count; i++) {
		const struct ep_repeat *repeat = &record->repeats[i];

		if (!repeat->delta.full)
			return false;
		away += repeat->delta.away;
		cycles += repeat->duration_ns / 1e6 * record->host->tsc_khz * record->host->vcpus;
	}
	if (!(cycles > 0))
		return false;
	*ret = away / cycles;
	return true;
}

int ep_record_of_vcpu(struct ep_record *ret, const struct ep_record *record, uint32_t vcpu)
{
	struct ep_record view = *record;

	view.histogram = NULL;
	view.details = false;
	view.vcpus = 0;
	view.repeats = calloc(record->count, sizeof(*view.repeats));
	if (!view.repeats)
		return -ENOMEM;
	for (size_t i = 0; i < record->count; i++) {
		view.repeats[i] = record->repeats[i];
		view.repeats[i].delta = record->repeats[i].vcpus[vcpu];
		view.repeats[i].vcpus = NULL;
		view.repeats[i].details = (struct ep_details){};
	}
	*ret = view;
	return 0;
}

uint64_t ep_record_expected(const struct ep_record *record, const struct ep_repeat *repeat,
			    uint32_t reason)
{
	uint64_t expected = 0;

	for (int cause = 0; cause < EXITPROF_CAUSES; cause++)
		if (record->workload->exact_causes & 1u << cause &&
		    ep_reasons_of_cause(record->host->vendor, cause) == reason)
			expected += repeat->outcome.must_exit[cause];
	return expected;
}

bool ep_record_interrupted(const struct ep_record *record)
{
	return record->count < record->wanted || record->repeats[record->count - 1].interrupted;
}

bool ep_record_consistent(const struct ep_record *record)
{
	for (size_t i = 0; i < record->count; i++)
		if (!record->repeats[i].delta.consistent)
			return false;
	return true;
}

void ep_record_finish(struct ep_record *record)
{
	while (record->count)
		ep_record_drop(record);
	free(record->repeats);
	free(record->histogram);
	record->repeats = NULL;
	record->histogram = NULL;
}

/* Whether an earlier repeat than @repeat has @key. */
static bool seen(const struct ep_record *record, size_t repeat, uint64_t key)
{
	for (size_t i = 0; i < repeat; i++)
		if (ep_details_events(&record->repeats[i].details, key))
			return true;
	return false;
}

int ep_record_details(struct ep_details *ret, const struct ep_record *record)
{
	_cleanup_free_ uint64_t *events = calloc(record->count, sizeof(*events));
	_cleanup_(ep_details_finish) struct ep_details all = {};

	for (size_t i = 0; i < record->count; i++) {
		all.room += record->repeats[i].details.count;
		all.lost += record->repeats[i].details.lost;
	}
	all.list = calloc(all.room + 1, sizeof(*all.list));
	if (!events || !all.list)
		return -ENOMEM;

	for (size_t i = 0; i < record->count; i++) {
		const struct ep_details *details = &record->repeats[i].details;

		for (size_t j = 0; j < details->count; j++) {
			struct ep_detail median = { .key = details->list[j].key };

			if (seen(record, i, median.key))
				continue;
			for (size_t k = 0; k < record->count; k++)
				events[k] =
					ep_details_events(&record->repeats[k].details, median.key);
			median.events = ep_median(events, record->count);
			if (median.events)
				all.list[all.count++] = median;
		}
	}
	ep_details_sort(&all);
	*ret = all;
	all = (struct ep_details){};
	return 0;
}
