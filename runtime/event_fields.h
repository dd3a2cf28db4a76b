/* SPDX-License-Identifier: Apache-2.0 */
/* event_fields.h - the keys that events may have, and which one was meant; the rows are in event_fields.def.  Pure. */
#ifndef RUNTIME_EVENT_FIELDS_H
#define RUNTIME_EVENT_FIELDS_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Whether events can have a key of that path: "process.binary" in what belongs to the event's key, or from the outermost object,
 * "node_name", "process_lsm.function_name".  Of a list, each element is meant; a number names one, "args.0.string_arg".
 * When not, *wrong is the first part that is not known (its length in *length), and *nearest the key that may be meant, or NULL.
 */
bool event_field_is_known(const char *path, const char **wrong, size_t *length, const char **nearest);

/* Whether it ends at a value, not at an object. */
bool event_field_is_value(const char *path);

/* Types of events that there are, "process_exec", NULL past the end. */
const char *event_type_name(size_t n);

#endif
