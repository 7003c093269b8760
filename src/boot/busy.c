// SPDX-License-Identifier: GPL-3.0-or-later
#include <string.h>

#include "boot/busy.h"
#include "core/boot/rate.h"

/* A sample's exits may well come of what was started shortly before it began. */
static void find_units(struct ep_boot_busy *busy, const struct ep_boot *boot)
{
	const struct ep_boot_sample *sample = busy->sample;
	uint64_t before = 2 * sample->duration_ns;
	uint64_t begin = sample->now_ns > before ? sample->now_ns - before : 0;

	for (size_t i = 0; i < boot->unit_count; i++) {
		uint64_t start = boot->units[i].start_ns;
		size_t at = busy->count;

		if (start < begin || start > sample->now_ns)
			continue;
		while (at > 0 && boot->units[busy->units[at - 1]].start_ns < start)
			at--;
		if (at == EP_BOOT_UNITS_SHOWN)
			continue;
		if (busy->count < EP_BOOT_UNITS_SHOWN)
			busy->count++;
		memmove(&busy->units[at + 1], &busy->units[at],
			(busy->count - at - 1) * sizeof(busy->units[0]));
		busy->units[at] = i;
	}
}

size_t ep_boot_busy(const struct ep_boot *boot, struct ep_boot_busy ret[EP_BOOT_BUSIEST])
{
	size_t numbers[EP_BOOT_BUSIEST], count = ep_boot_busiest(boot, numbers, EP_BOOT_BUSIEST);

	for (size_t i = 0; i < count; i++) {
		const struct ep_boot_sample *sample = &boot->samples[numbers[i]];

		ret[i] = (struct ep_boot_busy){ sample, ep_boot_sample_rate(sample) };
		find_units(&ret[i], boot);
	}
	return count;
}
