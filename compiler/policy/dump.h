/* SPDX-License-Identifier: Apache-2.0 */
/* dump.h - policies as text, for --dump and goldens. */
#ifndef COMPILER_POLICY_DUMP_H
#define COMPILER_POLICY_DUMP_H

#include "compiler/base/buffer.h"
#include "compiler/policy/policy.h"

void policy_dump(const struct policy_list *policies, struct buffer *ret);

#endif
