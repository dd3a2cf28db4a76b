/* SPDX-License-Identifier: Apache-2.0 */
/* random.h - random numbers that are the same on every machine. */
#ifndef TESTS_UNIT_RANDOM_H
#define TESTS_UNIT_RANDOM_H

#include <stdbool.h>
#include <stdint.h>

/* Each test sets it first, to anything but 0. */
extern uint64_t random_state;

uint64_t random_word(void);
unsigned int pick(unsigned int count);	/* below count */
bool one_in(unsigned int count);

#endif
