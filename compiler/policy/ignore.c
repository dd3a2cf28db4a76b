// SPDX-License-Identifier: Apache-2.0
/* ignore.c - reading the comments that say to ignore a finding; see ignore.h. */
#include "compiler/policy/ignore.h"

#include <errno.h>
#include <string.h>

#include "compiler/syntax/comment.h"

#define PREFIX "tetra:"
#define WORD "ignore"

/* Where reading a comment stands. */
struct words {
	const struct source *source;
	uint32_t at, end;
};

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static void skip_blanks(struct words *words)
{
	while (words->at < words->end && is_blank(words->source->text[words->at]))
		words->at++;
}

/* Up to a blank, or to a comma when `comma` is one; may be empty. */
static struct span next_word(struct words *words, char comma)
{
	struct span word = { words->source, words->at, words->at };

	while (word.end < words->end && !is_blank(words->source->text[word.end]) &&
	       words->source->text[word.end] != comma)
		word.end++;
	words->at = word.end;
	return word;
}

static bool span_is(struct span span, const char *text)
{
	return span.end - span.start == strlen(text) && !memcmp(span.source->text + span.start, text, strlen(text));
}

/* ---- Lines ---- */

static uint32_t line_start(const struct source *source, uint32_t offset)
{
	while (offset && source->text[offset - 1] != '\n')
		offset--;
	return offset;
}

static uint32_t line_end(const struct source *source, uint32_t offset)
{
	const char *end = memchr(source->text + offset, '\n', source->length - offset);

	return (uint32_t)(end ? end - source->text : (ptrdiff_t)source->length);
}

/* Blank, or nothing but a comment. */
static bool says_nothing(const struct source *source, uint32_t start, uint32_t end)
{
	while (start < end && (is_blank(source->text[start]) || source->text[start] == '\r'))
		start++;
	return start == end || source->text[start] == '#';
}

/* The line that the comment is for. */
static void find_line(const struct source *source, const struct comment *comment, struct ignore *ret)
{
	ret->start = line_start(source, comment->start);
	ret->end = line_end(source, comment->start);
	while (comment->alone && ret->end < source->length && says_nothing(source, ret->start, ret->end)) {
		ret->start = ret->end + 1;
		ret->end = line_end(source, ret->start);
	}
}

/* ---- Codes ---- */

static void unknown_code(struct diagnostics *diagnostics, struct span code)
{
	size_t length = code.end - code.start;
	struct nearest nearest = { .name = code.source->text + code.start, .length = length };

	diag(diagnostics, DIAG_IGNORE_COMMENT, code, "there is no code '%.*s'",
		(int)(length < NEAREST_NAME_MAX ? length : NEAREST_NAME_MAX), nearest.name);
	for (enum diagnostic_id id = 0; id < DIAG_COUNT; id++)
		nearest_try(&nearest, diagnostic_rows[id].code);
	if (nearest.best && !nearest.distance)
		diag_nearest(diagnostics, &nearest);
	else
		diag_help(diagnostics, "write '# tetra:ignore CODE REASON', with a code as in a finding: TP205");
}

static bool is_about_ignoring(int id)
{
	return id == DIAG_IGNORE_COMMENT || id == DIAG_IGNORE_REASON || id == DIAG_IGNORE_UNUSED || id == DIAG_IGNORE_REFUSED;
}

static int add_code(struct diagnostics *diagnostics, struct span code, struct ignore line)
{
	int id = diagnostic_find(code.source->text + code.start, code.end - code.start);

	if (id < 0) {
		unknown_code(diagnostics, code);
		return 0;
	}
	if (!diagnostic_may_be_off(id) || is_about_ignoring(id))
		return diag(diagnostics, DIAG_IGNORE_REFUSED, code, "%s cannot be ignored: %s", diagnostic_rows[id].code,
			diagnostic_rows[id].title);
	if (diagnostics->ignore_count == LIMIT_IGNORES)
		return diag(diagnostics, DIAG_TOO_LARGE, code, "the ignore comments of the file have more than %d codes",
			LIMIT_IGNORES);
	diagnostics->ignores = arena_grow(diagnostics->arena, diagnostics->ignores, diagnostics->ignore_count,
		&diagnostics->ignore_capacity, sizeof(line));
	line.at = code;
	line.id = id;
	diagnostics->ignores[diagnostics->ignore_count++] = line;
	return 0;
}

/* "TP205,TP416" */
static int add_codes(struct diagnostics *diagnostics, struct words *words, struct ignore line)
{
	int failed = 0;

	for (bool more = true; more && !failed;) {
		failed = add_code(diagnostics, next_word(words, ','), line);
		more = words->at < words->end && words->source->text[words->at] == ',';
		words->at += more;
	}
	return failed;
}

/* ---- Comments ---- */

static int refuse_comment(struct diagnostics *diagnostics, struct span at, const char *problem)
{
	int failed = diag(diagnostics, DIAG_IGNORE_COMMENT, at, "%s", problem);

	diag_help(diagnostics, "write '# tetra:ignore CODE REASON', with a code as in a finding: TP205");
	return failed;
}

/* "tetra:" and then something else may be prose, unless it is nearly our word. */
static int other_word(struct diagnostics *diagnostics, struct words *words, struct span word)
{
	struct nearest nearest = { .name = words->source->text + word.start, .length = word.end - word.start };

	if (!nearest.length) {
		skip_blanks(words);
		return span_is(next_word(words, ' '), WORD) ?
			refuse_comment(diagnostics, word, "there is a blank in 'tetra:ignore'") : 0;
	}
	nearest_try(&nearest, WORD);
	return nearest.best ? refuse_comment(diagnostics, word, "this is almost 'tetra:ignore', and ignores nothing") : 0;
}

/* `line` is that of the comment before, and becomes that of this one. */
static int read_comment(const struct source *source, const struct comment *comment, struct diagnostics *diagnostics,
			struct ignore *line)
{
	struct words words = { source, comment->start + (uint32_t)strlen(PREFIX), comment->end };
	struct span word = next_word(&words, ' '), first;
	int failed;

	if (!span_is(word, WORD))
		return other_word(diagnostics, &words, word);
	skip_blanks(&words);
	if (words.at == words.end)
		return refuse_comment(diagnostics, word, "the comment says not what to ignore");
	first = (struct span){ source, words.at, words.at };
	if (!comment->alone || comment->start >= line->start)	/* else one of several above one line */
		find_line(source, comment, line);
	failed = add_codes(diagnostics, &words, *line);
	first.end = words.at;
	skip_blanks(&words);
	if (!failed && words.at == words.end)
		failed = diag(diagnostics, DIAG_IGNORE_REASON, first, "the comment gives no reason");
	return failed;
}

int ignores_read(const struct source *source, struct diagnostics *diagnostics)
{
	struct comment *comments = NULL;
	size_t count = comments_find(source, PREFIX, diagnostics->arena, &comments);
	struct ignore line = { 0 };
	int failed = 0;

	for (size_t n = 0; n < count && !failed; n++)
		failed = read_comment(source, &comments[n], diagnostics, &line);
	return failed;
}

void ignores_finish(struct diagnostics *diagnostics)
{
	for (size_t n = 0; n < diagnostics->ignore_count; n++) {
		const struct ignore *ignore = &diagnostics->ignores[n];

		if (!ignore->used)
			diag(diagnostics, DIAG_IGNORE_UNUSED, ignore->at, "there is no %s here to ignore",
				diagnostic_rows[ignore->id].code);
	}
}
