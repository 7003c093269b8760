// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * fuzz - ask for exitprof's leaves at random, and check every answer
 *
 *	fuzz [-s SEED] PHASE COUNT
 *
 * PHASE is one of
 *	modes		one VM, nothing else: every mode in turn
 *	load		beside a storm of exits, VMs that come and go, readers of the
 *			files in debugfs, and threads that hop from CPU to CPU
 *	switch		the same, and the accounting is switched all the time
 *	readers		threads that read tables hop from vCPU to vCPU
 *	first		a VM's first vCPU runs while it is being created
 *	bounded		every vCPU latches over and over: no memory may go
 *	failures	allocations fail, each in turn (needs fault injection)
 * COUNT is the number of random CPUIDs, of VMs, or of failures in a row.
 *
 * Prints one line "fuzz PHASE ..." with numbers. Ends with status 1 and a message
 * on the first wrong answer.
 */
#define _GNU_SOURCE
#include <err.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "contract.h"
#include "failures.h"
#include "first.h"
#include "load.h"
#include "readers.h"

static uint64_t seed = 1;

static uint32_t random_reason(uint64_t *state)
{
	uint32_t random = load_random(state);

	switch (load_random(state) % 6) {
	case 0:
	case 1:
		return random % 0x120;
	case 2:
		return 0x3f8 + random % 0x20;
	case 3:
		return 0xf0000000 - 2 + random % 5;
	case 4:
		return -(random % 8);
	default:
		return random;
	}
}

static uint32_t random_latch(uint64_t *state)
{
	uint32_t random = load_random(state), vcpu;

	switch (load_random(state) % 16) {
	case 0:
		return EXITPROF_LATCH | EXITPROF_SCOPE_VM;
	case 1:
		return EXITPROF_LATCH | random % 10;
	case 2:
		return EXITPROF_LATCH | (random & 0xffffff);
	case 3:
	case 4:
		return EXITPROF_LATCH_BITMAP;
	case 5:
		return EXITPROF_LATCH_BITMAP | (random & 0xffffff);
	case 6:
		return random;
	case 7:
		return EXITPROF_LATCH_ROW | (random & 0xffffff);
	case 8:
	case 9:
		vcpu = random & 0x100 ? random >> 16 : random % 10;
		return (random & 0x200 ? EXITPROF_DETAIL_KEYS : EXITPROF_DETAIL_LOST) | vcpu << 8 |
		       (random & 0x400 ? 0 : random & 0xff);
	default:
		return EXITPROF_LATCH_ROW | (random >> 16) % 36 << 16 | random % 98;
	}
}

static struct vm_request random_request(uint64_t *state)
{
	uint32_t random = load_random(state);
	struct vm_request request = { .leaf = EXITPROF_LEAF_LATCH, .subleaf = random };

	switch (load_random(state) % 8) {
	case 0:
		request.leaf = random & 0x10000 ? 0x4ffffff0 + random % 16
						: 0x4f000000 + random % 0xfffff0;
		request.subleaf = load_random(state);
		break;
	case 1:
		request.leaf = EXITPROF_LEAF_DISCOVERY;
		request.subleaf = random & 0x1000   ? load_random(state)
				  : random & 0x2000 ? random % 4
						    : EXITPROF_DISCOVERY_HANDLED + random % 5;
		break;
	case 2:
		request.leaf =
			random & 0x10000 ? EXITPROF_LEAF_TOTAL_EXITS : EXITPROF_LEAF_TOTAL_CYCLES;
		break;
	case 3:
	case 4:
		request.leaf =
			random & 0x10000 ? EXITPROF_LEAF_REASON_EXITS : EXITPROF_LEAF_REASON_CYCLES;
		request.subleaf = random_reason(state);
		break;
	default:
		request.subleaf = random_latch(state);
		break;
	}
	return request;
}

struct fuzzer {
	pthread_t thread;
	struct vm_vcpu *vcpu;
	struct contract contract;
	uint64_t state;
	uint64_t count;
	bool alone;
	uint64_t by_mode[VM_MODES];
	uint64_t emulated;
	uint64_t faulted;
	uint64_t tables;
};

static void fuzz_batch(struct fuzzer *fuzzer, enum vm_mode mode, bool emulate, bool fault,
		       unsigned int nr)
{
	bool user = mode & 1;
	unsigned int i;

	for (i = 0; i < nr; i++)
		fuzzer->vcpu->requests[i] = random_request(&fuzzer->state);
	vm_run_batch(fuzzer->vcpu, mode, emulate, fault, nr);
	contract_check(&fuzzer->contract, fuzzer->vcpu, nr, fault && user);
	fuzzer->by_mode[mode] += nr;
	fuzzer->emulated += emulate ? nr : 0;
	fuzzer->faulted += fault && user ? nr : 0;
}

static void *fuzz(void *argument)
{
	struct fuzzer *fuzzer = argument;
	struct contract *contract = &fuzzer->contract;
	uint32_t random, batches = 0;

	if (!fuzzer->alone)
		load_hop_me();
	while (contract->answers < fuzzer->count) {
		random = load_random(&fuzzer->state);
		fuzz_batch(fuzzer, (random >> 8) % VM_MODES, !(random & 3), !(random & 0x70),
			   VM_BATCH_MAX);
		if (++batches % 4 || contract->switched)
			continue;
		contract_check_table(contract, fuzzer->vcpu, random >> 16 & 1, false,
				     random & 0x80 ? EXITPROF_SCOPE_VM
						   : (random >> 4) % contract->vm->nr_vcpus);
		fuzzer->tables++;
	}
	return NULL;
}

static bool details_are_on(void)
{
	FILE *file = fopen(LOAD_PARAMETERS "exitprof_details", "re");
	int c = file ? fgetc(file) : 'N';

	if (file)
		fclose(file);
	return c == 'Y';
}

static void start_fuzzer(struct fuzzer *fuzzer, struct vm_vcpu *vcpu, uint64_t count)
{
	memset(fuzzer, 0, sizeof(*fuzzer));
	fuzzer->vcpu = vcpu;
	fuzzer->state = seed * 1000003 + vcpu->index;
	fuzzer->count = count;
	contract_start(&fuzzer->contract, vcpu);
	fuzzer->contract.details_ever = details_are_on();
}

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec + time.tv_nsec / 1e9;
}

static void report(const char *phase, const struct fuzzer *fuzzers, unsigned int nr, double start)
{
	uint64_t answers = 0, emulated = 0, faulted = 0, tables = 0, refused = 0;
	uint64_t by_mode[VM_MODES] = {};
	unsigned int i, mode;

	for (i = 0; i < nr; i++) {
		answers += fuzzers[i].contract.answers;
		refused += fuzzers[i].contract.refused;
		emulated += fuzzers[i].emulated;
		faulted += fuzzers[i].faulted;
		tables += fuzzers[i].tables;
		for (mode = 0; mode < VM_MODES; mode++)
			by_mode[mode] += fuzzers[i].by_mode[mode];
	}
	printf("fuzz %s: answers %llu emulated %llu faulted %llu tables %llu refused %llu", phase,
	       (unsigned long long)answers, (unsigned long long)emulated,
	       (unsigned long long)faulted, (unsigned long long)tables,
	       (unsigned long long)refused);
	printf(" modes");
	for (mode = 0; mode < VM_MODES; mode++)
		printf("%c%llu", mode ? ',' : ' ', (unsigned long long)by_mode[mode]);
	printf(" vms %lu vcpus %lu switches %lu files %lu quiet %lu hops %lu seconds %.1f\n",
	       load_counts.created, load_counts.added, load_counts.switched, load_counts.files,
	       load_counts.quiet, load_counts.hops, now() - start);
}

/* Every mode, emulated or not, with and without faulting, under both vendors. */
static void phase_modes(uint64_t count)
{
	static struct fuzzer fuzzer;
	double start = now();
	unsigned int mode, i, nr = count / 2 / (VM_MODES * 4) + 1;
	struct vm vm;
	int intel;

	nr = nr < VM_BATCH_MAX ? nr : VM_BATCH_MAX;
	for (intel = 0; intel < 2; intel++) {
		vm_create(&vm, 2, intel);
		start_fuzzer(&fuzzer, &vm.vcpus[1], 0);
		fuzzer.alone = true;
		while (fuzzer.contract.answers < count / 2) {
			for (mode = 0; mode < VM_MODES; mode++) {
				for (i = 0; i < 4; i++)
					fuzz_batch(&fuzzer, mode, i & 1, i & 2, nr);
			}
			for (i = 0; i < 4; i++)
				contract_check_table(&fuzzer.contract, &vm.vcpus[1], i & 1, i & 2,
						     i ? EXITPROF_SCOPE_VM : 1);
			fuzzer.tables += 4;
		}
		report(intel ? "modes-intel" : "modes-amd", &fuzzer, 1, start);
		vm_destroy(&vm);
	}
}

#define FUZZERS 2

static void phase_load(uint64_t count, bool switched)
{
	static struct fuzzer fuzzers[FUZZERS];
	double start = now();
	unsigned int i;
	struct vm vm;

	vm_create(&vm, FUZZERS + 2, switched);
	for (i = 0; i < FUZZERS; i++) {
		start_fuzzer(&fuzzers[i], &vm.vcpus[i], count / FUZZERS);
		fuzzers[i].contract.switched = switched;
		fuzzers[i].contract.details_ever = true;
	}
	/* Details are collected beside all this; the table of a vCPU may be full. */
	if (!switched && load_set("exitprof_details", "1"))
		errx(1, "cannot ask for details");

	load_storm(&vm.vcpus[FUZZERS]);
	load_storm(&vm.vcpus[FUZZERS + 1]);
	load_churn(!switched);
	load_grow(!switched);
	load_files(!switched);
	load_hop();
	if (switched)
		load_switch();
	else
		load_quiet();
	for (i = 0; i < FUZZERS; i++) {
		if (pthread_create(&fuzzers[i].thread, NULL, fuzz, &fuzzers[i]))
			errx(1, "cannot start a thread");
	}
	for (i = 0; i < FUZZERS; i++)
		pthread_join(fuzzers[i].thread, NULL);
	load_stop();
	report(switched ? "switch" : "load", fuzzers, FUZZERS, start);
	vm_destroy(&vm);
}

static void phase_readers(uint64_t count)
{
	struct readers_counts counts;
	double start = now();

	readers_run(count, seed, &counts);
	printf("fuzz readers: answers %llu whole %llu replaced %llu moved %llu hops %lu "
	       "seconds %.1f\n",
	       (unsigned long long)counts.answers, (unsigned long long)counts.whole,
	       (unsigned long long)counts.replaced, (unsigned long long)counts.moved,
	       load_counts.hops, now() - start);
}

static void phase_first(uint64_t count)
{
	struct first_counts counts;
	double start = now();

	first_run(count, &counts);
	printf("fuzz first: vms %lu early %lu seconds %.1f\n", counts.created, counts.early,
	       now() - start);
}

/* In kB. */
static long free_memory(void)
{
	FILE *file = fopen("/proc/meminfo", "re");
	char line[128];
	long free = -1;

	if (!file)
		err(1, "/proc/meminfo");
	while (fgets(line, sizeof(line), file)) {
		if (sscanf(line, "MemFree: %ld", &free) == 1)
			break;
	}
	fclose(file);
	return free;
}

/* All vCPUs latch, @nr times each, for the VM and for a vCPU in turn. */
static void latch_all(struct vm *vm, unsigned int nr)
{
	unsigned int i, j;

	for (i = 0; i < vm->nr_vcpus; i++) {
		for (j = 0; j < nr; j++) {
			vm->vcpus[i].requests[j].leaf = EXITPROF_LEAF_LATCH;
			vm->vcpus[i].requests[j].subleaf =
				EXITPROF_LATCH | (j & 1 ? j / 2 % VM_VCPUS_MAX : EXITPROF_SCOPE_VM);
		}
		vm_run_batch(&vm->vcpus[i], VM_LONG_USER, false, false, nr);
	}
}

/* A table is some 50 kB: if only every tenth latch took another one, this would tell. */
#define BOUND_KB 4096

static void phase_bounded(uint64_t count)
{
	const unsigned int nr = 64;
	double start = now();
	uint64_t latches = 0;
	long before, gone;
	struct vm vm;

	vm_create(&vm, VM_VCPUS_MAX, false);
	latch_all(&vm, nr);
	before = free_memory();
	for (; latches < count; latches += nr * VM_VCPUS_MAX)
		latch_all(&vm, nr);
	gone = before - free_memory();
	printf("fuzz bounded: latches %llu kB %ld seconds %.1f\n", (unsigned long long)latches,
	       gone, now() - start);
	if (gone > BOUND_KB)
		errx(1, "%llu latches have taken %ld kB", (unsigned long long)latches, gone);
	vm_destroy(&vm);
}

int main(int argc, char **argv)
{
	uint64_t count;

	if (argc > 2 && !strcmp(argv[1], "-s")) {
		seed = strtoull(argv[2], NULL, 10);
		argv += 2;
		argc -= 2;
	}
	count = argc == 3 ? strtoull(argv[2], NULL, 10) : 0;
	if (!count)
		errx(2, "usage: fuzz [-s SEED] PHASE COUNT");
	vm_setup();
	if (!strcmp(argv[1], "modes"))
		phase_modes(count);
	else if (!strcmp(argv[1], "load"))
		phase_load(count, false);
	else if (!strcmp(argv[1], "switch"))
		phase_load(count, true);
	else if (!strcmp(argv[1], "readers"))
		phase_readers(count);
	else if (!strcmp(argv[1], "first"))
		phase_first(count);
	else if (!strcmp(argv[1], "bounded"))
		phase_bounded(count);
	else if (!strcmp(argv[1], "failures"))
		failures(count);
	else
		errx(2, "no phase '%s'", argv[1]);
	return 0;
}
