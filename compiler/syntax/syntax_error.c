// SPDX-License-Identifier: Apache-2.0
/* syntax_error.c - see syntax_error.h. */
#include "compiler/syntax/syntax_error.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

static bool is_ascii(const char *text, size_t length)
{
	unsigned char seen = 0;

	for (size_t i = 0; i < length; i++)
		seen |= (unsigned char)text[i];
	return seen < 0x80;
}

void text_cursor_init(struct text_cursor *cursor, const struct source *source)
{
	bool marked = source->length >= 3 && !memcmp(source->text, "\xef\xbb\xbf", 3);

	*cursor = (struct text_cursor){ .source = source, .first = marked ? 3 : 0 };
	cursor->ascii = is_ascii(source->text + cursor->first, source->length - cursor->first);
	cursor->offset = cursor->first;
}

static bool is_continuation(const struct source *source, uint32_t offset)
{
	return offset < source->length && ((unsigned char)source->text[offset] & 0xc0) == 0x80;
}

uint32_t text_cursor_seek(struct text_cursor *cursor, size_t index)
{
	const struct source *source = cursor->source;
	uint32_t end = (uint32_t)source->length;

	if (cursor->ascii && index + cursor->first <= end)
		return cursor->first + (uint32_t)index;
	while (cursor->index < index && cursor->offset < end) {
		cursor->index++;
		do
			cursor->offset++;
		while (is_continuation(source, cursor->offset));
	}
	while (cursor->index > index && cursor->offset > cursor->first) {
		cursor->index--;
		do
			cursor->offset--;
		while (is_continuation(source, cursor->offset));
	}
	return cursor->offset;
}

/* What libyaml says, what we say, and what to do about it. */
static const struct complaint {
	const char *problem, *message, *help;
} complaints[] = {
	{ "mapping values are not allowed in this context", "a second ':' on this line",
	  "if the text belongs to the value, quote the value; if it is a key, put it on its own line" },
	{ "did not find expected key", "this does not fit the mapping around it",
	  "line it up with the other keys, or quote the value before it" },
	{ "did not find expected '-' indicator", "this does not fit the list around it",
	  "begin each entry with '- ', at the same column" },
	{ "could not find expected ':'", "a key without ':'", "write 'key: value'" },
	{ "did not find expected ',' or ']'", "the list in brackets is not closed", "add ']'" },
	{ "did not find expected ',' or '}'", "the mapping in braces is not closed", "add '}'" },
	{ "did not find expected node content", "a value is missing here",
	  "give one; or close the bracket that is open before it" },
	{ "found unexpected end of stream", "a quote is never closed", "add the closing quote" },
	{ "found unexpected document indicator", "a quote is never closed", "add the closing quote" },
	{ "did not find expected <document start>", "this does not continue the document",
	  "line it up with the other keys; or begin a new document with '---'" },
	{ "found unknown escape character", "there is no such escape in double quotes",
	  "write \\\\ for a backslash, or use single quotes" },
	{ "block sequence entries are not allowed in this context", "a list cannot begin here",
	  "put the '-' on its own line" },
	{ "found a tab character that violates indentation", "a tab is used to indent", NULL },
	{ "found a tab character where an indentation space is expected", "a tab is used to indent", NULL },
};

static const struct complaint *find_complaint(const char *problem)
{
	for (size_t i = 0; problem && i < sizeof(complaints) / sizeof(*complaints); i++)
		if (!strcmp(complaints[i].problem, problem))
			return &complaints[i];
	return NULL;
}

static const struct { const char *context, *related; } contexts[] = {
	{ "while parsing a block mapping", "the mapping begins here" },
	{ "while parsing a block collection", "the list begins here" },
	{ "while parsing a flow sequence", "the list begins here" },
	{ "while parsing a flow mapping", "the mapping begins here" },
	{ "while scanning a quoted scalar", "the quote is opened here" },
	{ "while parsing a quoted scalar", "the quote is opened here" },
	{ "while scanning a simple key", "the key begins here" },
};

static const char *find_context(const char *context)
{
	for (size_t i = 0; context && i < sizeof(contexts) / sizeof(*contexts); i++)
		if (!strcmp(contexts[i].context, context))
			return contexts[i].related;
	return NULL;
}

static struct span span_at(const struct source *source, uint32_t offset)
{
	uint32_t end = offset < source->length ? offset + 1 : offset;

	while (is_continuation(source, end))
		end++;
	return (struct span){ source, offset, end };
}

/* The first tab of the line that stands before anything else. */
static bool find_tab(const struct source *source, uint32_t offset, uint32_t *ret)
{
	uint32_t start = offset > source->length ? (uint32_t)source->length : offset;

	while (start && source->text[start - 1] != '\n')
		start--;
	for (; start < source->length && strchr(" \t-", source->text[start]) && source->text[start]; start++)
		if (source->text[start] == '\t') {
			*ret = start;
			return true;
		}
	return false;
}

static int reader_error(const yaml_parser_t *yaml, const struct source *source, uint32_t first,
			struct diagnostics *diagnostics)
{
	uint32_t offset = first + (uint32_t)yaml->problem_offset;
	struct span at = span_at(source, offset);

	if (strcmp(yaml->problem, "control characters are not allowed"))
		return diag(diagnostics, DIAG_NOT_TEXT, at, "the file is not text in UTF-8: %s", yaml->problem);
	diag(diagnostics, DIAG_SYNTAX, at, "control character 0x%02x", (unsigned)yaml->problem_value);
	diag_help(diagnostics, "write it as \"\\x%02x\" in double quotes", (unsigned)yaml->problem_value & 0xff);
	return -EINVAL;
}

int syntax_error(const struct yaml_parser_s *yaml, const struct source *source, struct text_cursor *cursor,
		 struct diagnostics *diagnostics)
{
	const struct complaint *complaint = find_complaint(yaml->problem);
	const char *related = find_context(yaml->context);
	uint32_t tab, offset;

	if (yaml->error == YAML_MEMORY_ERROR)
		abort();
	if (yaml->error == YAML_READER_ERROR)
		return reader_error(yaml, source, cursor->first, diagnostics);
	offset = text_cursor_seek(cursor, yaml->problem_mark.index);
	if (find_tab(source, offset, &tab)) {
		diag(diagnostics, DIAG_TAB, span_at(source, tab), "a tab is used to indent");
		diag_help(diagnostics, "use spaces");
		return -EINVAL;
	}
	diag(diagnostics, DIAG_SYNTAX, span_at(source, offset), "%s",
		complaint ? complaint->message : yaml->problem);
	if (complaint && complaint->help)
		diag_help(diagnostics, "%s", complaint->help);
	if (related)
		diag_related(diagnostics, span_at(source, text_cursor_seek(cursor, yaml->context_mark.index)), related);
	return -EINVAL;
}
