// SPDX-License-Identifier: Apache-2.0
/*
 * test_decisions.c - the kernel's engine, the matcher in tetra and a plain oracle must give the same answers.
 *
 * Images made by hand for each thing that can go wrong, then images and values made at random.  TAP; needs root.
 *   test_decisions [SEED [ROUNDS]]
 */
#include <bpf/libbpf.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/bpf/decision.h"
#include "tests/bpf/programs.h"
#include "tests/bpf/random_decisions.h"
#include "tests/bpf/tap.h"

/* ---- Cases with a name ---- */

struct integer_row {
	const char *name;
	unsigned load, op;
	uint64_t raw, operand;
	unsigned answer;	/* accept that is expected */
};

static const struct integer_row integer_rows[] = {
	{ "u8 is the low byte", ABI_LOAD_U8, ABI_OP_EQUAL, 0xfffffffffffffff1, 0xf1, 0 },
	{ "s8 extends its sign", ABI_LOAD_S8, ABI_OP_EQUAL, 0x12f1, -15ULL, 0 },
	{ "u16 is the low two bytes", ABI_LOAD_U16, ABI_OP_EQUAL, 0xffffffffffff8001, 0x8001, 0 },
	{ "s16 extends its sign", ABI_LOAD_S16, ABI_OP_LESS_SIGNED, 0x8001, 0, 0 },
	{ "u32 is the low four bytes", ABI_LOAD_U32, ABI_OP_EQUAL, 0x5ffffffff, 0xffffffff, 0 },
	{ "s32 extends its sign", ABI_LOAD_S32, ABI_OP_EQUAL, 0xffffffff, -1ULL, 0 },
	{ "u64 is all of it", ABI_LOAD_U64, ABI_OP_EQUAL, -2ULL, -2ULL, 0 },
	{ "s64 is all of it", ABI_LOAD_S64, ABI_OP_LESS_SIGNED, -2ULL, -1ULL, 0 },
	{ "less is unsigned", ABI_LOAD_S64, ABI_OP_LESS, -2ULL, 5, 1 },
	{ "less is not equal", ABI_LOAD_U64, ABI_OP_LESS, 5, 5, 1 },
	{ "greater is unsigned", ABI_LOAD_S64, ABI_OP_GREATER, -2ULL, 5, 0 },
	{ "greater is not equal", ABI_LOAD_U64, ABI_OP_GREATER, 5, 5, 1 },
	{ "greater can be signed", ABI_LOAD_S64, ABI_OP_GREATER_SIGNED, -2ULL, 5, 1 },
	{ "greater signed over zero", ABI_LOAD_S64, ABI_OP_GREATER_SIGNED, 6, -5ULL, 0 },
	{ "mask needs one bit", ABI_LOAD_U64, ABI_OP_MASK, 0x8000000000000001, 1ULL << 63, 0 },
	{ "mask without a bit", ABI_LOAD_U64, ABI_OP_MASK, 6, 9, 1 },
	{ "an unknown operation ends the decision", ABI_LOAD_U64, 200, 0, 0, 3 },
};

static void test_integers(struct rig *rig)
{
	const struct integer_row *row;
	struct test_case test;
	const char *wrong;
	size_t i;

	for (i = 0; i < sizeof(integer_rows) / sizeof(*integer_rows); i++) {
		row = &integer_rows[i];
		case_begin(&test);
		add_slot(&test, row->load, ABI_SOURCE_ARGUMENT, 5);
		one_predicate(&test, row->op, 0, row->operand, 1);
		test.arguments[5] = row->raw;
		test.slots[0].number = match_extend(row->load, row->raw);
		case_finish(&test, rig);
		if (row->answer == 3) {	/* the oracle knows no such thing */
			rig_run(rig, test.arguments);
			tap_ok(!native_decide(&test) && !rig->event_count, "%s", row->name);
		} else {
			wrong = check(rig, &test);
			tap_ok(!wrong && rig->event_count == 1 &&
				       rig->events[0].event->selector == row->answer,
			       "%s%s%s", row->name, wrong ? ": " : "", wrong ? wrong : "");
		}
		case_release(&test);
	}
}

struct string_row {
	const char *name;
	struct test_pattern pattern;
	const char *value;
	int64_t length;		/* of the value: -1 for strlen, else the value is repeated up to there */
	unsigned answer;
};
#define PATTERN(kind_, text) { .kind = ABI_STRING_##kind_, .length = sizeof(text) - 1, \
			       .bytes = (const uint8_t *)(text), .rows = 1ULL << 63 }

static const struct string_row string_rows[] = {
	{ "equal", PATTERN(EXACT, "/etc/shadow"), "/etc/shadow", -1, 0 },
	{ "equal wants all of it", PATTERN(EXACT, "/etc/shadow"), "/etc/shadow2", -1, 1 },
	{ "equal wants no less", PATTERN(EXACT, "/etc/shadow"), "/etc/shado", -1, 1 },
	{ "equal of 8 bytes", PATTERN(EXACT, "/etc/abc"), "/etc/abc", -1, 0 },
	{ "equal to the empty string", PATTERN(EXACT, ""), "", -1, 0 },
	{ "the empty string only", PATTERN(EXACT, ""), "x", -1, 1 },
	{ "prefix", PATTERN(PREFIX, "/etc/"), "/etc/shadow", -1, 0 },
	{ "prefix of 8 bytes", PATTERN(PREFIX, "/usr/bin"), "/usr/bin/id", -1, 0 },
	{ "prefix of 9 bytes", PATTERN(PREFIX, "/usr/bin/"), "/usr/bin/id", -1, 0 },
	{ "prefix is the whole", PATTERN(PREFIX, "/etc/"), "/etc/", -1, 0 },
	{ "prefix longer than the string", PATTERN(PREFIX, "/etc/"), "/etc", -1, 1 },
	{ "not a prefix", PATTERN(PREFIX, "/etc/"), "/usr/etc/", -1, 1 },
	{ "empty prefix", PATTERN(PREFIX, ""), "", -1, 0 },
	{ "postfix", PATTERN(POSTFIX, ".so"), "/lib/libc.so", -1, 0 },
	{ "postfix of 8 bytes", PATTERN(POSTFIX, "/libc.so"), "/lib/libc.so", -1, 0 },
	{ "postfix of 11 bytes", PATTERN(POSTFIX, "lib/libc.so"), "/lib/libc.so", -1, 0 },
	{ "postfix is the whole", PATTERN(POSTFIX, "/lib/libc.so"), "/lib/libc.so", -1, 0 },
	{ "postfix longer than the string", PATTERN(POSTFIX, ".so"), "so", -1, 1 },
	{ "not a postfix", PATTERN(POSTFIX, ".so"), "/lib/libc.so.6", -1, 1 },
	{ "empty postfix", PATTERN(POSTFIX, ""), "x", -1, 0 },
	{ "longest string that is read whole", PATTERN(POSTFIX, "abc"), "abc", 4095, 0 },
	{ "postfix of a string that was cut", PATTERN(POSTFIX, "abc"), "abc", 4096, 2 },
	{ "prefix of a string that was cut", PATTERN(PREFIX, "abcabc"), "abc", 9000, 0 },
	{ "not a prefix of a string that was cut", PATTERN(PREFIX, "abcabb"), "abc", 9000, 1 },
	{ "equal to no string that was cut", PATTERN(EXACT, "abc"), "abc", 9000, 1 },
};

static char *repeated(const char *text, int64_t length)
{
	size_t unit = strlen(text), i;
	char *copy;

	if (length < 0)
		length = unit;
	copy = malloc(length + 1);
	for (i = 0; i < (size_t)length; i++)
		copy[i] = text[i % unit];
	copy[length] = 0;
	return copy;
}

static void test_strings(struct rig *rig)
{
	const struct string_row *row;
	struct test_case test;
	const char *wrong;
	uint32_t table;
	char *value;
	size_t i;

	for (i = 0; i < sizeof(string_rows) / sizeof(*string_rows); i++) {
		row = &string_rows[i];
		case_begin(&test);
		add_slot(&test, ABI_LOAD_STRING, ABI_SOURCE_ARGUMENT, 2);
		table = builder_strings(&test.builder, &row->pattern, 1);
		one_predicate(&test, ABI_OP_STRING, 0, ABI_LOOKUP(table, 31, 63), 1);
		value = repeated(row->value, row->length);
		set_string(&test, 0, 2, value, strlen(value));
		case_finish(&test, rig);
		wrong = check(rig, &test);
		tap_ok(!wrong && rig->event_count == 1 &&
			       rig->events[0].event->selector == row->answer,
		       "string: %s%s%s", row->name, wrong ? ": " : "", wrong ? wrong : "");
		free(value);
		case_release(&test);
	}
}

/* One text, where the table has whole ones alone: the one itself, another one as long, and one byte less. */
static bool is_found_alone(struct rig *rig, uint32_t length, uint32_t value_length, bool changed, unsigned answer)
{
	char *text = repeated("a whole text, of words ", length), *value = repeated("a whole text, of words ", value_length);
	const struct test_pattern pattern = { ABI_STRING_EXACT, length, (const uint8_t *)text, 1ULL << 63 };
	struct test_case test;
	const char *wrong;
	bool found;

	if (changed)
		value[value_length - 1] ^= 1;
	case_begin(&test);
	add_slot(&test, ABI_LOAD_STRING, ABI_SOURCE_ARGUMENT, 2);
	one_predicate(&test, ABI_OP_STRING, 0, ABI_LOOKUP(builder_strings(&test.builder, &pattern, 1), 31, 63), 1);
	set_string(&test, 0, 2, value, value_length);
	case_finish(&test, rig);
	wrong = check(rig, &test);
	found = !wrong && rig->event_count == 1 && rig->events[0].event->selector == answer;
	if (!found)
		tap_say("length %u of %u: %s", value_length, length, wrong ? wrong : "another answer");
	case_release(&test);
	free(text);
	free(value);
	return found;
}

static void test_whole_strings(struct rig *rig)
{
	static const uint32_t lengths[] = { 1, 2, 7, 8, 9, 15, 16, 17, 63, 64, 65, 1023, 1024, 1025, 1032, 2047, 2048, 2049, 4088, 4094, 4095 };
	bool same = true;

	for (size_t n = 0; n < sizeof(lengths) / sizeof(*lengths); n++)
		same = is_found_alone(rig, lengths[n], lengths[n], false, 0) && is_found_alone(rig, lengths[n], lengths[n], true, 1) &&
		       is_found_alone(rig, lengths[n], lengths[n] - 1, false, 1) && same;
	tap_ok(same, "strings of 1 to 4,095 bytes, in tables of whole ones");
}

/* What the first test of a text found out is about one table: what is in both is found in the other, too, where longer patterns are. */
static void test_two_tables(struct rig *rig)
{
	static const struct test_pattern near = PATTERN(PREFIX, "/u"), far = PATTERN(PREFIX, "/usr/lib/modules/");
	static const char value[] = "/usr/lib/modules/one.ko";
	uint32_t tables[2];
	struct test_case test;
	const char *wrong;

	case_begin(&test);
	add_slot(&test, ABI_LOAD_STRING, ABI_SOURCE_ARGUMENT, 2);
	tables[0] = builder_strings(&test.builder, &near, 1);
	tables[1] = builder_strings(&test.builder, &far, 1);
	case_accepts(&test, 2, 1);
	add_record(&test, ABI_OP_STRING, 0, ABI_LOOKUP(tables[0], 0, 63), 1, 2, 2);
	add_record(&test, ABI_OP_ACCEPT, 0, test.builder.accepts, 2, 0, 0);
	add_record(&test, ABI_OP_STRING, 0, ABI_LOOKUP(tables[1], 1, 63), 3, 4, 4);
	add_record(&test, ABI_OP_ACCEPT, 0, test.builder.accepts + sizeof(struct abi_accept), 4, 0, 0);
	add_record(&test, ABI_OP_END, 0, 0, 0, 0, 0);
	set_string(&test, 0, 2, value, strlen(value));
	case_finish(&test, rig);
	wrong = check(rig, &test);
	tap_ok(!wrong && rig->event_count == 2, "string: in two tables%s%s", wrong ? ": " : "", wrong ? wrong : "");
	case_release(&test);
}

/* A value that is not reported is not in the event, also when it was in the one before it. */
static void test_unreported(struct rig *rig)
{
	static const struct { const char *shows; uint32_t slots; } reports[] = { { "both are", 3 }, { "the first alone is", 1 } };
	static const struct test_pattern all = PATTERN(PREFIX, "/usr/");
	struct test_case test;
	const char *wrong;

	for (size_t n = 0; n < sizeof(reports) / sizeof(*reports); n++) {
		case_begin(&test);
		add_slot(&test, ABI_LOAD_STRING, ABI_SOURCE_ARGUMENT, 2);
		add_slot(&test, ABI_LOAD_U64, ABI_SOURCE_ARGUMENT, 5);
		one_predicate(&test, ABI_OP_STRING, 0, ABI_LOOKUP(builder_strings(&test.builder, &all, 1), 0, 63), reports[n].slots);
		set_string(&test, 0, 2, "/usr/bin/id", strlen("/usr/bin/id"));
		test.arguments[5] = test.slots[1].number = 4242;
		case_finish(&test, rig);
		wrong = check(rig, &test);
		tap_ok(!wrong && rig->event_count == 1, "of two values, %s reported%s%s", reports[n].shows, wrong ? ": " : "", wrong ? wrong : "");
		case_release(&test);
	}
}

/* Every load kind that ends in memory, at an address that has none, must leave every predicate unknown. */
static void test_faults(struct rig *rig)
{
	static const struct { const char *name; unsigned load; uint64_t address; } rows[] = {
		{ "a string at address 0", ABI_LOAD_STRING, 0 },
		{ "a string at an unmapped user address", ABI_LOAD_STRING, 0x10000 },
		{ "a string at an unmapped kernel address", ABI_LOAD_STRING, 0xffff000000000000 },
		{ "a socket address at address 0", ABI_LOAD_SOCKADDR, 0 },
		{ "a file at address 0", ABI_LOAD_FILE, 0 },
		{ "a file at a user address", ABI_LOAD_FILE, (uint64_t)integer_rows },
		{ "a path at address 0", ABI_LOAD_PATH, 0 },
		{ "a filename at address 0", ABI_LOAD_FILENAME, 0 },
		{ "a binprm at address 0", ABI_LOAD_BINPRM, 0 },
		{ "a kind that does not exist", 99, 0 },
	};
	static const unsigned ops[] = { ABI_OP_EQUAL, ABI_OP_INTERVALS, ABI_OP_STRING, ABI_OP_ADDRESS };
	static const struct test_pattern all = PATTERN(PREFIX, "");
	static const struct test_interval everything = { 0, -1ULL, 1 };
	struct test_case test;
	const char *wrong;
	uint32_t table;
	size_t i, j;

	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		wrong = NULL;
		for (j = 0; j < sizeof(ops) / sizeof(*ops) && !wrong; j++) {
			case_begin(&test);
			add_slot(&test, rows[i].load, ABI_SOURCE_ARGUMENT, 0);
			table = ops[j] == ABI_OP_INTERVALS
					? builder_intervals(&test.builder, &everything, 1, false)
					: builder_strings(&test.builder, &all, 1);
			one_predicate(&test, ops[j], 0,
				      ops[j] == ABI_OP_EQUAL ? 0 : ABI_LOOKUP(table, 0, 0), 1);
			test.arguments[0] = rows[i].address;
			test.slots[0].readable = TEST_FAULT;
			case_finish(&test, rig);
			wrong = check(rig, &test);
			if (!wrong && (rig->event_count != 1 || rig->events[0].event->selector != 2))
				wrong = "is not unknown";
			case_release(&test);
		}
		tap_ok(!wrong, "unreadable: %s%s%s", rows[i].name, wrong ? ": " : "",
		       wrong ? wrong : "");
	}
}

/* ---- Limits ---- */

static void test_accepts(struct rig *rig)
{
	struct test_case test;
	const char *wrong;
	unsigned i;

	case_begin(&test);
	add_slot(&test, ABI_LOAD_U64, ABI_SOURCE_ARGUMENT, 0);
	case_accepts(&test, ABI_ACCEPTS_MAX + 8, 1);
	for (i = 0; i < ABI_ACCEPTS_MAX + 8; i++)
		add_record(&test, ABI_OP_ACCEPT, 0,
			   test.builder.accepts + i * sizeof(struct abi_accept), i + 1, 0, 0);
	add_record(&test, ABI_OP_END, 0, 0, 0, 0, 0);
	case_finish(&test, rig);
	wrong = check(rig, &test);
	tap_ok(!wrong && rig->event_count == ABI_ACCEPTS_MAX, "128 accepts of one event, and no more%s%s",
	       wrong ? ": " : "", wrong ? wrong : "");
	case_release(&test);
}

static void test_longest_program(struct rig *rig)
{
	struct test_case test;
	const char *wrong;
	unsigned i;

	case_begin(&test);
	add_slot(&test, ABI_LOAD_U64, ABI_SOURCE_ARGUMENT, 0);
	case_accepts(&test, 1, 1);
	for (i = 0; i < ABI_RECORDS_MAX - 2; i++)
		add_record(&test, ABI_OP_EQUAL, 0, i + 1, ABI_RECORDS_MAX - 1, i + 1, 0);
	add_record(&test, ABI_OP_ACCEPT, 0, test.builder.accepts, i + 1, 0, 0);
	add_record(&test, ABI_OP_END, 0, 0, 0, 0, 0);
	case_finish(&test, rig);
	wrong = check(rig, &test);
	tap_ok(!wrong && rig->event_count == 1, "8192 records, one after the other%s%s",
	       wrong ? ": " : "", wrong ? wrong : "");
	test.arguments[0] = test.slots[0].number = 8000;
	wrong = check(rig, &test);
	tap_ok(!wrong && !rig->event_count, "8000 records and out%s%s", wrong ? ": " : "",
	       wrong ? wrong : "");
	case_release(&test);
}

/* Five strings of full length in one event, and a sixth that finds no room. */
static void test_many_bytes(struct rig *rig)
{
	static const struct test_pattern end = PATTERN(POSTFIX, "xyz");
	struct test_case test;
	char *values[6];
	const char *wrong;
	uint32_t table;
	unsigned i;

	case_begin(&test);
	table = builder_strings(&test.builder, &end, 1);
	case_accepts(&test, 1, 0x3f);
	for (i = 0; i < 6; i++) {
		values[i] = repeated("wxyz", i < 5 ? 4092 : 8);
		add_slot(&test, ABI_LOAD_STRING, ABI_SOURCE_ARGUMENT, i);
		set_string(&test, i, i, values[i], strlen(values[i]));
		add_record(&test, ABI_OP_STRING, i, ABI_LOOKUP(table, i, 63), i + 1, 7, i == 5 ? 6 : 7);
	}
	add_record(&test, ABI_OP_ACCEPT, 0, test.builder.accepts, 7, 0, 0);
	add_record(&test, ABI_OP_END, 0, 0, 0, 0, 0);
	case_finish(&test, rig);
	test.hook.slot_count = 5;
	rig_run(rig, test.arguments);
	native_decide(&test);
	wrong = rig->event_count != 1 ? "no event" : NULL;
	for (i = 0; i < 5 && !wrong; i++)
		if (!slot_is_right(&rig->events[0], i, &test.slots[i]))
			wrong = "a string is wrong";
	if (!wrong && rig->events[0].event->slots[5].state != ABI_SLOT_NO_SPACE)
		wrong = "the sixth string";
	tap_ok(!wrong && native_decide(&test) == 1, "five long strings and no room for a sixth%s%s",
	       wrong ? ": " : "", wrong ? wrong : "");
	for (i = 0; i < 6; i++)
		free(values[i]);
	case_release(&test);
}

static void test_scratch(struct rig *rig)
{
	static const unsigned counts[] = { 0, 1, RIG_CLAIMED - 1, RIG_CLAIMED };
	static const char *const names[] = { "all free", "one in use", "all but one in use", "all in use" };
	static const struct test_pattern root = PATTERN(PREFIX, "/");
	struct test_case test;
	const char *wrong;
	uint32_t table;
	unsigned used;

	case_begin(&test);
	add_slot(&test, ABI_LOAD_STRING, ABI_SOURCE_ARGUMENT, 0);
	table = builder_strings(&test.builder, &root, 1);
	one_predicate(&test, ABI_OP_STRING, 0, ABI_LOOKUP(table, 0, 63), 1);
	set_string(&test, 0, 0, "/tmp", 4);
	case_finish(&test, rig);
	for (used = 0; used < 4; used++) {
		if (rig_occupy(rig, counts[used])) {
			tap_ok(false, "scratch memory, %s: cannot be set up", names[used]);
			continue;
		}
		wrong = check(rig, &test);
		if (used == 3)
			wrong = rig->event_count ||
				rig_counted(rig).errors[ABI_ERROR_SCRATCH_BUSY] != 1 ? "not counted" : NULL;
		tap_ok(!wrong, "scratch memory, %s%s%s", names[used], wrong ? ": " : "",
		       wrong ? wrong : "");
	}
	rig_occupy(rig, 0);
	case_release(&test);
}

static void test_no_hook(struct rig *rig)
{
	struct test_case test;
	struct abi_counters counted;

	case_begin(&test);
	test.hook.id = RIG_HOOK + 1;
	case_finish(&test, rig);
	rig_run(rig, test.arguments);
	counted = rig_counted(rig);
	tap_ok(!counted.seen && !rig->event_count, "a hook that no policy uses is not even counted");
	case_release(&test);
}

static void keep_rows(struct abi_process_entry *process, uint64_t generation)
{
	process->binary_checks[0] = ABI_PROCESS_CHECK(ABI_PROCESS_KEY(generation, getpid(), process->start_time), process->binary_rows[0]);
}

/* Rows that are not of this image, of this process since its last exec, and in one piece, are not used. */
static void test_stale_rows(struct rig *rig, struct test_case *test, unsigned row)
{
	static const char *const names[] = { "of the image before", "of before an exec", "of two writers" };
	struct abi_process_entry process = test->process;
	const char *wrong;

	for (unsigned n = 0; n < 3; n++) {
		test->process = process;
		test->process.binary_rows[0] = ~(1ULL << row);
		keep_rows(&test->process, rig->generation - (n == 0));
		test->process.start_time += n == 1;
		test->process.binary_rows[0] ^= n == 2 ? 1ULL << 60 : 0;
		wrong = check(rig, test);
		tap_ok(!wrong, "binary %u: rows %s are found anew%s%s", row, names[n], wrong ? ": " : "", wrong ? wrong : "");
	}
	test->process = process;
}

/* The rows of the process's binary are kept, and found anew after a swap. */
static void test_binary(struct rig *rig)
{
	static const struct test_pattern patterns[] = {
		{ ABI_STRING_EXACT, 11, (const uint8_t *)"/usr/bin/id", 1 },
		{ ABI_STRING_PREFIX, 5, (const uint8_t *)"/usr/", 2 },
		{ ABI_STRING_PREFIX, 5, (const uint8_t *)"/opt/", 4 },
	};
	static const unsigned answers[] = { 0, 0, 1 };
	struct test_case test;
	const char *wrong;
	unsigned row;

	for (row = 0; row < 3; row++) {
		case_begin(&test);
		((struct abi_image *)test.builder.bytes)->binary_tables[0] =
			builder_strings(&test.builder, patterns, 3);
		add_slot(&test, ABI_LOAD_PID, ABI_SOURCE_TASK, 0);
		test.slots[0].number = getpid();
		one_predicate(&test, ABI_OP_BINARY, 0, ABI_LOOKUP(0, 0, row), 1);
		case_finish(&test, rig);
		wrong = check(rig, &test);
		tap_ok(!wrong, "binary %u: of a process without an entry, that which it runs%s%s", row, wrong ? ": " : "",
		       wrong ? wrong : "");
		test.has_process = true;
		wrong = check(rig, &test);
		tap_ok(!wrong, "binary %u: of a process without a path, that which it runs%s%s", row, wrong ? ": " : "",
		       wrong ? wrong : "");
		test.binary = (struct test_value){
			.bytes = (const uint8_t *)"/usr/bin/id", .length = 11, .has_bytes = true };
		test.process.path_length = 11;
		wrong = check(rig, &test);
		tap_ok(!wrong && rig->events[0].event->selector == answers[row], "binary %u%s%s", row,
		       wrong ? ": " : "", wrong ? wrong : "");
		test.process.binary_rows[0] = ~(1ULL << row);	/* wrong on purpose, to see it used */
		keep_rows(&test.process, rig->generation);
		rig_set_process(rig, &test.process, test.binary.bytes);
		rig_run(rig, test.arguments);
		tap_ok(rig->event_count == 1 && rig->events[0].event->selector == 1,
		       "binary %u: rows of this generation are used as they are", row);
		test_stale_rows(rig, &test, row);
		test.process.flags |= ABI_PROCESS_PATH_CUT;
		test.process.binary_checks[0] = 0;
		rig_set_process(rig, &test.process, test.binary.bytes);
		rig_run(rig, test.arguments);
		tap_ok(rig->event_count == 1 && rig->events[0].event->selector == (row == 1 ? 0 : 2),
		       "binary %u: unknown when the path was cut, unless its beginning is enough", row);
		case_release(&test);
	}
}

/* Where the binary is all there is to decide, and the first test knows it: by the rows of this generation alone. */
static void test_binary_alone(struct rig *rig)
{
	static const struct test_pattern id = { ABI_STRING_EXACT, 11, (const uint8_t *)"/usr/bin/id", 1 };
	struct test_case test;
	const char *wrong;

	case_begin(&test);
	((struct abi_image *)test.builder.bytes)->binary_tables[0] = builder_strings(&test.builder, &id, 1);
	case_accepts(&test, 1, 0);
	add_record(&test, ABI_OP_BINARY, 0, ABI_LOOKUP(0, 0, 0), 1, 2, 2);
	add_record(&test, ABI_OP_ACCEPT, 0, test.builder.accepts, 2, 0, 0);
	add_record(&test, ABI_OP_END, 0, 0, 0, 0, 0);
	case_finish(&test, rig);
	wrong = check(rig, &test);
	tap_ok(!wrong && !rig->event_count, "a binary alone: of a process without an entry, that which it runs%s%s", wrong ? ": " : "", wrong ? wrong : "");
	test.has_process = true;
	test.binary = (struct test_value){ .bytes = id.bytes, .length = 11, .has_bytes = true };
	test.process.path_length = 11;
	wrong = check(rig, &test);
	tap_ok(!wrong && rig->event_count == 1, "a binary alone: found%s%s", wrong ? ": " : "", wrong ? wrong : "");
	test.process.binary_rows[0] = 0;	/* wrong on purpose, to see it used */
	keep_rows(&test.process, rig->generation);
	rig_set_process(rig, &test.process, test.binary.bytes);
	rig_run(rig, test.arguments);
	tap_ok(!rig->event_count, "a binary alone: rows of this generation are used as they are");
	test.binary.bytes = (const uint8_t *)"/usr/bin/ed";
	test.process.binary_rows[0] = 1;	/* the same */
	keep_rows(&test.process, rig->generation);
	rig_set_process(rig, &test.process, test.binary.bytes);
	rig_run(rig, test.arguments);
	tap_ok(rig->event_count == 1, "a binary alone: also when that accepts");
	keep_rows(&test.process, rig->generation - 1);
	rig_set_process(rig, &test.process, test.binary.bytes);
	rig_run(rig, test.arguments);
	tap_ok(!rig->event_count, "a binary alone: rows of the image before are found anew");
	case_release(&test);
}

/* ---- Rate limits ---- */

/*
 * Events that a Post with a limit posts, of the values of argument 0 that are given; `milliseconds` lie between them, and the limit is one and a half
 * of that, or, where none lie between them, so long that no delay matters.
 */
static unsigned posted(struct rig *rig, uint32_t flags, const char *const *values, unsigned count, unsigned milliseconds)
{
	const struct abi_action post = { .op = ABI_ACTION_POST, .argument = milliseconds ? milliseconds * 3 / 2 : 3600000, .value = flags };
	struct abi_accept accept = { .report_slots = 3 };
	struct test_case test;
	unsigned n, events = 0;

	case_begin(&test);
	add_slot(&test, ABI_LOAD_STRING, ABI_SOURCE_ARGUMENT, 0);
	add_slot(&test, ABI_LOAD_U32, ABI_SOURCE_ARGUMENT, 1);
	test.builder.accepts = builder_accept_acting(&test.builder, &accept, post);
	test.builder.accept_count = 1;
	add_record(&test, ABI_OP_ACCEPT, 0, test.builder.accepts, 1, 0, 0);
	add_record(&test, ABI_OP_END, 0, 0, 0, 0, 0);
	case_finish(&test, rig);
	for (n = 0; n < count; n++) {
		set_string(&test, 0, 0, values[n], strlen(values[n]));
		rig_run(rig, test.arguments);
		events += rig->event_count;
		usleep(milliseconds * 1000);
	}
	case_release(&test);
	return events;
}

/* Whether another process posts what this one has. */
static bool others_post(struct rig *rig, uint32_t flags)
{
	static const char *const value[] = { "one" };
	uint64_t arguments[RIG_ARGUMENTS] = { (uint64_t)value[0] };
	pid_t child;
	int status = 0;

	if (posted(rig, flags, value, 1, 0) != 1)
		return false;
	child = fork();
	if (!child) {
		(void)*(volatile const char *)value[0];	/* its page may not be there yet: programs do not wait */
		rig_run(rig, arguments);
		_exit(rig->event_count);
	}
	waitpid(child, &status, 0);
	return WIFEXITED(status) && WEXITSTATUS(status) == 1;
}

static void test_rates(struct rig *rig)
{
	static const char *const same[] = { "one", "one", "one", "one" }, *const two[] = { "one", "two", "one", "two", "three" };
	static const char *const ends[] = { "12345678901234567890123456789012a", "12345678901234567890123456789012b",
					    "1234567890123456789012345678901_a", "12345678901234567890123456789012ab" };

	tap_ok(posted(rig, 0, same, 4, 0) == 1, "rate limit: one of those that are alike");
	tap_ok(posted(rig, 0, same, 4, 800) == 2, "rate limit: and another one when the time is over");
	tap_ok(posted(rig, 0, two, 5, 0) == 3, "rate limit: other arguments are others");
	tap_ok(posted(rig, 0, ends, 4, 0) == 3, "rate limit: of long ones the beginning and the length count");
	tap_ok(others_post(rig, 0), "rate limit: another process has a limit of its own");
	tap_ok(others_post(rig, ABI_POST_PROCESS), "rate limit: also when it is by processes");
	tap_ok(!others_post(rig, ABI_POST_GLOBAL), "rate limit: but not when it is for all");
}

int main(int argc, char **argv)
{
	static struct rig rig;
	int error;

	programs_allow();
	error = rig_open(&rig);
	if (!tap_ok(!error, "the raw tracepoint program loads")) {
		tap_say("%s", strerror(-error));
		return tap_done();
	}
	test_integers(&rig);
	test_strings(&rig);
	test_whole_strings(&rig);
	test_two_tables(&rig);
	test_unreported(&rig);
	test_faults(&rig);
	test_accepts(&rig);
	test_longest_program(&rig);
	test_many_bytes(&rig);
	test_scratch(&rig);
	test_no_hook(&rig);
	test_binary(&rig);
	test_binary_alone(&rig);
	test_rates(&rig);
	tap_ok(!random_failures(&rig, argc > 1 ? strtoull(argv[1], NULL, 0) : 1, argc > 2 ? strtoul(argv[2], NULL, 0) : 500),
	       "kernel, matcher and oracle agree on events made at random");
	rig_close(&rig);
	return tap_done();
}
