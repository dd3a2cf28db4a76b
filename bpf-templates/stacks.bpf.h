/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * stacks.bpf.h - stack traces of the call that a selector has accepted.
 *
 * The addresses lie in the event as any other bytes do.  A map of stack traces would save room, but forgets one of two traces
 * whose hashes collide, and somebody has to empty it.
 *
 * The kernel takes the program's own context, which functions that are verified on their own cannot be given on 5.10: what
 * needs it is inlined into the programs.
 */
#ifndef BPF_TEMPLATES_STACKS_BPF_H
#define BPF_TEMPLATES_STACKS_BPF_H

#include "bpf-templates/actions.bpf.h"

/* The stack of that load that some event of the call will report, as a slot; ABI_SLOTS_MAX: none will. */
__noinline __u32 stack_slot(__u32 index, __u32 load)
{
	struct scratch *piece = scratch_get(index);
	__u32 wanted = 0, n;

	if (!piece)
		return ABI_SLOTS_MAX;
	for (n = 0; n < ABI_ACCEPTS_MAX; n++) {
		if (n >= piece->match.accept_count)
			break;
		wanted |= accept_lacks(&piece->match, n);
	}
	for (n = 0; n < ABI_SLOTS_MAX; n++)
		if (wanted >> n & 1 && SLOT_LOAD(slot_descriptor(piece->match.image, piece->match.hook, n)) == load)
			return n;
	return ABI_SLOTS_MAX;
}

/* What the kernel has put at the end of data[]: `size` bytes, or an error. */
__noinline int stack_take(__u32 index, __u32 slot, __s64 size)
{
	struct scratch *piece = scratch_get(index);
	__u64 start;

	if (!piece)
		return 0;
	match_set_state(&piece->match, slot, ABI_SLOT_FAULT);
	if (size <= 0 || size > ABI_STACK_BYTES)
		return 0;
	start = piece->match.data_used;
	piece->match.data_used = start + size;
	match_set_bytes(&piece->match, slot, MATCH_DATA + start, size, size == ABI_STACK_BYTES ? MATCH_CUT_END : MATCH_WHOLE);
	return 0;
}

static __always_inline void stack_load(struct scratch *piece, void *context, __u32 load, __u64 flags)
{
	__u32 slot = stack_slot(piece->index, load);
	__u64 start = piece->match.data_used;

	if (slot >= ABI_SLOTS_MAX)
		return;
	barrier_var(start);
	if (start > ABI_DATA_SIZE - ABI_STACK_BYTES) {
		match_set_state(&piece->match, slot, ABI_SLOT_NO_SPACE);
		return;
	}
	stack_take(piece->index, slot, bpf_get_stack(context, piece->match.data + start, ABI_STACK_BYTES, flags));
}

/* Both stacks, for the events of a call that was accepted. */
static __always_inline void stacks_load(struct scratch *piece, void *context)
{
	stack_load(piece, context, ABI_LOAD_KERNEL_STACK, 0);
	stack_load(piece, context, ABI_LOAD_USER_STACK, BPF_F_USER_STACK);
}

#endif
