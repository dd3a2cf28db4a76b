/* SPDX-License-Identifier: Apache-2.0 */
/*
 * parts.h - what the parts of inspect.h share.  Private to compiler/inspect.
 *
 *   inspect.c     which of the two it is; reading
 *   policy.c      a policy as its object has it
 *   image.c       an image: policies, hooks, relocations, scopes
 *   value.c       what the values of a hook are called
 *   spell.c       numbers, intervals, patterns and networks
 *   record.c      decision programs
 *   expression.c  arithmetic
 *   accept.c      what is done
 *   table.c       tables: their members, and what their rows stand for
 *   automaton.c   the patterns that an automaton finds
 *   cost.c        what an event takes
 *   map.c         ranges of bytes, in order; map_tables.c, map_metadata.c, map_object.c: of these
 *   text.c        data for people
 */
#ifndef COMPILER_INSPECT_PARTS_H
#define COMPILER_INSPECT_PARTS_H

#include "compiler/image/image.h"
#include "compiler/inspect/inspect.h"
#include "compiler/selector/ir.h"

struct inspect_policy {
	struct ir_policy ir;
	const char *damage;		/* why its object could not be read; NULL: it was */
};

/* Of one hook, what metadata says of its values; by slot. */
struct inspect_values {
	int type[ABI_SLOTS_MAX];	/* enum type_id of the first policy that reports it; -1: none does */
	const char *path[ABI_SLOTS_MAX];	/* where inside of its source; NULL: it is the source itself */
};

/* What a row of a table stands for: the beginning of its members, and how many there are. */
enum { ROW_SHOWN = 4 };
struct inspect_row { const char *shown[ROW_SHOWN]; uint32_t count; };
struct inspect_rows { struct inspect_row rows[ABI_ROWS_MAX]; };

struct inspection {
	enum inspect_kind kind;
	const uint8_t *bytes;
	size_t size;
	const char *name;
	struct arena *arena;
	struct ir_policy policy;	/* of an object */
	/* Of an image: */
	struct image_view view;
	struct inspect_policy *policies;	/* by number */
	struct inspect_values *values[ABI_HOOKS_MAX];	/* by id */
	struct inspect_rows **rows;	/* by offset / 8; made when they are asked for */
	uint8_t *seen;			/* by offset / 8 of what programs read: what was told of already */
};

/* Moves the buffer's text into the arena. */
const char *inspect_keep(struct inspection *inspection, struct buffer *text);

/* "policy.yaml:12:9"; NULL when the place is not known. */
const char *inspect_place(struct inspection *inspection, const struct ir_policy *policy, struct ir_place at);

/* Adds text under the key unless it is NULL. */
void inspect_add(struct inspection *inspection, struct data *into, const char *key, const char *text);

/* A record under `list` with its text (printf). */
struct data *inspect_entry(struct inspection *inspection, struct data *list, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* False the second time for one offset (a multiple of 8) of what programs read. */
bool inspect_first_time(struct inspection *inspection, uint32_t offset);
void inspect_forget_seen(struct inspection *inspection);

/* ---- Policies ---- */
void inspect_add_policy(struct inspection *inspection, struct data *into, const struct ir_policy *policy);

/* ---- Images ---- */
void inspect_add_image(struct inspection *inspection, struct data *into);
void inspect_add_records(struct inspection *inspection, const struct image_hook *hook, struct data *into);
void inspect_add_accepts(struct inspection *inspection, const struct image_hook *hook, struct data *into);
void inspect_add_tables(struct inspection *inspection, const struct image_hook *hook, struct data *into);
void inspect_add_binary_tables(struct inspection *inspection, struct data *into);

/* The filter that a step came from; false when the policy's object has no such filter. */
struct inspect_filter { const struct ir_policy *policy; const struct ir_hook *hook; const struct ir_predicate *predicate; };
bool inspect_filter_of(struct inspection *inspection, const struct image_step *step, struct inspect_filter *ret);
const char *inspect_step_place(struct inspection *inspection, const struct image_step *step);

/* "argument 1 (file)"; a slot that the hook has. */
const char *inspect_value(struct inspection *inspection, const struct image_hook *hook, uint32_t slot);
const char *inspect_who(uint8_t who);		/* enum abi_who: "the binary of the process" */
const char *inspect_load(uint8_t load);

/* Whether records of the op look up, and what kind of table it is. */
bool inspect_op_looks_up(uint8_t op);

/* What the rows of a table stand for; `table` as in the operand of the look-up. */
const struct inspect_rows *inspect_rows_of(struct inspection *inspection, uint8_t op, uint32_t table);

/* "(argument 0 + 5) < 10", with the names of the hook's values. */
const char *inspect_expression(struct inspection *inspection, const struct image_hook *hook, uint32_t offset);

/* ---- Spelling ---- */
void spell_number(uint64_t value, bool is_signed, struct buffer *ret);
/* Of keys: "5", "5 to 9", "at least 5". */
void spell_interval(uint64_t low, uint64_t high, bool is_signed, struct buffer *ret);
/* "begins with "/etc/"".  kind is enum abi_string_kind or enum abi_substring_kind. */
void spell_pattern(uint32_t kind, const void *bytes, size_t length, struct buffer *ret);
/* An address range, as a network if it is one.  Bytes in network order; family 4 or 6. */
void spell_addresses(uint8_t family, const uint8_t *low, const uint8_t *high, struct buffer *ret);
void spell_network(const struct ir_network *network, struct buffer *ret);
/* "row 3", "rows 0..5, 7". */
void spell_rows(uint64_t rows, struct buffer *ret);

/* ---- Members of tables ---- */
typedef void each_member(void *context, const char *text, uint64_t rows);
void inspect_each_member(struct inspection *inspection, uint8_t op, uint32_t table, each_member *each, void *context);
void inspect_each_substring(struct inspection *inspection, uint32_t table, each_member *each, void *context);

/* ---- Maps ---- */
struct inspect_range {
	uint32_t offset, size, number;	/* number: in the order of adding */
	const char *text, *place;	/* place: NULL where there is none */
};
struct inspect_ranges {
	struct inspection *inspection;
	struct inspect_range *items;
	size_t count, room;
};
void inspect_range(struct inspect_ranges *ranges, uint64_t offset, uint64_t size, const char *place, const char *format, ...)
	__attribute__((format(printf, 5, 6)));
void inspect_map_object(struct inspect_ranges *ranges, uint32_t offset, const struct ir_policy *policy);
void inspect_map_tables(struct inspect_ranges *ranges);
void inspect_map_metadata(struct inspect_ranges *ranges);

/* The ranges of one table. */
void inspect_map_table(struct inspect_ranges *ranges, uint8_t op, uint32_t table, const char *of);

#endif
