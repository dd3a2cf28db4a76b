// SPDX-License-Identifier: Apache-2.0
/*
 * spoil.c - does to what is pinned what another version, an accident or an attacker might: spoil ROOT WHAT
 *
 *   version  the image area is of another version         image  a byte of the live image is another one
 *   table    the table of processes is full of processes that there are none of
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "runtime/area.h"

/* Process ids above what any kernel gives. */
static int fill_table(const struct pins *pins)
{
	static struct abi_process_entry nobody = { .start_time = 1 };
	int map = pins_get(pins, PIN_MAPS, ABI_MAP_PROCESSES), error = 0;
	uint32_t key = 0, next;

	if (map < 0)
		return map;
	while (!bpf_map_get_next_key(map, key ? &key : NULL, &next)) {
		key = next;
		bpf_map_delete_elem(map, &key);
		key = 0;
	}
	for (key = 1u << 23; !error; key++)
		error = bpf_map_update_elem(map, &key, &nobody, BPF_ANY);
	close(map);
	return error == -E2BIG || error == -ENOMEM ? 0 : error;
}

static void spoil_area(struct area *area, int version)
{
	if (version)
		area->bytes->control.abi_version = ABI_VERSION + 1;
	else
		area->bytes->half[ABI_ACTIVE_HALF(area_active(area))][sizeof(struct abi_image)] ^= 1;
}

int main(int argc, char **argv)
{
	struct failure failure = { 0 };
	struct area area;
	struct pins pins;

	if (argc != 3 || pins_open(&pins, argv[1], &failure) || area_open(&pins, &area, &failure)) {
		fprintf(stderr, "spoil: %s\n", failure.text);
		return 1;
	}
	if (!strcmp(argv[2], "table"))
		return fill_table(&pins) ? 1 : 0;
	spoil_area(&area, !strcmp(argv[2], "version"));
	return 0;
}
