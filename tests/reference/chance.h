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

/* Values of filters on a type: as the operator wants them. */
struct model_text some_number(int type);
struct model_text some_range(int type, bool of_map);	/* for InRange; or a member or a range for InMap */
struct model_text some_set(void);
struct model_text some_string(int type, enum model_test test);
struct model_text some_network(void);
struct model_text some_port(void);
struct model_text some_named(const struct model_name *names);

extern const char *const chance_labels[4], *const chance_label_values[5];

#endif
