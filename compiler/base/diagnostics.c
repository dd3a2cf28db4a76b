// SPDX-License-Identifier: Apache-2.0
/* diagnostics.c - recording what is wrong; see diagnostics.h. */
#include "compiler/base/diagnostics.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void diagnostics_init(struct diagnostics *diagnostics, struct arena *arena)
{
	*diagnostics = (struct diagnostics){ .arena = arena };
}

static const char *format_text(struct arena *arena, const char *format, va_list arguments)
{
	char *text;
	int length;
	va_list again;

	va_copy(again, arguments);
	length = vsnprintf(NULL, 0, format, again);
	va_end(again);
	if (length < 0)
		return "";
	text = arena_alloc(arena, (size_t)length + 1, 1);
	vsnprintf(text, (size_t)length + 1, format, arguments);
	return text;
}

static bool is_known(const struct diagnostics *diagnostics, const struct diagnostic *diagnostic)
{
	for (size_t i = 0; i < diagnostics->count; i++) {
		const struct diagnostic *known = &diagnostics->items[i];

		if (known->id == diagnostic->id && known->at.source == diagnostic->at.source &&
		    known->at.start == diagnostic->at.start && known->at.end == diagnostic->at.end &&
		    !strcmp(known->message, diagnostic->message))
			return true;
	}
	return false;
}

/* For an error the last warning goes: an error must not hide behind a hundred warnings. */
static bool make_room(struct diagnostics *diagnostics, const struct diagnostic *diagnostic)
{
	size_t n = diagnostics->count;

	if (n < LIMIT_DIAGNOSTICS)
		return true;
	diagnostics->truncated = true;
	if (diagnostic->severity != SEVERITY_ERROR)
		return false;
	while (n && diagnostics->items[n - 1].severity == SEVERITY_ERROR)
		n--;
	if (!n)
		return false;
	memmove(&diagnostics->items[n - 1], &diagnostics->items[n], (diagnostics->count - n) * sizeof(*diagnostics->items));
	diagnostics->count--;
	return true;
}

static void record(struct diagnostics *diagnostics, struct diagnostic diagnostic)
{
	diagnostics->dropped = !make_room(diagnostics, &diagnostic);
	if (diagnostics->dropped)
		return;
	diagnostics->items = arena_grow(diagnostics->arena, diagnostics->items, diagnostics->count,
		&diagnostics->capacity, sizeof(*diagnostics->items));
	diagnostics->items[diagnostics->count++] = diagnostic;
}

void severities_init(struct severities *severities)
{
	for (enum diagnostic_id id = 0; id < DIAG_COUNT; id++)
		severities->of[id] = (uint8_t)diagnostic_rows[id].severity;
}

static enum severity severity_of(const struct diagnostics *diagnostics, enum diagnostic_id id)
{
	enum severity severity = diagnostic_rows[id].severity;

	if (diagnostics->severities && diagnostic_may_be_off(id))
		severity = diagnostics->severities->of[id];
	return severity == SEVERITY_SOFT_ERROR ? SEVERITY_ERROR : severity;
}

/* The first that is for the line of `offset`, or behind it. */
static size_t first_ignore(const struct diagnostics *diagnostics, uint32_t offset)
{
	size_t low = 0, high = diagnostics->ignore_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (diagnostics->ignores[middle].end < offset)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static bool is_ignored(struct diagnostics *diagnostics, enum diagnostic_id id, struct span at)
{
	bool ignored = false;

	if (!diagnostics->ignore_count || !diagnostic_may_be_off(id) || span_is_empty(at))
		return false;
	for (size_t n = first_ignore(diagnostics, at.start); n < diagnostics->ignore_count; n++) {
		struct ignore *ignore = &diagnostics->ignores[n];

		if (ignore->start > at.start)
			break;
		if (ignore->id == id && ignore->at.source == at.source)
			ignore->used = ignored = true;
	}
	return ignored;
}

/* A warning that is raised to an error still lets the passes go on. */
static int count(struct diagnostics *diagnostics, const struct diagnostic *diagnostic)
{
	bool warns = diagnostic_rows[diagnostic->id].severity == SEVERITY_WARNING ||
		diagnostic->severity == SEVERITY_WARNING;

	if (!warns) {
		diagnostics->errors++;
		return -EINVAL;
	}
	diagnostics->warnings++;
	diagnostics->raised += diagnostic->severity == SEVERITY_ERROR;
	return 0;
}

int diag(struct diagnostics *diagnostics, enum diagnostic_id id, struct span at, const char *format, ...)
{
	struct diagnostic diagnostic = { .id = id, .at = at, .severity = severity_of(diagnostics, id) };
	va_list arguments;

	diagnostics->latest_is_later = false;
	diagnostics->dropped = is_ignored(diagnostics, id, at) || diagnostic.severity == SEVERITY_OFF;
	if (diagnostics->dropped)
		return 0;
	va_start(arguments, format);
	diagnostic.message = format_text(diagnostics->arena, format, arguments);
	va_end(arguments);
	diagnostics->dropped = is_known(diagnostics, &diagnostic);
	if (diagnostics->dropped)
		return diagnostic_rows[id].severity == SEVERITY_WARNING ? 0 : -EINVAL;
	record(diagnostics, diagnostic);
	return count(diagnostics, &diagnostic);
}

void diag_later(struct diagnostics *diagnostics, struct span at, const char *what, ...)
{
	struct diagnostic diagnostic = { .id = DIAG_NOT_SUPPORTED, .at = at, .severity = SEVERITY_ERROR };
	va_list arguments;

	va_start(arguments, what);
	diagnostic.message = format_text(diagnostics->arena, what, arguments);
	va_end(arguments);
	diagnostics->latest_is_later = true;
	diagnostics->later = arena_grow(diagnostics->arena, diagnostics->later, diagnostics->later_count,
		&diagnostics->later_capacity, sizeof(*diagnostics->later));
	diagnostics->later[diagnostics->later_count++] = diagnostic;
}

int diagnostics_settle(struct diagnostics *diagnostics)
{
	size_t count = diagnostics->later_count;

	for (size_t i = 0; i < count; i++) {
		struct diagnostic diagnostic = diagnostics->later[i];

		diagnostic.message = arena_format(diagnostics->arena, "%s is not supported yet by this version of tetra",
			diagnostic.message);
		record(diagnostics, diagnostic);
	}
	diagnostics->errors += count;
	diagnostics->later_count = 0;
	return count ? -EINVAL : 0;
}

/* The diagnostic to complete; NULL when the last one was dropped or only counted. */
static struct diagnostic *latest(struct diagnostics *diagnostics)
{
	if (diagnostics->latest_is_later)
		return &diagnostics->later[diagnostics->later_count - 1];
	if (diagnostics->dropped || !diagnostics->count)
		return NULL;
	return &diagnostics->items[diagnostics->count - 1];
}

bool diag_is_kept(struct diagnostics *diagnostics)
{
	return latest(diagnostics) != NULL;
}

void diag_related(struct diagnostics *diagnostics, struct span at, const char *message)
{
	struct diagnostic *last = latest(diagnostics);

	if (!last)
		return;
	last->related = at;
	last->related_message = message;
}

void diag_help(struct diagnostics *diagnostics, const char *format, ...)
{
	struct diagnostic *last = latest(diagnostics);
	va_list arguments;

	if (!last)
		return;
	va_start(arguments, format);
	last->help = format_text(diagnostics->arena, format, arguments);
	va_end(arguments);
}

void diag_replacement(struct diagnostics *diagnostics, const char *text)
{
	struct diagnostic *last = latest(diagnostics);

	if (last)
		last->replacement = text;
}

void diag_nearest(struct diagnostics *diagnostics, const struct nearest *nearest)
{
	struct diagnostic *last = latest(diagnostics);

	diag_help(diagnostics, "did you mean '%s'?", nearest->best);
	diag_replacement(diagnostics, nearest->best);
	if (last)
		last->only_guessed = !nearest_is_clear(nearest);
}
