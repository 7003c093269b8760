// SPDX-License-Identifier: GPL-3.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/resource.h>
#include <unistd.h>

#include "core/base/cleanup.h"
#include "core/host/cpuid.h"

static void execute(struct ep_cpuid *cpuid, struct ep_cpuid_regs *regs)
{
	__asm__ volatile("cpuid"
			 : "+a"(regs->eax), "+b"(regs->ebx), "+c"(regs->ecx), "+d"(regs->edx)
			 :
			 : "memory");
}

/* A thread can change its CPU only while it does not run: that is a context switch. */
static void locate(struct ep_cpuid *cpuid, struct ep_place *ret)
{
	struct rusage usage = {};

	getrusage(RUSAGE_THREAD, &usage);
	ret->switches = (uint64_t)usage.ru_nvcsw + usage.ru_nivcsw;
	ret->cpu = sched_getcpu();
}

/* More CPUs than fit into a cpu_set_t: then only a thread that is not moved will do. */
static void pin(struct ep_cpuid *cpuid, struct ep_pin *ret)
{
	cpu_set_t here;

	*ret = (struct ep_pin){};
	ret->held = !sched_getaffinity(0, sizeof(ret->allowed), &ret->allowed);
	if (ret->held) {
		CPU_ZERO(&here);
		CPU_SET(sched_getcpu(), &here);
		ret->held = !sched_setaffinity(0, sizeof(here), &here);
	}
	locate(cpuid, &ret->place);
}

static _Bool unpin(struct ep_cpuid *cpuid, const struct ep_pin *pin)
{
	struct ep_place place;
	cpu_set_t here, now;

	locate(cpuid, &place);
	if (!pin->held)
		return place.switches == pin->place.switches;
	CPU_ZERO(&here);
	CPU_SET(pin->place.cpu, &here);
	/* Somebody else has moved the thread, or its CPU is gone: theirs is the last word. */
	if (sched_getaffinity(0, sizeof(now), &now) || !CPU_EQUAL(&now, &here))
		return 0;
	sched_setaffinity(0, sizeof(pin->allowed), &pin->allowed);
	return place.cpu == pin->place.cpu;
}

static uint64_t tsc(struct ep_cpuid *cpuid)
{
	return __builtin_ia32_rdtsc();
}

void ep_cpuid_init(struct ep_cpuid *cpuid)
{
	*cpuid = (struct ep_cpuid){
		.execute = execute, .locate = locate, .pin = pin, .unpin = unpin, .tsc = tsc
	};
}

static void execute_device(struct ep_cpuid *cpuid, struct ep_cpuid_regs *regs)
{
	const struct ep_cpuid_device *device = (const struct ep_cpuid_device *)cpuid;
	off_t question = (off_t)((uint64_t)regs->ecx << 32 | regs->eax);

	if (pread(device->file, regs, sizeof(*regs), question) != sizeof(*regs))
		*regs = (struct ep_cpuid_regs){};
}

int ep_cpuid_device_init(struct ep_cpuid_device *device, const char *path)
{
	ep_cpuid_init(&device->cpuid);
	device->cpuid.execute = execute_device;
	device->file = open(path, O_RDONLY | O_CLOEXEC);
	return device->file < 0 ? -errno : 0;
}

void ep_cpuid_device_finish(struct ep_cpuid_device *device)
{
	ep_cleanup_close(&device->file);
}

void ep_cpuid_execute(struct ep_cpuid *cpuid, struct ep_cpuid_regs *regs)
{
	cpuid->executed++;
	cpuid->execute(cpuid, regs);
}

struct ep_cpuid_regs ep_cpuid_query(struct ep_cpuid *cpuid, uint32_t leaf, uint32_t subleaf)
{
	struct ep_cpuid_regs regs = { .eax = leaf, .ecx = subleaf };

	ep_cpuid_execute(cpuid, &regs);
	return regs;
}
