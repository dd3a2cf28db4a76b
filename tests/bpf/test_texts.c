// SPDX-License-Identifier: Apache-2.0
/*
 * test_texts.c - a hook whose decision begins with a text: what no filter lets through is neither counted nor decided, nor is what is in
 * no table when that is all there is to decide; everything else is decided as ever.  A table of few patterns has no filter there: the text is
 * held against each.  TAP; needs root.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tests/bpf/programs.h"
#include "tests/bpf/rig.h"
#include "tests/bpf/tap.h"

#define NUMBER	7u	/* that the second program wants */

#define PATTERN(kind, text) { ABI_STRING_##kind, sizeof(text) - 1, (const uint8_t *)(text), 1 }

static const struct test_pattern patterns[] = {
	PATTERN(PREFIX, "/etc/shadow"), PATTERN(PREFIX, "/usr/lib/modules/"), PATTERN(PREFIX, "/x"),
	PATTERN(EXACT, "/etc/passwd"), PATTERN(EXACT, "ab"), PATTERN(EXACT, "/var/lib/secret/key"),
};
enum { PATTERNS = sizeof(patterns) / sizeof(*patterns) };

/* Which of them a table has: more than are held against a text one by one, or as many, or one. */
static const struct set { uint32_t first, count; const char *shows; } all = { 0, PATTERNS, "" };
static const struct set few[] = {
	{ 0, ABI_FIRST_PATTERNS, "of the first four, " }, { PATTERNS - ABI_FIRST_PATTERNS, ABI_FIRST_PATTERNS, "of the last four, " },
	{ 1, 1, "of a prefix, " }, { 5, 1, "of a whole one, " },
};

static char long_match[2 * ABI_STRING_MAX], long_like[2 * ABI_STRING_MAX], long_other[2 * ABI_STRING_MAX];

static const struct row {
	const char *shows, *text;
	bool passes, matches;		/* the filter; and the tables */
	uint32_t by;			/* number of the pattern */
	bool unreadable, cut;
} rows[] = {
	{ "a prefix", "/etc/shadow-", .passes = true, .matches = true },
	{ "a prefix and nothing else", "/usr/lib/modules/", .passes = true, .matches = true, .by = 1 },
	{ "as long as the prefix, whose last byte it has not", "/usr/lib/modules-", .passes = true },
	{ "one byte less than the prefix, whose first 16 it has", "/usr/lib/modules", .passes = true },
	{ "one byte less than what counts of the prefix", "/usr/lib/module" },
	{ "an exact one", "/etc/passwd", .passes = true, .matches = true, .by = 3 },
	{ "longer than the exact one", "/etc/passwd-", .passes = true },
	{ "as long, and another", "/etc/hosts-" },
	{ "begins like none", "/home/user/.bashrc" },
	{ "a longer exact one", "/var/lib/secret/key", .passes = true, .matches = true, .by = 5 },
	{ "as long, but for its last byte", "/var/lib/secret/kex", .passes = true },
	{ "longer than it", "/var/lib/secret/keys", .passes = true },
	{ "shorter than it", "/var/lib/secret/ke", .passes = true },
	{ "short and exact", "ab", .passes = true, .matches = true, .by = 4 },
	{ "begins like the short one", "abc", .passes = true },
	{ "shorter than all", "a" },
	{ "empty", "" },
	{ "a short prefix", "/xyz", .passes = true, .matches = true, .by = 2 },
	{ "more than is read, with a prefix", long_match, .passes = true, .matches = true, .cut = true },
	{ "more than is read, which begins as a prefix does, but for a byte", long_like, .passes = true, .cut = true },
	{ "more than is read", long_other, .cut = true },
	{ "unreadable: for the decision to say", (const char *)8, .passes = true, .unreadable = true },
};

static struct rig rig;

enum number { NONE, BEFORE, BEHIND };

/*
 * The number that is asked for first, if one is; then the text; a number behind it; then the event.  Of the rows of postfixes it is not known whether
 * a text has them that goes on behind what is read.
 */
static void apply(enum number number, const struct set *set, uint64_t postfix_rows)
{
	static const uint32_t no_flags;
	const uint16_t first = number == BEFORE, end = 2 + (number != NONE);
	struct abi_hook hook = { .id = RIG_HOOK, .record_count = end + 1, .slot_count = 2 };
	struct abi_accept accept = { .report_slots = 1 };
	const struct abi_record compare = { .op = ABI_OP_EQUAL, .slot = 1, .no = end, .unknown = end, .operand = NUMBER };
	struct abi_record records[4] = { compare, compare };
	struct image_builder builder;
	uint32_t table;

	builder_init(&builder);
	builder_policies(&builder, &no_flags, 1);
	if (builder.used & 8)	/* every other table's filter lets everything through */
		builder_reserve(&builder, 8);
	table = builder_strings(&builder, patterns + set->first, set->count);
	((struct abi_string_table *)(builder.bytes + table))->postfix_rows = postfix_rows;
	records[0].yes = 1;
	records[1].yes = 2;
	records[first] = (struct abi_record){ .op = ABI_OP_STRING, .yes = first + 1, .no = end, .unknown = end,
					       .operand = ABI_LOOKUP(table, 0, 0) };
	records[end - 1] = (struct abi_record){ .op = ABI_OP_ACCEPT, .yes = end, .operand = builder_accept(&builder, &accept) };
	records[end] = (struct abi_record){ .op = ABI_OP_END };
	hook.slots[0] = (struct abi_slot){ .load = ABI_LOAD_STRING, .source = ABI_SOURCE_ARGUMENT };
	hook.slots[1] = (struct abi_slot){ .load = ABI_LOAD_U64, .source = ABI_SOURCE_ARGUMENT, .index = 1 };
	builder_hook(&builder, &hook, records);
	builder_finish(&builder);
	rig_apply(&rig, &builder);
	builder_release(&builder);
}

static bool decides(const struct row *row, uint64_t number, bool passes)
{
	const uint64_t arguments[RIG_ARGUMENTS] = { (uint64_t)(uintptr_t)row->text, number };
	const bool matches = passes && row->matches;
	struct abi_counters counted;

	if (rig_run(&rig, arguments))
		return false;
	counted = rig_counted(&rig);
	if (counted.seen == passes && counted.matched == matches && counted.posted == matches && rig.event_count == matches &&
	    counted.errors[ABI_ERROR_UNREADABLE] == (passes && row->unreadable))
		return true;
	tap_say("seen %u, matched %u, unreadable %u", (unsigned)counted.seen, (unsigned)counted.matched,
		(unsigned)counted.errors[ABI_ERROR_UNREADABLE]);
	return false;
}

/* Where the look-up is all there is to decide, it is part of the test. */
static bool decided_passes(const struct row *row)
{
	return row->matches || row->unreadable;
}

static void texts_are_tested(void)
{
	for (size_t n = 0; n < sizeof(rows) / sizeof(*rows); n++)
		tap_ok(decides(&rows[n], 0, decided_passes(&rows[n])), "a text alone: %s", rows[n].shows);
}

static void numbers_come_first(void)
{
	for (size_t n = 0; n < sizeof(rows) / sizeof(*rows); n++) {
		tap_ok(decides(&rows[n], NUMBER, decided_passes(&rows[n])), "behind its number: %s", rows[n].shows);
		tap_ok(decides(&rows[n], NUMBER + 1, false), "behind another number: %s", rows[n].shows);
	}
}

static void numbers_come_then(void)
{
	for (size_t n = 0; n < sizeof(rows) / sizeof(*rows); n++) {
		struct row other = rows[n];

		tap_ok(decides(&rows[n], NUMBER, rows[n].passes), "before its number: %s", rows[n].shows);
		other.matches = false;
		tap_ok(decides(&other, NUMBER + 1, rows[n].passes), "before another number: %s", rows[n].shows);
	}
}

/* Few patterns are all that is looked up: what they do not find is refused, whatever else would follow; but for what is not whole. */
static void few_are_compared(const struct set *set)
{
	for (size_t n = 0; n < sizeof(rows) / sizeof(*rows); n++) {
		struct row row = rows[n];

		row.matches &= row.by - set->first < set->count;
		apply(NONE, set, 0);
		tap_ok(decides(&row, 0, decided_passes(&row)), "%sa text alone: %s", set->shows, row.shows);
		apply(BEHIND, set, 0);
		tap_ok(decides(&row, NUMBER, decided_passes(&row) || row.cut), "%sbefore its number: %s", set->shows, row.shows);
	}
}

/*
 * A look-up that does not know is no match, and told.  No table of the compiler's leads there, since one with postfixes has no test: so this one says of its
 * row that it has some, and has none.
 */
static void doubts_are_told(void)
{
	static const struct { const char *shows, *text; bool seen, matches, doubt; } doubts[] = {
		{ "more than is read, which may end as it should", long_like, true, false, true },
		{ "more than is read, with a prefix", long_match, true, true, false },
		{ "all of it is read", "/etc/shado-", false, false, false },
	};

	for (size_t n = 0; n < sizeof(doubts) / sizeof(*doubts); n++) {
		const uint64_t arguments[RIG_ARGUMENTS] = { (uint64_t)(uintptr_t)doubts[n].text };
		const bool ran = !rig_run(&rig, arguments);
		const struct abi_counters counted = rig_counted(&rig);

		if (!tap_ok(ran && counted.seen == doubts[n].seen && counted.matched == doubts[n].matches && rig.event_count == doubts[n].matches &&
				    counted.errors[ABI_ERROR_CUT] == doubts[n].doubt,
			    "a text alone, in doubt: %s", doubts[n].shows))
			tap_say("seen %u, matched %u, cut %u", (unsigned)counted.seen, (unsigned)counted.matched, (unsigned)counted.errors[ABI_ERROR_CUT]);
	}
}

/* Sixteen bytes from there on cannot be read, and need not be. */
static void end_of_memory(void)
{
	const long page = sysconf(_SC_PAGESIZE);
	char *pages = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct row row = { .passes = true, .matches = true };

	if (pages == MAP_FAILED || munmap(pages + page, page)) {
		tap_ok(false, "a page before a hole is made");
		return;
	}
	row.text = strcpy(pages + page - 3, "ab");
	tap_ok(decides(&row, NUMBER, true), "a text at the end of memory");
	munmap(pages, page);
}

int main(void)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	programs_allow();
	memset(long_match, 'y', sizeof(long_match) - 1);
	memset(long_like, 'y', sizeof(long_like) - 1);
	memset(long_other, 'q', sizeof(long_other) - 1);
	memcpy(long_match, "/etc/shadow", 11);
	memcpy(long_like, "/etc/shado", 10);
	if (tap_ok(!rig_open(&rig), "the raw tracepoint program loads")) {
		apply(NONE, &all, 0);
		texts_are_tested();
		apply(NONE, &all, 1);
		doubts_are_told();
		apply(BEFORE, &all, 0);
		numbers_come_first();
		end_of_memory();
		apply(BEHIND, &all, 0);
		numbers_come_then();
		for (size_t n = 0; n < sizeof(few) / sizeof(*few); n++)
			few_are_compared(&few[n]);
		rig_close(&rig);
	}
	return tap_done();
}
