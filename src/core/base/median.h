/* SPDX-License-Identifier: GPL-3.0-or-later */
/* median.h - the middle of several values */
#ifndef EP_CORE_BASE_MEDIAN_H
#define EP_CORE_BASE_MEDIAN_H

#include <stddef.h>
#include <stdint.h>

/*
 * The middle one; of an even number the mean of the two in the middle, a half of a whole number
 * rounded up. This is what every table, chart and report shows of several repeats. Sorts.
 */
uint64_t ep_median(uint64_t *values, size_t count);
double ep_median_real(double *values, size_t count);

#endif /* EP_CORE_BASE_MEDIAN_H */
