// SPDX-License-Identifier: Apache-2.0
/* spoil.c - makes the pinned image area look as if another version had made it: spoil ROOT. */
#include <stdio.h>

#include "runtime/area.h"

int main(int argc, char **argv)
{
	struct failure failure = { 0 };
	struct area area;
	struct pins pins;

	if (argc != 2 || pins_open(&pins, argv[1], &failure) || area_open(&pins, &area, &failure)) {
		fprintf(stderr, "spoil: %s\n", failure.text);
		return 1;
	}
	area.bytes->control.abi_version = ABI_VERSION + 1;
	return 0;
}
