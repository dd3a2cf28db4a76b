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

static void record(struct diagnostics *diagnostics, struct diagnostic diagnostic)
{
	if (diagnostics->count == LIMIT_DIAGNOSTICS) {
		diagnostics->truncated = true;
		return;
	}
	diagnostics->items = arena_grow(diagnostics->arena, diagnostics->items, diagnostics->count,
		&diagnostics->capacity, sizeof(*diagnostics->items));
	diagnostics->items[diagnostics->count++] = diagnostic;
}

int diag(struct diagnostics *diagnostics, enum diagnostic_id id, struct span at, const char *format, ...)
{
	bool is_error = diagnostic_rows[id].severity == SEVERITY_ERROR;
	struct diagnostic diagnostic = { .id = id, .at = at };
	va_list arguments;

	va_start(arguments, format);
	diagnostic.message = format_text(diagnostics->arena, format, arguments);
	va_end(arguments);
	diagnostics->latest_is_later = false;
	diagnostics->latest_is_known = is_known(diagnostics, &diagnostic);
	if (!diagnostics->latest_is_known) {
		*(is_error ? &diagnostics->errors : &diagnostics->warnings) += 1;
		record(diagnostics, diagnostic);
	}
	return is_error ? -EINVAL : 0;
}

void diag_later(struct diagnostics *diagnostics, struct span at, const char *what, ...)
{
	struct diagnostic diagnostic = { .id = DIAG_NOT_SUPPORTED, .at = at };
	va_list arguments;

	va_start(arguments, what);
	diagnostic.message = arena_format(diagnostics->arena, "%s is not supported yet by this version of tetra",
		format_text(diagnostics->arena, what, arguments));
	va_end(arguments);
	diagnostics->latest_is_later = true;
	diagnostics->later = arena_grow(diagnostics->arena, diagnostics->later, diagnostics->later_count,
		&diagnostics->later_capacity, sizeof(*diagnostics->later));
	diagnostics->later[diagnostics->later_count++] = diagnostic;
}

int diagnostics_settle(struct diagnostics *diagnostics)
{
	size_t count = diagnostics->later_count;

	for (size_t i = 0; i < count; i++)
		record(diagnostics, diagnostics->later[i]);
	diagnostics->errors += count;
	diagnostics->later_count = 0;
	return count ? -EINVAL : 0;
}

/* The diagnostic to complete; NULL when the last one was not recorded. */
static struct diagnostic *latest(struct diagnostics *diagnostics)
{
	if (diagnostics->latest_is_later)
		return &diagnostics->later[diagnostics->later_count - 1];
	if (diagnostics->latest_is_known || diagnostics->truncated || !diagnostics->count)
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
