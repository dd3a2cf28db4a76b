// SPDX-License-Identifier: Apache-2.0
/* pattern.c - by recursive descent; see pattern.h. */
#include "compiler/policy/pattern.h"

#include <string.h>

enum { DEPTH_MAX = 1000, REPEAT_MAX = 1000, NAMES_MAX = 64 };	/* Go's; names are few */

struct reader {
	const char *text, *end, *at;
	struct pattern_problem *problem;
	struct { const char *bytes; size_t length; } names[NAMES_MAX];
	size_t name_count;
	unsigned depth;
};

static bool fail(struct reader *reader, const char *start, const char *what)
{
	if (!reader->problem->what)
		*reader->problem = (struct pattern_problem){ what, (size_t)(start - reader->text),
			(size_t)(reader->at - start) };
	return false;
}

static bool at_end(const struct reader *reader)
{
	return reader->at == reader->end;
}

static bool next_is(const struct reader *reader, const char *text)
{
	size_t length = strlen(text);

	return (size_t)(reader->end - reader->at) >= length && !memcmp(reader->at, text, length);
}

static bool take(struct reader *reader, const char *text)
{
	if (!next_is(reader, text))
		return false;
	reader->at += strlen(text);
	return true;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_octal(const struct reader *reader)
{
	return !at_end(reader) && *reader->at >= '0' && *reader->at <= '7';
}

static int hex_digit(const struct reader *reader)
{
	char c = at_end(reader) ? 0 : *reader->at;

	if (is_digit(c))
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* One code point; the text is valid UTF-8. */
static unsigned take_character(struct reader *reader)
{
	unsigned char first = (unsigned char)*reader->at++;
	unsigned point = first < 0x80 ? first : first < 0xe0 ? first & 0x1f : first < 0xf0 ? first & 0xf : first & 7;

	while (!at_end(reader) && ((unsigned char)*reader->at & 0xc0) == 0x80)
		point = point << 6 | ((unsigned char)*reader->at++ & 0x3f);
	return point;
}

/* ---- Escapes ---- */

static bool take_hex(struct reader *reader, const char *start, unsigned *ret)
{
	bool in_braces = take(reader, "{");
	unsigned digits = 0;
	int digit;

	*ret = 0;
	while ((in_braces || digits < 2) && (digit = hex_digit(reader)) >= 0) {
		*ret = *ret * 16 + (unsigned)digit;
		if (*ret > 0x10ffff)
			return fail(reader, start, "the character does not exist");
		reader->at++;
		digits++;
	}
	if (in_braces ? !digits || !take(reader, "}") : digits != 2)
		return fail(reader, start, "an escape sequence that does not exist");
	return true;
}

/* Of a single character; `start` is at the backslash. */
static bool take_escape(struct reader *reader, unsigned *ret)
{
	static const char named[] = "a\af\fn\nr\rt\tv\v";
	const char *start = reader->at++;
	char c;

	if (at_end(reader))
		return fail(reader, start, "a backslash at the end");
	c = *reader->at++;
	if (c == 'x')
		return take_hex(reader, start, ret);
	if (c == '0' || (c >= '1' && c <= '7' && is_octal(reader))) {
		*ret = (unsigned)(c - '0');
		for (int i = 0; i < 2 && is_octal(reader); i++)
			*ret = *ret * 8 + (unsigned)(*reader->at++ - '0');
		return true;
	}
	if (c >= '1' && c <= '9')
		return fail(reader, start, "back references are not supported");
	*ret = (unsigned char)c;
	for (size_t i = 0; named[i]; i += 2)
		if (named[i] == c) {
			*ret = (unsigned char)named[i + 1];
			return true;
		}
	if (is_letter(c) || (unsigned char)c >= 0x80)
		return fail(reader, start, "an escape sequence that does not exist");
	return true;
}

/* \d and the like, \pL, \p{Greek}: false when it is none of them, with nothing taken. */
static bool take_class_escape(struct reader *reader, bool *ret_fine)
{
	const char *start = reader->at;

	*ret_fine = true;
	if (reader->end - start < 2 || *start != '\\' || !strchr("dDsSwWpP", start[1]) || !start[1])
		return false;
	reader->at += 2;
	if (start[1] != 'p' && start[1] != 'P')
		return true;
	if (take(reader, "{")) {
		const char *name;

		take(reader, "^");
		name = reader->at;
		while (!at_end(reader) && (is_letter(*reader->at) || *reader->at == '_'))
			reader->at++;
		*ret_fine = reader->at > name && take(reader, "}");
	} else {
		*ret_fine = !at_end(reader) && *reader->at && strchr("LMNPSZC", *reader->at++);
	}
	if (!*ret_fine)
		fail(reader, start, "a class of characters that does not exist");
	return true;
}

/* ---- [...] ---- */

static bool take_named_class(struct reader *reader, bool *ret_fine)
{
	static const char *const names[] = { "alnum", "alpha", "ascii", "blank", "cntrl", "digit", "graph", "lower",
		"print", "punct", "space", "upper", "word", "xdigit" };
	const char *start = reader->at, *close;

	if (!next_is(reader, "[:"))
		return false;
	close = memmem(start + 2, (size_t)(reader->end - start - 2), ":]", 2);
	if (!close)
		return false;
	reader->at += 2;
	take(reader, "^");
	*ret_fine = false;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		*ret_fine |= (size_t)(close - reader->at) == strlen(names[i]) &&
			!memcmp(reader->at, names[i], strlen(names[i]));
	reader->at = close + 2;
	if (!*ret_fine)
		fail(reader, start, "a class of characters that does not exist");
	return true;
}

static bool take_end_of_range(struct reader *reader, unsigned *ret)
{
	if (at_end(reader))
		return fail(reader, reader->at, "']' is missing");
	if (*reader->at == '\\')
		return take_escape(reader, ret);
	*ret = take_character(reader);
	return true;
}

static bool take_range(struct reader *reader)
{
	const char *start = reader->at;
	unsigned low, high;

	if (!take_end_of_range(reader, &low))
		return false;
	if (reader->end - reader->at < 2 || *reader->at != '-' || reader->at[1] == ']')
		return true;
	reader->at++;
	if (!take_end_of_range(reader, &high))
		return false;
	return high >= low || fail(reader, start, "a range that ends before it begins");
}

static bool take_set(struct reader *reader)
{
	const char *start = reader->at++;

	take(reader, "^");
	for (bool is_first = true; is_first || !next_is(reader, "]"); is_first = false) {
		bool fine;

		if (at_end(reader))
			return fail(reader, start, "']' is missing");
		if (take_named_class(reader, &fine) || take_class_escape(reader, &fine)) {
			if (!fine)
				return false;
			continue;
		}
		if (!take_range(reader))
			return false;
	}
	reader->at++;
	return true;
}

/* ---- Groups ---- */

static bool take_name(struct reader *reader)
{
	const char *start = reader->at;
	size_t length;

	while (!at_end(reader) && (is_letter(*reader->at) || is_digit(*reader->at) || *reader->at == '_'))
		reader->at++;
	length = (size_t)(reader->at - start);
	if (!length || !next_is(reader, ">"))
		return fail(reader, start, "the name of a group is not valid");
	for (size_t i = 0; i < reader->name_count; i++)
		if (reader->names[i].length == length && !memcmp(reader->names[i].bytes, start, length))
			return fail(reader, start, "two groups have one name");
	if (reader->name_count == NAMES_MAX)
		return fail(reader, start, "more than 64 named groups");
	reader->names[reader->name_count].bytes = start;
	reader->names[reader->name_count++].length = length;
	return take(reader, ">");
}

/* What is between (? and the expression; *ret: there is an expression. */
static bool take_flags(struct reader *reader, const char *start, bool *ret)
{
	bool negative = false, some = false;

	*ret = true;
	if (take(reader, "P<") || take(reader, "<"))
		return take_name(reader);
	while (!at_end(reader)) {
		char c = *reader->at++;

		if (c == '-' && !negative) {
			negative = true;
			some = false;
		} else if ((c == ':' || c == ')') && (!negative || some)) {
			*ret = c == ':';
			return true;
		} else if (c && strchr("imsU", c)) {
			some = true;
		} else {
			return fail(reader, start, "(? begins nothing that is supported: there is no look-around");
		}
	}
	return fail(reader, start, "')' is missing");
}

static bool take_alternatives(struct reader *reader, unsigned *ret_repeats);

static bool take_group(struct reader *reader, unsigned *ret_repeats)
{
	const char *start = reader->at++;
	bool has_body = true, fine;

	if (take(reader, "?") && !take_flags(reader, start, &has_body))
		return false;
	if (!has_body)
		return true;
	if (++reader->depth > DEPTH_MAX)
		return fail(reader, start, "groups are nested too deeply");
	fine = take_alternatives(reader, ret_repeats);
	reader->depth--;
	if (!fine)
		return false;
	return take(reader, ")") || fail(reader, start, "')' is missing");
}

/* ---- Repetition ---- */

static bool take_count(struct reader *reader, unsigned *ret)
{
	const char *start = reader->at;

	*ret = 0;
	while (!at_end(reader) && is_digit(*reader->at)) {
		if (*ret <= REPEAT_MAX)
			*ret = *ret * 10 + (unsigned)(*reader->at - '0');
		reader->at++;
	}
	return reader->at > start && !(reader->at - start > 1 && *start == '0');
}

/* {n}, {n,} or {n,m}; false when it is not, and { is a plain character.  *most: 0 for {n,} */
static bool take_braces(struct reader *reader, unsigned *least, unsigned *most)
{
	const char *start = reader->at;

	if (!take(reader, "{") || !take_count(reader, least))
		goto plain;
	*most = *least;
	if (take(reader, ",")) {
		*most = UINT32_MAX;
		if (!next_is(reader, "}") && !take_count(reader, most))
			goto plain;
	}
	if (take(reader, "}"))
		return true;
plain:
	reader->at = start;
	return false;
}

/* *repeats: how often the innermost part is repeated at most, by counts in braces. */
static bool take_repetition(struct reader *reader, bool has_argument, bool *ret_found, unsigned *repeats)
{
	const char *start = reader->at;
	unsigned least, most;

	*ret_found = true;
	if (take(reader, "*") || take(reader, "+") || take(reader, "?")) {
		least = most = 1;
	} else if (!take_braces(reader, &least, &most)) {
		*ret_found = false;
		return true;
	}
	if (!has_argument)
		return fail(reader, start, "there is nothing to repeat");
	if (most == UINT32_MAX)
		most = least;
	if (least > REPEAT_MAX || most > REPEAT_MAX || least > most)
		return fail(reader, start, "the count is not valid; it may be 1000 at most");
	if (most)
		*repeats *= most;
	if (*repeats > REPEAT_MAX)
		return fail(reader, start, "counts inside each other repeat more than 1000 times");
	take(reader, "?");
	return true;
}

/* ---- Expressions ---- */

static bool take_quoted(struct reader *reader)
{
	reader->at += 2;
	while (!at_end(reader) && !take(reader, "\\E"))
		reader->at++;
	return true;
}

static bool take_atom(struct reader *reader, unsigned *ret_repeats)
{
	unsigned ignored;
	bool fine;

	switch (*reader->at) {
	case '(':
		return take_group(reader, ret_repeats);
	case '[':
		return take_set(reader);
	case '\\':
		if (next_is(reader, "\\Q"))
			return take_quoted(reader);
		if (take(reader, "\\A") || take(reader, "\\b") || take(reader, "\\B") || take(reader, "\\z"))
			return true;
		if (take_class_escape(reader, &fine))
			return fine;
		return take_escape(reader, &ignored);
	default:
		take_character(reader);
		return true;
	}
}

static bool take_sequence(struct reader *reader, unsigned *ret_repeats)
{
	bool has_argument = false, is_repeated = false;
	unsigned repeats = 1;

	while (!at_end(reader) && *reader->at != '|' && *reader->at != ')') {
		const char *start = reader->at;
		bool found;

		if (!take_repetition(reader, has_argument, &found, &repeats))
			return false;
		if (found && is_repeated)
			return fail(reader, start, "a repetition of a repetition");
		is_repeated = found;
		if (found) {
			*ret_repeats = repeats > *ret_repeats ? repeats : *ret_repeats;
			continue;
		}
		repeats = 1;
		if (!take_atom(reader, &repeats))
			return false;
		*ret_repeats = repeats > *ret_repeats ? repeats : *ret_repeats;
		has_argument = true;
	}
	return true;
}

static bool take_alternatives(struct reader *reader, unsigned *ret_repeats)
{
	do {
		if (!take_sequence(reader, ret_repeats))
			return false;
	} while (take(reader, "|"));
	return true;
}

bool pattern_is_valid(const char *text, size_t length, struct pattern_problem *ret)
{
	struct reader reader = { .text = text, .at = text, .end = text + length, .problem = ret };
	unsigned repeats = 1;

	*ret = (struct pattern_problem){ 0 };
	if (!take_alternatives(&reader, &repeats))
		return false;
	if (at_end(&reader))
		return true;
	reader.at++;
	return fail(&reader, reader.at - 1, "')' closes nothing");
}
