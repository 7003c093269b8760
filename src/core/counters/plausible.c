// SPDX-License-Identifier: GPL-3.0-or-later
#include <errno.h>
#include <inttypes.h>
#include <unistd.h>

#include "core/counters/plausible.h"

/* What may be in progress when the time begins; and on other vCPUs, a page that is swapped in. */
#define BEGUN_CYCLES 100000000
#define BEGUN_SHIFT  32
/* Mean cycles of an exit, over the life of a VM: about 20 s. */
#define MEAN_SHIFT 36
/* Counts that a host loses make its sums inexact, but not by that much. */
#define LOST_PART   8
#define LOST_EXITS  10
#define LOST_CYCLES 1000000
/* Cycles of an exit between the reads. */
#define DISTURBED_SHIFT 18

uint64_t ep_plausible_cycles(uint32_t vcpus, uint64_t elapsed)
{
	return vcpus * (elapsed + elapsed / 4 + BEGUN_CYCLES) +
	       ((uint64_t)(vcpus ? vcpus - 1 : 0) << BEGUN_SHIFT);
}

uint32_t ep_plausible_vcpus(const struct ep_host *host)
{
	long configured = sysconf(_SC_NPROCESSORS_CONF);
	uint32_t vcpus = configured > 0 ? configured : 1;

	return host->vcpus > vcpus ? host->vcpus : vcpus;
}

static int refuse(struct ep_error *err)
{
	ep_error_hint(err, "'exitprof verify' names what is wrong with this host");
	return -ERANGE;
}

static int compare(uint64_t parts, uint64_t total, uint64_t allowed, const char *unit,
		   struct ep_error *err)
{
	if (parts <= total || parts - total <= total / LOST_PART + allowed)
		return 0;
	ep_error_set(err, -ERANGE,
		     "cannot use the exit counters: all reasons together have %" PRIu64
		     " %s, and the total has %" PRIu64,
		     parts, unit, total);
	return refuse(err);
}

static int check_sums(const struct ep_delta *delta, struct ep_error *err)
{
	uint64_t exits = 0, cycles = 0;
	int code;

	for (uint32_t i = 0; i < delta->count; i++) {
		exits += delta->rows[i].exits;
		cycles += delta->rows[i].cycles;
	}
	code = compare(exits, delta->exits, delta->disturbed + LOST_EXITS, "exits", err);
	if (code || !delta->timed)
		return code;
	/* What own exits took is estimated, and what those between the reads took is unknown. */
	return compare(cycles, delta->cycles,
		       delta->own_cycles + LOST_CYCLES + (delta->disturbed << DISTURBED_SHIFT),
		       "cycles", err);
}

int ep_plausible_delta(const struct ep_delta *delta, uint64_t limit, struct ep_error *err)
{
	uint64_t cycles = delta->cycles + delta->own_cycles;

	if (limit && cycles > limit) {
		ep_error_set(err, -ERANGE,
			     "cannot use the exit counters: the host counted %" PRIu64
			     " handling cycles in a time in which all vCPUs have %" PRIu64
			     " at most",
			     cycles, limit);
		return refuse(err);
	}
	return check_sums(delta, err);
}

int ep_plausible_life(const struct ep_delta *delta, struct ep_error *err)
{
	uint64_t cycles = delta->cycles + delta->own_cycles;
	uint64_t exits = delta->exits + delta->own_exits;

	if (cycles >> MEAN_SHIFT > exits) {
		ep_error_set(err, -ERANGE,
			     "cannot use the exit counters: no host takes %" PRIu64
			     " cycles to handle %" PRIu64 " exits",
			     cycles, exits);
		return refuse(err);
	}
	return check_sums(delta, err);
}
