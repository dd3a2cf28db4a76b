/* SPDX-License-Identifier: Apache-2.0 */
/* resolve.h - what `resolve` may say: a path through structures, or a register. */
#ifndef COMPILER_POLICY_RESOLVE_H
#define COMPILER_POLICY_RESOLVE_H

#include "compiler/base/diagnostics.h"
#include "compiler/policy/policy.h"

/* Names parted by dots and [N]; what is wrong is recorded.  Whether the members exist only a kernel can tell. */
void check_resolve_path(const struct text *path, struct diagnostics *diagnostics);

/* amd64 and arm64, in all widths. */
bool register_is_known(const struct text *name);

#endif
