/* SPDX-License-Identifier: Apache-2.0 */
/* symbol.h - addresses of the kernel's own data that programs read. */
#ifndef RUNTIME_SYMBOL_H
#define RUNTIME_SYMBOL_H

#include <stdint.h>
#include <stdio.h>

/* Of a symbol of the kernel itself, by a list like /proc/kallsyms; 0 when there is none, or the list hides addresses (kernel.kptr_restrict, no CAP_SYSLOG). */
uint64_t symbol_address(FILE *list, const char *name);

/*
 * In the running kernel, of the sequence that the kernel adds to around every rename (rename_lock, a seqlock_t of fs/dcache.c, which begins with it); 0 when it is not known,
 * or when this machine may change the order of loads, which programs cannot forbid it (all but x86-64).
 */
uint64_t symbol_of_renames(void);

#endif
