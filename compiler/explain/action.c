// SPDX-License-Identifier: Apache-2.0
/* action.c - what is done when a selector matches; see explain.h. */
#include "compiler/explain/explain.h"

#include <stdlib.h>
#include <string.h>

#include "compiler/explain/text.h"

struct doing {
	const struct ir_hook *hook;
	const struct ir_action *action;
};

static bool has_jump(const struct policy_action *action)
{
	return action->new_symbol.length || action->new_address || action->new_offset;
}

static bool add_error(const struct ir_action *action, struct buffer *ret)
{
	const struct policy_action *written = action->as_written;
	int64_t value = written ? written->error : action->argument;
	const char *name = value < 0 && value >= -LIMIT_ERRNO ? strerrorname_np((int)-value) : NULL;

	if (written && (written->registers.count || has_jump(written)))
		return false;
	if (action->op == ACTION_NOTIFY_ENFORCER && !value)
		return false;
	if (name)
		buffer_format(ret, "-%s", name);
	else
		buffer_format(ret, "%lld", (long long)value);
	return true;
}

static bool add_signal(const struct ir_action *action, struct buffer *ret)
{
	int64_t number = action->as_written ? action->as_written->signal : action->argument;
	const char *name = number > 0 && number <= LIMIT_SIGNAL ? sigabbrev_np((int)number) : NULL;

	if (action->op == ACTION_NOTIFY_ENFORCER && !number)
		return false;
	buffer_format(ret, name ? "%lld (SIG%s)" : "%lld", (long long)number, name);
	return true;
}

/* Digits, then perhaps a unit: check has read it. */
static bool add_period(const struct policy_action *action, struct buffer *ret)
{
	static const struct { const char *letters, *unit; } units[] = {
		{ "mM", "minute" }, { "hH", "hour" }, { "", "second" },
	};
	const struct text *text = &action->rate_limit;
	unsigned long period = text->length ? strtoul(text->bytes, NULL, 10) : 0;
	size_t n = 0;

	if (!period)
		return false;
	while (*units[n].letters && !strchr(units[n].letters, text->bytes[text->length - 1]))
		n++;
	buffer_format(ret, "%lu %s%s", period, units[n].unit, period == 1 ? "" : "s");
	return true;
}

/* Threads are told apart unless the policy says otherwise. */
static bool add_rate_scope(const struct policy_action *action, struct buffer *ret)
{
	const char *scope = action->rate_scope.length ? action->rate_scope.bytes : "thread";

	if (strcmp(scope, "global"))
		buffer_format(ret, " by a %s", scope);
	return true;
}

static bool add_jump(const struct policy_action *action, struct buffer *ret)
{
	if (action->new_symbol.length)
		explain_value(&action->new_symbol, ret);
	else if (action->new_address)
		buffer_format(ret, "address 0x%llx", (unsigned long long)action->new_address);
	else if (action->new_offset)
		buffer_format(ret, "offset %lld", (long long)action->new_offset);
	return has_jump(action);
}

static bool add_registers(const struct policy_action *action, struct buffer *ret)
{
	explain_values(&action->registers, " and ", ret);
	return action->registers.count > 0;
}

/* The argument at a position that check has looked at, of entry actions at least. */
static bool add_position(const struct ir_hook *hook, int64_t position, struct buffer *ret)
{
	if ((uint64_t)position < hook->arguments.count)
		explain_argument(&hook->arguments.items[position], ret);
	else
		buffer_format(ret, "argument %lld", (long long)position);
	return true;
}

static bool say_written(const struct ir_hook *hook, const struct policy_action *action, char letter, struct buffer *ret)
{
	switch (letter) {
	case 'u':
		explain_value(&action->url, ret);
		return true;
	case 'd':
		explain_value(&action->domain_name, ret);
		return true;
	case 'o':
		return add_position(hook, action->socket, ret);
	case 'i':
		return add_position(hook, action->argument, ret);
	case 'v':
		buffer_format(ret, "%lld", (long long)action->value);
		return true;
	case 'g':
		return add_registers(action, ret);
	case 'j':
		return add_jump(action, ret);
	case 'b':
		return action->action == ACTION_NOTIFY_ENFORCER ? action->error && action->signal :
			action->registers.count && has_jump(action);
	case 't':
		return add_period(action, ret);
	case 'c':
		return add_rate_scope(action, ret);
	case 'k':
		return action->kernel_stack;
	case 'p':
		return action->user_stack;
	case 'h':
		return action->ima_hash;
	default:
		return false;
	}
}

static bool say_part(const void *context, char letter, struct buffer *ret)
{
	const struct doing *doing = context;

	if (letter == 'e')
		return add_error(doing->action, ret);
	if (letter == 's')
		return add_signal(doing->action, ret);
	if (doing->action->as_written)
		return say_written(doing->hook, doing->action->as_written, letter, ret);
	if (letter != 'o')
		return false;
	buffer_add_text(ret, "what the call returned");
	return true;
}

void explain_one_action(const struct ir_hook *hook, const struct ir_action *action, struct buffer *ret)
{
	struct doing doing = { hook, action };

	explain_phrase(action_rows[action->op].says, say_part, &doing, ret);
}

/* Posting is what happens unless it is suppressed. */
static struct ir_action posting(const struct ir_action_list *actions)
{
	struct ir_action post = { .op = ACTION_POST };

	for (size_t n = 0; n < actions->count; n++) {
		if (actions->items[n].op == ACTION_NO_POST)
			return actions->items[n];
		if (actions->items[n].op == ACTION_POST && !post.as_written)
			post = actions->items[n];
	}
	return post;
}

/* The other actions come first, in their order. */
void explain_actions(const struct ir_policy *policy, const struct ir_hook *hook, const struct ir_action_list *actions,
		     struct buffer *ret)
{
	const struct ir_action post = posting(actions);
	bool enforces = false, any = false;

	for (size_t n = 0; n < actions->count; n++) {
		const struct ir_action *action = &actions->items[n];

		if (action->op == ACTION_POST || action->op == ACTION_NO_POST)
			continue;
		enforces |= action_rows[action->op].enforces;
		buffer_add_text(ret, any ? ", " : "");
		explain_one_action(hook, action, ret);
		any = true;
	}
	buffer_add_text(ret, any ? " and " : "");
	explain_one_action(hook, &post, ret);
	if (enforces && policy->monitor)
		buffer_add_text(ret, " (monitor mode: the event says so, nothing else is done)");
}
