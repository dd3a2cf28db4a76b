// SPDX-License-Identifier: Apache-2.0
/* version.c - `tetra version`: what this binary is, and which bytes it writes. */
#include <stdio.h>

#include "bpf-templates/abi.h"
#include "cmd/verb.h"

extern const struct verb verb_version;

static int version_run(int count, char **operands)
{
	if (count) {
		complain("takes no operand, not '%s'", operands[0]);
		return EXIT_USAGE;
	}
	printf("tetra %s, image format %d\n", TETRA_VERSION, ABI_VERSION);
	return EXIT_FINE;
}

static const struct note version_examples[] = {
	{ "tetra version", "the version, and that of the image format" },
	NOTES_END
};

const struct verb verb_version = {
	.name = "version", .summary = "say which version this is", .examples = version_examples,
	.run = version_run,
};
