/* SPDX-License-Identifier: Apache-2.0 */
/*
 * event_names.h - names of the users and groups whose ids are in an event's values: `users` and `groups` of its `tetra`, from an id to
 * its name.  (That of the process's own user is where Tetragon has it, in `process`.)
 */
#ifndef RUNTIME_EVENT_NAMES_H
#define RUNTIME_EVENT_NAMES_H

#include <stdbool.h>
#include <stddef.h>

#include "compiler/base/json.h"
#include "runtime/event.h"
#include "runtime/users.h"
#include "schema/schema.h"

enum { EVENT_NAMES_MAX = 5 * (ABI_SLOTS_MAX + 1) };	/* credentials have four, and the owner of their namespace */

/* Those that have a name, each once. */
struct event_ids {
	const struct users *names;	/* NULL: none has one */
	uint32_t ids[EVENT_NAMES_MAX];
	size_t count;
};
struct event_names { struct event_ids users, groups; };

/* Without any; a row of ids is not zeroed for each event. */
void event_names_begin(struct event_names *names, const struct users *users, const struct users *groups);

/* What is in the value of an argument of that type; nothing when it was not read. */
void event_names_add(struct event_names *names, enum type_id type, const struct event_slot *slot);

static inline bool event_names_some(const struct event_names *names)
{
	return names->users.count || names->groups.count;
}

void event_names_json(struct json *json, const struct event_names *names);

#endif
