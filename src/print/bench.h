/* SPDX-License-Identifier: GPL-3.0-or-later */
/* bench.h - what `bench` prints */
#ifndef EP_PRINT_BENCH_H
#define EP_PRINT_BENCH_H

#include "bench/bench.h"
#include "cli/output.h"

/*
 * @stolen_ns: time that the hypervisor says others had the CPU, 0 if none or unknown
 * @stale: counters started anew while a segment ran, which was left out
 * @results: @count of them
 */
struct ep_bench_record {
	const struct ep_host *host;
	const struct ep_tsc *tsc;
	unsigned int cpu;
	uint64_t duration_ns;
	uint64_t overhead;
	uint64_t stolen_ns;
	bool stale;
	bool interrupted;
	struct ep_bench_result results[EP_PROBES_MAX];
	size_t count;
};

/* As CSV and JSON, remarks go to stderr. */
void ep_print_bench(const struct ep_bench_record *record, enum ep_output_format format);

#endif /* EP_PRINT_BENCH_H */
