// SPDX-License-Identifier: GPL-3.0-or-later
#include <locale.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/prctl.h>
#include <sys/stat.h>

#include "cli/machine.h"
#include "cli/message.h"
#include "core/base/cleanup.h"

/* Of the process, as the clock that it replaces. */
static struct ep_sim_clock sim_clock;

int ep_environment_clock(void)
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

bool ep_machine_dialect(const char *dialect)
{
	return !strcmp(dialect, "auto") || !strcmp(dialect, "exitprof") || ep_dialect_find(dialect);
}

/*
 * The folder that this program lies in, and the source that it was built from, if it runs
 * from where it was built: meson leaves a file there that is not installed. For free().
 */
static bool find_build(char **ret_folder, char **ret_source)
{
	_cleanup_free_ char *folder = realpath("/proc/self/exe", NULL), *mark = NULL, *line = NULL;
	_cleanup_fclose_ FILE *file = NULL;
	char *slash = folder ? strrchr(folder, '/') : NULL;
	size_t size = 0;

	if (!slash)
		return false;
	*slash = '\0';
	if (asprintf(&mark, "%s/source-root", folder) < 0) {
		mark = NULL;
		return false;
	}
	file = fopen(mark, "re");
	if (!file || getline(&line, &size, file) <= 0)
		return false;
	line[strcspn(line, "\n")] = '\0';
	*ret_folder = folder;
	*ret_source = line;
	folder = line = NULL;
	return true;
}

/* NULL if it is not there. For free(). */
static char *find_in(const char *folder, const char *name)
{
	char *path;

	if (asprintf(&path, "%s/%s", folder, name) < 0)
		return NULL;
	if (!access(path, X_OK))
		return path;
	free(path);
	return NULL;
}

/*
 * In the portable folder, see debian/portable/, if this program runs from there. The loader puts
 * the path that the launcher gave it there; /proc/self/exe is the loader's.
 */
static char *find_portable(const char *name)
{
	static const char place[] = "/libexec/exitprof/exitprof";
	const char *path = (const char *)getauxval(AT_EXECFN);
	size_t length = path ? strlen(path) : 0, suffix = strlen(place);
	_cleanup_free_ char *folder = NULL;

	if (length <= suffix || strcmp(path + length - suffix, place))
		return NULL;
	folder = strndup(path, length - suffix);
	return folder ? find_in(folder, name) : NULL;
}

/* Whether the user's locale, which is that of the first variable that is set, is of UTF-8. */
static bool wants_utf8(void)
{
	static const char *const names[] = { "LC_ALL", "LC_CTYPE", "LANG" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		const char *value = getenv(names[i]);

		if (value && value[0])
			return strcasestr(value, ".UTF-8") || strcasestr(value, ".UTF8");
	}
	return false;
}

void ep_environment_begin(void)
{
	_cleanup_free_ char *locales = find_portable("share/exitprof/locale"), *others = NULL;
	const char *path = getenv("LOCPATH");

	if (!locales) {
		setlocale(LC_CTYPE, "");
		return;
	}
	/* Else it is the loader's. */
	prctl(PR_SET_NAME, "exitprof");
	if (!wants_utf8())
		return;
	/* The guest's own locales are another libc's. The variable is not for our children. */
	others = path ? strdup(path) : NULL;
	setenv("LOCPATH", locales, 1);
	setlocale(LC_CTYPE, "C.UTF-8");
	if (others)
		setenv("LOCPATH", others, 1);
	else
		unsetenv("LOCPATH");
}

void ep_environment_terminals(void)
{
	_cleanup_free_ char *own = find_portable("share/exitprof/terminfo"), *folders = NULL;
	const char *path = getenv("TERMINFO_DIRS");

	if (!own)
		return;
	if (!path || !path[0]) {
		setenv("TERMINFO_DIRS", own, 1);
	} else if (asprintf(&folders, "%s:%s", path, own) < 0) {
		folders = NULL;
	} else {
		setenv("TERMINFO_DIRS", folders, 1);
	}
}

/* In the source that this program was built from, if it runs from there. */
static char *find_in_source(const char *name)
{
	_cleanup_free_ char *folder = NULL, *source = NULL;

	return find_build(&folder, &source) ? find_in(source, name) : NULL;
}

static char *find_built_workloads(void)
{
	_cleanup_free_ char *folder = NULL, *source = NULL;
	char *slash;

	/* BUILD/src/exitprof, BUILD/workloads */
	if (!find_build(&folder, &source))
		return NULL;
	slash = strrchr(folder, '/');
	if (!slash)
		return NULL;
	*slash = '\0';
	return find_in(folder, "workloads");
}

char *ep_environment_workloads(void)
{
	const char *path = getenv("EXITPROF_WORKLOAD_PATH");
	_cleanup_free_ char *portable = find_portable("lib/exitprof/workloads");
	char *search;

	if (!path || !path[0])
		return portable ? strdup(portable)
				: find_built_workloads() ?: strdup(EXITPROF_WORKLOADDIR);
	return asprintf(&search, "%s:%s", path, portable ?: EXITPROF_WORKLOADDIR) < 0 ? NULL
										      : search;
}

const char *ep_environment_plots(void)
{
	const char *path = getenv("EXITPROF_PLOT_PATH");
	static char *own;

	if (path && path[0])
		return path;
	if (!own)
		own = find_portable("share/exitprof/plots") ?: find_in_source("plots");
	return own ?: EXITPROF_PLOTDIR;
}

char *ep_environment_lab(void)
{
	char *path = find_in_source("host-patch/lab/exitprof-lab");

	if (path || !ep_environment_has("exitprof-lab"))
		return path;
	return strdup("exitprof-lab");
}

bool ep_environment_has(const char *name)
{
	const char *path = getenv("PATH");
	_cleanup_free_ char *folders = strdup(path ? path : "/usr/bin:/bin");
	char *state = NULL, *folder;

	if (!folders)
		return false;
	for (folder = strtok_r(folders, ":", &state); folder;
	     folder = strtok_r(NULL, ":", &state)) {
		_cleanup_free_ char *file = NULL;
		struct stat status;

		if (asprintf(&file, "%s/%s", folder, name) < 0) {
			file = NULL;
			return false;
		}
		if (!stat(file, &status) && S_ISREG(status.st_mode) && !access(file, X_OK))
			return true;
	}
	return false;
}
