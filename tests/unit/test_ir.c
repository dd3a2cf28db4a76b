// SPDX-License-Identifier: Apache-2.0
/* test_ir.c - lowering and simplifying: what filters become, what is merged, dropped and said about it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "tests/unit/built.h"

#define ARGUMENTS "    args: [{index: 0, type: int}, {index: 1, type: string}, {index: 2, type: sockaddr}, {index: 3, type: uint8}, {index: 4, type: file}]\n"

/* The predicates of the IR dump, one a line, without what is around them. */
static const char *predicates(const struct unit *unit, struct arena *arena)
{
	struct buffer dump = { 0 }, lines = { 0 };
	char *rest = NULL, *copy;
	const char *ret;

	ir_dump(unit->ir, &dump);
	copy = arena_copy(arena, dump.bytes, dump.length);
	for (char *line = strtok_r(copy, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest))
		if (!strncmp(line, "      ", 6))
			buffer_format(&lines, "%s%s", lines.length ? "; " : "", line + 6);
	ret = arena_copy(arena, lines.bytes, lines.length);
	buffer_release(&dump);
	buffer_release(&lines);
	return ret;
}

static void filters_become_predicates(void **state)
{
	static const struct { const char *shows, *filters, *lowered, *simplified; } rows[] = {
		{ "numbers are sorted, joined and listed once",
		  "{index: 0, operator: Equal, values: ['5', '4', '5', '9']}",
		  "argument 0 in 5 4 5 9", "argument 0 in 4..5 9" },
		{ "GT takes the smallest of several bounds",
		  "{index: 0, operator: GT, values: ['9', '5']}",
		  "argument 0 in 10..2147483647 6..2147483647", "argument 0 in 6..2147483647" },
		{ "LT takes the largest",
		  "{index: 0, operator: LT, values: ['-9', '-5']}",
		  "argument 0 in -2147483648..-10 -2147483648..-6", "argument 0 in -2147483648..-6" },
		{ "Mask ORs its values",
		  "{index: 0, operator: Mask, values: ['1', '4']}", "argument 0 mask 0x5", "argument 0 mask 0x5" },
		{ "two filters on one number become one",
		  "{index: 0, operator: GT, values: ['5']}, {index: 0, operator: LT, values: ['9']}",
		  "argument 0 in 6..2147483647; argument 0 in -2147483648..8", "argument 0 in 6..8" },
		{ "a negated one, too",
		  "{index: 0, operator: InRange, values: ['1:9']}, {index: 0, operator: NotEqual, values: ['5']}",
		  "argument 0 in 1..9; argument 0 not in 5", "argument 0 in 1..4 6..9" },
		{ "everything is whatever can be read",
		  "{index: 0, operator: InRange, values: ['-2147483648:2147483647']}",
		  "argument 0 in -2147483648..2147483647", "argument 0 readable" },
		{ "numbers beyond the argument's width go away",
		  "{index: 3, operator: InRange, values: ['250:300']}",
		  "argument 3 in 250..300", "argument 3 in 250..255" },
		{ "a substring is there once, in either case",
		  "{index: 1, operator: SubStringIgnCase, values: ['b', 'a', 'b']}",
		  "argument 1 contains ~*\"b\" ~*\"a\" ~*\"b\"", "argument 1 contains ~*\"b\" ~*\"a\"" },
		{ "every string contains the empty one",
		  "{index: 1, operator: SubString, values: ['b', '']}", "argument 1 readable", "argument 1 readable" },
		{ "a type of files is all modes of it",
		  "{index: 4, operator: NotFileType, values: [reg, dir]}",
		  "argument 4 file-type not in 32768..36863 16384..20479", "argument 4 file-type not in 16384..20479 32768..36863" },
		{ "prefixes that another covers go away",
		  "{index: 1, operator: Prefix, values: ['/tmp/a', '/etc', '/tmp/', '/tmp/']}",
		  "argument 1 is ^\"/tmp/a\" ^\"/etc\" ^\"/tmp/\" ^\"/tmp/\"", "argument 1 is ^\"/etc\" ^\"/tmp/\"" },
		{ "postfixes likewise, from the end",
		  "{index: 1, operator: Postfix, values: ['.so', 'b.so', '.a']}",
		  "argument 1 is $\".so\" $\"b.so\" $\".a\"", "argument 1 is $\".so\" $\".a\"" },
		{ "of exact strings those stay that the other filter allows",
		  "{index: 1, operator: Equal, values: ['/a', '/b', 'c']}, {index: 1, operator: Prefix, values: ['/']}",
		  "argument 1 is =\"/a\" =\"/b\" =\"c\"; argument 1 is ^\"/\"", "argument 1 is =\"/a\" =\"/b\"" },
		{ "the order of the two does not matter",
		  "{index: 1, operator: NotEqual, values: ['/a']}, {index: 1, operator: Equal, values: ['/a', '/b']}",
		  "argument 1 not is =\"/a\"; argument 1 is =\"/a\" =\"/b\"", "argument 1 is =\"/b\"" },
		{ "two prefix filters stay two",
		  "{index: 1, operator: Prefix, values: ['/a']}, {index: 1, operator: NotPrefix, values: ['/a/b']}",
		  "argument 1 is ^\"/a\"; argument 1 not is ^\"/a/b\"", "argument 1 is ^\"/a\"; argument 1 not is ^\"/a/b\"" },
		{ "a filter that is there twice is one",
		  "{index: 1, operator: Prefix, values: ['/a']}, {index: 1, operator: Prefix, values: ['/a']}",
		  "argument 1 is ^\"/a\"; argument 1 is ^\"/a\"", "argument 1 is ^\"/a\"" },
		{ "networks that another covers go away",
		  "{index: 2, operator: SAddr, values: ['10.1.2.3', '10.0.0.0/8', 'fe80::1', '192.168.0.0/16']}",
		  "argument 2 within 10.1.2.3/32 10.0.0.0/8 fe80:0:0:0:0:0:0:1/128 192.168.0.0/16",
		  "argument 2 within 10.0.0.0/8 fe80:0:0:0:0:0:0:1/128 192.168.0.0/16" },
		{ "ports are intervals", "{index: 2, operator: SPort, values: ['80', '81:90']}",
		  "argument 2 in 80 81..90", "argument 2 in 80..90" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct built built;
		struct arena arena = { 0 };
		const char *text = arena_format(&arena, "%s" ARGUMENTS SELECTOR("%s"), KPROBE("p", "f"), rows[i].filters);

		unit_init(&built.unit, "p.yaml", text, strlen(text));
		print_message("# %s\n", rows[i].shows);
		assert_int_equal(unit_compile(&built.unit, compiler_find_pass("lower")), 0);
		assert_string_equal(predicates(&built.unit, &arena), rows[i].lowered);
		unit_release(&built.unit);
		assert_int_equal(built_compile(&built, text), 0);
		assert_string_equal(predicates(&built.unit, &arena), rows[i].simplified);
		built_release(&built);
		arena_release(&arena);
	}
}

/* What another action would take is warned about, and nothing else. */
static void actions_have_their_own_argument(void **state)
{
	static const struct { const char *action; int32_t argument; } rows[] = {
		{ "{action: Signal, argSig: 10, argError: -1}", 10 },
		{ "{action: Override, argError: -1, argSig: 9}", -1 },
		{ "{action: Sigkill, argSig: 9}", 0 },
		{ "{action: Post, argError: -1}", 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct built built;
		struct arena arena = { 0 };

		assert_int_equal(built_compile(&built, arena_format(&arena, "%s    selectors: [{matchActions: [%s]}]\n",
								     KPROBE("p", "security_f"), rows[i].action)), 0);
		assert_int_equal(built.unit.ir->items[0].hooks.items[0].selectors.items[0].actions.items[0].argument,
				 rows[i].argument);
		built_release(&built);
		arena_release(&arena);
	}
}

static void no_selectors_are_one_that_matches(void **state)
{
	struct built built;
	const struct ir_hook *hook;

	(void)state;
	assert_int_equal(built_compile(&built, KPROBE("p", "f")), 0);
	hook = built.unit.ir->items[0].hooks.items;
	assert_int_equal(hook->selectors.count, 1);
	assert_int_equal(hook->selectors_written, 0);
	assert_int_equal(hook->selectors.items[0].predicates.count, 0);
	assert_int_equal(hook->selectors.items[0].actions.items[0].op, ACTION_POST);
	built_release(&built);
}

/* Of the first selector of the first hook. */
static void periods_become_milliseconds(void **state)
{
	static const struct { const char *written; uint32_t milliseconds; } rows[] = {
		{ "5", 5000 }, { "5s", 5000 }, { "5S", 5000 }, { "5m", 300000 }, { "2H", 7200000 }, { "0", 0 }, { "0h", 0 },
		{ "4294967", 4294967000u }, { "4294968", UINT32_MAX }, { "4294967295h", UINT32_MAX },
	};

	(void)state;
	for (size_t n = 0; n < sizeof(rows) / sizeof(*rows); n++) {
		struct buffer text = { 0 };
		struct built built;

		buffer_format(&text, KPROBE("p", "f") "    selectors: [{matchActions: [{action: Post, rateLimit: \"%s\"}]}]\n",
			      rows[n].written);
		assert_int_equal(built_compile(&built, text.bytes), 0);
		assert_int_equal(built.unit.ir->items[0].hooks.items[0].selectors.items[0].actions.items[0].rate_milliseconds,
				 rows[n].milliseconds);
		built_release(&built);
		buffer_release(&text);
	}
}

/* Lists as numbers of x86-64; what has none there is said, and the rest counts. */
static void lists_become_numbers(void **state)
{
	static const struct { const char *shows, *list, *lowered; size_t later; } rows[] = {
		{ "both ABIs", "type: syscalls, values: [sys_read, i386/sys_read, __x64_sys_write, __ia32_sys_exit]",
		  "argument 0 in 0..1 2147483649 2147483651", 0 },
		{ "one of arm64 only", "type: syscalls, values: [sys_read, arm64/sys_openat]", "argument 0 in 0", 1 },
		{ "none at all", "type: syscalls, values: [arm32/sys_read]", "argument 0 InMap \"list:l\"", 1 },
	};

	(void)state;
	for (size_t n = 0; n < sizeof(rows) / sizeof(*rows); n++) {
		struct buffer text = { 0 };
		struct built built;

		buffer_format(&text, POLICY("p") "  lists: [{name: l, %s}]\n  tracepoints:\n"
			      "  - {subsystem: raw_syscalls, event: sys_enter, args: [{index: 4, type: syscall64}],\n"
			      "     selectors: [{matchArgs: [{index: 4, operator: InMap, values: [\"list:l\"]}]}]}\n", rows[n].list);
		memset(&built, 0, sizeof(built));
		unit_init(&built.unit, "p.yaml", text.bytes, text.length);
		assert_int_equal(unit_compile(&built.unit, compiler_find_pass("lower")), 0);
		assert_string_equal(predicates(&built.unit, &built.arena), rows[n].lowered);
		assert_int_equal(built.unit.ir->items[0].later.count, rows[n].later);
		built_release(&built);
		buffer_release(&text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(periods_become_milliseconds),
		cmocka_unit_test(lists_become_numbers),
		cmocka_unit_test(filters_become_predicates),
		cmocka_unit_test(actions_have_their_own_argument),
		cmocka_unit_test(no_selectors_are_one_that_matches),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
