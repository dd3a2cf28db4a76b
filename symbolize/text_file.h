/* SPDX-License-Identifier: Apache-2.0 */
/* text_file.h - reading a small file as a whole: those of /proc, lists of symbols. */
#ifndef SYMBOLIZE_TEXT_FILE_H
#define SYMBOLIZE_TEXT_FILE_H

#include <stddef.h>

#include "compiler/base/buffer.h"
#include "symbolize/frame.h"

/*
 * Adds what the file has to `ret`, with a NUL behind it that is not counted.  Regular files only, which it does not wait for.  KNOWN; NO_FILE,
 * PERMISSION; GONE when it is a file of a process that is gone; TOO_LARGE, with nothing added, when there is more than `limit`.
 */
enum symbol_why text_file_read(int folder, const char *path, size_t limit, struct buffer *ret);

/* The same of a descriptor, which is not closed. */
enum symbol_why text_descriptor_read(int descriptor, size_t limit, struct buffer *ret);

/* The reason for an errno of open or read. */
enum symbol_why why_of_errno(int error);

#endif
