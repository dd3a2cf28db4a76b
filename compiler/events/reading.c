// SPDX-License-Identifier: Apache-2.0
/* reading.c - members of JSON objects; see reading.h. */
#include "compiler/events/reading.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int refuse(struct reading *reading, const char *error)
{
	*reading->error = error;
	return -EINVAL;
}

/* In small objects a look at each member costs less than a hash of the key. */
struct json_object *member(struct json_object *object, const char *key)
{
	enum { SMALL = 10 };
	struct json_object *value = NULL;
	struct lh_entry *entry;

	if (!json_object_is_type(object, json_type_object))
		return NULL;
	if (json_object_object_length(object) > SMALL) {
		json_object_object_get_ex(object, key, &value);
		return value;
	}
	lh_foreach (json_object_get_object(object), entry)
		if (same_word(lh_entry_k(entry), key))
			return (struct json_object *)lh_entry_v(entry);
	return NULL;
}

char *copy_text(struct reading *reading, struct json_object *value, size_t *length)
{
	if (!json_object_is_type(value, json_type_string))
		return NULL;
	*length = (size_t)json_object_get_string_len(value);
	return arena_copy(reading->arena, json_object_get_string(value), *length);
}

const char *member_text(struct reading *reading, struct json_object *object, const char *key)
{
	size_t length;

	return copy_text(reading, member(object, key), &length);
}

static bool read_digits(const char *text, uint64_t *ret)
{
	const char *digits = text + (*text == '-');
	char *end;

	if (*digits < '0' || *digits > '9')
		return false;
	errno = 0;
	*ret = *text == '-' ? (uint64_t)strtoll(text, &end, 10) : strtoull(text, &end, 10);
	return !*end && !errno;
}

bool read_number(struct json_object *value, uint64_t *ret)
{
	if (json_object_is_type(value, json_type_int)) {
		int64_t number = json_object_get_int64(value);

		*ret = number == INT64_MAX ? json_object_get_uint64(value) : (uint64_t)number;
		return true;
	}
	return json_object_is_type(value, json_type_string) && read_digits(json_object_get_string(value), ret);
}

bool member_number(struct json_object *object, const char *key, uint64_t most, uint64_t *ret)
{
	struct json_object *value = member(object, key);

	*ret = 0;
	return !value || (read_number(value, ret) && *ret <= most);
}

bool read_bytes(struct reading *reading, struct json_object *value, struct event_value *ret)
{
	static const char replacement[] = "\xef\xbf\xbd";
	const char *at;

	ret->state = EVENT_BYTES;
	ret->bytes = copy_text(reading, value, &ret->length);
	if (!ret->bytes)
		return false;
	at = memmem(ret->bytes, ret->length, replacement, strlen(replacement));
	if (at) {
		ret->length = (size_t)(at - ret->bytes);
		ret->cut = EVENT_CUT_END;
	}
	return true;
}

int find_word(const char *const *words, size_t count, const char *word, size_t *next)
{
	for (size_t n = 0; n < count; n++) {
		size_t at = *next + n < count ? *next + n : *next + n - count;

		if (same_word(words[at], word)) {
			*next = at + 1 < count ? at + 1 : 0;
			return (int)at;
		}
	}
	return -1;
}
