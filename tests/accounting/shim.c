// SPDX-License-Identifier: GPL-2.0-only
#include "shim.h"

unsigned int shim_warnings, shim_fail_allocation, shim_fail_register;
int shim_allocated;
_Thread_local u64 shim_loads, shim_tsc;
_Thread_local void (*shim_before_load)(void), (*shim_after_store)(void), (*shim_before_rdtsc)(void);
_Thread_local struct kvm_vcpu *shim_running;
void *shim_probes[SHIM_TRACEPOINTS];
u32 tsc_khz = 2000000;

void *shim_allocate(size_t size)
{
	void *memory;

	if (shim_fail_allocation && !--shim_fail_allocation)
		return NULL;
	/* Exactly as much: one byte more is a finding of the sanitizer's. */
	if (posix_memalign(&memory, 64, size))
		abort();
	__atomic_add_fetch(&shim_allocated, 1, __ATOMIC_RELAXED);
	return memset(memory, 0, size);
}

void shim_free(const void *memory)
{
	if (!memory)
		return;
	__atomic_sub_fetch(&shim_allocated, 1, __ATOMIC_RELAXED);
	free((void *)memory);
}

u32 get_random_u32(void)
{
	static u32 last;

	return last += 0x9e3779b9;
}

int shim_match(const char *const *names, size_t nr, const char *name)
{
	size_t i;

	for (i = 0; i < nr; i++) {
		if (!strcmp(names[i], name))
			return i;
	}
	return -EINVAL;
}

int kstrtobool(const char *text, bool *ret)
{
	if (strcmp(text, "0") && strcmp(text, "1"))
		return -EINVAL;
	*ret = *text == '1';
	return 0;
}

int param_get_bool(char *buffer, const struct kernel_param *kp)
{
	return 0;
}

int shim_register(enum shim_tracepoint tracepoint, void *probe)
{
	if (shim_fail_register && !--shim_fail_register)
		return -ENOMEM;
	shim_warn(shim_probes[tracepoint]);
	shim_probes[tracepoint] = probe;
	return 0;
}

void shim_unregister(enum shim_tracepoint tracepoint, void *probe)
{
	shim_warn(shim_probes[tracepoint] != probe);
	shim_probes[tracepoint] = NULL;
}

static struct {
	const struct file_operations *operations;
	void *data;
} files[8];
static unsigned int nr_files;

void debugfs_create_file(const char *name, int mode, struct dentry *parent, void *data,
			 const struct file_operations *operations)
{
	assert(nr_files < ARRAY_SIZE(files));
	files[nr_files].operations = operations;
	files[nr_files++].data = data;
}

int single_open(struct file *file, int (*show)(struct seq_file *, void *), void *data)
{
	file->show = show;
	file->seq.private = shim_allocate(1);
	if (!file->seq.private)
		return -ENOMEM;
	shim_free(file->seq.private);
	file->seq.private = data;
	return 0;
}

int single_release(struct inode *inode, struct file *file)
{
	return 0;
}

int seq_read(struct file *file, char *text, size_t size)
{
	int r;

	file->seq.to = fmemopen(text, size, "w");
	r = file->show(&file->seq, NULL);
	fclose(file->seq.to);
	return r;
}

int shim_cat(unsigned int i, char *text, size_t size)
{
	struct inode inode = { .i_private = files[i].data };
	struct file file = {};
	int r = files[i].operations->open(&inode, &file);

	if (r)
		return r;
	r = files[i].operations->read(&file, text, size);
	files[i].operations->release(&inode, &file);
	return r;
}
