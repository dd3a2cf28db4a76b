// SPDX-License-Identifier: Apache-2.0
/* test_inspect.c - objects and images as people read them; maps explain every byte; what is damaged is refused. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "compiler/inspect/cost.h"
#include "compiler/inspect/inspect.h"
#include "tests/unit/built.h"

#define ARGUMENTS "    args: [{index: 0, type: int}, {index: 1, type: file}, {index: 2, type: sockaddr}, {index: 3, type: uint64},\n" \
	"           {index: 4, type: kernel_cap_t}]\n"

/* ---- Maps ---- */

/* They follow each other from the first byte to the last, and what lies between records is padding. */
static void assert_tiles(const void *bytes, size_t size)
{
	struct arena arena = { 0 };
	struct inspection *inspection;
	const struct data *map;
	char message[256] = "";
	size_t at = 0;

	if (inspect_read(bytes, size, "file", &arena, &inspection, message))
		fail_msg("%s", message);
	map = inspect_map(inspection);
	for (const struct data *range = data_find(map, "ranges")->first; range; range = range->next) {
		assert_int_equal(data_find(range, "offset")->number, at);
		assert_true(data_find(range, "bytes")->number > 0);
		if (strstr(data_find(range, "text")->text, "nothing leads here"))
			fail_msg("%zu: %s", at, data_find(range, "text")->text);
		at += (size_t)data_find(range, "bytes")->number;
	}
	assert_int_equal(at, size);
	arena_release(&arena);
}

static void maps_explain_every_byte(void **state)
{
	static const char *const texts[] = {
		KPROBE("a", "f"),
		KPROBE("a", "f") ARGUMENTS "    return: true\n    returnArg: {index: 0, type: int}\n    message: \"some words\"\n"
		"    tags: [\"one\", \"two\"]\n"
		SELECTOR("{index: 1, operator: Prefix, values: [\"/etc/\", \"/usr/local/\", \"\"]}, {index: 1, operator: NotPostfix, values: [\".so\"]}")
		"---\n" KPROBE("b", "f") ARGUMENTS
		SELECTOR("{index: 2, operator: SAddr, values: [\"10.0.0.0/8\", \"fe80::/10\"]}, {index: 2, operator: SPort, values: [\"80\", \"90:100\"]},"
			 "{index: 0, operator: InRange, values: [\"-5:5\", \"9:12\", \"100:1000\"]}")
		"---\n" POLICY("c") "  tracepoints:\n  - subsystem: sched\n    event: sched_switch\n    args: [{index: 5, type: int32}]\n"
		"    selectors: [{matchBinaries: [{operator: Prefix, values: [\"/usr/bin/\", \"/opt/with/a/long/name/\"]}]}]\n",
	};

	(void)state;
	for (size_t n = 0; n < sizeof(texts) / sizeof(*texts); n++) {
		struct built built;

		assert_int_equal(built_compile(&built, texts[n]), 0);
		assert_int_equal(built_link(&built, NULL), 0);
		assert_tiles(built.image.bytes, built.image.length);
		for (size_t i = 0; i < built.unit.object_count; i++)
			assert_tiles(built.unit.objects[i].bytes, built.unit.objects[i].length);
		built_release(&built);
	}
}

/* ---- Texts ---- */

static const char *text_of(const void *bytes, size_t size, struct arena *arena, struct buffer *ret)
{
	struct inspection *inspection;
	char message[256] = "";

	if (inspect_read(bytes, size, "file", arena, &inspection, message))
		fail_msg("%s", message);
	inspect_write_text(inspect_contents(inspection), ret);
	return ret->bytes;
}

static void assert_has(const char *text, const char *line)
{
	if (!strstr(text, line))
		fail_msg("'%s' is not in\n%s", line, text);
}

/* One selector of one policy: what the image says of its filter, and what the object does. */
static void filters_are_spelled_out(void **state)
{
	static const struct { const char *filter, *image, *object; } rows[] = {
		{ "{index: 0, operator: Equal, values: [\"-1\"]}", "argument 0 (int) is -1; if not", "argument 0 (int) is -1" },
		{ "{index: 3, operator: Equal, values: [\"18446744073709551615\"]}", "argument 3 (uint64) is 18446744073709551615", "18446744073709551615" },
		{ "{index: 0, operator: LT, values: [\"-3\"]}", "argument 0 (int) is less than -3", "argument 0 (int) is less than -3" },
		{ "{index: 3, operator: GT, values: [\"7\"]}", "argument 3 (uint64) is greater than 7", "at least 8" },
		{ "{index: 3, operator: Mask, values: [\"6\"]}", "argument 3 (uint64) has a bit of 0x6", "argument 3 (uint64)" },
		{ "{index: 0, operator: InRange, values: [\"-9:-5\", \"1:5\", \"7:9\"]}",
		  "argument 0 (int) is -9 to -5 or 1 to 5 or 7 to 9 [row 0 of the table at ", "is compiled to -9 to -5, 1 to 5, 7 to 9" },
		{ "{index: 1, operator: Equal, values: [\"/a\\tb\"]}", "argument 1 (file) is \"/a\\x09b\" [row 0", "is \"/a\\x09b\"" },
		{ "{index: 1, operator: Prefix, values: [\"/a/\", \"/b/\", \"/c/\", \"/d/\", \"/e/\", \"/f/\"]}", " or 2 more [row 0", "starts with \"/f/\"" },
		{ "{index: 1, operator: NotPostfix, values: [\".so\"]}", "argument 1 (file) ends with \".so\" [row 0 of the table", "ends with \".so\"" },
		{ "{index: 2, operator: SAddr, values: [\"10.0.0.0/8\"]}",
		  "the source address of argument 2 (sockaddr) is 10.0.0.0/8 or ::ffff:10.0.0.0/104 [row 0", "10.0.0.0/8" },
		{ "{index: 1, operator: SubString, values: [\"pass\", \"shadow\", \"ass\"]}",
		  "argument 1 (file) contains \"ass\" or contains \"shadow\" [row 0", "contains \"pass\"" },
		{ "{index: 1, operator: SubStringIgnCase, values: [\"Pass\"]}", "argument 1 (file) contains \"pass\" in any case [row 0", "in any case" },
		{ "{index: 1, operator: FileType, values: [\"reg\"]}", "the mode of argument 1 (file) is less than 36864", "argument 1 (file)" },
		{ "{operator: CelExpr, values: [\"arg0 + int32(1) > -int32(9)\"]}", "(-9 < (argument 0 (int) + 1)); if not", "arg0 + int32(1)" },
		{ "{index: 2, operator: SPort, values: [\"80\"]}", "the source port of argument 2 (sockaddr) is 80", "80" },
	};

	(void)state;
	for (size_t n = 0; n < sizeof(rows) / sizeof(*rows); n++) {
		struct buffer image = { 0 }, object = { 0 };
		struct arena arena = { 0 };
		struct built built;

		assert_int_equal(built_compile(&built, arena_format(&arena, "%s    selectors: [{matchArgs: [%s]}]\n",
								    KPROBE("a", "f") ARGUMENTS, rows[n].filter)), 0);
		assert_int_equal(built_link(&built, NULL), 0);
		assert_has(text_of(built.image.bytes, built.image.length, &arena, &image), rows[n].image);
		assert_has(image.bytes, "(p.yaml:10:30)");	/* the filter */
		assert_has(text_of(built.unit.objects[0].bytes, built.unit.objects[0].length, &arena, &object), rows[n].object);
		assert_has(object.bytes, "(p.yaml:10:30)");
		buffer_release(&image);
		buffer_release(&object);
		built_release(&built);
		arena_release(&arena);
	}
}

/* Many policies that all need a row of one table. */
static void groups_are_said_as_such(void **state)
{
	struct buffer text = { 0 }, policies = { 0 };
	struct arena arena = { 0 };
	struct built built;

	(void)state;
	for (int n = 0; n < 8; n++)
		buffer_format(&policies, "---\napiVersion: cilium.io/v1alpha1\nkind: TracingPolicy\nmetadata: {name: p%d}\nspec:\n  kprobes:\n"
			      "  - call: f\n    syscall: false\n" ARGUMENTS SELECTOR("{index: 1, operator: Prefix, values: [\"/d%d/\"]}"), n, n);
	assert_int_equal(built_compile(&built, policies.bytes), 0);
	assert_int_equal(built_link(&built, NULL), 0);
	assert_has(text_of(built.image.bytes, built.image.length, &arena, &text),
		   "argument 1 (file) satisfies one of rows 0..7 [of the table at ");
	assert_has(text.bytes, "; none of rows 0..7 -> ");
	buffer_release(&text);
	buffer_release(&policies);
	built_release(&built);
	arena_release(&arena);
}

/* What a name holds does not reach the terminal as it is. */
static void nothing_speaks_to_the_terminal(void **state)
{
	struct buffer text = { 0 };
	struct arena arena = { 0 };
	struct built built;

	(void)state;
	assert_int_equal(built_compile(&built, KPROBE("a", "f") "    message: \"\\e]0;title\\a\"\n" ARGUMENTS), 0);
	assert_int_equal(built_link(&built, NULL), 0);
	text_of(built.image.bytes, built.image.length, &arena, &text);
	text_of(built.unit.objects[0].bytes, built.unit.objects[0].length, &arena, &text);
	for (size_t n = 0; n < text.length; n++)
		assert_true((unsigned char)text.bytes[n] >= ' ' || text.bytes[n] == '\n');
	buffer_release(&text);
	built_release(&built);
	arena_release(&arena);
}

/* ---- What an event takes ---- */

static void costs_are_those_of_the_ways_through(void **state)
{
	static const struct { const char *filters; uint32_t least, most, values, lookups, bytes; } rows[] = {
		{ "", 2, 2, 0, 0, 0 },
		{ "{index: 0, operator: Equal, values: [\"1\"]}", 2, 3, 1, 0, 0 },
		{ "{index: 1, operator: Prefix, values: [\"/etc/\", \"/usr/\", \"/root/\"]}", 2, 3, 1, 1, 5 + 6 },
		{ "{index: 1, operator: Equal, values: [\"/etc\"]}", 2, 3, 1, 1, ABI_STRING_MAX },
		{ "{index: 1, operator: Prefix, values: [\"/etc/\"]}, {index: 1, operator: NotPostfix, values: [\".so\"]}", 2, 4, 1, 1, 5 + 3 },
		{ "{index: 0, operator: Equal, values: [\"1\"]}, {index: 2, operator: SAddr, values: [\"10.0.0.0/8\"]}", 2, 4, 2, 1, 0 },
	};

	(void)state;
	for (size_t n = 0; n < sizeof(rows) / sizeof(*rows); n++) {
		struct arena arena = { 0 };
		struct inspect_cost cost;
		struct image_hook hook;
		struct built built;

		assert_int_equal(built_compile(&built, arena_format(&arena, "%s    selectors: [{matchArgs: [%s]}]\n",
								    KPROBE("a", "f") ARGUMENTS, rows[n].filters)), 0);
		assert_int_equal(built_link(&built, NULL), 0);
		hook = image_hook_at(&built.view, 0);
		inspect_cost(&built.view, &hook, &cost);
		if (cost.records_least != rows[n].least || cost.records_most != rows[n].most || cost.values_most != rows[n].values ||
		    cost.lookups_most != rows[n].lookups || cost.bytes_hashed_most != rows[n].bytes)
			fail_msg("%s: %u to %u records, %u values, %u look-ups, %lu bytes", rows[n].filters, cost.records_least,
				 cost.records_most, cost.values_most, cost.lookups_most, (unsigned long)cost.bytes_hashed_most);
		assert_true(cost.nanoseconds_least <= cost.nanoseconds_most);
		built_release(&built);
		arena_release(&arena);
	}
}

/* ---- What is none ---- */

static void files_are_told_apart(void **state)
{
	static const struct { const char *bytes; size_t size; enum inspect_kind kind; } rows[] = {
		{ "", 0, INSPECT_NOTHING }, { "a", 1, INSPECT_TEXT }, { "kind: TracingPolicy\r\n\t", 22, INSPECT_TEXT },
		{ "\x7f" "ELF\x02\x01\x01\0", 8, INSPECT_UNKNOWN }, { "etra-img", 8, INSPECT_IMAGE }, { "etra-im", 7, INSPECT_TEXT },
		{ "etra-obj", 8, INSPECT_OBJECT },
	};

	(void)state;
	for (size_t n = 0; n < sizeof(rows) / sizeof(*rows); n++)
		if (inspect_kind(rows[n].bytes, rows[n].size) != rows[n].kind)
			fail_msg("row %zu is kind %d", n, inspect_kind(rows[n].bytes, rows[n].size));
}

static void damaged_ones_are_refused(void **state)
{
	struct inspection *inspection;
	struct arena arena = { 0 };
	char message[256] = "";
	struct built built;

	(void)state;
	assert_int_equal(built_compile(&built, KPROBE("a", "f") ARGUMENTS), 0);
	assert_int_equal(built_link(&built, NULL), 0);
	assert_int_equal(inspect_read(built.image.bytes, built.image.length - 8, "f", &arena, &inspection, message), -EINVAL);
	built.image.bytes[built.image.length - 1] ^= 1;
	assert_int_equal(inspect_read(built.image.bytes, built.image.length, "f", &arena, &inspection, message), -EINVAL);
	assert_string_equal(message, "wrong checksum");
	((struct abi_image *)(void *)built.image.bytes)->abi_version++;
	assert_int_equal(inspect_read(built.image.bytes, built.image.length, "f", &arena, &inspection, message), -EPROTO);
	assert_int_equal(inspect_read(built.unit.objects[0].bytes, built.unit.objects[0].length - 1, "f", &arena, &inspection,
				      message), -EINVAL);
	built_release(&built);
	arena_release(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(maps_explain_every_byte),
		cmocka_unit_test(filters_are_spelled_out),
		cmocka_unit_test(groups_are_said_as_such),
		cmocka_unit_test(nothing_speaks_to_the_terminal),
		cmocka_unit_test(costs_are_those_of_the_ways_through),
		cmocka_unit_test(files_are_told_apart),
		cmocka_unit_test(damaged_ones_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
