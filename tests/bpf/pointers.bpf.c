// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * pointers.bpf.c - where in the kernel the things behind the open files of a process are, so that a test can hand them to the engine.
 *
 * Read through an iterator; each file is the numbers of struct pointers_line in loads.h, in that order.
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
struct file___socket {
	void *private_data;
};
struct sk_buff_head {
	struct sk_buff *next;
};
struct sock___queue {
	struct sk_buff_head sk_receive_queue;
};
typedef struct {
	struct net *net;
} possible_net_t;
struct sock_common___net {
	possible_net_t skc_net;
};
struct sock___net {
	struct sock_common___net __sk_common;
};
struct net___device {
	struct net_device *loopback_dev;
};
#pragma clang attribute pop

/* Knob: whose files. */
const volatile __u32 process = 0;

static __always_inline void put_socket(struct file *file, __u64 *line)
{
	struct socket *socket = BPF_CORE_READ((struct file___socket *)file, private_data);
	struct sock *sock = BPF_CORE_READ(socket, sk);
	struct sk_buff *packet = BPF_CORE_READ((struct sock___queue *)sock, sk_receive_queue.next);
	struct net *net = BPF_CORE_READ((struct sock___net *)sock, __sk_common.skc_net.net);

	line[5] = (__u64)socket;
	line[6] = (__u64)sock;
	line[7] = (__u64)packet;
	line[8] = (__u64)BPF_CORE_READ((struct net___device *)net, loopback_dev);
}

SEC("iter/task_file")
int list_pointers(struct bpf_iter__task_file *context)
{
	struct seq_file *seq = context->meta->seq;
	struct task_struct *task = context->task;
	struct file *file = context->file;
	__u64 line[12] = { 0 };

	if (!file || !task || task->tgid != process)
		return 0;
	line[0] = context->fd;
	line[1] = (__u64)file;
	line[2] = (__u64)BPF_CORE_READ(file, f_path.dentry);
	/* A struct kiocb and, at other addresses, the credentials of the task. */
	line[3] = (__u64)BPF_CORE_READ(task, files, fdt, fd) + context->fd * sizeof(void *) -
		  bpf_core_field_offset(struct kiocb, ki_filp);
	line[4] = (__u64)BPF_CORE_READ(task, cred) + bpf_core_field_offset(struct cred, cap_effective);
	line[9] = (__u64)BPF_CORE_READ(task, cred);
	line[10] = (__u64)BPF_CORE_READ(task, cred, user_ns);
	line[11] = (__u64)BPF_CORE_READ((struct file___socket *)file, private_data);
	if ((BPF_CORE_READ(file, f_inode, i_mode) & S_IFMT) == 0140000)
		put_socket(file, line);
	bpf_seq_write(seq, line, sizeof(line));
	return 0;
}

const char program_license[] SEC("license") = "Dual BSD/GPL";
