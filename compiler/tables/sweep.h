/* SPDX-License-Identifier: Apache-2.0 */
/* sweep.h - overlapping intervals of many rows to disjoint ones that carry row masks; for tables/. */
#ifndef COMPILER_TABLES_SWEEP_H
#define COMPILER_TABLES_SWEEP_H

#include "compiler/base/arena.h"

#include <stdint.h>

typedef unsigned __int128 sweep_key;

struct sweep_interval { sweep_key low, high; uint64_t rows; };
struct sweep {
	struct arena *arena;
	struct sweep_interval *items;
	size_t count, capacity;
};

/* Any intervals, in any order; rows may have several bits. */
void sweep_add(struct sweep *sweep, sweep_key low, sweep_key high, uint64_t rows);

/* Replaces them by the fewest disjoint intervals in ascending order that say the same. */
void sweep_run(struct sweep *sweep);

#endif
