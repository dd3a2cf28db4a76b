// SPDX-License-Identifier: Apache-2.0
/*
 * test_event.c - an event in its short form to the line of JSON that it is short for; see test.h and docs/testing.md.
 *
 * Values are written by the types that the policy gives its arguments.  What is not said is not known.
 */
#include "cmd/test_event.h"

#include <errno.h>
#include <string.h>

/* ---- Where ---- */

static void say(struct short_event *event, enum hook_kind kind, const struct node *value, const char *wants)
{
	if (event->is_said)
		diag(&event->file->diagnostics, DIAG_DUPLICATE_KEY, node_span(event->file->tree, value),
		     "where it happens is said twice");
	event->is_said = true;
	event->kind = kind;
	event->name = test_read_text(event->file, value, wants);
}

static void at_function(void *context, const struct node *value)
{
	say(context, HOOK_KPROBE, value, "the name of a function or system call");
}

static void at_hook(void *context, const struct node *value)
{
	say(context, HOOK_LSM, value, "the name of an LSM hook");
}

static void at_tracepoint(void *context, const struct node *value)
{
	struct short_event *event = context;
	const char *slash;

	say(event, HOOK_TRACEPOINT, value, "SUBSYSTEM/EVENT");
	slash = event->name ? strchr(event->name, '/') : NULL;
	if (!slash) {
		test_refuse(event->file, value, "SUBSYSTEM/EVENT, as in sched/sched_process_exec");
		return;
	}
	event->subsystem = arena_copy(&event->file->arena, event->name, (size_t)(slash - event->name));
	event->name = slash + 1;
}

static void at_symbol(void *context, const struct node *value)
{
	say(context, HOOK_UPROBE, value, "the name of a function of a program");
}

static void at_probe(void *context, const struct node *value)
{
	struct short_event *event = context;

	say(event, HOOK_USDT, value, "PROVIDER:NAME of a static probe");
	if (event->name && !strchr(event->name, ':'))
		test_refuse(event->file, value, "PROVIDER:NAME of a static probe");
}

#define KEEP(name, member) \
	static void keep_##name(void *context, const struct node *value) \
	{ \
		((struct short_event *)context)->member = value; \
	}
KEEP(arguments, arguments)
KEEP(data, data)
KEEP(return, returned)
KEEP(process, process)

static const struct test_key event_keys[] = {
	{ "function", at_function }, { "hook", at_hook }, { "tracepoint", at_tracepoint }, { "symbol", at_symbol },
	{ "probe", at_probe }, { "args", keep_arguments }, { "data", keep_data }, { "return", keep_return },
	{ "process", keep_process },
};

/* The hook that the first policy watches there. */
static void keep_hook(void *context, const struct verdict *verdict)
{
	struct short_event *event = context;

	if (event->hook)
		return;
	event->hook = verdict->hook;
	event->policy = verdict->ir->name.bytes;
}

static const char *hook_function(const struct ir_hook *hook, struct arena *arena)
{
	if (hook->kind == HOOK_UPROBE && hook->symbols.count)
		return hook->symbols.items[0].bytes;
	if (hook->kind == HOOK_USDT)
		return arena_format(arena, "%s:%s", hook->provider.bytes, hook->name.bytes);
	return hook->names ? hook->names->values.count ? hook->names->values.items[0].bytes : NULL : hook->name.bytes;
}

/* Without a place it is the only one that the policies watch. */
static bool take_only_place(struct short_event *event)
{
	const size_t policies = image_policy_count(event->simulation->image);
	const struct ir_hook *only = NULL;
	size_t count = 0;

	for (size_t p = 0; p < policies; p++)
		for (size_t h = 0; h < event->simulation->policies[p].hooks.count; h++, count++)
			only = &event->simulation->policies[p].hooks.items[h];
	if (count != 1 || (only->names && only->names->values.count != 1)) {
		diag(&event->file->diagnostics, DIAG_MISSING_KEY, node_span(event->file->tree, event->at),
		     "the policy watches several places: the event has to say which, as in 'function: NAME'");
		return false;
	}
	event->kind = only->kind;
	event->name = hook_function(only, &event->file->arena);
	event->subsystem = only->kind == HOOK_UPROBE || only->kind == HOOK_USDT ? only->path.bytes : only->subsystem.bytes;
	return event->name;
}

static bool find_hook(struct short_event *event)
{
	struct event_sample *sample = arena_new(&event->file->arena, struct event_sample);

	if (!event->is_said && !take_only_place(event))
		return false;
	if (!event->name)
		return false;
	*sample = (struct event_sample){ .kind = event->kind, .name = event->name, .subsystem = event->subsystem, .kin_count = 1 };
	simulate(event->simulation, sample, keep_hook, event);
	if (!event->hook)
		diag(&event->file->diagnostics, DIAG_UNKNOWN_VALUE, node_span(event->file->tree, event->at),
		     "the policy does not watch '%s'", event->name);
	return event->hook;
}

/* ---- Events ---- */

static void write_place(struct short_event *event)
{
	const char *colon = event->kind == HOOK_USDT ? strchr(event->name, ':') : NULL;

	if (event->kind == HOOK_TRACEPOINT || event->kind == HOOK_RAW_TRACEPOINT) {
		json_key_string(event->json, "subsys", event->subsystem);
		json_key_string(event->json, "event", event->name);
	} else if (colon) {
		json_key_string(event->json, "provider",
				arena_copy(&event->file->arena, event->name, (size_t)(colon - event->name)));
		json_key_string(event->json, "name", colon + 1);
	} else {
		json_key_string(event->json, event->kind == HOOK_UPROBE ? "symbol" : "function_name", event->name);
	}
	json_key_string(event->json, "policy_name", event->policy);
}

static void write_body(struct short_event *event)
{
	json_key(event->json, hook_rows[event->kind].event);
	json_begin_object(event->json);
	write_place(event);
	short_process(event);
	short_relatives(event);
	short_values(event, "args", event->arguments, &event->hook->arguments);
	short_values(event, "data", event->data, &event->hook->data);
	if (event->returned && event->hook->return_argument) {
		json_key(event->json, "return");
		short_value(event, event->hook->return_argument, event->returned);
	} else if (event->returned) {
		diag(&event->file->diagnostics, DIAG_UNKNOWN_KEY, node_span(event->file->tree, event->returned),
		     "the policy does not report what the function returns");
	}
	json_end_object(event->json);
}

int test_event_line(struct test_file *file, struct simulation *simulation, const struct node *event, struct buffer *ret)
{
	struct json json = { .out = ret, .first = true };
	struct short_event reading = { .file = file, .simulation = simulation, .json = &json, .at = event };

	test_read_mapping(file, event, "a mapping", event_keys, ARRAY_SIZE(event_keys), &reading);
	if (file->diagnostics.errors || !find_hook(&reading))
		return -EINVAL;
	json_begin_object(&json);
	write_body(&reading);
	short_facts(&reading);
	json_end_object(&json);
	return file->diagnostics.errors ? -EINVAL : 0;
}
