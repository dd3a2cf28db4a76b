// SPDX-License-Identifier: Apache-2.0
/* test_condition.c - CelExpr lowered: what it becomes; test_condition_random.c: that it decides as the expression does. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "compiler/base/buffer.h"
#include "compiler/selector/dump.h"
#include "tests/unit/lowered.h"

/* The dump, its lines joined by ';', without the margin; depth as '>'. */
static const char *show(struct lowered *lowered)
{
	struct buffer text = { 0 }, line = { 0 };
	const char *ret;

	ir_dump_condition(&lowered->hook, lowered->condition, &text);
	for (const char *c = text.bytes, *end; *c; c = end + 1) {
		const char *first = c + strspn(c, " ");

		end = strchr(c, '\n');
		buffer_add_text(&line, line.length ? "; " : "");
		for (long n = 8; n < first - c; n += 2)
			buffer_add_char(&line, '>');
		buffer_add(&line, first, (size_t)(end - first));
	}
	ret = arena_copy(&lowered->arena, line.bytes, line.length);
	buffer_release(&text);
	buffer_release(&line);
	return ret;
}

/* arg0 int, arg1 uint32, arg2 int64, arg3 int8, arg4 string */
static const enum type_id table_types[LOWERED_ARGUMENTS] = { TYPE_INT, TYPE_UINT32, TYPE_INT64, TYPE_INT8, TYPE_STRING };

enum becomes { PLAIN, HOLDS, NEVER };

static void forms(void **state)
{
	static const struct { const char *text; enum becomes becomes; const char *dump; } rows[] = {
		{ "arg2 == 7", PLAIN, "argument 2 in 7" },
		{ "7 == arg2", PLAIN, "argument 2 in 7" },
		{ "arg2 != 7", PLAIN, "argument 2 not in 7" },
		{ "!(arg2 != 7)", PLAIN, "argument 2 in 7" },
		{ "arg0 < int32(-1)", PLAIN, "argument 0 in -2147483648..-2" },
		{ "int32(-1) < arg0", PLAIN, "argument 0 in 0..2147483647" },
		{ "arg0 <= int32(-1)", PLAIN, "argument 0 in -2147483648..-1" },
		{ "arg1 > uint32(4294967294u)", PLAIN, "argument 1 in 4294967295" },
		{ "arg1 >= uint32(4294967294u)", PLAIN, "argument 1 in 4294967294..4294967295" },
		{ "!(arg1 >= uint32(2u))", PLAIN, "argument 1 not in 2..4294967295" },
		{ "arg2 > 9223372036854775806", PLAIN, "argument 2 in 9223372036854775807" },
		{ "arg2 in [3, 1, 2, 9]", PLAIN, "argument 2 in 1..3 9" },
		{ "!(arg2 in [3, 1])", PLAIN, "argument 2 not in 1 3" },
		{ "arg2 == 3 || arg2 == 5 || arg2 > 7", PLAIN, "argument 2 in 3 5 8..9223372036854775807" },
		{ "arg2 > 3 && arg2 < 9 && arg2 != 5", PLAIN, "argument 2 in 4 6..8" },
		{ "arg2 != 3 && arg2 != 5", PLAIN, "argument 2 not in 3 5" },
		{ "arg2 < 5 || arg2 != 9", PLAIN, "argument 2 not in 9" },
		{ "and(arg1, uint32(6u)) != uint32(0u)", PLAIN, "argument 1 mask 0x6" },
		{ "uint32(0u) == and(uint32(6u), arg1)", PLAIN, "argument 1 not mask 0x6" },
		{ "and(arg1, uint32(4u)) == uint32(4u)", PLAIN, "argument 1 mask 0x4" },
		{ "and(arg1, uint32(4u)) != uint32(4u)", PLAIN, "argument 1 not mask 0x4" },
		{ "and(arg2, 1) != 0 || and(arg2, 8) != 0", PLAIN, "argument 2 mask 0x9" },
		{ "and(arg2, 1) == 0 && and(arg2, 8) == 0", PLAIN, "argument 2 not mask 0x9" },
		{ "and(arg2, 1) != 0 && and(arg2, 8) != 0", HOLDS, "all of; >argument 2 mask 0x1; >argument 2 mask 0x8" },
		{ "and(arg2, 0) != 0", NEVER, "any of" },
		{ "and(arg1, uint32(6u)) == uint32(6u)", HOLDS, "compute arg1:uint32 6:uint32 and:uint32 6:uint32 equal:uint32" },
		{ "and(arg0, int32(-2147483648)) == int32(-2147483648)", HOLDS,
		  "compute arg0:int32 -2147483648:int32 and:int32 -2147483648:int32 equal:int32" },
		{ "arg4 == 'a'", PLAIN, "argument 4 is =\"a\"" },
		{ "'a' != arg4", PLAIN, "argument 4 not is =\"a\"" },
		{ "arg4 in ['a', 'b', 'a'] || arg4.startsWith('x') || arg4.endsWith('y')", PLAIN,
		  "argument 4 is =\"a\" =\"b\" ^\"x\" $\"y\"" },
		{ "arg4.startsWith('a') && arg4.endsWith('b')", HOLDS, "all of; >argument 4 is ^\"a\"; >argument 4 is $\"b\"" },
		{ "arg4.contains('a') || arg4.contains('b')", PLAIN, "argument 4 contains ~\"a\" ~\"b\"" },
		{ "!arg4.contains('a')", HOLDS, "argument 4 not contains ~\"a\"" },
		{ "!arg4.endsWith('a')", PLAIN, "argument 4 not is $\"a\"" },
		{ "arg2 + 1 == 3", HOLDS, "compute arg2:int64 1:int64 add:int64 3:int64 equal:int64" },
		{ "arg2 + 1 != 3", HOLDS, "compute not arg2:int64 1:int64 add:int64 3:int64 equal:int64" },
		{ "arg2 > -arg2", HOLDS, "compute arg2:int64 negate:int64 arg2:int64 less:int64" },
		{ "!(arg2 >= not(arg2))", HOLDS, "compute not arg2:int64 not:int64 arg2:int64 less-equal:int64" },
		{ "int32(arg2) == arg3", HOLDS, "compute arg2:int64 cast:int32 arg3:int32 equal:int32" },
		{ "arg2 in [arg2 - 1, 4]", HOLDS,
		  "any of; >compute arg2:int64 arg2:int64 1:int64 subtract:int64 equal:int64; >argument 2 in 4" },
		/* De Morgan, flattened */
		{ "!(arg2 == 1 || !(arg3 == int32(2) && !(arg0 == int32(3) || arg1 == uint32(4u))))", HOLDS,
		  "all of; >argument 2 not in 1; >argument 3 in 2; >argument 0 not in 3; >argument 1 not in 4" },
		{ "arg2 == 1 && (arg3 == int32(2) && (arg0 == int32(3) && true))", HOLDS,
		  "all of; >argument 2 in 1; >argument 3 in 2; >argument 0 in 3" },
		/* always or never */
		{ "arg1 < uint32(0u)", NEVER, "any of" },
		{ "arg1 >= uint32(0u)", PLAIN, "argument 1 readable" },
		{ "arg3 == int32(200)", NEVER, "any of" },
		{ "arg3 < int32(200)", PLAIN, "argument 3 readable" },
		{ "arg3 <= int32(127)", PLAIN, "argument 3 readable" },
		{ "arg2 < -9223372036854775808", NEVER, "any of" },
		{ "9223372036854775807 < arg2", NEVER, "any of" },
		{ "arg2 == 1 || arg2 != 1", PLAIN, "argument 2 readable" },
		{ "arg2 == 1 && arg2 == 2", NEVER, "any of" },
		{ "arg4.startsWith('')", PLAIN, "argument 4 readable" },
		{ "arg4.contains('') && true", PLAIN, "argument 4 readable" },
		{ "!arg4.contains('')", NEVER, "any of" },
		{ "arg2 in []", NEVER, "any of" }, { "!(arg2 in [])", PLAIN, "argument 2 readable" },
		{ "true", HOLDS, "all of" }, { "false", NEVER, "any of" }, { "1 in [1]", HOLDS, "all of" },
		{ "arg2 == 1 && 1 == 2", NEVER, "any of" },
		/* all that is named is read */
		{ "arg2 == 1 || true", PLAIN, "argument 2 readable" },
		{ "arg2 == 1 || arg3 == int32(1)", HOLDS,
		  "all of; >argument 2 readable; >argument 3 readable; >any of; >>argument 2 in 1; >>argument 3 in 1" },
		{ "arg2 == 1 || arg2 + 1 == 3", HOLDS,
		  "any of; >argument 2 in 1; >compute arg2:int64 1:int64 add:int64 3:int64 equal:int64" },
		{ "arg2 == 1 && (arg1 == uint32(2u) || arg2 + 1 == 3)", HOLDS,
		  "all of; >argument 1 readable; >argument 2 in 1; >any of; >>argument 1 in 2; "
		  ">>compute arg2:int64 1:int64 add:int64 3:int64 equal:int64" },
		{ "arg2 == 1 && arg3 < int32(1000)", HOLDS, "all of; >argument 3 readable; >argument 2 in 1" },
		/* what == of truths becomes */
		{ "(arg4 == 'a') != (arg2 > 3)", HOLDS,
		  "any of; >all of; >>argument 4 is =\"a\"; >>argument 2 not in 4..9223372036854775807; "
		  ">all of; >>argument 4 not is =\"a\"; >>argument 2 in 4..9223372036854775807" },
	};

	(void)state;
	for (size_t n = 0; n < sizeof(rows) / sizeof(*rows); n++) {
		struct lowered lowered;
		enum becomes becomes;

		lowered_begin(&lowered, table_types);
		assert_true(lowered_take(&lowered, rows[n].text));
		if (strcmp(show(&lowered), rows[n].dump))
			fail_msg("%s:\n  %s\nwants\n  %s", rows[n].text, show(&lowered), rows[n].dump);
		becomes = lowered.predicate.test == IR_HOLDS ? HOLDS : lowered.predicate.test == IR_NEVER ? NEVER : PLAIN;
		if (becomes != rows[n].becomes)
			fail_msg("%s: test %d", rows[n].text, lowered.predicate.test);
		arena_release(&lowered.arena);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(forms),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
