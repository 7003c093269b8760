// SPDX-License-Identifier: GPL-3.0-or-later
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cli/command.h"
#include "cli/stop.h"
#include "core/base/cleanup.h"
#include "core/base/file.h"
#include "metrics/http.h"
#include "metrics/source.h"

static const char help[] =
	"Usage: exitprof metrics [-o FILE | --listen ADDRESS:PORT] [OPTION...]\n"
	"\n"
	"Writes the exit counters of this virtual machine in the text format of Prometheus: once\n"
	"to standard output or a file, or to whoever asks on this machine.\n"
	"\n"
	"Examples:\n"
	"  exitprof metrics\n"
	"  exitprof metrics -o /var/lib/prometheus/node-exporter/exitprof.prom\n"
	"  systemctl enable --now exitprof-metrics.timer    that, once a minute\n"
	"  exitprof metrics --listen 127.0.0.1:9746         for a Prometheus in this VM\n"
	"\n"
	"Options:\n"
	"  -o, --output FILE      write FILE, all of it or nothing, for node_exporter's textfile\n"
	"                         collector; it must end in .prom\n"
	"      --listen ADDRESS:PORT\n"
	"                         serve them at http://ADDRESS:PORT/metrics until Ctrl-C or\n"
	"                         SIGTERM; ADDRESS is of the loopback, PORT 0 is a free one\n"
	"      --no-histogram     without how long exits took; a quarter of the exits\n"
	"      --dialect NAME     which of the host's leaves are read: exitprof, classic,\n"
	"                         combined, reversed, or auto, which takes the best that there\n"
	"                         are (default)\n"
	"  -h, --help             this text\n";

enum { OPTION_LISTEN = 256, OPTION_NO_HISTOGRAM, OPTION_DIALECT };

static const struct option options[] = {
	{ "output", required_argument, NULL, 'o' },
	{ "listen", required_argument, NULL, OPTION_LISTEN },
	{ "no-histogram", no_argument, NULL, OPTION_NO_HISTOGRAM },
	{ "dialect", required_argument, NULL, OPTION_DIALECT },
	EP_OPTION_HELP,
	{},
};

/* @listen: as typed, NULL without */
struct settings {
	const char *output;
	const char *listen;
	struct ep_http_address address;
	bool histograms;
	const char *dialect;
};

static void write_page(void *user, FILE *file)
{
	struct ep_metrics_source *source = user;
	struct ep_metrics metrics;

	ep_metrics_source_read(source, &metrics);
	ep_metrics_write(file, &metrics);
}

/* Without a host, a file says that: who looks at many guests sees it there. */
static int write_file(struct ep_metrics_source *source, const char *path, int status)
{
	_cleanup_(ep_file_discard) struct ep_file file = {};
	struct ep_error err = {};
	int code = ep_file_begin(&file, path, &err);

	if (!code) {
		source->earlier = ep_metrics_recall(path, source->machine.host.generation);
		write_page(source, file.stream);
		code = ep_file_publish(&file, &err);
	}
	if (!code)
		return status;
	if (code == -ENOENT || code == -EACCES || code == -EROFS)
		ep_error_hint(&err, "FILE belongs where node_exporter looks: the folder of its "
				    "--collector.textfile.directory");
	ep_say_error(&err);
	return EP_STATUS_FAILED;
}

static int serve(struct ep_metrics_source *source, const struct settings *settings)
{
	struct ep_error err = {};
	struct ep_http *http;
	int code = ep_stop_init();

	if (!code)
		code = ep_http_create(&http, &settings->address, write_page, source, &err);
	else
		ep_error_set(&err, code, "cannot wait for signals: %m");
	if (code) {
		ep_say_error(&err);
		return EP_STATUS_FAILED;
	}
	fprintf(stderr, "serving %s\n", ep_http_url(http));
	code = ep_http_serve(http);
	ep_http_destroy(http);
	if (!code)
		return EP_STATUS_DONE;
	errno = -code;
	ep_say("cannot serve metrics any more: %m");
	return EP_STATUS_FAILED;
}

static int produce(const struct settings *settings)
{
	static struct ep_metrics_source source;
	int status = ep_metrics_source_init(&source, settings->dialect, settings->histograms);

	if (status && status != EP_STATUS_NO_HOST)
		return status;
	/* A host may get its counters later: the VM may be migrated. */
	if (settings->listen)
		return serve(&source, settings);
	if (settings->output)
		return write_file(&source, settings->output, status);
	if (!status)
		write_page(&source, stdout);
	return status;
}

static int parse_address(const struct ep_command *command, struct settings *settings)
{
	int code = ep_http_parse(optarg, &settings->address);

	settings->listen = optarg;
	if (!code)
		return EP_STATUS_DONE;
	if (code == -EINVAL)
		return ep_command_misused(command,
					  "metrics: --listen takes ADDRESS:PORT such as "
					  "127.0.0.1:9746, not '%s'",
					  optarg);
	ep_say("metrics: others could reach '%s', and there is no password", optarg);
	ep_say_hint("listen on 127.0.0.1, or use -o FILE and let node_exporter answer the network");
	return EP_STATUS_USAGE;
}

static int parse(const struct ep_command *command, int option, struct settings *settings)
{
	size_t length;

	switch (option) {
	case 'o':
		settings->output = optarg;
		length = strlen(optarg);
		if (length > 5 && !strcmp(optarg + length - 5, ".prom"))
			return EP_STATUS_DONE;
		return ep_command_misused(
			command, "metrics: --output takes a file that ends in .prom, not '%s'",
			optarg);
	case OPTION_LISTEN:
		return parse_address(command, settings);
	case OPTION_DIALECT:
		settings->dialect = optarg;
		if (ep_machine_dialect(optarg))
			return EP_STATUS_DONE;
		return ep_command_misused(command, "metrics: no dialect '%s'", optarg);
	default:
		settings->histograms = false;
		return EP_STATUS_DONE;
	}
}

static int metrics(const struct ep_command *command, int argc, char **argv)
{
	struct settings settings = { .histograms = true, .dialect = "auto" };
	int option, status;

	while ((option = ep_command_option(command, argc, argv, &status)) != -1) {
		if (option != EP_OPTION_DONE)
			status = parse(command, option, &settings);
		if (option == EP_OPTION_DONE || status)
			return status;
	}
	if (optind != argc)
		return ep_command_misused(command, "metrics: unexpected '%s'", argv[optind]);
	if (settings.output && settings.listen)
		return ep_command_misused(command,
					  "metrics: --output and --listen exclude each other");
	return produce(&settings);
}

const struct ep_command ep_command_metrics = {
	.name = "metrics",
	.summary = "the counters for Prometheus",
	.help = help,
	.options = options,
	.run = metrics,
};
