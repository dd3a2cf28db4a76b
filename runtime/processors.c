// SPDX-License-Identifier: Apache-2.0
/* processors.c - counts processors, sizes the map of theirs; see processors.h. */
#include "runtime/processors.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/libbpf.h>

#include "bpf-templates/abi.h"
#include "runtime/filesystems.h"

/* The file says "0-3", or "0,2-5": numbers may be missing in between. */
int processors_count(void)
{
	char text[4096];
	int length = read_small_file(AT_FDCWD, "/sys/devices/system/cpu/possible", text, sizeof(text));
	const char *last = text;

	if (length < 0)
		return length;
	for (const char *at = text; *at; at++)
		if (*at == ',' || *at == '-')
			last = at + 1;
	return atoi(last) + 1;
}

int processors_size_maps(struct bpf_object *object)
{
	struct bpf_map *map = bpf_object__find_map_by_name(object, ABI_MAP_COUNTERS);
	const int processors = processors_count();

	if (processors < 0)
		return processors;
	return map ? bpf_map__set_max_entries(map, (uint32_t)processors) : 0;
}
