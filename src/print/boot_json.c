// SPDX-License-Identifier: GPL-3.0-or-later
#include <json-c/json.h>

#include "boot/busy.h"
#include "cli/message.h"
#include "cli/output.h"
#include "core/base/cleanup.h"
#include "core/base/json.h"
#include "core/boot/json.h"
#include "core/boot/phases.h"
#include "core/boot/rate.h"
#include "print/boot_json.h"

/* The busiest sample, all null if there is none: a rate means little without its width. */
static void add_peak(struct json_object *json, const struct ep_boot *boot, double peak,
		     size_t busiest, double ratio)
{
	const struct ep_boot_sample *sample = &boot->samples[busiest];

	ep_json_add(json, "peak_exits_per_second", busiest ? json_object_new_double(peak) : NULL);
	ep_json_add(json, "peak_ratio", busiest ? json_object_new_double(ratio) : NULL);
	ep_json_add_known(json, "peak_time_ns", busiest, sample->now_ns);
	ep_json_add_known(json, "peak_duration_ns", busiest, sample->duration_ns);
}

static struct json_object *json_phase(const struct ep_boot *boot, const struct ep_boot_phase *phase,
				      bool first)
{
	struct json_object *json = json_object_new_object();
	struct json_object *reasons = json_object_new_object();

	ep_json_add(json, "name", ep_json_text(phase->name));
	/* The first one begins when the VM is created. */
	ep_json_add_known(json, "from_ns", !first, phase->from_ns);
	ep_json_add(json, "to_ns", json_object_new_uint64(phase->to_ns));
	ep_json_add_known(json, "exits_count", phase->known, phase->exits);
	ep_json_add_known(json, "handling_cycles", phase->known, phase->cycles);
	add_peak(json, boot, phase->peak, phase->busiest, ep_boot_phase_peak_ratio(phase));
	for (uint32_t i = 0; i < boot->reasons; i++) {
		struct json_object *reason;

		if (!phase->reasons[i].exits)
			continue;
		reason = json_object_new_object();
		ep_json_add(reason, "exits_count", json_object_new_uint64(phase->reasons[i].exits));
		ep_json_add(reason, "handling_cycles",
			    json_object_new_uint64(phase->reasons[i].cycles));
		ep_json_add(reasons, boot->names[i], reason);
	}
	ep_json_add(json, "reasons", reasons);
	return json;
}

static struct json_object *json_rate(const struct ep_boot *boot)
{
	static const char *const verdicts[] = {
		[EP_BOOT_RATE_UNKNOWN] = NULL,
		[EP_BOOT_RATE_STABLE] = "stable",
		[EP_BOOT_RATE_UNSTABLE] = "not stable",
		[EP_BOOT_RATE_BURSTS] = "bursts",
	};
	struct json_object *json = json_object_new_object();
	struct ep_boot_rate rate;
	const char *verdict;

	ep_boot_rate(&rate, boot);
	verdict = verdicts[rate.verdict];
	ep_json_add(json, "verdict", verdict ? ep_json_text(verdict) : NULL);
	ep_json_add(json, "departure_ratio", json_object_new_double(rate.departure));
	ep_json_add(json, "p", rate.tested ? json_object_new_double(rate.p) : NULL);
	ep_json_add_known(json, "intervals_count", rate.tested, rate.intervals);
	ep_json_add(json, "whole_departure_ratio",
		    rate.whole_known ? json_object_new_double(rate.whole) : NULL);
	ep_json_add(json, "mean_exits_per_second", json_object_new_double(rate.mean));
	add_peak(json, boot, rate.peak, rate.busiest, ep_boot_peak_ratio(&rate));
	return json;
}

static struct json_object *json_busiest(const struct ep_boot *boot,
					const struct ep_boot_phases *phases)
{
	struct json_object *json = json_object_new_array();
	struct ep_boot_busy busy[EP_BOOT_BUSIEST];
	size_t count = ep_boot_busy(boot, busy);

	for (size_t i = 0; i < count; i++) {
		struct json_object *moment = json_object_new_object();
		struct json_object *units = json_object_new_array();

		ep_json_add(moment, "time_ns", json_object_new_uint64(busy[i].sample->now_ns));
		ep_json_add(moment, "phase",
			    ep_json_text(ep_boot_phase_of(phases, busy[i].sample)->name));
		ep_json_add(moment, "duration_ns",
			    json_object_new_uint64(busy[i].sample->duration_ns));
		ep_json_add(moment, "exits_count", json_object_new_uint64(busy[i].sample->exits));
		for (size_t j = 0; j < busy[i].count; j++)
			json_object_array_add(units,
					      ep_json_text(boot->units[busy[i].units[j]].name));
		ep_json_add(moment, "units_started_then", units);
		json_object_array_add(json, moment);
	}
	return json;
}

int ep_print_boot_json(const struct ep_boot *boot)
{
	_cleanup_free_ struct ep_boot_phases *phases = ep_boot_phases(boot);
	struct json_object *json = ep_boot_json(boot), *list = json_object_new_array();
	struct ep_boot_figure total = ep_boot_total(boot);

	if (!phases || !json || !list) {
		json_object_put(json);
		json_object_put(list);
		ep_say("out of memory");
		return EP_STATUS_FAILED;
	}
	for (size_t i = 0; i < phases->count; i++)
		json_object_array_add(list, json_phase(boot, &phases->list[i], !i));
	ep_json_add(json, "exits_count", json_object_new_uint64(total.exits));
	ep_json_add(json, "handling_cycles", json_object_new_uint64(total.cycles));
	ep_json_add_known(json, "kernel_end_ns", ep_boot_kernel_end(boot),
			  ep_boot_kernel_end(boot));
	ep_json_add(json, "phases", list);
	ep_json_add(json, "rate", json_rate(boot));
	ep_json_add(json, "busiest", json_busiest(boot, phases));
	ep_output_json(json);
	return EP_STATUS_DONE;
}
