// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * fuzz-load FOLDER [ROUNDS] - reads and compares damaged copies of the result FOLDER
 *
 * Built with the sanitizers for addresses and undefined behaviour, whose findings end
 * it. The damage follows from the number of the round alone: what fails once fails
 * always.
 */
#include <inttypes.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/base/input.h"
#include "core/result/json.h"
#include "core/stats/comparable.h"
#include "core/stats/compare.h"
#include "result_files.h"

#define ROUNDS	    2000
#define DAMAGES_MAX 4
#define GROWTH_MAX  4096

static const char *const names[] = { "run.json", "runs.csv", "exits.csv" };

struct text {
	char *data;
	size_t length;
};

/* What readers of text stumble over. */
static const char *const tokens[] = {
	"\"",
	",",
	"\n",
	"\r\n",
	"\"\"",
	"{",
	"}",
	"[",
	"]",
	":",
	"null",
	"true",
	"-1",
	"0",
	"18446744073709551615",
	"18446744073709551616",
	"99999999999999999999999",
	"1e308",
	"nan",
	"4294967295",
	"\\u0000",
	"\xff",
	"\x1b[2J",
	"repeat",
	"vm",
	"handling_cycles",
	"\"format\": 1,",
	"\"options\": [",
	"\"name\": {}",
	"1,vm,120,hlt,10,\n",
	"2,1,,0,\n",
};

static uint64_t state;

/* Xorshift, from 0 to @below. */
static size_t pick(size_t below)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return below ? state % below : 0;
}

static void replace(struct text *text, size_t at, size_t removed, const char *added, size_t length)
{
	memmove(text->data + at + length, text->data + at + removed, text->length - at - removed);
	memcpy(text->data + at, added, length);
	text->length += length - removed;
}

static void damage(struct text *text)
{
	size_t at = pick(text->length + 1), left = text->length - at;
	const char *token = tokens[pick(ARRAY_SIZE(tokens))];
	char copy[256];
	size_t length;

	switch (pick(6)) {
	case 0:
		text->length = at;
		break;
	case 1:
		if (left)
			text->data[at] ^= 1u << pick(8);
		break;
	case 2:
		replace(text, at, pick(left < 32 ? left + 1 : 32), "", 0);
		break;
	case 3:
		length = pick(left < sizeof(copy) ? left + 1 : sizeof(copy));
		memcpy(copy, text->data + at, length);
		replace(text, pick(text->length + 1), 0, copy, length);
		break;
	case 4:
		replace(text, at, 0, token, strlen(token));
		break;
	default:
		/* In place of a whole field, so that it is often looked at. */
		while (at && !strchr(",\n: ", text->data[at - 1]))
			at--;
		for (length = 0;
		     at + length < text->length && !strchr(",\n:", text->data[at + length]);)
			length++;
		replace(text, at, length, token, strlen(token));
		break;
	}
}

static void read_original(struct text *ret, const char *folder, const char *name)
{
	struct ep_error err = {};
	char path[4096];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	if (ep_input_read(path, 1 << 20, &ret->data, &ret->length, &err)) {
		fprintf(stderr, "%s\n", err.message);
		exit(1);
	}
}

/* What `plot` takes from a run.json, whether or not the rest of the folder is good. */
static void read_title(const char *folder)
{
	struct json_object *run;
	char path[64], *title;

	snprintf(path, sizeof(path), "%s/run.json", folder);
	if (ep_input_json(path, &run, NULL))
		return;
	if (!ep_result_title(&title, run))
		free(title);
	json_object_put(run);
}

/* Whether it was read at all. */
static bool compare(const char *good, const char *damaged)
{
	struct ep_loaded results[2] = {};
	const struct ep_side before = { results, 1 }, after = { results + 1, 1 };
	struct ep_comparison comparison = {};
	struct ep_remarks remarks = {};
	struct ep_error err = {};
	bool read;

	if (ep_load(&results[0], good, &err))
		exit(1);
	read = !ep_load(&results[1], damaged, &err);
	if (read) {
		ep_comparable(&remarks, results, 2);
		for (int metric = 0; metric < EP_METRICS; metric++) {
			ep_compare(&comparison, &before, &after, metric, &err);
			ep_compare_finish(&comparison);
		}
	} else if (!err.message[0]) {
		fprintf(stderr, "refused without a message\n");
		exit(1);
	}
	ep_comparable_finish(&remarks);
	ep_load_finish(&results[0]);
	ep_load_finish(&results[1]);
	return read;
}

static void write_damaged(const struct result_files *files, const struct text *originals,
			  uint64_t round)
{
	size_t victim;

	state = 0x9e3779b97f4a7c15 * (round + 1);
	victim = pick(ARRAY_SIZE(names));
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		struct text text = { malloc(originals[i].length + GROWTH_MAX),
				     originals[i].length };

		memcpy(text.data, originals[i].data, text.length);
		for (size_t left = i == victim ? 1 + pick(DAMAGES_MAX) : 0; left; left--)
			damage(&text);
		result_files_write_bytes(files, names[i], text.data, text.length);
		free(text.data);
	}
}

int main(int argc, char **argv)
{
	uint64_t rounds = argc > 2 ? strtoull(argv[2], NULL, 10) : ROUNDS, read = 0;
	struct text originals[ARRAY_SIZE(names)];
	struct result_files files;

	if (argc < 2)
		return 2;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		read_original(&originals[i], argv[1], names[i]);
	result_files_init(&files);
	for (uint64_t round = 0; round < rounds; round++) {
		write_damaged(&files, originals, round);
		read_title(files.path);
		read += compare(argv[1], files.path);
	}
	result_files_finish(&files);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		free(originals[i].data);
	printf("%" PRIu64 " damaged results: %" PRIu64 " read, the others refused\n", rounds, read);
	/* Damage that is always seen, or never, tests little. */
	return read > rounds / 20 && read < rounds - rounds / 20 ? 0 : 1;
}
