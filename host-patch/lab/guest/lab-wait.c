// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * lab-wait [-n] JOB [DISK...]: in L1 and in L2, waits until the disk JOB holds a job, and prints
 * it (with -n it does not).
 *
 * That may be long after L1 and L2 were saved with this program in its wait, and any number of
 * times. Nothing of the disks is left in memory before, and the first block of JOB is read from
 * the disk itself. With it comes what two resumes must not share: the time of day, and a seed of
 * the kernel's random numbers. The block, which job.sh writes, is
 *
 *	0	"exitprof-lab job BYTES MICROSECONDS\n"
 *	256	256 random bytes
 *
 * and after it come the BYTES of the job, a tar. MICROSECONDS are since 1970; 0 leaves the clock
 * alone.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <linux/random.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/time.h>
#include <unistd.h>

#define BLOCK_BYTES 512
#define SEED_OFFSET 256
#define SEED_BYTES  (BLOCK_BYTES - SEED_OFFSET)
#define POLL_US	    50000
#define CHUNK_BYTES (128 << 10)

static void fail(const char *what)
{
	fprintf(stderr, "lab-wait: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void set_clock(unsigned long long us)
{
	struct timeval time = { .tv_sec = us / 1000000, .tv_usec = us % 1000000 };

	if (settimeofday(&time, NULL))
		fail("cannot set the clock");
}

static void seed(const char *bytes)
{
	static struct {
		struct rand_pool_info info;
		char bytes[SEED_BYTES];
	} pool;
	int fd = open("/dev/urandom", O_WRONLY);

	pool.info.entropy_count = SEED_BYTES * 8;
	pool.info.buf_size = SEED_BYTES;
	memcpy(pool.info.buf, bytes, SEED_BYTES);
	/* The second makes what was put in count at once, on all CPUs. */
	if (fd < 0 || ioctl(fd, RNDADDENTROPY, &pool) || ioctl(fd, RNDRESEEDCRNG))
		fail("cannot seed the random numbers");
	close(fd);
}

static void print(int job, unsigned long long bytes)
{
	static char chunk[CHUNK_BYTES] __attribute__((aligned(4096)));
	off_t offset = BLOCK_BYTES;

	/* Of the last chunk, the disk has more than is printed. */
	while (bytes) {
		ssize_t count = pread(job, chunk, CHUNK_BYTES, offset), done = 0;

		if (count <= 0)
			fail("cannot read the job");
		offset += count;
		if ((unsigned long long)count > bytes)
			count = bytes;
		bytes -= count;
		while (done < count) {
			ssize_t written = write(STDOUT_FILENO, chunk + done, count - done);

			if (written < 0)
				fail("cannot print the job");
			done += written;
		}
	}
}

int main(int argc, char **argv)
{
	static char block[BLOCK_BYTES + 1] __attribute__((aligned(4096)));
	unsigned long long bytes, us;
	int quiet = argc > 1 && !strcmp(argv[1], "-n");
	int job = -1;
	char end;
	int i;

	if (argc < 2 + quiet)
		return 2;
	for (i = argc - 1; i > quiet; i--) {
		job = open(argv[i], O_RDONLY | O_DIRECT);
		if (job < 0 || ioctl(job, BLKFLSBUF))
			fail(argv[i]);
	}
	while (1) {
		if (pread(job, block, BLOCK_BYTES, 0) != BLOCK_BYTES)
			fail(argv[1 + quiet]);
		if (sscanf(block, "exitprof-lab job %llu %llu%c", &bytes, &us, &end) == 3 &&
		    end == '\n')
			break;
		usleep(POLL_US);
	}
	if (us)
		set_clock(us);
	seed(block + SEED_OFFSET);
	if (!quiet)
		print(job, bytes);
	return 0;
}
