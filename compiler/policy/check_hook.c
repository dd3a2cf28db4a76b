// SPDX-License-Identifier: Apache-2.0
/* check_hook.c - rules of one hook; see check.h. */
#include <string.h>

#include "compiler/policy/check.h"

/* ---- Names ---- */

/* What the names of a kind may be made of beside letters, digits and _. */
static const struct {
	const char *key;
	const char *extra;
} name_rules[HOOK_COUNT] = {
	[HOOK_KPROBE] = { "call", "." },
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

static bool begins_with(const struct text *text, const char *start)
{
	return text->bytes && !strncmp(text->bytes, start, strlen(start));
}

static bool looks_like_syscall(const struct text *name)
{
	return begins_with(name, "sys_") || begins_with(name, "__x64_") || begins_with(name, "__arm64_") ||
		begins_with(name, "__ia32_");
}

static void check_hook_name(const struct policy_hook *hook, struct diagnostics *diagnostics)
{
	const struct text *name = &hook->name;

	if (hook->kind == HOOK_KPROBE && begins_with(name, "list:")) {
		diag_later(diagnostics, name->at, "a list");
		return;
	}
	check_word(name, name_rules[hook->kind].key, name_rules[hook->kind].extra, diagnostics);
	check_word(&hook->subsystem, "subsystem", "-", diagnostics);
	if (hook->kind != HOOK_KPROBE || !hook->syscall || hook->broken || !name->length || looks_like_syscall(name))
		return;
	diag(diagnostics, DIAG_SYSCALL_NAME, name->at, "'%.64s' does not look like a system call, and is taken for one",
		name->bytes);
	diag_help(diagnostics, "say 'syscall: false' if it is a kernel function; system calls are named sys_*");
}

/* ---- Arguments ---- */

static bool is_function(const struct policy_hook *hook)
{
	return hook->kind != HOOK_TRACEPOINT;
}

static void check_index(const struct policy_hook *hook, const struct policy_argument *argument,
			struct diagnostics *diagnostics)
{
	uint32_t highest = is_function(hook) ? LIMIT_ARGUMENT_INDEX : LIMIT_FIELD_INDEX;

	if (span_is_empty(argument->index_at) || argument->index <= highest)
		return;
	diag(diagnostics, DIAG_ARGUMENT_INDEX, argument->index_at, "there is no argument %u", argument->index);
	diag_help(diagnostics, is_function(hook) ? "arguments 0 to %u are within reach" : "fields 0 to %u are within reach",
		highest);
}

/* Every hook but a tracepoint with a record needs the type; there it could be inferred, which comes later. */
static void refuse_auto(const struct policy_hook *hook, const struct policy_argument *argument,
			struct diagnostics *diagnostics)
{
	struct span at = span_is_empty(argument->type_at) ? argument->index_at : argument->type_at;

	if (is_function(hook)) {
		diag(diagnostics, DIAG_TYPE_MISSING, at, "the type of argument %u must be said", argument->index);
		diag_help(diagnostics, "add 'type', as in 'type: int'");
		return;
	}
	diag_later(diagnostics, at, "type 'auto'");
	diag_help(diagnostics, "say the type of the field, as in 'type: int64'");
}

static void check_type(const struct policy_hook *hook, const struct policy_argument *argument,
		       struct diagnostics *diagnostics)
{
	const struct type_row *type = &type_rows[argument->type];

	if (argument->broken)
		return;
	if (argument->type == TYPE_AUTO)
		refuse_auto(hook, argument, diagnostics);
	else if (type->support != SUPPORT_NOW)
		diag_later(diagnostics, argument->type_at, "type '%s'", type->name);
}

static void check_repeated(const struct policy_hook *hook, size_t n, struct diagnostics *diagnostics)
{
	const struct policy_argument *items = hook->arguments.items;

	for (size_t i = 0; i < n; i++) {
		if (items[i].index != items[n].index || span_is_empty(items[i].index_at) ||
		    span_is_empty(items[n].index_at))
			continue;
		diag(diagnostics, DIAG_ARGUMENT_REPEATED, items[n].index_at, "argument %u is there twice",
			items[n].index);
		diag_related(diagnostics, items[i].index_at, "first defined here");
		return;
	}
}

static void check_arguments(const struct policy_hook *hook, struct diagnostics *diagnostics)
{
	for (size_t i = 0; i < hook->arguments.count && i < LIMIT_ARGUMENTS; i++) {
		check_index(hook, &hook->arguments.items[i], diagnostics);
		check_type(hook, &hook->arguments.items[i], diagnostics);
		check_repeated(hook, i, diagnostics);
	}
}

static void check_return(const struct policy_hook *hook, struct diagnostics *diagnostics)
{
	if (hook->return_argument)
		check_type(hook, hook->return_argument, diagnostics);
	if (hook->returns && !hook->return_argument && !hook->broken) {
		diag(diagnostics, DIAG_RETURN_ARGUMENT, hook->returns_at, "'return: true' needs 'returnArg'");
		diag_help(diagnostics, "add 'returnArg: {index: 0, type: int}'");
	}
	if (hook->return_argument && !hook->returns && !hook->broken) {
		diag(diagnostics, DIAG_RETURN_UNUSED, hook->return_argument->at, "'returnArg' has no effect");
		diag_help(diagnostics, "add 'return: true'");
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

void check_hook(struct policy_hook *hook, struct diagnostics *diagnostics)
{
	if (hook->raw && hook->kind == HOOK_TRACEPOINT)
		hook->kind = HOOK_RAW_TRACEPOINT;
	check_hook_name(hook, diagnostics);
	check_arguments(hook, diagnostics);
	check_return(hook, diagnostics);
	check_texts(hook, diagnostics);
}
