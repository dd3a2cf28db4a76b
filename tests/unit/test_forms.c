// SPDX-License-Identifier: Apache-2.0
/* test_forms.c - each row of forms.def is of a field that there is, and of a shape that it can say something of. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "schema/forms.h"

#define SHAPE(name) (1u << SHAPE_##name)
#define SHAPES_OF_TEXTS	(SHAPE(SCALAR) | SHAPE(LIST) | SHAPE(TEXT_MAP))
#define SHAPES_OF_LISTS	(SHAPE(LIST) | SHAPE(OBJECT_LIST))

static const struct { enum field_group group; const char *key; unsigned shapes; } rows[] = {
#define TEXT_FORM(group, key, longest, pattern)	{ GROUP_##group, key, SHAPES_OF_TEXTS },
#define KEY_FORM(group, key, pattern)		{ GROUP_##group, key, SHAPE(TEXT_MAP) | SHAPE(OBJECT_MAP) },
#define FEWEST(group, key, count)		{ GROUP_##group, key, SHAPES_OF_LISTS },
#define TETRAGON_TAKES(group, key, count, does)	{ GROUP_##group, key, SHAPES_OF_LISTS },
#define MUST_BE_EMPTY(group, key)		{ GROUP_##group, key, SHAPE(OBJECT) },
#define HIGHEST_INDEX(group, key, highest)	{ GROUP_##group, key, SHAPE(OBJECT_LIST) },
#define NEEDS(group, key, needed)		{ GROUP_##group, key, SHAPE(OBJECT_LIST) },
#define NAMES_FORM(group, key, names, pattern)	{ GROUP_##group, key, SHAPE(LIST) },
#define VALUE_FORM(values, names, pattern, most)
#include "schema/forms.def"
};

static void fields_are_there(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		int row = field_find(rows[i].group, rows[i].key, strlen(rows[i].key));

		if (row < 0)
			fail_msg("there is no field '%s'", rows[i].key);
		if (!(1u << kind_rows[field_rows[row].kind].shape & rows[i].shapes))
			fail_msg("the row of '%s' is for another shape", rows[i].key);
	}
}

/* Rows of one field meet in one form. */
static void rows_meet(void **state)
{
	struct form labels = form_of(&field_rows[field_find(GROUP_metadata, "labels", strlen("labels"))]);
	struct form none = form_of(&field_rows[field_find(GROUP_spec, "loader", strlen("loader"))]);

	(void)state;
	assert_non_null(labels.pattern);
	assert_non_null(labels.key_pattern);
	assert_int_equal(labels.longest, LIMIT_LABEL_BYTES);
	assert_int_equal(labels.names, NAME_SET_COUNT);
	assert_null(none.pattern);
	assert_int_equal(none.longest, 0);
}

/* Tetragon's limits are narrower than ours: what it takes, we take. */
static void limits_are_ordered(void **state)
{
	size_t seen = 0;

	(void)state;
	for (size_t i = 0; field_rows[i].group; i++) {
		struct form form = form_of(&field_rows[i]);

		if (!form.tetragon_most)
			continue;
		assert_true(form.tetragon_most < field_rows[i].most);
		assert_non_null(form.tetragon_does);
		seen++;
	}
	assert_int_equal(seen, 19);
}

/* Every grammar of values has its row. */
static void values_have_forms(void **state)
{
	(void)state;
	for (enum operator_id id = 0; id < OPERATOR_COUNT; id++) {
		size_t n = 0;

		while (n < value_form_count && value_forms[n].values != operator_rows[id].values)
			n++;
		if (n == value_form_count && operator_rows[id].values != VALUES_NONE)
			fail_msg("values of %s have no form", operator_rows[id].name);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fields_are_there), cmocka_unit_test(rows_meet), cmocka_unit_test(limits_are_ordered),
		cmocka_unit_test(values_have_forms),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
