// SPDX-License-Identifier: Apache-2.0
/* write_field.c - see write_field.h. */
#include "schema/write_field.h"

#include <assert.h>
#include <string.h>

/* ---- Words ---- */

bool words_are_a_table(const struct kind_row *kind)
{
	return kind->words && kind->words[0] == '<';
}

static bool operator_word(const struct kind_row *kind, size_t n, struct word *ret)
{
	const char *name;
	int id;

	for (size_t i = 0; (name = operator_spelling(i, &id)); i++)
		if ((operator_rows[id].filters & kind->filters) && !n--) {
			*ret = (struct word){ name, strlen(name), operator_rows[id].about, operator_rows[id].support };
			return true;
		}
	return false;
}

static bool type_word(size_t n, struct word *ret)
{
	int id;
	const char *name = type_spelling(n, &id);

	if (name)
		*ret = (struct word){ name, strlen(name), type_rows[id].about, type_rows[id].support };
	return name;
}

static bool action_word(size_t n, struct word *ret)
{
	if (n >= ACTION_COUNT)
		return false;
	*ret = (struct word){ action_rows[n].name, strlen(action_rows[n].name), action_rows[n].about,
		action_rows[n].support };
	return true;
}

static bool listed_word(const char *words, size_t n, struct word *ret)
{
	*ret = (struct word){ .about = "", .support = SUPPORT_NOW };
	ret->length = words_at(words, n, &ret->name);
	return ret->length;
}

bool word_of(const struct kind_row *kind, size_t n, struct word *ret)
{
	if (!kind->words)
		return false;
	if (!words_are_a_table(kind))
		return listed_word(kind->words, n, ret);
	if (!strcmp(kind->words, KIND_WORDS_TYPES))
		return type_word(n, ret);
	return !strcmp(kind->words, KIND_WORDS_ACTIONS) ? action_word(n, ret) : operator_word(kind, n, ret);
}

/* ---- Keywords of schemas ---- */

void write_description(struct tree_writer *writer, const char *about, enum support support)
{
	char text[1024];
	int length = snprintf(text, sizeof(text), "%s%s", about, support == SUPPORT_NOW ? "" : " " LATER_NOTE);

	assert((size_t)length < sizeof(text));
	tree_key_text(writer, "description", text);
}

void write_words(struct tree_writer *writer, const struct kind_row *kind)
{
	struct word word;

	if (!kind->words)
		return;
	tree_key_begin(writer, "enum", TREE_ROW);
	for (size_t n = 0; word_of(kind, n, &word); n++)
		tree_bytes(writer, word.name, word.length);
	tree_end(writer);
}

void write_bounds(struct tree_writer *writer, const struct kind_row *kind)
{
	if (strcmp(kind->json, "integer"))
		return;
	tree_key_number(writer, "minimum", kind->minimum);
	tree_key_number(writer, "maximum", kind->maximum);
}

void write_names(struct tree_writer *writer, enum name_set names)
{
	tree_key_begin(writer, "enum", TREE_ROW);
	for (size_t n = 0; n < name_sets[names].count; n++)
		tree_text(writer, name_sets[names].names[n].name);
	tree_end(writer);
}

void write_text_form(struct tree_writer *writer, const struct form *form)
{
	if (form->longest)
		tree_key_number(writer, "maxLength", form->longest);
	if (form->pattern)
		tree_key_text(writer, "pattern", form->pattern);
}

void write_counts(struct tree_writer *writer, const struct form *form, unsigned most)
{
	if (form->fewest)
		tree_key_number(writer, "minItems", form->fewest);
	if (most)
		tree_key_number(writer, "maxItems", most);
}

void write_required(struct tree_writer *writer, enum field_group group)
{
	bool any = false;

	for (size_t i = group_rows[group].first; field_rows[i].group == group; i++) {
		if (!(field_rows[i].flags & FIELD_REQUIRED))
			continue;
		if (!any)
			tree_key_begin(writer, "required", TREE_ROW);
		any = true;
		tree_text(writer, field_rows[i].key);
	}
	if (any)
		tree_end(writer);
}
