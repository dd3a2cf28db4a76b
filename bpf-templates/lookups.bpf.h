/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * lookups.bpf.h - what match.h asks of its includer: reads, look-ups and walks, each in a function that the verifier looks at once.
 *
 * What is asked of the processes that one descends from is in kin.bpf.h.
 */
#ifndef BPF_TEMPLATES_LOOKUPS_BPF_H
#define BPF_TEMPLATES_LOOKUPS_BPF_H

#include "bpf-templates/arguments.bpf.h"
#include "bpf-templates/scratch.bpf.h"

/*
 * How much one call does of what goes on for long.  The verifier follows each step of a loop, and the loop of calls around it, so that parts of
 * about the root of the whole are least to it.
 */
#define ENGINE_EQUAL_PART	(MATCH_EQUAL_WORDS * 8)	/* bytes of a pattern */
#define ENGINE_WALK_CHUNK	4	/* steps of a string look-up */
#define ENGINE_SCAN_CHUNK	16	/* steps over a string for substrings */
#define ENGINE_WORDS_CHUNK	4	/* words of an expression */
#define ENGINE_SCAN_CHUNKS	(2 * ABI_STRING_MAX / ENGINE_SCAN_CHUNK)
#define ENGINE_WALK_CHUNKS	(MATCH_STRING_STEPS / ENGINE_WALK_CHUNK)

MATCH_INLINE void match_load(struct match_state *state, __u32 slot)
{
	load_slot(scratch_of(state)->index, slot);
}

MATCH_INLINE void match_load_number(struct match_state *state, __u32 slot)
{
	load_plain_number(scratch_of(state)->index, slot);
}

__noinline __u64 engine_intervals(__u64 half, __u32 table, __u64 value)
{
	struct match_image image = { half };

	return match_intervals(image, table, value);
}

MATCH_INLINE __u64 match_find_intervals(struct match_image image, __u32 table, __u64 value)
{
	return engine_intervals(image.half, table, value);
}

__noinline __u64 engine_intervals128(__u64 half, __u32 table, __u64 high, __u64 low)
{
	struct match_image image = { half };

	return match_intervals128(image, table, high, low);
}

MATCH_INLINE __u64 match_find_intervals128(struct match_image image, __u32 table, __u64 high, __u64 low)
{
	return engine_intervals128(image.half, table, high, low);
}

__noinline __u64 engine_hits(__u64 half, __u32 filter, __u64 first, __u64 second, __u32 length)
{
	struct match_image image = { half };

	return match_filter(image, filter, first, second, length);
}

MATCH_INLINE __u64 match_find_hits(struct match_image image, __u32 filter, __u64 first, __u64 second, __u32 length)
{
	return engine_hits(image.half, filter, first, second, length);
}

__noinline int engine_name_end(__u64 half, __u32 filter, __u64 head, __u64 tail, __u32 length)
{
	struct match_image image = { half };

	return match_name_end(image, filter, head, tail, length);
}

MATCH_INLINE int match_find_name_end(struct match_image image, __u32 filter, __u64 head, __u64 tail, __u32 length)
{
	return engine_name_end(image.half, filter, head, tail, length);
}

/* `half`: that of the pattern's image. */
__noinline int engine_equal(__u32 index, __u64 half, __u32 pattern, __u32 position, __u32 length)
{
	struct scratch *piece = scratch_get(index);
	struct match_image image = { half };

	return piece ? match_equal_words(&piece->match, image, pattern, position, length) : 0;
}

/* Part after part. */
MATCH_INLINE int match_bytes_equal(struct match_state *state, struct match_image image, __u32 pattern, __u32 position, __u32 length)
{
	__u32 index = scratch_of(state)->index, at;

	for (at = 0; at < ABI_STRING_MAX; at += ENGINE_EQUAL_PART) {
		if (length <= at + ENGINE_EQUAL_PART)
			return engine_equal(index, image.half, pattern + at, position + at, length - at);
		if (!engine_equal(index, image.half, pattern + at, position + at, ENGINE_EQUAL_PART))
			return 0;
	}
	return 0;
}

__noinline __u64 engine_hash(__u32 index, __u64 hash, __u32 position, __u32 words)
{
	struct scratch *piece = scratch_get(index);

	return piece ? match_hash_words(&piece->match, hash, position, words) : 0;
}

/* Part after part. */
MATCH_INLINE __u64 match_bytes_hash(struct match_state *state, __u32 position, __u32 length)
{
	__u32 index = scratch_of(state)->index, at;
	__u64 hash = MATCH_HASH_SEED;

	for (at = 0; at < ABI_STRING_MAX; at += ENGINE_EQUAL_PART) {
		if (length <= at + ENGINE_EQUAL_PART)
			return engine_hash(index, hash, position + at, (length - at) / 8);
		hash = engine_hash(index, hash, position + at, MATCH_EQUAL_WORDS);
	}
	return hash;
}

__noinline int engine_walk(__u32 index)
{
	struct scratch *piece = scratch_get(index);
	int i;

	if (!piece)
		return 0;
	for (i = 0; i < ENGINE_WALK_CHUNK; i++)
		if (!match_walk_step(&piece->match))
			return 0;
	return 1;
}

static __always_inline void engine_walks(__u32 index)
{
	int i;

	for (i = 0; i < ENGINE_WALK_CHUNKS; i++)
		if (!engine_walk(index))
			break;
}

__noinline int engine_string(__u32 index, __u32 table, __u32 slot, __u32 reg)
{
	struct scratch *piece = scratch_get(index);

	if (!piece)
		return 0;
	if (match_string_begin(&piece->match, table, slot))
		engine_walks(index);
	if (match_string_postfix(&piece->match, slot))
		engine_walks(index);
	match_string_end(&piece->match, slot, reg);
	return 0;
}

__noinline int engine_whole(__u32 index, __u32 table, __u32 slot, __u32 reg)
{
	struct scratch *piece = scratch_get(index);

	if (piece)
		match_whole_rows(&piece->match, table, slot, reg);
	return 0;
}

MATCH_INLINE void match_find_string(struct match_state *state, __u32 table, __u32 slot, __u32 reg)
{
	if (match_table_is_whole(state->image, table))
		engine_whole(scratch_of(state)->index, table, slot, reg);
	else
		engine_string(scratch_of(state)->index, table, slot, reg);
}

__noinline int engine_scan(__u32 index)
{
	struct scratch *piece = scratch_get(index);
	int i;

	if (!piece)
		return 0;
	for (i = 0; i < ENGINE_SCAN_CHUNK; i++)
		if (!match_scan_step(&piece->match))
			return 0;
	return 1;
}

__noinline int engine_substrings(__u32 index, __u32 table, __u32 slot, __u32 reg)
{
	struct scratch *piece = scratch_get(index);
	int i;

	if (!piece)
		return 0;
	if (match_scan_begin(&piece->match, table, slot))
		for (i = 0; i < ENGINE_SCAN_CHUNKS; i++)
			if (!engine_scan(index))
				break;
	match_scan_end(&piece->match, slot, reg);
	return 0;
}

MATCH_INLINE void match_find_substrings(struct match_state *state, __u32 table, __u32 slot, __u32 reg)
{
	engine_substrings(scratch_of(state)->index, table, slot, reg);
}

__noinline int engine_compute(__u32 index)
{
	struct scratch *piece = scratch_get(index);
	int i;

	if (!piece)
		return 0;
	for (i = 0; i < ENGINE_WORDS_CHUNK; i++)
		if (!match_compute_step(&piece->match))
			return 0;
	return 1;
}

MATCH_INLINE void match_compute(struct match_state *state, __u32 expression)
{
	__u32 index = scratch_of(state)->index;
	int i;

	match_compute_begin(state, expression);
	for (i = 0; i < ABI_WORDS_MAX / ENGINE_WORDS_CHUNK; i++)
		if (!engine_compute(index))
			break;
}

/* Offset of a table of binaries; 0 when there is none. */
static __always_inline __u32 binary_table(struct match_image image, __u32 number)
{
	return match_image32(image, __builtin_offsetof(struct abi_image, binary_tables) + (__u64)number * 4);
}

/* The texts of a process of which those of the entry are too long; NULL when what is there is another process's. */
static __always_inline struct abi_process_texts *process_far_texts(__u32 process, __u64 start)
{
	struct abi_process_texts *far = bpf_map_lookup_elem(&process_texts, &process);

	return far && *(volatile __u64 *)&far->start_time == start ? far : NULL;
}

/* A path so long, or so placed, that the entry has no room for it. */
static __always_inline long binary_read_far(struct match_state *match, __u32 process, __u64 start, __u64 length)
{
	struct abi_process_texts *far = process_far_texts(process, start);

	if (!far || bpf_probe_read_kernel(match->path, length & (ABI_PROCESS_PATH - 1), far->texts))
		return -1;
	return *(volatile __u64 *)&far->start_time == start ? 0 : -1;	/* it may have become another's meanwhile */
}

/*
 * The path of a process, which started then, into MATCH_SLOT_BINARY.  One that was cut leaves unknown what its rest could change.
 * Who calls finds out afterwards whether the entry is still that process's.
 */
static __always_inline bool load_binary(struct scratch *piece, const struct abi_process_entry *entry, __u32 process, __u64 start)
{
	struct match_state *match = &piece->match;
	__u64 length = *(volatile __u16 *)&entry->path_length & (ABI_PROCESS_PATH - 1);
	__u32 flags = *(volatile __u32 *)&entry->flags;

	match_set_state(match, MATCH_SLOT_BINARY, ABI_SLOT_FAULT);
	if (!length)
		return false;
	__builtin_memset(match->path + (length & ~7ULL), 0, 8);
	if (flags & ABI_PROCESS_FAR ? binary_read_far(match, process, start, length) :
				      bpf_probe_read_kernel(match->path, length & (ABI_PROCESS_NEAR - 1), entry->texts))
		return false;
	match_set_bytes(match, MATCH_SLOT_BINARY, MATCH_PATH, length,
			flags & ABI_PROCESS_PATH_CUT ? MATCH_CUT_END : MATCH_WHOLE);
	return true;
}

#define BINARY_DONE	0u	/* the rows are set */
#define BINARY_NO_PATH	1u	/* the entry does not tell; no table has this offset */

/* Takes the rows of a table of binaries as they were kept with the process; else gets its path ready to be looked up, and returns the table's offset. */
__noinline __u32 engine_binary_begin(__u32 index, __u32 process, __u32 number, __u32 reg)
{
	struct scratch *piece = scratch_get(index);
	struct abi_process_entry *entry;
	__u64 rows, key;

	if (!piece)
		return BINARY_DONE;
	number &= ABI_BINARY_TABLES_MAX - 1;
	entry = bpf_map_lookup_elem(&processes, &process);
	match_set_rows(&piece->match, reg, 0, ~0ULL);
	piece->process_start_of = entry ? process_start_now(entry) : 0;
	if (!entry || !piece->process_start_of)
		return BINARY_NO_PATH;
	key = ABI_PROCESS_KEY(piece->generation, process, piece->process_start_of);
	rows = *(volatile __u64 *)&entry->binary_rows[number];
	if (*(volatile __u64 *)&entry->binary_checks[number] == ABI_PROCESS_CHECK(key, rows)) {
		match_set_rows(&piece->match, reg, rows, 0);
		return BINARY_DONE;
	}
	if (!*(volatile __u16 *)&entry->path_length)
		return BINARY_NO_PATH;
	if (!load_binary(piece, entry, process, piece->process_start_of) || process_start_now(entry) != piece->process_start_of)
		return BINARY_DONE;
	return binary_table(piece->match.image, number);
}

/* Rows that were found anew are kept with the process, if it is still the one that was looked at. */
__noinline int engine_binary_end(__u32 index, __u32 process, __u32 number, __u32 reg)
{
	struct scratch *piece = scratch_get(index);
	struct abi_process_entry *entry;
	__u64 at, rows;

	if (!piece)
		return 0;
	number &= ABI_BINARY_TABLES_MAX - 1;
	at = match_register(reg);
	entry = bpf_map_lookup_elem(&processes, &process);
	if (!entry || !piece->process_start_of || piece->match.unknown[at & (ABI_REGISTERS_MAX - 1)])
		return 0;
	rows = piece->match.rows[at & (ABI_REGISTERS_MAX - 1)];
	*(volatile __u64 *)&entry->binary_rows[number] = rows;
	*(volatile __u64 *)&entry->binary_checks[number] =
		ABI_PROCESS_CHECK(ABI_PROCESS_KEY(piece->generation, process, piece->process_start_of), rows);
	return 0;
}

#define BINARY_RUNNING_MAX	2048u	/* power of two; twice as much is the buffer in which a path is put together */

/* The path that the walk left at the end of its buffer, to its beginning, as MATCH_SLOT_BINARY has it. */
static __always_inline bool binary_take_walked(struct scratch *piece)
{
	struct match_state *match = &piece->match;
	__u64 position = piece->walk.position, length = ABI_STRING_MAX - position;

	if (piece->walk.cut || position > ABI_STRING_MAX || length >= BINARY_RUNNING_MAX - 8)
		return false;
	barrier_var(length);
	length &= BINARY_RUNNING_MAX - 1;
	__builtin_memset(match->path + (length & ~7ULL), 0, 8);
	barrier_var(position);
	position &= ABI_STRING_MAX - 1;
	if (bpf_probe_read_kernel(match->path, length, match->path + position))
		return false;
	match_set_state(match, MATCH_SLOT_BINARY, ABI_SLOT_READ);
	match_set_bytes(match, MATCH_SLOT_BINARY, MATCH_PATH, length, MATCH_WHOLE);
	return true;
}

/*
 * Of a process that has no entry (the table was full, say) or one that is being changed, or whose path was not known when it was entered: the
 * file that it runs; only of the one that runs now.
 */
__noinline __u32 engine_binary_running(__u32 index, __u32 process, __u32 number)
{
	struct scratch *piece = scratch_get(index);
	struct file *file = BPF_CORE_READ((struct task_struct *)bpf_get_current_task(), mm, exe_file);
	struct path path = {};
	__u32 mode;

	if (!piece || !file || process != piece->identity >> 32)
		return BINARY_DONE;
	mode = BPF_CORE_READ(file, f_inode, i_mode);
	if (bpf_core_read(&path, sizeof(path), &file->f_path) || !path.mnt)
		return BINARY_DONE;
	if (path_walk(index, (__u64)path.mnt, (__u64)path.dentry, mode) || !binary_take_walked(piece))
		return BINARY_DONE;
	return binary_table(piece->match.image, number & (ABI_BINARY_TABLES_MAX - 1));
}

/* One after the other, not one in the other: the stack is small. */
static __always_inline void engine_binary(__u32 index, __u32 process, __u32 number, __u32 reg)
{
	__u32 table = engine_binary_begin(index, process, number, reg);

	if (table == BINARY_NO_PATH)
		table = engine_binary_running(index, process, number);
	if (!table)
		return;
	engine_string(index, table, MATCH_SLOT_BINARY, reg);
	engine_binary_end(index, process, number, reg);
}

MATCH_INLINE void match_trace(struct match_state *state, __u32 pc, __u32 op, enum match_answer answer)
{
}

#endif
