/* SPDX-License-Identifier: Apache-2.0 */
/* loads.h - what each enum abi_load leaves in a slot; a table by its number. */
#ifndef COMPILER_IMAGE_LOADS_H
#define COMPILER_IMAGE_LOADS_H

#include <stdbool.h>
#include <stdint.h>

#include "bpf-templates/abi.h"

#define GIVES_NUMBER	1u
#define GIVES_BYTES	2u	/* that look-ups of strings can read */
#define GIVES_SOCKET	4u	/* struct abi_socket */
#define GIVES_PATH	8u	/* bytes that are the path of a file, as the kernel has it */

struct load_row {
	const char *name;	/* NULL: there is no such load */
	uint32_t gives;		/* GIVES_ */
	uint32_t bytes;		/* of event data that it may take */
	uint32_t cost;		/* nanoseconds to read it, about: see docs/performance.md */
	bool is_signed;		/* of its number */
};
extern const struct load_row load_rows[ABI_LOAD_END];

/* Nanoseconds that records take once their value was read, about; comparisons of numbers: next to nothing. */
enum { COST_LOOKUP = 30, COST_EXPRESSION = 20, COST_SCOPE = 50, COST_LINEAGE = 200 };	/* LINEAGE: beside the look-up */
extern const uint32_t who_costs[];	/* by enum abi_who: to find facts about the process and its kin */

#endif
