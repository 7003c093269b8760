// SPDX-License-Identifier: GPL-3.0-or-later
#include <string.h>

#include "boot/handover.h"
#include "boot/record.h"
#include "boot/store.h"
#include "boot/systemd.h"
#include "cli/machine.h"
#include "cli/message.h"
#include "cli/stop.h"
#include "core/base/cleanup.h"
#include "core/base/clock.h"
#include "plot/chart.h"

#define AGAIN_NS UINT64_C(1000000000)

/* @again_ns: when to ask systemd again, should it not have told */
struct wait {
	struct ep_boot_waiting waiting;
	uint64_t again_ns;
};

static const char *ask(struct wait *wait, bool block)
{
	int code = 0;

	if (ep_stop_interrupted())
		return "stopped";
	if (wait->waiting.pid > 0)
		code = ep_boot_wait(&wait->waiting, block);
	else if (ep_clock_now() > wait->again_ns)
		code = ep_boot_wait_begin(&wait->waiting);
	if (code < 0)
		wait->again_ns = ep_clock_now() + AGAIN_NS;
	return code > 0 ? "finished" : NULL;
}

static const char *ended(void *user)
{
	return ask(user, false);
}

/* Somebody else samples: sleeps until the boot has ended. */
static const char *wait_for_end(struct wait *wait, uint64_t limit_ns)
{
	const char *end = NULL;

	ep_stop_arm(limit_ns);
	while (!end) {
		end = ask(wait, true);
		if (!end && ep_stop_due())
			end = ep_stop_interrupted() ? "stopped" : "time limit";
		if (!end && wait->waiting.pid <= 0)
			ep_clock_sleep(ep_clock_now() + AGAIN_NS / 10, NULL, 0, NULL);
	}
	ep_stop_disarm();
	return end;
}

/* Returns 0 if a sampler has left samples of this boot. */
static int collect(struct ep_boot *boot, const struct ep_boot_settings *settings, struct wait *wait)
{
	const char *end = "stopped";
	int code;

	/* One that is no more has come to its limit, or was stopped. */
	if (ep_boot_sampler(settings->run))
		end = wait_for_end(wait, settings->sampling.limit_ns);
	code = ep_boot_take_over(boot, settings->run);
	if (code) {
		ep_boot_finish(boot);
		return code;
	}
	if (!strcmp(boot->ended, "stopped"))
		snprintf(boot->ended, sizeof(boot->ended), "%s", end);
	return 0;
}

/* Systemd also stops to wait because of a shutdown; a sampler does not know why it ends. */
static void correct_end(struct ep_boot *boot)
{
	if (!boot->finish_ns && !strcmp(boot->ended, "finished"))
		strcpy(boot->ended, "stopped");
	else if (boot->finish_ns && boot->finish_ns <= boot->samples[boot->count - 1].now_ns &&
		 !strcmp(boot->ended, "stopped"))
		strcpy(boot->ended, "finished");
}

static int keep(struct ep_boot *boot, const struct ep_host *host,
		const struct ep_boot_settings *settings)
{
	_cleanup_free_ char *path = NULL;
	struct ep_error err = {};

	/* All that these cause comes after the last sample. */
	ep_boot_read_timestamps(boot);
	if (boot->finish_ns && boot->finish_ns <= boot->samples[0].now_ns) {
		ep_say("this boot is not recorded: it was finished before sampling began");
		return EP_STATUS_DONE;
	}
	correct_end(boot);
	ep_boot_read_units(boot);
	ep_boot_recognise_reboot(boot, settings->folder);
	/* The same VM, and the same kernel: it is no other boot to its id. */
	if (boot->soft_reboots)
		boot->before_known = false;
	if (ep_boot_save(boot, host, settings->folder, ep_chart_is_file, &path, &err)) {
		ep_error_hint(&err, "mend that, or choose another folder with -D DIR");
		ep_say_error(&err);
		return EP_STATUS_FAILED;
	}
	ep_boot_prune(settings->folder, settings->keep, path, ep_chart_is_file);
	if (!host->cpuid->simulated)
		ep_boot_tell_journal(boot, path);
	return EP_STATUS_DONE;
}

int ep_boot_record(const struct ep_boot_settings *settings)
{
	static struct ep_machine machine;
	_cleanup_(ep_boot_finish) struct ep_boot boot = {};
	struct wait wait = { .waiting.output = -1 };
	const struct ep_boot_end end = { ended, &wait.waiting.output, &wait };
	int code, status;
	bool taken_over;

	if (ep_stop_init())
		return EP_STATUS_FAILED;
	/* Before any CPUID of this process: those would be the boot's. */
	code = collect(&boot, settings, &wait);
	taken_over = !code;
	if (ep_machine_init(&machine)) {
		ep_say("this boot is not recorded: the host does not answer the exitprof leaves");
		return EP_STATUS_DONE;
	}
	if (code) {
		ep_boot_identify(&boot, &machine.host);
		/* A sampler that is no more has exits that nobody can subtract. */
		boot.consistent = !ep_boot_sampled(settings->run);
		code = ep_boot_sample(&boot, &machine.host, &settings->sampling, &end);
	}
	ep_boot_wait_end(&wait.waiting);
	/* A signal nudges until then, and would end what is read from systemctl. */
	ep_stop_disarm();
	if (code) {
		errno = -code;
		ep_say("cannot record this boot: %m");
		return EP_STATUS_FAILED;
	}
	status = keep(&boot, &machine.host, settings);
	if (!status)
		ep_boot_forget(settings->run);
	else if (taken_over)
		ep_say_hint("the samples are still in '%s': mend that, and run 'exitprof boot "
			    "record' again",
			    settings->run);
	return status;
}
