/* SPDX-License-Identifier: Apache-2.0 */
/* memory.h - what the pinned maps, and the programs that run, take of the kernel's memory. */
#ifndef RUNTIME_MEMORY_H
#define RUNTIME_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/pins.h"

enum memory_of { MEMORY_MAP, MEMORY_PROGRAM };

struct memory_row {
	enum memory_of of;
	const char *name;		/* of a map its pin's; of a program its own, which several may have; arena */
	uint64_t bytes;			/* as the kernel accounts for it: "memlock" of the descriptor */
	bool counts_entries;		/* a table that has so many at present, and room for so many */
	uint64_t entries, max_entries;
};

struct memory {
	struct memory_row *rows;	/* maps first, each by name; arena */
	size_t count;
	size_t hidden;			/* programs that this process may not look at: CAP_SYS_ADMIN */
};

/* 0 or a negative errno; what comes and goes meanwhile is left out. */
int memory_read(const struct pins *pins, struct arena *arena, struct memory *ret);

#endif
