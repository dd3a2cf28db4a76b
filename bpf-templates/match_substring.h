/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * match_substring.h - which patterns lie anywhere in a string, or which globs it is: all of them in one pass.
 *
 * A part of match.h, which includes it.  struct abi_automaton says how a byte leads from one state to the next.  A step goes over
 * a byte or to a shorter state, so that there are at most twice as many steps as bytes.
 */
#ifndef BPF_TEMPLATES_MATCH_SUBSTRING_H
#define BPF_TEMPLATES_MATCH_SUBSTRING_H

/* In match_scan.automaton: its strings are whole ones.  Offsets in an image are smaller. */
#define MATCH_SCAN_WHOLE	0x80000000u
_Static_assert(ABI_HALF_SIZE < MATCH_SCAN_WHOLE, "offsets leave the bit alone");

/* Prepares the pass; 0 when the string is empty. */
MATCH_INLINE int match_scan_begin(struct match_state *state, __u32 automaton, __u32 slot)
{
	struct match_scan *scan = &state->scan;
	struct abi_event_slot *entry = match_slot(state, slot);

	scan->rows = 0;
	scan->automaton = automaton;
	if (match_image32(state->image, (__u64)automaton + __builtin_offsetof(struct abi_automaton, flags)) & ABI_AUTOMATON_WHOLE)
		scan->automaton |= MATCH_SCAN_WHOLE;
	scan->states = match_image32(state->image, (__u64)automaton + __builtin_offsetof(struct abi_automaton, states));
	scan->cells = match_image32(state->image, (__u64)automaton + __builtin_offsetof(struct abi_automaton, cells));
	scan->first = match_image32(state->image, (__u64)automaton + __builtin_offsetof(struct abi_automaton, first));
	scan->state = 0;
	scan->base = match_image32(state->image, (__u64)scan->states + __builtin_offsetof(struct abi_state, base));
	scan->position = entry->offset;
	scan->end = entry->offset + entry->length;
	return scan->position < scan->end;
}

/* Goes over the byte to state `next`. */
MATCH_INLINE int match_scan_go(struct match_state *state, __u32 next)
{
	struct match_scan *scan = &state->scan;
	__u64 at = scan->states + (__u64)next * sizeof(struct abi_state);

	scan->state = next;
	if (scan->automaton & MATCH_SCAN_WHOLE)
		scan->rows = 0;
	scan->rows |= match_image64(state->image, at);
	scan->base = match_image32(state->image, at + __builtin_offsetof(struct abi_state, base));
	scan->position++;
	return scan->position < scan->end && (next != ABI_STATE_DEAD || !(scan->automaton & MATCH_SCAN_WHOLE));
}

/* One step.  0 when it was the last one. */
MATCH_INLINE int match_scan_step(struct match_state *state)
{
	struct match_scan *scan = &state->scan;
	__u64 byte = match_word(state, scan->position) & 0xff, cell;
	__u64 at = (__u64)(scan->automaton & ~MATCH_SCAN_WHOLE) + __builtin_offsetof(struct abi_automaton, classes) + byte;
	__u64 class = match_image32(state->image, at & ~3ULL) >> (at & 3) * 8 & 0xff;

	if (!scan->state)
		return match_scan_go(state, match_image32(state->image, scan->first + class * 4));
	cell = match_image64(state->image, scan->cells + (scan->base + class) * sizeof(struct abi_cell));
	if ((__u32)cell == scan->state + 1)
		return match_scan_go(state, cell >> 32);
	at = scan->states + (__u64)scan->state * sizeof(struct abi_state);
	scan->state = match_image32(state->image, at + __builtin_offsetof(struct abi_state, fail));
	at = scan->states + (__u64)scan->state * sizeof(struct abi_state);
	scan->base = match_image32(state->image, at + __builtin_offsetof(struct abi_state, base));
	return 1;
}

/* What was not found may lie in what was cut; what is asked of a whole string is not known of a part. */
MATCH_INLINE void match_scan_end(struct match_state *state, __u32 slot, __u32 reg)
{
	__u64 unknown = match_slot_cut(state, slot) == MATCH_WHOLE ? 0 : ~0ULL;

	if (unknown && state->scan.automaton & MATCH_SCAN_WHOLE)
		state->scan.rows = 0;
	match_set_rows(state, reg, state->scan.rows, unknown & ~state->scan.rows);
}

#endif
