// SPDX-License-Identifier: GPL-3.0-or-later
#include <inttypes.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench/bench.h"
#include "cli/command.h"
#include "cli/complete.h"
#include "cli/machine.h"
#include "cli/output.h"
#include "cli/stop.h"
#include "cli/table.h"
#include "cli/terminal.h"
#include "core/base/cleanup.h"
#include "core/base/closest_match.h"
#include "core/base/value.h"
#include "core/counters/snapshot.h"
#include "print/bench.h"

#define ANY_CPU UINT64_MAX

static const char help[] =
	"Usage: exitprof bench [PROBE...] [OPTION...]\n"
	"\n"
	"Measures what it costs to leave guest mode, for every way that a program has to cause\n"
	"it. Works in any virtual machine; where the host is patched, also tells which exits\n"
	"each caused, and how the time divides.\n"
	"\n"
	"Examples:\n"
	"  exitprof bench                          all of them, a few seconds\n"
	"  sudo exitprof bench                     also those that need root\n"
	"  exitprof bench cpuid hypercall -d 2s    figures to publish\n"
	"  exitprof bench --list                   what there is, and why some do not work here\n"
	"  exitprof bench --json > this-host.json  to compare with another host\n";

static const char notes[] = "Ctrl-C ends it and keeps what was measured.\n";

/* @probes: @count of them; @named: the user chose them */
struct request {
	uint64_t duration_ns;
	uint64_t cpu;
	const char *folder;
	const char *dialect;
	bool list;
	bool named;
	enum ep_output_format format;
	const struct ep_probe *probes[EP_PROBES_MAX];
	size_t count;
};

static const struct ep_option options[] = {
	{ "duration", 'd', "TIME",
	  "how long each probe is measured: 250ms, 2s; a bare number is seconds",
	  EP_DURATION(duration_ns, 1, UINT64_MAX), .initial = "250ms" },
	{ "cpu", 0, "N", "run on that CPU (default: the first that may be used)",
	  EP_COUNT(cpu, 0, CPU_SETSIZE - 1), .unset = ANY_CPU, .expects = "the number of a CPU" },
	{ "folder", 0, "DIR", "where disk-write makes a file without a name", EP_TEXT(folder),
	  .initial = "/var/tmp" },
	{ "list", 0, NULL, "show the probes, and run none", EP_SWITCH(list) },
	EP_OPTION_DIALECT(dialect),
	EP_OPTION_CSV(format, "print a line of CSV for each instead of the table"),
	EP_OPTION_JSON(format, "print JSON instead, with every reason"),
	{},
};

static int unknown_probe(const char *name)
{
	const char *names[EP_PROBES_MAX], *nearest;

	for (size_t i = 0; i < ep_probe_count; i++)
		names[i] = ep_probes[i]->name;
	nearest = ep_closest_match(name, names, ep_probe_count);
	ep_say("bench: no probe '%s'", name);
	if (nearest)
		ep_say_hint("did you mean '%s'?", nearest);
	else
		ep_say_hint("see 'exitprof bench --list'");
	return EP_STATUS_USAGE;
}

static int choose(struct request *request, int count, char **names)
{
	const struct ep_probe *probe;
	bool chosen[EP_PROBES_MAX] = {};

	for (int i = 0; i < count; i++) {
		probe = ep_probe_find(names[i]);
		if (!probe)
			return unknown_probe(names[i]);
		for (size_t j = 0; j < ep_probe_count; j++)
			chosen[j] |= ep_probes[j] == probe;
	}
	request->named = count;
	for (size_t i = 0; i < ep_probe_count; i++)
		if (!count || chosen[i])
			request->probes[request->count++] = ep_probes[i];
	return EP_STATUS_DONE;
}

/* Of the CPUs that may be used: the one that is wanted, and another, or -1. */
static int bind_to_cpu(uint64_t wanted, struct ep_bench *bench)
{
	cpu_set_t allowed, only;
	int first = -1;

	bench->peer = -1;
	sched_getaffinity(0, sizeof(allowed), &allowed);
	for (int i = 0; i < CPU_SETSIZE; i++) {
		if (!CPU_ISSET(i, &allowed))
			continue;
		if (first < 0 && (wanted == ANY_CPU || (uint64_t)i == wanted))
			first = i;
		else if (bench->peer < 0)
			bench->peer = i;
	}
	if (first < 0) {
		ep_say("CPU %" PRIu64 " does not exist, or this process may not use it", wanted);
		ep_say_hint("see 'taskset -cp $$' for those that it may");
		return EP_STATUS_USAGE;
	}
	bench->cpu = first;
	CPU_ZERO(&only);
	CPU_SET(first, &only);
	if (!sched_setaffinity(0, sizeof(only), &only))
		return EP_STATUS_DONE;
	ep_say("cannot stay on CPU %d: %m", first);
	return EP_STATUS_FAILED;
}

/* proc(5): the eighth number of the CPU's line. 0 if the kernel does not say. */
static uint64_t stolen_ns(unsigned int cpu)
{
	_cleanup_fclose_ FILE *file = fopen("/proc/stat", "re");
	unsigned long long stolen;
	char line[512], name[32];
	size_t length;

	snprintf(name, sizeof(name), "cpu%u ", cpu);
	length = strlen(name);
	while (file && fgets(line, sizeof(line), file))
		if (!strncmp(line, name, length) &&
		    sscanf(line + length, "%*u %*u %*u %*u %*u %*u %*u %llu", &stolen) == 1)
			return stolen * (1000000000 / sysconf(_SC_CLK_TCK));
	return 0;
}

static void list(const struct request *request, struct ep_bench *bench)
{
	static const struct ep_column columns[] = {
		{ "probe" },
		{ "here" },
		{ "what it does" },
		{},
	};
	_cleanup_(ep_table_cleanup) struct ep_table *table = ep_table_create(columns);
	char reasons[EP_PROBES_MAX][sizeof(bench->skip)];

	for (size_t i = 0; i < request->count; i++) {
		const struct ep_probe *probe = request->probes[i];

		bench->skip[0] = '\0';
		if ((!probe->setup || !probe->setup(bench)) && probe->teardown)
			probe->teardown(bench);
		snprintf(reasons[i], sizeof(reasons[i]), "%s", bench->skip);
		ep_table_add(table, probe->name, reasons[i][0] ? "no" : "yes", probe->summary);
	}
	ep_table_print(table);
	for (size_t i = 0; i < request->count; i++)
		if (reasons[i][0])
			ep_terminal_print(stdout, 2, "skip: %s: %s\n", request->probes[i]->name,
					  reasons[i]);
}

static int measure(const struct request *request, struct ep_bench_record *record,
		   struct ep_bench *bench, struct ep_reader *reader)
{
	_cleanup_(ep_bencher_cleanup) struct ep_bencher *bencher =
		ep_bencher_create(record->tsc, reader);
	uint64_t stolen = stolen_ns(bench->cpu);
	bool any = false;

	if (!bencher) {
		ep_say("out of memory");
		return EP_STATUS_FAILED;
	}
	for (size_t i = 0; i < request->count; i++) {
		ep_say_progress("%s (%zu of %zu)", request->probes[i]->name, i + 1, request->count);
		ep_bench_measure(bencher, request->probes[i], bench, request->duration_ns,
				 &record->results[i]);
		any |= !record->results[i].skip[0];
	}
	ep_say_progress(NULL);
	record->count = request->count;
	record->overhead = ep_bencher_overhead(bencher);
	record->stale = ep_bencher_stale(bencher);
	record->stolen_ns = stolen_ns(bench->cpu) - stolen;
	record->interrupted = ep_stop_interrupted();
	/* A signal nudges until then, and would end a write to a pipe that is full. */
	ep_stop_disarm();
	ep_print_bench(record, request->format);
	if (!any)
		ep_say("nothing was measured");
	return any ? EP_STATUS_DONE : EP_STATUS_FAILED;
}

/* Not a failure: there is nothing to be measured. */
static int explain_bare(const struct request *request, const struct ep_bench_record *record)
{
	static const char sentence[] =
		"this is not a virtual machine (CPUID has no hypervisor bit): nothing here exits, "
		"so there is nothing to measure";

	ep_print_bench(record, request->format);
	if (request->format == EP_OUTPUT_TABLE)
		ep_terminal_print(stdout, 0, "%s\n", sentence);
	else
		ep_say("%s", sentence);
	return EP_STATUS_DONE;
}

static int bench(const struct request *request)
{
	_cleanup_free_ struct ep_bench_record *record = calloc(1, sizeof(*record));
	struct ep_bench lent = { .folder = request->folder, .named = request->named };
	struct ep_machine machine;
	struct ep_reader reader;
	struct ep_tsc_clock clock;
	struct ep_tsc tsc;
	int code, status;

	code = ep_machine_init(&machine);
	if (code == -EINVAL)
		return EP_STATUS_USAGE;
	if (!record)
		return EP_STATUS_FAILED;
	lent.host = record->host = &machine.host;
	record->duration_ns = request->duration_ns;
	if (!machine.host.in_vm && !request->list)
		return explain_bare(request, record);
	status = bind_to_cpu(request->cpu, &lent);
	if (!status && machine.host.patched)
		status = ep_machine_speak(&machine, request->dialect);
	if (status)
		return status;
	if (request->list) {
		list(request, &lent);
		return EP_STATUS_DONE;
	}
	code = ep_stop_init();
	if (code) {
		errno = -code;
		ep_say("cannot make a timer: %m");
		return EP_STATUS_FAILED;
	}
	if (machine.host.patched)
		ep_reader_init(&reader, &machine.host, true);
	ep_tsc_clock_init(&clock);
	ep_tsc_identify(&tsc, &machine.host, &clock);
	record->tsc = &tsc;
	record->cpu = lent.cpu;
	return measure(request, record, &lent, machine.host.patched ? &reader : NULL);
}

static int bench_command(const struct ep_command *command, void *data, int argc, char **argv)
{
	struct request *request = data;
	int status;

	if (request->list && request->format != EP_OUTPUT_TABLE)
		return ep_command_misused(command, "--list is a table only");
	status = choose(request, argc, argv);
	return status ? status : bench(request);
}

static bool complete(const struct ep_completion *completion, const char *option)
{
	if (option)
		return false;
	for (size_t i = 0; i < ep_probe_count; i++)
		ep_complete_offer(completion, ep_probes[i]->name, ep_probes[i]->summary);
	return true;
}

const struct ep_command ep_command_bench = {
	.name = "bench",
	.summary = "what leaving guest mode costs, in any VM",
	.help = help,
	.notes = notes,
	.options = options,
	.request_size = sizeof(struct request),
	.arguments = EP_ARGUMENTS_NAMES,
	.complete = complete,
	.run = bench_command,
};
