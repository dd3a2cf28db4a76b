// SPDX-License-Identifier: Apache-2.0
/* field.c - pages of fields, and lists of the places that a name may mean; see page.h. */
#include <stdlib.h>
#include <string.h>

#include "compiler/explain/parts.h"
#include "schema/forms.h"

const char *field_type_name(const struct field_row *field)
{
	const struct kind_row *kind = &kind_rows[field->kind];

	switch (kind->shape) {
	case SHAPE_SCALAR:
		return !kind->json ? "any" : kind->json;
	case SHAPE_LIST:
		return !strcmp(kind->json, "integer") ? "[]integer" : "[]string";
	case SHAPE_OBJECT:
		return "object";
	case SHAPE_OBJECT_LIST:
		return "[]object";
	case SHAPE_OBJECT_MAP:
		return "map[string]object";
	case SHAPE_TEXT_MAP:
		return "map[string]string";
	case SHAPE_LIST_MAP:
		return "map[string][]string";
	}
	return "any";
}

/* What a default is in JSON: a string, true, false or a number. */
static void add_default(struct arena *arena, struct data *page, const char *standard)
{
	size_t length = strlen(standard);

	if (*standard == '"')
		data_text(arena, page, "default", arena_copy(arena, standard + 1, length - 2));
	else if (*standard == 't' || *standard == 'f')
		data_boolean(arena, page, "default", *standard == 't');
	else
		data_number(arena, page, "default", strtoll(standard, NULL, 10));
}

static void add_bounds(struct arena *arena, struct data *page, const struct field_row *field)
{
	const struct kind_row *kind = &kind_rows[field->kind];
	struct form form = form_of(field);

	if (kind->json && !strcmp(kind->json, "integer")) {
		data_number(arena, page, "minimum", kind->minimum);
		data_number(arena, page, "maximum", kind->maximum);
	}
	if (form.longest)
		data_number(arena, page, "max_length", form.longest);
	if (form.pattern)
		data_text(arena, page, "pattern", form.pattern);
	if (form.key_pattern)
		data_text(arena, page, "key_pattern", form.key_pattern);
	if (form.fewest)
		data_number(arena, page, "min_entries", form.fewest);
	if (field->most)
		data_number(arena, page, "max_entries", field->most);
	if (form.tetragon_most)
		data_number(arena, page, "tetragon_max_entries", form.tetragon_most);
	if (field->standard)
		add_default(arena, page, field->standard);
}

static void add_fields(struct arena *arena, struct data *page, const struct field_path *path, enum explain_depth depth)
{
	enum field_group group = field_path_group(path);
	struct data *list;

	if (!group)
		return;
	list = data_list(arena, page, depth == EXPLAIN_TREE ? "tree" : "fields");
	for (size_t n = group_rows[group].first; field_rows[n].group == group; n++) {
		const struct field_row *field = &field_rows[n];
		struct field_path below = *path;
		struct data *entry = data_record(arena, list, NULL);

		field_path_enter(&below, field);
		data_text(arena, entry, "name", field->key);
		data_text(arena, entry, "path", field_path_text(&below, arena));
		data_text(arena, entry, "type", field_type_name(field));
		data_boolean(arena, entry, "required", field->flags & FIELD_REQUIRED);
		data_boolean(arena, entry, "supported", field_path_support(&below) == SUPPORT_NOW);
		data_text(arena, entry, "about", field->about);
		if (depth == EXPLAIN_TREE)
			add_fields(arena, entry, &below, depth);
	}
}

/* What a section under spec says of its hooks. */
static void add_section(struct arena *arena, struct data *page, const struct field_row *field)
{
	struct data *list = data_list(arena, page, "hooks_of");

	for (int hook = 0; hook < HOOK_COUNT; hook++)
		if (!strcmp(hook_rows[hook].section, field->key))
			add_hook_facts(arena, page_entry(arena, list, hook_rows[hook].name, hook_rows[hook].about,
							 hook_rows[hook].support), hook);
}

/* apiVersion and kind have few values, and `values` and the name of an option may have a list. */
static void add_known_values(struct arena *arena, struct data *page, const struct field_row *field)
{
	bool is_kind = field->group == GROUP_root && !strcmp(field->key, "kind");

	if (is_kind || (field->group == GROUP_root && field->kind == KIND_TEXT)) {
		struct data *list = data_list(arena, page, "values");
		const char *last = NULL;

		for (int id = 0; id < DOCUMENT_COUNT; id++) {
			const char *name = is_kind ? document_rows[id].kind : document_rows[id].group;

			if (!name || (last && !strcmp(last, name)))
				continue;
			page_entry(arena, list, name, is_kind ? document_rows[id].about : "", document_rows[id].support);
			last = name;
		}
	}
	for (const struct word_list *list = word_lists; list->name; list++)
		if (list->values_of && list->values_of == field->group &&
		    (field->kind == KIND_VALUE_LIST || !strcmp(field->key, "name")))
			data_text(arena, page, "see", list->name);
}

/* HOOK_BITs of the section that the path goes through. */
static int hooks_of(const struct field_path *path)
{
	unsigned hooks = 0;

	if (path->count < 2 || path->any_section || !field_is_section(path->steps[1].field))
		return ANY_HOOK;
	for (int hook = 0; hook < HOOK_COUNT; hook++)
		if (!strcmp(hook_rows[hook].section, path->steps[1].field->key))
			hooks |= 1u << hook;
	return (int)hooks;
}

static struct data *explain_document(const struct field_path *path, enum explain_depth depth, struct arena *arena)
{
	const struct document_row *row = &document_rows[path->document < 0 ? 0 : path->document];
	struct data *page = page_new(arena, "document", "name", row->kind, row->support, row->about);

	if (row->group)
		data_text(arena, page, "apiVersion", row->group);
	add_fields(arena, page, path, depth);
	return page;
}

struct data *explain_field(const struct field_path *path, enum explain_depth depth, struct arena *arena)
{
	const struct field_row *field = field_path_last(path);
	struct data *page;

	if (!field)
		return explain_document(path, depth, arena);
	page = page_new(arena, "field", "path", field_path_text(path, arena), field_path_support(path), field->about);
	data_text(arena, page, "document", document_rows[path->document < 0 ? 0 : path->document].kind);
	data_text(arena, page, "type", field_type_name(field));
	data_text(arena, page, "wants", kind_rows[field->kind].wants);
	data_boolean(arena, page, "required", field->flags & FIELD_REQUIRED);
	add_bounds(arena, page, field);
	if (field_is_section(field))
		add_section(arena, page, field);
	add_known_values(arena, page, field);
	add_kind_values(arena, page, field->kind, hooks_of(path));
	add_fields(arena, page, path, depth);
	return page;
}

/* ---- Several places ---- */

void add_places(struct arena *arena, struct data *page, const struct field_path_list *places)
{
	struct data *list = data_list(arena, page, "places");

	for (size_t n = 0; n < places->count; n++) {
		const struct field_row *field = field_path_last(&places->items[n]);

		page_entry(arena, list, field_path_text(&places->items[n], arena), field->about,
			   field_path_support(&places->items[n]));
	}
}

static bool all_are_one(const struct field_path_list *places)
{
	for (size_t n = 1; n < places->count; n++)
		if (field_path_last(&places->items[n]) != field_path_last(&places->items[0]))
			return false;
	return true;
}

struct data *explain_places(const char *name, const struct field_path_list *places, enum explain_depth depth,
			    struct arena *arena)
{
	struct data *page;

	if (all_are_one(places)) {
		page = explain_field(&places->items[0], depth, arena);
		if (places->count > 1)
			add_places(arena, page, places);
		return page;
	}
	page = page_new(arena, "fields", "name", name, SUPPORT_NOW, "Several fields have this name; each is explained by its path.");
	add_places(arena, page, places);
	return page;
}
