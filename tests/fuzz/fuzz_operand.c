// SPDX-License-Identifier: Apache-2.0
/*
 * fuzz_operand.c - any bytes as one value of a filter: numbers, ranges, ports, addresses, words, strings.
 *
 * The first byte chooses how the value is read, the second the type of the argument.  A value is refused, or has the
 * form that lowering counts on.  Numbers are compared with the C library's idea of them.
 */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/policy/operand.h"

struct trial {
	struct policy_value value;
	enum type_id type;
	struct diagnostics diagnostics;
};

static void check_network(const struct policy_value *value)
{
	unsigned bits = value->family == 4 ? 32 : 128;

	assert(value->form == VALUE_ADDRESS && (value->family == 4 || value->family == 6) && value->prefix <= bits);
	for (unsigned bit = value->prefix; bit < bits; bit++)
		assert(!(value->address[bit / 8] & 0x80u >> bit % 8));
}

/* Digits and a sign, which strtoll() reads alike; what else Go's syntax has, it does not. */
static void check_decimal(const struct policy_value *value)
{
	char text[24];
	size_t digits = strspn(value->text.bytes, "0123456789");
	unsigned long long want;

	if (!digits || digits != value->text.length || digits >= sizeof(text) || value->text.bytes[0] == '0')
		return;
	memcpy(text, value->text.bytes, digits);
	text[digits] = '\0';
	errno = 0;
	want = strtoull(text, NULL, 10);
	assert(!errno && value->low == want);
}

static void try_number(struct trial *trial)
{
	operand_number(&trial->value, trial->type, &trial->diagnostics);
	if (trial->diagnostics.errors)
		return;
	assert(trial->value.form == VALUE_INTEGER);
	if (type_rows[trial->type].bits == 64 || type_rows[trial->type].class == CLASS_UNSIGNED)
		check_decimal(&trial->value);
}

static void try_range(struct trial *trial)
{
	operand_range(&trial->value, trial->type, &trial->diagnostics);
	assert(trial->diagnostics.errors || trial->value.form == VALUE_RANGE);
}

static void try_member(struct trial *trial)
{
	operand_member(&trial->value, trial->type, &trial->diagnostics);
	assert(trial->diagnostics.errors || trial->value.form == VALUE_RANGE || trial->value.form == VALUE_INTEGER);
}

static void try_port(struct trial *trial)
{
	operand_port(&trial->value, &trial->diagnostics);
	if (trial->diagnostics.count)
		return;
	assert(trial->value.low <= LIMIT_PORT);
	assert(trial->value.form == VALUE_INTEGER || trial->value.low <= trial->value.high);
}

static void try_address(struct trial *trial)
{
	operand_address(&trial->value, &trial->diagnostics);
	if (!trial->diagnostics.errors)
		check_network(&trial->value);
}

static void try_words(struct trial *trial)
{
	for (enum name_set set = 0; set < NAME_SET_COUNT; set++) {
		struct policy_value value = trial->value;

		operand_number_or_name(&value, set, &trial->diagnostics);
		value = trial->value;
		operand_name(&value, set, &trial->diagnostics);
	}
}

static void try_capabilities(struct trial *trial)
{
	struct policy_value value = trial->value;

	operand_capability(&value, &trial->diagnostics);
	value = trial->value;
	operand_capability_set(&value, &trial->diagnostics);
}

static void try_namespaces(struct trial *trial)
{
	struct policy_value value = trial->value;

	operand_namespace(&value, &trial->diagnostics);
	value = trial->value;
	operand_namespace_name(&value, &trial->diagnostics);
}

/* Every operator on strings; what is taken is never longer than what was written. */
static void try_strings(struct trial *trial)
{
	static const enum operator_id ops[] = {
		OPERATOR_EQUAL, OPERATOR_NOT_EQUAL, OPERATOR_PREFIX, OPERATOR_NOT_PREFIX, OPERATOR_POSTFIX,
		OPERATOR_NOT_POSTFIX, OPERATOR_SUBSTRING, OPERATOR_SUBSTRING_ANY_CASE,
	};

	for (size_t n = 0; n < sizeof(ops) / sizeof(*ops); n++)
		for (int subject = SUBJECT_STRING; subject <= SUBJECT_BINARY; subject++) {
			struct policy_value value = trial->value;

			operand_string(&value, ops[n], (enum operand_subject)subject, trial->type, &trial->diagnostics);
			assert(value.text.length <= trial->value.text.length);
		}
}

static void (*const tries[])(struct trial *) = {
	try_number, try_range, try_member, try_port, try_address, try_words, try_capabilities, try_namespaces, try_strings,
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct source source = { .name = "fuzz", .text = (const char *)data, .length = size };
	struct arena arena = { 0 };
	struct trial trial = { 0 };
	char *text;

	if (size < 2)
		return 0;
	text = malloc(size - 1);	/* a NUL after it, as the tree's texts have */
	memcpy(text, data + 2, size - 2);
	text[size - 2] = '\0';
	trial.value.text = (struct text){ .bytes = text, .length = size - 2, .at = { &source, 2, (uint32_t)size } };
	trial.type = data[1] % TYPE_COUNT;
	diagnostics_init(&trial.diagnostics, &arena);
	tries[data[0] % (sizeof(tries) / sizeof(*tries))](&trial);
	arena_release(&arena);
	free(text);
	return 0;
}
