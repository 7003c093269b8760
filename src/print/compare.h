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

/*
 * "+12.3%", "x4.56" from three times on, "from 0" for INFINITY. Returns @text of
 * EP_VALUE_TEXT_MAX bytes.
 */
const char *ep_print_ratio(double ratio, char *text);

/* "0.012", "<0.001", or "-" where nothing was tested. @text as above. */
const char *ep_print_p(const struct ep_compare_cell *cell, char *text);

#endif /* EP_PRINT_COMPARE_H */
