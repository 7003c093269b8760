// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * clients - HTTP clients of a server on 127.0.0.1, well-behaved and others
 *
 *	clients PORT WORD...
 *
 * does what each word says, in order, and prints one line for each:
 *
 *	silent N	N clients send half a request and stay connected
 *	deaf N		N clients ask and read nothing
 *	half N		N clients send half a request, and the end of what they send
 *	reset N		N clients ask, and reset the connection at once
 *	leave		all clients that are still connected close their connection
 *	scrape N	N requests, one after another; stops at one that is not answered whole
 *	finish		one request, and the end of what is sent before the answer is read
 *	open		how many of the clients the server has not dropped: the last ones
 *	fill PID	the server may open no more files
 *	free PID	it may again
 *	stay		nothing, until the process is killed
 *	rests PID	waits until the server sleeps; fails if it is busy
 *
 * A connect, a request or an answer that takes a minute has failed.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#define CLIENTS	   1024
#define PATIENCE_S 60
#define BUSY_S	   2
#define SAMPLES	   10
#define SAMPLE_MS  5
#define HALF	   "GET /metrics HTTP/1.1\r\nHost: x\r\n"
#define REQUEST	   HALF "\r\n"

static struct sockaddr_in server = { .sin_family = AF_INET };
static int clients[CLIENTS];
static unsigned int client_count;

static void fail(const char *what)
{
	printf("%s: %s\n", what, strerror(errno));
	exit(EXIT_FAILURE);
}

/* @room: of the buffer for answers, 0 for the usual one */
static int connect_client(int room)
{
	const struct timeval patience = { .tv_sec = PATIENCE_S };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		fail("socket");
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	if (room)
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof(room));
	if (connect(fd, (struct sockaddr *)&server, sizeof(server)))
		fail("connect");
	return fd;
}

/* A server that has dropped the client is seen by who reads. */
static void ask(int fd, const char *text)
{
	send(fd, text, strlen(text), MSG_NOSIGNAL);
}

static void hold(int fd)
{
	if (client_count == CLIENTS) {
		errno = E2BIG;
		fail("clients");
	}
	clients[client_count++] = fd;
}

static void silent(void)
{
	int fd = connect_client(0);

	ask(fd, HALF);
	hold(fd);
}

static void deaf(void)
{
	int fd = connect_client(1);

	ask(fd, REQUEST);
	hold(fd);
}

static void half(void)
{
	int fd = connect_client(0);

	ask(fd, HALF);
	shutdown(fd, SHUT_WR);
	hold(fd);
}

static void reset(void)
{
	const struct linger none = { .l_onoff = 1 };
	int fd = connect_client(0);

	ask(fd, REQUEST);
	setsockopt(fd, SOL_SOCKET, SO_LINGER, &none, sizeof(none));
	close(fd);
}

/* Where the page in @text ends, as its header says, or 0 before that has come. */
static size_t page_end(const char *text)
{
	const char *body = strstr(text, "\r\n\r\n");
	const char *length = strstr(text, "Content-Length: ");

	if (!body || !length || length > body)
		return 0;
	return body + 4 - text + strtoul(strchr(length, ' '), NULL, 10);
}

/* One page, whole. */
static void read_page(int fd)
{
	static char text[1 << 20];
	size_t length = 0, end = 0;
	ssize_t got;

	while (!end || length < end) {
		got = recv(fd, text + length, sizeof(text) - 1 - length, 0);
		if (!got)
			errno = EPIPE;
		if (got <= 0)
			fail("no answer");
		length += got;
		text[length] = '\0';
		end = page_end(text);
	}
	errno = EPROTO;
	if (strncmp(text, "HTTP/1.1 200 ", 13) || !strstr(text, "\nexitprof_up 1\n"))
		fail("no page");
}

static void scrape(void)
{
	int fd = connect_client(0);

	ask(fd, REQUEST);
	read_page(fd);
	close(fd);
}

static void finish(void)
{
	int fd = connect_client(0);

	ask(fd, REQUEST);
	shutdown(fd, SHUT_WR);
	read_page(fd);
	close(fd);
}

static void leave(void)
{
	while (client_count)
		close(clients[--client_count]);
}

static void stay(void)
{
	for (;;)
		pause();
}

static bool is_open(int fd)
{
	char byte;

	return recv(fd, &byte, 1, MSG_DONTWAIT) < 0 && errno == EAGAIN;
}

static unsigned int count_open(void)
{
	unsigned int first = 0;

	while (first < client_count && !is_open(clients[first]))
		first++;
	for (unsigned int i = first; i < client_count; i++)
		if (!is_open(clients[i]))
			fail("open: not the last ones");
	return client_count - first;
}

/* The lowest that is not open is the one that the next file gets. */
static void fill(const char *pid)
{
	struct rlimit limit;
	char path[64];
	int fd = 0;

	do
		snprintf(path, sizeof(path), "/proc/%s/fd/%d", pid, fd++);
	while (!faccessat(AT_FDCWD, path, F_OK, AT_SYMLINK_NOFOLLOW));
	if (prlimit(atoi(pid), RLIMIT_NOFILE, NULL, &limit))
		fail("prlimit");
	limit.rlim_cur = fd - 1;
	if (prlimit(atoi(pid), RLIMIT_NOFILE, &limit, NULL))
		fail("prlimit");
}

static void release(const char *pid)
{
	struct rlimit limit;

	if (prlimit(atoi(pid), RLIMIT_NOFILE, NULL, &limit))
		fail("prlimit");
	limit.rlim_cur = limit.rlim_max;
	if (prlimit(atoi(pid), RLIMIT_NOFILE, &limit, NULL))
		fail("prlimit");
}

/* CPU time in ticks, and whether it sleeps. */
static unsigned long look_at(const char *pid, bool *ret_sleeps)
{
	unsigned long user = 0, system = 0;
	char path[64], state = '?';
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%s/stat", pid);
	file = fopen(path, "re");
	if (!file || fscanf(file, "%*d %*s %c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu",
			    &state, &user, &system) != 3)
		fail(path);
	fclose(file);
	*ret_sleeps = state == 'S';
	return user + system;
}

/*
 * No matter how slow the machine is: a server that sleeps is seen asleep some time, and
 * one that does not uses up CPU time.
 */
static void wait_for_rest(const char *pid)
{
	const unsigned long busy = BUSY_S * sysconf(_SC_CLK_TCK);
	unsigned int asleep = 0;
	bool sleeps;
	unsigned long first = look_at(pid, &sleeps), before = first, now;

	while (asleep < SAMPLES) {
		poll(NULL, 0, SAMPLE_MS);
		now = look_at(pid, &sleeps);
		asleep = sleeps && now == before ? asleep + 1 : 0;
		before = now;
		errno = EBUSY;
		if (now - first > busy)
			fail("rests");
	}
}

/* @counts: a number follows, of times; @server: a PID follows */
static const struct {
	const char *word;
	void (*once)(void);
	void (*server)(const char *pid);
	bool counts;
} words[] = {
	{ .word = "silent", .once = silent, .counts = true },
	{ .word = "deaf", .once = deaf, .counts = true },
	{ .word = "half", .once = half, .counts = true },
	{ .word = "reset", .once = reset, .counts = true },
	{ .word = "scrape", .once = scrape, .counts = true },
	{ .word = "finish", .once = finish },
	{ .word = "leave", .once = leave },
	{ .word = "stay", .once = stay },
	{ .word = "fill", .server = fill },
	{ .word = "free", .server = release },
	{ .word = "rests", .server = wait_for_rest },
};

/* Returns how many arguments it has taken. */
static int obey(char **argv)
{
	unsigned int count = 1;

	if (!strcmp(argv[0], "open")) {
		printf("open %u\n", count_open());
		return 1;
	}
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
		if (strcmp(argv[0], words[i].word))
			continue;
		if ((words[i].counts || words[i].server) && !argv[1])
			break;
		if (words[i].server)
			words[i].server(argv[1]);
		if (words[i].counts)
			count = atoi(argv[1]);
		for (unsigned int n = 0; words[i].once && n < count; n++)
			words[i].once();
		printf("%s\n", argv[0]);
		return 1 + (words[i].counts || words[i].server);
	}
	errno = EINVAL;
	fail(argv[0]);
	return 0;
}

int main(int argc, char **argv)
{
	int i = 2;

	setvbuf(stdout, NULL, _IOLBF, 0);
	if (argc < 2)
		return EXIT_FAILURE;
	server.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	server.sin_port = htons(atoi(argv[1]));
	while (i < argc)
		i += obey(argv + i);
	return EXIT_SUCCESS;
}
