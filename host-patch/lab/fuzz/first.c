// SPDX-License-Identifier: GPL-3.0-or-later
#define _GNU_SOURCE
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#include "first.h"
#include "load.h"

/* The last page below 4 GiB, in which a vCPU starts. */
#define PAGE  0xfffff000u
#define RESET 0xff0

extern const char guest_first[], guest_first_end[];

/* Of the VM of the moment: its vCPU is being created, has been, and has been run. */
static sem_t begun, created, done;
static atomic_bool returned, over;
static int vcpu_fd, run_size;

static void pause_ns(long ns)
{
	struct timespec time = { .tv_nsec = ns };

	nanosleep(&time, NULL);
}

static void check_end(void)
{
	struct kvm_run *run = mmap(NULL, run_size, PROT_READ, MAP_SHARED, vcpu_fd, 0);

	if (run == MAP_FAILED)
		err(1, "kvm_run");
	if (run->exit_reason == KVM_EXIT_IO)
		errx(1, "the generation of a VM changes as its first vCPU comes online");
	if (run->exit_reason != KVM_EXIT_HLT)
		errx(1, "a first vCPU ended with %u", run->exit_reason);
	munmap(run, run_size);
}

static void *runner(void *counts)
{
	unsigned long *early = &((struct first_counts *)counts)->early;
	uint64_t state = 1;
	unsigned int tries;
	long pause;

	/* Otherwise a pause is 50 us longer. */
	prctl(PR_SET_TIMERSLACK, 1);
	for (;;) {
		sem_wait(&begun);
		if (atomic_load(&over))
			return NULL;
		/*
		 * There is no such file until there is a vCPU. After each pause, this
		 * thread preempts the one that creates it. A slow host would get
		 * nowhere with that if pauses did not grow.
		 */
		pause = 5000;
		for (tries = 0;; tries++) {
			pause_ns(pause + load_random(&state) % 20000);
			if (!ioctl(vcpu_fd, KVM_RUN, 0))
				break;
			if (errno != EBADF && errno != EINTR)
				err(1, "KVM_RUN");
			if (tries > 100 && pause < 10000000)
				pause += pause / 8;
		}
		*early += !atomic_load(&returned);
		sem_wait(&created);
		check_end();
		sem_post(&done);
	}
}

static int create_vm(int kvm, void *page)
{
	struct kvm_userspace_memory_region region = {
		.guest_phys_addr = PAGE,
		.memory_size = 4096,
		.userspace_addr = (uintptr_t)page,
	};
	int vm = ioctl(kvm, KVM_CREATE_VM, 0);

	if (vm < 0)
		err(1, "KVM_CREATE_VM");
	if (ioctl(vm, KVM_SET_TSS_ADDR, 0xfffbd000) ||
	    ioctl(vm, KVM_SET_USER_MEMORY_REGION, &region))
		err(1, "memory of a VM");
	return vm;
}

void first_run(unsigned long count, struct first_counts *ret)
{
	static const uint8_t jump[] = { 0xe9, 0x0d, 0xf0 }; /* to the page's beginning */
	struct sched_param idle = { 0 }, normal = { 0 };
	int vm, fd, kvm = open("/dev/kvm", O_RDWR | O_CLOEXEC);
	pthread_t thread;
	uint8_t *page;

	page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (kvm < 0 || page == MAP_FAILED)
		err(1, "/dev/kvm, or memory");
	memcpy(page, guest_first, guest_first_end - guest_first);
	memcpy(page + RESET, jump, sizeof(jump));
	run_size = ioctl(kvm, KVM_GET_VCPU_MMAP_SIZE, 0);
	memset(ret, 0, sizeof(*ret));
	sem_init(&begun, 0, 0);
	sem_init(&created, 0, 0);
	sem_init(&done, 0, 0);
	if (pthread_create(&thread, NULL, runner, ret))
		errx(1, "cannot start a thread");

	/* The runner preempts this thread wherever it is. */
	sched_setscheduler(0, SCHED_IDLE, &idle);
	while (ret->created < count) {
		vm = create_vm(kvm, page);
		/* The next one that there will be */
		vcpu_fd = dup(vm);
		close(vcpu_fd);
		ret->created++;
		atomic_store(&returned, false);
		sem_post(&begun);
		fd = ioctl(vm, KVM_CREATE_VCPU, 0);
		atomic_store(&returned, true);
		if (fd != vcpu_fd)
			err(1, "KVM_CREATE_VCPU: %d instead of %d", fd, vcpu_fd);
		sem_post(&created);
		while (sem_wait(&done))
			;
		close(fd);
		close(vm);
	}
	sched_setscheduler(0, SCHED_OTHER, &normal);
	atomic_store(&over, true);
	sem_post(&begun);
	pthread_join(thread, NULL);
	close(kvm);
	munmap(page, 4096);
}
