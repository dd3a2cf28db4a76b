/* SPDX-License-Identifier: Apache-2.0 */
/* evaluate_parts.h - what the files of the judge share with each other only. */
#ifndef TESTS_REFERENCE_EVALUATE_PARTS_H
#define TESTS_REFERENCE_EVALUATE_PARTS_H

#include "tests/reference/evaluate.h"

typedef __int128 number;	/* as mathematics has them: no width, no sign bit */

/* ---- evaluate_value.c ---- */

/* Of integers and capability sets; `raw` is what was read, of which the type has its low bits. */
bool number_is(const struct model_filter *filter, int type, uint64_t raw, struct model_text text);
enum model_answer file_type_is(const struct model_value *value, struct model_text text);
/* A part of a socket against a number, a range or, of `names`, a name; names may be NULL. */
enum model_answer part_is(const struct model_value *value, enum model_part part, struct model_text text,
			  const struct model_name *names);
uint64_t capability_bit(struct model_text name);	/* 0: there is no such capability */

/* ---- evaluate_process.c ---- */

/* Every kind of filter but those on arguments, data and the return. */
enum model_answer evaluate_process(const struct model_filter *filter, const struct model_process *process);

#endif
