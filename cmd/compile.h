/* SPDX-License-Identifier: Apache-2.0 */
/* compile.h - what `tetra compile --dump` can show. */
#ifndef CMD_COMPILE_H
#define CMD_COMPILE_H

#include "cmd/verb.h"

/* Pass n, in the order in which they run; name NULL for the one past the last, and no n beyond that. */
struct note compile_pass(size_t n);

#endif
