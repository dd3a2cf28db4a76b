/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * tasks.bpf.h - namespaces and capabilities of a task, and what has become of those that its process had.
 *
 * Each namespace is two offsets away: that of a pointer, and that of the inode number in what it points to.
 */
#ifndef BPF_TEMPLATES_TASKS_BPF_H
#define BPF_TEMPLATES_TASKS_BPF_H

#include "bpf-templates/scratch.bpf.h"

/* Words of NAMESPACE and CAPABILITY_SET in schema/kinds.def. */
enum task_namespace {
	NAMESPACE_UTS = 0, NAMESPACE_IPC = 1, NAMESPACE_MNT = 2, NAMESPACE_PID = 3, NAMESPACE_PID_FOR_CHILDREN = 4,
	NAMESPACE_NET = 5, NAMESPACE_TIME = 6, NAMESPACE_TIME_FOR_CHILDREN = 7, NAMESPACE_CGROUP = 8, NAMESPACE_USER = 9,
};
enum task_capabilities { CAPABILITIES_EFFECTIVE = 0, CAPABILITIES_INHERITABLE = 1, CAPABILITIES_PERMITTED = 2 };

static __always_inline __u64 task_read64(__u64 address)
{
	__u64 value = 0;

	if (address)
		bpf_probe_read_kernel(&value, sizeof(value), (void *)address);
	return value;
}

static __always_inline __u32 task_read32(__u64 address)
{
	__u32 value = 0;

	if (address)
		bpf_probe_read_kernel(&value, sizeof(value), (void *)address);
	return value;
}

static __always_inline __u64 task_cred(__u64 task)
{
	return task_read64(task + bpf_core_field_offset(struct task_struct, cred));
}

/* Where its leader has its id, as its own namespace numbers it: address of a struct upid; 0: nowhere. */
static __always_inline __u64 task_upid(__u64 task)
{
	__u64 leader = task_read64(task + bpf_core_field_offset(struct task_struct, group_leader)), pid;

	if (!leader)
		return 0;
	pid = task_read64(leader + bpf_core_field_offset(struct task_struct, thread_pid));
	if (!pid)
		return 0;
	return pid + bpf_core_field_offset(struct pid, numbers) +
	       task_read32(pid + bpf_core_field_offset(struct pid, level)) * (__u64)bpf_core_type_size(struct upid);
}

static __always_inline __u32 task_namespace_pid(__u64 task)
{
	__u64 upid = task_upid(task);

	return upid ? task_read32(upid + bpf_core_field_offset(struct upid, nr)) : 0;
}

/* Inode number of a namespace; 0 when it cannot be read, or the kernel has none. */
static __always_inline __u32 task_namespace(__u64 task, __u32 which)
{
	__u64 at = task_read64(task + bpf_core_field_offset(struct task_struct, nsproxy)), inum;
	struct nsproxy *proxy = NULL;

#define FIELD(field, type)                                                               \
	do {                                                                             \
		if (!at || !bpf_core_field_exists(proxy->field))                         \
			return 0;                                                        \
		at += bpf_core_field_offset(struct nsproxy, field);                      \
		inum = bpf_core_field_offset(struct type, ns.inum);                      \
	} while (0)
	switch (which) {
	case NAMESPACE_UTS:
		FIELD(uts_ns, uts_namespace);
		break;
	case NAMESPACE_IPC:
		FIELD(ipc_ns, ipc_namespace);
		break;
	case NAMESPACE_MNT:
		FIELD(mnt_ns, mnt_namespace);
		break;
	case NAMESPACE_PID:
		at = task_upid(task);
		if (!at)
			return 0;
		at += bpf_core_field_offset(struct upid, ns);
		inum = bpf_core_field_offset(struct pid_namespace, ns.inum);
		break;
	case NAMESPACE_PID_FOR_CHILDREN:
		FIELD(pid_ns_for_children, pid_namespace);
		break;
	case NAMESPACE_NET:
		FIELD(net_ns, net);
		break;
	case NAMESPACE_TIME:
		FIELD(time_ns, time_namespace);
		break;
	case NAMESPACE_TIME_FOR_CHILDREN:
		FIELD(time_ns_for_children, time_namespace);
		break;
	case NAMESPACE_CGROUP:
		FIELD(cgroup_ns, cgroup_namespace);
		break;
	default:
		at = task_cred(task);
		if (!at)
			return 0;
		at += bpf_core_field_offset(struct cred, user_ns);
		inum = bpf_core_field_offset(struct user_namespace, ns.inum);
	}
#undef FIELD
	at = task_read64(at);
	return at ? task_read32(at + inum) : 0;
}

/* 0 when it was read. */
static __always_inline long task_capabilities(__u64 task, __u32 set, __u64 *value)
{
	__u64 at = task_cred(task);

	if (!at)
		return -1;
	switch (set) {
	case CAPABILITIES_EFFECTIVE:
		at += bpf_core_field_offset(struct cred, cap_effective);
		break;
	case CAPABILITIES_INHERITABLE:
		at += bpf_core_field_offset(struct cred, cap_inheritable);
		break;
	default:
		at += bpf_core_field_offset(struct cred, cap_permitted);
	}
	return bpf_probe_read_kernel(value, sizeof(*value), (void *)at);
}

/* All namespaces of a task, to piece->task. */
__noinline int task_take_namespaces(__u32 index, __u64 task)
{
	struct scratch *piece = scratch_get(index);
	__u32 n;

	if (!piece)
		return 0;
	for (n = 0; n < ABI_NAMESPACES; n++)
		piece->task.namespaces[n] = task_namespace(task, n);
	return 0;
}

/* All capability sets of a task, to piece->task. */
__noinline int task_take_capabilities(__u32 index, __u64 task)
{
	struct scratch *piece = scratch_get(index);
	long error = 0;
	__u32 n;

	if (!piece)
		return 0;
	for (n = 0; n < ABI_CAPABILITY_SETS; n++)
		error |= task_capabilities(task, n, &piece->task.capabilities[n]);
	piece->task.has_capabilities = !error;
	return 0;
}

/* 0: it is being changed, see struct abi_process_entry. */
static __always_inline __u64 process_start_now(const struct abi_process_entry *entry)
{
	return *(volatile __u64 *)&entry->start_time;
}

/* Bit per namespace that is not what it was.  -1 when that is not known of one. */
static __always_inline long task_namespace_changes(struct scratch *piece, const struct abi_process_entry *entry, __u64 *value)
{
	__u32 n, then, now;

	*value = 0;
	for (n = 0; n < ABI_NAMESPACES; n++) {
		then = *(volatile __u32 *)&entry->namespaces[n];
		now = piece->task.namespaces[n];
		if (!then != !now)
			return -1;
		*value |= (__u64)(then != now) << n;
	}
	return 0;
}

static __always_inline long task_capability_changes(struct scratch *piece, const struct abi_process_entry *entry, __u32 set,
						    __u64 *value)
{
	if (set >= ABI_CAPABILITY_SETS || !piece->task.has_capabilities ||
	    !(*(volatile __u32 *)&entry->flags & ABI_PROCESS_CAPABILITIES))
		return -1;
	*value = *(volatile __u64 *)&entry->capabilities[set] ^ piece->task.capabilities[set];
	return 0;
}

static __always_inline long task_changes(struct scratch *piece, __u32 load, __u32 which, __u64 *value)
{
	__u32 process = piece->identity >> 32;
	struct abi_process_entry *entry = bpf_map_lookup_elem(&processes, &process);
	__u64 start;
	long error;

	if (!entry)
		return -1;
	start = process_start_now(entry);
	error = load == ABI_LOAD_NAMESPACE_CHANGES ? task_namespace_changes(piece, entry, value) :
						     task_capability_changes(piece, entry, which, value);
	return start && process_start_now(entry) == start ? error : -1;
}

static __always_inline long task_in_host_namespace(__u64 task, __u32 which, __u64 *value)
{
	__u64 at = which & 15;	/* what lies behind the ten is inside the area, too */
	__u32 now, host;

	if (which >= ABI_NAMESPACES)
		return -1;
	barrier_var(at);
	now = task_namespace(task, which);
	host = *(volatile __u32 *)&area.control.host_namespaces[at & 15];
	*value = now == host;
	return now && host ? 0 : -1;
}

static __always_inline long task_number(__u32 value, __u64 *ret)
{
	*ret = value;
	return value ? 0 : -1;
}

static __always_inline long task_fact(struct scratch *piece, __u64 task, __u32 load, __u32 which, __u64 *value)
{
	switch (load) {
	case ABI_LOAD_NAMESPACE_PID:
		return task_number(task_namespace_pid(task), value);
	case ABI_LOAD_NAMESPACE:
		return task_number(task_namespace(task, which), value);
	case ABI_LOAD_IN_HOST_NAMESPACE:
		return task_in_host_namespace(task, which, value);
	case ABI_LOAD_CAPABILITY_SET:
		return task_capabilities(task, which, value);
	case ABI_LOAD_NAMESPACE_CHANGES:
	case ABI_LOAD_CAPABILITY_CHANGES:
		return task_changes(piece, load, which, value);
	default:
		return -1;
	}
}

/* A slot that is a fact of the current task. */
__noinline int load_task(__u32 index, __u32 slot, __u32 load, __u32 which)
{
	struct scratch *piece = scratch_get(index);
	__u64 task = bpf_get_current_task(), value = 0;

	if (!piece)
		return 0;
	if (load == ABI_LOAD_NAMESPACE_CHANGES)
		task_take_namespaces(index, task);
	else if (load == ABI_LOAD_CAPABILITY_CHANGES)
		task_take_capabilities(index, task);
	if (task_fact(piece, task, load, which, &value))
		match_set_state(&piece->match, slot, ABI_SLOT_FAULT);
	else
		match_set_value(&piece->match, slot, value);
	return 0;
}

static __always_inline void process_note_namespaces(struct scratch *piece, struct abi_process_entry *process)
{
	__u32 n;

	for (n = 0; n < ABI_NAMESPACES; n++)
		*(volatile __u32 *)&process->namespaces[n] = piece->task.namespaces[n];
}

static __always_inline void process_note_capabilities(struct scratch *piece, struct abi_process_entry *process)
{
	__u32 n;

	for (n = 0; n < ABI_CAPABILITY_SETS; n++)
		*(volatile __u64 *)&process->capabilities[n] = piece->task.capabilities[n];
	process->flags &= ~ABI_PROCESS_CAPABILITIES;
	if (piece->task.has_capabilities)
		process->flags |= ABI_PROCESS_CAPABILITIES;
}

/* What the current process has is from now on what it is compared with; `flags` are those of an accept. */
__noinline int task_note(__u32 index, __u32 flags)
{
	struct scratch *piece = scratch_get(index);
	__u64 task = bpf_get_current_task();
	struct abi_process_entry *entry;
	__u32 process;

	if (!piece)
		return 0;
	if (flags & ABI_ACCEPT_NOTES_NAMESPACES)
		task_take_namespaces(index, task);
	if (flags & ABI_ACCEPT_NOTES_CAPABILITIES)
		task_take_capabilities(index, task);
	process = piece->identity >> 32;
	entry = bpf_map_lookup_elem(&processes, &process);
	if (!entry)
		return 0;
	if (flags & ABI_ACCEPT_NOTES_NAMESPACES)
		process_note_namespaces(piece, entry);
	if (flags & ABI_ACCEPT_NOTES_CAPABILITIES)
		process_note_capabilities(piece, entry);
	return 0;
}

#endif
