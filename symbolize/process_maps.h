/* SPDX-License-Identifier: Apache-2.0 */
/* process_maps.h - the texts of /proc that tell of a process: maps, stat, status, and the list of what it compiled. */
#ifndef SYMBOLIZE_PROCESS_MAPS_H
#define SYMBOLIZE_PROCESS_MAPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "symbolize/process.h"

/* A line of maps, ended in place: "START-END PERMISSIONS OFFSET DEVICE INODE   PATH". The path is in the line. False when it is none. */
bool maps_read_line(char *line, struct mapping *ret);

/*
 * All lines of a text, which is changed.  Ascending, as the kernel lists them: what is not is left out.  The array is allocated, *count of it; NULL when
 * there is none.  Stops at LIMIT_MAPPINGS.
 */
struct mapping *maps_read(char *text, size_t *count);

/* The mapping that has the address; NULL. */
const struct mapping *maps_find(const struct mapping *mappings, size_t count, uint64_t address);

/*
 * Path of a mapping as a file may be opened by it: without " (deleted)", and with the bytes that the kernel writes as \ooo.  False when it does not
 * fit, or is none.
 */
bool maps_path(const struct mapping *mapping, char *ret, size_t size);

/* stat: when the process began, in ticks since boot. */
bool stat_start_time(const char *text, uint64_t *ret);

/* status: the innermost of its pids (NSpid), and its user ids: real, effective, saved, of files. */
bool status_inner_pid(const char *text, pid_t *ret);
bool status_user_ids(const char *text, uid_t ret[4]);

/* ---- Lists of compiled functions: "START SIZE NAME", in hexadecimal ---- */

struct compiled {
	uint64_t start, size;
	const char *name;		/* in the text */
	size_t line;
};

/* All lines of a text, which is changed, ascending.  Allocated, NULL when there is none; at most LIMIT_COMPILED_FUNCTIONS of them. */
struct compiled *compiled_read(char *text, size_t size, size_t *count);

/* Of several that have the address the one that was written last; of those, no more than some are looked at. NULL: none. */
const struct compiled *compiled_find(const struct compiled *list, size_t count, uint64_t address);

#endif
