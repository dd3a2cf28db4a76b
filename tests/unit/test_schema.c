// SPDX-License-Identifier: Apache-2.0
/* test_schema.c - the tables are whole and do not contradict themselves. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "schema/schema.h"

static void counts(void **state)
{
	size_t types = 0, operators = 0;
	int id;

	(void)state;
	while (type_spelling(types, &id))
		types++;
	for (size_t n = 0; operator_spelling(n, &id); n++)
		operators += (operator_rows[id].filters & FILTER_ARGUMENTS) != 0;
	assert_int_equal(types, 52);
	assert_int_equal(operators, 36);
	assert_int_equal(ACTION_COUNT, 12);
}

static void types(void **state)
{
	(void)state;
	for (int id = 0; id < TYPE_COUNT; id++) {
		const struct type_row *row = &type_rows[id];
		bool is_number = row->class == CLASS_SIGNED || row->class == CLASS_UNSIGNED;

		assert_int_equal(type_find(row->name, strlen(row->name)), id);
		assert_int_equal(type_by_wire(row->wire), id);
		assert_int_not_equal(row->load, LOAD_NONE);
		assert_int_equal(row->bits != 0, is_number);
		if (is_number || row->class == CLASS_CAPABILITIES)
			assert_int_not_equal(row->operand, OPERAND_NONE);
	}
}

static void operators(void **state)
{
	(void)state;
	for (int id = 0; id < OPERATOR_COUNT; id++) {
		const struct operator_row *row = &operator_rows[id];

		assert_int_equal(operator_find(row->name, strlen(row->name)), row->filters ? id : -1);
		assert_int_equal(operator_by_wire(row->wire), id);
		if (row->filters)
			assert_int_equal((row->filters & FILTER_ARGUMENTS) != 0, row->classes != 0);
		if (row->negates < 0)
			continue;
		assert_int_equal(operator_rows[row->negates].values, row->values);
		assert_int_equal(operator_rows[row->negates].classes, row->classes);
		assert_int_equal(operator_rows[row->negates].negates, NEGATES_NONE);
	}
}

static void actions_and_hooks(void **state)
{
	(void)state;
	for (int id = 0; id < ACTION_COUNT; id++) {
		assert_int_equal(action_find(action_rows[id].name, strlen(action_rows[id].name)), id);
		assert_int_equal(action_by_wire(action_rows[id].wire), id);
		assert_int_not_equal(action_rows[id].hooks, 0);
	}
	for (int id = 0; id < HOOK_COUNT; id++) {
		assert_int_equal(hook_by_wire(hook_rows[id].wire), id);
		assert_true(field_find(GROUP_spec, hook_rows[id].section, strlen(hook_rows[id].section)) >= 0);
	}
}

static void fields(void **state)
{
	size_t row = 0;

	(void)state;
	for (enum field_group group = 1; group < GROUP_COUNT; group++) {
		assert_int_equal(group_rows[group].first, row);
		for (; field_rows[row].group == group; row++) {
			const struct field_row *field = &field_rows[row];
			enum kind_shape shape = kind_rows[field->kind].shape;
			bool has_child = shape == SHAPE_OBJECT || shape == SHAPE_OBJECT_LIST || shape == SHAPE_OBJECT_MAP;

			assert_int_equal(field_find(group, field->key, strlen(field->key)), row);
			assert_int_equal(field->child != GROUP_none, has_child);
			if (field->kind == KIND_BOOLEAN)
				assert_non_null(field->standard);
		}
	}
	assert_int_equal(field_rows[row].group, GROUP_none);
}

static void diagnostics(void **state)
{
	(void)state;
	for (int id = 0; id < DIAG_COUNT; id++) {
		const struct diagnostic_row *row = &diagnostic_rows[id];

		assert_int_equal(diagnostic_find(row->code, strlen(row->code)), id);
		assert_int_equal(strlen(row->code), 5);
		assert_true(!id || strcmp(diagnostic_rows[id - 1].code, row->code) < 0);
		assert_true(strlen(row->why) > 30);
	}
}

static void look_ups(void **state)
{
	static const struct { const char *name; size_t length; int type, operator, action; } rows[] = {
		{ "", 0, -1, -1, -1 }, { "long", 4, TYPE_INT64, -1, -1 }, { "lon", 3, -1, -1, -1 },
		{ "int\0", 4, -1, -1, -1 }, { "GreaterThan", 11, -1, OPERATOR_GT, -1 }, { "gt", 2, -1, -1, -1 },
		{ "Post", 4, -1, -1, ACTION_POST }, { "Postfix", 7, -1, OPERATOR_POSTFIX, -1 },
		{ "Postfixes", 7, -1, OPERATOR_POSTFIX, -1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		assert_int_equal(type_find(rows[i].name, rows[i].length), rows[i].type);
		assert_int_equal(operator_find(rows[i].name, rows[i].length), rows[i].operator);
		assert_int_equal(action_find(rows[i].name, rows[i].length), rows[i].action);
	}
	assert_int_equal(type_by_wire(9999), -1);
	assert_int_equal(spec_option_find("policy-mode", 11), SPEC_OPTION_POLICY_MODE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(counts),
		cmocka_unit_test(types),
		cmocka_unit_test(operators),
		cmocka_unit_test(actions_and_hooks),
		cmocka_unit_test(fields),
		cmocka_unit_test(diagnostics),
		cmocka_unit_test(look_ups),
	};

	return cmocka_run_group_tests_name("schema", tests, NULL, NULL);
}
