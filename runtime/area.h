/* SPDX-License-Identifier: Apache-2.0 */
/*
 * area.h - the mapped memory that holds the images of a host; see "The image area" in abi.h.
 *
 * A swap writes the free half, then stores one word: whoever dies in between leaves the old image live.
 * What a program may still be reading is overwritten only after a grace period.
 */
#ifndef RUNTIME_AREA_H
#define RUNTIME_AREA_H

#include <stddef.h>
#include <stdint.h>

#include "bpf-templates/abi.h"
#include "runtime/pins.h"

struct area {
	struct abi_area *bytes;		/* shared mapping */
	int map;
	const struct pins *pins;	/* below which the rest of large images is, too; must live as long */
};

/* Makes the map, with nothing applied, and pins it.  The descriptor, or a negative errno. */
int area_create(const struct pins *pins);

/*
 * Maps what is pinned.  -ENOENT (no text) when nothing is; -EPROTO when another version made it.
 * The first is for writers, the second for readers.
 */
int area_open(const struct pins *pins, struct area *ret, struct failure *failure);
int area_open_to_read(const struct pins *pins, struct area *ret, struct failure *failure);
void area_close(struct area *area);

/* The word that says which half is live. */
uint64_t area_active(const struct area *area);

/*
 * A private, verified copy (malloc) of the live image and the word it belongs to.  *bytes is NULL when
 * nothing was ever applied.  -EILSEQ when the image is damaged, with a text.
 */
int area_copy_active(const struct area *area, void **bytes, size_t *size, uint64_t *active,
		     struct failure *failure);

/* The same of the half that is not live, when it holds the image of the generation before.  -ENOENT else. */
int area_copy_previous(const struct area *area, void **bytes, size_t *size, uint64_t *generation);

/*
 * Writes a verified image into the free half, what does not fit there into a map that is pinned for it, and which namespaces are the
 * host's.  Nothing changes for the programs.  0 or a negative errno: then there is no image in the free half.
 */
int area_write(struct area *area, const void *image, size_t size);

/* Waits for programs that read the free half, writes the image into it and makes it live.  0 or a negative errno: nothing has changed. */
int area_make_live(struct area *area, const void *image, size_t size);

/* Unpins what area_write() has pinned for the free half. */
void area_unwrite(struct area *area);

/* How much of an image of that size does not fit into a half: bytes of the map for it; 0: it needs none. */
size_t area_rest_bytes(size_t size);

/* Makes the free half live, one generation later.  Of all stores before it, none is seen after it. */
void area_switch(struct area *area);

/*
 * Waits until no program can still be reading the half that is free now.  How it waited, for -v; never fails.
 *
 * It waits for what began before it in all programs that cannot sleep, and there are no other readers: a program finds the live half and
 * reads it in one go, without sleeping, so that it has ended once every CPU has been elsewhere.  Programs that may sleep, for as long
 * as others like, never read the area (digests.bpf.h and uprobe_touch.bpf.c of bpf-templates/ say what they do); a wait for them would have to end without them,
 * or never.
 */
const char *area_wait(void);

#endif
