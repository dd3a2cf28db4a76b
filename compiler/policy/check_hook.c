// SPDX-License-Identifier: Apache-2.0
/* check_hook.c - rules of one hook; see check.h. */
#include <string.h>
#include <strings.h>

#include "compiler/policy/check.h"
#include "compiler/policy/syscall.h"

/* ---- Names ---- */

/* What the names of a kind may be made of beside letters, digits and _; free text where key is NULL. */
static const struct {
	const char *key;
	const char *extra;
} name_rules[HOOK_COUNT] = {
	[HOOK_KPROBE] = { "call", "." },
	[HOOK_FENTRY] = { "call", "." },
	[HOOK_TRACEPOINT] = { "event", "" },
	[HOOK_RAW_TRACEPOINT] = { "event", "" },
	[HOOK_LSM] = { "hook", "" },
};

static bool is_word(const struct text *text, const char *extra)
{
	for (size_t i = 0; i < text->length; i++) {
		char c = text->bytes[i];
		bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';

		if (!is_plain && (!c || !strchr(extra, c)))
			return false;
	}
	return text->length && text->length <= LIMIT_HOOK_NAME_BYTES;
}

static void check_word(const struct text *text, const char *key, const char *extra,
		       struct diagnostics *diagnostics)
{
	if (!text->bytes || is_word(text, extra))
		return;
	if (!text->length)
		diag(diagnostics, DIAG_HOOK_NAME, text->at, "'%s' is empty", key);
	else
		diag(diagnostics, DIAG_HOOK_NAME, text->at, "'%.64s' is not a valid name for '%s'", text->bytes, key);
}

static bool is_call(const struct policy_hook *hook)
{
	return hook->kind == HOOK_KPROBE || hook->kind == HOOK_FENTRY;
}

static bool begins_with(const struct text *text, const char *start)
{
	return text->bytes && !strncmp(text->bytes, start, strlen(start));
}

static void warn_not_syscall(const struct text *name, struct diagnostics *diagnostics)
{
	diag(diagnostics, DIAG_SYSCALL_NAME, name->at, "'%.64s' does not look like a system call, and is taken for one",
		name->bytes);
	diag_help(diagnostics, "say 'syscall: false' if it is a kernel function; system calls are named sys_*");
}

static void check_syscall(const struct policy_hook *hook, struct diagnostics *diagnostics)
{
	const struct text *name = &hook->name;

	if (hook->broken || !name->length)
		return;
	if (hook->syscall && !is_syscall_name(name)) {
		warn_not_syscall(name, diagnostics);
	} else if (!hook->syscall && is_syscall_name(name)) {
		diag(diagnostics, DIAG_SYSCALL_FALSE, name->at, "'%.64s' is a system call, and is taken for a function",
			name->bytes);
		diag_related(diagnostics, hook->syscall_at, "because of this");
		diag_help(diagnostics, "remove 'syscall: false'");
	}
}

/* Functions of a plain list are taken as they are written; what `syscall` says is how their arguments are read. */
static void check_list_call(const struct policy *policy, const struct policy_hook *hook,
			    struct diagnostics *diagnostics)
{
	const struct policy_name_list *list = policy_find_list(policy, &hook->name);

	if (!list) {
		refuse_list(policy, &hook->name, diagnostics);
		return;
	}
	if (list_is_of_syscalls(list) || list_is_generated(list) || !list->function || !hook->syscall || hook->broken)
		return;
	warn_not_syscall(list->function, diagnostics);
	diag_related(diagnostics, hook->name.at, "the hook that says so");
}

/* LSM hooks are named without the prefixes of the functions that stand for them. */
static void check_lsm_name(const struct text *name, struct diagnostics *diagnostics)
{
	static const char *const prefixes[] = { "bpf_lsm_", "security_" };

	for (size_t i = 0; i < sizeof(prefixes) / sizeof(*prefixes); i++) {
		if (!begins_with(name, prefixes[i]))
			continue;
		diag(diagnostics, DIAG_HOOK_NAME, name->at, "'%.64s' is the name of a function, not of its hook", name->bytes);
		diag_help(diagnostics, "write 'hook: %.64s'", name->bytes + strlen(prefixes[i]));
		diag_replacement(diagnostics, name->bytes + strlen(prefixes[i]));
	}
}

static void check_hook_name(const struct policy *policy, const struct policy_hook *hook,
			    struct diagnostics *diagnostics)
{
	if (is_call(hook) && is_list_reference(&hook->name)) {
		check_list_call(policy, hook, diagnostics);
		return;
	}
	if (name_rules[hook->kind].key)
		check_word(&hook->name, name_rules[hook->kind].key, name_rules[hook->kind].extra, diagnostics);
	check_word(&hook->subsystem, "subsystem", "-", diagnostics);
	if (is_call(hook) && is_word(&hook->name, name_rules[hook->kind].extra))
		check_syscall(hook, diagnostics);
	if (hook->kind == HOOK_LSM)
		check_lsm_name(&hook->name, diagnostics);
}

static bool is_socket(const struct policy_argument *argument)
{
	return argument->broken || argument->type == TYPE_SOCK || argument->type == TYPE_SOCKET;
}

/* In any case of letters, as Tetragon reads it. */
static void check_return_action(const struct policy_hook *hook, struct diagnostics *diagnostics)
{
	const struct text *action = &hook->return_action;

	if (!action->length)
		return;
	if (strcasecmp(action->bytes, action_rows[ACTION_TRACK_SOCK].name) &&
	    strcasecmp(action->bytes, action_rows[ACTION_UNTRACK_SOCK].name)) {
		diag(diagnostics, DIAG_RETURN_ACTION, action->at, "'returnArgAction' cannot be '%.64s'", action->bytes);
		diag_help(diagnostics, "TrackSock or UntrackSock");
	} else if (!hook->returns && !hook->broken) {
		diag(diagnostics, DIAG_RETURN_UNUSED, action->at, "'returnArgAction' has no effect");
		diag_help(diagnostics, "add 'return: true' and 'returnArg: {index: 0, type: sock}'");
	} else if (hook->return_argument && !is_socket(hook->return_argument)) {
		diag(diagnostics, DIAG_RETURN_UNUSED, action->at, "'returnArgAction' has no effect: what is returned is no socket");
		diag_help(diagnostics, "'returnArg: {index: 0, type: sock}'");
	}
}

/* ---- Message and tags ---- */

static void cut(struct text *text, size_t most, const char *what, struct diagnostics *diagnostics)
{
	if (text->length <= most)
		return;
	diag(diagnostics, DIAG_CUT, text->at, "the %s has %zu bytes, of which %zu are kept", what, text->length, most);
	text->length = most;
}

static void check_texts(struct policy_hook *hook, struct diagnostics *diagnostics)
{
	if (hook->message.length && hook->message.length < LIMIT_MESSAGE_SHORTEST)
		diag(diagnostics, DIAG_MESSAGE, hook->message.at, "the message is a single byte");
	cut(&hook->message, LIMIT_MESSAGE_BYTES, "message", diagnostics);
	for (size_t i = 0; i < hook->tags.count; i++) {
		struct text *tag = &hook->tags.items[i];

		if (tag->bytes && tag->length < LIMIT_TAG_SHORTEST)
			diag(diagnostics, DIAG_TAG_LENGTH, tag->at, "the tag has less than two bytes");
		cut(tag, LIMIT_TAG_BYTES, "tag", diagnostics);
	}
}

void check_hook(struct policy *policy, struct policy_hook *hook, struct diagnostics *diagnostics)
{
	check_hook_name(policy, hook, diagnostics);
	check_hook_arguments(hook, diagnostics);
	check_hook_return(hook, diagnostics);
	check_return_action(hook, diagnostics);
	if (hook->kind == HOOK_UPROBE)
		check_uprobe(hook, diagnostics);
	check_texts(hook, diagnostics);
	for (size_t i = 0; i < hook->selectors.count; i++) {
		expand_macros(policy, &hook->selectors.items[i], diagnostics);
		check_workloads(hook->selectors.items[i].workloads, diagnostics);
	}
	check_prototype(hook, diagnostics);
}
