// SPDX-License-Identifier: Apache-2.0
/* test_first.c - the first test of a hook: what it lets pass, and where it lets the decision go on. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "compiler/image/first.h"
#include "tests/fuzz/component.h"

enum { HOOK_ID = 5, HOOK_AT = 8192, PROGRAM_AT = 8720, IMAGE_SIZE = 16384, RECORDS = 6 };

/* op, slot, yes, no, unknown, operand */
#define END { ABI_OP_END, 0, 0, 0, 0, 0 }
#define ACCEPT(to) { ABI_OP_ACCEPT, 0, to, 0, 0, 0 }
#define COMPARE(op, slot, yes, no, operand) { ABI_OP_##op, slot, yes, no, no, (uint64_t)(operand) }

static const struct row {
	const char *shows;
	uint8_t load;
	struct abi_record records[RECORDS];
	bool tests;
	int64_t low;
	uint64_t span;
	uint16_t record;
} rows[] = {
	{ "one number, and the accept it leads to", ABI_LOAD_S32,
	  { COMPARE(EQUAL, 0, 1, 2, 600), ACCEPT(2), END }, true, 600, 0, 1 },
	{ "two numbers: what lies between passes, so the decision starts over", ABI_LOAD_U64,
	  { COMPARE(EQUAL, 0, 2, 1, 3), COMPARE(EQUAL, 0, 2, 3, 9), ACCEPT(3), END }, true, 3, 6, 0 },
	{ "neighbours that two selectors accept", ABI_LOAD_U64,
	  { COMPARE(EQUAL, 0, 1, 2, 3), ACCEPT(2), COMPARE(EQUAL, 0, 3, 4, 4), ACCEPT(4), END }, true, 3, 1, 0 },
	{ "an interval from below zero", ABI_LOAD_S64,
	  { COMPARE(GREATER_SIGNED, 0, 1, 3, -11), COMPARE(LESS_SIGNED, 0, 2, 3, 6), ACCEPT(3), END }, true, -10, 15, 2 },
	{ "all but the greatest", ABI_LOAD_U64,
	  { COMPARE(LESS, 0, 1, 2, UINT64_MAX), ACCEPT(2), END }, true, 0, UINT64_MAX - 1, 1 },
	{ "one number, then another slot", ABI_LOAD_PID,
	  { COMPARE(EQUAL, 0, 1, 3, 7), COMPARE(EQUAL, 1, 2, 3, 7), ACCEPT(3), END }, true, 7, 0, 1 },
	{ "all but one number: no test", ABI_LOAD_S32, { COMPARE(EQUAL, 0, 2, 1, 7), ACCEPT(2), END }, false, 0, 0, 0 },
	{ "the order of the other sign: no test", ABI_LOAD_S32,
	  { COMPARE(LESS, 0, 1, 2, 7), ACCEPT(2), END }, false, 0, 0, 0 },
	{ "a mask: no test", ABI_LOAD_S32, { COMPARE(MASK, 0, 1, 2, 7), ACCEPT(2), END }, false, 0, 0, 0 },
	{ "another slot on the way out: no test", ABI_LOAD_S32,
	  { COMPARE(EQUAL, 0, 2, 1, 7), COMPARE(EQUAL, 1, 2, 3, 7), ACCEPT(3), END }, false, 0, 0, 0 },
	{ "a string: no test", ABI_LOAD_STRING, { COMPARE(EQUAL, 0, 1, 2, 7), ACCEPT(2), END }, false, 0, 0, 0 },
	{ "nothing is accepted: no test", ABI_LOAD_S32, { COMPARE(EQUAL, 0, 1, 1, 7), END }, false, 0, 0, 0 },
};

static void make_image(const struct row *row, uint8_t *image)
{
	struct abi_hook hook = { .program = PROGRAM_AT, .flags = ABI_HOOK_SYSCALL, .slot_count = 2 };

	memset(image, 0, IMAGE_SIZE);
	hook.slots[0] = (struct abi_slot){ row->load, ABI_SOURCE_ARGUMENT, 1, 0, 0 };
	hook.slots[1] = (struct abi_slot){ ABI_LOAD_U64, ABI_SOURCE_ARGUMENT, 2, 0, 0 };
	((struct abi_image *)image)->hook_offset[HOOK_ID] = HOOK_AT;
	memcpy(image + HOOK_AT, &hook, sizeof(hook));
	memcpy(image + PROGRAM_AT, row->records, sizeof(row->records));
}

static void first_tests(void **state)
{
	uint64_t words[IMAGE_SIZE / 8];
	struct abi_first first;

	(void)state;
	for (size_t n = 0; n < sizeof(rows) / sizeof(*rows); n++) {
		make_image(&rows[n], (uint8_t *)words);
		image_first(words, IMAGE_SIZE, HOOK_ID, &first);
		print_message("# %s\n", rows[n].shows);
		assert_int_equal(first.hook, HOOK_AT);
		assert_int_equal(first.flags, ABI_HOOK_SYSCALL);
		assert_int_equal(first.slot != 0, rows[n].tests);
		assert_true(first.low == (uint64_t)rows[n].low);
		assert_true(first.span == rows[n].span);
		assert_int_equal(first.record, rows[n].record);
	}
}

/* ---- Plain events ---- */

enum { ACCEPT_AT = 8880 };

/* One number equal to 600 accepts; what is changed about that, whether it stays plain, and if not, whether an event is still all that comes. */
static const struct plain_row {
	const char *shows;
	bool plain, posts;
	uint8_t load;				/* of slot 1; 0: U64 */
	uint16_t flags, slot_count;		/* of the hook, over SYSCALL; 0: 2 */
	struct abi_accept accept;
	struct abi_record more;			/* record 2, where the accept goes on */
} plain_rows[] = {
	{ "no action at all", .plain = true, .accept = { .policy = 3, .selector = 1, .report_slots = 3, .hook_index = 4 } },
	{ "Post", .plain = true, .accept = { .action_count = 1 } },
	{ "as many slots as there may be", .plain = true, .slot_count = ABI_PLAIN_SLOTS, .accept = { .report_slots = 1 } },
	{ "one slot more", .posts = true, .slot_count = ABI_PLAIN_SLOTS + 1, .accept = { .report_slots = 1 } },
	{ "a string", .posts = true, .load = ABI_LOAD_STRING, .accept = { .report_slots = 2 } },
	{ "a string that is not reported", .plain = true, .load = ABI_LOAD_STRING, .accept = { .report_slots = 1 } },
	{ "something is to be done", .accept = { .action_count = 1, .flags = ABI_ACCEPT_ACTS } },
	{ "no event", .accept = { .flags = ABI_ACCEPT_QUIET } },
	{ "the return is reported, too", .accept = { .flags = ABI_ACCEPT_RETURN } },
	{ "a hook with a return", .flags = ABI_HOOK_PAIRED, .accept = { .report_slots = 1 } },
	{ "another selector may follow", .accept = { .report_slots = 1 }, .more = COMPARE(EQUAL, 1, 3, 3, 1) },
};

static void make_plain_image(const struct plain_row *row, uint8_t *image)
{
	make_image(&(struct row){ .load = ABI_LOAD_S32,
				  .records = { COMPARE(EQUAL, 0, 1, 3, 600), { ABI_OP_ACCEPT, 0, 2, 0, 0, ACCEPT_AT },
					       row->more, END } }, image);
	((struct abi_hook *)(image + HOOK_AT))->flags |= row->flags;
	if (row->load)
		((struct abi_hook *)(image + HOOK_AT))->slots[1].load = row->load;
	if (row->slot_count)
		((struct abi_hook *)(image + HOOK_AT))->slot_count = row->slot_count;
	memcpy(image + ACCEPT_AT, &row->accept, sizeof(row->accept));
}

static void plain_events(void **state)
{
	static const struct abi_first none;
	uint64_t words[IMAGE_SIZE / 8];
	struct abi_first first;

	(void)state;
	for (size_t n = 0; n < sizeof(plain_rows) / sizeof(*plain_rows); n++) {
		const struct plain_row *row = &plain_rows[n];
		const struct abi_hook *hook = (const void *)((uint8_t *)words + HOOK_AT);
		const uint32_t slots = row->slot_count ? row->slot_count : 2;

		make_plain_image(row, (uint8_t *)words);
		image_first(words, IMAGE_SIZE, HOOK_ID, &first);
		print_message("# %s\n", row->shows);
		assert_int_equal(first.record, 1);
		assert_int_equal(first.plain_count, row->plain ? slots : 0);
		assert_int_equal(first.posts, row->plain || row->posts ? ACCEPT_AT : 0);
		assert_memory_equal(first.plain_accept, row->plain ? (const void *)&row->accept : &none,
				    sizeof(first.plain_accept));
		for (uint32_t slot = 0; slot < slots && slot < ABI_PLAIN_SLOTS; slot++)
			assert_memory_equal(&first.plain_slots[slot], row->plain ? (const void *)&hook->slots[slot] : &none,
					    sizeof(first.plain_slots[slot]));
	}
}

/* What passes the test may still be refused: no event yet. */
static void plain_needs_exact_test(void **state)
{
	uint64_t words[IMAGE_SIZE / 8];
	struct abi_first first;

	(void)state;
	make_image(&(struct row){ .load = ABI_LOAD_U64,
				  .records = { COMPARE(EQUAL, 0, 2, 1, 3), COMPARE(EQUAL, 0, 2, 3, 9),
					       { ABI_OP_ACCEPT, 0, 3, 0, 0, ACCEPT_AT }, END } }, (uint8_t *)words);
	image_first(words, IMAGE_SIZE, HOOK_ID, &first);
	assert_true(first.slot);
	assert_int_equal(first.plain_count, 0);
	assert_int_equal(first.posts, 0);
}

/* ---- The text's test ---- */

enum { TABLE_AT = 9000, TABLE_STEP = 1000, FILTER_AT = 500 };

#define LOOK_UP(slot, table, yes, no) { ABI_OP_STRING, slot, yes, no, no, ABI_LOOKUP(TABLE_AT + (table) * TABLE_STEP, table, 0) }

/* Slot 0 is a number, slot 1 a text, slot 2 another; tables 0 and 1 have filters, 2 postfixes, too, 3 has short patterns. */
static const struct text_row {
	const char *shows;
	struct abi_record records[RECORDS];
	uint32_t filters[ABI_FIRST_FILTERS];	/* tables that are asked, plus 1 */
	uint8_t load;				/* of slot 1; 0: STRING */
	uint32_t chain;				/* of slot 1 */
	bool found;				/* an event is all that comes of it, and nothing of all others */
	bool pairs;				/* the return is looked at, too */
	uint32_t accept_flags;
} text_rows[] = {
	{ "one table", { LOOK_UP(1, 0, 1, 2), ACCEPT(2), END }, { 1 }, .found = true },
	{ "one table, and more than an event", { LOOK_UP(1, 0, 1, 2), ACCEPT(2), END }, { 1 }, .accept_flags = 1 },
	{ "one table, and the return", { LOOK_UP(1, 0, 1, 2), ACCEPT(2), END }, { 1 }, .pairs = true },
	{ "one table, and another number then", { LOOK_UP(1, 0, 1, 3), ACCEPT(2), COMPARE(EQUAL, 0, 3, 4, 7), ACCEPT(4), END }, { 0 } },
	{ "one table, and a number of those that are accepted", { LOOK_UP(1, 0, 1, 4), ACCEPT(2), COMPARE(EQUAL, 0, 3, 4, 7), ACCEPT(4), END }, { 1 } },
	{ "one table; what is not known is accepted", { { ABI_OP_STRING, 1, 1, 2, 1, ABI_LOOKUP(TABLE_AT, 0, 0) }, ACCEPT(2), END }, { 1 } },
	{ "two tables", { LOOK_UP(1, 0, 1, 2), ACCEPT(2), LOOK_UP(1, 1, 3, 4), ACCEPT(4), END }, { 1, 2 } },
	{ "one table, twice", { LOOK_UP(1, 0, 1, 2), ACCEPT(2), LOOK_UP(1, 0, 3, 4), ACCEPT(4), END }, { 1 } },
	{ "a number before it", { COMPARE(EQUAL, 0, 1, 3, 7), LOOK_UP(1, 1, 2, 3), ACCEPT(3), END }, { 2 }, .found = true },
	{ "numbers before it, which are not one interval: no test",
	  { COMPARE(EQUAL, 0, 2, 1, 3), COMPARE(EQUAL, 0, 2, 4, 9), LOOK_UP(1, 1, 3, 4), ACCEPT(4), END }, { 0 } },
	{ "a number behind it", { LOOK_UP(1, 0, 1, 3), COMPARE(EQUAL, 0, 2, 3, 7), ACCEPT(3), END }, { 1 } },
	{ "what is in no table is accepted: no test", { LOOK_UP(1, 0, 2, 1), ACCEPT(2), END }, { 0 } },
	{ "what is in no table is looked at again: no test",
	  { LOOK_UP(1, 0, 2, 1), COMPARE(EQUAL, 0, 2, 3, 7), ACCEPT(3), END }, { 0 } },
	{ "another text then: no test", { LOOK_UP(1, 0, 2, 1), LOOK_UP(2, 1, 2, 3), ACCEPT(3), END }, { 0 } },
	{ "postfixes: no test", { LOOK_UP(1, 2, 1, 2), ACCEPT(2), END }, { 0 } },
	{ "short patterns: no test", { LOOK_UP(1, 3, 1, 2), ACCEPT(2), END }, { 0 } },
	{ "a path", { LOOK_UP(1, 0, 1, 2), ACCEPT(2), END }, { 1 }, .load = ABI_LOAD_FILE, .found = true },
	{ "bytes of a buffer: no test", { LOOK_UP(1, 0, 1, 2), ACCEPT(2), END }, { 0 }, .load = ABI_LOAD_CHAR_BUF },
	{ "a text that something leads to: no test", { LOOK_UP(1, 0, 1, 2), ACCEPT(2), END }, { 0 }, .chain = 8 },
};

static void make_tables(uint8_t *image)
{
	for (uint32_t n = 0; n < 4 && TABLE_AT + n * TABLE_STEP + FILTER_AT < IMAGE_SIZE; n++) {
		struct abi_string_table table = { .prefix_count = 1, .postfix_count = n == 2, .filter = TABLE_AT + n * TABLE_STEP + FILTER_AT };
		struct abi_filter filter = { .classes = n == 3 ? 3 : 2 };

		memcpy(image + TABLE_AT + n * TABLE_STEP, &table, sizeof(table));
		memcpy(image + table.filter, &filter, sizeof(filter));
	}
}

static void make_text_image(const struct text_row *row, uint8_t *image)
{
	struct row plain = { .load = ABI_LOAD_U64 };
	struct abi_hook *hook = (void *)(image + HOOK_AT);

	memcpy(plain.records, row->records, sizeof(plain.records));
	for (size_t n = 0; n < RECORDS; n++)
		if (plain.records[n].op == ABI_OP_ACCEPT)
			plain.records[n].operand = ACCEPT_AT;
	make_image(&plain, image);
	make_tables(image);
	hook->slot_count = 3;
	hook->flags |= row->pairs ? ABI_HOOK_PAIRED : 0;
	((struct abi_accept *)(image + ACCEPT_AT))->flags = row->accept_flags;
	hook->slots[1] = (struct abi_slot){ row->load ? row->load : ABI_LOAD_STRING, ABI_SOURCE_ARGUMENT, 1, 0, 0, .chain = row->chain };
	hook->slots[2] = (struct abi_slot){ ABI_LOAD_STRING, ABI_SOURCE_ARGUMENT, 2, 0, 0 };
}

static const struct abi_record *hook_records(const uint64_t *words)
{
	return (const void *)((const uint8_t *)words + PROGRAM_AT);
}

static void text_tests(void **state)
{
	uint64_t words[IMAGE_SIZE / 8];
	struct abi_first first;

	(void)state;
	for (size_t n = 0; n < sizeof(text_rows) / sizeof(*text_rows); n++) {
		const struct text_row *row = &text_rows[n];
		const struct abi_hook *hook = (const void *)((uint8_t *)words + HOOK_AT);
		uint32_t count = 0;

		make_text_image(row, (uint8_t *)words);
		image_first(words, IMAGE_SIZE, HOOK_ID, &first);
		print_message("# %s\n", row->shows);
		for (; count < ABI_FIRST_FILTERS && row->filters[count]; count++)
			assert_int_equal(first.filters[count], TABLE_AT + (row->filters[count] - 1) * TABLE_STEP + FILTER_AT);
		assert_int_equal(first.filter_count, count);
		assert_int_equal(first.program, PROGRAM_AT);
		assert_int_equal(first.text_slot, count ? 1 : 0);
		assert_int_equal(first.posts, row->found ? ACCEPT_AT : 0);
		assert_true(first.found == (row->found ? hook_records(words)[first.record].operand : 0));
		assert_true(first.text == (count ? *(const uint64_t *)&hook->slots[1] : 0));
	}
}

/* ---- Its patterns, where they are few ---- */

enum { PATTERNS = 6, BUCKETS_AT = 14000, PATTERN_AT = 15200, PATTERN_STEP = 80 };

/* Slot 1 is a text; table 0 has the patterns, in buckets that they leave gaps in. What is not said is as in the first row. */
static const struct pattern_row {
	const char *shows;
	struct { uint32_t length, kind; } patterns[PATTERNS];
	bool drawn;
	struct abi_record records[RECORDS];	/* op 0 in the first: one look-up, then an accept */
	uint64_t always_rows;
	uint16_t postfix_count;
	uint32_t bucket_mask;			/* 0: 15 */
	uint32_t found;				/* record of the look-up that is all there is to decide, plus 1 */
} pattern_rows[] = {
	{ "a whole string", { { 18, ABI_STRING_EXACT } }, true, .found = 1 },
	{ "a beginning of one byte", { { 1, ABI_STRING_PREFIX } }, true, .found = 1 },
	{ "as many as there may be", { { 3, ABI_STRING_PREFIX }, { 4, ABI_STRING_EXACT }, { ABI_PATTERN_MAX, ABI_STRING_EXACT }, { 9, ABI_STRING_PREFIX } },
	  true, .found = 1 },
	{ "one more", { { 3, ABI_STRING_PREFIX }, { 4, ABI_STRING_EXACT }, { 5, ABI_STRING_EXACT }, { 6, ABI_STRING_EXACT }, { 7, ABI_STRING_EXACT } }, false },
	{ "an end", { { 3, ABI_STRING_PREFIX }, { 4, ABI_STRING_POSTFIX } }, false },
	{ "a table that says that it has ends", { { 3, ABI_STRING_PREFIX } }, false, .postfix_count = 1 },
	{ "every string", { { 3, ABI_STRING_PREFIX } }, false, .always_rows = 1 },
	{ "an empty one", { { 0, ABI_STRING_EXACT } }, false },
	{ "one that is too long", { { ABI_PATTERN_MAX + 1, ABI_STRING_PREFIX } }, false },
	{ "none", { { 0, 0 } }, false },
	{ "a table with many buckets", { { 3, ABI_STRING_PREFIX } }, false, .bucket_mask = 127 },
	{ "two rows of one look-up", { { 3, ABI_STRING_PREFIX } }, true, { LOOK_UP(1, 0, 1, 2), ACCEPT(2), LOOK_UP(1, 0, 3, 4), ACCEPT(4), END } },
	{ "two tables", { { 3, ABI_STRING_PREFIX } }, false, { LOOK_UP(1, 0, 1, 2), ACCEPT(2), LOOK_UP(1, 3, 3, 4), ACCEPT(4), END } },
	{ "another number then, which accepts alone", { { 3, ABI_STRING_PREFIX } }, false,
	  { LOOK_UP(1, 0, 1, 2), ACCEPT(2), COMPARE(EQUAL, 0, 3, 4, 7), ACCEPT(4), END } },
	{ "a number behind it", { { 3, ABI_STRING_PREFIX } }, true, { LOOK_UP(1, 0, 1, 3), COMPARE(EQUAL, 0, 2, 3, 7), ACCEPT(3), END } },
	{ "a number before it", { { 3, ABI_STRING_PREFIX } }, true, { COMPARE(EQUAL, 0, 1, 3, 7), LOOK_UP(1, 0, 2, 3), ACCEPT(3), END }, .found = 2 },
};

static void make_pattern_image(const struct pattern_row *row, uint8_t *image)
{
	static const struct abi_record one[RECORDS] = { LOOK_UP(1, 0, 1, 2), ACCEPT(2), END };
	struct text_row text = { .shows = row->shows };
	struct abi_string_table table = { .prefix_count = 1, .postfix_count = row->postfix_count, .always_rows = row->always_rows,
					  .bucket_mask = row->bucket_mask ? row->bucket_mask : 15, .buckets = BUCKETS_AT };

	memcpy(text.records, row->records[0].op ? row->records : one, sizeof(text.records));
	make_text_image(&text, image);
	memcpy(image + TABLE_AT, &table, sizeof(table));
	for (uint32_t n = 0; n < PATTERNS; n++) {
		const struct abi_pattern pattern = { .length = row->patterns[n].length, .kind = row->patterns[n].kind };
		const struct abi_string_bucket bucket = { .tag = n, .pattern = PATTERN_AT + n * PATTERN_STEP };

		if (!pattern.kind)
			continue;
		memcpy(image + bucket.pattern, &pattern, sizeof(pattern));
		memcpy(image + BUCKETS_AT + (2 * n + 1) * sizeof(bucket), &bucket, sizeof(bucket));
	}
}

static void pattern_tests(void **state)
{
	uint64_t words[IMAGE_SIZE / 8];
	struct abi_first first;

	(void)state;
	for (size_t n = 0; n < sizeof(pattern_rows) / sizeof(*pattern_rows); n++) {
		const struct pattern_row *row = &pattern_rows[n];
		uint32_t count = 0;

		make_pattern_image(row, (uint8_t *)words);
		image_first(words, IMAGE_SIZE, HOOK_ID, &first);
		print_message("# %s\n", row->shows);
		for (; row->drawn && count < PATTERNS && row->patterns[count].kind; count++)
			assert_int_equal(first.patterns[count], PATTERN_AT + count * PATTERN_STEP);
		assert_int_equal(first.pattern_count, count);
		assert_int_equal(first.filter_count, 0);
		assert_int_equal(first.text_slot, row->drawn ? 1 : 0);
		assert_int_equal(first.posts, row->found ? ACCEPT_AT : 0);
		assert_true(first.found == (row->found ? hook_records(words)[row->found - 1].operand : 0));
	}
}

/* ---- Components of paths ---- */

/* The patterns of table 0, of a hook whose slot 1 is a file; how the component is that is drawn of each. */
static const struct component_row {
	const char *shows;
	struct { const char *bytes; uint32_t kind; } patterns[PATTERNS];
	uint32_t component;
	const char *names[PATTERNS];		/* more than ABI_FIRST_PATTERNS are drawn as bits */
	uint8_t load;				/* of slot 1; 0: FILE */
	bool names_step;			/* the last name is asked for, too */
} component_rows[] = {
	{ "a folder", { { "/tmp/bench/secrets/", ABI_STRING_PREFIX } }, 3, { "secrets" } },
	{ "a folder without a slash: its name may go on", { { "/tmp/bench/secrets", ABI_STRING_PREFIX } }, 2, { "bench" } },
	{ "a file", { { "/etc/passwd", ABI_STRING_EXACT } }, 2, { "passwd" } },
	{ "a file, and its last name is asked for", { { "/etc/passwd", ABI_STRING_EXACT } }, 0, { NULL }, .names_step = true },
	{ "folders at two depths: the one that both have", { { "/tmp/bench/secrets/", ABI_STRING_PREFIX }, { "/etc/", ABI_STRING_PREFIX } }, 1, { "tmp", "etc" } },
	{ "a file in one, a folder", { { "/usr/bin", ABI_STRING_EXACT }, { "/usr/lib/x/", ABI_STRING_PREFIX } }, 2, { "bin", "lib" } },
	{ "a name of eight bytes, and of more", { { "/12345678/", ABI_STRING_PREFIX }, { "/123456789abc/", ABI_STRING_PREFIX } }, 1, { "12345678", "123456789abc" } },
	{ "one that has none whole", { { "/tmp/bench/", ABI_STRING_PREFIX }, { "/e", ABI_STRING_PREFIX } }, 0, { NULL } },
	{ "the root", { { "/", ABI_STRING_EXACT } }, 0, { NULL } },
	{ "every path", { { "/", ABI_STRING_PREFIX } }, 0, { NULL } },
	{ "no path", { { "tmp/bench/", ABI_STRING_PREFIX } }, 0, { NULL } },
	{ "two slashes: what is before", { { "/tmp//bench/", ABI_STRING_PREFIX } }, 1, { "tmp" } },
	{ "two slashes at the beginning", { { "//tmp/", ABI_STRING_PREFIX } }, 0, { NULL } },
	{ "a slash at the end of a whole path", { { "/tmp/bench/", ABI_STRING_EXACT } }, 2, { "bench" } },
	{ "no more than sixteen", { { "/1/2/3/4/5/6/7/8/9/10/11/12/13/14/15/16/17/18/", ABI_STRING_PREFIX } }, 16, { "16" } },
	{ "many patterns with few names",
	  { { "/usr/bin/", ABI_STRING_PREFIX }, { "/usr/lib/", ABI_STRING_PREFIX }, { "/etc/ssh/", ABI_STRING_PREFIX }, { "/etc/passwd", ABI_STRING_EXACT },
	    { "/boot/", ABI_STRING_PREFIX } }, 1, { "usr", "etc", "boot" } },
	{ "many names",
	  { { "/1/usr/", ABI_STRING_PREFIX }, { "/2/lib/", ABI_STRING_PREFIX }, { "/3/ssh/", ABI_STRING_PREFIX }, { "/4/passwd", ABI_STRING_EXACT },
	    { "/5/boot/", ABI_STRING_PREFIX }, { "/6/authorized_keys/x/", ABI_STRING_PREFIX } }, 2, { "usr", "lib", "ssh", "passwd", "boot", "authorized_keys" } },
	{ "many patterns, one of which has none whole",
	  { { "/1/usr/", ABI_STRING_PREFIX }, { "/2/lib/", ABI_STRING_PREFIX }, { "/3/ssh/", ABI_STRING_PREFIX }, { "/4", ABI_STRING_PREFIX },
	    { "/5/boot/", ABI_STRING_PREFIX } }, 0, { NULL } },
	{ "a string, which no path needs to be", { { "/tmp/bench/", ABI_STRING_PREFIX } }, 0, { NULL }, .load = ABI_LOAD_STRING },
};

static void make_component_image(const struct component_row *row, uint8_t *image)
{
	struct pattern_row patterns = { .shows = row->shows };
	struct abi_string_table *table = (void *)(image + TABLE_AT);
	struct abi_hook *hook = (void *)(image + HOOK_AT);

	for (uint32_t n = 0; n < PATTERNS && row->patterns[n].bytes; n++) {
		patterns.patterns[n].length = (uint32_t)strlen(row->patterns[n].bytes);
		patterns.patterns[n].kind = row->patterns[n].kind;
	}
	make_pattern_image(&patterns, image);
	for (uint32_t n = 0; n < PATTERNS && row->patterns[n].bytes; n++)
		strcpy((char *)image + PATTERN_AT + n * PATTERN_STEP + sizeof(struct abi_pattern), row->patterns[n].bytes);
	hook->slots[1].load = row->load ? row->load : ABI_LOAD_FILE;
	hook->flags = 0;
	hook->record_count = RECORDS;
	table->filter = TABLE_AT + FILTER_AT;
	if (row->names_step)
		table->names = TABLE_AT + FILTER_AT;
}

static bool may_be(const struct abi_first *first, const char *name)
{
	const uint32_t length = (uint32_t)strlen(name);
	uint64_t word = 0;

	memcpy(&word, name, length < 8 ? length : 8);
	return component_may_be(first, length, word);
}

static void component_tests(void **state)
{
	uint64_t words[IMAGE_SIZE / 8];
	struct abi_first first;

	(void)state;
	for (size_t n = 0; n < sizeof(component_rows) / sizeof(*component_rows); n++) {
		const struct component_row *row = &component_rows[n];
		uint32_t patterns = 0, names = 0;

		make_component_image(row, (uint8_t *)words);
		image_first(words, IMAGE_SIZE, HOOK_ID, &first);
		print_message("# %s\n", row->shows);
		while (patterns < PATTERNS && row->patterns[patterns].bytes)
			patterns++;
		for (; names < PATTERNS && row->names[names]; names++)
			assert_true(may_be(&first, row->names[names]));
		assert_int_equal(first.pattern_count, patterns <= ABI_FIRST_PATTERNS ? patterns : 0);
		assert_int_equal(first.filter_count, patterns > ABI_FIRST_PATTERNS);
		assert_int_equal(!!(first.steps & ABI_FIRST_NAME), row->names_step);
		assert_int_equal(first.component, row->component);
		assert_int_equal(first.component_count, names <= ABI_FIRST_PATTERNS ? names : 0);
		assert_false(may_be(&first, "home") || may_be(&first, "us") || may_be(&first, "authorized_key"));
	}
}

/* ---- Steps ---- */

enum { STEP_RECORDS = 7, ADDRESSES_AT = 13200, V4_AT = 13304, V6_AT = 13400, INTERVALS_AT = 13600 };

#define BINARY(table, row, yes, no, unknown) { ABI_OP_BINARY, ABI_WHO_PROCESS, yes, no, unknown, ABI_LOOKUP(table, 9, row) }
#define PARENT(table, row, yes, no) { ABI_OP_BINARY, ABI_WHO_PARENT, yes, no, no, ABI_LOOKUP(table, 9, row) }
#define ADDRESS(slot, direction, yes, no) \
	{ ABI_OP_ADDRESS, slot, yes, no, no, ABI_LOOKUP(ADDRESSES_AT, 8, 0) | (direction) }
#define INTERVALS(slot, yes, no) { ABI_OP_INTERVALS, slot, yes, no, no, ABI_LOOKUP(INTERVALS_AT, 7, 0) }

/*
 * Slot 0 is a number, 1 a file, 2 a path, 3 a socket, 4 its destination port, 5 its mark. Tables 0 and 1 have last names, 2 has none. Addresses
 * are 10.0.0.0 to 10.0.0.9 and fe80::/10; intervals 5 to 9 and 100 to 200.
 */
static const struct step_row {
	const char *shows;
	struct abi_record records[STEP_RECORDS];
	uint32_t steps;
	uint32_t names[ABI_FIRST_NAMES];	/* tables, plus 1 */
	uint64_t rows, low[2], span[2];
	uint32_t table, part, flags;		/* flags: of the hook */
	uint32_t chain, source;			/* of slot 1; 0: an argument */
	uint8_t path, socket;			/* loads of slots 1 and 3; 0: FILE, SOCK */
	uint32_t certain;			/* steps by which the whole decision is known */
	bool filters;				/* the tables have some of beginnings, too */
	uint32_t found;				/* record of the only look-up of a text, plus 1 */
	bool one_address;			/* 10.0.0.0 to 10.0.0.3 alone */
	bool kills;				/* the accept does more than to post */
} step_rows[] = {
	{ "a path", { LOOK_UP(1, 0, 1, 2), ACCEPT(2), END }, ABI_FIRST_NAME, { 1 } },
	{ "a path in two tables", { LOOK_UP(1, 0, 1, 2), ACCEPT(2), LOOK_UP(1, 1, 3, 4), ACCEPT(4), END }, ABI_FIRST_NAME, { 1, 2 } },
	{ "a path in a table without last names", { LOOK_UP(1, 0, 1, 2), ACCEPT(2), LOOK_UP(1, 2, 3, 4), ACCEPT(4), END }, 0 },
	{ "a path that must not be there", { LOOK_UP(1, 0, 2, 1), ACCEPT(2), END }, 0 },
	{ "one selector asks for the path, one does not", { LOOK_UP(1, 0, 1, 2), ACCEPT(2), COMPARE(MASK, 0, 3, 4, 7), ACCEPT(4), END }, 0 },
	{ "a path behind something else", { COMPARE(MASK, 0, 1, 3, 7), LOOK_UP(1, 1, 2, 3), ACCEPT(3), END }, ABI_FIRST_NAME, { 2 } },
	{ "what is not known leads to an accept", { { ABI_OP_STRING, 1, 1, 2, 1, ABI_LOOKUP(TABLE_AT, 0, 0) }, ACCEPT(2), END }, 0 },
	{ "two paths, one of which is enough", { LOOK_UP(1, 0, 2, 1), LOOK_UP(2, 1, 2, 3), ACCEPT(3), END }, 0 },
	{ "two paths, both of which are needed", { LOOK_UP(1, 0, 1, 3), LOOK_UP(2, 1, 2, 3), ACCEPT(3), END }, ABI_FIRST_NAME, { 1 } },
	{ "a path that something leads to", { LOOK_UP(1, 0, 1, 2), ACCEPT(2), END }, 0, .chain = 8 },
	{ "a path that no argument is", { LOOK_UP(1, 0, 1, 2), ACCEPT(2), END }, 0, .source = ABI_SOURCE_FIELD },
	{ "the place of a mount, whose root has another name", { LOOK_UP(1, 0, 1, 2), ACCEPT(2), END }, 0, .path = ABI_LOAD_MOUNT },
	{ "a path of a user program", { LOOK_UP(1, 0, 1, 2), ACCEPT(2), END }, 0, .flags = ABI_HOOK_USER_MEMORY },
	{ "a binary", { BINARY(3, 5, 1, 2, 2), ACCEPT(2), END }, ABI_FIRST_PROCESS, .rows = 32, .table = 3, .certain = ABI_FIRST_PROCESS },
	{ "a binary, and more than an event", { BINARY(3, 5, 1, 2, 2), ACCEPT(2), END }, ABI_FIRST_PROCESS, .rows = 32, .table = 3, .kills = true },
	{ "a binary, and the return", { BINARY(3, 5, 1, 2, 2), ACCEPT(2), END }, ABI_FIRST_PROCESS, .rows = 32, .table = 3,
	  .flags = ABI_HOOK_PAIRED },
	{ "a binary, and what is not known of it", { BINARY(3, 5, 1, 2, 1), ACCEPT(2), END }, 0 },
	{ "a binary, a path and beginnings", { BINARY(3, 5, 1, 3, 3), LOOK_UP(1, 0, 2, 3), ACCEPT(3), END }, ABI_FIRST_PROCESS | ABI_FIRST_NAME,
	  { 1 }, .rows = 32, .table = 3, .filters = true, .certain = ABI_FIRST_PROCESS, .found = 2 },
	{ "a path and beginnings, a binary", { LOOK_UP(1, 0, 1, 3), BINARY(3, 5, 2, 3, 3), ACCEPT(3), END }, ABI_FIRST_PROCESS | ABI_FIRST_NAME,
	  { 1 }, .rows = 32, .table = 3, .filters = true, .certain = ABI_FIRST_PROCESS, .found = 1 },
	{ "a binary, two paths and beginnings", { BINARY(3, 5, 1, 4, 4), LOOK_UP(1, 0, 2, 4), LOOK_UP(1, 1, 3, 4), ACCEPT(4), END },
	  ABI_FIRST_PROCESS | ABI_FIRST_NAME, { 1 }, .rows = 32, .table = 3, .filters = true },
	{ "a binary, and a number that no step knows", { BINARY(3, 5, 1, 3, 3), COMPARE(MASK, 0, 2, 3, 7), ACCEPT(3), END }, ABI_FIRST_PROCESS,
	  .rows = 32, .table = 3 },
	{ "a binary, an address", { BINARY(3, 5, 1, 3, 3), ADDRESS(3, 0, 2, 3), ACCEPT(3), END }, ABI_FIRST_PROCESS | ABI_FIRST_SOCKET,
	  .rows = 32, .table = 3, .one_address = true, .certain = ABI_FIRST_PROCESS | ABI_FIRST_SOCKET, .part = ABI_PART_SOURCE,
	  .low = { 0x0a000000, 0xfe80000000000000 }, .span = { 3, 0x003fffffffffffff } },
	{ "an address that it comes from, and it goes to", { ADDRESS(3, 0, 1, 3), ADDRESS(3, ABI_LOOKUP_DESTINATION, 2, 3), ACCEPT(3), END },
	  ABI_FIRST_SOCKET, .one_address = true, .part = ABI_PART_SOURCE, .low = { 0x0a000000, 0xfe80000000000000 },
	  .span = { 3, 0x003fffffffffffff } },
	{ "two rows", { BINARY(3, 5, 1, 2, 2), ACCEPT(2), BINARY(3, 0, 3, 4, 4), ACCEPT(4), END }, ABI_FIRST_PROCESS, .rows = 33, .table = 3 },
	{ "a group of rows", { { ABI_OP_BINARY, ABI_WHO_PROCESS, 1, 3, 1, ABI_LOOKUP_ROWS(3, 9, 4, 6) }, BINARY(3, 5, 2, 3, 3), ACCEPT(3), END },
	  ABI_FIRST_PROCESS, .rows = 0x70, .table = 3 },
	{ "rows of two tables, one of which is enough", { BINARY(3, 5, 2, 1, 1), BINARY(4, 5, 2, 3, 3), ACCEPT(3), END }, 0 },
	{ "none of the binaries", { BINARY(3, 5, 2, 1, 2), ACCEPT(2), END }, 0 },
	{ "the parent's binary", { PARENT(3, 5, 1, 2), ACCEPT(2), END }, 0 },
	{ "a binary, and a path", { BINARY(3, 5, 1, 3, 3), LOOK_UP(1, 0, 2, 3), ACCEPT(3), END }, ABI_FIRST_PROCESS | ABI_FIRST_NAME, { 1 },
	  .rows = 32, .table = 3 },
	{ "a binary, or a path", { BINARY(3, 5, 2, 1, 1), LOOK_UP(1, 0, 2, 3), ACCEPT(3), END }, 0 },
	{ "an address that it comes from", { ADDRESS(3, 0, 1, 2), ACCEPT(2), END }, ABI_FIRST_SOCKET, .part = ABI_PART_SOURCE,
	  .low = { 0x0a000000, 0xfe80000000000000 }, .span = { 9, 0x003fffffffffffff } },
	{ "an address that it goes to", { ADDRESS(3, ABI_LOOKUP_DESTINATION, 1, 2), ACCEPT(2), END }, ABI_FIRST_SOCKET,
	  .part = ABI_PART_DESTINATION, .low = { 0x0a000000, 0xfe80000000000000 }, .span = { 9, 0x003fffffffffffff } },
	{ "all but addresses", { ADDRESS(3, 0, 2, 1), ACCEPT(2), END }, 0 },
	{ "a port", { COMPARE(EQUAL, 4, 1, 2, 80), ACCEPT(2), END }, ABI_FIRST_SOCKET, .part = ABI_PART_DESTINATION_PORT, .low = { 80 } },
	{ "ports of two selectors", { COMPARE(EQUAL, 4, 1, 2, 80), ACCEPT(2), COMPARE(EQUAL, 4, 3, 4, 90), ACCEPT(4), END }, ABI_FIRST_SOCKET,
	  .part = ABI_PART_DESTINATION_PORT, .low = { 80 }, .span = { 10 } },
	{ "a table of ports", { INTERVALS(4, 1, 2), ACCEPT(2), END }, ABI_FIRST_SOCKET, .part = ABI_PART_DESTINATION_PORT, .low = { 5 },
	  .span = { 195 } },
	{ "ports below", { COMPARE(LESS, 4, 1, 2, 1024), ACCEPT(2), END }, ABI_FIRST_SOCKET, .part = ABI_PART_DESTINATION_PORT, .span = { 1023 } },
	{ "all but a port", { COMPARE(EQUAL, 4, 2, 1, 80), ACCEPT(2), END }, 0 },
	{ "a port that never is", { COMPARE(EQUAL, 4, 1, 3, 80), COMPARE(EQUAL, 4, 2, 3, 90), ACCEPT(3), END }, ABI_FIRST_SOCKET,
	  .part = ABI_PART_DESTINATION_PORT, .low = { UINT64_MAX } },
	{ "a part that no step reads", { COMPARE(EQUAL, 5, 1, 2, 80), ACCEPT(2), END }, 0 },
	{ "a port behind an address: the address", { ADDRESS(3, 0, 1, 3), COMPARE(EQUAL, 4, 2, 3, 80), ACCEPT(3), END }, ABI_FIRST_SOCKET,
	  .part = ABI_PART_SOURCE, .low = { 0x0a000000, 0xfe80000000000000 }, .span = { 9, 0x003fffffffffffff } },
	{ "an address in one selector, a port in the other", { ADDRESS(3, 0, 1, 2), ACCEPT(2), COMPARE(EQUAL, 4, 3, 4, 80), ACCEPT(4), END }, 0 },
	{ "what leads to a socket", { ADDRESS(3, 0, 1, 2), ACCEPT(2), END }, 0, .socket = ABI_LOAD_SOCKET },
	{ "a port of what leads to a socket", { COMPARE(EQUAL, 4, 1, 2, 80), ACCEPT(2), END }, 0, .socket = ABI_LOAD_SOCKET },
	{ "a port of a packet", { COMPARE(EQUAL, 4, 1, 2, 80), ACCEPT(2), END }, 0, .socket = ABI_LOAD_SKB },
	{ "a jump on the way", { { ABI_OP_JUMP, 0, 1, 0, 0, 0 }, COMPARE(EQUAL, 4, 2, 3, 80), ACCEPT(3), END }, ABI_FIRST_SOCKET,
	  .part = ABI_PART_DESTINATION_PORT, .low = { 80 } },
};

static void put(uint8_t *image, uint32_t at, const void *bytes, size_t size)
{
	memcpy(image + at, bytes, size);
}

static void make_step_image(const struct step_row *row, uint8_t *image)
{
	const struct abi_slot slots[] = {
		{ ABI_LOAD_U64, ABI_SOURCE_ARGUMENT, 0, 0, 0 },
		{ row->path ? row->path : ABI_LOAD_FILE, row->source ? (uint8_t)row->source : ABI_SOURCE_ARGUMENT, 1, 0, 0, .chain = row->chain },
		{ ABI_LOAD_PATH, ABI_SOURCE_ARGUMENT, 2, 0, 0 }, { row->socket ? row->socket : ABI_LOAD_SOCK, ABI_SOURCE_ARGUMENT, 3, 0, 0 },
		{ ABI_LOAD_PART, ABI_SOURCE_SLOT, 3, 0, ABI_PART_DESTINATION_PORT }, { ABI_LOAD_PART, ABI_SOURCE_SLOT, 3, 0, ABI_PART_MARK },
	};
	const struct abi_hook hook = { .program = PROGRAM_AT, .record_count = STEP_RECORDS, .flags = row->flags, .slot_count = 6 };
	const struct abi_address_table addresses = { V4_AT, V6_AT };
	const struct abi_interval v4[] = { { 0x0a000000, 0x0a000003, 1 }, { 0x0a000008, 0x0a000009, 1 } }, ports[] = { { 5, 9, 1 }, { 100, 200, 1 } };
	const struct abi_interval128 v6 = { 0xfe80000000000000, 0, 0xfebfffffffffffff, UINT64_MAX, 1 };
	const struct abi_accept accept = { .flags = row->kills };
	struct abi_record records[STEP_RECORDS];
	const uint32_t one = 1, two = 2;

	memset(image, 0, IMAGE_SIZE);
	((struct abi_image *)image)->hook_offset[HOOK_ID] = HOOK_AT;
	put(image, HOOK_AT, &hook, sizeof(hook));
	put(image, HOOK_AT + offsetof(struct abi_hook, slots), slots, sizeof(slots));
	memcpy(records, row->records, sizeof(records));
	for (uint32_t n = 0; n < STEP_RECORDS; n++)
		if (records[n].op == ABI_OP_ACCEPT)
			records[n].operand = ACCEPT_AT;
	put(image, PROGRAM_AT, records, sizeof(records));
	put(image, ACCEPT_AT, &accept, sizeof(accept));
	for (uint32_t n = 0; n < 3; n++) {
		const uint32_t filter = TABLE_AT + n * TABLE_STEP + FILTER_AT;
		const struct abi_string_table table = { .names = n < 2 ? filter : 0, .filter = row->filters ? filter : 0 };

		put(image, TABLE_AT + n * TABLE_STEP, &table, sizeof(table));
	}
	put(image, ADDRESSES_AT, &addresses, sizeof(addresses));
	put(image, V4_AT, row->one_address ? &one : &two, sizeof(two));
	put(image, V4_AT + sizeof(struct abi_interval_table), v4, sizeof(v4));
	put(image, V6_AT, &one, sizeof(one));
	put(image, V6_AT + sizeof(struct abi_interval128_table), &v6, sizeof(v6));
	put(image, INTERVALS_AT, &two, sizeof(two));
	put(image, INTERVALS_AT + sizeof(struct abi_interval_table), ports, sizeof(ports));
}

static void steps(void **state)
{
	uint64_t words[IMAGE_SIZE / 8];
	struct abi_first first;

	(void)state;
	for (size_t n = 0; n < sizeof(step_rows) / sizeof(*step_rows); n++) {
		const struct step_row *row = &step_rows[n];
		const struct abi_hook *hook = (const void *)((uint8_t *)words + HOOK_AT);

		make_step_image(row, (uint8_t *)words);
		image_first(words, IMAGE_SIZE, HOOK_ID, &first);
		print_message("# %s\n", row->shows);
		assert_int_equal(first.steps, row->steps | ABI_FIRST_CERTAIN(row->certain));
		assert_int_equal(first.posts, row->certain || row->found ? ACCEPT_AT : 0);
		assert_true(first.found == (row->found ? row->records[row->found - 1].operand : 0));
		for (uint32_t name = 0; name < ABI_FIRST_NAMES; name++)
			assert_int_equal(first.names[name], row->names[name] ? TABLE_AT + (row->names[name] - 1) * TABLE_STEP + FILTER_AT : 0);
		assert_true(first.name == (row->names[0] ? *(const uint64_t *)&hook->slots[1] : 0));
		assert_true(first.process_rows == row->rows);
		assert_int_equal(first.process_table, row->table);
		assert_int_equal(first.part, row->part);
		assert_true(first.socket == (row->part ? *(const uint64_t *)&hook->slots[3] : 0));
		for (uint32_t family = 0; family < 2; family++) {
			assert_true(first.part_low[family] == row->low[family]);
			assert_true(first.part_span[family] == row->span[family]);
		}
	}
}

static void absent_hook(void **state)
{
	static const struct abi_first none;
	uint64_t words[IMAGE_SIZE / 8];
	struct abi_first first;

	(void)state;
	make_image(&rows[0], (uint8_t *)words);
	image_first(words, IMAGE_SIZE, HOOK_ID + 1, &first);
	assert_memory_equal(&first, &none, sizeof(none));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(first_tests), cmocka_unit_test(plain_events), cmocka_unit_test(plain_needs_exact_test),
		cmocka_unit_test(text_tests), cmocka_unit_test(pattern_tests), cmocka_unit_test(component_tests),
		cmocka_unit_test(steps),
		cmocka_unit_test(absent_hook),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
