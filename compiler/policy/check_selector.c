// SPDX-License-Identifier: Apache-2.0
/* check_selector.c - rules of selectors as a whole; see check.h and check_selector.h. */
#include "compiler/policy/check_selector.h"

#include "compiler/policy/check.h"

void refuse_no_values(const struct selector_scope *scope, struct span values_at, struct span at)
{
	diag(scope->diagnostics, DIAG_NO_VALUES, span_is_empty(values_at) ? at : values_at, "the filter has no values");
}

/* ---- How many ---- */

/* Filters on arguments and on data share a table; matchArgs alone is counted where it is decoded. */
static void check_filter_count(const struct selector_scope *scope, const struct policy_selector *selector)
{
	size_t arguments = selector->arguments.count, count = arguments + selector->data.count;

	if (!selector->data.count || arguments > LIMIT_ARGUMENT_FILTERS)
		return;
	if (count > LIMIT_ARGUMENT_FILTERS) {
		diag(scope->diagnostics, DIAG_TOO_MANY, selector->data.items[LIMIT_ARGUMENT_FILTERS - arguments].at,
			"'matchArgs' and 'matchData' have %zu entries, %zu more than they may together", count,
			count - LIMIT_ARGUMENT_FILTERS);
	} else if (count > LIMIT_TETRAGON_ARGUMENT_FILTERS && arguments <= LIMIT_TETRAGON_ARGUMENT_FILTERS) {
		diag(scope->diagnostics, DIAG_TETRAGON_ENTRIES,
			selector->data.items[LIMIT_TETRAGON_ARGUMENT_FILTERS - arguments].at,
			"'matchArgs' and 'matchData' have %zu entries together, and Tetragon refuses more than %d", count,
			LIMIT_TETRAGON_ARGUMENT_FILTERS);
		diag_help(scope->diagnostics, "tetra takes up to %d", LIMIT_ARGUMENT_FILTERS);
	}
}

/* Counts what one filter list needs of a thing of which Tetragon has a fixed number for a hook. */
struct budget {
	size_t used, limit;
	enum operator_id one, other;
	bool is_per_value;
	enum diagnostic_id id;
	const char *what;
};

static void spend(const struct selector_scope *scope, const struct policy_argument_filter_list *filters,
		  struct budget *budget)
{
	for (size_t i = 0; i < filters->count; i++) {
		const struct policy_argument_filter *filter = &filters->items[i];
		size_t before = budget->used;

		if (filter->broken || (filter->op != budget->one && filter->op != budget->other))
			continue;
		budget->used += budget->is_per_value ? filter->values.count : 1;
		if (before > budget->limit || budget->used <= budget->limit)
			continue;
		diag(scope->diagnostics, budget->id, filter->op_at, "Tetragon loads at most %zu %s%s of a hook",
			budget->limit, budget->what, budget->limit == 1 ? "" : "s");
		diag_help(scope->diagnostics, "tetra takes any number");
	}
}

static void check_budgets(const struct selector_scope *scope)
{
	size_t substrings = scope->hook->kind == HOOK_UPROBE ? LIMIT_TETRAGON_SUBSTRINGS :
		LIMIT_TETRAGON_KERNEL_SUBSTRINGS;
	struct budget budgets[] = {
		{ 0, substrings, OPERATOR_SUBSTRING, OPERATOR_SUBSTRING_ANY_CASE, true, DIAG_TETRAGON_VALUES,
			"SubString value" },
		{ 0, LIMIT_TETRAGON_EXPRESSIONS, OPERATOR_EXPRESSION, OPERATOR_EXPRESSION, false, DIAG_TETRAGON_ENTRIES,
			"CEL expression" },
	};

	for (size_t b = 0; b < sizeof(budgets) / sizeof(*budgets); b++)
		for (size_t i = 0; i < scope->hook->selectors.count; i++) {
			const struct policy_selector *selector = &scope->hook->selectors.items[i];

			spend(scope, &selector->arguments, &budgets[b]);
			spend(scope, &selector->data, &budgets[b]);
			spend(scope, &selector->return_arguments, &budgets[b]);
		}
}

/* ---- Filters and actions on the return ---- */

/* Why what is for the return is never looked at; NULL when it is. */
static const char *return_is_ignored(const struct policy_hook *hook)
{
	if (hook->kind != HOOK_KPROBE && hook->kind != HOOK_FENTRY && hook->kind != HOOK_UPROBE)
		return "only functions return something: kprobes, fentries and uprobes";
	return hook->returns || hook->broken ? NULL : "add 'return: true' and 'returnArg'";
}

static void warn_return(const struct selector_scope *scope, const char *key, struct span at)
{
	const char *why = return_is_ignored(scope->hook);
	const bool only_here = !why && scope->hook->kind == HOOK_UPROBE && !scope->hook->broken;

	if (span_is_empty(at) || (!why && !only_here))
		return;
	diag(scope->diagnostics, DIAG_RETURN_IGNORED, at, only_here ? "'%s' has no effect with Tetragon" : "'%s' has no effect", key);
	diag_help(scope->diagnostics, "%s", only_here ? "it reports every return of a uprobe; tetra does as it is written" : why);
}

static void check_returns(const struct selector_scope *scope, struct policy_selector *selector)
{
	if (scope->hook->kind == HOOK_LSM && selector->return_arguments.count) {
		diag(scope->diagnostics, DIAG_RETURN_OF_LSM, selector->return_arguments_at,
			"LSM hooks have no 'matchReturnArgs'");
		diag_help(scope->diagnostics, "an LSM hook decides what is returned: see Override");
	} else {
		warn_return(scope, "matchReturnArgs", selector->return_arguments_at);
	}
	if (scope->hook->kind != HOOK_LSM || !selector->return_arguments.count)
		check_argument_filters(scope, &selector->return_arguments, FILTERS_RETURN);
	warn_return(scope, "matchReturnActions", selector->return_actions_at);
	check_actions(scope, &selector->return_actions, ACTIONS_RETURN);
}

static void check_selector(const struct selector_scope *scope, struct policy_selector *selector)
{
	check_filter_count(scope, selector);
	check_argument_filters(scope, &selector->arguments, FILTERS_ARGUMENTS);
	check_argument_filters(scope, &selector->data, FILTERS_DATA);
	check_process_filters(scope, selector);
	check_actions(scope, &selector->actions, ACTIONS_ENTRY);
	check_returns(scope, selector);
}

void check_selectors(const struct policy *policy, struct policy_hook *hook, struct diagnostics *diagnostics)
{
	struct selector_scope scope = { policy, hook, diagnostics };

	for (size_t i = 0; i < hook->selectors.count; i++)
		check_selector(&scope, &hook->selectors.items[i]);
	check_budgets(&scope);
	check_tetragon_maps(&scope);
	check_selectors_together(&scope);
}
