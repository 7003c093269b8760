// SPDX-License-Identifier: GPL-3.0-or-later
#include <inttypes.h>
#include <json-c/json.h>
#include <string.h>

#include "core/cleanup.h"
#include "report_parts.h"

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
	snprintf(ret, TEXT_MAX, "%zu%s%s%.20s%s", source->loaded.repeat_count, ns ? " of " : "",
		 ns ? ep_value_format(EXITPROF_OPTION_DURATION, ns, time) : "",
		 strcmp(warmups, "0") ? "" : "", "");
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

/* Adds @words of a command, each as a word of a shell. */
static void add_words(FILE *file, struct json_object *words)
{
	for (size_t i = 0; i < json_object_array_length(words); i++) {
		const char *word = json_object_get_string(json_object_array_get_idx(words, i));
		_cleanup_free_ char *quoted = ep_text_quote(word ?: "");

		fprintf(file, " %s", quoted ?: "");
	}
}

static uint64_t u64_at(const struct ep_report_source *source, const char *object,
		       const char *member)
{
	struct json_object *value = ep_load_member(&source->loaded, object, member);

	return json_object_is_type(value, json_type_int) ? json_object_get_uint64(value) : 0;
}

static void add_duration(FILE *file, const char *option, uint64_t ns)
{
	char text[EP_VALUE_TEXT_MAX];

	if (ns)
		fprintf(file, " %s %s", option,
			ep_value_format(EXITPROF_OPTION_DURATION, ns, text));
}

/* Options as the workload takes them, from results that tell. */
static void add_settings(FILE *file, const struct ep_report_source *source)
{
	struct json_object *set = ep_load_member(&source->loaded, "workload", "set");

	if (!json_object_is_type(set, json_type_array))
		return;
	for (size_t i = 0; i < json_object_array_length(set); i++) {
		const char *word = json_object_get_string(json_object_array_get_idx(set, i));
		_cleanup_free_ char *quoted = ep_text_quote(word ?: "");

		fprintf(file, " --set %s", quoted ?: "");
	}
}

static void write_command(FILE *file, const struct ep_report_source *source)
{
	struct json_object *command = NULL;
	const char *workload = ep_load_text(&source->loaded, "workload", "name");
	_cleanup_free_ char *quoted = ep_text_quote(workload);
	bool exec = json_object_object_get_ex(source->loaded.run, "command", &command) &&
		    json_object_is_type(command, json_type_array);

	fputs("exitprof ", file);
	if (workload[0])
		fprintf(file, "run %s", quoted ?: "");
	else
		fputs(exec ? "exec" : "record", file);
	if (workload[0])
		add_settings(file, source);
	if (u64_at(source, "run", "repeats_wanted_count") > 1)
		fprintf(file, " -n %" PRIu64, u64_at(source, "run", "repeats_wanted_count"));
	if (u64_at(source, "run", "warmups_count"))
		fprintf(file, " -w %" PRIu64, u64_at(source, "run", "warmups_count"));
	add_duration(file, "-d", u64_at(source, "run", "duration_limit_ns"));
	add_duration(file, "-i", u64_at(source, "series", "interval_ns"));
	if (ep_load_member(&source->loaded, "run", "details_lost_count"))
		fputs(" --details", file);
	fputs(" -o RESULT", file);
	if (exec) {
		fputs(" --", file);
		add_words(file, command);
	}
	putc('\n', file);
}

/* The commands of all sources, each once. */
static char *list_commands(const struct ep_report_source *sources, size_t count)
{
	char *text = NULL;
	size_t size;
	FILE *file = open_memstream(&text, &size);

	if (!file)
		return NULL;
	for (size_t i = 0; i < count; i++) {
		const char *lab = ep_source_lab(&sources[i], "command");

		bool shadow = ep_source_paging(&sources[i]) == EP_PAGING_SHADOW;

		if (count > 1 || (shadow && !lab[0]))
			fprintf(file, "%s# %s%s\n", i ? "\n" : "", sources[i].label,
				shadow ? ", on a host without nested paging" : "");
		if (lab[0])
			fprintf(file, "%s\n", lab);
		else if (sources[i].is_boot)
			fputs("systemctl enable exitprof-boot.service\nreboot\nexitprof boot "
			      "report\n",
			      file);
		else
			write_command(file, &sources[i]);
	}
	return fclose(file) ? NULL : text;
}

void ep_report_reproduce(struct ep_document *document, const struct ep_report_source *sources,
			 size_t count)
{
	_cleanup_free_ char *commands = list_commands(sources, count);
	bool lab = false;

	if (!commands) {
		document->failed = true;
		return;
	}
	for (size_t i = 0; i < count; i++)
		lab = lab || ep_source_lab(&sources[i], "command")[0];
	ep_document_paragraph(document);
	if (lab)
		ep_document_text(document,
				 "On any machine with Debian packages, in a checkout of "
				 "exitprof; the lab fetches, patches and builds what it needs, "
				 "and emulates a host where the machine offers no nested "
				 "virtualization:");
	else
		ep_document_text(document,
				 "In a guest of a host whose KVM has the exitprof patch:");
	ep_document_listing(document, "%s", commands);
	ep_document_paragraph(document);
	ep_document_text(document, "This report is made from the folders alone, on any machine:");
	{
		_cleanup_free_ char *words = NULL;
		size_t size;
		FILE *file = open_memstream(&words, &size);

		if (!file) {
			document->failed = true;
			return;
		}
		fputs("exitprof report", file);
		for (size_t i = 0; i < count; i++) {
			_cleanup_free_ char *quoted = ep_text_quote(sources[i].label);

			fprintf(file, " %s", quoted ?: "");
		}
		fclose(file);
		ep_document_listing(document, "%s", words);
	}
}
