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

static void read_function(void *context, const struct node *value)
{
	say(context, HOOK_KPROBE, value, "the name of a function or system call");
}

static void read_hook(void *context, const struct node *value)
{
	say(context, HOOK_LSM, value, "the name of an LSM hook");
}

static void read_tracepoint(void *context, const struct node *value)
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

static void read_symbol(void *context, const struct node *value)
{
	say(context, HOOK_UPROBE, value, "the name of a function of a program");
}

static void read_probe(void *context, const struct node *value)
{
	struct short_event *event = context;

	say(event, HOOK_USDT, value, "PROVIDER:NAME of a static probe");
	if (event->name && !strchr(event->name, ':'))
		test_refuse(event->file, value, "PROVIDER:NAME of a static probe");
}

#define KEEP(name, member) \
	static void read_##name(void *context, const struct node *value) \
	{ \
		((struct short_event *)context)->member = value; \
	}
KEEP(arguments, arguments)
KEEP(data, data)
KEEP(return, returned)
KEEP(process, process)

#define ROWS_OF_test(key, read)
#define ROWS_OF_test_expect(key, read)
#define ROWS_OF_test_event(key, read) { key, read_##read },
#define ROWS_OF_test_process(key, read)
#define ROWS_OF_test_pod(key, read)
static const struct test_key event_keys[] = {
#define TEST_GROUP(...)
#define TEST_FIELD(group, key, read, ...) ROWS_OF_##group(key, read)
#include "schema/test_fields.def"
};

static void add_watched(struct arena *arena, struct ir_argument_list *to, const struct ir_argument_list *from)
{
	struct ir_argument *items = arena_array(arena, struct ir_argument, to->count + from->count);
	size_t count = to->count;

	if (count)
		memcpy(items, to->items, count * sizeof(*items));
	for (size_t n = 0; n < from->count; n++) {
		size_t other = 0;

		while (other < to->count && !ir_argument_alike(&to->items[other], &from->items[n]))
			other++;
		if (other == to->count)
			items[count++] = from->items[n];
	}
	*to = (struct ir_argument_list){ items, count };
}

/* Several rules and policies may watch there, each for arguments of its own. */
static void keep_hook(void *context, const struct verdict *verdict)
{
	struct short_event *event = context;

	if (event->only && strcmp(event->only, verdict->ir->name.bytes))
		return;
	add_watched(&event->file->arena, &event->watched, &verdict->hook->arguments);
	add_watched(&event->file->arena, &event->watched_data, &verdict->hook->data);
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

static bool is_same_text(const struct text *a, const struct text *b)
{
	return a->bytes && b->bytes ? !strcmp(a->bytes, b->bytes) : a->bytes == b->bytes;
}

/* Several rules may watch one. */
static bool is_same_place(const struct ir_hook *a, const struct ir_hook *b)
{
	return a->kind == b->kind && !a->names && !b->names && a->kind != HOOK_UPROBE && a->kind != HOOK_USDT && a->syscall == b->syscall &&
		is_same_text(&a->name, &b->name) && is_same_text(&a->subsystem, &b->subsystem);
}

/* Without a place it is the only one that the policies watch. */
static bool take_only_place(struct short_event *event)
{
	const size_t policies = image_policy_count(event->simulation->image);
	const struct ir_hook *only = NULL;
	size_t count = 0;

	for (size_t p = 0; p < policies; p++) {
		const struct ir_policy *policy = &event->simulation->policies[p];

		for (size_t h = 0; h < policy->hooks.count && (!event->only || !strcmp(event->only, policy->name.bytes)); h++) {
			count += !only || !is_same_place(only, &policy->hooks.items[h]);
			only = &policy->hooks.items[h];
		}
	}
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
	short_values(event, "args", event->arguments, &event->watched);
	short_values(event, "data", event->data, &event->watched_data);
	if (event->returned && event->hook->return_argument) {
		json_key(event->json, "return");
		short_value(event, event->hook->return_argument, event->returned);
	} else if (event->returned) {
		diag(&event->file->diagnostics, DIAG_UNKNOWN_KEY, node_span(event->file->tree, event->returned),
		     "the policy does not report what the function returns");
	}
	json_end_object(event->json);
}

int test_event_line(struct test_file *file, struct simulation *simulation, const struct test_case *test, struct buffer *ret)
{
	struct json json = { .out = ret, .first = true };
	struct short_event reading = { .file = file, .simulation = simulation, .json = &json, .at = test->event, .only = test->policy };
	const size_t errors = file->diagnostics.errors;

	test_read_mapping(file, test->event, "a mapping", event_keys, ARRAY_SIZE(event_keys), &reading);
	if (file->diagnostics.errors > errors || !find_hook(&reading))
		return -EINVAL;
	json_begin_object(&json);
	write_body(&reading);
	short_facts(&reading);
	json_end_object(&json);
	return file->diagnostics.errors > errors ? -EINVAL : 0;
}
