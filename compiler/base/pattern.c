// SPDX-License-Identifier: Apache-2.0
/* pattern.c - the syntax, by recursive descent, as a tree; see pattern.h. */
#include "compiler/base/pattern.h"

#include <string.h>

#include "compiler/base/pattern_node.h"
#include "schema/schema.h"

enum { DEPTH_MAX = 1000, REPEAT_MAX = 1000, NAMES_MAX = 64 };	/* Go's; names are few */

struct reader {
	const char *text, *end, *at;
	struct pattern_problem *problem;
	struct { const char *bytes; size_t length; } names[NAMES_MAX];
	size_t name_count;
	unsigned depth;
	struct arena *arena;
	size_t node_count;
	struct { bool any_case, lines, newlines; } flags;	/* (?i), (?m), (?s) */
};

static bool fail(struct reader *reader, const char *start, const char *what)
{
	if (!reader->problem->what)
		*reader->problem = (struct pattern_problem){ what, (size_t)(start - reader->text),
			(size_t)(reader->at - start) };
	return false;
}

/* ---- Nodes ---- */

static const struct pattern_node nothing = { .kind = NODE_NOTHING };

static const struct pattern_node *new_node(struct reader *reader, struct pattern_node node)
{
	struct pattern_node *ret = arena_new(reader->arena, struct pattern_node);

	reader->node_count++;
	*ret = node;
	return ret;
}

static const struct pattern_node *new_set(struct reader *reader, struct pattern_set set)
{
	return new_node(reader, (struct pattern_node){ .kind = NODE_SET, .set = set });
}

static const struct pattern_node *new_assertion(struct reader *reader, enum pattern_assertion assertion)
{
	return new_node(reader, (struct pattern_node){ .kind = NODE_ASSERTION, .assertion = assertion });
}

static enum pattern_case which_case(const struct reader *reader)
{
	return reader->flags.any_case ? CASE_ANY : CASE_AS_WRITTEN;
}

static const struct pattern_node *new_character(struct reader *reader, unsigned c)
{
	struct pattern_set set = { { 0 } };

	pattern_set_add(&set, c, c, which_case(reader));
	return new_set(reader, set);
}

static const struct pattern_node *new_any(struct reader *reader)
{
	struct pattern_set newline = { { 0 } };

	if (!reader->flags.newlines)
		pattern_set_add(&newline, '\n', '\n', CASE_AS_WRITTEN);
	return new_set(reader, pattern_set_invert(newline));
}

/* What is read of a sequence: the last part is still apart, because it may be repeated. */
struct sequence { const struct pattern_node *before, *last; };

static void add_part(struct reader *reader, struct sequence *sequence, const struct pattern_node *part)
{
	if (!sequence->before)
		sequence->before = sequence->last;
	else
		sequence->before = new_node(reader, (struct pattern_node){ .kind = NODE_SEQUENCE, .first = sequence->before,
									  .second = sequence->last });
	sequence->last = part;
}

static const struct pattern_node *whole_sequence(struct reader *reader, struct sequence *sequence)
{
	if (!sequence->last)
		return &nothing;
	add_part(reader, sequence, NULL);
	return sequence->before;
}

/* ---- Text ---- */

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

static bool take_unicode(struct reader *reader, const char *start, struct pattern_set *ret)
{
	bool negative = start[1] == 'P';
	const char *name = reader->at;
	size_t length = 1;

	if (take(reader, "{")) {
		negative ^= take(reader, "^");
		name = reader->at;
		while (!at_end(reader) && (is_letter(*reader->at) || *reader->at == '_'))
			reader->at++;
		length = (size_t)(reader->at - name);
		if (!take(reader, "}"))
			length = 0;
	} else if (!at_end(reader)) {
		take_character(reader);
		length = (size_t)(reader->at - name);
	}
	if (name + length > reader->end || !pattern_set_unicode(name, length, which_case(reader), ret))
		return fail(reader, start, "a class of characters that does not exist");
	*ret = negative ? pattern_set_invert(*ret) : *ret;
	return true;
}

/* \d and the like, \pL, \p{Greek}: false when it is none of them, with nothing taken. */
static bool take_class_escape(struct reader *reader, struct pattern_set *ret, bool *ret_fine)
{
	const char *start = reader->at;

	*ret_fine = true;
	if (reader->end - start < 2 || *start != '\\' || !strchr("dDsSwWpP", start[1]) || !start[1])
		return false;
	reader->at += 2;
	if (start[1] == 'p' || start[1] == 'P') {
		*ret_fine = take_unicode(reader, start, ret);
		return true;
	}
	pattern_set_escape((char)(start[1] | 0x20), which_case(reader), ret);
	if (!(start[1] & 0x20))
		*ret = pattern_set_invert(*ret);
	return true;
}

/* ---- [...] ---- */

static bool take_named_class(struct reader *reader, struct pattern_set *ret, bool *ret_fine)
{
	const char *start = reader->at, *close;
	bool negative;

	if (!next_is(reader, "[:"))
		return false;
	close = memmem(start + 2, (size_t)(reader->end - start - 2), ":]", 2);
	if (!close)
		return false;
	reader->at += 2;
	negative = take(reader, "^");
	*ret_fine = reader->at <= close && pattern_set_named(reader->at, (size_t)(close - reader->at), which_case(reader), ret);
	reader->at = close + 2;
	if (!*ret_fine)
		fail(reader, start, "a class of characters that does not exist");
	else if (negative)
		*ret = pattern_set_invert(*ret);
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

static bool take_range(struct reader *reader, struct pattern_set *set)
{
	const char *start = reader->at;
	unsigned low, high;

	if (!take_end_of_range(reader, &low))
		return false;
	high = low;
	if (reader->end - reader->at >= 2 && *reader->at == '-' && reader->at[1] != ']') {
		reader->at++;
		if (!take_end_of_range(reader, &high))
			return false;
	}
	pattern_set_add(set, low, high, which_case(reader));
	return high >= low || fail(reader, start, "a range that ends before it begins");
}

static bool take_set(struct reader *reader, const struct pattern_node **ret)
{
	const char *start = reader->at++;
	const bool negative = take(reader, "^");
	struct pattern_set set = { { 0 } }, part;

	for (bool is_first = true; is_first || !next_is(reader, "]"); is_first = false) {
		bool fine;

		if (at_end(reader))
			return fail(reader, start, "']' is missing");
		if (take_named_class(reader, &part, &fine) || take_class_escape(reader, &part, &fine)) {
			if (!fine)
				return false;
			pattern_set_join(&set, part);
			continue;
		}
		if (!take_range(reader, &set))
			return false;
	}
	reader->at++;
	*ret = new_set(reader, negative ? pattern_set_invert(set) : set);
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

static void set_flag(struct reader *reader, char flag, bool value)
{
	if (flag == 'i')
		reader->flags.any_case = value;
	else if (flag == 'm')
		reader->flags.lines = value;
	else if (flag == 's')
		reader->flags.newlines = value;	/* and U: which of several matches is found, and here is asked whether there is one */
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
			set_flag(reader, c, !negative);
			some = true;
		} else {
			return fail(reader, start, "(? begins nothing that is supported: there is no look-around");
		}
	}
	return fail(reader, start, "')' is missing");
}

static bool take_alternatives(struct reader *reader, unsigned *ret_repeats, const struct pattern_node **ret);

/* *ret stays NULL for flags that are for what follows. */
static bool take_group(struct reader *reader, unsigned *ret_repeats, const struct pattern_node **ret)
{
	const __typeof__(reader->flags) flags = reader->flags;
	const char *start = reader->at++;
	bool has_body = true, fine;

	if (take(reader, "?") && !take_flags(reader, start, &has_body))
		return false;
	if (!has_body)
		return true;
	if (++reader->depth > DEPTH_MAX)
		return fail(reader, start, "groups are nested too deeply");
	fine = take_alternatives(reader, ret_repeats, ret);
	reader->depth--;
	reader->flags = flags;
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

/* {n}, {n,} or {n,m}; false when it is not, and { is a plain character. */
static bool take_braces(struct reader *reader, unsigned *least, unsigned *most)
{
	const char *start = reader->at;

	if (!take(reader, "{") || !take_count(reader, least))
		goto plain;
	*most = *least;
	if (take(reader, ",")) {
		*most = PATTERN_ENDLESS;
		if (!next_is(reader, "}") && !take_count(reader, most))
			goto plain;
	}
	if (take(reader, "}"))
		return true;
plain:
	reader->at = start;
	return false;
}

/* *, + or ?; *most: as of braces */
static bool take_sign(struct reader *reader, unsigned *least, unsigned *most)
{
	*least = next_is(reader, "+");
	*most = next_is(reader, "?") ? 1 : PATTERN_ENDLESS;
	return take(reader, "*") || take(reader, "+") || take(reader, "?");
}

/* *repeats: how often the innermost part is repeated at most, by counts in braces. */
static bool check_counts(struct reader *reader, const char *start, unsigned least, unsigned most, unsigned *repeats)
{
	const unsigned counted = most == PATTERN_ENDLESS ? least : most;

	if (least > REPEAT_MAX || counted > REPEAT_MAX || least > counted)
		return fail(reader, start, "the count is not valid; it may be 1000 at most");
	if (counted)
		*repeats *= counted;
	return *repeats <= REPEAT_MAX || fail(reader, start, "counts inside each other repeat more than 1000 times");
}

/* Repeats the last part of the sequence, if that is what comes. */
static bool take_repetition(struct reader *reader, struct sequence *sequence, bool *ret_found, unsigned *repeats)
{
	const char *start = reader->at;
	const bool is_sign = next_is(reader, "*") || next_is(reader, "+") || next_is(reader, "?");
	unsigned least, most;

	*ret_found = is_sign ? take_sign(reader, &least, &most) : take_braces(reader, &least, &most);
	if (!*ret_found)
		return true;
	if (!sequence->last)
		return fail(reader, start, "there is nothing to repeat");
	if (!is_sign && !check_counts(reader, start, least, most, repeats))
		return false;
	take(reader, "?");
	sequence->last = new_node(reader, (struct pattern_node){ .kind = NODE_REPEAT, .repeated = sequence->last, .least = least,
								.most = most });
	return true;
}

/* ---- Expressions ---- */

static void take_quoted(struct reader *reader, struct sequence *sequence)
{
	reader->at += 2;
	while (!at_end(reader) && !take(reader, "\\E"))
		add_part(reader, sequence, new_character(reader, take_character(reader)));
}

/* An assertion that is a letter or a sign. */
static bool take_assertion(struct reader *reader, const struct pattern_node **ret)
{
	static const struct { const char *text; enum pattern_assertion one, lines; } rows[] = {
		{ "^", AT_TEXT_START, AT_LINE_START }, { "$", AT_TEXT_END, AT_LINE_END }, { "\\A", AT_TEXT_START, AT_TEXT_START },
		{ "\\z", AT_TEXT_END, AT_TEXT_END }, { "\\b", AT_WORD_BOUNDARY, AT_WORD_BOUNDARY },
		{ "\\B", AT_NO_WORD_BOUNDARY, AT_NO_WORD_BOUNDARY },
	};

	for (size_t n = 0; n < sizeof(rows) / sizeof(*rows); n++)
		if (take(reader, rows[n].text)) {
			*ret = new_assertion(reader, reader->flags.lines ? rows[n].lines : rows[n].one);
			return true;
		}
	return false;
}

static bool take_backslash(struct reader *reader, const struct pattern_node **ret)
{
	struct pattern_set set;
	unsigned c;
	bool fine;

	if (take_class_escape(reader, &set, &fine)) {
		*ret = new_set(reader, set);
		return fine;
	}
	if (!take_escape(reader, &c))
		return false;
	*ret = new_character(reader, c);
	return true;
}

/* *ret stays NULL where nothing is left of it to match. */
static bool take_atom(struct reader *reader, unsigned *ret_repeats, const struct pattern_node **ret)
{
	*ret = NULL;
	if (take_assertion(reader, ret))
		return true;
	switch (*reader->at) {
	case '(':
		return take_group(reader, ret_repeats, ret);
	case '[':
		return take_set(reader, ret);
	case '\\':
		return take_backslash(reader, ret);
	case '.':
		reader->at++;
		*ret = new_any(reader);
		return true;
	default:
		*ret = new_character(reader, take_character(reader));
		return true;
	}
}

static bool take_part(struct reader *reader, struct sequence *sequence, unsigned *ret_repeats)
{
	const struct pattern_node *part;

	if (next_is(reader, "\\Q")) {
		take_quoted(reader, sequence);
		return true;
	}
	if (!take_atom(reader, ret_repeats, &part))
		return false;
	if (part)
		add_part(reader, sequence, part);
	return true;
}

static bool take_sequence(struct reader *reader, unsigned *ret_repeats, const struct pattern_node **ret)
{
	struct sequence sequence = { NULL, NULL };
	bool is_repeated = false;
	unsigned repeats = 1;

	while (!at_end(reader) && *reader->at != '|' && *reader->at != ')') {
		const char *start = reader->at;
		bool found;

		if (!take_repetition(reader, &sequence, &found, &repeats))
			return false;
		if (found && is_repeated)
			return fail(reader, start, "a repetition of a repetition");
		is_repeated = found;
		if (!found) {
			repeats = 1;
			if (!take_part(reader, &sequence, &repeats))
				return false;
		}
		*ret_repeats = repeats > *ret_repeats ? repeats : *ret_repeats;
		if (reader->node_count > LIMIT_PATTERN_PARTS)
			return fail(reader, start, "the pattern has too many parts");
	}
	*ret = whole_sequence(reader, &sequence);
	return true;
}

static bool take_alternatives(struct reader *reader, unsigned *ret_repeats, const struct pattern_node **ret)
{
	const struct pattern_node *other;

	if (!take_sequence(reader, ret_repeats, ret))
		return false;
	while (take(reader, "|")) {
		if (!take_sequence(reader, ret_repeats, &other))
			return false;
		*ret = new_node(reader, (struct pattern_node){ .kind = NODE_EITHER, .first = *ret, .second = other });
	}
	return true;
}

bool pattern_compile(const char *text, size_t length, struct arena *arena, struct pattern *ret, struct pattern_problem *problem)
{
	struct reader reader = { .text = text, .at = text, .end = text + length, .problem = problem, .arena = arena };
	const struct pattern_node *whole;
	unsigned repeats = 1;

	*problem = (struct pattern_problem){ 0 };
	if (!take_alternatives(&reader, &repeats, &whole))
		return false;
	if (!at_end(&reader)) {
		reader.at++;
		return fail(&reader, reader.at - 1, "')' closes nothing");
	}
	return pattern_states(whole, arena, ret) || fail(&reader, text, "its counts repeat too much");
}
