// SPDX-License-Identifier: Apache-2.0
/* sweep.c - one pass over sorted bounds, counting for each row how many of its intervals are open. */
#include "compiler/tables/sweep.h"

#include <stdlib.h>
#include <string.h>

/* At `key`, intervals of `rows` begin (step 1) or have ended (step -1). */
struct bound { sweep_key key; uint64_t rows; int step; };

void sweep_add(struct sweep *sweep, sweep_key low, sweep_key high, uint64_t rows)
{
	sweep->items = arena_grow(sweep->arena, sweep->items, sweep->count, &sweep->capacity,
				  sizeof(*sweep->items));
	sweep->items[sweep->count++] = (struct sweep_interval){ low, high, rows };
}

static int compare_bounds(const void *a, const void *b)
{
	const struct bound *x = a, *y = b;

	return x->key < y->key ? -1 : x->key > y->key;
}

/* The end of an interval at the largest key needs no bound. */
static size_t make_bounds(const struct sweep *sweep, struct bound *bounds)
{
	size_t count = 0;

	for (size_t n = 0; n < sweep->count; n++) {
		const struct sweep_interval *one = &sweep->items[n];

		bounds[count++] = (struct bound){ one->low, one->rows, 1 };
		if (one->high != ~(sweep_key)0)
			bounds[count++] = (struct bound){ one->high + 1, one->rows, -1 };
	}
	qsort(bounds, count, sizeof(*bounds), compare_bounds);
	return count;
}

/* `open`: per row, how many of its intervals hold the current key. */
static void step_rows(uint32_t open[64], uint64_t rows, int step)
{
	for (uint64_t rest = rows; rest; rest &= rest - 1)
		open[__builtin_ctzll(rest)] += (uint32_t)step;
}

static uint64_t open_rows(const uint32_t open[64])
{
	uint64_t rows = 0;

	for (unsigned int row = 0; row < 64; row++)
		rows |= (uint64_t)(open[row] != 0) << row;
	return rows;
}

void sweep_run(struct sweep *sweep)
{
	struct bound *bounds = arena_array(sweep->arena, struct bound, 2 * sweep->count);
	size_t count = make_bounds(sweep, bounds);
	uint32_t open[64] = { 0 };
	uint64_t rows = 0;

	sweep->count = 0;
	for (size_t n = 0; n < count;) {
		const sweep_key key = bounds[n].key;
		uint64_t before = rows;

		for (; n < count && bounds[n].key == key; n++)
			step_rows(open, bounds[n].rows, bounds[n].step);
		rows = open_rows(open);
		if (rows == before)
			continue;
		if (before)
			sweep->items[sweep->count - 1].high = key - 1;
		if (rows)
			sweep_add(sweep, key, ~(sweep_key)0, rows);
	}
}
