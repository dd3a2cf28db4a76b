/* SPDX-License-Identifier: Apache-2.0 */
/*
 * print.h - a policy as YAML, an event as one line of JSON in the form of Tetragon's export (section 9).
 *
 * What Tetragon's events have no field for stands in an object "tetra", of the event:
 *   "place"             "host" or "pod"; absent: not known
 *   "namespace_pid"     the process id as its own pid namespace numbers it
 *   "ancestor_namespace_pids"  of parent, then "ancestors"; 0: none in that namespace; null: not known
 *   "ancestors_complete"       true: parent and "ancestors" are all there are.  "ancestors" begins behind the parent
 *   "exec_ns", "exec_cap"      as process.ns and process.cap, when the process was executed; of what is known
 *   "container_repo"    the pseudo-label `repo` of the container
 * and of a value:
 *   "unknown"           names of the keys beside it whose values are not known, although others of the socket are
 * An argument that was not recorded is not there; every argument has "index", the number of the policy's `index`.  `data` has
 * an element for each entry of the policy's, in that order; {} when it was not recorded.
 */
#ifndef TESTS_REFERENCE_PRINT_H
#define TESTS_REFERENCE_PRINT_H

#include <stdio.h>

#include "tests/reference/model.h"

void print_policy(FILE *out, const struct model_policy *policy);
void print_event(FILE *out, const struct model_event *event);	/* without a newline */

/* In double quotes; `escape` is how a byte is written that cannot stand for itself. */
void print_quoted(FILE *out, struct model_text text, const char *escape);

/* The same as texts of model_allocate(). */
struct model_text policy_text(const struct model_policy *policy);
struct model_text event_text(const struct model_event *event);

#endif
