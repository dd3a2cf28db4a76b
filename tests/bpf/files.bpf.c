// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * files.bpf.c - tells where in the kernel the open files of a process are, so that a test can hand them to the engine.
 *
 * Read through an iterator; each file is five numbers: descriptor, address of struct file, of its struct path, of its
 * struct dentry, of its struct vfsmount.
 */
#include "bpf-templates/kernel_types.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)
struct seq_file;
struct bpf_iter_meta {
	struct seq_file *seq;
};
struct bpf_iter__task_file {
	struct bpf_iter_meta *meta;
	struct task_struct *task;
	__u32 fd;
	struct file *file;
};
#pragma clang attribute pop

/* Knob: whose files. */
const volatile __u32 process = 0;

SEC("iter/task_file")
int list_files(struct bpf_iter__task_file *context)
{
	struct seq_file *seq = context->meta->seq;
	struct task_struct *task = context->task;
	struct file *file = context->file;
	__u64 line[5];

	if (!file || !task || task->tgid != process)
		return 0;
	line[0] = context->fd;
	line[1] = (__u64)file;
	line[2] = (__u64)file + bpf_core_field_offset(struct file, f_path);
	line[3] = (__u64)BPF_CORE_READ(file, f_path.dentry);
	line[4] = (__u64)BPF_CORE_READ(file, f_path.mnt);
	bpf_seq_write(seq, line, sizeof(line));
	return 0;
}

const char program_license[] SEC("license") = "Dual BSD/GPL";
