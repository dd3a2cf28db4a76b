// SPDX-License-Identifier: Apache-2.0
/*
 * unlinkable.c - what policies have that linking does not know yet; see merge.h.
 *
 * A policy says itself what no program runs.  Objects that do not, though they hold some of it, were not made by us: they
 * are refused, too.
 */
#include "compiler/link/merge.h"

#include <errno.h>

#include "bpf-templates/abi.h"

static bool predicate_is_known(const struct ir_predicate *predicate)
{
	return predicate->subject <= IR_BINARY && predicate->test <= IR_NETWORKS && !predicate->in_namespace &&
	       !predicate->follows &&
	       (predicate->facet == IR_VALUE || predicate->facet == IR_ADDRESS || predicate->facet == IR_PORT);
}

static bool action_is_known(const struct ir_action *action)
{
	return action_rows[action->op].support == SUPPORT_NOW && !action->rate_milliseconds && !action->kernel_stack &&
	       !action->user_stack && !action->ima_hash && !action->text.bytes && !action->new_address &&
	       !action->new_offset && !action->registers.count;
}

static bool selector_is_known(const struct ir_selector *selector)
{
	for (size_t n = 0; n < selector->predicates.count; n++)
		if (!predicate_is_known(&selector->predicates.items[n]))
			return false;
	for (size_t n = 0; n < selector->actions.count; n++)
		if (!action_is_known(&selector->actions.items[n]))
			return false;
	/* link's own limit: the work grows faster than the filters of one selector do */
	return selector->predicates.count <= LIMIT_ARGUMENT_FILTERS + LIMIT_BINARY_FILTERS + LIMIT_PID_FILTERS &&
	       !selector->return_predicates.count && !selector->return_actions.count && !selector->label.bytes;
}

static bool argument_is_known(const struct ir_argument *argument)
{
	return type_rows[argument->type].support == SUPPORT_NOW && argument->source <= ABI_SOURCE_RETURN &&
	       !argument->size_index && !argument->return_copy && !argument->max_data && !argument->resolve.bytes &&
	       !argument->btf_type.bytes && !argument->btf_module.bytes;
}

static bool hook_is_known(const struct ir_hook *hook)
{
	for (size_t n = 0; n < hook->arguments.count; n++)
		if (!argument_is_known(&hook->arguments.items[n]))
			return false;
	for (size_t n = 0; n < hook->selectors.count; n++)
		if (!selector_is_known(&hook->selectors.items[n]))
			return false;
	return hook_rows[hook->kind].support == SUPPORT_NOW && !hook->data.count && !hook->names &&
	       !hook->ignore_missing && !hook->return_action &&
	       (!hook->return_argument || argument_is_known(hook->return_argument));
}

static bool policy_is_known(const struct ir_policy *policy)
{
	for (size_t n = 0; n < policy->hooks.count; n++)
		if (!hook_is_known(&policy->hooks.items[n]))
			return false;
	return !policy->loader && !policy->enforcer.count && !policy->namespace.bytes;
}

int refuse_unlinkable(struct merged *merged, const struct ir_policy *policy)
{
	const struct ir_later *first = policy->later.items;

	if (policy->later.count)
		return merge_fail(merged, -EINVAL, "policy '%s' (%s:%u): %s cannot be linked yet", policy->name.bytes,
				  policy->source_name, first->at.line, first->what);
	if (!policy_is_known(policy))
		return merge_fail(merged, -EINVAL, "policy '%s' (%s:%u): something in it cannot be linked yet",
				  policy->name.bytes, policy->source_name, policy->at.line);
	return 0;
}
