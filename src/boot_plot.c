// SPDX-License-Identifier: GPL-3.0-or-later
#include <inttypes.h>
#include <string.h>

#include "boot_plot.h"
#include "chart.h"
#include "core/boot_phases.h"
#include "core/cleanup.h"
#include "core/csv.h"
#include "say.h"

#define BANDS 7

/* More are not told apart in a report, and make it large. */
#define DRAWN 150

/* Most exits first; @ret has @max of them. Returns how many there are. */
static uint32_t find_bands(const struct ep_boot *boot, uint32_t *ret, uint32_t max)
{
	struct ep_boot_figure figures[EP_REASONS_MAX] = {};
	uint32_t count = 0;

	ep_boot_sum_reasons(boot, 1, figures);
	while (count < max) {
		uint32_t best = EP_REASONS_MAX;

		for (uint32_t i = 0; i < boot->reasons; i++)
			if (figures[i].exits &&
			    (best == EP_REASONS_MAX || figures[i].exits > figures[best].exits))
				best = i;
		if (best == EP_REASONS_MAX)
			break;
		ret[count++] = best;
		figures[best].exits = 0;
	}
	return count;
}

/* Each band is added to those before it. Of samples from number @first to before @end. */
static void write_bands(FILE *file, const struct ep_boot *boot, size_t first, size_t end,
			const uint32_t *bands, uint32_t count)
{
	uint64_t duration_ns = 0, all = 0, exits = 0;
	double per_second;

	for (size_t i = first; i < end; i++) {
		duration_ns += boot->samples[i].duration_ns;
		all += boot->samples[i].exits;
	}
	per_second = duration_ns ? 1e9 / duration_ns : 0;
	for (uint32_t b = 0; b < count; b++) {
		for (size_t i = first; i < end; i++)
			for (size_t j = 0; j < boot->samples[i].count; j++) {
				const struct ep_boot_entry *entry =
					&boot->entries[boot->samples[i].first + j];

				if (entry->row == bands[b])
					exits += entry->exits;
			}
		fprintf(file, ",%.1f", exits * per_second);
	}
	fprintf(file, ",%.1f\n", all * per_second);
}

/*
 * In seconds; all exits since the VM was created, or since the first sample. At most
 * @most rows beside the first: samples that follow each other are put together if need be.
 */
static void write_timeline(FILE *file, const struct ep_boot *boot, size_t most)
{
	uint32_t bands[BANDS], count = find_bands(boot, bands, BANDS);
	size_t step = boot->count / most + 1;
	uint64_t cumulative = 0;

	fputs("time_s,exits_count", file);
	for (uint32_t i = 0; i < count; i++)
		fprintf(file, ",%s", boot->names[bands[i]]);
	fputs(",other\n", file);
	/* The first sample has no duration, and is by itself. */
	for (size_t first = 0, end = 1; first < boot->count; first = end, end += step) {
		if (end > boot->count)
			end = boot->count;
		for (size_t i = first; i < end; i++)
			if (i || boot->before_known)
				cumulative += boot->samples[i].exits;
		fprintf(file, "%.6f,%" PRIu64, boot->samples[end - 1].now_ns / 1e9, cumulative);
		write_bands(file, boot, first, end, bands, count);
	}
}

/* "3.7 systemd 7.2 sysinit.target": what the charts mark. */
static char *phase_marks(const struct ep_boot *boot)
{
	static const char *const targets[] = { "sysinit.target", "basic.target" };
	uint64_t kernel = ep_boot_kernel_end(boot);
	char *text = NULL;
	size_t size;
	FILE *file = open_memstream(&text, &size);

	if (!file)
		return NULL;
	if (kernel && kernel < boot->userspace_ns)
		fprintf(file, "%.3f initrd ", kernel / 1e9);
	if (boot->userspace_ns)
		fprintf(file, "%.3f systemd ", boot->userspace_ns / 1e9);
	for (size_t i = 0; i < ARRAY_SIZE(targets); i++)
		if (ep_boot_unit_active(boot, targets[i]))
			fprintf(file, "%.3f %s ", ep_boot_unit_active(boot, targets[i]) / 1e9,
				targets[i]);
	if (boot->finish_ns)
		fprintf(file, "%.3f finished", boot->finish_ns / 1e9);
	fclose(file);
	return text;
}

/* @write gives the data of @charts, which end with NULL. */
static int draw(const char *folder, const char *name, const char *const *charts,
		void (*write)(FILE *file, const void *data), const void *data, const char *title,
		const char *marks)
{
	static const char *const formats[] = { "svg", "png" };
	_cleanup_free_ char *path = NULL;
	struct ep_error err = {};
	FILE *file;
	int code = 0;

	if (!ep_chart_available(&err)) {
		ep_say_error(&err);
		return EP_STATUS_FAILED;
	}
	if (asprintf(&path, "%s/%s", folder, name) < 0) {
		path = NULL;
		ep_say("out of memory");
		return EP_STATUS_FAILED;
	}
	file = fopen(path, "we");
	if (!file) {
		ep_say("cannot write '%s': %m", path);
		return EP_STATUS_FAILED;
	}
	write(file, data);
	/* A write that failed long ago has left its flag, but not its errno. */
	errno = ENOSPC;
	code = ferror(file);
	if (fclose(file) || code) {
		ep_say("cannot write '%s': %m", path);
		return EP_STATUS_FAILED;
	}
	for (size_t i = 0; charts[i]; i++)
		for (size_t j = 0; j < ARRAY_SIZE(formats) && !code; j++) {
			_cleanup_free_ char *out = NULL;

			if (asprintf(&out, "%s/%s.%s", folder, charts[i], formats[j]) < 0) {
				out = NULL;
				return EP_STATUS_FAILED;
			}
			code = ep_chart_draw_file(charts[i], path, out, title, marks, &err);
		}
	if (code)
		ep_say_error(&err);
	return code ? EP_STATUS_FAILED : EP_STATUS_DONE;
}

static void write_one(FILE *file, const void *data)
{
	write_timeline(file, data, SIZE_MAX);
}

static char *title_of(const struct ep_boot *boot)
{
	char *title;

	return asprintf(&title, "%s, Linux %s%s", boot->started, boot->kernel,
			boot->before_known ? "" : "; from the first sample on") < 0
		       ? NULL
		       : title;
}

int ep_boot_draw(const struct ep_boot *boot, const char *chart, const char *data, const char *file,
		 struct ep_error *err)
{
	_cleanup_free_ char *title = title_of(boot), *marks = phase_marks(boot);
	FILE *timeline = fopen(data, "we");
	int code = timeline ? 0 : -errno;

	if (timeline) {
		write_timeline(timeline, boot, DRAWN);
		/* A write that failed long ago has left its flag, but not its errno. */
		errno = ENOSPC;
		code = ferror(timeline) ? -errno : 0;
		if (fclose(timeline) && !code)
			code = -errno;
	}
	if (code)
		return ep_error_set(err, code, "cannot write '%s': %m", data);
	if (!title || !marks)
		return ep_error_set(err, -ENOMEM, "out of memory");
	return ep_chart_draw_file(chart, data, file, title, marks, err);
}

int ep_boot_plot(const struct ep_boot *boot, const char *folder)
{
	static const char *const charts[] = { "boot-rate", "boot-cumulative", NULL };
	_cleanup_free_ char *title = title_of(boot), *marks = phase_marks(boot);

	if (!marks || !title) {
		ep_say("out of memory");
		return EP_STATUS_FAILED;
	}
	return draw(folder, "boot-timeline.csv", charts, write_one, boot, title, marks);
}

/* @known: of all of them, what came before the first sample */
struct several {
	const struct ep_boot *boots;
	const char *const *names;
	size_t count;
	bool known;
};

static void write_several(FILE *file, const void *data)
{
	const struct several *several = data;

	fputs("boot,time_s,exits_count\n", file);
	for (size_t i = 0; i < several->count; i++) {
		const struct ep_boot *boot = &several->boots[i];
		uint64_t cumulative = 0;

		for (size_t j = 0; j < boot->count; j++) {
			if (j || several->known)
				cumulative += boot->samples[j].exits;
			ep_csv_text(file, several->names[i], ',');
			fprintf(file, "%.6f,%" PRIu64 "\n", boot->samples[j].now_ns / 1e9,
				cumulative);
		}
	}
}

int ep_boot_plot_several(const struct ep_boot *boots, const char *const *names, size_t count,
			 const char *folder)
{
	static const char *const charts[] = { "boot-compare", NULL };
	struct several several = { boots, names, count, true };

	for (size_t i = 0; i < count; i++)
		several.known &= boots[i].before_known;
	return draw(folder, "boot-compare.csv", charts, write_several, &several,
		    several.known ? "since each VM was created" : "from the first sample on", NULL);
}
