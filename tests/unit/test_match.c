// SPDX-License-Identifier: Apache-2.0
/*
 * test_match.c - random policies and events: lower, simplify, object, link, image_verify and match.h together against
 * an evaluator that knows nothing of them (random_policies.h).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bpf-templates/match.h"
#include "compiler/image/image.h"
#include "compiler/link/link.h"
#include "compiler/object/object.h"
#include "tests/unit/random_policies.h"

enum { CASES = 20000, EVENTS_PER_LINK = 16, POLICIES_MAX = 3 };

struct machine {
	struct buffer image;
	struct image_view view;
	struct event_of_hook context;
	struct match_native native;
};

static struct buffer link_policies(const struct policy_list *policies, struct arena *arena)
{
	struct diagnostics diagnostics;
	struct link_input inputs[POLICIES_MAX];
	struct buffer *objects, image = { 0 };
	const char *error = "";
	struct ir_list *ir;
	size_t count;

	diagnostics_init(&diagnostics, arena);
	assert_int_equal(ir_lower(policies, arena, &diagnostics, &ir), 0);
	assert_int_equal(ir_simplify(ir, arena, &diagnostics), 0);
	assert_int_equal(objects_write(ir, arena, &diagnostics, &objects, &count), 0);
	for (size_t n = 0; n < count; n++)
		inputs[n] = (struct link_input){ objects[n].bytes, objects[n].length, "test" };
	if (link_image(inputs, count, NULL, arena, &image, &error))
		fail_msg("%s", error);
	objects_release(objects, count);
	return image;
}

static int selector_of(struct machine *machine, uint32_t accepts, uint32_t policy)
{
	int found = -1;

	for (uint32_t n = 0; n < accepts; n++) {
		const struct abi_accept *accept = (const void *)(machine->image.bytes + machine->native.state.accepts[n]);

		if (accept->policy != policy)
			continue;
		assert_int_equal(found, -1);
		found = accept->selector;
	}
	return found;
}

static void print_value(const char *name, const struct value *value)
{
	print_message("%s: readable %d number 0x%llx bytes %zu '%.*s' family %u port %u\n", name, value->readable,
		      (unsigned long long)value->number, value->length, (int)(value->length < 80 ? value->length : 80),
		      value->bytes, value->family, value->port);
}

static void print_case(const struct machine *machine, const struct event *event)
{
	struct buffer text = { 0 };

	image_dump(&machine->view, &text);
	for (size_t n = 0; n < image_policy_count(&machine->view); n++) {
		struct image_policy policy = image_policy_at(&machine->view, n);

		object_dump(policy.object, policy.object_size, &text);
	}
	print_message("%s", text.bytes);
	buffer_release(&text);
	print_value("binary", &event->binary);
	for (int n = 0; n < 5; n++)
		print_value("argument", &event->arguments[n]);
	print_message("pid %u\n", event->pid);
}

static void check_event(struct machine *machine, const struct policy_list *policies, const struct event *event)
{
	uint32_t accepts;

	machine->context.event = event;
	accepts = match_native_run(&machine->native, (uint32_t)((const char *)machine->context.hook - machine->image.bytes));
	assert_false(machine->native.state.errors >> ABI_ERROR_STEPS & 1);
	for (uint32_t n = 0; n < policies->count; n++) {
		int expected = expected_selector(policies->items[n].hooks.items, event);
		int got = selector_of(machine, accepts, n);

		if (got != expected)
			print_case(machine, event);
		if (got != expected)
			fail_msg("policy %u: selector %d decided, %d should have; state %llx", n, got, expected,
				 (unsigned long long)random_state);
	}
}

static void check_policies(struct machine *machine)
{
	static const char *const function = "function";
	const enum type_id *types = argument_types[pick(ARGUMENT_SETS)];
	struct arena arena = { 0 };
	struct policy_list policies = some_policies(types, 1 + pick(POLICIES_MAX), &function, 1, &arena);
	static struct event event;
	struct image_hook hook;
	char message[256];

	machine->image = link_policies(&policies, &arena);
	if (image_verify(machine->image.bytes, machine->image.length, &machine->view, message))
		fail_msg("%s", message);
	hook = image_hook_at(&machine->view, 0);
	machine->context.hook = hook.abi;
	machine->native.image = machine->image.bytes;
	machine->native.image_size = (uint32_t)machine->image.length;
	machine->native.load = load_event;
	machine->native.context = &machine->context;
	for (int n = 0; n < EVENTS_PER_LINK; n++) {
		some_event(types, &event);
		check_event(machine, &policies, &event);
	}
	buffer_release(&machine->image);
	arena_release(&arena);
}

static void test_random_policies_and_events(void **state)
{
	static struct machine machine;

	(void)state;
	random_state = 0x7465747261ULL;
	for (int n = 0; n < CASES; n += EVENTS_PER_LINK)
		check_policies(&machine);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_random_policies_and_events),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
