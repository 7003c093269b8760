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
	"  exitprof boot plot 2026-05-01 2026-05-02  two boots in one chart\n";

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

static const struct ep_option options[] = {
	{ "directory", 'D', "DIR", "where boots are kept", EP_TEXT(settings.folder),
	  .initial = EP_BOOT_FOLDER },
	{ "output", 'o', "DIR", "plot: folder of the charts (default: the working folder)",
	  EP_TEXT(output) },
	EP_OPTION_CSV(format, "report: one row for each sample and reason; list: for each boot"),
	{ "phases", 0, NULL, "report --csv: one row for each phase and reason instead",
	  EP_SWITCH(phases) },
	EP_OPTION_JSON(format, "report: all that was recorded, and what follows from it; list"),
	{ "run", 0, "DIR", "record: where a sampler may be at work", EP_TEXT(settings.run),
	  .initial = EP_BOOT_RUN },
	{ "interval", 0, "TIME", "record: between two samples",
	  EP_DURATION(settings.sampling.interval_ns, EP_SERIES_INTERVAL_MIN_NS, UINT64_MAX),
	  .initial = "100ms" },
	{ "limit", 0, "TIME", "record: for so long at most",
	  EP_DURATION(settings.sampling.limit_ns, 1, UINT64_MAX), .initial = "10m" },
	{ "keep", 0, "N", "record: boots that are kept", EP_COUNT(settings.keep, 1, UINT64_MAX),
	  .initial = "10" },
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

static int boot(const struct ep_command *command, void *data, int argc, char **argv)
{
	const struct request *request = data;
	const char *folder = request->settings.folder, *what = "";

	if (argc) {
		what = *argv++;
		argc--;
	}
	if (request->phases && request->format == EP_OUTPUT_TABLE)
		return ep_command_misused(command, "'--phases' needs '--csv'");
	if (!strcmp(what, "record") && !argc)
		return ep_boot_record(&request->settings);
	if (!strcmp(what, "list") && !argc)
		return list(folder, request->format);
	if (!strcmp(what, "report") && argc <= 1)
		return report(folder, argv[0], request->format, request->phases);
	if (!strcmp(what, "plot"))
		return plot(folder, argv, argc, request->output ?: ".");
	return ep_command_misused(command, "give one of report, list, plot, record");
}

const struct ep_command ep_command_boot = {
	.name = "boot",
	.summary = "the exits of a boot",
	.help = help,
	.options = options,
	.request_size = sizeof(struct request),
	.arguments = EP_ARGUMENTS_FOLDERS,
	.run = boot,
};
