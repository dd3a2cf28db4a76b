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

/* Selectors by number, and the warnings about those that are gone. */
static void selectors_that_never_decide(void **state)
{
	static const struct { const char *shows, *selectors, *kept; int dead, shadowed; } rows[] = {
		{ "different ones stay", "{matchArgs: [{index: 0, operator: Equal, values: ['1']}]}, "
		  "{matchArgs: [{index: 0, operator: Equal, values: ['2']}]}", "01", 0, 0 },
		{ "a contradiction is dead", "{matchArgs: [{index: 0, operator: LT, values: ['1']}, "
		  "{index: 0, operator: GT, values: ['5']}]}, {}", "1", 1, 0 },
		{ "so is nothing below the smallest", "{matchArgs: [{index: 0, operator: LT, values: ['-2147483648']}]}", "", 1, 0 },
		{ "and Equal with NotEqual", "{matchArgs: [{index: 1, operator: Equal, values: ['a']}, "
		  "{index: 1, operator: NotEqual, values: ['a']}]}", "", 1, 0 },
		{ "and Prefix with its own negation", "{matchArgs: [{index: 1, operator: Prefix, values: ['a']}, "
		  "{index: 1, operator: NotPrefix, values: ['a']}]}", "", 1, 0 },
		{ "everything shadows the rest", "{}, {matchArgs: [{index: 0, operator: Equal, values: ['1']}]}, {}", "0", 0, 2 },
		{ "fewer filters shadow more", "{matchArgs: [{index: 0, operator: Equal, values: ['1']}]}, "
		  "{matchArgs: [{index: 1, operator: Equal, values: ['x']}, {index: 0, operator: Equal, values: ['1']}]}", "0", 0, 1 },
		{ "more do not shadow fewer", "{matchArgs: [{index: 1, operator: Equal, values: ['x']}, "
		  "{index: 0, operator: Equal, values: ['1']}]}, {matchArgs: [{index: 0, operator: Equal, values: ['1']}]}", "01", 0, 0 },
		{ "a larger interval shadows a smaller one",
		  "{matchArgs: [{index: 0, operator: GT, values: ['5']}]}, "
		  "{matchArgs: [{index: 0, operator: Equal, values: ['7', '9']}]}", "0", 0, 1 },
		{ "a smaller one does not shadow a larger one",
		  "{matchArgs: [{index: 0, operator: Equal, values: ['7', '9']}]}, "
		  "{matchArgs: [{index: 0, operator: InRange, values: ['7:9']}]}", "01", 0, 0 },
		{ "nor does one that overlaps",
		  "{matchArgs: [{index: 0, operator: InRange, values: ['1:9']}]}, "
		  "{matchArgs: [{index: 0, operator: InRange, values: ['9:10']}]}", "01", 0, 0 },
		{ "what is excluded is less than what is excluded later",
		  "{matchArgs: [{index: 0, operator: NotEqual, values: ['1']}]}, "
		  "{matchArgs: [{index: 0, operator: NotEqual, values: ['1', '2']}]}", "0", 0, 1 },
		{ "a negation shadows what lies outside of it",
		  "{matchArgs: [{index: 0, operator: NotInRange, values: ['1:9']}]}, "
		  "{matchArgs: [{index: 0, operator: Equal, values: ['10']}]}", "0", 0, 1 },
		{ "all values shadow some",
		  "{matchArgs: [{index: 3, operator: InRange, values: ['0:255']}]}, "
		  "{matchArgs: [{index: 3, operator: Mask, values: ['1']}]}", "0", 0, 1 },
		{ "but no filter at all need not be readable",
		  "{matchArgs: [{index: 3, operator: InRange, values: ['0:255']}]}, "
		  "{}", "01", 0, 0 },
		{ "a mask shadows its bits",
		  "{matchArgs: [{index: 3, operator: Mask, values: ['6']}]}, "
		  "{matchArgs: [{index: 3, operator: Mask, values: ['2']}]}", "0", 0, 1 },
		{ "but not others",
		  "{matchArgs: [{index: 3, operator: Mask, values: ['6']}]}, "
		  "{matchArgs: [{index: 3, operator: Mask, values: ['3']}]}", "01", 0, 0 },
		{ "a mask shadows numbers that have its bit",
		  "{matchArgs: [{index: 3, operator: Mask, values: ['0x80']}]}, "
		  "{matchArgs: [{index: 3, operator: GT, values: ['127']}]}", "0", 0, 1 },
		{ "an interval shadows a mask that reaches no further",
		  "{matchArgs: [{index: 3, operator: GT, values: ['15']}]}, "
		  "{matchArgs: [{index: 3, operator: Mask, values: ['0x10']}]}", "0", 0, 1 },
		{ "a prefix shadows longer ones and strings",
		  "{matchArgs: [{index: 1, operator: Prefix, values: ['/a']}]}, "
		  "{matchArgs: [{index: 1, operator: Prefix, values: ['/ab', '/a/']}]}, "
		  "{matchArgs: [{index: 1, operator: Equal, values: ['/a', '/abc']}]}", "0", 0, 2 },
		{ "whatever the order of its values",
		  "{matchArgs: [{index: 1, operator: Prefix, values: ['/ab', '/a']}]}, "
		  "{matchArgs: [{index: 1, operator: Prefix, values: ['/a', '/ab', '/ac']}]}", "0", 0, 1 },
		{ "a longer one does not shadow it",
		  "{matchArgs: [{index: 1, operator: Prefix, values: ['/ab']}]}, "
		  "{matchArgs: [{index: 1, operator: Prefix, values: ['/a']}]}", "01", 0, 0 },
		{ "a postfix shadows longer ones",
		  "{matchArgs: [{index: 1, operator: Postfix, values: ['.so', '.a']}]}, "
		  "{matchArgs: [{index: 1, operator: Postfix, values: ['b.so']}]}", "0", 0, 1 },
		{ "and strings",
		  "{matchArgs: [{index: 1, operator: Postfix, values: ['.so']}]}, "
		  "{matchArgs: [{index: 1, operator: Equal, values: ['x.so']}]}", "0", 0, 1 },
		{ "a prefix is no postfix",
		  "{matchArgs: [{index: 1, operator: Postfix, values: ['a']}]}, "
		  "{matchArgs: [{index: 1, operator: Prefix, values: ['a']}]}", "01", 0, 0 },
		{ "excluding less shadows excluding more",
		  "{matchArgs: [{index: 1, operator: NotPrefix, values: ['/ab']}]}, "
		  "{matchArgs: [{index: 1, operator: NotPrefix, values: ['/a']}]}", "0", 0, 1 },
		{ "not excluding more",
		  "{matchArgs: [{index: 1, operator: NotPrefix, values: ['/a']}]}, "
		  "{matchArgs: [{index: 1, operator: NotPrefix, values: ['/ab']}]}", "01", 0, 0 },
		{ "a prefix is outside of another one",
		  "{matchArgs: [{index: 1, operator: NotPrefix, values: ['/usr']}]}, "
		  "{matchArgs: [{index: 1, operator: Prefix, values: ['/etc', '/usz']}]}", "0", 0, 1 },
		{ "but may end in anything",
		  "{matchArgs: [{index: 1, operator: NotPostfix, values: ['x']}]}, "
		  "{matchArgs: [{index: 1, operator: Prefix, values: ['/etc']}]}", "01", 0, 0 },
		{ "the end of a string may be lost",
		  "{matchArgs: [{index: 1, operator: NotPrefix, values: ['/usr']}, {index: 1, operator: NotPostfix, values: ['x']}]}, "
		  "{matchArgs: [{index: 1, operator: Prefix, values: ['/etc']}, {index: 1, operator: NotEqual, values: ['/etc/x']}]}", "01", 0, 0 },
		{ "a postfix is outside of another one where strings keep their end",
		  "{matchArgs: [{index: 1, operator: NotPostfix, values: ['a']}]}, "
		  "{matchArgs: [{index: 1, operator: Postfix, values: ['b']}]}", "0", 0, 1 },
		{ "but the front of a path may be lost",
		  "{matchArgs: [{index: 4, operator: NotPostfix, values: ['a']}]}, "
		  "{matchArgs: [{index: 4, operator: Postfix, values: ['b']}]}", "01", 0, 0 },
		{ "unless it is known not to be",
		  "{matchArgs: [{index: 4, operator: NotPostfix, values: ['a']}]}, "
		  "{matchArgs: [{index: 4, operator: Postfix, values: ['b']}, {index: 4, operator: NotPrefix, values: ['/x']}]}", "0", 0, 1 },
		{ "two filters together say more than each",
		  "{matchArgs: [{index: 1, operator: Prefix, values: ['/a']}]}, "
		  "{matchArgs: [{index: 1, operator: Prefix, values: ['/a', '/b']}, {index: 1, operator: NotPrefix, values: ['/b']}]}", "0", 0, 1 },
		{ "the end of a program's path may be lost",
		  "{matchBinaries: [{operator: NotPrefix, values: [/usr]}]}, "
		  "{matchBinaries: [{operator: Prefix, values: [/etc]}]}", "01", 0, 0 },
		{ "a program is one of fewer",
		  "{matchBinaries: [{operator: In, values: [/a, /b]}]}, "
		  "{matchBinaries: [{operator: In, values: [/b]}]}", "0", 0, 1 },
		{ "so is an ancestor",
		  "{matchBinaries: [{operator: In, values: [/a, /b], followChildren: true}]}, "
		  "{matchBinaries: [{operator: In, values: [/b], followChildren: true}]}", "0", 0, 1 },
		{ "the program is another matter than its ancestors",
		  "{matchBinaries: [{operator: In, values: [/a, /b], followChildren: true}]}, "
		  "{matchBinaries: [{operator: In, values: [/b]}]}", "01", 0, 0 },
		{ "a capability is one of more",
		  "{matchCapabilities: [{operator: In, values: [CAP_KILL, CAP_CHOWN]}]}, "
		  "{matchCapabilities: [{operator: In, values: [CAP_KILL]}]}", "0", 0, 1 },
		{ "none of more is none of fewer",
		  "{matchCapabilities: [{operator: NotIn, values: [CAP_KILL]}]}, "
		  "{matchCapabilities: [{operator: NotIn, values: [CAP_KILL, CAP_CHOWN]}]}", "0", 0, 1 },
		{ "who lacks one may have the other",
		  "{matchCapabilities: [{operator: NotIn, values: [CAP_KILL]}]}, "
		  "{matchCapabilities: [{operator: In, values: [CAP_CHOWN]}]}", "01", 0, 0 },
		{ "a network shadows its parts",
		  "{matchArgs: [{index: 2, operator: SAddr, values: ['10.0.0.0/8']}]}, "
		  "{matchArgs: [{index: 2, operator: SAddr, values: ['10.1.0.0/16', '10.2.3.4']}]}", "0", 0, 1 },
		{ "two halves are the whole",
		  "{matchArgs: [{index: 2, operator: SAddr, values: ['10.0.0.0/9', '10.128.0.0/9']}]}, "
		  "{matchArgs: [{index: 2, operator: SAddr, values: ['10.0.0.0/8']}]}", "0", 0, 1 },
		{ "an IPv4 network has the mapped addresses, too",
		  "{matchArgs: [{index: 2, operator: SAddr, values: ['10.0.0.0/8']}]}, "
		  "{matchArgs: [{index: 2, operator: SAddr, values: ['::ffff:10.1.0.0/112']}]}", "0", 0, 1 },
		{ "but the mapped ones are not all",
		  "{matchArgs: [{index: 2, operator: SAddr, values: ['::ffff:10.0.0.0/104']}]}, "
		  "{matchArgs: [{index: 2, operator: SAddr, values: ['10.1.0.0/16']}]}", "01", 0, 0 },
		{ "all IPv4 addresses are not all addresses",
		  "{matchArgs: [{index: 2, operator: SAddr, values: ['0.0.0.0/0']}]}, "
		  "{matchArgs: [{index: 2, operator: NotSAddr, values: ['10.0.0.0/8']}]}", "01", 0, 0 },
		{ "outside of a network",
		  "{matchArgs: [{index: 2, operator: NotSAddr, values: ['10.0.0.0/8']}]}, "
		  "{matchArgs: [{index: 2, operator: SAddr, values: ['11.0.0.0/8', '2001::/16']}]}", "0", 0, 1 },
		{ "a port says nothing of the address",
		  "{matchArgs: [{index: 2, operator: SPort, values: ['80']}]}, "
		  "{matchArgs: [{index: 2, operator: SAddr, values: ['10.0.0.0/8']}]}", "01", 0, 0 },
		{ "two that cover a third together",
		  "{matchArgs: [{index: 0, operator: LT, values: ['10']}]}, "
		  "{matchArgs: [{index: 0, operator: GT, values: ['9']}]}, "
		  "{matchArgs: [{index: 0, operator: Equal, values: ['3', '12']}]}", "01", 0, 1 },
		{ "three that cover all values",
		  "{matchArgs: [{index: 3, operator: LT, values: ['10']}]}, "
		  "{matchArgs: [{index: 3, operator: Mask, values: ['1']}]}, "
		  "{matchArgs: [{index: 3, operator: InRange, values: ['10:99']}]}, "
		  "{matchArgs: [{index: 3, operator: GT, values: ['99']}]}, "
		  "{matchArgs: [{index: 3, operator: InRange, values: ['0:255']}]}", "0123", 0, 1 },
		{ "a gap",
		  "{matchArgs: [{index: 0, operator: LT, values: ['10']}]}, "
		  "{matchArgs: [{index: 0, operator: GT, values: ['10']}]}, "
		  "{matchArgs: [{index: 0, operator: Equal, values: ['3', '10']}]}", "012", 0, 0 },
		{ "what need not be readable is not covered",
		  "{matchArgs: [{index: 0, operator: LT, values: ['10']}]}, "
		  "{matchArgs: [{index: 0, operator: GT, values: ['9']}]}, "
		  "{matchArgs: [{index: 1, operator: Equal, values: ['a']}]}", "012", 0, 0 },
		{ "the others must ask for no more",
		  "{matchArgs: [{index: 0, operator: LT, values: ['10']}, {index: 1, operator: Equal, values: ['a']}]}, "
		  "{matchArgs: [{index: 0, operator: GT, values: ['9']}]}, "
		  "{matchArgs: [{index: 0, operator: Equal, values: ['3', '12']}]}", "012", 0, 0 },
		{ "but may ask for what the third asks for",
		  "{matchArgs: [{index: 0, operator: LT, values: ['10']}, {index: 1, operator: Prefix, values: ['a']}]}, "
		  "{matchArgs: [{index: 0, operator: GT, values: ['9']}]}, "
		  "{matchArgs: [{index: 0, operator: Equal, values: ['3', '12']}, {index: 1, operator: Equal, values: ['a']}]}", "01", 0, 1 },
		{ "networks together",
		  "{matchArgs: [{index: 2, operator: SAddr, values: ['10.0.0.0/9']}]}, "
		  "{matchArgs: [{index: 2, operator: SAddr, values: ['10.128.0.0/9']}]}, "
		  "{matchArgs: [{index: 2, operator: SAddr, values: ['10.0.0.0/8']}]}", "01", 0, 1 },
		{ "strings together",
		  "{matchArgs: [{index: 1, operator: Equal, values: ['a']}]}, "
		  "{matchArgs: [{index: 1, operator: Prefix, values: ['b']}]}, "
		  "{matchArgs: [{index: 1, operator: Equal, values: ['a', 'bc']}]}", "01", 0, 1 },
		{ "a prefix and its exclusion",
		  "{matchArgs: [{index: 1, operator: Prefix, values: ['/etc']}, {index: 1, operator: NotPrefix, values: ['/']}]}, "
		  "{}", "1", 1, 0 },
		{ "a postfix that does not fit",
		  "{matchArgs: [{index: 1, operator: Prefix, values: ['/etc']}, {index: 1, operator: Postfix, values: ['.c']}]}, "
		  "{matchArgs: [{index: 1, operator: Equal, values: ['a']}, {index: 1, operator: Postfix, values: ['.c']}]}", "0", 1, 0 },
		{ "two prefixes that are apart",
		  "{matchArgs: [{index: 1, operator: Prefix, values: ['/etc', '/var']}, {index: 1, operator: Prefix, values: ['/usr']}]}, "
		  "{}", "1", 1, 0 },
		{ "a network and more that is excluded",
		  "{matchArgs: [{index: 2, operator: SAddr, values: ['10.1.0.0/16']}, {index: 2, operator: NotSAddr, values: ['10.0.0.0/8']}]}, "
		  "{}", "1", 1, 0 },
		{ "a network and its halves",
		  "{matchArgs: [{index: 2, operator: SAddr, values: ['10.0.0.0/8']}, {index: 2, operator: NotSAddr, values: ['10.0.0.0/9', '10.128.0.0/9']}]}, "
		  "{}", "1", 1, 0 },
		{ "a network of another family",
		  "{matchArgs: [{index: 2, operator: SAddr, values: ['10.0.0.0/8']}, {index: 2, operator: SAddr, values: ['2001::/16']}]}, "
		  "{}", "1", 1, 0 },
		{ "a mask that no number of the interval has",
		  "{matchArgs: [{index: 3, operator: Mask, values: ['0xf0']}, {index: 3, operator: LT, values: ['16']}]}, "
		  "{}", "1", 1, 0 },
		{ "a mask beyond the width",
		  "{matchArgs: [{index: 3, operator: Mask, values: ['0x100']}]}, "
		  "{}", "1", 1, 0 },
		{ "three that only together contradict",
		  "{matchArgs: [{index: 0, operator: InRange, values: ['1:5']}, {index: 0, operator: InRange, values: ['4:9']}, {index: 0, operator: NotEqual, values: ['4', '5']}]}, "
		  "{}", "1", 1, 0 },
		{ "an ancestor of some, and none of more",
		  "{matchPIDs: [{operator: In, values: [3], followForks: true}, {operator: NotIn, values: [3, 4], followForks: true}]}, "
		  "{}", "1", 1, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct unit unit;
		struct arena arena = { 0 };
		const char *text = arena_format(&arena, "%s" ARGUMENTS "    selectors: [%s]\n", KPROBE("p", "f"),
						rows[i].selectors);
		const struct ir_selector_list *list;
		char kept[8] = "";
		int dead = 0, shadowed = 0;

		print_message("# %s\n", rows[i].shows);
		unit_init(&unit, "p.yaml", text, strlen(text));
		assert_int_equal(unit_compile(&unit, compiler_find_pass("simplify")), 0);
		list = &unit.ir->items[0].hooks.items[0].selectors;
		for (size_t n = 0; n < list->count; n++)
			snprintf(kept + n, 2, "%u", list->items[n].index);
		assert_string_equal(kept, rows[i].kept);
		for (size_t n = 0; n < unit.diagnostics.count; n++) {
			dead += unit.diagnostics.items[n].id == DIAG_SELECTOR_DEAD;
			shadowed += unit.diagnostics.items[n].id == DIAG_SELECTOR_SHADOWED;
		}
		assert_int_equal(dead, rows[i].dead);
		assert_int_equal(shadowed, rows[i].shadowed);
		unit_release(&unit);
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(filters_become_predicates),
		cmocka_unit_test(actions_have_their_own_argument),
		cmocka_unit_test(selectors_that_never_decide),
		cmocka_unit_test(no_selectors_are_one_that_matches),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
