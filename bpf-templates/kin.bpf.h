/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * kin.bpf.h - what match.h asks about the processes that one descends from: see struct abi_process_entry.
 *
 * Rows that their programs satisfy are kept with each process, for the live image; else they are found by a walk over the table.
 */
#ifndef BPF_TEMPLATES_KIN_BPF_H
#define BPF_TEMPLATES_KIN_BPF_H

#include "bpf-templates/lookups.bpf.h"

/* Whether what is not set in the rows of the parent (bit 0) and of all ancestors (bit 1) is unknown. */
static __always_inline __u64 kin_unknown(const struct abi_process_entry *entry, __u32 number)
{
	return (*(volatile __u32 *)&entry->parent_unknown >> number & 1) |
	       (*(volatile __u32 *)&entry->lineage_unknown >> number & 1) << 1;
}

/* What was kept with the process, if it is of this image and of this process: see ABI_PROCESS_KEY(). */
static __always_inline bool kin_recall(struct scratch *piece, const struct abi_process_entry *entry, __u32 process, __u64 start,
				       __u32 number, struct kin_rows *ret)
{
	__u64 key = ABI_PROCESS_KEY(piece->generation, process, start), unknown = kin_unknown(entry, number);

	ret->parent_rows = *(volatile __u64 *)&entry->parent_rows[number];
	ret->rows = *(volatile __u64 *)&entry->lineage_rows[number];
	ret->parent_unknown = unknown & 1;
	ret->unknown = unknown >> 1;
	return *(volatile __u64 *)&entry->kin_checks[number] == ABI_PROCESS_CHECK_KIN(key, ret->parent_rows, ret->rows, unknown);
}

/* Where a walk goes on behind `entry`, if that is of the process that started then. */
static __always_inline void kin_follow(struct kin_walk *kin, const struct abi_process_entry *entry, __u64 start)
{
	kin->next = *(volatile __u32 *)&entry->parent_pid;
	kin->start = *(volatile __u64 *)&entry->parent_start_time;
	kin->complete = !kin->next;
	if (start && process_start_now(entry) == start)
		return;
	kin->next = 0;
	kin->complete = 0;
}

__noinline int engine_kin_begin(__u32 index, __u32 process)
{
	struct scratch *piece = scratch_get(index);
	struct abi_process_entry *entry;

	if (!piece)
		return 0;
	piece->kin.found.rows = 0;
	piece->kin.found.parent_rows = 0;
	piece->kin.found.unknown = 0;
	piece->kin.found.parent_unknown = 1;
	piece->kin.level = 0;
	piece->kin.next = 0;
	piece->kin.complete = 0;
	piece->kin.process_start = 0;
	entry = bpf_map_lookup_elem(&processes, &process);
	if (!entry)
		return 0;
	piece->kin.process_start = process_start_now(entry);
	kin_follow(&piece->kin, entry, piece->kin.process_start);
	return 0;
}

/* Process id of the ancestor that is next; 0 when there is none, or it is gone or not what it was. */
__noinline __u32 engine_kin_next(__u32 index)
{
	struct scratch *piece = scratch_get(index);
	struct abi_process_entry *entry;
	__u32 process;

	if (!piece)
		return 0;
	process = piece->kin.next;
	if (!process)
		return 0;
	entry = bpf_map_lookup_elem(&processes, &process);
	return entry && entry->start_time == piece->kin.start ? process : 0;
}

/* Adds the rows in `reg`, which are those of the ancestor, and what it knows of those before it.  0 when nobody is left. */
__noinline int engine_kin_add(__u32 index, __u32 process, __u32 number, __u32 reg)
{
	struct scratch *piece = scratch_get(index);
	struct kin_rows kept;
	struct abi_process_entry *entry;
	struct kin_walk *kin;
	__u64 at, rows, unknown;

	if (!piece)
		return 0;
	number &= ABI_BINARY_TABLES_MAX - 1;
	kin = &piece->kin;
	at = match_register(reg);
	kin->next = 0;
	entry = bpf_map_lookup_elem(&processes, &process);
	if (!entry || process_start_now(entry) != kin->start)	/* what is in the register may be another program's */
		return 0;
	rows = piece->match.rows[at & (ABI_REGISTERS_MAX - 1)];
	unknown = !!piece->match.unknown[at & (ABI_REGISTERS_MAX - 1)];
	kin->found.rows |= rows;
	kin->found.unknown |= unknown;
	if (!kin->level) {
		kin->found.parent_rows = rows;
		kin->found.parent_unknown = unknown;
	}
	kin->level++;
	if (!kin_recall(piece, entry, process, kin->start, number, &kept)) {
		kin_follow(kin, entry, kin->start);
		return !!kin->next;
	}
	kin->found.rows |= kept.rows;
	kin->found.unknown |= kept.unknown;
	kin->complete = 1;
	return 0;
}

static __always_inline void kin_set_unknown(__u32 *word, __u32 number, __u32 unknown)
{
	*(volatile __u32 *)word = (*(volatile __u32 *)word & ~(1u << number)) | (unknown & 1) << number;
}

/* Keeps what was found of the kin of a process that started then. */
static __always_inline void kin_keep(struct scratch *piece, struct abi_process_entry *entry, __u32 process, __u64 start, __u32 number,
				     const struct kin_rows *found)
{
	__u64 key = ABI_PROCESS_KEY(piece->generation, process, start);

	*(volatile __u64 *)&entry->parent_rows[number] = found->parent_rows;
	*(volatile __u64 *)&entry->lineage_rows[number] = found->rows;
	kin_set_unknown(&entry->parent_unknown, number, found->parent_unknown);
	kin_set_unknown(&entry->lineage_unknown, number, found->unknown);
	*(volatile __u64 *)&entry->kin_checks[number] = ABI_PROCESS_CHECK_KIN(key, found->parent_rows, found->rows,
		(found->parent_unknown & 1) | (__u64)(found->unknown & 1) << 1);
}

/* Keeps what the walk from `process` has found. */
__noinline int engine_kin_end(__u32 index, __u32 process, __u32 number)
{
	struct scratch *piece = scratch_get(index);
	struct abi_process_entry *entry;

	if (!piece)
		return 0;
	piece->kin.found.unknown |= !piece->kin.complete;
	entry = bpf_map_lookup_elem(&processes, &process);
	if (entry && piece->kin.process_start)
		kin_keep(piece, entry, process, piece->kin.process_start, number & (ABI_BINARY_TABLES_MAX - 1), &piece->kin.found);
	return 0;
}

/* Finds the rows of the ancestors of a process, in kin.found.  The register is used on the way. */
__noinline int engine_kin_find(__u32 index, __u32 process, __u32 number, __u32 reg)
{
	__u32 ancestor;
	int i;

	engine_kin_begin(index, process);
	for (i = 0; i < ABI_LINEAGE_MAX; i++) {
		ancestor = engine_kin_next(index);
		if (!ancestor)
			break;
		engine_binary(index, ancestor, number, reg);
		if (!engine_kin_add(index, ancestor, number, reg))
			break;
	}
	engine_kin_end(index, process, number);
	return 0;
}

/* Whether the rows of the process's ancestors were kept, for this image; then they are in kin.found. */
__noinline int engine_kin_known(__u32 index, __u32 process, __u32 number)
{
	struct scratch *piece = scratch_get(index);
	struct abi_process_entry *entry = bpf_map_lookup_elem(&processes, &process);

	if (!piece || !entry)
		return 0;
	return kin_recall(piece, entry, process, process_start_now(entry), number & (ABI_BINARY_TABLES_MAX - 1),
			  &piece->kin.found);
}

/* The rows of the parent or of all ancestors that were found, by `who`, to those that are in the register, if they count. */
__noinline int engine_kin_take(__u32 index, __u32 who, __u32 reg)
{
	struct scratch *piece = scratch_get(index);
	struct abi_process_entry *entry;
	__u64 at, rows = 0, unknown = 0;
	__u32 process;

	if (!piece)
		return 0;
	at = match_register(reg);
	if (who == ABI_WHO_LINEAGE) {
		rows = piece->match.rows[at & (ABI_REGISTERS_MAX - 1)];
		unknown = piece->match.unknown[at & (ABI_REGISTERS_MAX - 1)];
	}
	process = piece->identity >> 32;
	entry = bpf_map_lookup_elem(&processes, &process);
	if (!entry) {
		unknown = ~0ULL;
	} else if (who == ABI_WHO_PARENT) {
		rows = piece->kin.found.parent_rows;
		unknown = -(__u64)(piece->kin.found.parent_unknown & 1);
	} else {
		rows |= piece->kin.found.rows;
		unknown |= -(__u64)(piece->kin.found.unknown & 1);
		if (who == ABI_WHO_PARENT_LINEAGE && !entry->parent_pid)
			unknown = ~0ULL;
	}
	match_set_rows(&piece->match, reg, rows, unknown & ~rows);
	return 0;
}

static __always_inline void engine_kin(__u32 index, __u32 process, __u32 number, __u32 who, __u32 reg)
{
	if (!engine_kin_known(index, process, number))
		engine_kin_find(index, process, number, reg);
	if (who == ABI_WHO_LINEAGE)
		engine_binary(index, process, number, reg);
	engine_kin_take(index, who, reg);
}

MATCH_INLINE void match_find_binary(struct match_state *state, __u32 table, __u32 who, __u32 reg)
{
	struct scratch *piece = scratch_of(state);
	__u32 index = piece->index, process = piece->identity >> 32;

	if (who == ABI_WHO_PROCESS)
		engine_binary(index, process, table, reg);
	else
		engine_kin(index, process, table, who, reg);
}

/* The rows of one process id, added to those in the register. */
__noinline int engine_lineage_add(__u32 index, __u32 table, __u32 process, __u32 reg)
{
	struct scratch *piece = scratch_get(index);
	__u64 at = match_register(reg), rows;

	if (!piece)
		return 0;
	rows = engine_intervals(piece->match.image.half, table, process);
	piece->match.rows[at & (ABI_REGISTERS_MAX - 1)] |= rows;
	return 0;
}

/* Process id of an ancestor, as it is numbered by all or by its own namespace; 0 when there are no more. */
__noinline __u32 engine_ancestor(__u32 index, __u32 in_namespace, __u32 n)
{
	struct scratch *piece = scratch_get(index);
	struct abi_process_entry *entry;
	__u32 process, count;

	if (!piece)
		return 0;
	process = piece->identity >> 32;
	entry = bpf_map_lookup_elem(&processes, &process);
	if (!entry)
		return 0;
	count = in_namespace ? entry->namespace_ancestor_count : entry->ancestor_count;
	if (n >= ABI_LINEAGE_KEPT(count))
		return 0;
	n = ABI_LINEAGE_AT(count, n);
	return in_namespace ? entry->namespace_ancestors[n] : entry->ancestors[n];
}

/* Sets the register for the process itself, and for ancestors that are not known. */
__noinline int engine_lineage_begin(__u32 index, __u32 table, __u32 in_namespace, __u32 reg)
{
	struct scratch *piece = scratch_get(index);
	struct abi_process_entry *entry;
	__u32 process, cut = in_namespace ? ABI_PROCESS_NAMESPACE_LINEAGE_CUT : ABI_PROCESS_LINEAGE_CUT;
	__u64 unknown = 0;

	if (!piece)
		return 0;
	process = piece->identity >> 32;
	entry = bpf_map_lookup_elem(&processes, &process);
	if (!entry || entry->flags & cut)
		unknown = ~0ULL;
	if (in_namespace)
		process = task_namespace_pid(bpf_get_current_task());
	if (!process)
		unknown = ~0ULL;
	match_set_rows(&piece->match, reg, 0, unknown);
	if (process)
		engine_lineage_add(index, table, process, reg);
	return 0;
}

__noinline int engine_lineage(__u32 index, __u32 table, __u32 in_namespace, __u32 reg)
{
	struct scratch *piece = scratch_get(index);
	__u64 at = match_register(reg);
	__u32 process, n;

	if (!piece)
		return 0;
	engine_lineage_begin(index, table, in_namespace, reg);
	for (n = 0; n < ABI_LINEAGE_MAX; n++) {
		process = engine_ancestor(index, in_namespace, n);
		if (!process)
			break;
		engine_lineage_add(index, table, process, reg);
	}
	piece->match.unknown[at & (ABI_REGISTERS_MAX - 1)] &= ~piece->match.rows[at & (ABI_REGISTERS_MAX - 1)];
	return 0;
}

MATCH_INLINE void match_find_lineage(struct match_state *state, __u32 table, __u32 in_namespace, __u32 reg)
{
	engine_lineage(scratch_of(state)->index, table, in_namespace, reg);
}

#endif
