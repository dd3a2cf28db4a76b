/* SPDX-License-Identifier: Apache-2.0 */
/* inspected.h - for fuzz targets: whatever is valid can be told of. */
#ifndef TESTS_FUZZ_INSPECTED_H
#define TESTS_FUZZ_INSPECTED_H

#include "compiler/inspect/inspect.h"
#include "tests/fuzz/events.h"

/* What is told of it, and a map that has each byte once. */
static inline void inspect(const void *bytes, size_t size)
{
	struct inspection *inspection;
	struct buffer text = { 0 };
	struct arena arena = { 0 };
	const struct data *map;
	char message[256];
	size_t at = 0;

	require(!inspect_read(bytes, size, "fuzz", &arena, &inspection, message));
	inspect_write_text(inspect_contents(inspection), &text);
	map = inspect_map(inspection);
	for (const struct data *range = data_find(map, "ranges")->first; range; range = range->next) {
		require((size_t)data_find(range, "offset")->number == at);
		at += (size_t)data_find(range, "bytes")->number;
	}
	require(at == size);
	inspect_write_text(map, &text);
	data_write_json(map, &text);
	buffer_release(&text);
	arena_release(&arena);
}

#endif
