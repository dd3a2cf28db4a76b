// SPDX-License-Identifier: Apache-2.0
/* meeting.c - see meeting.h. */
#include "compiler/selector/meeting.h"

#include <string.h>

/* ---- Stances ---- */

static int rank(const struct ir_action *action)
{
	if (action->op == ACTION_OVERRIDE)
		return 3;
	return action_rows[action->op].enforces ? 2 : action->op == ACTION_NO_POST;
}

/* The one that says most, the first of equals; NULL when none says anything to other policies. */
static const struct ir_action *main_action(const struct ir_selector *selector)
{
	const struct ir_action *found = NULL;

	for (size_t n = 0; n < selector->actions.count; n++)
		if (rank(&selector->actions.items[n]) > (found ? rank(found) : 0))
			found = &selector->actions.items[n];
	return found;
}

static enum stance stance_of(const struct ir_policy *policy, const struct ir_action *action)
{
	if (!action)
		return STANCE_NONE;
	if (action->op == ACTION_NO_POST)	/* an exception of a rule says nothing of other policies */
		return policy->as_written && policy->as_written->of_rules ? STANCE_NONE : STANCE_QUIET;
	return policy->monitor ? STANCE_TRIES : STANCE_ENFORCES;
}

bool meeting_concerns(const struct ir_policy *policy, const struct ir_hook *hook)
{
	for (size_t n = 0; n < hook->selectors.count; n++)
		if (stance_of(policy, main_action(&hook->selectors.items[n])) != STANCE_NONE)
			return true;
	return false;
}

/* An Override of a user program may set registers. */
static const char *describe(const struct ir_action *action, struct arena *arena)
{
	const char *name = action_rows[action->op].name;

	if (action->op == ACTION_OVERRIDE && action->returns)
		return arena_format(arena, "%s with %d", name, (int)action->argument);
	if (action->op == ACTION_OVERRIDE)
		return arena_format(arena, "%s of registers", name);
	if (action->op == ACTION_SIGNAL)
		return arena_format(arena, "%s %d", name, (int)action->argument);
	return name;
}

/* Of an Override, for comparison with others only. */
static const char *effect_of(const struct ir_action *action, struct arena *arena)
{
	const char *ret;

	if (action->returns)
		return arena_format(arena, "%d", (int)action->argument);
	ret = arena_format(arena, "%s,%lld,%lld", action->text.bytes ? action->text.bytes : "", (long long)action->new_address,
			   (long long)action->new_offset);
	for (size_t n = 0; n < action->registers.count; n++)
		ret = arena_format(arena, "%s,%s", ret, action->registers.items[n].bytes);
	return ret;
}

/* ---- Subjects ---- */

static bool is_same_text(const struct text *a, const struct text *b)
{
	return a->length == b->length && (!a->length || !memcmp(a->bytes, b->bytes, a->length));
}

/* Read from the same place in the same way. */
static bool is_same_argument(const struct ir_argument *a, const struct ir_argument *b)
{
	return a->type == b->type && a->load == b->load && a->index == b->index && a->source == b->source &&
	       is_same_text(&a->resolve, &b->resolve) && is_same_text(&a->btf_type, &b->btf_type) &&
	       is_same_text(&a->btf_module, &b->btf_module) && a->size_index == b->size_index && a->folder == b->folder &&
	       a->return_copy == b->return_copy && a->max_data == b->max_data;
}

static struct text copy_text(const struct text *text, struct arena *arena)
{
	return (struct text){ arena_copy(arena, text->bytes ? text->bytes : "", text->length), text->length, { 0 } };
}

static struct ir_argument copy_argument(const struct ir_argument *argument, struct arena *arena)
{
	return (struct ir_argument){
		.type = argument->type, .load = argument->load, .source = argument->source, .index = argument->index,
		.size_index = argument->size_index, .folder = argument->folder, .return_copy = argument->return_copy, .max_data = argument->max_data,
		.resolve = copy_text(&argument->resolve, arena), .btf_type = copy_text(&argument->btf_type, arena),
		.btf_module = copy_text(&argument->btf_module, arena),
	};
}

static uint32_t position_in(struct ir_argument_list *list, size_t *room, const struct ir_argument *argument,
			    struct arena *arena)
{
	for (size_t n = 0; n < list->count; n++)
		if (is_same_argument(&list->items[n], argument))
			return (uint32_t)n;
	list->items = arena_grow(arena, list->items, list->count, room, sizeof(*list->items));
	list->items[list->count] = copy_argument(argument, arena);
	return (uint32_t)list->count++;
}

/* ---- Copies ---- */

static void copy_set(struct ir_predicate *predicate, struct arena *arena)
{
	struct ir_pattern *patterns = arena_array(arena, struct ir_pattern, predicate->patterns.count);
	struct ir_interval *intervals = arena_array(arena, struct ir_interval, predicate->intervals.count);
	struct ir_network *networks = arena_array(arena, struct ir_network, predicate->networks.count);

	for (size_t n = 0; n < predicate->patterns.count; n++) {
		patterns[n] = predicate->patterns.items[n];
		patterns[n].bytes = arena_copy(arena, patterns[n].bytes, patterns[n].length);
	}
	for (size_t n = 0; n < predicate->intervals.count; n++)
		intervals[n] = predicate->intervals.items[n];
	for (size_t n = 0; n < predicate->networks.count; n++)
		networks[n] = predicate->networks.items[n];
	predicate->patterns.items = patterns;
	predicate->intervals.items = intervals;
	predicate->networks.items = networks;
}

/* What is compared as it was written may be about names of its own policy: nothing is like it. */
static struct ir_predicate copy_predicate(struct meeting *meeting, const struct ir_hook *hook,
					  const struct ir_predicate *predicate, struct arena *arena)
{
	struct ir_predicate copy = *predicate;

	copy.written = (struct ir_written_list){ NULL, 0 };
	copy.workloads = NULL;
	copy.condition = NULL;
	if (ir_test_is_opaque(copy.test)) {
		copy.subject = IR_EXPRESSION;
		copy.position = meeting->opaque_count++;
		return copy;
	}
	if (copy.subject == IR_ARGUMENT)
		copy.position = position_in(&meeting->hook.arguments, &meeting->argument_room,
					    &hook->arguments.items[predicate->position], arena);
	if (copy.subject == IR_DATA)
		copy.position = position_in(&meeting->hook.data, &meeting->data_room,
					    &hook->data.items[predicate->position], arena);
	copy_set(&copy, arena);
	return copy;
}

static struct deed copy_deed(struct meeting *meeting, const struct ir_policy *policy, const struct ir_hook *hook,
			     const struct ir_selector *selector, struct arena *arena)
{
	const struct ir_action *action = main_action(selector);
	const size_t count = selector->predicates.count;
	struct deed deed = {
		.predicates = { arena_array(arena, struct ir_predicate, count), count },
		.stance = stance_of(policy, action),
		.says = action ? describe(action, arena) : "",
		.overrides = action && action->op == ACTION_OVERRIDE,
		.assigns = action && action->op == ACTION_OVERRIDE && !action->returns,
		.effect = action ? effect_of(action, arena) : "",
		.at = action && action->as_written ? action->as_written->at : selector->at.span,
	};

	/* The scope of the policy is compared apart from the selectors; see conflict.c. */
	deed.predicates.count = 0;
	for (size_t n = 0; n < count; n++)
		if (!policy->scope || selector->predicates.items[n].workloads != policy->scope)
			deed.predicates.items[deed.predicates.count++] =
				copy_predicate(meeting, hook, &selector->predicates.items[n], arena);
	return deed;
}

struct party meeting_copy(struct meeting *meeting, const struct ir_policy *policy, const struct ir_hook *hook,
			  struct budget *budget, struct arena *arena)
{
	struct party party = { .deeds = arena_array(arena, struct deed, hook->selectors.count),
			       .count = hook->selectors.count };

	for (size_t n = 0; n < party.count; n++)
		party.deeds[n] = copy_deed(meeting, policy, hook, &hook->selectors.items[n], arena);
	for (size_t n = 0; n < party.count; n++)
		party.deeds[n].claims = claims_of(&party.deeds[n].predicates, &meeting->hook, budget, arena);
	return party;
}
