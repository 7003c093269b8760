// SPDX-License-Identifier: GPL-3.0-or-later
/* mmio - reads of device memory that the host must emulate */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <exitprof/workload.h>

#include "lib/cpu.h"
#include "lib/options.h"
#include "lib/rights.h"

#define PAGE 4096u

/* The main counter of the HPET: reading it changes nothing. */
#define HPET_COUNTER 0xf0

/* Below the interrupt controllers, whose place is fixed. */
#define HOLES_END   0xfec00000u
#define HOLES_START 0x01000000u

enum { OPTION_PLACE, OPTION_COUNT };

static const struct exitprof_option options[] = {
	[OPTION_PLACE] = {
		.name = "place",
		.type = EXITPROF_OPTION_STRING,
		.default_value = "",
		.help = "hpet: its counter; hole: where no device is; empty is the first that works",
	},
	[OPTION_COUNT] = EP_OPTION_COUNT("reads"),
	{ NULL },
};

struct mmio {
	char *page;
	uint32_t offset;
};

struct range {
	uint64_t start, end;
};

/*
 * What /proc/iomem lists, @count of them; a PCI bus is no device, only where some
 * may be. Returns 0 when nothing can be learnt from it.
 */
static size_t read_ranges(struct range *ranges, size_t max)
{
	FILE *file = fopen("/proc/iomem", "re");
	char line[256];
	size_t count = 0;

	while (file && count < max && fgets(line, sizeof(line), file)) {
		struct range *range = &ranges[count];

		if (sscanf(line, " %" SCNx64 "-%" SCNx64, &range->start, &range->end) == 2 &&
		    !strstr(line, " : PCI Bus"))
			count++;
	}
	if (file)
		fclose(file);
	/* Those who may not know are shown zeros; a list too long would hide something. */
	if (count == max || !count || !ranges[count - 1].end)
		return 0;
	return count;
}

/* The highest page below 4 GiB that nobody claims, or 0. */
static uint32_t find_hole(void)
{
	struct range ranges[1024];
	size_t count = read_ranges(ranges, sizeof(ranges) / sizeof(ranges[0]));
	uint64_t page = HOLES_END - PAGE;

	for (size_t i = 0; i < count; i++) {
		if (ranges[i].start >= page + PAGE || ranges[i].end < page)
			continue;
		if (ranges[i].start < HOLES_START)
			return 0;
		page = (ranges[i].start - PAGE) & -(uint64_t)PAGE;
		i = -1;
	}
	return count ? page : 0;
}

static const char *why_no_hole(void)
{
	const char *why = ep_rights_raw_io();

	if (why)
		return why;
	if (access("/dev/mem", R_OK) < 0)
		return "there is neither /dev/hpet nor /dev/mem";
	/* There, a read of what is not there may be a machine check. */
	if (!ep_cpu_virtual())
		return "this is no virtual machine";
	if (!find_hole())
		return "/proc/iomem shows no unused address";
	return NULL;
}

static const char *mmio_unavailable(void)
{
	return access("/dev/hpet", R_OK) == 0 ? NULL : why_no_hole();
}

/* Returns 0 or -errno. */
static int map(struct mmio *mmio, const char *path, uint32_t address)
{
	int file = open(path, O_RDONLY | O_SYNC | O_CLOEXEC), err;

	if (file < 0)
		return -errno;
	mmio->page = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, file, address);
	err = mmio->page == MAP_FAILED ? -errno : 0;
	if (err)
		mmio->page = NULL;
	close(file);
	return err;
}

static int map_hole(struct exitprof_context *ctx, struct mmio *mmio)
{
	const char *why = why_no_hole();
	uint32_t hole;

	if (why)
		return ctx->fail(ctx, "%s", why);
	hole = find_hole();
	errno = -map(mmio, "/dev/mem", hole);
	return errno ? ctx->fail(ctx, "cannot map address 0x%x of /dev/mem: %m", hole) : 0;
}

static int mmio_setup(struct exitprof_context *ctx)
{
	const char *place = ctx->values[OPTION_PLACE].str;
	struct mmio *mmio;
	int err;

	if (place[0] && strcmp(place, "hpet") != 0 && strcmp(place, "hole") != 0) {
		ctx->hint(ctx, "use --set place=hpet or --set place=hole");
		return ctx->fail(ctx, "there is no place called '%s'", place);
	}
	mmio = calloc(1, sizeof(*mmio));
	if (!mmio)
		return ctx->fail(ctx, "no memory: %m");
	ctx->priv = mmio;
	if (strcmp(place, "hole") != 0) {
		err = map(mmio, "/dev/hpet", 0);
		mmio->offset = HPET_COUNTER;
		if (!err)
			return 0;
		errno = -err;
		if (place[0])
			return ctx->fail(ctx, "cannot map /dev/hpet: %m");
	}
	mmio->offset = 0;
	return map_hole(ctx, mmio);
}

static int mmio_run(struct exitprof_context *ctx, struct exitprof_outcome *outcome)
{
	const struct mmio *mmio = ctx->priv;
	volatile const uint32_t *place = (const void *)(mmio->page + mmio->offset);
	uint64_t count = ctx->values[OPTION_COUNT].u64;

	for (; (!count || outcome->operations < count) && !ctx->stopped(ctx); outcome->operations++)
		(void)*place;
	return 0;
}

static void mmio_teardown(struct exitprof_context *ctx)
{
	struct mmio *mmio = ctx->priv;

	if (!mmio)
		return;
	if (mmio->page)
		munmap(mmio->page, PAGE);
	free(mmio);
	ctx->priv = NULL;
}

static const char description[] =
	"Reads a word of guest-physical memory where there is no memory, again and again:\n"
	"the counter of the HPET through /dev/hpet, or, where that is missing, an address\n"
	"that no device claims, through /dev/mem. Both change nothing. KVM decodes the\n"
	"instruction and asks its user space (QEMU) for the value: one of the most\n"
	"expensive exits there are. Cycles away have that round trip.\n"
	"\n"
	"Each read is one exit: on VMX EPT_MISCONFIG (the very first one may be\n"
	"EPT_VIOLATION), on SVM npf; with shadow paging EXCEPTION_NMI or PF excp.\n"
	"\n"
	"There is no figure to be exact: virtio's doorbells and first touches of memory\n"
	"are counted under the same reasons. exitprof run --details counts the reads of\n"
	"this one page, as mmio. What else would spoil the figures: a guest with a busy\n"
	"virtio disk or network. Devices in use cannot be reached from user mode (the\n"
	"kernel's STRICT_DEVMEM), and would not like it.";

/* clang-format off */
EXITPROF_WORKLOAD(
	.name = "mmio",
	.summary = "reads of device memory, which the host must emulate",
	.description = description,
	.operation = "read",
	.options = options,
	.unavailable = mmio_unavailable,
	.setup = mmio_setup,
	.run = mmio_run,
	.teardown = mmio_teardown);
