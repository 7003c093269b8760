/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * options.h - options that several workloads have, as rows of their tables
 *
 *	[OPTION_COUNT] = EP_OPTION_COUNT("frames to send"),
 */
#ifndef EXITPROF_WORKLOAD_OPTIONS_H
#define EXITPROF_WORKLOAD_OPTIONS_H

#include <exitprof/workload.h>

/* How many operations; @text is the help up to what 0 does. */
#define EP_OPTION_COUNT(text)                                                                      \
	{                                                                                          \
		.name = "count", .type = EXITPROF_OPTION_COUNT, .default_value = "0",              \
		.max = UINT64_MAX, .help = text "; 0 goes on until stopped"                        \
	}

/* For ep_worker_pool_setup(); @preset as a user would type it. */
#define EP_OPTION_THREADS(preset)                                                                  \
	{                                                                                          \
		.name = "threads", .type = EXITPROF_OPTION_COUNT, .default_value = preset,         \
		.max = 4096, .help = "threads, each on a CPU of its own; 0 is one for every CPU"   \
	}

#define EP_OPTION_SEED                                                                             \
	{                                                                                          \
		.name = "seed", .type = EXITPROF_OPTION_COUNT, .default_value = "1",               \
		.max = UINT64_MAX,                                                                 \
		.help = "start of the random order; the same seed gives the same order"            \
	}

/* A share of the operations, from 0 to 100 %. */
#define EP_OPTION_SHARE(word, preset, text)                                                        \
	{                                                                                          \
		.name = word, .type = EXITPROF_OPTION_PERCENT, .default_value = preset,            \
		.max = 100, .help = text                                                           \
	}

#endif /* EXITPROF_WORKLOAD_OPTIONS_H */
