// SPDX-License-Identifier: Apache-2.0
/* probe.c - tries each feature of features.def; see probe.h. */
#include "runtime/probe.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <linux/capability.h>
#include <linux/filter.h>

#include "runtime/elf_file.h"
#include "runtime/filesystems.h"
#include "runtime/mappings.h"
#include "runtime/links.h"
#include "runtime/syscalls.h"
#include "runtime/typed_paths.h"

/* Never called on a machine that goes on running, and in every kernel. */
#define QUIET_FUNCTION	"kernel_restart"
#define QUIET_SECURITY	"security_sb_pivotroot"
#define QUIET_LSM	"bpf_lsm_sb_pivotroot"
#define QUIET_SYSCALL	SYSCALL_PREFIX "sys_pivot_root"
#define QUIET_FILE	"bpf_lsm_file_receive"	/* what is loaded for these is never attached */
#define QUIET_INODE	"bpf_lsm_inode_rmdir"

/* Called by this process and hardly by others; a program on it that returns 0 changes nothing. */
#define CALLED_LSM	"bpf_lsm_task_getsid"

const struct feature_row feature_rows[FEATURE_COUNT] = {
#define FEATURE(id, name, about, advice) [FEATURE_##id] = { name, about, advice },
#include "runtime/features.def"
#undef FEATURE
};

/* Those by perf events; of others EACCES is what the verifier says of programs that it does not know. */
#define FEATURES_OF_PERF_EVENTS	(FEATURE_BIT(TRACEPOINT) | FEATURE_BIT(KPROBE) | FEATURE_BIT(UPROBE) | FEATURE_BIT(BUILD_ID) | \
				 FEATURE_BIT(PERF_LINK) | FEATURE_BIT(COOKIE))

const char *feature_advice(enum feature feature, int error)
{
	if (error == -EACCES && FEATURES_OF_PERF_EVENTS & 1u << feature)
		return "this process lacks CAP_SYS_ADMIN, which uprobes by perf events need, and all perf events where "
		       "kernel.perf_event_paranoid is 3 or more";
	if (error == -EPERM && feature != FEATURE_PRIVILEGE)
		return "the kernel was told to refuse them (see lockdown and the host of this machine), or this process lacks CAP_SYS_ADMIN";
	return feature_rows[feature].advice;
}

static const struct bpf_insn return_zero[] = {
	{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = 0 },
	{ .code = BPF_JMP | BPF_EXIT },
};
static const struct bpf_insn call_override[] = {
	{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_2, .imm = 0 },
	{ .code = BPF_JMP | BPF_CALL, .imm = BPF_FUNC_override_return },
	{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = 0 },
	{ .code = BPF_JMP | BPF_EXIT },
};

/* To nowhere: the program is loaded, never run. */
static const struct bpf_insn call_write[] = {
	{ .code = BPF_ST | BPF_MEM | BPF_DW, .dst_reg = BPF_REG_10, .off = -8, .imm = 0 },
	{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_1, .imm = 0 },
	{ .code = BPF_ALU64 | BPF_MOV | BPF_X, .dst_reg = BPF_REG_2, .src_reg = BPF_REG_10 },
	{ .code = BPF_ALU64 | BPF_ADD | BPF_K, .dst_reg = BPF_REG_2, .imm = -8 },
	{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_3, .imm = 4 },
	{ .code = BPF_JMP | BPF_CALL, .imm = BPF_FUNC_probe_write_user },
	{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = 0 },
	{ .code = BPF_JMP | BPF_EXIT },
};

/* To what it was. */
static const struct bpf_insn write_register[] = {
	{ .code = BPF_LDX | BPF_MEM | BPF_DW, .dst_reg = BPF_REG_2, .src_reg = BPF_REG_1, .off = 0 },
	{ .code = BPF_STX | BPF_MEM | BPF_DW, .dst_reg = BPF_REG_1, .src_reg = BPF_REG_2, .off = 0 },
	{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = 0 },
	{ .code = BPF_JMP | BPF_EXIT },
};

/* Of the hook's first argument: a file, an inode. */
static const struct bpf_insn call_file_hash[] = {
	{ .code = BPF_LDX | BPF_MEM | BPF_DW, .dst_reg = BPF_REG_1, .src_reg = BPF_REG_1, .off = 0 },
	{ .code = BPF_ALU64 | BPF_MOV | BPF_X, .dst_reg = BPF_REG_2, .src_reg = BPF_REG_10 },
	{ .code = BPF_ALU64 | BPF_ADD | BPF_K, .dst_reg = BPF_REG_2, .imm = -64 },
	{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_3, .imm = 64 },
	{ .code = BPF_JMP | BPF_CALL, .imm = BPF_FUNC_ima_file_hash },
	{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = 0 },
	{ .code = BPF_JMP | BPF_EXIT },
};
static const struct bpf_insn call_inode_hash[] = {
	{ .code = BPF_LDX | BPF_MEM | BPF_DW, .dst_reg = BPF_REG_1, .src_reg = BPF_REG_1, .off = 0 },
	{ .code = BPF_ALU64 | BPF_MOV | BPF_X, .dst_reg = BPF_REG_2, .src_reg = BPF_REG_10 },
	{ .code = BPF_ALU64 | BPF_ADD | BPF_K, .dst_reg = BPF_REG_2, .imm = -64 },
	{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_3, .imm = 64 },
	{ .code = BPF_JMP | BPF_CALL, .imm = BPF_FUNC_ima_inode_hash },
	{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = 0 },
	{ .code = BPF_JMP | BPF_EXIT },
};

struct trial {
	enum bpf_prog_type type;
	enum bpf_attach_type attach;
	const char *function;		/* whose BTF id is needed; NULL: none */
	const struct bpf_insn *code;	/* NULL: return_zero */
	size_t length;
	uint32_t flags;			/* BPF_F_ */
};

/* What the probes of one call share: the kernel's types, read when the first probe needs them. */
struct probing {
	struct btf *btf;
};

static int type_number(struct probing *probing, const char *name, uint32_t kind)
{
	if (!probing->btf)
		probing->btf = btf__load_vmlinux_btf();
	return probing->btf ? btf__find_by_name_kind(probing->btf, name, kind) : -ENOENT;
}

static int try_load(struct probing *probing, const struct trial *trial)
{
	LIBBPF_OPTS(bpf_prog_load_opts, options, .expected_attach_type = trial->attach);
	int number = trial->function ? type_number(probing, trial->function, BTF_KIND_FUNC) : 0;

	if (number < 0)
		return number;
	options.attach_btf_id = (uint32_t)number;
	options.prog_flags = trial->flags;
	return bpf_prog_load(trial->type, "probe", "GPL", trial->code ? trial->code : return_zero,
		trial->code ? trial->length : sizeof(return_zero) / sizeof(return_zero[0]), &options);
}

/* Closes what a trial made; its error or 0. */
static int settle(int fd)
{
	if (fd >= 0)
		close(fd);
	return fd < 0 ? fd : 0;
}

static int load_only(struct probing *probing, const struct trial *trial)
{
	return settle(try_load(probing, trial));
}

static int load_and_link(struct probing *probing, const struct trial *trial)
{
	int program = try_load(probing, trial), error;

	if (program < 0)
		return program;
	error = settle(link_trampoline(program));
	close(program);
	return error;
}

static int probe_privilege(struct probing *probing __attribute__((unused)))
{
	const uint64_t both = 1ull << CAP_BPF | 1ull << CAP_PERFMON;
	char text[8192], *found;
	int length = read_small_file(AT_FDCWD, "/proc/self/status", text, sizeof(text));
	uint64_t effective;

	if (length < 0)
		return length;
	found = strstr(text, "CapEff:");
	effective = found ? strtoull(found + 7, NULL, 16) : 0;
	return effective & 1ull << CAP_SYS_ADMIN || (effective & both) == both ? 0 : -EPERM;
}

static int probe_btf(struct probing *probing __attribute__((unused)))
{
	return access("/sys/kernel/btf/vmlinux", R_OK) ? -errno : 0;
}

static int probe_bpffs(struct probing *probing __attribute__((unused)))
{
	return access("/sys/fs/bpf", X_OK) ? -errno : 0;
}

static int probe_tracefs(struct probing *probing __attribute__((unused)))
{
	int fd = tracefs_open(), events;

	if (fd < 0)
		return fd;
	events = openat(fd, "events", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	events = events < 0 ? -errno : events;
	close(fd);
	return settle(events);
}

static int probe_ring_buffer(struct probing *probing __attribute__((unused)))
{
	return settle(bpf_map_create(BPF_MAP_TYPE_RINGBUF, "probe", 0, 0, (uint32_t)sysconf(_SC_PAGESIZE), NULL));
}

static int probe_raw_tracepoint(struct probing *probing)
{
	int program = try_load(probing, &(struct trial){ BPF_PROG_TYPE_RAW_TRACEPOINT }), error;

	if (program < 0)
		return program;
	error = settle(link_raw_tracepoint(program, "sched_process_exit"));
	close(program);
	return error;
}

static int try_tracepoint(struct probing *probing, enum link_carrier carrier)
{
	int program = try_load(probing, &(struct trial){ BPF_PROG_TYPE_TRACEPOINT }), error;

	if (program < 0)
		return program;
	error = settle(link_tracepoint(program, "sched", "sched_process_exit", carrier, 1));
	close(program);
	return error;
}

static int probe_tracepoint(struct probing *probing)
{
	return try_tracepoint(probing, LINK_HELD);
}

static int probe_perf_link(struct probing *probing)
{
	return try_tracepoint(probing, LINK_PINNABLE);
}

static int probe_cookie(struct probing *probing)
{
	return try_tracepoint(probing, LINK_COOKIE);
}

static int probe_kprobe(struct probing *probing)
{
	int program = try_load(probing, &(struct trial){ BPF_PROG_TYPE_KPROBE }), error;

	if (program < 0)
		return program;
	error = settle(link_kprobe(program, QUIET_FUNCTION, LINK_ENTRY, LINK_HELD, 0));
	close(program);
	return error;
}

static int probe_kprobe_multi(struct probing *probing)
{
	int program = try_load(probing, &(struct trial){ BPF_PROG_TYPE_KPROBE, BPF_TRACE_KPROBE_MULTI }), error;

	if (program < 0)
		return program;
	error = settle(link_kprobe_multi(program, QUIET_FUNCTION, LINK_ENTRY, 1));
	close(program);
	return error;
}

/* The function that this is: it is never called while it is probed by this process, and by others not at all. */
static int own_place(struct link_place *ret)
{
	struct elf_failure ignored;
	struct elf_file *file;
	int error;

	*ret = (struct link_place){ .file = open("/proc/self/exe", O_RDONLY | O_CLOEXEC) };
	if (ret->file < 0)
		return -errno;
	error = elf_file_open(ret->file, &file, &ignored);
	if (!error) {
		error = elf_first_code(file, &ret->offset) ? 0 : -ENOENT;
		elf_file_close(file);
	}
	if (error)
		close(ret->file);
	return error;
}

static int try_uprobe(struct probing *probing, const struct trial *trial)
{
	int program = try_load(probing, trial), error;
	struct link_place place;

	if (program < 0)
		return program;
	error = own_place(&place);
	if (!error) {
		error = settle(trial->attach ? link_uprobe_multi(program, &place, LINK_ENTRY, 1) :
			link_uprobe(program, &place, LINK_ENTRY, LINK_HELD, 0));
		close(place.file);
	}
	close(program);
	return error;
}

static int probe_uprobe(struct probing *probing)
{
	return try_uprobe(probing, &(struct trial){ BPF_PROG_TYPE_KPROBE });
}

static int probe_uprobe_multi(struct probing *probing)
{
	return try_uprobe(probing, &(struct trial){ BPF_PROG_TYPE_KPROBE, LINK_UPROBE_MULTI });
}

static int probe_uprobe_registers(struct probing *probing)
{
	return try_uprobe(probing, &(struct trial){ BPF_PROG_TYPE_KPROBE, .code = write_register,
		.length = sizeof(write_register) / sizeof(write_register[0]) });
}

/*
 * Until Linux 6.12 the handlers of an uprobe run with its lock held: while one waits for a page, whoever attaches or detaches waits, and behind
 * them everybody who comes by.  The change that took the lock away made a list of the consumers (struct uprobe, kernel/events/uprobes.c).
 */
static bool holds_up_others(struct probing *probing)
{
	const int uprobe = type_number(probing, "uprobe", BTF_KIND_STRUCT);
	const struct btf_type *type = uprobe > 0 ? btf__type_by_id(probing->btf, (uint32_t)uprobe) : NULL;
	const struct btf_type *of;

	for (int n = 0; type && n < btf_vlen(type); n++) {
		const struct btf_member *member = &btf_members(type)[n];

		if (strcmp(btf__name_by_offset(probing->btf, member->name_off), "consumers"))
			continue;
		of = btf__type_by_id(probing->btf, member->type);
		return !of || !btf_is_struct(of);
	}
	return true;
}

static int probe_uprobe_sleepable(struct probing *probing)
{
	return holds_up_others(probing) ? -EOPNOTSUPP : try_uprobe(probing, &(struct trial){ BPF_PROG_TYPE_KPROBE, .flags = BPF_F_SLEEPABLE });
}

static int probe_write_user(struct probing *probing)
{
	return load_only(probing, &(struct trial){ BPF_PROG_TYPE_KPROBE, .code = call_write,
		.length = sizeof(call_write) / sizeof(call_write[0]) });
}

static int probe_fentry(struct probing *probing)
{
	return load_and_link(probing, &(struct trial){ BPF_PROG_TYPE_TRACING, BPF_TRACE_FENTRY, QUIET_FUNCTION });
}

static int probe_fmod_ret(struct probing *probing)
{
	return load_and_link(probing, &(struct trial){ BPF_PROG_TYPE_TRACING, BPF_MODIFY_RETURN, QUIET_SECURITY });
}

static int probe_fmod_ret_syscall(struct probing *probing)
{
	return load_and_link(probing, &(struct trial){ BPF_PROG_TYPE_TRACING, BPF_MODIFY_RETURN, QUIET_SYSCALL });
}

static int probe_override_return(struct probing *probing)
{
	return load_only(probing, &(struct trial){ BPF_PROG_TYPE_KPROBE, .code = call_override,
		.length = sizeof(call_override) / sizeof(call_override[0]) });
}

static int probe_lsm(struct probing *probing)
{
	return load_and_link(probing, &(struct trial){ BPF_PROG_TYPE_LSM, BPF_LSM_MAC, QUIET_LSM });
}

/* ---- The order in which the programs of one place run ---- */

/* A place that this process calls, and hardly any other does meanwhile. */
struct order_trial {
	struct trial trial;		/* without its code */
	struct link_place place;	/* of a uprobe */
	void (*call)(void);
};

/* A program that, when this thread calls the place, leaves `number` in the map. */
static int load_marker(struct probing *probing, const struct order_trial *order, int map, int32_t number)
{
	const struct bpf_insn code[] = {
		{ .code = BPF_JMP | BPF_CALL, .imm = BPF_FUNC_get_current_pid_tgid },
		{ .code = BPF_ALU | BPF_MOV | BPF_X, .dst_reg = BPF_REG_0, .src_reg = BPF_REG_0 },	/* the thread's half */
		{ .code = BPF_JMP | BPF_JNE | BPF_K, .dst_reg = BPF_REG_0, .imm = gettid(), .off = 3 },
		{ .code = BPF_LD | BPF_DW | BPF_IMM, .dst_reg = BPF_REG_1, .src_reg = BPF_PSEUDO_MAP_VALUE, .imm = map },
		{ .code = 0 },
		{ .code = BPF_ST | BPF_MEM | BPF_DW, .dst_reg = BPF_REG_1, .imm = number },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = 0 },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	struct trial trial = order->trial;

	trial.code = code;
	trial.length = sizeof(code) / sizeof(code[0]);
	return try_load(probing, &trial);
}

static int link_marker(struct probing *probing, const struct order_trial *order, int map, int32_t number)
{
	int program = load_marker(probing, order, map, number), link;

	if (program < 0)
		return program;
	link = order->trial.type == BPF_PROG_TYPE_LSM ? link_trampoline(program) :
	       link_uprobe(program, &order->place, LINK_ENTRY, LINK_HELD, 0);
	close(program);
	return link;
}

/* Which of two programs runs last, the one that was attached first or second: that is what is in the map after a call. */
static int last_to_run(struct probing *probing, const struct order_trial *order, int map, uint64_t *ret)
{
	int first = link_marker(probing, order, map, 1), second = first < 0 ? first : link_marker(probing, order, map, 2);
	const uint32_t key = 0;

	if (second >= 0) {
		order->call();
		close(second);
	}
	if (first >= 0)
		close(first);
	return second < 0 ? second : bpf_map_lookup_elem(map, &key, ret);
}

/* 0: what was attached last runs first. */
static int try_order(struct probing *probing, const struct order_trial *order)
{
	int map = bpf_map_create(BPF_MAP_TYPE_ARRAY, "probe", sizeof(uint32_t), sizeof(uint64_t), 1, NULL), error;
	uint64_t last = 0;

	if (map < 0)
		return map;
	error = last_to_run(probing, order, map, &last);
	close(map);
	return error ? error : last == 1 ? 0 : -EOPNOTSUPP;
}

static void call_lsm(void)
{
	getsid(getpid());
}

static int probe_lsm_order(struct probing *probing)
{
	return try_order(probing, &(struct order_trial){ { BPF_PROG_TYPE_LSM, BPF_LSM_MAC, CALLED_LSM }, .call = call_lsm });
}

/* For programs on uprobes. */
static __attribute__((noinline)) void called_by_probe(void)
{
	__asm__ volatile("" ::: "memory");
}

/* Where that is in the file of this program. */
static int called_place(struct link_place *ret)
{
	const uint64_t address = (uint64_t)(uintptr_t)called_by_probe;
	FILE *maps = fopen("/proc/self/maps", "re");
	uint64_t start, end, offset;
	char line[512];
	int error = maps ? -ENOENT : -errno;

	while (error == -ENOENT && fgets(line, sizeof(line), maps)) {
		if (sscanf(line, "%" SCNx64 "-%" SCNx64 " %*s %" SCNx64, &start, &end, &offset) != 3 || address < start || address >= end)
			continue;
		*ret = (struct link_place){ .file = open("/proc/self/exe", O_RDONLY | O_CLOEXEC), .offset = offset + address - start };
		error = ret->file < 0 ? -errno : 0;
	}
	if (maps)
		fclose(maps);
	return error;
}

static int probe_uprobe_order(struct probing *probing)
{
	struct order_trial order = { { BPF_PROG_TYPE_KPROBE }, .call = called_by_probe };
	int error = called_place(&order.place);

	if (error)
		return error;
	error = try_order(probing, &order);
	close(order.place.file);
	return error;
}

/* ---- IMA ---- */

static int probe_ima(struct probing *probing __attribute__((unused)))
{
	int fd = securityfs_open(), folder;

	if (fd < 0)
		return fd;
	folder = openat(fd, "ima", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	folder = folder < 0 ? -errno : folder;
	close(fd);
	return settle(folder);
}

static int probe_ima_file_hash(struct probing *probing)
{
	return load_only(probing, &(struct trial){ BPF_PROG_TYPE_LSM, BPF_LSM_MAC, QUIET_FILE, call_file_hash,
		sizeof(call_file_hash) / sizeof(call_file_hash[0]), BPF_F_SLEEPABLE });
}

static int probe_ima_inode_hash(struct probing *probing)
{
	return load_only(probing, &(struct trial){ BPF_PROG_TYPE_LSM, BPF_LSM_MAC, QUIET_INODE, call_inode_hash,
		sizeof(call_inode_hash) / sizeof(call_inode_hash[0]), BPF_F_SLEEPABLE });
}

bool lsm_list_has(const char *list, const char *module)
{
	size_t length = strlen(module);

	for (;;) {
		size_t word = strcspn(list, ",\n");

		if (word == length && !memcmp(list, module, length))
			return true;
		if (list[word] != ',')
			return false;
		list += word + 1;
	}
}

static int probe_lsm_enabled(struct probing *probing __attribute__((unused)))
{
	char list[1024];
	int fd = securityfs_open(), length;

	if (fd < 0)
		return fd;
	length = read_small_file(fd, "lsm", list, sizeof(list));
	close(fd);
	if (length < 0)
		return length;
	return lsm_list_has(list, "bpf") ? 0 : -ENOENT;
}

static int probe_build_id(struct probing *probing __attribute__((unused)))
{
	return mappings_probe();
}

static int probe_told_paths(struct probing *probing __attribute__((unused)))
{
	return typed_paths_probe();
}

static int (*const probes[FEATURE_COUNT])(struct probing *probing) = {
	[FEATURE_PRIVILEGE] = probe_privilege,
	[FEATURE_BTF] = probe_btf,
	[FEATURE_BPFFS] = probe_bpffs,
	[FEATURE_TRACEFS] = probe_tracefs,
	[FEATURE_RING_BUFFER] = probe_ring_buffer,
	[FEATURE_RAW_TRACEPOINT] = probe_raw_tracepoint,
	[FEATURE_TRACEPOINT] = probe_tracepoint,
	[FEATURE_PERF_LINK] = probe_perf_link,
	[FEATURE_COOKIE] = probe_cookie,
	[FEATURE_KPROBE] = probe_kprobe,
	[FEATURE_KPROBE_MULTI] = probe_kprobe_multi,
	[FEATURE_BUILD_ID] = probe_build_id,
	[FEATURE_UPROBE] = probe_uprobe,
	[FEATURE_UPROBE_MULTI] = probe_uprobe_multi,
	[FEATURE_UPROBE_REGISTERS] = probe_uprobe_registers,
	[FEATURE_WRITE_USER] = probe_write_user,
	[FEATURE_FENTRY] = probe_fentry,
	[FEATURE_TOLD_PATHS] = probe_told_paths,
	[FEATURE_FMOD_RET] = probe_fmod_ret,
	[FEATURE_FMOD_RET_SYSCALL] = probe_fmod_ret_syscall,
	[FEATURE_OVERRIDE_RETURN] = probe_override_return,
	[FEATURE_LSM] = probe_lsm,
	[FEATURE_LSM_ENABLED] = probe_lsm_enabled,
	[FEATURE_LSM_ORDER] = probe_lsm_order,
	[FEATURE_IMA] = probe_ima,
	[FEATURE_UPROBE_SLEEPABLE] = probe_uprobe_sleepable,
	[FEATURE_UPROBE_ORDER] = probe_uprobe_order,
	[FEATURE_IMA_FILE_HASH] = probe_ima_file_hash,
	[FEATURE_IMA_INODE_HASH] = probe_ima_inode_hash,
};

/* libbpf talks on stderr when a load fails; here failures are answers. */
static int say_nothing(enum libbpf_print_level level __attribute__((unused)),
		       const char *format __attribute__((unused)),
		       va_list arguments __attribute__((unused)))
{
	return 0;
}

void features_probe(uint32_t wanted, struct features *ret)
{
	libbpf_print_fn_t before = libbpf_set_print(say_nothing);
	struct probing probing = { 0 };

	for (int i = 0; i < FEATURE_COUNT; i++)
		ret->error[i] = wanted & 1u << i ? probes[i](&probing) : -ENODATA;
	btf__free(probing.btf);
	libbpf_set_print(before);
}
