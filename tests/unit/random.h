/* SPDX-License-Identifier: Apache-2.0 */
/* random.h - random numbers that are the same on every machine; each test sets random_state first, to anything but 0. */
#ifndef TESTS_UNIT_RANDOM_H
#define TESTS_UNIT_RANDOM_H

#include <stdbool.h>
#include <stdint.h>

static uint64_t random_state = 1;

static inline uint64_t random_word(void)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return random_state * 0x2545f4914f6cdd1dULL;
}

static inline unsigned int pick(unsigned int count)
{
	return (unsigned int)(random_word() >> 33) % count;
}

static inline bool one_in(unsigned int count)
{
	return !pick(count);
}

#endif
