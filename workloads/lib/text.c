// SPDX-License-Identifier: GPL-3.0-or-later
#include "text.h"

#include <stdio.h>

struct ep_text ep_text_size(uint64_t bytes)
{
	static const char *const units[] = { "KiB", "MiB", "GiB", "TiB", "PiB", "EiB" };
	struct ep_text size;
	double value = bytes;
	int unit = -1;

	while (value >= 1024 && unit < 5) {
		value /= 1024;
		unit++;
	}
	if (unit < 0)
		snprintf(size.text, sizeof(size.text), "%u bytes", (unsigned int)bytes);
	else if (value < 10 && value != (unsigned int)value)
		snprintf(size.text, sizeof(size.text), "%.1f %s", value, units[unit]);
	else
		snprintf(size.text, sizeof(size.text), "%.0f %s", value, units[unit]);
	return size;
}
