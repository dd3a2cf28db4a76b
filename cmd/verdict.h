/* SPDX-License-Identifier: Apache-2.0 */
/* verdict.h - what a simulation says of an event, for people and for programs: the words of dry-run and test. */
#ifndef CMD_VERDICT_H
#define CMD_VERDICT_H

#include "compiler/base/json.h"
#include "compiler/simulate.h"

/* "kprobe sys_write": where it happened. */
void verdict_event_name(const struct event_sample *event, struct buffer *ret);

/* A few lines, each indented: the verdict, and for each selector that failed the first filter that did. */
void verdict_text(const struct simulation *simulation, const struct event_sample *event, const struct verdict *verdict,
		  struct buffer *ret);

/* The same as one object. */
void verdict_json(const struct simulation *simulation, const struct event_sample *event, const struct verdict *verdict,
		  struct json *json);

/* Says that the two decisions of a verdict differ, which is a fault of tetra. */
void verdict_complain(const struct event_sample *event, const struct verdict *verdict, const char *file, size_t line);

#endif
