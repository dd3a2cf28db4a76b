/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mappings.h - files that processes map to execute, as the kernel tells readers of perf events: for policies with `loader`.
 *
 * There is no program and nothing is pinned: the kernel reads the build id out of the file that is mapped, whatever mount namespace it
 * is in, and tells it while somebody listens.  What is mapped before, or between two readers, is told to nobody.
 */
#ifndef RUNTIME_MAPPINGS_H
#define RUNTIME_MAPPINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/event.h"

struct mappings;

/* Whether the kernel tells build ids to this process: 0 or a negative errno.  Leaves nothing behind. */
int mappings_probe(void);

/* Listens on every processor.  NULL with a negative errno in *error. */
struct mappings *mappings_open(int *error);
void mappings_close(struct mappings *mappings);

/* Also on processors that came since. */
void mappings_look(struct mappings *mappings);

/*
 * The next one that happened before `until` (CLOCK_BOOTTIME, ns); in the order of time.  ret->process_start is 0.
 * Its path is valid until the next call.
 */
bool mappings_next(struct mappings *mappings, uint64_t until, struct event_mapping *ret);

/* How many the kernel could not tell, since the last call. */
uint64_t mappings_lost(struct mappings *mappings);

#endif
