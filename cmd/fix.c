// SPDX-License-Identifier: Apache-2.0
/* fix.c - choosing fixes and trying them out; see fix.h. */
#include "cmd/fix.h"

#include <stdlib.h>
#include <string.h>

#include "cmd/input.h"

enum {
	ROUNDS = 64,
	ALONE_BYTES = 256 << 10,	/* larger texts are not tried with each fix by itself */
};

/* ---- One fix ---- */

static bool is_quoted(const char *text, size_t length)
{
	return length >= 2 && (*text == '"' || *text == '\'') && text[length - 1] == *text;
}

void fix_text(const struct diagnostic *diagnostic, struct buffer *ret)
{
	const char *old = diagnostic->at.source->text + diagnostic->at.start;
	bool quotes = is_quoted(old, diagnostic->at.end - diagnostic->at.start) && diagnostic->id != DIAG_QUOTED &&
		*diagnostic->replacement != '"';

	if (quotes)
		buffer_add_char(ret, *old);
	buffer_add_text(ret, diagnostic->replacement);
	if (quotes)
		buffer_add_char(ret, *old);
}

static bool is_safe(const struct diagnostic *diagnostic)
{
	struct span at = diagnostic->at;

	return diagnostic->replacement && !diagnostic->only_guessed && at.source && at.end > at.start &&
		!memchr(at.source->text + at.start, '\n', at.end - at.start) && !strchr(diagnostic->replacement, '\n');
}

static int by_place(const void *a, const void *b)
{
	const struct diagnostic *x = *(const struct diagnostic *const *)a;
	const struct diagnostic *y = *(const struct diagnostic *const *)b;

	return x->at.start < y->at.start ? -1 : x->at.start > y->at.start;
}

/* In the order of the text, none over another.  The caller frees. */
static const struct diagnostic **safe_fixes(const struct diagnostics *diagnostics, size_t *ret_count)
{
	const struct diagnostic **fixes = calloc(diagnostics->count + 1, sizeof(*fixes));
	size_t found = 0, count = 0;

	if (!fixes)
		abort();
	for (size_t i = 0; i < diagnostics->count; i++)
		if (is_safe(&diagnostics->items[i]))
			fixes[found++] = &diagnostics->items[i];
	qsort(fixes, found, sizeof(*fixes), by_place);
	for (size_t i = 0; i < found; i++)
		if (!count || fixes[count - 1]->at.end <= fixes[i]->at.start)
			fixes[count++] = fixes[i];
	*ret_count = count;
	return fixes;
}

/* ---- Trying ---- */

/* An error weighs more than any number of warnings. */
static uint64_t problems_of(const struct diagnostics *diagnostics)
{
	return (uint64_t)diagnostics->errors << 32 | (uint32_t)diagnostics->warnings;
}

static uint64_t compile(struct unit *unit, const struct unit *like, const struct pass *last, const struct buffer *text)
{
	unit_init(unit, like->source.name, text->bytes, text->length);
	unit->diagnostics.severities = like->diagnostics.severities;
	input_compile_alone(unit, last);
	return problems_of(&unit->diagnostics);
}

static void apply(const struct source *source, const struct diagnostic *const *fixes, size_t count,
		  struct buffer *ret)
{
	uint32_t from = 0;

	for (size_t i = 0; i < count; i++) {
		buffer_add(ret, source->text + from, fixes[i]->at.start - from);
		fix_text(fixes[i], ret);
		from = fixes[i]->at.end;
	}
	buffer_add(ret, source->text + from, source->length - from);
}

static bool helps(const struct unit *unit, const struct pass *last, const struct diagnostic *const *fixes, size_t count)
{
	struct buffer text = { 0 };
	struct unit trial;
	uint64_t problems;

	apply(&unit->source, fixes, count, &text);
	problems = compile(&trial, unit, last, &text);
	unit_release(&trial);
	buffer_release(&text);
	return problems < problems_of(&unit->diagnostics);
}

/* Keeps of the fixes those that help each by itself and all together. */
static size_t choose(const struct unit *unit, const struct pass *last, const struct diagnostic **fixes, size_t count)
{
	size_t kept = 0;

	if (unit->source.length > ALONE_BYTES)
		return 0;
	for (size_t i = 0; i < count; i++)
		if (helps(unit, last, &fixes[i], 1))
			fixes[kept++] = fixes[i];
	return !kept || helps(unit, last, fixes, kept) ? kept : 1;
}

static void add_note(const struct diagnostic *diagnostic, struct buffer *ret)
{
	const struct source *source = diagnostic->at.source;
	struct position at = source_position(source, diagnostic->at.start);
	struct buffer text = { 0 };

	fix_text(diagnostic, &text);
	buffer_format(ret, "%s:%u:%u: fixed[%s]: %.*s is now %s\n", source->name, at.line, at.column,
		diagnostic_rows[diagnostic->id].code, (int)(diagnostic->at.end - diagnostic->at.start),
		source->text + diagnostic->at.start, text.bytes);
	buffer_release(&text);
}

/* Adds to `fixed` what it becomes with these fixes. */
static void take(const struct unit *unit, const struct diagnostic *const *fixes, size_t count, struct fixed *fixed)
{
	struct buffer text = { 0 };

	for (size_t i = 0; i < count; i++)
		add_note(fixes[i], &fixed->notes);
	apply(&unit->source, fixes, count, &text);
	fixed->count += count;
	buffer_release(&fixed->text);
	fixed->text = text;
}

static struct fixed copy_of(const struct fixed *fixed)
{
	struct fixed copy = { .count = fixed->count };

	buffer_add(&copy.text, fixed->text.bytes, fixed->text.length);
	buffer_add(&copy.notes, fixed->notes.bytes, fixed->notes.length);
	return copy;
}

static void release(struct fixed *fixed)
{
	buffer_release(&fixed->text);
	buffer_release(&fixed->notes);
	*fixed = (struct fixed){ 0 };
}

/* One round on `unit`; false when there is nothing to fix. */
static bool fix_all(const struct unit *unit, struct fixed *fixed)
{
	size_t count;
	const struct diagnostic **fixes = safe_fixes(&unit->diagnostics, &count);

	if (count)
		take(unit, fixes, count, fixed);
	free(fixes);
	return count;
}

static void fix_each_alone(const struct unit *unit, const struct pass *last, struct fixed *ret)
{
	size_t count;
	const struct diagnostic **fixes = safe_fixes(&unit->diagnostics, &count);

	count = choose(unit, last, fixes, count);
	if (count)
		take(unit, fixes, count, ret);
	free(fixes);
}

/*
 * A fix can bring others to light: with the kind of a document right, the rest of it is read.  So all are made, round
 * by round, until there is none left, and the text with the fewest problems on the way is kept.
 */
void fix_unit(const struct unit *unit, const struct pass *last, struct fixed *ret)
{
	uint64_t fewest = problems_of(&unit->diagnostics);
	struct fixed now = { 0 };
	bool more = fix_all(unit, &now);
	int rounds;

	*ret = (struct fixed){ 0 };
	for (rounds = 0; more && rounds < ROUNDS; rounds++) {
		struct buffer text = { 0 };
		struct unit again;
		uint64_t problems;

		buffer_add(&text, now.text.bytes, now.text.length);
		problems = compile(&again, unit, last, &text);
		if (problems < fewest) {
			fewest = problems;
			release(ret);
			*ret = copy_of(&now);
		}
		more = fix_all(&again, &now);
		unit_release(&again);
		buffer_release(&text);
	}
	if (!ret->count)
		fix_each_alone(unit, last, ret);
	ret->more = more && ret->count;
	release(&now);
}
