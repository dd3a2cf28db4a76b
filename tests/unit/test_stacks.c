// SPDX-License-Identifier: Apache-2.0
/* test_stacks.c - whom the reader of events asks what addresses are, and what it does with the answers. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "runtime/stacks.h"

static const uint64_t addresses[] = { 0x401000, 0x7f0000000000 };

static struct stack_trace trace_of(enum stack_kind kind)
{
	return (struct stack_trace){ .kind = kind, .addresses = (const uint8_t *)addresses, .count = 2, .pid = (uint32_t)getpid(), .process_start = 5 };
}

/* Without anything to ask, of a program its addresses are told, of the kernel nothing. */
static void nobody_to_ask(void **state)
{
	struct stacks *deaf = stacks_new(-1, NULL);
	struct stack_entry entries[ABI_STACK_FRAMES];

	(void)state;
	for (int n = 0; n < 2; n++) {
		struct stack_trace trace = trace_of(STACK_USER);

		assert_int_equal(stacks_tell(n ? deaf : NULL, &trace, entries), 0);
		for (size_t i = 0; i < 2; i++) {
			assert_int_equal(entries[i].address, addresses[i]);
			assert_null(entries[i].symbol);
			assert_null(entries[i].module);
		}
		trace = trace_of(STACK_KERNEL);
		assert_int_equal(stacks_tell(n ? deaf : NULL, &trace, entries), -EACCES);
	}
	stacks_free(deaf);
}

struct asked { int times, forgotten; bool was_running; };

static int tell(void *context, const struct stack_trace *trace, struct stack_entry ret[ABI_STACK_FRAMES])
{
	struct asked *asked = context;

	asked->times++;
	asked->was_running = trace->is_running;
	assert_int_equal(ret[0].address, addresses[0]);
	ret[0].symbol = "f";
	return trace->kind == STACK_KERNEL ? -EACCES : 0;
}

static void forget(void *context, const struct stack_trace *trace)
{
	struct asked *asked = context;

	(void)trace;
	asked->forgotten++;
}

/* A process that is in no table is gone; the kernel's answer is passed on. */
static void somebody_to_ask(void **state)
{
	struct asked asked = { 0 };
	const struct stack_teller teller = { &asked, tell, forget };
	struct stacks *stacks = stacks_new(-1, &teller);
	struct stack_entry entries[ABI_STACK_FRAMES];
	struct stack_trace trace = trace_of(STACK_USER);

	(void)state;
	assert_int_equal(stacks_tell(stacks, &trace, entries), 0);
	assert_int_equal(asked.times, 1);
	assert_false(asked.was_running);
	assert_int_equal(asked.forgotten, 0);
	assert_string_equal(entries[0].symbol, "f");
	assert_null(entries[1].symbol);
	trace = trace_of(STACK_KERNEL);
	assert_int_equal(stacks_tell(stacks, &trace, entries), -EACCES);
	assert_int_equal(asked.times, 2);
	stacks_free(stacks);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(nobody_to_ask), cmocka_unit_test(somebody_to_ask) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
