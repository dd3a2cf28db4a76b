// SPDX-License-Identifier: Apache-2.0
/* check.c - types of expressions; see expression.h. */
#include "compiler/expression/expression.h"

#include <string.h>

#include "compiler/base/nearest.h"

/* Integers by class and width: what is narrower is widened. */
static enum expression_type integer_type(const struct type_row *type)
{
	bool is_wide = type->bits == 64;

	if (type->class == CLASS_SIGNED)
		return is_wide ? EXPRESSION_INT : EXPRESSION_INT32;
	return is_wide ? EXPRESSION_UINT : EXPRESSION_UINT32;
}

enum expression_type expression_type_of(enum type_id type)
{
	switch (type_rows[type].class) {
	case CLASS_SIGNED:
	case CLASS_UNSIGNED:
		return integer_type(&type_rows[type]);
	case CLASS_CAPABILITIES:
		return EXPRESSION_UINT;
	case CLASS_STRING:
	case CLASS_PATH:
		return EXPRESSION_STRING;
	default:	/* a name like any other string, although Tetragon has no filter for it */
		return type == TYPE_FILENAME ? EXPRESSION_STRING : EXPRESSION_UNTYPED;
	}
}

struct checker {
	const enum type_id *arguments;
	size_t count;
	struct arena *arena;
	struct expression_problem *problem;
};

#define SIGNED_NUMBERS (1u << EXPRESSION_INT32 | 1u << EXPRESSION_INT)
#define NUMBERS (SIGNED_NUMBERS | 1u << EXPRESSION_UINT32 | 1u << EXPRESSION_UINT)
#define TRUTHS (1u << EXPRESSION_BOOL)
#define STRINGS (1u << EXPRESSION_STRING)

/*
 * What may be called: the operands are of one of the types, all of the same; the result is RESULT, or that type.  Of two
 * strings one is a literal, of methods the second.  longest: bytes of that literal.
 */
static const struct function {
	const char *name;
	unsigned count;
	unsigned operands;
	enum expression_type result;
	bool is_method;
	size_t longest;
} functions[] = {
	{ "&&", 2, TRUTHS, EXPRESSION_BOOL, false, 0 }, { "||", 2, TRUTHS, EXPRESSION_BOOL, false, 0 },
	{ "!", 1, TRUTHS, EXPRESSION_BOOL, false, 0 },
	{ "==", 2, NUMBERS | TRUTHS | STRINGS, EXPRESSION_BOOL, false, LIMIT_STRING_BYTES },
	{ "!=", 2, NUMBERS | TRUTHS | STRINGS, EXPRESSION_BOOL, false, LIMIT_STRING_BYTES },
	{ "in", 2, NUMBERS | STRINGS, EXPRESSION_BOOL, false, LIMIT_STRING_BYTES },
	{ "<", 2, NUMBERS, EXPRESSION_BOOL, false, 0 }, { "<=", 2, NUMBERS, EXPRESSION_BOOL, false, 0 },
	{ ">", 2, NUMBERS, EXPRESSION_BOOL, false, 0 }, { ">=", 2, NUMBERS, EXPRESSION_BOOL, false, 0 },
	{ "+", 2, NUMBERS, EXPRESSION_UNTYPED, false, 0 }, { "-", 2, NUMBERS, EXPRESSION_UNTYPED, false, 0 },
	{ "-", 1, SIGNED_NUMBERS, EXPRESSION_UNTYPED, false, 0 },
	{ "and", 2, NUMBERS, EXPRESSION_UNTYPED, false, 0 }, { "or", 2, NUMBERS, EXPRESSION_UNTYPED, false, 0 },
	{ "xor", 2, NUMBERS, EXPRESSION_UNTYPED, false, 0 }, { "not", 1, NUMBERS, EXPRESSION_UNTYPED, false, 0 },
	{ "int32", 1, 1u << EXPRESSION_INT, EXPRESSION_INT32, false, 0 },
	{ "uint32", 1, 1u << EXPRESSION_UINT, EXPRESSION_UINT32, false, 0 },
	{ "startsWith", 2, STRINGS, EXPRESSION_BOOL, true, LIMIT_STRING_BYTES },
	{ "endsWith", 2, STRINGS, EXPRESSION_BOOL, true, LIMIT_STRING_BYTES },
	{ "contains", 2, STRINGS, EXPRESSION_BOOL, true, LIMIT_STRING_BYTES },
};
enum { FUNCTIONS = sizeof(functions) / sizeof(*functions) };

const char *expression_type_name(enum expression_type type)
{
	static const char *const names[] = { "nothing", "bool", "int32", "uint32", "int", "uint", "string" };

	return names[type];
}

static bool fail(struct checker *checker, enum expression_fault fault, const struct expression *at,
		 const char *message, const char *help)
{
	*checker->problem = (struct expression_problem){ fault, at->start, at->end, message, help };
	return false;
}

/* An operator, not a name. */
static bool is_sign(const char *name)
{
	return !strcmp(name, "in") || !strchr("abcdefghijklmnopqrstuvwxyz_ABCDEFGHIJKLMNOPQRSTUVWXYZ", *name);
}

static const char *nearest_help(struct checker *checker, const struct expression *call)
{
	struct nearest nearest = { .name = call->text, .length = strlen(call->text) };

	for (size_t i = 0; i < FUNCTIONS; i++)
		if (!is_sign(functions[i].name) && functions[i].is_method == call->is_method)
			nearest_try(&nearest, functions[i].name);
	if (nearest.best)
		return arena_format(checker->arena, "did you mean %s()?", nearest.best);
	return call->is_method ? "there are startsWith() endsWith() contains()" :
		"there are and() or() xor() not() int32() uint32()";
}

static bool unknown_function(struct checker *checker, const struct expression *call)
{
	if (is_sign(call->text) && !call->is_method)
		return fail(checker, EXPRESSION_UNAVAILABLE, call,
			arena_format(checker->arena, "'%s' is not available in a kernel", call->text),
			"there are == != < <= > >= + - && || ! in");
	return fail(checker, EXPRESSION_UNAVAILABLE, call, arena_format(checker->arena, call->is_method ?
		"the method %.32s() is not available in a kernel" : "there is no function %.32s()", call->text),
		nearest_help(checker, call));
}

/* Signs by their number of operands too: a - b is not -a. */
static const struct function *find_function(const struct expression *call)
{
	for (size_t i = 0; i < FUNCTIONS; i++)
		if (!strcmp(functions[i].name, call->text) && functions[i].is_method == call->is_method &&
		    (!is_sign(call->text) || functions[i].count == call->count))
			return &functions[i];
	return NULL;
}

/* How to make the two the same, where one of them is a literal or can be cast. */
static const char *same_type_help(struct checker *checker, enum expression_type left, const struct expression *right)
{
	bool is_literal = right->kind == EXPRESSION_NUMBER;
	bool is_negative = is_literal && right->type == EXPRESSION_INT && (int64_t)right->number < 0;

	if (is_negative && left != EXPRESSION_INT32)
		return "numbers of that type are never negative";
	if (left == EXPRESSION_INT32 && right->type == EXPRESSION_INT)
		return arena_format(checker->arena, is_literal ? "write int32(%lld)" : "cast it with int32()",
			(long long)right->number);
	if (left == EXPRESSION_UINT32 && (right->type == EXPRESSION_UINT || is_literal))
		return arena_format(checker->arena, is_literal ? "write uint32(%lluu)" : "cast it with uint32()",
			(unsigned long long)right->number);
	if (left == EXPRESSION_UINT && is_literal)
		return arena_format(checker->arena, "write %lluu", (unsigned long long)right->number);
	return NULL;
}

static bool mistyped(struct checker *checker, const struct expression *call, const struct expression *left,
		     const struct expression *right)
{
	const char *help = same_type_help(checker, left->type, right);

	return fail(checker, EXPRESSION_MISTYPED, call, arena_format(checker->arena, "'%s' on %s and %s", call->text,
		expression_type_name(left->type), expression_type_name(right->type)),
		help ? help : same_type_help(checker, right->type, left));
}

/* Of one of the types that the function takes. */
static bool check_operand(struct checker *checker, const struct function *function, const struct expression *operand)
{
	bool is_string = operand->type == EXPRESSION_STRING;

	if (function->operands >> operand->type & 1)
		return true;
	return fail(checker, EXPRESSION_MISTYPED, operand, arena_format(checker->arena,
		is_sign(function->name) ? "'%s' on %s" : "%s() of %s", function->name, expression_type_name(operand->type)),
		is_string ? "strings have == != in startsWith() endsWith() contains()" : NULL);
}

/* What a kernel compares with a string is known beforehand, and of limited length. */
static bool check_strings(struct checker *checker, const struct function *function, const struct expression *left,
			  const struct expression *right)
{
	const struct expression *literal = right->kind == EXPRESSION_TEXT || function->is_method ? right : left;

	if (left->type != EXPRESSION_STRING)
		return true;
	if (literal->kind != EXPRESSION_TEXT)
		return fail(checker, EXPRESSION_UNAVAILABLE, literal, arena_format(checker->arena, function->is_method ?
			"%s() of an argument is not available in a kernel" :
			"'%s' of two arguments that are strings is not available in a kernel", function->name),
			"compare the string with a literal");
	if (literal->length > function->longest)
		return fail(checker, EXPRESSION_LENGTH, literal, arena_format(checker->arena, is_sign(function->name) ?
			"the string has %zu bytes, and '%s' takes %zu" : "the string has %zu bytes, and %s() takes %zu",
			literal->length, function->name, function->longest), NULL);
	return true;
}

static bool check_part(struct checker *checker, struct expression *part);

/* Every member is of the type of what is looked for. */
static bool check_in(struct checker *checker, const struct function *function, struct expression *call)
{
	struct expression *value = call->operands[0], *list = call->operands[1];

	if (list->kind != EXPRESSION_LIST)
		return fail(checker, EXPRESSION_UNAVAILABLE, list, "'in' without a list is not available in a kernel",
			"write its values: x in [1, 2]");
	if (!check_part(checker, value) || !check_operand(checker, function, value))
		return false;
	for (unsigned i = 0; i < list->count; i++) {
		if (!check_part(checker, list->operands[i]))
			return false;
		if (list->operands[i]->type != value->type)
			return mistyped(checker, call, value, list->operands[i]);
		if (!check_strings(checker, function, value, list->operands[i]))
			return false;
	}
	list->type = value->type;
	call->type = EXPRESSION_BOOL;
	return true;
}

static bool check_count(struct checker *checker, const struct function *function, const struct expression *call)
{
	unsigned wanted = function->count - function->is_method, given = call->count - call->is_method;

	if (wanted == given)
		return true;
	return fail(checker, EXPRESSION_MISTYPED, call, arena_format(checker->arena, "%s() takes %u argument%s, not %u",
		function->name, wanted, wanted == 1 ? "" : "s", given), NULL);
}

static bool check_call(struct checker *checker, struct expression *call)
{
	const struct function *function = find_function(call);
	struct expression **operands = call->operands;

	if (function && !strcmp(function->name, "in"))
		return check_in(checker, function, call);
	for (unsigned i = 0; i < call->count; i++)
		if (!check_part(checker, operands[i]))
			return false;
	if (!function)
		return unknown_function(checker, call);
	if (!check_count(checker, function, call))
		return false;
	if (call->count == 2 && operands[0]->type != operands[1]->type && !call->is_method)
		return mistyped(checker, call, operands[0], operands[1]);
	for (unsigned i = 0; i < call->count; i++)
		if (!check_operand(checker, function, operands[i]))
			return false;
	call->type = function->result ? function->result : operands[0]->type;
	return call->count < 2 || check_strings(checker, function, operands[0], operands[1]);
}

/* Position of argN; -1 for another name. */
static long argument_number(const char *name)
{
	long number = 0;

	if (strncmp(name, "arg", 3) || !name[3] || strlen(name) > 6)
		return -1;
	for (const char *c = name + 3; *c; c++) {
		if (*c < '0' || *c > '9')
			return -1;
		number = number * 10 + (*c - '0');
	}
	return number;
}

static bool check_name(struct checker *checker, struct expression *name)
{
	long number = argument_number(name->text);

	if (number < 0)
		return fail(checker, EXPRESSION_MISTYPED, name, arena_format(checker->arena, "there is nothing called '%.32s'",
			name->text), "arg0 is the first entry of 'args', arg1 the second");
	if ((size_t)number >= checker->count)
		return fail(checker, EXPRESSION_ARGUMENT, name, arena_format(checker->arena,
			"there is no %s: the hook has %zu argument%s", name->text, checker->count, checker->count == 1 ? "" : "s"),
			"arg0 is the first entry of 'args', arg1 the second");
	name->number = (uint64_t)number;
	name->type = expression_type_of(checker->arguments[number]);
	if (name->type == EXPRESSION_UNTYPED)
		return fail(checker, EXPRESSION_ARGUMENT, name, arena_format(checker->arena,
			"%s is of type '%s', which expressions cannot use", name->text,
			type_rows[checker->arguments[number]].name),
			"they can use integers, strings, paths and sets of capabilities");
	return true;
}

static bool check_part(struct checker *checker, struct expression *part)
{
	switch (part->kind) {
	case EXPRESSION_NUMBER:
		return true;
	case EXPRESSION_TRUTH:
		part->type = EXPRESSION_BOOL;
		return true;
	case EXPRESSION_TEXT:
		part->type = EXPRESSION_STRING;
		return true;
	case EXPRESSION_NAME:
		return check_name(checker, part);
	case EXPRESSION_CALL:
		return check_call(checker, part);
	case EXPRESSION_LIST:
	case EXPRESSION_OTHER:
		break;
	}
	return fail(checker, EXPRESSION_UNAVAILABLE, part, arena_format(checker->arena, "%s is not available in a kernel",
		part->text), part->kind == EXPRESSION_LIST ? "lists stand on the right of 'in': x in [1, 2]" :
		"expressions are made of integers, strings and true or false");
}

_Static_assert(LIMIT_ARGUMENTS <= 64, "arguments are bits of a number");

uint64_t expression_arguments(const struct expression *expression)
{
	uint64_t ret = expression->kind == EXPRESSION_NAME ? 1ULL << expression->number : 0;

	for (unsigned i = 0; i < expression->count; i++)
		ret |= expression_arguments(expression->operands[i]);
	return ret;
}

bool expression_check(struct expression *expression, const enum type_id *arguments, size_t count, struct arena *arena,
		      struct expression_problem *problem)
{
	struct checker checker = { arguments, count, arena, problem };

	if (!check_part(&checker, expression))
		return false;
	if (expression->type != EXPRESSION_BOOL)
		return fail(&checker, EXPRESSION_MISTYPED, expression, arena_format(arena,
			"the expression is of type %s, and must be a bool", expression_type_name(expression->type)),
			"compare it with something");
	return true;
}
