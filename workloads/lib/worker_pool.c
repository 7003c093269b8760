// SPDX-License-Identifier: GPL-3.0-or-later
#include "worker_pool.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "futex.h"

#define CACHE_LINE 64

enum { POOL_WAITS, POOL_WORKS, POOL_ENDS };

struct ep_worker {
	struct ep_worker_pool *pool;
	pthread_t thread;
	unsigned int cpu;
	uint64_t done;
};

struct ep_worker_pool {
	ep_worker_pool_work *work;
	const struct exitprof_context *ctx;
	unsigned int threads;
	unsigned int created;
	struct ep_worker *workers;
	cpu_set_t *cpus;
	size_t cpus_size;
	bool pinned;
	_Atomic uint32_t phase;
	_Atomic uint32_t waiting;
	_Atomic uint32_t working;
	_Atomic uint32_t over;
	_Alignas(CACHE_LINE) char data[];
};

uint64_t ep_worker_pool_share(uint64_t count, unsigned int index, unsigned int threads)
{
	return count ? count / threads + (index < count % threads) : UINT64_MAX;
}

/* A mask large enough for this kernel: sched_getaffinity() refuses a short one. */
static int allowed_cpus(cpu_set_t **ret, size_t *ret_size, unsigned int *ret_cpus)
{
	for (int cpus = 1024; cpus <= 1 << 20; cpus *= 4) {
		size_t size = CPU_ALLOC_SIZE(cpus);
		cpu_set_t *set = CPU_ALLOC(cpus);

		if (!set)
			return -ENOMEM;
		CPU_ZERO_S(size, set);
		if (sched_getaffinity(0, size, set) == 0) {
			*ret = set;
			*ret_size = size;
			*ret_cpus = cpus;
			return 0;
		}
		CPU_FREE(set);
		if (errno != EINVAL)
			return -errno;
	}
	return -EINVAL;
}

unsigned int ep_worker_pool_cpus(void)
{
	cpu_set_t *set;
	unsigned int cpus;
	size_t size;
	int count;

	if (allowed_cpus(&set, &size, &cpus) < 0)
		return 1;
	count = CPU_COUNT_S(size, set);
	CPU_FREE(set);
	return count > 0 ? count : 1;
}

static void *worker_thread(void *data)
{
	struct ep_worker *worker = data;
	struct ep_worker_pool *pool = worker->pool;

	atomic_fetch_add(&pool->waiting, 1);
	ep_futex_wake(&pool->waiting, INT32_MAX);
	while (atomic_load(&pool->phase) == POOL_WAITS)
		ep_futex_wait(&pool->phase, POOL_WAITS, 0);

	if (atomic_load(&pool->phase) == POOL_WORKS) {
		worker->done = pool->work(pool->ctx, worker - pool->workers, pool->threads);
		if (atomic_fetch_sub(&pool->working, 1) == 1)
			ep_futex_wake(&pool->working, INT32_MAX);
		/*
		 * A thread that ends costs exits, too: not before the exits of
		 * the run have been counted.
		 */
		while (atomic_load(&pool->phase) == POOL_WORKS)
			ep_futex_wait(&pool->phase, POOL_WORKS, 0);
	}
	return NULL;
}

static int start_thread(struct ep_worker *worker, const cpu_set_t *cpu, size_t cpu_size)
{
	pthread_attr_t attr;
	int err;

	err = pthread_attr_init(&attr);
	if (err)
		return -err;
	err = pthread_attr_setaffinity_np(&attr, cpu_size, cpu);
	if (!err)
		err = pthread_create(&worker->thread, &attr, worker_thread, worker);
	pthread_attr_destroy(&attr);
	return -err;
}

static int start_all(struct ep_worker_pool *pool, unsigned int cpus, cpu_set_t *one)
{
	sigset_t all, old;
	unsigned int cpu = 0;
	int err = 0;

	/*
	 * Signals are for the calling thread: it is the one that a timer or
	 * Ctrl-C must wake. Faults stay open or the kernel would kill us blindly.
	 */
	sigfillset(&all);
	sigdelset(&all, SIGSEGV);
	sigdelset(&all, SIGBUS);
	sigdelset(&all, SIGILL);
	sigdelset(&all, SIGFPE);
	sigdelset(&all, SIGTRAP);
	pthread_sigmask(SIG_SETMASK, &all, &old);

	for (unsigned int i = 0; i < pool->threads && !err; cpu = (cpu + 1) % cpus) {
		if (!CPU_ISSET_S(cpu, pool->cpus_size, pool->cpus))
			continue;
		CPU_ZERO_S(pool->cpus_size, one);
		CPU_SET_S(cpu, pool->cpus_size, one);
		pool->workers[i].pool = pool;
		pool->workers[i].cpu = cpu;
		if (i == 0) {
			pool->pinned = true;
			err = sched_setaffinity(0, pool->cpus_size, one) < 0 ? -errno : 0;
		} else {
			err = start_thread(&pool->workers[i], one, pool->cpus_size);
			pool->created += !err;
		}
		i++;
	}
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	return err;
}

int ep_worker_pool_setup_crowded(struct exitprof_context *ctx, uint64_t threads,
				 ep_worker_pool_work *work, size_t data_size)
{
	size_t size = sizeof(struct ep_worker_pool) +
		      (data_size + CACHE_LINE - 1) / CACHE_LINE * CACHE_LINE;
	struct ep_worker_pool *pool = aligned_alloc(CACHE_LINE, size);
	cpu_set_t *one = NULL;
	unsigned int cpus;
	uint32_t waiting;
	int err;

	if (!pool)
		return ctx->fail(ctx, "no memory: %m");
	memset(pool, 0, size);
	ctx->priv = pool;
	pool->work = work;
	pool->ctx = ctx;
	pool->threads = threads;
	pool->workers = calloc(threads, sizeof(*pool->workers));
	err = pool->workers ? allowed_cpus(&pool->cpus, &pool->cpus_size, &cpus) : -ENOMEM;
	if (!err) {
		one = CPU_ALLOC(cpus);
		err = one ? start_all(pool, cpus, one) : -ENOMEM;
		CPU_FREE(one);
	}
	if (err) {
		/* Not left to the workload's teardown(), which would take zeros for its data. */
		ep_worker_pool_teardown(ctx);
		errno = -err;
		return ctx->fail(ctx, "cannot start the threads: %m");
	}
	while ((waiting = atomic_load(&pool->waiting)) < pool->created)
		ep_futex_wait(&pool->waiting, waiting, 0);
	return 0;
}

int ep_worker_pool_setup(struct exitprof_context *ctx, uint64_t threads, ep_worker_pool_work *work,
			 size_t data_size)
{
	unsigned int cpus = ep_worker_pool_cpus();

	if (threads > cpus) {
		ctx->hint(ctx, "use --set threads=%u, or 0 for one on every CPU", cpus);
		return ctx->fail(ctx, "%u threads need a CPU each, and only %u may be used",
				 (unsigned int)threads, cpus);
	}
	return ep_worker_pool_setup_crowded(ctx, threads ? threads : cpus, work, data_size);
}

void *ep_worker_pool_data(const struct exitprof_context *ctx)
{
	struct ep_worker_pool *pool = ctx->priv;

	return pool ? pool->data : NULL;
}

unsigned int ep_worker_pool_threads(const struct exitprof_context *ctx)
{
	const struct ep_worker_pool *pool = ctx->priv;

	return pool->threads;
}

unsigned int ep_worker_pool_cpu(const struct exitprof_context *ctx, unsigned int index)
{
	const struct ep_worker_pool *pool = ctx->priv;

	return pool->workers[index].cpu;
}

static void call_it_over(struct ep_worker_pool *pool)
{
	if (atomic_exchange(&pool->over, 1) == 0)
		ep_futex_wake(&pool->over, INT32_MAX);
}

int ep_worker_pool_run(struct exitprof_context *ctx, struct exitprof_outcome *outcome)
{
	struct ep_worker_pool *pool = ctx->priv;
	uint32_t working;

	atomic_store(&pool->working, pool->created);
	atomic_store(&pool->phase, POOL_WORKS);
	if (pool->created)
		ep_futex_wake(&pool->phase, INT32_MAX);

	pool->workers[0].done = pool->work(ctx, 0, pool->threads);
	while ((working = atomic_load(&pool->working)) > 0) {
		if (ctx->stopped(ctx))
			call_it_over(pool);
		/* Bounded, for a stop that came just before the wait. */
		ep_futex_wait(&pool->working, working, ep_clock_now_ns() + NSEC_PER_SEC);
	}
	for (unsigned int i = 0; i < pool->threads; i++)
		outcome->operations += pool->workers[i].done;
	return 0;
}

bool ep_worker_pool_sleep_until(const struct exitprof_context *ctx, uint64_t deadline_ns)
{
	struct ep_worker_pool *pool = ctx->priv;
	uint64_t now = ep_clock_now_ns();
	uint64_t bound = now + NSEC_PER_SEC;

	if (now >= deadline_ns)
		return true;
	/* Bounded, for a stop that came just before the wait. */
	if (ep_futex_wait(&pool->over, 0, deadline_ns < bound ? deadline_ns : bound) != -ETIMEDOUT)
		return false;
	return deadline_ns < bound;
}

void ep_worker_pool_teardown(struct exitprof_context *ctx)
{
	struct ep_worker_pool *pool = ctx->priv;

	if (!pool)
		return;
	atomic_store(&pool->phase, POOL_ENDS);
	ep_futex_wake(&pool->phase, INT32_MAX);
	for (unsigned int i = 1; i <= pool->created; i++)
		pthread_join(pool->workers[i].thread, NULL);
	if (pool->pinned)
		sched_setaffinity(0, pool->cpus_size, pool->cpus);
	CPU_FREE(pool->cpus);
	free(pool->workers);
	free(pool);
	ctx->priv = NULL;
}
