// SPDX-License-Identifier: Apache-2.0
/* location.c - see location.h. */
#include "compiler/kernel/location.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "schema/schema.h"

/* One operand, and how far it has been read. */
struct reading {
	enum machine machine;
	const char *at, *end;
	const char *problem;		/* NULL: none so far */
};

/* ---- One argument of the list ---- */

/* Arguments are separated by spaces; what is in brackets belongs together: "8@[sp, 16]". */
static const char *argument_end(const char *start)
{
	const char *at = start;

	for (int depth = 0; *at && (*at != ' ' || depth); at++)
		depth += *at == '[' ? 1 : *at == ']' && depth ? -1 : 0;
	return at;
}

static const char *skip_spaces(const char *at)
{
	return at + strspn(at, " ");
}

size_t location_count(const char *text)
{
	size_t count = 0;

	for (text = skip_spaces(text); *text; text = skip_spaces(argument_end(text)))
		count++;
	return count;
}

/* ---- Parts of an operand ---- */

static bool fails(struct reading *reading, const char *problem)
{
	if (!reading->problem)
		reading->problem = problem;
	return false;
}

static bool is_next(const struct reading *reading, char c)
{
	return reading->at < reading->end && *reading->at == c;
}

static bool take(struct reading *reading, char c)
{
	if (!is_next(reading, c))
		return false;
	reading->at++;
	return true;
}

static void take_spaces(struct reading *reading)
{
	while (take(reading, ' '))
		;
}

static bool starts_number(const struct reading *reading)
{
	const char *at = reading->at;

	at += at < reading->end && (*at == '-' || *at == '+');
	return at < reading->end && *at >= '0' && *at <= '9';
}

/* Decimal, or hexadecimal with 0x; of 64 bits, signed or not. */
static bool take_number(struct reading *reading, int64_t *ret)
{
	const bool is_negative = is_next(reading, '-');
	const char *digits = reading->at + (is_negative || is_next(reading, '+'));
	char *end;

	if (!starts_number(reading))
		return fails(reading, "a number is missing");
	errno = 0;
	*ret = is_negative ? strtoll(reading->at, &end, 0) : (int64_t)strtoull(digits, &end, 0);
	if (errno || end > reading->end || (digits[0] == '0' && end > digits + 1 && digits[1] != 'x'))
		return fails(reading, "the number is not valid");
	reading->at = end;
	return true;
}

/* Letters and digits: the name of a register, without its '%'. */
static bool take_register(struct reading *reading, const struct register_row **ret)
{
	char name[16];
	size_t length = 0;

	while (reading->at < reading->end && length < sizeof(name) - 1 &&
	       ((*reading->at >= 'a' && *reading->at <= 'z') || (*reading->at >= '0' && *reading->at <= '9')))
		name[length++] = *reading->at++;
	name[length] = '\0';
	*ret = register_find(reading->machine, name);
	return *ret || fails(reading, "it is in a register that is not kept");
}

/* One that an address is computed from. */
static bool take_address_register(struct reading *reading, uint16_t *ret)
{
	const struct register_row *row;

	if (!take_register(reading, &row))
		return false;
	if (row->bits != 64)
		return fails(reading, "its address is not of 64 bits");
	*ret = (uint16_t)(row->offset + 1);
	return true;
}

/* The value of a register, which has at least the bits of the argument. */
static bool take_value(struct reading *reading, struct abi_location *location)
{
	const struct register_row *row;

	if (!take_register(reading, &row))
		return false;
	if (row->bits < 8u * location->size)
		return fails(reading, "its register has fewer bits than it");
	location->base = (uint16_t)(row->offset + 1);
	return true;
}

static bool take_rest(struct reading *reading)
{
	return reading->at == reading->end || fails(reading, "it is not written as one can be");
}

/* ---- x86-64 ---- */

static bool take_percent(struct reading *reading)
{
	return take(reading, '%') || fails(reading, "a register is missing");
}

static bool is_instruction_pointer(const struct reading *reading)
{
	return reading->end - reading->at >= 4 && !memcmp(reading->at, "%rip", 4);
}

/* "(BASE)", "(BASE,INDEX)", "(BASE,INDEX,SCALE)", "(,INDEX,SCALE)"; the parenthesis is open. */
static bool take_x86_address(struct reading *reading, struct abi_location *location)
{
	int64_t scale = 1;

	if (is_instruction_pointer(reading))
		return fails(reading, "it is at the address of a symbol");
	if (!is_next(reading, ',') && (!take_percent(reading) || !take_address_register(reading, &location->base)))
		return false;
	if (take(reading, ',')) {
		if (!take_percent(reading) || !take_address_register(reading, &location->index))
			return false;
		if (take(reading, ',') && !take_number(reading, &scale))
			return false;
		if (scale != 1 && scale != 2 && scale != 4 && scale != 8)
			return fails(reading, "no machine has that scale");
		location->scale = (uint8_t)scale;
	}
	return take(reading, ')') || fails(reading, "a parenthesis is missing");
}

static bool read_x86(struct reading *reading, struct abi_location *location)
{
	int64_t number = 0;

	if (take(reading, '$')) {
		if (!take_number(reading, &number))
			return false;
		location->displacement = number;
		return true;
	}
	if (take(reading, '%'))
		return take_value(reading, location);
	location->flags |= ABI_LOCATION_MEMORY;
	if (!is_next(reading, '(') && !starts_number(reading))
		return fails(reading, "it is at the address of a symbol");
	if (starts_number(reading) && !take_number(reading, &number))
		return false;
	location->displacement = number;
	return take(reading, '(') ? take_x86_address(reading, location) : fails(reading, "it is at an address without a register");
}

/* ---- arm64 ---- */

/* "[BASE]", "[BASE, NUMBER]", "[BASE, INDEX]"; the bracket is open. */
static bool take_arm64_address(struct reading *reading, struct abi_location *location)
{
	int64_t number = 0;

	if (!take_address_register(reading, &location->base))
		return false;
	take_spaces(reading);
	if (take(reading, ',')) {
		take_spaces(reading);
		take(reading, '#');
		if (starts_number(reading)) {
			if (!take_number(reading, &number))
				return false;
		} else if (!take_address_register(reading, &location->index)) {
			return false;
		} else {
			location->scale = 1;
		}
		take_spaces(reading);
	}
	location->displacement = number;
	return take(reading, ']') || fails(reading, "its address is of a kind that cannot be followed");
}

static bool read_arm64(struct reading *reading, struct abi_location *location)
{
	int64_t number;

	if (take(reading, '[')) {
		location->flags |= ABI_LOCATION_MEMORY;
		return take_arm64_address(reading, location);
	}
	take(reading, '#');
	if (!starts_number(reading))
		return take_value(reading, location);
	if (!take_number(reading, &number))
		return false;
	location->displacement = number;
	return true;
}

/* ---- All of it ---- */

static bool (*const readers[MACHINE_COUNT])(struct reading *reading, struct abi_location *location) = {
	[MACHINE_X86_64] = read_x86, [MACHINE_ARM64] = read_arm64,
};

static bool read_size(struct reading *reading, struct abi_location *location)
{
	int64_t size;

	if (!starts_number(reading) || !memchr(reading->at, '@', (size_t)(reading->end - reading->at)))
		return fails(reading, "it does not say how many bytes it has");
	if (!take_number(reading, &size))
		return false;
	if (is_next(reading, 'f'))
		return fails(reading, "it is a number of floating point");
	location->flags = size < 0 ? ABI_LOCATION_SIGNED : 0;
	location->size = (uint8_t)(size < 0 ? -size : size);
	if (size < -8 || size > 8 || !size || location->size & (location->size - 1))
		return fails(reading, "it has an impossible number of bytes");
	return take(reading, '@') || fails(reading, "it is not written as one can be");
}

int location_find(enum machine machine, const char *text, size_t number, struct abi_location *ret, char why[LOCATION_REASON_MAX])
{
	struct abi_location location = { 0 };
	struct reading reading = { .machine = machine, .at = skip_spaces(text) };

	for (size_t n = 0; n < number && *reading.at; n++)
		reading.at = skip_spaces(argument_end(reading.at));
	if (!*reading.at) {
		snprintf(why, LOCATION_REASON_MAX, "the probe has %zu argument%s only", location_count(text), location_count(text) == 1 ? "" : "s");
		return -1;
	}
	text = reading.at;
	reading.end = argument_end(text);
	if (read_size(&reading, &location) && readers[machine](&reading, &location) && take_rest(&reading)) {
		*ret = location;
		return 0;
	}
	snprintf(why, LOCATION_REASON_MAX, "argument %zu is at '%.*s': %s", number, (int)(reading.end - text < 64 ? reading.end - text : 64), text,
		 reading.problem ? reading.problem : "it cannot be read");
	return -1;
}
