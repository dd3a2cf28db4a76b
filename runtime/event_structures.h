/* SPDX-License-Identifier: Apache-2.0 */
/*
 * event_structures.h - structures of the kernel in events, in the shapes that Tetragon's fields have.  Pure.
 *
 * A slot that does not hold such a structure, as of another version's event, is an empty object, or "?".
 */
#ifndef RUNTIME_EVENT_STRUCTURES_H
#define RUNTIME_EVENT_STRUCTURES_H

#include "compiler/base/buffer.h"
#include "compiler/base/json.h"
#include "runtime/event.h"

/* The structure itself; false when the slot does not hold one of that size. */
bool event_structure(const struct event_slot *slot, void *ret, size_t size);

void json_cred(struct json *json, const struct event_slot *slot);
void json_user_namespace(struct json *json, const struct event_slot *slot);
void json_module(struct json *json, const struct event_slot *slot);
void json_bpf_prog(struct json *json, const struct event_slot *slot);
void json_bpf_map(struct json *json, const struct event_slot *slot);
void json_perf_event(struct json *json, const struct event_slot *slot);

/* The same in lines for people. */
void add_cred(struct buffer *out, const struct event_slot *slot);
void add_user_namespace(struct buffer *out, const struct event_slot *slot);
void add_module(struct buffer *out, const struct event_slot *slot);
void add_bpf_prog(struct buffer *out, const struct event_slot *slot);
void add_bpf_map(struct buffer *out, const struct event_slot *slot);
void add_perf_event(struct buffer *out, const struct event_slot *slot);

#endif
