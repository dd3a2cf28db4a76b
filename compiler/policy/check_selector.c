// SPDX-License-Identifier: Apache-2.0
/* check_selector.c - rules of filters; see check.h. */
#include <string.h>

#include "compiler/policy/check.h"
#include "compiler/policy/operand.h"

/* ---- Filters on arguments ---- */

/* -1 when the hook has no such argument. */
static int position_of(const struct policy_hook *hook, uint32_t index)
{
	for (size_t i = 0; i < hook->arguments.count; i++)
		if (hook->arguments.items[i].index == index && !span_is_empty(hook->arguments.items[i].index_at))
			return (int)i;
	return -1;
}

/* On tracepoints an index that is no field's number is a position.  Where the filter says nothing, it is 0. */
static int position_by_order(const struct policy_hook *hook, const struct policy_argument_filter *filter,
			     struct diagnostics *diagnostics)
{
	if (hook->kind != HOOK_TRACEPOINT || filter->index >= hook->arguments.count)
		return -1;
	diag(diagnostics, DIAG_FILTER_POSITION, span_is_empty(filter->index_at) ? filter->op_at : filter->index_at,
		"no entry of 'args' has index %u: taken for its position", filter->index);
	diag_help(diagnostics, "write 'index: %u'", hook->arguments.items[filter->index].index);
	return (int)filter->index;
}

/* Whether some argument could not be read, so that the one that is looked for may be it. */
static bool has_broken_argument(const struct policy_hook *hook)
{
	if (hook->broken)
		return true;
	for (size_t i = 0; i < hook->arguments.count; i++)
		if (span_is_empty(hook->arguments.items[i].index_at))
			return true;
	return false;
}

static void refuse_index(const struct policy_hook *hook, const struct policy_argument_filter *filter,
			 struct diagnostics *diagnostics)
{
	struct span at = span_is_empty(filter->index_at) ? filter->at : filter->index_at;
	struct span related = hook->arguments_at;

	if (has_broken_argument(hook))
		return;
	diag(diagnostics, DIAG_FILTER_INDEX, at, "the hook has no argument with index %u", filter->index);
	if (!hook->arguments.count) {
		diag_help(diagnostics, "add it to 'args', with its type");
		return;
	}
	related.end = related.start + 1;
	diag_related(diagnostics, related, "the arguments of the hook");
}

static void refuse_type(const struct policy_argument_filter *filter, const struct policy_argument *argument,
			struct diagnostics *diagnostics)
{
	const struct type_row *type = &type_rows[argument->type];
	const struct operator_row *op = &operator_rows[filter->op];

	if (type->class == CLASS_NONE)
		diag(diagnostics, DIAG_OPERATOR_TYPE, filter->op_at, "arguments of type '%s' cannot be filtered", type->name);
	else
		diag(diagnostics, DIAG_OPERATOR_TYPE, filter->op_at, "'%s' cannot compare type '%s'", op->name, type->name);
	diag_related(diagnostics, argument->type_at, "the type of the argument");
	if (type->class == CLASS_SOCKADDR && (op->values == VALUES_ADDRESS || op->values == VALUES_PORT))
		diag_help(diagnostics, "on sockaddr the port and the address are in the source slot: use SPort and SAddr");
}

/* Every operand by the grammar of the operator; the one place that knows it. */
static void check_operand(struct policy_value *value, const struct policy_argument_filter *filter,
			  enum type_id type, struct diagnostics *diagnostics)
{
	enum type_class class = type_rows[type].class;

	switch (operator_rows[filter->op].values) {
	case VALUES_BY_CLASS:
		if (class == CLASS_SIGNED || class == CLASS_UNSIGNED)
			operand_number(value, type, diagnostics);
		else
			operand_string(value, filter->op, class == CLASS_PATH ? SUBJECT_PATH : SUBJECT_STRING,
				type == TYPE_STRING, diagnostics);
		break;
	case VALUES_RANGE:
		operand_range(value, type, diagnostics);
		break;
	case VALUES_ADDRESS:
		operand_address(value, diagnostics);
		break;
	case VALUES_PORT:
		operand_port(value, diagnostics);
		break;
	default:
		break;		/* of operators that are refused before */
	}
}

static void refuse_empty(struct span values_at, struct span at, struct diagnostics *diagnostics)
{
	diag(diagnostics, DIAG_NO_VALUES, span_is_empty(values_at) ? at : values_at, "the filter has no values");
}

static void check_values(struct policy_argument_filter *filter, enum type_id type, struct diagnostics *diagnostics)
{
	enum type_class class = type_rows[type].class;
	bool is_numeric = class == CLASS_SIGNED || class == CLASS_UNSIGNED;

	if (!filter->values.count) {
		refuse_empty(filter->values_at, filter->op_at, diagnostics);
		return;
	}
	if (is_numeric && filter->values.count > LIMIT_NUMERIC_VALUES)
		diag(diagnostics, DIAG_VALUE_COUNT, filter->values.items[LIMIT_NUMERIC_VALUES].text.at,
			"'%s' has %zu values, and takes %d", operator_rows[filter->op].name, filter->values.count,
			LIMIT_NUMERIC_VALUES);
	for (size_t i = 0; i < filter->values.count; i++)
		check_operand(&filter->values.items[i], filter, type, diagnostics);
}

static void check_argument_filter(const struct policy_hook *hook, struct policy_argument_filter *filter,
				  struct diagnostics *diagnostics)
{
	const struct operator_row *op = &operator_rows[filter->op];
	const struct policy_argument *argument;
	int position;

	if (filter->broken)
		return;
	position = position_of(hook, filter->index);
	if (position < 0)
		position = position_by_order(hook, filter, diagnostics);
	if (position < 0) {
		refuse_index(hook, filter, diagnostics);
		return;
	}
	filter->position = (uint32_t)position;
	argument = &hook->arguments.items[position];
	if (argument->broken || argument->type == TYPE_AUTO)
		return;
	if (!(op->classes & 1u << type_rows[argument->type].class)) {
		refuse_type(filter, argument, diagnostics);
		return;
	}
	if (op->support != SUPPORT_NOW)
		diag_later(diagnostics, filter->op_at, "operator '%s'", op->name);
	check_values(filter, argument->type, diagnostics);
}

/* ---- Filters on the process ---- */

static void check_binary_filter(struct policy_binary_filter *filter, struct diagnostics *diagnostics)
{
	if (filter->broken)
		return;
	if (!filter->values.count)
		refuse_empty(filter->values_at, filter->op_at, diagnostics);
	for (size_t i = 0; i < filter->values.count; i++)
		operand_string(&filter->values.items[i], filter->op, SUBJECT_BINARY, false, diagnostics);
}

static void check_pid_filter(struct policy_pid_filter *filter, struct diagnostics *diagnostics)
{
	if (!filter->broken && !filter->values.count)
		refuse_empty(filter->values_at, filter->op_at, diagnostics);
}

void check_selector(const struct policy_hook *hook, struct policy_selector *selector,
		    struct diagnostics *diagnostics)
{
	for (size_t i = 0; i < selector->arguments.count; i++)
		check_argument_filter(hook, &selector->arguments.items[i], diagnostics);
	for (size_t i = 0; i < selector->binaries.count; i++)
		check_binary_filter(&selector->binaries.items[i], diagnostics);
	for (size_t i = 0; i < selector->pids.count; i++)
		check_pid_filter(&selector->pids.items[i], diagnostics);
	check_actions(hook, &selector->actions, diagnostics);
}
