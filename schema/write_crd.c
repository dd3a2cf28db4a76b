// SPDX-License-Identifier: Apache-2.0
/*
 * write_crd.c - the language as CustomResourceDefinitions, with schemas that are structural: every node has a type,
 * definitions are written out where they are used, and no key is refused, for the API server drops those it does not know.
 *
 * Of two limits they have Tetragon's, whose objects these are.  Conditions between keys are left to `tetra check` and to the JSON Schema.
 */
#include <string.h>

#include "schema/write.h"
#include "schema/write_field.h"

/* ---- One value ---- */

static void write_format(struct tree_writer *writer, const struct kind_row *kind)
{
	bool is_narrow = kind->minimum >= INT32_MIN && kind->maximum <= INT32_MAX;

	if (!strcmp(kind->json, "integer"))
		tree_key_text(writer, "format", is_narrow ? "int32" : "int64");
}

static void write_scalar(struct tree_writer *writer, const struct field_row *field, const struct form *form)
{
	const struct kind_row *kind = &kind_rows[field->kind];

	if (!kind->json) {
		tree_key_literal(writer, "x-kubernetes-preserve-unknown-fields", "true");
		return;
	}
	if (field->flags & FIELD_NUMBERS) {
		tree_key_literal(writer, "x-kubernetes-int-or-string", "true");
		return;
	}
	tree_key_text(writer, "type", kind->json);
	write_format(writer, kind);
	write_words(writer, kind);
	write_bounds(writer, kind);
	if (form->names == NAME_SET_COUNT)
		write_text_form(writer, form);
}

static void write_group(struct tree_writer *writer, enum field_group group);

static void write_inner(struct tree_writer *writer, const struct field_row *field, const struct form *form,
			const char *key)
{
	tree_key_begin(writer, key, TREE_MAPPING);
	if (field->child) {
		write_description(writer, group_rows[field->child].about, SUPPORT_NOW);
		write_group(writer, field->child);
	} else {
		write_scalar(writer, field, form);
	}
	tree_end(writer);
}

static void write_shape(struct tree_writer *writer, const struct field_row *field)
{
	struct form form = form_of(field);

	switch (kind_rows[field->kind].shape) {
	case SHAPE_SCALAR:
		write_scalar(writer, field, &form);
		return;
	case SHAPE_LIST:
	case SHAPE_OBJECT_LIST:
		tree_key_text(writer, "type", "array");
		write_counts(writer, &form, form.tetragon_most ? form.tetragon_most : field->most);
		write_inner(writer, field, &form, "items");
		return;
	case SHAPE_OBJECT:
		if (form.is_empty)
			tree_key_number(writer, "maxProperties", 0);
		write_group(writer, field->child);
		return;
	case SHAPE_OBJECT_MAP:
	case SHAPE_TEXT_MAP:
		tree_key_text(writer, "type", "object");
		write_inner(writer, field, &form, "additionalProperties");
		return;
	case SHAPE_LIST_MAP:
		tree_key_text(writer, "type", "object");
		tree_key_begin(writer, "additionalProperties", TREE_MAPPING);
		tree_key_text(writer, "type", "array");
		write_inner(writer, field, &form, "items");
		tree_end(writer);
		return;
	}
}

/* ---- Keys ---- */

/*
 * The API server would write a default into every stored policy.  Those that only say "nothing" are left out, for a
 * key that is there means more to a reader than one that is not.
 */
static bool is_worth_storing(const char *standard)
{
	return standard && strcmp(standard, "false") && strcmp(standard, "0") && strcmp(standard, "\"\"");
}

static void write_field(struct tree_writer *writer, const struct field_row *field)
{
	tree_key_begin(writer, field->key, TREE_MAPPING);
	write_description(writer, field->about, field->support);
	write_shape(writer, field);
	if (is_worth_storing(field->standard))
		tree_key_literal(writer, "default", field->standard);
	tree_end(writer);
}

static void write_group(struct tree_writer *writer, enum field_group group)
{
	tree_key_text(writer, "type", "object");
	write_required(writer, group);
	tree_key_begin(writer, "properties", TREE_MAPPING);
	for (size_t i = group_rows[group].first; field_rows[i].group == group; i++)
		write_field(writer, &field_rows[i]);
	tree_end(writer);
}

/* ---- The document: of its keys, the API server keeps the first three itself ---- */

static void write_root(struct tree_writer *writer, enum field_group root)
{
	tree_key_text(writer, "type", "object");
	write_required(writer, root);
	tree_key_begin(writer, "properties", TREE_MAPPING);
	for (size_t i = group_rows[root].first; field_rows[i].group == root; i++) {
		const struct field_row *field = &field_rows[i];

		if (field->kind == KIND_TEXT || field->child != GROUP_metadata) {
			write_field(writer, field);
			continue;
		}
		tree_key_begin(writer, field->key, TREE_MAPPING);
		tree_key_text(writer, "type", "object");
		tree_end(writer);
	}
	tree_end(writer);
}

static void write_names_of(struct tree_writer *writer, const struct document_row *document)
{
	char text[64];
	size_t length = strlen(document->kind);

	tree_key_begin(writer, "names", TREE_MAPPING);
	tree_key_text(writer, "kind", document->kind);
	snprintf(text, sizeof(text), "%sList", document->kind);
	tree_key_text(writer, "listKind", text);
	tree_key_text(writer, "plural", document->plural);
	for (size_t i = 0; i <= length; i++)
		text[i] = document->kind[i] >= 'A' && document->kind[i] <= 'Z' ? (char)(document->kind[i] + 'a' - 'A') :
			document->kind[i];
	tree_key_text(writer, "singular", text);
	tree_end(writer);
}

static void write_version(struct tree_writer *writer, const struct document_row *document, const char *version)
{
	tree_begin(writer, TREE_MAPPING);
	tree_key_text(writer, "name", version);
	tree_key_literal(writer, "served", "true");
	tree_key_literal(writer, "storage", "true");
	tree_key_begin(writer, "schema", TREE_MAPPING);
	tree_key_begin(writer, "openAPIV3Schema", TREE_MAPPING);
	write_description(writer, document->about, SUPPORT_NOW);
	write_root(writer, (enum field_group)document->root);
	tree_end(writer);
	tree_end(writer);
	tree_end(writer);
}

static void write_definition(FILE *out, const struct document_row *document)
{
	struct tree_writer writer = { .out = out, .format = TREE_YAML };
	size_t length = strcspn(document->group, "/");
	char name[256];

	tree_begin(&writer, TREE_MAPPING);
	tree_key_text(&writer, "apiVersion", "apiextensions.k8s.io/v1");
	tree_key_text(&writer, "kind", "CustomResourceDefinition");
	tree_key_begin(&writer, "metadata", TREE_MAPPING);
	snprintf(name, sizeof(name), "%s.%.*s", document->plural, (int)length, document->group);
	tree_key_text(&writer, "name", name);
	tree_end(&writer);
	tree_key_begin(&writer, "spec", TREE_MAPPING);
	tree_key(&writer, "group");
	tree_bytes(&writer, document->group, length);
	write_names_of(&writer, document);
	tree_key_text(&writer, "scope", document->scope);
	tree_key_begin(&writer, "versions", TREE_LIST);
	write_version(&writer, document, document->group + length + 1);
	tree_end(&writer);
	tree_end(&writer);
	tree_end(&writer);
}

void write_crd(FILE *out, uint32_t documents)
{
	fputs("# Made from the tables of tetra; do not edit.\n", out);
	for (enum document_id id = 0; id < DOCUMENT_COUNT; id++)
		if (documents & 1u << id) {
			fputs("---\n", out);
			write_definition(out, &document_rows[id]);
		}
}
