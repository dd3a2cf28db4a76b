// SPDX-License-Identifier: Apache-2.0
/* document.c - see document.h. */
#include "compiler/policy/document.h"

#include <string.h>
#include <strings.h>

#include "compiler/base/nearest.h"
#include "compiler/syntax/scalar.h"

static const struct node *member(const struct node *mapping, const char *key)
{
	if (mapping->kind != NODE_MAPPING)
		return NULL;
	for (uint32_t i = 0; i < mapping->count; i++)
		if (node_is_text(mapping->pairs[i].key, key))
			return mapping->pairs[i].value;
	return NULL;
}

static bool begins_with(const struct node *node, const char *text)
{
	size_t length = strlen(text);

	return node && node->kind == NODE_SCALAR && node->count >= length && !memcmp(node->text, text, length);
}

/* Everything with our API group, or with hooks, is meant for us. */
static bool looks_like_ours(const struct node *root)
{
	const struct node *spec = member(root, "spec");

	if (begins_with(member(root, "apiVersion"), "cilium.io/v1alpha1"))
		return true;
	for (enum hook_kind kind = 0; spec && kind < HOOK_COUNT; kind++)
		if (member(spec, hook_rows[kind].section))
			return true;
	return false;
}

static const struct node *misspelt_kind(const struct node *root)
{
	for (uint32_t i = 0; i < root->count; i++) {
		const struct node *key = root->pairs[i].key;

		if (key->kind == NODE_SCALAR && key->count == 4 && !strncasecmp(key->text, "kind", 4))
			return key;
	}
	return NULL;
}

static enum document_class without_kind(struct decoder *decoder, const struct node *root)
{
	const struct node *key = misspelt_kind(root);

	if (!key && !looks_like_ours(root))
		return DOCUMENT_OTHER;
	diag(decoder->diagnostics, DIAG_UNKNOWN_KIND, node_span(decoder->tree, key ? key : root->pairs[0].key),
		"'kind' is missing");
	if (key) {
		diag_help(decoder->diagnostics, "did you mean 'kind'?");
		diag_replacement(decoder->diagnostics, "kind");
	} else {
		diag_help(decoder->diagnostics, "kind: TracingPolicy");
	}
	return DOCUMENT_REFUSED;
}

/* A kind that is almost one of ours: in another case, or near and with our API group or none. */
static enum document_class other_kind(struct decoder *decoder, const struct node *root, const struct node *kind)
{
	const struct node *version = member(root, "apiVersion");
	struct nearest nearest = { .name = kind->text, .length = kind->count };

	for (enum document_id id = 0; id < DOCUMENT_COUNT; id++)
		nearest_try(&nearest, document_rows[id].kind);
	if (!nearest.best || (nearest.distance && version && !begins_with(version, "cilium.io/")))
		return DOCUMENT_OTHER;
	diag(decoder->diagnostics, DIAG_UNKNOWN_KIND, node_span(decoder->tree, kind), "there is no kind '%.*s'",
		(int)kind->count, kind->text);
	diag_nearest(decoder->diagnostics, &nearest);
	return DOCUMENT_REFUSED;
}

static int document_find(const struct node *kind)
{
	for (enum document_id id = 0; id < DOCUMENT_COUNT; id++)
		if (node_is_text(kind, document_rows[id].kind))
			return (int)id;
	return -1;
}

/* A Kubernetes List, or one of policies only. */
static const struct node *list_items(const struct node *root, const struct node *kind)
{
	const struct node *items = member(root, "items");

	if (kind->count < 4 || memcmp(kind->text + kind->count - 4, "List", 4) || !items ||
	    items->kind != NODE_SEQUENCE)
		return NULL;
	return items;
}

enum document_class document_classify(struct decoder *decoder, const struct node *root, const struct node **ret_items,
				      enum document_id *ret_id)
{
	const struct node *kind;
	int id;

	if (root->kind == NODE_SCALAR && scalar_read(root).kind == SCALAR_NULL)
		return DOCUMENT_NOTHING;
	if (root->kind != NODE_MAPPING)
		return DOCUMENT_OTHER;
	kind = member(root, "kind");
	if (!kind || kind->kind != NODE_SCALAR || !kind->count)
		return root->count ? without_kind(decoder, root) : DOCUMENT_OTHER;
	*ret_items = list_items(root, kind);
	if (*ret_items)
		return DOCUMENT_LIST;
	id = document_find(kind);
	if (id < 0)
		return other_kind(decoder, root, kind);
	if (document_rows[id].support != SUPPORT_NOW)
		diag_later(decoder->diagnostics, node_span(decoder->tree, kind), "kind '%s'", document_rows[id].kind);
	*ret_id = (enum document_id)id;
	return DOCUMENT_POLICY;
}
