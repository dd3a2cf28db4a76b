// SPDX-License-Identifier: Apache-2.0
/* check_together.c - selectors that are right one by one, and match too much together; see check_selector.h. */
#include <string.h>

#include "compiler/policy/check_selector.h"

/* The one filter of a selector that has nothing else; NULL when it has more. */
static const struct policy_argument_filter *only_filter(const struct policy_selector *selector)
{
	if (selector->broken || selector->arguments.count != 1 || selector->data.count || selector->binaries.count ||
	    selector->pids.count || selector->parents.count || selector->namespaces.count ||
	    selector->namespace_changes.count || selector->capabilities.count || selector->capability_changes.count ||
	    selector->workloads || selector->macros.count)
		return NULL;
	return selector->arguments.items[0].broken ? NULL : &selector->arguments.items[0];
}

static bool shares_value(const struct policy_value_list *a, const struct policy_value_list *b)
{
	for (size_t i = 0; i < a->count && i < LIMIT_VALUES_COMPARED; i++)
		for (size_t j = 0; j < b->count && j < LIMIT_VALUES_COMPARED; j++) {
			const struct text *left = &a->items[i].text, *right = &b->items[j].text;

			if (left->length == right->length && !memcmp(left->bytes, right->bytes, left->length))
				return true;
		}
	return a->count > LIMIT_VALUES_COMPARED || b->count > LIMIT_VALUES_COMPARED;
}

/* What equals the one value differs from the other: for whole values, but not for parts of strings. */
static bool excludes(enum operator_id op)
{
	return op == OPERATOR_NOT_EQUAL || op == OPERATOR_NOT_IN_MAP || op == OPERATOR_NOT_SPORT ||
		op == OPERATOR_NOT_DPORT || op == OPERATOR_NOT_FILE_TYPE;
}

static void warn_either(const struct selector_scope *scope, const struct policy_argument_filter *first,
			const struct policy_argument_filter *second)
{
	if (first->op != second->op || !excludes(first->op) || first->index != second->index ||
	    first->positions.count || second->positions.count || shares_value(&first->values, &second->values))
		return;
	diag(scope->diagnostics, DIAG_EITHER_MATCHES, second->op_at,
		"together with an earlier selector, this one matches everything");
	diag_related(scope->diagnostics, first->op_at, "what is excluded here, the other selector lets in");
	diag_help(scope->diagnostics, "put all values into one '%s'", operator_rows[first->op].name);
}

void check_selectors_together(const struct selector_scope *scope)
{
	const struct policy_selector_list *selectors = &scope->hook->selectors;

	for (size_t i = 0; i < selectors->count && i < LIMIT_SELECTORS_COMPARED; i++)
		for (size_t j = 0; j < i; j++) {
			const struct policy_argument_filter *first = only_filter(&selectors->items[j]);
			const struct policy_argument_filter *second = only_filter(&selectors->items[i]);

			if (first && second)
				warn_either(scope, first, second);
		}
}
