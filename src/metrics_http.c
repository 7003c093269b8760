// SPDX-License-Identifier: GPL-3.0-or-later
#include <arpa/inet.h>
#include <dlfcn.h>
#include <errno.h>
#include <microhttpd.h>
#include <netdb.h>
#include <poll.h>
#include <signal.h>
#include <string.h>

#include "core/cleanup.h"
#include "core/metrics.h"
#include "metrics_http.h"
#include "stop.h"

#define LIBRARY	     "libmicrohttpd.so.12"
#define PATH	     "/metrics"
#define CLIENT_BYTES 16384
#define NOT_FOUND    "there is only " PATH " here\n"
#define NOT_ALLOWED  "there is nothing but to GET " PATH " here\n"

/* Functions of the library, with the types of its header. */
#define FUNCTIONS(X)                                                                               \
	X(MHD_start_daemon)                                                                        \
	X(MHD_stop_daemon)                                                                         \
	X(MHD_get_daemon_info)                                                                     \
	X(MHD_get_timeout)                                                                         \
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

struct ep_http {
	struct library library;
	struct MHD_Daemon *daemon;
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
		ep_error_hint(err, "sudo apt-get install libmicrohttpd12; or write a file with -o "
				   "FILE, which node_exporter reads");
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
	    bind(fd, name, address->length) || listen(fd, EP_HTTP_CLIENTS))
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
	own.length = sizeof(own.socket);
	getsockname(fd, (struct sockaddr *)&own.socket, &own.length);
	name_socket(&own.socket, own.length, name, sizeof(name));
	snprintf(http->url, sizeof(http->url), "http://%s" PATH, name);
	http->daemon = http->library.MHD_start_daemon(
		MHD_USE_EPOLL, 0, NULL, NULL, answer, http, MHD_OPTION_LISTEN_SOCKET, fd,
		MHD_OPTION_CONNECTION_LIMIT, (unsigned int)EP_HTTP_CLIENTS,
		MHD_OPTION_CONNECTION_TIMEOUT, (unsigned int)EP_HTTP_PATIENCE_S,
		MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CLIENT_BYTES, MHD_OPTION_END);
	if (http->daemon)
		return 0;
	close(fd);
	return ep_error_set(err, -EIO, "cannot serve metrics: libmicrohttpd does not start");
}

int ep_http_create(struct ep_http **ret, const struct ep_http_address *address,
		   void (*page)(void *user, FILE *file), void *user, struct ep_error *err)
{
	struct ep_http *http = calloc(1, sizeof(*http));
	int code;

	if (!http)
		return ep_error_set(err, -ENOMEM, "out of memory");
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
	/* The library stays: GnuTLS is not made to be unloaded. */
	free(http);
}

const char *ep_http_url(const struct ep_http *http)
{
	return http->url;
}

int ep_http_serve(struct ep_http *http)
{
	const struct library *library = &http->library;
	const union MHD_DaemonInfo *info =
		library->MHD_get_daemon_info(http->daemon, MHD_DAEMON_INFO_EPOLL_FD);
	struct pollfd file = { .fd = info ? info->epoll_fd : -1, .events = POLLIN };

	if (!info)
		return -EIO;
	/* A client that goes away is no reason to end. */
	signal(SIGPIPE, SIG_IGN);
	while (!ep_stop_interrupted()) {
		MHD_UNSIGNED_LONG_LONG timeout_ms = 0;
		bool limited = library->MHD_get_timeout(http->daemon, &timeout_ms) == MHD_YES;

		/* A signal that came just before is followed by others, see stop.h. */
		if (poll(&file, 1, limited ? (int)timeout_ms : -1) < 0 && errno != EINTR)
			return -errno;
		if (!ep_stop_interrupted() && library->MHD_run(http->daemon) != MHD_YES)
			return -EIO;
	}
	return 0;
}
