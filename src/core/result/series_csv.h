/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * series_csv.h - a series as series.csv, or as JSON Lines, while it goes on
 *
 * doc/csv.md describes the columns. What is in the FILE's buffer is written out once
 * a second at least, so that a killed process loses no more than that.
 *
 *	struct ep_series_csv csv = { .file = file, .host = &host, .repeat = 1 };
 *
 *	ep_series_csv_begin(&csv);
 *	series.sample = ep_series_csv_sample;
 *	series.user = &csv;
 */
#ifndef EP_CORE_RESULT_SERIES_CSV_H
#define EP_CORE_RESULT_SERIES_CSV_H

#include <stdio.h>

#include "core/counters/series.h"

/*
 * @file, @host: borrowed; @vcpus: how many scopes a sample has beside the VM
 * @repeat: what the column says
 * @json: one object a row instead
 * @flushed_ns: when the buffer was last written out, 0 for never
 */
struct ep_series_csv {
	FILE *file;
	const struct ep_host *host;
	uint32_t vcpus;
	uint64_t repeat;
	bool json;
	uint64_t flushed_ns;
};

/*
 * The header, written out with the first sample: who sees it knows that the series has
 * begun. Nothing has been done with the FILE before.
 */
void ep_series_csv_begin(struct ep_series_csv *csv);

/* For ep_series.sample, with a struct ep_series_csv. Returns 0 or what writing failed with. */
int ep_series_csv_sample(void *user, const struct ep_sample *sample);

#endif /* EP_CORE_RESULT_SERIES_CSV_H */
