// SPDX-License-Identifier: Apache-2.0
/*
 * lower_expression.c - a checked CelExpr to a condition; see lower.h.
 *
 * ! goes down to the leaves.  What compares one argument with literals is asked like a filter of matchArgs, so that both
 * are one question; what computes becomes words.
 */
#include "compiler/selector/lower.h"

#include <string.h>

#include "bpf-templates/abi.h"
#include "compiler/expression/expression.h"
#include "compiler/selector/condition.h"

_Static_assert((int)LIMIT_EXPRESSION_WORDS <= (int)IR_WORDS_MAX && (int)LIMIT_EXPRESSION_STACK <= (int)IR_STACK_MAX,
	       "what expression_measure() lets pass fits");

struct lowering {
	struct arena *arena;
	const struct ir_hook *hook;
	const struct ir_predicate *filter;
};

static bool is_call(const struct expression *part, const char *name)
{
	return part->kind == EXPRESSION_CALL && !part->is_method && !strcmp(part->text, name);
}

/* ---- Asks ---- */

static struct ir_predicate ask_of(const struct lowering *lowering, const struct expression *argument, enum ir_test test)
{
	return (struct ir_predicate){
		.at = lowering->filter->at, .subject = IR_ARGUMENT, .position = (uint32_t)argument->number, .test = test,
		.written = lowering->filter->written,
	};
}

static struct ir_condition finish_ask(const struct lowering *lowering, struct ir_predicate *predicate, bool negated)
{
	predicate->negated = negated;
	return condition_ask(lowering->arena, lowering->hook, predicate);
}

static struct ir_condition ask_string(const struct lowering *lowering, const struct expression *argument, uint32_t kind,
				      const struct expression *literal, bool negated)
{
	bool is_inside = kind == ABI_SUBSTRING;
	struct ir_predicate predicate = ask_of(lowering, argument, is_inside ? IR_SUBSTRINGS : IR_STRINGS);

	if (is_inside && !literal->length)
		return condition_known(!negated);
	predicate.patterns = (struct ir_pattern_list){ arena_new(lowering->arena, struct ir_pattern), 1 };
	predicate.patterns.items[0] = (struct ir_pattern){ kind, (uint32_t)literal->length, literal->text };
	return finish_ask(lowering, &predicate, negated);
}

/* Of keys; none when low is above high. */
static struct ir_condition ask_interval(const struct lowering *lowering, const struct expression *argument, uint64_t low,
					uint64_t high, bool negated)
{
	struct ir_predicate predicate = ask_of(lowering, argument, IR_INTERVALS);

	predicate.intervals = (struct ir_interval_list){ arena_new(lowering->arena, struct ir_interval), low <= high };
	predicate.intervals.items[0] = (struct ir_interval){ low, high };
	return finish_ask(lowering, &predicate, negated);
}

static struct ir_condition ask_mask(const struct lowering *lowering, const struct expression *argument, uint64_t mask,
				    bool negated)
{
	struct ir_predicate predicate = ask_of(lowering, argument, mask ? IR_MASK : IR_NEVER);

	predicate.mask = mask;
	return finish_ask(lowering, &predicate, negated);
}

/* ---- Words ---- */

/* Calls and what computes them, by the number of operands. */
static const struct { const char *name; unsigned count; enum ir_word_op op; } word_rows[] = {
	{ "+", 2, IR_WORD_ADD }, { "-", 2, IR_WORD_SUBTRACT }, { "and", 2, IR_WORD_AND }, { "or", 2, IR_WORD_OR },
	{ "xor", 2, IR_WORD_XOR }, { "not", 1, IR_WORD_NOT }, { "-", 1, IR_WORD_NEGATE },
	{ "int32", 1, IR_WORD_CAST }, { "uint32", 1, IR_WORD_CAST },
};

static const enum ir_word_type word_types[] = {
	[EXPRESSION_INT32] = IR_INT32, [EXPRESSION_UINT32] = IR_UINT32, [EXPRESSION_INT] = IR_INT64,
	[EXPRESSION_UINT] = IR_UINT64,
};

static enum ir_word_op word_op(const struct expression *call)
{
	size_t n = 0;

	while (strcmp(word_rows[n].name, call->text) || word_rows[n].count != call->count)
		n++;
	return word_rows[n].op;
}

static void add_word(struct ir_condition *compare, enum ir_word_op op, enum expression_type type, uint64_t number)
{
	compare->words[compare->word_count++] = (struct ir_word){ op, word_types[type], number };
}

static void add_words(struct ir_condition *compare, const struct expression *part)
{
	for (unsigned i = 0; i < part->count; i++)
		add_words(compare, part->operands[i]);
	if (part->kind == EXPRESSION_NUMBER)
		add_word(compare, IR_WORD_NUMBER, part->type, part->number);
	else if (part->kind == EXPRESSION_NAME)
		add_word(compare, IR_WORD_ARGUMENT, part->type, part->number);
	else
		add_word(compare, word_op(part), part->type, 0);
}

static size_t count_words(const struct expression *part)
{
	size_t words = 1;

	for (unsigned i = 0; i < part->count; i++)
		words += count_words(part->operands[i]);
	return words;
}

/* ---- Comparisons of numbers ---- */

struct comparison {
	enum ir_word_op op;		/* EQUAL, LESS, LESS_EQUAL */
	const struct expression *left, *right;
	bool negated;
};

static struct ir_condition compute(const struct lowering *lowering, const struct comparison *comparison)
{
	size_t count = count_words(comparison->left) + count_words(comparison->right) + 1;
	struct ir_condition compare = { .kind = IR_COMPARE, .negated = comparison->negated };

	compare.words = arena_array(lowering->arena, struct ir_word, count);
	add_words(&compare, comparison->left);
	add_words(&compare, comparison->right);
	add_word(&compare, comparison->op, comparison->left->type, 0);
	return compare;
}

/* An argument and a literal: the numbers on one side of it. */
static struct ir_condition ask_side(const struct lowering *lowering, const struct comparison *comparison)
{
	bool is_left = comparison->left->kind == EXPRESSION_NAME;	/* where the argument is */
	const struct expression *argument = is_left ? comparison->left : comparison->right;
	const struct expression *literal = is_left ? comparison->right : comparison->left;
	uint64_t key = ir_key(literal->number, expression_type_is_signed(literal->type));
	uint64_t end = is_left ? 0 : UINT64_MAX;	/* of the side that satisfies < and <= */

	if (comparison->op == IR_WORD_EQUAL)
		return ask_interval(lowering, argument, key, key, comparison->negated);
	if (comparison->op == IR_WORD_LESS && key == end)
		return condition_known(comparison->negated);
	if (comparison->op == IR_WORD_LESS)
		key += is_left ? UINT64_MAX : 1;	/* the next one on that side */
	return ask_interval(lowering, argument, is_left ? 0 : key, is_left ? key : UINT64_MAX, comparison->negated);
}

/* The mask of and(ARGUMENT, MASK); NULL when it is something else. */
static const struct expression *mask_of(const struct expression *part)
{
	if (!is_call(part, "and"))
		return NULL;
	for (unsigned i = 0; i < 2; i++)
		if (part->operands[i]->kind == EXPRESSION_NUMBER && part->operands[!i]->kind == EXPRESSION_NAME)
			return part->operands[i];
	return NULL;
}

/* and(ARGUMENT, MASK) == 0, or of a single bit == MASK. */
static bool ask_bits(const struct lowering *lowering, const struct comparison *comparison, struct ir_condition *ret)
{
	const struct expression *masked = mask_of(comparison->left) ? comparison->left : comparison->right;
	const struct expression *literal = masked == comparison->left ? comparison->right : comparison->left;
	const struct expression *mask = mask_of(masked);
	bool is_bit;

	if (comparison->op != IR_WORD_EQUAL || !mask || literal->kind != EXPRESSION_NUMBER)
		return false;
	is_bit = literal->number == mask->number && mask->number && !(mask->number & (mask->number - 1));
	if (literal->number && !is_bit)
		return false;
	*ret = ask_mask(lowering, masked->operands[masked->operands[0] == mask], mask->number,
			comparison->negated != !literal->number);
	return true;
}

static struct ir_condition numbers_condition(const struct lowering *lowering, const struct comparison *comparison)
{
	enum expression_kind left = comparison->left->kind, right = comparison->right->kind;
	struct ir_condition ret;

	if ((left == EXPRESSION_NAME && right == EXPRESSION_NUMBER) || (left == EXPRESSION_NUMBER && right == EXPRESSION_NAME))
		return ask_side(lowering, comparison);
	if (ask_bits(lowering, comparison, &ret))
		return ret;
	return compute(lowering, comparison);
}

/* ---- Truth ---- */

static struct ir_condition lower(const struct lowering *lowering, const struct expression *part, bool negated);

static struct condition_list start(const struct lowering *lowering, enum ir_condition_kind kind)
{
	return (struct condition_list){ .arena = lowering->arena, .hook = lowering->hook, .kind = kind };
}

static void add(struct condition_list *list, struct ir_condition part)
{
	condition_add(list, &part);
}

/* All operands of one && after the other, or ||, as one list. */
static void gather(const struct lowering *lowering, const struct expression *part, const char *sign, bool negated,
		   struct condition_list *list)
{
	if (is_call(part, sign)) {
		gather(lowering, part->operands[0], sign, negated, list);
		gather(lowering, part->operands[1], sign, negated, list);
	} else {
		add(list, lower(lowering, part, negated));
	}
}

static struct ir_condition lower_connective(const struct lowering *lowering, const struct expression *call, bool negated)
{
	bool is_all = !strcmp(call->text, "&&");
	struct condition_list list = start(lowering, is_all != negated ? IR_ALL : IR_ANY);

	gather(lowering, call, call->text, negated, &list);
	return condition_join(&list);
}

static struct ir_condition lower_both(const struct lowering *lowering, const struct expression *left, bool left_negated,
				      const struct expression *right, bool right_negated)
{
	struct condition_list list = start(lowering, IR_ALL);

	add(&list, lower(lowering, left, left_negated));
	add(&list, lower(lowering, right, right_negated));
	return condition_join(&list);
}

/* a && b || !a && !b; negated, a && !b || !a && b. */
static struct ir_condition lower_same_truth(const struct lowering *lowering, const struct expression *left,
					    const struct expression *right, bool negated)
{
	struct condition_list list = start(lowering, IR_ANY);

	if (left->kind == EXPRESSION_TRUTH)
		return lower(lowering, right, negated != !left->number);
	if (right->kind == EXPRESSION_TRUTH)
		return lower(lowering, left, negated != !right->number);
	add(&list, lower_both(lowering, left, false, right, negated));
	add(&list, lower_both(lowering, left, true, right, !negated));
	return condition_join(&list);
}

static struct ir_condition lower_equal(const struct lowering *lowering, const struct expression *left,
				       const struct expression *right, bool negated)
{
	bool is_left = left->kind == EXPRESSION_NAME;

	if (left->type == EXPRESSION_BOOL)
		return lower_same_truth(lowering, left, right, negated);
	if (expression_is_literal(left) && expression_is_literal(right))	/* inside of an `in` */
		return condition_known((left->type == EXPRESSION_STRING ? left->length == right->length &&
			!memcmp(left->text, right->text, left->length) : left->number == right->number) != negated);
	if (left->type == EXPRESSION_STRING)
		return ask_string(lowering, is_left ? left : right, ABI_STRING_EXACT, is_left ? right : left, negated);
	return numbers_condition(lowering, &(struct comparison){ IR_WORD_EQUAL, left, right, negated });
}

static struct ir_condition lower_in(const struct lowering *lowering, const struct expression *value,
				    const struct expression *members, bool negated)
{
	struct condition_list list = start(lowering, negated ? IR_ALL : IR_ANY);

	for (unsigned i = 0; i < members->count; i++)
		add(&list, lower_equal(lowering, value, members->operands[i], negated));
	return condition_join(&list);
}

static struct ir_condition lower_method(const struct lowering *lowering, const struct expression *call, bool negated)
{
	static const struct { const char *name; uint32_t kind; } rows[] = {
		{ "startsWith", ABI_STRING_PREFIX }, { "endsWith", ABI_STRING_POSTFIX }, { "contains", ABI_SUBSTRING },
	};
	size_t n = 0;

	while (strcmp(rows[n].name, call->text))
		n++;
	return ask_string(lowering, call->operands[0], rows[n].kind, call->operands[1], negated);
}

/* > and >= are < and <= the other way round. */
static struct ir_condition lower_order(const struct lowering *lowering, const struct expression *call, bool negated)
{
	bool is_swapped = call->text[0] == '>';

	return numbers_condition(lowering, &(struct comparison){
		call->text[1] ? IR_WORD_LESS_EQUAL : IR_WORD_LESS, call->operands[is_swapped], call->operands[!is_swapped],
		negated,
	});
}

static struct ir_condition lower(const struct lowering *lowering, const struct expression *part, bool negated)
{
	if (part->kind == EXPRESSION_TRUTH)
		return condition_known((bool)part->number != negated);
	if (part->is_method)
		return lower_method(lowering, part, negated);
	if (is_call(part, "!"))
		return lower(lowering, part->operands[0], !negated);
	if (is_call(part, "&&") || is_call(part, "||"))
		return lower_connective(lowering, part, negated);
	if (is_call(part, "in"))
		return lower_in(lowering, part->operands[0], part->operands[1], negated);
	if (is_call(part, "==") || is_call(part, "!="))
		return lower_equal(lowering, part->operands[0], part->operands[1], negated != is_call(part, "!="));
	return lower_order(lowering, part, negated);
}

/* ---- The whole ---- */

static struct ir_condition ask_readable(const struct lowering *lowering, unsigned position)
{
	struct ir_predicate *predicate = arena_new(lowering->arena, struct ir_predicate);

	*predicate = ask_of(lowering, &(struct expression){ .number = position }, IR_READABLE);
	return (struct ir_condition){ .kind = IR_ASK, .predicate = predicate };
}

struct ir_condition *lower_condition(struct arena *arena, const struct ir_hook *hook, const struct expression *expression,
				     const struct ir_predicate *filter)
{
	const struct lowering lowering = { arena, hook, filter };
	struct ir_condition *ret = arena_new(arena, struct ir_condition);
	struct condition_list list = start(&lowering, IR_ALL);
	uint64_t missing;

	*ret = lower(&lowering, expression, false);
	missing = expression_arguments(expression) & ~condition_reads(ret);
	if (condition_is(ret, false))
		return ret;
	for (unsigned n = 0; n < hook->arguments.count; n++)
		if (missing >> n & 1)
			add(&list, ask_readable(&lowering, n));
	condition_add(&list, ret);
	*ret = condition_join(&list);
	return ret;
}

/* No filter of matchArgs says that a string contains none of the patterns. */
static bool is_plain(const struct ir_condition *condition)
{
	return condition->kind == IR_ASK && !(condition->predicate->negated && condition->predicate->test == IR_SUBSTRINGS);
}

void lower_expression(struct arena *arena, const struct ir_hook *hook, const struct expression *expression,
		      struct ir_predicate *predicate)
{
	const struct ir_condition *condition = lower_condition(arena, hook, expression, predicate);

	predicate->test = condition_is(condition, false) ? IR_NEVER : IR_HOLDS;
	if (is_plain(condition))
		*predicate = *condition->predicate;
	else if (predicate->test == IR_HOLDS)
		predicate->condition = condition;
}
