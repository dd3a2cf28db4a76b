/* SPDX-License-Identifier: Apache-2.0 */
/* reader.h - what the files that read verified objects share; private to compiler/object. */
#ifndef COMPILER_OBJECT_READER_H
#define COMPILER_OBJECT_READER_H

#include "compiler/object/format.h"
#include "compiler/selector/ir.h"

struct reader {
	const uint8_t *bytes;
	struct object_header header;
	struct arena *arena;
	/* All of their sections, which predicates point into. */
	struct ir_predicate *asked;
	struct ir_condition *conditions;
	struct policy_workloads *workloads;
};

/* Record n of a section, of `size` bytes. */
void reader_get(const struct reader *reader, enum object_section_id section, size_t size, uint32_t n, void *ret);
#define GET(reader, SECTION, n, ret) reader_get((reader), OBJECT_##SECTION, sizeof(*(ret)), (n), (ret))

struct ir_place read_place(struct object_place at);
struct text read_text(const struct reader *reader, struct object_text text);
struct text_list read_texts(const struct reader *reader, enum object_section_id section, struct object_range range);

/* ---- Parts of a policy ---- */
void read_shared(struct reader *reader);	/* first: the sections above */
struct ir_predicate_list read_predicates(const struct reader *reader, struct object_range range);
struct policy_label_selector *read_label_selector(const struct reader *reader, uint32_t n);
void read_names(const struct reader *reader, uint32_t n, struct ir_names *ret);
void read_hook(const struct reader *reader, uint32_t n, struct ir_hook *ret);

#endif
