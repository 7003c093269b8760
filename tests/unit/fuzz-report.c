// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * fuzz-report FOLDER BOOT [ROUNDS] - makes reports of damaged copies of a result and of a boot
 *
 * Built with the sanitizers for addresses and undefined behaviour, whose findings end
 * it. The damage follows from the number of the round alone. Whatever was damaged, there
 * is a report or a message, and no markup in it that is not ours.
 */
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/cleanup.h"
#include "core/base/input.h"
#include "print/bars.h"
#include "report/report.h"
#include "report/write/html.h"
#include "report/write/markdown.h"

#define ROUNDS	   300
#define GROWTH_MAX 512

static const char *const tokens[] = {
	"\"",	 ",",	    "\n",
	"{",	 "}",	    "[",
	"]",	 "null",    "-1",
	"0",	 "1e308",   "18446744073709551615",
	"true",	 "\xff",    "\"</code><script>x</script>\"",
	"total", "vm",	    "<script>",
	"`|`",	 "\x1b[m",  "99999999999999999999999",
	",,",	 "\\u0000", "\"samples\": [",
};

static const char *const run_files[] = { "run.json",	"runs.csv",    "exits.csv",
					 "summary.csv", "details.csv", "series.csv" };
static const char *const boot_files[] = { "boot.json", "run.json", "runs.csv", "exits.csv" };

static uint64_t state;

/* Xorshift, from 0 to below @below. */
static size_t pick(size_t below)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return below ? state % below : 0;
}

/* At a field's beginning as a rule, so that what was damaged is looked at. */
static size_t damage(char *text, size_t length)
{
	const char *token = tokens[pick(ARRAY_SIZE(tokens))];
	size_t at = pick(length + 1), removed = 0, added = strlen(token);

	if (pick(8)) {
		while (at && !strchr(",\n: ", text[at - 1]))
			at--;
		while (at + removed < length && !strchr(",\n:", text[at + removed]))
			removed++;
	}
	switch (pick(4)) {
	case 0:
		added = 0;
		break;
	case 1:
		if (!pick(4))
			return at;
		break;
	case 2:
		if (at < length)
			text[at] ^= 1u << pick(8);
		return length;
	}
	memmove(text + at + added, text + at + removed, length - at - removed);
	memcpy(text + at, token, added);
	return length + added - removed;
}

static void copy_file(const char *from, const char *to, const char *name, size_t damages)
{
	_cleanup_free_ char *source = NULL, *target = NULL, *original = NULL, *text = NULL;
	struct ep_error err = {};
	size_t length;
	FILE *file;

	if (asprintf(&source, "%s/%s", from, name) < 0 || asprintf(&target, "%s/%s", to, name) < 0)
		abort();
	if (ep_input_read(source, 1 << 20, &original, &length, &err)) {
		fprintf(stderr, "%s\n", err.message);
		exit(1);
	}
	text = malloc(length + damages * GROWTH_MAX + 1);
	memcpy(text, original, length);
	while (damages--)
		length = damage(text, length);
	file = fopen(target, "w");
	if (!file || fwrite(text, 1, length, file) != length || fclose(file))
		abort();
}

static void copy_folder(const char *from, const char *to, const char *const *names, size_t count,
			bool damaged)
{
	size_t victim = pick(count);

	if (mkdir(to, 0777) && access(to, F_OK))
		abort();
	for (size_t i = 0; i < count; i++)
		copy_file(from, to, names[i], damaged && i == victim ? 1 + pick(4) : 0);
}

static void remove_folder(const char *folder, const char *const *names, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		char path[128];

		snprintf(path, sizeof(path), "%s/%s", folder, names[i]);
		unlink(path);
	}
	rmdir(folder);
}

static void check_markup(const struct ep_document *document)
{
	char *text;
	size_t size;
	FILE *file = open_memstream(&text, &size);

	ep_report_write_markdown(file, document, "charts");
	ep_report_write_html(file, document);
	fclose(file);
	if (strstr(strstr(text, "<!DOCTYPE html>"), "<script")) {
		fprintf(stderr, "markup of another's in it\n");
		exit(1);
	}
	free(text);
}

/* Whether there was a report. */
static bool report(const char *const *paths, size_t count, bool course)
{
	const struct ep_report_settings settings = { .course = course };
	_cleanup_(ep_document_finish) struct ep_document document = {};
	struct ep_report_source sources[3] = {};
	struct ep_error err = {};
	int code = 0;

	for (size_t i = 0; i < count && !code; i++)
		code = ep_source_open(&sources[i], paths[i], &err);
	if (!code)
		code = ep_report_build(&document, &settings, sources, count, &err);
	if (!code)
		check_markup(&document);
	else if (!err.message[0]) {
		fprintf(stderr, "refused without a message\n");
		exit(1);
	}
	for (size_t i = 0; i < count; i++)
		ep_source_close(&sources[i]);
	return !code;
}

/* What 'plot --terminal' prints; whether it did. */
static bool bars(const char *path)
{
	static const char *const columns[] = { "exits_count", "handling_cycles",
					       "cycles_per_exit" };
	bool printed = true;

	for (size_t i = 0; i < ARRAY_SIZE(columns); i++) {
		_cleanup_fclose_ FILE *file = fopen("/dev/null", "w");
		struct ep_error err = {};

		printed = !ep_print_bars(file, path, columns[i], "title", &err) && printed;
	}
	return printed;
}

int main(int argc, char **argv)
{
	size_t rounds = argc > 3 ? strtoull(argv[3], NULL, 10) : ROUNDS, reports = 0, all = 0;
	char folder[] = "/tmp/exitprof-XXXXXX", run[64], boot[64];

	if (argc < 3 || !mkdtemp(folder))
		return 2;
	snprintf(run, sizeof(run), "%s/run", folder);
	snprintf(boot, sizeof(boot), "%s/boot", folder);
	for (size_t round = 0; round < rounds; round++) {
		const char *const paths[] = { run, boot, argv[1] };

		state = 0x9e3779b97f4a7c15 * (round + 1);
		copy_folder(argv[1], run, run_files, ARRAY_SIZE(run_files), true);
		copy_folder(argv[2], boot, boot_files, ARRAY_SIZE(boot_files), true);
		reports += report(&paths[0], 1, false);
		reports += report(&paths[1], 1, false);
		reports += report(paths, 3, round & 1);
		reports += bars(run);
		all += 4;
	}
	remove_folder(run, run_files, ARRAY_SIZE(run_files));
	remove_folder(boot, boot_files, ARRAY_SIZE(boot_files));
	rmdir(folder);
	printf("%zu of %zu could be reported or drawn\n", reports, all);
	/* Else either the damage or the reader is not what it is meant to be. */
	return reports > all / 10 && reports < all ? 0 : 1;
}
