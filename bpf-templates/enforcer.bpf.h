/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * enforcer.bpf.h - NotifyEnforcer: what shall happen to a thread when it next calls a function that its policy's enforcer has.
 *
 * A notification belongs to a thread and a policy: of several policies each has its own, and a later one of a policy replaces its
 * earlier one.  The thread's start tells it from another one that got its number.
 */
#ifndef BPF_TEMPLATES_ENFORCER_BPF_H
#define BPF_TEMPLATES_ENFORCER_BPF_H

#include "bpf-templates/scratch.bpf.h"
#include "bpf-templates/tasks.bpf.h"

/* Threads that never come to such a function leave theirs behind; the oldest make room. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, ABI_NOTIFIED_MAX);
	__type(key, __u32);
	__type(value, struct abi_notified);
} notified SEC(".maps");

static __always_inline __u64 enforcer_thread_start(void)
{
	return task_read64(bpf_get_current_task() + bpf_core_field_offset(struct task_struct, start_time));
}

/* The notifications of the current thread; NULL when there are none. */
static __always_inline struct abi_notified *enforcer_notified(void)
{
	__u32 tid = bpf_get_current_pid_tgid();
	struct abi_notified *found = bpf_map_lookup_elem(&notified, &tid);

	return found && found->thread_start == enforcer_thread_start() ? found : NULL;
}

/* Where the policy's is, or where it may be put; ABI_NOTIFICATIONS_MAX: nowhere. */
static __always_inline __u32 enforcer_place(const struct abi_notified *threads, __u32 policy)
{
	__u32 n, place = ABI_NOTIFICATIONS_MAX;

#pragma unroll
	for (n = 0; n < ABI_NOTIFICATIONS_MAX; n++) {
		if (threads->items[n].policy == policy + 1)
			return n;
		if (!threads->items[n].policy)
			place = n;
	}
	return place;
}

/* 0, or a negative errno: -ENOSPC when there is no room, or the kernel's. */
__noinline int enforcer_notify(__u32 index, __u32 policy, __u32 signal, __u32 error)
{
	struct scratch *piece = scratch_get(index);
	struct abi_notified *found;
	__u32 tid, place;

	if (!piece)
		return -ERRNO_FAULT;
	tid = piece->identity;
	found = enforcer_notified();
	if (!found) {
		piece->notified = (struct abi_notified){ .thread_start = enforcer_thread_start() };
		piece->notified.items[0] = (struct abi_notification){ policy + 1, signal, error, 0 };
		return bpf_map_update_elem(&notified, &tid, &piece->notified, BPF_ANY);
	}
	place = enforcer_place(found, policy);
	if (place >= ABI_NOTIFICATIONS_MAX)
		return -ERRNO_NO_SPACE;
	found->items[place] = (struct abi_notification){ policy + 1, signal, error, 0 };
	return 0;
}

/* CleanupEnforcerNotification. */
__noinline int enforcer_forget(__u32 policy)
{
	struct abi_notified *found = enforcer_notified();
	__u32 place = found ? enforcer_place(found, policy) : ABI_NOTIFICATIONS_MAX;

	if (found && place < ABI_NOTIFICATIONS_MAX)
		found->items[place].policy = 0;
	return 0;
}

/* Takes the policy's notification into piece->notification; its policy is 0 when there is none. */
__noinline int enforcer_take(__u32 index, __u32 policy)
{
	struct scratch *piece = scratch_get(index);
	struct abi_notified *found = enforcer_notified();
	__u32 place = found ? enforcer_place(found, policy) : ABI_NOTIFICATIONS_MAX;

	if (!piece)
		return 0;
	piece->notification.policy = 0;
	if (!found || place >= ABI_NOTIFICATIONS_MAX)
		return 0;
	piece->notification = found->items[place];
	found->items[place].policy = 0;
	return 0;
}

#endif
