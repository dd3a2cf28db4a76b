/* SPDX-License-Identifier: Apache-2.0 */
/* syscall.h - how policies name system calls: sys_NAME, with the prefix of an architecture, or ABI/NAME in lists. */
#ifndef COMPILER_POLICY_SYSCALL_H
#define COMPILER_POLICY_SYSCALL_H

#include "compiler/base/diagnostics.h"
#include "compiler/policy/policy.h"

/* sys_NAME, or with the prefix of an architecture. */
bool is_syscall_name(const struct text *name);

/* Bytes of the prefix of an architecture, as __x64_; 0 for none. */
size_t syscall_prefix(const char *bytes, size_t length);

/* Why a value of a list of system calls names no function, or no number: NULL when it does. */
const char *syscall_function_problem(const struct text *value);
const char *syscall_number_problem(const struct text *value);

/* Of x86-64: the number of a value, with this bit for the 32-bit ABI; false when it has none there. */
#define SYSCALL_32_BIT	(1ULL << 31)
bool syscall_number(const struct text *value, uint64_t *ret);

/* The number of the n-th system call that x86-64 has, and the kernel's function for it without "sys_"; false behind the last one. */
bool syscall_at(size_t n, uint64_t *ret, const char **function);

/* Completes the latest diagnostic with what may have been meant. */
void syscall_suggest(const struct text *value, struct diagnostics *diagnostics);

#endif
