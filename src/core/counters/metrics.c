// SPDX-License-Identifier: GPL-3.0-or-later
#include <inttypes.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/base/input.h"
#include "core/counters/metrics.h"

#define NSEC_PER_SEC UINT64_C(1000000000)
#define EARLIER_MAX  (4 << 20)

/*
 * Buckets of the histogram that get a line: exits of up to 127 cycles are in the first,
 * and those above 2^30 in +Inf, so that there are 25 lines and not 65 a reason.
 */
#define FIRST_BUCKET 6
#define LAST_BUCKET  29

#define OWN	   "exitprof_own_exits_total"
#define PENDING	   "exitprof_pending_own_exits"
#define GENERATION "exitprof_counters_generation"

/* @name: of the reason; @histogram: NULL without; @timed: cycles are known */
struct row {
	char name[32];
	struct ep_counter counter;
	bool timed;
	const uint64_t *histogram;
};

static void write_head(FILE *file, const char *name, const char *type, const char *help)
{
	fprintf(file, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void write_single(FILE *file, const char *name, const char *type, const char *help,
			 uint64_t value)
{
	write_head(file, name, type, help);
	fprintf(file, "%s %" PRIu64 "\n", name, value);
}

static void write_info(FILE *file, const struct ep_host *host)
{
	static const char *const levels[] = {
		[EXITPROF_LEVEL_CLASSIC] = "classic",
		[EXITPROF_LEVEL_FULL] = "full",
	};

	write_head(file, "exitprof_info", "gauge",
		   "The host and how it is read, in labels; the value is 1.");
	fprintf(file, "exitprof_info{version=\"%s\",vendor=\"%s\",dialect=\"%s\"", EXITPROF_VERSION,
		host->vendor == EP_VENDOR_SVM ? "svm" : "vmx", ep_host_dialect(host));
	if (host->level < ARRAY_SIZE(levels) && levels[host->level])
		fprintf(file, ",level=\"%s\"", levels[host->level]);
	fputs("} 1\n", file);
}

/* Numbers and not names where the tables have none, so that no two rows are the same. */
static void name_row(struct row *row, const struct ep_host *host, uint32_t reason)
{
	if (ep_reasons_find(host->vendor, reason))
		snprintf(row->name, sizeof(row->name), "%s", ep_reasons_name(host->vendor, reason));
	else
		snprintf(row->name, sizeof(row->name), "%" PRIu32, reason);
}

/* Of reasons that the host does not list: what the rows leave of the total. */
static struct row remainder_row(const struct ep_metrics *metrics)
{
	const struct ep_snapshot *snapshot = metrics->snapshot;
	struct row row = {
		.name = "other",
		.counter = snapshot->total,
		.timed = metrics->host->latch || metrics->host->totals,
		.histogram = metrics->histogram ? snapshot->histogram[0] : NULL,
	};

	/* Our own are nowhere else then. */
	if (!metrics->host->totals)
		row.counter.exits = snapshot->unlisted;
	for (uint32_t i = 0; i < snapshot->count; i++) {
		row.counter.cycles -= snapshot->rows[i].cycles;
		row.counter.away -= snapshot->rows[i].away;
	}
	return row;
}

/* Those that have ever occurred. Returns how many; @ret has room for all. */
static uint32_t list_rows(const struct ep_metrics *metrics, struct row *ret)
{
	const struct ep_snapshot *snapshot = metrics->snapshot;
	uint32_t count = 0;

	for (uint32_t i = 0; i < snapshot->count; i++) {
		if (!snapshot->rows[i].exits)
			continue;
		ret[count] = (struct row){
			.counter = snapshot->rows[i],
			.timed = snapshot->timed,
			.histogram = metrics->histogram ? snapshot->histogram[i + 1] : NULL,
		};
		name_row(&ret[count++], metrics->host, metrics->host->reasons[i]);
	}
	if (snapshot->unlisted)
		ret[count++] = remainder_row(metrics);
	return count;
}

/* Seconds, rounded down to nanoseconds: what never goes back does not here. */
static void write_time(FILE *file, uint64_t cycles, uint32_t khz)
{
	uint64_t hertz = (uint64_t)khz * 1000;

	if (!khz) {
		fprintf(file, "%" PRIu64 "\n", cycles);
		return;
	}
	fprintf(file, "%" PRIu64 ".%09" PRIu64 "\n", cycles / hertz,
		(uint64_t)((unsigned __int128)(cycles % hertz) * NSEC_PER_SEC / hertz));
}

static void write_exits(FILE *file, const struct row *rows, uint32_t count)
{
	write_head(file, "exitprof_exits_total", "counter",
		   "VM exits since the VM was created, exitprof's own included.");
	for (uint32_t i = 0; i < count; i++)
		fprintf(file, "exitprof_exits_total{reason=\"%s\"} %" PRIu64 "\n", rows[i].name,
			rows[i].counter.exits);
}

/* @away: away cycles and not handling cycles */
static void write_times(FILE *file, const struct row *rows, uint32_t count, uint32_t khz, bool away)
{
	const char *help = away ? "Time from VM exits until the vCPU was in the guest again"
				: "Time from VM exits until the host had handled them";
	char name[64], text[128];

	snprintf(name, sizeof(name), "exitprof_%s_%s_total", away ? "away" : "handling",
		 khz ? "seconds" : "cycles");
	snprintf(text, sizeof(text), "%s%s.", help, khz ? "" : ", in host TSC cycles");
	write_head(file, name, "counter", text);
	for (uint32_t i = 0; i < count; i++) {
		if (!rows[i].timed)
			continue;
		fprintf(file, "%s{reason=\"%s\"} ", name, rows[i].name);
		write_time(file, away ? rows[i].counter.away : rows[i].counter.cycles, khz);
	}
}

/*
 * As Go writes a float, and so node_exporter that passes it on: labels are compared as text,
 * and a histogram read in two ways must be one. All digits of an odd number are significant.
 */
static void format_limit(uint64_t limit, char *ret, size_t size)
{
	int digits = snprintf(ret, size, "%" PRIu64, limit);

	if (digits > 6)
		snprintf(ret, size, "%.*e", digits - 1, (double)limit);
}

static void write_histogram(FILE *file, const struct row *row)
{
	static const char name[] = "exitprof_exit_handling_cycles";
	uint64_t sum = 0, all = 0;
	char limit[32];

	for (int i = 0; i < EXITPROF_BUCKETS; i++)
		all += row->histogram[i];
	for (int i = 0; i <= LAST_BUCKET; i++) {
		sum += row->histogram[i];
		if (i < FIRST_BUCKET)
			continue;
		format_limit((UINT64_C(2) << i) - 1, limit, sizeof(limit));
		fprintf(file, "%s_bucket{reason=\"%s\",le=\"%s\"} %" PRIu64 "\n", name, row->name,
			limit, sum);
	}
	fprintf(file,
		"%s_bucket{reason=\"%s\",le=\"+Inf\"} %" PRIu64 "\n"
		"%s_sum{reason=\"%s\"} %" PRIu64 "\n%s_count{reason=\"%s\"} %" PRIu64 "\n",
		name, row->name, all, name, row->name, row->counter.cycles, name, row->name, all);
}

static void write_histograms(FILE *file, const struct row *rows, uint32_t count)
{
	write_head(file, "exitprof_exit_handling_cycles", "histogram",
		   "Handling of single VM exits, in host TSC cycles.");
	for (uint32_t i = 0; i < count; i++)
		write_histogram(file, &rows[i]);
}

static void write_host(FILE *file, const struct ep_metrics *metrics)
{
	const struct ep_host *host = metrics->host;

	if (host->tsc_khz)
		write_single(file, "exitprof_tsc_hertz", "gauge",
			     "Frequency of the host's TSC: cycles per second.",
			     (uint64_t)host->tsc_khz * 1000);
	if (!host->discovery)
		return;
	write_single(file, "exitprof_vcpus", "gauge", "vCPUs created in this VM so far.",
		     host->vcpus);
	write_single(file, GENERATION, "gauge",
		     "Another number when the host's counters have started anew.",
		     metrics->snapshot->generation);
}

void ep_metrics_write(FILE *file, const struct ep_metrics *metrics)
{
	const struct ep_snapshot *snapshot = metrics->snapshot;
	struct row rows[EP_REASONS_MAX + 1];
	uint32_t count;

	write_single(file, "exitprof_up", "gauge",
		     "1 if the host answers with exit counters, 0 if it does not.", !!snapshot);
	if (!snapshot)
		return;
	write_info(file, metrics->host);
	write_host(file, metrics);
	write_single(file, OWN, "counter",
		     "CPUIDs by which exitprof metrics has read counters: exits of the CPUID "
		     "reason.",
		     metrics->own_exits);
	write_single(file, PENDING, "gauge",
		     "CPUIDs since these counters were taken, which the next ones will have.",
		     metrics->pending_exits);

	count = list_rows(metrics, rows);
	write_exits(file, rows, count);
	if (snapshot->timed || metrics->host->totals)
		write_times(file, rows, count, metrics->host->tsc_khz, false);
	if (snapshot->full)
		write_times(file, rows, count, metrics->host->tsc_khz, true);
	if (metrics->histogram)
		write_histograms(file, rows, count);
}

/* Of a metric without labels. */
static bool find_value(const char *text, const char *name, uint64_t *ret)
{
	size_t length = strlen(name);

	for (; text; text = strchr(text, '\n')) {
		text += *text == '\n';
		if (strncmp(text, name, length) || text[length] != ' ')
			continue;
		*ret = strtoull(text + length + 1, NULL, 10);
		return true;
	}
	return false;
}

uint64_t ep_metrics_recall(const char *path, uint32_t generation)
{
	_cleanup_free_ char *text = NULL;
	uint64_t earlier, own, pending;
	size_t length;

	if (!generation || ep_input_read(path, EARLIER_MAX, &text, &length, NULL))
		return 0;
	if (!find_value(text, GENERATION, &earlier) || earlier != generation)
		return 0;
	if (!find_value(text, OWN, &own) || !find_value(text, PENDING, &pending))
		return 0;
	return own + pending;
}
