/* SPDX-License-Identifier: Apache-2.0 */
/* cost.h - what an event at a hook takes, from the hook's decision program alone. */
#ifndef COMPILER_INSPECT_COST_H
#define COMPILER_INSPECT_COST_H

#include "compiler/image/image.h"

/*
 * Records: on the shortest and on the longest way through.  The rest is what no event exceeds.  Nanoseconds are those of
 * docs/performance.md for reading values and looking up; events that are made come on top, and so does what any program takes.
 */
struct inspect_cost {
	uint32_t records_least, records_most;
	uint32_t values_most, lookups_most;
	uint64_t bytes_hashed_most;
	uint32_t nanoseconds_least, nanoseconds_most;
};
void inspect_cost(const struct image_view *view, const struct image_hook *hook, struct inspect_cost *ret);

#endif
