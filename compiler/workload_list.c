// SPDX-License-Identifier: Apache-2.0
/* workload_list.c - see workload_list.h. */
#include "compiler/workload_list.h"

#include <errno.h>
#include <string.h>

#include "compiler/syntax/scalar.h"
#include "compiler/syntax/tree.h"

struct reader {
	const struct tree *tree;
	struct arena *arena;
	struct diagnostics *diagnostics;
};

#define SHOW(node) (int)((node)->count < NEAREST_NAME_MAX ? (node)->count : NEAREST_NAME_MAX), (node)->text

static void refuse(struct reader *reader, const struct node *node, const char *wants)
{
	diag(reader->diagnostics, DIAG_WRONG_SHAPE, node_span(reader->tree, node), "this must be %s", wants);
}

/* Numbers and the like count as text, as a label is `1`. */
static const char *read_text(struct reader *reader, const struct node *node, const char *wants)
{
	if (node->kind == NODE_SCALAR && node->count <= LIMIT_WORKLOAD_TEXT_BYTES && !memchr(node->text, 0, node->count) &&
	    scalar_read(node).kind != SCALAR_NULL)
		return arena_copy(reader->arena, node->text, node->count);
	refuse(reader, node, wants);
	return NULL;
}

/* ---- Members ---- */

typedef void read_member(struct reader *reader, const struct node *node, struct workload *ret);

static void read_cgroup(struct reader *reader, const struct node *node, struct workload *ret)
{
	const char *path = read_text(reader, node, "the path of a cgroup");

	if (path && (path[0] != '/' || strstr(path, "//") || (path[1] && path[strlen(path) - 1] == '/')))
		refuse(reader, node, "a path in the tree of cgroups, from its root: /machine.slice/web.scope");
	ret->cgroup = path;
}

static void read_container(struct reader *reader, const struct node *node, struct workload *ret)
{
	const char *id = read_text(reader, node, "the id of a container");

	if (id && (!*id || id[strspn(id, "0123456789abcdef")]))
		refuse(reader, node, "the whole id of a container, in lower-case hexadecimal digits");
	ret->container = id;
}

static void read_host(struct reader *reader, const struct node *node, struct workload *ret)
{
	const struct scalar scalar = node->kind == NODE_SCALAR ? scalar_read(node) : (struct scalar){ .kind = SCALAR_NULL };

	if (scalar.kind != SCALAR_BOOLEAN)
		refuse(reader, node, "true or false");
	ret->host = scalar.truth;
}

static void read_name(struct reader *reader, const struct node *node, struct workload *ret)
{
	ret->name = read_text(reader, node, "the name of the container");
}

static void read_image(struct reader *reader, const struct node *node, struct workload *ret)
{
	ret->image = read_text(reader, node, "the name of an image");
}

static void read_namespace(struct reader *reader, const struct node *node, struct workload *ret)
{
	ret->namespace = read_text(reader, node, "the name of a namespace");
}

static void read_pod(struct reader *reader, const struct node *node, struct workload *ret)
{
	ret->pod = read_text(reader, node, "the name of a pod");
}

static bool is_repeated(struct reader *reader, const struct node *mapping, uint32_t n)
{
	const struct node *key = mapping->pairs[n].key;

	for (uint32_t i = 0; i < n; i++) {
		const struct node *before = mapping->pairs[i].key;

		if (before->kind != NODE_SCALAR || before->count != key->count || memcmp(before->text, key->text, key->count))
			continue;
		diag(reader->diagnostics, DIAG_DUPLICATE_KEY, node_span(reader->tree, key), "key '%.*s' is there twice", SHOW(key));
		diag_related(reader->diagnostics, node_span(reader->tree, before), "first defined here");
		return true;
	}
	return false;
}

/* Pairs of text: at most as many as can be kept of a workload. */
static size_t read_pairs(struct reader *reader, const struct node *node, struct event_label **ret)
{
	struct event_label *labels;
	size_t count = 0;

	if (node->kind != NODE_MAPPING) {
		refuse(reader, node, "a mapping of labels to their values");
		return 0;
	}
	if (node->count > LIMIT_WORKLOAD_LABELS) {
		diag(reader->diagnostics, DIAG_TOO_MANY, node_span(reader->tree, node), "there are more than %d labels",
		     LIMIT_WORKLOAD_LABELS);
		return 0;
	}
	labels = arena_array(reader->arena, struct event_label, node->count);
	for (uint32_t n = 0; n < node->count; n++) {
		const char *key = read_text(reader, node->pairs[n].key, "a label");
		const char *value = read_text(reader, node->pairs[n].value, "the value of a label");

		if (key && value && !is_repeated(reader, node, n))
			labels[count++] = (struct event_label){ key, value };
	}
	*ret = labels;
	return count;
}

static void read_labels(struct reader *reader, const struct node *node, struct workload *ret)
{
	ret->label_count = read_pairs(reader, node, &ret->labels);
	ret->labels_known = true;
}

static const struct { const char *key; read_member *read; } members[] = {
	{ "cgroup", read_cgroup }, { "container", read_container }, { "host", read_host }, { "name", read_name },
	{ "image", read_image }, { "namespace", read_namespace }, { "pod", read_pod }, { "podLabels", read_labels },
};
enum { MEMBER_COUNT = sizeof(members) / sizeof(*members) };

/* ---- Entries ---- */

static void refuse_key(struct reader *reader, const struct node *key)
{
	struct nearest nearest = { .name = key->text, .length = key->count };

	if (key->kind != NODE_SCALAR) {
		refuse(reader, key, "a key");
		return;
	}
	for (size_t n = 0; n < MEMBER_COUNT; n++)
		nearest_try(&nearest, members[n].key);
	diag(reader->diagnostics, DIAG_UNKNOWN_KEY, node_span(reader->tree, key), "a workload has no '%.*s'", SHOW(key));
	if (nearest.best)
		diag_nearest(reader->diagnostics, &nearest);
}

static void read_pair(struct reader *reader, const struct node *mapping, uint32_t n, struct workload *ret)
{
	const struct pair *pair = &mapping->pairs[n];

	for (size_t m = 0; m < MEMBER_COUNT; m++) {
		if (!node_is_text(pair->key, members[m].key))
			continue;
		if (!is_repeated(reader, mapping, n))
			members[m].read(reader, pair->value, ret);
		return;
	}
	refuse_key(reader, pair->key);
}

static void check_entry(struct reader *reader, const struct node *node, const struct workload *workload)
{
	if (!workload->cgroup && !workload->container)
		refuse(reader, node, "a workload with its 'cgroup' or the id of its 'container'");
	else if (workload->host && (!workload->cgroup || workload->container || workload->name || workload->image || workload->namespace ||
				    workload->pod || workload->labels_known))
		refuse(reader, node, "a 'cgroup' and nothing else, when it belongs to the host");
}

static void read_entry(struct reader *reader, const struct node *node, struct workload *ret)
{
	const size_t errors = reader->diagnostics->errors;
	const struct position at = source_position(reader->tree->source, node->start);

	if (node->kind != NODE_MAPPING || node->count > LIMIT_WORKLOAD_LABELS) {
		refuse(reader, node, "a mapping that tells of one workload");
		return;
	}
	for (uint32_t n = 0; n < node->count; n++)
		read_pair(reader, node, n, ret);
	ret->place = arena_format(reader->arena, "%s:%u:%u", reader->tree->source->name, at.line, at.column);
	if (reader->diagnostics->errors == errors)
		check_entry(reader, node, ret);
}

/* ---- Files ---- */

/* The one document of the text; NULL when there is none, or more, which is refused. */
static const struct node *read_document(struct reader *reader, const struct source *source)
{
	struct tree *tree;

	if (tree_parse(source, reader->arena, reader->diagnostics, &tree))
		return NULL;
	reader->tree = tree;
	if (tree->count > 1)
		refuse(reader, tree->documents[1], "the only document of the file");
	return tree->count == 1 ? tree->documents[0] : NULL;
}

int workload_list_read(const struct source *source, struct arena *arena, struct diagnostics *diagnostics,
		       struct workload_list *ret)
{
	struct reader reader = { .arena = arena, .diagnostics = diagnostics };
	const size_t errors = diagnostics->errors;
	const struct node *root = read_document(&reader, source);
	struct workload *items;

	if (!root)
		return diagnostics->errors == errors ? 0 : -EINVAL;
	if (root->kind != NODE_SEQUENCE || root->count > LIMIT_WORKLOADS) {
		diag(diagnostics, DIAG_WRONG_SHAPE, node_span(reader.tree, root), "this must be a list of at most %d workloads",
		     LIMIT_WORKLOADS);
		return -EINVAL;
	}
	items = arena_array(arena, struct workload, ret->count + root->count);
	if (ret->count)
		memcpy(items, ret->items, ret->count * sizeof(*items));
	for (uint32_t n = 0; n < root->count; n++)
		read_entry(&reader, root->items[n], &items[ret->count + n]);
	if (diagnostics->errors > errors)
		return -EINVAL;
	*ret = (struct workload_list){ items, ret->count + root->count };
	return 0;
}

int node_labels_add(struct node_labels *labels, struct arena *arena, const char *key, const char *value)
{
	struct event_label *items;

	for (size_t n = 0; n < labels->count; n++)
		if (!strcmp(labels->items[n].key, key)) {
			labels->items[n].value = value;
			return 0;
		}
	if (labels->count >= LIMIT_WORKLOAD_LABELS)
		return -E2BIG;
	items = arena_array(arena, struct event_label, labels->count + 1);
	if (labels->count)
		memcpy(items, labels->items, labels->count * sizeof(*items));
	items[labels->count] = (struct event_label){ key, value };
	*labels = (struct node_labels){ items, labels->count + 1 };
	return 0;
}

static void add_labels(struct reader *reader, const struct node *root, struct node_labels *ret)
{
	struct event_label *items = NULL;
	const size_t count = read_pairs(reader, root, &items);
	int error = 0;

	for (size_t n = 0; n < count && !error; n++)
		error = node_labels_add(ret, reader->arena, items[n].key, items[n].value);
	if (error)
		diag(reader->diagnostics, DIAG_TOO_MANY, node_span(reader->tree, root), "with these there are more than %d labels",
		     LIMIT_WORKLOAD_LABELS);
}

int node_labels_read(const struct source *source, struct arena *arena, struct diagnostics *diagnostics, struct node_labels *ret)
{
	struct reader reader = { .arena = arena, .diagnostics = diagnostics };
	const size_t errors = diagnostics->errors;
	const struct node *root = read_document(&reader, source);

	if (root)
		add_labels(&reader, root, ret);
	return diagnostics->errors == errors ? 0 : -EINVAL;
}

struct event_workload workload_facts(const struct workload *workload, struct arena *arena)
{
	if (workload->host)
		return (struct event_workload){ .place = EVENT_PLACE_HOST };
	return (struct event_workload){
		.place = EVENT_PLACE_POD, .pod_namespace = workload->namespace, .container_name = workload->name,
		.container_repository = workload->image ? event_image_repository(arena, workload->image) : NULL,
		.labels_known = workload->labels_known, .labels = workload->labels, .label_count = workload->label_count,
	};
}
