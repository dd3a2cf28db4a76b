/* SPDX-License-Identifier: Apache-2.0 */
/*
 * debug_files.h - where the debug information of a file is, when it is not in the file.
 *
 * In this order: by build id below each folder (DIR/.build-id/ab/cdef.debug); by .gnu_debuglink (beside the file, in .debug, below each folder);
 * debuginfod, when it is allowed: by the program debuginfod-find, which keeps its own cache.  Folders are looked at on this host, then below the
 * root of the file.  What is found is only taken when its build id is the file's; of a file without one, when its checksum is that of the link.
 *
 * What a link says comes from a file that may be made to harm.  .gnu_debuglink names a file without a folder.  The other links are paths; they are
 * followed below the file's root, whatever they say, and what they lead to is opened only when it is a regular file.
 */
#ifndef SYMBOLIZE_DEBUG_FILES_H
#define SYMBOLIZE_DEBUG_FILES_H

#include "symbolize/binary.h"

struct debug_search {
	const char *const *folders;	/* NULL-terminated; "/usr/lib/debug" unless said otherwise */
	int root;			/* descriptor of the root that files' own paths are in (/proc/PID/root), or AT_FDCWD */
	bool debuginfod;		/* DEBUGINFOD_URLS is set, and it was allowed */
};

/*
 * `path`: where the file itself is, for links relative to it; NULL: not known.  NULL when there is none.  `where`, unless it is NULL: the path
 * at which it was found, freed by the caller.
 */
struct binary *debug_file_find_at(const struct debug_search *search, struct binary *binary, const char *path, char **where);
struct binary *debug_file_find(const struct debug_search *search, struct binary *binary, const char *path);

/* The file of a build id: its debug file, or with `program` the program or library itself (DIR/.build-id/ab/cdef).  NULL: not found. */
struct binary *debug_file_by_id(const struct debug_search *search, const struct build_id *id, bool program);

/* What .gnu_debugaltlink or .debug_sup of the binary names. NULL when it names none, or it is not there. */
struct binary *debug_file_supplementary(const struct debug_search *search, struct binary *binary, const char *path);

/* FOLDER/NAME as a file says them (.dwo), or of the last parts of it beside `path`; NULL when it is not there. */
struct binary *debug_file_split(const struct debug_search *search, const char *path, const char *folder, const char *name);
/* PATH.dwp. */
struct binary *debug_file_package(const struct debug_search *search, const char *path);

bool build_id_is_equal(const struct build_id *one, const struct build_id *other);

#endif
