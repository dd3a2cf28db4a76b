/* SPDX-License-Identifier: Apache-2.0 */
/*
 * debug_files.h - where the debug information of a file is, when it is not in the file.
 *
 * In this order: the file itself; by build id below each folder (DIR/.build-id/ab/cdef.debug); by .gnu_debuglink (beside the file, in .debug,
 * below each folder, its checksum compared); debuginfod, when it is allowed: by the program debuginfod-find, which keeps its own cache.  What is
 * found is only taken when its build id is the file's.
 */
#ifndef SYMBOLIZE_DEBUG_FILES_H
#define SYMBOLIZE_DEBUG_FILES_H

#include "symbolize/binary.h"

struct debug_search {
	const char *const *folders;	/* NULL-terminated; "/usr/lib/debug" unless said otherwise */
	int root;			/* descriptor of the root that files' own paths are in (/proc/PID/root), or AT_FDCWD */
	bool debuginfod;		/* DEBUGINFOD_URLS is set, and it was allowed */
};

/* `path`: where the file itself is, for links relative to it; NULL: not known.  NULL when there is none. */
struct binary *debug_file_find(const struct debug_search *search, struct binary *binary, const char *path);

/* The file of a build id: its debug file, or with `program` the program or library itself (DIR/.build-id/ab/cdef).  NULL: not found. */
struct binary *debug_file_by_id(const struct debug_search *search, const struct build_id *id, bool program);

/* What .gnu_debugaltlink or .debug_sup of the binary names. NULL when it names none, or it is not there. */
struct binary *debug_file_supplementary(const struct debug_search *search, struct binary *binary, const char *path);

#endif
