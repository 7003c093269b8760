/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * disk_file.h - a file on a disk, without a name, filled, and past the page cache
 *
 * The file never outlives its descriptor: whatever ends the process, its room on
 * the disk is free again.
 */
#ifndef EXITPROF_WORKLOAD_DISK_FILE_H
#define EXITPROF_WORKLOAD_DISK_FILE_H

#include <stdint.h>

#include <exitprof/workload.h>

/*
 * @fd: opened with O_RDWR | O_DIRECT
 * @memory_align, @offset_align: what the file system asks of a buffer's address
 *	and of an offset and length
 */
struct ep_disk_file {
	int fd;
	uint32_t memory_align;
	uint32_t offset_align;
};

/*
 * Makes the file of @size bytes in the folder @path, or, if @path does not exist,
 * in the folder that would hold it; @seed makes its contents. @block is checked
 * against the alignment. Returns 0, or the value of ctx->fail() after a hint.
 */
int ep_disk_file_create(struct ep_disk_file *ret, struct exitprof_context *ctx, const char *path,
			uint64_t size, uint64_t block, uint64_t seed);

/* Fills a buffer with what neither compresses nor repeats. */
void ep_disk_file_noise(void *buffer, uint64_t size, uint64_t seed);

#endif /* EXITPROF_WORKLOAD_DISK_FILE_H */
