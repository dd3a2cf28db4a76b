// SPDX-License-Identifier: Apache-2.0
/*
 * lower.c - a checked policy to predicates; see ir.h.
 *
 * Every operator becomes a set of intervals, patterns or networks, or a mask; a negated operator is
 * its positive twin with `negated`.  What a value means was settled by check: its form says enough.  What has no
 * such set stays as it is written.
 */
#include "compiler/selector/ir.h"

#include <stdlib.h>

#include "bpf-templates/abi.h"
#include "compiler/policy/check.h"

enum { PORT_PRIVILEGED_END = 1024 };	/* as the kernel has it unless it is told otherwise */

struct lowering {
	struct arena *arena;
	const struct ir_hook *hook;
	struct ir_predicate *predicate;
	size_t capacity;		/* of the one list that grows; never two do */
	struct ir_domain domain;
	bool is_opaque;			/* some value is no set */
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
	return ir_key(value, lowering->domain.is_signed);
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
		add_pattern(lowering, ABI_STRING_EXACT, &value->text);
		break;
	case VALUE_UNPARSED:	/* check could not tell the type of what it is compared with */
		lowering->is_opaque = true;
		break;
	}
}

/* The bytes are the name of a list, whose numbers only the target knows. */
static void add_map_member(struct lowering *lowering, const struct policy_value *value)
{
	if (value->form == VALUE_BYTES)
		lowering->is_opaque = true;
	else
		add_member(lowering, value);
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

	if (bound < lowering->domain.keys.high)
		add_interval(lowering, bound + 1, lowering->domain.keys.high);
}

static void add_less(struct lowering *lowering, const struct policy_value *value)
{
	uint64_t bound = key(lowering, value->low);

	if (bound > lowering->domain.keys.low)
		add_interval(lowering, lowering->domain.keys.low, bound - 1);
}

static void add_mask(struct lowering *lowering, const struct policy_value *value)
{
	lowering->predicate->mask |= value->low;
	if (lowering->predicate->mask)
		lowering->predicate->test = IR_MASK;
}

/* host_ns is a name beside numbers, one of which it may stand for. */
static void add_namespace(struct lowering *lowering, const struct policy_value *value)
{
	if (value->form == VALUE_BYTES ? lowering->predicate->intervals.count : lowering->predicate->patterns.count)
		lowering->is_opaque = true;
	else
		add_member(lowering, value);
}

/* A namespace or a capability, by its number. */
static void add_bit(struct lowering *lowering, const struct policy_value *value)
{
	lowering->predicate->mask |= 1ULL << value->low;
	lowering->predicate->test = IR_MASK;
}

static void add_nothing(struct lowering *lowering, const struct policy_value *value)
{
	(void)value;
	lowering->is_opaque = true;
}

typedef void adder(struct lowering *, const struct policy_value *);

/* Operators (the positive ones) whose values are not members of the set. */
static adder *const operator_adders[OPERATOR_COUNT] = {
	[OPERATOR_PREFIX] = add_prefix,
	[OPERATOR_POSTFIX] = add_postfix,
	[OPERATOR_GT] = add_greater,
	[OPERATOR_LT] = add_less,
	[OPERATOR_MASK] = add_mask,
	[OPERATOR_IN_MAP] = add_map_member,
	[OPERATOR_SUBSTRING] = add_nothing,
	[OPERATOR_SUBSTRING_ANY_CASE] = add_nothing,
	[OPERATOR_EXPRESSION] = add_nothing,
};

/* Whatever the operator.  Of what several may hold, a set is a mask. */
static adder *const subject_adders[IR_SUBJECT_END] = {
	[IR_NAMESPACE] = add_namespace,
	[IR_NAMESPACE_CHANGES] = add_bit,
	[IR_CAPABILITIES] = add_bit,
	[IR_CAPABILITY_CHANGES] = add_bit,
};

static adder *adder_of(const struct ir_predicate *predicate, int positive)
{
	if (subject_adders[predicate->subject])
		return subject_adders[predicate->subject];
	return operator_adders[positive] ? operator_adders[positive] : add_member;
}

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

/* Operators that take no values, and still are sets or have none. */
static void add_without_values(struct lowering *lowering, int positive)
{
	if (positive == OPERATOR_SPORT_PRIV || positive == OPERATOR_DPORT_PRIV)
		add_interval(lowering, 0, PORT_PRIVILEGED_END - 1);
	if (positive == OPERATOR_CAPABILITIES_GAINED)
		lowering->is_opaque = true;
}

/* NotIn: some namespace that is not listed has changed. */
static void turn_namespace_changes(struct ir_predicate *predicate)
{
	uint64_t all = 0;
	const char *word;

	for (size_t n = 0; words_at(kind_rows[KIND_NAMESPACE].words, n, &word); n++)
		all |= 1ULL << n;
	predicate->mask = all & ~predicate->mask;
	predicate->test = predicate->mask ? IR_MASK : IR_NEVER;
	predicate->negated = false;
}

static void make_opaque(struct ir_predicate *predicate)
{
	predicate->test = IR_OPAQUE;
	predicate->negated = false;
	predicate->mask = 0;
	predicate->intervals.count = predicate->patterns.count = predicate->networks.count = 0;
}

/* What the values made of it, unless they go together in no set. */
static void settle(struct lowering *lowering)
{
	struct ir_predicate *predicate = lowering->predicate;

	if (predicate->negated && predicate->subject == IR_NAMESPACE_CHANGES)
		turn_namespace_changes(predicate);
	/* NotIn: none that is listed has changed, but another one has. */
	lowering->is_opaque |= predicate->negated && predicate->subject == IR_CAPABILITY_CHANGES;
	if (lowering->is_opaque)
		make_opaque(predicate);
}

static bool looks_at_argument(const struct ir_predicate *predicate)
{
	return predicate->subject == IR_ARGUMENT || predicate->subject == IR_DATA || predicate->subject == IR_RETURN;
}

/* Without values nothing is listed: the positive operator is never satisfied, its negation always. */
static void add_predicate(struct lowering *lowering, struct ir_predicate_list *list, struct ir_predicate start,
			  enum operator_id op, const struct policy_value_list *values)
{
	int negates = operator_rows[op].negates, positive = negates >= 0 ? negates : (int)op;
	struct ir_predicate *predicate = &list->items[list->count++];
	size_t count = 0;

	*predicate = start;
	predicate->test = IR_NEVER;
	predicate->negated = negates >= 0;
	predicate->facet = looks_at_argument(predicate) ? ir_operator_facet(op) : IR_VALUE;
	predicate->written = (struct ir_written_list){ write_down(lowering->arena, start.at.span, op, values), 1 };
	lowering->predicate = predicate;
	lowering->domain = ir_predicate_domain(lowering->hook, predicate);
	lowering->capacity = 0;
	lowering->is_opaque = false;
	if (operator_rows[op].values == VALUES_NONE)
		add_without_values(lowering, positive);
	else
		count = values->count;
	for (size_t n = 0; n < count && !lowering->is_opaque; n++)
		adder_of(predicate, positive)(lowering, &values->items[n]);
	settle(lowering);
}

/* A filter on a program's path without values filters nothing. */
static void lower_binaries(struct lowering *lowering, const struct policy_binary_filter_list *filters,
			   enum ir_subject subject, struct ir_predicate_list *list)
{
	for (size_t n = 0; n < filters->count; n++) {
		const struct policy_binary_filter *filter = &filters->items[n];
		struct ir_predicate start = { .at = place(filter->at), .subject = subject,
					      .follows = filter->follow_children };

		if (filter->values.count)
			add_predicate(lowering, list, start, filter->op, &filter->values);
	}
}

static void lower_pids(struct lowering *lowering, const struct policy_pid_filter_list *filters,
		       struct ir_predicate_list *list)
{
	for (size_t n = 0; n < filters->count; n++) {
		const struct policy_pid_filter *filter = &filters->items[n];
		struct ir_predicate start = { .at = place(filter->at), .subject = IR_PID,
					      .in_namespace = filter->in_namespace, .follows = filter->follow_forks };

		add_predicate(lowering, list, start, filter->op, &filter->values);
	}
}

static void lower_namespaces(struct lowering *lowering, const struct policy_selector *selector,
			     struct ir_predicate_list *list)
{
	for (size_t n = 0; n < selector->namespaces.count; n++) {
		const struct policy_namespace_filter *filter = &selector->namespaces.items[n];
		struct ir_predicate start = { .at = place(filter->at), .subject = IR_NAMESPACE,
					      .position = filter->name };

		add_predicate(lowering, list, start, filter->op, &filter->values);
	}
	for (size_t n = 0; n < selector->namespace_changes.count; n++) {
		const struct policy_namespace_change *filter = &selector->namespace_changes.items[n];
		struct ir_predicate start = { .at = place(filter->at), .subject = IR_NAMESPACE_CHANGES };

		add_predicate(lowering, list, start, filter->op, &filter->values);
	}
}

static void lower_capabilities(struct lowering *lowering, const struct policy_capability_filter_list *filters,
			       enum ir_subject subject, struct ir_predicate_list *list)
{
	for (size_t n = 0; n < filters->count; n++) {
		const struct policy_capability_filter *filter = &filters->items[n];
		struct ir_predicate start = { .at = place(filter->at), .subject = subject, .position = filter->set,
					      .in_namespace = filter->in_namespace };

		add_predicate(lowering, list, start, filter->op, &filter->values);
	}
}

static void lower_argument_filters(struct lowering *lowering, const struct policy_argument_filter_list *filters,
				    enum ir_subject subject, struct ir_predicate_list *list)
{
	for (size_t n = 0; n < filters->count; n++) {
		const struct policy_argument_filter *filter = &filters->items[n];
		struct ir_predicate start = { .at = place(filter->at), .subject = subject,
					      .position = subject == IR_RETURN ? 0 : filter->position };

		if (filter->op == OPERATOR_CAPABILITIES_GAINED && filter->positions.count > 1)
			start.other = (uint32_t)filter->positions.items[1].low;
		if (filter->op == OPERATOR_EXPRESSION)	/* names its arguments itself */
			start = (struct ir_predicate){ .at = start.at, .subject = IR_EXPRESSION };
		add_predicate(lowering, list, start, filter->op, &filter->values);
	}
}

static bool selects_all(const struct policy_label_selector *selector)
{
	return selector && !selector->labels.count && !selector->expressions.count;
}

/* Without any of the three, or with each of them {}, it filters nothing. */
static void lower_workloads(struct lowering *lowering, const struct policy_workloads *workloads,
			    struct ir_predicate_list *list)
{
	static const struct policy_value_list no_values;
	struct ir_predicate start = { .subject = IR_WORKLOADS, .workloads = workloads };

	if (!workloads || (!workloads->pod && !workloads->container && !workloads->host) ||
	    (selects_all(workloads->pod) && selects_all(workloads->container) && selects_all(workloads->host)))
		return;
	start.at = place(workloads->at);
	add_predicate(lowering, list, start, OPERATOR_IN, &no_values);
	make_opaque(lowering->predicate);
}

/* In the order in which they are asked. */
static struct ir_predicate_list lower_predicates(struct lowering *lowering, const struct policy_selector *selector)
{
	struct ir_predicate_list list = { .count = 0 };

	list.items = arena_array(lowering->arena, struct ir_predicate, 1 + selector->binaries.count +
				 selector->parents.count + selector->pids.count + selector->namespaces.count +
				 selector->namespace_changes.count + selector->capabilities.count +
				 selector->capability_changes.count + selector->arguments.count + selector->data.count);
	lower_workloads(lowering, selector->workloads, &list);
	lower_binaries(lowering, &selector->binaries, IR_BINARY, &list);
	lower_binaries(lowering, &selector->parents, IR_PARENT, &list);
	lower_pids(lowering, &selector->pids, &list);
	lower_namespaces(lowering, selector, &list);
	lower_capabilities(lowering, &selector->capabilities, IR_CAPABILITIES, &list);
	lower_capabilities(lowering, &selector->capability_changes, IR_CAPABILITY_CHANGES, &list);
	lower_argument_filters(lowering, &selector->arguments, IR_ARGUMENT, &list);
	lower_argument_filters(lowering, &selector->data, IR_DATA, &list);
	return list;
}

static struct ir_predicate_list lower_return_predicates(struct lowering *lowering,
							 const struct policy_selector *selector)
{
	struct ir_predicate_list list = { .count = 0 };

	list.items = arena_array(lowering->arena, struct ir_predicate, selector->return_arguments.count);
	lower_argument_filters(lowering, &selector->return_arguments, IR_RETURN, &list);
	return list;
}

static struct ir_action_list lower_actions(struct arena *arena, const struct policy_action_list *actions)
{
	struct ir_action_list list = { arena_array(arena, struct ir_action, actions->count), actions->count };

	for (size_t n = 0; n < actions->count; n++) {
		const struct policy_action *action = &actions->items[n];
		int64_t argument = action->action == ACTION_SIGNAL ? action->signal :
			action->action == ACTION_OVERRIDE ? action->error : 0;

		list.items[n] = (struct ir_action){ action->action, (int32_t)argument, action };
	}
	return list;
}

/* No actions mean Post. */
static struct ir_action_list or_post(struct arena *arena, struct ir_action_list list)
{
	if (list.count)
		return list;
	list = (struct ir_action_list){ arena_array(arena, struct ir_action, 1), 1 };
	list.items[0] = (struct ir_action){ .op = ACTION_POST };
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
			.actions = or_post(arena, lower_actions(arena, &selector->actions)),
			.return_predicates = lower_return_predicates(&lowering, selector),
			.return_actions = lower_actions(arena, &selector->return_actions),
			.label = selector->label,
		};
	}
}

/* Where arguments come from, by kind of hook. */
static const uint8_t argument_sources[HOOK_COUNT] = {
	[HOOK_KPROBE] = ABI_SOURCE_ARGUMENT,
	[HOOK_FENTRY] = ABI_SOURCE_ARGUMENT,
	[HOOK_TRACEPOINT] = ABI_SOURCE_FIELD,
	[HOOK_RAW_TRACEPOINT] = ABI_SOURCE_ARGUMENT,
	[HOOK_LSM] = ABI_SOURCE_ARGUMENT,
	[HOOK_UPROBE] = ABI_SOURCE_ARGUMENT,
	[HOOK_USDT] = ABI_SOURCE_ARGUMENT,
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
		.as_written = argument,
	};
}

static void lower_arguments(struct arena *arena, const struct policy_hook *hook, struct ir_hook *ret)
{
	size_t count = hook->arguments.count;

	ret->arguments = (struct ir_argument_list){ arena_array(arena, struct ir_argument, count), count };
	for (size_t n = 0; n < count; n++)
		ret->arguments.items[n] = lower_argument(&hook->arguments.items[n], argument_sources[hook->kind]);
	ret->data = (struct ir_argument_list){ arena_array(arena, struct ir_argument, hook->data.count),
					       hook->data.count };
	for (size_t n = 0; n < hook->data.count; n++) {
		ret->data.items[n] = lower_argument(&hook->data.items[n], 0);
		ret->data.items[n].index = (uint8_t)n;	/* filters go by the position */
	}
	if (!hook->returns || !hook->return_argument)
		return;
	ret->return_argument = arena_new(arena, struct ir_argument);
	*ret->return_argument = lower_argument(hook->return_argument, ABI_SOURCE_RETURN);
}

static bool is_call(enum hook_kind kind)
{
	return kind == HOOK_KPROBE || kind == HOOK_FENTRY;
}

static const struct policy_name_list *list_of(const struct policy *policy, const struct policy_hook *hook)
{
	if (!is_call(hook->kind) || !is_list_reference(&hook->name))
		return NULL;
	return policy_find_list(policy, &hook->name);
}

static void lower_hook(struct arena *arena, const struct policy *policy, const struct policy_hook *hook,
		       struct ir_hook *ret)
{
	*ret = (struct ir_hook){
		.at = place(hook->at),
		.kind = hook->kind,
		.name = hook->name,
		.subsystem = hook->subsystem,
		.syscall = is_call(hook->kind) && hook->syscall,
		.returns = hook->returns,
		.message = hook->message,
		.tags = { arena_array(arena, struct text, hook->tags.count), hook->tags.count },
		.as_written = hook,
		.list = list_of(policy, hook),
	};
	for (size_t n = 0; n < hook->tags.count; n++)
		ret->tags.items[n] = hook->tags.items[n];
	lower_arguments(arena, hook, ret);
	lower_selectors(arena, hook, ret);
}

static int by_place(const void *a, const void *b)
{
	const struct ir_later *x = a, *y = b;

	return (x->at.span.start > y->at.span.start) - (x->at.span.start < y->at.span.start);
}

/* What was found inside the policy. */
static struct ir_later_list later_of(struct arena *arena, const struct policy *policy,
				     const struct diagnostics *diagnostics)
{
	struct ir_later_list list = { .count = 0 };
	size_t capacity = 0;

	for (size_t n = 0; n < diagnostics->later_count; n++) {
		const struct diagnostic *one = &diagnostics->later[n];

		if (one->at.start < policy->at.start || one->at.start >= policy->at.end)
			continue;
		list.items = arena_grow(arena, list.items, list.count, &capacity, sizeof(*list.items));
		list.items[list.count++] = (struct ir_later){ place(one->at), one->message };
	}
	if (list.count)
		qsort(list.items, list.count, sizeof(*list.items), by_place);
	return list;
}

static void lower_policy(struct arena *arena, const struct policy *policy, const struct diagnostics *diagnostics,
			 struct ir_policy *ret)
{
	size_t count = policy->hooks.count;

	*ret = (struct ir_policy){
		.at = place(policy->at),
		.name = policy->name,
		.source_name = policy->at.source ? policy->at.source->name : "",
		.monitor = policy->mode == MODE_MONITOR || !policy->enforces,
		.enforces = policy->enforces,
		.hooks = { arena_array(arena, struct ir_hook, count), count },
		.as_written = policy,
		.later = later_of(arena, policy, diagnostics),
	};
	for (size_t n = 0; n < count; n++)
		lower_hook(arena, policy, &policy->hooks.items[n], &ret->hooks.items[n]);
}

int ir_lower(const struct policy_list *policies, struct arena *arena, struct diagnostics *diagnostics,
	     struct ir_list **ret)
{
	struct ir_list *list = arena_new(arena, struct ir_list);

	*list = (struct ir_list){ arena_array(arena, struct ir_policy, policies->count), policies->count };
	for (size_t n = 0; n < policies->count; n++)
		lower_policy(arena, &policies->items[n], diagnostics, &list->items[n]);
	*ret = list;
	return 0;
}
