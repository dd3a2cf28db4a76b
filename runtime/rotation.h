/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rotation.h - lines of text into a file, which gives way to a new one when it is large enough.
 *
 * FILE is the one that is written; FILE.1 is the one before, FILE.2 the one before that.  Files are made 0600, links are not
 * followed, and one process writes at a time.  There are whole lines only: what did not fit on the disk is taken back.
 */
#ifndef RUNTIME_ROTATION_H
#define RUNTIME_ROTATION_H

#include <stddef.h>
#include <stdint.h>

#include "runtime/pins.h"

enum { ROTATION_COUNT_MAX = 1000 };

struct rotation {
	const char *path;
	uint64_t size_max;	/* bytes of a file, but that a longer line has one of its own; 0: one file of any size */
	unsigned count;		/* how many old ones are kept */
	int fd;			/* -1: to be made */
	uint64_t size;
};

/*
 * Opens the file, to go on at its end; a line that was never ended there is ended.  The path is borrowed.  0 or a negative
 * errno with a text: -EBUSY when another process writes it.
 */
int rotation_open(struct rotation *rotation, const char *path, uint64_t size_max, unsigned count, struct failure *failure);

/*
 * Writes whole lines.  0; or -ENOSPC, -EDQUOT when there is no space, after which it can be tried again; or another negative
 * errno, with a text.  *taken: how many bytes of them are written, whole lines.
 */
int rotation_write(struct rotation *rotation, const char *lines, size_t length, size_t *taken, struct failure *failure);

void rotation_close(struct rotation *rotation);

#endif
