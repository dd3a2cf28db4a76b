/* SPDX-License-Identifier: Apache-2.0 */
/* forms.h - what schemas say of a field beyond its kind: forms.def. */
#ifndef SCHEMA_FORMS_H
#define SCHEMA_FORMS_H

#include "schema/names.h"
#include "schema/schema.h"

struct form {
	unsigned longest;		/* characters of a text; 0: any */
	const char *pattern;		/* of a text; NULL: any */
	const char *key_pattern;	/* of the free keys of a mapping; NULL: any */
	unsigned fewest;		/* entries of a list */
	unsigned tetragon_most;		/* entries of a list that Tetragon has room for; 0: as many as we */
	const char *tetragon_does;	/* what it does with more: "refuses" */
	bool is_empty;			/* a mapping without keys */
	unsigned highest_index;		/* `index` of the entries of a list; 0: any */
	const char *needed;		/* a key that the entries of a list must have; NULL: none */
	enum name_set names;		/* which texts may be beside those of the pattern; NAME_SET_COUNT: none */
};
struct form form_of(const struct field_row *field);

/* Of the values of an operator. */
struct operand_form {
	enum value_kind values;
	enum name_set names;		/* NAME_SET_COUNT: none */
	const char *pattern;		/* what else it may be; NULL: nothing, or anything where there are no names */
	unsigned most;			/* 0: any */
};
extern const struct operand_form value_forms[];
extern const size_t value_form_count;

#endif
