/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * worker_pool.h - threads that start at the same moment, each on a CPU of its own
 *
 * Creating a thread costs exits that belong to no measured work, so a worker pool
 * is made in setup(), waits on a futex, and starts to work in run(). Worker 0 is the
 * calling thread itself: a pool of one makes no thread at all.
 *
 *	static int mine_setup(struct exitprof_context *ctx)
 *	{
 *		return ep_worker_pool_setup(ctx, ctx->values[OPTION_THREADS].u64, work, 0);
 *	}
 *
 *	EXITPROF_WORKLOAD(
 *		...
 *		.setup = mine_setup,
 *		.run = ep_worker_pool_run,
 *		.teardown = ep_worker_pool_teardown);
 *
 * The pool is ctx->priv from setup() to teardown(), and keeps the workload's own data.
 */
#ifndef EXITPROF_WORKLOAD_WORKER_POOL_H
#define EXITPROF_WORKLOAD_WORKER_POOL_H

#include <stdbool.h>
#include <stdint.h>

#include <exitprof/workload.h>

/*
 * What worker @index of @threads does: works until its share is done or
 * ctx->stopped() says so, and returns how many operations it did. It must look
 * at stopped() often: the end of a run waits for every worker.
 */
typedef uint64_t ep_worker_pool_work(const struct exitprof_context *ctx, unsigned int index,
				     unsigned int threads);

/* How many CPUs the calling thread may run on, at least 1. */
unsigned int ep_worker_pool_cpus(void);

/*
 * Makes @threads - 1 threads that wait, and pins them and the calling thread to a CPU
 * each until teardown; @threads 0 is one for every CPU. @data_size is that of the
 * workload's own data. Returns 0, or the value of ctx->fail().
 */
int ep_worker_pool_setup(struct exitprof_context *ctx, uint64_t threads, ep_worker_pool_work *work,
			 size_t data_size);

/* The same with at least 1 thread, and several to a CPU where there are too few. */
int ep_worker_pool_setup_crowded(struct exitprof_context *ctx, uint64_t threads,
				 ep_worker_pool_work *work, size_t data_size);

/*
 * The workload's own data: zeroed by setup, aligned for a cache line, freed by teardown.
 * NULL without a pool, as in a teardown() after a setup() that failed early.
 */
void *ep_worker_pool_data(const struct exitprof_context *ctx);

unsigned int ep_worker_pool_threads(const struct exitprof_context *ctx);

/* The number of the CPU that worker @index is pinned to. */
unsigned int ep_worker_pool_cpu(const struct exitprof_context *ctx, unsigned int index);

/*
 * Once for each pool: all work, one works here; outcome->operations is the sum of what
 * they did. Returns 0.
 */
int ep_worker_pool_run(struct exitprof_context *ctx, struct exitprof_outcome *outcome);

/*
 * For a worker: sleeps until CLOCK_MONOTONIC shows @deadline_ns. False if it
 * woke earlier, which asks the worker to look at stopped() and call again.
 */
bool ep_worker_pool_sleep_until(const struct exitprof_context *ctx, uint64_t deadline_ns);

/* Ends the threads and gives the calling thread its CPUs back. Does nothing without a pool. */
void ep_worker_pool_teardown(struct exitprof_context *ctx);

/*
 * The part of @count that worker @index of @threads does; the parts add up to it.
 * Without end if @count is 0.
 */
uint64_t ep_worker_pool_share(uint64_t count, unsigned int index, unsigned int threads);

#endif /* EXITPROF_WORKLOAD_WORKER_POOL_H */
