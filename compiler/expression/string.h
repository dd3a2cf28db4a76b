/* SPDX-License-Identifier: Apache-2.0 */
/* string.h - string literals of CEL: what is between the quotes, as bytes.  Private to compiler/expression. */
#ifndef COMPILER_EXPRESSION_STRING_H
#define COMPILER_EXPRESSION_STRING_H

#include <stddef.h>
#include <stdint.h>

#include "compiler/base/arena.h"

struct string_problem {
	uint32_t start, end;		/* bytes of the literal */
	const char *message, *help;	/* help may be NULL */
};

/*
 * The bytes of a whole literal, its prefix r or R and its quotes included, which must be there; in the arena, *length of
 * them.  Characters that escapes name become UTF-8.  NULL with *problem filled in when an escape is none.
 */
const char *string_literal(const char *literal, size_t size, struct arena *arena, size_t *length,
			   struct string_problem *problem);

#endif
