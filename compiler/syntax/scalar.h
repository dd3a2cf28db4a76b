/* SPDX-License-Identifier: Apache-2.0 */
/*
 * scalar.h - what YAML takes a scalar for.
 *
 * The rules are those of Tetragon's reader (YAML 1.1 in the main): plain yes, no, on and off are true and
 * false, 010 is octal, dates and 1:30 are text.
 */
#ifndef COMPILER_SYNTAX_SCALAR_H
#define COMPILER_SYNTAX_SCALAR_H

#include "compiler/base/number.h"
#include "compiler/syntax/tree.h"

enum scalar_kind { SCALAR_TEXT, SCALAR_NULL, SCALAR_BOOLEAN, SCALAR_INTEGER, SCALAR_FLOAT, SCALAR_UNKNOWN_TAG };

struct scalar {
	enum scalar_kind kind;
	bool truth;		/* BOOLEAN */
	bool old_word;		/* BOOLEAN: not written true or false */
	struct number number;	/* INTEGER, and FLOAT without a fraction */
	bool fraction;		/* FLOAT: it has one, or is too large to tell */
};

struct scalar scalar_read(const struct node *node);

#endif
