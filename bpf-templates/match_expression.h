/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * match_expression.h - arithmetic on numbers of slots: a word of an expression a step.
 *
 * A part of match.h, which includes it.  See struct abi_expression.  Its slots are plain numbers, which are read here.
 */
#ifndef BPF_TEMPLATES_MATCH_EXPRESSION_H
#define BPF_TEMPLATES_MATCH_EXPRESSION_H

MATCH_INLINE __u64 match_wrap(__u32 type, __u64 number)
{
	if (type == ABI_INT32)
		return (__u64)(__s64)(__s32)number;
	if (type == ABI_UINT32)
		return (__u32)number;
	return number;
}

MATCH_INLINE __u64 match_is_less(__u32 type, __u64 a, __u64 b)
{
	return type == ABI_UINT32 || type == ABI_UINT64 ? a < b : (__s64)a < (__s64)b;
}

/* Of two numbers. */
MATCH_INLINE __u64 match_calculate(__u32 op, __u32 type, __u64 a, __u64 b)
{
	switch (op) {
	case ABI_WORD_ADD:
		return match_wrap(type, a + b);
	case ABI_WORD_SUBTRACT:
		return match_wrap(type, a - b);
	case ABI_WORD_AND:
		return a & b;
	case ABI_WORD_OR:
		return a | b;
	case ABI_WORD_XOR:
		return a ^ b;
	case ABI_WORD_EQUAL:
		return a == b;
	case ABI_WORD_LESS:
		return match_is_less(type, a, b);
	default:
		return !match_is_less(type, b, a);
	}
}

/* Of one number. */
MATCH_INLINE __u64 match_convert(__u32 op, __u32 type, __u64 a)
{
	return match_wrap(type, op == ABI_WORD_NOT ? ~a : op == ABI_WORD_NEGATE ? -a : a);
}

MATCH_INLINE __u64 *match_stack_at(struct match_state *state, __u32 depth)
{
	__u64 index = depth & (ABI_STACK_MAX - 1);

	MATCH_PIN(index);
	return &state->stack.numbers[index & (ABI_STACK_MAX - 1)];
}

MATCH_INLINE __u64 match_stack_number(struct match_state *state, __u32 slot)
{
	slot &= MATCH_SLOTS - 1;
	if (!(state->slots_read >> slot & 1))
		match_load_number(state, slot);
	if (!(state->slots_valued >> slot & 1))
		state->stack.unknown = 1;
	return match_slot(state, slot)->value;
}

MATCH_INLINE void match_compute_begin(struct match_state *state, __u32 expression)
{
	__u32 count = match_image32(state->image, expression);

	state->stack.depth = 0;
	state->stack.unknown = 0;
	state->stack.word = expression + sizeof(struct abi_expression);
	state->stack.end = state->stack.word + count * (__u32)sizeof(struct abi_word);
}

/* Does one word.  0 when it was the last one. */
MATCH_INLINE int match_compute_step(struct match_state *state)
{
	struct match_stack *stack = &state->stack;
	__u64 word = match_image64(state->image, stack->word);
	__u32 op = word & 0xff, type = word >> 8 & 0xff, depth = stack->depth;
	__u64 top = *match_stack_at(state, depth - 1);

	if (stack->word >= stack->end)
		return 0;
	if (op == ABI_WORD_NUMBER) {
		top = match_image64(state->image, (__u64)stack->word + 8);
		depth++;
	} else if (op == ABI_WORD_SLOT) {
		top = match_wrap(type, match_stack_number(state, word >> 16 & 0xffff));
		depth++;
	} else if (op >= ABI_WORD_NOT && op <= ABI_WORD_CAST) {
		top = match_convert(op, type, top);
	} else {
		depth--;
		top = match_calculate(op, type, *match_stack_at(state, depth - 1), top);
	}
	*match_stack_at(state, depth - 1) = top;
	stack->depth = depth;
	stack->word += sizeof(struct abi_word);
	return 1;
}

MATCH_INLINE enum match_answer match_expression(struct match_state *state, __u32 expression)
{
	match_compute(state, expression);
	if (state->stack.unknown) {
		state->errors |= 1u << ABI_ERROR_UNREADABLE;
		return MATCH_UNKNOWN;
	}
	return *match_stack_at(state, 0) ? MATCH_YES : MATCH_NO;
}

#endif
