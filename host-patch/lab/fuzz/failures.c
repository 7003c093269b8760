// SPDX-License-Identifier: GPL-3.0-or-later
#define _GNU_SOURCE
#include <err.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "contract.h"
#include "failures.h"
#include "load.h"

static int task_fd = -1;

/* Allocations of the calling thread fail from now on, or no longer. */
static void fail(bool on)
{
	if (pwrite(task_fd, on ? "1" : "0", 1, 0) != 1)
		err(1, "make-it-fail");
}

static void set_one(const char *path, const char *value)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, value, strlen(value)) < 0)
		err(1, "%s", path);
	close(fd);
}

static void set_probability(const char *percent)
{
	set_one("/sys/kernel/debug/failslab/probability", percent);
	set_one("/sys/kernel/debug/fail_page_alloc/probability", percent);
}

static void setup(void)
{
	static const char *const faults[] = { "failslab", "fail_page_alloc" };
	static const char *const settings[][2] = {
		{ "interval", "1" },	{ "times", "-1" },	    { "verbose", "0" },
		{ "task-filter", "Y" }, { "ignore-gfp-wait", "N" },
	};
	char path[96];
	unsigned int i, j;

	task_fd = open("/proc/thread-self/make-it-fail", O_RDWR | O_CLOEXEC);
	if (task_fd < 0)
		err(1, "make-it-fail: this kernel has no fault injection");
	for (i = 0; i < 2; i++) {
		for (j = 0; j < sizeof(settings) / sizeof(*settings); j++) {
			snprintf(path, sizeof(path), "/sys/kernel/debug/%s/%s", faults[i],
				 settings[j][0]);
			set_one(path, settings[j][1]);
		}
	}
	set_one("/sys/kernel/debug/fail_page_alloc/ignore-gfp-highmem", "N");
	set_one("/sys/kernel/debug/fail_page_alloc/min-order", "0");
}

/* Fails here and there on the way: the probability is small. */
static unsigned long fail_create(unsigned long count)
{
	unsigned long failed = 0;
	struct vm vm;
	int fd;

	set_probability("8");
	while (count--) {
		vm_create(&vm, 1, false);
		fail(true);
		fd = ioctl(vm.fd, KVM_CREATE_VCPU, 1ul);
		fail(false);
		if (fd >= 0)
			close(fd);
		else
			failed++;
		vm_run_batch(vm.vcpus, VM_LONG_USER, false, false, 1);
		vm_destroy(&vm);
	}
	return failed;
}

/* A latch without memory answers 0 in all registers; the next one works. */
static unsigned long fail_latch(unsigned long count)
{
	const uint64_t *reg;
	unsigned long i, failed = 0;
	struct vm vm;

	set_probability("100");
	for (i = 0; i < count; i++) {
		vm_create(&vm, 1, false);
		reg = vm.vcpus->answers[0].reg;
		vm.vcpus->requests[0].leaf = EXITPROF_LEAF_DISCOVERY;
		/* What the guest needs for running at all is there then. */
		vm_run_batch(vm.vcpus, VM_LONG_KERNEL, false, false, 1);
		vm.vcpus->requests[0].leaf = EXITPROF_LEAF_LATCH;
		vm.vcpus->requests[0].subleaf = EXITPROF_LATCH | EXITPROF_SCOPE_VM;
		vm_around_run = fail;
		vm_run_batch(vm.vcpus, VM_LONG_KERNEL, false, false, 1);
		vm_around_run = NULL;
		if (!reg[0] && (reg[1] || reg[2] || reg[3]))
			errx(1, "a latch that answers in part");
		failed += !reg[0];
		vm_run_batch(vm.vcpus, VM_LONG_KERNEL, false, false, 1);
		if (!reg[0])
			errx(1, "a latch after one that failed answers 0");
		vm_destroy(&vm);
	}
	return failed;
}

/* Returns whether the parameter could not be set. */
static bool set_failing(const char *name, const char *value)
{
	char path[128];
	ssize_t written;
	int fd;

	snprintf(path, sizeof(path), "%s%s", LOAD_PARAMETERS, name);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		err(1, "%s", path);
	fail(true);
	written = write(fd, value, strlen(value));
	fail(false);
	close(fd);
	return written < 0;
}

/* Accounting and details are asked for while VMs are there that lack both. */
static unsigned long fail_switch(unsigned long count)
{
	unsigned long i, failed = 0;
	struct vm vm;

	for (i = 0; i < count; i++) {
		set_probability(i & 1 ? "100" : "30");
		load_set("exitprof", "off");
		vm_create(&vm, 3, false);
		vm.vcpus->requests[0].leaf = EXITPROF_LEAF_DISCOVERY;
		vm.vcpus->requests[0].subleaf = EXITPROF_DISCOVERY_HOST;
		failed += set_failing("exitprof", i & 2 ? "full" : "classic");
		failed += set_failing("exitprof_details", "1");
		vm_run_batch(vm.vcpus, VM_LONG_KERNEL, false, false, 1);
		load_set("exitprof_details", "0");
		load_set("exitprof", "off");
		load_set("exitprof", "full");
		vm_run_batch(vm.vcpus, VM_LONG_KERNEL, false, false, 1);
		if (!vm.vcpus->answers[0].reg[2])
			errx(1, "no accounting after a switch that failed");
		vm_destroy(&vm);
	}
	return failed;
}

void failures(unsigned long count)
{
	unsigned long created, latched, switched;

	setup();
	created = fail_create(count);
	latched = fail_latch(count);
	switched = fail_switch(count);
	printf("fuzz failures: vcpus %lu latches %lu switches %lu of %lu\n", created, latched,
	       switched, count);
	if (!created || !latched || !switched)
		errx(1, "no allocation has failed: is fault injection set up?");
}
