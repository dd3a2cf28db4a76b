/* SPDX-License-Identifier: Apache-2.0 */
/* event_arguments.h - what a hook was called with, and what it returned, in the shapes that Tetragon's fields have.  Pure. */
#ifndef RUNTIME_EVENT_ARGUMENTS_H
#define RUNTIME_EVENT_ARGUMENTS_H

#include "compiler/base/json.h"
#include "compiler/image/image.h"
#include "runtime/event.h"

/* An element of a list, or several, or none.  `event` NULL: the call has not returned. */
void json_argument(struct json *json, const struct image_report_argument *argument, const struct event *event);

#endif
