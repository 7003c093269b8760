// SPDX-License-Identifier: GPL-3.0-or-later
#include <stdlib.h>
#include <string.h>

#include "core/base/grow.h"
#include "core/boot/boot.h"

void ep_boot_finish(struct ep_boot *boot)
{
	for (uint32_t i = 0; i < boot->reasons; i++)
		free(boot->names[i]);
	for (size_t i = 0; i < boot->unit_count; i++)
		free(boot->units[i].name);
	free(boot->samples);
	free(boot->entries);
	free(boot->units);
	*boot = (struct ep_boot){};
}

size_t ep_boot_size(const struct ep_boot *boot)
{
	return boot->count * sizeof(*boot->samples) + boot->entry_count * sizeof(*boot->entries);
}

static int row_of(struct ep_boot *boot, const char *name)
{
	for (uint32_t i = 0; i < boot->reasons; i++)
		if (!strcmp(boot->names[i], name))
			return i;
	if (boot->reasons == EP_REASONS_MAX)
		return -EINVAL;
	boot->names[boot->reasons] = strdup(name);
	return boot->names[boot->reasons] ? (int)boot->reasons++ : -ENOMEM;
}

int ep_boot_add_entry(struct ep_boot *boot, const char *name, uint64_t exits, uint64_t cycles)
{
	struct ep_boot_sample *sample = &boot->samples[boot->count - 1];
	int row = row_of(boot, name);

	if (row < 0)
		return row;
	if (ep_grow((void **)&boot->entries, boot->entry_count, sizeof(*boot->entries)))
		return -ENOMEM;
	boot->entries[boot->entry_count++] = (struct ep_boot_entry){ row, exits, cycles };
	sample->count++;
	return 0;
}

int ep_boot_add_sample(struct ep_boot *boot, const struct ep_boot_sample *sample)
{
	if (ep_grow((void **)&boot->samples, boot->count, sizeof(*boot->samples)))
		return -ENOMEM;
	boot->samples[boot->count] = *sample;
	boot->samples[boot->count++].first = boot->entry_count;
	return 0;
}

int ep_boot_add(struct ep_boot *boot, uint64_t now_ns, uint64_t duration_ns, uint64_t missed,
		const struct ep_host *host, const struct ep_delta *delta)
{
	struct ep_boot_sample sample = {
		.now_ns = now_ns,
		.duration_ns = duration_ns,
		.missed = missed,
		.exits = delta->exits,
		.cycles = delta->cycles,
	};
	int err = ep_boot_add_sample(boot, &sample);

	for (uint32_t i = 0; i < delta->count && !err; i++)
		if (delta->rows[i].exits)
			err = ep_boot_add_entry(boot,
						ep_reasons_name(host->vendor, host->reasons[i]),
						delta->rows[i].exits, delta->rows[i].cycles);
	boot->own_exits += delta->own_exits;
	boot->consistent &= delta->consistent;
	return err;
}

int ep_boot_add_unit(struct ep_boot *boot, const char *name, uint64_t start_ns, uint64_t active_ns)
{
	struct ep_boot_unit unit = { strdup(name), start_ns, active_ns };

	if (!unit.name || ep_grow((void **)&boot->units, boot->unit_count, sizeof(unit))) {
		free(unit.name);
		return -ENOMEM;
	}
	boot->units[boot->unit_count++] = unit;
	return 0;
}

struct ep_boot_figure ep_boot_total(const struct ep_boot *boot)
{
	struct ep_boot_figure total = {};

	for (size_t i = !boot->before_known; i < boot->count; i++) {
		total.exits += boot->samples[i].exits;
		total.cycles += boot->samples[i].cycles;
	}
	return total;
}

void ep_boot_sum_reasons(const struct ep_boot *boot, size_t first, struct ep_boot_figure *ret)
{
	for (size_t i = first; i < boot->count; i++) {
		const struct ep_boot_sample *sample = &boot->samples[i];

		for (size_t j = 0; j < sample->count; j++) {
			const struct ep_boot_entry *entry = &boot->entries[sample->first + j];

			ret[entry->row].exits += entry->exits;
			ret[entry->row].cycles += entry->cycles;
		}
	}
}

uint64_t ep_boot_unit_active(const struct ep_boot *boot, const char *name)
{
	for (size_t i = 0; i < boot->unit_count; i++)
		if (!strcmp(boot->units[i].name, name))
			return boot->units[i].active_ns;
	return 0;
}
