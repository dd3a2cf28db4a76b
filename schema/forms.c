// SPDX-License-Identifier: Apache-2.0
/* forms.c - the rows of forms.def; see forms.h. */
#include "schema/forms.h"

#include <string.h>

enum form_part { TEXT, KEYS, FEWEST_ENTRIES, TETRAGON_ENTRIES, EMPTY, INDEX, NEEDED, NAMES };
struct form_row {
	enum field_group group;
	const char *key;
	enum form_part part;
	unsigned number;
	const char *pattern;	/* NEEDED: the key; TETRAGON_ENTRIES: what it does with more */
	enum name_set names;
};

#define TEXT_FORM(group, key, longest, pattern)	{ GROUP_##group, key, TEXT, longest, pattern, NAME_SET_COUNT },
#define KEY_FORM(group, key, pattern)		{ GROUP_##group, key, KEYS, 0, pattern, NAME_SET_COUNT },
#define FEWEST(group, key, count)		{ GROUP_##group, key, FEWEST_ENTRIES, count, NULL, NAME_SET_COUNT },
#define TETRAGON_TAKES(group, key, count, does)	{ GROUP_##group, key, TETRAGON_ENTRIES, count, does, NAME_SET_COUNT },
#define MUST_BE_EMPTY(group, key)		{ GROUP_##group, key, EMPTY, 0, NULL, NAME_SET_COUNT },
#define HIGHEST_INDEX(group, key, highest)	{ GROUP_##group, key, INDEX, highest, NULL, NAME_SET_COUNT },
#define NEEDS(group, key, needed)		{ GROUP_##group, key, NEEDED, 0, needed, NAME_SET_COUNT },
#define NAMES_FORM(group, key, names, pattern)	{ GROUP_##group, key, NAMES, 0, pattern, names },
#define VALUE_FORM(values, names, pattern, most)
static const struct form_row form_rows[] = {
#include "schema/forms.def"
};
#undef TEXT_FORM
#undef KEY_FORM
#undef FEWEST
#undef TETRAGON_TAKES
#undef MUST_BE_EMPTY
#undef HIGHEST_INDEX
#undef NEEDS
#undef NAMES_FORM
#undef VALUE_FORM

#define TEXT_FORM(...)
#define KEY_FORM(...)
#define FEWEST(...)
#define TETRAGON_TAKES(...)
#define MUST_BE_EMPTY(...)
#define HIGHEST_INDEX(...)
#define NEEDS(...)
#define NAMES_FORM(...)
#define VALUE_FORM(values, names, pattern, most) { VALUES_##values, names, pattern, most },
const struct operand_form value_forms[] = {
#include "schema/forms.def"
};
const size_t value_form_count = sizeof(value_forms) / sizeof(*value_forms);

static void add(struct form *form, const struct form_row *row)
{
	switch (row->part) {
	case TEXT:
		form->longest = row->number;
		form->pattern = row->pattern;
		break;
	case KEYS:
		form->key_pattern = row->pattern;
		break;
	case FEWEST_ENTRIES:
		form->fewest = row->number;
		break;
	case TETRAGON_ENTRIES:
		form->tetragon_most = row->number;
		form->tetragon_does = row->pattern;
		break;
	case EMPTY:
		form->is_empty = true;
		break;
	case INDEX:
		form->highest_index = row->number;
		break;
	case NEEDED:
		form->needed = row->pattern;
		break;
	case NAMES:
		form->names = row->names;
		form->pattern = row->pattern;
		break;
	}
}

struct form form_of(const struct field_row *field)
{
	struct form form = { .names = NAME_SET_COUNT };

	for (size_t i = 0; i < sizeof(form_rows) / sizeof(*form_rows); i++)
		if (form_rows[i].group == field->group && !strcmp(form_rows[i].key, field->key))
			add(&form, &form_rows[i]);
	return form;
}
