/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * match_native.h - runs the matcher of match.h outside the kernel.  Included by match.h.
 *
 * The caller brings an image and a function that answers what the hook's slots hold; it gets the accepts,
 * and on request every record with its answer.  Safe for images of any content.
 */
#ifndef BPF_TEMPLATES_MATCH_NATIVE_H
#define BPF_TEMPLATES_MATCH_NATIVE_H

#include <string.h>

enum match_kin_state {
	MATCH_KIN_KNOWN,	/* it is there, and was put in place */
	MATCH_KIN_UNKNOWN,	/* it is there, and not known */
	MATCH_KIN_NONE,		/* there is none */
	MATCH_KIN_LOST,		/* whether there is one, or more, is not known */
};

struct match_native {
	struct match_state state;	/* first: match_load() and match_trace() find the rest from it */
	const void *image;
	__u32 image_size;
	/*
	 * Fills slot `slot` of the state with match_put_value(), match_put_bytes() or match_put_socket().  Anything but 0 means
	 * that it cannot be read.
	 */
	int (*load)(void *context, struct match_state *state, __u32 slot);
	/*
	 * The process (level 0), its parent (1), and so on: its path goes to MATCH_SLOT_BINARY by match_put_bytes().  NULL: only
	 * the process is known, whose path load() puts there.
	 */
	enum match_kin_state (*binary)(void *context, struct match_state *state, __u32 level);
	/* The same for process ids; in_namespace: as the process's own namespace numbers it.  May be NULL. */
	enum match_kin_state (*process_id)(void *context, __u32 level, __u32 in_namespace, __u64 *ret);
	/* May be NULL: no scope is known. */
	enum match_answer (*scope)(void *context, __u64 scope);
	/* May be NULL.  Rows of table look-ups are in state->rows[ABI_LOOKUP_REGISTER(operand)]. */
	void (*trace)(void *context, __u32 record, __u32 op, enum match_answer answer);
	void *context;
};

/* ---- What a load function calls ---- */

static inline int match_put_value(struct match_state *state, __u32 slot, __u64 value)
{
	match_set_value(state, slot, value);
	return 0;
}

/* `room` bytes must be free, whatever the length. */
static inline int match_put_into(struct match_state *state, __u32 slot, const void *bytes, __u64 length,
				 enum match_cut cut, __u32 room)
{
	__u32 start = slot == MATCH_SLOT_BINARY ? 0 : state->data_used;
	__u8 *target = slot == MATCH_SLOT_BINARY ? state->path : state->data + start;

	if (length > ABI_STRING_MAX - 1) {
		if (cut == MATCH_CUT_FRONT)
			bytes = (const __u8 *)bytes + length - (ABI_STRING_MAX - 1);
		else
			cut = MATCH_CUT_END;
		length = ABI_STRING_MAX - 1;
	}
	match_set_state(state, slot, ABI_SLOT_NO_SPACE);
	if (start > ABI_DATA_SIZE - room)
		return -1;
	if (length)
		__builtin_memcpy(target, bytes, length);
	__builtin_memset(target + length, 0, -length & 7);
	match_set_bytes(state, slot, target - (__u8 *)state, length, cut);
	if (slot != MATCH_SLOT_BINARY)
		state->data_used = start + ((length + 7) & ~7ULL);
	return 0;
}

/*
 * Copies the bytes of a string and says how they were cut; longer ones are cut here, to ABI_STRING_MAX - 1: at the front if they
 * were already, else at the end.
 * Returns 0, or -1 when the data area is full: the slot is then unreadable.
 */
static inline int match_put_bytes(struct match_state *state, __u32 slot, const void *bytes, __u64 length,
				  enum match_cut cut)
{
	return match_put_into(state, slot, bytes, length, cut, ABI_STRING_MAX);
}

static inline int match_put_socket(struct match_state *state, __u32 slot, const struct abi_socket *socket)
{
	return match_put_into(state, slot, socket, sizeof(*socket), MATCH_WHOLE, sizeof(*socket));
}

/*
 * A socket address: family, port in host order, and the address in network order (4 or 16 bytes).  Other families have port 0, and
 * no address.
 */
static inline int match_put_address(struct match_state *state, __u32 slot, __u16 family, __u16 port, const void *address)
{
	struct abi_socket socket = { .known = 1u << ABI_PART_FAMILY | 1u << ABI_PART_SOURCE_PORT };

	socket.parts[ABI_PART_FAMILY] = family;
	if (family == MATCH_AF_INET || family == MATCH_AF_INET6) {
		socket.known |= 1u << ABI_PART_SOURCE;
		socket.parts[ABI_PART_SOURCE_PORT] = port;
		__builtin_memcpy(&socket.parts[ABI_PART_SOURCE], address, family == MATCH_AF_INET ? 4 : 16);
	}
	return match_put_socket(state, slot, &socket);
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

MATCH_INLINE void match_load_number(struct match_state *state, __u32 slot)
{
	match_load(state, slot);
}

MATCH_INLINE __u64 match_find_intervals(struct match_image image, __u32 table, __u64 value)
{
	return match_intervals(image, table, value);
}

MATCH_INLINE __u64 match_find_intervals128(struct match_image image, __u32 table, __u64 high, __u64 low)
{
	return match_intervals128(image, table, high, low);
}

MATCH_INLINE __u64 match_find_hits(struct match_image image, __u32 filter, __u64 first, __u64 second, __u32 length)
{
	return match_filter(image, filter, first, second, length);
}

MATCH_INLINE int match_find_name_end(struct match_image image, __u32 filter, __u64 head, __u64 tail, __u32 length)
{
	return match_name_end(image, filter, head, tail, length);
}

MATCH_INLINE int match_bytes_equal(struct match_state *state, struct match_image image, __u32 pattern, __u32 position, __u32 length)
{
	for (; length > MATCH_EQUAL_WORDS * 8; length -= MATCH_EQUAL_WORDS * 8) {
		if (!match_equal_words(state, image, pattern, position, MATCH_EQUAL_WORDS * 8))
			return 0;
		pattern += MATCH_EQUAL_WORDS * 8;
		position += MATCH_EQUAL_WORDS * 8;
	}
	return match_equal_words(state, image, pattern, position, length);
}

MATCH_INLINE __u64 match_bytes_hash(struct match_state *state, __u32 position, __u32 length)
{
	__u64 hash = MATCH_HASH_SEED;

	for (; length > MATCH_EQUAL_WORDS * 8; length -= MATCH_EQUAL_WORDS * 8) {
		hash = match_hash_words(state, hash, position, MATCH_EQUAL_WORDS);
		position += MATCH_EQUAL_WORDS * 8;
	}
	return match_hash_words(state, hash, position, length / 8);
}

MATCH_INLINE void match_find_string(struct match_state *state, __u32 table, __u32 slot, __u32 reg)
{
	__u32 steps;

	if (match_table_is_whole(state->image, table)) {
		match_whole_rows(state, table, slot, reg);
		return;
	}
	if (match_string_begin(state, table, slot))
		for (steps = 0; steps < MATCH_STRING_STEPS && match_walk_step(state); steps++)
			;
	if (match_string_postfix(state, slot))
		for (steps = 0; steps < MATCH_STRING_STEPS && match_walk_step(state); steps++)
			;
	match_string_end(state, slot, reg);
}

MATCH_INLINE void match_find_substrings(struct match_state *state, __u32 table, __u32 slot, __u32 reg)
{
	__u32 steps;

	if (match_scan_begin(state, table, slot))
		for (steps = 0; steps < 2 * ABI_STRING_MAX && match_scan_step(state); steps++)
			;
	match_scan_end(state, slot, reg);
}

MATCH_INLINE void match_compute(struct match_state *state, __u32 expression)
{
	__u32 steps;

	match_compute_begin(state, expression);
	for (steps = 0; steps < ABI_WORDS_MAX && match_compute_step(state); steps++)
		;
}

/* One relative's rows, added to those of the others. */
MATCH_INLINE void match_add_kin(struct match_state *state, __u32 reg, __u64 *rows, __u64 *unknown)
{
	*rows |= state->rows[match_register(reg)];
	*unknown |= state->unknown[match_register(reg)];
}

MATCH_INLINE int match_kin_goes_on(enum match_kin_state kin, __u32 with_ancestors)
{
	return with_ancestors && (kin == MATCH_KIN_KNOWN || kin == MATCH_KIN_UNKNOWN);
}

MATCH_INLINE enum match_kin_state match_native_binary(struct match_native *native, __u32 level)
{
	if (native->binary)
		return native->binary(native->context, &native->state, level);
	if (level || native->load(native->context, &native->state, MATCH_SLOT_BINARY))
		return level ? MATCH_KIN_LOST : MATCH_KIN_UNKNOWN;
	return MATCH_KIN_KNOWN;
}

MATCH_INLINE void match_find_binary(struct match_state *state, __u32 table, __u32 who, __u32 reg)
{
	struct match_native *native = (struct match_native *)state;
	__u32 level = who >> 1 & 1, first = level;
	__u64 rows = 0, unknown = 0;
	enum match_kin_state kin;

	table = match_image32(state->image, __builtin_offsetof(struct abi_image, binary_tables) +
						    (table & (ABI_BINARY_TABLES_MAX - 1)) * 4);
	do {
		kin = match_native_binary(native, level);
		if (kin == MATCH_KIN_KNOWN && match_has_bytes(state, MATCH_SLOT_BINARY)) {
			match_find_string(state, table, MATCH_SLOT_BINARY, reg);
			match_add_kin(state, reg, &rows, &unknown);
		} else if (kin != MATCH_KIN_NONE || level == first) {
			unknown = ~0ULL;
		}
		level++;
	} while (match_kin_goes_on(kin, who & 1));
	match_set_rows(state, reg, rows, unknown & ~rows);
}

MATCH_INLINE void match_find_lineage(struct match_state *state, __u32 table, __u32 in_namespace, __u32 reg)
{
	struct match_native *native = (struct match_native *)state;
	__u64 rows = 0, unknown = 0, id;
	enum match_kin_state kin;
	__u32 level = 0;

	do {
		id = 0;
		kin = native->process_id ? native->process_id(native->context, level, in_namespace, &id) : MATCH_KIN_LOST;
		if (kin == MATCH_KIN_KNOWN)
			rows |= match_find_intervals(state->image, table, id);
		else if (kin != MATCH_KIN_NONE || !level)
			unknown = ~0ULL;
		level++;
	} while (match_kin_goes_on(kin, 1));
	match_set_rows(state, reg, rows, unknown & ~rows);
}

/* ---- Filters of last names, for who makes and checks them ---- */

/*
 * The class in a filter of last names of a pattern with `length` bytes, and its hash there. ABI_NAME_CLASSES, and no hash: the name of a file
 * does not tell that its path is not found by the pattern; no table with such a one has such a filter.
 */
static inline __u32 match_pattern_name(__u32 kind, const void *bytes, __u32 length, __u64 *hash)
{
	static const char deleted[10] = " (deleted)";	/* without its NUL */
	const char *end = (const char *)bytes + length;
	__u32 shared = length < sizeof(deleted) ? length : sizeof(deleted), name = 0, count;
	char tail[8] = { 0 };

	if (kind == ABI_STRING_PREFIX || !length || end[-1] == '/' || !memcmp(end - shared, deleted + sizeof(deleted) - shared, shared))
		return ABI_NAME_CLASSES;
	while (name < length && *(end - name - 1) != '/')
		name++;
	count = name < sizeof(tail) ? name : sizeof(tail);
	memcpy(tail + sizeof(tail) - count, end - count, count);
	if (kind == ABI_STRING_EXACT || name < length) {
		*hash = match_name_hash(0, name, match_word_at(tail));
		return 0;
	}
	*hash = match_name_hash(count, count, match_word_at(tail));
	return count;
}

MATCH_INLINE enum match_answer match_find_scope(struct match_state *state, __u64 scope)
{
	struct match_native *native = (struct match_native *)state;

	return native->scope ? native->scope(native->context, scope) : MATCH_UNKNOWN;
}

MATCH_INLINE void match_trace(struct match_state *state, __u32 pc, __u32 op, enum match_answer answer)
{
	struct match_native *native = (struct match_native *)state;

	if (native->trace)
		native->trace(native->context, pc, op, answer);
}

/*
 * Decides the hook whose struct abi_hook is `hook` bytes into the image, from record `record` on.  Returns the number of accepts, which are
 * offsets of struct abi_accept in native->state.accepts; native->state.errors tells what was unknown on the way.
 */
static inline __u32 match_native_run_from(struct match_native *native, __u32 hook, __u32 record)
{
	struct match_state *state = &native->state;
	struct match_image image = { native->image, native->image_size };
	__u32 pc = record, steps;

	match_begin(state, image, hook, match_image32(image, hook + __builtin_offsetof(struct abi_hook, program)));
	if (!state->program)
		return 0;
	for (steps = 0; steps < ABI_RECORDS_MAX && pc < MATCH_END; steps++)
		pc = match_step(state, pc);
	if (pc < MATCH_END)
		state->errors |= 1u << ABI_ERROR_STEPS;
	return state->accept_count;
}

static inline __u32 match_native_run(struct match_native *native, __u32 hook)
{
	return match_native_run_from(native, hook, 0);
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
