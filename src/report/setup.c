// SPDX-License-Identifier: GPL-3.0-or-later
#include <inttypes.h>
#include <json-c/json.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "report/setup.h"
#include "report/text.h"

#define TEXT_MAX 256

/* A scalar of run.json as people write it; "" for what is not there. */
static const char *show(const struct ep_report_source *source, const char *object,
			const char *member, char ret[TEXT_MAX])
{
	struct json_object *value = ep_load_member(&source->loaded, object, member);

	ret[0] = '\0';
	if (json_object_is_type(value, json_type_boolean))
		strcpy(ret, json_object_get_boolean(value) ? "yes" : "no");
	else if (value && !json_object_is_type(value, json_type_object) &&
		 !json_object_is_type(value, json_type_array))
		snprintf(ret, TEXT_MAX, "%s", json_object_get_string(value));
	return ret;
}

static const char *show_measured(const struct ep_report_source *source, char ret[TEXT_MAX])
{
	char name[EP_LOAD_NAME_MAX];

	snprintf(ret, TEXT_MAX, "%s",
		 source->is_boot ? "boot of the guest" : ep_source_name(source, name));
	return ret;
}

static const char *show_host(const struct ep_report_source *source, char ret[TEXT_MAX])
{
	snprintf(ret, TEXT_MAX, "%.200s", ep_source_lab(source, "host"));
	return ret;
}

static const char *show_host_kernel(const struct ep_report_source *source, char ret[TEXT_MAX])
{
	const char *kernel = ep_source_lab(source, "host_kernel");

	snprintf(ret, TEXT_MAX, kernel[0] ? "Linux %.200s" : "%.200s", kernel);
	return ret;
}

static const char *show_vendor(const struct ep_report_source *source, char ret[TEXT_MAX])
{
	const char *vendor = ep_source_vendor(source);

	snprintf(ret, TEXT_MAX, "%.100s%s", vendor,
		 !strcmp(vendor, "VMX")	  ? " (Intel)"
		 : !strcmp(vendor, "SVM") ? " (AMD)"
					  : "");
	return ret;
}

static const char *show_paging(const struct ep_report_source *source, char ret[TEXT_MAX])
{
	bool told = ep_source_lab(source, "paging")[0];
	enum ep_paging paging = ep_source_paging(source);

	snprintf(ret, TEXT_MAX, "%s%s", ep_text_paging(paging, ep_source_vendor(source)),
		 told || paging == EP_PAGING_UNKNOWN ? "" : ", by the reasons counted");
	return ret;
}

static const char *show_level(const struct ep_report_source *source, char ret[TEXT_MAX])
{
	static const char *const levels[] = { "off", "classic", "full" };
	char number[TEXT_MAX], *end;
	unsigned long level = strtoul(show(source, "host", "level", number), &end, 10);

	if (end == number || *end || level >= ARRAY_SIZE(levels))
		return show(source, "host", "dialect", ret);
	return strcpy(ret, levels[level]);
}

static const char *show_khz(const struct ep_report_source *source, char ret[TEXT_MAX])
{
	char number[TEXT_MAX];
	double khz = strtod(show(source, "host", "tsc_khz", number), NULL);
	/* What the lab says of its emulated host: then rates and times are wrong, too. */
	bool mistaken = !strcmp(ep_source_lab(source, "host_clock"), "mistaken");

	snprintf(ret, TEXT_MAX, "%.0f MHz%s", khz / 1e3,
		 mistaken ? ", mistaken, and so are rates and times" : "");
	return khz > 0 && khz < 1e9 ? ret : strcpy(ret, "");
}

static const char *show_guest_kernel(const struct ep_report_source *source, char ret[TEXT_MAX])
{
	const char *kernel = source->is_boot ? source->boot.kernel
					     : ep_load_text(&source->loaded, "guest", "kernel");

	snprintf(ret, TEXT_MAX, kernel[0] ? "Linux %.200s" : "%.200s", kernel);
	return ret;
}

static const char *show_cpu(const struct ep_report_source *source, char ret[TEXT_MAX])
{
	return show(source, "guest", "cpu_model", ret);
}

static const char *show_cpus(const struct ep_report_source *source, char ret[TEXT_MAX])
{
	return show(source, "guest", "cpus_count", ret);
}

static const char *show_started(const struct ep_report_source *source, char ret[TEXT_MAX])
{
	if (!source->is_boot)
		return show(source, "run", "started", ret);
	snprintf(ret, TEXT_MAX, "%s", source->boot.started);
	return ret;
}

static const char *show_repeats(const struct ep_report_source *source, char ret[TEXT_MAX])
{
	char warmups[TEXT_MAX], limit[TEXT_MAX], time[EP_VALUE_TEXT_MAX];
	uint64_t ns;

	if (source->is_boot)
		return strcpy(ret, "1");
	show(source, "run", "warmups_count", warmups);
	ns = strtoull(show(source, "run", "duration_limit_ns", limit), NULL, 10);
	snprintf(ret, TEXT_MAX, "%zu%s%s", source->loaded.repeat_count, ns ? " of " : "",
		 ns ? ep_value_format(EXITPROF_OPTION_DURATION, ns, time) : "");
	if (warmups[0] && strcmp(warmups, "0"))
		snprintf(ret + strlen(ret), TEXT_MAX - strlen(ret), ", after %.20s to warm up",
			 warmups);
	return ret;
}

static const char *show_options(const struct ep_report_source *source, char ret[TEXT_MAX])
{
	struct json_object *options = ep_load_member(&source->loaded, "workload", "options");
	size_t length = 0;

	ret[0] = '\0';
	if (!json_object_is_type(options, json_type_object))
		return ret;
	json_object_object_foreach(options, name, value)
	{
		length += snprintf(ret + length, TEXT_MAX - length, "%s%.60s=%.80s",
				   length ? ", " : "", name,
				   value ? json_object_get_string(value) : "");
		if (length >= TEXT_MAX) {
			strcpy(ret + TEXT_MAX - sizeof("..."), "...");
			break;
		}
	}
	return ret;
}

static const char *show_tool(const struct ep_report_source *source, char ret[TEXT_MAX])
{
	char version[TEXT_MAX];

	show(source, "tool", "version", version);
	snprintf(ret, TEXT_MAX, version[0] ? "exitprof %.100s" : "%.100s", version);
	return ret;
}

static const struct {
	const char *name;
	const char *(*show)(const struct ep_report_source *source, char ret[TEXT_MAX]);
} properties[] = {
	{ "Measured", show_measured },
	{ "Options of the workload", show_options },
	{ "Repeats", show_repeats },
	{ "When", show_started },
	{ "Host", show_host },
	{ "Host's kernel", show_host_kernel },
	{ "Virtualization", show_vendor },
	{ "Paging", show_paging },
	{ "Accounting", show_level },
	{ "Host's TSC", show_khz },
	{ "Guest's kernel", show_guest_kernel },
	{ "Guest's processor", show_cpu },
	{ "CPUs of the guest", show_cpus },
	{ "Measured by", show_tool },
};

static void add_property(struct ep_document *document, const struct ep_report_source *sources,
			 size_t count, size_t index)
{
	char texts[EP_REPORT_SOURCES_MAX][TEXT_MAX];
	const char *cells[EP_REPORT_SOURCES_MAX];
	bool any = false;

	for (size_t i = 0; i < count; i++) {
		cells[i] = properties[index].show(&sources[i], texts[i]);
		any = any || cells[i][0];
		if (!cells[i][0])
			cells[i] = "-";
	}
	if (any)
		ep_document_row_of(document, properties[index].name, cells, count);
}

void ep_report_setup(struct ep_document *document, const struct ep_report_source *sources,
		     size_t count)
{
	struct ep_report_column columns[EP_REPORT_SOURCES_MAX + 2] = { { "What", EP_COLUMN_TEXT } };

	for (size_t i = 0; i < count; i++)
		columns[i + 1] = (struct ep_report_column){ sources[i].label, EP_COLUMN_TEXT };
	if (count == 1)
		columns[1].name = "Value";
	ep_document_table(document, "", columns);
	for (size_t i = 0; i < ARRAY_SIZE(properties); i++)
		add_property(document, sources, count, i);
}
