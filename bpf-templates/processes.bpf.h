/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * processes.bpf.h - fills struct abi_process: paths, arguments, identity, and what matchBinaries wants to know.
 *
 * It is put together in scratch memory and stored whole.
 */
#ifndef BPF_TEMPLATES_PROCESSES_BPF_H
#define BPF_TEMPLATES_PROCESSES_BPF_H

#include "bpf-templates/engine.bpf.h"

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct abi_readers);
} readers SEC(".maps");

/* No program looks: memory is taken as containers come. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, ABI_WORKLOADS_MAX);
	__type(key, __u64);
	__type(value, __u8[ABI_WORKLOAD_BYTES]);
} workloads SEC(".maps");

/* Slots that hold the paths on the way; process programs have no hook that could use them. */
#define PROCESS_SLOT_BINARY	0
#define PROCESS_SLOT_CWD	1

static __always_inline struct scratch *process_claim(void)
{
	__u64 active = *(volatile __u64 *)&area.control.active;
	struct match_image image = { ABI_ACTIVE_HALF(active) * ABI_HALF_SIZE };
	__u32 index = scratch_first() + SCRATCH_PROCESSES;
	struct scratch *piece = scratch_try(index);

	if (!piece)
		piece = scratch_claim(&index);
	if (!piece)
		return NULL;
	piece->index = index;
	piece->generation = ABI_ACTIVE_GENERATION(active);
	piece->identity = bpf_get_current_pid_tgid();
	match_begin(&piece->match, image, 0, 0);
	return piece;
}

/* Nothing of an earlier process may remain in what is stored and sent. */
__noinline int process_clear(__u32 index)
{
	struct scratch *piece = scratch_get(index);
	volatile __u64 *words;		/* clang would call memset(), which there is none of */
	int i;

	if (!piece)
		return 0;
	words = (volatile __u64 *)&piece->process;
	for (i = 0; i < sizeof(piece->process) / 8; i++)
		words[i] = 0;
	return 0;
}

/* Copies the start of a slot's bytes; returns its length, and in *cut whether there is more. */
static __always_inline __u32 process_copy(struct match_state *match, __u32 slot, char *target,
					  __u32 size, bool *cut)
{
	struct abi_event_slot *entry = &match->slots[slot];
	__u64 offset = entry->offset, length = entry->length;

	*cut = entry->state == ABI_SLOT_CUT;
	if (entry->state != ABI_SLOT_READ && entry->state != ABI_SLOT_CUT)
		return 0;
	if (length >= size) {
		length = size - 1;
		*cut = true;
	}
	barrier_var(offset);
	if (offset > sizeof(*match) - ABI_STRING_MAX)
		return 0;
	length &= size - 1;
	if (bpf_probe_read_kernel(target, length, (__u8 *)match + offset))
		return 0;
	return length;
}

/* Which rows of the live image's tables the path of the binary satisfies; what is not known is found out when it is needed. */
__noinline int process_put_rows(__u32 index)
{
	struct scratch *piece = scratch_get(index);
	struct abi_process *process;
	__u32 n, table;

	if (!piece || !piece->generation || !match_has_bytes(&piece->match, PROCESS_SLOT_BINARY))
		return 0;
	process = &piece->process.process;
	for (n = 0; n < ABI_BINARY_TABLES_MAX; n++) {
		table = binary_table(piece->match.image, n);
		if (!table)
			break;
		engine_string(index, table, PROCESS_SLOT_BINARY, 0);
		if (piece->match.unknown[0])
			continue;
		process->binary_rows[n] = piece->match.rows[0];
		process->binary_checks[n] = ABI_PROCESS_CHECK(ABI_PROCESS_KEY(piece->generation, process->pid, process->start_time),
							  piece->match.rows[0]);
	}
	return 0;
}

static __always_inline void process_put_binary(struct scratch *piece, struct file *file)
{
	struct abi_process *process = &piece->process.process;
	bool cut;

	load_file(piece->index, PROCESS_SLOT_BINARY, file);
	process->path_length = process_copy(&piece->match, PROCESS_SLOT_BINARY, process->path,
					    ABI_PROCESS_PATH, &cut);
	if (cut)
		process->flags |= ABI_PROCESS_PATH_CUT;
	process_put_rows(piece->index);
}

static __always_inline void process_put_cwd(struct scratch *piece, struct task_struct *task)
{
	struct abi_process *process = &piece->process.process;
	struct fs_struct *fs = BPF_CORE_READ(task, fs);
	bool cut;

	load_path(piece->index, PROCESS_SLOT_CWD,
		  (__u64)fs + bpf_core_field_offset(struct fs_struct, pwd), 0);
	process->cwd_length = process_copy(&piece->match, PROCESS_SLOT_CWD, process->cwd,
					   ABI_PROCESS_CWD, &cut);
	if (cut)
		process->flags |= ABI_PROCESS_CWD_CUT;
}

/* argv[1..]: what follows the first NUL.  Only the current process's can be read. */
static __always_inline void process_put_arguments(struct scratch *piece, struct task_struct *task)
{
	struct abi_process *process = &piece->process.process;
	struct mm_struct *mm = BPF_CORE_READ(task, mm);
	__u64 start = BPF_CORE_READ(mm, arg_start), end = BPF_CORE_READ(mm, arg_end), length;
	long first;

	first = bpf_probe_read_user_str(piece->match.path, ABI_STRING_MAX, (void *)start);
	if (first < 0)
		return;
	start += first ? first : 1;	/* see load_string(): an empty one may count for nothing */
	if (start >= end)
		return;
	length = end - start;
	if (length > ABI_PROCESS_ARGUMENTS - 1) {
		length = ABI_PROCESS_ARGUMENTS - 1;
		process->flags |= ABI_PROCESS_ARGUMENTS_CUT;
	}
	length &= ABI_PROCESS_ARGUMENTS - 1;
	if (!bpf_probe_read_user(process->arguments, length, (void *)start))
		process->arguments_length = length;
}

/* What the task has now is what it is compared with later. */
static __always_inline void process_put_facts(struct scratch *piece, struct abi_process *process, __u64 task)
{
	task_take_namespaces(piece->index, task);
	task_take_capabilities(piece->index, task);
	process_note_namespaces(piece, process);
	process_note_capabilities(piece, process);
	process->namespace_pid = task_namespace_pid(task);
}

/* ---- Kin ---- */

#define LINEAGE_CUT	(ABI_PROCESS_LINEAGE_CUT | ABI_PROCESS_NAMESPACE_LINEAGE_CUT)
#define LINEAGE_REST	((ABI_LINEAGE_MAX - 1) * sizeof(__u32))

/* The process's ancestors as far as its own namespace numbers them: its parent is in the same one, or nobody is. */
static __always_inline void process_put_namespace_kin(struct abi_process *process, const struct abi_process *parent)
{
	__u32 own = process->namespaces[NAMESPACE_PID], other = parent->namespaces[NAMESPACE_PID];
	__u32 count = parent->namespace_ancestor_count;

	process->namespace_ancestor_count = 0;
	process->flags &= ~ABI_PROCESS_NAMESPACE_LINEAGE_CUT;
	if (!own || !other || !parent->namespace_pid) {
		process->flags |= ABI_PROCESS_NAMESPACE_LINEAGE_CUT;
		return;
	}
	if (own != other)
		return;
	process->namespace_ancestors[0] = parent->namespace_pid;
	bpf_probe_read_kernel(&process->namespace_ancestors[1], LINEAGE_REST, parent->namespace_ancestors);
	process->namespace_ancestor_count = count < ABI_LINEAGE_MAX ? count + 1 : ABI_LINEAGE_MAX;
	process->flags |= parent->flags & ABI_PROCESS_NAMESPACE_LINEAGE_CUT;
	if (count >= ABI_LINEAGE_MAX)
		process->flags |= ABI_PROCESS_NAMESPACE_LINEAGE_CUT;
}

/* Process ids of the ancestors: the parent and those before it. */
static __always_inline void process_put_ancestors(struct abi_process *process, const struct abi_process *parent)
{
	__u32 count = parent->ancestor_count;

	process->ancestors[0] = parent->pid;
	bpf_probe_read_kernel(&process->ancestors[1], LINEAGE_REST, parent->ancestors);
	process->ancestor_count = count < ABI_LINEAGE_MAX ? count + 1 : ABI_LINEAGE_MAX;
	process->flags &= ~ABI_PROCESS_LINEAGE_CUT;
	process->flags |= parent->flags & ABI_PROCESS_LINEAGE_CUT;
	if (count >= ABI_LINEAGE_MAX)
		process->flags |= ABI_PROCESS_LINEAGE_CUT;
	process_put_namespace_kin(process, parent);
}

/* Of whose parent nothing is known but its process id. */
static __always_inline void process_put_lost(struct abi_process *process, __u32 parent_pid)
{
	process->parent_pid = parent_pid;
	process->parent_start_time = 0;
	if (!parent_pid)
		return;
	process->ancestors[0] = parent_pid;
	process->ancestor_count = 1;
	process->flags |= LINEAGE_CUT;
}

/* The rows of one table that a process has from its parent, whose kin's are in kin.found and whose own are in register 0. */
__noinline int process_put_kin_rows(__u32 index, __u32 process, __u32 number)
{
	struct scratch *piece = scratch_get(index);
	struct abi_process *entry = bpf_map_lookup_elem(&processes, &process);
	struct kin_rows found;

	if (!piece || !entry)
		return 0;
	found.parent_rows = piece->match.rows[0];
	found.parent_unknown = !!piece->match.unknown[0];
	found.rows = found.parent_rows | piece->kin.found.rows;
	found.unknown = found.parent_unknown | (piece->kin.found.unknown & 1);
	kin_keep(piece, entry, process, entry->start_time, number & (ABI_BINARY_TABLES_MAX - 1), &found);
	return 0;
}

/* The rows that a child has from its parent are the child's, whose program is the same. */
__noinline int process_put_own_rows(__u32 index, __u32 process, __u32 parent)
{
	struct scratch *piece = scratch_get(index);
	struct abi_process *entry = bpf_map_lookup_elem(&processes, &process);
	__u64 before, now, rows;
	__u32 n;

	if (!piece || !entry)
		return 0;
	before = ABI_PROCESS_KEY(piece->generation, parent, entry->parent_start_time);
	now = ABI_PROCESS_KEY(piece->generation, process, entry->start_time);
	for (n = 0; n < ABI_BINARY_TABLES_MAX; n++) {
		rows = entry->binary_rows[n];
		entry->binary_checks[n] = entry->binary_checks[n] == ABI_PROCESS_CHECK(before, rows) ?
					  ABI_PROCESS_CHECK(now, rows) : 0;
		entry->kin_checks[n] = 0;
	}
	return 0;
}

/* Ancestors may be gone when somebody asks: what they answer is inherited at every fork. */
__noinline int process_put_kin(__u32 index, __u32 process, __u32 parent)
{
	struct scratch *piece = scratch_get(index);
	__u32 n;

	if (!piece || !piece->generation)
		return 0;
	for (n = 0; n < ABI_BINARY_TABLES_MAX; n++) {
		if (!binary_table(piece->match.image, n))
			break;
		if (!engine_kin_known(index, parent, n))
			engine_kin_find(index, parent, n, 0);
		engine_binary(index, parent, n, 0);
		process_put_kin_rows(index, process, n);
	}
	return 0;
}

/* What is kept of its kin, which began with the process's last exec, counts from this one on. */
__noinline int process_renew_kin(__u32 index, __u32 pid, __u64 start_before)
{
	struct scratch *piece = scratch_get(index);
	struct abi_process *process;
	struct kin_rows kept;
	__u32 n;

	if (!piece)
		return 0;
	process = &piece->process.process;
	for (n = 0; n < ABI_BINARY_TABLES_MAX; n++) {
		if (kin_recall(piece, process, pid, start_before, n, &kept))
			kin_keep(piece, process, pid, process->start_time, n, &kept);
	}
	return 0;
}

/* The process executes something else: its kin stays what it is. */
static __always_inline void process_keep_kin(struct abi_process *process, const struct abi_process *before)
{
	process->parent_pid = before->parent_pid;
	process->parent_start_time = before->parent_start_time;
	process->flags |= before->flags & LINEAGE_CUT;
	bpf_probe_read_kernel(&process->ancestor_count,
			      sizeof(*process) - __builtin_offsetof(struct abi_process, ancestor_count),
			      &before->ancestor_count);
}

static __always_inline void process_find_kin(struct abi_process *process, __u32 parent_pid)
{
	struct abi_process *parent = bpf_map_lookup_elem(&processes, &parent_pid);

	if (!parent) {
		process_put_lost(process, parent_pid);
		return;
	}
	process->parent_pid = parent_pid;
	process->parent_start_time = parent->start_time;
	process_put_ancestors(process, parent);
}

static __always_inline void process_put_identity(struct abi_process *process, struct task_struct *task)
{
	process->pid = BPF_CORE_READ(task, tgid);
	process->uid = BPF_CORE_READ(task, cred, uid.val);
	process->auid = (__u32)-1;
	if (bpf_core_field_exists(task->loginuid))
		process->auid = BPF_CORE_READ(task, loginuid.val);
}

/* The processes' events have no hook that could count those that did not fit. */
static __always_inline void process_count_lost(void)
{
	__u32 key = 0;
	struct abi_readers *table = bpf_map_lookup_elem(&readers, &key);

	if (table)
		scratch_add(&table->process_lost, 1);
}

static __always_inline void process_send(struct abi_process_event *event, __u32 kind, __u64 time)
{
	event->size = sizeof(*event);
	event->kind = kind;
	event->time = time;
	event->tid = bpf_get_current_pid_tgid();
	if (bpf_ringbuf_output(&events, event, sizeof(*event), 0))
		process_count_lost();
}

#endif
