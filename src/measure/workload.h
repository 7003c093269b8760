/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * workload.h - a workload as something to measure
 *
 *	struct ep_subject_workload subject;
 *
 *	ep_subject_workload_init(&subject, workload, &settings, duration_ns, false);
 *	ep_measure(&record, &scopes, &subject.base, NULL, &err);
 */
#ifndef EP_MEASURE_WORKLOAD_H
#define EP_MEASURE_WORKLOAD_H

#include <pthread.h>

#include "core/result/settings.h"
#include "measure/measure.h"

/*
 * @base: the first member; all others are its own
 * @ticker: the thread that ticks the series, as run() has the main one; it waits for
 *	@begin, and ends with @end
 */
struct ep_subject_workload {
	struct ep_subject base;
	const struct exitprof_workload *workload;
	struct exitprof_context ctx;
	struct ep_error *err;
	struct ep_series *series;
	pthread_t ticker;
	bool ticking;
	int begin;
	int end;
};

/* @workload and @settings are borrowed. Not to be moved. */
void ep_subject_workload_init(struct ep_subject_workload *subject,
			      const struct exitprof_workload *workload,
			      const struct ep_settings *settings, uint64_t duration_ns,
			      bool series);

#endif /* EP_MEASURE_WORKLOAD_H */
