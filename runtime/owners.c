// SPDX-License-Identifier: Apache-2.0
/* owners.c - see owners.h. */
#include "runtime/owners.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <stdbool.h>
#include <unistd.h>

#include "bpf-templates/abi.h"

/* A key that is gone by then leads back to the first: more steps than there can be entries are not taken. */
static void forget(int map, uint32_t policy)
{
	struct abi_sock_key key, next;
	bool more = !bpf_map_get_next_key(map, NULL, &next);

	for (uint32_t steps = 0; more && steps < 2 * ABI_SOCKS_MAX; steps++) {
		key = next;
		more = !bpf_map_get_next_key(map, &key, &next);
		if (key.policy == policy)
			bpf_map_delete_elem(map, &key);
	}
}

int owners_forget(const struct pins *pins, uint32_t policy)
{
	const int map = pins_get(pins, PIN_MAPS, ABI_MAP_SOCKS);

	if (map < 0)
		return map;
	forget(map, policy);
	close(map);
	return 0;
}
