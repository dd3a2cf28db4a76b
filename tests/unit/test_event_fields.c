// SPDX-License-Identifier: Apache-2.0
/*
 * test_event_fields.c - every key that is written is one that Tetragon's messages have, or is below `tetra`.
 *
 * TETRA_EVENTS=FILE: and the lines of that file, which Tetragon has written, have no other key than the table.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <json-c/json.h>

#include "compiler/compiler.h"
#include "compiler/link/link.h"
#include "runtime/event_fields.h"
#include "runtime/event_json.h"
#include "schema/schema.h"

static size_t values;	/* how many were looked at */

/* Every path from the outermost object to a value. */
static void check(struct json_object *object, const char *path)
{
	const char *wrong, *nearest = NULL;
	size_t length;

	if (json_object_is_type(object, json_type_object)) {
		json_object_object_foreach(object, key, value) {
			char below[512];

			snprintf(below, sizeof(below), "%s%s%s", path, *path ? "." : "", key);
			check(value, below);
		}
		return;
	}
	if (json_object_is_type(object, json_type_array)) {
		for (size_t n = 0; n < json_object_array_length(object); n++)
			check(json_object_array_get_idx(object, n), path);
		return;
	}
	values++;
	if (!event_field_is_known(path, &wrong, &length, &nearest) || !event_field_is_value(path))
		fail_msg("the table does not have %s", path);
}

static void check_line(const char *line)
{
	struct json_object *object = json_tokener_parse(line);

	if (!object)
		fail_msg("no JSON: %s", line);
	check(object, "");
	json_object_put(object);
}

/* ---- Hook events ---- */

struct linked {
	struct unit unit;
	struct buffer bytes;
	struct image_view view;
	char text[1024];
};

static bool link_hook(struct linked *linked, const char *hook)
{
	struct link_input input;
	const char *error = "";
	char message[256];

	snprintf(linked->text, sizeof(linked->text), "apiVersion: cilium.io/v1alpha1\nkind: TracingPolicy\nmetadata:\n  name: demo\n"
		 "spec:\n%s", hook);
	unit_init(&linked->unit, "demo.yaml", linked->text, strlen(linked->text));
	if (unit_compile(&linked->unit, NULL))
		return false;
	input = (struct link_input){ linked->unit.objects[0].bytes, linked->unit.objects[0].length, "demo" };
	return !link_image(&input, 1, NULL, &linked->unit.arena, &linked->bytes, &error) &&
	       !image_verify(linked->bytes.bytes, linked->bytes.length, &linked->view, message);
}

static void unlink_hook(struct linked *linked)
{
	buffer_release(&linked->bytes);
	unit_release(&linked->unit);
}

static struct abi_process process_of(uint32_t pid)
{
	struct abi_process process = {
		.start_time = 5, .parent_start_time = 4, .pid = pid, .parent_pid = 41, .flags = UINT32_MAX,
		.path_length = 7, .arguments_length = 13, .cwd_length = 4,
	};

	memcpy(process.texts, "/bin/sh-c\0echo a\0\0\"\0/tmp", 24);
	return process;
}

/* All slots have the same state, number and bytes. */
static void fill_slots(struct abi_event *event, uint8_t state, uint16_t length, uint16_t family)
{
	const struct abi_socket socket = { .known = ~0ULL, .parts = { [ABI_PART_FAMILY] = family, [ABI_PART_SOURCE_PORT] = 1 } };

	memcpy(event + 1, &socket, sizeof(socket));
	for (unsigned n = 0; n < ABI_SLOTS_MAX; n++)
		event->slots[n] = (struct abi_event_slot){ .value = 0100644, .state = state, .offset = sizeof(*event), .length = length };
}

/* Only functions return. */
static void check_event(const struct event_context *context, struct abi_event *record, uint8_t outcome)
{
	const enum hook_kind kind = image_hook_at(context->image, 0).kind;
	struct buffer text = { 0 };
	struct event event;

	record->outcome = outcome;
	assert_int_equal(event_read(record, record->size, &event), 0);
	event_json(context, &event, NULL, &text);
	check_line(text.bytes);
	text.length = 0;
	event_json(context, &event, kind == HOOK_KPROBE || kind == HOOK_FENTRY ? &event : NULL, &text);
	check_line(text.bytes);
	buffer_release(&text);
}

/* Whatever state and length the values have. */
static void check_hook(const struct linked *linked)
{
	static const uint16_t lengths[] = { 0, 3, 8, 24, 32, 80, 88, 136, 152 };
	struct { struct abi_event event; uint8_t bytes[512]; } *record = calloc(1, sizeof(*record));
	struct event_context context = { .node_name = "n", .image = &linked->view, .processes = process_cache_new() };
	struct abi_process child = process_of(42), parent = process_of(41);

	parent.start_time = 4;
	process_cache_add(context.processes, &child);
	process_cache_add(context.processes, &parent);
	record->event = (struct abi_event){ .kind = ABI_EVENT_HOOK, .size = sizeof(*record), .slot_count = ABI_SLOTS_MAX,
		.hook = image_hook_at(&linked->view, 0).id, .tgid = 42, .process_start = 5, .entry_time = 1 };
	for (uint8_t state = ABI_SLOT_UNREAD; state <= ABI_SLOT_NO_SPACE; state++)
		for (size_t n = 0; n < sizeof(lengths) / sizeof(*lengths); n++) {
			fill_slots(&record->event, state, lengths[n], n % 2 ? 2 : 10);
			check_event(&context, &record->event, (uint8_t)(n % 4));
		}
	process_cache_free(context.processes);
	free(record);
}

static void hooks_of_every_kind(void **state)
{
	static const char *const hooks[] = {
		"  kprobes:\n  - {call: f, syscall: false, return: true, returnArg: {index: 0, type: int}, message: hello, tags: [one, two]}\n",
		"  kprobes:\n  - {call: sys_write, syscall: true, args: [{index: 0, type: int, label: l}]}\n",
		"  fentries:\n  - {call: f, args: [{index: 0, type: int}]}\n",
		"  tracepoints:\n  - {subsystem: s, event: e, args: [{index: 5, type: int32}]}\n",
		"  tracepoints:\n  - {subsystem: s, event: e, raw: true, args: [{index: 0, type: uint64}]}\n",
		"  lsmhooks:\n  - {hook: file_open, args: [{index: 0, type: file}]}\n",
	};

	(void)state;
	for (size_t n = 0; n < sizeof(hooks) / sizeof(*hooks); n++) {
		struct linked linked = { .bytes = { 0 } };

		print_message("# %s", hooks[n]);
		assert_true(link_hook(&linked, hooks[n]));
		check_hook(&linked);
		unlink_hook(&linked);
	}
}

static void arguments_of_every_type(void **state)
{
	size_t linked_count = 0;

	(void)state;
	for (int type = 0; type < TYPE_COUNT; type++) {
		struct linked linked = { .bytes = { 0 } };
		char hook[256];

		if (type_rows[type].support != SUPPORT_NOW)
			continue;
		snprintf(hook, sizeof(hook), "  kprobes:\n  - {call: f, syscall: false, args: [{index: 0, type: %s}]}\n", type_rows[type].name);
		if (link_hook(&linked, hook)) {
			check_hook(&linked);
			linked_count++;
		}
		unlink_hook(&linked);
	}
	print_message("# %zu types\n", linked_count);
	assert_true(linked_count > 30);
}

/* ---- Other events ---- */

static void events_of_processes(void **state)
{
	struct abi_process_event record = { .size = sizeof(record), .tid = 42, .process = process_of(42) };
	struct event_context context = { .node_name = "n", .processes = process_cache_new() };

	(void)state;
	for (uint8_t kind = ABI_EVENT_EXEC; kind <= ABI_EVENT_EXIT; kind++)
		for (uint32_t code = 0; code < 0x300; code += 0x109) {
			struct buffer text = { 0 };
			struct event event;

			record.kind = kind;
			record.exit_code = code;
			assert_int_equal(event_read(&record, sizeof(record), &event), 0);
			event_json(&context, &event, NULL, &text);
			check_line(text.bytes);
			buffer_release(&text);
		}
	process_cache_free(context.processes);
}

static void losses(void **state)
{
	const struct event_context context = { .node_name = "n" };
	const struct loss loss = { .events = 1, .bytes = 2, .since = 3, .is_uncounted = true };

	(void)state;
	for (int reason = 0; reason < LOSS_COUNT; reason++) {
		struct buffer text = { 0 };

		event_lost_json(&context, (enum loss_reason)reason, &loss, 5, &text);
		check_line(text.bytes);
		buffer_release(&text);
	}
}

static void types_are_those_of_hooks(void **state)
{
	(void)state;
	for (int hook = 0; hook < HOOK_COUNT; hook++) {
		const char *name;
		size_t n = 0;

		while ((name = event_type_name(n)) && strcmp(name, hook_rows[hook].event))
			n++;
		assert_non_null(name);
	}
}

static void what_others_wrote(void **state)
{
	const char *given = getenv("TETRA_EVENTS"), *path = given ? given : "../shared/reference/events/tetragon-6.12.jsonl";
	FILE *file = fopen(path, "r");
	char *line = NULL;
	size_t room = 0;

	(void)state;
	if (!file && !given) {
		print_message("no events of Tetragon at %s (TETRA_EVENTS)\n", path);
		skip();
	}
	assert_non_null(file);
	while (getline(&line, &room, file) > 0)
		check_line(line);
	fclose(file);
	free(line);
}

/* The check itself: what is not in the table is found. */
static void others_are_not_known(void **state)
{
	static const char *const paths[] = {
		"process_kprobe.enforcement", "process_exec.function_name", "process_kprobe.args.new_arg", "tetra.new", "new",
		"process_kprobe.process.parent", "process_lsm.return",
	};

	(void)state;
	for (size_t n = 0; n < sizeof(paths) / sizeof(*paths); n++) {
		const char *wrong, *nearest;
		size_t length;

		assert_false(event_field_is_known(paths[n], &wrong, &length, &nearest));
	}
	assert_true(values > 1000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hooks_of_every_kind), cmocka_unit_test(arguments_of_every_type), cmocka_unit_test(events_of_processes),
		cmocka_unit_test(losses), cmocka_unit_test(types_are_those_of_hooks), cmocka_unit_test(what_others_wrote),
		cmocka_unit_test(others_are_not_known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
