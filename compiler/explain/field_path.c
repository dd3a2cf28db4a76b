// SPDX-License-Identifier: Apache-2.0
/* field_path.c - see field_path.h. */
#include "compiler/explain/field_path.h"

#include <string.h>
#include <strings.h>

#include "compiler/base/nearest.h"

/* ---- Fields ---- */

bool field_is_list(const struct field_row *field)
{
	enum kind_shape shape = kind_rows[field->kind].shape;

	return shape == SHAPE_LIST || shape == SHAPE_OBJECT_LIST;
}

bool field_is_map(const struct field_row *field)
{
	enum kind_shape shape = kind_rows[field->kind].shape;

	return shape == SHAPE_OBJECT_MAP || shape == SHAPE_TEXT_MAP || shape == SHAPE_LIST_MAP;
}

bool field_is_section(const struct field_row *field)
{
	return field->kind == KIND_HOOK_LIST;
}

const struct field_row *field_path_last(const struct field_path *path)
{
	return path->count ? path->steps[path->count - 1].field : NULL;
}

enum field_group field_path_group(const struct field_path *path)
{
	if (path->count)
		return path->steps[path->count - 1].field->child;
	return path->document < 0 ? GROUP_root : (enum field_group)document_rows[path->document].root;
}

enum support field_path_support(const struct field_path *path)
{
	if (path->document >= 0 && document_rows[path->document].support != SUPPORT_NOW)
		return SUPPORT_LATER;
	for (size_t n = 0; n < path->count; n++)
		if (path->steps[n].field->support != SUPPORT_NOW)
			return SUPPORT_LATER;
	return SUPPORT_NOW;
}

bool field_path_enter(struct field_path *path, const struct field_row *field)
{
	if (path->count == FIELD_PATH_STEPS)
		return false;
	path->steps[path->count++] = (struct field_step){ .field = field };
	return true;
}

/* ---- Writing ---- */

static void write_step(const struct field_path *path, size_t n, struct buffer *ret)
{
	const struct field_step *step = &path->steps[n];
	bool entered = step->entry || n + 1 < path->count;

	if (n)
		buffer_add_char(ret, '.');
	buffer_add_text(ret, n == 1 && path->any_section ? "*" : step->field->key);
	if (field_is_list(step->field) && entered)
		buffer_add_text(ret, "[]");
	if (field_is_map(step->field) && entered)
		buffer_add_text(ret, step->field->child ? "[NAME]" : "[KEY]");
}

void field_path_write(const struct field_path *path, struct buffer *ret)
{
	for (size_t n = 0; n < path->count; n++)
		write_step(path, n, ret);
	if (!path->count)
		buffer_add_text(ret, document_rows[path->document < 0 ? 0 : path->document].kind);
}

const char *field_path_text(const struct field_path *path, struct arena *arena)
{
	struct buffer text = { 0 };
	const char *copy;

	field_path_write(path, &text);
	copy = arena_copy(arena, text.bytes, text.length);
	buffer_release(&text);
	return copy;
}

/* ---- Parts of a text ---- */

enum { PARTS_MAX = 2 * FIELD_PATH_STEPS };
enum part_kind { PART_KEY, PART_QUOTED, PART_ENTRY };
struct part {
	enum part_kind kind;
	const char *text;
	size_t length;
};
struct parts { struct part items[PARTS_MAX]; size_t count; };

static bool is_number(const char *text, size_t length)
{
	return length && strspn(text, "0123456789") >= length;
}

static bool part_is(const struct part *part, const char *text)
{
	return part->length == strlen(text) && !memcmp(part->text, text, part->length);
}

/* What brackets hold: nothing, *, a number, a name, or a name in quotes.  Where the text goes on, or NULL. */
static const char *split_bracket(const char *at, struct part *ret, const char **problem)
{
	char quote = *at == '"' || *at == '\'' ? *at : 0;
	const char *end = quote ? strchr(at + 1, quote) : at + strcspn(at, "[]");

	*problem = quote ? "a quote is not closed" : "a bracket is not closed";
	if (!end || end[quote ? 1 : 0] != ']')
		return NULL;
	*ret = (struct part){ quote ? PART_QUOTED : PART_KEY, at + !!quote, (size_t)(end - at) - !!quote };
	if (!quote && (!ret->length || part_is(ret, "*") || is_number(ret->text, ret->length)))
		ret->kind = PART_ENTRY;
	return end + (quote ? 2 : 1);
}

static const char *split_key(const char *at, struct part *ret, const char **problem)
{
	*ret = (struct part){ PART_KEY, at, strcspn(at, ".[]") };
	*problem = at[ret->length] == ']' ? "a bracket is closed that was not opened" :
		   "there is nothing between two dots, or at an end";
	return ret->length && at[ret->length] != ']' ? at + ret->length : NULL;
}

/* NULL, or what is wrong with the text. */
static const char *split(const char *text, struct parts *ret)
{
	const char *problem = NULL;

	ret->count = 0;
	text += *text == '$';
	text += *text == '.';
	do {
		if (ret->count == PARTS_MAX)
			return "it is longer than any path";
		text += *text == '.' && ret->count;
		text = *text == '[' ? split_bracket(text + 1, &ret->items[ret->count], &problem) :
				      split_key(text, &ret->items[ret->count], &problem);
		ret->count++;
		if (text && *text && *text != '.' && *text != '[')
			return "a dot is missing after a bracket";
	} while (text && *text);
	return text ? NULL : problem;
}

/* ---- From parts to a path ---- */

struct reading {
	const struct parts *parts;
	struct arena *arena;
	struct field_path_problem *problem;
};

/* A name for a message: short, and without what would disturb a terminal. */
static const char *shown(const struct reading *reading, const char *text, size_t length)
{
	char *copy = arena_copy(reading->arena, text, length > NEAREST_NAME_MAX ? NEAREST_NAME_MAX : length);

	for (char *c = copy; *c; c++)
		if (*c < ' ' || *c > '~')
			*c = '?';
	return copy;
}

static void try_keys(struct nearest *nearest, enum field_group group)
{
	for (size_t n = group_rows[group].first; group && field_rows[n].group == group; n++)
		nearest_try(nearest, field_rows[n].key);
}

static bool refuse(const struct reading *reading, const struct field_path *path, const struct part *part,
		   const char *nearest, const char *message)
{
	*reading->problem = (struct field_path_problem){
		.message = message, .part = shown(reading, part->text, part->length), .nearest = nearest,
		.group = field_path_group(path), .under = *path,
	};
	return false;
}

static bool refuse_unknown(const struct reading *reading, const struct field_path *path, const struct part *part)
{
	struct nearest nearest = { .name = part->text, .length = part->length };
	const char *where = field_path_text(path, reading->arena);
	enum field_group group = field_path_group(path);

	try_keys(&nearest, group);
	if (!path->count && group)	/* `spec` may be left out */
		try_keys(&nearest, field_rows[field_find(group, "spec", strlen("spec"))].child);
	return refuse(reading, path, part, nearest.best,
		      arena_format(reading->arena, group ? "there is no '%s' under %s" : "there is no '%s': nothing is under %s",
				   shown(reading, part->text, part->length), where));
}

static bool read_entry(const struct reading *reading, struct field_path *path, const struct part *part)
{
	struct field_step *step = path->count ? &path->steps[path->count - 1] : NULL;

	if (step && !step->entry && (field_is_list(step->field) || field_is_map(step->field))) {
		step->entry = true;
		return true;
	}
	refuse(reading, path, part, NULL, arena_format(reading->arena, "%s is no list",
		field_path_text(path, reading->arena)));
	reading->problem->group = GROUP_none;
	return false;
}

static bool read_free_key(struct field_path *path, const struct part *part)
{
	struct field_step *step = &path->steps[path->count - 1];

	step->entry = true;
	step->name = part->text;
	step->length = part->length;
	return true;
}

/* In a mapping with free keys, a word that is nearly a key of what is inside is taken for a misspelt one. */
static bool is_free_key(const struct field_path *path, const struct part *part)
{
	const struct field_step *step = path->count ? &path->steps[path->count - 1] : NULL;
	struct nearest nearest = { .name = part->text, .length = part->length };

	if (!step || step->entry || !field_is_map(step->field))
		return false;
	if (!step->field->child || part->kind == PART_QUOTED)
		return true;
	try_keys(&nearest, step->field->child);
	return !nearest.best;
}

static bool read_part(const struct reading *reading, struct field_path *path, const struct part *part)
{
	const struct field_row *last = field_path_last(path);
	bool in_list = last && field_is_list(last);
	enum field_group group;
	int field;

	if (part->kind == PART_ENTRY ||
	    (part->kind == PART_KEY && in_list && (part_is(part, "*") || is_number(part->text, part->length))))
		return read_entry(reading, path, part);
	if (is_free_key(path, part))
		return read_free_key(path, part);
	group = field_path_group(path);
	field = group ? field_find(group, part->text, part->length) : -1;
	if (field < 0)
		return refuse_unknown(reading, path, part);
	return field_path_enter(path, &field_rows[field]);
}

static bool read_parts(const struct reading *reading, size_t from, struct field_path *path);

/* `*` under spec: the first section that has the rest. */
static bool read_any_section(const struct reading *reading, size_t from, struct field_path *path)
{
	struct field_path start = *path;

	start.any_section = true;
	for (size_t n = group_rows[GROUP_spec].first; field_rows[n].group == GROUP_spec; n++) {
		if (!field_is_section(&field_rows[n]))
			continue;
		*path = start;
		if (field_path_enter(path, &field_rows[n]) && read_parts(reading, from + 1, path))
			return true;
	}
	return false;
}

static bool read_parts(const struct reading *reading, size_t from, struct field_path *path)
{
	for (size_t n = from; n < reading->parts->count; n++) {
		const struct part *part = &reading->parts->items[n];

		if (field_path_group(path) == GROUP_spec && part_is(part, "*"))
			return read_any_section(reading, n, path);
		if (!read_part(reading, path, part))
			return false;
	}
	return true;
}

static bool is_in_any_case(const char *name, const struct part *part)
{
	return name && strlen(name) == part->length && !strncasecmp(name, part->text, part->length);
}

static int find_document(const struct part *part)
{
	for (int id = 0; id < DOCUMENT_COUNT; id++)
		if (is_in_any_case(document_rows[id].kind, part) || is_in_any_case(document_rows[id].plural, part))
			return id;
	return -1;
}

/* The first word may also be a key under the spec of a kind, or an entry there. */
static void begin_at_spec(const struct part *first, struct field_path *path)
{
	for (int id = 0; id < DOCUMENT_COUNT; id++) {
		const enum field_group root = (enum field_group)document_rows[id].root;
		const struct field_row *spec = &field_rows[field_find(root, "spec", strlen("spec"))];

		if (path->document >= 0 && path->document != id)
			continue;
		if (field_find(root, first->text, first->length) >= 0)
			return;
		if (field_find(spec->child, first->text, first->length) < 0 && !(root == GROUP_root && part_is(first, "*")))
			continue;
		if (root != GROUP_root)
			path->document = id;
		field_path_enter(path, spec);
		return;
	}
}

/* The first word is neither; it is most likely a misspelt one. */
static bool refuse_first(const struct reading *reading, const struct field_path *path, const struct part *part)
{
	struct nearest nearest = { .name = part->text, .length = part->length };

	for (int id = 0; id < DOCUMENT_COUNT; id++)
		nearest_try(&nearest, document_rows[id].kind);
	try_keys(&nearest, GROUP_root);
	try_keys(&nearest, GROUP_spec);
	try_keys(&nearest, GROUP_intent_spec);
	refuse(reading, path, part, nearest.best,
	       arena_format(reading->arena, "there is no '%s' in a policy, nor under spec",
			    shown(reading, part->text, part->length)));
	reading->problem->at_start = true;
	return false;
}

/* Whether one reading of a path got further, or as far and to something that is nearly a key. */
static bool is_nearer(const struct field_path_problem *a, const struct field_path_problem *b)
{
	return a->under.count > b->under.count || (a->under.count == b->under.count && a->nearest && !b->nearest);
}

/* Where no kind was said, a path that no TracingPolicy has may be one of rules; if it is neither, the nearer one is spoken of. */
static bool read_as_rules(const struct parts *parts, size_t from, struct arena *arena, struct field_path *path,
			  struct field_path_problem *problem)
{
	struct field_path_problem other = { 0 };
	struct reading reading = { parts, arena, &other };
	struct field_path rules = { .document = DOCUMENT_RUNTIME_SECURITY_POLICY };

	if (from || path->document >= 0 || field_find(GROUP_intent_root, parts->items[0].text, parts->items[0].length) < 0)
		return false;
	if (read_parts(&reading, from, &rules)) {
		*path = rules;
		return true;
	}
	if (is_nearer(&other, problem))
		*problem = other;
	return false;
}

bool field_path_read(const char *text, struct arena *arena, struct field_path *ret, struct field_path_problem *problem)
{
	struct parts parts;
	struct reading reading = { &parts, arena, problem };
	const char *broken = split(text, &parts);
	struct field_path path = { .document = -1 };
	size_t from = 0;

	*problem = (struct field_path_problem){ .message = broken };
	if (broken)
		return false;
	path.document = parts.items[0].kind == PART_ENTRY ? -1 : find_document(&parts.items[0]);
	from = path.document >= 0;
	if (from < parts.count) {
		begin_at_spec(&parts.items[from], &path);
		if (!from && !path.count && field_find(GROUP_root, parts.items[0].text, parts.items[0].length) < 0)
			return refuse_first(&reading, &path, &parts.items[0]);
	}
	if (!read_parts(&reading, from, &path) && !read_as_rules(&parts, from, arena, &path, problem))
		return false;
	*ret = path;
	return true;
}

/* ---- All places ---- */

/* Whether the path ends with these keys; entries and numbers among them say nothing. */
static bool ends_with(const struct field_path *path, const struct parts *parts)
{
	size_t step = path->count;

	for (size_t n = parts->count; n-- > 0;) {
		const struct part *part = &parts->items[n];

		if (part->kind == PART_ENTRY)
			continue;
		if (!step-- || !part_is(part, path->steps[step].field->key))
			return false;
	}
	return true;
}

static bool is_below_hook(const struct field_path *path)
{
	return path->count > 3 && field_is_section(path->steps[1].field);
}

static bool differs_in_section_only(const struct field_path *a, const struct field_path *b)
{
	if (a->count != b->count || !is_below_hook(a) || !is_below_hook(b))
		return false;
	for (size_t n = 2; n < a->count; n++)
		if (strcmp(a->steps[n].field->key, b->steps[n].field->key))
			return false;
	return true;
}

static void add_place(struct arena *arena, struct field_path_list *list, const struct field_path *path)
{
	for (size_t n = 0; n < list->count; n++)
		if (differs_in_section_only(&list->items[n], path)) {
			list->items[n].any_section = true;
			return;
		}
	list->items = arena_grow(arena, list->items, list->count, &list->capacity, sizeof(*list->items));
	list->items[list->count++] = *path;
}

static void search(const struct parts *parts, struct arena *arena, const struct field_path *path,
		   struct field_path_list *ret)
{
	enum field_group group = field_path_group(path);
	struct field_path next;

	for (size_t n = group_rows[group].first; group && field_rows[n].group == group; n++) {
		next = *path;
		if (!field_path_enter(&next, &field_rows[n]))
			return;
		if (ends_with(&next, parts))
			add_place(arena, ret, &next);
		if (group != GROUP_intent_raw)		/* what is below stands below the sections already */
			search(parts, arena, &next, ret);
	}
}

void field_path_search(const char *text, struct arena *arena, struct field_path_list *ret)
{
	struct field_path root = { .document = -1 };
	struct parts parts;

	*ret = (struct field_path_list){ 0 };
	if (split(text, &parts) || parts.items[0].kind == PART_ENTRY)
		return;
	search(&parts, arena, &root, ret);
	root.document = DOCUMENT_RUNTIME_SECURITY_POLICY;
	search(&parts, arena, &root, ret);
}
