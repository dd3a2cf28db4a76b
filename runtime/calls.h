/* SPDX-License-Identifier: Apache-2.0 */
/*
 * calls.h - entry events that wait for the return event of the same call.
 *
 * Bounded: the oldest is given up (handed out alone) when CALLS_WAITING_MAX wait, with their long values more than LIMIT_CALL_BYTES, or
 * CALL_PATIENCE ns have passed.
 */
#ifndef RUNTIME_CALLS_H
#define RUNTIME_CALLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/event.h"

enum { CALLS_WAITING_MAX = 4096 };
#define CALL_PATIENCE	2000000000ull

struct calls;

struct calls *calls_new(void);
void calls_free(struct calls *calls);

/* Keeps a copy of an entry event that announces a return. */
void calls_add(struct calls *calls, const struct event *entry);

/* The entry that `returned` belongs to; free() its bytes.  False when it is not here. */
bool calls_take(struct calls *calls, const struct event *returned, struct event *ret);

/*
 * An entry that has waited too long by `now`, or, with `tgid` not 0, any of that process; free() its bytes.
 * False when there is none (more).
 */
bool calls_give_up(struct calls *calls, uint64_t now, uint32_t tgid, struct event *ret);

#endif
