/* SPDX-License-Identifier: Apache-2.0 */
/*
 * verify.h - what the files that verify objects share; private to compiler/object.
 *
 * A check of one record is asked about each record of its section, in the order of sections.  It takes the ranges that
 * the record owns: they must tile their sections.
 */
#ifndef COMPILER_OBJECT_VERIFY_H
#define COMPILER_OBJECT_VERIFY_H

#include <stddef.h>

#include "compiler/object/format.h"
#include "compiler/selector/ir.h"

struct object_verify {
	const uint8_t *bytes;
	size_t size;
	struct object_header header;	/* a copy: the bytes need not be aligned */
	uint32_t next[OBJECT_SECTION_COUNT];	/* first record that no range has taken yet */
	uint64_t text_bytes;		/* of the texts looked at so far */
	bool enforces, has_scope;	/* the policy says so */
	uint32_t level, level_end;	/* of conditions: how deep, and where the next level begins */
	char *message;
};

extern const size_t object_section_sizes[OBJECT_SECTION_COUNT];

void verify_get(const struct object_verify *verify, enum object_section_id section, uint32_t n, void *ret);
bool verify_take(struct object_verify *verify, enum object_section_id section, struct object_range range);

/* Whether the range is that of something that has none. */
static inline bool range_is_none(struct object_range range)
{
	return !range.first && !range.count;
}

/* ---- Texts: once per use, because this is where they are counted ---- */
bool text_is_valid(struct object_verify *verify, struct object_text text);
bool text_is_absent_or_valid(struct object_verify *verify, struct object_text text);
bool line_is_valid(struct object_verify *verify, struct object_text text);	/* without a NUL of its own */
bool line_is_absent_or_valid(struct object_verify *verify, struct object_text text);
bool name_is_valid(struct object_verify *verify, struct object_text text, uint32_t most);	/* of a pin */
static inline bool text_is_absent(struct object_text text)
{
	return text.offset == OBJECT_ABSENT && !text.length;
}
/* Of a text that is valid. */
const char *verify_text_bytes(const struct object_verify *verify, struct object_text text);

/* ---- Checks of record n of a section ---- */
typedef bool record_check(struct object_verify *verify, enum object_section_id section, uint32_t n);
record_check policy_is_valid, later_is_valid, hook_is_valid, names_is_valid, program_is_valid;	/* verify_hook.c */
record_check argument_is_valid, chain_is_valid, selector_is_valid, action_is_valid, details_is_valid;
record_check predicate_is_valid, condition_is_valid, word_is_valid, asked_is_valid;	/* verify_predicate.c */
record_check written_is_valid, interval_is_valid, pattern_row_is_valid, network_is_valid;
record_check workloads_is_valid, label_selector_is_valid, label_is_valid, label_expression_is_valid;

/* ---- What one record does not show, once all are valid (verify_fit.c) ---- */
bool verify_arguments_fit(const struct object_verify *verify, const struct object_hook *hook);
bool verify_selectors_fit(const struct object_verify *verify, const struct object_hook *hook);

#endif
