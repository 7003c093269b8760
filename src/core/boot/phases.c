// SPDX-License-Identifier: GPL-3.0-or-later
#include <stdlib.h>

#include "core/base/cleanup.h"
#include "core/boot/phases.h"
#include "core/boot/rate.h"

uint64_t ep_boot_kernel_end(const struct ep_boot *boot)
{
	if (boot->initrd_ns)
		return boot->initrd_ns;
	/* It ended long before, and systemd has forgotten when. */
	if (boot->soft_reboots && !boot->in_initrd)
		return 0;
	return boot->in_initrd ? boot->samples[0].now_ns : boot->userspace_ns;
}

static void add_phase(struct ep_boot_phases *phases, const char *name, uint64_t to_ns)
{
	struct ep_boot_phase *phase = &phases->list[phases->count];

	phase->name = name;
	phase->from_ns = phases->count ? phase[-1].to_ns : 0;
	phase->to_ns = to_ns;
	phase->known = true;
	phases->count++;
}

static void add_within(struct ep_boot_phases *phases, const char *name, uint64_t to_ns,
		       uint64_t end_ns)
{
	if (to_ns > phases->list[phases->count - 1].to_ns && to_ns < end_ns)
		add_phase(phases, name, to_ns);
}

static void name_phases(struct ep_boot_phases *phases, const struct ep_boot *boot)
{
	static const char *const units[] = { "sysinit.target", "basic.target" };
	static const char *const names[] = { "until sysinit.target", "until basic.target" };
	uint64_t begin = boot->samples[0].now_ns, end = boot->samples[boot->count - 1].now_ns;

	add_phase(phases, "before the first sample", begin);
	phases->list[0].known = boot->before_known;
	if (boot->in_initrd)
		add_within(phases, "initrd", boot->userspace_ns, end);
	add_within(phases, "until units are loaded", boot->units_loaded_ns, end);
	for (size_t i = 0; i < ARRAY_SIZE(units); i++)
		add_within(phases, names[i], ep_boot_unit_active(boot, units[i]), end);
	add_phase(phases, "until the end", end);
}

/* Of what a sample has, as much as had come at @at_ns. */
static uint64_t until(const struct ep_boot_sample *sample, uint64_t value, uint64_t at_ns)
{
	uint64_t begin = sample->now_ns - sample->duration_ns;

	if (at_ns >= sample->now_ns)
		return value;
	if (at_ns <= begin)
		return 0;
	return (unsigned __int128)value * (at_ns - begin) / sample->duration_ns;
}

static struct ep_boot_figure share(const struct ep_boot_sample *sample,
				   const struct ep_boot_phase *phase, uint64_t exits,
				   uint64_t cycles)
{
	return (struct ep_boot_figure){
		until(sample, exits, phase->to_ns) - until(sample, exits, phase->from_ns),
		until(sample, cycles, phase->to_ns) - until(sample, cycles, phase->from_ns),
	};
}

static void add(struct ep_boot_phase *phase, struct ep_boot_figure figure)
{
	phase->exits += figure.exits;
	phase->cycles += figure.cycles;
}

/* Reason by reason, so that a phase is the sum of its reasons, and of exits without any. */
static void divide(struct ep_boot_phase *phase, const struct ep_boot *boot,
		   const struct ep_boot_sample *sample)
{
	uint64_t exits = sample->exits, cycles = sample->cycles;

	for (size_t i = 0; i < sample->count; i++) {
		const struct ep_boot_entry *entry = &boot->entries[sample->first + i];
		struct ep_boot_figure part = share(sample, phase, entry->exits, entry->cycles);

		phase->reasons[entry->row].exits += part.exits;
		phase->reasons[entry->row].cycles += part.cycles;
		add(phase, part);
		exits -= entry->exits < exits ? entry->exits : exits;
		cycles -= entry->cycles < cycles ? entry->cycles : cycles;
	}
	add(phase, share(sample, phase, exits, cycles));
}

static size_t index_at(const struct ep_boot_phases *phases, uint64_t at_ns)
{
	size_t i = 0;

	while (i + 1 < phases->count && at_ns > phases->list[i].to_ns)
		i++;
	return i;
}

static void find_peaks(struct ep_boot_phases *phases, const struct ep_boot *boot)
{
	for (size_t i = 1; i < boot->count; i++) {
		uint64_t middle_ns = ep_boot_sample_middle_ns(&boot->samples[i]);
		struct ep_boot_phase *phase = &phases->list[index_at(phases, middle_ns)];
		double rate = ep_boot_comparable_rate(boot, i);

		if (rate > phase->peak) {
			phase->peak = rate;
			phase->busiest = i;
		}
	}
}

double ep_boot_phase_peak_ratio(const struct ep_boot_phase *phase)
{
	double seconds = (phase->to_ns - phase->from_ns) / 1e9;

	return phase->peak > 0 && phase->exits && seconds > 0 ? phase->peak * seconds / phase->exits
							      : 0;
}

struct ep_boot_phases *ep_boot_phases(const struct ep_boot *boot)
{
	struct ep_boot_phases *phases = calloc(1, sizeof(*phases));

	if (!phases)
		return NULL;
	name_phases(phases, boot);
	find_peaks(phases, boot);
	for (size_t i = 0; i < phases->count; i++) {
		struct ep_boot_phase *phase = &phases->list[i];

		for (size_t j = 1; j < boot->count && i; j++) {
			const struct ep_boot_sample *sample = &boot->samples[j];

			if (sample->now_ns > phase->from_ns &&
			    sample->now_ns - sample->duration_ns < phase->to_ns)
				divide(phase, boot, sample);
		}
	}
	if (boot->before_known) {
		struct ep_boot_sample whole = boot->samples[0];

		/* All of it is before the end, which is all that counts here. */
		whole.duration_ns = whole.now_ns;
		divide(&phases->list[0], boot, &whole);
	}
	return phases;
}

const struct ep_boot_phase *ep_boot_phase_of(const struct ep_boot_phases *phases,
					     const struct ep_boot_sample *sample)
{
	return &phases->list[index_at(phases, ep_boot_sample_middle_ns(sample))];
}
