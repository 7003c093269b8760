/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * worker_pool.h - threads that start at the same moment, each on a CPU of its own
 *
 * Creating a thread costs exits that belong to no measured work, so a worker pool
 * is made in setup(), waits on a futex, and starts to work in run(). Worker 0 is the
 * calling thread itself: a pool of one makes no thread at all.
 *
 *	err = ep_worker_pool_create(&pool, 2, work, ctx);	// setup()
 *	outcome->operations = ep_worker_pool_run(pool);	// run()
 *	ep_worker_pool_destroy(pool);				// teardown()
 */
#ifndef EXITPROF_WORKLOAD_WORKER_POOL_H
#define EXITPROF_WORKLOAD_WORKER_POOL_H

#include <stdbool.h>
#include <stdint.h>

#include <exitprof/workload.h>

struct ep_worker_pool;

/*
 * What worker @index of @threads does: works until its share is done or
 * ctx->stopped() says so, and returns how many operations it did. It must look
 * at stopped() often: the end of a run waits for every worker.
 */
typedef uint64_t ep_worker_pool_work(struct ep_worker_pool *pool,
				     const struct exitprof_context *ctx, unsigned int index,
				     unsigned int threads);

/* How many CPUs the calling thread may run on, at least 1. */
unsigned int ep_worker_pool_cpus(void);

/*
 * Makes @threads - 1 threads that wait, and pins them and the calling thread to
 * a CPU each until ep_worker_pool_destroy(). Returns 0, -ERANGE if there are fewer CPUs
 * than threads, or another negative errno.
 */
int ep_worker_pool_create(struct ep_worker_pool **ret, unsigned int threads,
			  ep_worker_pool_work *work, const struct exitprof_context *ctx);

/*
 * The same for setup(), with what the user must be told when it fails; @threads 0 is
 * one for every CPU. Returns 0, or the value of ctx->fail().
 */
int ep_worker_pool_setup(struct ep_worker_pool **ret, struct exitprof_context *ctx,
			 uint64_t threads, ep_worker_pool_work *work);

/* The same with at least 1 thread, and several to a CPU where there are too few. */
int ep_worker_pool_setup_crowded(struct ep_worker_pool **ret, struct exitprof_context *ctx,
				 uint64_t threads, ep_worker_pool_work *work);

unsigned int ep_worker_pool_threads(const struct ep_worker_pool *pool);

/* The number of the CPU that worker @index is pinned to. */
unsigned int ep_worker_pool_cpu(const struct ep_worker_pool *pool, unsigned int index);

/* Once for each pool: all work, one works here; returns the sum of what they did. */
uint64_t ep_worker_pool_run(struct ep_worker_pool *pool);

/*
 * For a worker: sleeps until CLOCK_MONOTONIC shows @deadline_ns. False if it
 * woke earlier, which asks the worker to look at stopped() and call again.
 */
bool ep_worker_pool_sleep_until(struct ep_worker_pool *pool, uint64_t deadline_ns);

/* Ends the threads and gives the calling thread its CPUs back. NULL is fine. */
void ep_worker_pool_destroy(struct ep_worker_pool *pool);

/* The part of @count that worker @index of @threads does; the parts add up to it. */
uint64_t ep_worker_pool_share(uint64_t count, unsigned int index, unsigned int threads);

#endif /* EXITPROF_WORKLOAD_WORKER_POOL_H */
