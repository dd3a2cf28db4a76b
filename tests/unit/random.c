// SPDX-License-Identifier: Apache-2.0
/* random.c - xorshift64*; see random.h. */
#include "tests/unit/random.h"

uint64_t random_state = 1;

uint64_t random_word(void)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return random_state * 0x2545f4914f6cdd1dULL;
}

unsigned int pick(unsigned int count)
{
	return (unsigned int)(random_word() >> 33) % count;
}

bool one_in(unsigned int count)
{
	return !pick(count);
}
