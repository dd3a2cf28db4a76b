// SPDX-License-Identifier: Apache-2.0
/* explain_name.c - rows of the language in English; see explain.h. */
#include "compiler/explain.h"

#include <inttypes.h>
#include <string.h>

#include "compiler/base/nearest.h"

static const char *later(enum support support)
{
	return support == SUPPORT_NOW ? "" : " (not supported yet)";
}

/* ---- Diagnostics ---- */

static bool explain_diagnostic(const char *name, struct buffer *ret)
{
	int id = diagnostic_find(name, strlen(name));
	const struct diagnostic_row *row;

	if (id < 0)
		return false;
	row = &diagnostic_rows[id];
	buffer_format(ret, "%s (%s): %s\n\n%s\n", row->code,
		      row->severity == SEVERITY_WARNING ? "warning" : "error", row->title, row->why);
	return true;
}

/* ---- Operators, types, actions, options ---- */

static bool explain_operator(const char *name, struct buffer *ret)
{
	int id = operator_find(name, strlen(name));

	if (id < 0)
		return false;
	buffer_format(ret, "Operator %s%s\n  %s\n", operator_rows[id].name, later(operator_rows[id].support),
		      operator_rows[id].about);
	if (operator_rows[id].negates >= 0)
		buffer_format(ret, "  The negation of %s; a value that cannot be read satisfies neither.\n",
			      operator_rows[operator_rows[id].negates].name);
	if (operator_rows[id].filters & FILTER_ARGUMENTS) {
		buffer_add_text(ret, "  In matchArgs, on arguments of type");
		for (int type = 0; type < TYPE_COUNT; type++)
			if (operator_rows[id].classes >> type_rows[type].class & 1 &&
			    type_rows[type].support == SUPPORT_NOW)
				buffer_format(ret, " %s", type_rows[type].name);
		buffer_add_text(ret, ".\n");
	}
	return true;
}

static bool explain_type(const char *name, struct buffer *ret)
{
	int id = type_find(name, strlen(name));

	if (id < 0)
		return false;
	buffer_format(ret, "Type %s%s\n  %s\n  In events: %s.\n", type_rows[id].name, later(type_rows[id].support),
		      type_rows[id].about, *type_rows[id].event ? type_rows[id].event : "nothing");
	buffer_add_text(ret, "  Operators:");
	for (int op = 0; op < OPERATOR_COUNT; op++)
		if (operator_rows[op].classes >> type_rows[id].class & 1 && operator_rows[op].support == SUPPORT_NOW &&
		    type_rows[id].class != CLASS_NONE)
			buffer_format(ret, " %s", operator_rows[op].name);
	buffer_add_text(ret, type_rows[id].class == CLASS_NONE ? " none, it can only be reported.\n" : ".\n");
	return true;
}

static bool explain_action(const char *name, struct buffer *ret)
{
	int id = action_find(name, strlen(name));

	if (id < 0)
		return false;
	buffer_format(ret, "Action %s%s\n  %s\n", action_rows[id].name, later(action_rows[id].support),
		      action_rows[id].about);
	buffer_add_text(ret, "  On:");
	for (int kind = 0; kind < HOOK_COUNT; kind++)
		if (action_rows[id].hooks >> kind & 1)
			buffer_format(ret, " %s", hook_rows[kind].name);
	buffer_add_text(ret, ".\n");
	if (action_rows[id].enforces)
		buffer_add_text(ret, "  It enforces: in monitor mode it is reported and not done.\n");
	return true;
}

static bool explain_option(const char *name, struct buffer *ret)
{
	int id = spec_option_find(name, strlen(name));
	const struct spec_option_row *row;

	if (id < 0)
		return false;
	row = &spec_option_rows[id];
	buffer_format(ret, "Option %s%s\n  %s\n", row->name, later(row->support), row->about);
	buffer_format(ret, "  Value: %s.\n", row->choices);
	if (row->standard)
		buffer_format(ret, "  Default: %s.\n", row->standard);
	return true;
}

/* ---- Fields ---- */

/* One step of a path, without the [] of lists. */
static size_t step_length(const char *path)
{
	return strcspn(path, ".[");
}

static const char *next_step(const char *path)
{
	path += step_length(path);
	path += strspn(path, "[]");
	return *path == '.' ? path + 1 : path;
}

/* Field by path, from the document or, for short, from spec.  -1 when there is none. */
static int find_field(const char *path)
{
	enum field_group group = field_find(GROUP_root, path, step_length(path)) < 0 ? GROUP_spec : GROUP_root;
	int field = -1;

	for (; *path; path = next_step(path)) {
		field = group == GROUP_none ? -1 : field_find(group, path, step_length(path));
		if (field < 0)
			return -1;
		group = field_rows[field].child;
	}
	return field;
}

static void add_keys(enum field_group group, struct buffer *ret)
{
	buffer_add_text(ret, "\nKeys:\n");
	for (size_t n = group_rows[group].first; field_rows[n].group == group; n++)
		buffer_format(ret, "  %-22s %s%s\n", field_rows[n].key, field_rows[n].about,
			      later(field_rows[n].support));
}

static void add_operators(uint32_t filters, struct buffer *ret)
{
	buffer_add_text(ret, "\nOne of:\n");
	for (int id = 0; id < OPERATOR_COUNT; id++)
		if (operator_rows[id].filters & filters)
			buffer_format(ret, "  %-22s %s%s\n", operator_rows[id].name, operator_rows[id].about,
				      later(operator_rows[id].support));
}

static void add_types(struct buffer *ret)
{
	buffer_add_text(ret, "\nOne of:\n");
	for (int id = 0; id < TYPE_COUNT; id++)
		buffer_format(ret, "  %-22s %s%s\n", type_rows[id].name, type_rows[id].about,
			      later(type_rows[id].support));
}

static void add_actions(struct buffer *ret)
{
	buffer_add_text(ret, "\nOne of:\n");
	for (int id = 0; id < ACTION_COUNT; id++)
		buffer_format(ret, "  %-22s %s%s\n", action_rows[id].name, action_rows[id].about,
			      later(action_rows[id].support));
}

static void add_choices(const struct kind_row *kind, struct buffer *ret)
{
	if (!kind->words)
		return;
	if (!strcmp(kind->words, KIND_WORDS_OPERATORS))
		add_operators(kind->filters, ret);
	else if (!strcmp(kind->words, KIND_WORDS_TYPES))
		add_types(ret);
	else if (!strcmp(kind->words, KIND_WORDS_ACTIONS))
		add_actions(ret);
	else
		buffer_format(ret, "  One of %s.\n", kind->words);
}

static bool explain_field(const char *path, struct buffer *ret)
{
	int number = find_field(path);
	const struct field_row *row;

	if (number < 0)
		return false;
	row = &field_rows[number];
	buffer_format(ret, "%s: %s%s%s\n  %s\n", path, kind_rows[row->kind].wants,
		      row->flags & FIELD_REQUIRED ? ", required" : "", later(row->support), row->about);
	if (row->most)
		buffer_format(ret, "  At most %u entries.\n", row->most);
	if (row->standard)
		buffer_format(ret, "  Default: %s.\n", row->standard);
	add_choices(&kind_rows[row->kind], ret);
	if (row->child != GROUP_none)
		add_keys(row->child, ret);
	return true;
}

/* ---- Any of them ---- */

/* The nearest key below the part of the path that exists, or the nearest name of any row. */
static const char *find_nearest(const char *name)
{
	const char *last = strrchr(name, '.') ? strrchr(name, '.') + 1 : name;
	struct nearest nearest = { .name = last, .length = strlen(last) };
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
	return nearest.best;
}

bool explain_name(const char *name, struct buffer *ret, const char **nearest)
{
	static bool (*const explainers[])(const char *, struct buffer *) = {
		explain_diagnostic, explain_field, explain_operator, explain_type, explain_action, explain_option,
	};

	for (size_t n = 0; n < sizeof(explainers) / sizeof(explainers[0]); n++)
		if (explainers[n](name, ret))
			return true;
	*nearest = find_nearest(name);
	return false;
}
