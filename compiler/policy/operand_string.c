// SPDX-License-Identifier: Apache-2.0
/* operand_string.c - values of filters on strings and paths; see operand.h. */
#include "compiler/policy/operand.h"

#include <ctype.h>
#include <string.h>

/* Which part of the string a value is. */
enum string_place { PLACE_WHOLE, PLACE_FRONT, PLACE_END, PLACE_INSIDE, PLACE_PATTERN };

static enum string_place place_of(enum operator_id op)
{
	switch (op) {
	case OPERATOR_PREFIX:
	case OPERATOR_NOT_PREFIX:
		return PLACE_FRONT;
	case OPERATOR_POSTFIX:
	case OPERATOR_NOT_POSTFIX:
		return PLACE_END;
	case OPERATOR_SUBSTRING:
	case OPERATOR_SUBSTRING_ANY_CASE:
		return PLACE_INSIDE;
	case OPERATOR_GLOB:
	case OPERATOR_NOT_GLOB:
		return PLACE_PATTERN;
	default:
		return PLACE_WHOLE;
	}
}

/* What the subjects can hold. */
static const struct {
	size_t longest;
	bool has_zeros, is_path;
} subjects[] = {
	[SUBJECT_STRING] = { LIMIT_STRING_BYTES, false, false },
	[SUBJECT_BUFFER] = { LIMIT_STRING_BYTES, true, false },
	[SUBJECT_UNIX_PATH] = { LIMIT_UNIX_PATH_BYTES, true, false },
	[SUBJECT_INTERFACE] = { LIMIT_INTERFACE_BYTES, false, false },
	[SUBJECT_PATH] = { LIMIT_STRING_BYTES, false, true },
	[SUBJECT_BINARY] = { LIMIT_PROGRAM_PATH_BYTES, false, true },
};

enum operand_subject operand_subject_of(enum type_id type)
{
	switch (type) {
	case TYPE_CHAR_BUF:
		return SUBJECT_BUFFER;
	case TYPE_SOCKADDR_UN:
		return SUBJECT_UNIX_PATH;
	case TYPE_NET_DEVICE:
		return SUBJECT_INTERFACE;
	default:
		return type_rows[type].class == CLASS_PATH ? SUBJECT_PATH : SUBJECT_STRING;
	}
}

/* The longest value that Tetragon takes. */
static size_t tetragon_longest(enum string_place place, enum operand_subject subject)
{
	switch (place) {
	case PLACE_FRONT:
		return LIMIT_TETRAGON_PREFIX_BYTES;
	case PLACE_END:
		return LIMIT_TETRAGON_POSTFIX_BYTES;
	case PLACE_INSIDE:
		return LIMIT_TETRAGON_SUBSTRING_BYTES;
	default:
		return subject == SUBJECT_BINARY ? LIMIT_TETRAGON_BINARY_BYTES : LIMIT_STRING_BYTES;
	}
}

static void warn_length(const struct policy_value *value, enum operator_id op, enum string_place place,
			enum operand_subject subject, struct diagnostics *diagnostics)
{
	size_t limit = tetragon_longest(place, subject);

	if (value->text.length <= limit)
		return;
	diag(diagnostics, DIAG_TETRAGON_LENGTH, value->text.at,
		"the value has %zu bytes, and Tetragon refuses more than %zu with %s", value->text.length, limit,
		operator_rows[op].name);
	diag_help(diagnostics, "tetra takes up to %d", LIMIT_STRING_BYTES);
}

static int refuse_string(const struct policy_value *value, enum operator_id op, enum string_place place,
			 enum operand_subject subject, struct diagnostics *diagnostics)
{
	const struct text *text = &value->text;

	if (text->length > LIMIT_STRING_BYTES)
		return diag(diagnostics, DIAG_VALUE_LENGTH, text->at, "the value has %zu bytes, and %s takes %d",
			text->length, operator_rows[op].name, LIMIT_STRING_BYTES);
	if (!subjects[subject].has_zeros && text->length && memchr(text->bytes, '\0', text->length))
		return diag(diagnostics, DIAG_VALUE_ZERO, text->at, "a zero byte in a value never matches");
	if (place == PLACE_END && !text->length && subject != SUBJECT_BUFFER && subject != SUBJECT_BINARY)
		return diag(diagnostics, DIAG_EMPTY_POSTFIX, text->at, "everything ends with the empty string");
	return 0;
}

static void warn_empty(const struct policy_value *value, enum operator_id op, enum string_place place,
		       struct diagnostics *diagnostics)
{
	diag(diagnostics, DIAG_EMPTY_PREFIX, value->text.at, "everything %s the empty string: %s",
		place == PLACE_FRONT ? "starts with" : place == PLACE_END ? "ends with" : "contains",
		operator_rows[op].negates < 0 ? "the filter always matches" : "the filter never matches");
}

/* Paths as the kernel writes them have no empty, . or .. part. */
static bool is_normal(const struct text *text)
{
	for (size_t i = 0; i < text->length; i++) {
		size_t left = text->length - i, dots;

		if (text->bytes[i] != '/' || left == 1)
			continue;
		for (dots = 0; dots < 2 && dots + 1 < left && text->bytes[i + 1 + dots] == '.'; dots++)
			;
		if (text->bytes[i + 1] == '/' || (dots && (dots + 1 == left || text->bytes[i + 1 + dots] == '/')))
			return false;
	}
	return true;
}

static void warn_prefix(const struct text *text, struct diagnostics *diagnostics)
{
	diag(diagnostics, DIAG_PREFIX_SLASH, text->at, "'%.*s' also matches names that go on, as '%.*s2'", SHOW(*text),
		SHOW(*text));
	diag_help(diagnostics, "end the prefix of a directory with '/'");
	diag_replacement(diagnostics, arena_format(diagnostics->arena, "\"%.*s/\"", (int)text->length, text->bytes));
}

static void warn_path(const struct policy_value *value, enum string_place place, enum operand_subject subject,
		      struct diagnostics *diagnostics)
{
	const struct text *text = &value->text;

	if (place == PLACE_INSIDE || place == PLACE_PATTERN)
		return;
	if (place != PLACE_END && (!text->length || text->bytes[0] != '/')) {
		diag(diagnostics, DIAG_RELATIVE_PATH, text->at, "paths are absolute, and '%.*s' does not start with '/'",
			SHOW(*text));
	} else if (!is_normal(text)) {
		diag(diagnostics, DIAG_ODD_PATH, text->at, "no path is written as '%.*s'", SHOW(*text));
		diag_help(diagnostics, "paths of the kernel have no '//', '/./' and '/../'");
	} else if (place == PLACE_WHOLE && text->length > 1 && text->bytes[text->length - 1] == '/') {
		diag(diagnostics, DIAG_ODD_PATH, text->at, "no path ends with '/', as '%.*s' does", SHOW(*text));
		diag_help(diagnostics, "use Prefix for what is below a directory");
	} else if (place == PLACE_FRONT && subject == SUBJECT_PATH && isalnum((unsigned char)text->bytes[text->length - 1])) {
		warn_prefix(text, diagnostics);
	}
}

static bool is_ascii(const struct text *text)
{
	for (size_t i = 0; i < text->length; i++)
		if ((unsigned char)text->bytes[i] > 127)
			return false;
	return true;
}

static void warn_string(const struct policy_value *value, enum operator_id op, enum string_place place,
			enum operand_subject subject, struct diagnostics *diagnostics)
{
	const struct text *text = &value->text;

	if (!text->length && place != PLACE_WHOLE) {
		warn_empty(value, op, place, diagnostics);
		return;
	}
	if (text->length > subjects[subject].longest)
		diag(diagnostics, DIAG_VALUE_WIDTH, text->at, subject == SUBJECT_BINARY ?
			"%zu bytes of a program's path are kept, and the value has %zu" :
			"the argument holds %zu bytes at most, and the value has %zu", subjects[subject].longest, text->length);
	if (subject != SUBJECT_BUFFER && text->length &&
	    (text->bytes[0] == ' ' || text->bytes[text->length - 1] == ' '))
		diag(diagnostics, DIAG_VALUE_SPACES, text->at, "the value begins or ends with a space, which must match too");
	else if (op == OPERATOR_SUBSTRING_ANY_CASE && !is_ascii(text))
		diag(diagnostics, DIAG_VALUE_CASE, text->at, "only ASCII letters are compared in any case");
	else if (subjects[subject].is_path)
		warn_path(value, place, subject, diagnostics);
}

static bool trims_zeros(enum string_place place, enum operand_subject subject, enum type_id type)
{
	return place == PLACE_END ? subject != SUBJECT_BUFFER : place == PLACE_WHOLE && type == TYPE_STRING;
}

void operand_string(struct policy_value *value, enum operator_id op, enum operand_subject subject,
		    enum type_id type, struct diagnostics *diagnostics)
{
	enum string_place place = place_of(op);
	struct text *text = &value->text;
	size_t written = text->length;

	if (trims_zeros(place, subject, type))
		while (text->length && !text->bytes[text->length - 1])
			text->length--;
	if (written && !text->length) {		/* nothing but zeros: Tetragon's agent crashes */
		diag(diagnostics, DIAG_VALUE_ZERO, text->at, "the value is nothing but zero bytes");
		return;
	}
	if (refuse_string(value, op, place, subject, diagnostics))
		return;
	value->form = VALUE_BYTES;
	if (text->length < written)
		diag(diagnostics, DIAG_ZERO_TRIMMED, text->at, "the zero bytes at the end of the value are dropped");
	warn_length(value, op, place, subject, diagnostics);
	warn_string(value, op, place, subject, diagnostics);
}
