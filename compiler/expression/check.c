// SPDX-License-Identifier: Apache-2.0
/* check.c - types of expressions; see expression.h. */
#include "compiler/expression/expression.h"

#include <string.h>

#include "compiler/base/nearest.h"

/* Tetragon's, in pkg/celbpf: integers of 32 and 64 bits. */
enum expression_type expression_type_of(enum type_id type)
{
	switch (type) {
	case TYPE_INT:
	case TYPE_INT32:
		return EXPRESSION_INT32;
	case TYPE_UINT32:
		return EXPRESSION_UINT32;
	case TYPE_INT64:
		return EXPRESSION_INT;
	case TYPE_UINT64:
		return EXPRESSION_UINT;
	default:
		return EXPRESSION_UNTYPED;
	}
}

struct checker {
	const enum expression_type *arguments;
	const char *const *names;
	size_t count;
	struct arena *arena;
	struct expression_problem *problem;
};

#define NUMBERS_TYPES (1u << EXPRESSION_INT32 | 1u << EXPRESSION_UINT32 | 1u << EXPRESSION_INT | 1u << EXPRESSION_UINT)
#define TRUTHS (1u << EXPRESSION_BOOL)

/* What may be called: the operands are of one of the types, all of the same; the result is RESULT, or that type. */
static const struct function {
	const char *name;
	unsigned count;
	unsigned operands;
	enum expression_type result;
} functions[] = {
	{ "&&", 2, TRUTHS, EXPRESSION_BOOL }, { "||", 2, TRUTHS, EXPRESSION_BOOL }, { "!", 1, TRUTHS, EXPRESSION_BOOL },
	{ "==", 2, NUMBERS_TYPES | TRUTHS, EXPRESSION_BOOL }, { "!=", 2, NUMBERS_TYPES | TRUTHS, EXPRESSION_BOOL },
	{ "<", 2, NUMBERS_TYPES, EXPRESSION_BOOL }, { "<=", 2, NUMBERS_TYPES, EXPRESSION_BOOL },
	{ ">", 2, NUMBERS_TYPES, EXPRESSION_BOOL }, { ">=", 2, NUMBERS_TYPES, EXPRESSION_BOOL },
	{ "+", 2, NUMBERS_TYPES, EXPRESSION_UNTYPED }, { "-", 2, NUMBERS_TYPES, EXPRESSION_UNTYPED },
	{ "and", 2, NUMBERS_TYPES, EXPRESSION_UNTYPED }, { "or", 2, NUMBERS_TYPES, EXPRESSION_UNTYPED },
	{ "xor", 2, NUMBERS_TYPES, EXPRESSION_UNTYPED }, { "not", 1, NUMBERS_TYPES, EXPRESSION_UNTYPED },
	{ "int32", 1, 1u << EXPRESSION_INT, EXPRESSION_INT32 }, { "uint32", 1, 1u << EXPRESSION_UINT, EXPRESSION_UINT32 },
};
enum { FUNCTIONS = sizeof(functions) / sizeof(*functions) };

const char *expression_type_name(enum expression_type type)
{
	static const char *const names[] = { "nothing", "bool", "int32", "uint32", "int", "uint" };

	return names[type];
}

static bool fail(struct checker *checker, enum expression_fault fault, const struct expression *at,
		 const char *message, const char *help)
{
	*checker->problem = (struct expression_problem){ fault, at->start, at->end, message, help };
	return false;
}

static bool is_sign(const char *name)
{
	return !strchr("abcdefghijklmnopqrstuvwxyz_ABCDEFGHIJKLMNOPQRSTUVWXYZ", *name);
}

static bool unknown_function(struct checker *checker, const struct expression *call)
{
	struct nearest nearest = { .name = call->text, .length = strlen(call->text) };

	for (size_t i = 0; i < FUNCTIONS; i++)
		if (!is_sign(functions[i].name))
			nearest_try(&nearest, functions[i].name);
	if (is_sign(call->text) || !strcmp(call->text, "in"))
		return fail(checker, EXPRESSION_UNAVAILABLE, call,
			arena_format(checker->arena, "'%s' is not available in a kernel", call->text),
			"there are == != < <= > >= + - && || !");
	return fail(checker, EXPRESSION_UNAVAILABLE, call,
		arena_format(checker->arena, "there is no function %.32s()", call->text),
		nearest.best ? arena_format(checker->arena, "did you mean %s()?", nearest.best) :
		"there are and() or() xor() not() int32() uint32()");
}

static const struct function *find_function(const struct expression *call)
{
	for (size_t i = 0; i < FUNCTIONS; i++)
		if (!strcmp(functions[i].name, call->text) && (!is_sign(call->text) || functions[i].count == call->count))
			return &functions[i];
	return NULL;
}

/* How to make the two the same, where one of them is a literal or can be cast. */
static const char *same_type_help(struct checker *checker, enum expression_type left, const struct expression *right)
{
	bool is_literal = right->kind == EXPRESSION_NUMBER;

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

static bool check_part(struct checker *checker, struct expression *part);

static bool check_call(struct checker *checker, struct expression *call)
{
	const struct function *function = find_function(call);

	for (unsigned i = 0; i < call->count; i++)
		if (!check_part(checker, call->operands[i]))
			return false;
	if (!function)
		return unknown_function(checker, call);
	if (function->count != call->count)
		return fail(checker, EXPRESSION_MISTYPED, call, arena_format(checker->arena, "%s() takes %u argument%s, not %u",
			function->name, function->count, function->count == 1 ? "" : "s", call->count), NULL);
	if (call->count == 2 && call->operands[0]->type != call->operands[1]->type)
		return mistyped(checker, call, call->operands[0], call->operands[1]);
	if (!(function->operands >> call->operands[0]->type & 1))
		return fail(checker, EXPRESSION_MISTYPED, call->operands[0], arena_format(checker->arena,
			is_sign(function->name) ? "'%s' on %s" : "%s() of %s", function->name,
			expression_type_name(call->operands[0]->type)), NULL);
	call->type = function->result ? function->result : call->operands[0]->type;
	return true;
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
	if (checker->arguments[number] == EXPRESSION_UNTYPED)
		return fail(checker, EXPRESSION_ARGUMENT, name, arena_format(checker->arena,
			"%s is of type '%s', which expressions cannot use", name->text, checker->names[number]),
			"they can use int, int32, uint32, int64 and uint64");
	name->number = (uint64_t)number;
	name->type = checker->arguments[number];
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
	case EXPRESSION_NAME:
		return check_name(checker, part);
	case EXPRESSION_CALL:
		return check_call(checker, part);
	case EXPRESSION_OTHER:
		break;
	}
	return fail(checker, EXPRESSION_UNAVAILABLE, part, arena_format(checker->arena, "%s is not available in a kernel",
		part->text), "expressions are made of integers and true or false");
}

bool expression_check(struct expression *expression, const enum expression_type *arguments,
		      const char *const *names, size_t count, struct arena *arena, struct expression_problem *problem)
{
	struct checker checker = { arguments, names, count, arena, problem };

	if (!check_part(&checker, expression))
		return false;
	if (expression->type != EXPRESSION_BOOL)
		return fail(&checker, EXPRESSION_MISTYPED, expression, arena_format(arena,
			"the expression is of type %s, and must be a bool", expression_type_name(expression->type)),
			"compare it with something");
	return true;
}
