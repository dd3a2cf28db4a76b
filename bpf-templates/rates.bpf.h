/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * rates.bpf.h - events of a Post with a rate limit: one of those that are alike, in each period.
 *
 * Alike: of one accept and one thread, process or all, with the same beginnings of arguments.  The period begins with an event that is
 * posted.  Two at the same time may both be.  The other actions of the accept are done whatever becomes of its event; its
 * return event is sent, too, and finds no entry.  Stack traces are no arguments.
 */
#ifndef BPF_TEMPLATES_RATES_BPF_H
#define BPF_TEMPLATES_RATES_BPF_H

#include "bpf-templates/arguments.bpf.h"

#define RATE_MILLISECOND	1000000ULL

/* The next argument of the key, from a slot; in memory is how many it has. */
__noinline int rate_put_argument(__u32 index, __u32 slot)
{
	struct scratch *piece = scratch_get(index);
	struct abi_event_slot *entry;
	struct abi_rate_argument *target;
	__u64 offset, length, n;

	if (!piece || load_is_extra(SLOT_LOAD(slot_descriptor(piece->match.image, piece->match.hook, slot))))
		return 0;
	n = *(volatile __u32 *)&piece->rate_arguments;
	barrier_var(n);
	if (n >= ABI_RATE_ARGUMENTS)
		return 0;
	piece->rate_arguments = n + 1;
	entry = match_slot(&piece->match, slot);
	target = &piece->rate.arguments[n];
	offset = entry->offset;
	length = entry->length;
	target->value = entry->value;
	target->length = length;
	target->state = entry->state;
	if (length > ABI_RATE_BYTES)
		length = ABI_RATE_BYTES;
	barrier_var(offset);
	if (offset > sizeof(struct match_state) - ABI_STRING_MAX)
		return 0;
	barrier_var(length);
	length &= 2 * ABI_RATE_BYTES - 1;
	if (length && length <= ABI_RATE_BYTES)
		bpf_probe_read_kernel(target->bytes, length, (__u8 *)&piece->match + offset);
	return 0;
}

static __always_inline __u32 rate_id(__u64 identity, __u32 flags)
{
	return flags & ABI_POST_GLOBAL ? 0 : flags & ABI_POST_PROCESS ? identity >> 32 : identity;
}

/* The key of the event in piece->request, into piece->rate. */
__noinline int rate_put_key(__u32 index, __u32 accept, __u32 flags)
{
	struct scratch *piece = scratch_get(index);
	volatile __u64 *words;
	__u32 slot;
	int i;

	if (!piece)
		return 0;
	words = (volatile __u64 *)&piece->rate;
	piece->rate_arguments = 0;

	for (i = 0; i < sizeof(piece->rate) / 8; i++)
		words[i] = 0;
	piece->rate.generation = piece->generation;
	piece->rate.accept = accept;
	piece->rate.id = rate_id(piece->identity, flags);
	for (slot = 0; slot < ABI_SLOTS_MAX; slot++)
		if (*(volatile __u32 *)&piece->request.report_slots >> slot & 1)
			rate_put_argument(index, slot);
	return 0;
}

/* The word of an accept's Post that has a limit: milliseconds and, above them, ABI_POST_; 0: it has none. */
static __always_inline __u64 rate_limit(struct match_image image, __u64 accept)
{
	__u64 actions = match_image32(image, accept + __builtin_offsetof(struct abi_accept, actions));
	__u32 i, count = match_image32(image, accept + __builtin_offsetof(struct abi_accept, selector)) >> 16;

	for (i = 0; i < ABI_ACTIONS_MAX; i++) {
		if (i >= count)
			break;
		if (match_image32(image, actions + i * sizeof(struct abi_action)) == ABI_ACTION_POST &&
		    match_image32(image, actions + i * sizeof(struct abi_action) + 4))
			return (__u64)match_image32(image, actions + i * sizeof(struct abi_action) + 8) << 32 |
			       match_image32(image, actions + i * sizeof(struct abi_action) + 4);
	}
	return 0;
}

/* 1 when the event of the accept is not to be posted now. */
__noinline int rate_exceeded(__u32 index, __u32 accept)
{
	struct scratch *piece = scratch_get(index);
	__u64 limit, *last, now;

	if (!piece)
		return 0;
	limit = rate_limit(piece->match.image, accept);
	if (!limit)
		return 0;
	rate_put_key(index, accept, limit >> 32);
	now = piece->time;
	last = bpf_map_lookup_elem(&rates, &piece->rate);
	if (last && now - *(volatile __u64 *)last < (limit & 0xffffffff) * RATE_MILLISECOND)
		return 1;
	bpf_map_update_elem(&rates, &piece->rate, &now, BPF_ANY);
	return 0;
}

#endif
