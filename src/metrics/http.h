/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * http.h - one page, for whoever asks on this machine
 *
 * HTTP is libmicrohttpd's, which is loaded when it is needed: it brings GnuTLS and ten
 * libraries more, with which every other command would take twice as long to start.
 *
 * One thread, which waits for all clients at once: a slow one keeps none from being answered. A
 * connection serves one request. At most EP_HTTP_CLIENTS are connected: one more takes the
 * place of the oldest connection, as does a client for which no file is left. A client that is
 * silent for EP_HTTP_PATIENCE_S seconds is dropped. So a scrape never waits for other
 * clients.
 *
 * Connections are accepted here, not by libmicrohttpd (0.9.75, 1.0.1): at its limit it stops
 * listening, and listens again only in the run after the one that closed a connection. Its
 * timeout does not ask for that run: if the connection was the last one, there is no other.
 *
 *	struct ep_http_address address;
 *	struct ep_http *http;
 *
 *	err = ep_http_parse("127.0.0.1:9746", &address);
 *	err = ep_http_create(&http, &address, write_page, NULL, &error);
 *	ep_http_serve(http);	// until Ctrl-C
 *	ep_http_destroy(http);
 */
#ifndef EP_METRICS_HTTP_H
#define EP_METRICS_HTTP_H

#include <stdio.h>
#include <sys/socket.h>

#include "core/base/error.h"

#define EP_HTTP_CLIENTS	   64
#define EP_HTTP_PATIENCE_S 10

struct ep_http;

struct ep_http_address {
	struct sockaddr_storage socket;
	socklen_t length;
};

/*
 * "127.0.0.1:9746", "[::1]:9746" or "localhost:9746"; with port 0, a free one. Returns
 * -EINVAL for anything else, -EPERM for an address that others can reach.
 */
int ep_http_parse(const char *text, struct ep_http_address *ret);

/*
 * Listens. @page: writes what /metrics answers, anew for each request; @user is for it.
 * Returns 0 or a negative errno with *@err filled.
 */
int ep_http_create(struct ep_http **ret, const struct ep_http_address *address,
		   void (*page)(void *user, FILE *file), void *user, struct ep_error *err);
void ep_http_destroy(struct ep_http *http);

/* "http://127.0.0.1:9746/metrics", with the port that it has got. Valid as long as @http. */
const char *ep_http_url(const struct ep_http *http);

/*
 * Answers until ep_stop_interrupted(), without finishing the answers that are being sent. Prints
 * why, once, when it cannot accept connections for want of files or memory; it tries again until
 * it can. Returns 0 or a negative errno.
 */
int ep_http_serve(struct ep_http *http);

#endif /* EP_METRICS_HTTP_H */
