/* SPDX-License-Identifier: Apache-2.0 */
/*
 * module.h - one program, library, kernel module or kernel on disk, with all that is known of its functions and lines.
 *
 * Joins: its own symbols (.symtab, .dynsym, .gnu_debugdata, Go's .gopclntab), its debug file (debug_files.h) and DWARF of both.  The outermost
 * frame's name is DWARF's where it has one, else the symbol's; where both are, the symbol's start is told.
 */
#ifndef SYMBOLIZE_MODULE_H
#define SYMBOLIZE_MODULE_H

#include "symbolize/binary.h"
#include "symbolize/debug_files.h"
#include "symbolize/frame.h"

struct module_options {
	const struct debug_search *search;	/* borrowed */
	const char *cache;		/* folder; NULL: without */
	bool no_lines;			/* names alone: DWARF is not looked at */
};

struct module;

/* Takes the binary.  Never NULL.  Nothing is read before the first look-up. */
struct module *module_new(struct binary *binary, const struct module_options *options);
void module_free(struct module *module);	/* writes what is kept for the next run */

/* Where the binary was found: its path below that root (a descriptor, or AT_FDCWD), both copied; for files that are looked for beside it. */
void module_set_place(struct module *module, int root, const char *path);

struct binary *module_binary(const struct module *module);

/*
 * By address of the file. ret->frames and ret->room are the caller's; texts live as long as the module.  SYMBOL_KNOWN when a function or a line is;
 * then module_why_no_lines says, of this address, why its line is not known: KNOWN, NO_LINES, DAMAGED, NO_DEBUG_PART, NO_INLINED.
 */
enum symbol_why module_find(struct module *module, uint64_t address, struct symbol_frames *ret);
enum symbol_why module_why_no_lines(const struct module *module);

/* These are looked up next: as names_expect. */
void module_expect(struct module *module, const uint64_t *addresses, size_t count);

/* How it was found, for --explain: lines of text, valid as long as the module ("symbols: .symtab of /usr/lib/debug/...; lines: ..."). */
const char *module_explain(struct module *module);

/* Bytes of memory that it takes, about: whoever keeps many lets go of those not used for longest. */
size_t module_memory(const struct module *module);

#endif
