// SPDX-License-Identifier: Apache-2.0
/* action.c - what is done when a selector matches; see explain.h. */
#include "compiler/explain/explain.h"

#include <string.h>

#include "compiler/explain/text.h"

struct doing {
	const struct ir_hook *hook;
	const struct ir_action *action;
};

static bool has_jump(const struct ir_action *action)
{
	return action->op == ACTION_OVERRIDE && (action->text.bytes || action->new_address || action->new_offset);
}

static bool add_error(const struct ir_action *action, struct buffer *ret)
{
	int32_t value = action->op == ACTION_OVERRIDE ? action->argument : action->value;
	const char *name = value < 0 && value >= -LIMIT_ERRNO ? strerrorname_np(-value) : NULL;

	if (!action->returns)
		return false;
	if (name)
		buffer_format(ret, "-%s", name);
	else
		buffer_format(ret, "%d", value);
	return true;
}

static bool add_signal(const struct ir_action *action, struct buffer *ret)
{
	int32_t number = action->argument;
	const char *name = number > 0 && number <= LIMIT_SIGNAL ? sigabbrev_np(number) : NULL;

	if (action->op == ACTION_NOTIFY_ENFORCER && !number)
		return false;
	buffer_format(ret, name ? "%d (SIG%s)" : "%d", number, name);
	return true;
}

/* In the largest unit of which it is a whole number. */
static bool add_period(const struct ir_action *action, struct buffer *ret)
{
	static const struct { uint32_t milliseconds; const char *name; } units[] = {
		{ 3600000, "hour" }, { 60000, "minute" }, { 1000, "second" }, { 1, "millisecond" },
	};
	uint32_t period = action->rate_milliseconds;
	size_t n = 0;

	if (!period)
		return false;
	while (period % units[n].milliseconds)
		n++;
	period /= units[n].milliseconds;
	buffer_format(ret, "%u %s%s", period, units[n].name, period == 1 ? "" : "s");
	return true;
}

static bool add_rate_scope(const struct ir_action *action, struct buffer *ret)
{
	static const char *const scopes[] = {
		[IR_RATE_THREAD] = " by a thread", [IR_RATE_PROCESS] = " by a process", [IR_RATE_GLOBAL] = "",
	};

	buffer_add_text(ret, scopes[action->rate_scope]);
	return true;
}

static bool add_jump(const struct ir_action *action, struct buffer *ret)
{
	if (!has_jump(action))
		return false;
	if (action->text.bytes)
		explain_value(&action->text, ret);
	else if (action->new_address)
		buffer_format(ret, "address 0x%llx", (unsigned long long)action->new_address);
	else
		buffer_format(ret, "offset %lld", (long long)action->new_offset);
	return true;
}

static bool add_registers(const struct ir_action *action, struct buffer *ret)
{
	explain_values(&action->registers, " and ", ret);
	return action->registers.count > 0;
}

static bool add_position(const struct ir_hook *hook, int32_t position, struct buffer *ret)
{
	if (position >= 0 && (size_t)position < hook->arguments.count)
		explain_argument(&hook->arguments.items[position], ret);
	else
		buffer_add_text(ret, "an argument that is not there");
	return true;
}

static bool say_part(const void *context, char letter, struct buffer *ret)
{
	const struct doing *doing = context;
	const struct ir_action *action = doing->action;

	switch (letter) {
	case 'e':
		return add_error(action, ret);
	case 's':
		return add_signal(action, ret);
	case 'u':
	case 'd':
		explain_value(&action->text, ret);
		return true;
	case 'o':
	case 'i':
		return add_position(doing->hook, action->argument, ret);
	case 'v':
		buffer_format(ret, "%d", action->value);
		return true;
	case 'g':
		return add_registers(action, ret);
	case 'j':
		return add_jump(action, ret);
	case 'b':
		return action->op == ACTION_NOTIFY_ENFORCER ? action->returns && action->argument :
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

void explain_one_action(const struct ir_hook *hook, const struct ir_action *action, struct buffer *ret)
{
	struct doing doing = { hook, action };

	explain_phrase(action_rows[action->op].says, say_part, &doing, ret);
}

/* Posting is what happens unless it is suppressed. */
static struct ir_action posting(const struct ir_action_list *actions)
{
	struct ir_action post = { .op = ACTION_POST };
	bool found = false;

	for (size_t n = 0; n < actions->count; n++) {
		if (actions->items[n].op == ACTION_NO_POST)
			return actions->items[n];
		if (actions->items[n].op == ACTION_POST && !found)
			post = actions->items[n];
		found |= actions->items[n].op == ACTION_POST;
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
