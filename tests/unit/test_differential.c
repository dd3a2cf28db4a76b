// SPDX-License-Identifier: Apache-2.0
/*
 * test_differential.c - a policy means the same at every stage, in any company and in any order.
 *
 * Random policies are read by three: the evaluator of random_policies.h from the typed policy; the interpreter below
 * from the predicates, as lowered, as simplified, as without optimization, and as read back from the object; and match.h from
 * images in which the policy stands alone or among others, linked with and without optimization.  All must name the same
 * selector for every event.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "bpf-templates/match.h"
#include "compiler/image/image.h"
#include "compiler/link/link.h"
#include "compiler/object/object.h"
#include "tests/unit/random_policies.h"

enum { ROUNDS = 250, POLICIES = 8, EVENTS = 12, ORDERS = 4, MANY_ROUNDS = 60, POLICIES_MAX = 64 };

/* ---- Predicates, one by one: no table, no order, no jump ---- */

static enum match_answer answer(bool holds)
{
	return holds ? MATCH_YES : MATCH_NO;
}

static enum match_answer number_answer(const struct ir_predicate *predicate, const struct ir_hook *hook, const struct value *value)
{
	const struct ir_argument *argument = ir_predicate_argument(hook, predicate);
	const bool is_signed = ir_predicate_domain(hook, predicate).is_signed;
	const bool is_port = argument && argument->type == TYPE_SOCKADDR;
	const uint64_t number = !is_port ? value->number : value->family == 1 ? 0 : value->port, key = ir_key(number, is_signed);

	if (predicate->test == IR_MASK)
		return answer(number & predicate->mask);
	for (size_t n = 0; n < predicate->intervals.count; n++)
		if (key >= predicate->intervals.items[n].low && key <= predicate->intervals.items[n].high)
			return MATCH_YES;
	return MATCH_NO;
}

/* What is left of a cut string shows some patterns, and hides others. */
static enum match_answer pattern_answer(const struct ir_pattern *pattern, const struct value *value)
{
	const char *end = value->bytes + value->length - pattern->length;
	bool fits = pattern->length <= value->length, very_long = value->length > ABI_PATTERN_MAX;

	if (pattern->kind != ABI_STRING_EXACT && !pattern->length)
		return MATCH_YES;
	if (value->readable == READ_WHOLE)
		return answer(fits && (pattern->kind != ABI_STRING_EXACT || pattern->length == value->length) &&
			      !memcmp(pattern->kind == ABI_STRING_POSTFIX ? end : value->bytes, pattern->bytes, pattern->length));
	if (pattern->kind == ABI_STRING_PREFIX && value->readable == READ_END_LOST && fits &&
	    !memcmp(value->bytes, pattern->bytes, pattern->length))
		return MATCH_YES;
	if (pattern->kind == ABI_STRING_POSTFIX && value->readable == READ_FRONT_LOST && fits &&
	    !memcmp(end, pattern->bytes, pattern->length))
		return MATCH_YES;
	return pattern->kind != ABI_STRING_POSTFIX && value->readable == READ_END_LOST && very_long ? MATCH_NO : MATCH_UNKNOWN;
}

static enum match_answer strings_answer(const struct ir_pattern_list *patterns, const struct value *value)
{
	enum match_answer sum = MATCH_NO;

	for (size_t n = 0; n < patterns->count && sum != MATCH_YES; n++) {
		enum match_answer one = pattern_answer(&patterns->items[n], value);

		if (one != MATCH_NO)
			sum = one;
	}
	return sum;
}

/* Both as 128 bits, IPv4 as IPv4-mapped. */
static void widen(bool is_v4, const uint8_t *address, uint8_t ret[16])
{
	memset(ret, 0, 16);
	memset(ret + 10, is_v4 ? 0xff : 0, 2);
	memcpy(is_v4 ? ret + 12 : ret, address, is_v4 ? 4 : 16);
}

static enum match_answer networks_answer(const struct ir_network_list *networks, const struct value *value)
{
	uint8_t address[16], network[16];

	if (value->family == 1)
		return MATCH_UNKNOWN;
	widen(value->family == MATCH_AF_INET, value->address, address);
	for (size_t n = 0; n < networks->count; n++) {
		const struct ir_network *one = &networks->items[n];
		unsigned int bit = 0, bits = one->prefix + (one->family == 4 ? 96 : 0);

		if (one->family == 6 && value->family == MATCH_AF_INET)
			continue;
		widen(one->family == 4, one->address, network);
		while (bit < bits && !((address[bit / 8] ^ network[bit / 8]) & 0x80 >> bit % 8))
			bit++;
		if (bit == bits)
			return MATCH_YES;
	}
	return MATCH_NO;
}

static bool predicate_holds(const struct ir_hook *hook, const struct ir_predicate *predicate, const struct event *event)
{
	const struct value pid = { .readable = READ_WHOLE, .number = event->pid };
	const struct value *value = predicate->subject == IR_PID ? &pid :
				    predicate->subject == IR_BINARY ? &event->binary :
				    &event->arguments[hook->arguments.items[predicate->position].index];
	enum match_answer got;

	if (value->readable == READ_NOT)
		return false;
	if (predicate->test == IR_NEVER || predicate->test == IR_READABLE)
		got = answer(predicate->test == IR_READABLE);
	else if (predicate->test == IR_STRINGS)
		got = strings_answer(&predicate->patterns, value);
	else if (predicate->test == IR_NETWORKS)
		got = networks_answer(&predicate->networks, value);
	else
		got = number_answer(predicate, hook, value);
	return got == (predicate->negated ? MATCH_NO : MATCH_YES);
}

/* The selector that decides, or -1. */
static int interpret(const struct ir_policy *policy, const struct event *event)
{
	const struct ir_hook *hook = policy->hooks.items;

	for (size_t n = 0; n < hook->selectors.count; n++) {
		const struct ir_predicate_list *list = &hook->selectors.items[n].predicates;
		size_t holding = 0;

		while (holding < list->count && predicate_holds(hook, &list->items[holding], event))
			holding++;
		if (holding == list->count)
			return (int)hook->selectors.items[n].index;
	}
	return -1;
}

/* ---- One round: policies, events, and what is expected of them ---- */

/* What the images of a test had: of records that ask for several rows, and tables of one value beside a full one. */
static size_t groups_seen, full_tables_seen, intervals_seen;

struct round {
	struct arena arena;
	struct policy_list policies;
	struct ir_list *ir, *plain;
	struct buffer *objects[2];	/* of `ir`, and of `plain` */
	size_t object_count[2];
	struct event events[EVENTS];
	int expected[EVENTS][POLICIES_MAX];
};

static void assert_selector(const struct round *round, const char *stage, size_t policy, size_t event, int got)
{
	struct buffer text = { 0 };

	if (got == round->expected[event][policy])
		return;
	ir_dump_policy(&round->ir->items[policy], &text);
	print_message("%s", text.bytes);
	buffer_release(&text);
	fail_msg("%s: selector %d decided event %zu of policy p%zu, %d should have", stage, got, event, policy,
		 round->expected[event][policy]);
}

static void assert_stage(const struct round *round, const char *stage, const struct ir_list *ir)
{
	for (size_t event = 0; event < EVENTS; event++)
		for (size_t n = 0; n < ir->count; n++)
			assert_selector(round, stage, n, event, interpret(&ir->items[n], &round->events[event]));
}

static void assert_objects(struct round *round, const struct buffer *objects)
{
	char message[256] = "";

	for (size_t n = 0; n < round->policies.count; n++) {
		struct ir_policy policy;

		if (object_read(objects[n].bytes, objects[n].length, &round->arena, &policy, message))
			fail_msg("%s", message);
		for (size_t event = 0; event < EVENTS; event++)
			assert_selector(round, "object", n, event, interpret(&policy, &round->events[event]));
	}
}

static void compile_policies(struct round *round)
{
	struct diagnostics diagnostics;

	for (size_t event = 0; event < EVENTS; event++)
		for (size_t n = 0; n < round->policies.count; n++)
			round->expected[event][n] = expected_selector(round->policies.items[n].hooks.items, &round->events[event]);
	diagnostics_init(&diagnostics, &round->arena);
	assert_int_equal(ir_lower(&round->policies, &round->arena, &diagnostics, &round->ir), 0);
	assert_stage(round, "lower", round->ir);
	round->plain = ir_plain(round->ir, &round->arena);
	assert_int_equal(ir_simplify(round->ir, &round->arena, &diagnostics), 0);
	assert_stage(round, "simplify", round->ir);
	assert_stage(round, "plain", round->plain);
	assert_int_equal(objects_write(round->ir, &round->arena, &diagnostics, &round->objects[0], &round->object_count[0]), 0);
	assert_int_equal(objects_write(round->plain, &round->arena, &diagnostics, &round->objects[1], &round->object_count[1]), 0);
	assert_objects(round, round->objects[0]);
	assert_objects(round, round->objects[1]);
}

static void compile_round(struct round *round)
{
	static const char *const functions[] = { "function", "another" };
	const enum type_id *types = argument_types[pick(ARGUMENT_SETS)];

	round->policies = some_policies(types, POLICIES, functions, 2, &round->arena);
	for (size_t event = 0; event < EVENTS; event++)
		some_event(types, &round->events[event]);
	compile_policies(round);
}

static void compile_many(struct round *round)
{
	const enum type_id *types = argument_types[pick(ARGUMENT_SETS)];

	round->policies = many_policies(types, 1 + pick(POLICIES_MAX), "function", &round->arena);
	for (size_t event = 0; event < EVENTS; event++)
		many_event(types, &round->events[event]);
	compile_policies(round);
}

static void release_round(struct round *round)
{
	for (int n = 0; n < 2; n++)
		objects_release(round->objects[n], round->object_count[n]);
	arena_release(&round->arena);
}

/* ---- Images ---- */

/* Which policies, in which order. */
struct order { size_t policies[POLICIES_MAX], count; };

static int decided_by(struct match_native *native, const struct image_view *view, size_t accepts, uint32_t policy)
{
	int found = -1;

	for (size_t n = 0; n < accepts; n++) {
		const struct abi_accept *accept = (const void *)(view->bytes + native->state.accepts[n]);

		if (accept->policy != policy)
			continue;
		assert_int_equal(found, -1);
		found = accept->selector;
	}
	return found;
}

static void assert_image(const struct round *round, const char *stage, const struct order *order, const struct image_view *view)
{
	static struct match_native native;
	struct event_of_hook context;

	native = (struct match_native){ .image = view->bytes, .image_size = (uint32_t)view->size, .load = load_event,
					.context = &context };
	for (uint32_t n = 0; n < order->count; n++) {
		struct image_hook hook;

		assert_true(image_policy_hook(view, n, 0, &hook, NULL));
		context.hook = hook.abi;
		for (size_t event = 0; event < EVENTS; event++) {
			context.event = &round->events[event];
			assert_selector(round, stage, order->policies[n], event,
					decided_by(&native, view, match_native_run_id(&native, hook.id), n));
		}
	}
}

static void count_shapes(const struct image_view *view)
{
	for (size_t h = 0; h < image_hook_count(view); h++) {
		const struct abi_hook *hook = image_hook_at(view, h).abi;
		const struct abi_record *records = (const void *)(view->bytes + hook->program);

		for (uint32_t n = 0; n < hook->record_count; n++) {
			if (records[n].op != ABI_OP_STRING && records[n].op != ABI_OP_INTERVALS)
				continue;
			groups_seen += ABI_LOOKUP_ROW(records[n].operand) != ABI_LOOKUP_LAST(records[n].operand);
			full_tables_seen += ABI_LOOKUP_LAST(records[n].operand) == ABI_ROWS_MAX - 1;
			intervals_seen += records[n].op == ABI_OP_INTERVALS;
		}
	}
}

static void link_objects(struct round *round, const struct buffer *objects, const struct order *order,
			 const struct link_options *options, const char *stage)
{
	struct link_input inputs[POLICIES_MAX];
	struct buffer image = { 0 };
	struct image_view view;
	const char *error = "";
	char message[256] = "";

	for (size_t n = 0; n < order->count; n++)
		inputs[n] = (struct link_input){ objects[order->policies[n]].bytes, objects[order->policies[n]].length, "test" };
	if (link_image(inputs, order->count, options, &round->arena, &image, &error))
		fail_msg("%s: %s", stage, error);
	if (image_verify(image.bytes, image.length, &view, message))
		fail_msg("%s: %s", stage, message);
	count_shapes(&view);
	assert_image(round, stage, order, &view);
	buffer_release(&image);
}

/* Ids are given out, or kept from an earlier time.  Objects of either kind, linked in either way. */
static void link_and_assert(struct round *round, const struct order *order)
{
	const struct link_assignment kept[] = { { "kprobe:another", 1 + pick(ABI_HOOKS_MAX - 1) } };
	const struct link_options options = { .assignments = kept, .assignment_count = one_in(2) };
	const struct link_options plain = { .plain = true };

	link_objects(round, round->objects[0], order, &options, order->count > 1 ? "linked" : "alone");
	link_objects(round, round->objects[0], order, &plain, "linked plain");
	link_objects(round, round->objects[1], order, &options, "plain objects, linked");
	link_objects(round, round->objects[1], order, &plain, "plain objects, linked plain");
}

/* `count` of `all` policies. */
static struct order some_order(size_t count, size_t all)
{
	struct order order = { .count = count };

	for (size_t n = 0; n < all; n++) {
		size_t other = pick((unsigned int)n + 1);

		order.policies[n] = order.policies[other];
		order.policies[other] = n;
	}
	return order;
}

/* ---- Tests ---- */

static void policies_mean_the_same_at_every_stage_and_in_any_company(void **state)
{
	static struct round round;
	size_t decided = 0, passed = 0;

	(void)state;
	random_state = 0x646966666572ULL;
	for (int n = 0; n < ROUNDS; n++) {
		round = (struct round){ .ir = NULL };
		compile_round(&round);
		for (size_t policy = 0; policy < POLICIES; policy++)
			link_and_assert(&round, &(struct order){ .policies = { policy }, .count = 1 });
		for (int order = 0; order < ORDERS; order++) {
			struct order all = some_order(order ? POLICIES : 2 + pick(POLICIES - 2), POLICIES);

			link_and_assert(&round, &all);
		}
		for (size_t event = 0; event < EVENTS; event++)
			for (size_t policy = 0; policy < POLICIES; policy++)
				*(round.expected[event][policy] < 0 ? &passed : &decided) += 1;
		release_round(&round);
	}
	assert_true(decided > 1000 && passed > 1000);	/* or the events show nothing */
}

/* Full tables, and groups of policies and of selectors that one record passes over. */
static void many_policies_are_decided_as_each_alone(void **state)
{
	static struct round round;
	size_t decided = 0, passed = 0;

	(void)state;
	random_state = 0x6d616e79ULL;
	groups_seen = full_tables_seen = intervals_seen = 0;
	for (int n = 0; n < MANY_ROUNDS; n++) {
		struct order all;

		round = (struct round){ .ir = NULL };
		compile_many(&round);
		all = some_order(round.policies.count, round.policies.count);
		link_and_assert(&round, &all);
		for (size_t event = 0; event < EVENTS; event++)
			for (size_t policy = 0; policy < round.policies.count; policy++)
				*(round.expected[event][policy] < 0 ? &passed : &decided) += 1;
		release_round(&round);
	}
	assert_true(decided > 1000 && passed > 1000);
	assert_true(groups_seen > 1000 && full_tables_seen > 100 && intervals_seen > 1000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(many_policies_are_decided_as_each_alone),
		cmocka_unit_test(policies_mean_the_same_at_every_stage_and_in_any_company),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
