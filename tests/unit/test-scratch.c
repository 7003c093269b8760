// SPDX-License-Identifier: GPL-3.0-or-later
/* What is made, replaced and swept, and what is nobody's business of ours. */
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "core/base/cleanup.h"
#include "core/base/file.h"
#include "core/base/partial.h"
#include "core/base/scratch.h"
#include "core/base/scratch_entry.h"
#include "core/base/scratch_sweep.h"
#include "unit.h"

/* As on file systems that only know to rename. */
static bool plain;
int __real_renameat2(int from_fd, const char *from, int to_fd, const char *to, unsigned int flags);
int __wrap_renameat2(int from_fd, const char *from, int to_fd, const char *to, unsigned int flags);

int __wrap_renameat2(int from_fd, const char *from, int to_fd, const char *to, unsigned int flags)
{
	if (!plain || !flags)
		return __real_renameat2(from_fd, from, to_fd, to, flags);
	errno = EINVAL;
	return -1;
}

static char top[] = "/tmp/exitprof-scratch-XXXXXX";

static int setup(void **state)
{
	plain = false;
	strcpy(top + strlen(top) - 6, "XXXXXX");
	return mkdtemp(top) && !chdir(top) ? 0 : -1;
}

static int teardown(void **state)
{
	char command[sizeof(top) + 16];

	snprintf(command, sizeof(command), "rm -rf %s", top);
	return chdir("/") || system(command);
}

static void put(const char *name, const char *text)
{
	FILE *file = fopen(name, "we");

	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

static void expect(const char *name, const char *text)
{
	_cleanup_fclose_ FILE *file = fopen(name, "re");
	char got[64] = "";

	assert_non_null(file);
	assert_true(fgets(got, sizeof(got), file) || !text[0]);
	assert_string_equal(got, text);
}

/* Names in the folder, but for "." and "..". */
static size_t entries(const char *folder)
{
	_cleanup_closedir_ DIR *dir = opendir(folder);
	size_t count = 0;

	assert_non_null(dir);
	while (readdir(dir))
		count++;
	return count - 2;
}

/* Runs @child in a process of its own, which ends as kill -9 ends one. */
static void killed(void (*child)(void))
{
	pid_t pid = fork();

	if (!pid) {
		child();
		kill(getpid(), SIGKILL);
	}
	assert_int_equal(waitpid(pid, NULL, 0), pid);
}

static void make_folder(void)
{
	struct ep_scratch scratch = {};
	int fd;

	if (ep_scratch_folder(&scratch, "a", 0777))
		_exit(1);
	fd = openat(scratch.fd, "exits.csv", O_WRONLY | O_CREAT, 0666);
	if (fd < 0)
		_exit(1);
}

static void make_file(void)
{
	struct ep_scratch scratch = {};

	if (ep_scratch_file(&scratch, "a.csv"))
		_exit(1);
}

static void make_series(void)
{
	struct ep_scratch scratch = {};
	char text[1000];
	int fd;

	memset(text, ',', sizeof(text));
	if (ep_scratch_folder(&scratch, "a", 0777))
		_exit(1);
	fd = openat(scratch.fd, "series.csv", O_WRONLY | O_CREAT, 0666);
	if (fd < 0 || write(fd, text, sizeof(text)) != sizeof(text))
		_exit(1);
}

static void test_killed_ones_are_swept(void **state)
{
	struct ep_scratch scratch = {};

	killed(make_folder);
	killed(make_file);
	assert_int_equal(entries("."), 1);
	assert_int_equal(ep_scratch_file(&scratch, "b"), 0);
	assert_int_equal(entries("."), 1);
	ep_scratch_remove(&scratch);
	assert_int_equal(entries("."), 0);
}

static void test_recorded_series_are_kept(void **state)
{
	struct ep_scratch scratch = {};

	killed(make_series);
	assert_int_equal(ep_scratch_file(&scratch, "b"), 0);
	ep_scratch_remove(&scratch);
	assert_int_equal(system("set -- a.partial-???????? && [ -s \"$1/series.csv\" ]"), 0);
	assert_int_equal(entries("."), 1);
}

/* The lock tells who lives, not a number, which means nothing in another PID namespace. */
static void test_living_ones_stay(void **state)
{
	struct ep_scratch folder = {}, file = {};
	pid_t pid;
	int status;

	assert_int_equal(ep_scratch_folder(&folder, "a", 0777), 0);
	assert_int_equal(ep_scratch_file(&file, "b"), 0);
	pid = fork();
	if (!pid) {
		struct ep_scratch other = {};

		/* What it has from its parent it holds no less. */
		_exit(ep_scratch_file(&other, "c") || entries(".") != 3);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	ep_scratch_remove(&folder);
	ep_scratch_remove(&file);
}

/* A name as scratch for @name has it here, and what follows. */
static const char *ours(const char *name, const char *more)
{
	static char text[128];

	snprintf(text, sizeof(text), ".%s.exitprof-%s0abc1234%s", name, ep_scratch_machine(), more);
	return text;
}

static void test_nobody_else_loses_anything(void **state)
{
	struct ep_scratch scratch = {};

	/*
	 * A link to a folder, and to a file, of such names; one with something of the user's; names
	 * that earlier versions gave, and others.
	 */
	assert_int_equal(mkdir("victim", 0777), 0);
	put("victim/data.csv", "mine");
	assert_int_equal(symlink("victim", ours("a", "")), 0);
	assert_int_equal(symlink("victim/data.csv", ours("b", "")), 0);
	assert_int_equal(mkdir(ours("c", ""), 0777), 0);
	put(ours("c", "/thesis.tex"), "mine");
	assert_int_equal(mkdir(ours("d", ""), 0777), 0);
	assert_int_equal(symlink("../victim/data.csv", ours("d", "/exits.csv")), 0);
	assert_int_equal(mkdir(".e.tmp-2147483647", 0777), 0);
	put(".e.tmp-2147483647/exits.csv", "mine");
	put(".f.exitprof-ABC123", "mine");
	put(ours("f", "4"), "mine");
	/* Another machine's */
	put(".g.exitprof-000000000abc1234", "mine");
	put(ours("", ""), "mine");
	put(".bashrc.exitprof-backup", "mine");
	assert_int_equal(entries("."), 11);
	assert_int_equal(ep_scratch_folder(&scratch, "a", 0777), 0);
	ep_scratch_remove(&scratch);
	assert_int_equal(entries("."), 11);
	expect("victim/data.csv", "mine");
	expect(ours("c", "/thesis.tex"), "mine");
	assert_int_equal(entries(ours("d", "")), 1);
	assert_int_equal(entries(".e.tmp-2147483647"), 1);
}

/* Where a lock may be another machine's: ramfs stands for 9p, NFS and others. */
static void test_without_locks_all_live(void **state)
{
	struct ep_scratch scratch = {};

	assert_int_equal(mkdir("disk", 0777), 0);
	if (mount("none", "disk", "ramfs", 0, NULL)) {
		print_message("not checked: may not mount a ramfs\n");
		return;
	}
	assert_int_equal(chdir("disk"), 0);
	killed(make_file);
	assert_int_equal(ep_scratch_file(&scratch, "b"), 0);
	ep_scratch_remove(&scratch);
	assert_int_equal(entries("."), 1);
	assert_int_equal(chdir(".."), 0);
	assert_int_equal(umount("disk"), 0);
}

static void make_folder_of(struct ep_scratch *scratch, const char *name, const char *file)
{
	int fd;

	assert_int_equal(ep_scratch_folder(scratch, name, 0777), 0);
	fd = openat(scratch->fd, file, O_WRONLY | O_CREAT, 0666);
	assert_true(fd >= 0);
	close(fd);
}

static void exchange(void)
{
	_cleanup_close_ int earlier = -1;
	struct ep_scratch scratch = {};

	assert_int_equal(mkdir("a", 0777), 0);
	put("a/old.csv", "old");
	earlier = open("a", O_RDONLY | O_DIRECTORY);
	make_folder_of(&scratch, "a", "new.csv");
	assert_int_equal(ep_scratch_exchange(&scratch, "a", earlier), 0);
	assert_int_equal(access("a/new.csv", F_OK), 0);
	assert_int_equal(entries("."), 2);
	ep_scratch_remove(&scratch);
	assert_int_equal(entries("."), 1);

	/* Somebody has put it elsewhere, and something else there. */
	make_folder_of(&scratch, "a", "newer.csv");
	close(earlier);
	earlier = open("a", O_RDONLY | O_DIRECTORY);
	assert_int_equal(rename("a", "b"), 0);
	assert_int_equal(mkdir("a", 0777), 0);
	put("a/other.csv", "mine");
	assert_int_equal(ep_scratch_exchange(&scratch, "a", earlier), -EEXIST);
	expect("a/other.csv", "mine");
	assert_int_equal(access("b/new.csv", F_OK), 0);
	ep_scratch_remove(&scratch);
	assert_int_equal(entries("."), 2);
}

static void test_names_are_exchanged(void **state)
{
	exchange();
}

static void test_names_are_exchanged_slowly(void **state)
{
	plain = true;
	exchange();
}

static void test_new_names(void **state)
{
	struct ep_scratch scratch = {};

	for (plain = false;; plain = true) {
		put("a", "mine");
		assert_int_equal(ep_scratch_file(&scratch, "a"), 0);
		assert_int_equal(ep_scratch_rename_new(&scratch, "a"), -EEXIST);
		expect("a", "mine");
		assert_int_equal(ep_scratch_rename_new(&scratch, plain ? "c" : "b"), 0);
		if (plain)
			break;
	}
	assert_int_equal(entries("."), 3);
}

static void end_by(int number)
{
	pid_t pid = fork();
	int status;

	if (!pid) {
		signal(number, SIG_DFL);
		make_folder();
		make_file();
		raise(number);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), number);
	assert_int_equal(entries("."), 0);
}

static void test_signals_leave_nothing(void **state)
{
	static const int signals[] = {
		SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE, SIGUSR1, SIGXFSZ
	};

	for (size_t i = 0; i < ARRAY_SIZE(signals); i++)
		end_by(signals[i]);
}

static void test_long_names(void **state)
{
	_cleanup_(ep_file_discard) struct ep_file file = {};
	char name[EP_SCRATCH_NAME_MAX + 1];

	memset(name, 'n', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	assert_int_equal(ep_file_begin(&file, name, NULL), 0);
	fputs("text", file.stream);
	assert_int_equal(ep_file_publish(&file, NULL), 0);
	expect(name, "text");
}

static void test_files_are_replaced_whole(void **state)
{
	struct ep_file file = {};
	struct ep_error err = {};

	put("a", "old");
	assert_int_equal(ep_file_begin(&file, "a", &err), 0);
	fputs("new", file.stream);
	expect("a", "old");
	ep_file_discard(&file);
	expect("a", "old");
	assert_int_equal(entries("."), 1);
	assert_int_equal(ep_file_begin(&file, "./a", &err), 0);
	fputs("new", file.stream);
	assert_int_equal(ep_file_publish(&file, &err), 0);
	ep_file_discard(&file);
	expect("a", "new");
	assert_int_equal(entries("."), 1);
	/* A link is replaced, and not what it names. */
	assert_int_equal(symlink("a", "b"), 0);
	assert_int_equal(ep_file_begin(&file, "b", &err), 0);
	fputs("newer", file.stream);
	assert_int_equal(ep_file_publish(&file, &err), 0);
	ep_file_discard(&file);
	expect("a", "new");
	expect("b", "newer");
	assert_int_equal(mkfifo("pipe", 0666), 0);
	assert_int_equal(ep_file_begin(&file, "pipe", &err), -EEXIST);
	assert_int_equal(ep_file_begin(&file, "no/such", &err), -ENOENT);
	assert_int_equal(ep_file_begin(&file, "a/", &err), -EISDIR);
}

/* NAME.partial is a name that anybody can guess. */
static void test_planted_partials(void **state)
{
	struct ep_partial partial = {};
	struct ep_error err = {};

	put("victim", "mine");
	assert_int_equal(symlink("victim", "a.partial"), 0);
	assert_int_equal(ep_partial_begin(&partial, "a", &err), -EEXIST);
	assert_string_equal(err.message, "'a.partial' exists and is not a file of yours");
	assert_int_equal(mkfifo("b.partial", 0666), 0);
	assert_int_equal(ep_partial_begin(&partial, "b", &err), -EEXIST);
	assert_int_equal(link("victim", "c.partial"), 0);
	assert_int_equal(ep_partial_begin(&partial, "c", &err), -EEXIST);
	assert_int_equal(mkdir("d.partial", 0777), 0);
	assert_int_equal(ep_partial_begin(&partial, "d", &err), -EEXIST);
	expect("victim", "mine");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_killed_ones_are_swept),      TEST(test_recorded_series_are_kept),
		TEST(test_living_ones_stay),	       TEST(test_nobody_else_loses_anything),
		TEST(test_without_locks_all_live),     TEST(test_names_are_exchanged),
		TEST(test_names_are_exchanged_slowly), TEST(test_new_names),
		TEST(test_signals_leave_nothing),      TEST(test_long_names),
		TEST(test_files_are_replaced_whole),   TEST(test_planted_partials),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
