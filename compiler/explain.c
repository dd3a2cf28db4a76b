// SPDX-License-Identifier: Apache-2.0
/* explain.c - what a compiled policy does, hook by hook and selector by selector; see explain.h. */
#include "compiler/explain.h"

#include <string.h>

#include "bpf-templates/abi.h"

enum { VALUES_SHOWN = 8 };

/* Bytes that read well as they are; others are quoted and escaped. */
static bool is_plain(const struct text *text)
{
	for (size_t n = 0; n < text->length; n++) {
		unsigned char c = (unsigned char)text->bytes[n];

		if (c <= ' ' || c == '"' || c == '\'' || c == '\\' || c == ',' || c == ';' || c == 127)
			return false;
	}
	return text->length != 0;
}

static void add_value(const struct text *text, struct buffer *ret)
{
	if (is_plain(text)) {
		buffer_add(ret, text->bytes, text->length);
		return;
	}
	buffer_add_char(ret, '"');
	for (size_t n = 0; n < text->length; n++) {
		unsigned char c = (unsigned char)text->bytes[n];

		if (c == '"' || c == '\\')
			buffer_format(ret, "\\%c", c);
		else if (c < ' ' || c == 127)
			buffer_format(ret, "\\x%02x", c);
		else
			buffer_add_char(ret, (char)c);
	}
	buffer_add_char(ret, '"');
}

/* "a, b or c"; of long lists the beginning. */
static void add_values(const struct text_list *values, struct buffer *ret)
{
	size_t shown = values->count > VALUES_SHOWN + 1 ? VALUES_SHOWN : values->count;

	for (size_t n = 0; n < shown; n++) {
		if (n)
			buffer_add_text(ret, n + 1 == values->count ? " or " : ", ");
		add_value(&values->items[n], ret);
	}
	if (shown < values->count)
		buffer_format(ret, " or any of %zu more", values->count - shown);
	if (!values->count)
		buffer_add_text(ret, "nothing");
}

void explain_argument(const struct ir_argument *argument, struct buffer *ret)
{
	const char *what = argument->source == ABI_SOURCE_FIELD ? "field" : "argument";
	const char *type = type_rows[argument->type].name;

	if (argument->label.bytes && argument->label.length) {
		buffer_add(ret, argument->label.bytes, argument->label.length);
		buffer_format(ret, " (%s %u, %s)", what, argument->index, type);
	} else {
		buffer_format(ret, "%s %u (%s)", what, argument->index, type);
	}
}

static void add_subject(const struct ir_hook *hook, const struct ir_predicate *predicate, struct buffer *ret)
{
	switch (predicate->subject) {
	case IR_ARGUMENT:
		explain_argument(&hook->arguments.items[predicate->position], ret);
		break;
	case IR_PID:
		buffer_add_text(ret, "the process id");
		break;
	case IR_BINARY:
		buffer_add_text(ret, "the binary of the process");
		break;
	}
}

/* The operator's words, with the argument and the values in their places. */
static void add_written(const struct ir_hook *hook, const struct ir_predicate *predicate,
			const struct ir_written *written, struct buffer *ret)
{
	for (const char *at = operator_rows[written->op].says; *at; at++) {
		if (at[0] == '%' && at[1] == 'a') {
			add_subject(hook, predicate, ret);
			at++;
		} else if (at[0] == '%' && at[1] == 'v') {
			add_values(&written->values, ret);
			at++;
		} else {
			buffer_add_char(ret, *at);
		}
	}
}

void explain_predicate(const struct ir_hook *hook, const struct ir_predicate *predicate, struct buffer *ret)
{
	for (size_t n = 0; n < predicate->written.count; n++) {
		buffer_add_text(ret, n ? " and " : "");
		add_written(hook, predicate, &predicate->written.items[n], ret);
	}
}

static void add_error(int32_t value, struct buffer *ret)
{
	const char *name = value < 0 && value >= -LIMIT_ERRNO ? strerrorname_np(-value) : NULL;

	if (name)
		buffer_format(ret, "-%s", name);
	else
		buffer_format(ret, "%d", value);
}

static void add_signal(int32_t number, struct buffer *ret)
{
	const char *name = number > 0 ? sigabbrev_np(number) : NULL;

	buffer_format(ret, name ? "%d (SIG%s)" : "%d", number, name);
}

static void add_action(const struct ir_action *action, struct buffer *ret)
{
	for (const char *at = action_rows[action->op].says; *at; at++) {
		if (at[0] == '%' && at[1] == 'e') {
			add_error(action->argument, ret);
			at++;
		} else if (at[0] == '%' && at[1] == 's') {
			add_signal(action->argument, ret);
			at++;
		} else {
			buffer_add_char(ret, *at);
		}
	}
}

static bool reports(const struct ir_selector *selector)
{
	for (size_t n = 0; n < selector->actions.count; n++)
		if (selector->actions.items[n].op == ACTION_NO_POST)
			return false;
	return true;
}

/* Posting is what happens unless it is suppressed; the other actions come first, in their order. */
void explain_actions(const struct ir_policy *policy, const struct ir_selector *selector, struct buffer *ret)
{
	bool enforces = false, any = false;

	for (size_t n = 0; n < selector->actions.count; n++) {
		const struct ir_action *action = &selector->actions.items[n];

		if (action->op == ACTION_POST || action->op == ACTION_NO_POST)
			continue;
		enforces |= action_rows[action->op].enforces;
		buffer_add_text(ret, any ? ", " : "");
		add_action(action, ret);
		any = true;
	}
	buffer_add_text(ret, any ? " and " : "");
	buffer_add_text(ret, action_rows[reports(selector) ? ACTION_POST : ACTION_NO_POST].says);
	if (enforces && policy->monitor)
		buffer_add_text(ret, " (monitor mode: the event says so, nothing else is done)");
}

/* ---- Selectors and hooks ---- */

static void explain_selector(const struct ir_policy *policy, const struct ir_hook *hook, size_t number,
			     struct buffer *ret)
{
	const struct ir_selector *selector = &hook->selectors.items[number];

	buffer_add_text(ret, number ? "    Otherwise, " : "    ");
	if (selector->predicates.count)
		buffer_add_text(ret, number ? "when " : "When ");
	else
		buffer_add_text(ret, number ? "always" : "Always");
	for (size_t n = 0; n < selector->predicates.count; n++) {
		buffer_add_text(ret, n ? ", and " : "");
		explain_predicate(hook, &selector->predicates.items[n], ret);
	}
	buffer_add_text(ret, ": ");
	explain_actions(policy, selector, ret);
	buffer_format(ret, ".  (line %u)\n", selector->at.line);
}

static bool has_selector(const struct ir_hook *hook, uint32_t index)
{
	for (size_t n = 0; n < hook->selectors.count; n++)
		if (hook->selectors.items[n].index == index)
			return true;
	return false;
}

static void explain_dropped(const struct ir_hook *hook, struct buffer *ret)
{
	for (uint32_t n = 0; n < hook->selectors_written; n++)
		if (!has_selector(hook, n))
			buffer_format(ret, "    Selector %u never decides: no call can satisfy it, or an earlier selector always comes first.\n",
				      n + 1);
}

static void explain_report(const struct ir_hook *hook, struct buffer *ret)
{
	if (!hook->arguments.count && !hook->returns)
		return;
	buffer_add_text(ret, "    Events carry ");
	for (size_t n = 0; n < hook->arguments.count; n++) {
		buffer_add_text(ret, !n ? "" : n + 1 < hook->arguments.count || hook->returns ? ", " : " and ");
		explain_argument(&hook->arguments.items[n], ret);
	}
	if (hook->returns) {
		buffer_add_text(ret, hook->arguments.count ? " and " : "");
		buffer_add_text(ret, "what the call returned");
		if (hook->return_argument)
			buffer_format(ret, " (%s)", type_rows[hook->return_argument->type].name);
	}
	buffer_add_text(ret, ".\n");
}

static void add_name(const struct ir_hook *hook, struct buffer *ret)
{
	if (hook->subsystem.bytes && hook->subsystem.length) {
		buffer_add(ret, hook->subsystem.bytes, hook->subsystem.length);
		buffer_add_char(ret, '/');
	}
	buffer_add(ret, hook->name.bytes, hook->name.length);
	if (hook->syscall)
		buffer_add_text(ret, " (system call)");
}

/* The hook's words as the beginning of a sentence. */
static void add_where(const struct ir_hook *hook, struct buffer *ret)
{
	const char *says = hook_rows[hook->kind].says;

	for (const char *at = says; *at; at++) {
		if (at[0] == '%' && at[1] == 'n') {
			add_name(hook, ret);
			at++;
		} else {
			buffer_add_char(ret, at == says && *at >= 'a' && *at <= 'z' ? (char)(*at - 'a' + 'A') : *at);
		}
	}
}

static void explain_hook(const struct ir_policy *policy, const struct ir_hook *hook, struct buffer *ret)
{
	buffer_add_text(ret, "  ");
	add_where(hook, ret);
	buffer_format(ret, ":  (line %u)\n", hook->at.line);
	for (size_t n = 0; n < hook->selectors.count; n++)
		explain_selector(policy, hook, n, ret);
	if (!hook->selectors.count)
		buffer_add_text(ret, "    Nothing ever happens.\n");
	explain_dropped(hook, ret);
	explain_report(hook, ret);
	if (hook->message.bytes && hook->message.length) {
		buffer_add_text(ret, "    Their message: ");
		buffer_add(ret, hook->message.bytes, hook->message.length);
		buffer_add_char(ret, '\n');
	}
	if (hook->tags.count) {
		buffer_add_text(ret, "    Their tags: ");
		for (size_t n = 0; n < hook->tags.count; n++) {
			buffer_add_text(ret, n ? ", " : "");
			buffer_add(ret, hook->tags.items[n].bytes, hook->tags.items[n].length);
		}
		buffer_add_char(ret, '\n');
	}
}

void explain_policy(const struct ir_policy *policy, struct buffer *ret)
{
	const char *mode = policy->enforces && policy->monitor ? "would enforce, but is in monitor mode" :
			   policy->enforces ? "enforces" : "observes";

	buffer_add_text(ret, "Policy ");
	buffer_add(ret, policy->name.bytes, policy->name.length);
	buffer_format(ret, " %s.  (%s)\n", mode, policy->source_name);
	for (size_t n = 0; n < policy->hooks.count; n++)
		explain_hook(policy, &policy->hooks.items[n], ret);
	if (!policy->hooks.count)
		buffer_add_text(ret, "  It watches nothing.\n");
}
