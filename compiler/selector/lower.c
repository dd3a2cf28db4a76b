// SPDX-License-Identifier: Apache-2.0
/* lower.c - checked policies to IR, their selectors apart; see ir.h. */
#include "compiler/selector/lower.h"

#include <stdlib.h>

#include "bpf-templates/abi.h"
#include "compiler/policy/check.h"

static struct ir_action_list lower_actions(struct arena *arena, const struct policy_action_list *actions)
{
	struct ir_action_list list = { arena_array(arena, struct ir_action, actions->count), actions->count };

	for (size_t n = 0; n < actions->count; n++) {
		const struct policy_action *action = &actions->items[n];
		int64_t argument = action->action == ACTION_SIGNAL ? action->signal :
			action->action == ACTION_OVERRIDE ? action->error : 0;

		list.items[n] = (struct ir_action){ .op = action->action, .argument = (int32_t)argument, .as_written = action };
	}
	return list;
}

/* No actions mean Post. */
static struct ir_action_list or_post(struct arena *arena, struct ir_action_list list)
{
	if (list.count)
		return list;
	list = (struct ir_action_list){ arena_array(arena, struct ir_action, 1), 1 };
	list.items[0] = (struct ir_action){ .op = ACTION_POST };
	return list;
}

/* A hook without selectors is one that matches every call. */
static void lower_selectors(struct arena *arena, const struct policy_hook *hook, struct ir_hook *ret)
{
	static const struct policy_selector empty;
	size_t count = hook->selectors.count ? hook->selectors.count : 1;

	ret->selectors_written = (uint32_t)hook->selectors.count;
	ret->selectors = (struct ir_selector_list){ arena_array(arena, struct ir_selector, count), count };
	for (size_t n = 0; n < count; n++) {
		const struct policy_selector *selector = hook->selectors.count ? &hook->selectors.items[n] : &empty;

		ret->selectors.items[n] = (struct ir_selector){
			.at = place(hook->selectors.count ? selector->at : hook->at),
			.index = (uint32_t)n,
			.predicates = lower_filters(arena, ret, selector),
			.actions = or_post(arena, lower_actions(arena, &selector->actions)),
			.return_predicates = lower_return_filters(arena, ret, selector),
			.return_actions = lower_actions(arena, &selector->return_actions),
			.label = selector->label,
		};
	}
}

/* Where arguments come from, by kind of hook. */
static const uint8_t argument_sources[HOOK_COUNT] = {
	[HOOK_KPROBE] = ABI_SOURCE_ARGUMENT,
	[HOOK_FENTRY] = ABI_SOURCE_ARGUMENT,
	[HOOK_TRACEPOINT] = ABI_SOURCE_FIELD,
	[HOOK_RAW_TRACEPOINT] = ABI_SOURCE_ARGUMENT,
	[HOOK_LSM] = ABI_SOURCE_ARGUMENT,
	[HOOK_UPROBE] = ABI_SOURCE_ARGUMENT,
	[HOOK_USDT] = ABI_SOURCE_ARGUMENT,
};

static struct ir_argument lower_argument(const struct policy_argument *argument, uint8_t source)
{
	return (struct ir_argument){
		.at = place(argument->at),
		.type = argument->type,
		.load = type_rows[argument->type].load,
		.source = source,
		.index = source == ABI_SOURCE_RETURN ? 0 : (uint8_t)argument->index,
		.label = argument->label,
		.as_written = argument,
	};
}

static void lower_arguments(struct arena *arena, const struct policy_hook *hook, struct ir_hook *ret)
{
	size_t count = hook->arguments.count;

	ret->arguments = (struct ir_argument_list){ arena_array(arena, struct ir_argument, count), count };
	for (size_t n = 0; n < count; n++)
		ret->arguments.items[n] = lower_argument(&hook->arguments.items[n], argument_sources[hook->kind]);
	ret->data = (struct ir_argument_list){ arena_array(arena, struct ir_argument, hook->data.count),
					       hook->data.count };
	for (size_t n = 0; n < hook->data.count; n++) {
		ret->data.items[n] = lower_argument(&hook->data.items[n], 0);
		ret->data.items[n].index = (uint8_t)n;	/* filters go by the position */
	}
	if (!hook->returns || !hook->return_argument)
		return;
	ret->return_argument = arena_new(arena, struct ir_argument);
	*ret->return_argument = lower_argument(hook->return_argument, ABI_SOURCE_RETURN);
}

static bool is_call(enum hook_kind kind)
{
	return kind == HOOK_KPROBE || kind == HOOK_FENTRY;
}

static const struct policy_name_list *list_of(const struct policy *policy, const struct policy_hook *hook)
{
	if (!is_call(hook->kind) || !is_list_reference(&hook->name))
		return NULL;
	return policy_find_list(policy, &hook->name);
}

static void lower_hook(struct arena *arena, const struct policy *policy, const struct policy_hook *hook,
		       struct ir_hook *ret)
{
	*ret = (struct ir_hook){
		.at = place(hook->at),
		.kind = hook->kind,
		.name = hook->name,
		.subsystem = hook->subsystem,
		.syscall = is_call(hook->kind) && hook->syscall,
		.returns = hook->returns,
		.message = hook->message,
		.tags = { arena_array(arena, struct text, hook->tags.count), hook->tags.count },
		.as_written = hook,
		.list = list_of(policy, hook),
	};
	for (size_t n = 0; n < hook->tags.count; n++)
		ret->tags.items[n] = hook->tags.items[n];
	lower_arguments(arena, hook, ret);
	lower_selectors(arena, hook, ret);
}

static int by_place(const void *a, const void *b)
{
	const struct ir_later *x = a, *y = b;

	return (x->at.span.start > y->at.span.start) - (x->at.span.start < y->at.span.start);
}

/* What was found inside the policy. */
static struct ir_later_list later_of(struct arena *arena, const struct policy *policy,
				     const struct diagnostics *diagnostics)
{
	struct ir_later_list list = { .count = 0 };
	size_t capacity = 0;

	for (size_t n = 0; n < diagnostics->later_count; n++) {
		const struct diagnostic *one = &diagnostics->later[n];

		if (one->at.start < policy->at.start || one->at.start >= policy->at.end)
			continue;
		list.items = arena_grow(arena, list.items, list.count, &capacity, sizeof(*list.items));
		list.items[list.count++] = (struct ir_later){ place(one->at), one->message };
	}
	if (list.count)
		qsort(list.items, list.count, sizeof(*list.items), by_place);
	return list;
}

static void lower_policy(struct arena *arena, const struct policy *policy, const struct diagnostics *diagnostics,
			 struct ir_policy *ret)
{
	size_t count = policy->hooks.count;

	*ret = (struct ir_policy){
		.at = place(policy->at),
		.name = policy->name,
		.source_name = policy->at.source ? policy->at.source->name : "",
		.monitor = policy->mode == MODE_MONITOR || !policy->enforces,
		.enforces = policy->enforces,
		.hooks = { arena_array(arena, struct ir_hook, count), count },
		.as_written = policy,
		.later = later_of(arena, policy, diagnostics),
	};
	for (size_t n = 0; n < count; n++)
		lower_hook(arena, policy, &policy->hooks.items[n], &ret->hooks.items[n]);
}

int ir_lower(const struct policy_list *policies, struct arena *arena, struct diagnostics *diagnostics,
	     struct ir_list **ret)
{
	struct ir_list *list = arena_new(arena, struct ir_list);

	*list = (struct ir_list){ arena_array(arena, struct ir_policy, policies->count), policies->count };
	for (size_t n = 0; n < policies->count; n++)
		lower_policy(arena, &policies->items[n], diagnostics, &list->items[n]);
	*ret = list;
	return 0;
}
