/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * clock.h - the clock of the simulated host: time passes only as a test says
 *
 * A sleep moves the clock to its end at once. While exitprof waits for somebody else, a
 * command that it runs for instance, time stands still. The feed, a FIFO that the test and
 * its commands write to, moves it, and has the guest do something. It is read word by word,
 * whenever a wait lasts longer than time has passed; a line has one or more of
 *
 *	pass 20ms	time passes, and whoever waits in it wakes up when it is time
 *	stall 20ms	time passes, and nobody runs meanwhile: whoever waits wakes up late
 *	nap 5		the guest sleeps 5 times: an HLT and two I/O exits each
 *	hold		from now on only the feed moves the clock: a sleep waits for it
 *	free		no longer
 *
 * When exitprof has done all that was due and waits for the next line, it writes an empty
 * line to FEED.done, if there is such a FIFO, for each line that it has read. So after
 *
 *	echo 'pass 25ms nap 5 pass 5ms' >feed; read -r <feed.done
 *
 * a recording at an interval of 10 ms that was held has exactly three samples more, and the
 * five HLTs are in the third one.
 *
 * Reading the clock takes no time; CPU time is what the process spent on CPUIDs.
 */
#ifndef EP_CORE_SIM_CLOCK_H
#define EP_CORE_SIM_CLOCK_H

#include <pthread.h>

#include "core/base/clock.h"

#define EP_SIM_CLOCK_START_NS UINT64_C(100000000000)

/*
 * @clock: the first member, for ep_clock_replace()
 * @lock: of all that follows; a workload and what ticks beside it are threads
 * @now_ns: starts at EP_SIM_CLOCK_START_NS
 * @granted_ns: up to there time may pass
 * @cpu_ns: of all threads together; ep_sim_init() does not know the clock, see sim.h
 * @naps: so far
 * @held: a sleep waits for the feed
 * @feed, @done: file descriptors, or -1
 * @unanswered: lines read since an answer was written
 * @text, @length: read from the feed and not looked at yet
 */
struct ep_sim_clock {
	struct ep_clock clock;
	pthread_mutex_t lock;
	uint64_t now_ns;
	uint64_t granted_ns;
	uint64_t cpu_ns;
	uint64_t naps;
	bool held;
	int feed;
	int done;
	unsigned int unanswered;
	size_t length;
	char text[4096];
};

/*
 * @feed: the path of a FIFO, or NULL. Returns 0 or a negative errno. Lines that cannot be
 * understood end the process by abort(). Not to be moved.
 */
int ep_sim_clock_init(struct ep_sim_clock *clock, const char *feed);
void ep_sim_clock_finish(struct ep_sim_clock *clock);

/* Time passes. */
void ep_sim_clock_pass(struct ep_sim_clock *clock, uint64_t ns);

/* The guest's naps so far; and the process's CPU time grows. */
uint64_t ep_sim_clock_naps(struct ep_sim_clock *clock);
void ep_sim_clock_spend(struct ep_sim_clock *clock, uint64_t cpu_ns);

#endif /* EP_CORE_SIM_CLOCK_H */
