// SPDX-License-Identifier: Apache-2.0
/* check_enforcer.c - spec.enforcers; see check.h. */
#include "compiler/policy/check.h"
#include "compiler/policy/syscall.h"

/* The method that is asked for works on system calls only. */
static void check_method(const struct policy *policy, const struct text *call, struct diagnostics *diagnostics)
{
	if (!is_security_function(call) || policy->override_method != METHOD_OVERRIDE_RETURN)
		return;
	diag(diagnostics, DIAG_ENFORCER_METHOD, call->at, "'%.64s' cannot be overridden with override-return", call->bytes);
	diag_related(diagnostics, policy->override_method_at, "this method works on system calls only");
	diag_help(diagnostics, "remove the option, or make it fmod-ret");
}

static void check_function(const struct policy *policy, const struct text *call, struct diagnostics *diagnostics)
{
	if (!call->bytes)
		return;
	check_method(policy, call, diagnostics);
	if (is_security_function(call) || is_syscall_name(call))
		return;
	diag(diagnostics, DIAG_ENFORCER_CALL, call->at, "'%.64s' is neither a system call nor a security_ function",
		call->bytes);
	diag_help(diagnostics, "system calls are named sys_*");
}

/* Values of a list of system calls are checked with the list; of others, once. */
static void check_call(const struct policy *policy, const struct text *call, struct diagnostics *diagnostics)
{
	struct policy_name_list *list;

	if (!is_list_reference(call)) {
		check_function(policy, call, diagnostics);
		return;
	}
	list = policy_find_list(policy, call);
	if (!list) {
		refuse_list(policy, call, diagnostics);
		return;
	}
	for (size_t i = 0; !list->in_enforcer && !list_is_of_syscalls(list) && i < list->values.count; i++)
		check_function(policy, &list->values.items[i], diagnostics);
	list->in_enforcer = true;
}

static bool notifies(const struct policy_selector *selector)
{
	const struct policy_action_list *lists[] = { &selector->actions, &selector->return_actions };

	for (size_t i = 0; i < 2; i++)
		for (size_t j = 0; j < lists[i]->count; j++)
			if (lists[i]->items[j].broken || lists[i]->items[j].action == ACTION_NOTIFY_ENFORCER)
				return true;
	return false;
}

static bool is_notified(const struct policy *policy)
{
	for (size_t i = 0; i < policy->hooks.count; i++)
		for (size_t j = 0; j < policy->hooks.items[i].selectors.count; j++)
			if (notifies(&policy->hooks.items[i].selectors.items[j]))
				return true;
	for (size_t i = 0; i < policy->macros.count; i++)
		if (policy->macros.items[i].used && notifies(&policy->macros.items[i].selector))
			return true;
	return false;
}

void check_enforcers(const struct policy *policy, struct diagnostics *diagnostics)
{
	for (size_t i = 0; i < policy->enforcers.count; i++)
		for (size_t j = 0; j < policy->enforcers.items[i].calls.count; j++)
			check_call(policy, &policy->enforcers.items[i].calls.items[j], diagnostics);
	if (policy->enforcers.count && !policy->broken && !is_notified(policy))
		diag(diagnostics, DIAG_UNUSED, policy->enforcers.items[0].at, "no action notifies the enforcer");
}
