/* SPDX-License-Identifier: Apache-2.0 */
/*
 * expression.h - the values of CelExpr: text to a typed tree.
 *
 * The whole grammar of the Common Expression Language (github.com/google/cel-spec, langdef.md) is read, so that what
 * is CEL but not available in a kernel gets an answer of its own.  Available are integers and truth: comparison,
 * + and -, && || !, the casts int32() and uint32(), and and() or() xor() not() on bits.  Both sides of an operator
 * have the same type; nothing converts by itself.
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
	EXPRESSION_BOOL, EXPRESSION_INT32, EXPRESSION_UINT32, EXPRESSION_INT, EXPRESSION_UINT,
};
const char *expression_type_name(enum expression_type type);	/* as CEL writes it: "int32" */

enum expression_kind {
	EXPRESSION_NUMBER,	/* number, as two's complement; type INT or UINT */
	EXPRESSION_TRUTH,	/* number is 0 or 1 */
	EXPRESSION_NAME,	/* text; after the check an argument, number is its position */
	EXPRESSION_CALL,	/* text is the function: "int32", "and", or the sign of an operator: "&&", "-" */
	EXPRESSION_OTHER,	/* CEL, but not available; text says what it is: "a string" */
};

enum { EXPRESSION_OPERANDS_MAX = 2 };

struct expression {
	enum expression_kind kind;
	enum expression_type type;
	uint64_t number;
	const char *text;
	struct expression *operands[EXPRESSION_OPERANDS_MAX];
	unsigned count;			/* of operands; calls with more are OTHER */
	uint32_t start, end;		/* bytes of the text */
};

struct expression_problem {
	enum expression_fault {
		EXPRESSION_SYNTAX,	/* no CEL */
		EXPRESSION_UNAVAILABLE,	/* CEL, but of no use in a kernel */
		EXPRESSION_MISTYPED,
		EXPRESSION_ARGUMENT,	/* an argument that is not there or cannot be used */
	} fault;
	uint32_t start, end;
	const char *message, *help;	/* in the arena; help may be NULL */
};

/* The tree, in the arena; NULL with *problem filled in.  At most LIMIT_EXPRESSION_NODES parts. */
struct expression *expression_parse(const char *text, size_t length, struct arena *arena,
				    struct expression_problem *problem);

/*
 * Gives every part its type.  argN is the value at position N, of type arguments[N]; names[N] says its type in the
 * words of the policy.  The whole must be a bool.  False with *problem filled in.
 */
bool expression_check(struct expression *expression, const enum expression_type *arguments,
		      const char *const *names, size_t count, struct arena *arena, struct expression_problem *problem);

/* What an argument of the type is in an expression; EXPRESSION_UNTYPED when expressions cannot use it. */
enum expression_type expression_type_of(enum type_id type);

#endif
