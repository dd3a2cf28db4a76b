/* SPDX-License-Identifier: Apache-2.0 */
/* syscalls.h - the kernel's function behind a system call, by this machine's naming (arch/.../syscall_wrapper.h). */
#ifndef RUNTIME_SYSCALLS_H
#define RUNTIME_SYSCALLS_H

#include <stdio.h>
#include <string.h>

#if defined(__x86_64__)
#define SYSCALL_PREFIX "__x64_"
#elif defined(__aarch64__)
#define SYSCALL_PREFIX "__arm64_"
#else
#error "no system call prefix is known for this architecture"
#endif

enum { SYSCALL_SYMBOL_MAX = 256 };

/* "sys_write" becomes "__x64_sys_write"; a name that carries a prefix already ("__ia32_sys_...") stays. */
static inline const char *syscall_symbol(const char *name, char ret[SYSCALL_SYMBOL_MAX])
{
	snprintf(ret, SYSCALL_SYMBOL_MAX, "%s%s", strncmp(name, "__", 2) ? SYSCALL_PREFIX : "", name);
	return ret;
}

#endif
