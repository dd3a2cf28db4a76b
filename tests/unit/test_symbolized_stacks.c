// SPDX-License-Identifier: Apache-2.0
/*
 * test_symbolized_stacks.c - what the reader of events is told of a stack at once, and what when the look-up takes longer than it waits.  The stack is one
 * of this very process.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cmd/symbolize_stacks.h"

#include <cmocka.h>	/* last: it takes the name fail */

enum { LONG_MS = 20000 };

static uint64_t addresses[2];

__attribute__((noinline)) static int known_function(volatile int *a)
{
	return *a * 3;
}

static struct stack_trace user_trace(void)
{
	addresses[0] = (uint64_t)(uintptr_t)known_function;
	addresses[1] = (uint64_t)(uintptr_t)known_function + 4;
	return (struct stack_trace){
		.kind = STACK_USER, .addresses = (const uint8_t *)addresses, .count = 2, .pid = (uint32_t)getpid(), .is_running = true,
	};
}

static int ask(struct symbolized_stacks *stacks, const struct stack_trace *trace, struct stack_entry ret[ABI_STACK_FRAMES])
{
	const struct stack_teller *const teller = symbolized_stacks_teller(stacks);

	memset(ret, 0, ABI_STACK_FRAMES * sizeof(*ret));
	for (size_t n = 0; n < trace->count; n++)
		memcpy(&ret[n].address, trace->addresses + 8 * n, 8);
	return teller->tell(teller->context, trace, ret);
}

static bool is_told(const struct stack_entry *entry)
{
	return entry->symbol && !strcmp(entry->symbol, "known_function") && entry->members && strstr(entry->members, "\"file\":\"") &&
	       strstr(entry->members, "test_symbolized_stacks.c");
}

static bool is_late(const struct stack_entry *entry)
{
	return !entry->symbol && entry->members && strstr(entry->members, "\"symbol_unknown\":\"timeout\"");
}

/* By which it can be looked up later, in time or not. */
static void check_place(const struct stack_entry *entry)
{
	assert_non_null(entry->module);
	assert_non_null(strstr(entry->module, "test_symbolized_stacks"));
	assert_true(entry->has_offset && entry->offset);
	assert_non_null(strstr(entry->members, "\"build_id\":\""));
}

static void pause_shortly(void)
{
	nanosleep(&(struct timespec){ .tv_nsec = 10000000 }, NULL);
}

static void test_in_time(void **state)
{
	const struct stacks_options options = { .symbolize = true, .stall_ms = LONG_MS };
	struct symbolized_stacks *stacks = symbolized_stacks_new(&options);
	const struct stack_trace trace = user_trace();
	struct stack_entry entries[ABI_STACK_FRAMES];

	(void)state;
	/* The credit is a quarter of a second, which may be short under a sanitizer: what comes late comes. */
	for (int turn = 0; turn < 2000; turn++) {
		assert_int_equal(ask(stacks, &trace, entries), 0);
		if (is_told(&entries[0]) && is_told(&entries[1]))
			break;
		pause_shortly();
	}
	for (size_t n = 0; n < 2; n++) {
		assert_true(is_told(&entries[n]));
		check_place(&entries[n]);
	}
	assert_true(symbolized_stacks_free(stacks));
}

/* Nothing is waited for: the first answer says so, and is good for later; once the worker has done it, it is there. */
static void test_late(void **state)
{
	struct stacks_options options = { .symbolize = true, .stall_ms = 0 };
	struct symbolized_stacks *stacks = symbolized_stacks_new(&options);
	const struct stack_trace trace = user_trace();
	struct stack_entry entries[ABI_STACK_FRAMES];
	bool told = false;

	(void)state;
	assert_int_equal(ask(stacks, &trace, entries), 0);
	for (size_t n = 0; n < 2; n++) {
		if (!is_late(&entries[n]))
			fail_msg("%zu: %s %s", n, entries[n].symbol ? entries[n].symbol : "-", entries[n].members);
		check_place(&entries[n]);
	}
	options.stall_ms = LONG_MS;
	for (int turn = 0; !told && turn < 2000; turn++, pause_shortly()) {
		assert_int_equal(ask(stacks, &trace, entries), 0);
		check_place(&entries[1]);
		told = is_told(&entries[0]) && is_told(&entries[1]);
	}
	assert_true(told);
	assert_true(symbolized_stacks_free(stacks));
}

/* Of a process that is gone, and was never seen, or was forgotten. */
static void test_gone(void **state)
{
	const struct stacks_options options = { .symbolize = true, .stall_ms = LONG_MS };
	struct symbolized_stacks *stacks = symbolized_stacks_new(&options);
	struct stack_trace trace = user_trace();
	struct stack_entry entries[ABI_STACK_FRAMES];

	(void)state;
	trace.is_running = false;
	assert_int_equal(ask(stacks, &trace, entries), 0);
	assert_non_null(strstr(entries[0].members, "\"symbol_unknown\":\"process_gone\""));
	trace.is_running = true;
	for (int turn = 0; turn < 2000 && !(ask(stacks, &trace, entries) == 0 && is_told(&entries[0])); turn++)
		pause_shortly();
	trace.is_running = false;	/* what was seen of it holds */
	assert_int_equal(ask(stacks, &trace, entries), 0);
	assert_true(is_told(&entries[0]));
	symbolized_stacks_teller(stacks)->forget(symbolized_stacks_teller(stacks)->context, &trace);
	assert_int_equal(ask(stacks, &trace, entries), 0);
	assert_non_null(strstr(entries[0].members, "\"symbol_unknown\":\"process_gone\""));
	assert_true(symbolized_stacks_free(stacks));
}

/* Without --symbolize nothing is looked up of a program but where it lies. */
static void test_alone(void **state)
{
	const struct stacks_options options = { .symbolize = false };
	struct symbolized_stacks *stacks = symbolized_stacks_new(&options);
	const struct stack_trace trace = user_trace();
	struct stack_entry entries[ABI_STACK_FRAMES];

	(void)state;
	assert_int_equal(ask(stacks, &trace, entries), 0);
	assert_null(entries[0].members);
	assert_null(entries[0].symbol);
	assert_non_null(entries[0].module);
	assert_true(entries[0].has_offset);
	assert_true(symbolized_stacks_free(stacks));
}

/* 20,000 questions at once, as people are told; and an end while there is work. */
static void test_many(void **state)
{
	static struct stacks_options options = { .symbolize = true, .as_text = true, .stall_ms = STALL_MS };
	struct symbolized_stacks *stacks = symbolized_stacks_new(&options);
	const struct stack_trace trace = user_trace();
	struct stack_entry entries[ABI_STACK_FRAMES];
	size_t told = 0;

	(void)state;
	for (int turn = 0; turn < 20000; turn++) {
		assert_int_equal(ask(stacks, &trace, entries), 0);
		assert_non_null(entries[1].text);
		told += strstr(entries[1].text, "known_function+0x4") != NULL;
		assert_true(strstr(entries[1].text, "known_function+0x4") || strstr(entries[1].text, "not be read in time"));
	}
	assert_true(told);
	options.stall_ms = 0;
	ask(stacks, &trace, entries);
	symbolized_stacks_free(stacks);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_in_time), cmocka_unit_test(test_late), cmocka_unit_test(test_gone), cmocka_unit_test(test_alone),
		cmocka_unit_test(test_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
