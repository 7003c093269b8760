// SPDX-License-Identifier: GPL-3.0-or-later
#include <stdlib.h>

#include "core/base/median.h"

static int compare_u64(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

static int compare_real(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

uint64_t ep_median(uint64_t *values, size_t count)
{
	uint64_t low, high;

	qsort(values, count, sizeof(*values), compare_u64);
	low = values[(count - 1) / 2];
	high = values[count / 2];
	return low + (high - low) / 2 + (high - low) % 2;
}

double ep_median_real(double *values, size_t count)
{
	qsort(values, count, sizeof(*values), compare_real);
	return (values[(count - 1) / 2] + values[count / 2]) / 2;
}
