/* SPDX-License-Identifier: Apache-2.0 */
/* listing.h - what the kernel runs, as far as it may be read. */
#ifndef CMD_LISTING_H
#define CMD_LISTING_H

#include "compiler/image/image.h"
#include "runtime/area.h"
#include "runtime/attached.h"

struct listing {
	struct pins pins;
	struct area area;
	struct arena arena;
	void *bytes;			/* NULL: nothing */
	struct image_view image;
	uint64_t generation;
	struct plan_attached *attached;
	size_t attached_count;
};

/*
 * `listing` is zeroed before, and released after, whatever comes back: 0 or a negative errno, -ENOENT without a text when
 * nothing is there.  `root` NULL: the default.
 */
int listing_read(struct listing *listing, const char *root, struct failure *failure);
void listing_release(struct listing *listing);

#endif
