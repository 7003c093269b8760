// SPDX-License-Identifier: GPL-3.0-or-later
#include <string.h>
#include <sys/utsname.h>
#include <time.h>

#include "boot/sample.h"
#include "core/base/cleanup.h"
#include "core/base/clock.h"
#include "core/counters/series.h"
#include "core/counters/snapshot.h"

static void read_line(const char *path, char *ret, size_t size)
{
	_cleanup_fclose_ FILE *file = fopen(path, "re");

	if (file && fgets(ret, size, file))
		ret[strcspn(ret, "\n")] = '\0';
}

void ep_boot_identify(struct ep_boot *boot, const struct ep_host *host)
{
	struct utsname name;
	time_t now = time(NULL);
	struct tm utc;

	if (!uname(&name))
		snprintf(boot->kernel, sizeof(boot->kernel), "%s", name.release);
	if (gmtime_r(&now, &utc))
		strftime(boot->started, sizeof(boot->started), "%Y-%m-%dT%H:%M:%SZ", &utc);
	read_line("/proc/sys/kernel/random/boot_id", boot->id, sizeof(boot->id));
	boot->generation = host->generation;
	boot->generation_known = host->discovery;
	boot->before_known = boot->consistent = true;
}

struct sampler {
	struct ep_boot *boot;
	const struct ep_host *host;
};

static int keep(void *user, const struct ep_sample *sample)
{
	struct sampler *sampler = user;

	if (sample->restarted)
		return -ESTALE;
	if (sample->impossible)
		return -ERANGE;
	return ep_boot_add(sampler->boot, sample->now_ns, sample->duration_ns, sample->missed,
			   sampler->host, &sample->delta->vm);
}

/* The first sample is the difference to nothing: all since the VM was created. */
static int begin(struct sampler *sampler, struct ep_scopes *scopes, struct ep_series *series,
		 struct ep_scoped *first)
{
	_cleanup_free_ struct ep_snapshot *start = calloc(1, sizeof(*start));
	_cleanup_free_ struct ep_delta *delta = calloc(1, sizeof(*delta));
	int code = start && delta ? ep_scopes_take(scopes, first) : -ENOMEM;

	if (!code) {
		start->consistent = true;
		start->generation = first->vm.generation;
		code = ep_delta_compute(delta, &scopes->reader, start, &first->vm);
	}
	if (!code)
		code = ep_series_begin(series, first);
	if (!code)
		code = ep_boot_add(sampler->boot, series->begun_ns, 0, 0, sampler->host, delta);
	return code;
}

static void wait_for_tick(const struct ep_series *series, const struct ep_boot_end *end)
{
	/* Without events: that it hangs up is always told. */
	struct pollfd file = { .fd = end->file ? *end->file : -1 };

	if (file.fd < 0)
		ep_clock_sleep(ep_series_due(series), NULL, 0, NULL);
	else
		ep_clock_poll(&file, 1, ep_series_due(series));
}

int ep_boot_sample(struct ep_boot *boot, struct ep_host *host,
		   const struct ep_boot_sampling *sampling, const struct ep_boot_end *end)
{
	_cleanup_(ep_series_finish) struct ep_series series = {};
	_cleanup_(ep_scoped_finish) struct ep_scoped first = {};
	_cleanup_(ep_scopes_finish) struct ep_scopes scopes = {};
	_cleanup_free_ struct ep_reader *reader = calloc(1, sizeof(*reader));
	struct sampler sampler = { boot, host };
	const char *ended = NULL;
	uint64_t begun;
	int code;

	if (!reader)
		return -ENOMEM;
	boot->interval_ns = sampling->interval_ns;
	ep_reader_init(reader, host, false);
	code = ep_scopes_init(&scopes, reader, false);
	if (!code)
		code = ep_scoped_init(&first, &scopes);
	if (!code)
		code = ep_series_init(&series, &scopes, sampling->interval_ns);
	series.sample = keep;
	series.user = &sampler;
	if (!code)
		code = begin(&sampler, &scopes, &series, &first);
	begun = ep_clock_now();
	while (!code && !ended) {
		wait_for_tick(&series, end);
		code = ep_series_tick(&series);
		ended = end->ended(end->user);
		if (!ended && ep_clock_now() - begun > sampling->limit_ns)
			ended = "time limit";
		if (!ended && ep_boot_size(boot) > EP_BOOT_MEMORY_MAX)
			ended = "memory limit";
	}
	if (!code)
		snprintf(boot->ended, sizeof(boot->ended), "%s", ended);
	return code;
}
