// SPDX-License-Identifier: Apache-2.0
/*
 * test_decisions.c - the kernel's engine, the matcher in tetra and a plain oracle must give the same answers.
 *
 * Images made by hand for each thing that can go wrong, then images and values made at random.  TAP; needs root.
 *   test_decisions [SEED [ROUNDS]]
 */
#include <assert.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "tests/bpf/rig.h"
#include "tests/bpf/tap.h"

/* Values of one event, as the kernel gets them and as the others do. */
struct test_case {
	struct image_builder builder;
	struct abi_hook hook;
	struct abi_record *records;
	uint64_t arguments[RIG_ARGUMENTS];
	struct test_value slots[ABI_SLOTS_MAX];
	bool has_process;
	struct abi_process process;
	struct test_value binary;
	uint32_t hook_offset;
};

static struct match_native native;	/* large */

/* ---- The three answers ---- */

static int native_load(void *context, struct match_state *state, uint32_t slot)
{
	const struct test_case *test = context;
	const struct test_value *value = slot == MATCH_SLOT_BINARY ? &test->binary : &test->slots[slot];
	uint16_t port = value->number;

	if (value->readable != TEST_READ || (slot == MATCH_SLOT_BINARY && !test->has_process))
		return -1;
	if (!value->has_bytes)
		return match_put_value(state, slot, value->number);
	if (slot != MATCH_SLOT_BINARY && test->hook.slots[slot].load == ABI_LOAD_SOCKADDR)
		return match_put_address(state, slot, value->family, port, value->bytes);
	return match_put_bytes(state, slot, value->bytes, value->length, MATCH_WHOLE);
}

static void native_decide(struct test_case *test)
{
	native.image = test->builder.bytes;
	native.image_size = test->builder.used;
	native.load = native_load;
	native.trace = NULL;
	native.context = test;
	match_native_run_id(&native, test->hook.id);
}

static bool same_accepts(const struct oracle_result *oracle, const uint32_t *accepts, uint32_t count)
{
	return oracle->count == count && !memcmp(oracle->accepts, accepts, count * sizeof(*accepts));
}

/* Accepts carry their number as `selector`, and lie one after the other. */
static uint32_t event_accept(const struct test_case *test, const struct abi_event *event)
{
	return test->builder.accepts + event->selector * sizeof(struct abi_accept);
}

static const struct abi_accept *accept_at(const struct test_case *test, uint32_t offset)
{
	return (const struct abi_accept *)(test->builder.bytes + offset);
}

/* ---- What an event says ---- */

static bool slot_is_right(const struct rig_event *event, unsigned slot, const struct test_value *value)
{
	const struct abi_event_slot *entry = &event->event->slots[slot];
	uint64_t length = value->has_bytes && value->readable == TEST_READ ? value->length : 0;
	uint8_t state = value->readable != TEST_READ ? ABI_SLOT_FAULT
			: length > ABI_PATTERN_MAX   ? ABI_SLOT_CUT
						     : ABI_SLOT_READ;

	if (length > ABI_PATTERN_MAX)
		length = ABI_PATTERN_MAX;
	if (entry->state != state || entry->length != length ||
	    entry->value != (value->readable == TEST_FAULT ? 0 : value->number))
		return false;
	if ((uint64_t)entry->offset + entry->length > event->size)
		return false;
	return !length || !memcmp((const char *)event->event + entry->offset, value->bytes, length);
}

static bool event_is_right(const struct test_case *test, const struct rig_event *event, uint64_t generation)
{
	const struct abi_event *head = event->event;
	const struct abi_accept *accept = accept_at(test, event_accept(test, head));
	static const struct abi_event_slot nothing;
	unsigned slot;

	if (head->size != event->size || head->kind != ABI_EVENT_HOOK ||
	    head->hook != test->hook.id || head->generation != generation ||
	    head->policy != accept->policy || head->hook_index != accept->hook_index ||
	    head->report_slots != accept->report_slots || head->tgid != (uint32_t)getpid() ||
	    head->slot_count != test->hook.slot_count || head->size % 8)
		return false;
	for (slot = 0; slot < head->slot_count; slot++)
		if (accept->report_slots >> slot & 1
			    ? !slot_is_right(event, slot, &test->slots[slot])
			    : memcmp(&head->slots[slot], &nothing, sizeof(nothing)))
			return false;
	return true;
}

static bool counters_are_right(const struct abi_counters *counted, const struct oracle_result *oracle)
{
	unsigned error;

	/* The first test may have refused what does not match. */
	if (counted->seen > 1 || counted->seen < counted->matched || counted->matched != !!oracle->count ||
	    counted->posted != oracle->count || counted->lost)
		return false;
	for (error = 0; error < ABI_ERROR_COUNT; error++)
		if (counted->errors[error] != (oracle->errors >> error & 1))
			return false;
	return true;
}

/* NULL, or what differs. */
static const char *check(struct rig *rig, struct test_case *test)
{
	struct oracle_result oracle;
	struct abi_counters counted;
	uint32_t i;

	oracle_run(&test->builder, test->records, test->slots,
		   test->has_process ? &test->binary : NULL, &oracle);
	native_decide(test);
	if (!same_accepts(&oracle, native.state.accepts, native.state.accept_count))
		return "the matcher's accepts are not the oracle's";
	if (native.state.errors != oracle.errors)
		return "the matcher's errors are not the oracle's";
	rig_set_process(rig, test->has_process ? &test->process : NULL);
	if (rig_run(rig, test->arguments))
		return "BPF_PROG_TEST_RUN fails";
	if (rig->event_count != oracle.count)
		return "the kernel's number of accepts is not the oracle's";
	for (i = 0; i < oracle.count; i++) {
		if (event_accept(test, rig->events[i].event) != oracle.accepts[i])
			return "the kernel's accepts are not the oracle's";
		if (!event_is_right(test, &rig->events[i], rig->generation))
			return "an event of the kernel's is wrong";
	}
	counted = rig_counted(rig);
	return counters_are_right(&counted, &oracle) ? NULL : "the kernel's counters are wrong";
}

/* ---- Building cases ---- */

static const uint32_t no_flags[4];

static void case_begin(struct test_case *test)
{
	memset(test, 0, sizeof(*test));
	builder_init(&test->builder);
	builder_policies(&test->builder, no_flags, 4);
	test->hook.id = RIG_HOOK;
	test->records = calloc(ABI_RECORDS_MAX, sizeof(*test->records));
}

static void case_accepts(struct test_case *test, unsigned count, uint32_t report_slots)
{
	struct abi_accept accept = { .report_slots = report_slots };
	uint32_t offset;

	for (accept.selector = 0; accept.selector < count; accept.selector++) {
		accept.policy = accept.selector & 3;
		accept.hook_index = accept.selector * 3;
		offset = builder_accept(&test->builder, &accept);
		if (!accept.selector)
			test->builder.accepts = offset;
	}
	test->builder.accept_count = count;
}

static void case_finish(struct test_case *test, struct rig *rig)
{
	builder_hook(&test->builder, &test->hook, test->records);
	builder_finish(&test->builder);
	rig_apply(rig, &test->builder);
}

static void case_release(struct test_case *test)
{
	builder_release(&test->builder);
	free(test->records);
}

static void add_record(struct test_case *test, unsigned op, unsigned slot, uint64_t operand, unsigned yes,
		       unsigned no, unsigned unknown)
{
	test->records[test->hook.record_count++] = (struct abi_record){
		.op = op, .slot = slot, .yes = yes, .no = no, .unknown = unknown, .operand = operand };
}

static unsigned add_slot(struct test_case *test, unsigned load, unsigned source, unsigned argument)
{
	test->hook.slots[test->hook.slot_count] =
		(struct abi_slot){ .load = load, .source = source, .index = argument };
	return test->hook.slot_count++;
}

static void set_string(struct test_case *test, unsigned slot, unsigned argument, const char *bytes,
		       uint64_t length)
{
	test->arguments[argument] = (uint64_t)bytes;
	test->slots[slot] = (struct test_value){
		.bytes = (const uint8_t *)bytes, .length = length, .has_bytes = true };
}

/*
 * One predicate: accept 0 when it is true, 1 when it is not, 2 when it is unknown.  Returns the accept's number.
 */
static void one_predicate(struct test_case *test, unsigned op, unsigned slot, uint64_t operand,
			  uint32_t report)
{
	unsigned i;

	case_accepts(test, 3, report);
	add_record(test, op, slot, operand, 1, 2, 3);
	for (i = 0; i < 3; i++)
		add_record(test, ABI_OP_ACCEPT, 0,
			   test->builder.accepts + i * sizeof(struct abi_accept), 4, 0, 0);
	add_record(test, ABI_OP_END, 0, 0, 0, 0, 0);
}

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
			native_decide(&test);
			rig_run(rig, test.arguments);
			tap_ok(!native.state.accept_count && !rig->event_count, "%s", row->name);
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

/* Every load kind that ends in memory, at an address that has none, must leave every predicate unknown. */
static void test_faults(struct rig *rig)
{
	static const struct { const char *name; unsigned load; uint64_t address; } rows[] = {
		{ "a string at address 0", ABI_LOAD_STRING, 0 },
		{ "a string at an unmapped user address", ABI_LOAD_STRING, 0x10000 },
		{ "a string at an unmapped kernel address", ABI_LOAD_STRING, 0xffff000000000000 },
		{ "a socket address at address 0", ABI_LOAD_SOCKADDR, 0 },
		{ "a file at address 0", ABI_LOAD_FILE, 0 },
		{ "a file at a user address", ABI_LOAD_FILE, (uint64_t)no_flags },
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
	case_accepts(&test, 40, 1);
	for (i = 0; i < 40; i++)
		add_record(&test, ABI_OP_ACCEPT, 0,
			   test.builder.accepts + i * sizeof(struct abi_accept), i + 1, 0, 0);
	add_record(&test, ABI_OP_END, 0, 0, 0, 0, 0);
	case_finish(&test, rig);
	wrong = check(rig, &test);
	tap_ok(!wrong && rig->event_count == ABI_ACCEPTS_MAX, "32 accepts of one event, and no more%s%s",
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
	tap_ok(!wrong && native.state.accept_count == 1, "five long strings and no room for a sixth%s%s",
	       wrong ? ": " : "", wrong ? wrong : "");
	for (i = 0; i < 6; i++)
		free(values[i]);
	case_release(&test);
}

static void test_scratch(struct rig *rig)
{
	static const char *const names[] = { "all free", "one in use", "two in use", "all in use" };
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
		if (rig_occupy(rig, used)) {
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
		((struct abi_image *)test.builder.bytes)->binary_table =
			builder_strings(&test.builder, patterns, 3);
		add_slot(&test, ABI_LOAD_PID, ABI_SOURCE_TASK, 0);
		test.slots[0].number = getpid();
		one_predicate(&test, ABI_OP_BINARY, 0, ABI_LOOKUP(0, 0, row), 1);
		case_finish(&test, rig);
		test.binary = (struct test_value){
			.bytes = (const uint8_t *)"/usr/bin/id", .length = 11, .has_bytes = true };
		wrong = check(rig, &test);
		tap_ok(!wrong && rig->events[0].event->selector == 2,
		       "binary %u: unknown while the process is%s%s", row, wrong ? ": " : "",
		       wrong ? wrong : "");
		test.has_process = true;
		test.process.path_length = 11;
		memcpy(test.process.path, "/usr/bin/id", 11);
		wrong = check(rig, &test);
		tap_ok(!wrong && rig->events[0].event->selector == answers[row], "binary %u%s%s", row,
		       wrong ? ": " : "", wrong ? wrong : "");
		test.process.binary_generation = rig->generation;	/* wrong on purpose, to see it used */
		test.process.binary_rows = ~(1ULL << row);
		rig_set_process(rig, &test.process);
		rig_run(rig, test.arguments);
		tap_ok(rig->event_count == 1 && rig->events[0].event->selector == 1,
		       "binary %u: rows of this generation are used as they are", row);
		case_release(&test);
	}
}

/* ---- At random ---- */

static uint64_t random_state;

static uint64_t random_word(void)
{
	uint64_t z = random_state += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return z ^ z >> 31;
}

static uint64_t random_below(uint64_t limit)
{
	return random_word() % limit;
}

/* Numbers that have a chance to meet: small, at the edges of the widths, or anything. */
static uint64_t random_number(void)
{
	uint64_t word = random_word();

	switch (random_below(4)) {
	case 0:
		return word & 15;
	case 1:
		return (1ULL << (word & 63)) - (word >> 62);
	case 2:
		return -(word & 15);
	default:
		return word;
	}
}

static char *pool[64];	/* strings, NUL-terminated */

static char *random_string(void)
{
	static const char *const words[] = { "/", "a", "etc", "/usr", "bin/", ".so", "\xff", "abcdefgh" };
	uint64_t length = random_below(random_below(20) ? 40 : 9000);
	char *string = malloc(length + 1);
	const char *word = "";
	size_t i;

	for (i = 0; i < length; i++) {
		if (!*word)
			word = words[random_below(8)];
		string[i] = *word++;
	}
	string[length] = 0;
	return string;
}

/* A part of a string of the pool, so that there is something to find. */
static struct test_pattern random_pattern(void)
{
	const char *string = pool[random_below(64)];
	size_t length = strlen(string), part;
	struct test_pattern pattern = { .kind = 1 + random_below(3), .rows = 1ULL << random_below(64) };

	if (length > ABI_PATTERN_MAX)
		length = random_below(2) ? ABI_PATTERN_MAX : random_below(100);
	part = random_below(length + 1);
	if (pattern.kind == ABI_STRING_EXACT)
		part = length;
	pattern.length = part;
	pattern.bytes = (const uint8_t *)string;
	if (pattern.kind == ABI_STRING_POSTFIX)
		pattern.bytes += length - part;
	pattern.rows |= 1ULL << random_below(64);
	return pattern;
}

static uint32_t random_strings(struct image_builder *builder)
{
	struct test_pattern patterns[40];
	uint32_t count = 1 + random_below(40), i;

	for (i = 0; i < count; i++)
		patterns[i] = random_pattern();
	return builder_strings(builder, patterns, count);
}

static int compare_unsigned(const void *a, const void *b)
{
	uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;

	return left < right ? -1 : left > right;
}

static int compare_signed(const void *a, const void *b)
{
	int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;

	return left < right ? -1 : left > right;
}

static uint32_t random_intervals(struct image_builder *builder)
{
	bool is_signed = random_below(2);
	uint64_t ends[80];
	struct test_interval intervals[40];
	uint32_t count = 1 + random_below(40), i, found = 0;

	for (i = 0; i < 2 * count; i++)
		ends[i] = random_number();
	qsort(ends, 2 * count, sizeof(*ends), is_signed ? compare_signed : compare_unsigned);
	for (i = 0; i < 2 * count; i += 2) {
		if (found && intervals[found - 1].high == ends[i])
			continue;
		intervals[found++] = (struct test_interval){ ends[i], ends[i + 1], random_word() };
	}
	return builder_intervals(builder, intervals, found, is_signed);
}

static uint8_t addresses[16][16];

static uint32_t random_addresses(struct image_builder *builder)
{
	struct test_network networks[16], *network = networks;
	uint8_t family, length, i;

	/* The pool is sorted: neighbours are the ends of ranges. */
	for (family = 4; family <= 6; family += 2) {
		length = family == 4 ? 4 : 16;
		for (i = random_below(2); i + 1 < 16; i += 2) {
			if (!random_below(3) || !memcmp(addresses[i], addresses[i + 1], length))
				continue;
			if (network > networks && network[-1].family == family &&
			    memcmp(network[-1].high, addresses[i], length) >= 0)
				continue;
			*network = (struct test_network){ .family = family, .rows = random_word() };
			memcpy(network->low, addresses[i], length);
			memcpy(network->high, addresses[i + 1], length);
			network++;
		}
	}
	return builder_addresses(builder, networks, network - networks);
}

static int compare_addresses(const void *a, const void *b)
{
	return memcmp(a, b, 16);
}

static void random_pools(void)
{
	unsigned i, j;

	for (i = 0; i < 64; i++)
		pool[i] = random_string();
	for (i = 0; i < 16; i++)
		for (j = 0; j < 16; j++)
			addresses[i][j] = random_below(3) ? random_below(3) : random_word();
	qsort(addresses, 16, 16, compare_addresses);
}

/* ---- Random values ---- */

static uint8_t sockaddrs[RIG_ARGUMENTS][28];

static void random_value(struct test_case *test, unsigned slot)
{
	const struct abi_slot *source = &test->hook.slots[slot];
	struct test_value *value = &test->slots[slot];
	uint8_t *bytes = sockaddrs[source->index];
	const char *string;
	uint16_t family;

	memset(value, 0, sizeof(*value));
	if (source->load == ABI_LOAD_PID) {
		value->number = getpid();
	} else if (source->load <= ABI_LOAD_S64) {
		test->arguments[source->index] = random_number();
	} else if (!random_below(12)) {
		test->arguments[source->index] = random_below(2) ? 8 : 0xffff000000000000;
		value->readable = TEST_FAULT;
	} else if (source->load == ABI_LOAD_STRING) {
		string = pool[random_below(64)];
		set_string(test, slot, source->index, string, strlen(string));
	} else {
		family = random_below(5) ? (random_below(2) ? MATCH_AF_INET : MATCH_AF_INET6)
					 : random_below(300);
		memset(bytes, 0, 28);
		memcpy(bytes, &family, 2);
		value->family = family;
		value->has_bytes = true;
		test->arguments[source->index] = (uint64_t)bytes;
		if (family != MATCH_AF_INET && family != MATCH_AF_INET6)
			return;
		value->length = family == MATCH_AF_INET ? 4 : 16;
		value->bytes = bytes + (family == MATCH_AF_INET ? 4 : 8);
		memcpy((uint8_t *)value->bytes, addresses[random_below(16)], value->length);
		value->number = random_number() & 0xffff;
		bytes[2] = value->number >> 8;
		bytes[3] = value->number;
	}
}

static void random_values(struct test_case *test)
{
	unsigned slot;

	for (slot = 0; slot < test->hook.slot_count; slot++)
		random_value(test, slot);
	for (slot = 0; slot < test->hook.slot_count; slot++)	/* integers share arguments with anything */
		if (test->hook.slots[slot].load <= ABI_LOAD_S64)
			test->slots[slot].number =
				match_extend(test->hook.slots[slot].load,
					     test->arguments[test->hook.slots[slot].index]);
	test->has_process = random_below(4);
	memset(&test->process, 0, sizeof(test->process));
	if (!test->has_process)
		return;
	test->process.start_time = 1;
	test->binary = (struct test_value){ .bytes = (const uint8_t *)pool[random_below(64)],
					    .has_bytes = true };
	test->binary.length = strlen((const char *)test->binary.bytes);
	if (!test->binary.length || test->binary.length >= ABI_PROCESS_PATH) {
		test->binary.bytes = (const uint8_t *)"/usr/bin/env";
		test->binary.length = 12;
	}
	test->process.path_length = test->binary.length;
	memcpy(test->process.path, test->binary.bytes, test->binary.length);
}

/* ---- Random programs ---- */

struct random_tables {
	uint32_t strings[3], intervals[3], addresses[2];
};

/* Each table has a register for each kind of slot that it is used with. */
static uint64_t random_lookup(const uint32_t *tables, unsigned count, unsigned first_register, unsigned slot)
{
	unsigned n = random_below(count);

	return ABI_LOOKUP(tables[n], first_register + n * 4 + slot % 4, random_below(64));
}

static bool slot_suits(const struct test_case *test, unsigned slot, unsigned op)
{
	unsigned load = test->hook.slots[slot].load;

	if (op == ABI_OP_STRING)
		return load == ABI_LOAD_STRING;
	if (op == ABI_OP_ADDRESS)
		return load == ABI_LOAD_SOCKADDR;
	return load != ABI_LOAD_STRING;
}

static void random_record(struct test_case *test, const struct random_tables *tables, unsigned count)
{
	static const uint8_t ops[] = {
		ABI_OP_ACCEPT, ABI_OP_EQUAL, ABI_OP_LESS, ABI_OP_GREATER, ABI_OP_LESS_SIGNED,
		ABI_OP_GREATER_SIGNED, ABI_OP_MASK, ABI_OP_INTERVALS, ABI_OP_INTERVALS, ABI_OP_STRING,
		ABI_OP_STRING, ABI_OP_STRING, ABI_OP_ADDRESS, ABI_OP_ADDRESS, ABI_OP_BINARY, ABI_OP_JUMP };
	unsigned here = test->hook.record_count, rest = count - 1 - here;
	unsigned op = ops[random_below(sizeof(ops))], slot = random_below(test->hook.slot_count), to[3], i;
	uint64_t operand = random_number();

	for (i = 0; i < 3; i++)
		to[i] = here + 1 + random_below(rest < 6 ? rest : 6);
	if (op != ABI_OP_ACCEPT && op != ABI_OP_JUMP && op != ABI_OP_BINARY && !slot_suits(test, slot, op))
		op = ABI_OP_ACCEPT;
	if (op == ABI_OP_ACCEPT)
		operand = test->builder.accepts +
			  random_below(test->builder.accept_count) * sizeof(struct abi_accept);
	else if (op == ABI_OP_STRING)
		operand = random_lookup(tables->strings, 3, 0, slot);
	else if (op == ABI_OP_INTERVALS)
		operand = random_lookup(tables->intervals, 3, 12, slot);
	else if (op == ABI_OP_ADDRESS)
		operand = random_lookup(tables->addresses, 2, 24, slot);
	else if (op == ABI_OP_BINARY)
		operand = ABI_LOOKUP(0, 0, random_below(64));
	add_record(test, op, slot, operand, to[0], to[1], to[2]);
}

/* Slots whose number modulo 4 is the same have registers in common, so only four are ever looked up. */
static void random_case(struct test_case *test)
{
	static const uint8_t loads[] = { ABI_LOAD_STRING, ABI_LOAD_SOCKADDR, ABI_LOAD_PID };
	struct random_tables tables;
	unsigned i, count = random_below(30) ? 2 + random_below(60) : 2 + random_below(4000);

	case_begin(test);
	for (i = 0; i < 4; i++)
		add_slot(test, random_below(2) ? loads[random_below(3)] : 1 + random_below(8),
			 ABI_SOURCE_ARGUMENT, i);
	for (i = 0; i < 3; i++) {
		tables.strings[i] = random_strings(&test->builder);
		tables.intervals[i] = random_intervals(&test->builder);
	}
	for (i = 0; i < 2; i++)
		tables.addresses[i] = random_addresses(&test->builder);
	((struct abi_image *)test->builder.bytes)->binary_table = tables.strings[0];
	case_accepts(test, 1 + random_below(8), random_below(16));
	while (test->hook.record_count < count - 1)
		random_record(test, &tables, count);
	add_record(test, ABI_OP_END, 0, 0, 0, 0, 0);
}

static void test_random(struct rig *rig, uint64_t seed, unsigned rounds)
{
	unsigned round, try, checks = 0, accepts = 0, failures = 0;
	struct test_case test;
	const char *wrong;

	random_state = seed;
	random_pools();
	for (round = 0; round < rounds && failures < 5; round++) {
		random_case(&test);
		case_finish(&test, rig);
		for (try = 0; try < 8; try++, checks++) {
			random_values(&test);
			wrong = check(rig, &test);
			accepts += rig->event_count;
			if (!wrong)
				continue;
			tap_say("round %u, try %u: %s", round, try, wrong);
			failures++;
		}
		case_release(&test);
	}
	tap_ok(!failures, "kernel, matcher and oracle agree on events made at random");
	tap_say("seed %llu, %u images, %u events, %u accepts", (unsigned long long)seed, round, checks,
		accepts);
}

static int quiet(enum libbpf_print_level level, const char *format, va_list arguments)
{
	if (level == LIBBPF_WARN)
		vfprintf(stderr, format, arguments);
	return 0;
}

int main(int argc, char **argv)
{
	struct rlimit unlimited = { RLIM_INFINITY, RLIM_INFINITY };
	static struct rig rig;
	int error;

	setrlimit(RLIMIT_MEMLOCK, &unlimited);
	libbpf_set_print(quiet);
	error = rig_open(&rig);
	if (!tap_ok(!error, "the raw tracepoint program loads")) {
		tap_say("%s", strerror(-error));
		return tap_done();
	}
	test_integers(&rig);
	test_strings(&rig);
	test_faults(&rig);
	test_accepts(&rig);
	test_longest_program(&rig);
	test_many_bytes(&rig);
	test_scratch(&rig);
	test_no_hook(&rig);
	test_binary(&rig);
	test_random(&rig, argc > 1 ? strtoull(argv[1], NULL, 0) : 1,
		    argc > 2 ? strtoul(argv[2], NULL, 0) : 500);
	rig_close(&rig);
	return tap_done();
}
