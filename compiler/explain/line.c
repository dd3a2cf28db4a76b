// SPDX-License-Identifier: Apache-2.0
/* line.c - see line.h. */
#include "compiler/explain/line.h"

#include <stdlib.h>
#include <string.h>

#include "compiler/base/nearest.h"
#include "compiler/explain/explain.h"
#include "compiler/explain/parts.h"
#include "compiler/policy/policy.h"
#include "compiler/syntax/trail.h"

/* ---- Lines of a text ---- */

struct looking {
	const struct tree *tree;
	struct arena *arena;
	uint32_t start, end;		/* bytes that are asked for */
	uint32_t column;		/* as asked */
};

/* Byte [*start, *end) of a line, without its end.  false past the last line. */
static bool find_line(const struct source *source, uint32_t line, uint32_t *start, uint32_t *end)
{
	const char *at = source->text, *stop = source->text + source->length, *next;

	for (; line > 1; line--) {
		next = memchr(at, '\n', (size_t)(stop - at));
		if (!next)
			return false;
		at = next + 1;
	}
	if (at == stop)
		return false;
	next = memchr(at, '\n', (size_t)(stop - at));
	*start = (uint32_t)(at - source->text);
	*end = (uint32_t)((next ? next : stop) - source->text);
	if (*end > *start && source->text[*end - 1] == '\r')
		(*end)--;
	return true;
}

/* The byte at which a column begins; columns count code points.  false past the end. */
static bool find_column(const struct source *source, uint32_t start, uint32_t end, uint32_t column, uint32_t *ret)
{
	uint32_t at = start;

	for (; at < end; at++)
		if ((source->text[at] & 0xc0) != 0x80 && !--column)
			break;
	*ret = at;
	return at < end;
}

static uint32_t skip_blanks(const struct source *source, uint32_t start, uint32_t end)
{
	while (start < end && strchr(" \t", source->text[start]) && source->text[start])
		start++;
	return start;
}

/* ---- The path of the language ---- */

static const struct node *member(const struct node *mapping, const char *key)
{
	for (uint32_t i = 0; mapping->kind == NODE_MAPPING && i < mapping->count; i++)
		if (node_is_text(mapping->pairs[i].key, key))
			return mapping->pairs[i].value;
	return NULL;
}

static int document_of(const struct node *root)
{
	const struct node *kind = member(root, "kind");

	for (int id = 0; kind && id < DOCUMENT_COUNT; id++)
		if (document_rows[id].group && node_is_text(kind, document_rows[id].kind))
			return id;
	return -1;
}

/* The root of the policy that the trail goes into: the document, or an item of a list of documents. */
static const struct node *policy_root(const struct node *document, struct trail *trail, size_t *from)
{
	*from = 0;
	if (trail->count >= 2 && document_of(document) < 0 && trail->items[0].key &&
	    node_is_text(trail->items[0].key, "items") && !trail->items[1].key) {
		*from = 2;
		return trail->items[1].node;
	}
	return document;
}

struct located {
	struct field_path path;
	const struct node *unknown;	/* a key that the language does not have there, or NULL */
	struct buffer at;		/* "spec.kprobes[0].call" */
};

static void add_key_text(const struct node *key, struct buffer *ret)
{
	for (uint32_t n = 0; key->kind == NODE_SCALAR && n < key->count && n < NEAREST_NAME_MAX; n++)
		buffer_add_char(ret, key->text[n] < ' ' || key->text[n] > '~' ? '?' : key->text[n]);
}

/* True when the key is one of the language. */
static bool locate_key(struct located *located, const struct node *key)
{
	struct field_path *path = &located->path;
	const struct field_row *last = field_path_last(path);
	enum field_group group = field_path_group(path);
	int field;

	if (last && field_is_map(last) && !path->steps[path->count - 1].entry) {
		path->steps[path->count - 1].entry = true;
		return true;
	}
	field = group && key->kind == NODE_SCALAR ? field_find(group, key->text, key->count) : -1;
	return field >= 0 && field_path_enter(path, &field_rows[field]);
}

static void locate(const struct trail *trail, size_t from, struct located *located)
{
	for (size_t n = from; n < trail->count; n++) {
		const struct trail_step *step = &trail->items[n];
		struct field_path *path = &located->path;

		if (step->key) {
			buffer_add_text(&located->at, located->at.length ? "." : "");
			add_key_text(step->key, &located->at);
		} else {
			buffer_format(&located->at, "[%u]", step->number);
		}
		if (located->unknown)
			continue;
		if (step->key && !locate_key(located, step->key))
			located->unknown = step->key;
		else if (!step->key && path->count)
			path->steps[path->count - 1].entry = true;
	}
}

/* ---- What was lowered ---- */

static bool holds(const struct ir_place *place, const struct node *node)
{
	return place->span.start <= node->start && node->start < place->span.end;
}

static const struct ir_policy *find_policy(const struct unit *unit, const struct node *node)
{
	for (size_t n = 0; unit->ir && n < unit->ir->count; n++)
		if (holds(&unit->ir->items[n].at, node))
			return &unit->ir->items[n];
	return NULL;
}

static const struct ir_hook *find_hook(const struct ir_policy *policy, const struct node *node)
{
	for (size_t n = 0; n < policy->hooks.count; n++)
		if (holds(&policy->hooks.items[n].at, node))
			return &policy->hooks.items[n];
	return NULL;
}

static const struct ir_selector *find_selector(const struct ir_hook *hook, const struct node *node)
{
	for (size_t n = 0; hook->selectors_written && n < hook->selectors.count; n++)
		if (holds(&hook->selectors.items[n].at, node))
			return &hook->selectors.items[n];
	return NULL;
}

static const char *taken(struct buffer *text, struct arena *arena)
{
	const char *copy = arena_copy(arena, text->bytes ? text->bytes : "", text->length);

	buffer_release(text);
	return copy;
}

static void add_hook(struct arena *arena, struct data *page, const struct ir_hook *hook)
{
	struct buffer text = { 0 };

	explain_place(hook, &text);
	data_text(arena, page, "hook", taken(&text, arena));
}

/* "when A, and B: do this" */
static const char *selector_phrase(struct arena *arena, const struct ir_policy *policy, const struct ir_hook *hook,
				   const struct ir_selector *selector)
{
	const struct ir_predicate_list predicates = explain_own_predicates(policy, selector);
	struct buffer text = { 0 };

	buffer_add_text(&text, predicates.count ? "when " : "always");
	explain_predicates(hook, &predicates, &text);
	buffer_add_text(&text, ": ");
	explain_actions(policy, hook, &selector->actions, &text);
	if (selector->return_predicates.count || selector->return_actions.count)
		buffer_add_text(&text, "; on the return, when ");
	explain_predicates(hook, &selector->return_predicates, &text);
	if (selector->return_actions.count) {
		buffer_add_text(&text, selector->return_predicates.count ? ": " : "the call ends: ");
		explain_actions(policy, hook, &selector->return_actions, &text);
	}
	return taken(&text, arena);
}

static const char *selector_number(struct arena *arena, uint32_t number, uint32_t count)
{
	return arena_format(arena, "%u of %u", number + 1, count);
}

static void add_selectors(struct arena *arena, struct data *page, const struct ir_policy *policy, const struct ir_hook *hook)
{
	struct data *list = data_list(arena, page, "selectors");

	for (size_t n = 0; n < hook->selectors.count; n++) {
		const struct ir_selector *selector = &hook->selectors.items[n];
		struct data *entry = data_record(arena, list, NULL);

		data_text(arena, entry, "name", hook->selectors_written ?
			  selector_number(arena, selector->index, hook->selectors_written) : "none");
		data_text(arena, entry, "about", selector_phrase(arena, policy, hook, selector));
	}
}

/* Filters on the return are beside those on the call. */
static void add_filter(struct arena *arena, struct data *page, const struct ir_hook *hook,
		       const struct ir_predicate_list *predicates, const struct node *node)
{
	for (size_t n = 0; n < predicates->count; n++) {
		struct buffer text = { 0 };

		if (!holds(&predicates->items[n].at, node))
			continue;
		explain_predicate(hook, &predicates->items[n], &text);
		data_text(arena, page, "filter", taken(&text, arena));
		return;
	}
}

static bool add_argument(struct arena *arena, struct data *page, const struct ir_hook *hook, const struct node *node)
{
	for (size_t n = 0; n < hook->arguments.count; n++) {
		struct buffer text = { 0 };

		if (!holds(&hook->arguments.items[n].at, node))
			continue;
		explain_argument(&hook->arguments.items[n], &text);
		data_text(arena, page, "argument", taken(&text, arena));
		return true;
	}
	return false;
}

/* False when the node is in no hook that was lowered. */
static bool add_lowered(struct arena *arena, struct data *page, const struct unit *unit, const struct node *node)
{
	const struct ir_policy *policy = find_policy(unit, node);
	const struct ir_hook *hook = policy ? find_hook(policy, node) : NULL;
	const struct ir_selector *selector = hook ? find_selector(hook, node) : NULL;

	if (hook)
		add_hook(arena, page, hook);
	if (selector) {
		data_text(arena, page, "selector", arena_format(arena, "%s: %s",
			  selector_number(arena, selector->index, hook->selectors_written),
			  selector_phrase(arena, policy, hook, selector)));
		add_filter(arena, page, hook, &selector->predicates, node);
		add_filter(arena, page, hook, &selector->return_predicates, node);
	} else if (hook && !add_argument(arena, page, hook, node)) {
		add_selectors(arena, page, policy, hook);
	}
	return hook;
}

/* ---- What was not: from the tree alone ---- */

/* "sys_enter", "raw_syscalls/sys_enter": the texts that a hook must have. */
static const char *hook_name(struct arena *arena, const struct node *node, enum field_group group)
{
	struct buffer text = { 0 };

	for (size_t n = group_rows[group].first; field_rows[n].group == group; n++) {
		const struct node *value = member(node, field_rows[n].key);

		if (!(field_rows[n].flags & FIELD_REQUIRED) || field_rows[n].kind != KIND_TEXT || !value ||
		    value->kind != NODE_SCALAR)
			continue;
		buffer_add_text(&text, text.length ? "/" : "");
		add_key_text(value, &text);
	}
	return taken(&text, arena);
}

/* Lists in the trail are a step for their key and one for their entry. */
static void add_unlowered(struct arena *arena, struct data *page, const struct trail *trail, size_t from,
			  const struct field_path *path)
{
	for (size_t n = from; n + 1 < trail->count; n++) {
		const struct trail_step *list = &trail->items[n], *entry = &trail->items[n + 1];
		int field;

		if (!list->key || entry->key || list->key->kind != NODE_SCALAR)
			continue;
		field = n == from + 1 ? field_find(GROUP_spec, list->key->text, list->key->count) : -1;
		if (field >= 0 && field_is_section(&field_rows[field]))
			data_text(arena, page, "hook", arena_format(arena, "%s %s", field_rows[field].key,
				  hook_name(arena, entry->node, field_rows[field].child)));
		if (node_is_text(list->key, "selectors") && path->count > 2)
			data_text(arena, page, "selector", selector_number(arena, entry->number, list->node->count));
	}
}

/* The action of an entry of matchActions. */
static void add_action(struct arena *arena, struct data *page, const struct trail *trail, const struct field_path *path)
{
	const struct node *name = NULL;
	int action;

	for (size_t n = 0; n < trail->count; n++)
		if (!trail->items[n].key && trail->items[n].node->kind == NODE_MAPPING)
			name = member(trail->items[n].node, "action");
	if (!name || name->kind != NODE_SCALAR || !path->count || (field_path_group(path) != GROUP_action &&
	    field_path_last(path)->group != GROUP_action))
		return;
	action = action_find(name->text, name->count);
	if (action >= 0)
		data_text(arena, page, "action", arena_format(arena, "%s: %s", action_rows[action].name,
			  action_rows[action].about));
}

/* What a word of the language means, where the field takes words. */
static void add_meaning(struct arena *arena, struct data *page, const struct node *node, const struct field_path *path)
{
	const struct field_row *field = field_path_last(path);
	const char *words = field ? kind_rows[field->kind].words : NULL;
	int id = -1;

	if (!words || node->kind != NODE_SCALAR)
		return;
	if (!strcmp(words, KIND_WORDS_OPERATORS) && (id = operator_find(node->text, node->count)) >= 0)
		data_text(arena, page, "means", operator_rows[id].about);
	else if (!strcmp(words, KIND_WORDS_TYPES) && (id = type_find(node->text, node->count)) >= 0)
		data_text(arena, page, "means", type_rows[id].about);
}

/* ---- The page ---- */

static void add_policy_name(struct arena *arena, struct data *page, const struct node *root)
{
	const struct node *metadata = member(root, "metadata"), *name = metadata ? member(metadata, "name") : NULL;

	if (name && name->kind == NODE_SCALAR)
		data_text(arena, page, "policy", arena_copy(arena, name->text, name->count));
}

static void add_value(struct arena *arena, struct data *page, const struct node *node)
{
	if (node->kind == NODE_SCALAR)
		data_text(arena, page, "value", arena_copy(arena, node->text, node->count));
}

/* All that check says; what simplify drops has been told by now. */
static void add_findings(struct arena *arena, struct data *page, struct unit *unit, uint32_t line)
{
	struct data *list = NULL;

	if (unit->ir && !unit->diagnostics.errors)
		ir_simplify(unit->ir, arena, &unit->diagnostics);
	for (size_t n = 0; n < unit->diagnostics.count; n++) {
		const struct diagnostic *diagnostic = &unit->diagnostics.items[n];
		struct data *entry;

		if (span_is_empty(diagnostic->at) || source_position(diagnostic->at.source, diagnostic->at.start).line != line)
			continue;
		if (!list)
			list = data_list(arena, page, "findings");
		entry = data_record(arena, list, NULL);
		data_text(arena, entry, "name", diagnostic_rows[diagnostic->id].code);
		data_text(arena, entry, "about", diagnostic->message);
	}
}

static void add_field(struct arena *arena, struct data *page, const struct located *located)
{
	const struct field_row *field = field_path_last(&located->path);

	data_text(arena, page, "field", field_path_text(&located->path, arena));
	if (located->unknown) {
		struct buffer key = { 0 };

		add_key_text(located->unknown, &key);
		data_text(arena, page, "about", arena_format(arena, "There is no key '%s' here.", taken(&key, arena)));
		return;
	}
	data_boolean(arena, page, "supported", field_path_support(&located->path) == SUPPORT_NOW);
	data_text(arena, page, "about", field->about);
}

static const struct node *find_document(const struct looking *looking)
{
	for (size_t n = 0; n < looking->tree->count; n++)
		if (node_touches(looking->tree->documents[n], looking->start, looking->end))
			return looking->tree->documents[n];
	return NULL;
}

static struct data *fail(struct unit *unit, struct explain_problem *problem, uint32_t line, const char *why)
{
	*problem = (struct explain_problem){
		.message = arena_format(&unit->arena, "%s:%u: %s", unit->source.name, line, why),
	};
	return NULL;
}

/* A line that no key or entry is on may still be inside of a text. */
static const char *nothing_there(const struct looking *looking)
{
	const char *text = looking->tree->source->text + looking->start;
	size_t length = looking->end - looking->start;

	if (!length)
		return "the line is empty";
	if (*text == '#')
		return "the line is a comment";
	if ((length >= 3 && (!memcmp(text, "---", 3) || !memcmp(text, "...", 3))) || *text == '%')
		return "the line is between documents";
	return "nothing of a policy is there";
}

static bool is_text_line(const struct trail *trail, const struct looking *looking)
{
	const struct node *last = trail->count ? trail->items[trail->count - 1].node : NULL;

	return last && last->kind == NODE_SCALAR && last->start < looking->start && last->end > looking->start;
}

static struct data *make_page(struct unit *unit, const struct looking *looking, const struct node *root,
			      const struct trail *trail, size_t from, uint32_t line)
{
	struct located located = { .path = { .document = document_of(root) } };
	const struct node *node = trail->items[trail->count - 1].key ? trail->items[trail->count - 1].key :
								       trail->items[trail->count - 1].node;
	struct arena *arena = looking->arena;
	struct data *page = data_new(arena);

	locate(trail, from, &located);
	data_text(arena, page, "kind", "line");
	data_text(arena, page, "name", looking->column ?
		  arena_format(arena, "%s:%u:%u", unit->source.name, line, looking->column) :
		  arena_format(arena, "%s:%u", unit->source.name, line));
	data_text(arena, page, "file", unit->source.name);
	data_number(arena, page, "line", line);
	if (looking->column)
		data_number(arena, page, "column", looking->column);
	data_text(arena, page, "at", taken(&located.at, arena));
	add_value(arena, page, trail->items[trail->count - 1].node);
	add_meaning(arena, page, trail->items[trail->count - 1].node, &located.path);
	add_field(arena, page, &located);
	add_policy_name(arena, page, root);
	if (!add_lowered(arena, page, unit, node))
		add_unlowered(arena, page, trail, from, &located.path);
	add_action(arena, page, trail, &located.path);
	add_findings(arena, page, unit, line);
	return page;
}

struct data *explain_line(struct unit *unit, uint32_t line, uint32_t column, struct explain_problem *problem)
{
	struct looking looking = { .tree = unit->tree, .arena = &unit->arena, .column = column };
	const struct node *document, *root;
	struct trail trail = { .count = 0 };
	size_t from = 0;

	if (!line || !find_line(&unit->source, line, &looking.start, &looking.end))
		return fail(unit, problem, line, line ? "the file has no such line" : "lines count from 1");
	if (!column)
		looking.start = skip_blanks(&unit->source, looking.start, looking.end);
	else if (!find_column(&unit->source, looking.start, looking.end, column, &looking.start))
		return fail(unit, problem, line, "the line has no such column");
	else
		looking.end = looking.start + 1;
	document = looking.start < looking.end ? find_document(&looking) : NULL;
	if (!document || !trail_find(document, looking.start, looking.end, column ? TRAIL_POINT : TRAIL_LINE, &trail))
		return fail(unit, problem, line, nothing_there(&looking));
	if (unit->source.text[looking.start] == '#' && !is_text_line(&trail, &looking))
		return fail(unit, problem, line, nothing_there(&looking));
	root = policy_root(document, &trail, &from);
	if (document_of(root) < 0)
		return fail(unit, problem, line, "the document is of another kind");
	if (from == trail.count)
		return fail(unit, problem, line, "a whole policy begins here; explain the file");
	return make_page(unit, &looking, root, &trail, from, line);
}
