// SPDX-License-Identifier: Apache-2.0
/*
 * lower_filter.c - the filters of a selector to predicates; see lower.h.
 *
 * Every operator becomes a set of intervals, patterns or networks, or a mask; a negated operator is
 * its positive twin with `negated`.  What a value means was settled by check: its form says enough.  What has no
 * such set has a test of its own.
 */
#include "compiler/selector/lower.h"

#include "bpf-templates/abi.h"
#include "compiler/policy/check.h"

enum { PORT_PRIVILEGED_END = 1024 };	/* as the kernel has it unless it is told otherwise */

struct lowering {
	struct lower_policy *policy;
	struct arena *arena;
	const struct ir_hook *hook;
	struct ir_predicate *predicate;
	size_t capacity;		/* of the one list that grows; never two do */
	struct ir_domain domain;
	bool is_opaque;			/* some value is no set */
	bool is_everything;		/* some value is satisfied by whatever can be read */
};

static void add_interval(struct lowering *lowering, uint64_t low, uint64_t high)
{
	struct ir_interval_list *list = &lowering->predicate->intervals;

	list->items = arena_grow(lowering->arena, list->items, list->count, &lowering->capacity,
				 sizeof(*list->items));
	list->items[list->count++] = (struct ir_interval){ low, high };
	lowering->predicate->test = IR_INTERVALS;
}

static void add_pattern(struct lowering *lowering, uint32_t kind, const struct text *text)
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

/* Of type auto: what is the same number of whatever sign and width; anything else needs the type. */
static void add_unparsed(struct lowering *lowering, const struct policy_value *value)
{
	uint64_t number;

	if (value_is_plain_number(value, &number))
		add_interval(lowering, number, number);
	else
		lowering->is_opaque = true;
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
		add_unparsed(lowering, value);
		break;
	}
}

/* The bytes are the name of a list of system calls.  One of which x86-64 has none is not proved to be empty. */
static void add_map_member(struct lowering *lowering, const struct policy_value *value)
{
	const struct ir_interval_list *numbers;

	if (value->form != VALUE_BYTES) {
		add_member(lowering, value);
		return;
	}
	numbers = lower_numbers(lowering->policy, &value->text);
	lowering->is_opaque |= !numbers->count;
	for (size_t n = 0; n < numbers->count; n++)
		add_interval(lowering, numbers->items[n].low, numbers->items[n].high);
}

static void add_prefix(struct lowering *lowering, const struct policy_value *value)
{
	add_pattern(lowering, ABI_STRING_PREFIX, &value->text);
}

static void add_postfix(struct lowering *lowering, const struct policy_value *value)
{
	add_pattern(lowering, ABI_STRING_POSTFIX, &value->text);
}

/* Everything contains the empty string. */
static void add_substring(struct lowering *lowering, const struct policy_value *value)
{
	add_pattern(lowering, ABI_SUBSTRING, &value->text);
	lowering->predicate->test = IR_SUBSTRINGS;
	lowering->is_everything |= !value->text.length;
}

static void add_substring_any_case(struct lowering *lowering, const struct policy_value *value)
{
	add_substring(lowering, value);
	lowering->predicate->patterns.items[lowering->predicate->patterns.count - 1].kind = ABI_SUBSTRING_ANY_CASE;
}

static void add_glob(struct lowering *lowering, const struct policy_value *value)
{
	add_pattern(lowering, ABI_GLOB, &value->text);
	lowering->predicate->test = IR_SUBSTRINGS;
}

enum { FILE_TYPE_BITS = 0170000 };

/* All modes of files of the type. */
static void add_file_type(struct lowering *lowering, const struct policy_value *value)
{
	add_interval(lowering, value->low, value->low | (0177777 & ~FILE_TYPE_BITS));
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

/* Of the bits that the number has: those of a negative one that was made wider are not its own. */
static void add_mask(struct lowering *lowering, const struct policy_value *value)
{
	const struct ir_domain *domain = &lowering->domain;
	uint64_t bits = domain->is_signed ? ir_key(domain->keys.high, true) << 1 | 1 : domain->keys.high;

	lowering->predicate->mask |= value->low & bits;
	if (lowering->predicate->mask)
		lowering->predicate->test = IR_MASK;
}

/* host_ns is a name beside numbers, one of which it may stand for; alone it is a set of its own. */
static void add_namespace(struct lowering *lowering, const struct policy_value *value)
{
	struct ir_predicate *predicate = lowering->predicate;
	bool is_host = value->form == VALUE_BYTES;

	if (is_host && predicate->intervals.count) {
		predicate->test = IR_HOST;
	} else if (is_host) {
		if (!predicate->patterns.count)
			add_member(lowering, value);
	} else {
		bool has_host = predicate->test == IR_STRINGS || predicate->test == IR_HOST;

		if (predicate->patterns.count)
			lowering->capacity = 0;
		predicate->patterns.count = 0;
		add_member(lowering, value);
		predicate->test = has_host ? IR_HOST : IR_INTERVALS;
	}
}

/* A namespace or a capability, by its number. */
static void add_bit(struct lowering *lowering, const struct policy_value *value)
{
	lowering->predicate->mask |= 1ULL << value->low;
	lowering->predicate->test = IR_MASK;
}

/* On return, the arguments that it names are not known any more: it stays never true, as check says. */
static void add_expression(struct lowering *lowering, const struct policy_value *value)
{
	if (lowering->predicate->subject == IR_RETURN)
		return;
	lower_expression(lowering->arena, lowering->hook, value->expression, lowering->predicate);
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
	[OPERATOR_SUBSTRING] = add_substring,
	[OPERATOR_SUBSTRING_ANY_CASE] = add_substring_any_case,
	[OPERATOR_GLOB] = add_glob,
	[OPERATOR_FILE_TYPE] = add_file_type,
	[OPERATOR_EXPRESSION] = add_expression,
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
		lowering->predicate->test = IR_GAINED;
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

/* NotIn: none that is listed has changed, but another one has. */
static void turn_capability_changes(struct ir_predicate *predicate)
{
	predicate->test = IR_OTHERS;
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
	if (predicate->negated && predicate->subject == IR_CAPABILITY_CHANGES)
		turn_capability_changes(predicate);
	if (lowering->is_everything) {
		predicate->test = IR_READABLE;
		predicate->patterns.count = 0;
	}
	if (lowering->is_opaque)
		make_opaque(predicate);
}

static bool looks_at_argument(const struct ir_predicate *predicate)
{
	return predicate->subject == IR_ARGUMENT || predicate->subject == IR_DATA || predicate->subject == IR_RETURN;
}

static bool is_of_unknown_type(const struct lowering *lowering, const struct ir_predicate *predicate)
{
	const struct ir_argument *argument = ir_predicate_argument(lowering->hook, predicate);

	return argument && argument->type == TYPE_AUTO;
}

static bool lists_values(const struct ir_predicate *predicate, enum operator_id op, int positive)
{
	return predicate->facet == IR_VALUE && operator_rows[op].values != VALUES_NONE &&
	       (!operator_adders[positive] || positive == OPERATOR_IN_MAP);
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
	lowering->is_opaque = lowering->is_everything = false;
	/* Without a type only what lists its values can be told. */
	if (is_of_unknown_type(lowering, predicate) && !lists_values(predicate, op, positive))
		lowering->is_opaque = true;
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
		if (filter->op == OPERATOR_EXPRESSION && subject != IR_RETURN)	/* names its arguments itself */
			start = (struct ir_predicate){ .at = start.at, .subject = IR_EXPRESSION };
		add_predicate(lowering, list, start, filter->op, &filter->values);
	}
}

static void add_workloads(struct lowering *lowering, const struct policy_workloads *workloads, struct ir_place at,
			  struct ir_predicate_list *list)
{
	static const struct policy_value_list no_values;
	struct ir_predicate start = { .at = at, .subject = IR_WORKLOADS, .workloads = workloads };

	if (!workloads)
		return;
	add_predicate(lowering, list, start, OPERATOR_IN, &no_values);
	lowering->predicate->test = IR_SCOPED;
}

/* In the order in which they are asked. */
struct ir_predicate_list lower_filters(struct lower_policy *lower, const struct ir_hook *hook,
				       const struct policy_selector *selector)
{
	struct lowering lowering = { .policy = lower, .arena = lower->arena, .hook = hook };
	struct ir_predicate_list list = { .count = 0 };

	list.items = arena_array(lower->arena, struct ir_predicate, 2 + selector->binaries.count +
				 selector->parents.count + selector->pids.count + selector->namespaces.count +
				 selector->namespace_changes.count + selector->capabilities.count +
				 selector->capability_changes.count + selector->arguments.count + selector->data.count);
	add_workloads(&lowering, lower->scope, lower->scope_at, &list);
	if (selector->workloads)
		add_workloads(&lowering, lower_workloads(lower->arena, selector->workloads), place(selector->workloads->at),
			      &list);
	lower_binaries(&lowering, &selector->binaries, IR_BINARY, &list);
	lower_binaries(&lowering, &selector->parents, IR_PARENT, &list);
	lower_pids(&lowering, &selector->pids, &list);
	lower_namespaces(&lowering, selector, &list);
	lower_capabilities(&lowering, &selector->capabilities, IR_CAPABILITIES, &list);
	lower_capabilities(&lowering, &selector->capability_changes, IR_CAPABILITY_CHANGES, &list);
	lower_argument_filters(&lowering, &selector->arguments, IR_ARGUMENT, &list);
	lower_argument_filters(&lowering, &selector->data, IR_DATA, &list);
	return list;
}

struct ir_predicate_list lower_return_filters(struct lower_policy *lower, const struct ir_hook *hook,
					      const struct policy_selector *selector)
{
	struct lowering lowering = { .policy = lower, .arena = lower->arena, .hook = hook };
	struct ir_predicate_list list = { .count = 0 };

	list.items = arena_array(lower->arena, struct ir_predicate, selector->return_arguments.count);
	lower_argument_filters(&lowering, &selector->return_arguments, IR_RETURN, &list);
	return list;
}
