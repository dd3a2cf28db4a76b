// SPDX-License-Identifier: Apache-2.0
/* label.c - see label.h. */
#include "compiler/policy/label.h"

#include <string.h>

static bool is_lower_or_digit(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

static bool is_letter_or_digit(char c)
{
	return is_lower_or_digit(c) || (c >= 'A' && c <= 'Z');
}

bool is_subdomain(const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		bool at_edge = !i || i + 1 == length || text[i - 1] == '.' || text[i + 1] == '.';

		if (is_lower_or_digit(text[i]) || (!at_edge && (text[i] == '-' || text[i] == '.')))
			continue;
		return false;
	}
	return length > 0;
}

bool is_label_name(const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		bool at_edge = !i || i + 1 == length;

		if (!is_letter_or_digit(text[i]) && (at_edge || !text[i] || !strchr("-_.", text[i])))
			return false;
	}
	return length <= LIMIT_LABEL_BYTES;
}

bool is_label_key(const struct text *key)
{
	const char *slash = memchr(key->bytes, '/', key->length);
	size_t prefix = slash ? (size_t)(slash - key->bytes) : 0, name = slash ? prefix + 1 : 0;

	if (slash && (prefix > LIMIT_LABEL_PREFIX_BYTES || !is_subdomain(key->bytes, prefix)))
		return false;
	return key->length > name && is_label_name(key->bytes + name, key->length - name);
}
