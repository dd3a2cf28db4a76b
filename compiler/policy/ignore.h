/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ignore.h - comments that say to ignore a finding: # tetra:ignore CODE[,CODE...] REASON
 *
 * One that stands alone is for the next line that is more than a comment, any other for its own line.
 */
#ifndef COMPILER_POLICY_IGNORE_H
#define COMPILER_POLICY_IGNORE_H

#include "compiler/base/diagnostics.h"

/* Gives the comments of a parsed source to `diagnostics`, which obeys them from then on; says what is wrong with
 * them.  0, or -EINVAL when there are too many. */
int ignores_read(const struct source *source, struct diagnostics *diagnostics);

/* After the last pass: says which of them ignored nothing. */
void ignores_finish(struct diagnostics *diagnostics);

#endif
