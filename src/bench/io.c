// SPDX-License-Identifier: GPL-3.0-or-later
/* Probes that touch a port, an MSR or a disk. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/io.h>
#include <unistd.h>

#include "bench/probes.h"

/* Power-on self-test codes: a write lights a lamp at most, a read has no effect. */
#define PORT 0x80
/* IA32_MCG_STATUS: on both vendors, intercepted, 0 but while a machine check is handled. */
#define MSR	   0x17a
#define BLOCK_SIZE 4096

static int open_port(struct ep_bench *bench)
{
	if (!ioperm(PORT, 1, 1))
		return 0;
	if (errno == EPERM)
		return ep_bench_skip(bench, "needs root");
	if (errno == ENOSYS)
		return ep_bench_skip(bench, "this kernel gives no ports to programs");
	return ep_bench_skip(bench, "cannot use the port: %m");
}

static void close_port(struct ep_bench *bench)
{
	ioperm(PORT, 1, 0);
}

static void read_port(struct ep_bench *bench)
{
	inb(PORT);
}

const struct ep_probe ep_probe_port_read = {
	.name = "port-read",
	.operation = "IN from port 0x80",
	.summary = "an I/O port that the device emulator answers",
	.vmx = 30,
	.svm = 0x7b,
	.direct = true,
	.setup = open_port,
	.once = read_port,
	.teardown = close_port,
};

static void write_port(struct ep_bench *bench)
{
	outb(0, PORT);
}

const struct ep_probe ep_probe_port_write = {
	.name = "port-write",
	.operation = "OUT to port 0x80",
	.summary = "the same the other way",
	.vmx = 30,
	.svm = 0x7b,
	.direct = true,
	.setup = open_port,
	.once = write_port,
	.teardown = close_port,
};

struct msr {
	int fd;
	uint64_t value;
};

static void read_msr(struct ep_bench *bench)
{
	struct msr *msr = bench->priv;
	ssize_t ignored = pread(msr->fd, &msr->value, sizeof(msr->value), MSR);

	(void)ignored;
}

/* What read_msr() has read, and nothing else. */
static void write_msr(struct ep_bench *bench)
{
	struct msr *msr = bench->priv;
	ssize_t ignored = pwrite(msr->fd, &msr->value, sizeof(msr->value), MSR);

	(void)ignored;
}

static void close_msr(struct ep_bench *bench)
{
	struct msr *msr = bench->priv;

	close(msr->fd);
	free(msr);
}

static int open_msr(struct ep_bench *bench, int flags)
{
	struct msr *msr;
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/dev/cpu/%u/msr", bench->cpu);
	fd = open(path, flags | O_CLOEXEC);
	if (fd < 0 && (errno == ENOENT || errno == ENXIO))
		return ep_bench_skip(bench, "no %s: modprobe msr", path);
	if (fd < 0 && (errno == EACCES || errno == EPERM))
		return ep_bench_skip(bench, "needs root");
	if (fd < 0)
		return ep_bench_skip(bench, "cannot open %s: %m", path);
	msr = malloc(sizeof(*msr));
	if (!msr || pread(fd, &msr->value, sizeof(msr->value), MSR) != sizeof(msr->value)) {
		ep_bench_skip(bench, "cannot read MSR 0x%x: %m", MSR);
		free(msr);
		close(fd);
		return -1;
	}
	msr->fd = fd;
	bench->priv = msr;
	return 0;
}

static int open_msr_read(struct ep_bench *bench)
{
	return open_msr(bench, O_RDONLY);
}

const struct ep_probe ep_probe_msr_read = {
	.name = "msr-read",
	.operation = "RDMSR of 0x17a",
	.summary = "IA32_MCG_STATUS through /dev/cpu, with the system call for it",
	.vmx = 31,
	.svm = 0x7c,
	.direct = true,
	.setup = open_msr_read,
	.once = read_msr,
	.teardown = close_msr,
};

static int open_msr_write(struct ep_bench *bench)
{
	struct msr *msr;

	if (!bench->named)
		return ep_bench_skip(bench, "taints the guest's kernel: only if named");
	if (open_msr(bench, O_RDWR))
		return -1;
	msr = bench->priv;
	if (pwrite(msr->fd, &msr->value, sizeof(msr->value), MSR) == sizeof(msr->value))
		return 0;
	ep_bench_skip(bench, "cannot write MSR 0x%x: %m", MSR);
	close_msr(bench);
	return -1;
}

const struct ep_probe ep_probe_msr_write = {
	.name = "msr-write",
	.operation = "WRMSR of 0x17a",
	.summary = "the same, writing the value just read; Linux is tainted by that",
	.vmx = 32,
	.svm = 0x7c,
	.direct = true,
	.setup = open_msr_write,
	.once = write_msr,
	.teardown = close_msr,
};

struct file {
	int fd;
	void *block;
};

static void write_block(struct ep_bench *bench)
{
	struct file *file = bench->priv;
	ssize_t ignored = pwrite(file->fd, file->block, BLOCK_SIZE, 0);

	(void)ignored;
}

static void close_file(struct ep_bench *bench)
{
	struct file *file = bench->priv;

	if (file->fd >= 0)
		close(file->fd);
	free(file->block);
	free(file);
}

/* The first write makes the block, which later ones only replace. */
static int open_file(struct ep_bench *bench)
{
	struct file *file = calloc(1, sizeof(*file));

	if (!file || posix_memalign(&file->block, BLOCK_SIZE, BLOCK_SIZE)) {
		free(file);
		return ep_bench_skip(bench, "out of memory");
	}
	bench->priv = file;
	memset(file->block, 0, BLOCK_SIZE);
	file->fd = open(bench->folder, O_TMPFILE | O_RDWR | O_DIRECT | O_CLOEXEC, 0600);
	if (file->fd >= 0 && pwrite(file->fd, file->block, BLOCK_SIZE, 0) == BLOCK_SIZE &&
	    !fsync(file->fd))
		return 0;
	if (errno == EINVAL || errno == EOPNOTSUPP)
		ep_bench_skip(bench, "no direct I/O in %.150s: try --folder", bench->folder);
	else
		ep_bench_skip(bench, "cannot write in %.150s: %m", bench->folder);
	close_file(bench);
	return -1;
}

const struct ep_probe ep_probe_disk_write = {
	.name = "disk-write",
	.operation = "direct write of 4 KiB",
	.summary = "a request to the disk and its completion: kicks a virtio device",
	.vmx = EP_PROBE_NO_REASON,
	.svm = EP_PROBE_NO_REASON,
	.setup = open_file,
	.once = write_block,
	.teardown = close_file,
};
