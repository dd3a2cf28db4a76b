// SPDX-License-Identifier: Apache-2.0
/* version.c - see version.h. */
#include "compiler/base/version.h"

enum { DIGITS_MAX = 9 };		/* a number of more may not fit */

/* The digits that the text begins with; 0: none, or too many. */
static size_t read_number(const char *text, size_t length, unsigned *ret)
{
	unsigned value = 0;
	size_t n = 0;

	while (n < length && text[n] >= '0' && text[n] <= '9') {
		if (n == DIGITS_MAX)
			return 0;
		value = value * 10 + (unsigned)(text[n++] - '0');
	}
	*ret = value;
	return n;
}

size_t version_read(const char *text, size_t length, struct version *ret)
{
	struct version version;
	const size_t major = read_number(text, length, &version.major);
	size_t minor;

	if (!major || major == length || text[major] != '.')
		return 0;
	minor = read_number(text + major + 1, length - major - 1, &version.minor);
	if (!minor)
		return 0;
	*ret = version;
	return major + 1 + minor;
}

bool version_is_older(struct version a, struct version b)
{
	return a.major < b.major || (a.major == b.major && a.minor < b.minor);
}
