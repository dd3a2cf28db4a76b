// SPDX-License-Identifier: Apache-2.0
/* held_mappings.c - a list in the order of time; see held_mappings.h. */
#include "runtime/held_mappings.h"

#include <stdlib.h>
#include <string.h>

#include "schema/schema.h"

struct held {
	struct held *later;
	struct event_mapping mapping;
	char bytes[];			/* the path, then the build id */
};

struct held_mappings {
	struct held *first, *told;	/* told: what was handed out last */
	size_t count;
};

static void *must(void *memory)
{
	if (!memory)
		abort();
	return memory;
}

struct held_mappings *held_mappings_new(void)
{
	return must(calloc(1, sizeof(struct held_mappings)));
}

void held_mappings_free(struct held_mappings *held)
{
	while (held && held->first) {
		struct held *next = held->first->later;

		free(held->first);
		held->first = next;
	}
	if (held)
		free(held->told);
	free(held);
}

static struct held *copy_of(const struct event_mapping *mapping)
{
	struct held *copy = must(malloc(sizeof(*copy) + mapping->path_length + mapping->build_id_size));

	*copy = (struct held){ .mapping = *mapping };
	memcpy(copy->bytes, mapping->path, mapping->path_length);
	copy->mapping.path = copy->bytes;
	if (!mapping->build_id)
		return copy;
	memcpy(copy->bytes + mapping->path_length, mapping->build_id, mapping->build_id_size);
	copy->mapping.build_id = (const uint8_t *)copy->bytes + mapping->path_length;
	return copy;
}

void held_mappings_add(struct held_mappings *held, const struct event_mapping *mapping)
{
	struct held *copy = copy_of(mapping), **link = &held->first;

	while (*link && (*link)->mapping.time <= mapping->time)
		link = &(*link)->later;
	copy->later = *link;
	*link = copy;
	held->count++;
}

bool held_mappings_next(struct held_mappings *held, uint64_t time, bool (*is_ready)(void *context, const struct event_mapping *mapping),
			void *context, struct event_mapping *ret)
{
	for (struct held **link = &held->first; *link && (*link)->mapping.time < time; link = &(*link)->later) {
		const uint64_t waits = time - (*link)->mapping.time;

		if (waits <= MAPPING_PATIENCE && held->count <= LIMIT_MAPPINGS_HELD && !is_ready(context, &(*link)->mapping))
			continue;
		free(held->told);
		held->told = *link;
		*link = held->told->later;
		held->count--;
		*ret = held->told->mapping;
		return true;
	}
	return false;
}
