/* SPDX-License-Identifier: Apache-2.0 */
/*
 * emit.h - merged hooks to image bytes; what the parts of it share.
 *
 * The image grows in one buffer, so that every offset is final when it is written: first what programs read (tables, accepts,
 * programs, hooks, policies), then metadata and objects.
 *
 *   link.c           the sections in their order
 *   emit_tables.c    TABLES: look-ups, chains, expressions
 *   emit_accepts.c   ACCEPTS
 *   emit_steps.c     a predicate to records
 *   emit_program.c   PROGRAMS: selectors, policies and groups of them
 *   emit_metadata.c  METADATA
 *   too_large.c      what takes the space when programs cannot read it all
 */
#ifndef COMPILER_LINK_EMIT_H
#define COMPILER_LINK_EMIT_H

#include "bpf-templates/abi.h"
#include "compiler/base/buffer.h"
#include "compiler/image/format.h"
#include "compiler/link/merge.h"

/* A struct abi_assignment at `at`, by number in the action's registers; SIZE_MAX: where the call goes on. */
struct emit_assignment {
	uint32_t at;
	size_t number;
	const struct merged_hook *hook;
	const struct merged_entry *entry;
	const struct ir_selector *selector;
	const struct ir_action *action;
};

struct emit {
	struct merged *merged;
	struct arena *arena;
	struct buffer image;
	struct abi_image header;
	uint32_t (*tables)[ABI_REGISTERS_MAX];	/* by hook, by register: offset; BINARY: number of the table */
	uint32_t *hook_programs, *hook_records;	/* by hook: offset and count */
	uint32_t *hook_accepts;			/* by hook: offset of its first accept */
	uint32_t *policy_names;			/* by policy: offset, for abi_policy */
	uint32_t *policy_objects;		/* by policy: offset */
	struct buffer steps;			/* struct meta_step[], while programs are written */
	struct emit_assignment *assignments;	/* while accepts are written */
	size_t assignment_count, assignment_room;
};

/* An image of which nothing is written yet; to be released. */
void emit_init(struct emit *emit, struct merged *merged);
void emit_release(struct emit *emit);

/* What programs read, by the three below: 0 or -E2BIG with merged->failure, as each of them. */
int emit_program_sections(struct emit *emit);
int emit_tables(struct emit *emit);
int emit_accepts(struct emit *emit);
int emit_programs(struct emit *emit);

/* The table that a predicate has when it is alone in one; 0 when it needs none.  What cannot be built is larger than what fits. */
size_t emit_table_size(struct arena *arena, const struct ir_predicate *predicate);

/* -E2BIG, with the places of what takes most of the space. */
int emit_too_large(struct emit *emit);

/* Where the accept of a selector is: number `n` of all selectors of the hook's entries, in order. */
uint32_t emit_accept_at(const struct emit *emit, size_t hook, size_t n);

/* Objects must have been written. */
void emit_metadata(struct emit *emit);

void emit_begin_section(struct emit *emit, enum abi_section_id section);
void emit_end_section(struct emit *emit, enum abi_section_id section);

/* ---- Programs under construction ---- */

/* A place in a program that is not known yet, by number. */
typedef uint32_t label;
struct program {
	struct emit *emit;
	size_t hook;			/* number of the hook */
	struct abi_record *records;	/* their targets are labels until the program is finished */
	uint32_t count;
	size_t record_room;
	uint32_t *labels;		/* records; UINT32_MAX until placed */
	uint32_t label_count;
	size_t label_room;
	struct program_targets *targets;	/* of each record */
	size_t target_room;
};
struct program_targets { label yes, no, unknown; };

label program_label(struct program *program);
void program_place(struct program *program, label label);	/* at the next record */
void program_add(struct program *program, uint8_t op, uint8_t slot, uint64_t operand, struct program_targets targets);

/* The records of a step: to `pass` when it holds, else, or when that is not known, to `fail`. */
void emit_step(struct program *program, const struct merged_step *step, label pass, label fail);

/* To `in` when some row of the look-up from `first` to `last` may be set, to `out` when none is. */
void emit_range(struct program *program, const struct merged_lookup *lookup, uint32_t first, uint32_t last, label in,
		label out);

#endif
