// SPDX-License-Identifier: GPL-3.0-or-later
#include <errno.h>
#include <inttypes.h>
#include <unistd.h>

#include "core/base/csv.h"
#include "core/result/series_csv.h"

#define FLUSH_NS    1000000000
#define BUFFER_SIZE 65536

void ep_series_csv_begin(struct ep_series_csv *csv)
{
	/* One write a second, and not one for each few samples. */
	if (!isatty(fileno(csv->file)))
		setvbuf(csv->file, NULL, _IOFBF, BUFFER_SIZE);
	if (!csv->json)
		fputs("repeat,uptime_ns,elapsed_ns,interval_ns,missed_count,scope,reason,name,"
		      "exits_count,handling_cycles,away_cycles\n",
		      csv->file);
	csv->flushed_ns = 0;
}

/* One line. @row: of the host's reasons, or -1 for the total; @figures: NULL if unknown. */
struct line {
	const struct ep_sample *sample;
	const char *scope;
	int row;
	bool timed;
	bool full;
	const struct ep_delta_row *figures;
};

static const char *name_of(const struct ep_series_csv *csv, int row)
{
	return row < 0 ? "total" : ep_reasons_name(csv->host->vendor, csv->host->reasons[row]);
}

static void maybe(FILE *file, bool known, uint64_t value, char end)
{
	if (known)
		ep_csv_u64(file, value, end);
	else
		putc_unlocked(end, file);
}

static void write_csv(const struct ep_series_csv *csv, const struct line *line)
{
	const struct ep_sample *sample = line->sample;
	const struct ep_delta_row *figures = line->figures;
	FILE *file = csv->file;

	ep_csv_u64(file, csv->repeat, ',');
	ep_csv_u64(file, sample->now_ns, ',');
	ep_csv_u64(file, sample->elapsed_ns, ',');
	ep_csv_u64(file, sample->duration_ns, ',');
	ep_csv_u64(file, sample->missed, ',');
	ep_csv_text(file, line->scope, ',');
	maybe(file, line->row >= 0, line->row < 0 ? 0 : csv->host->reasons[line->row], ',');
	ep_csv_text(file, name_of(csv, line->row), ',');
	maybe(file, figures, figures ? figures->exits : 0, ',');
	maybe(file, figures && line->timed, figures ? figures->cycles : 0, ',');
	maybe(file, figures && line->full, figures ? figures->away : 0, '\n');
}

static void maybe_json(FILE *file, const char *name, bool known, uint64_t value)
{
	if (known)
		fprintf(file, ", \"%s\": %" PRIu64, name, value);
	else
		fprintf(file, ", \"%s\": null", name);
}

/* Names of reasons need no escaping. */
static void write_json(const struct ep_series_csv *csv, const struct line *line)
{
	const struct ep_sample *sample = line->sample;
	const struct ep_delta_row *figures = line->figures;
	FILE *file = csv->file;

	fprintf(file,
		"{\"repeat\": %" PRIu64 ", \"uptime_ns\": %" PRIu64 ", \"elapsed_ns\": %" PRIu64
		", \"interval_ns\": %" PRIu64 ", \"missed_count\": %" PRIu64 ", \"scope\": \"%s\"",
		csv->repeat, sample->now_ns, sample->elapsed_ns, sample->duration_ns,
		sample->missed, line->scope);
	maybe_json(file, "reason", line->row >= 0,
		   line->row < 0 ? 0 : csv->host->reasons[line->row]);
	fprintf(file, ", \"name\": \"%s\"", name_of(csv, line->row));
	maybe_json(file, "exits_count", figures, figures ? figures->exits : 0);
	maybe_json(file, "handling_cycles", figures && line->timed, figures ? figures->cycles : 0);
	maybe_json(file, "away_cycles", figures && line->full, figures ? figures->away : 0);
	fputs("}\n", file);
}

static void write_line(const struct ep_series_csv *csv, const struct line *line)
{
	if (csv->json)
		write_json(csv, line);
	else
		write_csv(csv, line);
}

static void write_scope(const struct ep_series_csv *csv, const struct ep_sample *sample,
			const char *scope, const struct ep_delta *delta)
{
	struct line line = { sample, scope, .row = -1 };
	struct ep_delta_row total;

	if (!delta) {
		write_line(csv, &line);
		return;
	}
	total = (struct ep_delta_row){ delta->exits, delta->cycles, delta->away };
	line.timed = true;
	line.full = delta->full;
	line.figures = &total;
	write_line(csv, &line);
	/* Those of the total are told by every dialect. */
	line.timed = delta->timed;
	for (uint32_t row = 0; row < delta->count; row++) {
		const struct ep_delta_row *figures = &delta->rows[row];

		/* Of an exit that ended now, but had come before: away cycles alone. */
		if (!figures->exits && !figures->cycles && !figures->away)
			continue;
		line.row = row;
		line.figures = figures;
		write_line(csv, &line);
	}
}

int ep_series_csv_sample(void *user, const struct ep_sample *sample)
{
	struct ep_series_csv *csv = user;
	const struct ep_scoped_delta *delta = sample->delta;
	char scope[sizeof("vcpu") + 10];

	/* Of a write that leaves its flag, but not its errno. */
	errno = ENOSPC;
	write_scope(csv, sample, "vm", delta ? &delta->vm : NULL);
	for (uint32_t i = 0; i < csv->vcpus; i++) {
		snprintf(scope, sizeof(scope), "vcpu%" PRIu32, i);
		write_scope(csv, sample, scope, delta ? &delta->vcpus[i] : NULL);
	}
	if (sample->now_ns - csv->flushed_ns >= FLUSH_NS) {
		csv->flushed_ns = sample->now_ns;
		if (fflush(csv->file))
			return -errno;
	}
	return ferror(csv->file) ? -errno : 0;
}
