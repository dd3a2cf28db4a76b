// SPDX-License-Identifier: Apache-2.0
/* number.c - see number.h. */
#include "compiler/base/number.h"

#include <ctype.h>
#include <errno.h>

struct digits {
	const char *text;
	size_t length;
	unsigned base;
	bool parted;		/* _ may stand next: after a digit or a base prefix */
};

static unsigned base_of_letter(char letter)
{
	switch (tolower((unsigned char)letter)) {
	case 'x': return 16;
	case 'o': return 8;
	case 'b': return 2;
	default: return 0;
	}
}

/* Takes a base prefix off.  A lone "0" is decimal, "017" octal: there the 0 counts as a digit. */
static struct digits find_base(const char *text, size_t length)
{
	unsigned base = length > 2 && text[0] == '0' ? base_of_letter(text[1]) : 0;

	if (base)
		return (struct digits){ text + 2, length - 2, base, true };
	if (length > 1 && text[0] == '0')
		return (struct digits){ text + 1, length - 1, 8, true };
	return (struct digits){ text, length, 10, false };
}

static unsigned digit_value(char c)
{
	if (c >= '0' && c <= '9')
		return (unsigned)(c - '0');
	c = (char)tolower((unsigned char)c);
	return c >= 'a' && c <= 'f' ? (unsigned)(c - 'a') + 10 : 99;
}

static int read_digits(struct digits digits, uint64_t *ret)
{
	bool may_part = digits.parted, too_large = false;
	uint64_t value = 0;

	if (!digits.length || digits.text[digits.length - 1] == '_')
		return -EINVAL;
	for (size_t i = 0; i < digits.length; i++) {
		unsigned digit = digit_value(digits.text[i]);

		if (digits.text[i] == '_' && may_part) {
			may_part = false;
			continue;
		}
		if (digit >= digits.base)
			return -EINVAL;
		may_part = true;
		too_large |= __builtin_mul_overflow(value, digits.base, &value);
		too_large |= __builtin_add_overflow(value, digit, &value);
	}
	*ret = value;
	return too_large ? -ERANGE : 0;
}

static int read_decimal(const char *text, size_t length, uint64_t *ret)
{
	for (size_t i = 0; i < length; i++)
		if (text[i] == '_')
			return -EINVAL;
	return read_digits((struct digits){ text, length, 10, false }, ret);
}

int number_parse(const char *text, size_t length, enum number_syntax syntax, struct number *ret)
{
	struct number number = { 0 };
	int failed;

	if (syntax == NUMBER_ANY_BASE && length && (text[0] == '-' || text[0] == '+')) {
		number.negative = text[0] == '-';
		text++;
		length--;
	}
	if (syntax == NUMBER_DECIMAL)
		failed = read_decimal(text, length, &number.magnitude);
	else
		failed = read_digits(find_base(text, length), &number.magnitude);
	if (!failed)
		*ret = number;
	return failed;
}

bool number_to_signed(struct number number, int64_t minimum, int64_t maximum, uint64_t *ret)
{
	uint64_t limit = number.negative ? 0 - (uint64_t)minimum : (uint64_t)maximum;

	if (number.magnitude > limit || (number.negative && minimum >= 0 && number.magnitude))
		return false;
	*ret = number.negative ? 0 - number.magnitude : number.magnitude;
	return true;
}

bool number_to_unsigned(struct number number, uint64_t maximum, uint64_t *ret)
{
	if (number.magnitude > maximum || (number.negative && number.magnitude))
		return false;
	*ret = number.magnitude;
	return true;
}
