/* SPDX-License-Identifier: GPL-3.0-or-later */
/* profile.h - the options that `run`, `exec` and `record` have in common */
#ifndef EP_MEASURE_PROFILE_H
#define EP_MEASURE_PROFILE_H

#include "cli/command.h"
#include "core/counters/series.h"

#define EP_PROFILE_REPEATS_MAX 100000

/*
 * @output: the folder, NULL for one with a name of the time
 * @vcpus: each by itself as well
 * @interval_ns: of a series, 0 for none
 */
struct ep_profile {
	const char *output;
	const char *dialect;
	bool details;
	bool vcpus;
	uint64_t interval_ns;
	uint64_t repeats;
	uint64_t warmups;
	bool no_save;
	bool no_plot;
	enum ep_output_format format;
};

/* Rows of option.h, for a request that has a struct ep_profile called profile. */
#define EP_PROFILE_VCPUS                                                                           \
	{                                                                                          \
		"per-vcpu", 0, NULL,                                                               \
			"also each vCPU by itself; the host must have the latch leaf",             \
			EP_SWITCH(profile.vcpus)                                                   \
	}
#define EP_PROFILE_NO_PLOT                                                                         \
	{                                                                                          \
		"no-plot", 0, NULL, "draw no charts", EP_SWITCH(profile.no_plot)                   \
	}

/* Those that run and exec have. */
#define EP_PROFILE_OPTIONS                                                                         \
	{ "repeat",                                                                                \
	  'n',                                                                                     \
	  "N",                                                                                     \
	  "how many repeats are measured; with several, the figures are medians",                  \
	  EP_COUNT(profile.repeats, 1, EP_PROFILE_REPEATS_MAX),                                    \
	  .initial = "1" },                                                                        \
		{ "warmup",                                                                        \
		  'w',                                                                             \
		  "N",                                                                             \
		  "how many run before, unmeasured",                                               \
		  EP_COUNT(profile.warmups, 0, EP_PROFILE_REPEATS_MAX),                            \
		  .initial = "0" },                                                                \
		{ "output", 'o', "DIR",                                                            \
		  "the folder to write: new, or an earlier result to replace (default: "           \
		  "exitprof-results/NAME-TIME)",                                                   \
		  EP_TEXT(profile.output) },                                                       \
		EP_PROFILE_VCPUS,                                                                  \
		{ "interval", 0, "TIME",                                                           \
		  "also a time series, with a sample every 100ms, say; 1ms at least",              \
		  EP_DURATION(profile.interval_ns, EP_SERIES_INTERVAL_MIN_NS, UINT64_MAX) },       \
		{ "details", 0, NULL,                                                              \
		  "also show what exits were about: I/O ports, MSRs, CPUID leaves, hypercalls, "   \
		  "MMIO pages; the host must collect them",                                        \
		  EP_SWITCH(profile.details) },                                                    \
		EP_OPTION_DIALECT(profile.dialect),                                                \
		{ "no-save", 0, NULL, "write no folder", EP_SWITCH(profile.no_save) },             \
		EP_PROFILE_NO_PLOT,                                                                \
		EP_OPTION_CSV(profile.format, "print summary.csv on stdout instead of the table"), \
		EP_OPTION_JSON(profile.format, "print run.json and the summary on stdout instead")

/* Whether the options go together. Returns a status. */
int ep_profile_check(const struct ep_command *command, const struct ep_profile *profile);

#endif /* EP_MEASURE_PROFILE_H */
