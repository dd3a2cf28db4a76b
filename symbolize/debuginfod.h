/* SPDX-License-Identifier: Apache-2.0 */
/* debuginfod.h - files of a build id from the servers that DEBUGINFOD_URLS names, by the program debuginfod-find. */
#ifndef SYMBOLIZE_DEBUGINFOD_H
#define SYMBOLIZE_DEBUGINFOD_H

#include "symbolize/binary.h"

/*
 * The path of the file in debuginfod's own cache, freed by the caller; NULL when there is none, or it took too long.  Nothing of it is run by a
 * shell; `kind` is "debuginfo" or "executable".
 */
char *debuginfod_find(const char *kind, const struct build_id *id);

#endif
