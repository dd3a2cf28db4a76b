// SPDX-License-Identifier: Apache-2.0
/* rows.c - pages of diagnostics, operators, types, actions, options and hooks; see page.h. */
#include <string.h>

#include "compiler/explain/parts.h"
#include "compiler/expression/expression.h"

struct data *page_new(struct arena *arena, const char *kind, const char *key, const char *name, enum support support,
		      const char *about)
{
	struct data *page = data_new(arena);

	data_text(arena, page, "kind", kind);
	data_text(arena, page, key, name);
	data_boolean(arena, page, "supported", support == SUPPORT_NOW);
	data_text(arena, page, "about", about);
	return page;
}

struct data *page_entry(struct arena *arena, struct data *list, const char *name, const char *about, enum support support)
{
	struct data *entry = data_record(arena, list, NULL);

	data_text(arena, entry, "name", name);
	data_boolean(arena, entry, "supported", support == SUPPORT_NOW);
	data_text(arena, entry, "about", about);
	return entry;
}

/* A list that is not there when it would be empty. */
static void add_name(struct arena *arena, struct data *page, const char *key, struct data **list, const char *name)
{
	if (!*list)
		*list = data_list(arena, page, key);
	for (const struct data *each = (*list)->first; each; each = each->next)
		if (!strcmp(each->text, name))
			return;
	data_text(arena, *list, NULL, name);
}

/* ---- Diagnostics: the text has wrong and right lines in it, each with what is indented below ---- */

enum { EXAMPLE_INDENT = 8 };

static bool is_example(const char *line)
{
	return !strncmp(line, "wrong:  ", EXAMPLE_INDENT) || !strncmp(line, "right:  ", EXAMPLE_INDENT);
}

static bool is_continued(const char *line)
{
	return strspn(line, " ") >= EXAMPLE_INDENT;
}

static const char *next_line(const char *at)
{
	at += strcspn(at, "\n");
	return *at ? at + 1 : at;
}

static const char *add_example(struct arena *arena, struct data *examples, const char *at)
{
	struct data *example = data_record(arena, examples, NULL);
	struct buffer text = { 0 };
	bool wrong = *at == 'w';

	do {
		at += EXAMPLE_INDENT;
		buffer_add(&text, at, (size_t)(next_line(at) - at));
		at = next_line(at);
	} while (is_continued(at));
	while (text.length && text.bytes[text.length - 1] == '\n')
		text.length--;
	data_text(arena, example, "verdict", wrong ? "wrong" : "right");
	data_text(arena, example, "text", arena_copy(arena, text.bytes, text.length));
	buffer_release(&text);
	return at;
}

/* Up to the next example or the end, without empty lines around it. */
static const char *add_prose(struct arena *arena, struct data *page, const char *key, const char *at)
{
	const char *start = at, *end;

	while (*at && !is_example(at))
		at = next_line(at);
	for (end = at; end > start && end[-1] == '\n'; end--)
		;
	if (end > start)
		data_text(arena, page, key, arena_copy(arena, start, (size_t)(end - start)));
	return at;
}

static void add_why(struct arena *arena, struct data *page, const char *why)
{
	struct data *examples = NULL;
	const char *at = add_prose(arena, page, "why", why);

	if (*at)
		examples = data_list(arena, page, "examples");
	while (*at && is_example(at))
		at = add_example(arena, examples, at);
	while (*at == '\n')
		at++;
	if (*at)
		data_text(arena, page, "note", at);
}

static const char *severity_name(enum severity severity)
{
	return severity == SEVERITY_WARNING ? "warning" : "error";
}

struct data *explain_diagnostic(const char *name, struct arena *arena)
{
	int id = diagnostic_find(name, strlen(name));
	const struct diagnostic_row *row;
	struct data *page;

	if (id < 0)
		return NULL;
	row = &diagnostic_rows[id];
	page = data_new(arena);
	data_text(arena, page, "kind", "diagnostic");
	data_text(arena, page, "code", row->code);
	data_text(arena, page, "severity", severity_name(row->severity));
	data_boolean(arena, page, "ignorable", row->severity != SEVERITY_ERROR);
	data_text(arena, page, "title", row->title);
	add_why(arena, page, row->why);
	return page;
}

/* ---- Operators ---- */

static bool takes_type(enum operator_id op, enum type_id type)
{
	if (operator_rows[op].values == VALUES_EXPRESSION)
		return expression_type_of(type) != EXPRESSION_UNTYPED;
	return operator_compares(op, type);
}

void add_types_of_operator(struct arena *arena, struct data *page, const char *key, enum operator_id op)
{
	struct data *list = NULL;

	for (int type = 0; type < TYPE_COUNT; type++)
		if (takes_type(op, type))
			add_name(arena, page, key, &list, type_rows[type].name);
}

static void add_operator_aliases(struct arena *arena, struct data *page, int op)
{
	struct data *list = NULL;
	const char *spelling;
	int id;

	for (size_t n = 0; (spelling = operator_spelling(n, &id)); n++)
		if (id == op && strcmp(spelling, operator_rows[op].name))
			add_name(arena, page, "aliases", &list, spelling);
}

static bool group_takes(enum field_group group, uint32_t filters)
{
	for (size_t n = group_rows[group].first; field_rows[n].group == group; n++)
		if (kind_rows[field_rows[n].kind].filters & filters)
			return true;
	return false;
}

/* The filters of a selector in which it may stand. */
static void add_filters(struct arena *arena, struct data *page, uint32_t filters)
{
	struct data *list = NULL;

	for (size_t n = group_rows[GROUP_selector].first; field_rows[n].group == GROUP_selector; n++)
		if (field_rows[n].child && group_takes(field_rows[n].child, filters))
			add_name(arena, page, "filters", &list, field_rows[n].key);
}

static void add_negations(struct arena *arena, struct data *page, int op)
{
	if (operator_rows[op].negates >= 0)
		data_text(arena, page, "negation_of", operator_rows[operator_rows[op].negates].name);
	for (int other = 0; other < OPERATOR_COUNT; other++)
		if (operator_rows[other].negates == op)
			data_text(arena, page, "negated_by", operator_rows[other].name);
}

struct data *explain_operator(const char *name, struct arena *arena)
{
	int op = operator_find(name, strlen(name));
	const struct operator_row *row;
	const struct values_row *values;
	const char *example;
	struct data *page;

	if (op < 0)
		return NULL;
	row = &operator_rows[op];
	page = page_new(arena, "operator", "name", row->name, row->support, row->about);
	add_operator_aliases(arena, page, op);
	add_negations(arena, page, op);
	if (row->negates >= 0)
		data_text(arena, page, "unknown", "A value that cannot be read satisfies neither.");
	add_filters(arena, page, row->filters);
	add_types_of_operator(arena, page, "types", op);
	values = operator_values(op);
	data_text(arena, page, "takes", values->about);
	if (values->list)
		data_text(arena, page, "see", values->list);
	example = operator_example(op, arena);
	if (example)
		data_text(arena, page, "example", example);
	return page;
}

/* ---- Types ---- */

void add_hooks(struct arena *arena, struct data *page, const char *key, uint32_t hooks)
{
	struct data *list = data_list(arena, page, key);

	for (int kind = 0; kind < HOOK_COUNT; kind++)
		if (hooks >> kind & 1)
			data_text(arena, list, NULL, hook_rows[kind].name);
}

static void add_type_aliases(struct arena *arena, struct data *page, int type)
{
	struct data *list = NULL;
	const char *spelling;
	int id;

	for (size_t n = 0; (spelling = type_spelling(n, &id)); n++)
		if (id == type && strcmp(spelling, type_rows[type].name))
			add_name(arena, page, "aliases", &list, spelling);
}

static void add_operators_of_type(struct arena *arena, struct data *page, int type)
{
	struct data *list = data_list(arena, page, "operators");

	for (int op = 0; op < OPERATOR_COUNT; op++)
		if (operator_rows[op].filters & FILTER_ARGUMENTS && takes_type(op, type))
			data_text(arena, list, NULL, operator_rows[op].name);
}

struct data *explain_type(const char *name, struct arena *arena)
{
	int type = type_find(name, strlen(name));
	const struct type_row *row;
	struct data *page;

	if (type < 0)
		return NULL;
	row = &type_rows[type];
	page = page_new(arena, "type", "name", row->name, row->support, row->about);
	add_type_aliases(arena, page, type);
	if (row->bits) {
		data_number(arena, page, "bits", row->bits);
		data_boolean(arena, page, "signed", row->class == CLASS_SIGNED);
	}
	if (*row->event)
		data_text(arena, page, "event", row->event);
	add_hooks(arena, page, "hooks", row->hooks);
	add_operators_of_type(arena, page, type);
	return page;
}

/* ---- Actions ---- */

#define ACTION_BIT(id) (1u << ACTION_##id)
static const struct {
	const char *key;
	uint32_t actions;
} action_arguments[] = {
#define ACTION_ARGUMENT(key, member, actions) { key, actions },
#define ACTION_REPORT(key) { key, ACTION_BIT(POST) },
#include "schema/action_arguments.def"
#undef ACTION_ARGUMENT
#undef ACTION_REPORT
};

static void add_action_arguments(struct arena *arena, struct data *page, int action)
{
	struct data *list = data_list(arena, page, "arguments");

	for (size_t n = 0; n < sizeof(action_arguments) / sizeof(*action_arguments); n++) {
		const char *key = action_arguments[n].key;
		int field = field_find(GROUP_action, key, strlen(key));

		if (action_arguments[n].actions >> action & 1 && field >= 0)
			page_entry(arena, list, key, field_rows[field].about, field_rows[field].support);
	}
}

struct data *explain_action(const char *name, struct arena *arena)
{
	int action = action_find(name, strlen(name));
	const struct action_row *row;
	struct data *page;

	if (action < 0)
		return NULL;
	row = &action_rows[action];
	page = page_new(arena, "action", "name", row->name, row->support, row->about);
	data_boolean(arena, page, "enforces", row->enforces);
	data_text(arena, page, "event", row->event);
	add_hooks(arena, page, "hooks", row->hooks);
	add_action_arguments(arena, page, action);
	if (action_example(action))
		data_text(arena, page, "example", action_example(action));
	return page;
}

/* ---- Options ---- */

static void add_choices(struct arena *arena, struct data *page, const char *choices)
{
	struct data *list = data_list(arena, page, "choices");
	const char *word;
	size_t length;

	for (size_t n = 0; (length = words_at(choices, n, &word)); n++)
		data_text(arena, list, NULL, arena_copy(arena, word, length));
}

struct data *explain_option(const char *name, struct arena *arena)
{
	int option = spec_option_find(name, strlen(name));
	const struct spec_option_row *row;
	struct data *page;

	if (option < 0)
		return NULL;
	row = &spec_option_rows[option];
	page = page_new(arena, "option", "name", row->name, row->support, row->about);
	if (!strcmp(row->choices, SPEC_OPTION_NUMBER))
		data_text(arena, page, "takes", row->choices);
	else
		add_choices(arena, page, row->choices);
	if (row->standard)
		data_text(arena, page, "default", row->standard);
	data_text(arena, page, "example", arena_format(arena, "options:\n- name: %s\n  value: \"%.*s\"", row->name,
		  (int)strcspn(strcmp(row->choices, SPEC_OPTION_NUMBER) ? row->choices : "4096", "|"),
		  strcmp(row->choices, SPEC_OPTION_NUMBER) ? row->choices : "4096"));
	return page;
}

/* ---- Hooks ---- */

void add_hook_facts(struct arena *arena, struct data *page, enum hook_kind hook)
{
	struct data *list;

	data_text(arena, page, "event", hook_rows[hook].event);
	list = data_list(arena, page, "types");
	for (int type = 0; type < TYPE_COUNT; type++)
		if (type_rows[type].hooks >> hook & 1)
			data_text(arena, list, NULL, type_rows[type].name);
	list = data_list(arena, page, "actions");
	for (int action = 0; action < ACTION_COUNT; action++)
		if (action_rows[action].hooks >> hook & 1)
			data_text(arena, list, NULL, action_rows[action].name);
}

struct data *explain_hook(const char *name, struct arena *arena)
{
	for (int hook = 0; hook < HOOK_COUNT; hook++) {
		const struct hook_row *row = &hook_rows[hook];
		struct data *page;

		if (strcmp(row->name, name))
			continue;
		page = page_new(arena, "hook", "name", row->name, row->support, row->about);
		data_text(arena, page, "field", arena_format(arena, "spec.%s", row->section));
		add_hook_facts(arena, page, hook);
		return page;
	}
	return NULL;
}
