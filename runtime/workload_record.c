// SPDX-License-Identifier: Apache-2.0
/* workload_record.c - what is known of a container, as the map of workloads keeps it; see workloads.h. */
#include "runtime/workloads.h"

#include <errno.h>
#include <string.h>

#include <bpf/bpf.h>
#include <json-c/json.h>

#include "bpf-templates/abi.h"

static const char *copy_text(struct arena *arena, struct json_object *value)
{
	const size_t length = (size_t)json_object_get_string_len(value);
	const char *text = json_object_get_string(value);

	return memchr(text, 0, length) ? NULL : arena_copy(arena, text, length);
}

static bool read_labels(struct json_object *labels, struct arena *arena, struct workload *ret)
{
	if (!json_object_is_type(labels, json_type_object) || json_object_object_length(labels) > LIMIT_WORKLOAD_LABELS)
		return false;
	ret->labels_known = true;
	ret->labels = arena_array(arena, struct event_label, (size_t)json_object_object_length(labels));
	json_object_object_foreach(labels, key, value) {
		const char *text = json_object_is_type(value, json_type_string) ? copy_text(arena, value) : NULL;

		if (!text)
			return false;
		ret->labels[ret->label_count++] = (struct event_label){ arena_copy(arena, key, strlen(key)), text };
	}
	return true;
}

static bool read_members(struct json_object *object, struct arena *arena, struct workload *ret)
{
	struct json_object *value;

	if (!json_object_is_type(object, json_type_object))
		return false;
#define READ(member)                                                                       \
	if (json_object_object_get_ex(object, #member, &value)) {                          \
		if (!json_object_is_type(value, json_type_string))                         \
			return false;                                                      \
		ret->member = copy_text(arena, value);                                     \
	}
	WORKLOAD_TEXTS(READ)
#undef READ
	ret->host = json_object_object_get_ex(object, "host", &value) && json_object_get_boolean(value);
	return !json_object_object_get_ex(object, "labels", &value) || read_labels(value, arena, ret);
}

int workload_parse(const char *text, size_t length, struct arena *arena, struct workload *ret)
{
	struct json_tokener *tokener = json_tokener_new();
	struct json_object *object = tokener ? json_tokener_parse_ex(tokener, text, (int)strnlen(text, length)) : NULL;
	struct workload read = { 0 };
	const bool good = object && read_members(object, arena, &read);

	json_object_put(object);
	json_tokener_free(tokener);
	if (good)
		*ret = read;
	return good ? 0 : -EINVAL;
}

int workload_kept(int map, uint64_t cgroup, struct arena *arena, struct workload *ret)
{
	char *text = arena_alloc(arena, 1, ABI_WORKLOAD_BYTES);
	const int error = bpf_map_lookup_elem(map, &cgroup, text);

	return error ? error : workload_parse(text, ABI_WORKLOAD_BYTES, arena, ret);
}

int workload_kept_list(int map, struct arena *arena, struct workload_list *ret)
{
	struct workload *items = arena_array(arena, struct workload, LIMIT_WORKLOADS);
	const uint64_t *last = NULL;
	uint64_t keys[2];
	size_t count = 0;

	for (size_t n = 0; n < LIMIT_WORKLOADS && !bpf_map_get_next_key(map, last, &keys[n & 1]); n++) {
		last = &keys[n & 1];
		count += !workload_kept(map, *last, arena, &items[count]);
	}
	*ret = (struct workload_list){ items, count };
	return 0;
}
