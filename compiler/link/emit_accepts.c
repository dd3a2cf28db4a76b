// SPDX-License-Identifier: Apache-2.0
/* emit_accepts.c - what is done when a selector accepts; see emit.h. */
#include <string.h>

#include "compiler/link/emit.h"

static uint32_t report_slots(const struct merged_entry *entry)
{
	uint32_t slots = 0;

	for (size_t n = 0; n < entry->ir->arguments.count; n++)
		if (entry->ir->arguments.items[n].load != ABI_LOAD_NOTHING && !entry->ir->arguments.items[n].return_copy)
			slots |= 1u << entry->slots[n];
	for (size_t n = 0; n < entry->ir->data.count; n++)
		slots |= 1u << entry->data_slots[n];
	return slots;
}

/* Of the return hook. */
static uint32_t return_slots(const struct merged_entry *entry)
{
	return (entry->ir->return_argument ? 1u << entry->returned_slot : 0) |
	       (entry->copied_slot < ABI_SLOTS_MAX ? 1u << entry->copied_slot : 0);
}

/* Of the stack traces and the digest that the selector's Post asks for. */
static uint32_t extra_slots(const struct merged_entry *entry, const struct ir_selector *selector)
{
	uint32_t slots = 0;

	for (size_t n = 0; n < selector->actions.count; n++) {
		if (selector->actions.items[n].kernel_stack && entry->kernel_stack_slot < ABI_SLOTS_MAX)
			slots |= 1u << entry->kernel_stack_slot;
		if (selector->actions.items[n].user_stack && entry->user_stack_slot < ABI_SLOTS_MAX)
			slots |= 1u << entry->user_stack_slot;
		if (selector->actions.items[n].ima_hash && entry->digest_slot < ABI_SLOTS_MAX)
			slots |= 1u << entry->digest_slot;
	}
	return slots;
}

static int32_t post_flags(const struct ir_action *action)
{
	return (action->rate_scope == IR_RATE_PROCESS ? (int32_t)ABI_POST_PROCESS : 0) |
	       (action->rate_scope == IR_RATE_GLOBAL ? (int32_t)ABI_POST_GLOBAL : 0) |
	       (action->kernel_stack ? (int32_t)ABI_POST_KERNEL_STACK : 0) |
	       (action->user_stack ? (int32_t)ABI_POST_USER_STACK : 0) | (action->ima_hash ? (int32_t)ABI_POST_DIGEST : 0);
}

static struct abi_action make_action(const struct merged_entry *entry, const struct ir_action *action)
{
	struct abi_action ret = {
		.op = (uint32_t)action_rows[action->op].wire, .argument = action->argument, .value = action->value,
	};

	switch (action->op) {
	case ACTION_POST:
		ret.argument = (int32_t)action->rate_milliseconds;
		ret.value = action->rate_milliseconds || post_flags(action) ? post_flags(action) : 0;
		break;
	case ACTION_NOTIFY_ENFORCER:
		if (entry->ir->enforcer)
			ret.op = ABI_ACTION_ENFORCE;
		break;
	case ACTION_TRACK_SOCK:
	case ACTION_UNTRACK_SOCK:
	case ACTION_SET:
		ret.argument = action->argument < 0 ? -1 : entry->slots[action->argument];	/* -1: of no argument */
		break;
	default:
		break;
	}
	return ret;
}

static bool looks_at(const struct ir_selector *selector, enum ir_subject subject)
{
	for (size_t n = 0; n < selector->predicates.count; n++)
		if (selector->predicates.items[n].subject == subject)
			return true;
	return false;
}

static uint32_t action_flags(const struct ir_action_list *actions)
{
	uint32_t flags = 0;

	for (size_t n = 0; n < actions->count; n++) {
		const struct ir_action *action = &actions->items[n];

		if (action->op == ACTION_NO_POST)
			flags |= ABI_ACCEPT_QUIET;
		if (action->op != ACTION_POST || action->rate_milliseconds || post_flags(action))
			flags |= ABI_ACCEPT_ACTS;
	}
	return flags;
}

/* A change is reported once: from then on the new state is what others are compared with. */
static uint32_t note_flags(const struct ir_selector *selector)
{
	return (looks_at(selector, IR_NAMESPACE_CHANGES) ? ABI_ACCEPT_NOTES_NAMESPACES : 0) |
	       (looks_at(selector, IR_CAPABILITY_CHANGES) ? ABI_ACCEPT_NOTES_CAPABILITIES : 0);
}

static struct abi_accept accept_of_call(const struct emit *emit, const struct merged_entry *entry,
					const struct ir_selector *selector)
{
	return (struct abi_accept){
		.policy = entry->policy, .policy_id = (uint16_t)emit->merged->policies[entry->policy].id,
		.selector = (uint16_t)selector->index, .hook_index = (uint16_t)entry->hook_index,
		.action_count = (uint16_t)selector->actions.count,
		.report_slots = report_slots(entry) | extra_slots(entry, selector),
		.return_slots = return_slots(entry),
		.flags = (hook_needs_return(entry->ir) ? ABI_ACCEPT_RETURN : 0) | action_flags(&selector->actions) | note_flags(selector),
	};
}

static struct abi_accept accept_of_return(const struct emit *emit, const struct merged_entry *entry,
					  const struct ir_selector *selector)
{
	return (struct abi_accept){
		.policy = entry->policy, .policy_id = (uint16_t)emit->merged->policies[entry->policy].id,
		.selector = (uint16_t)selector->index, .hook_index = (uint16_t)entry->hook_index,
		.action_count = (uint16_t)selector->return_actions.count,
		.report_slots = return_slots(entry),
		.flags = action_flags(&selector->return_actions),
	};
}

/* ---- Layout: all accepts, then all actions in the same order ---- */

typedef void each_accept(struct emit *emit, const struct merged_hook *hook, const struct merged_entry *entry,
			 const struct ir_selector *selector, void *context);

static void walk(struct emit *emit, size_t h, each_accept *each, void *context)
{
	const struct merged_hook *hook = emit->merged->hooks[h];

	for (size_t e = 0; e < hook->entry_count; e++)
		for (size_t n = 0; n < hook->entries[e]->selector_count; n++)
			each(emit, hook, hook->entries[e], hook->entries[e]->selectors[n].ir, context);
}

static void add_accept(struct emit *emit, const struct merged_hook *hook, const struct merged_entry *entry,
		       const struct ir_selector *selector, void *context)
{
	struct abi_accept accept = hook->returns ? accept_of_return(emit, entry, selector) :
							     accept_of_call(emit, entry, selector);

	(void)context;
	buffer_add(&emit->image, &accept, sizeof(accept));
	emit->header.accept_count++;
}

static void add_actions(struct emit *emit, const struct merged_hook *hook, const struct merged_entry *entry,
			const struct ir_selector *selector, void *context)
{
	const struct ir_action_list *actions = hook->returns ? &selector->return_actions : &selector->actions;
	const uint32_t at = (uint32_t)emit->image.length;
	size_t *accept = context;

	if (actions->count)
		memcpy(emit->image.bytes + *accept + offsetof(struct abi_accept, actions), &at, sizeof(at));
	*accept += sizeof(struct abi_accept);
	for (size_t n = 0; n < actions->count; n++) {
		struct abi_action action = make_action(entry, &actions->items[n]);

		buffer_add(&emit->image, &action, sizeof(action));
	}
}

int emit_accepts(struct emit *emit)
{
	const struct merged *merged = emit->merged;
	size_t accept;

	emit_begin_section(emit, ABI_SECTION_ACCEPTS);
	for (size_t h = 0; h < merged->hook_count; h++) {
		emit->hook_accepts[h] = (uint32_t)emit->image.length;
		walk(emit, h, add_accept, NULL);
	}
	accept = emit->header.sections[ABI_SECTION_ACCEPTS].offset;
	for (size_t h = 0; h < merged->hook_count; h++)
		walk(emit, h, add_actions, &accept);
	emit_end_section(emit, ABI_SECTION_ACCEPTS);
	return 0;
}

uint32_t emit_accept_at(const struct emit *emit, size_t hook, size_t n)
{
	return emit->hook_accepts[hook] + (uint32_t)(n * sizeof(struct abi_accept));
}
