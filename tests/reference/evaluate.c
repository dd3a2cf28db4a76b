// SPDX-License-Identifier: Apache-2.0
/* evaluate.c - verdicts by the letter of the reference; see evaluate.h.  Numbers in comments are its sections. */
#include "tests/reference/evaluate.h"

#include <string.h>

#include "tests/reference/evaluate_parts.h"

/* ---- Expressions: 5.9 ---- */

static const struct model_value *argument_value(const struct model_hook *hook, const struct model_event *event, size_t position)
{
	for (size_t n = 0; position < hook->arguments.count && n < event->argument_count; n++)
		if (event->arguments[n].index == hook->arguments.items[position].index)
			return &event->arguments[n].value;
	return NULL;
}

static bool is_read(const struct model_value *value)
{
	return value && value->state == VALUE_READ;
}

/* "&& and ||: both sides are evaluated"; "faulted argument: expression false", here unknown. */
static bool names_are_read(const struct model_hook *hook, const struct model_event *event,
			   const struct model_expression *expression)
{
	if (!expression)
		return true;
	if (expression->word == WORD_ARGUMENT)
		return is_read(argument_value(hook, event, expression->number));
	return names_are_read(hook, event, expression->left) && names_are_read(hook, event, expression->right);
}

/* Wraps around to the type. */
static number wrap(enum model_number_type type, number value)
{
	switch (type) {
	case NUMBER_INT32:
		return (int32_t)(uint32_t)value;
	case NUMBER_UINT32:
		return (uint32_t)value;
	case NUMBER_INT64:
		return (int64_t)(uint64_t)value;
	default:
		return (uint64_t)value;
	}
}

static number calculate(const struct model_hook *hook, const struct model_event *event,
			const struct model_expression *e)
{
	number a = e->left ? calculate(hook, event, e->left) : 0, b = e->right ? calculate(hook, event, e->right) : 0;

	switch (e->word) {
	case WORD_TRUTH:
		return e->number != 0;
	case WORD_NUMBER:
		return wrap(e->type, (number)e->number);
	case WORD_ARGUMENT:
		return wrap(e->type, (number)argument_value(hook, event, e->number)->number);
	case WORD_CAST:
		return wrap(e->type, a);
	case WORD_NOT:
		return !a;
	case WORD_ALL:
		return a && b;
	case WORD_ANY:
		return a || b;
	case WORD_EQUAL:
		return a == b;
	case WORD_UNEQUAL:
		return a != b;
	case WORD_LESS:
		return a < b;
	case WORD_LESS_EQUAL:
		return a <= b;
	case WORD_GREATER:
		return a > b;
	case WORD_GREATER_EQUAL:
		return a >= b;
	case WORD_ADD:
		return wrap(e->type, a + b);
	case WORD_SUBTRACT:
		return wrap(e->type, a - b);
	case WORD_AND:
		return wrap(e->type, a & b);
	case WORD_OR:
		return wrap(e->type, a | b);
	case WORD_XOR:
		return wrap(e->type, a ^ b);
	case WORD_INVERT:
		return wrap(e->type, ~a);
	}
	return 0;
}

static enum model_answer expression_holds(const struct model_hook *hook, const struct model_event *event,
					  const struct model_expression *expression)
{
	return names_are_read(hook, event, expression) ? answer_of(calculate(hook, event, expression) != 0)
						       : ANSWER_UNKNOWN;
}

/* ---- matchArgs, matchData, matchReturnArgs ---- */

struct operand { const struct model_value *value; int type; };

static int position_of(const struct model_hook *hook, uint32_t index)
{
	for (size_t n = 0; n < hook->arguments.count; n++)
		if (hook->arguments.items[n].index == index)
			return (int)n;
	return -1;
}

/* 2.9: `index` is that of the Arg, of matchData a position; `args` are positions and take precedence. */
static struct operand operand_of(const struct model_hook *hook, const struct model_filter *filter,
				 const struct model_event *event, size_t n)
{
	size_t position;

	if (filter->kind == MATCH_RETURN_ARGS)
		return (struct operand){ &event->returned, hook->return_type };
	if (filter->kind == MATCH_DATA)
		return (struct operand){ filter->index < event->data_count ? &event->data[filter->index] : NULL,
					 hook->data.items[filter->index].type };
	position = filter->position_count ? filter->positions[n] : (size_t)position_of(hook, filter->index);
	return (struct operand){ argument_value(hook, event, position), hook->arguments.items[position].type };
}

/* CapabilitiesGained: args [old, new]. */
static enum model_answer gained(const struct model_hook *hook, const struct model_filter *filter,
				const struct model_event *event)
{
	struct operand old = operand_of(hook, filter, event, 0), new = operand_of(hook, filter, event, 1);

	if (!is_read(old.value) || !is_read(new.value))
		return ANSWER_UNKNOWN;
	return answer_of(new.value->number & ~old.value->number);
}

static enum model_answer value_is(const struct model_filter *filter, const struct operand *operand,
				  struct model_text text)
{
	const struct model_operator_row *op = &model_operators[filter->op];
	const struct model_value *value = operand->value;

	switch (model_types[operand->type].class) {
	case MODEL_SIGNED:
	case MODEL_UNSIGNED:
	case MODEL_SET:
		return answer_of(number_is(filter, operand->type, value->number, text));
	default:
		break;
	}
	switch (op->test) {
	case TEST_ADDRESS:
		return evaluate_address(value, op->destination, text);
	case TEST_PORT:
		return part_is(value, op->destination ? PART_DESTINATION_PORT : PART_SOURCE_PORT, text, NULL);
	case TEST_PROTOCOL:
		return part_is(value, PART_PROTOCOL, text, model_protocols);
	case TEST_FAMILY:
		return part_is(value, PART_FAMILY, text, model_families);
	case TEST_STATE:
		return part_is(value, PART_STATE, text, model_states);
	case TEST_FILE_TYPE:
		return file_type_is(value, text);
	default:
		return value->bytes.bytes ? evaluate_string(op->test, value, false, text) : ANSWER_UNKNOWN;
	}
}

/* 5.1: positive operators hold for any of the values, negated ones for none. */
static enum model_answer argument_filter(const struct model_hook *hook, const struct model_filter *filter,
					 const struct model_event *event)
{
	const struct model_operator_row *op = &model_operators[filter->op];
	struct operand operand;
	enum model_answer ret = ANSWER_NO;

	if (op->test == TEST_EXPRESSION)
		return expression_holds(hook, event, filter->expression);
	if (op->test == TEST_GAINED)
		return gained(hook, filter, event);
	operand = operand_of(hook, filter, event, 0);
	if (!is_read(operand.value))
		return ANSWER_UNKNOWN;
	if (op->test == TEST_PRIVILEGED)
		ret = part_is(operand.value, op->destination ? PART_DESTINATION_PORT : PART_SOURCE_PORT, model_text("0:1023"),
			      NULL);
	for (size_t n = 0; n < filter->values.count; n++)
		ret = answer_either(ret, value_is(filter, &operand, filter->values.items[n]));
	return op->negated ? answer_not(ret) : ret;
}

/* ---- Selectors: 5.1 ---- */

enum model_answer evaluate_filter(const struct model_policy *policy, const struct model_hook *hook,
				  const struct model_filter *filter, const struct model_event *event)
{
	(void)policy;
	if (filter->kind == MATCH_ARGS || filter->kind == MATCH_DATA || filter->kind == MATCH_RETURN_ARGS)
		return argument_filter(hook, filter, event);
	return evaluate_process(filter, &event->process);
}

struct asked {
	const struct model_policy *policy;
	const struct model_hook *hook;
	const struct model_event *event;
	bool of_return;		/* matchReturnArgs, or all the others */
};

static enum model_answer all_hold(const struct asked *asked, const struct model_filters *filters)
{
	enum model_answer ret = ANSWER_YES;

	for (size_t n = 0; n < filters->count; n++)
		if ((filters->items[n].kind == MATCH_RETURN_ARGS) == asked->of_return)
			ret = answer_both(ret, evaluate_filter(asked->policy, asked->hook, &filters->items[n], asked->event));
	return ret;
}

/* 3.11: macros append their lists to the selector's. */
static enum model_answer selector_holds(const struct asked *asked, const struct model_selector *selector)
{
	enum model_answer ret = all_hold(asked, &selector->filters);

	for (size_t n = 0; n < asked->policy->macros.count; n++)
		if (model_texts_have(&selector->macros, asked->policy->macros.items[n].name))
			ret = answer_both(ret, all_hold(asked, &asked->policy->macros.items[n].filters));
	return ret;
}

enum model_answer evaluate_selector(const struct model_policy *policy, const struct model_hook *hook,
				    const struct model_selector *selector, const struct model_event *event)
{
	struct asked asked = { policy, hook, event, false };

	return selector_holds(&asked, selector);
}

struct model_verdict evaluate(const struct model_policy *policy, const struct model_hook *hook,
			      const struct model_event *event)
{
	struct asked returned = { policy, hook, event, true };
	enum model_answer scope = evaluate_scope(policy, event);
	struct model_verdict ret = { -1, scope == ANSWER_UNKNOWN, ANSWER_NO };

	if (scope != ANSWER_YES)
		return ret;
	if (!hook->selectors.count)
		return (struct model_verdict){ 0, false, ANSWER_YES };
	for (size_t n = 0; n < hook->selectors.count; n++) {
		const struct model_selector *selector = &hook->selectors.items[n];
		enum model_answer answer = evaluate_selector(policy, hook, selector, event);

		ret.unknown_before |= answer == ANSWER_UNKNOWN;
		if (answer != ANSWER_YES)
			continue;
		ret.selector = (int)n;
		ret.returned = selector_holds(&returned, selector);
		break;
	}
	return ret;
}
