/* SPDX-License-Identifier: Apache-2.0 */
/*
 * naive_glob.h - whether a path is as a pattern says, slowly: item by item, at how many bytes of the path one may be.  Written from
 * compiler/base/path_glob.h; shares nothing with what it judges.
 */
#ifndef TESTS_UNIT_NAIVE_GLOB_H
#define TESTS_UNIT_NAIVE_GLOB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum { NAIVE_GLOB_MAX = 4096 };

/* From behind the [; *end: behind the ]. */
static inline bool naive_in_set(const char *set, uint8_t byte, const char **end)
{
	const bool negated = *set == '!' || *set == '^';
	bool inside = false;
	const char *at = set + negated;

	do {
		uint8_t low, high;

		at += *at == '\\';
		low = high = (uint8_t)*at++;
		if (*at == '-' && at[1] != ']') {
			at += at[1] == '\\' ? 2 : 1;
			high = (uint8_t)*at++;
		}
		inside |= low <= byte && byte <= high;
	} while (*at != ']');
	*end = at + 1;
	return byte != '/' && inside != negated;
}

static inline bool naive_glob(const char *pattern, const char *path, size_t length)
{
	static bool places[2][NAIVE_GLOB_MAX + 1];
	bool *now = places[0], *next = places[1];
	const char *end = pattern + strlen(pattern), *at = pattern;

	memset(now, 0, sizeof(places[0]));
	now[0] = true;
	for (size_t n = 0; n < length && !strchr(pattern, '/'); n++)
		now[n + 1] = path[n] == '/';
	while (at < end) {
		const char *behind = at + 1;
		bool some = false, *swap = now;

		memset(next, 0, sizeof(places[0]));
		if (!strncmp(at, "**", 2)) {
			for (size_t n = 0; n <= length; n++) {
				next[n] = at[2] ? now[n] || (some && path[n - 1] == '/') : some || now[n];
				some |= now[n];
			}
			behind = at[2] ? at + 3 : at + 2;
		} else if (*at == '*') {
			for (size_t n = 0; n <= length; n++)
				next[n] = now[n] || (n && next[n - 1] && path[n - 1] != '/');
		} else {
			const char *literal = *at == '\\' ? at + 1 : at;

			for (size_t n = 0; n < length; n++) {
				const bool fits = *at == '?' ? path[n] != '/' : *at == '[' ? naive_in_set(at + 1, (uint8_t)path[n], &behind) :
					path[n] == *literal;

				next[n + 1] = now[n] && fits;
			}
			if (*at == '[')
				naive_in_set(at + 1, 0, &behind);
			else
				behind = literal + 1;
		}
		now = next;
		next = swap;
		at = behind;
	}
	return now[length];
}

#endif
