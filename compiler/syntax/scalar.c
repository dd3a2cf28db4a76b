// SPDX-License-Identifier: Apache-2.0
/* scalar.c - see scalar.h. */
#include "compiler/syntax/scalar.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { FLOAT_LONGEST = 64 };	/* bytes: longer ones are text to us */

static const struct word {
	const char *text;
	enum scalar_kind kind;
	bool truth, old_word;
} words[] = {
#define TRUTH(lower, title, upper, truth, old)					\
	{ lower, SCALAR_BOOLEAN, truth, old }, { title, SCALAR_BOOLEAN, truth, old }, \
	{ upper, SCALAR_BOOLEAN, truth, old }
	TRUTH("true", "True", "TRUE", true, false),
	TRUTH("false", "False", "FALSE", false, false),
	TRUTH("yes", "Yes", "YES", true, true),
	TRUTH("no", "No", "NO", false, true),
	TRUTH("on", "On", "ON", true, true),
	TRUTH("off", "Off", "OFF", false, true),
	{ "y", SCALAR_BOOLEAN, true, true }, { "Y", SCALAR_BOOLEAN, true, true },
	{ "n", SCALAR_BOOLEAN, false, true }, { "N", SCALAR_BOOLEAN, false, true },
	{ "null", SCALAR_NULL, false, false }, { "Null", SCALAR_NULL, false, false },
	{ "NULL", SCALAR_NULL, false, false }, { "~", SCALAR_NULL, false, false },
	{ ".inf", SCALAR_FLOAT, false, false }, { ".Inf", SCALAR_FLOAT, false, false },
	{ ".INF", SCALAR_FLOAT, false, false }, { "+.inf", SCALAR_FLOAT, false, false },
	{ "-.inf", SCALAR_FLOAT, false, false }, { ".nan", SCALAR_FLOAT, false, false },
	{ ".NaN", SCALAR_FLOAT, false, false }, { ".NAN", SCALAR_FLOAT, false, false },
};

static bool read_word(const struct node *node, struct scalar *ret)
{
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
		if (words[i].text[0] != node->text[0] || !node_is_text(node, words[i].text))
			continue;
		*ret = (struct scalar){ .kind = words[i].kind, .truth = words[i].truth,
			.old_word = words[i].old_word, .fraction = true };
		return true;
	}
	return false;
}

/* YAML takes all _ out before it looks at the digits. */
static bool read_integer(const struct node *node, struct scalar *ret)
{
	char digits[FLOAT_LONGEST];
	size_t length = 0;
	struct number number;

	if (node->count > sizeof(digits))
		return false;
	for (size_t i = 0; i < node->count; i++)
		if (node->text[i] != '_')
			digits[length++] = node->text[i];
	if (number_parse(digits, length, NUMBER_ANY_BASE, &number))
		return false;
	*ret = (struct scalar){ .kind = SCALAR_INTEGER, .number = number };
	return true;
}

/* Digits, at most one dot, and an exponent: strtod takes more, such as hexadecimal. */
static bool has_float_form(const char *text)
{
	size_t whole, part = 0;

	text += *text == '-' || *text == '+';
	text += whole = strspn(text, "0123456789");
	if (*text == '.') {
		text++;
		text += part = strspn(text, "0123456789");
	}
	if (!whole && !part)
		return false;
	if (*text == 'e' || *text == 'E') {
		text++;
		text += *text == '-' || *text == '+';
		if (!*text)
			return false;
		text += strspn(text, "0123456789");
	}
	return !*text;
}

static bool read_float(const struct node *node, struct scalar *ret)
{
	char text[FLOAT_LONGEST + 1];
	double value, magnitude;

	if (node->count >= sizeof(text))
		return false;
	memcpy(text, node->text, node->count);
	text[node->count] = '\0';
	if (strlen(text) != node->count || !has_float_form(text))
		return false;
	value = strtod(text, NULL);
	magnitude = value < 0 ? -value : value;
	if (magnitude > 1e308)
		return false;		/* 1e400 is text */
	*ret = (struct scalar){ .kind = SCALAR_FLOAT, .fraction = true };
	if (magnitude < 9e15 && magnitude == (double)(uint64_t)magnitude) {
		ret->fraction = false;
		ret->number = (struct number){ (uint64_t)magnitude, value < 0 };
	}
	return true;
}

static struct scalar read_plain(const struct node *node)
{
	struct scalar scalar = { .kind = SCALAR_TEXT };

	if (!node->count)
		return (struct scalar){ .kind = SCALAR_NULL };
	if (strchr("tTfFyYnNoO~.+-", node->text[0]) && read_word(node, &scalar))
		return scalar;
	if (strchr("0123456789+-.", node->text[0]) && node->text[0] && !read_integer(node, &scalar))
		read_float(node, &scalar);
	return scalar;
}

/* A tag decides, except that !!int "x" is still no number. */
struct scalar scalar_read(const struct node *node)
{
	static const enum scalar_kind wanted[] = {
		[TAG_INTEGER] = SCALAR_INTEGER, [TAG_FLOAT] = SCALAR_FLOAT,
		[TAG_BOOLEAN] = SCALAR_BOOLEAN, [TAG_NULL] = SCALAR_NULL,
	};
	struct scalar scalar;

	switch (node->tag) {
	case TAG_NONE:
		return node->plain ? read_plain(node) : (struct scalar){ .kind = SCALAR_TEXT };
	case TAG_TEXT:
		return (struct scalar){ .kind = SCALAR_TEXT };
	case TAG_INTEGER:
	case TAG_FLOAT:
	case TAG_BOOLEAN:
	case TAG_NULL:
		scalar = read_plain(node);
		if (scalar.kind == wanted[node->tag])
			return scalar;
		/* fall through */
	default:
		return (struct scalar){ .kind = SCALAR_UNKNOWN_TAG };
	}
}
