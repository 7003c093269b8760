// SPDX-License-Identifier: GPL-3.0-or-later
#include <inttypes.h>
#include <json-c/json.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/result/json.h"
#include "report/reproduce.h"
#include "report/text.h"

/* What made a result, by what it holds. */
enum maker {
	MAKER_RUN,
	MAKER_EXEC,
	MAKER_RECORD,
	MAKER_SNAPSHOT,
};

static enum maker maker_of(const struct ep_loaded *loaded)
{
	const char *workload = ep_load_text(loaded, "workload", "name");
	struct json_object *command;

	if (workload[0])
		return strcmp(workload, EP_RESULT_LIFE) ? MAKER_RUN : MAKER_SNAPSHOT;
	return json_object_object_get_ex(loaded->run, "command", &command) &&
			       json_object_is_type(command, json_type_array)
		       ? MAKER_EXEC
		       : MAKER_RECORD;
}

static void add_word(FILE *file, const char *before, const char *word)
{
	_cleanup_free_ char *quoted = ep_text_quote(word ?: "");

	fprintf(file, "%s%s", before, quoted ?: "");
}

/* Each of an array of texts, as a word of a shell. */
static void add_words(FILE *file, const char *before, struct json_object *words)
{
	if (!json_object_is_type(words, json_type_array))
		return;
	for (size_t i = 0; i < json_object_array_length(words); i++)
		add_word(file, before, json_object_get_string(json_object_array_get_idx(words, i)));
}

static uint64_t u64_at(const struct ep_loaded *loaded, const char *object, const char *member)
{
	struct json_object *value = ep_load_member(loaded, object, member);

	return json_object_is_type(value, json_type_int) ? json_object_get_uint64(value) : 0;
}

static void add_duration(FILE *file, const char *option, uint64_t ns)
{
	char text[EP_VALUE_TEXT_MAX];

	fprintf(file, " %s %s", option, ep_value_format(EXITPROF_OPTION_DURATION, ns, text));
}

/* Without a limit a run takes one by itself, unless the workload's count is set. */
static void add_limit(FILE *file, const struct ep_loaded *loaded, enum maker maker)
{
	struct json_object *options = ep_load_member(loaded, "workload", "options"), *count;
	uint64_t limit = u64_at(loaded, "run", "duration_limit_ns");
	bool counted = json_object_is_type(options, json_type_object) &&
		       json_object_object_get_ex(options, "count", &count) &&
		       json_object_get_uint64(count);

	if (limit)
		add_duration(file, "-d", limit);
	else if (maker == MAKER_RUN && !counted)
		fputs(" -d 0", file);
}

/* What `run`, `exec` and `record` have in common, each where the command has it. */
static void add_options(FILE *file, const struct ep_loaded *loaded, enum maker maker)
{
	uint64_t interval = u64_at(loaded, "series", "interval_ns");

	if (u64_at(loaded, "run", "repeats_wanted_count") > 1)
		fprintf(file, " -n %" PRIu64, u64_at(loaded, "run", "repeats_wanted_count"));
	if (u64_at(loaded, "run", "warmups_count"))
		fprintf(file, " -w %" PRIu64, u64_at(loaded, "run", "warmups_count"));
	add_limit(file, loaded, maker);
	if (interval)
		add_duration(file, maker == MAKER_RECORD ? "-i" : "--interval", interval);
	/* Earlier versions did not say so, but wrote what there was of each. */
	if (loaded->has_vcpus || json_object_get_boolean(ep_load_member(loaded, "run", "per_vcpu")))
		fputs(" --per-vcpu", file);
	if (ep_load_member(loaded, "run", "details_lost_count"))
		fputs(" --details", file);
}

/* A host that says all about itself is read in a course's dialect only if told to. */
static void add_dialect(FILE *file, const struct ep_loaded *loaded)
{
	const char *dialect = ep_load_text(loaded, "host", "dialect");

	if (!strcmp(ep_load_text(loaded, "host", "recognised"), "discovery") && dialect[0] &&
	    strcmp(dialect, "exitprof"))
		add_word(file, " --dialect ", dialect);
}

/*
 * As it was named: by a path, if that is relative. An absolute one may as well be where a name was
 * found, and the name is what works elsewhere.
 */
static const char *workload_of(const struct ep_loaded *loaded)
{
	const char *path = ep_load_text(loaded, "workload", "path");

	return path[0] != '/' && strchr(path, '/') ? path
						   : ep_load_text(loaded, "workload", "name");
}

static bool has_file(const struct ep_report_source *source, const char *name)
{
	_cleanup_free_ char *path = NULL;

	if (asprintf(&path, "%s/%s", source->folder, name) < 0) {
		path = NULL;
		return false;
	}
	return !access(path, F_OK);
}

static void write_command(FILE *file, const struct ep_report_source *source, const char *output)
{
	static const char *const names[] = { "run", "exec", "record", "snapshot" };
	const struct ep_loaded *loaded = &source->loaded;
	enum maker maker = maker_of(loaded);
	struct json_object *command;

	fprintf(file, "exitprof %s", names[maker]);
	if (maker == MAKER_RUN) {
		add_word(file, " ", workload_of(loaded));
		add_words(file, " --set ", ep_load_member(loaded, "workload", "set"));
	}
	if (maker != MAKER_SNAPSHOT)
		add_options(file, loaded, maker);
	else if (has_file(source, "histogram.csv"))
		fputs(" --full", file);
	add_dialect(file, loaded);
	fprintf(file, " -o %s", output);
	if (maker == MAKER_EXEC) {
		fputs(" --", file);
		json_object_object_get_ex(loaded->run, "command", &command);
		add_words(file, " ", command);
	}
	putc('\n', file);
}

/* What is a comment must not end in the middle of a name. */
static void write_label(FILE *file, const char *label)
{
	for (; *label; label++)
		putc((unsigned char)*label < ' ' || *label == 0x7f ? '?' : *label, file);
}

/* Results of several commands have several folders. */
static void write_source(FILE *file, const struct ep_report_source *source, size_t index,
			 size_t count)
{
	const char *lab = ep_source_lab(source, "command");
	bool shadow = ep_source_paging(source) == EP_PAGING_SHADOW;
	char output[sizeof("RESULT-") + 20] = "RESULT";

	if (count > 1 || (shadow && !lab[0])) {
		fputs(index ? "\n# " : "# ", file);
		write_label(file, source->label);
		fputs(shadow ? ", on a host without nested paging\n" : "\n", file);
	}
	if (count > 1)
		snprintf(output, sizeof(output), "RESULT-%zu", index + 1);
	if (lab[0])
		fprintf(file, "%s\n", lab);
	else if (source->is_boot)
		fputs("systemctl enable exitprof-boot.service\nreboot\nexitprof boot report\n",
		      file);
	else
		write_command(file, source, output);
}

static void write_measuring(FILE *file, const struct ep_report_settings *settings,
			    const struct ep_report_source *sources, size_t count)
{
	for (size_t i = 0; i < count; i++)
		write_source(file, &sources[i], i, count);
}

/*
 * The same document is the same text wherever it is written, so that the file has a
 * name that stands for another.
 */
static void write_reporting(FILE *file, const struct ep_report_settings *settings,
			    const struct ep_report_source *sources, size_t count)
{
	fputs("exitprof report", file);
	if (settings->course)
		fputs(" --course", file);
	if (settings->title)
		add_word(file, " --title ", settings->title);
	for (size_t i = 0; i < count; i++)
		add_word(file, " ", sources[i].label);
	fprintf(file, " -o REPORT.%s", settings->ending ?: "html");
}

/* What @write writes, as a listing. */
static void add_listing(struct ep_document *document, const struct ep_report_settings *settings,
			const struct ep_report_source *sources, size_t count,
			void (*write)(FILE *file, const struct ep_report_settings *settings,
				      const struct ep_report_source *sources, size_t count))
{
	_cleanup_free_ char *text = NULL;
	size_t size;
	FILE *file = open_memstream(&text, &size);

	if (!file) {
		document->failed = true;
		return;
	}
	write(file, settings, sources, count);
	if (fclose(file))
		document->failed = true;
	else
		ep_document_listing(document, "%s", text);
}

void ep_report_reproduce(struct ep_document *document, const struct ep_report_settings *settings,
			 const struct ep_report_source *sources, size_t count)
{
	bool lab = false;

	for (size_t i = 0; i < count; i++)
		lab = lab || ep_source_lab(&sources[i], "command")[0];
	ep_document_heading(document, 2, "How to reproduce it");
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
	add_listing(document, settings, sources, count, write_measuring);
	ep_document_paragraph(document);
	ep_document_text(document, "This report is made from the folders alone, on any machine:");
	add_listing(document, settings, sources, count, write_reporting);
}
