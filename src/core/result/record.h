/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * record.h - everything known about a run
 *
 *	struct ep_record record = { .host = &host, ... };
 *
 *	repeat = ep_record_add(&record);
 */
#ifndef EP_CORE_RESULT_RECORD_H
#define EP_CORE_RESULT_RECORD_H

#include <time.h>

#include "core/counters/delta.h"
#include "core/host/details.h"
#include "core/host/guest.h"
#include "core/result/settings.h"

/*
 * @duration_ns: what run() or the command took
 * @status: of the command, as a shell has it: 128 and the signal that killed it
 * @interrupted: the user ended it early
 * @vcpus: of each vCPU, if the record has them
 * @details: what exits were about, if the record has them
 */
struct ep_repeat {
	uint64_t duration_ns;
	int status;
	struct exitprof_outcome outcome;
	bool interrupted;
	struct ep_delta delta;
	struct ep_delta *vcpus;
	struct ep_details details;
};

/*
 * @interval_ns: of its ticks; @samples, @missed, @restarts, @own_cpu_ns: as in
 *	core/counters/series.h, of all repeats; @duration_ns: how long they were
 */
struct ep_record_series {
	uint64_t interval_ns;
	uint64_t samples;
	uint64_t missed;
	uint64_t restarts;
	uint64_t own_cpu_ns;
	uint64_t duration_ns;
};

/*
 * A record is of a workload, or of a command, or, with neither, of a time.
 *
 * @command: its words, the last NULL
 * @details: whether repeats have details
 * @vcpus: how many vCPUs repeats have by themselves, 0 for none
 * @series: what there is of a time series; its interval is 0 without
 *
 * All pointers but @repeats and @histogram are borrowed.
 *
 * @cycles_per_own, @away_per_own: of the reader
 * @histogram: of all measured repeats together, EXITPROF_ROWS_MAX rows whose index
 *	is that of a delta's plus 1; NULL if the host has none
 * @started: when the first repeat or warm-up began
 * @wanted, @warmups: how many were asked for
 * @duration_ns: the limit of a repeat, 0 for none
 * @repeats: those that were measured, @count of them, without warm-ups
 */
struct ep_record {
	const struct ep_host *host;
	const struct ep_settings *settings;
	const struct exitprof_workload *workload;
	const char *workload_path;
	char *const *command;
	struct ep_guest guest;
	uint64_t cycles_per_own;
	uint64_t away_per_own;
	uint64_t (*histogram)[EXITPROF_BUCKETS];
	bool details;
	uint32_t vcpus;
	struct ep_record_series series;
	time_t started;
	unsigned int wanted;
	unsigned int warmups;
	uint64_t duration_ns;
	struct ep_repeat *repeats;
	size_t count;
};

/* A zeroed repeat at the end, or NULL. Earlier ones may move. */
struct ep_repeat *ep_record_add(struct ep_record *record);

/* "cpuid-storm", "fio": the workload's name, the command's without folder, or "record". */
const char *ep_record_name(const struct ep_record *record);

/* What is counted as operations: the workload's, "command", or NULL: nothing is. */
const char *ep_record_operation(const struct ep_record *record);

/* Which part of one CPU's time the series itself has taken; 0 if it has no length. */
double ep_record_own_share(const struct ep_record_series *series);

/*
 * Which part of the vCPUs' time they were out of the guest, 0 to 1, by away cycles and
 * the host's TSC. All of an exit's is added when it ends, so that this may be a little
 * above 1. Returns false where the host does not tell.
 */
bool ep_record_away_share(const struct ep_record *record, double *ret);

/*
 * As if the record were of the vCPU alone. Returns 0 or -ENOMEM; *@ret is to be
 * finished, and to be gone before @record.
 */
int ep_record_of_vcpu(struct ep_record *ret, const struct ep_record *record, uint32_t vcpu);

/* Takes the last one away again. */
void ep_record_drop(struct ep_record *record);

/*
 * How many exits @repeat must have had of @reason by what its workload says: the sum
 * over those of its exact causes that have this reason.
 */
uint64_t ep_record_expected(const struct ep_record *record, const struct ep_repeat *repeat,
			    uint32_t reason);

bool ep_record_interrupted(const struct ep_record *record);

/* True if every repeat is consistent. */
bool ep_record_consistent(const struct ep_record *record);

void ep_record_finish(struct ep_record *record);

/*
 * The medians of the repeats' details; lost are all that were. Those of median 0 are
 * left out. Returns 0 or -ENOMEM; *@ret is to be finished.
 */
int ep_record_details(struct ep_details *ret, const struct ep_record *record);

#endif /* EP_CORE_RESULT_RECORD_H */
