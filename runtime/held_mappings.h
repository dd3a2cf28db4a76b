/* SPDX-License-Identifier: Apache-2.0 */
/*
 * held_mappings.h - files that were mapped, until it is their turn among the other events.  Pure.
 *
 * The kernel tells of them apart from the ring buffer.  They are told in the order of time, but none before its process is known, if
 * that is known soon: what exec maps is mapped before exec's own event.  Nothing else waits for them.
 */
#ifndef RUNTIME_HELD_MAPPINGS_H
#define RUNTIME_HELD_MAPPINGS_H

#include <stdbool.h>
#include <stdint.h>

#include "runtime/event.h"

#define MAPPING_PATIENCE	50000000ull	/* ns for which others go on before one whose process nobody knows */

struct held_mappings;

/* Never NULL. */
struct held_mappings *held_mappings_new(void);
void held_mappings_free(struct held_mappings *held);

/* Keeps a copy. */
void held_mappings_add(struct held_mappings *held, const struct event_mapping *mapping);

/*
 * The earliest whose turn it is, now that all else that happened before `time` (CLOCK_BOOTTIME, ns) has been told: it happened before, too,
 * and `is_ready`, or waits for longer than MAPPING_PATIENCE, or more than LIMIT_MAPPINGS_HELD wait.  *ret is good until the next call.
 */
bool held_mappings_next(struct held_mappings *held, uint64_t time, bool (*is_ready)(void *context, const struct event_mapping *mapping),
			void *context, struct event_mapping *ret);

#endif
