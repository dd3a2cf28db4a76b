/* SPDX-License-Identifier: Apache-2.0 */
/* made_files.h - a folder of files that the compiler at hand makes, for tests that read programs. */
#ifndef TESTS_UNIT_MADE_FILES_H
#define TESTS_UNIT_MADE_FILES_H

#include "symbolize/binary.h"

/* The folder, made when it is first asked for; files_remove removes it and all that is in it. */
const char *files_folder(void);
void files_remove(void);

/* Runs a line of shell in the folder; false when it fails. */
bool files_make(const char *command);

/* FOLDER/NAME; valid until the next call but three. */
const char *files_path(const char *name);

/* Opens one of it, or any when its name begins with a slash; NULL, with the reason. */
struct binary *files_open(const char *name, enum symbol_why *why);

#endif
