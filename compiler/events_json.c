// SPDX-License-Identifier: Apache-2.0
/* events_json.c - one line of JSON to an event; see events_json.h.  What is in it is read in compiler/events/. */
#include "compiler/events_json.h"

#include <errno.h>
#include <json-c/json.h>
#include <string.h>

#include "compiler/events/reading.h"

enum { DEPTH_MAX = 32 };

/* What is read of the body of every kind of event, mostly in this order. */
enum body_part { BODY_PROCESS, BODY_PARENT, BODY_ARGUMENTS, BODY_RETURN, BODY_POLICY, BODY_ANCESTORS, BODY_DATA, BODY_PARTS };
static const char *const body_keys[BODY_PARTS] = { "process", "parent", "args", "return", "policy_name", "ancestors", "data" };

/* ---- Lists of values ---- */

static int read_list(struct reading *reading, struct json_object *list, const char *name, struct event_argument *ret,
		     size_t *ret_count)
{
	size_t count;

	if (!list)
		return 0;
	if (!json_object_is_type(list, json_type_array))
		return refuse(reading, arena_format(reading->arena, "'%s' is not a list", name));
	count = json_object_array_length(list);
	if (count > EVENT_ARGUMENTS_MAX)
		return refuse(reading, "there are too many arguments");
	for (size_t n = 0; n < count; n++)
		if (read_argument(reading, json_object_array_get_idx(list, n), &ret[n]))
			return -EINVAL;
	*ret_count = count;
	return 0;
}

static int read_values(struct reading *reading, struct json_object *const *parts, struct event_sample *ret)
{
	struct event_argument argument;

	if (read_list(reading, parts[BODY_ARGUMENTS], "args", ret->arguments, &ret->argument_count) ||
	    read_list(reading, parts[BODY_DATA], "data", ret->data, &ret->data_count))
		return -EINVAL;
	if (!parts[BODY_RETURN])
		return 0;
	if (read_argument(reading, parts[BODY_RETURN], &argument))
		return -EINVAL;
	ret->returned = argument.value;
	return 0;
}

/* ---- Events ---- */

/* Where an event says which hook it is of, by its kind. */
static const struct { const char *name, *subsystem; } name_keys[HOOK_COUNT] = {
	[HOOK_KPROBE] = { "function_name" }, [HOOK_FENTRY] = { "function_name" }, [HOOK_LSM] = { "function_name" },
	[HOOK_TRACEPOINT] = { "event", "subsys" }, [HOOK_RAW_TRACEPOINT] = { "event", "subsys" },
	[HOOK_UPROBE] = { "symbol", "path" }, [HOOK_USDT] = { "name", "path" },
};

/* A place in a program that has no name is its offset, as images name it. */
static const char *probe_name(struct reading *reading, struct json_object *body, enum hook_kind kind, const char *name)
{
	const char *provider = kind == HOOK_USDT ? member_text(reading, body, "provider") : NULL;
	uint64_t offset;

	if (kind == HOOK_USDT && name)
		return provider ? arena_format(reading->arena, "%s:%s", provider, name) : NULL;
	if (kind == HOOK_UPROBE && !name && read_number(member(body, "offset"), &offset))
		return arena_format(reading->arena, "+0x%llx", (unsigned long long)offset);
	return name;
}

static int read_body(struct reading *reading, struct json_object *body, struct event_sample *ret)
{
	struct json_object *parts[BODY_PARTS];
	size_t length;

	members(body, body_keys, BODY_PARTS, parts);
	ret->name = probe_name(reading, body, ret->kind, member_text(reading, body, name_keys[ret->kind].name));
	if (name_keys[ret->kind].subsystem)
		ret->subsystem = member_text(reading, body, name_keys[ret->kind].subsystem);
	if (!ret->name)
		return refuse(reading, "the event does not say which hook it is of");
	ret->policy = copy_text(reading, parts[BODY_POLICY], &length);
	if (read_processes(reading, parts[BODY_PROCESS], parts[BODY_PARENT], parts[BODY_ANCESTORS], ret) ||
	    read_values(reading, parts, ret))
		return -EINVAL;
	return 1;
}

/* Kinds of hooks share keys: the first with the key stands for all. */
static int read_event(struct reading *reading, struct json_object *event, struct event_sample *ret)
{
	struct json_object *facts = member(event, "tetra");

	if (!json_object_is_type(event, json_type_object))
		return refuse(reading, "not a JSON object");
	reading->exact = facts;
	ret->time = member_text(reading, event, "time");
	for (int kind = 0; kind < HOOK_COUNT; kind++) {
		struct json_object *body = member(event, hook_rows[kind].event);

		if (!body)
			continue;
		ret->kind = (enum hook_kind)kind;
		if (read_body(reading, body, ret) < 0 || (facts && read_facts(reading, facts, ret)))
			return -EINVAL;
		return 1;
	}
	return 0;
}

/* Only what counts is cleared: an event is large. */
static void clear(struct event_sample *ret)
{
	ret->name = ret->subsystem = ret->policy = ret->time = NULL;
	ret->argument_count = ret->data_count = 0;
	clear_value(&ret->returned);
	clear_kin(&ret->kin[0]);
	ret->kin_count = 1;
	ret->kin_complete = false;
	memset(&ret->namespaces, 0, sizeof(*ret) - offsetof(struct event_sample, namespaces));
}

/* ---- Lines ---- */

/* json-c stops behind the value: the rest of the line must be blank. */
static const char *parse(struct json_tokener *tokener, const char *line, size_t length, struct json_object **ret)
{
	enum json_tokener_error error;

	json_tokener_reset(tokener);
	*ret = json_tokener_parse_ex(tokener, line, (int)length);
	error = json_tokener_get_error(tokener);
	if (error == json_tokener_continue)
		return "unexpected end of data";
	if (error != json_tokener_success)
		return json_tokener_error_desc(error);
	for (size_t n = json_tokener_get_parse_end(tokener); n < length; n++)
		if (!strchr(" \t\r\n", line[n]) || !line[n])
			return "something follows the event on its line";
	return NULL;
}

static int read_line(struct json_tokener *tokener, struct reading *reading, const char *line, size_t length,
		     struct event_sample *ret)
{
	struct json_object *event = NULL;
	const char *problem;
	int result;

	clear(ret);
	if (length > EVENT_LINE_MAX)
		return refuse(reading, "the line is too long");
	if (!tokener)
		return refuse(reading, "out of memory");
	problem = parse(tokener, line, length, &event);
	result = problem ? refuse(reading, problem) : read_event(reading, event, ret);
	json_object_put(event);
	return result;
}

int event_reader_read(struct event_reader *reader, const char *line, size_t length, struct event_sample *ret,
		      const char **error)
{
	struct reading reading = { .arena = &reader->arena, .error = error };

	if (!reader->tokener) {		/* what lives long first: it shall not lie among what each line leaves */
		arena_alloc(&reader->arena, 0, 1);
		reader->tokener = json_tokener_new_ex(DEPTH_MAX);
	}
	arena_reset(&reader->arena);
	return read_line(reader->tokener, &reading, line, length, ret);
}

void event_reader_release(struct event_reader *reader)
{
	if (reader->tokener)
		json_tokener_free(reader->tokener);
	arena_release(&reader->arena);
	*reader = (struct event_reader){ .tokener = NULL };
}

int event_read_json(const char *line, size_t length, struct arena *arena, struct event_sample *ret,
		    const char **error)
{
	struct reading reading = { .arena = arena, .error = error };
	struct json_tokener *tokener = json_tokener_new_ex(DEPTH_MAX);
	int result = read_line(tokener, &reading, line, length, ret);

	if (tokener)
		json_tokener_free(tokener);
	return result;
}
