// SPDX-License-Identifier: Apache-2.0
/* check_action.c - rules of actions; see check_selector.h.  Override is in check_override.c. */
#include <string.h>

#include "compiler/policy/check.h"
#include "compiler/policy/check_selector.h"

/* ---- Arguments of actions ---- */

#define ACTION_BIT(id) (1u << ACTION_##id)

/* Which actions each argument is for. */
static const struct {
	const char *key;
	size_t place;		/* offset of its span */
	uint32_t actions;
} action_arguments[] = {
#define ACTION_ARGUMENT(key, member, actions) { key, offsetof(struct policy_action, member), actions },
#define ACTION_REPORT(key)
#include "schema/action_arguments.def"
#undef ACTION_ARGUMENT
#undef ACTION_REPORT
};

static void warn_unused(const struct selector_scope *scope, const struct policy_action *action)
{
	for (size_t i = 0; i < sizeof(action_arguments) / sizeof(*action_arguments); i++) {
		const struct span *at = (const struct span *)((const char *)action + action_arguments[i].place);

		if (!span_is_empty(*at) && !(action_arguments[i].actions & 1u << action->action))
			diag(scope->diagnostics, DIAG_ARGUMENT_UNUSED, *at, "'%s' has no effect on %s",
				action_arguments[i].key, action_rows[action->action].name);
	}
}

static void check_signal(const struct selector_scope *scope, const struct policy_action *action)
{
	if (action->signal >= 1 && action->signal <= LIMIT_SIGNAL)
		return;
	if (span_is_empty(action->signal_at))
		diag(scope->diagnostics, DIAG_SIGNAL, action->action_at, "'argSig' is missing: which signal?");
	else
		diag(scope->diagnostics, DIAG_SIGNAL, action->signal_at, "there is no signal %lld", (long long)action->signal);
	diag_help(scope->diagnostics, "signals are 1 to %d", LIMIT_SIGNAL);
}

static void check_given(const struct selector_scope *scope, const struct policy_action *action, const char *key,
			const struct text *text)
{
	if (text->length)
		return;
	diag(scope->diagnostics, DIAG_ARGUMENT_MISSING, text->bytes ? text->at : action->action_at,
		text->bytes ? "'%s' of %s is empty" : "'%s' of %s is missing", key, action_rows[action->action].name);
}

static void check_enforcer(const struct selector_scope *scope, const struct policy_action *action)
{
	if (scope->policy->enforcers.count || scope->policy->broken)
		return;
	diag(scope->diagnostics, DIAG_NO_ENFORCER, action->action_at, "NotifyEnforcer without 'enforcers' in the policy");
	diag_help(scope->diagnostics, "say under 'spec.enforcers' which calls it is to end");
}

static void check_socket(const struct selector_scope *scope, const struct policy_action *action)
{
	struct span at = span_is_empty(action->socket_at) ? action->action_at : action->socket_at;
	const struct policy_argument_list *arguments = &scope->hook->arguments;
	const struct policy_argument *argument;

	if (scope->hook->broken)
		return;
	if ((uint64_t)action->socket >= arguments->count) {
		diag(scope->diagnostics, DIAG_SOCKET_ARGUMENT, at, "there is no position %lld: 'args' has %zu entr%s",
			(long long)action->socket, arguments->count, arguments->count == 1 ? "y" : "ies");
		return;
	}
	argument = &arguments->items[action->socket];
	if (argument->broken || argument->type == TYPE_SOCK || argument->type == TYPE_SOCKET)
		return;
	diag(scope->diagnostics, DIAG_SOCKET_ARGUMENT, at, "the argument at position %lld is no socket",
		(long long)action->socket);
	if (!span_is_empty(argument->type_at))
		diag_related(scope->diagnostics, argument->type_at, "its type");
	diag_help(scope->diagnostics, "'argSock' is a position in 'args', from 0");
}

static void check_set(const struct selector_scope *scope, const struct policy_action *action)
{
	size_t count = scope->hook->arguments.count;

	if ((uint64_t)action->argument < count || scope->hook->broken)
		return;
	diag(scope->diagnostics, DIAG_SET_ARGUMENT, span_is_empty(action->argument_at) ? action->action_at : action->argument_at,
		"there is no position %lld: 'args' has %zu entr%s", (long long)action->argument, count, count == 1 ? "y" : "ies");
	diag_help(scope->diagnostics, "'argIndex' is a position in 'args', from 0");
}

static void check_arguments(const struct selector_scope *scope, const struct policy_action *action)
{
	warn_unused(scope, action);
	switch (action->action) {
	case ACTION_OVERRIDE:
		check_override(scope, action);
		break;
	case ACTION_SIGNAL:
		check_signal(scope, action);
		break;
	case ACTION_GET_URL:
		check_given(scope, action, "argUrl", &action->url);
		break;
	case ACTION_DNS_LOOKUP:
		check_given(scope, action, "argFqdn", &action->domain_name);
		break;
	case ACTION_NOTIFY_ENFORCER:
		check_enforcer(scope, action);
		break;
	case ACTION_TRACK_SOCK:
	case ACTION_UNTRACK_SOCK:
		check_socket(scope, action);
		break;
	case ACTION_SET:
		check_set(scope, action);
		break;
	default:
		break;
	}
}

/* ---- What an event carries beside ---- */

static bool has_stacks(const struct policy_hook *hook)
{
	return hook->kind == HOOK_KPROBE || hook->kind == HOOK_FENTRY;
}

static void check_stack(const struct selector_scope *scope, const struct policy_action *action, bool wanted,
			const char *key, struct span at)
{
	const struct policy_hook *hook = scope->hook;

	if (!wanted)
		return;
	if (has_stacks(hook) && action->action != ACTION_POST) {
		diag(scope->diagnostics, DIAG_POST_ONLY, at, "'%s' belongs to Post, not to %s", key,
			action_rows[action->action].name);
		diag_help(scope->diagnostics, "add {action: Post, %s: true}", key);
	} else if (hook->kind == HOOK_LSM) {
		diag(scope->diagnostics, DIAG_STACK_OF_LSM, at, "there are no stack traces of LSM hooks");
		diag_help(scope->diagnostics, "hook the function security_%s with a kprobe", hook->name.bytes ? hook->name.bytes : "...");
	} else if (!has_stacks(hook)) {
		diag(scope->diagnostics, DIAG_EXTRA_UNUSED, at, "'%s' has no effect on %s", key, hook_rows[hook->kind].section);
	}
}

static bool hashes_file(const struct text *hook)
{
	static const char *const hooks[] = {
		"bprm_check_security", "bprm_committed_creds", "bprm_committing_creds", "bprm_creds_for_exec",
		"bprm_creds_from_file", "file_ioctl", "file_lock", "file_open", "file_post_open", "file_receive", "mmap_file",
	};

	for (size_t i = 0; hook->bytes && i < sizeof(hooks) / sizeof(*hooks); i++)
		if (!strcmp(hook->bytes, hooks[i]))
			return true;
	return false;
}

static void check_hash(const struct selector_scope *scope, const struct policy_action *action)
{
	if (!action->ima_hash || action->action != ACTION_POST || scope->hook->broken)
		return;
	if (scope->hook->kind == HOOK_LSM && hashes_file(&scope->hook->name))
		return;
	diag(scope->diagnostics, DIAG_EXTRA_UNUSED, action->ima_hash_at, "'imaHash' has no effect on this hook");
	diag_help(scope->diagnostics, "LSM hooks with it are bprm_check_security, bprm_committed_creds, "
		"bprm_committing_creds, bprm_creds_for_exec, bprm_creds_from_file, file_ioctl, file_lock, file_open, "
		"file_post_open, file_receive and mmap_file");
}

/* ---- One action ---- */

static bool refuse_hook(const struct selector_scope *scope, const struct policy_action *action)
{
	const struct action_row *row = &action_rows[action->action];

	if (row->hooks & 1u << scope->hook->kind)
		return false;
	diag(scope->diagnostics, DIAG_ACTION_HOOK, action->action_at, "%s has no effect on %s", row->name,
		hook_rows[scope->hook->kind].section);
	return true;
}

/* Tetragon looks at the actions on the return less closely than at the others. */
static void check_return_action(const struct selector_scope *scope, const struct policy_action *action)
{
	const char *name = action_rows[action->action].name;

	if (scope->hook->kind == HOOK_UPROBE && (action->action == ACTION_GET_URL || action->action == ACTION_DNS_LOOKUP)) {
		diag(scope->diagnostics, DIAG_ACTION_HOOK, action->action_at, "%s has no effect on uprobes", name);
	} else if (action_rows[action->action].enforces && !scope->policy->enforces) {
		diag(scope->diagnostics, DIAG_NEVER_ENFORCES, action->action_at,
			"%s is only on the return, so that the policy never enforces", name);
		diag_help(scope->diagnostics, "Tetragon enforces when some 'matchActions' of the policy does");
	}
	if (action->action == ACTION_SIGNAL)
		check_signal(scope, action);
	warn_unused(scope, action);
}

static void check_action(const struct selector_scope *scope, struct policy_action *action, enum action_place place)
{
	const struct action_row *row = &action_rows[action->action];

	action->has_error = !span_is_empty(action->error_at);
	action->has_signal = !span_is_empty(action->signal_at);
	action->own_argument_at = action->has_error ? action->error_at : action->signal_at;
	if (action->broken)
		return;
	if (row->support != SUPPORT_NOW)
		diag_later(scope->diagnostics, action->action_at, "action '%s'", row->name);
	check_rate_limit(scope, action);
	if (place == ACTIONS_RETURN) {
		check_return_action(scope, action);
		return;
	}
	if (refuse_hook(scope, action))
		return;
	check_arguments(scope, action);
	check_stack(scope, action, action->kernel_stack, "kernelStackTrace", action->kernel_stack_at);
	check_stack(scope, action, action->user_stack, "userStackTrace", action->user_stack_at);
	check_hash(scope, action);
}

/* ---- All actions of a selector ---- */

static const struct policy_action *find_action(const struct policy_action_list *actions, enum action_id id)
{
	for (size_t i = 0; i < actions->count; i++)
		if (!actions->items[i].broken && actions->items[i].action == id)
			return &actions->items[i];
	return NULL;
}

static void check_single_override(const struct selector_scope *scope, const struct policy_action_list *actions)
{
	const struct policy_action *first = find_action(actions, ACTION_OVERRIDE);

	for (size_t i = 0; first && i < actions->count; i++) {
		const struct policy_action *action = &actions->items[i];

		if (action == first || action->broken || action->action != ACTION_OVERRIDE)
			continue;
		diag(scope->diagnostics, DIAG_OVERRIDE_TWICE, action->action_at, "a selector of a uprobe has one Override");
		diag_related(scope->diagnostics, first->action_at, "the other one");
	}
}

/* Where Override would prevent what Sigkill only follows. */
static bool may_override(const struct policy_hook *hook)
{
	return (hook->kind == HOOK_LSM || (hook->kind == HOOK_KPROBE && (hook->syscall || is_security_function(&hook->name)))) &&
	       hook_has_result(hook);
}

static void warn_late_kill(const struct selector_scope *scope, const struct policy_action_list *actions)
{
	const struct policy_action *kill = find_action(actions, ACTION_SIGKILL);

	if (!kill || scope->hook->broken || !may_override(scope->hook) || find_action(actions, ACTION_OVERRIDE))
		return;
	diag(scope->diagnostics, DIAG_LATE_KILL, kill->action_at, "the call goes on before the process is killed");
	diag_help(scope->diagnostics, "add {action: Override, argError: -1} to prevent it");
}

/* Who does it never hears of the event. */
static void warn_unseen(const struct selector_scope *scope, const struct policy_action_list *actions)
{
	const struct policy_action *quiet = find_action(actions, ACTION_NO_POST);

	for (size_t i = 0; quiet && i < actions->count; i++) {
		const struct policy_action *action = &actions->items[i];

		if (action->broken || (action->action != ACTION_GET_URL && action->action != ACTION_DNS_LOOKUP))
			continue;
		diag(scope->diagnostics, DIAG_REQUEST_UNSEEN, action->action_at, "%s is not done: there is no event",
			action_rows[action->action].name);
		diag_related(scope->diagnostics, quiet->action_at, "because of this");
	}
}

void check_actions(const struct selector_scope *scope, struct policy_action_list *actions, enum action_place place)
{
	for (size_t i = 0; i < actions->count; i++)
		check_action(scope, &actions->items[i], place);
	if (scope->hook->kind == HOOK_UPROBE)
		check_single_override(scope, actions);
	warn_unseen(scope, actions);
	if (place == ACTIONS_ENTRY)
		warn_late_kill(scope, actions);
}
