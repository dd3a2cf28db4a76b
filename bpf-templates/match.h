/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * match.h - decides which selectors of a hook accept a call: the one matcher, for kernel and tetra.
 *
 * clang compiles it into the BPF programs, cc into tetra, where dry-run, tests and fuzzers run it over the very
 * same image.  It is pure: no helpers, no globals; every loop is bounded; every access to the image is masked, so
 * that no bytes whatever can lead it astray.  Each step (one record, one word of a string, one bucket, one step
 * of a search) is written once, here; how steps are strung together is the includer's business, because the
 * kernel's verifier wants loops in functions of their own.  match_native.h strings them together for cc; match_string.h has
 * the look-up of strings.
 *
 * Contract
 *   The includer defines, before it includes this:
 *     struct match_image                 what names an image; passed by value
 *     match_image32(image, offset), match_image64(image, offset)
 *                                        little-endian numbers at an offset of the image, memory-safe for any offset
 *   and after it:
 *     match_load(state, slot)            fills slots[slot] by match_set_value() and its like, or leaves it unreadable
 *     match_load_number(state, slot)     the same of a slot that is known to hold a number alone: see verify_slot_is_number()
 *     match_find_intervals(image, table, value), match_find_intervals128(image, table, high, low)
 *     match_find_hits(image, filter, first, second, length), match_find_name_end(image, filter, head, tail, length),
 *     match_find_string(state, table, slot, reg), match_find_substrings(state, table, slot, reg),
 *     match_bytes_equal(state, image, pattern, position, length), match_bytes_hash(state, position, length), match_compute(state, expression)
 *                                        run match_intervals(), match_filter() ... match_compute_step() to their end
 *     match_find_binary(state, table, who, reg), match_find_lineage(state, table, in_namespace, reg)
 *                                        look up the path of the process, of its parent or of all its ancestors, or their
 *                                        process ids, and set the rows by match_set_rows()
 *     match_find_scope(state, scope)     whether the process belongs to it: enum match_answer
 *     match_trace(state, pc, op, answer) called for every decided record
 *
 *   A decision: match_begin(), then match_step() from record 0 until it returns MATCH_END.  accepts[] then lists the
 *   offsets of struct abi_accept, in the order of the program; errors has a bit per enum abi_error that occurred.
 *   Slots are loaded when a record needs them, each once; a table is searched once for each register.
 *
 * Unknown
 *   A predicate has three answers.  It is unknown when
 *     - its slot could not be read: all predicates on its bytes, and on its number unless that was read (a
 *       file without a path still has a mode; integer predicates on a file test the mode);
 *     - the part of the socket that it is about is not known;
 *     - a string was cut at its end at ABI_STRING_MAX: exact patterns are then false (none is that long), prefixes
 *       are known, rows with a postfix are unknown unless another pattern made them true;
 *     - a string was cut in another way (a path at its front, the path of a process): rows that the rest
 *       does not already make true are unknown.  Postfixes are looked for in what is left of a path, prefixes in what
 *       is left of a process's path, exact patterns in neither;
 *     - an address is asked of another family than IPv4 and IPv6, whose port is 0;
 *     - the process, the parent or, when no other one satisfies the row, some ancestor is not known;
 *     - a number that its expression takes could not be read.
 */
#ifndef BPF_TEMPLATES_MATCH_H
#define BPF_TEMPLATES_MATCH_H

#include "bpf-templates/abi.h"

#define MATCH_AF_INET	2
#define MATCH_AF_INET6	10

#ifdef __bpf__
#define MATCH_INLINE static inline __attribute__((always_inline))
/* What is checked is what is used: clang would check one register and use another that it knows to be equal. */
#define MATCH_PIN(variable) asm volatile("" : "+r"(variable))
#else
#include "bpf-templates/match_image.h"
#define MATCH_INLINE static inline
#define MATCH_PIN(variable)
#endif

#define MATCH_END		0x10000u	/* what match_step() returns when nothing is left to decide */
#define MATCH_SLOT_BINARY	ABI_SLOTS_MAX	/* the path of a process, as a slot */
#define MATCH_SLOTS		32u		/* power of two: an index is masked where it is used */
#define MATCH_SEARCH_STEPS	17u		/* halvings of ABI_INTERVALS_MAX */
#define MATCH_STRING_STEPS	1024u		/* words and probed lengths of one pass over a string, rounded up */
#define MATCH_HEAD		(sizeof(struct abi_event))
#define MATCH_PATH_SIZE		(ABI_STRING_MAX + 768)	/* room for one name more, and for match_equal_words() */

enum match_answer { MATCH_NO = 0, MATCH_YES = 1, MATCH_UNKNOWN = 2 };

/* How the bytes of a slot were cut. */
enum match_cut { MATCH_WHOLE = 0, MATCH_CUT_END = 1, MATCH_CUT_FRONT = 2 };

/* A string on its way through a table: one pass from the front, one from the end. */
struct match_walk {
	__u64 hash;
	__u64 rows;		/* answers so far */
	__u32 table;
	__u32 start;		/* where the string is, from the start of struct match_state */
	__u32 length;
	__u32 position;		/* bytes hashed so far, from the front or from the end */
	__u32 limit;		/* length of the segment that is looked up next */
	__u32 kind;		/* its enum abi_string_kind */
	__u32 next;		/* offset in the image of its successor's length */
	__u32 left;		/* successors */
	__u32 exact;		/* look up the whole string, too */
	__u32 bucket_mask;
	__u32 buckets;
	__u32 classes;		/* of the lengths that are worth a look */
};

/* A string on its way through an automaton. */
struct match_scan {
	__u64 rows;		/* answers so far */
	__u32 automaton;
	__u32 states, cells, first;	/* offsets in the image */
	__u32 state, base;	/* of the automaton */
	__u32 position, end;	/* from the start of struct match_state */
};

/* An expression on its way. */
struct match_stack {
	__u64 numbers[ABI_STACK_MAX];
	__u32 depth;
	__u32 word, end;	/* offset in the image of the next word, and behind the last */
	__u32 unknown;
};

struct match_state {
	struct match_image image;
	__u32 hook;		/* offset of struct abi_hook */
	__u32 program;		/* offset of its records */
	__u32 accept_count;
	__u32 errors;		/* bit per enum abi_error */
	__u32 slots_read;	/* bit per slot: slots[] tells how it went */
	__u32 slots_valued;	/* bit per slot: its number is good */
	__u64 slots_cut;	/* bit per slot, from bit 0: cut at the end; from bit 32: at the front */
	__u32 data_used;	/* bytes of data[] */
	__u32 binary_read;	/* like slots_read, for MATCH_SLOT_BINARY */
	__u32 binary_cut;	/* enum match_cut of it */
	__u64 registers_read;	/* bit per register: rows[] and unknown[] are good */
	__u64 hits;		/* of hits_slot in hits_filter, MATCH_HITS: what was found out before the decision began */
	__u32 hits_filter, hits_slot;	/* filter 0: nothing was */
	/* What an event takes most often lies together: each page more costs it as much as many instructions. */
	struct match_walk walk;
	__u64 rows[ABI_REGISTERS_MAX];
	__u64 unknown[ABI_REGISTERS_MAX];
	struct match_scan scan;
	struct match_stack stack;
	__u32 accepts[ABI_ACCEPTS_MAX];
	/* offset is from the start of this structure, and a multiple of 8 */
	struct abi_event_slot slots[MATCH_SLOTS];
	/* An event is sent from where it was decided: its head is put together right before the bytes. */
	__u8 head[MATCH_HEAD];
	__u8 data[ABI_DATA_SIZE];	/* bytes of slots, each padded with zeros to 8 */
	__u8 path[MATCH_PATH_SIZE];	/* paths are put together here; the bytes of MATCH_SLOT_BINARY */
};
#define MATCH_DATA	(__builtin_offsetof(struct match_state, data))
#define MATCH_PATH	(__builtin_offsetof(struct match_state, path))

_Static_assert(MATCH_DATA % 8 == 0 && MATCH_PATH % 8 == 0, "strings start at multiples of 8");

/* The includer's, see above. */
MATCH_INLINE void match_load(struct match_state *state, __u32 slot);
MATCH_INLINE void match_load_number(struct match_state *state, __u32 slot);
MATCH_INLINE __u64 match_find_intervals(struct match_image image, __u32 table, __u64 value);
MATCH_INLINE __u64 match_find_intervals128(struct match_image image, __u32 table, __u64 high, __u64 low);
MATCH_INLINE __u64 match_find_hits(struct match_image image, __u32 filter, __u64 first, __u64 second, __u32 length);
MATCH_INLINE int match_find_name_end(struct match_image image, __u32 filter, __u64 head, __u64 tail, __u32 length);
MATCH_INLINE void match_find_string(struct match_state *state, __u32 table, __u32 slot, __u32 reg);
MATCH_INLINE void match_find_substrings(struct match_state *state, __u32 table, __u32 slot, __u32 reg);
MATCH_INLINE int match_bytes_equal(struct match_state *state, struct match_image image, __u32 pattern, __u32 position, __u32 length);
MATCH_INLINE __u64 match_bytes_hash(struct match_state *state, __u32 position, __u32 length);
MATCH_INLINE void match_compute(struct match_state *state, __u32 expression);
MATCH_INLINE void match_find_binary(struct match_state *state, __u32 table, __u32 who, __u32 reg);
MATCH_INLINE void match_find_lineage(struct match_state *state, __u32 table, __u32 in_namespace, __u32 reg);
MATCH_INLINE enum match_answer match_find_scope(struct match_state *state, __u64 scope);
MATCH_INLINE void match_trace(struct match_state *state, __u32 pc, __u32 op, enum match_answer answer);

/* ---- Slots ---- */

/* `program` is that of the hook. */
MATCH_INLINE void match_begin(struct match_state *state, struct match_image image, __u32 hook, __u32 program)
{
	state->image = image;
	state->hook = hook;
	state->program = program;
	state->accept_count = 0;
	state->errors = 0;
	state->slots_read = 0;
	state->slots_valued = 0;
	state->slots_cut = 0;
	state->data_used = 0;
	state->binary_read = 0;
	state->registers_read = 0;
	state->hits_filter = 0;
}

MATCH_INLINE struct abi_event_slot *match_slot(struct match_state *state, __u32 slot)
{
	__u64 index = slot & (MATCH_SLOTS - 1);

	MATCH_PIN(index);
	return &state->slots[index & (MATCH_SLOTS - 1)];
}

/* Where the rows of a register are. */
MATCH_INLINE __u64 match_register(__u32 reg)
{
	__u64 index = reg & (ABI_REGISTERS_MAX - 1);

	MATCH_PIN(index);
	return index & (ABI_REGISTERS_MAX - 1);
}

MATCH_INLINE void match_set_rows(struct match_state *state, __u32 reg, __u64 rows, __u64 unknown)
{
	__u64 index = match_register(reg);

	state->rows[index] = rows;
	state->unknown[index] = unknown;
	state->registers_read |= 1ULL << index;
}

MATCH_INLINE int match_slot_is_read(const struct match_state *state, __u32 slot)
{
	if (slot >= MATCH_SLOT_BINARY)
		return state->binary_read;
	return state->slots_read >> slot & 1;
}

MATCH_INLINE enum match_cut match_slot_cut(const struct match_state *state, __u32 slot)
{
	if (slot >= MATCH_SLOT_BINARY)
		return state->binary_cut;
	return state->slots_cut >> slot & 1 ? MATCH_CUT_END :
	       state->slots_cut >> slot & 1ULL << 32 ? MATCH_CUT_FRONT : MATCH_WHOLE;
}

/* The slot was read, or could not be: `slot_state` says which.  Neither number nor bytes yet. */
MATCH_INLINE void match_set_state(struct match_state *state, __u32 slot, __u32 slot_state)
{
	struct abi_event_slot *entry = match_slot(state, slot);

	entry->value = 0;
	entry->offset = 0;
	entry->length = 0;
	entry->state = slot_state;
	entry->extra = 0;
	if (slot >= MATCH_SLOT_BINARY)
		state->binary_read = 1;
	else
		state->slots_read |= 1u << slot;
}

/* The slot's number; its state must have been set. */
MATCH_INLINE void match_set_number(struct match_state *state, __u32 slot, __u64 value)
{
	match_slot(state, slot)->value = value;
	if (slot < MATCH_SLOT_BINARY)
		state->slots_valued |= 1u << slot;
}

MATCH_INLINE void match_set_value(struct match_state *state, __u32 slot, __u64 value)
{
	match_set_state(state, slot, ABI_SLOT_READ);
	match_set_number(state, slot, value);
}

/*
 * The slot's bytes lie `offset` bytes into the state, padded with zeros to 8; its state must have been set
 * and becomes READ or CUT.
 */
MATCH_INLINE void match_set_bytes(struct match_state *state, __u32 slot, __u32 offset, __u32 length,
				  enum match_cut cut)
{
	struct abi_event_slot *entry = match_slot(state, slot);

	entry->offset = offset & -((length + 0xffff) >> 16);	/* 0 of none, without a branch */
	entry->length = length;
	entry->state = cut == MATCH_WHOLE ? ABI_SLOT_READ : ABI_SLOT_CUT;
	if (slot >= MATCH_SLOT_BINARY)
		state->binary_cut = cut;
	else if (cut != MATCH_WHOLE)
		state->slots_cut |= (cut == MATCH_CUT_END ? 1ULL : 1ULL << 32) << slot;
}

/* Sign- or zero-extends what was read to 64 bits, by enum abi_load (U8 .. S64). */
MATCH_INLINE __u64 match_extend(__u32 load, __u64 raw)
{
	__u32 shift = 64 - (8u << ((load - ABI_LOAD_U8) & 3));

	raw <<= shift;
	if (load >= ABI_LOAD_S8)
		return (__u64)((__s64)raw >> shift);
	return raw >> shift;
}

MATCH_INLINE int match_load_is_integer(__u32 load)
{
	return load >= ABI_LOAD_U8 && load <= ABI_LOAD_S64;
}

/* ---- Bytes of the state ---- */

MATCH_INLINE __u64 match_word_at(const void *bytes)
{
#ifdef __bpf__
	return *(const __u64 *)bytes;
#else
	__u64 word;

	__builtin_memcpy(&word, bytes, sizeof(word));
	return match_little_endian(word);
#endif
}

/* Eight bytes at `position` of the state, which need not be aligned. */
MATCH_INLINE __u64 match_word(const struct match_state *state, __u64 position)
{
	MATCH_PIN(position);
	if (position > sizeof(struct match_state) - 8)
		return 0;
	return match_word_at((const __u8 *)state + position);
}

/* ---- Parts of sockets ---- */

/* The first word of a struct abi_slot. */
MATCH_INLINE __u64 match_descriptor(const struct match_state *state, __u32 slot)
{
	return match_image64(state->image, (__u64)state->hook + __builtin_offsetof(struct abi_hook, slots) +
						   slot * (__u64)sizeof(struct abi_slot));
}
#define MATCH_DESCRIPTOR_LOAD(word)	((__u32)(word) & 0xff)
#define MATCH_DESCRIPTOR_SOURCE(word)	((__u32)((word) >> 8) & 0xff)
#define MATCH_DESCRIPTOR_INDEX(word)	((__u32)((word) >> 16) & 0xff)
#define MATCH_DESCRIPTOR_OFFSET(word)	((__u32)((word) >> 32))

MATCH_INLINE int match_has_bytes(struct match_state *state, __u32 slot)
{
	__u32 slot_state = match_slot(state, slot)->state;

	return slot_state == ABI_SLOT_READ || slot_state == ABI_SLOT_CUT;
}

/* Where a part is in the state; 0 when it is not known. */
MATCH_INLINE __u64 match_part(struct match_state *state, __u32 socket, __u32 part)
{
	__u64 at = match_slot(state, socket)->offset;

	part &= ABI_PARTS - 1;
	if (!match_has_bytes(state, socket) || !(match_word(state, at) >> part & 1))
		return 0;
	return at + __builtin_offsetof(struct abi_socket, parts) + part * (__u64)8;
}

MATCH_INLINE void match_take_part(struct match_state *state, __u32 slot, __u32 socket, __u32 part)
{
	__u64 at = match_part(state, socket, part);

	if (at)
		match_set_value(state, slot, match_word(state, at));
	else
		match_set_state(state, slot, ABI_SLOT_FAULT);
}

/* Reads a slot that was not read yet. */
MATCH_INLINE void match_need(struct match_state *state, __u32 slot)
{
	__u64 descriptor = match_descriptor(state, slot);
	__u32 socket = MATCH_DESCRIPTOR_INDEX(descriptor) & (MATCH_SLOTS - 1);

	if (MATCH_DESCRIPTOR_LOAD(descriptor) != ABI_LOAD_PART) {
		match_load(state, slot);
		return;
	}
	if (!(state->slots_read >> socket & 1))
		match_load(state, socket);
	match_take_part(state, slot, socket, MATCH_DESCRIPTOR_OFFSET(descriptor));
}

/* ---- Integers ---- */

MATCH_INLINE int match_is_compare(__u32 op)
{
	return op >= ABI_OP_EQUAL && op <= ABI_OP_MASK;
}

MATCH_INLINE int match_compare(__u32 op, __u64 value, __u64 operand)
{
	switch (op) {
	case ABI_OP_EQUAL:
		return value == operand;
	case ABI_OP_LESS:
		return value < operand;
	case ABI_OP_GREATER:
		return value > operand;
	case ABI_OP_LESS_SIGNED:
		return (__s64)value < (__s64)operand;
	case ABI_OP_GREATER_SIGNED:
		return (__s64)value > (__s64)operand;
	default:
		return (value & operand) != 0;
	}
}

/*
 * 1 when a < b + borrow, else 0: the borrow of the subtraction.  Without a branch, which the verifier would follow
 * both ways in every step of a search, and the processor would guess wrong in half of them.
 */
MATCH_INLINE __u64 match_borrow(__u64 a, __u64 b, __u64 borrow)
{
	return ((~a & b) | ((~a | b) & (a - b - borrow))) >> 63;
}

/* Rows of the interval that holds `value`, or none. */
MATCH_INLINE __u64 match_intervals(struct match_image image, __u32 table, __u64 value)
{
	__u64 entry = (__u64)table + sizeof(struct abi_interval_table), half, above;
	__u64 count = match_image32(image, table);
	__u32 i;

	if (!count)
		return 0;
	if (match_image32(image, (__u64)table + 4) & ABI_INTERVALS_SIGNED)
		value ^= 1ULL << 63;
	/* The last interval that starts at or below the value, if any does. */
	for (i = 0; i < MATCH_SEARCH_STEPS && count > 1; i++) {
		half = (count >> 1) * sizeof(struct abi_interval);
		above = match_borrow(value, match_image64(image, entry + half), 0);
		entry += half & (above - 1);
		count -= count >> 1;
	}
	if (value < match_image64(image, entry) || value > match_image64(image, entry + 8))
		return 0;
	return match_image64(image, entry + 16);
}

/* 1 when the 128-bit number is less than the one at `other` in the image. */
MATCH_INLINE __u64 match_below128(struct match_image image, __u64 high, __u64 low, __u64 other)
{
	return match_borrow(high, match_image64(image, other),
			    match_borrow(low, match_image64(image, other + 8), 0));
}

MATCH_INLINE __u64 match_intervals128(struct match_image image, __u32 table, __u64 high, __u64 low)
{
	__u64 entry = (__u64)table + sizeof(struct abi_interval128_table), half, above;
	__u64 count = match_image32(image, table);
	__u32 i;

	if (!count)
		return 0;
	for (i = 0; i < MATCH_SEARCH_STEPS && count > 1; i++) {
		half = (count >> 1) * sizeof(struct abi_interval128);
		above = match_below128(image, high, low, entry + half);
		entry += half & (above - 1);
		count -= count >> 1;
	}
	if (match_below128(image, high, low, entry))
		return 0;
	if (match_image64(image, entry + 16) == high ? low > match_image64(image, entry + 24)
						     : high > match_image64(image, entry + 16))
		return 0;
	return match_image64(image, entry + 32);
}

#include "bpf-templates/match_string.h"
#include "bpf-templates/match_substring.h"
#include "bpf-templates/match_expression.h"

/* ---- One record ---- */

MATCH_INLINE enum match_answer match_unreadable(struct match_state *state, __u32 error)
{
	state->errors |= 1u << error;
	return MATCH_UNKNOWN;
}

/* The rows that a look-up asks for. */
MATCH_INLINE __u64 match_asked_rows(__u64 operand)
{
	__u32 row = ABI_LOOKUP_ROW(operand), more = ABI_LOOKUP_LAST(operand) - row;

	return ((2ULL << (more & (ABI_ROWS_MAX - 1))) - 1) << row;
}

/* Whether some of them were found.  An answer about several is only about whether to ask for each. */
MATCH_INLINE enum match_answer match_rows(struct match_state *state, __u64 operand, __u32 error)
{
	__u64 index = match_register(ABI_LOOKUP_REGISTER(operand)), mask = match_asked_rows(operand);

	if (state->rows[index] & mask)
		return MATCH_YES;
	if (!(state->unknown[index] & mask))
		return MATCH_NO;
	return mask & (mask - 1) ? MATCH_UNKNOWN : match_unreadable(state, error);
}

MATCH_INLINE __u64 match_address_rows(struct match_state *state, __u32 table, __u64 family, __u64 address)
{
	struct match_image image = state->image;
	__u64 high = __builtin_bswap64(match_word(state, address)), low;

	if (family == MATCH_AF_INET) {
		table = match_image32(image, table);
		return table ? match_find_intervals(image, table, high >> 32) : 0;
	}
	low = __builtin_bswap64(match_word(state, address + 8));
	table = match_image32(image, (__u64)table + 4);
	return table ? match_find_intervals128(image, table, high, low) : 0;
}

MATCH_INLINE enum match_answer match_address(struct match_state *state, __u32 slot, __u64 operand)
{
	__u32 reg = ABI_LOOKUP_REGISTER(operand);
	__u64 family, address;

	if (!(state->registers_read >> reg & 1)) {
		family = match_part(state, slot, ABI_PART_FAMILY);
		if (!family)
			return match_unreadable(state, ABI_ERROR_UNREADABLE);
		family = match_word(state, family);
		if (family != MATCH_AF_INET && family != MATCH_AF_INET6)
			return MATCH_UNKNOWN;
		address = match_part(state, slot, operand & ABI_LOOKUP_DESTINATION ? ABI_PART_DESTINATION : ABI_PART_SOURCE);
		if (!address)
			return match_unreadable(state, ABI_ERROR_UNREADABLE);
		match_set_rows(state, reg, match_address_rows(state, ABI_LOOKUP_TABLE(operand), family, address), 0);
	}
	return match_rows(state, operand, ABI_ERROR_CUT);
}

MATCH_INLINE enum match_answer match_string(struct match_state *state, __u32 op, __u32 slot, __u64 operand)
{
	__u32 reg = ABI_LOOKUP_REGISTER(operand);

	if (!match_has_bytes(state, slot))
		return match_unreadable(state, ABI_ERROR_UNREADABLE);
	if (!(state->registers_read >> reg & 1)) {
		if (op == ABI_OP_STRING)
			match_find_string(state, ABI_LOOKUP_TABLE(operand), slot, reg);
		else
			match_find_substrings(state, ABI_LOOKUP_TABLE(operand), slot, reg);
	}
	return match_rows(state, operand, ABI_ERROR_CUT);
}

MATCH_INLINE enum match_answer match_integer(struct match_state *state, __u32 op, __u32 slot,
					     __u64 operand)
{
	__u32 reg = ABI_LOOKUP_REGISTER(operand);
	__u64 value = match_slot(state, slot)->value;

	if (!(state->slots_valued >> slot & 1))
		return match_unreadable(state, ABI_ERROR_UNREADABLE);
	if (op != ABI_OP_INTERVALS)
		return match_compare(op, value, operand) ? MATCH_YES : MATCH_NO;
	if (!(state->registers_read >> reg & 1))
		match_set_rows(state, reg,
			       match_find_intervals(state->image, ABI_LOOKUP_TABLE(operand), value), 0);
	return match_rows(state, operand, ABI_ERROR_CUT);
}

/* Rows of the process and its kin. */
MATCH_INLINE enum match_answer match_kin(struct match_state *state, __u32 op, __u32 kin, __u64 operand)
{
	__u32 reg = ABI_LOOKUP_REGISTER(operand);

	if (!(state->registers_read >> reg & 1)) {
		if (op == ABI_OP_BINARY)
			match_find_binary(state, ABI_LOOKUP_TABLE(operand), kin, reg);
		else
			match_find_lineage(state, ABI_LOOKUP_TABLE(operand), kin, reg);
	}
	return match_rows(state, operand, ABI_ERROR_PROCESS_UNKNOWN);
}

/* Both sets are numbers of slots; `other` is the later one. */
MATCH_INLINE enum match_answer match_gained(struct match_state *state, __u32 slot, __u32 other)
{
	other &= MATCH_SLOTS - 1;
	if (!(state->slots_read >> other & 1))
		match_need(state, other);
	if (!(state->slots_valued >> slot & state->slots_valued >> other & 1))
		return match_unreadable(state, ABI_ERROR_UNREADABLE);
	return match_slot(state, other)->value & ~match_slot(state, slot)->value ? MATCH_YES : MATCH_NO;
}

/* Those that look at no slot. */
MATCH_INLINE enum match_answer match_without_slot(struct match_state *state, __u32 op, __u32 slot, __u64 operand)
{
	if (op == ABI_OP_EXPRESSION)
		return match_expression(state, operand);
	if (op == ABI_OP_SCOPE)
		return match_find_scope(state, operand);
	return match_kin(state, op, slot, operand);
}

MATCH_INLINE enum match_answer match_predicate(struct match_state *state, __u32 op, __u32 slot,
					       __u64 operand)
{
	if (op == ABI_OP_BINARY || op > ABI_OP_GAINED)
		return match_without_slot(state, op, slot, operand);
	if (!(state->slots_read >> slot & 1))
		match_need(state, slot);
	if (op == ABI_OP_STRING || op == ABI_OP_SUBSTRING)
		return match_string(state, op, slot, operand);
	if (op == ABI_OP_ADDRESS)
		return match_address(state, slot, operand);
	if (op == ABI_OP_GAINED)
		return match_gained(state, slot, operand);
	return match_integer(state, op, slot, operand);
}

MATCH_INLINE void match_accept(struct match_state *state, __u64 operand)
{
	__u32 n = state->accept_count;

	if (n >= ABI_ACCEPTS_MAX)
		return;
	state->accepts[n & (ABI_ACCEPTS_MAX - 1)] = operand;
	state->accept_count = n + 1;
}

/* The fields of a record's first word. */
#define MATCH_RECORD_OP(word)		((__u32)(word) & 0xff)
#define MATCH_RECORD_SLOT(word)		((__u32)((word) >> 8) & (MATCH_SLOTS - 1))
#define MATCH_RECORD_YES(word)		((__u32)((word) >> 16) & 0xffff)
#define MATCH_RECORD_NO(word)		((__u32)((word) >> 32) & 0xffff)
#define MATCH_RECORD_UNKNOWN(word)	((__u32)((word) >> 48))

/* Decides record `pc` and returns the one to go on with, or MATCH_END. */
MATCH_INLINE __u32 match_step(struct match_state *state, __u32 pc)
{
	__u64 record = (__u64)state->program + (__u64)pc * sizeof(struct abi_record);
	__u64 word = match_image64(state->image, record);
	__u64 operand = match_image64(state->image, record + 8);
	__u32 op = MATCH_RECORD_OP(word);
	enum match_answer answer = MATCH_YES;

	if (op == ABI_OP_END || op >= ABI_OP_COUNT)
		return MATCH_END;
	if (op == ABI_OP_ACCEPT)
		match_accept(state, operand);
	else if (op != ABI_OP_JUMP)
		answer = match_predicate(state, op, MATCH_RECORD_SLOT(word), operand);
	match_trace(state, pc, op, answer);
	if (answer == MATCH_YES)
		return MATCH_RECORD_YES(word);
	if (answer == MATCH_NO)
		return MATCH_RECORD_NO(word);
	return MATCH_RECORD_UNKNOWN(word);
}

#ifndef __bpf__
#include "bpf-templates/match_native.h"
#endif

#endif
