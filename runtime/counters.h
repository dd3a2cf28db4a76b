/* SPDX-License-Identifier: Apache-2.0 */
/*
 * counters.h - what the programs counted, hook by hook.
 *
 * The map is mapped, so that reading all hooks of all processors needs no system call.
 */
#ifndef RUNTIME_COUNTERS_H
#define RUNTIME_COUNTERS_H

#include <stddef.h>
#include <stdint.h>

#include "bpf-templates/abi.h"
#include "runtime/pins.h"

struct counters {
	uint8_t *bytes;		/* shared mapping; NULL when closed */
	size_t size, stride;	/* of all, and of one processor's */
};

/* Maps what a descriptor stands for, which may be closed then.  0 or a negative errno. */
int counters_map(int fd, struct counters *ret);
void counters_unmap(struct counters *counters);

/* Of one hook, all processors together. */
struct abi_counters counters_sum(const struct counters *counters, uint32_t hook);

/* Of these, only the events that did not fit into the ring buffer. */
uint64_t counters_lost(const struct counters *counters, uint32_t hook);

/* The same, of what is pinned; zeros, and a negative errno, when nothing is. */
int counters_read(const struct pins *pins, uint32_t hook, struct abi_counters *ret);
int counters_clear(const struct pins *pins, uint32_t hook);

#endif
