// SPDX-License-Identifier: GPL-3.0-or-later
#include <json-c/json.h>
#include <string.h>

#include "boot/handover.h"
#include "boot/plot.h"
#include "boot/record.h"
#include "boot/store.h"
#include "cli/command.h"
#include "cli/output.h"
#include "cli/table.h"
#include "core/base/cleanup.h"
#include "core/base/csv.h"
#include "core/base/json.h"
#include "core/base/value.h"
#include "core/counters/series.h"
#include "print/boot.h"
#include "print/boot_json.h"

static const char help[] =
	"Usage: exitprof boot report [BOOT] [OPTION...]\n"
	"       exitprof boot list [OPTION...]\n"
	"       exitprof boot plot [BOOT...] [OPTION...]\n"
	"       exitprof boot record [OPTION...]\n"
	"\n"
	"Shows the VM exits of a boot by phase and reason, as exitprof-boot.service has recorded\n"
	"them. BOOT is the beginning of a name that 'boot list' shows, or a folder; without it,\n"
	"the latest. No patched host is needed but for recording.\n"
	"\n"
	"Examples:\n"
	"  systemctl enable exitprof-boot.service    records every boot from the next one on\n"
	"  exitprof boot report\n"
	"  exitprof boot report --phases --csv       a row for each phase and reason\n"
	"  exitprof boot plot -o charts              both charts of the latest boot\n"
	"  exitprof boot plot 2026-05-01 2026-05-02  two boots in one chart\n"
	"\n"
	"Options:\n"
	"  -D, --directory DIR    where boots are kept (default /var/lib/exitprof/boot)\n"
	"  -o, --output DIR       plot: folder of the charts (default: the working folder)\n"
	"      --csv              report: one row for each sample and reason; list: for each boot\n"
	"      --phases           report --csv: one row for each phase and reason instead\n"
	"      --json             report: all that was recorded, and what follows from it; list\n"
	"      --run DIR          record: where a sampler may be at work (default /run/exitprof)\n"
	"      --interval TIME    record: between two samples (default 100ms)\n"
	"      --limit TIME       record: for so long at most (default 10m)\n"
	"      --keep N           record: boots that are kept (default 10)\n"
	"  -h, --help             this text\n";

enum {
	OPTION_CSV = 256,
	OPTION_JSON,
	OPTION_PHASES,
	OPTION_RUN,
	OPTION_INTERVAL,
	OPTION_LIMIT,
	OPTION_KEEP,
};

static const struct option options[] = {
	{ "directory", required_argument, NULL, 'D' },
	{ "output", required_argument, NULL, 'o' },
	{ "csv", no_argument, NULL, OPTION_CSV },
	{ "json", no_argument, NULL, OPTION_JSON },
	{ "phases", no_argument, NULL, OPTION_PHASES },
	{ "run", required_argument, NULL, OPTION_RUN },
	{ "interval", required_argument, NULL, OPTION_INTERVAL },
	{ "limit", required_argument, NULL, OPTION_LIMIT },
	{ "keep", required_argument, NULL, OPTION_KEEP },
	EP_OPTION_HELP,
	{},
};

static int no_boot(const char *folder, const char *name)
{
	if (name)
		ep_say("no boot in '%s' has a name that begins with '%s'", folder, name);
	else
		ep_say("no boot is recorded in '%s'", folder);
	ep_say_hint(name ? "'exitprof boot list' shows the names"
			 : "systemctl enable exitprof-boot.service, and boot again");
	return EP_STATUS_FAILED;
}

/* Reads a boot by folder, by the beginning of its name, or the latest. Says what is wrong. */
static int load(struct ep_boot *boot, const char *folder, const char *name)
{
	_cleanup_free_ char *path = NULL;
	struct ep_error err = {};
	int code = 0;

	if (name && strchr(name, '/'))
		path = strdup(name);
	else
		code = ep_boot_find(folder, name, &path, &err);
	if (!code && !path)
		return no_boot(folder, name);
	if (!code && !ep_boot_load(boot, path, &err))
		return EP_STATUS_DONE;
	ep_say_error(&err);
	return EP_STATUS_FAILED;
}

static int report(const char *folder, const char *name, enum ep_output_format format, bool phases)
{
	_cleanup_(ep_boot_finish) struct ep_boot boot = {};
	int status = load(&boot, folder, name);

	if (status)
		return status;
	if (format == EP_OUTPUT_JSON)
		return ep_print_boot_json(&boot);
	if (format == EP_OUTPUT_CSV)
		return phases ? ep_print_boot_phases_csv(&boot) : ep_print_boot_csv(&boot);
	return ep_print_boot(&boot);
}

static struct json_object *json_boot(const char *name, const struct ep_boot *boot)
{
	struct json_object *json = json_object_new_object();
	struct ep_boot_figure total = ep_boot_total(boot);

	json_object_object_add(json, "name", ep_json_text(name));
	json_object_object_add(json, "kernel", ep_json_text(boot->kernel));
	json_object_object_add(json, "ended", ep_json_text(boot->ended));
	json_object_object_add(json, "before_known", json_object_new_boolean(boot->before_known));
	json_object_object_add(json, "time_ns",
			       json_object_new_uint64(boot->samples[boot->count - 1].now_ns));
	json_object_object_add(json, "exits_count", json_object_new_uint64(total.exits));
	json_object_object_add(json, "handling_cycles", json_object_new_uint64(total.cycles));
	return json;
}

static void print_boot_csv(const char *name, const struct ep_boot *boot)
{
	struct ep_boot_figure total = ep_boot_total(boot);

	ep_csv_text(stdout, name, ',');
	ep_csv_text(stdout, boot->kernel, ',');
	ep_csv_text(stdout, boot->ended, ',');
	printf("%s,", boot->before_known ? "yes" : "no");
	ep_csv_u64(stdout, boot->samples[boot->count - 1].now_ns, ',');
	ep_csv_u64(stdout, total.exits, ',');
	ep_csv_u64(stdout, total.cycles, '\n');
}

static void add_boot(struct ep_table *table, const char *name, const struct ep_boot *boot)
{
	char seconds[32], exits[EP_VALUE_TEXT_MAX];

	snprintf(seconds, sizeof(seconds), "%.2f", boot->samples[boot->count - 1].now_ns / 1e9);
	ep_table_add(table, name, boot->kernel, seconds,
		     ep_value_group(ep_boot_total(boot).exits, exits),
		     boot->before_known ? "VM created" : "first sample", boot->ended);
}

static int list(const char *folder, enum ep_output_format format)
{
	static const struct ep_column columns[] = {
		{ "boot" },  { "kernel" }, { "seconds", true }, { "exits", true }, { "since" },
		{ "ended" }, {},
	};
	_cleanup_(ep_table_cleanup) struct ep_table *table = ep_table_create(columns);
	_cleanup_(ep_boot_list_finish) struct ep_boot_list boots = {};
	struct json_object *json = json_object_new_array();
	int code;

	code = ep_boot_list(&boots, folder);
	if (code) {
		errno = -code;
		ep_say("cannot read the folder '%s': %m", folder);
		json_object_put(json);
		return EP_STATUS_FAILED;
	}
	if (format == EP_OUTPUT_CSV)
		puts("name,kernel,ended,before_known,time_ns,exits_count,handling_cycles");
	for (size_t i = 0; i < boots.count; i++) {
		_cleanup_(ep_boot_finish) struct ep_boot boot = {};
		_cleanup_free_ char *path = NULL;
		struct ep_error err = {};

		if (asprintf(&path, "%s/%s", folder, boots.names[i]) < 0) {
			path = NULL;
			continue;
		}
		if (ep_boot_load(&boot, path, &err)) {
			ep_say_warning("%s", err.message);
			continue;
		}
		if (format == EP_OUTPUT_JSON)
			json_object_array_add(json, json_boot(boots.names[i], &boot));
		else if (format == EP_OUTPUT_CSV)
			print_boot_csv(boots.names[i], &boot);
		else
			add_boot(table, boots.names[i], &boot);
	}
	if (format == EP_OUTPUT_JSON)
		ep_output_json(json);
	else
		json_object_put(json);
	if (format == EP_OUTPUT_TABLE && boots.count)
		ep_table_print(table);
	return EP_STATUS_DONE;
}

static const char *last_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash && slash[1] ? slash + 1 : path;
}

/* What a boot is called in a chart: without the folders that it is in, if that tells it. */
static const char *name_of(char **names, size_t count, size_t i)
{
	size_t alike = 0;

	for (size_t j = 0; j < count; j++)
		alike += !strcmp(last_of(names[j]), last_of(names[i]));
	return alike > 1 ? names[i] : last_of(names[i]);
}

static int plot(const char *folder, char **names, size_t count, const char *output)
{
	_cleanup_free_ struct ep_boot *boots = calloc(count ?: 1, sizeof(*boots));
	_cleanup_free_ const char **shown = calloc(count ?: 1, sizeof(*shown));
	int status = boots && shown ? EP_STATUS_DONE : EP_STATUS_FAILED;

	for (size_t i = 0; i < (count ?: 1) && !status; i++) {
		status = load(&boots[i], folder, count ? names[i] : NULL);
		shown[i] = count ? name_of(names, count, i) : "";
	}
	if (!status)
		status = count > 1 ? ep_boot_plot_several(boots, shown, count, output)
				   : ep_boot_plot(boots, output);
	for (size_t i = 0; boots && i < (count ?: 1); i++)
		ep_boot_finish(&boots[i]);
	return status;
}

/* Whether it was understood; says so if not. */
static bool number(const struct ep_command *command, enum exitprof_option_type type,
		   const char *name, uint64_t least, uint64_t *ret, int *ret_status)
{
	if (!ep_value_parse(type, optarg, ret) && *ret >= least)
		return true;
	*ret_status = ep_command_misused(command, "boot: '--%s' takes %s, not '%s'", name,
					 ep_value_expected(type), optarg);
	return false;
}

/*
 * @settings: of record, and where boots are
 * @output: where charts go
 * @phases: rows by phase
 */
struct request {
	struct ep_boot_settings settings;
	enum ep_output_format format;
	const char *output;
	bool phases;
};

static bool parse_option(const struct ep_command *command, int option, struct request *request,
			 int *ret_status)
{
	struct ep_boot_settings *settings = &request->settings;

	switch (option) {
	case 'D':
		settings->folder = optarg;
		return true;
	case 'o':
		request->output = optarg;
		return true;
	case OPTION_CSV:
	case OPTION_JSON:
		request->format = option == OPTION_CSV ? EP_OUTPUT_CSV : EP_OUTPUT_JSON;
		return true;
	case OPTION_PHASES:
		request->phases = true;
		return true;
	case OPTION_RUN:
		settings->run = optarg;
		return true;
	case OPTION_INTERVAL:
		return number(command, EXITPROF_OPTION_DURATION, "interval",
			      EP_SERIES_INTERVAL_MIN_NS, &settings->sampling.interval_ns,
			      ret_status);
	case OPTION_LIMIT:
		return number(command, EXITPROF_OPTION_DURATION, "limit", 1,
			      &settings->sampling.limit_ns, ret_status);
	default:
		return number(command, EXITPROF_OPTION_COUNT, "keep", 1, &settings->keep,
			      ret_status);
	}
}

static int boot(const struct ep_command *command, int argc, char **argv)
{
	struct request request = {
		.settings = { EP_BOOT_FOLDER,
			      EP_BOOT_RUN,
			      { EP_BOOT_INTERVAL_NS, EP_BOOT_LIMIT_NS },
			      10 },
		.format = EP_OUTPUT_TABLE,
		.output = ".",
	};
	const char *folder, *what;
	int option, status;

	while ((option = ep_command_option(command, argc, argv, &status)) != -1)
		if (option == EP_OPTION_DONE || !parse_option(command, option, &request, &status))
			return status;
	folder = request.settings.folder;
	what = optind < argc ? argv[optind++] : "";
	argc -= optind;
	argv += optind;
	if (request.phases && request.format == EP_OUTPUT_TABLE)
		return ep_command_misused(command, "boot: '--phases' needs '--csv'");
	if (!strcmp(what, "record") && !argc)
		return ep_boot_record(&request.settings);
	if (!strcmp(what, "list") && !argc)
		return list(folder, request.format);
	if (!strcmp(what, "report") && argc <= 1)
		return report(folder, argv[0], request.format, request.phases);
	if (!strcmp(what, "plot"))
		return plot(folder, argv, argc, request.output);
	return ep_command_misused(command, "boot: give one of report, list, plot, record");
}

const struct ep_command ep_command_boot = {
	.name = "boot",
	.summary = "the exits of a boot",
	.help = help,
	.options = options,
	.arguments = EP_ARGUMENTS_FOLDERS,
	.run = boot,
};
