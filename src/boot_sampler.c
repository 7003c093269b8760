// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * boot-sampler - the part of exitprof-boot.service that begins early, in the initrd
 *
 * A program of its own: an initrd has room for little, and all that it maps and links costs
 * exits which are then those of the boot. See exitprof-boot(1).
 */
#include <fcntl.h>
#include <getopt.h>
#include <string.h>

#include "boot/handover.h"
#include "boot/root.h"
#include "boot/sample.h"
#include "cli/machine.h"
#include "cli/message.h"
#include "cli/stop.h"
#include "core/base/cleanup.h"
#include "core/base/value.h"
#include "core/counters/series.h"

static const char help[] =
	"Usage: boot-sampler [--initrd] [--interval TIME] [--limit TIME] [DIR]\n"
	"\n"
	"Samples the VM's exits until SIGTERM, and leaves them in DIR (default " EP_BOOT_RUN ")\n"
	"for 'exitprof boot record'. Started by exitprof-boot-sampler.service or in the initrd;\n"
	"on a host without the patch it says nothing and ends with status 0.\n";

/* Not kept: nobody would read it. */
#define ABANDONED "abandoned"

enum { OPTION_INITRD = 256, OPTION_INTERVAL, OPTION_LIMIT };

static const struct option options[] = {
	{ "initrd", no_argument, NULL, OPTION_INITRD },
	{ "interval", required_argument, NULL, OPTION_INTERVAL },
	{ "limit", required_argument, NULL, OPTION_LIMIT },
	{ "help", no_argument, NULL, 'h' },
	{},
};

/* @user: the root that it began in, for one that began in the initrd */
static const char *ended(void *user)
{
	if (ep_stop_due())
		return "stopped";
	if (user && ep_boot_root_switched(user) && !ep_boot_root_records())
		return ABANDONED;
	return NULL;
}

/* Should memory ever be short, then this goes before anything that the boot needs. */
static void be_expendable(void)
{
	_cleanup_close_ int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);

	if (fd >= 0 && write(fd, "1000", 4) < 0)
		return;
}

static int sample(const char *folder, const struct ep_boot_sampling *sampling, bool in_initrd)
{
	static struct ep_machine machine;
	_cleanup_(ep_boot_finish) struct ep_boot boot = {};
	struct ep_boot_root root = {};
	const struct ep_boot_end end = { .ended = ended, .user = in_initrd ? &root : NULL };
	int code = ep_machine_init(&machine);

	if (code)
		return code == -EINVAL ? EP_STATUS_USAGE : EP_STATUS_DONE;
	/* Whoever sees the lock may send a signal, or switch the root. */
	code = ep_stop_init();
	if (!code)
		code = ep_boot_sampler_enter(folder);
	if (!code) {
		ep_boot_root_note(&root);
		code = ep_boot_sampler_lock();
	}
	if (code == -EAGAIN)
		return EP_STATUS_DONE;
	if (!code) {
		be_expendable();
		ep_boot_identify(&boot, &machine.host);
		boot.in_initrd = in_initrd;
		code = ep_boot_sample(&boot, &machine.host, sampling, &end);
	}
	if (!code && strcmp(boot.ended, ABANDONED))
		code = ep_boot_sampler_end(&boot);
	if (!code)
		return EP_STATUS_DONE;
	errno = -code;
	ep_say("cannot sample this boot: %m");
	return EP_STATUS_FAILED;
}

static bool parse(const char *name, uint64_t least, uint64_t *ret)
{
	if (!ep_value_parse(EXITPROF_OPTION_DURATION, optarg, ret) && *ret >= least)
		return true;
	ep_say("boot-sampler: '--%s' takes %s, not '%s'", name,
	       ep_value_expected(EXITPROF_OPTION_DURATION), optarg);
	return false;
}

int main(int argc, char **argv)
{
	struct ep_boot_sampling sampling = { EP_BOOT_INTERVAL_NS, EP_BOOT_LIMIT_NS };
	bool in_initrd = false, fine = true;
	int option;

	if (ep_machine_clock())
		return EP_STATUS_FAILED;
	while (fine && (option = getopt_long(argc, argv, "h", options, NULL)) != -1) {
		if (option == 'h') {
			fputs(help, stdout);
			return EP_STATUS_DONE;
		}
		if (option == OPTION_INITRD)
			in_initrd = true;
		else if (option == OPTION_INTERVAL)
			fine = parse("interval", EP_SERIES_INTERVAL_MIN_NS, &sampling.interval_ns);
		else if (option == OPTION_LIMIT)
			fine = parse("limit", 1, &sampling.limit_ns);
		else
			fine = false;
	}
	if (!fine || optind + 1 < argc)
		return EP_STATUS_USAGE;
	return sample(optind < argc ? argv[optind] : EP_BOOT_RUN, &sampling, in_initrd);
}
