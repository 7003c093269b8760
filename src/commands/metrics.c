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
	"  exitprof metrics --listen 127.0.0.1:9746         for a Prometheus in this VM\n";

/* @text: as typed, NULL without */
struct listen {
	const char *text;
	struct ep_http_address address;
};

struct request {
	const char *output;
	struct listen listen;
	bool no_histogram;
	const char *dialect;
};

static int take_output(const char *path, void *member, struct ep_error *err)
{
	size_t length = strlen(path);

	*(const char **)member = path;
	return length > 5 && !strcmp(path + length - 5, ".prom") ? 0 : -EINVAL;
}

static int take_listen(const char *text, void *member, struct ep_error *err)
{
	struct listen *listen = member;
	int code = ep_http_parse(text, &listen->address);

	listen->text = text;
	if (code != -EPERM)
		return code;
	ep_error_hint(err, "listen on 127.0.0.1, or use -o FILE and let node_exporter answer the "
			   "network");
	return ep_error_set(err, code, "others could reach '%s', and there is no password", text);
}

static const struct ep_option options[] = {
	{ "output", 'o', "FILE",
	  "write FILE, all of it or nothing, for node_exporter's textfile collector; it must end "
	  "in .prom",
	  EP_CUSTOM(output, const char *, take_output), .expects = "a file that ends in .prom" },
	{ "listen", 0, "ADDRESS:PORT",
	  "serve them at http://ADDRESS:PORT/metrics until Ctrl-C or SIGTERM; ADDRESS is of the "
	  "loopback, PORT 0 is a free one",
	  EP_CUSTOM(listen, struct listen, take_listen),
	  .expects = "ADDRESS:PORT such as 127.0.0.1:9746" },
	{ "no-histogram", 0, NULL, "without how long exits took; a quarter of the exits",
	  EP_SWITCH(no_histogram) },
	EP_OPTION_DIALECT(dialect),
	{},
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

static int serve(struct ep_metrics_source *source, const struct request *request)
{
	struct ep_error err = {};
	struct ep_http *http;
	int code = ep_stop_init();

	if (!code)
		code = ep_http_create(&http, &request->listen.address, write_page, source, &err);
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

static int produce(const struct request *request)
{
	static struct ep_metrics_source source;
	int status = ep_metrics_source_init(&source, request->dialect, !request->no_histogram);

	if (status && status != EP_STATUS_NO_HOST)
		return status;
	/* A host may get its counters later: the VM may be migrated. */
	if (request->listen.text)
		return serve(&source, request);
	if (request->output)
		return write_file(&source, request->output, status);
	if (!status)
		write_page(&source, stdout);
	return status;
}

static int metrics(const struct ep_command *command, void *data, int argc, char **argv)
{
	const struct request *request = data;

	if (request->output && request->listen.text)
		return ep_command_misused(command, "--output and --listen exclude each other");
	return produce(request);
}

const struct ep_command ep_command_metrics = {
	.name = "metrics",
	.summary = "the counters for Prometheus",
	.help = help,
	.options = options,
	.request_size = sizeof(struct request),
	.run = metrics,
};
