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

static bool names_socket(const struct ir_action *action)
{
	return action->op == ACTION_TRACK_SOCK || action->op == ACTION_UNTRACK_SOCK;
}

/* Of the hook on whose side the action is; -1: of no argument. */
static int32_t action_slot(const struct merged_entry *entry, const struct ir_action *action, bool returns)
{
	if (action->argument < 0 || (returns && !names_socket(action)))
		return -1;
	return returns ? entry->tracked_slots[action->argument] : entry->slots[action->argument];
}

/* Of sockets that the selector's actions are about. */
static uint32_t tracked_slots(const struct merged_entry *entry, const struct ir_action_list *actions, bool returns)
{
	uint32_t slots = 0;

	for (size_t n = 0; n < actions->count; n++)
		if (names_socket(&actions->items[n]) && action_slot(entry, &actions->items[n], returns) >= 0)
			slots |= 1u << action_slot(entry, &actions->items[n], returns);
	return slots;
}

static struct abi_action make_action(const struct merged_entry *entry, const struct ir_action *action, bool returns)
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
		ret.argument = action_slot(entry, action, returns);
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

static bool list_has_socket(const struct ir_argument_list *arguments)
{
	for (size_t n = 0; n < arguments->count; n++)
		switch (arguments->items[n].load) {
		case ABI_LOAD_SOCK:
		case ABI_LOAD_SOCKET:
		case ABI_LOAD_SKB:
			return true;
		default:
			break;
		}
	return false;
}

static bool list_is_long(const struct ir_argument_list *arguments)
{
	for (size_t n = 0; n < arguments->count; n++)
		if (arguments->items[n].max_data)
			return true;
	return false;
}

/* Of the call, or of its return. */
static uint32_t chunk_flags(const struct ir_hook *hook)
{
	return list_is_long(&hook->arguments) || list_is_long(&hook->data) ||
	       (hook->return_argument && hook->return_argument->max_data) ? ABI_ACCEPT_CHUNKS : 0;
}

/* Whose the event is, and what becomes of the sockets that the call has or returns. */
static uint32_t owner_flags(const struct emit *emit, const struct merged_entry *entry, const struct ir_selector *selector)
{
	static const uint32_t of_return[] = {
		[IR_RETURN_NOTHING] = 0, [IR_RETURN_TRACK] = ABI_ACCEPT_TRACK_RETURN, [IR_RETURN_UNTRACK] = ABI_ACCEPT_UNTRACK_RETURN,
	};

	const bool has_socket = list_has_socket(&entry->ir->arguments) || list_has_socket(&entry->ir->data);

	return (has_socket && emit->merged->policies[entry->policy].tracks ? ABI_ACCEPT_OWNERS : 0) |
	       (tracked_slots(entry, &selector->actions, false) ? ABI_ACCEPT_TRACKS : 0) |
	       (hook_needs_return(entry->ir) ? of_return[entry->ir->return_action] : 0);
}

static struct abi_accept accept_of_call(const struct emit *emit, const struct merged_entry *entry,
					const struct ir_selector *selector)
{
	return (struct abi_accept){
		.policy = entry->policy, .policy_id = (uint16_t)emit->merged->policies[entry->policy].id,
		.selector = (uint16_t)selector->index, .hook_index = (uint16_t)entry->hook_index,
		.action_count = (uint16_t)selector->actions.count,
		.report_slots = report_slots(entry) | extra_slots(entry, selector) | tracked_slots(entry, &selector->actions, false),
		.return_slots = return_slots(entry),
		.flags = (hook_needs_return(entry->ir) ? ABI_ACCEPT_RETURN : 0) | action_flags(&selector->actions) | note_flags(selector) |
			 owner_flags(emit, entry, selector) | chunk_flags(entry->ir),
	};
}

static struct abi_accept accept_of_return(const struct emit *emit, const struct merged_entry *entry,
					  const struct ir_selector *selector)
{
	return (struct abi_accept){
		.policy = entry->policy, .policy_id = (uint16_t)emit->merged->policies[entry->policy].id,
		.selector = (uint16_t)selector->index, .hook_index = (uint16_t)entry->hook_index,
		.action_count = (uint16_t)selector->return_actions.count,
		.report_slots = return_slots(entry) | tracked_slots(entry, &selector->return_actions, true),
		.flags = action_flags(&selector->return_actions) |
			 (tracked_slots(entry, &selector->return_actions, true) ? ABI_ACCEPT_TRACKS : 0),
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
		struct abi_action action = make_action(entry, &actions->items[n], hook->returns);

		buffer_add(&emit->image, &action, sizeof(action));
	}
}

_Static_assert(ABI_ASSIGNMENTS_MAX == LIMIT_TETRAGON_REGISTERS + 1, "those that are made, and where the call goes on");

static bool makes_assignments(const struct merged_hook *hook, const struct ir_action *action)
{
	return action->op == ACTION_OVERRIDE && hook->kind == HOOK_UPROBE && !hook->returns && !action->returns;
}

/* Those of argRegs; more are not made, which was said (TP521). */
static size_t register_count_of(const struct ir_action *action)
{
	return action->registers.count < LIMIT_TETRAGON_REGISTERS ? action->registers.count : LIMIT_TETRAGON_REGISTERS;
}

static bool jumps(const struct ir_action *action)
{
	return action->text.bytes || action->new_address || action->new_offset;
}

static void add_assignment(struct emit *emit, struct emit_assignment assignment)
{
	static const struct abi_assignment none;

	assignment.at = (uint32_t)emit->image.length;
	emit->assignments = arena_grow(emit->arena, emit->assignments, emit->assignment_count, &emit->assignment_room,
				       sizeof(*emit->assignments));
	emit->assignments[emit->assignment_count++] = assignment;
	buffer_add(&emit->image, &none, sizeof(none));
}

static void add_assignments(struct emit *emit, const struct merged_hook *hook, const struct merged_entry *entry,
			    const struct ir_selector *selector, void *context)
{
	const struct ir_action_list *actions = hook->returns ? &selector->return_actions : &selector->actions;
	size_t *action = context;

	for (size_t n = 0; n < actions->count; n++, *action += sizeof(struct abi_action)) {
		const struct ir_action *one = &actions->items[n];
		const size_t registers = register_count_of(one);
		const struct abi_assignments head = { .count = (uint32_t)(registers + jumps(one)) };
		const uint32_t at = (uint32_t)emit->image.length;

		if (!makes_assignments(hook, one) || !head.count)
			continue;
		memcpy(emit->image.bytes + *action + offsetof(struct abi_action, assignments), &at, sizeof(at));
		buffer_add(&emit->image, &head, sizeof(head));
		for (size_t i = 0; i < head.count; i++)
			add_assignment(emit, (struct emit_assignment){ .hook = hook, .entry = entry, .selector = selector, .action = one,
								       .number = i < registers ? i : SIZE_MAX });
	}
}

int emit_accepts(struct emit *emit)
{
	const struct merged *merged = emit->merged;
	size_t accept, action;

	emit_begin_section(emit, ABI_SECTION_ACCEPTS);
	for (size_t h = 0; h < merged->hook_count; h++) {
		emit->hook_accepts[h] = (uint32_t)emit->image.length;
		walk(emit, h, add_accept, NULL);
	}
	accept = emit->header.sections[ABI_SECTION_ACCEPTS].offset;
	for (size_t h = 0; h < merged->hook_count; h++)
		walk(emit, h, add_actions, &accept);
	action = accept;
	for (size_t h = 0; h < merged->hook_count; h++)
		walk(emit, h, add_assignments, &action);
	emit_end_section(emit, ABI_SECTION_ACCEPTS);
	return 0;
}

uint32_t emit_accept_at(const struct emit *emit, size_t hook, size_t n)
{
	return emit->hook_accepts[hook] + (uint32_t)(n * sizeof(struct abi_accept));
}
