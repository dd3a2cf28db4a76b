// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * processes.bpf.c - keeps one entry per process: made by fork, filled by exec, removed by the last thread's exit.
 *
 * An entry that could not be made is missing, not wrong: what needs it counts the process as unknown.
 */
#include "bpf-templates/processes.bpf.h"

/* Its parameters: task, old pid, binprm. */
SEC("raw_tp/sched_process_exec")
int process_exec(struct bpf_raw_tracepoint_args *context)
{
	struct task_struct *task = (void *)context->args[0];
	struct linux_binprm *binprm = (void *)context->args[2];
	struct scratch *piece = process_claim();
	struct abi_process *process, *before;
	__u64 time = bpf_ktime_get_boot_ns();
	__u32 pid = bpf_get_current_pid_tgid() >> 32;

	if (!piece) {
		bpf_map_delete_elem(&processes, &pid);
		return 0;
	}
	process_clear(piece->index);
	process = &piece->process.process;
	process->start_time = time;
	process->flags = ABI_PROCESS_EXECVE;
	process_put_identity(process, task);
	process_put_facts(piece, process, (__u64)task);
	before = bpf_map_lookup_elem(&processes, &pid);
	if (before) {
		process_keep_kin(process, before);
		process_renew_kin(piece->index, pid, before->start_time);
	} else {
		process_find_kin(process, BPF_CORE_READ(task, real_parent, tgid));
	}
	process_put_binary(piece, BPF_CORE_READ(binprm, file));
	process_put_cwd(piece, task);
	process_put_arguments(piece, task);
	if (bpf_map_update_elem(&processes, &pid, process, BPF_ANY))
		bpf_map_delete_elem(&processes, &pid);
	process_send(&piece->process, ABI_EVENT_EXEC, time);
	scratch_release(piece);
	return 0;
}

/* A child whose parent is not known: all that can be told is what it runs and has. */
static __always_inline void fork_unknown(struct scratch *piece, struct task_struct *child, __u32 pid, __u64 time)
{
	struct mm_struct *mm = BPF_CORE_READ(child, mm);
	struct abi_process *process;

	if (!mm)
		return;
	process_clear(piece->index);
	process = &piece->process.process;
	process->start_time = time;
	process->flags = ABI_PROCESS_CLONE;
	process_put_identity(process, child);
	process_put_facts(piece, process, (__u64)child);
	process_put_lost(process, bpf_get_current_pid_tgid() >> 32);
	process_put_binary(piece, BPF_CORE_READ(mm, exe_file));
	process_put_cwd(piece, child);
	bpf_map_update_elem(&processes, &pid, process, BPF_ANY);
}

/* A child begins as a copy of its parent. */
static __always_inline void fork_known(struct scratch *piece, struct abi_process *parent, struct task_struct *child,
				       __u32 pid, __u64 time)
{
	struct abi_process *process;
	__u32 parent_pid = bpf_get_current_pid_tgid() >> 32;

	if (bpf_map_update_elem(&processes, &pid, parent, BPF_ANY))
		return;
	process = bpf_map_lookup_elem(&processes, &pid);
	if (!process)
		return;
	process->start_time = time;
	process->parent_start_time = parent->start_time;
	process->pid = pid;
	process->parent_pid = parent_pid;
	process->flags = (parent->flags & ~(ABI_PROCESS_EXECVE | ABI_PROCESS_PROCFS)) |
			 ABI_PROCESS_CLONE;
	process_put_facts(piece, process, (__u64)child);
	process_put_ancestors(process, parent);
	process_put_own_rows(piece->index, pid, parent_pid);
	process_put_kin(piece->index, pid, parent_pid);
}

/* Its parameters: parent, child.  Threads are not processes. */
SEC("raw_tp/sched_process_fork")
int process_fork(struct bpf_raw_tracepoint_args *context)
{
	struct task_struct *child = (void *)context->args[1];
	__u32 parent_pid = bpf_get_current_pid_tgid() >> 32;
	__u32 pid = BPF_CORE_READ(child, tgid);
	__u64 time = bpf_ktime_get_boot_ns();
	struct abi_process *parent;
	struct scratch *piece;

	if (BPF_CORE_READ(child, pid) != pid)
		return 0;
	piece = process_claim();
	if (!piece)
		return 0;
	parent = bpf_map_lookup_elem(&processes, &parent_pid);
	if (parent)
		fork_known(piece, parent, child, pid, time);
	else
		fork_unknown(piece, child, pid, time);
	scratch_release(piece);
	return 0;
}

/* Its parameter: task.  The last thread takes the entry with it. */
SEC("raw_tp/sched_process_exit")
int process_exit(struct bpf_raw_tracepoint_args *context)
{
	struct task_struct *task = (void *)context->args[0];
	__u32 pid = bpf_get_current_pid_tgid() >> 32;
	struct abi_process *process;
	struct scratch *piece;

	if (BPF_CORE_READ(task, signal, live.counter))
		return 0;
	process = bpf_map_lookup_elem(&processes, &pid);
	if (!process)
		return 0;
	piece = process_claim();
	if (piece)
		bpf_probe_read_kernel(&piece->process.process, sizeof(*process), process);
	if (!bpf_map_delete_elem(&processes, &pid) && piece) {
		piece->process.exit_code = BPF_CORE_READ(task, exit_code);
		process_send(&piece->process, ABI_EVENT_EXIT, bpf_ktime_get_boot_ns());
	}
	if (piece)
		scratch_release(piece);
	return 0;
}

const char program_license[] SEC("license") = "Dual BSD/GPL";
