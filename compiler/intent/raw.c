// SPDX-License-Identifier: Apache-2.0
/* raw.c - hooks of a TracingPolicy in a rule: their own filters and actions, with the rule's scope and exceptions; see rule.h. */
#include <string.h>

#include "compiler/intent/rule.h"

struct making { struct rule *rule; struct policy_selector_list list; size_t room; };

static struct policy_selector *add(struct making *making, const struct policy_selector *written, struct span at)
{
	struct policy_selector_list *list = &making->list;

	list->items = arena_grow(making->rule->arena, list->items, list->count, &making->room, sizeof(*list->items));
	list->items[list->count] = written ? *written : (struct policy_selector){ .at = at, .arguments_at = at, .actions_at = at };
	if (!list->items[list->count].label.length)
		list->items[list->count].label = text_made(making->rule, at, "%s", making->rule->written->id.bytes);
	return &list->items[list->count++];
}

/* The same programs would have to be two things at once: scopes and the hook's own filters of a process are told apart. */
static void add_scopes(struct making *making, const struct policy_selector *written, struct span at)
{
	const struct intent_scope *narrow = making->rule->written->scope, *wide = making->rule->intent->scope;
	const size_t choices = scope_choices(narrow), all = choices * scope_choices(wide);

	for (size_t n = 0; n < all; n++) {
		struct policy_selector *selector = add(making, written, at);

		scope_filter(making->rule, NULL, wide, n / choices, selector);
		scope_filter(making->rule, NULL, narrow, n % choices, selector);
		if (!selector->workloads)
			scope_workloads(making->rule, narrow, selector);
		else if (narrow && (narrow->pods || narrow->containers || narrow->host))
			refuse_operation(making->rule, selector->workloads_at, "matchWorkloads", "the scope of the rule names workloads already");
	}
}

static void add_exceptions(struct making *making)
{
	const struct intent_exception_list *exceptions = &making->rule->written->exceptions;

	for (size_t n = 0; n < exceptions->count; n++) {
		const struct intent_exception *exception = &exceptions->items[n];

		for (size_t choice = 0; exception->scope && !exception->scope->nodes && choice < scope_choices(exception->scope); choice++) {
			struct policy_selector *selector = add(making, NULL, exception->at);

			scope_filter(making->rule, NULL, exception->scope, choice, selector);
			scope_workloads(making->rule, exception->scope, selector);
			selector->actions = pass_actions(making->rule, exception->at);
		}
	}
}

struct policy_hook raw_hook(struct rule *rule, const struct policy_hook *written)
{
	struct making making = { .rule = rule };
	struct policy_hook hook = *written;

	add_exceptions(&making);
	for (size_t n = 0; n < written->selectors.count; n++)
		add_scopes(&making, &written->selectors.items[n], written->at);
	if (!written->selectors.count)
		add_scopes(&making, NULL, written->at);
	hook.selectors = making.list;
	return hook;
}
