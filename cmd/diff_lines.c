// SPDX-License-Identifier: Apache-2.0
/* diff_lines.c - the longest common subsequence of two lists of lines; see diff_lines.h. */
#include "cmd/diff_lines.h"

#include <stdbool.h>
#include <string.h>

#include "compiler/base/arena.h"

enum {
	CONTEXT = 3,
	CELLS_MAX = 16 << 20,	/* of the table of common lengths */
};

struct line { const char *text; size_t length; };
struct lines { struct line *items; size_t count, capacity; };

static struct lines split(const struct buffer *text, struct arena *arena)
{
	const char *at = text->bytes, *end = at + text->length;
	struct lines lines = { 0 };

	while (at < end) {
		const char *newline = memchr(at, '\n', (size_t)(end - at));
		const char *next = newline ? newline + 1 : end;

		lines.items = arena_grow(arena, lines.items, lines.count, &lines.capacity, sizeof(*lines.items));
		lines.items[lines.count++] = (struct line){ at, (size_t)(next - at) };
		at = next;
	}
	return lines;
}

static bool same(const struct line *a, const struct line *b)
{
	return a->length == b->length && !memcmp(a->text, b->text, a->length);
}

/* ---- The marked lines ---- */

struct marked { char mark; const struct line *line; };
struct script { struct marked *items; size_t count; };

static void take(struct script *script, char mark, const struct line *line)
{
	script->items[script->count++] = (struct marked){ mark, line };
}

/* lengths[i * width + j]: of the longest common subsequence of what follows old line i and new line j. */
static uint16_t *common_lengths(const struct lines *old, const struct lines *new, struct arena *arena)
{
	const size_t width = new->count + 1;
	uint16_t *lengths = arena_array(arena, uint16_t, (old->count + 1) * width);

	for (size_t i = old->count; i-- > 0;)
		for (size_t j = new->count; j-- > 0;) {
			const uint16_t down = lengths[(i + 1) * width + j], right = lengths[i * width + j + 1];

			lengths[i * width + j] = same(&old->items[i], &new->items[j]) ?
				(uint16_t)(lengths[(i + 1) * width + j + 1] + 1) : down > right ? down : right;
		}
	return lengths;
}

static struct script compare(const struct lines *old, const struct lines *new, struct arena *arena)
{
	struct script script = { .items = arena_array(arena, struct marked, old->count + new->count) };
	const bool fits = old->count < UINT16_MAX && new->count < UINT16_MAX &&
			  (old->count + 1) * (new->count + 1) <= CELLS_MAX;
	const uint16_t *lengths = fits ? common_lengths(old, new, arena) : NULL;
	const size_t width = new->count + 1;
	size_t i = 0, j = 0;

	while (fits && i < old->count && j < new->count)
		if (same(&old->items[i], &new->items[j]))
			take(&script, ' ', &old->items[i++]), j++;
		else if (lengths[(i + 1) * width + j] >= lengths[i * width + j + 1])
			take(&script, '-', &old->items[i++]);
		else
			take(&script, '+', &new->items[j++]);
	while (i < old->count)
		take(&script, '-', &old->items[i++]);
	while (j < new->count)
		take(&script, '+', &new->items[j++]);
	return script;
}

/* Whether a line that both have stands near one that both have not. */
static bool is_near(const struct script *script, size_t n)
{
	const size_t first = n > CONTEXT ? n - CONTEXT : 0;

	for (size_t i = first; i <= n + CONTEXT && i < script->count; i++)
		if (script->items[i].mark != ' ')
			return true;
	return false;
}

void diff_lines(const struct buffer *old, const struct buffer *new, const char *indent, struct buffer *ret)
{
	struct arena arena = { 0 };
	struct lines a = split(old, &arena), b = split(new, &arena);
	struct script script = compare(&a, &b, &arena);

	for (size_t n = 0; n < script.count; n++)
		if (is_near(&script, n)) {
			buffer_format(ret, "%s%c ", indent, script.items[n].mark);
			buffer_add(ret, script.items[n].line->text, script.items[n].line->length);
		}
	arena_release(&arena);
}
