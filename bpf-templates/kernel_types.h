/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * kernel_types.h - the few kernel structures that the programs read, and of them the few fields.
 *
 * Everything but the registers and the programs' contexts is relocated when a program is loaded (CO-RE),
 * so neither the order nor the offsets here matter; building needs no BTF.  Include it before abi.h.
 */
#ifndef KERNEL_TYPES_H
#define KERNEL_TYPES_H

#include <stdbool.h>
#include <linux/types.h>
#include <linux/bpf.h>

#define AF_UNIX		1
#define AF_INET		2
#define AF_INET6	10

#define S_IFMT		0170000
#define S_IFREG		0100000

/* ---- Registers: as the processor has them, the same on every kernel ---- */

#if defined(__TARGET_ARCH_arm64)

struct pt_regs {
	__u64 regs[31];
	__u64 sp, pc, pstate;
};

#define REGISTERS_ARGUMENTS	8
#define REGISTERS_RETURN(regs)	((regs)->regs[0])
#define REGISTERS_ARGUMENT(regs, n) ((regs)->regs[n])
#define REGISTERS_ARGUMENT_0_OFFSET 0

/* Arguments of a system call: where they lie in the registers that its function gets. */
struct syscall_registers {
	__u64 argument[6];
};
#define SYSCALL_REGISTERS_OFFSET	0
#define SYSCALL_ARGUMENT(registers, n)	((registers)->argument[n])
#define SYSCALL_ARGUMENT_OFFSET(n)	((n) * 8)

/* Whether the system call that it is in is one of the 32-bit ABI. */
#define TASK_IS_COMPAT(task)	(BPF_CORE_READ(task, thread_info.flags) >> 22 & 1)

#else /* x86-64 */

struct pt_regs {
	__u64 r15, r14, r13, r12, bp, bx;
	__u64 r11, r10, r9, r8, ax, cx, dx, si, di;
	__u64 orig_ax, ip, cs, flags, sp, ss;
};

#define REGISTERS_ARGUMENTS	6
#define REGISTERS_RETURN(regs)	((regs)->ax)
#define REGISTERS_ARGUMENT(regs, n)                                                      \
	((n) == 0 ? (regs)->di : (n) == 1 ? (regs)->si : (n) == 2 ? (regs)->dx :         \
	 (n) == 3 ? (regs)->cx : (n) == 4 ? (regs)->r8 : (regs)->r9)
#define REGISTERS_ARGUMENT_0_OFFSET __builtin_offsetof(struct pt_regs, di)

/* The stretch of struct pt_regs, from r10 on, that holds the arguments of a system call. */
struct syscall_registers {
	__u64 r10, r9, r8, ax, cx, dx, si, di;
};
#define SYSCALL_REGISTERS_OFFSET	56
#define SYSCALL_ARGUMENT(registers, n)                                                   \
	((n) == 0 ? (registers)->di : (n) == 1 ? (registers)->si :                       \
	 (n) == 2 ? (registers)->dx : (n) == 3 ? (registers)->r10 :                      \
	 (n) == 4 ? (registers)->r8 : (registers)->r9)
/* The same six as offsets in struct pt_regs: one byte of the number for each. */
#define SYSCALL_ARGUMENT_OFFSET(n)	(0x404838606870ULL >> (n) * 8 & 0xff)

/* Whether the system call that it is in is one of the 32-bit ABI. */
#define TASK_IS_COMPAT(task)	(BPF_CORE_READ(task, thread_info.status) >> 1 & 1)

#endif

/* ---- Internal structures ---- */

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct qstr {
	union {
		struct {
			__u32 hash, len;
		};
		__u64 hash_len;
	};
	const unsigned char *name;
};

struct hlist_bl_node {
	struct hlist_bl_node *next, **pprev;
};

struct inode {
	unsigned short i_mode;
	unsigned long i_ino;
	long long i_size;
};

struct super_block {
	struct dentry *s_root;
};

struct dentry {
	struct hlist_bl_node d_hash;
	struct dentry *d_parent;
	struct qstr d_name;
	struct inode *d_inode;
	struct super_block *d_sb;
};

/* Where short names lie: before Linux 6.14, and since. */
struct dentry___inside {
	unsigned char d_iname[1];
};
union shortname_store {
	unsigned long words[1];
};
struct dentry___short {
	union shortname_store d_shortname;
};

struct vfsmount {
	struct dentry *mnt_root;
};

struct mount {
	struct mount *mnt_parent;
	struct dentry *mnt_mountpoint;
	struct vfsmount mnt;
};

struct path {
	struct vfsmount *mnt;
	struct dentry *dentry;
};

struct file {
	struct path f_path;
	struct inode *f_inode;
};

struct filename {
	const char *name;
};

struct linux_binprm {
	struct file *file;
	unsigned long p;
	int argc;
};

struct kiocb {
	struct file *ki_filp;
};

struct fdtable {
	unsigned int max_fds;
	struct file **fd;
};

struct files_struct {
	struct fdtable *fdt;
};

struct fs_struct {
	struct path root, pwd;
};

struct mm_struct {
	struct file *exe_file;
	unsigned long arg_start, arg_end;
};

typedef struct {
	unsigned int val;
} kuid_t;

typedef struct {
	unsigned int val;
} kgid_t;

struct ns_common {
	unsigned int inum;
};

struct uts_namespace {
	struct ns_common ns;
};

struct ipc_namespace {
	struct ns_common ns;
};

struct mnt_namespace {
	struct ns_common ns;
};

struct pid_namespace {
	struct ns_common ns;
};

struct net {
	struct ns_common ns;
};

struct time_namespace {
	struct ns_common ns;
};

struct cgroup_namespace {
	struct ns_common ns;
};

struct user_namespace {
	struct ns_common ns;
	int level;
	kuid_t owner;
	kgid_t group;
};

struct nsproxy {
	struct uts_namespace *uts_ns;
	struct ipc_namespace *ipc_ns;
	struct mnt_namespace *mnt_ns;
	struct pid_namespace *pid_ns_for_children;
	struct net *net_ns;
	struct time_namespace *time_ns, *time_ns_for_children;	/* not before 5.6 */
	struct cgroup_namespace *cgroup_ns;
};

/* A set of 64 bits: two words before 6.3, one since.  Their bytes are the same. */
typedef struct {
	char bytes;
} kernel_cap_t;

struct cred {
	kuid_t uid;
	kgid_t gid;
	kuid_t suid;
	kgid_t sgid;
	kuid_t euid;
	kgid_t egid;
	kuid_t fsuid;
	kgid_t fsgid;
	unsigned int securebits;
	kernel_cap_t cap_inheritable, cap_permitted, cap_effective;
	struct user_namespace *user_ns;
};

struct upid {
	int nr;
	struct pid_namespace *ns;
};

struct pid {
	unsigned int level;
	struct upid numbers[1];
};

typedef struct {
	int counter;
} atomic_t;

struct signal_struct {
	atomic_t live;
};

/* What a system call's number does not say: that it is one of the 32-bit ABI. */
struct thread_info {
	unsigned long flags;	/* arm64 */
	__u32 status;		/* x86-64 */
};

struct kernfs_node {
	__u64 id;
};

struct cgroup {
	int level;
	struct kernfs_node *kn;
	__u64 ancestor_ids[1];		/* until 6.0: by level, its own last */
	struct cgroup *ancestors[1];	/* since 6.1 */
};

struct css_set {
	struct cgroup *dfl_cgrp;	/* of cgroup v2 */
};

struct task_struct {
	struct thread_info thread_info;
	int pid, tgid;
	int exit_code;
	__u64 start_time;
	struct task_struct *real_parent, *group_leader;
	struct pid *thread_pid;
	struct nsproxy *nsproxy;
	struct mm_struct *mm;
	struct fs_struct *fs;
	struct files_struct *files;
	struct signal_struct *signal;
	struct css_set *cgroups;
	const struct cred *cred;
	kuid_t loginuid;	/* where the kernel audits system calls */
};

struct in6_addr {
	__u8 bytes[16];
};

typedef struct {
	__s64 counter;
} atomic64_t;

struct sock_common {
	__u32 skc_daddr, skc_rcv_saddr;		/* network order */
	__u16 skc_dport;			/* network order */
	__u16 skc_num;
	unsigned short skc_family;
	volatile unsigned char skc_state;
	struct in6_addr skc_v6_daddr, skc_v6_rcv_saddr;
	atomic64_t skc_cookie;
	unsigned long skc_flags;
};

struct sock {
	struct sock_common __sk_common;
	struct socket *sk_socket;
	__u32 sk_mark, sk_priority;
	__u16 sk_type, sk_protocol;
};

struct socket {
	struct sock *sk;
	struct file *file;
};

struct sk_buff {
	struct sock *sk;
	unsigned char *head;
	unsigned int len;
	__u32 priority, mark, hash;
	__u16 network_header, transport_header;
};

struct iovec {
	void *iov_base;
	unsigned long iov_len;
};

enum iter_type {
	ITER_IOVEC, ITER_KVEC, ITER_UBUF,
};

struct iov_iter {
	__u8 iter_type;			/* since 5.14 */
	unsigned int type;		/* before, with the direction in bit 0 */
	unsigned long iov_offset, count;
	const struct iovec *iov, *__iov;	/* until 6.3, since 6.4 */
	const struct iovec *kvec;
	void *ubuf;			/* since 6.0 */
};

struct net_device {
	char name[16];
};

struct module {
	char name[56];
	unsigned long taints;
};

/* Of a module that is being loaded. */
struct load_info {
	const char *name;
	struct module *mod;
	bool sig_ok;
};

struct bpf_prog_aux {
	char name[16];
};

struct bpf_prog {
	__u32 len;
	enum bpf_prog_type type;
	struct bpf_prog_aux *aux;
};

struct bpf_map {
	enum bpf_map_type map_type;
	__u32 key_size, value_size, max_entries;
	char name[16];
};

struct perf_event_attr {
	__u32 type;
	__u64 config;
	__u64 config1, config2;	/* kprobe_func and probe_offset, by other names */
};

struct perf_event {
	struct perf_event_attr attr;
};

#pragma clang attribute pop

/* ---- What user space hands to the kernel ---- */

struct sockaddr_any {
	__u16 family;
	__u16 port;		/* network order, of the two families below */
	__u32 address4;		/* AF_INET */
	__u8 address6[16];	/* AF_INET6 (address4 is its flow label) */
};

#define UNIX_PATH_OFFSET	2	/* in a struct sockaddr_un, behind its family */
#define UNIX_PATH_MAX		108

/* ---- Packets: headers as they are on the wire ---- */

struct header4 {
	__u8 version_length, service;
	__u16 length, id, fragment;
	__u8 life, protocol;
	__u16 checksum;
	__u32 source, destination;
};

struct header6 {
	__u32 version_class_label;
	__u16 length;
	__u8 protocol, life;
	__u8 source[16], destination[16];
};

#endif
