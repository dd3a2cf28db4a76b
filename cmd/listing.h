/* SPDX-License-Identifier: Apache-2.0 */
/* listing.h - what the kernel runs, as far as it may be read. */
#ifndef CMD_LISTING_H
#define CMD_LISTING_H

#include "compiler/image/image.h"
#include "runtime/area.h"
#include "runtime/attached.h"
#include "runtime/counters.h"
#include "runtime/memory.h"

struct listing {
	struct pins pins;
	struct area area;
	struct arena arena;
	void *bytes;			/* NULL: nothing */
	struct image_view image;
	uint64_t generation;
	struct plan_attached *attached;
	size_t attached_count;
	struct kernel *kernel;		/* whom the files of hooks are asked of; of who sets it; NULL: nobody */
};

/*
 * `listing` is zeroed before, and released after, whatever comes back: 0 or a negative errno, -ENOENT without a text when
 * nothing is there.  `root` NULL: the default.
 */
int listing_read(struct listing *listing, const char *root, struct failure *failure);
void listing_release(struct listing *listing);

/* The same for verbs: EXIT_FINE, also when nothing is there (bytes NULL), or what went wrong is said. */
int listing_open(struct listing *listing, const char *root);

/*
 * What was counted, and the memory that it takes; nothing when nothing is there.  EXIT_, with what went wrong said.  `counted` is
 * unmapped by the caller.
 */
int listing_count(struct listing *listing, struct counters *counted, struct memory *memory);

/* The policy of that name; false, also when nothing is there. */
bool listing_find(const struct listing *listing, const char *name, struct image_policy *ret);

/* "enforce" or "monitor". */
const char *listing_mode(const struct image_policy *policy);

/* What keeps the hook attached; NULL: nothing. */
const struct plan_attached *listing_attached(const struct listing *listing, const struct image_hook *hook);

/* How a hook is attached, as in `attach.def`; NULL: it is not. */
const char *listing_attach(const struct listing *listing, const struct image_hook *hook);

#endif
