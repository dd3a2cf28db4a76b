/* SPDX-License-Identifier: Apache-2.0 */
/* remove.h - the end of all policies: an image in which there are none, and the removal of everything that is pinned. */
#ifndef RUNTIME_REMOVE_H
#define RUNTIME_REMOVE_H

#include <stddef.h>

#include "runtime/pins.h"

/* An image without policies (malloc): what programs find when nothing shall happen.  0 or a negative errno with a text. */
int nothing_link(void **bytes, size_t *size, struct failure *failure);

/*
 * Removes every pin below the root, and the root.  First all policies cease at once, as far as the image area can be
 * opened.  -ENOENT (no text) when nothing is there.
 */
int remove_everything(const char *root, struct failure *failure);

#endif
