// SPDX-License-Identifier: Apache-2.0
/* test_shadow.c - selectors that never decide: which stay, and how many are said to be dead or shadowed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "tests/unit/built.h"

#define HOOK	KPROBE("p", "f") \
		"    args: [{index: 0, type: int}, {index: 1, type: string}, {index: 2, type: sockaddr}, " \
		"{index: 3, type: uint8}, {index: 4, type: file}]\n"

/* Selectors of a row, parted by THEN. */
#define FILTER(index, operator, values)	"{index: " #index ", operator: " #operator ", values: [" values "]}"
#define AND				", "
#define ARGUMENTS(filters)		"{matchArgs: [" filters "]}"
#define EVERYTHING			"{}"
#define THEN				", "

struct row {
	const char *shows, *selectors;
	const char *kept;		/* their numbers, a digit each */
	size_t dead, shadowed;		/* how many warnings */
};

static size_t count_said(const struct unit *unit, enum diagnostic_id id)
{
	size_t count = 0;

	for (size_t n = 0; n < unit->diagnostics.count; n++)
		count += unit->diagnostics.items[n].id == id;
	return count;
}

static void check_row(const struct row *row)
{
	struct unit unit;
	struct arena arena = { 0 };
	const char *text = arena_format(&arena, HOOK "    selectors: [%s]\n", row->selectors);
	const struct ir_selector_list *list;
	char kept[8] = "";

	print_message("# %s\n", row->shows);
	unit_init(&unit, "p.yaml", text, strlen(text));
	assert_int_equal(unit_compile(&unit, compiler_find_pass("simplify")), 0);
	list = &unit.ir->items[0].hooks.items[0].selectors;
	for (size_t n = 0; n < list->count; n++)
		snprintf(kept + n, 2, "%u", list->items[n].index);
	assert_string_equal(kept, row->kept);
	assert_int_equal(count_said(&unit, DIAG_SELECTOR_DEAD), row->dead);
	assert_int_equal(count_said(&unit, DIAG_SELECTOR_SHADOWED), row->shadowed);
	unit_release(&unit);
	arena_release(&arena);
}

#define CHECK(rows)                                                            \
	for (size_t n = 0; n < sizeof(rows) / sizeof(*(rows)); n++)            \
		check_row(&(rows)[n])

/* What is asked of several subjects, and of none. */
static const struct row rows_of_selectors[] = {
	{ "different ones stay",
	  ARGUMENTS(FILTER(0, Equal, "'1'")) THEN
	  ARGUMENTS(FILTER(0, Equal, "'2'")),
	  "01", 0, 0 },
	{ "a contradiction is dead",
	  ARGUMENTS(FILTER(0, LT, "'1'") AND FILTER(0, GT, "'5'")) THEN
	  EVERYTHING,
	  "1", 1, 0 },
	{ "so is nothing below the smallest",
	  ARGUMENTS(FILTER(0, LT, "'-2147483648'")),
	  "", 1, 0 },
	{ "and Equal with NotEqual",
	  ARGUMENTS(FILTER(1, Equal, "'a'") AND FILTER(1, NotEqual, "'a'")),
	  "", 1, 0 },
	{ "and Prefix with its own negation",
	  ARGUMENTS(FILTER(1, Prefix, "'a'") AND FILTER(1, NotPrefix, "'a'")),
	  "", 1, 0 },
	{ "everything shadows the rest",
	  EVERYTHING THEN
	  ARGUMENTS(FILTER(0, Equal, "'1'")) THEN
	  EVERYTHING,
	  "0", 0, 2 },
	{ "fewer filters shadow more",
	  ARGUMENTS(FILTER(0, Equal, "'1'")) THEN
	  ARGUMENTS(FILTER(1, Equal, "'x'") AND FILTER(0, Equal, "'1'")),
	  "0", 0, 1 },
	{ "more do not shadow fewer",
	  ARGUMENTS(FILTER(1, Equal, "'x'") AND FILTER(0, Equal, "'1'")) THEN
	  ARGUMENTS(FILTER(0, Equal, "'1'")),
	  "01", 0, 0 },
};

static void selectors_that_never_decide(void **state)
{
	(void)state;
	CHECK(rows_of_selectors);
}

/* Intervals and masks. */
static const struct row rows_of_numbers[] = {
	{ "a larger interval shadows a smaller one",
	  ARGUMENTS(FILTER(0, GT, "'5'")) THEN
	  ARGUMENTS(FILTER(0, Equal, "'7', '9'")),
	  "0", 0, 1 },
	{ "a smaller one does not shadow a larger one",
	  ARGUMENTS(FILTER(0, Equal, "'7', '9'")) THEN
	  ARGUMENTS(FILTER(0, InRange, "'7:9'")),
	  "01", 0, 0 },
	{ "nor does one that overlaps",
	  ARGUMENTS(FILTER(0, InRange, "'1:9'")) THEN
	  ARGUMENTS(FILTER(0, InRange, "'9:10'")),
	  "01", 0, 0 },
	{ "what is excluded is less than what is excluded later",
	  ARGUMENTS(FILTER(0, NotEqual, "'1'")) THEN
	  ARGUMENTS(FILTER(0, NotEqual, "'1', '2'")),
	  "0", 0, 1 },
	{ "a negation shadows what lies outside of it",
	  ARGUMENTS(FILTER(0, NotInRange, "'1:9'")) THEN
	  ARGUMENTS(FILTER(0, Equal, "'10'")),
	  "0", 0, 1 },
	{ "all values shadow some",
	  ARGUMENTS(FILTER(3, InRange, "'0:255'")) THEN
	  ARGUMENTS(FILTER(3, Mask, "'1'")),
	  "0", 0, 1 },
	{ "but no filter at all need not be readable",
	  ARGUMENTS(FILTER(3, InRange, "'0:255'")) THEN
	  EVERYTHING,
	  "01", 0, 0 },
	{ "a mask shadows its bits",
	  ARGUMENTS(FILTER(3, Mask, "'6'")) THEN
	  ARGUMENTS(FILTER(3, Mask, "'2'")),
	  "0", 0, 1 },
	{ "but not others",
	  ARGUMENTS(FILTER(3, Mask, "'6'")) THEN
	  ARGUMENTS(FILTER(3, Mask, "'3'")),
	  "01", 0, 0 },
	{ "a mask shadows numbers that have its bit",
	  ARGUMENTS(FILTER(3, Mask, "'0x80'")) THEN
	  ARGUMENTS(FILTER(3, GT, "'127'")),
	  "0", 0, 1 },
	{ "an interval shadows a mask that reaches no further",
	  ARGUMENTS(FILTER(3, GT, "'15'")) THEN
	  ARGUMENTS(FILTER(3, Mask, "'0x10'")),
	  "0", 0, 1 },
};

static void numbers_that_shadow(void **state)
{
	(void)state;
	CHECK(rows_of_numbers);
}

/* Exact strings, prefixes, postfixes; what is lost of those that are cut. */
static const struct row rows_of_strings[] = {
	{ "a prefix shadows longer ones and strings",
	  ARGUMENTS(FILTER(1, Prefix, "'/a'")) THEN
	  ARGUMENTS(FILTER(1, Prefix, "'/ab', '/a/'")) THEN
	  ARGUMENTS(FILTER(1, Equal, "'/a', '/abc'")),
	  "0", 0, 2 },
	{ "whatever the order of its values",
	  ARGUMENTS(FILTER(1, Prefix, "'/ab', '/a'")) THEN
	  ARGUMENTS(FILTER(1, Prefix, "'/a', '/ab', '/ac'")),
	  "0", 0, 1 },
	{ "a longer one does not shadow it",
	  ARGUMENTS(FILTER(1, Prefix, "'/ab'")) THEN
	  ARGUMENTS(FILTER(1, Prefix, "'/a'")),
	  "01", 0, 0 },
	{ "a postfix shadows longer ones",
	  ARGUMENTS(FILTER(1, Postfix, "'.so', '.a'")) THEN
	  ARGUMENTS(FILTER(1, Postfix, "'b.so'")),
	  "0", 0, 1 },
	{ "and strings",
	  ARGUMENTS(FILTER(1, Postfix, "'.so'")) THEN
	  ARGUMENTS(FILTER(1, Equal, "'x.so'")),
	  "0", 0, 1 },
	{ "a prefix is no postfix",
	  ARGUMENTS(FILTER(1, Postfix, "'a'")) THEN
	  ARGUMENTS(FILTER(1, Prefix, "'a'")),
	  "01", 0, 0 },
	{ "excluding less shadows excluding more",
	  ARGUMENTS(FILTER(1, NotPrefix, "'/ab'")) THEN
	  ARGUMENTS(FILTER(1, NotPrefix, "'/a'")),
	  "0", 0, 1 },
	{ "not excluding more",
	  ARGUMENTS(FILTER(1, NotPrefix, "'/a'")) THEN
	  ARGUMENTS(FILTER(1, NotPrefix, "'/ab'")),
	  "01", 0, 0 },
	{ "a prefix is outside of another one",
	  ARGUMENTS(FILTER(1, NotPrefix, "'/usr'")) THEN
	  ARGUMENTS(FILTER(1, Prefix, "'/etc', '/usz'")),
	  "0", 0, 1 },
	{ "but may end in anything",
	  ARGUMENTS(FILTER(1, NotPostfix, "'x'")) THEN
	  ARGUMENTS(FILTER(1, Prefix, "'/etc'")),
	  "01", 0, 0 },
	{ "the end of a string may be lost",
	  ARGUMENTS(FILTER(1, NotPrefix, "'/usr'") AND FILTER(1, NotPostfix, "'x'")) THEN
	  ARGUMENTS(FILTER(1, Prefix, "'/etc'") AND FILTER(1, NotEqual, "'/etc/x'")),
	  "01", 0, 0 },
	{ "a postfix is outside of another one where strings keep their end",
	  ARGUMENTS(FILTER(1, NotPostfix, "'a'")) THEN
	  ARGUMENTS(FILTER(1, Postfix, "'b'")),
	  "0", 0, 1 },
	{ "but the front of a path may be lost",
	  ARGUMENTS(FILTER(4, NotPostfix, "'a'")) THEN
	  ARGUMENTS(FILTER(4, Postfix, "'b'")),
	  "01", 0, 0 },
	{ "unless it is known not to be",
	  ARGUMENTS(FILTER(4, NotPostfix, "'a'")) THEN
	  ARGUMENTS(FILTER(4, Postfix, "'b'") AND FILTER(4, NotPrefix, "'/x'")),
	  "0", 0, 1 },
	{ "two filters together say more than each",
	  ARGUMENTS(FILTER(1, Prefix, "'/a'")) THEN
	  ARGUMENTS(FILTER(1, Prefix, "'/a', '/b'") AND FILTER(1, NotPrefix, "'/b'")),
	  "0", 0, 1 },
};

static void strings_that_shadow(void **state)
{
	(void)state;
	CHECK(rows_of_strings);
}

/* Programs, ancestors, capabilities. */
static const struct row rows_of_processes[] = {
	{ "the end of a program's path may be lost",
	  "{matchBinaries: [{operator: NotPrefix, values: [/usr]}]}" THEN
	  "{matchBinaries: [{operator: Prefix, values: [/etc]}]}",
	  "01", 0, 0 },
	{ "a program is one of fewer",
	  "{matchBinaries: [{operator: In, values: [/a, /b]}]}" THEN
	  "{matchBinaries: [{operator: In, values: [/b]}]}",
	  "0", 0, 1 },
	{ "so is an ancestor",
	  "{matchBinaries: [{operator: In, values: [/a, /b], followChildren: true}]}" THEN
	  "{matchBinaries: [{operator: In, values: [/b], followChildren: true}]}",
	  "0", 0, 1 },
	{ "the program is another matter than its ancestors",
	  "{matchBinaries: [{operator: In, values: [/a, /b], followChildren: true}]}" THEN
	  "{matchBinaries: [{operator: In, values: [/b]}]}",
	  "01", 0, 0 },
	{ "a capability is one of more",
	  "{matchCapabilities: [{operator: In, values: [CAP_KILL, CAP_CHOWN]}]}" THEN
	  "{matchCapabilities: [{operator: In, values: [CAP_KILL]}]}",
	  "0", 0, 1 },
	{ "none of more is none of fewer",
	  "{matchCapabilities: [{operator: NotIn, values: [CAP_KILL]}]}" THEN
	  "{matchCapabilities: [{operator: NotIn, values: [CAP_KILL, CAP_CHOWN]}]}",
	  "0", 0, 1 },
	{ "who lacks one may have the other",
	  "{matchCapabilities: [{operator: NotIn, values: [CAP_KILL]}]}" THEN
	  "{matchCapabilities: [{operator: In, values: [CAP_CHOWN]}]}",
	  "01", 0, 0 },
};

static void processes_that_shadow(void **state)
{
	(void)state;
	CHECK(rows_of_processes);
}

/* Addresses and ports. */
static const struct row rows_of_networks[] = {
	{ "a network shadows its parts",
	  ARGUMENTS(FILTER(2, SAddr, "'10.0.0.0/8'")) THEN
	  ARGUMENTS(FILTER(2, SAddr, "'10.1.0.0/16', '10.2.3.4'")),
	  "0", 0, 1 },
	{ "two halves are the whole",
	  ARGUMENTS(FILTER(2, SAddr, "'10.0.0.0/9', '10.128.0.0/9'")) THEN
	  ARGUMENTS(FILTER(2, SAddr, "'10.0.0.0/8'")),
	  "0", 0, 1 },
	{ "an IPv4 network has the mapped addresses, too",
	  ARGUMENTS(FILTER(2, SAddr, "'10.0.0.0/8'")) THEN
	  ARGUMENTS(FILTER(2, SAddr, "'::ffff:10.1.0.0/112'")),
	  "0", 0, 1 },
	{ "but the mapped ones are not all",
	  ARGUMENTS(FILTER(2, SAddr, "'::ffff:10.0.0.0/104'")) THEN
	  ARGUMENTS(FILTER(2, SAddr, "'10.1.0.0/16'")),
	  "01", 0, 0 },
	{ "all IPv4 addresses are not all addresses",
	  ARGUMENTS(FILTER(2, SAddr, "'0.0.0.0/0'")) THEN
	  ARGUMENTS(FILTER(2, NotSAddr, "'10.0.0.0/8'")),
	  "01", 0, 0 },
	{ "outside of a network",
	  ARGUMENTS(FILTER(2, NotSAddr, "'10.0.0.0/8'")) THEN
	  ARGUMENTS(FILTER(2, SAddr, "'11.0.0.0/8', '2001::/16'")),
	  "0", 0, 1 },
	{ "a port says nothing of the address",
	  ARGUMENTS(FILTER(2, SPort, "'80'")) THEN
	  ARGUMENTS(FILTER(2, SAddr, "'10.0.0.0/8'")),
	  "01", 0, 0 },
};

static void networks_that_shadow(void **state)
{
	(void)state;
	CHECK(rows_of_networks);
}

/* Several selectors against one. */
static const struct row rows_of_several[] = {
	{ "two that cover a third together",
	  ARGUMENTS(FILTER(0, LT, "'10'")) THEN
	  ARGUMENTS(FILTER(0, GT, "'9'")) THEN
	  ARGUMENTS(FILTER(0, Equal, "'3', '12'")),
	  "01", 0, 1 },
	{ "three that cover all values",
	  ARGUMENTS(FILTER(3, LT, "'10'")) THEN
	  ARGUMENTS(FILTER(3, Mask, "'1'")) THEN
	  ARGUMENTS(FILTER(3, InRange, "'10:99'")) THEN
	  ARGUMENTS(FILTER(3, GT, "'99'")) THEN
	  ARGUMENTS(FILTER(3, InRange, "'0:255'")),
	  "0123", 0, 1 },
	{ "a gap",
	  ARGUMENTS(FILTER(0, LT, "'10'")) THEN
	  ARGUMENTS(FILTER(0, GT, "'10'")) THEN
	  ARGUMENTS(FILTER(0, Equal, "'3', '10'")),
	  "012", 0, 0 },
	{ "what need not be readable is not covered",
	  ARGUMENTS(FILTER(0, LT, "'10'")) THEN
	  ARGUMENTS(FILTER(0, GT, "'9'")) THEN
	  ARGUMENTS(FILTER(1, Equal, "'a'")),
	  "012", 0, 0 },
	{ "the others must ask for no more",
	  ARGUMENTS(FILTER(0, LT, "'10'") AND FILTER(1, Equal, "'a'")) THEN
	  ARGUMENTS(FILTER(0, GT, "'9'")) THEN
	  ARGUMENTS(FILTER(0, Equal, "'3', '12'")),
	  "012", 0, 0 },
	{ "but may ask for what the third asks for",
	  ARGUMENTS(FILTER(0, LT, "'10'") AND FILTER(1, Prefix, "'a'")) THEN
	  ARGUMENTS(FILTER(0, GT, "'9'")) THEN
	  ARGUMENTS(FILTER(0, Equal, "'3', '12'") AND FILTER(1, Equal, "'a'")),
	  "01", 0, 1 },
	{ "networks together",
	  ARGUMENTS(FILTER(2, SAddr, "'10.0.0.0/9'")) THEN
	  ARGUMENTS(FILTER(2, SAddr, "'10.128.0.0/9'")) THEN
	  ARGUMENTS(FILTER(2, SAddr, "'10.0.0.0/8'")),
	  "01", 0, 1 },
	{ "strings together",
	  ARGUMENTS(FILTER(1, Equal, "'a'")) THEN
	  ARGUMENTS(FILTER(1, Prefix, "'b'")) THEN
	  ARGUMENTS(FILTER(1, Equal, "'a', 'bc'")),
	  "01", 0, 1 },
};

static void several_that_shadow_together(void **state)
{
	(void)state;
	CHECK(rows_of_several);
}

/* Filters of one selector. */
static const struct row rows_of_contradictions[] = {
	{ "a prefix and its exclusion",
	  ARGUMENTS(FILTER(1, Prefix, "'/etc'") AND FILTER(1, NotPrefix, "'/'")) THEN
	  EVERYTHING,
	  "1", 1, 0 },
	{ "a postfix that does not fit",
	  ARGUMENTS(FILTER(1, Prefix, "'/etc'") AND FILTER(1, Postfix, "'.c'")) THEN
	  ARGUMENTS(FILTER(1, Equal, "'a'") AND FILTER(1, Postfix, "'.c'")),
	  "0", 1, 0 },
	{ "two prefixes that are apart",
	  ARGUMENTS(FILTER(1, Prefix, "'/etc', '/var'") AND FILTER(1, Prefix, "'/usr'")) THEN
	  EVERYTHING,
	  "1", 1, 0 },
	{ "a network and more that is excluded",
	  ARGUMENTS(FILTER(2, SAddr, "'10.1.0.0/16'") AND FILTER(2, NotSAddr, "'10.0.0.0/8'")) THEN
	  EVERYTHING,
	  "1", 1, 0 },
	{ "a network and its halves",
	  ARGUMENTS(FILTER(2, SAddr, "'10.0.0.0/8'") AND FILTER(2, NotSAddr, "'10.0.0.0/9', '10.128.0.0/9'")) THEN
	  EVERYTHING,
	  "1", 1, 0 },
	{ "a network of another family",
	  ARGUMENTS(FILTER(2, SAddr, "'10.0.0.0/8'") AND FILTER(2, SAddr, "'2001::/16'")) THEN
	  EVERYTHING,
	  "1", 1, 0 },
	{ "a mask that no number of the interval has",
	  ARGUMENTS(FILTER(3, Mask, "'0xf0'") AND FILTER(3, LT, "'16'")) THEN
	  EVERYTHING,
	  "1", 1, 0 },
	{ "a mask beyond the width",
	  ARGUMENTS(FILTER(3, Mask, "'0x100'")) THEN
	  EVERYTHING,
	  "1", 1, 0 },
	{ "three that only together contradict",
	  ARGUMENTS(FILTER(0, InRange, "'1:5'") AND FILTER(0, InRange, "'4:9'") AND FILTER(0, NotEqual, "'4', '5'")) THEN
	  EVERYTHING,
	  "1", 1, 0 },
	{ "an ancestor of some, and none of more",
	  "{matchPIDs: [{operator: In, values: [3], followForks: true}, {operator: NotIn, values: [3, 4], followForks: true}]}" THEN
	  EVERYTHING,
	  "1", 1, 0 },
};

static void filters_that_contradict(void **state)
{
	(void)state;
	CHECK(rows_of_contradictions);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(selectors_that_never_decide),
		cmocka_unit_test(numbers_that_shadow),
		cmocka_unit_test(strings_that_shadow),
		cmocka_unit_test(processes_that_shadow),
		cmocka_unit_test(networks_that_shadow),
		cmocka_unit_test(several_that_shadow_together),
		cmocka_unit_test(filters_that_contradict),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
