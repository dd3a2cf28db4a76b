/* SPDX-License-Identifier: Apache-2.0 */
/* host.h - the running kernel, as the compiler asks it: see compiler/policy/host.h. */
#ifndef CMD_HOST_H
#define CMD_HOST_H

#include "compiler/policy/host.h"
#include "runtime/kernel.h"

/* What to ask `kernel`, which is borrowed. */
struct policy_host host_of(struct kernel *kernel);

#endif
