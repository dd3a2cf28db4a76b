/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * match_native.h - runs the matcher of match.h outside the kernel.  Included by match.h.
 *
 * The caller brings an image and a function that answers what the hook's slots hold; it gets the accepts,
 * and on request every record with its answer.  Safe for images of any content.
 */
#ifndef BPF_TEMPLATES_MATCH_NATIVE_H
#define BPF_TEMPLATES_MATCH_NATIVE_H

struct match_native {
	struct match_state state;	/* first: match_load() and match_trace() find the rest from it */
	const void *image;
	__u32 image_size;
	/*
	 * Fills slot `slot` of the state with match_put_value(), match_put_bytes() or match_put_address(); MATCH_SLOT_BINARY
	 * is the path of the process.  Anything but 0 means that it cannot be read.
	 */
	int (*load)(void *context, struct match_state *state, __u32 slot);
	/* May be NULL. `reg` below: rows of table look-ups are in state->rows[ABI_LOOKUP_REGISTER(operand)]. */
	void (*trace)(void *context, __u32 record, __u32 op, enum match_answer answer);
	void *context;
};

/* ---- What a load function calls ---- */

static inline int match_put_value(struct match_state *state, __u32 slot, __u64 value)
{
	match_set_value(state, slot, value);
	return 0;
}

/*
 * Copies the bytes of a string and says how they were cut; longer ones are cut here, at ABI_STRING_MAX - 1.
 * Returns 0, or -1 when the data area is full: the slot is then unreadable.
 */
static inline int match_put_bytes(struct match_state *state, __u32 slot, const void *bytes, __u64 length,
				  enum match_cut cut)
{
	__u32 start = slot == MATCH_SLOT_BINARY ? 0 : state->data_used;
	__u8 *target = slot == MATCH_SLOT_BINARY ? state->path : state->data + start;

	if (length > ABI_STRING_MAX - 1) {
		length = ABI_STRING_MAX - 1;
		cut = MATCH_CUT_END;
	}
	match_set_state(state, slot, ABI_SLOT_NO_SPACE);
	if (start > ABI_DATA_SIZE - ABI_STRING_MAX)
		return -1;
	if (length)
		__builtin_memcpy(target, bytes, length);
	__builtin_memset(target + length, 0, -length & 7);
	match_set_bytes(state, slot, target - (__u8 *)state, length, cut);
	if (slot != MATCH_SLOT_BINARY)
		state->data_used = start + ((length + 7) & ~7ULL);
	return 0;
}

/* A socket address: family, port in host order, and the address in network order (4 or 16 bytes; other families none). */
static inline int match_put_address(struct match_state *state, __u32 slot, __u16 family, __u16 port,
				    const void *address)
{
	__u32 length = family == MATCH_AF_INET ? 4 : family == MATCH_AF_INET6 ? 16 : 0;

	if (match_put_bytes(state, slot, address, length, MATCH_WHOLE))
		return -1;
	match_set_number(state, slot, port);
	match_slot(state, slot)->extra = family > 255 ? 0 : family;
	return 0;
}

/* ---- What match.h asks of its includer ---- */

MATCH_INLINE void match_load(struct match_state *state, __u32 slot)
{
	struct match_native *native = (struct match_native *)state;

	if (!native->load(native->context, state, slot) && match_slot_is_read(state, slot))
		return;
	if (!match_slot_is_read(state, slot) || match_slot(state, slot)->state != ABI_SLOT_NO_SPACE)
		match_set_state(state, slot, ABI_SLOT_FAULT);
}

MATCH_INLINE __u64 match_find_intervals(struct match_image image, __u32 table, __u64 value)
{
	return match_intervals(image, table, value);
}

MATCH_INLINE __u64 match_find_intervals128(struct match_image image, __u32 table, __u64 high, __u64 low)
{
	return match_intervals128(image, table, high, low);
}

MATCH_INLINE int match_bytes_equal(struct match_state *state, __u32 pattern, __u32 position, __u32 length)
{
	return match_equal_words(state, pattern, position, length);
}

MATCH_INLINE void match_find_string(struct match_state *state, __u32 table, __u32 slot, __u32 reg)
{
	__u32 steps;

	if (match_string_begin(state, table, slot))
		for (steps = 0; steps < MATCH_STRING_STEPS && match_walk_step(state); steps++)
			;
	if (match_string_postfix(state, slot))
		for (steps = 0; steps < MATCH_STRING_STEPS && match_walk_step(state); steps++)
			;
	match_string_end(state, slot, reg);
}

MATCH_INLINE void match_trace(struct match_state *state, __u32 pc, __u32 op, enum match_answer answer)
{
	struct match_native *native = (struct match_native *)state;

	if (native->trace)
		native->trace(native->context, pc, op, answer);
}

/*
 * Decides the hook whose struct abi_hook is `hook` bytes into the image.  Returns the number of accepts, which are
 * offsets of struct abi_accept in native->state.accepts; native->state.errors tells what was unknown on the way.
 */
static inline __u32 match_native_run(struct match_native *native, __u32 hook)
{
	struct match_state *state = &native->state;
	struct match_image image = { native->image, native->image_size };
	__u32 pc = 0, steps;

	match_begin(state, image, hook);
	if (!state->program)
		return 0;
	for (steps = 0; steps < ABI_RECORDS_MAX && pc < MATCH_END; steps++)
		pc = match_step(state, pc);
	if (pc < MATCH_END)
		state->errors |= 1u << ABI_ERROR_STEPS;
	return state->accept_count;
}

/* The same by hook id; an id that is not in use decides nothing. */
static inline __u32 match_native_run_id(struct match_native *native, __u32 id)
{
	struct match_image image = { native->image, native->image_size };
	__u32 hook = match_image32(image, __builtin_offsetof(struct abi_image, hook_offset) +
						  (id & (ABI_HOOKS_MAX - 1)) * 4);

	native->state.accept_count = 0;
	return hook ? match_native_run(native, hook) : 0;
}

#endif
