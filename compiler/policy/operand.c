// SPDX-License-Identifier: Apache-2.0
/* operand.c - see operand.h.  The syntax is Tetragon's: Go's strconv and netip. */
#include "compiler/policy/operand.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>

#include "compiler/syntax/number.h"

enum { SHOWN = 48 };	/* bytes of a value that a message repeats */
#define SHOW(text) (int)((text).length < SHOWN ? (text).length : SHOWN), (text).bytes

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
}

/* ---- Ranges and ports ---- */

/* Cuts "a:b" in two; false when there is not exactly one colon. */
static bool split(struct text text, struct text *low, struct text *high)
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
	int64_t minimum = type_rows[type].class == CLASS_SIGNED ? INT64_MIN : 0;
	struct number number;

	return !number_parse(text.bytes, text.length, NUMBER_ANY_BASE, &number) &&
		number_to_signed(number, minimum, is_narrow ? UINT32_MAX : INT64_MAX, ret);
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

/* Bounds are read as signed 64-bit numbers, whatever the type. */
void operand_range(struct policy_value *value, enum type_id type, struct diagnostics *diagnostics)
{
	struct text low, high;

	if (!split(value->text, &low, &high)) {
		diag(diagnostics, DIAG_RANGE, value->text.at, "'%.*s' is not a range", SHOW(value->text));
		diag_help(diagnostics, "write MIN:MAX, as in \"1:5\"; of a single number, \"5:5\"");
		return;
	}
	if (!read_bound(low, type, &value->low) || !read_bound(high, type, &value->high)) {
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
	if (is_above(value->low, type) || is_below(value->high, type))
		warn_width(value, type, diagnostics);
}

static bool read_port(struct text text, uint64_t *ret)
{
	struct number number;

	return !number_parse(text.bytes, text.length, NUMBER_DECIMAL, &number) &&
		number_to_unsigned(number, LIMIT_PORT, ret);
}

/* A reversed range of ports is turned round, as Tetragon does. */
void operand_port(struct policy_value *value, struct diagnostics *diagnostics)
{
	struct text low, high;
	uint64_t first, last;

	if (read_port(value->text, &value->low)) {
		value->form = VALUE_INTEGER;
		return;
	}
	if (!split(value->text, &low, &high) || !read_port(low, &first) || !read_port(high, &last)) {
		diag(diagnostics, DIAG_PORT, value->text.at, "'%.*s' is not a port", SHOW(value->text));
		diag_help(diagnostics, "a decimal number up to %d, or MIN:MAX", LIMIT_PORT);
		return;
	}
	value->low = first < last ? first : last;
	value->high = first < last ? last : first;
	value->form = VALUE_RANGE;
}

/* ---- Addresses ---- */

static bool read_prefix(const char *text, size_t length, uint8_t bits, uint8_t *ret)
{
	struct number number;
	uint64_t prefix;

	if (length > 1 && text[0] == '0')
		return false;
	if (number_parse(text, length, NUMBER_DECIMAL, &number) || !number_to_unsigned(number, bits, &prefix))
		return false;
	*ret = (uint8_t)prefix;
	return true;
}

static void clear_host_bits(struct policy_value *value)
{
	for (unsigned bit = value->prefix; bit < (value->family == 4 ? 32u : 128u); bit++)
		value->address[bit / 8] &= (uint8_t)~(0x80u >> bit % 8);
}

/* `length` bytes up to the zone or prefix. */
static bool read_bare_address(struct policy_value *value, size_t length)
{
	char text[INET6_ADDRSTRLEN + 1];

	if (!length || length >= sizeof(text) || memchr(value->text.bytes, '\0', length))
		return false;
	memcpy(text, value->text.bytes, length);
	text[length] = '\0';
	value->family = strchr(text, ':') ? 6 : 4;
	value->prefix = value->family == 4 ? 32 : 128;
	return inet_pton(value->family == 4 ? AF_INET : AF_INET6, text, value->address) == 1;
}

static bool read_address(struct policy_value *value)
{
	const char *bytes = value->text.bytes;
	size_t length = value->text.length, address;
	const char *slash = memchr(bytes, '/', length), *zone = memchr(bytes, '%', length);

	address = slash ? (size_t)(slash - bytes) : zone ? (size_t)(zone - bytes) : length;
	if ((slash && zone) || !read_bare_address(value, address))
		return false;
	if (zone && (value->family == 4 || address + 1 == length))
		return false;
	if (!slash)
		return true;
	return read_prefix(slash + 1, length - address - 1, value->prefix, &value->prefix);
}

void operand_address(struct policy_value *value, struct diagnostics *diagnostics)
{
	if (!read_address(value)) {
		diag(diagnostics, DIAG_ADDRESS, value->text.at, "'%.*s' is not an address", SHOW(value->text));
		diag_help(diagnostics, "as \"10.0.0.1\", \"10.0.0.0/8\", \"::1\" or \"2001:db8::/32\"");
		return;
	}
	value->form = VALUE_ADDRESS;
	clear_host_bits(value);
	if (memchr(value->text.bytes, '%', value->text.length))
		diag(diagnostics, DIAG_ZONE, value->text.at, "the zone of '%.*s' is ignored", SHOW(value->text));
}

/* ---- Strings ---- */

enum string_place { PLACE_WHOLE, PLACE_FRONT, PLACE_END };

static enum string_place place_of(enum operator_id op)
{
	switch (op) {
	case OPERATOR_PREFIX:
	case OPERATOR_NOT_PREFIX:
		return PLACE_FRONT;
	case OPERATOR_POSTFIX:
	case OPERATOR_NOT_POSTFIX:
		return PLACE_END;
	default:
		return PLACE_WHOLE;
	}
}

static size_t longest(enum string_place place, enum operand_subject subject)
{
	switch (place) {
	case PLACE_FRONT:
		return LIMIT_PREFIX_BYTES;
	case PLACE_END:
		return LIMIT_POSTFIX_BYTES;
	default:
		return subject == SUBJECT_BINARY ? LIMIT_BINARY_BYTES : LIMIT_STRING_BYTES;
	}
}

static int refuse_string(const struct policy_value *value, enum operator_id op, enum string_place place,
			 enum operand_subject subject, struct diagnostics *diagnostics)
{
	const struct text *text = &value->text;
	size_t limit = longest(place, subject);

	if (text->length > limit)
		return diag(diagnostics, DIAG_VALUE_LENGTH, text->at, "the value has %zu bytes, and %s takes %zu",
			text->length, operator_rows[op].name, limit);
	if (text->length && memchr(text->bytes, '\0', text->length))
		return diag(diagnostics, DIAG_VALUE_ZERO, text->at, "a zero byte in a value never matches");
	if (place == PLACE_END && !text->length)
		return diag(diagnostics, DIAG_EMPTY_POSTFIX, text->at, "everything ends with the empty string");
	return 0;
}

static void warn_string(const struct policy_value *value, enum operator_id op, enum string_place place,
			enum operand_subject subject, struct diagnostics *diagnostics)
{
	const struct text *text = &value->text;

	if (place == PLACE_FRONT && !text->length) {
		diag(diagnostics, DIAG_EMPTY_PREFIX, text->at, "everything starts with the empty string: %s",
			operator_rows[op].negates < 0 ? "the filter always matches" : "the filter never matches");
		return;
	}
	if (subject == SUBJECT_STRING || place == PLACE_END || (text->length && text->bytes[0] == '/'))
		return;
	diag(diagnostics, DIAG_RELATIVE_PATH, text->at, "paths are absolute, and '%.*s' does not start with '/'",
		SHOW(*text));
}

void operand_string(struct policy_value *value, enum operator_id op, enum operand_subject subject,
		    bool trims_zeros, struct diagnostics *diagnostics)
{
	enum string_place place = place_of(op);
	struct text *text = &value->text;
	size_t written = text->length;

	while ((trims_zeros || place == PLACE_END) && text->length && !text->bytes[text->length - 1])
		text->length--;
	if (written && !text->length) {		/* nothing but zeros: Tetragon's agent crashes */
		diag(diagnostics, DIAG_VALUE_ZERO, text->at, "the value is nothing but zero bytes");
		return;
	}
	if (refuse_string(value, op, place, subject, diagnostics))
		return;
	value->form = VALUE_BYTES;
	warn_string(value, op, place, subject, diagnostics);
}
