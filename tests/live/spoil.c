// SPDX-License-Identifier: Apache-2.0
/* spoil.c - damages the pinned image area, as another version or an accident might: spoil ROOT version|image. */
#include <stdio.h>
#include <string.h>

#include "runtime/area.h"

int main(int argc, char **argv)
{
	struct failure failure = { 0 };
	struct area area;
	struct pins pins;

	if (argc != 3 || pins_open(&pins, argv[1], &failure) || area_open(&pins, &area, &failure)) {
		fprintf(stderr, "spoil: %s\n", failure.text);
		return 1;
	}
	if (!strcmp(argv[2], "version"))
		area.bytes->control.abi_version = ABI_VERSION + 1;
	else
		area.bytes->half[ABI_ACTIVE_HALF(area_active(&area))][sizeof(struct abi_image)] ^= 1;
	return 0;
}
