// SPDX-License-Identifier: Apache-2.0
/* fix.c - choosing fixes and trying them out; see fix.h. */
#include "cmd/fix.h"

#include <stdlib.h>
#include <string.h>

enum {
	ROUNDS = 64,			/* a fix can bring another one to light */
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

static size_t problems_of(const struct diagnostics *diagnostics)
{
	return diagnostics->errors + diagnostics->warnings;
}

static size_t compile(struct unit *unit, const struct unit *like, const struct pass *last, const struct buffer *text)
{
	unit_init(unit, like->source.name, text->bytes, text->length);
	unit->diagnostics.severities = like->diagnostics.severities;
	unit_compile(unit, last);
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
	size_t problems;

	apply(&unit->source, fixes, count, &text);
	problems = compile(&trial, unit, last, &text);
	unit_release(&trial);
	buffer_release(&text);
	return problems < problems_of(&unit->diagnostics);
}

/* Keeps of the fixes those that help together; when they do not, those that help each by itself. */
static size_t choose(const struct unit *unit, const struct pass *last, const struct diagnostic **fixes, size_t count)
{
	size_t kept = 0;

	if (!count || helps(unit, last, fixes, count))
		return count;
	if (unit->source.length > ALONE_BYTES)
		return 0;
	for (size_t i = 0; i < count; i++)
		if (helps(unit, last, &fixes[i], 1))
			fixes[kept++] = fixes[i];
	return kept && helps(unit, last, fixes, kept) ? kept : kept > 0;
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

/* One round: the text with the fixes that help, or false when there are none. */
static bool fix_once(const struct unit *unit, const struct pass *last, struct fixed *fixed)
{
	size_t count;
	const struct diagnostic **fixes = safe_fixes(&unit->diagnostics, &count);
	struct buffer text = { 0 };

	count = choose(unit, last, fixes, count);
	for (size_t i = 0; i < count; i++)
		add_note(fixes[i], &fixed->notes);
	if (count)
		apply(&unit->source, fixes, count, &text);
	free(fixes);
	if (!count)
		return false;
	fixed->count += count;
	buffer_release(&fixed->text);
	fixed->text = text;
	return true;
}

void fix_unit(const struct unit *unit, const struct pass *last, struct fixed *ret)
{
	struct buffer source = { 0 };
	int rounds = 1;

	*ret = (struct fixed){ 0 };
	if (!fix_once(unit, last, ret))
		return;
	for (bool more = true; more && rounds < ROUNDS; rounds++) {
		struct unit again;

		buffer_release(&source);	/* the text of this round has to outlive it */
		buffer_add(&source, ret->text.bytes, ret->text.length);
		compile(&again, unit, last, &source);
		more = fix_once(&again, last, ret);
		unit_release(&again);
	}
	ret->more = rounds == ROUNDS;
	buffer_release(&source);
}
