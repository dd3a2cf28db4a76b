/* SPDX-License-Identifier: Apache-2.0 */
/*
 * event_chunks.h - long values (maxData): their chunks, until the event comes that they belong to.  Pure.
 *
 * An event gets the chunks that carry its time, hook, thread and number, and of each value what lies in one piece behind the bytes that
 * it has itself: nothing is put where something before it is missing, and what is missing is said (struct event_slot).  Chunks of
 * events that never come are dropped when the same working memory sends others, and the oldest beyond LIMIT_CHUNK_BYTES; an event whose
 * chunks were dropped says that they are lost.
 */
#ifndef RUNTIME_EVENT_CHUNKS_H
#define RUNTIME_EVENT_CHUNKS_H

#include <stdbool.h>
#include <stddef.h>

#include "runtime/event.h"

struct event_chunks;

/* Never NULL. */
struct event_chunks *event_chunks_new(void);
void event_chunks_free(struct event_chunks *chunks);

/* Keeps the bytes of a CHUNK event. */
void event_chunks_add(struct event_chunks *chunks, const struct event *event);

/*
 * The same HOOK or RETURN event with its long values whole, as far as they are there; free() its bytes.  False when there is nothing to
 * add or to say: the event is whole as it is.  Its chunks are kept no longer.
 */
bool event_chunks_join(struct event_chunks *chunks, const struct event *event, struct event *ret);

/* Bytes that are kept. */
size_t event_chunks_kept(const struct event_chunks *chunks);

#endif
