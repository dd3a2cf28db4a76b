// SPDX-License-Identifier: Apache-2.0
/* random_decisions.c - see random_decisions.h. */
#include "tests/bpf/random_decisions.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "compiler/base/path_glob.h"
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
	static const char *const words[] = { "/", "a", "etc", "/usr", "bin/", ".so", "\xff", "aBCdefgH" };
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

/* Copies with some letters in the other case; of one case at a time. */
static char letters[40][ABI_STRING_MAX];
static unsigned letters_used;

static const uint8_t *in_other_case(const char *bytes, size_t length)
{
	char *copy = letters[letters_used++ % 40];
	size_t i;

	for (i = 0; i < length; i++)
		copy[i] = isalpha((unsigned char)bytes[i]) && random_below(2) ? bytes[i] ^ 32 : bytes[i];
	return (const uint8_t *)copy;
}

/* Any part of a string that is not empty, often its end. */
static struct test_pattern random_substring(uint32_t kind)
{
	const char *string = pool[random_below(64)];
	size_t length = strlen(string), part, from;

	if (!length || length > ABI_PATTERN_MAX)
		length = length ? ABI_PATTERN_MAX : (string = "/", 1);
	part = 1 + random_below(random_below(20) && length > 6 ? 6 : length);
	from = random_below(2) ? length - part : random_below(length - part + 1);
	return (struct test_pattern){
		.kind = kind, .length = part, .rows = 1ULL << random_below(64),
		.bytes = kind == ABI_SUBSTRING ? (const uint8_t *)string + from : in_other_case(string + from, part) };
}

static bool is_glob(const char *text)
{
	struct arena arena = { 0 };
	struct path_glob glob;
	bool fine = !path_glob_read(text, strlen(text), &arena, &glob);

	arena_release(&arena);
	return fine;
}

/* A string of the pool, in which some bytes have become wildcards. */
static struct test_pattern random_glob(void)
{
	static const char *const wild[] = { "*", "?", "[!q]", "/**/", "*", "?", "/**" };
	const char *string = pool[random_below(64)];
	size_t length = strlen(string) < 60 ? strlen(string) : random_below(60), i;
	char *glob = letters[letters_used++ % 40];

	*glob = 0;
	for (i = 0; i < length; i++) {
		if (!random_below(8))
			strcat(glob, wild[random_below(7)]);
		else if (strchr("*?[{\\", string[i]))
			strcat(glob, "?");
		else if (string[i] != '/' || !*glob || glob[strlen(glob) - 1] != '/')
			strncat(glob, string + i, 1);
	}
	if (!is_glob(glob))
		strcpy(glob, random_below(2) ? "/*[a-m]*" : "*a?");
	return (struct test_pattern){ .kind = ABI_GLOB, .length = strlen(glob), .rows = 1ULL << random_below(64), .bytes = (const uint8_t *)glob };
}

/* Of one kind, as the builder wants them. */
static uint32_t random_substrings(struct image_builder *builder, uint32_t kind)
{
	struct test_pattern patterns[20];
	uint32_t count = 1 + random_below(kind == ABI_GLOB ? 5 : 20), i;

	for (i = 0; i < count; i++)
		patterns[i] = kind == ABI_GLOB ? random_glob() : random_substring(kind);
	return kind == ABI_GLOB ? builder_globs(builder, patterns, count) : builder_substrings(builder, patterns, count);
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

/* Slots 0 to 3 are arguments; the others are numbers, or parts of those that are addresses. */
enum { ARGUMENT_SLOTS = 4, SLOTS = 8 };

static uint8_t sockaddrs[RIG_ARGUMENTS][28];

static void random_value(struct test_case *test, unsigned slot)
{
	const struct abi_slot *source = &test->hook.slots[slot];
	struct test_value *value = &test->slots[slot];
	uint8_t *bytes = sockaddrs[source->index];
	const char *string;
	uint16_t family;

	memset(value, 0, sizeof(*value));
	if (source->load == ABI_LOAD_PART) {
		return;
	} else if (source->load == ABI_LOAD_PID) {
		value->number = getpid();
	} else if (source->load <= ABI_LOAD_S64) {
		if (slot == source->index || source->index >= ARGUMENT_SLOTS)	/* else it has a value */
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

/* Of a socket address, that is family and port. */
static void part_value(struct test_case *test, unsigned slot)
{
	const struct abi_slot *part = &test->hook.slots[slot];
	const struct test_value *socket = &test->slots[part->index];

	test->slots[slot] = (struct test_value){ .readable = TEST_FAULT };
	if (!socket->is_address || socket->readable != TEST_READ)
		return;
	if (part->offset == ABI_PART_FAMILY)
		test->slots[slot] = (struct test_value){ .number = socket->family };
	else if (part->offset == ABI_PART_SOURCE_PORT)
		test->slots[slot] = (struct test_value){ .number = socket->number };
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
	for (slot = 0; slot < test->hook.slot_count; slot++)
		if (test->hook.slots[slot].load == ABI_LOAD_PART)
			part_value(test, slot);
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
	if (!random_below(4))
		return;
	test->process.path_length = test->binary.length;
	test->process.flags = random_below(4) ? 0 : ABI_PROCESS_FAR;
}

/* ---- Random expressions ---- */

enum { NODES_MAX = 64, ALL_NODES_MAX = 4096 };
static struct test_node nodes[ALL_NODES_MAX];	/* of one case */
static unsigned node_count;

static struct test_node *new_node(unsigned op, unsigned type)
{
	nodes[node_count] = (struct test_node){ .op = op, .type = type };
	return &nodes[node_count++];
}

static unsigned random_type(void)
{
	return ABI_INT32 + random_below(4);
}

/* As the compiler writes numbers: of a narrow type they are extended. */
static uint64_t number_of_type(uint64_t number, unsigned type)
{
	return type == ABI_INT32 ? (uint64_t)(int32_t)number : type == ABI_UINT32 ? (uint32_t)number : number;
}

static bool is_plain_number(unsigned load)
{
	return load >= ABI_LOAD_U8 && load <= ABI_LOAD_S64;
}

static const struct test_node *random_leaf(const struct test_case *test, unsigned type)
{
	struct test_node *leaf = new_node(random_below(2) ? ABI_WORD_NUMBER : ABI_WORD_SLOT, type);

	leaf->slot = random_below(test->hook.slot_count);
	if (!is_plain_number(test->hook.slots[leaf->slot].load))
		leaf->op = ABI_WORD_NUMBER;
	if (leaf->op == ABI_WORD_NUMBER)
		leaf->number = number_of_type(random_number(), type);
	return leaf;
}

static const struct test_node *random_tree(const struct test_case *test, unsigned type, unsigned depth)
{
	struct test_node *node;
	unsigned op = ABI_WORD_ADD + random_below(8);

	if (!depth || !random_below(3))
		return random_leaf(test, type);
	node = new_node(op, type);
	node->left = random_tree(test, op == ABI_WORD_CAST ? random_type() : type, depth - 1);
	if (op < ABI_WORD_NOT)
		node->right = random_tree(test, type, depth - 1);
	return node;
}

static const struct test_node *random_comparison(const struct test_case *test)
{
	unsigned type = random_type();
	struct test_node *node = new_node(ABI_WORD_EQUAL + random_below(3), type);

	node->left = random_tree(test, type, 3);
	node->right = random_tree(test, type, 3);
	return node;
}

/* ---- Random programs ---- */

/* Registers: each table has one for each slot that it is used with. */
enum {
	STRINGS = 2, SUBSTRINGS = 1, INTERVALS = 1, ADDRESSES = 1, BINARIES = 3,
	REGISTER_STRINGS = 0,
	REGISTER_SUBSTRINGS = REGISTER_STRINGS + STRINGS * ARGUMENT_SLOTS,
	REGISTER_SOURCES = REGISTER_SUBSTRINGS + SUBSTRINGS * ARGUMENT_SLOTS,
	REGISTER_DESTINATIONS = REGISTER_SOURCES + ADDRESSES * ARGUMENT_SLOTS,
	REGISTER_INTERVALS = REGISTER_DESTINATIONS + ADDRESSES * ARGUMENT_SLOTS,
	REGISTER_BINARIES = REGISTER_INTERVALS + INTERVALS * SLOTS,
};
_Static_assert(REGISTER_BINARIES + BINARIES <= ABI_REGISTERS_MAX, "registers");

struct random_tables {
	uint32_t strings[STRINGS], substrings[SUBSTRINGS], intervals[INTERVALS], addresses[ADDRESSES];
};

static uint64_t random_rows(uint32_t table, unsigned reg)
{
	unsigned row = random_below(64), last = random_below(3) ? row : row + random_below(64 - row);

	return ABI_LOOKUP_ROWS(table, reg, row, last);
}

static uint64_t random_lookup(const uint32_t *tables, unsigned count, unsigned first_register, unsigned slots, unsigned slot)
{
	unsigned n = random_below(count);

	return random_rows(tables[n], first_register + n * slots + slot);
}

static uint64_t random_address_lookup(const struct random_tables *tables, unsigned slot)
{
	if (random_below(4))
		return random_lookup(tables->addresses, ADDRESSES, REGISTER_SOURCES, ARGUMENT_SLOTS, slot);
	return random_lookup(tables->addresses, ADDRESSES, REGISTER_DESTINATIONS, ARGUMENT_SLOTS, slot) |
	       ABI_LOOKUP_DESTINATION;
}

static bool slot_suits(const struct test_case *test, unsigned slot, unsigned op)
{
	unsigned load = test->hook.slots[slot].load;

	if (op == ABI_OP_STRING || op == ABI_OP_SUBSTRING)
		return load == ABI_LOAD_STRING;
	if (op == ABI_OP_ADDRESS)
		return load == ABI_LOAD_SOCKADDR;
	return load != ABI_LOAD_STRING && load != ABI_LOAD_SOCKADDR;
}

static uint64_t random_operand(const struct test_case *test, const struct random_tables *tables, unsigned op, unsigned slot)
{
	unsigned n = random_below(BINARIES);

	switch (op) {
	case ABI_OP_ACCEPT:
		return test->builder.accepts + random_below(test->builder.accept_count) * sizeof(struct abi_accept);
	case ABI_OP_STRING:
		return random_lookup(tables->strings, STRINGS, REGISTER_STRINGS, ARGUMENT_SLOTS, slot);
	case ABI_OP_SUBSTRING:
		return random_lookup(tables->substrings, SUBSTRINGS, REGISTER_SUBSTRINGS, ARGUMENT_SLOTS, slot);
	case ABI_OP_INTERVALS:
		return random_lookup(tables->intervals, INTERVALS, REGISTER_INTERVALS, SLOTS, slot);
	case ABI_OP_ADDRESS:
		return random_address_lookup(tables, slot);
	case ABI_OP_BINARY:
		return random_rows(n, REGISTER_BINARIES + n);
	case ABI_OP_GAINED:
		return random_below(test->hook.slot_count);
	default:
		return random_number();
	}
}

static unsigned random_target(const struct test_case *test, unsigned count)
{
	unsigned here = test->hook.record_count, rest = count - 1 - here;

	return here + 1 + random_below(rest < 6 ? rest : 6);
}

static void add_random_expression(struct test_case *test, unsigned count)
{
	uint32_t expression;

	if (node_count + NODES_MAX > ALL_NODES_MAX)
		return;
	expression = builder_expression(&test->builder, random_comparison(test));
	add_record(test, ABI_OP_EXPRESSION, 0, expression, random_target(test, count), random_target(test, count),
		   random_target(test, count));
}

static void random_record(struct test_case *test, const struct random_tables *tables, unsigned count)
{
	static const uint8_t ops[] = {
		ABI_OP_ACCEPT, ABI_OP_EQUAL, ABI_OP_LESS, ABI_OP_GREATER, ABI_OP_LESS_SIGNED,
		ABI_OP_GREATER_SIGNED, ABI_OP_MASK, ABI_OP_INTERVALS, ABI_OP_INTERVALS, ABI_OP_STRING,
		ABI_OP_STRING, ABI_OP_STRING, ABI_OP_SUBSTRING, ABI_OP_SUBSTRING, ABI_OP_ADDRESS, ABI_OP_ADDRESS,
		ABI_OP_BINARY, ABI_OP_BINARY, ABI_OP_GAINED, ABI_OP_EXPRESSION, ABI_OP_JUMP };
	unsigned op = ops[random_below(sizeof(ops))], slot = random_below(test->hook.slot_count);

	if (op == ABI_OP_EXPRESSION) {
		add_random_expression(test, count);
		return;
	}
	if (op == ABI_OP_BINARY)
		slot = ABI_WHO_PROCESS;
	else if (op != ABI_OP_ACCEPT && op != ABI_OP_JUMP && op != ABI_OP_GAINED && !slot_suits(test, slot, op))
		op = ABI_OP_ACCEPT;
	add_record(test, op, slot, random_operand(test, tables, op, slot), random_target(test, count),
		   random_target(test, count), random_target(test, count));
}

static void random_slots(struct test_case *test)
{
	static const uint8_t loads[] = { ABI_LOAD_STRING, ABI_LOAD_SOCKADDR, ABI_LOAD_PID };
	unsigned i, slot;

	for (i = 0; i < ARGUMENT_SLOTS; i++)
		add_slot(test, random_below(2) ? loads[random_below(3)] : 1 + random_below(8), ABI_SOURCE_ARGUMENT, i);
	for (; i < SLOTS; i++) {
		slot = add_slot(test, 1 + random_below(8), ABI_SOURCE_ARGUMENT, random_below(RIG_ARGUMENTS));
		if (random_below(3) && test->hook.slots[i % ARGUMENT_SLOTS].load == ABI_LOAD_SOCKADDR)
			test->hook.slots[slot] = (struct abi_slot){
				.load = ABI_LOAD_PART, .source = ABI_SOURCE_SLOT, .index = i % ARGUMENT_SLOTS,
				.offset = random_below(4) };
	}
}

static void random_case(struct test_case *test)
{
	struct random_tables tables;
	unsigned i, count = random_below(30) ? 2 + random_below(100) : 2 + random_below(4000);

	case_begin(test);
	node_count = 0;
	random_slots(test);
	for (i = 0; i < STRINGS; i++)
		tables.strings[i] = random_strings(&test->builder);
	for (i = 0; i < BINARIES; i++)
		((struct abi_image *)test->builder.bytes)->binary_tables[i] = tables.strings[i % STRINGS];
	for (i = 0; i < INTERVALS; i++)
		tables.intervals[i] = random_intervals(&test->builder);
	for (i = 0; i < ADDRESSES; i++)
		tables.addresses[i] = random_addresses(&test->builder);
	for (i = 0; i < SUBSTRINGS; i++)
		tables.substrings[i] = random_substrings(&test->builder, ABI_SUBSTRING + random_below(3));
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
