// SPDX-License-Identifier: GPL-3.0-or-later
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/io.h>

#include "core/base/cleanup.h"
#include "core/base/clock.h"
#include "core/sim/guest.h"
#include "verify/guest.h"

#define NAP_NS 500000
/* Codes of the BIOS's self-test go there; Linux writes to it to wait a moment. */
#define HARMLESS_PORT 0x80

static struct ep_sim *sim_of(struct ep_cpuid *cpuid)
{
	return (struct ep_sim *)cpuid;
}

/* The CPUs at the start; kept, since pinning changes what the kernel says. */
static const cpu_set_t *usable(void)
{
	static cpu_set_t set;
	static bool known;

	if (!known && sched_getaffinity(0, sizeof(set), &set))
		CPU_SET(0, &set);
	known = true;
	return &set;
}

unsigned int ep_guest_cpus(struct ep_cpuid *cpuid)
{
	return cpuid->simulated ? EP_SIM_VCPUS : CPU_COUNT(usable());
}

static cpu_set_t only(unsigned int index)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	for (int cpu = 0; cpu < CPU_SETSIZE; cpu++)
		if (CPU_ISSET(cpu, usable()) && !index--)
			CPU_SET(cpu, &set);
	return set;
}

int ep_guest_pin(struct ep_cpuid *cpuid, unsigned int index)
{
	cpu_set_t set;

	if (cpuid->simulated) {
		sim_of(cpuid)->vcpu = index;
		return 0;
	}
	set = only(index);
	return sched_setaffinity(0, sizeof(set), &set) ? -errno : 0;
}

void ep_guest_unpin(struct ep_cpuid *cpuid)
{
	if (!cpuid->simulated)
		sched_setaffinity(0, sizeof(cpu_set_t), usable());
}

uint64_t ep_guest_tsc(struct ep_cpuid *cpuid)
{
	return cpuid->tsc(cpuid);
}

uint64_t ep_guest_now_ns(struct ep_cpuid *cpuid)
{
	/* One cycle a nanosecond. */
	return cpuid->simulated ? sim_of(cpuid)->clock : ep_clock_now();
}

/* @ready: threads that wait for the others; @abandoned: one of them will not come */
struct storm {
	struct ep_cpuid *cpuid;
	unsigned int count;
	unsigned int cpus;
	atomic_uint ready;
	atomic_bool abandoned;
};

struct storm_thread {
	pthread_t thread;
	struct storm *storm;
};

static void *rage(void *argument)
{
	struct storm *storm = ((struct storm_thread *)argument)->storm;

	atomic_fetch_add(&storm->ready, 1);
	while (atomic_load(&storm->ready) < storm->cpus && !atomic_load(&storm->abandoned))
		__builtin_ia32_pause();
	for (unsigned int i = 0; i < storm->count && !atomic_load(&storm->abandoned); i++) {
		struct ep_cpuid_regs regs = {};

		storm->cpuid->execute(storm->cpuid, &regs);
	}
	return NULL;
}

static int start(struct storm_thread *thread, unsigned int index)
{
	cpu_set_t set = only(index);
	pthread_attr_t attributes;
	int err = pthread_attr_init(&attributes);

	if (err)
		return err;
	err = pthread_attr_setaffinity_np(&attributes, sizeof(set), &set);
	if (!err)
		err = pthread_create(&thread->thread, &attributes, rage, thread);
	pthread_attr_destroy(&attributes);
	return err;
}

int ep_guest_storm(struct ep_cpuid *cpuid, unsigned int cpus, unsigned int count)
{
	_cleanup_free_ struct storm_thread *threads = calloc(cpus, sizeof(*threads));
	struct storm storm = { .cpuid = cpuid, .count = count, .cpus = cpus };
	unsigned int started = 0;
	int err = 0;

	if (cpuid->simulated) {
		ep_sim_storm(sim_of(cpuid), cpus, count);
		return 0;
	}
	if (!threads)
		return -ENOMEM;
	for (; started < cpus && !err; started += !err) {
		threads[started].storm = &storm;
		err = start(&threads[started], started);
	}
	if (err)
		atomic_store(&storm.abandoned, true);
	for (unsigned int i = 0; i < started; i++)
		pthread_join(threads[i].thread, NULL);
	if (!err)
		cpuid->executed += (uint64_t)cpus * count;
	return -err;
}

void ep_guest_sleep(struct ep_cpuid *cpuid, unsigned int count)
{
	if (cpuid->simulated)
		ep_sim_sleep(sim_of(cpuid), count);
	else
		while (count--)
			ep_clock_sleep(ep_clock_now() + NAP_NS, NULL, 0, NULL);
}

void ep_guest_spin(struct ep_cpuid *cpuid, uint64_t duration_ns)
{
	uint64_t end = ep_guest_now_ns(cpuid) + duration_ns;

	if (cpuid->simulated)
		ep_sim_rest(sim_of(cpuid), duration_ns);
	else
		while (ep_guest_now_ns(cpuid) < end)
			__builtin_ia32_pause();
}

int ep_guest_ports(struct ep_cpuid *cpuid, unsigned int count)
{
	if (cpuid->simulated)
		return ep_sim_ports(sim_of(cpuid), count);
	if (ioperm(HARMLESS_PORT, 1, 1))
		return -errno;
	while (count--)
		outb(0, HARMLESS_PORT);
	ioperm(HARMLESS_PORT, 1, 0);
	return 0;
}

void ep_guest_cpuid64(struct ep_cpuid *cpuid, uint64_t regs[4])
{
	cpuid->executed++;
	if (cpuid->simulated) {
		ep_sim_execute64(sim_of(cpuid), regs);
		return;
	}
#ifdef __x86_64__
	__asm__ volatile("cpuid"
			 : "+a"(regs[0]), "+b"(regs[1]), "+c"(regs[2]), "+d"(regs[3])
			 :
			 : "memory");
#endif
}

_Bool ep_guest_has_deadline(struct ep_cpuid *cpuid, char *ret_device, size_t size)
{
	static const char path[] = "/sys/devices/system/clockevents/clockevent0/current_device";
	_cleanup_fclose_ FILE *file = NULL;

	snprintf(ret_device, size, "lapic-deadline");
	if (cpuid->simulated)
		return true;
	ret_device[0] = '\0';
	file = fopen(path, "re");
	if (!file || !fgets(ret_device, size, file))
		return false;
	ret_device[strcspn(ret_device, "\n")] = '\0';
	return !strcmp(ret_device, "lapic-deadline");
}
