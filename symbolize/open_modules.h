/* SPDX-License-Identifier: Apache-2.0 */
/*
 * open_modules.h - the files whose symbols are in memory, those used last; below a limit of number and of bytes.
 *
 * A file is the same as long as device, inode, size and time of change are.
 */
#ifndef SYMBOLIZE_OPEN_MODULES_H
#define SYMBOLIZE_OPEN_MODULES_H

#include <stdbool.h>
#include <stdint.h>

#include "schema/schema.h"
#include "symbolize/module.h"

struct open_module {
	struct module *module;
	struct binary_identity identity;	/* zero: of bytes in memory, for one owner alone */
	char build_id[2 * BINARY_BUILD_ID_BYTES + 1];	/* in hexadecimal; "": none */
	char *path;			/* where it was seen first */
	uint64_t number;		/* of all that were ever opened: never used again */
	uint64_t used;
	unsigned lookups;		/* since its memory was measured */
	size_t memory;
};

struct open_modules {
	const struct module_options *options;
	struct open_module *list[LIMIT_OPEN_FILES];
	size_t count;
	uint64_t number, clock;
};

/* A module that may have been let go since: NULL then. */
struct open_module_mark { struct open_module *module; uint64_t number; };
struct open_module *open_module_get(struct open_modules *modules, struct open_module_mark mark);
struct open_module_mark open_module_mark(const struct open_module *module);

/* Takes the binary, which was found at `path` below `root`.  Another that was used longest ago may be let go. */
struct open_module *open_modules_add(struct open_modules *modules, struct binary *binary, int root, const char *path);

/* As module_find. */
enum symbol_why open_module_find(struct open_modules *modules, struct open_module *module, uint64_t address, struct symbol_frames *ret);

void open_modules_release(struct open_modules *modules);

#endif
