// SPDX-License-Identifier: Apache-2.0
/* value.c - see value.h. */
#include "compiler/policy/value.h"

#include <errno.h>
#include <string.h>

#include "compiler/base/nearest.h"
#include "compiler/syntax/scalar.h"

enum { SHOWN = 48 };	/* bytes of a value that a message repeats */
#define SHOW(node) (int)((node)->count < SHOWN ? (node)->count : SHOWN), (node)->text

struct text text_of(struct decoder *decoder, const struct node *node)
{
	return (struct text){
		.bytes = arena_copy(decoder->arena, node->text, node->count),
		.length = node->count,
		.at = node_span(decoder->tree, node),
	};
}

static bool refuse(struct decoder *decoder, enum diagnostic_id id, const struct node *node, const char *message)
{
	diag(decoder->diagnostics, id, node_span(decoder->tree, node), "%s", message);
	return false;
}

static bool refuse_null(struct decoder *decoder, const struct field_row *field, const struct node *node)
{
	struct span at = node_span(decoder->tree, node);

	diag(decoder->diagnostics, DIAG_NULL_VALUE, at, "'%s' has no value", field->key);
	diag_help(decoder->diagnostics, "give %s, or remove the key", kind_rows[field->kind].wants);
	return false;
}

static bool refuse_shape(struct decoder *decoder, const struct field_row *field, const struct node *node)
{
	static const char *const found[] = {
		[NODE_SCALAR] = "a single value", [NODE_SEQUENCE] = "a list", [NODE_MAPPING] = "a mapping",
	};
	struct span at = node_span(decoder->tree, node);

	if (node->kind != NODE_SCALAR)
		at.end = at.start + 1;
	diag(decoder->diagnostics, DIAG_WRONG_SHAPE, at, "'%s' must be %s, not %s", field->key,
		kind_rows[field->kind].wants, found[node->kind]);
	return false;
}

static bool refuse_tag(struct decoder *decoder, const struct node *node)
{
	return refuse(decoder, DIAG_TAG, node, "this tag does not fit its value, or is not known");
}

bool value_is_null(const struct node *node)
{
	return node->kind == NODE_SCALAR && scalar_read(node).kind == SCALAR_NULL;
}

bool value_is_shape(struct decoder *decoder, const struct field_row *field, const struct node *node,
		    enum node_kind kind)
{
	static const enum node_tag tags[] = { [NODE_SEQUENCE] = TAG_SEQUENCE, [NODE_MAPPING] = TAG_MAPPING };

	if (value_is_null(node))
		return refuse_null(decoder, field, node);
	if (node->kind != kind)
		return refuse_shape(decoder, field, node);
	if (kind != NODE_SCALAR && node->tag != TAG_NONE && node->tag != tags[kind])
		return refuse_tag(decoder, node);
	return true;
}

static bool refuse_unquoted(struct decoder *decoder, const struct field_row *field, const struct node *node,
			    const struct scalar *scalar)
{
	diag(decoder->diagnostics, DIAG_UNQUOTED, node_span(decoder->tree, node),
		"YAML takes '%.*s' for %s, and '%s' holds strings", SHOW(node),
		scalar->kind == SCALAR_BOOLEAN ? (scalar->truth ? "true" : "false") : "a number", field->key);
	diag_help(decoder->diagnostics, "quote it");
	diag_replacement(decoder->diagnostics, arena_format(decoder->arena, "\"%.*s\"", SHOW(node)));
	return false;
}

bool value_text(struct decoder *decoder, const struct field_row *field, const struct node *node, struct text *ret)
{
	struct scalar scalar;
	bool numbers = field->flags & FIELD_NUMBERS;

	if ((field->flags & FIELD_NULLS) && value_is_null(node)) {
		*ret = (struct text){ .bytes = "", .at = node_span(decoder->tree, node) };
		return true;
	}
	if (!value_is_shape(decoder, field, node, NODE_SCALAR))
		return false;
	scalar = scalar_read(node);
	if (scalar.kind == SCALAR_UNKNOWN_TAG)
		return refuse_tag(decoder, node);
	if (scalar.kind != SCALAR_TEXT &&
	    !(numbers && (scalar.kind == SCALAR_INTEGER || scalar.kind == SCALAR_FLOAT)))
		return refuse_unquoted(decoder, field, node, &scalar);
	*ret = text_of(decoder, node);
	return true;
}

/* As it is written back: no other base, no leading zero. */
static bool is_decimal(const struct node *node)
{
	for (size_t i = 0; i < node->count; i++)
		if (node->text[i] < '0' || node->text[i] > '9')
			return false;
	return node->count == 1 || node->text[0] != '0';
}

bool value_key(struct decoder *decoder, const struct field_row *field, const struct node *node, struct text *ret)
{
	if (node->kind != NODE_SCALAR || scalar_read(node).kind != SCALAR_INTEGER || !is_decimal(node))
		return value_text(decoder, field, node, ret);
	*ret = text_of(decoder, node);
	return true;
}

/* A string where none is wanted: its quotes are to blame when its text would do without them. */
static bool refuse_text(struct decoder *decoder, const struct field_row *field, const struct node *node,
			enum scalar_kind wanted)
{
	struct node plain = *node;
	struct span at = node_span(decoder->tree, node);

	plain.plain = true;
	if (!node->plain && scalar_read(&plain).kind == wanted) {
		diag(decoder->diagnostics, DIAG_QUOTED, at, "'%s' must be %s, and quotes make it a string",
			field->key, kind_rows[field->kind].wants);
		diag_help(decoder->diagnostics, "remove the quotes");
		diag_replacement(decoder->diagnostics, arena_copy(decoder->arena, node->text, node->count));
		return false;
	}
	diag(decoder->diagnostics, DIAG_WRONG_SHAPE, at, "'%s' must be %s, not '%.*s'", field->key,
		kind_rows[field->kind].wants, SHOW(node));
	return false;
}

bool value_boolean(struct decoder *decoder, const struct field_row *field, const struct node *node, bool *ret)
{
	struct scalar scalar;

	if (!value_is_shape(decoder, field, node, NODE_SCALAR))
		return false;
	scalar = scalar_read(node);
	if (scalar.kind == SCALAR_UNKNOWN_TAG)
		return refuse_tag(decoder, node);
	if (scalar.kind != SCALAR_BOOLEAN)
		return refuse_text(decoder, field, node, SCALAR_BOOLEAN);
	*ret = scalar.truth;
	if (!scalar.old_word)
		return true;
	diag(decoder->diagnostics, DIAG_BOOLEAN_WORD, node_span(decoder->tree, node),
		"'%.*s' is %s for some readers and a string for others", SHOW(node), scalar.truth ? "true" : "false");
	diag_replacement(decoder->diagnostics, scalar.truth ? "true" : "false");
	return true;
}

static bool refuse_number(struct decoder *decoder, const struct field_row *field, const struct node *node,
			  const char *problem)
{
	const struct kind_row *kind = &kind_rows[field->kind];

	diag(decoder->diagnostics, DIAG_OUT_OF_BOUNDS, node_span(decoder->tree, node), "%.*s is %s", SHOW(node),
		problem);
	diag_help(decoder->diagnostics, "'%s' takes whole numbers from %lld to %lld", field->key,
		(long long)kind->minimum, (long long)kind->maximum);
	return false;
}

bool value_number(struct decoder *decoder, const struct field_row *field, const struct node *node, uint64_t *ret)
{
	const struct kind_row *kind = &kind_rows[field->kind];
	struct scalar scalar;

	if (!value_is_shape(decoder, field, node, NODE_SCALAR))
		return false;
	scalar = scalar_read(node);
	switch (scalar.kind) {
	case SCALAR_UNKNOWN_TAG:
		return refuse_tag(decoder, node);
	case SCALAR_FLOAT:
		if (scalar.fraction)
			return refuse_number(decoder, field, node, "not a whole number");
		break;
	case SCALAR_INTEGER:
		break;
	default:
		return refuse_text(decoder, field, node, SCALAR_INTEGER);
	}
	if (number_to_signed(scalar.number, kind->minimum, kind->maximum, ret))
		return true;
	return refuse_number(decoder, field, node, scalar.number.negative ? "too small" : "too large");
}

/* ---- Words ---- */

/* Entry n of the words that a field takes: its spelling and id; NULL past the end, "" for one that does not fit. */
static const char *word_at(struct decoder *decoder, const struct field_row *field, size_t n, int *id)
{
	const char *spelling;
	size_t length;

	switch (field->kind) {
	case KIND_TYPE:
		return type_spelling(n, id);
	case KIND_ACTION:
		*id = (int)n;
		return n < ACTION_COUNT ? action_rows[n].name : NULL;
	default:
		if (!kind_rows[field->kind].filters) {
			length = words_at(kind_rows[field->kind].words, n, &spelling);
			*id = (int)n;
			return length ? arena_copy(decoder->arena, spelling, length) : NULL;
		}
		spelling = operator_spelling(n, id);
		if (spelling && !(operator_rows[*id].filters & kind_rows[field->kind].filters))
			return "";
		return spelling;
	}
}

static int find_word(const struct field_row *field, const char *text, size_t length)
{
	switch (field->kind) {
	case KIND_TYPE:
		return type_find(text, length);
	case KIND_ACTION:
		return action_find(text, length);
	default:
		return kind_rows[field->kind].filters ? operator_find(text, length) :
			words_find(kind_rows[field->kind].words, text, length);
	}
}

static void list_words(struct decoder *decoder, const struct field_row *field)
{
	struct buffer words = { 0 };
	const char *word;
	int id;

	for (size_t n = 0; (word = word_at(decoder, field, n, &id)); n++)
		if (*word)
			buffer_format(&words, "%s%s", words.length ? ", " : "", word);
	diag_help(decoder->diagnostics, "one of %s", words.bytes);
	buffer_release(&words);
}

static void suggest_word(struct decoder *decoder, const struct field_row *field, const struct node *node)
{
	struct nearest nearest = { .name = node->text, .length = node->count };
	const char *word;
	int id;

	for (size_t n = 0; (word = word_at(decoder, field, n, &id)); n++)
		if (*word)
			nearest_try(&nearest, word);
	if (!nearest.best) {
		list_words(decoder, field);
		return;
	}
	diag_nearest(decoder->diagnostics, &nearest);
}

/* The operator is one, but of other filters. */
static bool refuse_place(struct decoder *decoder, const struct field_row *field, const struct node *node, int id)
{
	static const struct { enum operator_id written, meant; } others[] = {
		{ OPERATOR_EQUAL, OPERATOR_IN }, { OPERATOR_NOT_EQUAL, OPERATOR_NOT_IN },
		{ OPERATOR_IN, OPERATOR_EQUAL }, { OPERATOR_NOT_IN, OPERATOR_NOT_EQUAL },
	};

	diag(decoder->diagnostics, DIAG_OPERATOR_PLACE, node_span(decoder->tree, node),
		"operator '%s' does not belong in this filter", operator_rows[id].name);
	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++)
		if ((int)others[i].written == id &&
		    (operator_rows[others[i].meant].filters & kind_rows[field->kind].filters)) {
			diag_help(decoder->diagnostics, "here it is '%s'", operator_rows[others[i].meant].name);
			diag_replacement(decoder->diagnostics, operator_rows[others[i].meant].name);
		}
	return false;
}

bool value_word(struct decoder *decoder, const struct field_row *field, const struct node *node, int *ret)
{
	uint32_t filters = kind_rows[field->kind].filters;
	struct text text;
	int id;

	if (!value_text(decoder, field, node, &text))
		return false;
	id = find_word(field, text.bytes, text.length);
	if (id < 0) {
		diag(decoder->diagnostics, DIAG_UNKNOWN_VALUE, text.at, "there is no %s '%.*s'", field->key, SHOW(node));
		suggest_word(decoder, field, node);
		return false;
	}
	if (filters && !(operator_rows[id].filters & filters))
		return refuse_place(decoder, field, node, id);
	*ret = id;
	return true;
}
