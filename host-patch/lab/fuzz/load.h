/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * load.h - what goes on beside the fuzzing: threads until load_stop()
 */
#ifndef FUZZ_LOAD_H
#define FUZZ_LOAD_H

#include <stdbool.h>
#include <stdint.h>

#include "vm.h"

#define LOAD_PARAMETERS "/sys/module/kvm/parameters/"

/* How often each of them came round. */
struct load_counts {
	unsigned long created;	/* VMs created, used and destroyed */
	unsigned long added;	/* vCPUs created while others of their VM ran */
	unsigned long switched; /* writes to the module's parameters */
	unsigned long files;	/* debugfs files read */
	unsigned long quiet;	/* checks of the quiet VM */
	unsigned long hops;	/* of threads to another CPU */
};

extern struct load_counts load_counts;
extern volatile bool load_stopping;

/* The calling thread is moved from CPU to CPU from now on. */
void load_hop_me(void);

/* The next of a series of random numbers; @state is its seed at first. */
uint32_t load_random(uint64_t *state);

/* Writes @value to the module's parameter @name; returns 0 or -errno. */
int load_set(const char *name, const char *value);

/* A vCPU that causes exits. */
void load_storm(struct vm_vcpu *vcpu);

/* VMs come and go; with @exact, the exits of each are checked to be its own. */
void load_churn(bool exact);

/*
 * VMs get one vCPU after the other while others of theirs latch; with @exact, each
 * can be latched at once, and the next one not.
 */
void load_grow(bool exact);

/* A VM that does next to nothing; its exits are checked to be its own. */
void load_quiet(void);

/* kvm.exitprof and kvm.exitprof_details change all the time. */
void load_switch(void);

/* The files in debugfs are read all the time; with @exact, they must add up. */
void load_files(bool exact);

/* Threads hop. */
void load_hop(void);

/* Ends all of them, and sets the parameters to full and no details. */
void load_stop(void);

#endif
