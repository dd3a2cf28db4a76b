/* SPDX-License-Identifier: Apache-2.0 */
/* emit.h - RuntimeSecurityPolicies as TracingPolicies. */
#ifndef CMD_EMIT_H
#define CMD_EMIT_H

#include "cmd/input.h"

/*
 * Writes what all RuntimeSecurityPolicies of the inputs become to the file, or to standard output (NULL).  Nothing is written when one cannot be
 * emitted: what is wrong is printed.  The exit code.
 */
int emit_policies(const struct inputs *inputs, const char *output);

#endif
