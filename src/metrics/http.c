// SPDX-License-Identifier: GPL-3.0-or-later
#include <arpa/inet.h>
#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <microhttpd.h>
#include <netdb.h>
#include <poll.h>
#include <signal.h>
#include <string.h>

#include "cli/message.h"
#include "cli/stop.h"
#include "core/base/cleanup.h"
#include "core/counters/metrics.h"
#include "metrics/http.h"

#define LIBRARY	     "libmicrohttpd.so.12"
#define PATH	     "/metrics"
#define CLIENT_BYTES 16384
#define PAUSE_MS     250
#define NOT_FOUND    "there is only " PATH " here\n"
#define NOT_ALLOWED  "there is nothing but to GET " PATH " here\n"

/* Functions of the library, with the types of its header. */
#define FUNCTIONS(X)                                                                               \
	X(MHD_start_daemon)                                                                        \
	X(MHD_stop_daemon)                                                                         \
	X(MHD_get_daemon_info)                                                                     \
	X(MHD_get_connection_info)                                                                 \
	X(MHD_get_timeout)                                                                         \
	X(MHD_add_connection)                                                                      \
	X(MHD_run)                                                                                 \
	X(MHD_create_response_from_buffer)                                                         \
	X(MHD_add_response_header)                                                                 \
	X(MHD_queue_response)                                                                      \
	X(MHD_destroy_response)

struct library {
	void *handle;
#define X(name) __typeof__(&(name)) name;
	FUNCTIONS(X)
#undef X
};

/*
 * @listener: the listening socket, -1 without; the library does not know of it
 * @clients: @client_count are valid, the oldest first
 * @starved: the last accept failed for want of files or memory, and no client could go
 */
struct ep_http {
	struct library library;
	struct MHD_Daemon *daemon;
	int listener;
	struct MHD_Connection *clients[EP_HTTP_CLIENTS];
	unsigned int client_count;
	bool starved;
	char url[128];
	void (*page)(void *user, FILE *file);
	void *user;
};

static bool is_loopback(const struct sockaddr *address)
{
	const struct sockaddr_in *in = (const void *)address;
	const struct sockaddr_in6 *in6 = (const void *)address;

	if (address->sa_family == AF_INET)
		return ntohl(in->sin_addr.s_addr) >> 24 == IN_LOOPBACKNET;
	return address->sa_family == AF_INET6 && IN6_IS_ADDR_LOOPBACK(&in6->sin6_addr);
}

int ep_http_parse(const char *text, struct ep_http_address *ret)
{
	struct addrinfo hints = {
		.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE,
		.ai_socktype = SOCK_STREAM,
	};
	struct addrinfo *found;
	char host[64], *port, *name = host;
	bool loopback;

	if (snprintf(host, sizeof(host), "%s", text) >= (int)sizeof(host))
		return -EINVAL;
	port = strrchr(host, ':');
	if (!port || port == host || !port[1] || strspn(port + 1, "0123456789") > 5)
		return -EINVAL;
	*port++ = '\0';
	if (host[0] == '[' && port[-2] == ']') {
		port[-2] = '\0';
		name++;
	} else if (strchr(host, ':')) {
		return -EINVAL;
	}
	if (strtoul(port, NULL, 10) > UINT16_MAX ||
	    getaddrinfo(strcmp(name, "localhost") ? name : "127.0.0.1", port, &hints, &found))
		return -EINVAL;
	loopback = is_loopback(found->ai_addr);
	*ret = (struct ep_http_address){ .length = found->ai_addrlen };
	memcpy(&ret->socket, found->ai_addr, found->ai_addrlen);
	freeaddrinfo(found);
	return loopback ? 0 : -EPERM;
}

static int load(struct library *library, struct ep_error *err)
{
	library->handle = dlopen(LIBRARY, RTLD_NOW | RTLD_LOCAL);
	if (!library->handle) {
		ep_error_hint(err,
			      "install libmicrohttpd (Debian: libmicrohttpd12), or write a file "
			      "with -o FILE, which node_exporter reads");
		return ep_error_set(err, -ENOENT, "cannot serve metrics: %s", dlerror());
	}
#define X(name)                                                                                    \
	library->name = (__typeof__(&(name)))dlsym(library->handle, #name);                        \
	if (!library->name)                                                                        \
		return ep_error_set(err, -ENOENT, "cannot serve metrics: %s", dlerror());
	FUNCTIONS(X)
#undef X
	return 0;
}

/* Returns the socket, or a negative errno. */
static int open_socket(const struct ep_http_address *address)
{
	const struct sockaddr *name = (const void *)&address->socket;
	_cleanup_close_ int fd = -1;
	int yes = 1, opened;

	fd = socket(name->sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes)) ||
	    bind(fd, name, address->length) || listen(fd, SOMAXCONN))
		return -errno;
	opened = fd;
	fd = -1;
	return opened;
}

/* "127.0.0.1:9746" */
static void name_socket(const struct sockaddr_storage *address, socklen_t length, char *ret,
			size_t size)
{
	char host[64] = "?", port[8] = "?";

	getnameinfo((const void *)address, length, host, sizeof(host), port, sizeof(port),
		    NI_NUMERICHOST | NI_NUMERICSERV);
	snprintf(ret, size, strchr(host, ':') ? "[%s]:%s" : "%s:%s", host, port);
}

static void on_connection(void *user, struct MHD_Connection *connection, void **context,
			  enum MHD_ConnectionNotificationCode code)
{
	struct ep_http *http = user;
	unsigned int i = 0;

	if (code == MHD_CONNECTION_NOTIFY_STARTED) {
		http->clients[http->client_count++] = connection;
		return;
	}
	while (i < http->client_count && http->clients[i] != connection)
		i++;
	if (i == http->client_count)
		return;
	http->client_count--;
	memmove(http->clients + i, http->clients + i + 1,
		(http->client_count - i) * sizeof(*http->clients));
}

/* What @page writes, for free(), or NULL without memory. */
static char *write_page(struct ep_http *http, size_t *ret_length)
{
	char *text = NULL;
	FILE *file = open_memstream(&text, ret_length);
	bool failed;

	if (!file)
		return NULL;
	http->page(http->user, file);
	failed = ferror(file);
	if (!fclose(file) && !failed)
		return text;
	free(text);
	return NULL;
}

static enum MHD_Result respond(struct ep_http *http, struct MHD_Connection *connection,
			       unsigned int status, struct MHD_Response *response)
{
	const struct library *library = &http->library;
	enum MHD_Result result;

	if (!response)
		return MHD_NO;
	/* As version 0.9.75 does anyway: a scrape's place is free as soon as it is answered. */
	library->MHD_add_response_header(response, MHD_HTTP_HEADER_CONNECTION, "close");
	library->MHD_add_response_header(response, "Content-Type", EP_METRICS_CONTENT_TYPE);
	if (status == MHD_HTTP_METHOD_NOT_ALLOWED)
		library->MHD_add_response_header(response, "Allow", "GET, HEAD");
	result = library->MHD_queue_response(connection, status, response);
	library->MHD_destroy_response(response);
	return result;
}

static enum MHD_Result refuse(struct ep_http *http, struct MHD_Connection *connection,
			      unsigned int status, char *text)
{
	return respond(http, connection, status,
		       http->library.MHD_create_response_from_buffer(strlen(text), text,
								     MHD_RESPMEM_PERSISTENT));
}

static enum MHD_Result answer(void *user, struct MHD_Connection *connection, const char *path,
			      const char *method, const char *version, const char *upload,
			      size_t *upload_size, void **request)
{
	struct ep_http *http = user;
	size_t length;
	char *text;

	if (strcmp(method, MHD_HTTP_METHOD_GET) && strcmp(method, MHD_HTTP_METHOD_HEAD))
		return refuse(http, connection, MHD_HTTP_METHOD_NOT_ALLOWED, NOT_ALLOWED);
	if (strcmp(path, PATH))
		return refuse(http, connection, MHD_HTTP_NOT_FOUND, NOT_FOUND);
	text = write_page(http, &length);
	return text ? respond(http, connection, MHD_HTTP_OK,
			      http->library.MHD_create_response_from_buffer(length, text,
									    MHD_RESPMEM_MUST_FREE))
		    : MHD_NO;
}

static int start(struct ep_http *http, const struct ep_http_address *address, struct ep_error *err)
{
	struct ep_http_address own = *address;
	char name[80];
	int fd = open_socket(address);

	name_socket(&address->socket, address->length, name, sizeof(name));
	if (fd < 0) {
		if (fd == -EADDRINUSE)
			ep_error_hint(err, "choose another port; 0 takes a free one");
		return ep_error_set(err, fd, "cannot listen on %s: %m", name);
	}
	http->listener = fd;
	own.length = sizeof(own.socket);
	getsockname(fd, (struct sockaddr *)&own.socket, &own.length);
	name_socket(&own.socket, own.length, name, sizeof(name));
	snprintf(http->url, sizeof(http->url), "http://%s" PATH, name);
	http->daemon = http->library.MHD_start_daemon(
		MHD_USE_EPOLL | MHD_USE_NO_LISTEN_SOCKET, 0, NULL, NULL, answer, http,
		MHD_OPTION_NOTIFY_CONNECTION, on_connection, http, MHD_OPTION_CONNECTION_LIMIT,
		(unsigned int)EP_HTTP_CLIENTS, MHD_OPTION_CONNECTION_TIMEOUT,
		(unsigned int)EP_HTTP_PATIENCE_S, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
		(size_t)CLIENT_BYTES, MHD_OPTION_END);
	if (http->daemon)
		return 0;
	return ep_error_set(err, -EIO, "cannot serve metrics: libmicrohttpd does not start");
}

int ep_http_create(struct ep_http **ret, const struct ep_http_address *address,
		   void (*page)(void *user, FILE *file), void *user, struct ep_error *err)
{
	struct ep_http *http = calloc(1, sizeof(*http));
	int code;

	if (!http)
		return ep_error_set(err, -ENOMEM, "out of memory");
	http->listener = -1;
	http->page = page;
	http->user = user;
	code = load(&http->library, err);
	if (!code)
		code = start(http, address, err);
	if (code)
		ep_http_destroy(http);
	else
		*ret = http;
	return code;
}

void ep_http_destroy(struct ep_http *http)
{
	if (!http)
		return;
	if (http->daemon)
		http->library.MHD_stop_daemon(http->daemon);
	if (http->listener >= 0)
		close(http->listener);
	/* The library stays: GnuTLS is not made to be unloaded. */
	free(http);
}

const char *ep_http_url(const struct ep_http *http)
{
	return http->url;
}

/* The library closes what has been shut down. */
static void drop_oldest(struct ep_http *http)
{
	const union MHD_ConnectionInfo *info = http->library.MHD_get_connection_info(
		http->clients[0], MHD_CONNECTION_INFO_CONNECTION_FD);

	shutdown(info->connect_fd, SHUT_RDWR);
	http->library.MHD_run(http->daemon);
}

/* For want of files or memory. The clients that wait are accepted later. */
static void starve(struct ep_http *http)
{
	if (http->client_count) {
		drop_oldest(http);
		return;
	}
	if (!http->starved) {
		ep_say("cannot accept connections: %m");
		ep_say_hint("raise the limit of open files with ulimit -n or LimitNOFILE=; the "
			    "server goes on as soon as it can");
	}
	http->starved = true;
}

/* An accept has failed with @code. Returns 0, or @code if that is no reason to go on. */
static int refuse_client(struct ep_http *http, int code)
{
	switch (code) {
	case -EMFILE:
	case -ENFILE:
	case -ENOBUFS:
	case -ENOMEM:
		starve(http);
		return 0;
	case -EBADF:
	case -EINVAL:
		return code;
	default:
		/* The client has gone, or the network has an error for it. */
		http->starved = false;
		return 0;
	}
}

/* Accepts one client. Returns 0, also if that has gone, or a negative errno. */
static int admit(struct ep_http *http)
{
	struct sockaddr_storage address;
	socklen_t length = sizeof(address);
	int fd;

	if (http->client_count == EP_HTTP_CLIENTS)
		drop_oldest(http);
	fd = accept4(http->listener, (struct sockaddr *)&address, &length,
		     SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (fd < 0)
		return refuse_client(http, -errno);
	http->starved = false;
	/* Closes it, if it fails. */
	http->library.MHD_add_connection(http->daemon, fd, (struct sockaddr *)&address, length);
	return 0;
}

/* Waits for an event, a signal, or for what is due. Returns 0 or a negative errno. */
static int wait_for_clients(struct ep_http *http, struct pollfd *files)
{
	MHD_UNSIGNED_LONG_LONG due_ms;
	int timeout_ms = -1;

	if (http->library.MHD_get_timeout(http->daemon, &due_ms) == MHD_YES)
		timeout_ms = due_ms < INT_MAX ? (int)due_ms : INT_MAX;
	/*
	 * The listening socket stays ready: without a pause, this would be a busy loop. There is
	 * no client either that something is due for.
	 */
	if (http->starved)
		timeout_ms = PAUSE_MS;
	files[1].fd = http->starved ? -1 : http->listener;
	files[0].revents = 0;
	files[1].revents = 0;
	/* A signal that came just before is followed by others, see cli/stop.h. */
	return poll(files, 2, timeout_ms) < 0 && errno != EINTR ? -errno : 0;
}

int ep_http_serve(struct ep_http *http)
{
	const struct library *library = &http->library;
	const union MHD_DaemonInfo *info =
		library->MHD_get_daemon_info(http->daemon, MHD_DAEMON_INFO_EPOLL_FD);
	struct pollfd files[] = {
		{ .fd = info ? info->epoll_fd : -1, .events = POLLIN },
		{ .events = POLLIN },
	};
	int code = info ? 0 : -EIO;

	/* A client that goes away is no reason to end. */
	signal(SIGPIPE, SIG_IGN);
	while (!code && !ep_stop_interrupted()) {
		code = wait_for_clients(http, files);
		if (code || ep_stop_interrupted())
			break;
		/* First those that leave: a client that waits takes the place of one of them. */
		if (library->MHD_run(http->daemon) != MHD_YES)
			code = -EIO;
		else if (http->starved || files[1].revents)
			code = admit(http);
	}
	return code;
}
