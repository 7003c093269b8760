// SPDX-License-Identifier: GPL-3.0-or-later
#define _GNU_SOURCE
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "contract.h"
#include "load.h"

#define THREADS_MAX 16

struct load_counts load_counts;
volatile bool load_stopping;

static pthread_t threads[THREADS_MAX];
static unsigned int nr_threads;
static pid_t hopping[THREADS_MAX];
static unsigned int nr_hopping;
static pthread_mutex_t hopping_lock = PTHREAD_MUTEX_INITIALIZER;
static bool churn_exact, files_exact, grow_exact;

uint32_t load_random(uint64_t *state)
{
	/* xorshift64*; 0 would stay 0. */
	uint64_t x = *state ? *state : 88172645463325252;

	x ^= x >> 12;
	x ^= x << 25;
	x ^= x >> 27;
	*state = x;
	return x * 0x2545f4914f6cdd1d >> 32;
}

static void nap(long milliseconds)
{
	struct timespec time = { .tv_nsec = milliseconds * 1000000 };

	nanosleep(&time, NULL);
}

static void start(void *(*function)(void *), void *argument)
{
	if (nr_threads == THREADS_MAX ||
	    pthread_create(&threads[nr_threads++], NULL, function, argument))
		errx(1, "cannot start a thread");
}

void load_hop_me(void)
{
	pthread_mutex_lock(&hopping_lock);
	if (nr_hopping < THREADS_MAX)
		hopping[nr_hopping++] = gettid();
	pthread_mutex_unlock(&hopping_lock);
}

static void *hop(void *unused)
{
	long nr_cpus = sysconf(_SC_NPROCESSORS_ONLN);
	uint64_t state = 7;
	unsigned int i;
	cpu_set_t set;

	(void)unused;
	while (!load_stopping) {
		pthread_mutex_lock(&hopping_lock);
		for (i = 0; i < nr_hopping; i++) {
			CPU_ZERO(&set);
			CPU_SET(load_random(&state) % nr_cpus, &set);
			/* It may be gone. */
			load_counts.hops += !sched_setaffinity(hopping[i], sizeof(set), &set);
		}
		pthread_mutex_unlock(&hopping_lock);
		nap(10);
	}
	return NULL;
}

void load_hop(void)
{
	start(hop, NULL);
}

static void *storm(void *vcpu)
{
	load_hop_me();
	vm_storm(vcpu, &load_stopping);
	return NULL;
}

void load_storm(struct vm_vcpu *vcpu)
{
	start(storm, vcpu);
}

static void *churn(void *unused)
{
	const uint32_t reason = vm_host_svm() ? 0x72 : 10;
	struct contract contract;
	uint64_t state = 3;
	struct vm_vcpu *vcpu;
	struct vm vm;
	unsigned int i, nr;

	(void)unused;
	load_hop_me();
	while (!load_stopping) {
		nr = 1 + load_random(&state) % 3;
		vm_create(&vm, nr, load_random(&state) & 1);
		vcpu = &vm.vcpus[load_random(&state) % nr];
		if (churn_exact)
			contract_start(&contract, vcpu);
		for (i = 0; i < 20; i++) {
			vcpu->requests[i].leaf =
				i & 1 ? EXITPROF_LEAF_LATCH : EXITPROF_LEAF_REASON_EXITS;
			vcpu->requests[i].subleaf =
				i & 1 ? EXITPROF_LATCH | EXITPROF_SCOPE_VM : reason;
		}
		vm_run_batch(vcpu, VM_LONG_USER, false, false, 20);
		/* contract_start() asks 5 times. */
		if (churn_exact && vcpu->answers[18].reg[0] != 5 + 19)
			errx(1, "a new VM with 24 CPUIDs tells of %llu",
			     (unsigned long long)vcpu->answers[18].reg[0]);
		if (churn_exact)
			contract_check(&contract, vcpu, 20, false);
		vm_destroy(&vm);
		load_counts.created++;
	}
	return NULL;
}

void load_churn(bool exact)
{
	churn_exact = exact;
	start(churn, NULL);
}

struct growing {
	struct vm vm;
	volatile bool stop;
};

static void *storm_of_growing(void *argument)
{
	struct growing *growing = argument;

	vm_storm(&growing->vm.vcpus[0], &growing->stop);
	return NULL;
}

/* The leaves tell of @vcpu, the latest, on itself and on an older one. */
static void check_grown(struct vm *vm, struct vm_vcpu *vcpu)
{
	unsigned int i;

	vcpu->requests[0].leaf = EXITPROF_LEAF_DISCOVERY;
	vcpu->requests[0].subleaf = EXITPROF_DISCOVERY_VM;
	for (i = 1; i < 4; i++)
		vcpu->requests[i].leaf = EXITPROF_LEAF_LATCH;
	vcpu->requests[1].subleaf = EXITPROF_LATCH | (vm->nr_vcpus - 1);
	vcpu->requests[2].subleaf = EXITPROF_LATCH | vm->nr_vcpus;
	vcpu->requests[3].subleaf = EXITPROF_LATCH | EXITPROF_SCOPE_VM;
	vm_run_batch(vcpu, VM_LONG_KERNEL, false, false, 4);
	if (!grow_exact)
		return;
	if (vcpu->answers[0].reg[1] != vm->nr_vcpus)
		errx(1, "a VM with %u vCPUs tells of %u", vm->nr_vcpus,
		     (unsigned int)vcpu->answers[0].reg[1]);
	if (!vcpu->answers[1].reg[0] || !vcpu->answers[3].reg[0])
		errx(1, "a VM that got vCPU %u cannot latch", vm->nr_vcpus - 1);
	if (vcpu->answers[2].reg[0])
		errx(1, "vCPU %u was latched before it was there", vm->nr_vcpus);
}

static void *grow(void *unused)
{
	struct growing growing;
	struct vm_vcpu *vcpu;
	pthread_t other;

	(void)unused;
	load_hop_me();
	while (!load_stopping) {
		vm_create(&growing.vm, 2, load_counts.added & 1);
		growing.stop = false;
		if (pthread_create(&other, NULL, storm_of_growing, &growing))
			errx(1, "cannot start a thread");
		while (growing.vm.nr_vcpus < VM_VCPUS_MAX && !load_stopping) {
			vcpu = vm_add_vcpu(&growing.vm);
			check_grown(&growing.vm, vcpu);
			check_grown(&growing.vm, &growing.vm.vcpus[1]);
			load_counts.added++;
		}
		growing.stop = true;
		pthread_join(other, NULL);
		vm_destroy(&growing.vm);
	}
	return NULL;
}

void load_grow(bool exact)
{
	grow_exact = exact;
	start(grow, NULL);
}

int load_set(const char *name, const char *value)
{
	char path[128];
	int fd, r = 0;

	snprintf(path, sizeof(path), "%s%s", LOAD_PARAMETERS, name);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		err(1, "%s", path);
	if (write(fd, value, strlen(value)) < 0)
		r = -errno;
	close(fd);
	return r;
}

static void set(const char *name, const char *value)
{
	int r = load_set(name, value);

	if (r)
		errx(1, "cannot set %s to %s: %s", name, value, strerror(-r));
	load_counts.switched++;
}

static void *switches(void *unused)
{
	static const char *const levels[] = { "off", "classic", "full" };
	uint64_t state = 11;

	(void)unused;
	while (!load_stopping) {
		if (load_random(&state) % 4)
			set("exitprof", levels[load_random(&state) % 3]);
		else
			set("exitprof_details", load_random(&state) & 1 ? "1" : "0");
		nap(load_random(&state) % 200);
	}
	return NULL;
}

/*
 * A VM of which every exit is known: next to idle, while others are not.
 */
static void *quiet(void *unused)
{
	static const uint32_t reasons[2][5] = {
		{ 10, 30, 12, 31, 18 }, /* CPUID, I/O, HLT, RDMSR, VMCALL */
		{ 0x72, 0x7b, 0x78, 0x7c, 0x81 },
	};
	uint64_t expected, cpuids = 0, batches = 0;
	unsigned int i;
	struct vm vm;

	(void)unused;
	load_hop_me();
	vm_create(&vm, 1, false);
	while (!load_stopping) {
		for (i = 0; i < 5; i++) {
			vm.vcpus->requests[i].leaf = EXITPROF_LEAF_REASON_EXITS;
			vm.vcpus->requests[i].subleaf = reasons[vm_host_svm()][i];
		}
		vm_run_batch(vm.vcpus, VM_LONG_USER, false, false, 5);
		for (i = 0; i < 5; i++) {
			expected = i == 0 ? cpuids + 1 : i == 1 ? batches : 0;
			if (vm.vcpus->answers[i].reg[0] != expected)
				errx(1, "quiet VM: %llu exits of reason %#x, %llu expected",
				     (unsigned long long)vm.vcpus->answers[i].reg[0],
				     vm.vcpus->requests[i].subleaf, (unsigned long long)expected);
		}
		cpuids += 5;
		batches++;
		load_counts.quiet++;
		nap(50);
	}
	vm_destroy(&vm);
	return NULL;
}

void load_quiet(void)
{
	start(quiet, NULL);
}

void load_switch(void)
{
	start(switches, NULL);
}

/* "BUCKET:COUNT BUCKET:COUNT ..." */
static unsigned long long histogram_sum(const char *text)
{
	unsigned long long sum = 0;
	char *end;

	while (*text) {
		if (strtoul(text, &end, 10) >= EXITPROF_BUCKETS || *end != ':')
			return -1;
		sum += strtoull(end + 1, &end, 10);
		text = *end == ' ' ? end + 1 : end;
	}
	return sum;
}

/*
 * Without @exact the level may change in between: the columns of a line are those
 * of a level, but need not add up.
 */
static void check_line(const char *path, const char *line, bool exact)
{
	unsigned long long exits, cycles, away, max;
	char reason[16], histogram[1400];
	int nr;

	if (line[0] == '#') {
		if (strncmp(line, "# exitprof 1 ", 13))
			errx(1, "%s: '%s'", path, line);
		return;
	}
	if (!strncmp(line, "reason\t", 7))
		return;
	nr = sscanf(line, "%15s\t%llu\t%llu\t%llu\t%llu\t%1399[^\n]", reason, &exits, &cycles,
		    &away, &max, histogram);
	if (nr == 3 && !exact && strstr(line, "\t-\t-\t-"))
		return;
	if (nr != 6 || !exits || away < cycles || !max ||
	    (exact && histogram_sum(histogram) != exits))
		errx(1, "%s: '%s'", path, line);
}

static void read_one(const char *path)
{
	FILE *file = fopen(path, "re");
	char line[2048];

	/* Its VM may be gone, before or after. */
	if (!file)
		return;
	while (fgets(line, sizeof(line), file)) {
		line[strcspn(line, "\n")] = '\0';
		check_line(path, line, files_exact);
	}
	fclose(file);
	load_counts.files++;
}

static void *files(void *unused)
{
	static const char *const patterns[] = {
		"/sys/kernel/debug/kvm/*/exitprof",
		"/sys/kernel/debug/kvm/*/vcpu*/exitprof",
	};
	unsigned int i;
	size_t j;
	glob_t found;

	(void)unused;
	load_hop_me();
	while (!load_stopping) {
		for (i = 0; i < 2; i++) {
			if (glob(patterns[i], GLOB_NOSORT, NULL, &found))
				continue;
			for (j = 0; j < found.gl_pathc && !load_stopping; j++)
				read_one(found.gl_pathv[j]);
			globfree(&found);
		}
		nap(5);
	}
	return NULL;
}

void load_files(bool exact)
{
	files_exact = exact;
	start(files, NULL);
}

void load_stop(void)
{
	load_stopping = true;
	while (nr_threads)
		pthread_join(threads[--nr_threads], NULL);
	load_stopping = false;
	nr_hopping = 0;
	set("exitprof_details", "0");
	set("exitprof", "full");
}
