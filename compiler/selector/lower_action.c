// SPDX-License-Identifier: Apache-2.0
/* lower_action.c - what is done when a selector matches, and when the call returns; see lower.h. */
#include "compiler/selector/lower.h"

#include "compiler/policy/check.h"

#define RATE_SCOPES "thread|process|global"	/* in the order of enum ir_rate_scope */

static void lower_post(const struct policy_action *action, struct ir_action *ret)
{
	const struct text *scope = &action->rate_scope;
	int found = scope->length ? words_find(RATE_SCOPES, scope->bytes, scope->length) : -1;

	ret->rate_milliseconds = rate_limit_milliseconds(&action->rate_limit);
	if (ret->rate_milliseconds && found > 0)
		ret->rate_scope = (enum ir_rate_scope)found;
	ret->kernel_stack = action->kernel_stack;
	ret->user_stack = action->user_stack;
	ret->ima_hash = action->ima_hash;
}

/* Registers, and where to go on, take the place of the value; functions of the kernel have neither. */
static void lower_override(const struct ir_hook *hook, const struct policy_action *action, struct ir_action *ret)
{
	ret->argument = (int32_t)action->error;
	ret->returns = true;
	if (hook->kind != HOOK_UPROBE)
		return;
	ret->registers = action->registers;
	if (action->new_symbol.length)
		ret->text = action->new_symbol;
	ret->new_address = action->new_address;
	ret->new_offset = action->new_offset;
	ret->returns = !ret->registers.count && !ret->text.bytes && !ret->new_address && !ret->new_offset;
}

/* The positions of actions on calls were checked. */
static int32_t position_of(const struct ir_hook *hook, int64_t position)
{
	return position >= 0 && (uint64_t)position < hook->arguments.count ? (int32_t)position : -1;
}

static struct ir_action lower_action(const struct ir_hook *hook, const struct policy_action *action)
{
	struct ir_action ret = { .op = action->action, .as_written = action };

	switch (action->action) {
	case ACTION_POST:
		lower_post(action, &ret);
		break;
	case ACTION_SIGNAL:
		ret.argument = (int32_t)action->signal;
		break;
	case ACTION_OVERRIDE:
		lower_override(hook, action, &ret);
		break;
	case ACTION_NOTIFY_ENFORCER:
		ret.argument = (int32_t)action->signal;
		ret.value = (int32_t)action->error;
		ret.returns = action->error != 0;
		break;
	case ACTION_GET_URL:
		ret.text = action->url;
		break;
	case ACTION_DNS_LOOKUP:
		ret.text = action->domain_name;
		break;
	case ACTION_TRACK_SOCK:
	case ACTION_UNTRACK_SOCK:
		ret.argument = position_of(hook, action->socket);
		break;
	case ACTION_SET:
		ret.argument = position_of(hook, action->argument);
		ret.value = (int32_t)action->value;
		break;
	default:
		break;
	}
	return ret;
}

struct ir_action_list lower_return_actions(struct arena *arena, const struct ir_hook *hook,
					   const struct policy_action_list *actions)
{
	struct ir_action_list list = { arena_array(arena, struct ir_action, actions->count), actions->count };

	for (size_t n = 0; n < actions->count; n++)
		list.items[n] = lower_action(hook, &actions->items[n]);
	return list;
}

/* No actions mean Post. */
struct ir_action_list lower_actions(struct arena *arena, const struct ir_hook *hook,
				    const struct policy_action_list *actions)
{
	struct ir_action_list list = lower_return_actions(arena, hook, actions);

	if (list.count)
		return list;
	list = (struct ir_action_list){ arena_array(arena, struct ir_action, 1), 1 };
	list.items[0] = (struct ir_action){ .op = ACTION_POST };
	return list;
}
