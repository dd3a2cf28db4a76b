// SPDX-License-Identifier: Apache-2.0
/* settings.c - reading .tetra.yaml; see settings.h. */
#include "compiler/policy/settings.h"

#include <errno.h>
#include <string.h>

#include "compiler/syntax/scalar.h"
#include "compiler/syntax/tree.h"

struct reader {
	const struct tree *tree;
	struct arena *arena;
	struct diagnostics *diagnostics;
	struct settings *settings;
	const char *outputs;
};

enum { KEYS_MOST = 1000 };

#define SHOW(node) (int)((node)->count < NEAREST_NAME_MAX ? (node)->count : NEAREST_NAME_MAX), (node)->text

static void refuse_shape(struct reader *reader, const struct node *node, const char *wants)
{
	diag(reader->diagnostics, DIAG_WRONG_SHAPE, node_span(reader->tree, node), "this must be %s", wants);
}

/* NULL when it is no text; numbers and the like count as text, as a severity is `off`. */
static const char *read_text(struct reader *reader, const struct node *node, const char *wants)
{
	if (node->kind == NODE_SCALAR && node->count)
		return arena_copy(reader->arena, node->text, node->count);
	refuse_shape(reader, node, wants);
	return NULL;
}

/* Nearest of the words parted by |, as a copy. */
static void suggest_word(struct reader *reader, const struct node *node, const char *words)
{
	struct nearest nearest = { .name = node->text, .length = node->count };

	for (const char *word = words; *word; word += strspn(word, "|")) {
		size_t length = strcspn(word, "|");

		nearest_try(&nearest, arena_copy(reader->arena, word, length));
		word += length;
	}
	if (nearest.best)
		diag_nearest(reader->diagnostics, &nearest);
	else
		diag_help(reader->diagnostics, "one of %s", words);
}

/* Number of the word in `words`, or -1 when that has been refused. */
static int read_word(struct reader *reader, const struct node *node, const char *key, const char *words)
{
	int n = 0;

	if (node->kind != NODE_SCALAR) {
		refuse_shape(reader, node, "a word");
		return -1;
	}
	for (const char *word = words; *word; word += strspn(word, "|"), n++) {
		size_t length = strcspn(word, "|");

		if (length == node->count && !memcmp(word, node->text, length))
			return n;
		word += length;
	}
	diag(reader->diagnostics, DIAG_UNKNOWN_VALUE, node_span(reader->tree, node), "there is no %s '%.*s'", key, SHOW(node));
	suggest_word(reader, node, words);
	return -1;
}

/* ---- Keys ---- */

static bool same_key(const struct node *a, const struct node *b)
{
	return a->kind == NODE_SCALAR && b->kind == NODE_SCALAR && a->count == b->count &&
		!memcmp(a->text, b->text, a->count);
}

/* Pairs to look at: few enough to compare each with those before it. */
static uint32_t keys_of(struct reader *reader, const struct node *mapping)
{
	if (mapping->count <= KEYS_MOST)
		return mapping->count;
	diag(reader->diagnostics, DIAG_TOO_MANY, node_span(reader->tree, mapping), "there are more than %d keys", KEYS_MOST);
	return 0;
}

static bool is_repeated(struct reader *reader, const struct node *mapping, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		if (same_key(mapping->pairs[i].key, mapping->pairs[n].key)) {
			diag(reader->diagnostics, DIAG_DUPLICATE_KEY, node_span(reader->tree, mapping->pairs[n].key),
				"key '%.*s' is there twice", SHOW(mapping->pairs[n].key));
			diag_related(reader->diagnostics, node_span(reader->tree, mapping->pairs[i].key),
				"first defined here");
			return true;
		}
	return false;
}

/* ---- severity ---- */

const char *settings_set(struct severities *severities, const char *code, size_t length, enum severity severity,
			 struct arena *arena)
{
	int id = diagnostic_find(code, length);

	if (id < 0)
		return arena_format(arena, "there is no code '%.*s'",
			(int)(length < NEAREST_NAME_MAX ? length : NEAREST_NAME_MAX), code);
	if (!diagnostic_may_be_off(id) && severity != SEVERITY_ERROR)
		return arena_format(arena, "%s stays an error: a policy with it could not be loaded",
			diagnostic_rows[id].code);
	severities->of[id] = (uint8_t)severity;
	return NULL;
}

static void suggest_code(struct reader *reader, const struct node *code)
{
	struct nearest nearest = { .name = code->text, .length = code->count };

	for (enum diagnostic_id id = 0; id < DIAG_COUNT; id++)
		nearest_try(&nearest, diagnostic_rows[id].code);
	if (nearest.best && !nearest.distance)
		diag_nearest(reader->diagnostics, &nearest);
	else
		diag_help(reader->diagnostics, "codes are as in a finding: TP205; 'tetra explain CODE' tells of one");
}

static void read_severity(struct reader *reader, const struct node *code, const struct node *value)
{
	static const enum severity severities[] = { SEVERITY_ERROR, SEVERITY_WARNING, SEVERITY_OFF };
	int word = read_word(reader, value, "severity", "error|warning|off");
	bool known = code->kind == NODE_SCALAR && diagnostic_find(code->text, code->count) >= 0;
	const char *problem;

	if (word < 0)
		return;
	problem = code->kind != NODE_SCALAR ? "this is no code" :
		settings_set(&reader->settings->severities, code->text, code->count, severities[word], reader->arena);
	if (!problem)
		return;
	diag(reader->diagnostics, known ? DIAG_IGNORE_REFUSED : DIAG_UNKNOWN_KEY, node_span(reader->tree, code), "%s", problem);
	if (!known && code->kind == NODE_SCALAR)
		suggest_code(reader, code);
}

static void read_severities(struct reader *reader, const struct node *value)
{
	if (value->kind != NODE_MAPPING) {
		refuse_shape(reader, value, "a mapping of codes, as in {TP416: off}");
		return;
	}
	for (uint32_t i = 0; i < keys_of(reader, value); i++)
		if (!is_repeated(reader, value, i))
			read_severity(reader, value->pairs[i].key, value->pairs[i].value);
}

/* ---- The other keys ---- */

static void read_strict(struct reader *reader, const struct node *value)
{
	int word = read_word(reader, value, "value of strict", "false|true");

	if (word >= 0)
		reader->settings->strict = word;
}

static void read_output(struct reader *reader, const struct node *value)
{
	if (read_word(reader, value, "output", reader->outputs) >= 0)
		reader->settings->output = arena_copy(reader->arena, value->text, value->count);
}

static void read_exclude(struct reader *reader, const struct node *value)
{
	struct settings *settings = reader->settings;

	if (value->kind != NODE_SEQUENCE || value->count > LIMIT_EXCLUDES) {
		diag(reader->diagnostics, value->kind != NODE_SEQUENCE ? DIAG_WRONG_SHAPE : DIAG_TOO_MANY,
			node_span(reader->tree, value), "this must be a list of at most %d patterns", LIMIT_EXCLUDES);
		return;
	}
	settings->excludes = arena_array(reader->arena, const char *, value->count);
	settings->exclude_count = 0;
	for (uint32_t i = 0; i < value->count; i++) {
		const char *pattern = read_text(reader, value->items[i], "a pattern, as in \"vendor/**\"");

		if (pattern && strlen(pattern) > LIMIT_EXCLUDE_BYTES)
			diag(reader->diagnostics, DIAG_TOO_LARGE, node_span(reader->tree, value->items[i]),
				"a pattern has at most %d bytes", LIMIT_EXCLUDE_BYTES);
		else if (pattern)
			settings->excludes[settings->exclude_count++] = pattern;
	}
}

static void read_kernel(struct reader *reader, const struct node *value)
{
	diag(reader->diagnostics, DIAG_NOT_SUPPORTED, node_span(reader->tree, value),
		"'kernel' is for the profiles of kernels to check against: not supported yet by this version of tetra");
}

static const struct {
	const char *key;
	void (*read)(struct reader *reader, const struct node *value);
} keys[] = {
	{ "severity", read_severities }, { "strict", read_strict }, { "output", read_output },
	{ "exclude", read_exclude }, { "kernel", read_kernel },
};
enum { KEYS = sizeof(keys) / sizeof(*keys) };

static void unknown_key(struct reader *reader, const struct node *key)
{
	struct nearest nearest = { .name = key->text, .length = key->count };

	if (key->kind != NODE_SCALAR) {
		diag(reader->diagnostics, DIAG_BAD_KEY, node_span(reader->tree, key), "a key is a word");
		return;
	}
	diag(reader->diagnostics, DIAG_UNKNOWN_KEY, node_span(reader->tree, key), "there is no key '%.*s' here", SHOW(key));
	for (size_t i = 0; i < KEYS; i++)
		nearest_try(&nearest, keys[i].key);
	if (nearest.best)
		diag_nearest(reader->diagnostics, &nearest);
	else
		diag_help(reader->diagnostics, "keys here: severity, strict, output, exclude, kernel");
}

static void read_pair(struct reader *reader, const struct pair *pair)
{
	for (size_t i = 0; i < KEYS; i++)
		if (pair->key->kind == NODE_SCALAR && node_is_text(pair->key, keys[i].key)) {
			keys[i].read(reader, pair->value);
			return;
		}
	unknown_key(reader, pair->key);
}

static void read_root(struct reader *reader, const struct node *root)
{
	if (root->kind != NODE_MAPPING) {
		refuse_shape(reader, root, "a mapping, as in 'strict: true'");
		return;
	}
	for (uint32_t i = 0; i < keys_of(reader, root); i++)
		if (!is_repeated(reader, root, i))
			read_pair(reader, &root->pairs[i]);
}

void settings_init(struct settings *settings)
{
	*settings = (struct settings){ 0 };
	severities_init(&settings->severities);
}

/* A file of comments alone says nothing, and that is fine. */
static bool is_empty(const struct diagnostics *diagnostics)
{
	return diagnostics->count == 1 && diagnostics->items[0].id == DIAG_EMPTY_FILE;
}

int settings_read(const struct source *source, const char *outputs, struct arena *arena,
		  struct diagnostics *diagnostics, struct settings *settings)
{
	struct reader reader = { .arena = arena, .diagnostics = diagnostics, .settings = settings, .outputs = outputs };
	struct tree *tree;

	if (tree_parse(source, arena, diagnostics, &tree)) {
		if (!is_empty(diagnostics))
			return -EINVAL;
		*diagnostics = (struct diagnostics){ .arena = arena };
		return 0;
	}
	reader.tree = tree;
	if (tree->count > 1)
		diag(diagnostics, DIAG_WRONG_SHAPE, node_span(tree, tree->documents[1]), "a configuration is one document");
	read_root(&reader, tree->documents[0]);
	for (size_t i = 0; i < diagnostics->count; i++)
		diagnostics->items[i].severity = SEVERITY_ERROR;
	return diagnostics->count ? -EINVAL : 0;
}
