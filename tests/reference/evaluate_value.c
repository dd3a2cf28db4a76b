// SPDX-License-Identifier: Apache-2.0
/* evaluate_value.c - one value of a filter against one value of an event; see evaluate_parts.h. */
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "tests/reference/evaluate_parts.h"

const char *const model_answer_names[3] = { "no", "yes", "unknown" };

/* ---- Three values ---- */

enum model_answer answer_of(bool yes)
{
	return yes ? ANSWER_YES : ANSWER_NO;
}

enum model_answer answer_not(enum model_answer answer)
{
	return answer == ANSWER_YES ? ANSWER_NO : answer == ANSWER_NO ? ANSWER_YES : ANSWER_UNKNOWN;
}

enum model_answer answer_both(enum model_answer a, enum model_answer b)
{
	if (a == ANSWER_NO || b == ANSWER_NO)
		return ANSWER_NO;
	return a == ANSWER_YES && b == ANSWER_YES ? ANSWER_YES : ANSWER_UNKNOWN;
}

enum model_answer answer_either(enum model_answer a, enum model_answer b)
{
	return answer_not(answer_both(answer_not(a), answer_not(b)));
}

/* ---- Numbers as text: 5.6 ---- */

static unsigned digit_of(char c)
{
	return c >= '0' && c <= '9' ? (unsigned)(c - '0') : c >= 'a' && c <= 'f' ? (unsigned)(c - 'a' + 10) :
	       c >= 'A' && c <= 'F' ? (unsigned)(c - 'A' + 10) : 99;
}

/* Go's base 0: 0x, 0o, a leading 0, 0b, and _ between digits. */
static number read_number(const char *text, const char *end)
{
	bool minus = text < end && *text == '-';
	unsigned base = 10;
	number ret = 0;

	if (text < end && (*text == '-' || *text == '+'))
		text++;
	if (end - text > 1 && *text == '0') {
		char c = text[1];

		base = c == 'x' || c == 'X' ? 16 : c == 'b' || c == 'B' ? 2 : 8;
		text += digit_of(c) < 8 || c == '_' ? 1 : 2;
	}
	for (; text < end; text++)
		if (digit_of(*text) < base)
			ret = ret * base + digit_of(*text);
	return minus ? -ret : ret;
}

number model_read_number(struct model_text text)
{
	return read_number(text.bytes, text.bytes + text.length);
}

/* Decimal only. */
static number decimal_of(const char *text, const char *end)
{
	bool minus = text < end && *text == '-';
	number ret = 0;

	for (text += minus; text < end; text++)
		ret = ret * 10 + (*text - '0');
	return minus ? -ret : ret;
}

static const char *colon_in(struct model_text text)
{
	return memchr(text.bytes, ':', text.length);
}

/* "min:max", both included, not swapped when reversed. */
static bool in_range(struct model_text text, number value)
{
	const char *colon = colon_in(text), *end = text.bytes + text.length;

	return value >= read_number(text.bytes, colon) && value <= read_number(colon + 1, end);
}

/* Decimal, or "a:b", swapped when reversed. */
static bool in_set(struct model_text text, number value)
{
	const char *colon = colon_in(text), *end = text.bytes + text.length;
	number a = decimal_of(text.bytes, colon ? colon : end), b = colon ? decimal_of(colon + 1, end) : a;

	return value >= (a < b ? a : b) && value <= (a < b ? b : a);
}

/* The same, or a name. */
static bool in_names(struct model_text text, number value, const struct model_name *names)
{
	for (; names->name; names++)
		if (model_text_equal(text, model_text(names->name)))
			return value == (number)names->number;
	return in_set(text, value);
}

/* 5.6, last row of the first table. */
uint64_t capability_bit(struct model_text name)
{
	for (unsigned n = 0; n < MODEL_CAPABILITIES; n++)
		if (model_text_equal(name, model_text(model_capabilities[n])))
			return (uint64_t)1 << n;
	return 0;
}

static uint64_t named_set(struct model_text text)
{
	uint64_t ret = 0;
	size_t start = 0;

	for (size_t n = 0; n <= text.length; n++) {
		size_t first = start, last = n;

		if (n < text.length && text.bytes[n] != ',')
			continue;
		while (first < last && text.bytes[first] == ' ')
			first++;
		while (last > first && text.bytes[last - 1] == ' ')
			last--;
		ret |= capability_bit((struct model_text){ text.bytes + first, last - first });
		start = n + 1;
	}
	return ret;
}

number model_read_set(struct model_text text)
{
	return text.length && text.bytes[0] >= '0' && text.bytes[0] <= '9' ? model_read_number(text) : (number)named_set(text);
}

/* ---- Integers and capability sets: 4.1 (what is read), 5.4, 5.6 ---- */

number model_number(int type, uint64_t raw)
{
	unsigned bits = model_types[type].bits;
	number ret = 0;

	for (unsigned n = 0; n < bits; n++)
		ret += (number)(raw >> n & 1) << n;
	if (model_types[type].class == MODEL_SIGNED && raw >> (bits - 1) & 1)
		ret -= (number)1 << bits;
	return ret;
}

/* Some bit that the argument has and the value has: bits beyond the argument's width it does not have. */
static bool shares_bit(int type, uint64_t raw, number mask)
{
	for (unsigned n = 0; n < model_types[type].bits; n++)
		if ((raw >> n & 1) && ((uint64_t)mask >> n & 1))
			return true;
	return false;
}

bool number_is(const struct model_filter *filter, int type, uint64_t raw, struct model_text text)
{
	enum model_test test = model_operators[filter->op].test;
	number value = model_number(type, raw), operand;

	if (test == TEST_RANGE)
		return in_range(text, value);
	if (test == TEST_IN_MAP)
		return in_set(text, value);
	operand = model_types[type].class == MODEL_SET ? model_read_set(text) : model_read_number(text);
	switch (test) {
	case TEST_GREATER:
		return value > operand;
	case TEST_LESS:
		return value < operand;
	case TEST_EQUAL:
		return value == operand;
	default:
		return test == TEST_MASK && shares_bit(type, raw, operand);
	}
}

/* ---- Strings and paths: 5.4, 5.7 ---- */

static bool begins(struct model_text text, struct model_text with)
{
	return text.length >= with.length && !memcmp(text.bytes, with.bytes, with.length);
}

static bool ends(struct model_text text, struct model_text with)
{
	return text.length >= with.length && !memcmp(text.bytes + text.length - with.length, with.bytes, with.length);
}

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

static bool contains(struct model_text text, struct model_text part, bool any_case)
{
	for (size_t start = 0; start + part.length <= text.length; start++) {
		size_t n = 0;

		while (n < part.length && (any_case ? lower(text.bytes[start + n]) == lower(part.bytes[n])
						    : text.bytes[start + n] == part.bytes[n]))
			n++;
		if (n == part.length)
			return true;
	}
	return false;
}

/*
 * A string that was cut.  At its end, after the 4095 bytes that are read of arguments: no value is that long, so it is none of
 * them, and how it begins is known; how it ends is not.  A path at its front, and the path of a process at its end: what is
 * left may prove one thing, and that the rest is open.
 */
static enum model_answer cut_string_is(enum model_test test, const struct model_value *value, bool of_process,
				       struct model_text with)
{
	bool at_end = value->cut == CUT_END;

	switch (test) {
	case TEST_PREFIX:
		if (!with.length || (at_end && begins(value->bytes, with)))
			return ANSWER_YES;
		return at_end && !of_process ? ANSWER_NO : ANSWER_UNKNOWN;
	case TEST_POSTFIX:
		return !with.length || (!at_end && ends(value->bytes, with)) ? ANSWER_YES : ANSWER_UNKNOWN;
	case TEST_SUBSTRING:
	case TEST_SUBSTRING_ANY_CASE:
		return contains(value->bytes, with, test == TEST_SUBSTRING_ANY_CASE) ? ANSWER_YES : ANSWER_UNKNOWN;
	default:
		return at_end && !of_process ? ANSWER_NO : ANSWER_UNKNOWN;
	}
}

enum model_answer evaluate_string(enum model_test test, const struct model_value *value, bool of_process,
				   struct model_text with)
{
	if (value->cut != CUT_NOT)
		return cut_string_is(test, value, of_process, with);
	switch (test) {
	case TEST_PREFIX:
		return answer_of(begins(value->bytes, with));
	case TEST_POSTFIX:
		return answer_of(ends(value->bytes, with));
	case TEST_SUBSTRING:
	case TEST_SUBSTRING_ANY_CASE:
		return answer_of(contains(value->bytes, with, test == TEST_SUBSTRING_ANY_CASE));
	default:
		return answer_of(model_text_equal(value->bytes, with));
	}
}

enum model_answer file_type_is(const struct model_value *value, struct model_text text)
{
	if (!value->has_mode)
		return ANSWER_UNKNOWN;
	for (const struct model_name *name = model_file_types; name->name; name++)
		if (model_text_equal(text, model_text(name->name)))
			return answer_of((value->mode & S_IFMT) == name->number);
	return ANSWER_NO;
}

/* ---- Sockets: 5.8 ---- */

static bool bits_equal(const uint8_t *a, const uint8_t *b, unsigned count)
{
	for (unsigned n = 0; n < count; n++)
		if ((a[n / 8] >> (7 - n % 8) & 1) != (b[n / 8] >> (7 - n % 8) & 1))
			return false;
	return true;
}

/* An address or a network; an IPv4 one also holds its addresses as IPv6 spells them (docs/deviations.md). */
static bool in_network(struct model_text text, unsigned family, const uint8_t *address)
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };
	const char *slash = memchr(text.bytes, '/', text.length);
	size_t length = slash ? (size_t)(slash - text.bytes) : text.length;
	char words[64] = "";
	uint8_t network[16] = { 0 };
	bool is6 = memchr(text.bytes, ':', text.length);
	unsigned bits = slash ? (unsigned)atoi(slash + 1) : is6 ? 128 : 32;

	memcpy(words, text.bytes, length < sizeof(words) ? length : sizeof(words) - 1);
	words[strcspn(words, "%")] = 0;
	inet_pton(is6 ? AF_INET6 : AF_INET, words, network);
	if (is6)
		return family == AF_INET6 && bits_equal(network, address, bits);
	if (family == AF_INET)
		return bits_equal(network, address, bits);
	return !memcmp(address, mapped, sizeof(mapped)) && bits_equal(network, address + 12, bits);
}

enum model_answer evaluate_address(const struct model_value *value, bool destination, struct model_text text)
{
	unsigned family = value->parts[PART_FAMILY];

	if (!value->known[PART_FAMILY] || !value->known[destination ? PART_DESTINATION : PART_SOURCE] ||
	    (family != AF_INET && family != AF_INET6))
		return ANSWER_UNKNOWN;
	return answer_of(in_network(text, family, destination ? value->destination : value->source));
}

enum model_answer part_is(const struct model_value *value, enum model_part part, struct model_text text,
				 const struct model_name *names)
{
	static const struct model_name none[] = { { NULL, 0 } };

	if (!value->known[part])
		return ANSWER_UNKNOWN;
	return answer_of(in_names(text, value->parts[part], names ? names : none));
}
