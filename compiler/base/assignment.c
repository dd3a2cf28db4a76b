// SPDX-License-Identifier: Apache-2.0
/* assignment.c - see assignment.h. */
#include "compiler/base/assignment.h"

#include <string.h>

#include "compiler/base/number.h"

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static struct assignment_part trim(struct assignment_part part)
{
	for (; part.length && is_blank(part.bytes[0]); part.length--)
		part.bytes++;
	while (part.length && is_blank(part.bytes[part.length - 1]))
		part.length--;
	return part;
}

static struct assignment_part tail(struct assignment_part part, size_t skipped)
{
	return (struct assignment_part){ part.bytes + skipped, part.length - skipped };
}

static bool read_number(struct assignment_part part, uint64_t *ret)
{
	struct number number;

	if (number_parse(part.bytes, part.length, NUMBER_ANY_BASE, &number))
		return false;
	if (number.negative)
		return number_to_signed(number, INT64_MIN, INT64_MAX, ret);
	*ret = number.magnitude;
	return true;
}

/* "5", "%rax", "8%rsp", "(%rsp)" and "8(%rsp)". */
static bool read_right(struct assignment_part right, struct assignment *ret)
{
	const char *percent = memchr(right.bytes, '%', right.length);
	struct assignment_part offset = right, name;

	if (!percent)
		return read_number(right, &ret->number);
	name = tail(right, (size_t)(percent - right.bytes) + 1);
	offset.length = (size_t)(percent - right.bytes);
	offset = trim(offset);
	ret->loads = offset.length && offset.bytes[offset.length - 1] == '(';
	if (ret->loads) {
		if (!name.length || name.bytes[name.length - 1] != ')')
			return false;
		name.length--;
		offset.length--;
	}
	ret->source = trim(name);
	offset = trim(offset);
	return ret->source.length && (!offset.length || read_number(offset, &ret->number));
}

enum assignment_fault assignment_parse(const char *text, size_t length, struct assignment *ret)
{
	const char *equals = length ? memchr(text, '=', length) : NULL;
	const struct assignment_part all = { text, length };
	struct assignment_part target, right;

	if (!equals)
		return ASSIGNMENT_SHAPE;
	target = trim((struct assignment_part){ text, (size_t)(equals - text) });
	right = trim(tail(all, (size_t)(equals - text) + 1));
	if (!target.length || !right.length || memchr(right.bytes, '=', right.length))
		return ASSIGNMENT_SHAPE;
	*ret = (struct assignment){ .target = target, .right = right };
	return read_right(right, ret) ? ASSIGNMENT_FINE : ASSIGNMENT_SOURCE;
}

bool assignment_moves_stack(const struct assignment *assignment)
{
	static const char *const names[] = { "rsp", "esp", "sp", "spl" };

	for (size_t n = 0; n < sizeof(names) / sizeof(*names); n++)
		if (strlen(names[n]) == assignment->target.length &&
		    !memcmp(names[n], assignment->target.bytes, assignment->target.length))
			return true;
	return false;
}
