/* SPDX-License-Identifier: Apache-2.0 */
/* machine.h - which machine this is, among those whose registers are known. */
#ifndef RUNTIME_MACHINE_H
#define RUNTIME_MACHINE_H

#include "schema/names.h"

#if defined(__x86_64__)
#define THIS_MACHINE MACHINE_X86_64
#elif defined(__aarch64__)
#define THIS_MACHINE MACHINE_ARM64
#endif

#endif
