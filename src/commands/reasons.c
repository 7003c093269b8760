// SPDX-License-Identifier: GPL-3.0-or-later
#include <json-c/json.h>
#include <stdio.h>

#include "cli/command.h"
#include "cli/machine.h"
#include "cli/output.h"
#include "cli/table.h"
#include "core/base/cleanup.h"
#include "core/base/csv.h"
#include "core/base/json.h"

static const char help[] =
	"Usage: exitprof reasons [OPTION...]\n"
	"\n"
	"Lists the exit reasons that the CPU vendor's manual defines, with the kernel's names\n"
	"and, where the host says so, whether it handles them.\n"
	"\n"
	"Examples:\n"
	"  exitprof reasons                   those of this machine's vendor\n"
	"  exitprof reasons --vendor vmx      Intel's, on any machine\n"
	"  exitprof reasons --csv | grep -i hlt\n";

/* @vendor: 0 for this machine's */
struct request {
	enum ep_vendor vendor;
	enum ep_output_format format;
};

static const char *const vendors[] = { [EP_VENDOR_VMX] = "vmx", [EP_VENDOR_SVM] = "svm" };

static const struct ep_option options[] = {
	{ "vendor", 0, "VENDOR", "CPU vendor: vmx (Intel) or svm (AMD) (default: this machine's)",
	  EP_CHOICE(vendor, vendors) },
	EP_OPTION_CSV(format, "print them as CSV"),
	EP_OPTION_JSON(format, "print them as JSON"),
	{},
};

/* @host: NULL if there is no word from a host of that vendor */
static const char *handled(const struct ep_host *host, uint32_t number)
{
	if (!host)
		return "";
	return ep_host_handles(host, number) ? "yes" : "no";
}

static const char *source(const struct ep_reason *reason, enum ep_vendor vendor)
{
	if (reason->kernel)
		return "kernel";
	return vendor == EP_VENDOR_SVM ? "APM" : "SDM";
}

static void print_table(enum ep_vendor vendor, const struct ep_host *host)
{
	static const struct ep_column columns[] = {
		{ "number", true }, { "hex", true }, { "name" }, { "handled" },
		{ "name from" },    { "meaning" },   {},
	};
	_cleanup_(ep_table_cleanup) struct ep_table *table = ep_table_create(columns);
	const struct ep_reasons *reasons = ep_reasons_of(vendor);

	for (size_t i = 0; i < reasons->count; i++) {
		const struct ep_reason *reason = &reasons->list[i];
		char number[16], hex[16];

		snprintf(number, sizeof(number), "%u", reason->number);
		snprintf(hex, sizeof(hex), "%#x", reason->number);
		ep_table_add(table, number, hex, reason->name, handled(host, reason->number),
			     source(reason, vendor), reason->meaning);
	}
	ep_table_print(table);
}

static void print_csv(enum ep_vendor vendor, const struct ep_host *host)
{
	const struct ep_reasons *reasons = ep_reasons_of(vendor);

	puts("reason,name,handled,source,meaning");
	for (size_t i = 0; i < reasons->count; i++) {
		const struct ep_reason *reason = &reasons->list[i];

		ep_csv_u64(stdout, reason->number, ',');
		ep_csv_text(stdout, reason->name, ',');
		ep_csv_text(stdout, handled(host, reason->number), ',');
		ep_csv_text(stdout, source(reason, vendor), ',');
		ep_csv_text(stdout, reason->meaning, '\n');
	}
}

static void print_json(enum ep_vendor vendor, const struct ep_host *host)
{
	const struct ep_reasons *reasons = ep_reasons_of(vendor);
	struct json_object *json = json_object_new_array();

	for (size_t i = 0; i < reasons->count; i++) {
		const struct ep_reason *reason = &reasons->list[i];
		struct json_object *entry = json_object_new_object();

		json_object_object_add(entry, "reason", json_object_new_uint64(reason->number));
		json_object_object_add(entry, "name", ep_json_text(reason->name));
		json_object_object_add(
			entry, "handled",
			host ? json_object_new_boolean(ep_host_handles(host, reason->number))
			     : NULL);
		json_object_object_add(entry, "source", ep_json_text(source(reason, vendor)));
		json_object_object_add(entry, "meaning", ep_json_text(reason->meaning));
		json_object_array_add(json, entry);
	}
	ep_output_json(json);
}

static int reasons(const struct ep_command *command, void *data, int argc, char **argv)
{
	const struct request *request = data;
	enum ep_vendor vendor = request->vendor;
	const struct ep_host *host = NULL;
	struct ep_machine machine;
	int code;

	code = ep_machine_init(&machine);
	if (code == -EINVAL)
		return EP_STATUS_USAGE;
	if (!vendor)
		vendor = machine.host.vendor;
	if (!code && machine.host.lists_handled && machine.host.vendor == vendor)
		host = &machine.host;

	if (request->format == EP_OUTPUT_TABLE)
		print_table(vendor, host);
	else if (request->format == EP_OUTPUT_CSV)
		print_csv(vendor, host);
	else
		print_json(vendor, host);
	return EP_STATUS_DONE;
}

const struct ep_command ep_command_reasons = {
	.name = "reasons",
	.summary = "exit reasons: numbers, names, meanings",
	.help = help,
	.options = options,
	.request_size = sizeof(struct request),
	.run = reasons,
};
