// SPDX-License-Identifier: Apache-2.0
/* extension.c - what Tetragon's expressions do not have; see expression.h. */
#include "compiler/expression/expression.h"

#include <string.h>

enum extension { EXTENSION_NONE, EXTENSION_STRINGS, EXTENSION_IN, EXTENSION_MINUS, EXTENSION_TYPE };

static const struct { const char *says, *instead; } extensions[] = {
	[EXTENSION_STRINGS] = { "strings",
		"write a filter of matchArgs with Equal, Prefix, Postfix or SubString instead" },
	[EXTENSION_IN] = { "'in'",
		"write x == a || x == b, or a filter of matchArgs with Equal or InMap instead" },
	[EXTENSION_MINUS] = { "'-' in front of what is no number", "write 0 - x instead" },
	[EXTENSION_TYPE] = { "arguments of this type",
		"write a filter of matchArgs with Equal, GT, LT, InRange or Mask instead" },
};

/* Those of pkg/celbpf. */
static bool is_known_type(enum type_id type)
{
	return type == TYPE_INT || type == TYPE_INT32 || type == TYPE_UINT32 || type == TYPE_INT64 || type == TYPE_UINT64;
}

/* Of the part alone; what a call does is shown at what it stands between. */
static enum extension extension_of(const struct expression *part, const enum type_id *arguments)
{
	if (part->kind == EXPRESSION_TEXT || (part->kind == EXPRESSION_NAME && part->type == EXPRESSION_STRING))
		return EXTENSION_STRINGS;
	if (part->kind == EXPRESSION_NAME && !is_known_type(arguments[part->number]))
		return EXTENSION_TYPE;
	if (part->kind != EXPRESSION_CALL)
		return EXTENSION_NONE;
	if (!strcmp(part->text, "in") && part->operands[0]->type != EXPRESSION_STRING)
		return EXTENSION_IN;
	return !strcmp(part->text, "-") && part->count == 1 ? EXTENSION_MINUS : EXTENSION_NONE;
}

const struct expression *expression_extension(const struct expression *part, const enum type_id *arguments,
					      const char **says, const char **instead)
{
	enum extension extension = extension_of(part, arguments);
	const struct expression *found = NULL;

	if (extension) {
		*says = extensions[extension].says;
		*instead = extensions[extension].instead;
		return part;
	}
	for (unsigned i = 0; i < part->count && !found; i++)
		found = expression_extension(part->operands[i], arguments, says, instead);
	return found;
}
