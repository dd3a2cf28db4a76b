/* SPDX-License-Identifier: Apache-2.0 */
/* chance.h - what policies and their events are drawn from; seeded by generate_seed(). */
#ifndef TESTS_REFERENCE_CHANCE_H
#define TESTS_REFERENCE_CHANCE_H

#include "tests/reference/model.h"

uint64_t chance_bits(void);
unsigned chance_below(unsigned count);	/* count: at least 1 */
bool one_in(unsigned count);

uint64_t chance_number(void);
uint64_t chance_set(void);		/* of capabilities */
struct model_text chance_text(size_t most);
struct model_text chance_path(size_t most);
void chance_address(unsigned family, uint8_t address[16]);
unsigned chance_port(void);
unsigned chance_name(const struct model_name *names);	/* its row */

extern const char *const chance_labels[4], *const chance_label_values[5];

#endif
