// SPDX-License-Identifier: Apache-2.0
/* glob.c - see glob.h.  Without recursion: only the last * and the last ** can be worth another try. */
#include "compiler/base/glob.h"

#include <stddef.h>
#include <string.h>

/* Where to go on when the rest does not match: the pattern behind a star, the path that is left to it. */
struct retry { const char *pattern, *path; };

struct bounds { const char *end_of_pattern, *end_of_path; };

/* One step on equal bytes. */
static bool step(const struct bounds *bounds, const char *pattern, const char *path)
{
	if (pattern == bounds->end_of_pattern || path == bounds->end_of_path)
		return false;
	return *pattern == *path || (*pattern == '?' && *path != '/');
}

/* Makes the star stand for one byte more; `crosses`: / too. */
static bool again(struct retry *retry, const struct bounds *bounds, bool crosses, const char **pattern,
		  const char **path)
{
	if (!retry->pattern || retry->path == bounds->end_of_path || (!crosses && *retry->path == '/'))
		return false;
	*path = ++retry->path;
	*pattern = retry->pattern;
	return true;
}

/* "**" and a slash behind it also stand for nothing. */
static const char *skip_star(const char *pattern, const char *end, bool *ret_crosses)
{
	*ret_crosses = pattern + 1 < end && pattern[1] == '*';
	while (pattern < end && *pattern == '*')
		pattern++;
	return *ret_crosses && pattern < end && *pattern == '/' ? pattern + 1 : pattern;
}

static bool matches(const char *pattern, size_t pattern_length, const char *path, size_t path_length)
{
	const struct bounds bounds = { pattern + pattern_length, path + path_length };
	struct retry one = { 0 }, many = { 0 };

	for (;;) {
		if (pattern == bounds.end_of_pattern && path == bounds.end_of_path)
			return true;
		if (pattern < bounds.end_of_pattern && *pattern == '*') {
			bool crosses;
			const char *behind = skip_star(pattern, bounds.end_of_pattern, &crosses);

			if (crosses) {
				many = (struct retry){ behind, path };
				one = (struct retry){ 0 };
			} else {
				one = (struct retry){ behind, path };
			}
			pattern = behind;
		} else if (step(&bounds, pattern, path)) {
			pattern++;
			path++;
		} else if (!again(&one, &bounds, false, &pattern, &path)) {
			one = (struct retry){ 0 };
			if (!again(&many, &bounds, true, &pattern, &path))
				return false;
		}
	}
}

bool glob_matches(const char *pattern, const char *path)
{
	size_t length = strlen(pattern);
	bool anywhere;

	if (length && pattern[length - 1] == '/')
		length--;
	anywhere = !memchr(pattern, '/', length);
	if (length && *pattern == '/') {
		pattern++;
		length--;
	}
	/* The path itself, and each folder that it is in. */
	for (const char *part = path, *end = path; *end; part = *end ? end + 1 : end) {
		end = part + strcspn(part, "/");
		if (anywhere ? matches(pattern, length, part, (size_t)(end - part))
			     : matches(pattern, length, path, (size_t)(end - path)))
			return true;
	}
	return false;
}
