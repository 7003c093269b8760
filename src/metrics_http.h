/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * metrics_http.h - one page, for whoever asks on this machine
 *
 * HTTP is libmicrohttpd's, which is loaded when it is needed: it brings GnuTLS and ten
 * libraries more, with which every other command would take twice as long to start.
 *
 * One thread, which waits for all clients at once: a slow one keeps none from being answered. At
 * most EP_HTTP_CLIENTS are connected; one that is silent for EP_HTTP_PATIENCE_S seconds is
 * dropped.
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

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/socket.h>

#include "core/error.h"

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

/* Answers until ep_stop_interrupted(). Returns 0 or a negative errno. */
int ep_http_serve(struct ep_http *http);

#endif /* EP_METRICS_HTTP_H */
