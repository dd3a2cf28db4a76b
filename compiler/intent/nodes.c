// SPDX-License-Identifier: Apache-2.0
/*
 * nodes.c - on which nodes a rule is run; see rule.h and nodes.h.
 *
 * That is settled once, when a policy is linked for a node or given to Tetragon, and so all of it must be one label selector: requirements that hold
 * together.  An exception is its opposite, which of one requirement is another one, and of several is none.
 */
#include "compiler/intent/nodes.h"

#include <string.h>

#include "compiler/intent/rule.h"
#include "compiler/policy/check.h"

/* ---- Label selectors ---- */

size_t labels_count(const struct policy_label_selector *selector)
{
	return selector ? selector->labels.count + selector->expressions.count : 0;
}

/* Requirement `n`, as an expression. */
static struct policy_label_expression requirement(struct arena *arena, const struct policy_label_selector *selector, size_t n)
{
	const struct policy_label *label;
	struct text *value;

	if (n >= selector->labels.count)
		return selector->expressions.items[n - selector->labels.count];
	label = &selector->labels.items[n];
	value = arena_new(arena, struct text);
	*value = label->value;
	return (struct policy_label_expression){
		.at = label->key.at, .key = label->key, .op = POLICY_LABEL_IN, .op_at = label->key.at, .values = { value, 1 }, .values_at = label->value.at,
	};
}

/* The labels of the first stay as they are: one key may be required twice, which a mapping cannot say. */
const struct policy_label_selector *labels_both(struct arena *arena, const struct policy_label_selector *a, const struct policy_label_selector *b)
{
	struct policy_label_expression *items;
	struct policy_label_selector *both;
	const size_t first = a ? a->expressions.count : 0, second = labels_count(b);

	if (!labels_count(a) || !second)
		return labels_count(a) ? a : b;
	items = arena_array(arena, struct policy_label_expression, first + second);
	if (first)
		memcpy(items, a->expressions.items, first * sizeof(*items));
	for (size_t n = 0; n < second; n++)
		items[first + n] = requirement(arena, b, n);
	both = arena_new(arena, struct policy_label_selector);
	*both = *a;
	both->expressions = (struct policy_label_expression_list){ items, first + second };
	return both;
}

static bool is_same_text(const struct text *a, const struct text *b)
{
	return a->length == b->length && !memcmp(a->bytes, b->bytes, a->length);
}

static bool is_same_requirement(const struct policy_label_expression *a, const struct policy_label_expression *b)
{
	if (!is_same_text(&a->key, &b->key) || a->op != b->op || a->values.count != b->values.count)
		return false;
	for (size_t n = 0; n < a->values.count; n++)
		if (!is_same_text(&a->values.items[n], &b->values.items[n]))
			return false;
	return true;
}

bool labels_equal(const struct policy_label_selector *a, const struct policy_label_selector *b)
{
	struct arena arena = { 0 };
	bool equal = labels_count(a) == labels_count(b);

	for (size_t n = 0; equal && n < labels_count(a); n++) {
		const struct policy_label_expression x = requirement(&arena, a, n), y = requirement(&arena, b, n);

		equal = is_same_requirement(&x, &y);
	}
	arena_release(&arena);
	return equal;
}

/* ---- Rules ---- */

/* A node without the label is one of those that NotIn selects, so that these are opposites. */
static const struct policy_label_selector *opposite(struct rule *rule, const struct policy_label_selector *selector)
{
	static const unsigned opposites[] = {
		[POLICY_LABEL_IN] = POLICY_LABEL_NOT_IN, [POLICY_LABEL_NOT_IN] = POLICY_LABEL_IN, [POLICY_LABEL_EXISTS] = POLICY_LABEL_DOES_NOT_EXIST, [POLICY_LABEL_DOES_NOT_EXIST] = POLICY_LABEL_EXISTS,
	};
	struct policy_label_selector *ret = arena_new(rule->arena, struct policy_label_selector);
	struct policy_label_expression *expression = arena_new(rule->arena, struct policy_label_expression);

	*expression = requirement(rule->arena, selector, 0);
	expression->op = opposites[expression->op];
	*ret = (struct policy_label_selector){ .at = selector->at, .expressions = { expression, 1 }, .expressions_at = selector->at };
	return ret;
}

bool nodes_are_excepted(struct rule *rule, const struct intent_exception *exception)
{
	const struct intent_scope *scope = exception->scope;

	if (!scope_is_of_nodes(scope) || match_has_category(&exception->match)) {
		diag(rule->diagnostics, DIAG_NOT_LOWERABLE, scope->nodes_at, "on which nodes a rule is run is settled when it is applied, and what stands beside 'nodes' only later");
		diag_help(rule->diagnostics, "write the rule twice: for these nodes (scope: {nodes: ...}) with the rest of the exception, and for the others without it");
		return false;
	}
	if (labels_count(scope->nodes) == 1)
		return true;
	diag(rule->diagnostics, DIAG_NOT_LOWERABLE, scope->nodes_at, labels_count(scope->nodes) ? "the opposite of several labels at once is no label selector" :
		"all nodes are excepted, and the rule is run on none");
	diag_help(rule->diagnostics, labels_count(scope->nodes) ?
		"write the rule twice: for nodes without the first of them, and for nodes with it and without the others" : "say enabled: false, or name a label");
	return false;
}

void rule_choose_nodes(struct rule *rule)
{
	const struct intent_exception_list *exceptions = &rule->written->exceptions;
	const struct intent_scope *scope = rule->written->scope;

	if (scope && labels_count(scope->nodes)) {
		rule->node = scope->nodes;
		rule->node_at = scope->nodes_at;
	}
	for (size_t n = 0; n < exceptions->count; n++) {
		const struct intent_scope *excepted = exceptions->items[n].scope;

		if (!excepted || labels_count(excepted->nodes) != 1)
			continue;
		rule->node_at = rule->node ? rule->node_at : excepted->nodes_at;
		rule->node = labels_both(rule->arena, rule->node, opposite(rule, excepted->nodes));
	}
}
