// SPDX-License-Identifier: GPL-3.0-or-later
/* port-io - reads and writes of an I/O port, counted exactly */
#include <sys/io.h>

#include <exitprof/workload.h>

#include "lib/options.h"
#include "lib/rights.h"
#include "lib/worker_pool.h"

/* Codes of the BIOS's self-test go there; Linux writes to it to wait a moment. */
#define HARMLESS_PORT 0x80

enum { OPTION_COUNT, OPTION_READ, OPTION_PORT, OPTION_THREADS };

static const struct exitprof_option options[] = {
	[OPTION_COUNT] = EP_OPTION_COUNT("port accesses in all, shared among the threads"),
	[OPTION_READ] = EP_OPTION_SHARE("read", "0%", "share of reads, the others are writes"),
	[OPTION_PORT] = {
		.name = "port",
		.type = EXITPROF_OPTION_COUNT,
		.default_value = "128",
		.max = UINT16_MAX,
		.help = "the port, in decimal; any other than 128 (0x80) is only read",
	},
	[OPTION_THREADS] = EP_OPTION_THREADS("1"),
	{ NULL },
};

static uint64_t work(const struct exitprof_context *ctx, unsigned int index, unsigned int threads)
{
	uint64_t share = ep_worker_pool_share(ctx->values[OPTION_COUNT].u64, index, threads);
	unsigned int reads = ctx->values[OPTION_READ].u64, due = 0;
	uint16_t port = ctx->values[OPTION_PORT].u64;
	uint64_t done;

	for (done = 0; done < share && !ctx->stopped(ctx); done++) {
		due += reads;
		if (due >= 100) {
			due -= 100;
			inb(port);
		} else {
			outb(0, port);
		}
	}
	return done;
}

static const char *port_io_unavailable(void)
{
	return ep_rights_ports();
}

static int port_io_setup(struct exitprof_context *ctx)
{
	uint64_t port = ctx->values[OPTION_PORT].u64;

	if (port != HARMLESS_PORT && ctx->values[OPTION_READ].u64 < 100) {
		ctx->hint(ctx, "add --set read=100%%, or leave the port at %u", HARMLESS_PORT);
		return ctx->fail(ctx, "a write to port %u could do harm", (unsigned int)port);
	}
	/* Before the worker pool is made: threads inherit it. */
	if (ioperm(port, 1, 1) < 0) {
		ctx->hint(ctx, "run it as root, in a kernel that is not locked down");
		return ctx->fail(ctx, "cannot get port %u: %m", (unsigned int)port);
	}
	return ep_worker_pool_setup(ctx, ctx->values[OPTION_THREADS].u64, work, 0);
}

static int port_io_run(struct exitprof_context *ctx, struct exitprof_outcome *outcome)
{
	ep_worker_pool_run(ctx, outcome);
	outcome->must_exit[EXITPROF_CAUSE_IO] = outcome->operations;
	return 0;
}

static void port_io_teardown(struct exitprof_context *ctx)
{
	ep_worker_pool_teardown(ctx);
	ioperm(ctx->values[OPTION_PORT].u64, 1, 0);
}

static const char description[] =
	"Writes to I/O port 0x80, or reads it or another port, by the OUT and IN\n"
	"instructions. KVM intercepts every port, so N accesses are N exits of the\n"
	"reason IO_INSTRUCTION on VMX (30) and io on SVM (0x7b): expected and counted\n"
	"must agree.\n"
	"\n"
	"Nobody listens at port 0x80, and so KVM asks its user space (QEMU): cycles away\n"
	"then tell what such a round trip costs, beside the handling. Where KVM has the\n"
	"timer chip in the kernel, --set port=97 --set read=100% is answered there and\n"
	"shows the difference.\n"
	"\n"
	"More than expected means that a driver used a port meanwhile: a serial console\n"
	"does for every character. Fewer means that the host does not intercept the port:\n"
	"KVM before Linux 4.15 let guests at port 0x80 directly. Reading some ports has\n"
	"side effects; the default has none.";

/* clang-format off */
EXITPROF_WORKLOAD(
	.name = "port-io",
	.summary = "reads and writes of an I/O port, counted exactly",
	.description = description,
	.operation = "port access",
	.options = options,
	.exact_causes = 1u << EXITPROF_CAUSE_IO,
	.unavailable = port_io_unavailable,
	.setup = port_io_setup,
	.run = port_io_run,
	.teardown = port_io_teardown);
