// SPDX-License-Identifier: Apache-2.0
/*
 * test_proofs.c - what simplify says can never decide, does not: every event of a small world is asked.
 *
 * Policies on few values of one subject or two are linked twice, filter by filter and as simplified, and match.h decides all events
 * that can be told apart, unreadable and cut ones among them.  Both must name the same selector.  And of the selectors that
 * never decide in that world, most must have been found.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <cmocka.h>

#include "bpf-templates/match.h"
#include "compiler/image/image.h"
#include "compiler/link/link.h"
#include "compiler/object/object.h"
#include "compiler/selector/conflict.h"
#include "compiler/selector/ir.h"
#include "compiler/selector/sets.h"
#include "tests/unit/random_policies.h"

enum { SELECTORS = 5, VALUES = 3, WORLD = 320 };

/* What filters of the small world look at.  The first ones are arguments, each at its own index. */
enum subject { NUMBER, UNSIGNED, STRING, FILE_PATH, ADDRESS, PORT, BINARY, SUBJECTS };
static const enum type_id types[] = { TYPE_INT8, TYPE_UINT8, TYPE_STRING, TYPE_FILE, TYPE_SOCKADDR };
static const char *const names[] = { "int8", "uint8", "string", "file", "address", "port", "binary" };

static struct arena *arena;	/* of the round */

static struct text text_of(const char *bytes, size_t length)
{
	return (struct text){ arena_copy(arena, bytes, length), length, { NULL, 0, 0 } };
}

/* ---- Filters ---- */

static struct policy_value number(enum subject subject, bool is_range)
{
	static const int ends[] = { -128, -127, -9, -8, -4, -1, 0, 1, 2, 3, 4, 5, 7, 8, 15, 16, 31, 32, 63, 64, 126, 127 };
	int low = ends[pick(22)], high = is_range ? ends[pick(22)] : low;

	if (subject != NUMBER)
		low += 128, high += 128;
	return (struct policy_value){
		.text = text_of("n", 1), .form = is_range ? VALUE_RANGE : VALUE_INTEGER,
		.low = (uint64_t)(int64_t)(low < high ? low : high), .high = (uint64_t)(int64_t)(low < high ? high : low),
	};
}

static struct policy_value mask(void)
{
	const uint64_t bits = one_in(4) ? 128 | 1ULL << pick(8) : 1ULL << pick(9) | (one_in(2) ? 1ULL << pick(9) : 0);

	return (struct policy_value){ .text = text_of("m", 1), .form = VALUE_INTEGER, .low = bits, .high = bits };
}

static struct policy_value string(void)
{
	char bytes[2];
	size_t length = 1 + pick(2);

	for (size_t n = 0; n < length; n++)
		bytes[n] = "ab"[pick(2)];
	return (struct policy_value){ .text = text_of(bytes, length), .form = VALUE_BYTES };
}

/* Networks of eight addresses and their parts, in both families and as mapped ones; now and then everything. */
static struct policy_value network(void)
{
	struct policy_value value = { .text = text_of("net", 3), .form = VALUE_ADDRESS, .family = one_in(2) ? 4 : 6 };
	const uint8_t low = (uint8_t)pick(8), bits = (uint8_t)pick(4), last = value.family == 4 ? 3 : 15;

	if (one_in(8))
		return value;
	value.prefix = (uint8_t)(last * 8 + 8 - bits);
	if (value.family == 4 || one_in(2))
		value.address[last - 3] = 10;
	else
		value.address[0] = 0x20;
	if (value.family == 6 && value.address[12])
		value.address[10] = value.address[11] = 0xff;
	value.address[last] = (uint8_t)(low >> bits << bits);
	return value;
}

static struct policy_value port(void)
{
	const unsigned int low = pick(4), high = one_in(4) ? 65535 : low + pick(3);

	return (struct policy_value){ .text = text_of("p", 1), .form = VALUE_RANGE, .low = low, .high = high };
}

static enum operator_id some_operator(enum subject subject)
{
	if (subject <= UNSIGNED)
		return number_operators[pick(NUMBER_OPERATORS)];
	if (subject == ADDRESS)
		return one_in(2) ? OPERATOR_SADDR : OPERATOR_NOT_SADDR;
	return subject == PORT ? OPERATOR_SPORT : string_operators[pick(STRING_OPERATORS)];
}

static struct policy_value_list some_values(enum subject subject, enum operator_id op)
{
	struct policy_value_list list = { arena_array(arena, struct policy_value, VALUES), 1 + pick(VALUES) };

	for (size_t n = 0; n < list.count; n++)
		list.items[n] = op == OPERATOR_MASK ? mask() :
				subject <= UNSIGNED ? number(subject, op == OPERATOR_IN_RANGE || op == OPERATOR_NOT_IN_RANGE) :
				subject == ADDRESS ? network() : subject == PORT ? port() : string();
	return list;
}

static void add_binary(struct policy_selector *selector)
{
	static const enum operator_id ops[OPERATOR_COUNT] = {
		[OPERATOR_EQUAL] = OPERATOR_IN, [OPERATOR_NOT_EQUAL] = OPERATOR_NOT_IN,
	};
	const enum operator_id op = some_operator(BINARY);
	struct policy_binary_filter *filter = &selector->binaries.items[selector->binaries.count++];

	*filter = (struct policy_binary_filter){ .op = ops[op] ? ops[op] : op, .values = some_values(BINARY, op) };
}

static void add_filter(struct policy_selector *selector, enum subject subject)
{
	const enum operator_id op = some_operator(subject);

	if (subject == BINARY) {
		add_binary(selector);
		return;
	}
	selector->arguments.items[selector->arguments.count++] = (struct policy_argument_filter){
		.position = subject == PORT ? ADDRESS : subject, .op = op, .values = some_values(subject, op),
	};
}

/* One hook, whose filters look at the two subjects, which may be one. */
static struct policy some_policy(enum subject first, enum subject second)
{
	struct policy policy = { .name = text_of("p", 1), .hooks = { arena_new(arena, struct policy_hook), 1 } };
	struct policy_hook *hook = policy.hooks.items;

	hook->kind = HOOK_KPROBE;
	hook->name = text_of("function", 8);
	hook->arguments.count = 5;
	hook->arguments.items = arena_array(arena, struct policy_argument, 5);
	for (unsigned int n = 0; n < 5; n++)
		hook->arguments.items[n] = (struct policy_argument){ .index = n, .type = types[n] };
	hook->selectors.count = 2 + pick(SELECTORS - 1);
	hook->selectors.items = arena_array(arena, struct policy_selector, hook->selectors.count);
	for (size_t n = 0; n < hook->selectors.count; n++) {
		struct policy_selector *selector = &hook->selectors.items[n];

		selector->arguments.items = arena_array(arena, struct policy_argument_filter, 3);
		selector->binaries.items = arena_array(arena, struct policy_binary_filter, 3);
		for (unsigned int filters = 1 + pick(3); filters; filters--)
			add_filter(selector, one_in(2) ? first : second);
	}
	return policy;
}

/* ---- The world: all values of a subject that filters can tell apart ---- */

struct world { struct value *values[WORLD]; size_t count; };

static struct value *add_value(struct world *world)
{
	struct value *value = arena_new(arena, struct value);

	assert_true(world->count < WORLD);
	world->values[world->count++] = value;
	return value;
}

static void add_string(struct world *world, enum readable readable, const char *bytes, size_t length, size_t padded)
{
	struct value *value = add_value(world);
	const bool in_front = readable == READ_FRONT_LOST;

	value->readable = readable;
	value->length = padded > length ? padded : length;
	memset(value->bytes, 'c', value->length);
	memcpy(value->bytes + (in_front ? value->length - length : 0), bytes, length);
}

/* All of up to four letters, as whole strings and as what is left of longer ones. */
static void add_strings(struct world *world, enum subject subject)
{
	for (unsigned int length = 0, count = 1; length <= 4; length++, count *= 3)
		for (unsigned int n = 0; n < count; n++) {
			char bytes[4];
			unsigned int rest = n;

			for (unsigned int at = 0; at < length; at++, rest /= 3)
				bytes[at] = "abc"[rest % 3];
			add_string(world, READ_WHOLE, bytes, length, 0);
			if (length > 2)
				continue;
			if (subject != BINARY)
				add_string(world, READ_END_LOST, bytes, length, ABI_PATTERN_MAX + 1);
			else
				add_string(world, READ_END_LOST, bytes, length, 0);
			if (subject == FILE_PATH)
				add_string(world, READ_FRONT_LOST, bytes, length, 0);
			add_string(world, READ_WHOLE, bytes, length, ABI_PATTERN_MAX);
		}
}

static void add_address(struct world *world, uint16_t family, uint16_t port, uint8_t first, uint8_t last)
{
	struct value *value = add_value(world);
	const bool is_v4 = family == MATCH_AF_INET, is_mapped = !is_v4 && first == 10;

	*value = (struct value){ .readable = READ_WHOLE, .family = family, .port = port };
	value->address[is_mapped ? 12 : 0] = first;
	if (is_mapped)
		value->address[10] = value->address[11] = 0xff;
	value->address[is_v4 ? 3 : 15] = last;
}

static void add_addresses(struct world *world)
{
	for (uint16_t port = 0; port < 8; port++)
		for (uint8_t last = 0; last < 9; last++) {
			add_address(world, MATCH_AF_INET, port, 10, last);
			add_address(world, MATCH_AF_INET6, port, 10, last);
			add_address(world, MATCH_AF_INET6, port, 0x20, last);
		}
	add_address(world, MATCH_AF_INET, 65535, 99, 1);
	add_address(world, MATCH_AF_INET6, 9, 0x99, 1);
	for (uint16_t port = 0; port < 8; port++)
		add_address(world, 1, port, 0, 0);
}

static struct world make_world(enum subject subject)
{
	struct world world = { .count = 0 };

	add_value(&world)->readable = READ_NOT;
	if (subject == ADDRESS || subject == PORT)
		add_addresses(&world);
	else if (subject > UNSIGNED)
		add_strings(&world, subject);
	else
		for (int n = -128; n < 128; n++)
			*add_value(&world) = (struct value){ .readable = READ_WHOLE,
				.number = (uint64_t)(int64_t)(subject == NUMBER ? n : n + 128) };
	return world;
}

/* ---- Deciding ---- */

struct decider {
	struct match_native native;
	struct buffer image;
	struct image_view view;
	struct image_hook hook;
	struct event_of_hook context;
};

/* All have one hook, the same. */
static void link_policies(struct ir_list *ir, const struct event *event, struct decider *ret)
{
	struct diagnostics diagnostics;
	struct link_input inputs[2];
	struct buffer *objects;
	size_t count;
	const char *error = "";
	char message[256] = "";

	diagnostics_init(&diagnostics, arena);
	assert_int_equal(objects_write(ir, arena, &diagnostics, &objects, &count), 0);
	assert_true(count <= 2);
	for (size_t n = 0; n < count; n++)
		inputs[n] = (struct link_input){ objects[n].bytes, objects[n].length, "test" };
	ret->image = (struct buffer){ 0 };
	if (link_image(inputs, count, NULL, arena, &ret->image, &error))
		fail_msg("%s", error);
	if (image_verify(ret->image.bytes, ret->image.length, &ret->view, message))
		fail_msg("%s", message);
	objects_release(objects, count);
	ret->context.event = event;
	ret->native = (struct match_native){ .image = ret->view.bytes, .image_size = (uint32_t)ret->view.size,
					     .load = load_event, .context = &ret->context };
	assert_true(image_policy_hook(&ret->view, 0, 0, &ret->hook, NULL));
	ret->context.hook = ret->hook.abi;
}

/* The selector, or -1. */
static int decide(struct decider *decider)
{
	if (!match_native_run_id(&decider->native, decider->hook.id))
		return -1;
	return ((const struct abi_accept *)(const void *)(decider->view.bytes + decider->native.state.accepts[0]))->selector;
}

/* ---- One policy, all events ---- */

/* Nothing but what an object may hold: each filter by itself, and no selector with one that nothing satisfies. */
static void normalise(struct ir_hook *hook)
{
	struct ir_selector_list *list = &hook->selectors;
	size_t kept = 0;

	for (size_t n = 0; n < list->count; n++) {
		const struct ir_predicate_list *predicates = &list->items[n].predicates;
		bool never = false;

		for (size_t i = 0; i < predicates->count; i++) {
			set_normalise(&predicates->items[i], ir_predicate_domain(hook, &predicates->items[i]).keys, arena);
			never |= predicates->items[i].test == IR_NEVER;
		}
		if (!never)
			list->items[kept++] = list->items[n];
	}
	list->count = kept;
}

struct tally { size_t dead, found, events; };

static void set_value(struct event *event, enum subject subject, const struct value *value)
{
	struct value *target = subject == BINARY ? &event->binary : &event->arguments[subject == PORT ? ADDRESS : subject];

	memcpy(target->bytes, value->bytes, value->length);
	target->readable = value->readable;
	target->length = value->length;
	target->number = value->number;
	target->family = value->family;
	target->port = value->port;
	memcpy(target->address, value->address, sizeof(value->address));
}

static void fail_with(const struct policy_list *policies, struct ir_list *simplified, int as_lowered, int as_simplified)
{
	struct diagnostics diagnostics;
	struct buffer text = { 0 };
	struct ir_list *lowered;

	diagnostics_init(&diagnostics, arena);
	ir_lower(policies, arena, &diagnostics, &lowered);
	ir_dump(lowered, &text);
	buffer_add_text(&text, "simplified to\n");
	ir_dump(simplified, &text);
	print_message("%s", text.bytes);
	buffer_release(&text);
	fail_msg("selector %d decides, and once simplified %d", as_lowered, as_simplified);
}

static void try_policy(enum subject first, enum subject second, const struct world *a, const struct world *b,
		       struct tally *tally)
{
	static struct decider lowered, simplified;
	static struct event event;
	struct policy policy = some_policy(first, second);
	const struct policy_list policies = { &policy, 1 };
	const size_t selectors = policy.hooks.items->selectors.count;
	struct diagnostics diagnostics;
	struct ir_list *ir, *apart;
	bool decided[SELECTORS] = { false };

	diagnostics_init(&diagnostics, arena);
	ir_lower(&policies, arena, &diagnostics, &apart);
	normalise(apart->items[0].hooks.items);
	link_policies(apart, &event, &lowered);
	ir_lower(&policies, arena, &diagnostics, &ir);
	ir_simplify(ir, arena, &diagnostics);
	link_policies(ir, &event, &simplified);
	for (size_t x = 0; x < a->count; x++)
		for (size_t y = 0; y < (first == second ? 1 : b->count); y++) {
			int selector;

			if (first != second)
				set_value(&event, second, b->values[y]);
			set_value(&event, first, a->values[x]);
			selector = decide(&lowered);
			if (selector >= 0)
				decided[selector] = true;
			if (selector != decide(&simplified))
				fail_with(&policies, ir, selector, decide(&simplified));
			tally->events++;
		}
	for (size_t n = 0; n < selectors; n++)
		tally->dead += !decided[n];
	tally->found += selectors - ir->items[0].hooks.items[0].selectors.count;
	buffer_release(&lowered.image);
	buffer_release(&simplified.image);
}

static void try_policies(enum subject first, enum subject second, int count, struct tally *tally)
{
	struct arena of_worlds = { 0 };
	struct world a, b;

	arena = &of_worlds;
	a = make_world(first);
	b = make_world(second);
	for (int n = 0; n < count; n++) {
		struct arena of_policy = { 0 };

		arena = &of_policy;
		try_policy(first, second, &a, &b, tally);
		arena_release(&of_policy);
	}
	arena_release(&of_worlds);
}

/* ---- Tests ---- */

/* Of a hundred selectors that never decide, how many must have been found. */
static void one_subject_at_a_time(void **state)
{
	static const int least[SUBJECTS] = {
		[NUMBER] = 96, [UNSIGNED] = 96, [STRING] = 95, [FILE_PATH] = 95, [ADDRESS] = 100, [PORT] = 100, [BINARY] = 95,
	};

	(void)state;
	random_state = 0x70726f6f66ULL;
	for (enum subject subject = 0; subject < SUBJECTS; subject++) {
		struct tally tally = { 0 };

		try_policies(subject, subject, 3000, &tally);
		print_message("# %s: %zu events, %zu of %zu dead selectors found\n", names[subject], tally.events,
			      tally.found, tally.dead);
		assert_true(tally.dead > 500 && tally.found * 100 >= tally.dead * (size_t)least[subject]);
	}
}

static void two_subjects_together(void **state)
{
	struct tally tally = { 0 };

	(void)state;
	random_state = 0x70616972ULL;
	for (enum subject first = 0; first < SUBJECTS; first++)
		for (enum subject second = 0; second < first; second++)
			if (first != PORT || second != ADDRESS)		/* one argument has both */
				try_policies(first, second, 10, &tally);
	print_message("# %zu events, %zu of %zu dead selectors found\n", tally.events, tally.found, tally.dead);
	assert_true(tally.dead > 80 && tally.found * 100 >= tally.dead * 95);
}

/* ---- Two policies ---- */

static const struct source nowhere = { "test", "text", 4 };

/* What a selector does: an Override, one of another value, NoPost or nothing. */
static void add_actions(struct policy *policy)
{
	static struct policy_action actions[] = {
		{ .action = ACTION_OVERRIDE, .error = -1 }, { .action = ACTION_OVERRIDE, .error = -13 }, { .action = ACTION_NO_POST },
	};
	struct policy_selector_list *selectors = &policy->hooks.items->selectors;

	policy->at.source = &nowhere;
	policy->enforces = true;
	for (size_t n = 0; n < selectors->count; n++)
		if (!one_in(3))
			selectors->items[n].actions = (struct policy_action_list){ &actions[pick(3)], 1 };
}

/* The selector that decides for each policy, or NULL. */
static void decide_both(struct decider *decider, const struct policy policies[2], const struct policy_selector *ret[2])
{
	const uint32_t count = match_native_run_id(&decider->native, decider->hook.id);

	ret[0] = ret[1] = NULL;
	for (uint32_t n = 0; n < count; n++) {
		const struct abi_accept *accept = (const void *)(decider->view.bytes + decider->native.state.accepts[n]);

		ret[accept->policy] = &policies[accept->policy].hooks.items->selectors.items[accept->selector];
	}
}

static bool disagree(const struct policy_selector *const by[2])
{
	if (!by[0] || !by[1] || !by[0]->actions.count || !by[1]->actions.count)
		return false;
	return by[0]->actions.items->action != by[1]->actions.items->action ||
	       by[0]->actions.items->error != by[1]->actions.items->error;
}

struct pair_tally { size_t agreeing, silent, disagreeing; };

static void try_pair(enum subject subject, const struct world *world, struct pair_tally *tally)
{
	static struct decider decider;
	static struct event event;
	struct policy policies[2] = { some_policy(subject, subject), some_policy(subject, subject) };
	const struct policy_list list = { policies, 2 };
	struct conflicts conflicts = { .count = 0 };
	struct diagnostics said, diagnostics;
	struct ir_list *ir;
	bool expected = false;

	diagnostics_init(&diagnostics, arena);
	diagnostics_init(&said, arena);
	policies[1].name = text_of("q", 1);
	add_actions(&policies[0]);
	add_actions(&policies[1]);
	ir_lower(&list, arena, &diagnostics, &ir);
	ir_simplify(ir, arena, &diagnostics);
	conflicts_find(&conflicts, ir, arena, &said);
	link_policies(ir, &event, &decider);
	for (size_t n = 0; n < world->count && !expected; n++) {
		const struct policy_selector *by[2];

		set_value(&event, subject, world->values[n]);
		decide_both(&decider, policies, by);
		expected = disagree(by);
	}
	if (expected && !said.count) {
		struct buffer text = { 0 };

		ir_dump(ir, &text);
		print_message("%s", text.bytes);
		buffer_release(&text);
		fail_msg("the policies disagree, and nothing was said");
	}
	tally->disagreeing += expected;
	tally->agreeing += !expected;
	tally->silent += !expected && !said.count;
	buffer_release(&decider.image);
}

/* Whatever disagrees on some event is said; of what does not, most is not. */
static void two_policies_that_disagree(void **state)
{
	(void)state;
	random_state = 0x74776f70ULL;
	for (enum subject subject = 0; subject < SUBJECTS; subject++) {
		struct arena of_world = { 0 };
		struct pair_tally tally = { 0 };
		struct world world;

		arena = &of_world;
		world = make_world(subject);
		for (int n = 0; n < 2000; n++) {
			struct arena of_pair = { 0 };

			arena = &of_pair;
			try_pair(subject, &world, &tally);
			arena_release(&of_pair);
		}
		arena_release(&of_world);
		print_message("# %s: %zu pairs disagree, nothing is said of %zu of the %zu that do not\n", names[subject],
			      tally.disagreeing, tally.silent, tally.agreeing);
		assert_true(tally.disagreeing > 300 && tally.silent * 100 >= tally.agreeing * 90);
	}
}

/* ---- Too much to prove ---- */

enum { MANY = 1000 };

/* The same for all selectors but the last, which is another one for each. */
static struct policy_value hostile_value(enum subject subject, size_t selector, size_t n)
{
	struct policy_value value = { .text = text_of("n", 1), .form = VALUE_INTEGER };
	const size_t number = 2 * (n + 1 < MANY ? n : MANY + selector);
	char *bytes;

	value.low = value.high = number;
	if (subject == ADDRESS) {
		value.form = VALUE_ADDRESS;
		value.family = 4;
		value.prefix = 32;
		value.address[2] = (uint8_t)(number >> 8);
		value.address[3] = (uint8_t)number;
	} else if (subject > UNSIGNED) {
		bytes = arena_format(arena, "/a/path/of/some/length/to/%08zu", number);
		value.form = VALUE_BYTES;
		value.text = text_of(bytes, strlen(bytes));
	}
	return value;
}

static struct policy hostile_policy(enum subject subject, enum operator_id op, enum operator_id last)
{
	struct policy policy = some_policy(subject, subject);
	struct policy_hook *hook = policy.hooks.items;

	hook->arguments.items[NUMBER].type = TYPE_INT;
	hook->selectors.count = MANY;
	hook->selectors.items = arena_array(arena, struct policy_selector, MANY);
	for (size_t n = 0; n < MANY; n++) {
		struct policy_argument_filter *filter = arena_new(arena, struct policy_argument_filter);

		hook->selectors.items[n].arguments.items = filter;
		hook->selectors.items[n].arguments.count = 1;
		filter->position = subject;
		filter->op = n + 1 < MANY ? op : last;
		filter->values = (struct policy_value_list){ arena_array(arena, struct policy_value, MANY), MANY };
		for (size_t i = 0; i < MANY; i++)
			filter->values.items[i] = hostile_value(subject, n, i);
	}
	return policy;
}

static void a_thousand_selectors_of_a_thousand_values_end(void **state)
{
	static const struct { enum subject subject; enum operator_id op, last; } rows[] = {
		{ NUMBER, OPERATOR_EQUAL, OPERATOR_EQUAL }, { NUMBER, OPERATOR_NOT_EQUAL, OPERATOR_EQUAL },
		{ STRING, OPERATOR_EQUAL, OPERATOR_EQUAL }, { STRING, OPERATOR_PREFIX, OPERATOR_NOT_PREFIX },
		{ STRING, OPERATOR_NOT_POSTFIX, OPERATOR_PREFIX }, { FILE_PATH, OPERATOR_NOT_EQUAL, OPERATOR_EQUAL },
		{ ADDRESS, OPERATOR_SADDR, OPERATOR_NOT_SADDR }, { ADDRESS, OPERATOR_NOT_SADDR, OPERATOR_SADDR },
	};

	(void)state;
	for (size_t n = 0; n < sizeof(rows) / sizeof(*rows); n++) {
		struct arena of_policy = { 0 };
		struct diagnostics diagnostics;
		struct policy_list policies = { arena_new(&of_policy, struct policy), 1 };
		struct ir_list *ir;
		clock_t start;

		arena = &of_policy;
		policies.items[0] = hostile_policy(rows[n].subject, rows[n].op, rows[n].last);
		diagnostics_init(&diagnostics, arena);
		ir_lower(&policies, arena, &diagnostics, &ir);
		start = clock();
		ir_simplify(ir, arena, &diagnostics);
		print_message("# %s %s: %.3f s, %zu MiB\n", names[rows[n].subject], operator_rows[rows[n].op].name,
			      (double)(clock() - start) / CLOCKS_PER_SEC, of_policy.total >> 20);
		assert_true(clock() - start < 5 * CLOCKS_PER_SEC);	/* it takes some tenths */
		arena_release(&of_policy);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_subject_at_a_time),
		cmocka_unit_test(two_subjects_together),
		cmocka_unit_test(two_policies_that_disagree),
		cmocka_unit_test(a_thousand_selectors_of_a_thousand_values_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
