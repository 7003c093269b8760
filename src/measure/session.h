/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * session.h - what `run`, `exec` and `record` have in common
 *
 * Their options, what must be there before anything is measured, and what becomes of
 * the figures.
 *
 *	struct ep_profile profile = EP_PROFILE_INIT;
 *	struct ep_session session = {};
 *
 *	status = ep_profile_option(command, option, &profile);
 *	status = ep_session_begin(&session, &profile, "io-heavy");
 *	status = ep_session_measure(&session, &subject);
 *	ep_session_end(&session);
 */
#ifndef EP_MEASURE_SESSION_H
#define EP_MEASURE_SESSION_H

#include "cli/command.h"
#include "cli/machine.h"
#include "cli/output.h"
#include "core/base/folder.h"
#include "core/result/series_csv.h"
#include "measure/measure.h"

/*
 * @output: the folder, NULL for one with a name of the time
 * @interval_ns: of a series, 0 for none
 * @vcpus: each by itself as well
 */
struct ep_profile {
	const char *output;
	const char *dialect;
	bool details;
	bool vcpus;
	uint64_t interval_ns;
	uint64_t repeats;
	uint64_t warmups;
	bool save;
	bool plot;
	enum ep_output_format format;
};

#define EP_PROFILE_INIT                                                                            \
	{                                                                                          \
		.dialect = "auto", .repeats = 1, .save = true, .plot = true                        \
	}

enum {
	EP_PROFILE_DETAILS = 512,
	EP_PROFILE_DIALECT,
	EP_PROFILE_INTERVAL,
	EP_PROFILE_VCPUS,
	EP_PROFILE_NO_SAVE,
	EP_PROFILE_NO_PLOT,
	EP_PROFILE_CSV,
	EP_PROFILE_JSON,
};

/* Of getopt_long(), for a command that has them all. */
#define EP_PROFILE_OPTIONS                                                                         \
	{ "repeat", required_argument, NULL, 'n' }, { "warmup", required_argument, NULL, 'w' },    \
		{ "output", required_argument, NULL, 'o' },                                        \
		{ "details", no_argument, NULL, EP_PROFILE_DETAILS },                              \
		{ "dialect", required_argument, NULL, EP_PROFILE_DIALECT },                        \
		{ "interval", required_argument, NULL, EP_PROFILE_INTERVAL },                      \
		{ "per-vcpu", no_argument, NULL, EP_PROFILE_VCPUS },                               \
		{ "no-save", no_argument, NULL, EP_PROFILE_NO_SAVE },                              \
		{ "no-plot", no_argument, NULL, EP_PROFILE_NO_PLOT },                              \
		{ "csv", no_argument, NULL, EP_PROFILE_CSV },                                      \
	{                                                                                          \
		"json", no_argument, NULL, EP_PROFILE_JSON                                         \
	}

/* Their part of a command's help. */
#define EP_PROFILE_HELP_REPEAT                                                                     \
	"  -n, --repeat N         how many repeats are measured (default: 1); with several, the\n" \
	"                         figures are medians\n"                                           \
	"  -w, --warmup N         how many run before, unmeasured (default: 0)\n"
#define EP_PROFILE_HELP                                                                            \
	"      --per-vcpu         also each vCPU by itself; the host must have the latch leaf\n"   \
	"      --interval TIME    also a time series, with a sample every 100ms, say; 1ms at\n"    \
	"                         least\n"                                                         \
	"      --details          also show what exits were about: I/O ports, MSRs, CPUID\n"       \
	"                         leaves, hypercalls, MMIO pages; the host must collect them\n"    \
	"      --dialect NAME     which of the host's leaves are read: exitprof, classic,\n"       \
	"                         combined, reversed, or auto, which takes the best that there\n"  \
	"                         are (default)\n"                                                 \
	"      --no-save          write no folder\n"                                               \
	"      --no-plot          draw no charts\n"                                                \
	"      --csv              print summary.csv on stdout instead of the table\n"              \
	"      --json             print run.json and the summary on stdout instead\n"              \
	"  -h, --help             this text\n"

/* Takes an option of the above from optarg. Returns a status; any other is --json. */
int ep_profile_option(const struct ep_command *command, int option, struct ep_profile *profile);

/* Whether the options go together. Returns a status. */
int ep_profile_check(const struct ep_command *command, const struct ep_profile *profile);

/* An interval as a series can have it. Returns a status. */
int ep_profile_interval(const struct ep_command *command, const char *text, uint64_t *ret);

/*
 * One measurement from its preparation to its files. @record is to be completed with
 * what is measured after ep_session_begin(); all else is its own.
 */
struct ep_session {
	const struct ep_profile *profile;
	struct ep_machine machine;
	struct ep_reader reader;
	struct ep_scopes scopes;
	struct ep_record record;
	struct ep_measure_series series;
	struct ep_series_csv csv;
	struct ep_folder folder;
};

/*
 * The result folder that will be written, so that a wrong one is known early; @name: of
 * the default one. Returns a status.
 */
int ep_session_place(struct ep_session *session, const struct ep_profile *profile,
		     const char *name);

/* Host, reader, series. Reports what is missing, returns a status. */
int ep_session_begin(struct ep_session *session);

/* Measures, saves and reports. Returns 0 or a negative errno, which was reported. */
int ep_session_measure(struct ep_session *session, struct ep_subject *subject);

void ep_session_end(struct ep_session *session);

#endif /* EP_MEASURE_SESSION_H */
