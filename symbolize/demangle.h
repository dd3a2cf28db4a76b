/* SPDX-License-Identifier: Apache-2.0 */
/*
 * demangle.h - names of C++ and Rust (both manglings), as people write them.
 *
 * Names come from files that may be made to harm: short ones stand for others of any length, and for much work.  Both have limits
 * (schema/limits.def); beyond them a name stays as it is.
 */
#ifndef SYMBOLIZE_DEMANGLE_H
#define SYMBOLIZE_DEMANGLE_H

#include <stdbool.h>

#include "compiler/base/buffer.h"

/* Appends it; false, with nothing appended, when the name is none of those, or beyond a limit. A version ("@@V1") stays behind it. */
bool demangle(const char *name, struct buffer *ret);

/* Whether it begins as such names do: a quick no to most. */
bool demangle_may(const char *name);

#endif
