// SPDX-License-Identifier: GPL-3.0-or-later
#include <err.h>
#include <pthread.h>
#include <sched.h>
#include <string.h>

#include "contract.h"
#include "load.h"
#include "readers.h"

#define READERS	    6
#define READ_ON	    3 /* vCPUs; one more causes exits */
#define ROWS	    4 /* that are read of one table */
#define FIELDS	    (EXITPROF_FIELD_HISTOGRAM + EXITPROF_BUCKETS / 2)
#define FIELDS_HALF (FIELDS / 2)

static struct vm vm;
static uint32_t nr_rows;
/* Who holds it runs the vCPU, whose latest table is @last_id. */
static pthread_mutex_t held[READ_ON] = { PTHREAD_MUTEX_INITIALIZER, PTHREAD_MUTEX_INITIALIZER,
					 PTHREAD_MUTEX_INITIALIZER };
static uint32_t last_id[READ_ON];

struct reader {
	pthread_t thread;
	uint64_t state;
	uint64_t count;
	unsigned int on; /* vCPU */
	struct readers_counts counts;
};

static void ask(struct reader *reader, const uint32_t *subleaves, unsigned int nr,
		struct vm_answer *answers)
{
	struct vm_vcpu *vcpu = &vm.vcpus[reader->on];
	uint32_t random = load_random(&reader->state), id;
	unsigned int i;

	pthread_mutex_lock(&held[reader->on]);
	for (i = 0; i < nr; i++) {
		vcpu->requests[i].leaf = EXITPROF_LEAF_LATCH;
		vcpu->requests[i].subleaf = subleaves[i];
	}
	vm_run_batch(vcpu, random % VM_MODES, !(random >> 8 & 7), false, nr);
	memcpy(answers, vcpu->answers, nr * sizeof(*answers));
	if (subleaves[0] == (EXITPROF_LATCH | EXITPROF_SCOPE_VM)) {
		id = answers[0].reg[0];
		for (i = 0; i < READ_ON; i++) {
			if (!id || id == __atomic_load_n(&last_id[i], __ATOMIC_RELAXED))
				errx(1, "vCPU %u has latched table %#x, as vCPU %u has", reader->on,
				     id, i);
		}
		__atomic_store_n(&last_id[reader->on], id, __ATOMIC_RELAXED);
	}
	pthread_mutex_unlock(&held[reader->on]);
	reader->counts.answers += nr;
	for (i = 0; i < nr; i++) {
		if ((answers[i].reg[0] | answers[i].reg[1] | answers[i].reg[2] |
		     answers[i].reg[3]) >>
		    32)
			errx(1, "subleaf %#x: upper half of a register", subleaves[i]);
	}
}

/* The guest's scheduler comes by. */
static void maybe_move(struct reader *reader)
{
	if (load_random(&reader->state) % 16 == 0)
		reader->on = load_random(&reader->state) % READ_ON;
	if (load_random(&reader->state) % 4 == 0)
		sched_yield();
}

static uint64_t pair(const struct vm_answer *answer, unsigned int i)
{
	return answer->reg[i + 1] << 32 | answer->reg[i];
}

static void check_row(uint32_t row, const struct vm_answer *fields)
{
	uint64_t exits = pair(&fields[0], 0), cycles = pair(&fields[0], 2);
	uint64_t away = pair(&fields[1], 0), sum = 0;
	unsigned int i;

	for (i = EXITPROF_FIELD_HISTOGRAM; i < FIELDS; i++)
		sum += pair(&fields[i], 0) + pair(&fields[i], 2);
	if (sum != exits || away < cycles)
		errx(1,
		     "row %u of one table, read in two: %llu exits, %llu in the histogram, "
		     "%llu cycles, %llu away",
		     row, (unsigned long long)exits, (unsigned long long)sum,
		     (unsigned long long)cycles, (unsigned long long)away);
}

static void read_table(struct reader *reader)
{
	uint32_t subleaves[FIELDS], rows[ROWS], id, i, field;
	struct vm_answer fields[ROWS][FIELDS], answer;
	unsigned int latched_on = reader->on;
	bool moved = false;

	subleaves[0] = EXITPROF_LATCH | EXITPROF_SCOPE_VM;
	ask(reader, subleaves, 1, &answer);
	id = answer.reg[0];
	if (answer.reg[1] != latched_on || answer.reg[2] != nr_rows)
		errx(1, "vCPU %u has latched as %llu, with %llu rows", latched_on,
		     (unsigned long long)answer.reg[1], (unsigned long long)answer.reg[2]);
	for (i = 0; i < ROWS; i++) {
		rows[i] = load_random(&reader->state) % nr_rows;
		for (field = 0; field < FIELDS; field++)
			subleaves[field] = EXITPROF_LATCH_ROW | field << 16 | rows[i];
		maybe_move(reader);
		moved |= reader->on != latched_on;
		ask(reader, subleaves, FIELDS_HALF, fields[i]);
		maybe_move(reader);
		moved |= reader->on != latched_on;
		ask(reader, subleaves + FIELDS_HALF, FIELDS - FIELDS_HALF, fields[i] + FIELDS_HALF);
	}
	subleaves[0] = EXITPROF_LATCH_BITMAP;
	ask(reader, subleaves, 1, &answer);
	if (reader->on != latched_on && answer.reg[3] == id)
		errx(1, "vCPU %u has table %#x, which vCPU %u has latched", reader->on, id,
		     latched_on);
	if (moved || reader->on != latched_on) {
		reader->counts.moved++;
	} else if (answer.reg[3] != id) {
		reader->counts.replaced++;
	} else {
		for (i = 0; i < ROWS; i++)
			check_row(rows[i], fields[i]);
		reader->counts.whole++;
	}
}

static void *reader_main(void *argument)
{
	struct reader *reader = argument;

	load_hop_me();
	while (reader->counts.answers < reader->count)
		read_table(reader);
	return NULL;
}

void readers_run(uint64_t count, uint64_t seed, struct readers_counts *ret)
{
	static struct reader readers[READERS];
	static struct contract contract;
	unsigned int i;

	memset(ret, 0, sizeof(*ret));
	vm_create(&vm, READ_ON + 1, false);
	contract_start(&contract, &vm.vcpus[0]);
	nr_rows = contract.host.nr_rows;
	load_storm(&vm.vcpus[READ_ON]);
	load_hop();
	for (i = 0; i < READERS; i++) {
		readers[i] = (struct reader){
			.state = seed * 7919 + i,
			.count = count / READERS + 1,
			.on = i % READ_ON,
		};
		if (pthread_create(&readers[i].thread, NULL, reader_main, &readers[i]))
			errx(1, "cannot start a thread");
	}
	for (i = 0; i < READERS; i++) {
		pthread_join(readers[i].thread, NULL);
		ret->answers += readers[i].counts.answers;
		ret->whole += readers[i].counts.whole;
		ret->replaced += readers[i].counts.replaced;
		ret->moved += readers[i].counts.moved;
	}
	load_stop();
	vm_destroy(&vm);
	if (!ret->whole || !ret->replaced || !ret->moved)
		errx(1, "readers: %llu tables whole, %llu replaced, %llu moved: each must happen",
		     (unsigned long long)ret->whole, (unsigned long long)ret->replaced,
		     (unsigned long long)ret->moved);
}
