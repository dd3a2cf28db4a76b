/* SPDX-License-Identifier: Apache-2.0 */
/*
 * generations.h - the images of the last few generations: names and labels of the events that they decided.
 *
 * An image is written over two swaps later, events may be read after that: so images are copied when they come, not when
 * they are needed.
 */
#ifndef RUNTIME_GENERATIONS_H
#define RUNTIME_GENERATIONS_H

#include "compiler/image/image.h"
#include "runtime/area.h"

enum { GENERATIONS_KEPT = 8 };

struct generations {
	struct generation {
		uint64_t number;	/* 0: free */
		void *bytes;
		struct image_view view;
	} kept[GENERATIONS_KEPT];
	unsigned next, last;		/* where the next one goes; which was asked for last */
	uint64_t seen;			/* word of the area when generations_look() was last called */
};

/* Start with zeros.  Copies what is live when it is another than last time; cheap when it is not. */
void generations_look(struct generations *generations, const struct area *area);

/* NULL when it was overwritten before anybody looked. */
const struct image_view *generations_find(struct generations *generations, const struct area *area, uint64_t number);

void generations_release(struct generations *generations);

#endif
