/* SPDX-License-Identifier: Apache-2.0 */
/* event_values.h - values of sockets, buffers, capabilities and the like, in the shapes that Tetragon's fields have.  Pure. */
#ifndef RUNTIME_EVENT_VALUES_H
#define RUNTIME_EVENT_VALUES_H

#include <stdbool.h>

#include "compiler/base/buffer.h"
#include "compiler/base/json.h"
#include "runtime/event.h"
#include "schema/schema.h"

/* Key of the value: that of its type, but for a buffer that was cut. */
const char *event_value_key(enum type_id type, const struct event_slot *slot);

/* Of an array of numbers, which is that many values in the event: how many, else 0; and each. */
size_t event_value_words(enum type_id type, const struct event_slot *slot);
uint64_t event_value_word(const struct event_slot *slot, size_t n);

/* The value of a slot that was read.  False, with nothing written, when the type is none of those. */
bool event_value_json(struct json *json, enum type_id type, const struct event_slot *slot);
bool event_value_compact(struct buffer *out, enum type_id type, const struct event_slot *slot);

/* Why there is no more of a long value, as events say it: "lost", "unreadable"; NULL when nothing is missing. */
const char *event_missing_name(const struct event_slot *slot);

void base64_add(struct buffer *out, const void *bytes, size_t length);

#endif
