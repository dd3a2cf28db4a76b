// SPDX-License-Identifier: Apache-2.0
/* profile_read.c - a profile from its file; see profile.h. */
#include "runtime/profile.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

struct reading {
	struct arena *arena;
	struct profile *profile;
	char *message;
};

static int wrong(struct reading *reading, const char *format, const char *key)
{
	snprintf(reading->message, 256, format, key);
	return -EINVAL;
}

static int feature_by_name(const char *name)
{
	for (int n = 0; n < FEATURE_COUNT; n++)
		if (!strcmp(feature_rows[n].name, name))
			return n;
	return -1;
}

/* 0 for "works", a negative errno for its name; 1 when it is neither. */
static int error_by_name(const char *name)
{
	enum { ERRNO_MAX = 200 };

	if (!strcmp(name, "works"))
		return 0;
	for (int n = 1; n < ERRNO_MAX; n++) {
		const char *known = strerrorname_np(n);

		if (known && !strcmp(known, name))
			return -n;
	}
	return 1;
}

static int read_features(struct reading *reading, struct json_object *value)
{
	struct json_object_iterator at = json_object_iter_begin(value), end = json_object_iter_end(value);

	for (; !json_object_iter_equal(&at, &end); json_object_iter_next(&at)) {
		const char *name = json_object_iter_peek_name(&at);
		struct json_object *said = json_object_iter_peek_value(&at);
		const int feature = feature_by_name(name);
		const int error = json_object_is_type(said, json_type_string) ? error_by_name(json_object_get_string(said)) : 1;

		if (feature < 0)
			return wrong(reading, "there is no feature '%s'; 'tetra probe' lists them", name);
		if (error > 0)
			return wrong(reading, "feature '%s' is neither \"works\" nor the name of an error, as \"EOPNOTSUPP\"", name);
		reading->profile->features.error[feature] = error;
		reading->profile->known |= 1u << feature;
	}
	return 0;
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static int read_names(struct reading *reading, const char *key, struct json_object *value, struct function_names *ret)
{
	const size_t count = json_object_array_length(value);
	const char **names = arena_array(reading->arena, const char *, count);

	for (size_t n = 0; n < count; n++) {
		struct json_object *name = json_object_array_get_idx(value, n);

		if (!json_object_is_type(name, json_type_string))
			return wrong(reading, "'%s' is a list of names", key);
		names[n] = arena_copy(reading->arena, json_object_get_string(name), (size_t)json_object_get_string_len(name));
	}
	qsort(names, count, sizeof(*names), compare_names);
	*ret = (struct function_names){ names, count };
	return 0;
}

static int read_release(struct reading *reading, const char *key, struct json_object *value)
{
	const char *copy = arena_copy(reading->arena, json_object_get_string(value), (size_t)json_object_get_string_len(value));

	*(!strcmp(key, "release") ? &reading->profile->release : &reading->profile->machine) = copy;
	return 0;
}

static int read_processors(struct reading *reading, const char *key, struct json_object *value)
{
	const int64_t count = json_object_get_int64(value);

	if (count < 1 || count > 1 << 16)
		return wrong(reading, "'%s' is a number from 1 to 65536", key);
	reading->profile->processors = (uint32_t)count;
	return 0;
}

static int read_feature_member(struct reading *reading, const char *key, struct json_object *value)
{
	(void)key;
	return read_features(reading, value);
}

static int read_functions(struct reading *reading, const char *key, struct json_object *value)
{
	reading->profile->has_functions = true;
	return read_names(reading, key, value, &reading->profile->functions);
}

static int read_traceable(struct reading *reading, const char *key, struct json_object *value)
{
	reading->profile->has_traceable = true;
	return read_names(reading, key, value, &reading->profile->traceable);
}

static int read_in_modules(struct reading *reading, const char *key, struct json_object *value)
{
	reading->profile->has_in_modules = true;
	return read_names(reading, key, value, &reading->profile->in_modules);
}

static int read_kind(struct reading *reading, const char *key, struct json_object *value)
{
	return strcmp(json_object_get_string(value), "kernel") ? wrong(reading, "'%s' is not \"kernel\": this is no profile", key) : 0;
}

static const struct member {
	const char *key;
	enum json_type type;
	int (*read)(struct reading *reading, const char *key, struct json_object *value);
} members[] = {
	{ "kind", json_type_string, read_kind }, { "release", json_type_string, read_release },
	{ "machine", json_type_string, read_release }, { "processors", json_type_int, read_processors },
	{ "features", json_type_object, read_feature_member }, { "functions", json_type_array, read_functions },
	{ "traceable", json_type_array, read_traceable }, { "in_modules", json_type_array, read_in_modules },
};

static int read_member(struct reading *reading, const char *key, struct json_object *value)
{
	for (size_t n = 0; n < sizeof(members) / sizeof(*members); n++) {
		if (strcmp(members[n].key, key))
			continue;
		return json_object_is_type(value, members[n].type) ? members[n].read(reading, key, value) :
			wrong(reading, "'%s' has a value of the wrong type", key);
	}
	return wrong(reading, "a profile has no '%s'", key);
}

static int read_members(struct reading *reading, struct json_object *object)
{
	struct json_object_iterator at, end;
	int error = 0;

	if (!json_object_is_type(object, json_type_object))
		return wrong(reading, "%s", "it is no JSON object");
	if (!json_object_object_get(object, "kind"))
		return wrong(reading, "it has no \"kind\": \"%s\"", "kernel");
	end = json_object_iter_end(object);
	for (at = json_object_iter_begin(object); !error && !json_object_iter_equal(&at, &end); json_object_iter_next(&at))
		error = read_member(reading, json_object_iter_peek_name(&at), json_object_iter_peek_value(&at));
	return error;
}

static bool is_blank(const char *text, size_t length)
{
	for (size_t n = 0; n < length; n++)
		if (!strchr(" \t\r\n", text[n]) || !text[n])
			return false;
	return true;
}

int profile_read(const char *text, size_t length, struct arena *arena, struct profile *ret, char message[256])
{
	struct reading reading = { arena, ret, message };
	struct json_tokener *tokener = json_tokener_new_ex(16);
	struct json_object *object;
	int error;

	if (!tokener)
		abort();
	*ret = (struct profile){ .known = 0 };
	for (int n = 0; n < FEATURE_COUNT; n++)
		ret->features.error[n] = -ENODATA;
	json_tokener_set_flags(tokener, JSON_TOKENER_STRICT | JSON_TOKENER_ALLOW_TRAILING_CHARS);
	object = json_tokener_parse_ex(tokener, text, length > INT32_MAX ? INT32_MAX : (int)length);
	if (!object && (is_blank(text, length) || json_tokener_get_error(tokener) == json_tokener_continue))
		error = wrong(&reading, "%s", is_blank(text, length) ? "it is empty" : "it ends too early");
	else if (!object)
		error = wrong(&reading, "it is no JSON: %s", json_tokener_error_desc(json_tokener_get_error(tokener)));
	else if (!is_blank(text + json_tokener_get_parse_end(tokener), length - json_tokener_get_parse_end(tokener)))
		error = wrong(&reading, "%s", "more follows the JSON object");
	else
		error = read_members(&reading, object);
	json_object_put(object);
	json_tokener_free(tokener);
	return error;
}
