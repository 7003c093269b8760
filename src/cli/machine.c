// SPDX-License-Identifier: GPL-3.0-or-later
#include <string.h>

#include "cli/machine.h"
#include "cli/message.h"
#include "core/base/cleanup.h"

/* Of the process, as the clock that it replaces. */
static struct ep_sim_clock sim_clock;

int ep_machine_clock(void)
{
	const char *scenario = getenv("EXITPROF_TEST_HOST"), *feed = getenv("EXITPROF_TEST_CLOCK");
	int code;

	if (!scenario || !scenario[0] || !feed || !feed[0])
		return 0;
	code = ep_sim_clock_init(&sim_clock, feed);
	if (!code) {
		ep_clock_replace(&sim_clock.clock);
		return 0;
	}
	errno = -code;
	ep_say("cannot open EXITPROF_TEST_CLOCK '%s': %m", feed);
	return code;
}

#define KERNEL_CPUID "/dev/cpu/0/cpuid"

/* Programs run at CPL 3, and a host may answer at CPL 0 only. */
static void try_kernel(struct ep_machine *machine)
{
	struct ep_cpuid_device device;
	struct ep_host host;

	if (machine->host.cpuid->simulated) {
		machine->sim.kernel = true;
		machine->kernel_only = !ep_host_recognise(&host, &machine->sim.cpuid);
		machine->sim.kernel = false;
		return;
	}
	machine->kernel_code = ep_cpuid_device_init(&device, KERNEL_CPUID);
	if (machine->kernel_code)
		return;
	machine->kernel_only = !ep_host_recognise(&host, &device.cpuid);
	ep_cpuid_device_finish(&device);
}

static int recognise(struct ep_machine *machine, struct ep_cpuid *cpuid)
{
	int code = ep_host_recognise(&machine->host, cpuid);

	machine->kernel_only = false;
	machine->kernel_code = 0;
	if (code == -ENODEV && machine->host.in_vm)
		try_kernel(machine);
	return code;
}

int ep_machine_init(struct ep_machine *machine)
{
	const char *scenario = getenv("EXITPROF_TEST_HOST");

	if (!scenario || !scenario[0]) {
		ep_cpuid_init(&machine->real);
		return recognise(machine, &machine->real);
	}
	if (ep_sim_init(&machine->sim, scenario)) {
		ep_say("EXITPROF_TEST_HOST names no simulated host: '%s'", scenario);
		ep_say_hint("one of: %s", ep_sim_names());
		return -EINVAL;
	}
	if (ep_clock_replaced())
		ep_sim_live_by(&machine->sim, &sim_clock);
	ep_say_warning("simulated host '%s', nothing here is measured", scenario);
	return recognise(machine, &machine->sim.cpuid);
}

void ep_machine_explain(const struct ep_machine *machine, int code)
{
	const struct ep_host *host = &machine->host;

	if (code == -EPROTO && host->abi != EXITPROF_ABI_VERSION) {
		ep_say("cannot read exit counters: the host speaks version %u of the leaf "
		       "contract, and this is version %u",
		       host->abi, EXITPROF_ABI_VERSION);
		ep_say_hint("use the exitprof that belongs to the host's patch");
	} else if (code == -EPROTO) {
		ep_say("cannot read exit counters: the host's discovery leaf contradicts itself");
		ep_say_hint("'exitprof doctor' shows what it answers");
	} else if (!host->in_vm) {
		ep_say("cannot read exit counters: this is not a virtual machine");
		ep_say_hint("run exitprof inside a guest of a patched KVM host");
	} else if (machine->kernel_only) {
		ep_say("cannot read exit counters: the host answers the exitprof leaves at CPL 0 "
		       "only, and programs run at CPL 3");
		ep_say_hint("remove the test of the CPL on the host; 'exitprof doctor' shows how "
			    "it answers");
	} else if (host->suspect) {
		ep_say("cannot read exit counters: the host counts exits, but not all of its "
		       "leaves answer what they must");
		ep_say_hint("'exitprof verify --dialect %s' names what is wrong",
			    host->suspect->name);
	} else {
		ep_say("cannot read exit counters: the host does not answer the exitprof leaves");
		ep_say_hint("the host needs KVM modules with the exitprof patch; "
			    "'exitprof doctor' tells more");
	}
}

/* What the guest had in a register must not be shown as a number of the host. */
static int refuse_echo(const struct ep_host *host)
{
	for (int figure = 0; figure < EP_FIGURES; figure++) {
		enum ep_register echoed;

		if (!ep_host_echoes(host, figure, &echoed))
			continue;
		ep_say("cannot use the exit counters: %s of leaf %#x, part of the %s, is not "
		       "written by the host",
		       ep_register_name(echoed), host->dialect->answers[figure].leaf,
		       ep_figure_name(figure));
		ep_say_hint("'exitprof verify' names what is wrong with this host");
		return EP_STATUS_FAILED;
	}
	return EP_STATUS_DONE;
}

int ep_machine_require(struct ep_machine *machine)
{
	int code = ep_machine_init(machine);

	if (!code)
		return machine->host.discovery ? EP_STATUS_DONE : refuse_echo(&machine->host);
	if (code == -EINVAL)
		return EP_STATUS_USAGE;
	ep_machine_explain(machine, code);
	return EP_STATUS_NO_HOST;
}

const char *ep_machine_full_hint(const struct ep_machine *machine)
{
	if (!machine->host.discovery)
		return "the host needs KVM modules with the exitprof patch for that";
	return "on the host: echo full > /sys/module/kvm/parameters/exitprof; then start this VM "
	       "again";
}

int ep_machine_speak(struct ep_machine *machine, const char *dialect)
{
	struct ep_host *host = &machine->host;

	if (!ep_host_speak(host, dialect))
		return EP_STATUS_DONE;
	ep_say("the host does not answer in the dialect '%s'", dialect);
	if (!strcmp(dialect, "exitprof"))
		ep_say_hint("%s", ep_machine_full_hint(machine));
	else
		ep_say_hint("it speaks '%s'; 'exitprof doctor' shows what it answers",
			    ep_host_dialect(host));
	return EP_STATUS_NO_HOST;
}

const char *ep_machine_details_hint(const struct ep_machine *machine)
{
	if (!machine->host.discovery)
		return "the host needs KVM modules with the exitprof patch for that";
	return "on the host: echo 1 > /sys/module/kvm/parameters/exitprof_details (in the lab: "
	       "exitprof-lab --details)";
}

int ep_machine_require_details(const struct ep_machine *machine)
{
	if (machine->host.details)
		return EP_STATUS_DONE;
	ep_say("the host does not collect what exits are about");
	ep_say_hint("%s", ep_machine_details_hint(machine));
	return EP_STATUS_NO_HOST;
}
