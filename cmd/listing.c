// SPDX-License-Identifier: Apache-2.0
/* listing.c - see listing.h. */
#include "cmd/listing.h"

#include <stdlib.h>

int listing_read(struct listing *listing, const char *root, struct failure *failure)
{
	char message[256];
	uint64_t active = 0;
	size_t size;
	int error = pins_open(&listing->pins, root, failure);

	if (!error)
		error = area_open_to_read(&listing->pins, &listing->area, failure);
	if (!error)
		error = area_copy_active(&listing->area, &listing->bytes, &size, &active, failure);
	if (!error && listing->bytes)
		error = image_verify(listing->bytes, size, &listing->image, message);
	listing->generation = ABI_ACTIVE_GENERATION(active);
	if (error || !listing->bytes)
		return error;
	return attached_read(&listing->pins, &listing->image, &listing->arena, &listing->attached,
		&listing->attached_count);
}

void listing_release(struct listing *listing)
{
	area_close(&listing->area);
	arena_release(&listing->arena);
	free(listing->bytes);
}
