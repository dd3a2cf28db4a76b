// SPDX-License-Identifier: Apache-2.0
/*
 * decode.c - mappings to structs: each row of fields.def says which key goes where, and one function
 * walks them; see decode.h.
 */
#include "compiler/policy/decode.h"

#include <errno.h>
#include <string.h>

#include "compiler/base/nearest.h"
#include "compiler/policy/document.h"
#include "compiler/policy/intent.h"
#include "compiler/policy/names.h"
#include "compiler/policy/places.h"
#include "compiler/policy/value.h"
#include "compiler/syntax/scalar.h"
#include "schema/forms.h"

/* How every struct of policy.h that a group fills begins. */
struct part {
	struct span at;
	bool broken;
};

/* Any list of policy.h. */
struct list {
	void *items;
	size_t count;
};

static void decode_object(struct decoder *decoder, const struct node *node, enum field_group group, void *into);

/* ---- Lists and maps ---- */

static bool is_values(const struct field_row *field)
{
	return field->kind == KIND_VALUE_LIST || field->kind == KIND_NUMBER_LIST;
}

/* Beyond our limit, and beyond the narrower one of Tetragon. */
static void check_count(struct decoder *decoder, const struct field_row *field, const struct node *node)
{
	struct form form;

	if (node->count < 2)
		return;
	form = form_of(field);
	if (field->most && node->count > field->most) {
		diag(decoder->diagnostics, DIAG_TOO_MANY, node_span(decoder->tree, node->items[field->most]),
			"'%s' has %u entries, %u more than it may", field->key, node->count, node->count - field->most);
	} else if (form.tetragon_most && node->count > form.tetragon_most) {
		diag(decoder->diagnostics, is_values(field) ? DIAG_TETRAGON_VALUES : DIAG_TETRAGON_ENTRIES,
			node_span(decoder->tree, node->items[form.tetragon_most]),
			"'%s' has %u entries, and Tetragon %s more than %u", field->key, node->count, form.tetragon_does,
			form.tetragon_most);
		diag_help(decoder->diagnostics, "tetra takes up to %u", field->most);
	}
}

static bool decode_word(struct decoder *decoder, const struct field_row *field, const struct node *node,
			unsigned *ret)
{
	int id;

	if (!value_word(decoder, field, node, &id))
		return false;
	*ret = (unsigned)id;
	return true;
}

static bool decode_words(struct decoder *decoder, const struct field_row *field, const struct node *node,
			 struct list *ret)
{
	struct word *items = arena_array(decoder->arena, struct word, node->count);
	bool fine = true;

	for (uint32_t i = 0; i < node->count; i++) {
		items[i].at = node_span(decoder->tree, node->items[i]);
		fine &= decode_word(decoder, field, node->items[i], &items[i].number);
	}
	*ret = (struct list){ items, node->count };
	return fine;
}

static bool decode_texts(struct decoder *decoder, const struct field_row *field, const struct node *node,
			 struct list *ret)
{
	struct text *items = arena_array(decoder->arena, struct text, node->count);
	bool fine = true;

	for (uint32_t i = 0; i < node->count; i++)
		fine &= value_text(decoder, field, node->items[i], &items[i]);
	*ret = (struct list){ items, node->count };
	return fine;
}

static bool decode_values(struct decoder *decoder, const struct field_row *field, const struct node *node,
			  struct list *ret)
{
	struct policy_value *items = arena_array(decoder->arena, struct policy_value, node->count);
	bool fine = true;

	for (uint32_t i = 0; i < node->count; i++)
		fine &= value_text(decoder, field, node->items[i], &items[i].text);
	*ret = (struct list){ items, node->count };
	return fine;
}

static bool decode_numbers(struct decoder *decoder, const struct field_row *field, const struct node *node,
			   struct list *ret)
{
	struct policy_value *items = arena_array(decoder->arena, struct policy_value, node->count);
	bool fine = true;

	for (uint32_t i = 0; i < node->count; i++) {
		if (!value_number(decoder, field, node->items[i], &items[i].low)) {
			fine = false;
			continue;
		}
		items[i].form = VALUE_INTEGER;
		items[i].text = text_of(decoder, node->items[i]);
	}
	*ret = (struct list){ items, node->count };
	return fine;
}

/* An entry that is not even a mapping stays as a broken part. */
static bool decode_objects(struct decoder *decoder, const struct field_row *field, const struct node *node,
			   struct list *ret)
{
	size_t size = group_sizes[field->child];
	char *items = arena_alloc(decoder->arena, node->count, size);

	for (uint32_t i = 0; i < node->count; i++) {
		struct part *part = (struct part *)(items + i * size);

		if (value_is_shape(decoder, field, node->items[i], NODE_MAPPING))
			decode_object(decoder, node->items[i], field->child, part);
		else
			*part = (struct part){ node_span(decoder->tree, node->items[i]), true };
	}
	*ret = (struct list){ items, node->count };
	return true;
}

static enum hook_kind kind_of_section(const char *section)
{
	enum hook_kind kind = 0;

	while (strcmp(hook_rows[kind].section, section))
		kind++;
	return kind;
}

/* The sections of a policy share one list; check refuses more than one, so copying is rare. */
static bool decode_hooks(struct decoder *decoder, const struct field_row *field, const struct node *node,
			 struct policy_hook_list *hooks)
{
	struct list added;
	struct policy_hook *all;

	decoder->section = field->key;
	decode_objects(decoder, field, node, &added);
	decoder->section = NULL;
	for (size_t i = 0; i < added.count; i++)
		((struct policy_hook *)added.items)[i].kind = kind_of_section(field->key);
	all = added.items;
	if (hooks->count) {
		all = arena_array(decoder->arena, struct policy_hook, hooks->count + added.count);
		memcpy(all, hooks->items, hooks->count * sizeof(*all));
		memcpy(all + hooks->count, added.items, added.count * sizeof(*all));
	}
	*hooks = (struct policy_hook_list){ all, hooks->count + added.count };
	return true;
}

/* Keys that are free may be many; those of a group are looked after by is_repeated. */
static bool has_repeated(struct decoder *decoder, const struct text *first, size_t stride, size_t count)
{
	struct names names;
	bool found = false;

	names_sort(&names, decoder->arena, first, stride, count);
	for (size_t i = 1; i < names.count; i++) {
		const struct text *before = names.items[i - 1].text, *key = names.items[i].text;

		if (before->length != key->length || memcmp(before->bytes, key->bytes, key->length))
			continue;
		diag(decoder->diagnostics, DIAG_DUPLICATE_KEY, key->at, "'%.64s' is there twice", key->bytes);
		diag_related(decoder->diagnostics, before->at, "first defined here");
		found = true;
	}
	return found;
}

static bool decode_text_map(struct decoder *decoder, const struct field_row *field, const struct node *node,
			    struct list *ret)
{
	struct policy_label *items = arena_array(decoder->arena, struct policy_label, node->count);
	bool fine = true;

	for (uint32_t i = 0; i < node->count; i++) {
		fine &= value_key(decoder, field, node->pairs[i].key, &items[i].key);
		fine &= value_text(decoder, field, node->pairs[i].value, &items[i].value);
	}
	*ret = (struct list){ items, node->count };
	return fine && !has_repeated(decoder, &items->key, sizeof(*items), node->count);
}

static bool decode_sets(struct decoder *decoder, const struct field_row *field, const struct node *node,
			struct intent_set_list *ret)
{
	struct intent_set *items = arena_array(decoder->arena, struct intent_set, node->count);
	bool fine = true;

	for (uint32_t i = 0; i < node->count; i++) {
		struct list values;

		fine &= value_key(decoder, field, node->pairs[i].key, &items[i].name);
		if (!value_is_shape(decoder, field, node->pairs[i].value, NODE_SEQUENCE) ||
		    !decode_values(decoder, field, node->pairs[i].value, &values)) {
			fine = false;
			continue;
		}
		items[i].values = (struct policy_value_list){ values.items, values.count };
	}
	*ret = (struct intent_set_list){ items, node->count };
	return fine && !has_repeated(decoder, &items->name, sizeof(*items), node->count);
}

/* The only mapping with free keys and mappings behind them. */
static bool decode_macros(struct decoder *decoder, const struct field_row *field, const struct node *node,
			  struct policy_macro_list *ret)
{
	struct policy_macro *items = arena_array(decoder->arena, struct policy_macro, node->count);
	bool fine = true;

	for (uint32_t i = 0; i < node->count; i++) {
		fine &= value_key(decoder, field, node->pairs[i].key, &items[i].name);
		if (value_is_shape(decoder, field, node->pairs[i].value, NODE_MAPPING))
			decode_object(decoder, node->pairs[i].value, field->child, &items[i].selector);
		else
			items[i].selector.broken = true;
	}
	*ret = (struct policy_macro_list){ items, node->count };
	return fine && !has_repeated(decoder, &items->name, sizeof(*items), node->count);
}

static bool decode_child(struct decoder *decoder, const struct field_row *field, const struct node *node,
			 void **ret)
{
	*ret = arena_alloc(decoder->arena, 1, group_sizes[field->child]);
	decode_object(decoder, node, field->child, *ret);
	return true;
}

/* ---- One value ---- */

static enum node_kind kind_of_shape(enum kind_shape shape)
{
	switch (shape) {
	case SHAPE_LIST:
	case SHAPE_OBJECT_LIST:
		return NODE_SEQUENCE;
	case SHAPE_OBJECT:
	case SHAPE_OBJECT_MAP:
	case SHAPE_TEXT_MAP:
	case SHAPE_LIST_MAP:
		return NODE_MAPPING;
	default:
		return NODE_SCALAR;
	}
}

static bool decode_index(struct decoder *decoder, const struct field_row *field, const struct node *node,
			 const struct where *where, void *into)
{
	uint64_t number;
	bool is_wide = field->group == GROUP_action || field->kind == KIND_UNSIGNED64 || field->kind == KIND_SIGNED64;

	if (!value_number(decoder, field, node, &number))
		return false;
	if (is_wide)
		*(int64_t *)((char *)into + where->member) = (int64_t)number;
	else
		*(uint32_t *)((char *)into + where->member) = (uint32_t)number;
	return true;
}

_Static_assert(sizeof(enum type_id) == sizeof(unsigned), "words are stored as unsigned");
_Static_assert(TYPE_AUTO == 0, "an argument without a type is auto");

static bool decode_value(struct decoder *decoder, const struct field_row *field, const struct where *where,
			 const struct node *node, void *into)
{
	void *member = where->member == NOWHERE ? NULL : (char *)into + where->member;

	if (kind_rows[field->kind].words)
		return kind_rows[field->kind].shape == SHAPE_LIST ? decode_words(decoder, field, node, member) :
			decode_word(decoder, field, node, member);
	switch (field->kind) {
	case KIND_ANY:
		return true;
	case KIND_PART:
		decode_object(decoder, node, field->child, into);
		return true;
	case KIND_TEXT:
		return value_text(decoder, field, node, member);
	case KIND_BOOLEAN:
		return value_boolean(decoder, field, node, member);
	case KIND_INDEX:
	case KIND_SIGNED32:
	case KIND_SIGNED64:
	case KIND_UNSIGNED64:
		return decode_index(decoder, field, node, where, into);
	case KIND_TEXT_LIST:
		return decode_texts(decoder, field, node, member);
	case KIND_VALUE_LIST:
		return decode_values(decoder, field, node, member);
	case KIND_NUMBER_LIST:
	case KIND_UNSIGNED64_LIST:
		return decode_numbers(decoder, field, node, member);
	case KIND_TEXT_LIST_MAP:
		return decode_sets(decoder, field, node, member);
	case KIND_TESTS:
		*(const struct node **)member = node;
		return true;
	case KIND_OBJECT:
		return decode_child(decoder, field, node, member);
	case KIND_OBJECT_LIST:
		return decode_objects(decoder, field, node, member);
	case KIND_HOOK_LIST:
		return decode_hooks(decoder, field, node, member);
	case KIND_OBJECT_MAP:
		return decode_macros(decoder, field, node, member);
	case KIND_TEXT_MAP:
		return decode_text_map(decoder, field, node, member);
	default:
		break;
	}
	return false;
}

static bool decode_field(struct decoder *decoder, size_t row, const struct node *node, void *into)
{
	const struct field_row *field = &field_rows[row];
	const struct where *where = &field_places[row];
	enum kind_shape shape = kind_rows[field->kind].shape;

	if (field->kind == KIND_ANY || ((field->flags & FIELD_NULLS) && value_is_null(node)))
		return true;
	if (!value_is_shape(decoder, field, node, kind_of_shape(shape)))
		return false;
	if (kind_of_shape(shape) == NODE_SEQUENCE)
		check_count(decoder, field, node);
	if (!decode_value(decoder, field, where, node, into))
		return false;
	if (where->place != NOWHERE)
		*(struct span *)((char *)into + where->place) = node_span(decoder->tree, node);
	return true;
}

/* ---- Keys ---- */

enum { GROUP_FIELDS_MAX = 32 };

/* Keys of the mapping that were there, by field number within the group. */
struct seen { const struct node *keys[GROUP_FIELDS_MAX]; };

static const char *path_of(struct decoder *decoder, enum field_group group)
{
	const char *path = group_rows[group].path, *star = strchr(path, '*');

	if (!star)
		return path;
	return arena_format(decoder->arena, "%.*s%s%s", (int)(star - path), path,
		decoder->section ? decoder->section : "kprobes", star + 1);
}

/* Another group that has this key, or GROUP_none. */
static enum field_group group_with(const struct node *key)
{
	for (enum field_group group = 1; group < GROUP_COUNT; group++)
		if (field_find(group, key->text, key->count) >= 0)
			return group;
	return GROUP_none;
}

static void list_keys(struct decoder *decoder, enum field_group group)
{
	struct buffer keys = { 0 };

	for (size_t i = group_rows[group].first; field_rows[i].group == group; i++)
		if (field_rows[i].kind != KIND_ANY)
			buffer_format(&keys, "%s%s", keys.length ? ", " : "", field_rows[i].key);
	diag_help(decoder->diagnostics, "keys here: %s", keys.bytes);
	buffer_release(&keys);
}

/* A misspelt key counts as there, so that it is not said to be missing as well. */
static void unknown_key(struct decoder *decoder, const struct node *key, enum field_group group, struct seen *seen)
{
	struct nearest nearest = { .name = key->text, .length = key->count };
	enum field_group other = group_with(key);
	struct span at = node_span(decoder->tree, key);
	size_t first = group_rows[group].first;

	for (size_t i = first; field_rows[i].group == group; i++)
		nearest_try(&nearest, field_rows[i].key);
	if (other && !(nearest.best && nearest.distance <= 1)) {
		diag(decoder->diagnostics, DIAG_MISPLACED_KEY, at, "'%.*s' does not belong here", (int)key->count, key->text);
		diag_help(decoder->diagnostics, "it is a key of %s", path_of(decoder, other));
		return;
	}
	diag(decoder->diagnostics, DIAG_UNKNOWN_KEY, at, "there is no key '%.*s' here",
		(int)(key->count < NEAREST_NAME_MAX ? key->count : NEAREST_NAME_MAX), key->text);
	if (!nearest.best) {
		list_keys(decoder, group);
		return;
	}
	seen->keys[(size_t)field_find(group, nearest.best, strlen(nearest.best)) - first] = key;
	diag_nearest(decoder->diagnostics, &nearest);
}

static bool bad_key(struct decoder *decoder, const struct node *key)
{
	struct span at = node_span(decoder->tree, key);

	if (key->kind == NODE_SCALAR && node_is_text(key, "<<")) {
		diag(decoder->diagnostics, DIAG_MERGE_KEY, at, "'<<' needs an alias of a mapping, or a list of them");
		return true;
	}
	if (key->kind == NODE_SCALAR)
		return false;
	diag(decoder->diagnostics, DIAG_BAD_KEY, at, "a key must be a word, not a list or mapping");
	return true;
}

static bool is_repeated(struct decoder *decoder, const struct node *key, const struct node **seen)
{
	if (!*seen) {
		*seen = key;
		return false;
	}
	diag(decoder->diagnostics, DIAG_DUPLICATE_KEY, node_span(decoder->tree, key), "'%.*s' is there twice",
		(int)key->count, key->text);
	diag_related(decoder->diagnostics, node_span(decoder->tree, *seen), "first defined here");
	return true;
}

static bool decode_pair(struct decoder *decoder, const struct pair *pair, enum field_group group, void *into,
			struct seen *seen)
{
	const struct node *key = pair->key;
	bool fine;
	int row;

	if (bad_key(decoder, key))
		return false;
	row = field_find(group, key->text, key->count);
	if (row < 0) {
		unknown_key(decoder, key, group, seen);
		return false;
	}
	if (is_repeated(decoder, key, &seen->keys[(size_t)row - group_rows[group].first]))
		return false;
	if (field_rows[row].support == SUPPORT_NOW || decoder->in_later)
		return decode_field(decoder, (size_t)row, pair->value, into);
	diag_later(decoder->diagnostics, node_span(decoder->tree, key), "'%s'", field_rows[row].key);
	decoder->in_later = true;
	fine = decode_field(decoder, (size_t)row, pair->value, into);
	decoder->in_later = false;
	return fine;
}

static bool has_required(struct decoder *decoder, const struct node *node, enum field_group group,
			 const struct seen *seen)
{
	struct span at = node_span(decoder->tree, node->count ? node->pairs[0].key : node);
	size_t first = group_rows[group].first;
	bool complete = true;

	for (size_t i = first; field_rows[i].group == group; i++) {
		if (!(field_rows[i].flags & FIELD_REQUIRED) || seen->keys[i - first])
			continue;
		diag(decoder->diagnostics, DIAG_MISSING_KEY, at, "'%s' is missing", field_rows[i].key);
		diag_help(decoder->diagnostics, "%s: %s", field_rows[i].key, field_rows[i].about);
		complete = false;
	}
	return complete;
}

static void set_standards(enum field_group group, void *into)
{
	for (size_t i = group_rows[group].first; field_rows[i].group == group; i++)
		if (field_rows[i].kind == KIND_BOOLEAN)
			*(bool *)((char *)into + field_places[i].member) = !strcmp(field_rows[i].standard, "true");
}

static void decode_object(struct decoder *decoder, const struct node *node, enum field_group group, void *into)
{
	struct seen seen = { 0 };
	struct part *part = into;
	bool fine = true;

	if (span_is_empty(part->at))
		part->at = node_span(decoder->tree, node);
	set_standards(group, into);
	for (uint32_t i = 0; i < node->count; i++)
		fine &= decode_pair(decoder, &node->pairs[i], group, into, &seen);
	fine &= has_required(decoder, node, group, &seen);
	part->broken |= !fine;
}

/* ---- Documents ---- */

static int refuse_none(struct decoder *decoder, size_t passed_over)
{
	struct span at = { decoder->tree->source, 0, 0 };

	diag(decoder->diagnostics, DIAG_NO_POLICY, at, "there is no TracingPolicy in this file");
	if (passed_over)
		diag_help(decoder->diagnostics, "%zu document%s of other kinds %s passed over", passed_over,
			passed_over == 1 ? "" : "s", passed_over == 1 ? "was" : "were");
	return -EINVAL;
}

struct documents {
	struct policy_list *policies;
	struct intent_list *intents;
	size_t policy_room, intent_room, ours, passed_over;
};

static void decode_policy(struct decoder *decoder, const struct node *root, struct documents *documents)
{
	struct policy_list *policies = documents->policies;

	policies->items = arena_grow(decoder->arena, policies->items, policies->count, &documents->policy_room,
		sizeof(*policies->items));
	policies->items[policies->count] = (struct policy){ 0 };
	decode_object(decoder, root, GROUP_root, &policies->items[policies->count++]);
}

static void decode_intent(struct decoder *decoder, const struct node *root, struct documents *documents)
{
	struct intent_list *intents = documents->intents;

	intents->items = arena_grow(decoder->arena, intents->items, intents->count, &documents->intent_room, sizeof(*intents->items));
	intents->items[intents->count] = (struct intent){ 0 };
	decode_object(decoder, root, GROUP_intent_root, &intents->items[intents->count++]);
}

static void decode_document(struct decoder *decoder, const struct node *root, bool in_list,
			    struct documents *documents)
{
	const struct node *items = NULL;
	enum document_id id = 0;

	switch (document_classify(decoder, root, &items, &id)) {
	case DOCUMENT_LIST:
		if (in_list)
			documents->passed_over++;	/* Kubernetes has no lists of lists */
		for (uint32_t i = 0; !in_list && i < items->count; i++)
			decode_document(decoder, items->items[i], true, documents);
		break;
	case DOCUMENT_OTHER:
		documents->passed_over++;
		break;
	case DOCUMENT_POLICY:
		if (document_rows[id].root == GROUP_intent_root)
			decode_intent(decoder, root, documents);
		else
			decode_policy(decoder, root, documents);
		/* fall through */
	case DOCUMENT_REFUSED:
		documents->ours++;
		break;
	case DOCUMENT_NOTHING:
		break;
	}
}

int policy_decode(const struct tree *tree, struct arena *arena, struct diagnostics *diagnostics,
		  struct policy_list **ret, struct intent_list **intents, size_t *passed_over)
{
	struct decoder decoder = { .tree = tree, .arena = arena, .diagnostics = diagnostics };
	struct documents documents = {
		.policies = arena_new(arena, struct policy_list), .intents = arena_new(arena, struct intent_list),
	};
	size_t errors = diagnostics->errors;

	*ret = documents.policies;
	*intents = documents.intents;
	for (size_t i = 0; i < tree->count; i++)
		decode_document(&decoder, tree->documents[i], false, &documents);
	*passed_over += documents.passed_over;
	if (!documents.ours)
		return refuse_none(&decoder, *passed_over);
	return diagnostics->errors > errors ? -EINVAL : 0;
}
