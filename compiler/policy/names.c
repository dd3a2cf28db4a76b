// SPDX-License-Identifier: Apache-2.0
/* names.c - see names.h. */
#include "compiler/policy/names.h"

#include <stdlib.h>
#include <string.h>

#include "compiler/base/nearest.h"

enum { NEAREST_TRIED = 64 };	/* comparing is slow, and a file may have thousands */

static int compare(const char *left, size_t left_length, const char *right, size_t right_length)
{
	size_t shorter = left_length < right_length ? left_length : right_length;
	int order = shorter ? memcmp(left, right, shorter) : 0;

	return order ? order : (left_length > right_length) - (left_length < right_length);
}

static int by_name(const void *a, const void *b)
{
	const struct name *left = a, *right = b;
	int order = compare(left->text->bytes, left->text->length, right->text->bytes, right->text->length);

	return order ? order : (left->number > right->number) - (left->number < right->number);
}

void names_sort(struct names *names, struct arena *arena, const struct text *first, size_t stride, size_t count)
{
	*names = (struct names){ .items = arena_array(arena, struct name, count) };
	for (size_t i = 0; i < count; i++) {
		const struct text *text = (const struct text *)((const char *)first + i * stride);

		if (text->bytes)
			names->items[names->count++] = (struct name){ text, i };
	}
	qsort(names->items, names->count, sizeof(*names->items), by_name);
}

int names_number(const struct names *names, const char *bytes, size_t length)
{
	size_t low = 0, high = names->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const struct text *text = names->items[middle].text;

		if (compare(text->bytes, text->length, bytes, length) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == names->count || compare(names->items[low].text->bytes, names->items[low].text->length, bytes, length))
		return -1;
	return (int)names->items[low].number;
}

size_t names_first(const struct names *names, const struct text *name, size_t number)
{
	int first = name->bytes ? names_number(names, name->bytes, name->length) : -1;

	return first < 0 ? number : (size_t)first;
}

const char *names_nearest(const struct names *names, const char *bytes, size_t length)
{
	struct nearest nearest = { .name = bytes, .length = length };

	for (size_t i = 0; i < names->count && i < NEAREST_TRIED; i++)
		nearest_try(&nearest, names->items[i].text->bytes);
	return nearest.best;
}
