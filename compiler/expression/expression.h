/* SPDX-License-Identifier: Apache-2.0 */
/*
 * expression.h - the values of CelExpr: text to a typed tree.
 *
 * The whole grammar of the Common Expression Language (github.com/google/cel-spec, langdef.md) is read, so that what
 * is CEL but not available in a kernel gets an answer of its own.  Available are integers, strings and truth: comparison,
 * + and -, && || !, `in` with a list, startsWith() endsWith() contains(), the casts int32() and uint32(), and and() or()
 * xor() not() on bits.  Both sides of an operator have the same type; nothing converts by itself.
 *
 * The order is parse, check, fold, measure; each needs the ones before it.
 */
#ifndef COMPILER_EXPRESSION_EXPRESSION_H
#define COMPILER_EXPRESSION_EXPRESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "compiler/base/arena.h"
#include "schema/schema.h"

enum expression_type {
	EXPRESSION_UNTYPED,	/* before expression_check; as an argument's type: it cannot be used */
	EXPRESSION_BOOL, EXPRESSION_INT32, EXPRESSION_UINT32, EXPRESSION_INT, EXPRESSION_UINT, EXPRESSION_STRING,
};
const char *expression_type_name(enum expression_type type);	/* as CEL writes it: "int32" */

enum expression_kind {
	EXPRESSION_NUMBER,	/* number, as two's complement, extended to 64 bits as its type has a sign or not */
	EXPRESSION_TRUTH,	/* number is 0 or 1 */
	EXPRESSION_TEXT,	/* text, length: a string, its escapes resolved; may hold zeros */
	EXPRESSION_NAME,	/* text; after the check an argument, number is its position */
	EXPRESSION_CALL,	/* text is the function: "int32", "and", or the sign of an operator: "&&", "-", "in" */
	EXPRESSION_LIST,	/* operands; only as the right operand of "in".  Its type is that of the members */
	EXPRESSION_OTHER,	/* CEL, but not available; text says what it is: "a map" */
};

struct expression {
	enum expression_kind kind;
	enum expression_type type;
	uint64_t number;
	const char *text;
	size_t length;			/* of TEXT */
	bool is_method;			/* CALL: the first operand stands before the dot */
	struct expression **operands;
	unsigned count;			/* of operands: at most 2, but of lists */
	uint32_t start, end;		/* bytes of the source */
};

struct expression_problem {
	enum expression_fault {
		EXPRESSION_SYNTAX,	/* no CEL */
		EXPRESSION_UNAVAILABLE,	/* CEL, but of no use in a kernel */
		EXPRESSION_MISTYPED,
		EXPRESSION_ARGUMENT,	/* an argument that is not there or cannot be used */
		EXPRESSION_LENGTH,	/* a string that is longer than what is compared with it */
		EXPRESSION_LARGE,	/* more than a comparison, or the whole, may have */
	} fault;
	uint32_t start, end;
	const char *message, *help;	/* in the arena; help may be NULL */
};

/* The tree, in the arena; NULL with *problem filled in.  At most LIMIT_EXPRESSION_NODES parts. */
struct expression *expression_parse(const char *text, size_t length, struct arena *arena,
				    struct expression_problem *problem);

/*
 * Gives every part its type.  argN is the value at position N, an argument of type arguments[N].  The whole must be
 * a bool.  False with *problem filled in.
 */
bool expression_check(struct expression *expression, const enum type_id *arguments, size_t count, struct arena *arena,
		      struct expression_problem *problem);

/* What an argument of the type is in an expression, widened; EXPRESSION_UNTYPED when expressions cannot use it. */
enum expression_type expression_type_of(enum type_id type);

/*
 * What expressions have here and not with Tetragon: the first such part in the order of reading, NULL when there is none.
 * Of a checked, unfolded tree.  *says: what Tetragon lacks; *instead: what to write for it.
 */
const struct expression *expression_extension(const struct expression *expression, const enum type_id *arguments,
					      const char **says, const char **instead);

/* Puts its value in the place of every call whose operands are literals.  What it names is not changed by that. */
void expression_fold(struct expression *expression);

/*
 * Whether lowering may take it: no comparison has more than LIMIT_EXPRESSION_WORDS parts or needs more than
 * LIMIT_EXPRESSION_STACK numbers at a time, and the whole, == of truths written out with && and ||, has no more than
 * LIMIT_EXPRESSION_NODES.  False with *problem filled in.
 */
bool expression_measure(const struct expression *expression, struct arena *arena, struct expression_problem *problem);

/* Positions of the arguments that a checked expression names, as bits. */
uint64_t expression_arguments(const struct expression *expression);

/* The number in the width of the type, then extended to 64 bits. */
uint64_t expression_wrap(uint64_t number, enum expression_type type);
bool expression_type_is_signed(enum expression_type type);

static inline bool expression_is_literal(const struct expression *part)
{
	return part->kind == EXPRESSION_NUMBER || part->kind == EXPRESSION_TRUTH || part->kind == EXPRESSION_TEXT;
}

#endif
