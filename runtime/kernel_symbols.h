/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kernel_symbols.h - which function of the kernel or of a module an address lies in, by /proc/kallsyms and /proc/modules.
 *
 * kallsyms says where functions begin, not where they end.  So an address is only told when it lies in the kernel's own text or in
 * a module that was there when the symbols were read; programs that BPF has made come and go, and are not told.
 */
#ifndef RUNTIME_KERNEL_SYMBOLS_H
#define RUNTIME_KERNEL_SYMBOLS_H

#include <stdbool.h>
#include <stdint.h>

struct kernel_symbol {
	uint64_t offset;	/* of the address, from the symbol */
	const char *name;
	const char *module;	/* NULL: the kernel itself */
};

struct kernel_symbols;

/* From the texts of the two files.  Never NULL: aborts without memory. */
struct kernel_symbols *kernel_symbols_parse(const char *kallsyms, const char *modules);
void kernel_symbols_free(struct kernel_symbols *symbols);

/* False when all addresses are zero: the kernel does not show them to this process. */
bool kernel_symbols_are_shown(const struct kernel_symbols *symbols);

/* False when the address is none of a function that is known.  The texts live as long as the symbols. */
bool kernel_symbols_find(const struct kernel_symbols *symbols, uint64_t address, struct kernel_symbol *ret);

#endif
