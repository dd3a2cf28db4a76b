// SPDX-License-Identifier: Apache-2.0
/* parse.c - recursive descent over the grammar of CEL; see expression.h. */
#include "compiler/expression/expression.h"

#include <errno.h>
#include <string.h>

#include "compiler/base/number.h"
#include "compiler/expression/string.h"
#include "schema/schema.h"

enum token_kind { TOKEN_END, TOKEN_NUMBER, TOKEN_FLOAT, TOKEN_STRING, TOKEN_WORD, TOKEN_SIGN };

struct token {
	enum token_kind kind;
	uint32_t start, end;
};

struct parser {
	const char *text;
	uint32_t length, at;
	struct token token;		/* the one to be looked at */
	struct arena *arena;
	struct expression_problem *problem;
	unsigned depth, nodes;
	bool failed;
};

enum { OPERANDS_MAX = 2 };	/* of calls */

/* ---- Problems ---- */

/* The first one counts. */
static struct expression *fail(struct parser *parser, uint32_t start, uint32_t end, const char *message,
			       const char *help)
{
	if (!parser->failed)
		*parser->problem = (struct expression_problem){ EXPRESSION_SYNTAX, start, end, message, help };
	parser->failed = true;
	parser->token.kind = TOKEN_END;
	return NULL;
}

/* ---- Tokens ---- */

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static char peek(const struct parser *parser, uint32_t ahead)
{
	return parser->at + ahead < parser->length ? parser->text[parser->at + ahead] : 0;
}

static void skip_space(struct parser *parser)
{
	for (;;) {
		while (parser->at < parser->length && strchr(" \t\n\f\r", parser->text[parser->at]) &&
		       parser->text[parser->at])
			parser->at++;
		if (peek(parser, 0) != '/' || peek(parser, 1) != '/')
			return;
		while (parser->at < parser->length && parser->text[parser->at] != '\n')
			parser->at++;
	}
}

static enum token_kind scan_number(struct parser *parser)
{
	bool is_float = false, is_hex = peek(parser, 0) == '0' && (peek(parser, 1) | 32) == 'x';

	parser->at += is_hex ? 2 : 0;
	while (is_digit(peek(parser, 0)) || is_letter(peek(parser, 0)) ||
	       (!is_hex && peek(parser, 0) == '.' && is_digit(peek(parser, 1))) ||
	       (!is_hex && (peek(parser, 0) == '+' || peek(parser, 0) == '-') &&
		(parser->text[parser->at - 1] | 32) == 'e')) {
		is_float |= !is_hex && (peek(parser, 0) == '.' || (peek(parser, 0) | 32) == 'e');
		parser->at++;
	}
	return is_float ? TOKEN_FLOAT : TOKEN_NUMBER;
}

/* At the first quote; `raw` strings have no escapes. */
static bool scan_string(struct parser *parser, bool raw)
{
	char quote = peek(parser, 0);
	uint32_t quotes = peek(parser, 1) == quote && peek(parser, 2) == quote ? 3 : 1, found = 0;

	for (parser->at += quotes; parser->at < parser->length && found < quotes; parser->at++) {
		char c = parser->text[parser->at];

		if (c == '\\' && !raw)
			parser->at++;
		if ((c == '\n' || c == '\r') && quotes == 1)
			return false;
		found = c == quote ? found + 1 : 0;
	}
	return found == quotes && parser->at <= parser->length;
}

/* Letters that may stand before a string: r, b, rb, br, in any case. */
static uint32_t string_prefix(const struct parser *parser)
{
	uint32_t n = 0;

	while (n < 2 && peek(parser, n) && strchr("rRbB", peek(parser, n)))
		n++;
	return peek(parser, n) == '"' || peek(parser, n) == '\'' ? n : UINT32_MAX;
}

static void next(struct parser *parser)
{
	static const char *const doubles[] = { "==", "!=", "<=", ">=", "&&", "||" };
	struct token *token = &parser->token;
	uint32_t prefix;

	if (parser->failed)
		return;
	skip_space(parser);
	*token = (struct token){ TOKEN_SIGN, parser->at, parser->at };
	if (parser->at >= parser->length) {
		token->kind = TOKEN_END;
		return;
	}
	prefix = string_prefix(parser);
	if (prefix != UINT32_MAX) {
		bool raw = memchr(parser->text + parser->at, 'r', prefix) || memchr(parser->text + parser->at, 'R', prefix);

		parser->at += prefix;
		token->kind = TOKEN_STRING;
		if (!scan_string(parser, raw))
			fail(parser, token->start, parser->length, "the string does not end", NULL);
	} else if (is_digit(peek(parser, 0)) || (peek(parser, 0) == '.' && is_digit(peek(parser, 1)))) {
		token->kind = scan_number(parser);
	} else if (is_letter(peek(parser, 0))) {
		token->kind = TOKEN_WORD;
		while (is_letter(peek(parser, 0)) || is_digit(peek(parser, 0)))
			parser->at++;
	} else {
		parser->at++;
		for (size_t i = 0; i < sizeof(doubles) / sizeof(*doubles); i++)
			if (parser->length - token->start >= 2 && !memcmp(parser->text + token->start, doubles[i], 2))
				parser->at = token->start + 2;
	}
	if (!parser->failed)
		token->end = parser->at;
}

static bool is_token(const struct parser *parser, const char *text)
{
	const struct token *token = &parser->token;

	return (token->kind == TOKEN_SIGN || token->kind == TOKEN_WORD) && token->end - token->start == strlen(text) &&
		!memcmp(parser->text + token->start, text, strlen(text));
}

static bool accept(struct parser *parser, const char *text)
{
	if (!is_token(parser, text))
		return false;
	next(parser);
	return true;
}

static const char *token_text(const struct parser *parser)
{
	return arena_copy(parser->arena, parser->text + parser->token.start, parser->token.end - parser->token.start);
}

static struct expression *unexpected(struct parser *parser, const char *wanted)
{
	const struct token *token = &parser->token;

	if (parser->failed)
		return NULL;
	if (token->kind == TOKEN_END)
		return fail(parser, token->start ? token->start - 1 : 0, token->start,
			arena_format(parser->arena, "the expression ends where %s is expected", wanted), NULL);
	return fail(parser, token->start, token->end, arena_format(parser->arena, "'%.32s' where %s is expected",
		token_text(parser), wanted), is_token(parser, "=") ? "to compare, write '=='" :
		is_token(parser, "&") ? "write '&&', or and(a, b) on bits" :
		is_token(parser, "|") ? "write '||', or or(a, b) on bits" : NULL);
}

/* ---- The tree ---- */

static struct expression *part(struct parser *parser, enum expression_kind kind, uint32_t start)
{
	struct expression *part;

	if (parser->failed)
		return NULL;
	if (++parser->nodes > LIMIT_EXPRESSION_NODES)
		return fail(parser, start, parser->length, arena_format(parser->arena,
			"the expression has more than %d parts", LIMIT_EXPRESSION_NODES), NULL);
	part = arena_new(parser->arena, struct expression);
	part->kind = kind;
	part->start = start;
	part->end = parser->token.start;
	return part;
}

/* What CEL has and a kernel has not. */
static struct expression *other(struct parser *parser, uint32_t start, uint32_t end, const char *what)
{
	struct expression *ret = part(parser, EXPRESSION_OTHER, start);

	if (ret) {
		ret->text = what;
		ret->end = end;
	}
	return ret;
}

static struct expression *call(struct parser *parser, const char *name, struct expression *left,
			       struct expression *right, uint32_t start, uint32_t end)
{
	struct expression *ret = part(parser, EXPRESSION_CALL, start);

	if (!ret)
		return NULL;
	ret->text = name;
	ret->operands = arena_array(parser->arena, struct expression *, OPERANDS_MAX);
	ret->operands[0] = left;
	ret->operands[1] = right;
	ret->count = right ? 2 : left ? 1 : 0;
	ret->end = end;
	return ret;
}

static struct expression *parse_expression(struct parser *parser);

struct values { struct expression **items; size_t count, capacity; };

/* Values up to the closing sign.  End of the sign. */
static uint32_t parse_values(struct parser *parser, const char *close, struct values *ret)
{
	uint32_t end;

	while (!is_token(parser, close) && !parser->failed) {
		ret->items = arena_grow(parser->arena, ret->items, ret->count, &ret->capacity, sizeof(*ret->items));
		ret->items[ret->count++] = parse_expression(parser);
		if (!accept(parser, ","))
			break;
	}
	end = parser->token.end;
	if (!accept(parser, close))
		unexpected(parser, arena_format(parser->arena, "',' or '%s'", close));
	return end;
}

/* The pairs of a map; what they are does not matter, only that they are CEL.  End of the closing sign. */
static uint32_t skip_pairs(struct parser *parser)
{
	uint32_t end;

	while (!is_token(parser, "}") && !parser->failed) {
		parse_expression(parser);
		if (!accept(parser, ":"))
			unexpected(parser, "':'");
		parse_expression(parser);
		if (!accept(parser, ","))
			break;
	}
	end = parser->token.end;
	if (!accept(parser, "}"))
		unexpected(parser, "',' or '}'");
	return end;
}

static struct expression *parse_number(struct parser *parser, bool negative)
{
	struct token token = parser->token;
	uint32_t length = token.end - token.start, start = negative ? token.start - 1 : token.start;
	bool is_unsigned = (parser->text[token.end - 1] | 32) == 'u';
	struct expression *ret;
	struct number number;
	int error;

	if (token.kind == TOKEN_FLOAT) {
		next(parser);
		return other(parser, start, token.end, "a floating-point number");
	}
	error = number_parse(parser->text + token.start, length - is_unsigned,
		length > 1 && (parser->text[token.start + 1] | 32) == 'x' ? NUMBER_ANY_BASE_UNSIGNED : NUMBER_DECIMAL, &number);
	if (error == -EINVAL)
		return fail(parser, token.start, token.end, arena_format(parser->arena, "'%.32s' is not a number",
			token_text(parser)), NULL);
	if (error || (!is_unsigned && number.magnitude > (uint64_t)INT64_MAX + negative) || (is_unsigned && negative))
		return fail(parser, start, token.end, "the number is out of bounds",
			is_unsigned ? NULL : "an int has 64 bits with a sign; write a 'u' behind an unsigned number");
	next(parser);
	ret = part(parser, EXPRESSION_NUMBER, start);
	if (!ret)
		return NULL;
	ret->number = negative ? -number.magnitude : number.magnitude;
	ret->type = is_unsigned ? EXPRESSION_UINT : EXPRESSION_INT;
	ret->end = token.end;
	return ret;
}

/* NAME ( a, b ) of at most two operands; more of them are of a function that is not available. */
static struct expression *parse_call(struct parser *parser, const char *name, uint32_t start)
{
	struct values values = { 0 };
	uint32_t end = parse_values(parser, ")", &values);

	if (parser->failed)
		return NULL;
	if (values.count > OPERANDS_MAX)
		return other(parser, start, end, arena_format(parser->arena, "%.32s() with %zu arguments", name,
			values.count));
	return call(parser, name, values.count ? values.items[0] : NULL, values.count > 1 ? values.items[1] : NULL, start,
		    end);
}

/* VALUE . NAME ( a ), behind the parenthesis. */
static struct expression *parse_method(struct parser *parser, struct expression *value, const char *name,
				       uint32_t start)
{
	struct values values = { 0 };
	uint32_t end = parse_values(parser, ")", &values);
	struct expression *ret;

	if (parser->failed)
		return NULL;
	if (values.count + 1 > OPERANDS_MAX)
		return other(parser, start, end, arena_format(parser->arena, "the method %.32s() with %zu arguments",
			name, values.count));
	ret = call(parser, name, value, values.count ? values.items[0] : NULL, start, end);
	if (ret)
		ret->is_method = true;
	return ret;
}

static bool is_reserved(const struct parser *parser)
{
	static const char *const words[] = { "as", "break", "const", "continue", "else", "for", "function", "if", "import",
		"in", "let", "loop", "package", "namespace", "return", "var", "void", "while" };

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (is_token(parser, words[i]))
			return true;
	return false;
}

static struct expression *parse_word(struct parser *parser)
{
	struct token token = parser->token;
	const char *name = token_text(parser);
	struct expression *ret;

	if (is_reserved(parser))
		return fail(parser, token.start, token.end, arena_format(parser->arena, "'%s' is a reserved word", name), NULL);
	next(parser);
	if (!strcmp(name, "null"))
		return other(parser, token.start, token.end, "null");
	if (accept(parser, "("))
		return parse_call(parser, name, token.start);
	ret = part(parser, strcmp(name, "true") && strcmp(name, "false") ? EXPRESSION_NAME : EXPRESSION_TRUTH, token.start);
	if (!ret)
		return NULL;
	ret->text = name;
	ret->number = !strcmp(name, "true");
	ret->end = token.end;
	return ret;
}

static struct expression *parse_list(struct parser *parser, uint32_t start)
{
	struct values values = { 0 };
	uint32_t end = parse_values(parser, "]", &values);
	struct expression *ret = part(parser, EXPRESSION_LIST, start);

	if (!ret)
		return NULL;
	ret->text = "a list";
	ret->operands = values.items;
	ret->count = (unsigned)values.count;
	ret->end = end;
	return ret;
}

static struct expression *parse_string(struct parser *parser)
{
	struct token token = parser->token;
	const char *text = parser->text + token.start;
	struct string_problem problem;
	struct expression *ret;

	next(parser);
	if ((text[0] | 32) == 'b' || ((text[0] | 32) == 'r' && (text[1] | 32) == 'b'))
		return other(parser, token.start, token.end, "a string of bytes");
	ret = part(parser, EXPRESSION_TEXT, token.start);
	if (!ret)
		return NULL;
	ret->end = token.end;
	ret->text = string_literal(text, token.end - token.start, parser->arena, &ret->length, &problem);
	if (!ret->text)
		return fail(parser, token.start + problem.start, token.start + problem.end, problem.message, problem.help);
	return ret;
}

static struct expression *parse_primary(struct parser *parser)
{
	struct token token = parser->token;
	struct expression *inner;

	switch (token.kind) {
	case TOKEN_NUMBER:
	case TOKEN_FLOAT:
		return parse_number(parser, false);
	case TOKEN_STRING:
		return parse_string(parser);
	case TOKEN_WORD:
		return parse_word(parser);
	default:
		break;
	}
	if (accept(parser, "(")) {
		inner = parse_expression(parser);
		return accept(parser, ")") ? inner : unexpected(parser, "')'");
	}
	if (accept(parser, "["))
		return parse_list(parser, token.start);
	if (accept(parser, "{"))
		return other(parser, token.start, skip_pairs(parser), "a map");
	if (accept(parser, "."))
		return parser->token.kind == TOKEN_WORD ? parse_word(parser) : unexpected(parser, "a name");
	return unexpected(parser, "a value");
}

static struct expression *parse_selection(struct parser *parser, struct expression *value, uint32_t start)
{
	uint32_t end = parser->token.end;
	const char *name;

	if (parser->token.kind != TOKEN_WORD)
		return unexpected(parser, "the name of a field");
	name = token_text(parser);
	next(parser);
	if (!value)
		return NULL;
	if (accept(parser, "("))
		return parse_method(parser, value, name, start);
	return other(parser, start, end, "a field of a value");
}

static struct expression *parse_member(struct parser *parser)
{
	uint32_t start = parser->token.start;
	struct expression *ret = parse_primary(parser);
	struct values values = { 0 };

	for (;;) {
		if (accept(parser, "."))
			ret = parse_selection(parser, ret, start);
		else if (accept(parser, "["))
			ret = other(parser, start, parse_values(parser, "]", &values), "an index");
		else
			return ret;
	}
}

/* One - before a literal is part of it. */
static struct expression *parse_unary(struct parser *parser)
{
	uint32_t start = parser->token.start;
	struct expression *inner, *ret;
	const char *sign;

	if (!is_token(parser, "!") && !is_token(parser, "-"))
		return parse_member(parser);
	sign = is_token(parser, "!") ? "!" : "-";
	if (++parser->depth > LIMIT_EXPRESSION_DEPTH)
		return fail(parser, start, parser->length, "the expression is nested too deeply", NULL);
	next(parser);
	if (*sign == '-' && parser->token.start == start + 1 &&
	    (parser->token.kind == TOKEN_NUMBER || parser->token.kind == TOKEN_FLOAT)) {
		ret = parse_number(parser, true);
	} else {
		inner = parse_unary(parser);
		ret = inner ? call(parser, sign, inner, NULL, start, inner->end) : NULL;
	}
	parser->depth--;
	return ret;
}

/* Operators by level, the loosest first; all of a level bind to the left. */
static const char *const levels[][7] = {
	{ "||" }, { "&&" }, { "==", "!=", "<=", ">=", "<", ">", "in" }, { "+", "-" }, { "*", "/", "%" },
};
enum { LEVELS = sizeof(levels) / sizeof(*levels) };

static const char *operator_here(const struct parser *parser, unsigned level)
{
	for (unsigned i = 0; i < sizeof(levels[0]) / sizeof(*levels[0]) && levels[level][i]; i++)
		if (is_token(parser, levels[level][i]))
			return levels[level][i];
	return NULL;
}

static struct expression *parse_level(struct parser *parser, unsigned level)
{
	struct expression *left, *right;
	const char *sign;

	if (level == LEVELS)
		return parse_unary(parser);
	left = parse_level(parser, level + 1);
	while (left && (sign = operator_here(parser, level))) {
		next(parser);
		right = parse_level(parser, level + 1);
		if (!right)
			return NULL;
		left = call(parser, sign, left, right, left->start, right->end);
	}
	return left;
}

static struct expression *parse_expression(struct parser *parser)
{
	uint32_t start = parser->token.start;
	struct expression *ret;

	if (++parser->depth > LIMIT_EXPRESSION_DEPTH)
		return fail(parser, start, parser->length, "the expression is nested too deeply", NULL);
	ret = parse_level(parser, 0);
	if (ret && accept(parser, "?")) {
		parse_level(parser, 0);
		if (!accept(parser, ":"))
			unexpected(parser, "':'");
		ret = parse_expression(parser);
		ret = ret ? other(parser, start, ret->end, "a choice with ? and :") : NULL;
	}
	parser->depth--;
	return ret;
}

struct expression *expression_parse(const char *text, size_t length, struct arena *arena,
				    struct expression_problem *problem)
{
	struct parser parser = { .text = text, .length = (uint32_t)length, .arena = arena, .problem = problem };
	struct expression *ret;

	next(&parser);
	ret = parse_expression(&parser);
	if (ret && !parser.failed && parser.token.kind != TOKEN_END)
		unexpected(&parser, "an operator or the end");
	return parser.failed ? NULL : ret;
}
