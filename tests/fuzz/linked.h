/* SPDX-License-Identifier: Apache-2.0 */
/* linked.h - for fuzz targets: what objects are for.  They link into an image that runs, or are refused with a reason. */
#ifndef TESTS_FUZZ_LINKED_H
#define TESTS_FUZZ_LINKED_H

#include "compiler/link/link.h"
#include "tests/fuzz/events.h"

static inline void link_and_match(const struct link_input *inputs, size_t count, struct bytes events)
{
	struct buffer image = { 0 };
	struct arena arena = { 0 };
	struct image_view view;
	const char *error = NULL;
	char message[256];

	if (link_image(inputs, count, NULL, &arena, &image, &error)) {
		require(error && *error && !image.length);
	} else {
		require(!image_verify(image.bytes, image.length, &view, message));
		match_everything(&view, events);
	}
	buffer_release(&image);
	arena_release(&arena);
}

#endif
