/* SPDX-License-Identifier: Apache-2.0 */
/*
 * number.h - whole numbers as policies write them: the syntax of Go's strconv, which Tetragon uses.
 *
 * Base 0 means decimal, 0x, 0o or a leading 0, 0b; _ may stand between digits.  Nothing may stand around them.
 */
#ifndef COMPILER_BASE_NUMBER_H
#define COMPILER_BASE_NUMBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct number {
	uint64_t magnitude;
	bool negative;
};
enum number_syntax {
	NUMBER_ANY_BASE,		/* with or without a sign */
	NUMBER_ANY_BASE_UNSIGNED,	/* a sign is refused */
	NUMBER_DECIMAL,			/* digits only */
};

/* 0, -EINVAL (not a number) or -ERANGE (above 64 bits). */
int number_parse(const char *text, size_t length, enum number_syntax syntax, struct number *ret);

/* Whether it lies in [minimum, maximum]; then *ret is its two's complement. */
bool number_to_signed(struct number number, int64_t minimum, int64_t maximum, uint64_t *ret);
bool number_to_unsigned(struct number number, uint64_t maximum, uint64_t *ret);

#endif
