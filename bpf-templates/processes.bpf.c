// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * processes.bpf.c - keeps one entry per process: made by fork, filled by exec, removed by the last thread's exit.
 *
 * An entry that could not be made is missing, not wrong: what needs it counts the process as unknown.
 */
#include "bpf-templates/processes.bpf.h"

/* Its parameters: task, old pid, binprm. */
SEC("tp_btf/sched_process_exec")
int process_exec(__u64 *context)
{
	struct task_struct *task = (void *)context[0];
	struct linux_binprm *binprm = (void *)context[2];
	struct scratch *piece = process_claim();
	struct abi_process_entry *entry, *before;
	__u64 time = bpf_ktime_get_boot_ns();
	__u32 pid = bpf_get_current_pid_tgid() >> 32;

	if (!piece) {
		process_drop(pid);
		return 0;
	}
	entry = &piece->entry;
	before = process_get(pid);
	if (before)
		process_clear_words(entry, PROCESS_FACTS_SIZE);
	else
		process_clear(entry);
	entry->start_time = time;
	entry->flags = ABI_PROCESS_EXECVE;
	process_put_identity(entry, task);
	process_put_facts(piece, entry, task);
	process_put_file(piece, entry, binprm->file, task->fs);
	process_put_arguments(piece, entry, task->mm);
	process_put_folder(piece, entry, task->fs);
	if (before) {
		process_keep_kin(entry, before);
		process_change(piece, before, entry, pid);
	} else {
		process_find_kin(entry, process_parent(task));
		process_store(piece, entry, pid);
	}
	if (process_has_tables(piece))
		process_put_rows(piece->index, pid);
	process_get_facts(piece, entry);
	process_send(piece, ABI_EVENT_EXEC, time);
	scratch_release(piece);
	return 0;
}

/* A child whose parent is not known: all that can be told is what it runs and has. */
static __always_inline void fork_unknown(struct scratch *piece, struct task_struct *child, __u32 pid, __u64 time)
{
	struct abi_process_entry *entry = &piece->entry;
	struct mm_struct *mm = child->mm;

	if (!mm)
		return;
	process_clear(entry);
	entry->start_time = time;
	entry->flags = ABI_PROCESS_CLONE;
	process_put_identity(entry, child);
	process_put_facts(piece, entry, child);
	process_put_lost(entry, bpf_get_current_pid_tgid() >> 32);
	process_put_file(piece, entry, mm->exe_file, child->fs);
	process_put_folder(piece, entry, child->fs);
	process_store(piece, entry, pid);
	if (process_has_tables(piece))
		process_put_rows(piece->index, pid);
}

/* The child of a process whose texts are not in its entry has a copy of them for itself.  False when there is none. */
static __always_inline bool fork_far_texts(struct scratch *piece, struct abi_process_entry *parent, __u32 parent_pid, __u32 pid,
					   __u64 time)
{
	struct abi_process *process = &piece->process.process;

	if (!process_get_texts(piece, parent, parent_pid))
		return false;
	process->start_time = time;
	return !bpf_map_update_elem(&process_texts, &pid, &process->start_time, BPF_ANY);
}

/* A child begins as a copy of its parent. */
static __always_inline void fork_known(struct scratch *piece, struct abi_process_entry *parent, struct task_struct *child,
				       __u32 pid, __u64 time)
{
	struct abi_process_entry *entry;
	__u32 parent_pid = bpf_get_current_pid_tgid() >> 32;
	bool has_far = parent->flags & ABI_PROCESS_FAR, is_far = has_far && fork_far_texts(piece, parent, parent_pid, pid, time);

	if (bpf_map_update_elem(&processes, &pid, parent, BPF_ANY)) {
		if (is_far)
			bpf_map_delete_elem(&process_texts, &pid);
		return;
	}
	entry = bpf_map_lookup_elem(&processes, &pid);
	if (!entry)
		return;
	process_open(entry);	/* and says then whose it is: see struct abi_process_entry */
	entry->parent_start_time = parent->start_time;
	*(volatile __u32 *)&entry->pid = pid;
	entry->parent_pid = parent_pid;
	entry->flags = (parent->flags & ~(ABI_PROCESS_EXECVE | ABI_PROCESS_PROCFS)) |
		       ABI_PROCESS_CLONE;
	if (has_far && !is_far)
		process_forget_texts(entry);
	process_put_facts(piece, entry, child);
	process_add_ancestor(entry, parent);
	process_close(entry, time);
	if (process_has_tables(piece)) {
		process_put_own_rows(piece->index, pid, parent_pid);
		process_put_kin(piece->index, pid, parent_pid);
	}
}

/* Its parameters: parent, child.  Threads are not processes. */
SEC("tp_btf/sched_process_fork")
int process_fork(__u64 *context)
{
	struct task_struct *child = (void *)context[1];
	__u32 parent_pid = bpf_get_current_pid_tgid() >> 32;
	__u32 pid = child->tgid;
	__u64 time = bpf_ktime_get_boot_ns();
	struct abi_process_entry *parent;
	struct scratch *piece;

	if (child->pid != pid)
		return 0;
	piece = process_claim();
	if (!piece)
		return 0;
	parent = process_get(parent_pid);
	if (parent)
		fork_known(piece, parent, child, pid, time);
	else
		fork_unknown(piece, child, pid, time);
	scratch_release(piece);
	return 0;
}

/* Its parameter: task.  The last thread takes the entry with it. */
SEC("tp_btf/sched_process_exit")
int process_exit(__u64 *context)
{
	struct task_struct *task = (void *)context[0];
	struct signal_struct *signal = task->signal;
	__u32 pid = bpf_get_current_pid_tgid() >> 32;
	struct abi_process_entry *entry;
	struct scratch *piece;

	if (signal && signal->live.counter)
		return 0;
	entry = bpf_map_lookup_elem(&processes, &pid);
	if (!entry)
		return 0;
	piece = process_start_now(entry) ? process_claim() : NULL;
	if (!piece) {
		process_drop(pid);
		return 0;
	}
	if (!process_get_texts(piece, entry, pid))
		process_forget_texts(entry);
	process_get_facts(piece, entry);
	process_open(entry);
	if (entry->flags & ABI_PROCESS_FAR)
		bpf_map_delete_elem(&process_texts, &pid);
	if (!bpf_map_delete_elem(&processes, &pid)) {
		piece->process.exit_code = task->exit_code;
		process_send(piece, ABI_EVENT_EXIT, bpf_ktime_get_boot_ns());
	}
	scratch_release(piece);
	return 0;
}

const char program_license[] SEC("license") = "Dual BSD/GPL";
