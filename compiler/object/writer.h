/* SPDX-License-Identifier: Apache-2.0 */
/* writer.h - what the files that write objects share; private to compiler/object. */
#ifndef COMPILER_OBJECT_WRITER_H
#define COMPILER_OBJECT_WRITER_H

#include "compiler/object/format.h"
#include "compiler/selector/ir.h"

/* A string that is already in STRINGS. */
struct interned { uint64_t hash; struct object_text text; };

struct writer {
	const struct ir_policy *policy;
	struct buffer sections[OBJECT_SECTION_COUNT];
	struct arena arena;
	struct interned *interned;	/* open addressing; hash 0 of a free one */
	size_t interned_count, interned_room;
	struct source_cursor *cursor;
	uint64_t text_bytes;		/* of all texts, as readers will hold them */
	const struct ir_condition **conditions;	/* in the order of their section; written last */
	size_t condition_count, condition_room;
	uint32_t node;			/* the next of the LABEL_SELECTORS of hooks, which are written before them */
	bool is_too_large;		/* something has more of something than an object may have */
};

/* Records of a section so far. */
uint32_t writer_count(const struct writer *writer, enum object_section_id section, size_t size);
#define COUNT(writer, SECTION, type) writer_count((writer), OBJECT_##SECTION, sizeof(type))
#define ADD(writer, SECTION, record) \
	buffer_add(&(writer)->sections[OBJECT_##SECTION], &(record), sizeof(record))

struct object_place write_place(struct writer *writer, const struct ir_place *place);

/* Each string is kept once. */
struct object_text write_bytes(struct writer *writer, const char *bytes, size_t length);
struct object_text write_text(struct writer *writer, const struct text *text);
struct object_range write_texts(struct writer *writer, enum object_section_id section, const struct text_list *texts);

/* ---- Parts of a policy ---- */
struct object_range write_predicates(struct writer *writer, const struct ir_predicate_list *predicates);
void write_queued_conditions(struct writer *writer);	/* of all predicates, once those are written */
void write_workloads(struct writer *writer, const struct policy_workloads *workloads);
void write_label_selector(struct writer *writer, const struct policy_label_selector *selector);
void write_hook(struct writer *writer, const struct ir_hook *hook);
void write_list_names(struct writer *writer, const struct ir_names *names);

#endif
