/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dwarf.h - functions, inlined functions, files and lines of an address, by DWARF 2 to 5.
 *
 * Units are decoded when an address in them is asked for, each once, to a block of bytes without pointers: the same in memory and on disk
 * (cache.h), so that a second run decodes nothing.  What of it is damaged costs its unit, or its function, not the file: then the answer
 * says SYMBOL_DAMAGED.  Time and memory of each unit, and of the whole, have limits (schema/limits.def).
 */
#ifndef SYMBOLIZE_DWARF_H
#define SYMBOLIZE_DWARF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "symbolize/binary.h"
#include "symbolize/cache.h"
#include "symbolize/frame.h"

/* Where units that lie in other files are looked for. */
struct dwarf_files {
	void *context;
	/* A split unit's file (.dwo) by the names that its skeleton has; NULL: not found.  The binary stays the callee's. */
	struct binary *(*split)(void *context, const char *folder, const char *name, uint64_t id);
	struct binary *package;		/* .dwp; NULL: none */
	struct binary *supplementary;	/* of dwz, .gnu_debugaltlink or .debug_sup; NULL: none */
};

struct dwarf;

/*
 * The binaries are borrowed and must outlive it.  The cache (NULL: none) is lent what was worked out: it is closed first, which writes it, and
 * after that nothing but dwarf_close may be called.  NULL when the file has no debug information.
 */
struct dwarf *dwarf_open(struct binary *binary, const struct dwarf_files *files, struct cache *cache);
void dwarf_close(struct dwarf *dwarf);

/*
 * The frames of an address of the file; ret->frames and ret->room are the caller's.  Texts live until the dwarf is closed.
 * Names are linkage names where there are such, else plain ones.
 * SYMBOL_KNOWN, also when only the line is known, or only the function; SYMBOL_NO_LINES when no unit has it.
 * With whatever frames are known, ret->count may be 0: SYMBOL_DAMAGED when something of the unit could not be read, SYMBOL_NO_DEBUG_PART when its
 * functions, or their names, are in another file that was not found.
 */
enum symbol_why dwarf_find(struct dwarf *dwarf, uint64_t address, struct symbol_frames *ret);

/* Bytes of memory that it takes, about; without what the binaries hold. */
size_t dwarf_memory(const struct dwarf *dwarf);

#endif
