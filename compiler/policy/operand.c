// SPDX-License-Identifier: Apache-2.0
/* operand.c - values of filters on numbers; see operand.h.  The syntax is Go's strconv, as in Tetragon. */
#include "compiler/policy/operand.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/base/number.h"
#include "compiler/policy/check.h"

/* ---- Numbers ---- */

struct domain { int64_t minimum; uint64_t maximum; };

static const struct domain operand_domains[] = {
	[OPERAND_S32] = { INT32_MIN, INT32_MAX },
	[OPERAND_U32] = { 0, UINT32_MAX },
	[OPERAND_S64] = { INT64_MIN, INT64_MAX },
	[OPERAND_U64] = { 0, UINT64_MAX },
};

static bool is_signed_operand(enum operand operand)
{
	return operand == OPERAND_S32 || operand == OPERAND_S64;
}

/* What an argument of the type can be. */
static struct domain type_domain(enum type_id type)
{
	unsigned bits = type_rows[type].bits;

	if (type_rows[type].class == CLASS_SIGNED)
		return (struct domain){ (int64_t)(~0ULL << (bits - 1)), (1ULL << (bits - 1)) - 1 };
	return (struct domain){ 0, bits == 64 ? UINT64_MAX : (1ULL << bits) - 1 };
}

static void refuse_number(const struct policy_value *value, enum type_id type, struct diagnostics *diagnostics)
{
	diag(diagnostics, DIAG_VALUE_NUMBER, value->text.at, "'%.*s' is not a number of type %s", SHOW(value->text),
		type_rows[type].name);
	if (value->text.length && (value->text.bytes[0] == '-' || value->text.bytes[0] == '+') &&
	    !is_signed_operand(type_rows[type].operand))
		diag_help(diagnostics, "the type is unsigned: no sign");
	else
		diag_help(diagnostics, "decimal, 0x hexadecimal, 0 octal or 0b binary, without spaces or fraction");
}

static void refuse_range(const struct policy_value *value, enum type_id type, struct diagnostics *diagnostics)
{
	struct domain domain = operand_domains[type_rows[type].operand];

	diag(diagnostics, DIAG_VALUE_RANGE, value->text.at, "%.*s does not fit type %s", SHOW(value->text),
		type_rows[type].name);
	diag_help(diagnostics, "values from %lld to %llu", (long long)domain.minimum,
		(unsigned long long)domain.maximum);
}

static bool is_above(uint64_t value, enum type_id type)
{
	struct domain domain = type_domain(type);

	if (type_rows[type].class == CLASS_SIGNED)
		return (int64_t)value > (int64_t)domain.maximum;
	return value > domain.maximum;
}

static bool is_below(uint64_t value, enum type_id type)
{
	return type_rows[type].class == CLASS_SIGNED && (int64_t)value < type_domain(type).minimum;
}

static bool is_negative(uint64_t value, enum type_id type)
{
	return type_rows[type].class == CLASS_SIGNED && (int64_t)value < 0;
}

static void warn_negative(const struct policy_value *value, enum type_id type, struct diagnostics *diagnostics)
{
	diag(diagnostics, DIAG_VALUE_NEGATIVE, value->text.at, "Tetragon never finds a negative %s", type_rows[type].name);
	diag_help(diagnostics, "it compares the bits without their sign: %s", type_rows[type].bits < 32 ?
		"read the argument as int" : "use Equal or InRange");
}

static void warn_width(const struct policy_value *value, enum type_id type, struct diagnostics *diagnostics)
{
	struct domain domain = type_domain(type);

	diag(diagnostics, DIAG_VALUE_WIDTH, value->text.at, "%.*s is outside of what type %s holds",
		SHOW(value->text), type_rows[type].name);
	diag_help(diagnostics, "arguments of the type are from %lld to %llu", (long long)domain.minimum,
		(unsigned long long)domain.maximum);
}

void operand_number(struct policy_value *value, enum type_id type, struct diagnostics *diagnostics)
{
	enum operand operand = type_rows[type].operand;
	struct domain domain = operand_domains[operand];
	bool is_signed = is_signed_operand(operand), fits;
	struct number number;
	int failed = number_parse(value->text.bytes, value->text.length,
		is_signed ? NUMBER_ANY_BASE : NUMBER_ANY_BASE_UNSIGNED, &number);

	if (failed == -EINVAL) {
		refuse_number(value, type, diagnostics);
		return;
	}
	fits = !failed && (is_signed
		? number_to_signed(number, domain.minimum, (int64_t)domain.maximum, &value->low)
		: number_to_unsigned(number, domain.maximum, &value->low));
	if (!fits) {
		refuse_range(value, type, diagnostics);
		return;
	}
	value->form = VALUE_INTEGER;
	if (is_above(value->low, type) || is_below(value->low, type))
		warn_width(value, type, diagnostics);
	else if (is_negative(value->low, type) && type_rows[type].bits < 32)
		warn_negative(value, type, diagnostics);
}

bool value_is_plain_number(const struct policy_value *value, uint64_t *ret)
{
	struct number number;

	return !number_parse(value->text.bytes, value->text.length, NUMBER_ANY_BASE_UNSIGNED, &number) &&
		number_to_unsigned(number, INT64_MAX, ret);
}

/* ---- Ranges ---- */

/* False when there is not exactly one colon. */
bool operand_split(struct text text, struct text *low, struct text *high)
{
	const char *colon = memchr(text.bytes, ':', text.length);

	if (!colon || memchr(colon + 1, ':', text.length - (size_t)(colon + 1 - text.bytes)))
		return false;
	*low = (struct text){ .bytes = text.bytes, .length = (size_t)(colon - text.bytes) };
	*high = (struct text){ .bytes = colon + 1, .length = text.length - low->length - 1 };
	return true;
}

static bool read_bound(struct text text, enum type_id type, uint64_t *ret)
{
	bool is_narrow = type_rows[type].bits <= 32 || type == TYPE_SIZE;
	struct number number;

	return !number_parse(text.bytes, text.length, NUMBER_ANY_BASE, &number) &&
		number_to_signed(number, INT64_MIN, is_narrow ? UINT32_MAX : INT64_MAX, ret);
}

static bool is_number(struct text text)
{
	struct number number;

	return number_parse(text.bytes, text.length, NUMBER_ANY_BASE, &number) != -EINVAL;
}

static void refuse_bound(const struct policy_value *value, enum type_id type, struct text low, struct text high,
			 struct diagnostics *diagnostics)
{
	if (!is_number(low) || !is_number(high)) {
		diag(diagnostics, DIAG_RANGE, value->text.at, "'%.*s' is not a range of numbers", SHOW(value->text));
		diag_help(diagnostics, "both ends must be given, as in \"1:5\"");
		return;
	}
	diag(diagnostics, DIAG_VALUE_RANGE, value->text.at, "range %.*s does not fit type %s", SHOW(value->text),
		type_rows[type].name);
	diag_help(diagnostics, "bounds are from %s to %s", type_rows[type].class == CLASS_SIGNED ? "-2^63" : "0",
		type_rows[type].bits <= 32 || type == TYPE_SIZE ? "4294967295" : "2^63-1");
}

static bool ends_below_zero(const struct policy_value *value, enum type_id type)
{
	return type_rows[type].class != CLASS_SIGNED && (int64_t)value->high < 0;
}

/* Unsigned types have nothing below 0: a range of signed numbers that starts there starts at 0. */
static void start_at_zero(struct policy_value *value, enum type_id type, struct diagnostics *diagnostics)
{
	if (type_rows[type].class == CLASS_SIGNED || (int64_t)value->low >= 0 || ends_below_zero(value, type))
		return;
	value->low = 0;
	diag(diagnostics, DIAG_VALUE_WIDTH, value->text.at, "range %.*s starts below 0, and no %s is there",
		SHOW(value->text), type_rows[type].name);
	diag_help(diagnostics, "start at 0: Tetragon takes the negative end for a large number");
}

/* Bounds are read as signed 64-bit numbers, whatever the type. */
void operand_range(struct policy_value *value, enum type_id type, struct diagnostics *diagnostics)
{
	struct text low, high;

	if (!operand_split(value->text, &low, &high)) {
		diag(diagnostics, DIAG_RANGE, value->text.at, "'%.*s' is not a range", SHOW(value->text));
		diag_help(diagnostics, "write MIN:MAX, as in \"1:5\"; of a single number, \"5:5\"");
		return;
	}
	if (!read_bound(low, type, &value->low) || !read_bound(high, type, &value->high) ||
	    ends_below_zero(value, type)) {
		refuse_bound(value, type, low, high, diagnostics);
		return;
	}
	if ((int64_t)value->low > (int64_t)value->high) {
		diag(diagnostics, DIAG_RANGE, value->text.at, "range %.*s is empty: its ends are reversed",
			SHOW(value->text));
		diag_help(diagnostics, "write \"%.*s:%.*s\"", SHOW(high), SHOW(low));
		return;
	}
	value->form = VALUE_RANGE;
	start_at_zero(value, type, diagnostics);
	if (is_above(value->low, type) || is_below(value->high, type))
		warn_width(value, type, diagnostics);
}

/* ---- Sets: decimal numbers and ranges of them ---- */

/* A decimal number, with a sign where the type has one. */
static bool read_member(struct text text, enum type_id type, uint64_t *ret)
{
	bool is_signed = is_signed_operand(type_rows[type].operand), has_sign;
	struct number number;

	has_sign = is_signed && text.length && (text.bytes[0] == '-' || text.bytes[0] == '+');
	if (number_parse(text.bytes + has_sign, text.length - has_sign, NUMBER_DECIMAL, &number))
		return false;
	number.negative = has_sign && text.bytes[0] == '-';
	return is_signed ? number_to_signed(number, INT64_MIN, INT64_MAX, ret) : number_to_unsigned(number, UINT64_MAX, ret);
}

static void order(struct policy_value *value, enum type_id type)
{
	uint64_t low = value->low;
	bool is_signed = is_signed_operand(type_rows[type].operand);
	bool reversed = is_signed ? (int64_t)low > (int64_t)value->high : low > value->high;

	if (!reversed)
		return;
	value->low = value->high;
	value->high = low;
}

static void warn_member(const struct policy_value *value, enum type_id type, struct diagnostics *diagnostics)
{
	if (is_above(value->low, type) || is_below(value->form == VALUE_RANGE ? value->high : value->low, type))
		warn_width(value, type, diagnostics);
	else if (is_negative(value->low, type) && type_rows[type].bits < 64)
		warn_negative(value, type, diagnostics);
	if (value->form != VALUE_RANGE || value->high - value->low < LIMIT_TETRAGON_SET_MEMBERS)
		return;
	diag(diagnostics, DIAG_SET_SIZE, value->text.at, "range %.*s is a set of more than %d numbers", SHOW(value->text),
		LIMIT_TETRAGON_SET_MEMBERS);
	diag_help(diagnostics, "use InRange or NotInRange");
}

/* A reversed range is turned round, as Tetragon does. */
void operand_member(struct policy_value *value, enum type_id type, struct diagnostics *diagnostics)
{
	struct text low, high;

	if (read_member(value->text, type, &value->low)) {
		value->form = VALUE_INTEGER;
	} else if (operand_split(value->text, &low, &high) && read_member(low, type, &value->low) &&
		   read_member(high, type, &value->high)) {
		value->form = VALUE_RANGE;
		order(value, type);
		start_at_zero(value, type, diagnostics);
	} else {
		diag(diagnostics, DIAG_SET_MEMBER, value->text.at, "'%.*s' is neither a number nor a range of type %s",
			SHOW(value->text), type_rows[type].name);
		diag_help(diagnostics, "decimal, as in \"5\" or \"1:5\"%s", is_signed_operand(type_rows[type].operand) ? "" :
			"; the type is unsigned: no sign");
		return;
	}
	warn_member(value, type, diagnostics);
}

/* ---- Lists of values ---- */

static int by_text(const void *a, const void *b)
{
	const struct text *left = &(*(const struct policy_value *const *)a)->text;
	const struct text *right = &(*(const struct policy_value *const *)b)->text;
	size_t common = left->length < right->length ? left->length : right->length;
	int order = common ? memcmp(left->bytes, right->bytes, common) : 0;

	if (!order)
		order = (left->length > right->length) - (left->length < right->length);
	return order ? order : (left->at.start > right->at.start) - (left->at.start < right->at.start);
}

void operand_warn_repeated(const struct policy_value_list *values, struct diagnostics *diagnostics)
{
	const struct policy_value **sorted = arena_array(diagnostics->arena, const struct policy_value *, values->count);

	for (size_t i = 0; i < values->count; i++)
		sorted[i] = &values->items[i];
	qsort(sorted, values->count, sizeof(*sorted), by_text);
	for (size_t i = 1; i < values->count; i++) {
		const struct text *text = &sorted[i]->text, *before = &sorted[i - 1]->text;

		if (text->length != before->length || (text->length && memcmp(text->bytes, before->bytes, text->length)))
			continue;
		diag(diagnostics, DIAG_VALUE_REPEATED, text->at, "'%.*s' is there twice", SHOW(*text));
		diag_related(diagnostics, before->at, "the other one");
	}
}
