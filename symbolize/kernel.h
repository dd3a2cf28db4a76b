/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kernel.h - functions of the kernel, its modules and BPF programs, by /proc/kallsyms; lines by the kernel's debug file.
 *
 * kallsyms is read once for each boot and kept on disk as an index (cache.h) by boot id and by what modules there are; a kernel that hides its
 * addresses (kptr_restrict, no CAP_SYSLOG) is said to, and nothing is kept then.  A saved copy of kallsyms, or a System.map, may take its place:
 * for events of another machine, with the address of _stext there (KASLR).
 */
#ifndef SYMBOLIZE_KERNEL_H
#define SYMBOLIZE_KERNEL_H

#include <stdint.h>

#include "symbolize/frame.h"
#include "symbolize/module.h"

struct kernel_source {
	const char *symbols;		/* a file like kallsyms or System.map; NULL: the running kernel's */
	const char *image;		/* vmlinux with DWARF; NULL: looked for by build id (/sys/kernel/notes) and at the usual places */
	bool slide_given;
	uint64_t slide;			/* what KASLR added to the addresses of `symbols` and `image` */
};

struct kernel_names;

/* Never NULL. Nothing is read before the first look-up.  Options are borrowed. */
struct kernel_names *kernel_names_new(const struct kernel_source *source, const struct module_options *options);
void kernel_names_free(struct kernel_names *kernel);

struct kernel_found {
	const char *module;		/* "ext4", "bpf", NULL: the kernel itself */
	uint64_t start, size;
	bool has_lines;
};

/* SYMBOL_KNOWN when at least the function is known. Texts live as long as the kernel_names. */
enum symbol_why kernel_names_find(struct kernel_names *kernel, uint64_t address, struct symbol_frames *ret, struct kernel_found *found);

/* These are looked up next: as names_expect.  Of a list that is not there yet nothing is done. */
void kernel_names_expect(struct kernel_names *kernel, const uint64_t *addresses, size_t count);

const char *kernel_names_explain(struct kernel_names *kernel);

#endif
