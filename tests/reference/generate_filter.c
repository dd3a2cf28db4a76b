// SPDX-License-Identifier: Apache-2.0
/* generate_filter.c - random filters; see generate_filter.h. */
#include "tests/reference/generate_filter.h"

#include <string.h>

#include "tests/reference/chance.h"

struct palette palette;

/* ---- Argument filters ---- */

static struct model_text some_operand(int type, const struct model_operator_row *op)
{
	enum model_class class = model_types[type].class;

	switch (op->test) {
	case TEST_IN_MAP:
		return some_range(type, true);
	case TEST_RANGE:
		return some_range(type, false);
	case TEST_ADDRESS:
		return some_network();
	case TEST_PORT:
		return some_port();
	case TEST_PROTOCOL:
		return some_named(model_protocols);
	case TEST_STATE:
		return some_named(model_states);
	case TEST_FAMILY:
		return some_named(model_families);
	case TEST_FILE_TYPE:
		return model_text(model_file_types[chance_name(model_file_types)].name);
	default:
		break;
	}
	if (class == MODEL_SET)
		return some_set();
	if (class == MODEL_SIGNED || class == MODEL_UNSIGNED)
		return some_number(type);
	return some_string(type, op->test);
}

/* How many values: most operators on numbers take four. */
static unsigned some_count(enum model_test test)
{
	bool many = test == TEST_ADDRESS || test == TEST_PORT || test == TEST_IN_MAP;

	if (many && one_in(40))
		return 60;
	return chance_below(one_in(4) ? 4 : 3) + 1;
}

static int some_operator(enum model_class class)
{
	int rows[MODEL_ARGUMENT_OPERATORS], count = 0;

	for (int n = 0; n < MODEL_ARGUMENT_OPERATORS; n++)
		if (model_operators[n].classes >> class & 1 && model_operators[n].test != TEST_GAINED)
			rows[count++] = n;
	return count ? rows[chance_below((unsigned)count)] : -1;
}

static void fill_values(struct model_filter *filter, int type)
{
	const struct model_operator_row *op = &model_operators[filter->op];

	if (op->test == TEST_PRIVILEGED)
		return;
	for (unsigned n = some_count(op->test); n; n--) {
		struct model_text value = some_operand(type, op);

		if (!model_texts_have(&filter->values, value))
			model_texts_add(&filter->values, value);
	}
}

/* A filter on an argument, data or the return; false: its type takes none. */
static bool some_value_filter(struct model_filter *filter, enum model_filter_kind kind, uint32_t index, int type)
{
	*filter = (struct model_filter){ .kind = kind, .index = index, .op = some_operator(model_types[type].class) };
	if (filter->op < 0)
		return false;
	fill_values(filter, type);
	return true;
}

static bool is_set(const struct model_hook *hook, size_t position)
{
	return model_types[hook->arguments.items[position].type].class == MODEL_SET;
}

static bool some_gain(const struct model_hook *hook, struct model_filter *filter)
{
	unsigned a = chance_below((unsigned)hook->arguments.count), b = chance_below((unsigned)hook->arguments.count);

	*filter = (struct model_filter){ .kind = MATCH_ARGS, .op = model_operator_find("CapabilitiesGained"),
					 .positions = { a, b }, .position_count = 2 };
	return a != b && is_set(hook, a) && is_set(hook, b);
}

static bool some_argument_filter(const struct model_hook *hook, struct model_filter *filter)
{
	unsigned position;

	if (!hook->arguments.count)
		return false;
	if (one_in(2) && some_gain(hook, filter))
		return true;
	position = chance_below((unsigned)hook->arguments.count);
	if (!some_value_filter(filter, MATCH_ARGS, hook->arguments.items[position].index,
			       hook->arguments.items[position].type))
		return false;
	if (one_in(10)) {
		filter->positions[0] = position;
		filter->position_count = 1;
	}
	return true;
}

/* ---- Expressions: 5.9 ---- */

static int expression_type(int type)
{
	const char *name = model_types[type].name;

	if (!strcmp(name, "int") || !strcmp(name, "int32") || !strcmp(name, "sint32"))
		return NUMBER_INT32;
	if (!strcmp(name, "uint32"))
		return NUMBER_UINT32;
	if (!strcmp(name, "int64") || !strcmp(name, "sint64") || !strcmp(name, "long"))
		return NUMBER_INT64;
	return !strcmp(name, "uint64") || !strcmp(name, "ulong") ? NUMBER_UINT64 : -1;
}

static struct model_expression *node(enum model_word word, enum model_number_type type, struct model_expression *left,
				     struct model_expression *right)
{
	struct model_expression *ret = model_allocate(sizeof(*ret));

	*ret = (struct model_expression){ .word = word, .type = type, .left = left, .right = right };
	return ret;
}

/* What the literal can spell: a minus sign is not spelled for what is unsigned. */
static struct model_expression *literal(enum model_number_type type)
{
	struct model_expression *ret = node(WORD_NUMBER, type, NULL, NULL);

	ret->number = chance_number();
	if (type == NUMBER_INT64 && ret->number == 1ULL << 63)
		ret->number = 5;
	return ret;
}

/* An argument of the type; a literal when there is none. */
static struct model_expression *leaf(const struct model_hook *hook, enum model_number_type type)
{
	unsigned position = hook->arguments.count ? chance_below((unsigned)hook->arguments.count) : 0;
	struct model_expression *ret;

	if (!hook->arguments.count || one_in(4) || expression_type(hook->arguments.items[position].type) != (int)type)
		return literal(type);
	ret = node(WORD_ARGUMENT, type, NULL, NULL);
	ret->number = position;
	return ret;
}

static struct model_expression *some_sum(const struct model_hook *hook, enum model_number_type type, unsigned depth)
{
	static const enum model_word words[] = { WORD_ADD, WORD_SUBTRACT, WORD_AND, WORD_OR, WORD_XOR };

	if (!depth || one_in(2))
		return leaf(hook, type);
	if (one_in(8))
		return node(WORD_INVERT, type, some_sum(hook, type, depth - 1), NULL);
	return node(words[chance_below(5)], type, some_sum(hook, type, depth - 1), some_sum(hook, type, depth - 1));
}

static struct model_expression *some_comparison(const struct model_hook *hook, unsigned position)
{
	static const enum model_word words[] = { WORD_EQUAL, WORD_UNEQUAL, WORD_LESS, WORD_LESS_EQUAL, WORD_GREATER,
						 WORD_GREATER_EQUAL };
	int type = expression_type(hook->arguments.items[position].type);
	struct model_expression *left = node(WORD_ARGUMENT, (enum model_number_type)type, NULL, NULL);

	left->number = position;
	if (one_in(3))
		left = node(one_in(2) ? WORD_ADD : WORD_AND, left->type, left, some_sum(hook, left->type, 1));
	return node(words[chance_below(6)], left->type, left, some_sum(hook, left->type, one_in(3)));
}

static struct model_expression *some_condition(const struct model_hook *hook, unsigned position, unsigned depth)
{
	struct model_expression *truth;

	if (one_in(30)) {
		truth = node(WORD_TRUTH, NUMBER_INT64, NULL, NULL);
		truth->number = chance_below(2);
		return truth;
	}
	if (!depth || one_in(2))
		return some_comparison(hook, position);
	if (one_in(4))
		return node(WORD_NOT, NUMBER_INT64, some_condition(hook, position, depth - 1), NULL);
	return node(one_in(2) ? WORD_ALL : WORD_ANY, NUMBER_INT64, some_condition(hook, position, depth - 1),
		    some_condition(hook, position, depth - 1));
}

static bool some_expression_filter(const struct model_hook *hook, struct model_filter *filter)
{
	for (unsigned n = 0; n < hook->arguments.count; n++) {
		if (expression_type(hook->arguments.items[n].type) < 0)
			continue;
		palette.expressions--;
		*filter = (struct model_filter){ .kind = MATCH_ARGS, .op = model_operator_find("CelExpr"),
						 .expression = some_condition(hook, n, 3) };
		return true;
	}
	return false;
}

/* ---- Filters on the process ---- */

static int in_or_not_in(void)
{
	return model_operator_find(one_in(2) ? "In" : "NotIn");
}

static bool some_flag(void)
{
	return palette.flags && one_in(2);
}

static struct model_filter some_pid_filter(void)
{
	struct model_filter filter = { .kind = MATCH_PIDS, .op = in_or_not_in(), .in_namespace = some_flag(),
				       .follow = some_flag() };

	for (unsigned n = chance_below(one_in(10) ? 40 : 3) + 1; n; n--) {
		struct model_text value = model_format("%u", chance_below(12) + 1);

		if (!model_texts_have(&filter.values, value))
			model_texts_add(&filter.values, value);
	}
	return filter;
}

static struct model_filter some_binary_filter(enum model_filter_kind kind)
{
	static const char *const names[] = { "In", "NotIn", "Prefix", "NotPrefix", "Postfix", "NotPostfix" };
	unsigned n = chance_below(6);
	struct model_filter filter = { .kind = kind, .op = model_operator_find(names[n]), .follow = n < 2 && some_flag() };
	size_t most = n < 2 ? 255 : n < 4 ? 256 : 127;

	for (unsigned count = chance_below(3) + 1; count; count--) {
		struct model_text value = chance_path(most);

		if (!model_texts_have(&filter.values, value))
			model_texts_add(&filter.values, value);
	}
	return filter;
}

/* "host_ns cannot be used with PidForChildren/TimeForChildren." */
static struct model_filter some_namespace_filter(void)
{
	struct model_filter filter = { .kind = MATCH_NAMESPACES, .op = in_or_not_in(), .name = chance_below(MODEL_NAMESPACES) };
	bool of_children = strstr(model_namespaces[filter.name], "ForChildren");

	for (unsigned n = chance_below(3) + 1; n; n--) {
		struct model_text value = one_in(3) && !of_children ? model_text("host_ns") :
			model_format("%u", 4026531830u + chance_below(5));

		if (!model_texts_have(&filter.values, value))
			model_texts_add(&filter.values, value);
	}
	return filter;
}

static struct model_filter some_namespace_change(void)
{
	struct model_filter filter = { .kind = MATCH_NAMESPACE_CHANGES, .op = in_or_not_in() };

	for (unsigned n = chance_below(4) + 1; n; n--) {
		struct model_text value = model_text(one_in(3) ? model_namespace_keys[chance_below(4)] :
						     model_namespaces[chance_below(MODEL_NAMESPACES)]);

		if (!model_texts_have(&filter.values, value))
			model_texts_add(&filter.values, value);
	}
	return filter;
}

static struct model_filter some_capability_filter(enum model_filter_kind kind)
{
	struct model_filter filter = { .kind = kind, .op = in_or_not_in(), .name = chance_below(MODEL_CAPABILITY_SETS),
				       .in_namespace = some_flag() };

	for (unsigned n = chance_below(3) + 1; n; n--) {
		struct model_text value = model_text(model_capabilities[chance_below(one_in(3) ? MODEL_CAPABILITIES : 4)]);

		if (!model_texts_have(&filter.values, value))
			model_texts_add(&filter.values, value);
	}
	return filter;
}

/* ---- Workloads ---- */

const char *const chance_labels[4] = { "app", "tier", "example.com/team", "k8s:io.kubernetes.pod.namespace" };
const char *const chance_label_values[5] = { "web", "db", "x", "", "default" };

static struct model_requirement some_requirement(bool of_pod)
{
	struct model_requirement ret = {
		.key = model_text(of_pod ? chance_labels[chance_below(4)] : one_in(2) ? "name" : "repo"),
		.op = (enum model_label_operator)chance_below(4),
		.in_labels = one_in(3),
	};

	if (ret.in_labels)
		ret.op = LABEL_IN;
	if (ret.op == LABEL_IN || ret.op == LABEL_NOT_IN)
		for (unsigned n = ret.in_labels ? 1 : chance_below(2) + 1; n; n--) {
			struct model_text value = model_text(chance_label_values[chance_below(5)]);

			if (!model_texts_have(&ret.values, value))
				model_texts_add(&ret.values, value);
		}
	return ret;
}

/* Keys of matchLabels are there once. */
static bool has_label_key(const struct model_label_selector *selector, struct model_text key)
{
	for (size_t n = 0; n < selector->count; n++)
		if (selector->items[n].in_labels && model_text_equal(selector->items[n].key, key))
			return true;
	return false;
}

static struct model_label_selector *some_label_selector(bool of_pod)
{
	struct model_label_selector *ret = model_allocate(sizeof(*ret));

	ret->items = model_allocate(3 * sizeof(*ret->items));
	for (unsigned n = chance_below(3); n; n--) {
		struct model_requirement requirement = some_requirement(of_pod);

		if (!requirement.in_labels || !has_label_key(ret, requirement.key))
			ret->items[ret->count++] = requirement;
	}
	return ret;
}

struct model_workloads some_workloads(bool with_host)
{
	return (struct model_workloads){
		.pod = one_in(2) ? some_label_selector(true) : NULL,
		.container = one_in(3) ? some_label_selector(false) : NULL,
		.host = with_host && one_in(3) ? model_allocate(sizeof(struct model_label_selector)) : NULL,
	};
}

static bool has_workloads(const struct model_workloads *workloads)
{
	return workloads->pod || workloads->container || workloads->host;
}

static bool some_workload_filter(struct model_filter *filter)
{
	struct model_workloads workloads = some_workloads(true);

	*filter = (struct model_filter){ .kind = MATCH_WORKLOADS, .op = model_operator_find("In"),
					 .workloads = model_allocate(sizeof(workloads)) };
	*filter->workloads = workloads;
	return has_workloads(&workloads);
}

/* ---- Any filter ---- */

static bool some_data_filter(const struct model_hook *hook, struct model_filter *filter)
{
	uint32_t n = hook->data.count ? chance_below((unsigned)hook->data.count) : 0;

	return hook->data.count && some_value_filter(filter, MATCH_DATA, n, hook->data.items[n].type);
}

bool some_filter(const struct model_hook *hook, enum model_filter_kind kind, struct model_filter *ret)
{
	switch (kind) {
	case MATCH_ARGS:
		return palette.expressions && one_in(6) && some_expression_filter(hook, ret) ? true : some_argument_filter(hook, ret);
	case MATCH_DATA:
		return some_data_filter(hook, ret);
	case MATCH_RETURN_ARGS:
		return hook->return_type >= 0 && some_value_filter(ret, kind, hook->return_index, hook->return_type);
	case MATCH_PIDS:
		*ret = some_pid_filter();
		return true;
	case MATCH_BINARIES:
	case MATCH_PARENT_BINARIES:
		*ret = some_binary_filter(kind);
		return true;
	case MATCH_NAMESPACES:
		*ret = some_namespace_filter();
		return true;
	case MATCH_NAMESPACE_CHANGES:
		*ret = some_namespace_change();
		return true;
	case MATCH_CAPABILITIES:
	case MATCH_CAPABILITY_CHANGES:
		*ret = some_capability_filter(kind);
		return true;
	default:
		return some_workload_filter(ret);
	}
}

enum model_filter_kind some_kind(void)
{
	unsigned kind;

	do
		kind = chance_below(MODEL_FILTER_KINDS);
	while (!palette.kinds[kind]);
	return one_in(4) ? MATCH_ARGS : (enum model_filter_kind)kind;
}
