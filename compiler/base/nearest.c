// SPDX-License-Identifier: Apache-2.0
/* nearest.c - optimal string alignment distance over three rows; see nearest.h. */
#include "compiler/base/nearest.h"

#include <ctype.h>
#include <stdint.h>
#include <string.h>

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

static int same(char a, char b)
{
	return tolower((unsigned char)a) == tolower((unsigned char)b);
}

size_t name_distance(const char *a, size_t a_length, const char *b, size_t b_length)
{
	size_t rows[3][NEAREST_NAME_MAX + 1], *now = rows[0], *before = rows[1], *older = rows[2];

	if (a_length > NEAREST_NAME_MAX || b_length > NEAREST_NAME_MAX)
		return SIZE_MAX;
	for (size_t j = 0; j <= b_length; j++)
		before[j] = j;
	for (size_t i = 1; i <= a_length; i++) {
		size_t *spare = older;

		now[0] = i;
		for (size_t j = 1; j <= b_length; j++) {
			size_t cost = !same(a[i - 1], b[j - 1]);

			now[j] = least(before[j - 1] + cost, least(before[j], now[j - 1]) + 1);
			if (i > 1 && j > 1 && same(a[i - 1], b[j - 2]) && same(a[i - 2], b[j - 1]))
				now[j] = least(now[j], older[j - 2] + 1);
		}
		older = before;
		before = now;
		now = spare;
	}
	return before[b_length];
}

/* "eq" and "Equal", "integer" and "int": one begins with the other. */
static int begins_alike(const struct nearest *nearest, const char *candidate, size_t length)
{
	size_t shorter = least(nearest->length, length);

	for (size_t i = 0; i < shorter; i++)
		if (!same(nearest->name[i], candidate[i]))
			return 0;
	return shorter >= 2;
}

void nearest_try(struct nearest *nearest, const char *candidate)
{
	size_t length = strlen(candidate);
	size_t distance = name_distance(nearest->name, nearest->length, candidate, length);
	size_t longest = length > nearest->length ? length : nearest->length;
	size_t allowed = longest / 3 ? longest / 3 : 1;

	if (distance > allowed && distance != SIZE_MAX && begins_alike(nearest, candidate, length))
		distance = allowed = NEAREST_NAME_MAX + distance;	/* when nothing is near */
	if (distance > allowed || (nearest->best && distance > nearest->distance))
		return;
	if (nearest->best && distance == nearest->distance) {
		nearest->second = candidate;
		return;
	}
	nearest->best = candidate;
	nearest->distance = distance;
	nearest->second = NULL;
}

bool nearest_is_clear(const struct nearest *nearest)
{
	enum { CLEAR_EDITS = 2 };
	size_t most = nearest->length / 4;

	return nearest->best && !nearest->second && nearest->distance <= (most < CLEAR_EDITS ? most : CLEAR_EDITS);
}
