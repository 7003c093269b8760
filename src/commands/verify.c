// SPDX-License-Identifier: GPL-3.0-or-later
#include <json-c/json.h>
#include <stdio.h>
#include <string.h>

#include "cli/command.h"
#include "cli/machine.h"
#include "cli/output.h"
#include "cli/table.h"
#include "cli/terminal.h"
#include "core/base/cleanup.h"
#include "core/base/csv.h"
#include "core/base/json.h"
#include "core/base/value.h"
#include "core/result/json.h"
#include "verify/guest.h"
#include "verify/verify.h"

#define TRIP_CPUIDS 200

static const char help[] =
	"Usage: exitprof verify [OPTION...]\n"
	"\n"
	"Checks this virtual machine's host against the leaf contract, rule by rule: what each\n"
	"leaf answers in each register, whether every exit is counted, once, by every vCPU and\n"
	"for this VM alone, and whether cycles are those of handling it. Says what is wrong, and\n"
	"where in KVM to look. For everybody who has written such a change to KVM.\n"
	"\n"
	"Examples:\n"
	"  sudo exitprof verify               all checks, as a table; without root all but one\n"
	"  exitprof verify --dialect classic  a host that is not even recognised\n"
	"  exitprof verify --tap | prove -e cat -    for a test harness\n"
	"  exitprof verify --peer             while another VM of this host executes CPUIDs\n";

static const char notes[] =
	"Exit status: 0 nothing failed, 1 at least one check did, 4 the host does not answer.\n";

/* --tap is none of the usual formats. */
enum format {
	FORMAT_TABLE = EP_OUTPUT_TABLE,
	FORMAT_CSV = EP_OUTPUT_CSV,
	FORMAT_JSON = EP_OUTPUT_JSON,
	FORMAT_TAP,
};

struct request {
	const char *dialect;
	bool peer;
	uint64_t patience_ns;
	enum format format;
};

static const struct ep_option options[] = {
	{ "dialect", 0, "NAME",
	  "which leaves the host is to answer: exitprof, classic, combined, reversed; auto takes "
	  "those that it does",
	  EP_WORD(dialect, ep_dialect_names), .initial = "auto" },
	{ "peer", 0, NULL,
	  "another VM runs 'exitprof run cpuid-storm' now: its exits must not be counted here",
	  EP_SWITCH(peer) },
	{ "patience", 0, "TIME", "how long one check may provoke a counter to go beyond 32 bits",
	  EP_DURATION(patience_ns, 0, UINT64_MAX), .initial = "3s" },
	{ "tap", 0, NULL, "print TAP 13, one line a check as soon as it is done",
	  EP_SELECT(format, FORMAT_TAP) },
	EP_OPTION_CSV(format, "print CSV"),
	EP_OPTION_JSON(format, "print JSON"),
	{},
};

/* A new group is one file and one line. */
static const struct {
	const char *name;
	const struct ep_check *checks;
} groups[] = {
	{ "answers", ep_checks_answers }, { "counts", ep_checks_counts },
	{ "counts", ep_checks_sums },	  { "time", ep_checks_time },
	{ "scope", ep_checks_scope },	  { "exitprof", ep_checks_exitprof },
};

#define CHECKS_MAX 64

struct result {
	const char *group;
	const struct ep_check *check;
	struct ep_finding finding;
};

/* @causes: by result, the result that explains it, or NULL */
struct report {
	struct result results[CHECKS_MAX];
	const struct result *causes[CHECKS_MAX];
	size_t count;
	unsigned int verdicts[EP_CHECK_VERDICTS];
};

static const struct result *find_failed(const struct report *report, const char *name,
					size_t length)
{
	for (size_t i = 0; i < report->count; i++) {
		const struct result *result = &report->results[i];

		if (result->finding.verdict == EP_FAIL &&
		    !strncmp(result->check->name, name, length) && !result->check->name[length])
			return result;
	}
	return NULL;
}

/* What the check has seen itself comes before what usually is so. */
static const struct result *find_cause(const struct report *report, const struct result *result)
{
	const char *names = result->finding.cause ?: result->check->after ?: "";
	const struct result *cause = NULL;

	if (result->finding.verdict != EP_FAIL)
		return NULL;
	while (*names && !cause) {
		size_t length = strcspn(names, " ");

		cause = find_failed(report, names, length);
		names += length;
		names += strspn(names, " ");
	}
	return cause == result ? NULL : cause;
}

/* The root of it: a cause may have one itself. */
static const struct result *find_root(const struct report *report, const struct result *result)
{
	const struct result *root = NULL, *cause = result;

	for (size_t i = 0; i < CHECKS_MAX; i++) {
		cause = find_cause(report, cause);
		if (!cause)
			return root;
		root = cause;
	}
	return NULL;
}

static const struct result *cause_of(const struct report *report, const struct result *result)
{
	return report->causes[result - report->results];
}

static const char *cause_name(const struct report *report, const struct result *result)
{
	const struct result *cause = cause_of(report, result);

	return cause ? cause->check->name : "";
}

static const char *look_of(const struct result *result)
{
	return result->finding.look ?: result->check->look;
}

/* Again after each check, as a later one may be the cause of an earlier one. */
static void rank(struct report *report)
{
	for (size_t i = 0; i < report->count; i++)
		report->causes[i] = find_root(report, &report->results[i]);
}

static size_t count_checks(void)
{
	size_t count = 0;

	for (size_t i = 0; i < ARRAY_SIZE(groups); i++)
		for (const struct ep_check *check = groups[i].checks; check->name; check++)
			count++;
	return count;
}

/* A plan first, then each line when it is due: a host that crashes on the next one is known. */
static void print_tap(const struct report *report, const struct result *result)
{
	size_t number = result - report->results + 1;
	const struct ep_finding *finding = &result->finding;
	bool failed = finding->verdict == EP_FAIL;

	printf("%sok %zu - %s: %s", failed ? "not " : "", number, result->check->name,
	       result->check->rule);
	if (finding->verdict == EP_SKIP)
		printf(" # SKIP %s", finding->text);
	putchar('\n');
	if (failed)
		printf("  ---\n  found: \"%s\"\n  look: \"%s\"\n", finding->text, look_of(result));
	if (failed && cause_of(report, result))
		printf("  cause: \"%s\"\n", cause_name(report, result));
	if (failed)
		puts("  ...");
	for (size_t i = 0; i < report->count && failed; i++)
		if (i + 1 < number && report->causes[i] == result)
			printf("# explains %s\n", report->results[i].check->name);
	if (finding->verdict == EP_WARN)
		printf("# warning: %s\n", finding->text);
	fflush(stdout);
}

static void run_check(struct ep_verify *verify, const struct ep_check *check,
		      struct ep_finding *ret)
{
	if (check->by_reason && verify->host->totals)
		ep_find(ret, EP_SKIP, EP_TOTALS);
	else
		check->run(verify, ret);
}

static void run_checks(struct ep_verify *verify, struct report *report, bool tap)
{
	if (tap)
		printf("TAP version 13\n1..%zu\n", count_checks());
	for (size_t i = 0; i < ARRAY_SIZE(groups); i++) {
		for (const struct ep_check *check = groups[i].checks; check->name; check++) {
			struct result *result = &report->results[report->count++];

			ep_say_progress("%s: %s", check->name, check->rule);
			*result = (struct result){ groups[i].name, check, {} };
			run_check(verify, check, &result->finding);
			report->verdicts[result->finding.verdict]++;
			ep_guest_unpin(verify->host->cpuid);
			rank(report);
			if (tap)
				print_tap(report, result);
		}
	}
	ep_say_progress(NULL);
}

static void print_consequences(const struct report *report, const struct result *cause)
{
	for (size_t i = 0; i < report->count; i++)
		if (report->causes[i] == cause)
			ep_terminal_print(stdout, 4, "  explains %s: %s\n",
					  report->results[i].check->name,
					  report->results[i].finding.text);
}

static void print_findings(const struct report *report, enum ep_check_verdict verdict)
{
	for (size_t i = 0; i < report->count; i++) {
		const struct result *result = &report->results[i];

		if (result->finding.verdict != verdict || cause_of(report, result))
			continue;
		if (verdict == EP_SKIP) {
			ep_terminal_print(stdout, 2, "skipped %s: %s\n", result->check->name,
					  result->finding.text);
			continue;
		}
		ep_terminal_print(stdout, 2, "%s %s: %s\n  look at: %s\n",
				  ep_check_verdict_name(verdict), result->check->name,
				  result->finding.text, look_of(result));
		print_consequences(report, result);
		putchar('\n');
	}
}

static void print_table(const struct ep_verify *verify, const struct report *report)
{
	static const struct ep_column columns[] = { { "check" }, { "" }, { "rule" }, {} };
	_cleanup_(ep_table_cleanup) struct ep_table *table = ep_table_create(columns);
	const char *dialect = verify->offers_latch ? "exitprof" : verify->host->dialect->name;

	for (size_t i = 0; i < report->count; i++) {
		const struct result *result = &report->results[i];

		ep_table_add(table, result->check->name,
			     ep_check_verdict_name(result->finding.verdict), result->check->rule);
	}
	ep_table_print(table);
	putchar('\n');
	print_findings(report, EP_FAIL);
	print_findings(report, EP_WARN);
	print_findings(report, EP_SKIP);
	ep_terminal_print(stdout, 2,
			  "%s host, dialect %s: %u passed, %u failed, %u warnings, %u skipped\n",
			  ep_reasons_vendor_name(verify->host->vendor), dialect,
			  report->verdicts[EP_PASS], report->verdicts[EP_FAIL],
			  report->verdicts[EP_WARN], report->verdicts[EP_SKIP]);
}

static void print_csv(const struct report *report)
{
	puts("group,check,verdict,rule,found,look,cause");
	for (size_t i = 0; i < report->count; i++) {
		const struct result *result = &report->results[i];

		ep_csv_text(stdout, result->group, ',');
		ep_csv_text(stdout, result->check->name, ',');
		ep_csv_text(stdout, ep_check_verdict_name(result->finding.verdict), ',');
		ep_csv_text(stdout, result->check->rule, ',');
		ep_csv_text(stdout, result->finding.text, ',');
		ep_csv_text(stdout, look_of(result), ',');
		ep_csv_text(stdout, cause_name(report, result), '\n');
	}
}

static void print_json(const struct ep_verify *verify, const struct report *report)
{
	struct json_object *json = json_object_new_object();
	struct json_object *checks = json_object_new_array();
	struct json_object *host = ep_result_json_host(verify->host);

	if (verify->offers_latch)
		ep_json_add_text(host, "dialect", "exitprof");
	json_object_object_add(json, "host", host);
	for (int verdict = 0; verdict < EP_CHECK_VERDICTS; verdict++) {
		char name[32];

		snprintf(name, sizeof(name), "%s_count", ep_check_verdict_name(verdict));
		json_object_object_add(json, name,
				       json_object_new_int64(report->verdicts[verdict]));
	}
	for (size_t i = 0; i < report->count; i++) {
		const struct result *result = &report->results[i];
		struct json_object *entry = json_object_new_object();

		ep_json_add_text(entry, "group", result->group);
		ep_json_add_text(entry, "check", result->check->name);
		ep_json_add_text(entry, "verdict", ep_check_verdict_name(result->finding.verdict));
		ep_json_add_text(entry, "rule", result->check->rule);
		ep_json_add_text(entry, "found", result->finding.text);
		ep_json_add_text(entry, "look", look_of(result));
		ep_json_add_text(entry, "cause",
				 cause_of(report, result) ? cause_name(report, result) : NULL);
		json_object_array_add(checks, entry);
	}
	json_object_object_add(json, "checks", checks);
	ep_output_json(json);
}

/* The user says what the host is to be, whatever it looks like. */
static int assume(struct ep_machine *machine, const char *dialect, int code)
{
	const struct ep_dialect *wanted = ep_dialect_find(dialect);

	if (wanted && code != -EINVAL && !ep_host_assume(&machine->host, wanted))
		return EP_STATUS_DONE;
	if (code == -EINVAL)
		return EP_STATUS_USAGE;
	if (code)
		ep_machine_explain(machine, code);
	if (code == -ENODEV && machine->host.in_vm && !wanted)
		ep_say_hint("if it should, say which leaves: 'exitprof verify --dialect classic'");
	if (code)
		return EP_STATUS_NO_HOST;
	return ep_machine_speak(machine, dialect);
}

static int find_host(struct ep_machine *machine, const char *dialect)
{
	int code = ep_machine_init(machine);

	if (!code && !ep_host_speak(&machine->host, dialect))
		return EP_STATUS_DONE;
	return assume(machine, dialect, code);
}

static uint64_t time_trip(struct ep_verify *verify)
{
	uint64_t start = ep_guest_now_ns(verify->host->cpuid);

	ep_verify_cpuids(verify, TRIP_CPUIDS);
	return (ep_guest_now_ns(verify->host->cpuid) - start) / TRIP_CPUIDS + 1;
}

static int check_host(struct ep_verify *verify, const char *dialect, enum format format)
{
	struct ep_machine machine;
	struct report report = {};
	int status = find_host(&machine, dialect);

	if (status)
		return status;
	verify->host = &machine.host;
	verify->exitprof = machine.host.discovery;
	verify->offers_latch = machine.host.latch;
	/* From here on by single numbers. */
	machine.host.latch = false;
	verify->own = ep_reasons_of_cause(machine.host.vendor, EXITPROF_CAUSE_CPUID);
	verify->cpus = ep_guest_cpus(machine.host.cpuid);
	verify->trip_ns = time_trip(verify);
	verify->first_cycles = ep_host_read(verify->host, EP_FIGURE_TOTAL_CYCLES, 0);

	run_checks(verify, &report, format == FORMAT_TAP);
	if (format == FORMAT_TABLE)
		print_table(verify, &report);
	else if (format == FORMAT_CSV)
		print_csv(&report);
	else if (format == FORMAT_JSON)
		print_json(verify, &report);
	return report.verdicts[EP_FAIL] ? EP_STATUS_FAILED : EP_STATUS_DONE;
}

static int verify_command(const struct ep_command *command, void *data, int argc, char **argv)
{
	const struct request *request = data;
	struct ep_verify verify = { .peer = request->peer, .patience_ns = request->patience_ns };

	return check_host(&verify, request->dialect, request->format);
}

const struct ep_command ep_command_verify = {
	.name = "verify",
	.summary = "check a host against the leaf contract",
	.help = help,
	.notes = notes,
	.options = options,
	.request_size = sizeof(struct request),
	.run = verify_command,
};
