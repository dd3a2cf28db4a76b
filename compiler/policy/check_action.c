// SPDX-License-Identifier: Apache-2.0
/* check_action.c - rules of actions; see check.h. */
#include <string.h>

#include "compiler/policy/check.h"

static void check_override(const struct policy_hook *hook, const struct policy_action *action,
			   struct diagnostics *diagnostics)
{
	struct span at = span_is_empty(action->error_at) ? action->action_at : action->error_at;
	bool is_security = hook->name.bytes && !strncmp(hook->name.bytes, "security_", strlen("security_"));

	if (hook->kind == HOOK_KPROBE && !hook->syscall && !is_security && !hook->broken) {
		diag(diagnostics, DIAG_OVERRIDE_FUNCTION, action->action_at, "'%.64s' cannot be overridden",
			hook->name.bytes);
		diag_help(diagnostics, "only system calls, security_ functions and LSM hooks can");
	}
	if (hook->kind == HOOK_LSM && (action->error > 0 || action->error < -LIMIT_ERRNO)) {
		diag(diagnostics, DIAG_OVERRIDE_VALUE, at, "an LSM hook cannot return %lld", (long long)action->error);
		diag_help(diagnostics, "0, or a negative error number down to -%d", LIMIT_ERRNO);
	}
}

static void check_signal(const struct policy_action *action, struct diagnostics *diagnostics)
{
	if (action->signal >= 1 && action->signal <= LIMIT_SIGNAL)
		return;
	if (span_is_empty(action->signal_at))
		diag(diagnostics, DIAG_SIGNAL, action->action_at, "'argSig' is missing: which signal?");
	else
		diag(diagnostics, DIAG_SIGNAL, action->signal_at, "there is no signal %lld", (long long)action->signal);
	diag_help(diagnostics, "signals are 1 to %d", LIMIT_SIGNAL);
}

static void warn_unused(const struct policy_action *action, const char *key, struct span at,
			struct diagnostics *diagnostics)
{
	if (!span_is_empty(at))
		diag(diagnostics, DIAG_ARGUMENT_UNUSED, at, "'%s' has no effect on %s", key,
			action_rows[action->action].name);
}

static void check_arguments(const struct policy_hook *hook, const struct policy_action *action,
			    struct diagnostics *diagnostics)
{
	if (action->action == ACTION_OVERRIDE)
		check_override(hook, action, diagnostics);
	else
		warn_unused(action, "argError", action->error_at, diagnostics);
	if (action->action == ACTION_SIGNAL)
		check_signal(action, diagnostics);
	else
		warn_unused(action, "argSig", action->signal_at, diagnostics);
}

static void check_action(const struct policy_hook *hook, struct policy_action *action,
			 struct diagnostics *diagnostics)
{
	const struct action_row *row = &action_rows[action->action];

	action->has_error = !span_is_empty(action->error_at);
	action->has_signal = !span_is_empty(action->signal_at);
	action->own_argument_at = action->has_error ? action->error_at : action->signal_at;
	if (action->broken)
		return;
	if (row->support != SUPPORT_NOW)
		diag_later(diagnostics, action->action_at, "action '%s'", row->name);
	if (!(row->hooks & 1u << hook->kind)) {
		diag(diagnostics, DIAG_ACTION_HOOK, action->action_at, "%s has no effect on a %s", row->name,
			hook->kind == HOOK_RAW_TRACEPOINT ? "tracepoint" : hook_rows[hook->kind].name);
		return;
	}
	check_arguments(hook, action, diagnostics);
}

void check_actions(const struct policy_hook *hook, struct policy_action_list *actions,
		   struct diagnostics *diagnostics)
{
	for (size_t i = 0; i < actions->count; i++)
		check_action(hook, &actions->items[i], diagnostics);
}
