/* SPDX-License-Identifier: Apache-2.0 */
/* write_field.h - what the writers share: the words that a field takes, and what schemas of any sort say of it. */
#ifndef SCHEMA_WRITE_FIELD_H
#define SCHEMA_WRITE_FIELD_H

#include "schema/forms.h"
#include "schema/schema.h"
#include "schema/tree_writer.h"

#define LATER_NOTE "Not supported yet by this version of tetra."

/* Word n that a kind takes, with what it means and whether it works; false past the end. */
struct word {
	const char *name;
	size_t length;
	const char *about;
	enum support support;
};
bool word_of(const struct kind_row *kind, size_t n, struct word *ret);
bool words_are_a_table(const struct kind_row *kind);	/* of types, actions or operators, and not just a list */

void write_description(struct tree_writer *writer, const char *about, enum support support);

/* "enum", "minimum" and "maximum" of a kind; "maxLength" and "pattern" of a form. */
void write_words(struct tree_writer *writer, const struct kind_row *kind);
void write_bounds(struct tree_writer *writer, const struct kind_row *kind);
void write_text_form(struct tree_writer *writer, const struct form *form);
void write_names(struct tree_writer *writer, enum name_set names);

/* "minItems" and "maxItems"; most: 0 for any */
void write_counts(struct tree_writer *writer, const struct form *form, unsigned most);

/* "required" */
void write_required(struct tree_writer *writer, enum field_group group);

#endif
