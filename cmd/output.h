/* SPDX-License-Identifier: Apache-2.0 */
/* output.h - writing a file: all of it or nothing. */
#ifndef CMD_OUTPUT_H
#define CMD_OUTPUT_H

#include "compiler/base/buffer.h"

/*
 * To standard output for "-"; over a device or pipe; else to a new file beside `path`, which then takes its place.  EXIT_FINE,
 * or EXIT_SYSTEM with the reason on stderr.
 */
int output_write(const char *path, const struct buffer *bytes);

/* To a file that is not there yet; of what cannot be written whole nothing stays.  The same, also where it is there. */
int output_create(const char *path, const struct buffer *bytes);

#endif
