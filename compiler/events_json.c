// SPDX-License-Identifier: Apache-2.0
/* events_json.c - one line of JSON to an event; see events_json.h. */
#include "compiler/events_json.h"

#include <arpa/inet.h>
#include <errno.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum { DEPTH_MAX = 32 };

struct reading {
	struct arena *arena;
	const char **error;
};

static int refuse(struct reading *reading, const char *error)
{
	*reading->error = error;
	return -EINVAL;
}

/* ---- JSON ---- */

static struct json_object *get(struct json_object *object, const char *key)
{
	struct json_object *value = NULL;

	if (json_object_is_type(object, json_type_object))
		json_object_object_get_ex(object, key, &value);
	return value;
}

static char *copy_string(struct reading *reading, struct json_object *value, size_t *length)
{
	if (!json_object_is_type(value, json_type_string))
		return NULL;
	*length = (size_t)json_object_get_string_len(value);
	return arena_copy(reading->arena, json_object_get_string(value), *length);
}

/* NULL when it is missing or no string. */
static const char *get_string(struct reading *reading, struct json_object *object, const char *key)
{
	size_t length;

	return copy_string(reading, get(object, key), &length);
}

/* Numbers, and 64-bit numbers, which are strings. */
static bool read_number(struct json_object *value, uint64_t *ret)
{
	const char *text;
	char *end;

	if (json_object_is_type(value, json_type_int)) {
		int64_t number = json_object_get_int64(value);

		*ret = number == INT64_MAX ? json_object_get_uint64(value) : (uint64_t)number;
		return true;
	}
	if (!json_object_is_type(value, json_type_string))
		return false;
	text = json_object_get_string(value);
	errno = 0;
	*ret = *text == '-' ? (uint64_t)strtoll(text, &end, 10) : strtoull(text, &end, 10);
	return *text && !*end && !errno;
}

/* ---- Arguments, by the key of their value ---- */

static bool value_number(struct reading *reading, struct json_object *value, struct event_value *ret)
{
	(void)reading;
	ret->state = EVENT_NUMBER;
	return read_number(value, &ret->number);
}

static bool value_string(struct reading *reading, struct json_object *value, struct event_value *ret)
{
	ret->state = EVENT_BYTES;
	ret->bytes = copy_string(reading, value, &ret->length);
	return ret->bytes;
}

/* Tetragon says in `flags` when the beginning of a path is missing. */
static bool value_path(struct reading *reading, struct json_object *value, struct event_value *ret)
{
	const char *flags = get_string(reading, value, "flags");

	if (flags && strstr(flags, "unresolvedPathComponents"))
		ret->cut = EVENT_CUT_FRONT;
	if (!get(value, "path"))	/* a default: such files have no path */
		return json_object_is_type(value, json_type_object);
	return value_string(reading, get(value, "path"), ret);
}

static void put_part(struct abi_socket *socket, enum abi_part part, uint64_t value)
{
	socket->parts[part] = value;
	socket->known |= 1ULL << part;
}

static bool value_sockaddr(struct reading *reading, struct json_object *value, struct event_value *ret)
{
	const char *family = get_string(reading, value, "family"), *address = get_string(reading, value, "addr");
	uint64_t port = 0;

	if (get(value, "port") && (!read_number(get(value, "port"), &port) || port > UINT16_MAX))
		return false;
	ret->state = EVENT_SOCKET;
	if (!family)
		return false;
	put_part(&ret->socket, ABI_PART_SOURCE_PORT, port);
	if (!strcmp(family, "AF_INET"))
		put_part(&ret->socket, ABI_PART_FAMILY, AF_INET);
	else if (!strcmp(family, "AF_INET6"))
		put_part(&ret->socket, ABI_PART_FAMILY, AF_INET6);
	else
		return true;		/* no address that could be compared */
	ret->socket.known |= 1ULL << ABI_PART_SOURCE;
	return address && inet_pton((int)ret->socket.parts[ABI_PART_FAMILY], address,
				    &ret->socket.parts[ABI_PART_SOURCE]) == 1;
}

static bool value_error(struct reading *reading, struct json_object *value, struct event_value *ret)
{
	(void)reading;
	(void)value;
	ret->state = EVENT_FAULT;
	return true;
}

static const struct value_reader {
	const char *key;
	bool (*read)(struct reading *, struct json_object *, struct event_value *);
} value_readers[] = {
	{ "int_arg", value_number }, { "uint_arg", value_number },
	{ "long_arg", value_number }, { "size_arg", value_number },
	{ "string_arg", value_string }, { "file_arg", value_path },
	{ "path_arg", value_path }, { "linux_binprm_arg", value_path },
	{ "sockaddr_arg", value_sockaddr }, { "error_arg", value_error },
};

/* Kinds of values that this tetra does not know stay absent. */
static int read_value(struct reading *reading, struct json_object *object, struct event_value *ret)
{
	*ret = (struct event_value){ .state = EVENT_ABSENT };
	for (size_t n = 0; n < sizeof(value_readers) / sizeof(value_readers[0]); n++) {
		struct json_object *value = get(object, value_readers[n].key);

		if (!value)
			continue;
		if (!value_readers[n].read(reading, value, ret))
			return refuse(reading, arena_format(reading->arena, "the value of '%s' is not valid",
							    value_readers[n].key));
		return 0;
	}
	return 0;
}

static int read_argument(struct reading *reading, struct json_object *object, struct event_argument *ret)
{
	struct json_object *index = get(object, "index");
	uint64_t number = 0;

	if (!json_object_is_type(object, json_type_object))
		return refuse(reading, "an argument is not an object");
	if (index && (!read_number(index, &number) || number > LIMIT_FIELD_INDEX))
		return refuse(reading, "the index of an argument is not valid");
	ret->has_index = index;
	ret->index = (uint32_t)number;
	return read_value(reading, object, &ret->value);
}

static int read_arguments(struct reading *reading, struct json_object *body, struct event_sample *ret)
{
	struct json_object *list = get(body, "args");
	size_t count;

	if (!list)
		return 0;
	if (!json_object_is_type(list, json_type_array))
		return refuse(reading, "'args' is not a list");
	count = json_object_array_length(list);
	if (count > EVENT_ARGUMENTS_MAX)
		return refuse(reading, "there are too many arguments");
	for (size_t n = 0; n < count; n++)
		if (read_argument(reading, json_object_array_get_idx(list, n), &ret->arguments[n]))
			return -EINVAL;
	ret->argument_count = count;
	return 0;
}

/* ---- Events ---- */

static int read_process(struct reading *reading, struct json_object *body, struct event_sample *ret)
{
	struct json_object *process = get(body, "process");
	struct json_object *binary = get(process, "binary"), *pid = get(process, "pid");
	const char *flags = get_string(reading, process, "flags");
	uint64_t number = 0;

	if (pid && (!read_number(pid, &number) || number > UINT32_MAX))
		return refuse(reading, "the pid of the process is not valid");
	ret->kin_count = 1;
	ret->kin[0].pid = (struct event_fact){ pid, number };
	if (binary && !value_string(reading, binary, &ret->kin[0].binary))
		return refuse(reading, "the binary of the process is not a string");
	if (flags && strstr(flags, "truncFilename"))
		ret->kin[0].binary.cut = EVENT_CUT_END;
	return 0;
}

static int read_body(struct reading *reading, struct json_object *body, struct event_sample *ret)
{
	int error;

	ret->name = get_string(reading, body, ret->kind == HOOK_TRACEPOINT ? "event" : "function_name");
	if (ret->kind == HOOK_TRACEPOINT)
		ret->subsystem = get_string(reading, body, "subsys");
	if (!ret->name)
		return refuse(reading, "the event does not say which hook it is of");
	ret->policy = get_string(reading, body, "policy_name");
	error = read_process(reading, body, ret);
	if (!error)
		error = read_arguments(reading, body, ret);
	if (!error && get(body, "return"))
		error = read_value(reading, get(body, "return"), &ret->returned);
	return error ? error : 1;
}

/* Kinds of hooks share keys: the first with the key that is supported stands for all. */
static int read_event(struct reading *reading, struct json_object *event, struct event_sample *ret)
{
	if (!json_object_is_type(event, json_type_object))
		return refuse(reading, "not a JSON object");
	ret->time = get_string(reading, event, "time");
	for (int kind = 0; kind < HOOK_COUNT; kind++) {
		struct json_object *body = get(event, hook_rows[kind].event);

		if (hook_rows[kind].support != SUPPORT_NOW || !body)
			continue;
		ret->kind = (enum hook_kind)kind;
		return read_body(reading, body, ret);
	}
	return 0;
}

int event_read_json(const char *line, size_t length, struct arena *arena, struct event_sample *ret,
		    const char **error)
{
	struct reading reading = { arena, error };
	struct json_tokener *tokener;
	struct json_object *event;
	int result;

	*ret = (struct event_sample){ .kin_count = 1 };
	if (length > EVENT_LINE_MAX)
		return refuse(&reading, "the line is too long");
	tokener = json_tokener_new_ex(DEPTH_MAX);
	if (!tokener)
		return refuse(&reading, "out of memory");
	event = json_tokener_parse_ex(tokener, arena_copy(arena, line, length), (int)length + 1);
	if (json_tokener_get_error(tokener) != json_tokener_success)
		result = refuse(&reading, json_tokener_error_desc(json_tokener_get_error(tokener)));
	else if (json_tokener_get_parse_end(tokener) < length)
		result = refuse(&reading, "something follows the event on its line");
	else
		result = read_event(&reading, event, ret);
	json_object_put(event);
	json_tokener_free(tokener);
	return result;
}
