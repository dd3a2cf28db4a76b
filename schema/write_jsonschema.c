// SPDX-License-Identifier: Apache-2.0
/*
 * write_jsonschema.c - the language as JSON Schema, for editors and other validators.
 *
 * One definition for each group of fields.def.  Beside the keywords of the draft it has those that language servers
 * read: markdownDescription, enumDescriptions, and x-kubernetes-group-version-kind to find the schema by.
 */
#include <assert.h>
#include <string.h>

#include "schema/write.h"
#include "schema/write_conditions.h"
#include "schema/write_field.h"
#include "schema/write_types.h"

/* ---- One value ---- */

static void write_descriptions_of_words(struct tree_writer *writer, const struct kind_row *kind)
{
	struct word word;

	if (!words_are_a_table(kind))
		return;
	tree_key_begin(writer, "enumDescriptions", TREE_LIST);
	for (size_t n = 0; word_of(kind, n, &word); n++) {
		char text[1024];
		int length = snprintf(text, sizeof(text), "%s%s", word.about,
			word.support == SUPPORT_NOW ? "" : " " LATER_NOTE);

		assert((size_t)length < sizeof(text));
		tree_text(writer, text);
	}
	tree_end(writer);
}

/* The type is `json`, or what the bits of `flags` add to it. */
static void write_type(struct tree_writer *writer, const char *json, unsigned flags)
{
	if (!(flags & (FIELD_NUMBERS | FIELD_NULLS))) {
		tree_key_text(writer, "type", json);
		return;
	}
	tree_key_begin(writer, "type", TREE_ROW);
	tree_text(writer, json);
	if (flags & FIELD_NUMBERS)
		tree_text(writer, "number");
	if (flags & FIELD_NULLS)
		tree_text(writer, "null");
	tree_end(writer);
}

/* Names of a table, or what has the pattern. */
static void write_named(struct tree_writer *writer, const struct form *form)
{
	tree_key_begin(writer, "anyOf", TREE_LIST);
	tree_begin(writer, TREE_MAPPING);
	write_names(writer, form->names);
	tree_end(writer);
	tree_begin(writer, TREE_MAPPING);
	write_text_form(writer, form);
	tree_end(writer);
	tree_end(writer);
}

static void write_scalar(struct tree_writer *writer, const struct field_row *field, const struct form *form)
{
	const struct kind_row *kind = &kind_rows[field->kind];

	if (!kind->json)
		return;
	write_type(writer, kind->json, field->flags);
	write_words(writer, kind);
	write_descriptions_of_words(writer, kind);
	write_bounds(writer, kind);
	if (form->names != NAME_SET_COUNT)
		write_named(writer, form);
	else
		write_text_form(writer, form);
}

static void write_reference_to(struct tree_writer *writer, enum field_group group)
{
	char reference[64];

	snprintf(reference, sizeof(reference), "#/$defs/%s", group_rows[group].name);
	tree_key_text(writer, "$ref", reference);
}

static void write_entries(struct tree_writer *writer, const struct field_row *field, const struct form *form)
{
	write_type(writer, "array", field->flags & FIELD_NULLS);
	tree_key_begin(writer, "items", TREE_MAPPING);
	if (field->child)
		write_reference_to(writer, field->child);
	else
		write_scalar(writer, field, form);
	if (form->needed) {
		tree_key_begin(writer, "required", TREE_ROW);
		tree_text(writer, form->needed);
		tree_end(writer);
	}
	if (form->highest_index) {
		tree_key_begin(writer, "properties", TREE_MAPPING);
		tree_key_begin(writer, "index", TREE_MAPPING);
		tree_key_number(writer, "maximum", form->highest_index);
		tree_end(writer);
		tree_end(writer);
	}
	tree_end(writer);
	write_counts(writer, form, field->most);
}

static void write_free_keys(struct tree_writer *writer, const struct field_row *field, const struct form *form)
{
	write_type(writer, "object", field->flags & FIELD_NULLS);
	if (form->key_pattern) {
		tree_key_begin(writer, "propertyNames", TREE_MAPPING);
		tree_key_text(writer, "pattern", form->key_pattern);
		tree_end(writer);
	}
	tree_key_begin(writer, "additionalProperties", TREE_MAPPING);
	if (field->child)
		write_reference_to(writer, field->child);
	else
		write_scalar(writer, field, form);
	tree_end(writer);
}

static void write_free_lists(struct tree_writer *writer, const struct field_row *field, const struct form *form)
{
	write_type(writer, "object", field->flags & FIELD_NULLS);
	tree_key_begin(writer, "additionalProperties", TREE_MAPPING);
	write_entries(writer, field, form);
	tree_end(writer);
}

static void write_shape(struct tree_writer *writer, const struct field_row *field, const struct form *form)
{
	switch (kind_rows[field->kind].shape) {
	case SHAPE_SCALAR:
		write_scalar(writer, field, form);
		return;
	case SHAPE_LIST:
	case SHAPE_OBJECT_LIST:
		write_entries(writer, field, form);
		return;
	case SHAPE_OBJECT:
		write_reference_to(writer, field->child);
		if (form->is_empty)
			tree_key_number(writer, "maxProperties", 0);
		return;
	case SHAPE_OBJECT_MAP:
	case SHAPE_TEXT_MAP:
		write_free_keys(writer, field, form);
		return;
	case SHAPE_LIST_MAP:
		write_free_lists(writer, field, form);
		return;
	}
}

/* ---- Keys ---- */

/* What hovering over the key shows. */
static void write_markdown(struct tree_writer *writer, const struct field_row *field)
{
	char most[64] = "", text[1024];
	struct form form = form_of(field);
	int length;

	if (form.tetragon_most)
		snprintf(most, sizeof(most), " At most %u entries, and %u with Tetragon.", field->most, form.tetragon_most);
	else if (field->most)
		snprintf(most, sizeof(most), " At most %u entr%s.", field->most, field->most == 1 ? "y" : "ies");
	length = snprintf(text, sizeof(text), "%s%s%s%s%s%s", field->about, most, field->standard ? " Default: `" : "",
		field->standard ? field->standard : "", field->standard ? "`." : "",
		field->support == SUPPORT_NOW ? "" : " *" LATER_NOTE "*");
	assert((size_t)length < sizeof(text));
	tree_key_text(writer, "markdownDescription", text);
}

static bool is_root(enum field_group group)
{
	for (enum document_id id = 0; id < DOCUMENT_COUNT; id++)
		if (document_rows[id].root == (int)group)
			return true;
	return false;
}

/* apiVersion and kind are what Kubernetes calls the documents. */
static void write_document_words(struct tree_writer *writer, const struct field_row *field, uint32_t documents)
{
	bool is_kind = !strcmp(field->key, "kind");
	const char *last = NULL;

	if (!is_root(field->group) || field->kind != KIND_TEXT)
		return;
	tree_key_begin(writer, "enum", TREE_ROW);
	for (enum document_id id = 0; id < DOCUMENT_COUNT; id++) {
		const char *word = is_kind ? document_rows[id].kind : document_rows[id].group;

		if ((documents & 1u << id) && document_rows[id].root == (int)field->group && !(last && !strcmp(last, word)))
			tree_text(writer, last = word);
	}
	if (!is_kind && field->group == GROUP_intent_root)	/* where the first draft of the kind was */
		tree_text(writer, document_rows[DOCUMENT_TRACING_POLICY].group);
	tree_end(writer);
}

static void write_field(struct tree_writer *writer, const struct field_row *field, uint32_t documents)
{
	struct form form = form_of(field);

	tree_key_begin(writer, field->key, TREE_MAPPING);
	write_description(writer, field->about, field->support);
	write_markdown(writer, field);
	write_shape(writer, field, &form);
	write_document_words(writer, field, documents);
	if (field->standard)
		tree_key_literal(writer, "default", field->standard);
	tree_end(writer);
}

static void write_group(struct tree_writer *writer, enum field_group group, uint32_t documents)
{
	const struct group_row *row = &group_rows[group];

	tree_key_text(writer, "title", row->path);
	write_description(writer, row->about, SUPPORT_NOW);
	tree_key_text(writer, "type", "object");
	tree_key_literal(writer, "additionalProperties", "false");
	write_required(writer, group);
	tree_key_begin(writer, "properties", TREE_MAPPING);
	for (size_t i = row->first; field_rows[i].group == group; i++)
		write_field(writer, &field_rows[i], documents);
	tree_end(writer);
	write_conditions(writer, group, documents);
}

/* ---- The schema ---- */

uint32_t schema_documents(void)
{
	uint32_t documents = 0;

	for (enum document_id id = 0; id < DOCUMENT_COUNT; id++)
		if (document_rows[id].support == SUPPORT_NOW)
			documents |= 1u << id;
	return documents;
}

static void write_document_names(struct tree_writer *writer, uint32_t documents)
{
	tree_key_begin(writer, "x-kubernetes-group-version-kind", TREE_LIST);
	for (enum document_id id = 0; id < DOCUMENT_COUNT; id++) {
		const char *group = document_rows[id].group;
		size_t length = group ? strcspn(group, "/") : 0;

		if (!(documents & 1u << id))
			continue;
		tree_begin(writer, TREE_MAPPING);
		tree_key(writer, "group");
		tree_bytes(writer, group, length);
		tree_key_text(writer, "version", group + length + 1);
		tree_key_text(writer, "kind", document_rows[id].kind);
		tree_end(writer);
	}
	tree_end(writer);
}

/* Groups that the documents reach. */
static void mark(bool reached[GROUP_COUNT], enum field_group group)
{
	if (reached[group])
		return;
	reached[group] = true;
	for (size_t i = group_rows[group].first; field_rows[i].group == group; i++)
		if (field_rows[i].child)
			mark(reached, field_rows[i].child);
}

/* Kinds that share no root are told apart by their name; the last is what anything else is taken for. */
static void write_roots(struct tree_writer *writer, uint32_t documents, enum field_group otherwise)
{
	tree_key_text(writer, "type", "object");
	tree_key_begin(writer, "properties", TREE_MAPPING);
	tree_key_begin(writer, "kind", TREE_MAPPING);
	tree_key_begin(writer, "enum", TREE_ROW);
	for (enum document_id id = 0; id < DOCUMENT_COUNT; id++)
		if (documents & 1u << id)
			tree_text(writer, document_rows[id].kind);
	tree_end(writer);
	tree_end(writer);
	tree_end(writer);
	for (enum document_id id = 0; id < DOCUMENT_COUNT; id++) {
		if (!(documents & 1u << id) || document_rows[id].root == (int)otherwise)
			continue;
		tree_key_begin(writer, "if", TREE_MAPPING);
		tree_key_begin(writer, "properties", TREE_MAPPING);
		tree_key_begin(writer, "kind", TREE_MAPPING);
		tree_key_text(writer, "const", document_rows[id].kind);
		tree_end(writer);
		tree_end(writer);
		tree_key_begin(writer, "required", TREE_ROW);
		tree_text(writer, "kind");
		tree_end(writer);
		tree_end(writer);
		tree_key_begin(writer, "then", TREE_MAPPING);
		write_reference_to(writer, (enum field_group)document_rows[id].root);
		tree_end(writer);
		tree_key_begin(writer, "else", TREE_MAPPING);
		write_reference_to(writer, otherwise);
		tree_end(writer);
	}
}

void write_json_schema(FILE *out, uint32_t documents)
{
	struct tree_writer writer = { .out = out, .format = TREE_JSON };
	bool reached[GROUP_COUNT] = { false };
	enum field_group root = GROUP_none;
	bool is_mixed = false;

	for (enum document_id id = 0; id < DOCUMENT_COUNT; id++)
		if (documents & 1u << id) {
			is_mixed |= root && document_rows[id].root != (int)root;
			root = root ? root : (enum field_group)document_rows[id].root;
			mark(reached, (enum field_group)document_rows[id].root);
		}
	tree_begin(&writer, TREE_MAPPING);
	tree_key_text(&writer, "$schema", "https://json-schema.org/draft/2020-12/schema");
	write_document_names(&writer, documents);
	if (is_mixed)
		write_roots(&writer, documents, root);
	else
		write_group(&writer, root, documents);
	tree_key_begin(&writer, "$defs", TREE_MAPPING);
	for (enum field_group group = GROUP_root; group < GROUP_COUNT; group++) {
		if (!reached[group] || (!is_mixed && group == root))
			continue;
		tree_key_begin(&writer, group_rows[group].name, TREE_MAPPING);
		write_group(&writer, group, documents);
		tree_end(&writer);
	}
	write_type_definitions(&writer);
	tree_end(&writer);
	tree_end(&writer);
}
