/* SPDX-License-Identifier: Apache-2.0 */
/*
 * misses.h - events for which the kernel did not run the program of a hook, because it was running on that CPU already.
 *
 * Of trampolines and raw tracepoints, whose programs may be preempted by another task: see docs/enforcement.md.
 */
#ifndef RUNTIME_MISSES_H
#define RUNTIME_MISSES_H

#include <stdint.h>

#include "runtime/pins.h"

/* Of the program behind a pinned link. -ENODATA when the kernel does not tell: before 5.12, or without CAP_SYS_ADMIN. */
int misses_read(const struct pins *pins, const char *link, uint64_t *ret);

#endif
