// SPDX-License-Identifier: Apache-2.0
/* random_decisions.c - see random_decisions.h. */
#include "tests/bpf/random_decisions.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/bpf/decision.h"
#include "tests/bpf/tap.h"

/* ---- Numbers and tables ---- */

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
		value->has_bytes = value->is_address = true;
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
	unsigned n = random_below(count), row = random_below(64);

	return ABI_LOOKUP(tables[n], first_register + n * 4 + slot % 4, row);
}

static bool slot_suits(const struct test_case *test, unsigned slot, unsigned op)
{
	unsigned load = test->hook.slots[slot].load;

	if (op == ABI_OP_STRING)
		return load == ABI_LOAD_STRING;
	if (op == ABI_OP_ADDRESS)
		return load == ABI_LOAD_SOCKADDR;
	return load != ABI_LOAD_STRING && load != ABI_LOAD_SOCKADDR;
}

static void random_record(struct test_case *test, const struct random_tables *tables, unsigned count)
{
	static const uint8_t ops[] = {
		ABI_OP_ACCEPT, ABI_OP_EQUAL, ABI_OP_LESS, ABI_OP_GREATER, ABI_OP_LESS_SIGNED,
		ABI_OP_GREATER_SIGNED, ABI_OP_MASK, ABI_OP_INTERVALS, ABI_OP_INTERVALS, ABI_OP_STRING,
		ABI_OP_STRING, ABI_OP_STRING, ABI_OP_ADDRESS, ABI_OP_ADDRESS, ABI_OP_BINARY, ABI_OP_JUMP };
	unsigned here = test->hook.record_count, rest = count - 1 - here;
	unsigned op = ops[random_below(sizeof(ops))], slot = random_below(test->hook.slot_count), to[3], i;
	unsigned row = random_below(64);
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
		operand = random_lookup(tables->addresses, 1, 24, slot);
	else if (op == ABI_OP_BINARY)
		operand = ABI_LOOKUP(0, 31, row);
	add_record(test, op, op == ABI_OP_BINARY ? 0 : slot, operand, to[0], to[1], to[2]);
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
	((struct abi_image *)test->builder.bytes)->binary_tables[0] = tables.strings[0];
	case_accepts(test, 1 + random_below(8), random_below(16));
	while (test->hook.record_count < count - 1)
		random_record(test, &tables, count);
	add_record(test, ABI_OP_END, 0, 0, 0, 0, 0);
}

unsigned random_failures(struct rig *rig, uint64_t seed, unsigned rounds)
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
	tap_say("seed %llu, %u images, %u events, %u accepts", (unsigned long long)seed, round, checks,
		accepts);
	return failures;
}
