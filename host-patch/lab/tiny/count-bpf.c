// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Count VM exits by reason with BPF on KVM's raw tracepoints while a command
 * runs, as lean as BPF allows: no libbpf, one per-CPU array.
 *
 *	count-bpf count COMMAND...	kvm_exit: one counter a reason
 *	count-bpf latency COMMAND...	kvm_exit and kvm_entry: counter and the sum of
 *					the time between, a reason
 *
 * prints "bpf COUNT NANOSECONDS", the sums over all reasons.
 *
 * kvm_exit hands over the vCPU, not the reason: that is read from the vendor's
 * structure around it, at an offset which the module's BTF tells.
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/btf.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* A power of two for the mask. SVM's 0x400, nested page fault, is counted as 0. */
#define REASONS	       1024
#define CPUS_MAX       512
#define VMCB_EXIT_CODE 0x70 /* AMD APM, volume 2, appendix B */

/* All that belongs to one CPU is one value of the map: one lookup finds it. */
struct counters {
	struct {
		uint64_t count;
		uint64_t ns;
	} sums[REASONS];
	/* The exit that is being handled. */
	uint64_t pending_ns;
	uint64_t pending_reason;
};

static int bpf(int command, union bpf_attr *attr, const char *name)
{
	int ret = syscall(__NR_bpf, command, attr, sizeof(*attr));

	if (ret < 0)
		err(1, "%s", name);
	return ret;
}

static int create_map(void)
{
	union bpf_attr attr = {
		.map_type = BPF_MAP_TYPE_PERCPU_ARRAY,
		.key_size = 4,
		.value_size = sizeof(struct counters),
		.max_entries = 1,
	};

	return bpf(BPF_MAP_CREATE, &attr, "BPF_MAP_CREATE");
}

static char *read_file(const char *path, size_t *ret_size)
{
	size_t room = 1 << 16, size = 0;
	char *data = NULL;
	ssize_t got;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return NULL;
	do {
		room *= 2;
		data = realloc(data, room);
		if (!data)
			err(1, "%s", path);
		while ((got = read(fd, data + size, room - size)) > 0)
			size += got;
	} while (size == room);
	close(fd);
	*ret_size = size;
	return data;
}

/* How many bytes of @type follow its fixed part, see Documentation/bpf/btf.rst. */
static size_t btf_tail(const struct btf_type *type)
{
	uint32_t nr = BTF_INFO_VLEN(type->info);

	switch (BTF_INFO_KIND(type->info)) {
	case BTF_KIND_INT:
	case BTF_KIND_VAR:
	case BTF_KIND_DECL_TAG:
		return 4;
	case BTF_KIND_ARRAY:
		return sizeof(struct btf_array);
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
		return nr * sizeof(struct btf_member);
	case BTF_KIND_ENUM:
		return nr * sizeof(struct btf_enum);
	case BTF_KIND_FUNC_PROTO:
		return nr * sizeof(struct btf_param);
	case BTF_KIND_DATASEC:
	case BTF_KIND_ENUM64:
		return nr * 12;
	default:
		return 0;
	}
}

/* Offset of a member of a structure that only the module knows, in bytes. */
static uint32_t btf_offset(const char *module, const char *structure, const char *member)
{
	size_t base_size, size;
	char path[64], *base = read_file("/sys/kernel/btf/vmlinux", &base_size), *data, *at, *strings;
	const struct btf_header *header;
	uint32_t base_strings;

	snprintf(path, sizeof(path), "/sys/kernel/btf/%s", module);
	data = read_file(path, &size);
	if (!base || !data)
		err(1, "no BTF of the kernel or of %s", module);
	/* A module's names count on from where the kernel's end. */
	base_strings = ((struct btf_header *)base)->str_len;
	header = (struct btf_header *)data;
	strings = data + header->hdr_len + header->str_off;
	at = data + header->hdr_len + header->type_off;
	for (char *end = at + header->type_len; at < end;) {
		const struct btf_type *type = (struct btf_type *)at;
		const struct btf_member *members = (struct btf_member *)(type + 1);

		at += sizeof(*type) + btf_tail(type);
		if (BTF_INFO_KIND(type->info) != BTF_KIND_STRUCT || type->name_off < base_strings ||
		    strcmp(strings + type->name_off - base_strings, structure))
			continue;
		for (uint32_t i = 0; i < BTF_INFO_VLEN(type->info); i++) {
			const char *name = members[i].name_off < base_strings ?
				base + sizeof(*header) + ((struct btf_header *)base)->str_off +
				members[i].name_off :
				strings + members[i].name_off - base_strings;

			if (!strcmp(name, member))
				return (BTF_INFO_KFLAG(type->info) ?
					BTF_MEMBER_BIT_OFFSET(members[i].offset) :
					members[i].offset) / 8;
		}
	}
	errx(1, "BTF of %s has no %s.%s", module, structure, member);
}

#define INSN(c, d, s, o, i) \
	((struct bpf_insn){ .code = (c), .dst_reg = (d), .src_reg = (s), .off = (o), .imm = (i) })
#define MOV(d, s)	INSN(BPF_ALU64 | BPF_MOV | BPF_X, d, s, 0, 0)
#define MOV_IMM(d, i)	INSN(BPF_ALU64 | BPF_MOV | BPF_K, d, 0, 0, i)
#define ADD(d, s)	INSN(BPF_ALU64 | BPF_ADD | BPF_X, d, s, 0, 0)
#define ADD_IMM(d, i)	INSN(BPF_ALU64 | BPF_ADD | BPF_K, d, 0, 0, i)
#define SUB(d, s)	INSN(BPF_ALU64 | BPF_SUB | BPF_X, d, s, 0, 0)
#define AND_IMM(d, i)	INSN(BPF_ALU64 | BPF_AND | BPF_K, d, 0, 0, i)
#define SHIFT_IMM(d, i)	INSN(BPF_ALU64 | BPF_LSH | BPF_K, d, 0, 0, i)
#define LOAD(d, s, o)	INSN(BPF_LDX | BPF_MEM | BPF_DW, d, s, o, 0)
#define LOAD32(d, s, o)	INSN(BPF_LDX | BPF_MEM | BPF_W, d, s, o, 0)
#define STORE(d, o, s)	INSN(BPF_STX | BPF_MEM | BPF_DW, d, s, o, 0)
#define STORE32(d, o, s) INSN(BPF_STX | BPF_MEM | BPF_W, d, s, o, 0)
#define STORE32_IMM(d, o, i) INSN(BPF_ST | BPF_MEM | BPF_W, d, 0, o, i)
#define CALL(f)		INSN(BPF_JMP | BPF_CALL, 0, 0, 0, f)
#define UNLESS_ZERO(d, o) INSN(BPF_JMP | BPF_JNE | BPF_K, d, 0, o, 0)
#define MAP(d, fd)	INSN(BPF_LD | BPF_DW | BPF_IMM, d, BPF_PSEUDO_MAP_FD, 0, fd), INSN(0, 0, 0, 0, 0)
#define RETURN		INSN(BPF_JMP | BPF_EXIT, 0, 0, 0, 0)

enum { R0, R1, R2, R3, R4, R5, R6, R7, R8, R9, FP };

struct program {
	struct bpf_insn insns[64];
	uint32_t nr;
};

#define EMIT(program, ...) \
	do { \
		const struct bpf_insn emit_new[] = { __VA_ARGS__ }; \
		memcpy((program)->insns + (program)->nr, emit_new, sizeof(emit_new)); \
		(program)->nr += sizeof(emit_new) / sizeof(*emit_new); \
	} while (0)

/* r0 = this CPU's counters. */
#define LOOKUP(map) \
	STORE32_IMM(FP, -4, 0), MAP(R1, map), MOV(R2, FP), ADD_IMM(R2, -4), CALL(BPF_FUNC_map_lookup_elem), \
	UNLESS_ZERO(R0, 2), MOV_IMM(R0, 0), RETURN

/* Reads from kernel memory at r3 to fp - 16; keeps r6 to r9. */
#define PROBE_READ(bytes) \
	MOV(R1, FP), ADD_IMM(R1, -16), MOV_IMM(R2, bytes), CALL(BPF_FUNC_probe_read_kernel)

/*
 * The first argument of both tracepoints is the vCPU; r7 = offset of the
 * reason's sums.
 */
static void emit_reason(struct program *program)
{
	if (access("/sys/module/kvm_amd", F_OK) == 0)
		EMIT(program, LOAD(R3, R1, 0), ADD_IMM(R3, btf_offset("kvm_amd", "vcpu_svm", "vmcb")),
		     PROBE_READ(8), LOAD(R3, FP, -16), ADD_IMM(R3, VMCB_EXIT_CODE), PROBE_READ(4));
	else
		EMIT(program, LOAD(R3, R1, 0),
		     ADD_IMM(R3, btf_offset("kvm_intel", "vcpu_vmx", "exit_reason")), PROBE_READ(4));
	EMIT(program, LOAD32(R7, FP, -16), AND_IMM(R7, REASONS - 1), SHIFT_IMM(R7, 4));
}

static void attach(const struct program *program, const char *tracepoint)
{
	static char log[65536];
	union bpf_attr load = {
		.prog_type = BPF_PROG_TYPE_RAW_TRACEPOINT,
		.insn_cnt = program->nr,
		.insns = (uintptr_t)program->insns,
		.license = (uintptr_t) "GPL",
		.log_buf = (uintptr_t)log,
		.log_size = sizeof(log),
		.log_level = 1,
	};
	union bpf_attr open = {};
	int fd = syscall(__NR_bpf, BPF_PROG_LOAD, &load, sizeof(load));

	if (fd < 0)
		err(1, "%s\nBPF_PROG_LOAD for %s", log, tracepoint);
	open.raw_tracepoint.name = (uintptr_t)tracepoint;
	open.raw_tracepoint.prog_fd = fd;
	/* It stays attached for as long as this process lives. */
	bpf(BPF_RAW_TRACEPOINT_OPEN, &open, tracepoint);
}

static void attach_count(int map)
{
	struct program exit = {};

	emit_reason(&exit);
	EMIT(&exit, LOOKUP(map), ADD(R0, R7), LOAD(R1, R0, 0), ADD_IMM(R1, 1), STORE(R0, 0, R1),
	     MOV_IMM(R0, 0), RETURN);
	attach(&exit, "kvm_exit");
}

static void attach_latency(int map)
{
	const int pending_ns = offsetof(struct counters, pending_ns);
	const int pending_reason = offsetof(struct counters, pending_reason);
	struct program exit = {}, entry = {};

	emit_reason(&exit);
	EMIT(&exit, LOOKUP(map), MOV(R8, R0), STORE(R8, pending_reason, R7),
	     CALL(BPF_FUNC_ktime_get_ns), STORE(R8, pending_ns, R0), MOV_IMM(R0, 0), RETURN);
	attach(&exit, "kvm_exit");

	EMIT(&entry, LOOKUP(map), MOV(R8, R0), CALL(BPF_FUNC_ktime_get_ns),
	     LOAD(R1, R8, pending_ns), SUB(R0, R1), LOAD(R7, R8, pending_reason),
	     AND_IMM(R7, (REASONS - 1) << 4), ADD(R8, R7), LOAD(R1, R8, 8), ADD(R1, R0),
	     STORE(R8, 8, R1), LOAD(R1, R8, 0), ADD_IMM(R1, 1), STORE(R8, 0, R1), MOV_IMM(R0, 0),
	     RETURN);
	attach(&entry, "kvm_entry");
}

/* The kernel copies one value for each CPU that is possible, be it there or not. */
static void print_sums(int map)
{
	struct counters *values = calloc(CPUS_MAX, sizeof(*values));
	union bpf_attr attr = {
		.map_fd = map, .key = (uintptr_t) &(uint32_t){ 0 }, .value = (uintptr_t)values,
	};
	uint64_t count = 0, ns = 0;

	if (!values)
		err(1, "counters");
	bpf(BPF_MAP_LOOKUP_ELEM, &attr, "BPF_MAP_LOOKUP_ELEM");
	for (int cpu = 0; cpu < CPUS_MAX; cpu++) {
		for (int i = 0; i < REASONS; i++) {
			count += values[cpu].sums[i].count;
			ns += values[cpu].sums[i].ns;
		}
	}
	printf("bpf %llu %llu\n", (unsigned long long)count, (unsigned long long)ns);
}

int main(int argc, char **argv)
{
	int map, status;
	pid_t pid;

	if (argc < 3 || (strcmp(argv[1], "count") && strcmp(argv[1], "latency")))
		errx(2, "usage: count-bpf count|latency COMMAND...");
	map = create_map();
	if (!strcmp(argv[1], "count"))
		attach_count(map);
	else
		attach_latency(map);
	pid = fork();
	if (pid == 0) {
		execvp(argv[2], argv + 2);
		err(127, "%s", argv[2]);
	}
	if (pid < 0 || waitpid(pid, &status, 0) < 0)
		err(1, "%s", argv[2]);
	print_sums(map);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
