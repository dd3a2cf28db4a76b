// SPDX-License-Identifier: Apache-2.0
/*
 * oracle.c - what records mean, as plainly as it can be said: no image, no hash, no search.
 *
 * Slow on purpose, and independent of match.h but for its names.
 */
#include <assert.h>
#include <string.h>

#include "tests/bpf/image_builder.h"
#include "tests/unit/naive_glob.h"

static const struct test_table *find_table(const struct image_builder *builder, uint32_t offset)
{
	const struct test_table *table;

	for (table = builder->tables; table; table = table->next)
		if (table->offset == offset)
			return table;
	assert(!"a record names a table that was not built");
	return NULL;
}

static bool pattern_matches(const struct test_pattern *pattern, const struct test_value *value)
{
	if (value->length > ABI_PATTERN_MAX && pattern->kind != ABI_STRING_PREFIX)
		return pattern->kind == ABI_STRING_POSTFIX && !pattern->length;
	if (pattern->length > value->length)
		return false;
	if (pattern->kind == ABI_STRING_EXACT && pattern->length != value->length)
		return false;
	if (pattern->kind == ABI_STRING_POSTFIX)
		return !memcmp(value->bytes + value->length - pattern->length, pattern->bytes,
			       pattern->length);
	return !memcmp(value->bytes, pattern->bytes, pattern->length);
}

static enum match_answer cut_short(struct oracle_result *ret)
{
	ret->errors |= 1u << ABI_ERROR_CUT;
	return MATCH_UNKNOWN;
}

/* A string that is longer than what is read has unknown postfixes, and equals nothing. */
static enum match_answer string_answer(const struct test_table *table, uint32_t row,
				       const struct test_value *value, struct oracle_result *ret)
{
	bool postfix = false;
	uint32_t i;

	for (i = 0; i < table->count; i++) {
		if (!(table->patterns[i].rows >> row & 1))
			continue;
		if (pattern_matches(&table->patterns[i], value))
			return MATCH_YES;
		postfix |= table->patterns[i].kind == ABI_STRING_POSTFIX;
	}
	return value->length > ABI_PATTERN_MAX && postfix ? cut_short(ret) : MATCH_NO;
}

static uint8_t lower(uint8_t byte)
{
	return byte >= 'A' && byte <= 'Z' ? byte + 32 : byte;
}

static bool lies_at(const struct test_pattern *pattern, const uint8_t *bytes)
{
	uint32_t i;

	for (i = 0; i < pattern->length; i++)
		if (pattern->kind == ABI_SUBSTRING_ANY_CASE ? lower(bytes[i]) != lower(pattern->bytes[i])
							    : bytes[i] != pattern->bytes[i])
			return false;
	return true;
}

/* Of a long string, what is read is searched; the rest is not known. */
static enum match_answer substring_answer(const struct test_table *table, uint32_t row, const struct test_value *value,
					  struct oracle_result *ret)
{
	uint64_t length = value->length > ABI_PATTERN_MAX ? ABI_PATTERN_MAX : value->length, at;
	uint32_t i;

	for (i = 0; i < table->count; i++)
		for (at = 0; table->patterns[i].rows >> row & 1 && at + table->patterns[i].length <= length; at++)
			if (lies_at(&table->patterns[i], value->bytes + at))
				return MATCH_YES;
	return value->length > ABI_PATTERN_MAX ? cut_short(ret) : MATCH_NO;
}

/* A whole string is as one of the globs says, or it is not; of a part of one, nothing is known. */
static enum match_answer glob_answer(const struct test_table *table, uint32_t row, const struct test_value *value, struct oracle_result *ret)
{
	uint32_t i;

	if (value->length > ABI_PATTERN_MAX)
		return cut_short(ret);
	for (i = 0; i < table->count; i++)
		if (table->patterns[i].rows >> row & 1 && naive_glob((const char *)table->patterns[i].bytes, (const char *)value->bytes, value->length))
			return MATCH_YES;
	return MATCH_NO;
}

static enum match_answer interval_answer(const struct test_table *table, uint32_t row, uint64_t number)
{
	const struct test_interval *interval;
	uint32_t i;

	for (i = 0; i < table->count; i++) {
		interval = &table->intervals[i];
		if (!(interval->rows >> row & 1))
			continue;
		if (table->is_signed ? (int64_t)number >= (int64_t)interval->low &&
					       (int64_t)number <= (int64_t)interval->high
				     : number >= interval->low && number <= interval->high)
			return MATCH_YES;
	}
	return MATCH_NO;
}

static enum match_answer address_answer(const struct test_table *table, uint32_t row,
					const struct test_value *value)
{
	unsigned family = value->family == MATCH_AF_INET ? 4 : value->family == MATCH_AF_INET6 ? 6 : 0;
	const struct test_network *network;
	uint32_t i;

	if (!family)
		return MATCH_UNKNOWN;
	for (i = 0; i < table->count; i++) {
		network = &table->networks[i];
		if (network->family == family && network->rows >> row & 1 &&
		    memcmp(value->bytes, network->low, value->length) >= 0 &&
		    memcmp(value->bytes, network->high, value->length) <= 0)
			return MATCH_YES;
	}
	return MATCH_NO;
}

static enum match_answer compare_answer(uint32_t op, uint64_t value, uint64_t operand)
{
	switch (op) {
	case ABI_OP_EQUAL:
		return value == operand ? MATCH_YES : MATCH_NO;
	case ABI_OP_LESS:
		return value < operand ? MATCH_YES : MATCH_NO;
	case ABI_OP_GREATER:
		return value > operand ? MATCH_YES : MATCH_NO;
	case ABI_OP_LESS_SIGNED:
		return (int64_t)value < (int64_t)operand ? MATCH_YES : MATCH_NO;
	case ABI_OP_GREATER_SIGNED:
		return (int64_t)value > (int64_t)operand ? MATCH_YES : MATCH_NO;
	default:
		return value & operand ? MATCH_YES : MATCH_NO;
	}
}

static enum match_answer unreadable(struct oracle_result *ret, uint32_t error)
{
	ret->errors |= 1u << error;
	return MATCH_UNKNOWN;
}

/* One row of a look-up, of a value that could be read. */
static enum match_answer row_answer(const struct test_table *table, uint32_t op, uint32_t row, const struct test_value *value,
				    struct oracle_result *ret)
{
	switch (op) {
	case ABI_OP_INTERVALS:
		return interval_answer(table, row, value->number);
	case ABI_OP_ADDRESS:
		return address_answer(table, row, value);
	case ABI_OP_SUBSTRING:
		return table->patterns[0].kind == ABI_GLOB ? glob_answer(table, row, value, ret) : substring_answer(table, row, value, ret);
	default:
		return string_answer(table, row, value, ret);
	}
}

/* Several rows: one that is true is enough.  What is not known of them is not an error yet: each is asked for later. */
static enum match_answer rows_answer(const struct test_table *table, const struct abi_record *record,
				     const struct test_value *value, struct oracle_result *ret)
{
	uint32_t row = ABI_LOOKUP_ROW(record->operand), last = ABI_LOOKUP_LAST(record->operand);
	enum match_answer answer, all = MATCH_NO;
	struct oracle_result unused = { .count = 0 };

	if (row == last)
		return row_answer(table, record->op, row, value, ret);
	for (; row <= last; row++) {
		answer = row_answer(table, record->op, row, value, &unused);
		if (answer == MATCH_YES)
			return MATCH_YES;
		if (answer == MATCH_UNKNOWN)
			all = MATCH_UNKNOWN;
	}
	return all;
}

static enum match_answer table_answer(const struct image_builder *builder, const struct abi_record *record,
				      const struct test_value *value, struct oracle_result *ret)
{
	const struct test_table *table = find_table(builder, ABI_LOOKUP_TABLE(record->operand));

	if (record->op == ABI_OP_INTERVALS) {
		if (value->readable == TEST_FAULT || value->has_bytes)
			return unreadable(ret, ABI_ERROR_UNREADABLE);
	} else if (value->readable != TEST_READ || !value->has_bytes) {
		return unreadable(ret, ABI_ERROR_UNREADABLE);
	}
	if (record->op == ABI_OP_ADDRESS && record->operand & ABI_LOOKUP_DESTINATION && value->length)
		return unreadable(ret, ABI_ERROR_UNREADABLE);	/* of an address, there is only one */
	return rows_answer(table, record, value, ret);
}

static enum match_answer binary_answer(const struct image_builder *builder, const struct abi_record *record,
				       const struct test_value *binary, struct oracle_result *ret)
{
	const struct abi_image *header = (const struct abi_image *)builder->bytes;
	uint32_t table = header->binary_tables[ABI_LOOKUP_TABLE(record->operand)];

	if (binary && binary->readable == TEST_READ)
		return rows_answer(find_table(builder, table), record, binary, ret);
	if (ABI_LOOKUP_ROW(record->operand) != ABI_LOOKUP_LAST(record->operand))
		return MATCH_UNKNOWN;
	return unreadable(ret, ABI_ERROR_PROCESS_UNKNOWN);
}

/* ---- Expressions: numbers as they are meant, in arithmetic that has room for all of them ---- */

typedef __int128 number;

static number of_type(number value, uint32_t type)
{
	const unsigned bits = type == ABI_INT32 || type == ABI_UINT32 ? 32 : 64;
	const number range = (number)1 << bits;

	value %= range;
	if (value < 0)
		value += range;
	if ((type == ABI_INT32 || type == ABI_INT64) && value >= range / 2)
		value -= range;
	return value;
}

static number evaluate(const struct test_node *node, const struct test_value *slots, bool *known)
{
	number left = node->left ? evaluate(node->left, slots, known) : 0;
	number right = node->right ? evaluate(node->right, slots, known) : 0;

	switch (node->op) {
	case ABI_WORD_NUMBER:
		return of_type(node->number, node->type);
	case ABI_WORD_SLOT:
		if (slots[node->slot].readable == TEST_FAULT || slots[node->slot].has_bytes)
			*known = false;
		return of_type(slots[node->slot].number, node->type);
	case ABI_WORD_ADD:
		return of_type(left + right, node->type);
	case ABI_WORD_SUBTRACT:
		return of_type(left - right, node->type);
	case ABI_WORD_AND:
		return of_type(left & right, node->type);
	case ABI_WORD_OR:
		return of_type(left | right, node->type);
	case ABI_WORD_XOR:
		return of_type(left ^ right, node->type);
	case ABI_WORD_NOT:
		return of_type(-left - 1, node->type);
	case ABI_WORD_NEGATE:
		return of_type(-left, node->type);
	case ABI_WORD_CAST:
		return of_type(left, node->type);
	case ABI_WORD_EQUAL:
		return left == right;
	case ABI_WORD_LESS:
		return left < right;
	default:
		return left <= right;
	}
}

static enum match_answer expression_answer(const struct test_table *table, const struct test_value *slots,
					   struct oracle_result *ret)
{
	bool known = true;
	bool holds = evaluate(table->expression, slots, &known);

	if (!known)
		return unreadable(ret, ABI_ERROR_UNREADABLE);
	return holds ? MATCH_YES : MATCH_NO;
}

static bool has_number(const struct test_value *value)
{
	return value->readable != TEST_FAULT && !value->has_bytes;
}

/* What only compares numbers. */
static enum match_answer number_answer(const struct abi_record *record, const struct test_value *slots,
				       struct oracle_result *ret)
{
	const struct test_value *value = &slots[record->slot];

	if (!has_number(value) || (record->op == ABI_OP_GAINED && !has_number(&slots[record->operand])))
		return unreadable(ret, ABI_ERROR_UNREADABLE);
	if (record->op == ABI_OP_GAINED)
		return slots[record->operand].number & ~value->number ? MATCH_YES : MATCH_NO;
	return compare_answer(record->op, value->number, record->operand);
}

static enum match_answer answer_of(const struct image_builder *builder, const struct abi_record *record,
				   const struct test_value *slots, const struct test_value *binary,
				   struct oracle_result *ret)
{
	switch (record->op) {
	case ABI_OP_JUMP:
		return MATCH_YES;
	case ABI_OP_ACCEPT:
		if (ret->count < ABI_ACCEPTS_MAX)
			ret->accepts[ret->count++] = record->operand;
		return MATCH_YES;
	case ABI_OP_BINARY:
		return binary_answer(builder, record, binary, ret);
	case ABI_OP_EXPRESSION:
		return expression_answer(find_table(builder, record->operand), slots, ret);
	case ABI_OP_INTERVALS:
	case ABI_OP_STRING:
	case ABI_OP_SUBSTRING:
	case ABI_OP_ADDRESS:
		return table_answer(builder, record, &slots[record->slot], ret);
	default:
		return number_answer(record, slots, ret);
	}
}

void oracle_run(const struct image_builder *builder, const struct abi_record *records,
		const struct test_value *slots, const struct test_value *binary,
		struct oracle_result *ret)
{
	uint32_t pc = 0;
	enum match_answer answer;

	memset(ret, 0, sizeof(*ret));
	while (records[pc].op != ABI_OP_END) {
		answer = answer_of(builder, &records[pc], slots, binary, ret);
		pc = answer == MATCH_YES ? records[pc].yes
		     : answer == MATCH_NO ? records[pc].no
					  : records[pc].unknown;
	}
}
