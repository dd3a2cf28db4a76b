// SPDX-License-Identifier: Apache-2.0
/* fix_diff.c - a unified diff of texts whose lines correspond one to one; see fix.h. */
#include <string.h>

#include "cmd/fix.h"

enum { CONTEXT = 3 };

struct line {
	const char *text;
	size_t length;		/* with its line end, if it has one */
};

struct lines {
	struct line *items;
	size_t count, capacity;
};

static struct lines split(const char *text, size_t length, struct arena *arena)
{
	const char *end = text + length;
	struct lines lines = { 0 };

	while (text < end) {
		const char *newline = memchr(text, '\n', (size_t)(end - text));
		const char *next = newline ? newline + 1 : end;

		lines.items = arena_grow(arena, lines.items, lines.count, &lines.capacity, sizeof(*lines.items));
		lines.items[lines.count++] = (struct line){ text, (size_t)(next - text) };
		text = next;
	}
	return lines;
}

static bool same(const struct line *a, const struct line *b)
{
	return a->length == b->length && !memcmp(a->text, b->text, a->length);
}

static void add_line(struct buffer *out, char mark, const struct line *line)
{
	buffer_add_char(out, mark);
	buffer_add(out, line->text, line->length);
	if (line->text[line->length - 1] != '\n')
		buffer_add_text(out, "\n\\ No newline at end of file\n");
}

/* As git does: in double quotes when the name holds something that would end it. */
static void add_name(struct buffer *out, const char *mark, const char *side, const char *name)
{
	bool quoted = false;

	for (const char *c = name; *c; c++)
		quoted |= (unsigned char)*c < 0x20 || *c == 0x7f || *c == '"' || *c == '\\';
	buffer_format(out, "%s %s%s%s", mark, quoted ? "\"" : "", side, *name == '/' ? "" : "/");
	for (const char *c = name; *c; c++)
		if (!quoted)
			buffer_add_char(out, *c);
		else if (*c == '"' || *c == '\\')
			buffer_format(out, "\\%c", *c);
		else if ((unsigned char)*c < 0x20 || *c == 0x7f)
			buffer_format(out, "\\%03o", *c);
		else
			buffer_add_char(out, *c);
	buffer_add_text(out, quoted ? "\"\n" : "\n");
}

struct change { struct lines old, new; };

/* The next line that is changed (or is not), or the end. */
static size_t find(const struct change *change, size_t n, bool changed)
{
	while (n < change->old.count && same(&change->old.items[n], &change->new.items[n]) == changed)
		n++;
	return n;
}

/* Lines [first, end) of both texts. */
static void add_hunk(struct buffer *out, const struct change *change, size_t first, size_t end)
{
	buffer_format(out, "@@ -%zu,%zu +%zu,%zu @@\n", first + 1, end - first, first + 1, end - first);
	while (first < end) {
		size_t same_to = find(change, first, true), changed_to = find(change, same_to, false);

		for (; first < end && first < same_to; first++)
			add_line(out, ' ', &change->old.items[first]);
		for (size_t n = first; n < end && n < changed_to; n++)
			add_line(out, '-', &change->old.items[n]);
		for (; first < end && first < changed_to; first++)
			add_line(out, '+', &change->new.items[first]);
	}
}

/* Where the hunk that begins at the changed line `n` ends: changes that share context are one. */
static size_t hunk_end(const struct change *change, size_t n)
{
	size_t end, next = n;

	do {
		end = find(change, next, false);
		next = find(change, end, true);
	} while (next < change->old.count && next - end <= 2 * CONTEXT);
	return end + CONTEXT < change->old.count ? end + CONTEXT : change->old.count;
}

void fix_diff(const char *name, const char *old, size_t old_length, const struct buffer *text, struct buffer *ret)
{
	struct arena arena = { 0 };
	struct change change = {
		split(old, old_length, &arena), split(text->bytes, text->length, &arena),
	};

	add_name(ret, "---", "a", name);
	add_name(ret, "+++", "b", name);
	for (size_t n = find(&change, 0, true); n < change.old.count; n = find(&change, n, true)) {
		size_t end = hunk_end(&change, n);

		add_hunk(ret, &change, n > CONTEXT ? n - CONTEXT : 0, end);
		n = end;
	}
	arena_release(&arena);
}
