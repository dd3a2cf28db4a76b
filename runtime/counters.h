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

/* Words for enum abi_error. */
extern const char *const counters_error_names[ABI_ERROR_COUNT];

/* And for enum abi_failure: names of errno, "other". */
extern const char *const counters_failure_names[ABI_FAILURE_COUNT];

struct counters {
	uint8_t *bytes;		/* shared mapping; NULL when closed */
	size_t size, stride;	/* of all, and of one processor's */
};

/* Maps what a descriptor stands for, which may be closed then.  0 or a negative errno. */
int counters_map(int fd, struct counters *ret);
void counters_unmap(struct counters *counters);

/* Of one hook, of one policy: all processors together. */
struct abi_counters counters_sum(const struct counters *counters, uint32_t hook);
struct abi_policy_counters counters_sum_policy(const struct counters *counters, uint32_t policy);

/* Of one hook, only the events that did not fit into the ring buffer. */
uint64_t counters_lost(const struct counters *counters, uint32_t hook);

/* Of what is pinned, one hook's to zeros. */
int counters_clear(const struct pins *pins, uint32_t hook);

/* Maps what is pinned.  0 or a negative errno; the policy's counters to zeros. */
int counters_open(const struct pins *pins, struct counters *ret);
void counters_clear_policy(const struct counters *counters, uint32_t policy);

#endif
