/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * shim.h - as much of the kernel as exitprof*.c needs, in user space
 *
 * The memory model is x86's: stores are seen in program order, hence barriers are
 * the compiler's, as they are in the kernel. Time and failures are what the test
 * says; what was allocated, registered and loaded is counted.
 */
#ifndef SHIM_H
#define SHIM_H

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifndef SHIM_32_BIT
#define CONFIG_X86_64
#endif
#define KBUILD_MODNAME "kvm"
#define BITS_PER_LONG  64
#define PAGE_SHIFT     12
#define KVM_MAX_VCPUS  1024

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;
typedef long long s64;

#undef __always_inline
#define __always_inline	      inline __attribute__((always_inline))
#define ____cacheline_aligned __attribute__((aligned(64)))
#define __read_mostly
#define likely(x)			  __builtin_expect(!!(x), 1)
#define unlikely(x)			  __builtin_expect(!!(x), 0)
#define container_of(p, type, member)	  ((type *)((char *)(p)-offsetof(type, member)))
#define ARRAY_SIZE(a)			  (sizeof(a) / sizeof((a)[0]))
#define BUILD_BUG_ON(x)			  _Static_assert(!(x), #x)
#define WARN_ON_ONCE(x)			  shim_warn(!!(x))
#define pr_warn(...)			  shim_warn(true)
#define EXPORT_SYMBOL_FOR_KVM_INTERNAL(x) _Static_assert(sizeof(x), "")
#define THIS_MODULE			  NULL

/* How often the kernel would have warned, or had reason to. */
extern unsigned int shim_warnings;

static inline bool shim_warn(bool condition)
{
	shim_warnings += condition;
	return condition;
}

/*
 * What a thread has loaded with READ_ONCE() and the like; what is to happen, on another
 * CPU say, before each of its loads and after each of its stores.
 */
extern _Thread_local u64 shim_loads;
extern _Thread_local void (*shim_before_load)(void);
extern _Thread_local void (*shim_after_store)(void);

static inline void shim_load(void)
{
	shim_loads++;
	if (shim_before_load)
		shim_before_load();
}

static inline void shim_stored(void)
{
	if (shim_after_store)
		shim_after_store();
}

#define READ_ONCE(x)		(shim_load(), *(const volatile __typeof__(x) *)&(x))
#define WRITE_ONCE(x, v)	(*(volatile __typeof__(x) *)&(x) = (v), shim_stored())
#define barrier()		__asm__ volatile("" : : : "memory")
#define smp_wmb()		barrier()
#define smp_rmb()		barrier()
#define smp_load_acquire(p)	(shim_load(), __atomic_load_n(p, __ATOMIC_ACQUIRE))
#define smp_store_release(p, v) __atomic_store_n(p, v, __ATOMIC_RELEASE)
#define cpu_relax()		__builtin_ia32_pause()
#define cond_resched()		((void)0)

/* As in asm/local.h: one instruction. */
typedef struct {
	long counter;
} local64_t;

#define local64_read(l) READ_ONCE((l)->counter)

static inline void local64_add(long n, local64_t *l)
{
	__asm__ volatile("addq %1, %0" : "+m"(l->counter) : "er"(n));
	shim_stored();
}

static inline void local64_inc(local64_t *l)
{
	__asm__ volatile("incq %0" : "+m"(l->counter));
	shim_stored();
}

/* The clock of the CPU that the calling thread is on; what is to happen before it is read. */
extern _Thread_local u64 shim_tsc;
extern _Thread_local void (*shim_before_rdtsc)(void);

static inline u64 rdtsc(void)
{
	if (shim_before_rdtsc)
		shim_before_rdtsc();
	return shim_tsc;
}

extern u32 tsc_khz;

#define min_t(type, a, b)	 ((type)(a) < (type)(b) ? (type)(a) : (type)(b))
#define max_t(type, a, b)	 ((type)(a) > (type)(b) ? (type)(a) : (type)(b))
#define min(a, b)		 ((a) < (b) ? (a) : (b))
#define max(a, b)		 ((a) > (b) ? (a) : (b))
#define lower_32_bits(x)	 ((u32)(x))
#define upper_32_bits(x)	 ((u32)((x) >> 32))
#define array_index_nospec(i, n) (i)

static inline unsigned long __fls(unsigned long word)
{
	return 63 - __builtin_clzl(word);
}

#define BIT(n)			   (1UL << (n))
#define BIT_ULL(n)		   (1ULL << (n))
#define DIV_ROUND_UP(a, b)	   (((a) + (b)-1) / (b))
#define DECLARE_BITMAP(name, bits) unsigned long name[DIV_ROUND_UP(bits, BITS_PER_LONG)]
#define for_each_set_bit(bit, map, bits)                                                           \
	for ((bit) = 0; (bit) < (bits); (bit)++)                                                   \
		if (test_bit(bit, map))

static inline bool test_bit(u32 bit, const unsigned long *map)
{
	return map[bit / BITS_PER_LONG] >> bit % BITS_PER_LONG & 1;
}

static inline void __set_bit(u32 bit, unsigned long *map)
{
	map[bit / BITS_PER_LONG] |= BIT(bit % BITS_PER_LONG);
}

static inline void __clear_bit(u32 bit, unsigned long *map)
{
	map[bit / BITS_PER_LONG] &= ~BIT(bit % BITS_PER_LONG);
}

static inline void bitmap_set(unsigned long *map, u32 start, u32 bits)
{
	while (bits--)
		__set_bit(start++, map);
}

static inline void bitmap_or(unsigned long *to, const unsigned long *a, const unsigned long *b,
			     u32 bits)
{
	u32 i;

	for (i = 0; i < DIV_ROUND_UP(bits, BITS_PER_LONG); i++)
		to[i] = a[i] | b[i];
}

static inline void bitmap_to_arr32(u32 *to, const unsigned long *map, u32 bits)
{
	u32 i;

	for (i = 0; i < DIV_ROUND_UP(bits, 32); i++)
		to[i] = map[i / 2] >> i % 2 * 32;
}

/* Static keys */
#define DECLARE_STATIC_KEY_TRUE(name) extern bool name
#define DEFINE_STATIC_KEY_TRUE(name)  bool name = true
#define static_branch_likely(key)     (*(const volatile bool *)(key))
#define static_branch_enable(key)     WRITE_ONCE(*(key), true)
#define static_branch_disable(key)    WRITE_ONCE(*(key), false)

/*
 * Memory. Of the allocations to come, the shim_fail_allocation-th fails; none if it
 * is 0. shim_allocated is how many there are.
 */
extern unsigned int shim_fail_allocation;
extern int shim_allocated;

#define GFP_KERNEL	   0
#define GFP_KERNEL_ACCOUNT 0

void *shim_allocate(size_t size);
void shim_free(const void *memory);

#define kvcalloc(n, size, flags)  shim_allocate((n) * (size))
#define kvzalloc(size, flags)	  shim_allocate(size)
#define kzalloc(size, flags)	  shim_allocate(size)
#define kvfree(memory)		  shim_free(memory)
#define kfree(memory)		  shim_free(memory)
#define struct_size(p, member, n) (sizeof(*(p)) + (n) * sizeof((p)->member[0]))

/* Lists */
struct list_head {
	struct list_head *next, *prev;
};

#define LIST_HEAD(name) struct list_head name = { &(name), &(name) }
#define list_for_each_entry(p, head, member)                                                       \
	for (p = container_of((head)->next, __typeof__(*p), member); &p->member != (head);         \
	     p = container_of(p->member.next, __typeof__(*p), member))

static inline void list_add(struct list_head *new, struct list_head *head)
{
	new->next = head->next;
	new->prev = head;
	head->next->prev = new;
	head->next = new;
}

static inline void list_del(struct list_head *entry)
{
	entry->next->prev = entry->prev;
	entry->prev->next = entry->next;
}

/* Locks */
struct mutex {
	pthread_mutex_t lock;
	bool held;
};

#define DEFINE_MUTEX(name)	   struct mutex name = { .lock = PTHREAD_MUTEX_INITIALIZER }
#define lockdep_assert_held(mutex) assert((mutex)->held)

static inline void mutex_lock(struct mutex *mutex)
{
	pthread_mutex_lock(&mutex->lock);
	mutex->held = true;
}

static inline void mutex_unlock(struct mutex *mutex)
{
	mutex->held = false;
	pthread_mutex_unlock(&mutex->lock);
}

/* Another number each time, which may be any. */
u32 get_random_u32(void);

/* Parameters of the module, whose operations are shim_param_NAME */
struct kernel_param;
struct kernel_param_ops {
	int (*set)(const char *value, const struct kernel_param *kp);
	int (*get)(char *buffer, const struct kernel_param *kp);
};

#define module_param_cb(name, ops, arg, mode)                                                      \
	const struct kernel_param_ops *const shim_param_##name = (ops)
#define MODULE_PARM_DESC(name, text)	_Static_assert(sizeof(text), "")
#define sysfs_emit(buffer, ...)		sprintf(buffer, __VA_ARGS__)
#define sysfs_match_string(names, name) shim_match(names, ARRAY_SIZE(names), name)

int shim_match(const char *const *names, size_t nr, const char *name);
int kstrtobool(const char *text, bool *ret);
int param_get_bool(char *buffer, const struct kernel_param *kp);

/* KVM */
#define SVM_EXIT_NPF 0x400
#define SVM_EXIT_SW  0xf0000000

/* As wide as it is in new kernels */
struct vmcb_control_area {
	u64 exit_code;
};

#define typeof_member(type, member) __typeof__(((type *)0)->member)

typedef struct {
	int counter;
} atomic_t;

#define atomic_read(a) READ_ONCE((a)->counter)

struct dentry;

#include "kvm_host_types.h"

struct kvm {
	atomic_t online_vcpus;
	bool dying;
	struct dentry *debugfs_dentry;
	struct {
		struct kvm_exitprof exitprof;
	} arch;
	struct kvm_vcpu *vcpus[KVM_MAX_VCPUS];
};

struct kvm_vcpu {
	struct kvm *kvm;
	int vcpu_idx;
	struct {
		struct kvm_vcpu_exitprof exitprof;
	} arch;
};

/* A vCPU that is not online is not found, though it may run already. */
static inline struct kvm_vcpu *kvm_get_vcpu(struct kvm *kvm, unsigned int i)
{
	return i < (unsigned int)atomic_read(&kvm->online_vcpus) ? kvm->vcpus[i] : NULL;
}

#define kvm_for_each_vcpu(i, vcpu, kvm) for ((i) = 0; ((vcpu) = kvm_get_vcpu(kvm, i)); (i)++)

static inline bool kvm_get_kvm_safe(struct kvm *kvm)
{
	return !kvm->dying;
}

static inline void kvm_put_kvm(struct kvm *kvm)
{
}

/* The vCPU that the calling thread runs */
extern _Thread_local struct kvm_vcpu *shim_running;

static inline struct kvm_vcpu *kvm_get_running_vcpu(void)
{
	return shim_running;
}

/*
 * Tracepoints. Of the registrations to come, the shim_fail_register-th fails; none if
 * it is 0. shim_probes are those that are in place. Taking away what is not there is
 * a warning.
 */
enum shim_tracepoint {
	SHIM_PIO,
	SHIM_MSR,
	SHIM_CPUID,
	SHIM_HYPERCALL,
	SHIM_MMIO,
	SHIM_TRACEPOINTS,
};

extern void *shim_probes[SHIM_TRACEPOINTS];
extern unsigned int shim_fail_register;

int shim_register(enum shim_tracepoint tracepoint, void *probe);
void shim_unregister(enum shim_tracepoint tracepoint, void *probe);

#define register_trace_kvm_pio(probe, data)	    shim_register(SHIM_PIO, probe)
#define register_trace_kvm_msr(probe, data)	    shim_register(SHIM_MSR, probe)
#define register_trace_kvm_cpuid(probe, data)	    shim_register(SHIM_CPUID, probe)
#define register_trace_kvm_hypercall(probe, data)   shim_register(SHIM_HYPERCALL, probe)
#define register_trace_kvm_mmio(probe, data)	    shim_register(SHIM_MMIO, probe)
#define unregister_trace_kvm_pio(probe, data)	    shim_unregister(SHIM_PIO, probe)
#define unregister_trace_kvm_msr(probe, data)	    shim_unregister(SHIM_MSR, probe)
#define unregister_trace_kvm_cpuid(probe, data)	    shim_unregister(SHIM_CPUID, probe)
#define unregister_trace_kvm_hypercall(probe, data) shim_unregister(SHIM_HYPERCALL, probe)
#define unregister_trace_kvm_mmio(probe, data)	    shim_unregister(SHIM_MMIO, probe)
#define tracepoint_synchronize_unregister()	    ((void)0)

#define KVM_TRACE_MMIO_READ_UNSATISFIED 0
#define KVM_TRACE_MMIO_WRITE		2

/*
 * Files in debugfs: shim_cat() reads the i-th one that was created into @text, as
 * cat(1) would; returns 0 or what open() or read() returned.
 */
struct seq_file {
	void *private;
	FILE *to;
};

struct inode {
	void *i_private;
};

struct file {
	struct seq_file seq;
	int (*show)(struct seq_file *seq, void *unused);
};

struct file_operations {
	void *owner;
	int (*open)(struct inode *inode, struct file *file);
	int (*read)(struct file *file, char *text, size_t size);
	void *llseek;
	int (*release)(struct inode *inode, struct file *file);
};

#define seq_lseek	     NULL
#define seq_printf(seq, ...) fprintf((seq)->to, __VA_ARGS__)
#define seq_puts(seq, text)  fputs(text, (seq)->to)
#define seq_putc(seq, c)     fputc(c, (seq)->to)

int seq_read(struct file *file, char *text, size_t size);
int single_open(struct file *file, int (*show)(struct seq_file *, void *), void *data);
int single_release(struct inode *inode, struct file *file);
void debugfs_create_file(const char *name, int mode, struct dentry *parent, void *data,
			 const struct file_operations *operations);
int shim_cat(unsigned int i, char *text, size_t size);

#endif
