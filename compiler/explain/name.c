// SPDX-License-Identifier: Apache-2.0
/* name.c - which page a word means, and what to say when there is none; see page.h. */
#include <string.h>

#include "compiler/base/nearest.h"
#include "compiler/explain/parts.h"

/* ---- Words that are no paths ---- */

static struct data *find_word(const char *name, struct arena *arena)
{
	static struct data *(*const explainers[])(const char *, struct arena *) = {
		explain_diagnostic, explain_operator, explain_type, explain_action, explain_option, explain_hook,
		explain_word_list, explain_named,
	};
	struct data *page = NULL;

	for (size_t n = 0; !page && n < sizeof(explainers) / sizeof(*explainers); n++)
		page = explainers[n](name, arena);
	return page;
}

/* A word of the language may be the name of fields too. */
static void add_fields_of_name(struct arena *arena, struct data *page, const struct field_path_list *places)
{
	struct data *list;

	if (!places->count)
		return;
	list = data_list(arena, page, "fields_of_name");
	for (size_t n = 0; n < places->count; n++)
		data_text(arena, list, NULL, field_path_text(&places->items[n], arena));
}

/* ---- Nothing of that name ---- */

static const char *find_nearest(const char *name)
{
	struct nearest nearest = { .name = name, .length = strlen(name) };
	const char *spelling;
	int id;

	for (size_t n = 0; field_rows[n].key; n++)
		nearest_try(&nearest, field_rows[n].key);
	for (size_t n = 0; (spelling = operator_spelling(n, &id)); n++)
		nearest_try(&nearest, spelling);
	for (size_t n = 0; (spelling = type_spelling(n, &id)); n++)
		nearest_try(&nearest, spelling);
	for (int n = 0; n < ACTION_COUNT; n++)
		nearest_try(&nearest, action_rows[n].name);
	for (int n = 0; n < SPEC_OPTION_COUNT; n++)
		nearest_try(&nearest, spec_option_rows[n].name);
	for (int n = 0; n < HOOK_COUNT; n++)
		nearest_try(&nearest, hook_rows[n].name);
	for (int n = 0; n < DOCUMENT_COUNT; n++)
		nearest_try(&nearest, document_rows[n].kind);
	for (int n = 0; n < DIAG_COUNT; n++)
		nearest_try(&nearest, diagnostic_rows[n].code);
	for (const struct word_list *list = word_lists; list->name; list++)
		nearest_try(&nearest, list->name);
	return nearest.best;
}

static const char *keys_of(const struct field_path_problem *problem, struct arena *arena)
{
	enum field_group group = problem->group;
	struct buffer text = { 0 };
	const char *copy;

	if (!group)
		return NULL;
	buffer_format(&text, "under %s there is:\n", field_path_text(&problem->under, arena));
	for (size_t n = group_rows[group].first; field_rows[n].group == group; n++)
		buffer_format(&text, "  %-22s %s\n", field_rows[n].key, field_rows[n].about);
	copy = arena_copy(arena, text.bytes, text.length);
	buffer_release(&text);
	return copy;
}

static const char *hint(const char *nearest, struct arena *arena)
{
	return nearest ? arena_format(arena, "; did you mean '%s'?", nearest) : "";
}

static const char *shown(const char *name, struct arena *arena)
{
	char *copy = arena_copy(arena, name, strnlen(name, 2 * NEAREST_NAME_MAX));

	for (char *c = copy; *c; c++)
		if (*c < ' ' || *c > '~')
			*c = '?';
	return copy;
}

static void say_problem(const char *name, const struct field_path_problem *wrong, struct arena *arena,
			struct explain_problem *problem)
{
	const char *nearest = NULL;

	*problem = (struct explain_problem){ 0 };
	if (!strpbrk(name, ".[]")) {
		nearest = find_nearest(name);
		problem->message = nearest ?
			arena_format(arena, "nothing is called '%s'%s", shown(name, arena), hint(nearest, arena)) :
			arena_format(arena, "nothing is called '%s': no file, diagnostic, field, operator, type, action, option "
				     "or list", shown(name, arena));
	} else if (!wrong->part) {
		problem->message = arena_format(arena, "'%s' is no path: %s", shown(name, arena), wrong->message);
	} else {
		problem->message = arena_format(arena, "'%s': %s%s", shown(name, arena), wrong->message,
						hint(wrong->nearest, arena));
		problem->exists = keys_of(wrong, arena);
	}
}

struct data *explain_name(const char *name, enum explain_depth depth, struct arena *arena,
			  struct explain_problem *problem)
{
	struct field_path_problem wrong;
	struct field_path_list places;
	struct field_path path;
	struct data *page;

	if (field_path_read(name, arena, &path, &wrong))
		return explain_field(&path, depth, arena);
	places = (struct field_path_list){ 0 };
	if (wrong.at_start)
		field_path_search(name, arena, &places);
	page = find_word(name, arena);
	if (page)
		add_fields_of_name(arena, page, &places);
	else if (places.count)
		page = explain_places(name, &places, depth, arena);
	else
		say_problem(name, &wrong, arena, problem);
	return page;
}
