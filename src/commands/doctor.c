// SPDX-License-Identifier: GPL-3.0-or-later
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "cli/command.h"
#include "cli/machine.h"
#include "cli/paths.h"
#include "cli/terminal.h"
#include "core/base/cleanup.h"
#include "core/counters/snapshot.h"
#include "core/host/guest.h"
#include "core/result/module.h"
#include "plot/chart.h"

/* Where what is found begins, and the registers of a leaf. */
#define TEXT_COLUMN	 22
#define REGISTERS_COLUMN 40

static const char help[] =
	"Usage: exitprof doctor [OPTION...]\n"
	"\n"
	"Checks, one thing after the other, what exitprof needs: a virtual machine, a host that\n"
	"answers, workloads, gnuplot. Says what is missing and what to do about it. If the host\n"
	"does not answer, begins with what works here all the same, and with the next step, which\n"
	"also ends it; the exit status is 4 then.\n"
	"\n"
	"Examples:\n"
	"  exitprof doctor\n"
	"  exitprof doctor > report.txt       to send along with a question\n";

struct request {
	const char *dialect;
};

static const struct ep_option options[] = {
	{ "dialect", 0, "NAME",
	  "as if 'exitprof run' were given that: auto, exitprof, classic, combined, reversed",
	  EP_WORD(dialect, ep_dialect_names), .initial = "auto" },
	{},
};

static void finding(const char *mark, const char *what, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* This command's data: on stdout, hints included, so that a saved report is whole. */
static void finding(const char *mark, const char *what, const char *format, ...)
{
	_cleanup_free_ char *text = NULL;
	va_list args;

	va_start(args, format);
	if (vasprintf(&text, format, args) < 0)
		text = NULL;
	va_end(args);
	ep_terminal_print(stdout, TEXT_COLUMN, "%-8s %-12s %s\n", mark, what, text ?: "");
}

static void advise(const char *text)
{
	if (text[0])
		ep_terminal_print(stdout, TEXT_COLUMN, "%-8s %-12s hint: %s\n", "", "", text);
}

static void next_step(const struct ep_machine *machine, int code)
{
	const struct ep_host *host = &machine->host;

	if (code == -EPROTO)
		finding("next", "step", "use the exitprof that belongs to the host's patch");
	else if (!host->in_vm)
		finding("next", "step",
			"run the lab, or run exitprof in a guest of a patched KVM host");
	else if (machine->kernel_only)
		finding("next", "step",
			"let the host answer at any CPL; until then, 'exitprof bench'");
	else if (host->suspect)
		finding("next", "step",
			"run 'exitprof verify --dialect %s': it names what is wrong with the host",
			host->suspect->name);
	else
		finding("next", "step",
			"run 'exitprof bench'; for counts, run the lab, or load the patch on this "
			"VM's host");
}

/* What a user can do here who has no patched host, and what comes first. */
static void lead(const struct ep_machine *machine, int code)
{
	const struct ep_host *host = &machine->host;
	_cleanup_free_ char *lab = ep_paths_lab();

	if (host->in_vm)
		finding("works", "bench",
			"'exitprof bench' measures in this VM what leaving guest mode costs");
	if (lab)
		finding("works", "lab",
			"'%s run io-heavy' counts exits: it starts a patched host, emulated if "
			"need be, and a guest of it",
			lab);
	else
		finding("none", "lab",
			"exitprof-lab, of the source (host-patch/lab/) or the package "
			"exitprof-host, counts exits on any machine: it starts a patched host, "
			"emulated if need be, and a guest of it");
	finding("works", "results",
		"'exitprof plot', 'compare' and 'report' take results of other machines");
	next_step(machine, code);
}

static void show_leaf(struct ep_cpuid *cpuid, uint32_t leaf, uint32_t subleaf, const char *what)
{
	struct ep_cpuid_regs regs = ep_cpuid_query(cpuid, leaf, subleaf);

	ep_terminal_print(stdout, REGISTERS_COLUMN,
			  "%-8s %-12s %08x/%-8x eax=%08x ebx=%08x ecx=%08x edx=%08x  %s\n", "", "",
			  leaf, subleaf, regs.eax, regs.ebx, regs.ecx, regs.edx, what);
}

/* "total exits", or two of them where one leaf gives two. "" for none. */
static void name_leaf(const struct ep_dialect *dialect, uint32_t leaf, bool *ret_reason, char *ret,
		      size_t size)
{
	*ret_reason = false;
	ret[0] = '\0';
	for (int figure = 0; figure < EP_FIGURES; figure++) {
		size_t used = strlen(ret);

		if (dialect->answers[figure].leaf != leaf)
			continue;
		*ret_reason |= ep_figure_has_reason(figure);
		snprintf(ret + used, size - used, "%s%s", used ? ", " : "", ep_figure_name(figure));
	}
}

static void show_leaves(const struct ep_host *host)
{
	uint32_t undefined = ep_reasons_undefined(host->vendor);
	uint32_t own = ep_reasons_of_cause(host->vendor, EXITPROF_CAUSE_CPUID);
	uint32_t leaf;

	for (leaf = EXITPROF_LEAF_TOTAL_EXITS; leaf >= EXITPROF_LEAF_REASON_CYCLES; leaf--) {
		char what[64];
		bool reason;

		name_leaf(host->dialect, leaf, &reason, what, sizeof(what));
		if (what[0])
			show_leaf(host->cpuid, leaf, reason ? own : 0, what);
	}
	if (!host->totals)
		show_leaf(host->cpuid, host->dialect->answers[EP_FIGURE_REASON_EXITS].leaf,
			  undefined, "an undefined reason");
	show_leaf(host->cpuid, EXITPROF_LEAF_DISCOVERY, 0, "discovery");
	show_leaf(host->cpuid, EXITPROF_LEAF_LATCH, EXITPROF_LATCH | EXITPROF_SCOPE_VM, "latch");
}

static void check_vm(const struct ep_host *host)
{
	if (host->in_vm)
		finding("ok", "machine", "a virtual machine, hypervisor '%s'", host->hypervisor);
	else
		finding("missing", "machine", "this CPU says that it is not in a virtual machine");
	finding("ok", "cpu", "%s (%s)", host->cpu_model[0] ? host->cpu_model : "unknown model",
		host->cpu_vendor);
}

/*
 * Whether it is KVM, which is at the second place or so if it shows itself as another
 * hypervisor first (Linux, hypervisor_cpuid_base() in arch/x86/include/asm/cpuid).
 */
static bool is_kvm(const struct ep_host *host)
{
	for (uint32_t leaf = 0x40000000; leaf <= 0x40000300; leaf += 0x100) {
		struct ep_cpuid_regs regs = ep_cpuid_query(host->cpuid, leaf, 0);
		const uint32_t name[] = { regs.ebx, regs.ecx, regs.edx };

		if (!memcmp(name, "KVMKVMKVM\0\0", sizeof(name)))
			return true;
	}
	return false;
}

/* All that a guest can see of such a host is whether it is KVM. */
static void explain_no_patch(const struct ep_host *host)
{
	if (!is_kvm(host)) {
		advise("the patch is for KVM, and this hypervisor is another one, or hides that "
		       "it is KVM: run this VM on a KVM host that has the patch");
		return;
	}
	advise("load KVM modules with the exitprof patch on the host (host-patch/), then start "
	       "this VM again");
	finding("none", "upgrade",
		"if this host has counted exits before: its kernel may have been upgraded, and the "
		"new "
		"one runs its stock KVM modules");
	advise("shut down the VMs, then on the host: sudo exitprof-host rebuild && sudo "
	       "exitprof-host reload");
	finding("none", "off", "or its operator may have switched the counting off");
	advise("on the host: echo full > /sys/module/kvm/parameters/exitprof; then start this VM "
	       "again");
}

/* Why a host in a VM may not answer. */
static void explain_silence(const struct ep_machine *machine)
{
	const struct ep_host *host = &machine->host;
	char text[128];

	if (machine->kernel_only) {
		finding("missing", "cpl",
			"the host answers at CPL 0 only, as /dev/cpu/0/cpuid shows; programs run "
			"at CPL 3");
		advise("remove the test of the CPL on the host");
	} else if (host->suspect) {
		finding("missing", "leaves",
			"the host counts exits, but not all of its leaves answer what they must");
		snprintf(text, sizeof(text), "'exitprof verify --dialect %s' names what is wrong",
			 host->suspect->name);
		advise(text);
	} else {
		explain_no_patch(host);
		if (!machine->kernel_code)
			return;
		errno = -machine->kernel_code;
		finding("none", "cpl",
			"cannot look whether the host answers at CPL 0: "
			"/dev/cpu/0/cpuid: %m");
		advise("run 'modprobe cpuid' and 'exitprof doctor' as root");
	}
}

static void check_host(const struct ep_machine *machine, int code)
{
	const struct ep_host *host = &machine->host;

	if (code == -EPROTO) {
		finding("missing", "host",
			"has a discovery leaf, but of version %u or in disorder; this is version "
			"%u",
			host->abi, EXITPROF_ABI_VERSION);
		advise("use the exitprof that belongs to the host's patch");
	} else if (code) {
		finding("missing", "host", "does not answer the exitprof leaves; it says:");
		show_leaves(host);
		if (host->in_vm)
			explain_silence(machine);
		else
			advise("run exitprof inside a guest of a patched KVM host");
	} else {
		finding("ok", "host", "answers, %s, recognised by %s",
			ep_reasons_vendor_name(host->vendor),
			host->discovery ? "its discovery leaf" : "its behaviour");
		show_leaves(host);
	}
	if (code)
		return;
	if (!host->marks) {
		finding("missing", "undefined",
			"reasons that the manual does not define are not marked as the dialect "
			"has it");
		advise("'exitprof verify' tells more");
	}
	finding("ok", "dialect", "%s%s", ep_host_dialect(host),
		host->totals || ep_host_tells(host, EP_FIGURE_REASON_CYCLES)
			? ""
			: ", which has no cycles by reason");
	if (host->totals) {
		finding("none", "reasons",
			"totals only, exits and cycles of all reasons together: as the course's "
			"first assignment wants it");
		advise("'exitprof verify' checks them; 'run' and 'snapshot' show them");
	}
	if (host->discovery)
		finding("ok", "discovery",
			"ABI %u, %u vCPUs, TSC %u kHz, generation %08x, %u reasons", host->abi,
			host->vcpus, host->tsc_khz, host->generation, host->count);
	else if (host->totals)
		finding("none", "discovery", "no such leaf: a restored VM is not noticed");
	else
		finding("none", "discovery",
			"no such leaf: all %u reasons of the manual are read, and a restored VM is "
			"not noticed",
			host->count);
}

static void check_level(const struct ep_machine *machine)
{
	const struct ep_host *host = &machine->host;

	if (host->level >= EXITPROF_LEVEL_FULL) {
		finding("ok", "level",
			"full: counts, handling and away cycles, longest exit, histogram");
		return;
	}
	finding(host->discovery ? "missing" : "none", "level",
		"classic: counts and handling cycles, but no away cycles and no percentiles");
	advise(ep_machine_full_hint(machine));
}

/* By trying it. */
static void check_latch(struct ep_machine *machine, bool unwanted)
{
	struct ep_host *host = &machine->host;
	struct ep_reader reader;
	struct ep_snapshot now;

	ep_reader_init(&reader, host, false);
	if (ep_snapshot_take(&reader, &now))
		finding("missing", "latch", "stopped answering right now");
	else if (host->latch)
		finding("ok", "latch", "all counters %s, in %" PRIu64 " exits",
			now.consistent ? "in one table" : "read, but not in one table", now.cost);
	else if (unwanted)
		finding("ok", "latch",
			"not used, as --dialect says; single numbers take %" PRIu64 " exits",
			now.cost);
	else if (host->offers_latch)
		finding("missing", "latch",
			"the host has no table to give, perhaps no memory; single numbers take "
			"%" PRIu64 " exits",
			now.cost);
	else
		finding("none", "latch", "single numbers take %" PRIu64 " exits", now.cost);
}

static void check_details(const struct ep_machine *machine)
{
	if (machine->host.details) {
		finding("ok", "details", "collected, for 'exitprof run --details'");
		return;
	}
	finding("none", "details", "not collected: 'exitprof run --details' needs them");
	advise(ep_machine_details_hint(machine));
}

static void check_guest(const struct ep_host *host)
{
	struct ep_guest guest;

	ep_guest_identify(&guest);
	if (host->discovery && guest.cpus != host->vcpus)
		finding("ok", "cpus", "%u online of the %u that the host knows", guest.cpus,
			host->vcpus);
	else
		finding("ok", "cpus", "%u online", guest.cpus);
	finding("ok", "kernel", "%s", guest.kernel);
}

static void check_workloads(void)
{
	_cleanup_(ep_names_finish) struct ep_names names = {};
	_cleanup_free_ char *search = ep_paths_workloads();

	if (!search || ep_module_names(&names, search))
		return;
	if (names.count) {
		finding("ok", "workloads", "%zu in %s", names.count, search);
		return;
	}
	finding("missing", "workloads", "none in %s", search);
	advise("set EXITPROF_WORKLOAD_PATH to the folder that has them");
}

static void check_charts(void)
{
	struct ep_error err = {};

	if (ep_chart_available(&err)) {
		finding("ok", "charts", "gnuplot, with scripts in %s", ep_paths_plots());
		return;
	}
	finding("missing", "charts", "%s", err.message);
	advise(err.hint);
}

static int doctor(const struct ep_command *command, void *data, int argc, char **argv)
{
	const struct request *request = data;
	struct ep_machine machine;
	int status = EP_STATUS_DONE, code;

	code = ep_machine_init(&machine);
	if (code == -EINVAL)
		return EP_STATUS_USAGE;
	if (code)
		lead(&machine, code);
	check_vm(&machine.host);
	check_host(&machine, code);
	if (!code) {
		status = ep_machine_speak(&machine, request->dialect);
		check_level(&machine);
		check_latch(&machine, ep_dialect_find(request->dialect));
		check_details(&machine);
	}
	check_guest(&machine.host);
	check_workloads();
	check_charts();
	/* Of a report that is longer than the screen, the end is what is seen. */
	if (code)
		next_step(&machine, code);
	return code ? EP_STATUS_NO_HOST : status;
}

const struct ep_command ep_command_doctor = {
	.name = "doctor",
	.summary = "check what is needed, and say what is missing",
	.help = help,
	.options = options,
	.request_size = sizeof(struct request),
	.run = doctor,
};
