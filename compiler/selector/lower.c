// SPDX-License-Identifier: Apache-2.0
/*
 * lower.c - a checked policy to predicates; see ir.h.
 *
 * Every operator becomes a set of intervals, patterns or networks, or a mask; a negated operator is
 * its positive twin with `negated`.  What a value means was settled by check: its form says enough.
 */
#include "compiler/selector/ir.h"

#include "bpf-templates/abi.h"

struct lowering {
	struct arena *arena;
	const struct ir_hook *hook;
	struct ir_predicate *predicate;
	size_t capacity;		/* of the one list that grows */
	bool is_signed;
	struct ir_interval domain;
};

static struct ir_place place(struct span at)
{
	return (struct ir_place){ .span = at };
}

static void add_interval(struct lowering *lowering, uint64_t low, uint64_t high)
{
	struct ir_interval_list *list = &lowering->predicate->intervals;

	list->items = arena_grow(lowering->arena, list->items, list->count, &lowering->capacity,
				 sizeof(*list->items));
	list->items[list->count++] = (struct ir_interval){ low, high };
	lowering->predicate->test = IR_INTERVALS;
}

static void add_pattern(struct lowering *lowering, enum abi_string_kind kind, const struct text *text)
{
	struct ir_pattern_list *list = &lowering->predicate->patterns;

	list->items = arena_grow(lowering->arena, list->items, list->count, &lowering->capacity,
				 sizeof(*list->items));
	list->items[list->count++] = (struct ir_pattern){ kind, (uint32_t)text->length, text->bytes };
	lowering->predicate->test = IR_STRINGS;
}

static void add_network(struct lowering *lowering, const struct policy_value *value)
{
	struct ir_network_list *list = &lowering->predicate->networks;
	struct ir_network network = { .family = value->family, .prefix = value->prefix };

	list->items = arena_grow(lowering->arena, list->items, list->count, &lowering->capacity,
				 sizeof(*list->items));
	for (size_t n = 0; n < (value->family == 4 ? 4 : 16); n++)
		network.address[n] = value->address[n];
	list->items[list->count++] = network;
	lowering->predicate->test = IR_NETWORKS;
}

static uint64_t key(const struct lowering *lowering, uint64_t value)
{
	return ir_key(value, lowering->is_signed);
}

/* Equal and whatever else lists the values themselves: the form says how they are held. */
static void add_member(struct lowering *lowering, const struct policy_value *value)
{
	switch (value->form) {
	case VALUE_INTEGER:
		add_interval(lowering, key(lowering, value->low), key(lowering, value->low));
		break;
	case VALUE_RANGE:
		add_interval(lowering, key(lowering, value->low), key(lowering, value->high));
		break;
	case VALUE_ADDRESS:
		add_network(lowering, value);
		break;
	case VALUE_BYTES:
	case VALUE_UNPARSED:
		add_pattern(lowering, ABI_STRING_EXACT, &value->text);
		break;
	}
}

static void add_prefix(struct lowering *lowering, const struct policy_value *value)
{
	add_pattern(lowering, ABI_STRING_PREFIX, &value->text);
}

static void add_postfix(struct lowering *lowering, const struct policy_value *value)
{
	add_pattern(lowering, ABI_STRING_POSTFIX, &value->text);
}

static void add_greater(struct lowering *lowering, const struct policy_value *value)
{
	uint64_t bound = key(lowering, value->low);

	if (bound < lowering->domain.high)
		add_interval(lowering, bound + 1, lowering->domain.high);
}

static void add_less(struct lowering *lowering, const struct policy_value *value)
{
	uint64_t bound = key(lowering, value->low);

	if (bound > lowering->domain.low)
		add_interval(lowering, lowering->domain.low, bound - 1);
}

static void add_mask(struct lowering *lowering, const struct policy_value *value)
{
	lowering->predicate->mask |= value->low;
	if (lowering->predicate->mask)
		lowering->predicate->test = IR_MASK;
}

/* Operators (the positive ones) whose values are not members of the set. */
static void (*const adders[OPERATOR_COUNT])(struct lowering *, const struct policy_value *) = {
	[OPERATOR_PREFIX] = add_prefix,
	[OPERATOR_POSTFIX] = add_postfix,
	[OPERATOR_GT] = add_greater,
	[OPERATOR_LT] = add_less,
	[OPERATOR_MASK] = add_mask,
};

static struct ir_written *write_down(struct arena *arena, struct span at, enum operator_id op,
				     const struct policy_value_list *values)
{
	struct ir_written *written = arena_new(arena, struct ir_written);

	*written = (struct ir_written){ .at = place(at), .op = op };
	written->values.count = values->count;
	written->values.items = arena_array(arena, struct text, values->count);
	for (size_t n = 0; n < values->count; n++)
		written->values.items[n] = values->items[n].text;
	return written;
}

/* Without values nothing is listed: the positive operator is never satisfied, its negation always. */
static void add_predicate(struct lowering *lowering, struct ir_predicate_list *list, struct ir_predicate start,
			  enum operator_id op, const struct policy_value_list *values)
{
	int positive = operator_rows[op].negates;
	uint8_t load;

	lowering->predicate = &list->items[list->count++];
	*lowering->predicate = start;
	lowering->predicate->test = IR_NEVER;
	lowering->predicate->negated = positive >= 0;
	lowering->predicate->written =
		(struct ir_written_list){ write_down(lowering->arena, start.at.span, op, values), 1 };
	load = ir_predicate_load(lowering->hook, lowering->predicate);
	lowering->is_signed = ir_load_is_signed(load);
	lowering->domain = ir_load_domain(load);
	lowering->capacity = 0;
	positive = positive >= 0 ? positive : (int)op;
	for (size_t n = 0; n < values->count; n++)
		(adders[positive] ? adders[positive] : add_member)(lowering, &values->items[n]);
}

/* Binaries, pids, arguments.  A matchBinaries without values filters nothing. */
static struct ir_predicate_list lower_predicates(struct lowering *lowering, const struct policy_selector *selector)
{
	struct ir_predicate_list list = { .count = 0 };

	list.items = arena_array(lowering->arena, struct ir_predicate,
				 selector->binaries.count + selector->pids.count + selector->arguments.count);
	for (size_t n = 0; n < selector->binaries.count; n++) {
		const struct policy_binary_filter *filter = &selector->binaries.items[n];
		struct ir_predicate start = { .at = place(filter->at), .subject = IR_BINARY };

		if (filter->values.count)
			add_predicate(lowering, &list, start, filter->op, &filter->values);
	}
	for (size_t n = 0; n < selector->pids.count; n++) {
		const struct policy_pid_filter *filter = &selector->pids.items[n];
		struct ir_predicate start = { .at = place(filter->at), .subject = IR_PID };

		add_predicate(lowering, &list, start, filter->op, &filter->values);
	}
	for (size_t n = 0; n < selector->arguments.count; n++) {
		const struct policy_argument_filter *filter = &selector->arguments.items[n];
		struct ir_predicate start = { .at = place(filter->at), .subject = IR_ARGUMENT,
					      .position = filter->position };

		add_predicate(lowering, &list, start, filter->op, &filter->values);
	}
	return list;
}

/* No actions mean Post. */
static struct ir_action_list lower_actions(struct arena *arena, const struct policy_action_list *actions)
{
	size_t count = actions->count ? actions->count : 1;
	struct ir_action_list list = { arena_array(arena, struct ir_action, count), count };

	list.items[0] = (struct ir_action){ ACTION_POST, 0 };
	for (size_t n = 0; n < actions->count; n++) {
		const struct policy_action *action = &actions->items[n];
		int64_t argument = action->has_signal ? action->signal : action->has_error ? action->error : 0;

		list.items[n] = (struct ir_action){ action->action, (int32_t)argument };
	}
	return list;
}

/* A hook without selectors is one that matches every call. */
static void lower_selectors(struct arena *arena, const struct policy_hook *hook, struct ir_hook *ret)
{
	static const struct policy_selector empty;
	struct lowering lowering = { .arena = arena, .hook = ret };
	size_t count = hook->selectors.count ? hook->selectors.count : 1;

	ret->selectors_written = (uint32_t)hook->selectors.count;
	ret->selectors = (struct ir_selector_list){ arena_array(arena, struct ir_selector, count), count };
	for (size_t n = 0; n < count; n++) {
		const struct policy_selector *selector = hook->selectors.count ? &hook->selectors.items[n] : &empty;

		ret->selectors.items[n] = (struct ir_selector){
			.at = place(hook->selectors.count ? selector->at : hook->at),
			.index = (uint32_t)n,
			.predicates = lower_predicates(&lowering, selector),
			.actions = lower_actions(arena, &selector->actions),
		};
	}
}

/* Where arguments come from, by kind of hook. */
static const uint8_t argument_sources[HOOK_COUNT] = {
	[HOOK_KPROBE] = ABI_SOURCE_ARGUMENT,
	[HOOK_TRACEPOINT] = ABI_SOURCE_FIELD,
	[HOOK_RAW_TRACEPOINT] = ABI_SOURCE_ARGUMENT,
	[HOOK_LSM] = ABI_SOURCE_ARGUMENT,
};

static struct ir_argument lower_argument(const struct policy_argument *argument, uint8_t source)
{
	return (struct ir_argument){
		.at = place(argument->at),
		.type = argument->type,
		.load = type_rows[argument->type].load,
		.source = source,
		.index = source == ABI_SOURCE_RETURN ? 0 : (uint8_t)argument->index,
		.label = argument->label,
	};
}

static void lower_arguments(struct arena *arena, const struct policy_hook *hook, struct ir_hook *ret)
{
	size_t count = hook->arguments.count;

	ret->arguments = (struct ir_argument_list){ arena_array(arena, struct ir_argument, count), count };
	for (size_t n = 0; n < count; n++)
		ret->arguments.items[n] = lower_argument(&hook->arguments.items[n], argument_sources[hook->kind]);
	if (!hook->returns || !hook->return_argument)
		return;
	ret->return_argument = arena_new(arena, struct ir_argument);
	*ret->return_argument = lower_argument(hook->return_argument, ABI_SOURCE_RETURN);
}

static void lower_hook(struct arena *arena, const struct policy_hook *hook, struct ir_hook *ret)
{
	*ret = (struct ir_hook){
		.at = place(hook->at),
		.kind = hook->kind,
		.name = hook->name,
		.subsystem = hook->subsystem,
		.syscall = hook->kind == HOOK_KPROBE && hook->syscall,
		.returns = hook->kind == HOOK_KPROBE && hook->returns,
		.message = hook->message,
		.tags = { arena_array(arena, struct text, hook->tags.count), hook->tags.count },
	};
	for (size_t n = 0; n < hook->tags.count; n++)
		ret->tags.items[n] = hook->tags.items[n];
	lower_arguments(arena, hook, ret);
	lower_selectors(arena, hook, ret);
}

static void lower_policy(struct arena *arena, const struct policy *policy, struct ir_policy *ret)
{
	size_t count = policy->hooks.count;

	*ret = (struct ir_policy){
		.at = place(policy->at),
		.name = policy->name,
		.source_name = policy->at.source ? policy->at.source->name : "",
		.monitor = policy->mode == MODE_MONITOR || !policy->enforces,
		.enforces = policy->enforces,
		.hooks = { arena_array(arena, struct ir_hook, count), count },
	};
	for (size_t n = 0; n < count; n++)
		lower_hook(arena, &policy->hooks.items[n], &ret->hooks.items[n]);
}

int ir_lower(const struct policy_list *policies, struct arena *arena, struct diagnostics *diagnostics,
	     struct ir_list **ret)
{
	struct ir_list *list = arena_new(arena, struct ir_list);

	(void)diagnostics;
	*list = (struct ir_list){ arena_array(arena, struct ir_policy, policies->count), policies->count };
	for (size_t n = 0; n < policies->count; n++)
		lower_policy(arena, &policies->items[n], &list->items[n]);
	*ret = list;
	return 0;
}
