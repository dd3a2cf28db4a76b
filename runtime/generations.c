// SPDX-License-Identifier: Apache-2.0
/* generations.c - see generations.h. */
#include "runtime/generations.h"

#include <stdlib.h>

/* Takes over the bytes; what is damaged is not kept. */
static void keep(struct generations *generations, uint64_t number, void *bytes, size_t size)
{
	struct generation *slot = &generations->kept[generations->next++ % GENERATIONS_KEPT];
	char message[256];

	free(slot->bytes);
	*slot = (struct generation){ .number = number, .bytes = bytes };
	if (image_verify(bytes, size, &slot->view, message)) {
		free(bytes);
		*slot = (struct generation){ 0 };
	}
}

static const struct image_view *find_kept(struct generations *generations, uint64_t number)
{
	if (number && generations->kept[generations->last].number == number)
		return &generations->kept[generations->last].view;
	for (unsigned n = 0; n < GENERATIONS_KEPT; n++)
		if (number && generations->kept[n].number == number) {
			generations->last = n;
			return &generations->kept[n].view;
		}
	return NULL;
}

static void copy_active(struct generations *generations, const struct area *area)
{
	struct failure ignored;
	uint64_t active;
	void *bytes = NULL;
	size_t size;

	if (area_copy_active(area, &bytes, &size, &active, &ignored) || !bytes)
		return;
	if (find_kept(generations, ABI_ACTIVE_GENERATION(active)))
		free(bytes);
	else
		keep(generations, ABI_ACTIVE_GENERATION(active), bytes, size);
}

static void copy_previous(struct generations *generations, const struct area *area)
{
	uint64_t number;
	void *bytes;
	size_t size;

	if (area_copy_previous(area, &bytes, &size, &number))
		return;
	if (find_kept(generations, number))
		free(bytes);
	else
		keep(generations, number, bytes, size);
}

void generations_look(struct generations *generations, const struct area *area)
{
	const uint64_t active = area_active(area);

	if (active == generations->seen)
		return;
	copy_previous(generations, area);
	copy_active(generations, area);
	generations->seen = active;
}

const struct image_view *generations_find(struct generations *generations, const struct area *area, uint64_t number)
{
	const struct image_view *found = find_kept(generations, number);

	if (found)
		return found;
	generations_look(generations, area);
	return find_kept(generations, number);
}

void generations_release(struct generations *generations)
{
	for (unsigned n = 0; n < GENERATIONS_KEPT; n++)
		free(generations->kept[n].bytes);
	*generations = (struct generations){ .next = 0 };
}
