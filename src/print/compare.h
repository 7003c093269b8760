/* SPDX-License-Identifier: GPL-3.0-or-later */
/* compare.h - what `compare` prints */
#ifndef EP_PRINT_COMPARE_H
#define EP_PRINT_COMPARE_H

#include <stdio.h>

#include "core/stats/comparable.h"
#include "core/stats/compare.h"

/*
 * One row for each reason, that of the total last, with @metric in full. @by: the workload's
 * option in which the sides differ, or NULL.
 */
void ep_print_compare_table(const struct ep_comparison *comparison, const struct ep_side *before,
			    const struct ep_side *after, enum ep_metric metric, const char *by);

/* One row for each reason and metric, those of the total last. */
void ep_print_compare_csv(FILE *file, const struct ep_comparison *comparison);

void ep_print_compare_json(const struct ep_comparison *comparison, const struct ep_side *before,
			   const struct ep_side *after, const struct ep_remarks *remarks,
			   const char *by);

#endif /* EP_PRINT_COMPARE_H */
