// SPDX-License-Identifier: Apache-2.0
/*
 * write_types.c - see write_types.h.
 *
 * Types that are compared alike have one definition, filter_of_TYPE: the operators that go with them, and numbers where
 * these compare numbers.  Another definition finds, for each index that functions have, which of them applies.
 */
#include "schema/write_types.h"

#include <stdbool.h>
#include <stdint.h>

#include "schema/schema.h"
#include "schema/write_field.h"

#define FILTER_OF	"filter_of_"
#define TYPED_FILTERS	"typed_filters"
#define REFERENCE	"#/$defs/"

/* ---- Types that are compared alike ---- */

static bool are_alike(enum type_id a, enum type_id b)
{
	return type_rows[a].class == type_rows[b].class && type_rows[a].operand == type_rows[b].operand;
}

/* The first of those like it, auto aside: what that is, only the kernel knows. */
static enum type_id first_alike(enum type_id type)
{
	enum type_id first = TYPE_AUTO + 1;

	while (!are_alike(first, type))
		first++;
	return first;
}

static bool is_first(enum type_id type)
{
	return type != TYPE_AUTO && first_alike(type) == type;
}

static bool is_number(enum type_id type)
{
	return type_rows[type].class == CLASS_SIGNED || type_rows[type].class == CLASS_UNSIGNED;
}

static const char *definition_name(char *ret, size_t size, const char *before, enum type_id type)
{
	snprintf(ret, size, "%s" FILTER_OF "%s", before, type_rows[type].name);
	return ret;
}

/* ---- A filter on one of them ---- */

static void write_operators(struct tree_writer *writer, enum type_id type, bool by_class)
{
	const char *name;
	int id;

	tree_key_begin(writer, "enum", TREE_ROW);
	for (size_t n = 0; (name = operator_spelling(n, &id)); n++)
		if ((operator_rows[id].filters & FILTER_ARGUMENTS) && (operator_rows[id].classes & 1u << type_rows[type].class) &&
		    (!by_class || operator_rows[id].values == VALUES_BY_CLASS))
			tree_text(writer, name);
	tree_end(writer);
}

/* Of any base, as the agent reads it; a sign where it reads signed numbers. */
static void write_numbers(struct tree_writer *writer, enum type_id type)
{
	bool has_sign = type_rows[type].operand == OPERAND_S32 || type_rows[type].operand == OPERAND_S64;

	tree_key_begin(writer, "items", TREE_MAPPING);
	tree_key_text(writer, "pattern", has_sign
		? "^[-+]?(0[xX][0-9A-Fa-f_]+|0[bB][01_]+|0[oO]?[0-7_]+|[1-9][0-9_]*|0)$"
		: "^(0[xX][0-9A-Fa-f_]+|0[bB][01_]+|0[oO]?[0-7_]+|[1-9][0-9_]*|0)$");
	tree_end(writer);
}

static void write_filter(struct tree_writer *writer, enum type_id type)
{
	char name[64];

	tree_key_begin(writer, definition_name(name, sizeof(name), "", type), TREE_MAPPING);
	tree_key_begin(writer, "properties", TREE_MAPPING);
	tree_key_begin(writer, "operator", TREE_MAPPING);
	write_operators(writer, type, false);
	tree_end(writer);
	tree_end(writer);
	if (is_number(type)) {
		tree_key_begin(writer, "if", TREE_MAPPING);
		tree_key_begin(writer, "properties", TREE_MAPPING);
		tree_key_begin(writer, "operator", TREE_MAPPING);
		write_operators(writer, type, true);
		tree_end(writer);
		tree_end(writer);
		tree_end(writer);
		tree_key_begin(writer, "then", TREE_MAPPING);
		tree_key_begin(writer, "properties", TREE_MAPPING);
		tree_key_begin(writer, "values", TREE_MAPPING);
		write_numbers(writer, type);
		tree_end(writer);
		tree_end(writer);
		tree_end(writer);
	}
	tree_end(writer);
}

/* ---- Which filter has which type ---- */

/* properties: { index: { enum: [index] }, ...   The level stays open. */
static void begin_index(struct tree_writer *writer, unsigned index)
{
	tree_key_begin(writer, "properties", TREE_MAPPING);
	tree_key_begin(writer, "index", TREE_MAPPING);
	tree_key_begin(writer, "enum", TREE_ROW);
	tree_number(writer, index);
	tree_end(writer);
	tree_end(writer);
}

/* if: some argument has this index and one of these types */
static void write_argument(struct tree_writer *writer, unsigned index, enum type_id type)
{
	const char *name;
	int id;

	tree_key_begin(writer, "required", TREE_ROW);
	tree_text(writer, "args");
	tree_end(writer);
	tree_key_begin(writer, "properties", TREE_MAPPING);
	tree_key_begin(writer, "args", TREE_MAPPING);
	tree_key_begin(writer, "contains", TREE_MAPPING);
	tree_key_begin(writer, "required", TREE_ROW);
	tree_text(writer, "index");
	tree_text(writer, "type");
	tree_end(writer);
	begin_index(writer, index);
	tree_key_begin(writer, "type", TREE_MAPPING);
	tree_key_begin(writer, "enum", TREE_ROW);
	for (size_t n = 0; (name = type_spelling(n, &id)); n++)
		if (id != TYPE_AUTO && are_alike((enum type_id)id, type))
			tree_text(writer, name);
	tree_end(writer);
	tree_end(writer);
	tree_end(writer);
	tree_end(writer);
	tree_end(writer);
	tree_end(writer);
}

/* if: the filter is on this index, or on none, which means 0; with `args`, it is on something else */
static void write_is_on(struct tree_writer *writer, unsigned index)
{
	begin_index(writer, index);
	tree_key_literal(writer, "args", "false");
	tree_end(writer);
	if (!index)
		return;
	tree_key_begin(writer, "required", TREE_ROW);
	tree_text(writer, "index");
	tree_end(writer);
}

static void write_filters_on(struct tree_writer *writer, unsigned index, enum type_id type)
{
	static const char *const way[] = { "properties", "selectors", "items", "properties", "matchArgs", "items" };
	char reference[64];

	for (size_t i = 0; i < sizeof(way) / sizeof(*way); i++)
		tree_key_begin(writer, way[i], TREE_MAPPING);
	tree_key_begin(writer, "if", TREE_MAPPING);
	write_is_on(writer, index);
	tree_end(writer);
	tree_key_begin(writer, "then", TREE_MAPPING);
	tree_key_text(writer, "$ref", definition_name(reference, sizeof(reference), REFERENCE, type));
	tree_end(writer);
	for (size_t i = 0; i < sizeof(way) / sizeof(*way); i++)
		tree_end(writer);
}

void write_type_definitions(struct tree_writer *writer)
{
	for (enum type_id type = 0; type < TYPE_COUNT; type++)
		if (is_first(type))
			write_filter(writer, type);
	tree_key_begin(writer, TYPED_FILTERS, TREE_MAPPING);
	tree_key_begin(writer, "allOf", TREE_LIST);
	for (unsigned index = 0; index <= LIMIT_ARGUMENT_INDEX; index++)
		for (enum type_id type = 0; type < TYPE_COUNT; type++) {
			if (!is_first(type))
				continue;
			tree_begin(writer, TREE_LINE);
			tree_key_begin(writer, "if", TREE_MAPPING);
			write_argument(writer, index, type);
			tree_end(writer);
			tree_key_begin(writer, "then", TREE_MAPPING);
			write_filters_on(writer, index, type);
			tree_end(writer);
			tree_end(writer);
		}
	tree_end(writer);
	tree_end(writer);
}

void write_type_reference(struct tree_writer *writer)
{
	tree_begin(writer, TREE_MAPPING);
	tree_key_text(writer, "$ref", REFERENCE TYPED_FILTERS);
	tree_end(writer);
}
