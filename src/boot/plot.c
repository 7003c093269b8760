// SPDX-License-Identifier: GPL-3.0-or-later
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "boot/plot.h"
#include "cli/message.h"
#include "core/base/cleanup.h"
#include "core/base/csv.h"
#include "core/base/file.h"
#include "core/base/value.h"
#include "core/boot/phases.h"
#include "core/boot/rate.h"
#include "plot/chart.h"
#include "plot/script.h"

#define BANDS 7

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

/* The highest rate of the samples from number @first to before @end: a mean would hide it. */
static double peak_of(const struct ep_boot *boot, size_t first, size_t end)
{
	double peak = 0;

	for (size_t i = first; i < end; i++)
		peak = fmax(peak, ep_boot_comparable_rate(boot, i));
	return peak;
}

/* The peak, and each band added to those before it, of the samples from @first to before @end. */
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
	fprintf(file, ",%.1f", fmax(peak_of(boot, first, end), all * per_second));
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
 * In seconds; all exits since the VM was created, or since the first sample. A sample that is too
 * short to be compared shares the row before it. The peak's column says how long a sample is.
 */
static void write_timeline(FILE *file, const void *data)
{
	const struct ep_boot *boot = data;
	uint32_t bands[BANDS], count = find_bands(boot, bands, BANDS);
	char width[EP_VALUE_TEXT_MAX];
	uint64_t cumulative = 0;

	fprintf(file, "time_s,exits_count,peak_of_%s,",
		ep_value_format(EXITPROF_OPTION_DURATION, boot->interval_ns, width));
	for (uint32_t i = 0; i < count; i++)
		ep_csv_text(file, boot->names[bands[i]], ',');
	fputs("other\n", file);
	/* The first sample has no duration, and is by itself. */
	for (size_t first = 0, end = 1; first < boot->count; first = end++) {
		while (first && end < boot->count && !ep_boot_comparable(boot, end))
			end++;
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

static int save_data(const char *path, void (*write)(FILE *file, const void *data),
		     const void *data, struct ep_error *err)
{
	_cleanup_(ep_file_discard) struct ep_file file = {};
	int code = ep_file_begin(&file, path, err);

	if (code)
		return code;
	write(file.stream, data);
	return ep_file_publish(&file, err);
}

/* All pictures of @chart, into @folder. */
static int save_chart(const char *folder, const struct ep_chart *chart, struct ep_error *err)
{
	static const char *const formats[] = { "svg", "png" };
	int code = 0;

	for (size_t i = 0; i < ARRAY_SIZE(formats) && !code; i++) {
		_cleanup_free_ char *out = NULL;

		if (asprintf(&out, "%s/%s.%s", folder, chart->name, formats[i]) < 0) {
			out = NULL;
			return ep_error_set(err, -ENOMEM, "out of memory");
		}
		code = ep_chart_save(chart, out, err);
	}
	return code;
}

/* Every chart with @made_of for data, and that data as @name, into @folder. */
static int save(const char *folder, const char *made_of, const char *name, struct ep_chart *chart,
		struct ep_error *err)
{
	_cleanup_(ep_scripts_finish) struct ep_scripts scripts = {};
	_cleanup_free_ char *data = NULL;
	int code;

	if (asprintf(&data, "%s/%s", folder, name) < 0) {
		data = NULL;
		return ep_error_set(err, -ENOMEM, "out of memory");
	}
	code = ep_scripts_find(&scripts, err);
	if (!code)
		code = save_data(data, chart->write, chart->user, err);
	for (size_t i = 0; i < scripts.count && !code; i++) {
		if (strcmp(scripts.list[i].data, made_of))
			continue;
		chart->name = scripts.list[i].name;
		code = save_chart(folder, chart, err);
	}
	return code;
}

/* Returns a status. */
static int draw(const char *folder, const char *made_of, const char *name, struct ep_chart *chart)
{
	struct ep_error err = {};

	chart->of = folder;
	if (ep_chart_available(&err) && !save(folder, made_of, name, chart, &err))
		return EP_STATUS_DONE;
	ep_say_error(&err);
	return EP_STATUS_FAILED;
}

static char *title_of(const struct ep_boot *boot)
{
	char *title;

	return asprintf(&title, "%s, Linux %s%s", boot->started, boot->kernel,
			boot->before_known ? "" : "; from the first sample on") < 0
		       ? NULL
		       : title;
}

int ep_boot_render(const struct ep_boot *boot, const char *chart, char **ret, struct ep_error *err)
{
	_cleanup_free_ char *title = title_of(boot), *marks = phase_marks(boot);
	size_t length;

	if (!title || !marks)
		return ep_error_set(err, -ENOMEM, "out of memory");
	return ep_chart_render(&(struct ep_chart){ .name = chart,
						   .write = write_timeline,
						   .user = boot,
						   .title = title,
						   .more = marks },
			       "svg", ret, &length, err);
}

int ep_boot_plot(const struct ep_boot *boot, const char *folder)
{
	_cleanup_free_ char *title = title_of(boot), *marks = phase_marks(boot);

	if (!marks || !title) {
		ep_say("out of memory");
		return EP_STATUS_FAILED;
	}
	return draw(folder, EP_SCRIPT_BOOT, "boot-timeline.csv",
		    &(struct ep_chart){
			    .write = write_timeline, .user = boot, .title = title, .more = marks });
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
	struct several several = { boots, names, count, true };

	for (size_t i = 0; i < count; i++)
		several.known &= boots[i].before_known;
	return draw(folder, EP_SCRIPT_BOOTS, "boot-compare.csv",
		    &(struct ep_chart){ .write = write_several,
					.user = &several,
					.title = several.known ? "since each VM was created"
							       : "from the first sample on" });
}
