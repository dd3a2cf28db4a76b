/* SPDX-License-Identifier: Apache-2.0 */
/*
 * emit.h - the TracingPolicies that a file's RuntimeSecurityPolicies become, and the promise that they keep.
 *
 * What was written is read again, as Tetragon will, and held against the rules: each hook of a rule is there, with the rule's actions and scope, and
 * matches nothing that the rule does not.  What is wrong with it is said at the user's line, and then nothing is emitted.
 */
#ifndef COMPILER_EMIT_H
#define COMPILER_EMIT_H

#include "compiler/compiler.h"

/* The unit was checked.  Adds YAML to `ret`: 0, or -EINVAL with diagnostics in the unit.  *count: policies that were made of rules. */
int unit_emit(struct unit *unit, struct buffer *ret, size_t *count);

#endif
