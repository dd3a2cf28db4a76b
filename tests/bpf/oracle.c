// SPDX-License-Identifier: Apache-2.0
/*
 * oracle.c - what records mean, as plainly as it can be said: no image, no hash, no search.
 *
 * Slow on purpose, and independent of match.h but for its names.
 */
#include <assert.h>
#include <string.h>

#include "tests/bpf/image_builder.h"

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

static enum match_answer table_answer(const struct image_builder *builder, const struct abi_record *record,
				      const struct test_value *value, struct oracle_result *ret)
{
	const struct test_table *table = find_table(builder, ABI_LOOKUP_TABLE(record->operand));
	uint32_t row = ABI_LOOKUP_ROW(record->operand);

	if (record->op == ABI_OP_INTERVALS)
		return value->readable == TEST_FAULT ? unreadable(ret, ABI_ERROR_UNREADABLE)
						     : interval_answer(table, row, value->number);
	if (value->readable != TEST_READ || !value->has_bytes)
		return unreadable(ret, ABI_ERROR_UNREADABLE);
	if (record->op == ABI_OP_ADDRESS)
		return address_answer(table, row, value);
	return string_answer(table, row, value, ret);
}

static enum match_answer answer_of(const struct image_builder *builder, const struct abi_record *record,
				   const struct test_value *slots, const struct test_value *binary,
				   struct oracle_result *ret)
{
	const struct abi_image *header = (const struct abi_image *)builder->bytes;
	const struct test_value *value = &slots[record->slot];

	switch (record->op) {
	case ABI_OP_JUMP:
		return MATCH_YES;
	case ABI_OP_ACCEPT:
		if (ret->count < ABI_ACCEPTS_MAX)
			ret->accepts[ret->count++] = record->operand;
		return MATCH_YES;
	case ABI_OP_BINARY:
		if (!binary || binary->readable != TEST_READ)
			return unreadable(ret, ABI_ERROR_PROCESS_UNKNOWN);
		return string_answer(find_table(builder, header->binary_tables[ABI_LOOKUP_TABLE(record->operand)]),
				     ABI_LOOKUP_ROW(record->operand), binary, ret);
	case ABI_OP_INTERVALS:
	case ABI_OP_STRING:
	case ABI_OP_ADDRESS:
		return table_answer(builder, record, value, ret);
	default:
		if (value->readable == TEST_FAULT)
			return unreadable(ret, ABI_ERROR_UNREADABLE);
		return compare_answer(record->op, value->number, record->operand);
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
