// SPDX-License-Identifier: Apache-2.0
/*
 * parse.c - libyaml's events to a tree of located nodes; the only user of libyaml.
 *
 * Limits are checked event by event: libyaml looks at most 1,024 characters ahead, so text that is nested too
 * deeply is given up before its quadratic cost shows.
 */
#include "compiler/syntax/tree.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "compiler/syntax/syntax_error.h"

enum { NODE_POOL = 64 };

struct anchor {
	const char *name;
	struct node *node;
	bool complete;		/* its node has ended: aliases may use it */
};

/* A collection that has not ended; its items wait on the stack from `base` on. */
struct frame {
	struct node *node;
	size_t base;
	size_t anchor;		/* index + 1, 0 for none */
};

struct parser {
	yaml_parser_t yaml;
	const struct source *source;
	struct arena *arena;
	struct diagnostics *diagnostics;
	struct text_cursor cursor;

	struct node *pool;
	size_t pool_left, nodes;
	struct node **stack;
	size_t stacked, stack_capacity;
	struct frame frames[LIMIT_DEPTH];
	size_t depth;
	struct anchor anchors[LIMIT_ANCHORS];
	size_t anchor_count;
	bool has_aliases;
	uint32_t alias_end;	/* where the latest alias of the text ends */
	size_t merged;		/* pairs that merge keys added, in the whole file */

	struct tree *tree;
	size_t document_capacity;
};

static struct span span_of(struct parser *parser, yaml_mark_t start, yaml_mark_t end)
{
	uint32_t from = text_cursor_seek(&parser->cursor, start.index);

	return (struct span){ parser->source, from, text_cursor_seek(&parser->cursor, end.index) };
}

static struct span event_span(struct parser *parser, const yaml_event_t *event)
{
	return span_of(parser, event->start_mark, event->end_mark);
}

/* ---- Nodes ---- */

static int add_node(struct parser *parser, const yaml_event_t *event, enum node_kind kind, struct node **ret)
{
	struct span at = event_span(parser, event);

	if (++parser->nodes > LIMIT_NODES)
		return diag(parser->diagnostics, DIAG_TOO_LARGE, at, "the file has more than %d values", LIMIT_NODES);
	if (!parser->pool_left) {
		parser->pool = arena_array(parser->arena, struct node, NODE_POOL);
		parser->pool_left = NODE_POOL;
	}
	parser->pool_left--;
	*ret = parser->pool++;
	(*ret)->kind = (uint8_t)kind;
	(*ret)->weight = 1;
	(*ret)->start = at.start;
	(*ret)->end = at.end;
	return 0;
}

static int push(struct parser *parser, struct node *node)
{
	parser->stack = arena_grow(parser->arena, parser->stack, parser->stacked, &parser->stack_capacity,
		sizeof(*parser->stack));
	parser->stack[parser->stacked++] = node;
	return 0;
}

static enum node_tag tag_of(const yaml_char_t *tag)
{
	static const struct { const char *name; enum node_tag tag; } tags[] = {
		{ "!", TAG_TEXT }, { YAML_STR_TAG, TAG_TEXT }, { YAML_INT_TAG, TAG_INTEGER },
		{ YAML_FLOAT_TAG, TAG_FLOAT }, { YAML_BOOL_TAG, TAG_BOOLEAN }, { YAML_NULL_TAG, TAG_NULL },
		{ YAML_SEQ_TAG, TAG_SEQUENCE }, { YAML_MAP_TAG, TAG_MAPPING },
	};

	if (!tag)
		return TAG_NONE;
	for (size_t i = 0; i < sizeof(tags) / sizeof(*tags); i++)
		if (!strcmp((const char *)tag, tags[i].name))
			return tags[i].tag;
	return TAG_OTHER;
}

/* ---- Anchors and aliases ---- */

static int set_anchor(struct parser *parser, const yaml_char_t *name, struct node *node, bool complete)
{
	if (!name)
		return 0;
	if (parser->anchor_count == LIMIT_ANCHORS)
		return diag(parser->diagnostics, DIAG_TOO_LARGE,
			(struct span){ parser->source, node->start, node->start },
			"the document has more than %d anchors", LIMIT_ANCHORS);
	parser->anchors[parser->anchor_count++] = (struct anchor){
		.name = arena_copy(parser->arena, name, strlen((const char *)name)),
		.node = node, .complete = complete,
	};
	return 0;
}

/* The latest of the name counts. */
static const struct anchor *find_anchor(const struct parser *parser, const char *name)
{
	for (size_t i = parser->anchor_count; i-- > 0;)
		if (!strcmp(parser->anchors[i].name, name))
			return &parser->anchors[i];
	return NULL;
}

static int on_alias(struct parser *parser, const yaml_event_t *event)
{
	const char *name = (const char *)event->data.alias.anchor;
	const struct anchor *anchor = find_anchor(parser, name);

	if (!anchor)
		return diag(parser->diagnostics, DIAG_UNKNOWN_ALIAS, event_span(parser, event),
			"there is no anchor '&%s' before this alias", name);
	if (!anchor->complete)
		return diag(parser->diagnostics, DIAG_UNKNOWN_ALIAS, event_span(parser, event),
			"alias '*%s' is inside the value that it stands for", name);
	if (++parser->nodes > LIMIT_NODES)
		return diag(parser->diagnostics, DIAG_TOO_LARGE, event_span(parser, event),
			"the file has more than %d values", LIMIT_NODES);
	parser->has_aliases = true;
	parser->alias_end = event_span(parser, event).end;
	return push(parser, anchor->node);
}

/* ---- Scalars and collections ---- */

/* Most scalars stand in the text as they are; only escapes, folds and the like need a copy. */
static const char *scalar_text(struct parser *parser, const struct node *node, const yaml_event_t *event)
{
	const char *value = (const char *)event->data.scalar.value;
	size_t length = event->data.scalar.length, quote = !node->plain;

	if (node->start + quote + length <= parser->source->length &&
	    !memcmp(parser->source->text + node->start + quote, value, length))
		return parser->source->text + node->start + quote;
	return arena_copy(parser->arena, value, length);
}

static int on_scalar(struct parser *parser, const yaml_event_t *event)
{
	struct node *node;
	int failed = add_node(parser, event, NODE_SCALAR, &node);

	if (failed)
		return failed;
	node->tag = (uint8_t)tag_of(event->data.scalar.tag);
	node->plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
	node->count = node->bytes = (uint32_t)event->data.scalar.length;
	node->text = scalar_text(parser, node, event);
	failed = set_anchor(parser, event->data.scalar.anchor, node, true);
	return failed ? failed : push(parser, node);
}

static int open_collection(struct parser *parser, const yaml_event_t *event, enum node_kind kind,
			   const yaml_char_t *tag, const yaml_char_t *anchor)
{
	struct node *node;
	int failed;

	if (parser->depth == LIMIT_DEPTH)
		return diag(parser->diagnostics, DIAG_TOO_DEEP, event_span(parser, event),
			"values are nested more than %d levels deep", LIMIT_DEPTH);
	failed = add_node(parser, event, kind, &node);
	if (!failed)
		failed = set_anchor(parser, anchor, node, false);
	if (failed)
		return failed;
	node->tag = (uint8_t)tag_of(tag);
	parser->frames[parser->depth++] = (struct frame){
		.node = node, .base = parser->stacked, .anchor = anchor ? parser->anchor_count : 0,
	};
	return 0;
}

static bool is_merge(const struct node *key)
{
	return key->kind == NODE_SCALAR && key->plain && key->tag == TAG_NONE && node_is_text(key, "<<");
}

/* Mappings that `value` of a merge key adds; NULL past the end, or when it is none. */
static const struct node *merged_mapping(const struct node *value, size_t n)
{
	if (value->kind == NODE_MAPPING)
		return n ? NULL : value;
	if (value->kind != NODE_SEQUENCE || n >= value->count || value->items[n]->kind != NODE_MAPPING)
		return NULL;
	return value->items[n];
}

static size_t merged_count(const struct node *value)
{
	size_t count = 0;

	for (size_t n = 0; merged_mapping(value, n); n++)
		count += merged_mapping(value, n)->count;
	return count;
}

static int expands_too_far(struct parser *parser, const struct node *node)
{
	return diag(parser->diagnostics, DIAG_ALIAS_EXPANSION,
		(struct span){ parser->source, node->start, node->start },
		"the aliases in this value expand to more than %d values", LIMIT_EXPANDED_NODES);
}

/* Pairs of the text first, then what its merge keys bring.  A merge key that brings nothing stays, to be refused. */
static int fill_pairs(struct parser *parser, struct node *node, struct node **items, size_t count)
{
	size_t room = count / 2, used = 0;

	for (size_t i = 0; i < count; i += 2)
		if (is_merge(items[i]))
			room += merged_count(items[i + 1]);
	parser->merged += room - count / 2;
	if (parser->merged > LIMIT_EXPANDED_NODES)
		return expands_too_far(parser, node);
	node->pairs = arena_array(parser->arena, struct pair, room);
	for (size_t i = 0; i < count; i += 2)
		if (!is_merge(items[i]) || !merged_mapping(items[i + 1], 0))
			node->pairs[used++] = (struct pair){ items[i], items[i + 1] };
	for (size_t i = 0; i < count; i += 2)
		for (size_t n = 0; is_merge(items[i]) && merged_mapping(items[i + 1], n); n++) {
			const struct node *from = merged_mapping(items[i + 1], n);

			memcpy(node->pairs + used, from->pairs, from->count * sizeof(struct pair));
			used += from->count;
		}
	node->count = (uint32_t)used;
	return 0;
}

static int fill_items(struct parser *parser, struct node *node, struct node **items, size_t count)
{
	node->items = arena_array(parser->arena, struct node *, count);
	if (count)
		memcpy(node->items, items, count * sizeof(*items));
	node->count = (uint32_t)count;
	return 0;
}

static void add_to(uint32_t *sum, uint32_t more)
{
	if (__builtin_add_overflow(*sum, more, sum))
		*sum = UINT32_MAX;
}

static void weigh(struct node *node, struct node *const *items, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		add_to(&node->weight, items[i]->weight);
		add_to(&node->bytes, items[i]->bytes);
	}
}

/* A block ends where its last value does, not at the token behind it; what an alias stands for is elsewhere. */
static uint32_t end_of(struct parser *parser, const yaml_event_t *event, struct node *const *items, size_t count,
		       uint32_t start)
{
	struct span at = event_span(parser, event);

	if (at.end > start && parser->alias_end > start)
		start = parser->alias_end;
	if (at.end > at.start || !count)
		return at.end > start ? at.end : start;
	return items[count - 1]->end > start ? items[count - 1]->end : start;
}

static int close_collection(struct parser *parser, const yaml_event_t *event)
{
	struct frame *frame = &parser->frames[--parser->depth];
	struct node *node = frame->node, **items = parser->stack + frame->base;
	size_t count = parser->stacked - frame->base;
	int failed;

	weigh(node, items, count);
	node->end = end_of(parser, event, items, count, node->start);
	if (parser->has_aliases && node->weight > LIMIT_EXPANDED_NODES)
		return expands_too_far(parser, node);
	if (parser->has_aliases && node->bytes > LIMIT_EXPANDED_BYTES)
		return diag(parser->diagnostics, DIAG_ALIAS_EXPANSION,
			    (struct span){ parser->source, node->start, node->start },
			    "the aliases in this value expand to more than %d bytes of text", LIMIT_EXPANDED_BYTES);
	failed = (node->kind == NODE_MAPPING ? fill_pairs : fill_items)(parser, node, items, count);
	if (failed)
		return failed;
	if (frame->anchor)
		parser->anchors[frame->anchor - 1].complete = true;
	parser->stacked = frame->base;
	return push(parser, node);
}

/* ---- Documents ---- */

static int end_document(struct parser *parser, const yaml_event_t *event)
{
	struct tree *tree = parser->tree;

	if (tree->count == LIMIT_DOCUMENTS)
		return diag(parser->diagnostics, DIAG_TOO_LARGE, event_span(parser, event),
			"the file has more than %d documents", LIMIT_DOCUMENTS);
	tree->documents = arena_grow(parser->arena, tree->documents, tree->count, &parser->document_capacity,
		sizeof(*tree->documents));
	tree->documents[tree->count++] = parser->stack[0];
	parser->stacked = parser->anchor_count = 0;
	parser->has_aliases = false;
	return 0;
}

static int on_event(struct parser *parser, const yaml_event_t *event)
{
	switch (event->type) {
	case YAML_SCALAR_EVENT:
		return on_scalar(parser, event);
	case YAML_ALIAS_EVENT:
		return on_alias(parser, event);
	case YAML_SEQUENCE_START_EVENT:
		return open_collection(parser, event, NODE_SEQUENCE, event->data.sequence_start.tag,
			event->data.sequence_start.anchor);
	case YAML_MAPPING_START_EVENT:
		return open_collection(parser, event, NODE_MAPPING, event->data.mapping_start.tag,
			event->data.mapping_start.anchor);
	case YAML_SEQUENCE_END_EVENT:
	case YAML_MAPPING_END_EVENT:
		return close_collection(parser, event);
	case YAML_DOCUMENT_END_EVENT:
		return end_document(parser, event);
	default:
		return 0;
	}
}

static int parse_events(struct parser *parser)
{
	yaml_event_type_t type;
	int failed;

	do {
		yaml_event_t event;

		if (!yaml_parser_parse(&parser->yaml, &event))
			return syntax_error(&parser->yaml, parser->source, &parser->cursor, parser->diagnostics);
		type = event.type;
		failed = on_event(parser, &event);
		yaml_event_delete(&event);
	} while (!failed && type != YAML_STREAM_END_EVENT);
	return failed;
}

static bool is_nothing(const struct node *node)
{
	return node->kind == NODE_SCALAR && node->plain && !node->count;
}

static int refuse_empty(struct parser *parser)
{
	const struct tree *tree = parser->tree;

	for (size_t i = 0; i < tree->count; i++)
		if (!is_nothing(tree->documents[i]))
			return 0;
	return diag(parser->diagnostics, DIAG_EMPTY_FILE, (struct span){ parser->source, 0, 0 },
		parser->source->length ? "there is nothing but comments in the file" : "the file is empty");
}

static int refuse_binary(struct parser *parser)
{
	const char *text = parser->source->text, *nul;
	size_t length = parser->source->length;

	nul = length ? memchr(text, '\0', length) : NULL;
	if (!nul)
		return 0;
	return diag(parser->diagnostics, DIAG_NOT_TEXT,
		(struct span){ parser->source, (uint32_t)(nul - text), (uint32_t)(nul - text) + 1 },
		"the file is not text: there is a zero byte in it");
}

int tree_parse(const struct source *source, struct arena *arena, struct diagnostics *diagnostics,
	       struct tree **ret)
{
	struct parser parser = { .source = source, .arena = arena, .diagnostics = diagnostics };
	int failed = refuse_binary(&parser);

	if (failed)
		return failed;
	parser.tree = arena_new(arena, struct tree);
	parser.tree->source = source;
	parser.stack = arena_grow(arena, NULL, 0, &parser.stack_capacity, sizeof(*parser.stack));
	text_cursor_init(&parser.cursor, source);
	if (!yaml_parser_initialize(&parser.yaml))
		abort();	/* out of memory, as in the arena */
	yaml_parser_set_encoding(&parser.yaml, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&parser.yaml, (const unsigned char *)source->text + parser.cursor.first,
		source->length - parser.cursor.first);
	failed = parse_events(&parser);
	yaml_parser_delete(&parser.yaml);
	if (!failed)
		failed = refuse_empty(&parser);
	if (!failed)
		*ret = parser.tree;
	return failed;
}
