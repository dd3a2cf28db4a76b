/* SPDX-License-Identifier: Apache-2.0 */
/* resolve.h - the path through structures that `resolve` may say. */
#ifndef COMPILER_POLICY_RESOLVE_H
#define COMPILER_POLICY_RESOLVE_H

#include "compiler/base/diagnostics.h"
#include "compiler/policy/policy.h"

/* Names parted by dots and [N]; what is wrong is recorded.  Whether the members exist only a kernel can tell. */
void check_resolve_path(const struct text *path, struct diagnostics *diagnostics);

#endif
