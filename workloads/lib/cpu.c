// SPDX-License-Identifier: GPL-3.0-or-later
#include "cpu.h"

#include <cpuid.h>
#include <stdint.h>
#include <string.h>

#define HYPERVISOR	0x40000000u
#define HYPERVISOR_STEP 0x100u
#define HYPERVISOR_END	0x40010000u

bool ep_cpu_virtual(void)
{
	unsigned int eax, ebx, ecx, edx;

	return __get_cpuid(1, &eax, &ebx, &ecx, &edx) && ecx >> 31;
}

bool ep_cpu_kvm(void)
{
	uint32_t text[3], eax;

	if (!ep_cpu_virtual())
		return false;
	for (uint32_t leaf = HYPERVISOR; leaf < HYPERVISOR_END; leaf += HYPERVISOR_STEP) {
		__cpuid(leaf, eax, text[0], text[1], text[2]);
		if (!memcmp(text, "KVMKVMKVM\0\0\0", sizeof(text)))
			return true;
		/* The next one is only there beside another. */
		if (eax < leaf || eax >= leaf + HYPERVISOR_STEP)
			return false;
	}
	return false;
}

bool ep_cpu_vmmcall(void)
{
	uint32_t text[3], eax;

	__cpuid(0, eax, text[0], text[2], text[1]);
	return !memcmp(text, "AuthenticAMD", sizeof(text)) ||
	       !memcmp(text, "HygonGenuine", sizeof(text));
}
