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
	struct lh_table *table = json_object_get_object(object);
	struct json_object *value = NULL;
	struct lh_entry *entry;

	if (!table)
		return NULL;
	if (lh_table_length(table) > SMALL) {
		json_object_object_get_ex(object, key, &value);
		return value;
	}
	lh_foreach (table, entry)
		if (same_word(lh_entry_k(entry), key))
			return (struct json_object *)lh_entry_v(entry);
	return NULL;
}

/* A bit by the first two letters of a word: most words are told apart by it. */
static uint64_t letters_of(const char *word)
{
	return *word ? 1ULL << ((word[0] + word[1] * 8) & 63) : 0;
}

void members(struct json_object *object, const char *const *keys, size_t count, struct json_object **ret)
{
	struct lh_table *table = json_object_get_object(object);
	struct lh_entry *entry;
	uint64_t letters = 0;
	size_t next = 0;

	for (size_t n = 0; n < count; n++) {
		letters |= letters_of(keys[n]);
		ret[n] = NULL;
	}
	if (!table)
		return;
	lh_foreach (table, entry) {
		const char *key = lh_entry_k(entry);
		int found = letters & letters_of(key) ? find_word(keys, count, key, &next) : -1;

		if (found >= 0)
			ret[found] = (struct json_object *)lh_entry_v(entry);
	}
}

const char *peek_text(struct json_object *value)
{
	return json_object_is_type(value, json_type_string) ? json_object_get_string(value) : NULL;
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

/* U+FFFD; most texts have not even its first byte. */
static const char *find_replacement(const char *bytes, size_t length)
{
	static const char replacement[] = "\xef\xbf\xbd";
	const char *first = memchr(bytes, replacement[0], length);

	return first ? memmem(first, length - (size_t)(first - bytes), replacement, strlen(replacement)) : NULL;
}

bool read_bytes(struct reading *reading, struct json_object *value, struct event_value *ret)
{
	const char *at;

	ret->state = EVENT_BYTES;
	ret->bytes = copy_text(reading, value, &ret->length);
	if (!ret->bytes)
		return false;
	at = find_replacement(ret->bytes, ret->length);
	if (at) {
		ret->length = (size_t)(at - ret->bytes);
		ret->cut = EVENT_CUT_END;
	}
	return true;
}

int search_word(const char *const *words, size_t count, const char *word, size_t *next)
{
	size_t at = *next;

	for (size_t n = 0; n < count; n++, at++) {
		if (at == count)
			at = 0;
		if (same_word(words[at], word)) {
			*next = at + 1;
			return (int)at;
		}
	}
	return -1;
}
