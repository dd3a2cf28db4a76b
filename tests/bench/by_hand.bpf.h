/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * by_hand.bpf.h - what programs that were written by hand for one policy share: the maps, and the head of an event.
 *
 * What an engineer would write who knows the policy and will never change it: no image, no counters, no slots; values and
 * masks are constants, a record goes straight into the ring buffer.  What a policy needs of the outside is the same as tetra's: the
 * hook, the argument, the process table, and an event with the fields of struct abi_event.
 */
#ifndef TESTS_BENCH_BY_HAND_BPF_H
#define TESTS_BENCH_BY_HAND_BPF_H

#include "bpf-templates/kernel_types.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include "bpf-templates/abi.h"

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, ABI_EVENTS_SIZE);
} events SEC(".maps");

struct {	/* tetra's, when the bench puts the pinned one in its place */
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, ABI_PROCESSES_MAX);
	__type(key, __u32);
	__type(value, struct abi_process_entry);
} processes SEC(".maps");

#define EVENT_FIXED	__builtin_offsetof(struct abi_event, slots)
#define EVENT_SIZE(slots) (EVENT_FIXED + (slots) * sizeof(struct abi_event_slot))

static __always_inline void put_head(struct abi_event *event, __u32 size, __u32 slots)
{
	__u64 identity = bpf_get_current_pid_tgid();
	__u32 process = identity >> 32;
	struct abi_process_entry *entry = bpf_map_lookup_elem(&processes, &process);

	event->size = size;
	event->kind = ABI_EVENT_HOOK;
	event->action = ABI_ACTION_POST;
	event->outcome = ABI_OUTCOME_NONE;
	event->slot_count = slots;
	event->time = bpf_ktime_get_boot_ns();
	event->generation = 1;
	event->hook = 0;
	event->policy = 0;
	event->selector = 0;
	event->hook_index = 0;
	event->report_slots = (1u << slots) - 1;
	event->tgid = process;
	event->tid = identity;
	event->process_start = entry ? entry->start_time : 0;
	event->entry_time = 0;
}

static __always_inline void put_slot(struct abi_event_slot *slot, __u64 value, __u32 offset, __u32 length)
{
	slot->value = value;
	slot->offset = offset;
	slot->length = length;
	slot->state = ABI_SLOT_READ;
	slot->extra = 0;
}

#endif
