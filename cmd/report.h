/* SPDX-License-Identifier: Apache-2.0 */
/* report.h - the one place that prints diagnostics: for people with the line and a caret, for programs as JSON. */
#ifndef CMD_REPORT_H
#define CMD_REPORT_H

#include <stdio.h>

#include "compiler/base/buffer.h"
#include "compiler/base/diagnostics.h"
#include "compiler/base/json.h"

/* Sorted by place.  Colour only when `out` is a terminal and NO_COLOR is not set. */
void report_text(const struct diagnostics *diagnostics, FILE *out);

/* The same as text without colour, for tests and other back ends. */
void report_render(const struct diagnostics *diagnostics, struct buffer *ret);

/* One object per diagnostic, inside an array that the caller has begun. */
void report_json(const struct diagnostics *diagnostics, struct json *json);

#endif
