// SPDX-License-Identifier: Apache-2.0
/* schema.c - the rows of schema/ as tables, and look-ups in them; see schema.h. */
#include "schema/schema.h"

#include <string.h>

#define CONCATENATE_(a, b)	a##b
#define CONCATENATE(a, b)	CONCATENATE_(a, b)
#define ARRAY_SIZE(array)	(sizeof(array) / sizeof((array)[0]))

const struct type_row type_rows[TYPE_COUNT] = {
#define TYPE(id, name, wire, load, operand, bits, class, hooks, event, support, about) \
	[TYPE_##id] = { name, wire, LOAD_##load, OPERAND_##operand, bits, CLASS_##class, hooks, event, \
			SUPPORT_##support, about },
#define TYPE_ALIAS(name, id)
#include "schema/types.def"
#undef TYPE
#undef TYPE_ALIAS
};

const struct operator_row operator_rows[OPERATOR_COUNT] = {
#define OPERATOR(id, name, wire, negation, values, classes, filters, support, says, about) \
	[OPERATOR_##id] = { name, wire, negation, VALUES_##values, classes, filters, \
			    SUPPORT_##support, says, about },
#define OPERATOR_ALIAS(name, id)
#include "schema/operators.def"
#undef OPERATOR
#undef OPERATOR_ALIAS
};

const struct action_row action_rows[ACTION_COUNT] = {
#define ACTION(id, name, wire, event, enforces, hooks, support, says, about) \
	[ACTION_##id] = { name, wire, event, enforces, hooks, SUPPORT_##support, says, about },
#include "schema/actions.def"
#undef ACTION
};

const struct hook_row hook_rows[HOOK_COUNT] = {
#define HOOK(id, section, name, wire, event, support, says, about) \
	[HOOK_##id] = { section, name, wire, event, SUPPORT_##support, says, about },
#include "schema/hooks.def"
#undef HOOK
};

const struct spec_option_row spec_option_rows[SPEC_OPTION_COUNT] = {
#define OPTION(id, name, choices, standard, support, about) \
	[SPEC_OPTION_##id] = { name, choices, standard, SUPPORT_##support, about },
#include "schema/options.def"
#undef OPTION
};

const struct document_row document_rows[DOCUMENT_COUNT] = {
#define DOCUMENT(id, kind, root, group, plural, scope, support, about) \
	[DOCUMENT_##id] = { kind, GROUP_##root, group, plural, scope, SUPPORT_##support, about },
#include "schema/documents.def"
#undef DOCUMENT
};

const struct kind_row kind_rows[KIND_COUNT] = {
#define KIND(id, shape, json, minimum, maximum, words, filters, wants) \
	[KIND_##id] = { SHAPE_##shape, json, minimum, maximum, words, filters, wants },
#include "schema/kinds.def"
#undef KIND
};

const struct field_row field_rows[] = {
#define GROUP(id, holder, path, about)
#define FIELD(group, key, member, kind, child, flags, most, standard, support, about) \
	{ key, sizeof(key) - 1, GROUP_##group, GROUP_##child, KIND_##kind, flags, most, standard, \
	  SUPPORT_##support, about },
#include "schema/fields.def"
#undef GROUP
#undef FIELD
	{ .key = NULL, .group = GROUP_none }
};

/* Each FIELD takes the next number; a GROUP only names the number that comes next. */
enum {
#define GROUP(id, holder, path, about) FIRST_##id, BEFORE_##id = FIRST_##id - 1,
#define FIELD(...) CONCATENATE(ROW_NUMBER_, __COUNTER__),
#include "schema/fields.def"
#undef GROUP
#undef FIELD
};

const struct group_row group_rows[GROUP_COUNT] = {
	[GROUP_none] = { "none", "", "", ARRAY_SIZE(field_rows) - 1 },
#define GROUP(id, holder, path, about) [GROUP_##id] = { #id, path, about, FIRST_##id },
#define FIELD(...)
#include "schema/fields.def"
#undef GROUP
#undef FIELD
};

const struct diagnostic_row diagnostic_rows[DIAG_COUNT] = {
#define DIAG(number, id, severity, title, why) \
	[DIAG_##id] = { "TP" #number, #id, SEVERITY_##severity, title, why },
#include "schema/diagnostics.def"
#undef DIAG
};

/* Spellings: every name of the tables that have aliases. */
struct spelling {
	const char *name;
	int id;
};

static const struct spelling type_spellings[] = {
#define TYPE(id, name, ...) { name, TYPE_##id },
#define TYPE_ALIAS(name, id) { name, TYPE_##id },
#include "schema/types.def"
#undef TYPE
#undef TYPE_ALIAS
};

static const struct spelling operator_spellings[] = {
#define OPERATOR(id, name, ...) { name, OPERATOR_##id },
#define OPERATOR_ALIAS(name, id) { name, OPERATOR_##id },
#define OPERATOR_OF_RULES(...)
#include "schema/operators.def"
#undef OPERATOR
#undef OPERATOR_ALIAS
};

static bool same(const char *row, const char *name, size_t length)
{
	return length && row[0] == name[0] && strlen(row) == length && !memcmp(row, name, length);
}

static int spelling_find(const struct spelling *spellings, size_t count, const char *name, size_t length)
{
	for (size_t i = 0; i < count; i++)
		if (same(spellings[i].name, name, length))
			return spellings[i].id;
	return -1;
}

int type_find(const char *name, size_t length)
{
	return spelling_find(type_spellings, ARRAY_SIZE(type_spellings), name, length);
}

int operator_find(const char *name, size_t length)
{
	return spelling_find(operator_spellings, ARRAY_SIZE(operator_spellings), name, length);
}

const char *type_spelling(size_t n, int *id)
{
	if (n >= ARRAY_SIZE(type_spellings))
		return NULL;
	*id = type_spellings[n].id;
	return type_spellings[n].name;
}

const char *operator_spelling(size_t n, int *id)
{
	if (n >= ARRAY_SIZE(operator_spellings))
		return NULL;
	*id = operator_spellings[n].id;
	return operator_spellings[n].name;
}

/* Of a table whose rows begin with their name. */
#define ROWS(table) (table), ARRAY_SIZE(table), sizeof((table)[0])
static int name_find(const void *rows, size_t count, size_t stride, const char *name, size_t length)
{
	for (size_t i = 0; i < count; i++)
		if (same(*(const char *const *)((const char *)rows + i * stride), name, length))
			return (int)i;
	return -1;
}

int action_find(const char *name, size_t length)
{
	return name_find(ROWS(action_rows), name, length);
}

int spec_option_find(const char *name, size_t length)
{
	return name_find(ROWS(spec_option_rows), name, length);
}

int diagnostic_find(const char *code, size_t length)
{
	return name_find(ROWS(diagnostic_rows), code, length);
}

int field_find(enum field_group group, const char *key, size_t length)
{
	for (size_t i = group_rows[group].first; field_rows[i].group == group; i++)
		if (field_rows[i].key_length == length && !memcmp(field_rows[i].key, key, length))
			return (int)i;
	return -1;
}

static int wire_find(const void *rows, size_t count, size_t stride, size_t wire_at, int wire)
{
	for (size_t i = 0; i < count; i++)
		if (*(const int *)((const char *)rows + i * stride + wire_at) == wire)
			return (int)i;
	return -1;
}

int type_by_wire(int wire)
{
	return wire_find(ROWS(type_rows), offsetof(struct type_row, wire), wire);
}

int operator_by_wire(int wire)
{
	return wire_find(ROWS(operator_rows), offsetof(struct operator_row, wire), wire);
}

int action_by_wire(int wire)
{
	return wire_find(ROWS(action_rows), offsetof(struct action_row, wire), wire);
}

int hook_by_wire(int wire)
{
	return wire_find(ROWS(hook_rows), offsetof(struct hook_row, wire), wire);
}

bool operator_compares(enum operator_id op, enum type_id type)
{
	const enum type_class class = type_rows[type].class;

	return class != CLASS_NONE && operator_rows[op].classes >> class & 1;
}

size_t words_at(const char *words, size_t n, const char **ret)
{
	for (; n && words; n--) {
		words = strchr(words, '|');
		if (words)
			words++;
	}
	*ret = words;
	return words ? strcspn(words, "|") : 0;
}

int words_find(const char *words, const char *text, size_t length)
{
	const char *word;
	size_t size;

	for (int n = 0; (size = words_at(words, (size_t)n, &word)); n++)
		if (size == length && !memcmp(word, text, length))
			return n;
	return -1;
}
