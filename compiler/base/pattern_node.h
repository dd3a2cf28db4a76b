/* SPDX-License-Identifier: Apache-2.0 */
/* pattern_node.h - what the files of patterns share: sets of characters, and the tree between syntax and states. */
#ifndef COMPILER_BASE_PATTERN_NODE_H
#define COMPILER_BASE_PATTERN_NODE_H

#include "compiler/base/pattern.h"

/* ---- pattern_set.c ---- */

/* ASCII characters, a bit each.  What else is in a set no name has. */
struct pattern_set { uint64_t bits[2]; };

enum pattern_case { CASE_AS_WRITTEN, CASE_ANY };

/* Adds the characters from `low` to `high`, and with CASE_ANY those that differ from one of them only in case. */
void pattern_set_add(struct pattern_set *set, unsigned low, unsigned high, enum pattern_case which);
void pattern_set_join(struct pattern_set *set, struct pattern_set other);
struct pattern_set pattern_set_invert(struct pattern_set set);
bool pattern_set_has(const struct pattern_set *set, unsigned char c);

/* "alpha" of [[:alpha:]], and 'd' of \d, lower case; "Lu", "L" and "Greek" of \p.  False when there is none. */
bool pattern_set_named(const char *name, size_t length, enum pattern_case which, struct pattern_set *ret);
bool pattern_set_escape(char letter, enum pattern_case which, struct pattern_set *ret);
bool pattern_set_unicode(const char *name, size_t length, enum pattern_case which, struct pattern_set *ret);

/* ---- The tree ---- */

enum pattern_node_kind { NODE_NOTHING, NODE_SET, NODE_ASSERTION, NODE_SEQUENCE, NODE_EITHER, NODE_REPEAT };
enum pattern_assertion { AT_TEXT_START, AT_TEXT_END, AT_LINE_START, AT_LINE_END, AT_WORD_BOUNDARY, AT_NO_WORD_BOUNDARY };
#define PATTERN_ENDLESS	UINT32_MAX

struct pattern_node {
	enum pattern_node_kind kind;
	union {
		struct pattern_set set;
		enum pattern_assertion assertion;
		struct { const struct pattern_node *first, *second; };	/* SEQUENCE, EITHER */
		struct { const struct pattern_node *repeated; uint32_t least, most; };
	};
};

/* ---- pattern_states.c ---- */

/* False when it takes more states than LIMIT_PATTERN_STATES. */
bool pattern_states(const struct pattern_node *node, struct arena *arena, struct pattern *ret);

#endif
