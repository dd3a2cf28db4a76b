/* SPDX-License-Identifier: Apache-2.0 */
/* value.h - scalars of the tree to typed values, with the complaint when one is not.  Private to compiler/policy. */
#ifndef COMPILER_POLICY_VALUE_H
#define COMPILER_POLICY_VALUE_H

#include "compiler/policy/policy.h"
#include "compiler/syntax/tree.h"

/* What decoding needs everywhere. */
struct decoder {
	const struct tree *tree;
	struct arena *arena;
	struct diagnostics *diagnostics;
	const char *section;	/* key of the hook section that is being decoded, or NULL */
	bool in_later;		/* inside a value that is known not to be run: said once */
};

/* No value, ~ or null. */
bool value_is_null(const struct node *node);

/* The value is wanted as `field` of some mapping.  False when it was refused, which is then recorded. */
bool value_is_shape(struct decoder *decoder, const struct field_row *field, const struct node *node,
		    enum node_kind kind);
bool value_text(struct decoder *decoder, const struct field_row *field, const struct node *node, struct text *ret);
/* A text that is a key of the user's: readers make a string of a whole number there. */
bool value_key(struct decoder *decoder, const struct field_row *field, const struct node *node, struct text *ret);
bool value_boolean(struct decoder *decoder, const struct field_row *field, const struct node *node, bool *ret);
bool value_number(struct decoder *decoder, const struct field_row *field, const struct node *node, uint64_t *ret);

/* The id of a word of a table: types, operators of the field's filter, actions. */
bool value_word(struct decoder *decoder, const struct field_row *field, const struct node *node, int *ret);

struct text text_of(struct decoder *decoder, const struct node *node);

#endif
