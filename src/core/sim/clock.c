// SPDX-License-Identifier: GPL-3.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/cleanup.h"
#include "core/base/value.h"
#include "core/sim/clock.h"

#define FILES_MAX 8
#define WORD_MAX  32

static struct ep_sim_clock *self(struct ep_clock *clock)
{
	return (struct ep_sim_clock *)clock;
}

/* Fills the buffer until there is a whole line in it. */
static bool has_line(struct ep_sim_clock *clock)
{
	ssize_t length;

	if (memchr(clock->text, '\n', clock->length))
		return true;
	if (clock->feed < 0)
		return false;
	length =
		read(clock->feed, clock->text + clock->length, sizeof(clock->text) - clock->length);
	if (length > 0)
		clock->length += length;
	return memchr(clock->text, '\n', clock->length);
}

/* The next word of the line, which is @ret, or "" at its end. */
static char *take_word(struct ep_sim_clock *clock, char ret[WORD_MAX])
{
	size_t begin = 0, end;

	while (clock->text[begin] == ' ')
		begin++;
	for (end = begin; !strchr(" \n", clock->text[end]);)
		end++;
	snprintf(ret, WORD_MAX, "%.*s", (int)(end - begin), clock->text + begin);
	clock->length -= end;
	memmove(clock->text, clock->text + end, clock->length);
	return ret;
}

static uint64_t take_duration(struct ep_sim_clock *clock)
{
	char word[WORD_MAX];
	uint64_t ns;

	if (ep_value_parse(EXITPROF_OPTION_DURATION, take_word(clock, word), &ns))
		abort();
	return ns;
}

/* Obeys the next word, with what belongs to it. Returns whether there was one. */
static bool obey_next(struct ep_sim_clock *clock)
{
	char word[WORD_MAX];

	if (!has_line(clock))
		return false;
	take_word(clock, word);
	if (!word[0]) {
		clock->unanswered++;
		memmove(clock->text, clock->text + 1, --clock->length);
	} else if (!strcmp(word, "pass")) {
		clock->granted_ns += take_duration(clock);
	} else if (!strcmp(word, "stall")) {
		clock->granted_ns += take_duration(clock);
		clock->now_ns = clock->granted_ns;
	} else if (!strcmp(word, "nap")) {
		clock->naps += strtoull(take_word(clock, word), NULL, 10);
	} else if (!strcmp(word, "hold") || !strcmp(word, "free")) {
		clock->held = word[0] == 'h';
	} else {
		abort();
	}
	return true;
}

static void answer(struct ep_sim_clock *clock)
{
	for (; clock->unanswered; clock->unanswered--)
		if (clock->done >= 0 && write(clock->done, "\n", 1) < 0)
			continue;
}

/* Until a file is ready, the feed included. Without the lock, for other threads' sake. */
static int block(struct ep_sim_clock *clock, struct pollfd *files, nfds_t count,
		 const sigset_t *mask, const struct timespec *timeout)
{
	struct pollfd all[FILES_MAX];
	int ready;

	if (count >= FILES_MAX)
		return -EINVAL;
	for (nfds_t i = 0; i < count; i++)
		all[i] = files[i];
	all[count] = (struct pollfd){ .fd = clock->feed, .events = POLLIN };
	pthread_mutex_unlock(&clock->lock);
	ready = ppoll(all, count + 1, timeout, mask);
	if (ready < 0)
		ready = -errno;
	pthread_mutex_lock(&clock->lock);
	for (nfds_t i = 0; i < count; i++)
		files[i].revents = all[i].revents;
	/* What was said before a file became ready comes before it. */
	return all[count].revents ? 0 : ready;
}

static int wait_until(struct ep_sim_clock *clock, uint64_t until_ns, struct pollfd *files,
		      nfds_t count, const sigset_t *mask, bool alone)
{
	static const struct timespec at_once;

	while (until_ns > clock->granted_ns) {
		bool flows;
		int ready;

		clock->now_ns = clock->granted_ns;
		if (obey_next(clock))
			continue;
		flows = alone && !clock->held && until_ns != EP_CLOCK_NEVER;
		if (!flows)
			answer(clock);
		ready = block(clock, files, count, mask, flows ? &at_once : NULL);
		if (ready)
			return ready;
		if (flows && !obey_next(clock))
			clock->granted_ns = until_ns;
	}
	if (clock->now_ns < until_ns)
		clock->now_ns = until_ns;
	return 0;
}

static int sim_wait(struct ep_clock *clock, uint64_t until_ns, struct pollfd *files, nfds_t count,
		    const sigset_t *mask, bool alone)
{
	struct ep_sim_clock *sim = self(clock);
	int ready;

	for (nfds_t i = 0; i < count; i++)
		files[i].revents = 0;
	pthread_mutex_lock(&sim->lock);
	ready = wait_until(sim, until_ns, files, count, mask, alone);
	pthread_mutex_unlock(&sim->lock);
	return ready;
}

static void sim_catch_up(struct ep_clock *clock)
{
	struct ep_sim_clock *sim = self(clock);

	pthread_mutex_lock(&sim->lock);
	while (obey_next(sim))
		;
	sim->now_ns = sim->granted_ns;
	pthread_mutex_unlock(&sim->lock);
}

static uint64_t locked(struct ep_sim_clock *clock, const uint64_t *value)
{
	uint64_t copy;

	pthread_mutex_lock(&clock->lock);
	copy = *value;
	pthread_mutex_unlock(&clock->lock);
	return copy;
}

static uint64_t sim_now(struct ep_clock *clock)
{
	return locked(self(clock), &self(clock)->now_ns);
}

static uint64_t sim_cpu(struct ep_clock *clock)
{
	return locked(self(clock), &self(clock)->cpu_ns);
}

void ep_sim_clock_pass(struct ep_sim_clock *clock, uint64_t ns)
{
	pthread_mutex_lock(&clock->lock);
	clock->granted_ns += ns;
	clock->now_ns = clock->granted_ns;
	pthread_mutex_unlock(&clock->lock);
}

uint64_t ep_sim_clock_naps(struct ep_sim_clock *clock)
{
	return locked(clock, &clock->naps);
}

void ep_sim_clock_spend(struct ep_sim_clock *clock, uint64_t cpu_ns)
{
	pthread_mutex_lock(&clock->lock);
	clock->cpu_ns += cpu_ns;
	pthread_mutex_unlock(&clock->lock);
}

int ep_sim_clock_init(struct ep_sim_clock *clock, const char *feed)
{
	char done[4096];

	*clock = (struct ep_sim_clock){
		.clock = {
			.now = sim_now,
			.cpu = sim_cpu,
			.wait = sim_wait,
			.catch_up = sim_catch_up,
		},
		.lock = PTHREAD_MUTEX_INITIALIZER,
		.now_ns = EP_SIM_CLOCK_START_NS,
		.granted_ns = EP_SIM_CLOCK_START_NS,
		.feed = -1,
		.done = -1,
	};
	if (!feed)
		return 0;
	/* For writing, too: no end of file whenever a writer goes. */
	clock->feed = open(feed, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	if (clock->feed < 0)
		return -errno;
	snprintf(done, sizeof(done), "%s.done", feed);
	clock->done = open(done, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	return 0;
}

void ep_sim_clock_finish(struct ep_sim_clock *clock)
{
	ep_cleanup_close(&clock->feed);
	ep_cleanup_close(&clock->done);
}
