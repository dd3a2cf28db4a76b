// SPDX-License-Identifier: Apache-2.0
/* operand_link.c - paths that go through a link of the distribution, which the kernel's path of the file does not; see operand.h. */
#include "compiler/policy/operand.h"

#include <stdlib.h>
#include <string.h>

static const struct link_row {
	const char *from, *to;
} link_rows[] = {
#define LINK(from, to) { from, to },
#include "schema/links.def"
#undef LINK
};

/* Bytes that need not end in NUL, as a key for bsearch. */
struct bytes { const char *start; size_t length; };

static int compare(const void *a, const void *b)
{
	const struct bytes *left = a, *right = b;
	size_t common = left->length < right->length ? left->length : right->length;
	int order = common ? memcmp(left->start, right->start, common) : 0;

	return order ? order : (left->length > right->length) - (left->length < right->length);
}

static const struct link_row *link_of(const struct text *path)
{
	for (size_t i = 0; i < sizeof(link_rows) / sizeof(*link_rows); i++)
		if (path->length >= strlen(link_rows[i].from) && !strncmp(path->bytes, link_rows[i].from, strlen(link_rows[i].from)))
			return &link_rows[i];
	return NULL;
}

static const char *behind(const struct link_row *row, const struct text *path, struct arena *arena)
{
	const size_t from = strlen(row->from);

	return arena_format(arena, "%s%.*s", row->to, (int)(path->length - from), path->bytes + from);
}

/* Whether the list has the path, or for prefixes a beginning of it. */
static bool is_listed(const struct bytes *sorted, size_t count, const char *path, bool prefixes)
{
	const struct bytes whole = { path, strlen(path) };

	for (struct bytes key = { path, prefixes ? 1 : whole.length }; key.length <= whole.length; key.length++)
		if (bsearch(&key, sorted, count, sizeof(*sorted), compare))
			return true;
	return false;
}

/* One for the list: who sees one sees the others. */
void operand_warn_links(const struct policy_value_list *values, enum operator_id op, struct diagnostics *diagnostics)
{
	const bool prefixes = op == OPERATOR_PREFIX || op == OPERATOR_NOT_PREFIX;
	struct bytes *sorted = NULL;

	if (op == OPERATOR_POSTFIX || op == OPERATOR_NOT_POSTFIX || op == OPERATOR_SUBSTRING || op == OPERATOR_SUBSTRING_ANY_CASE ||
	    op == OPERATOR_GLOB || op == OPERATOR_NOT_GLOB)
		return;
	for (size_t i = 0; i < values->count; i++) {
		const struct text *path = &values->items[i].text;
		const struct link_row *row = values->items[i].form == VALUE_BYTES ? link_of(path) : NULL;
		const char *target;

		if (!row)
			continue;
		if (!sorted) {
			sorted = arena_array(diagnostics->arena, struct bytes, values->count);
			for (size_t n = 0; n < values->count; n++)
				sorted[n] = (struct bytes){ values->items[n].text.bytes, values->items[n].text.length };
			qsort(sorted, values->count, sizeof(*sorted), compare);
		}
		target = behind(row, path, diagnostics->arena);
		if (is_listed(sorted, values->count, target, prefixes))
			continue;
		diag(diagnostics, DIAG_LINKED_PATH, path->at, "where %.*s is a link, as on most hosts, no path begins with '%s'",
			(int)strlen(row->from) - 1, row->from, row->from);
		diag_help(diagnostics, "filters see the path without links: add \"%.*s\"%s", OPERAND_SHOWN, target,
			values->count > 1 ? ", and so for the others" : "");
		return;
	}
}
