/* SPDX-License-Identifier: Apache-2.0 */
/*
 * losses.h - events that a reader does not see, by reason, until its stream says so.
 */
#ifndef RUNTIME_LOSSES_H
#define RUNTIME_LOSSES_H

#include <stdbool.h>
#include <stdint.h>

#include "bpf-templates/abi.h"

struct counters;

/* id, name in events, what happened; see docs/reading.md */
#define LOSS_ROWS(ROW) \
	ROW(RING_FULL, "ring_full", "the ring buffer was full") \
	ROW(PASSED_OVER, "passed_over", "this reader was too slow for others") \
	ROW(NAMES_GONE, "names_gone", "their policies had been replaced before they were read") \
	ROW(MAPPINGS_FULL, "mappings_full", "this reader was too slow for files that are mapped to execute") \
	ROW(OUTPUT_FULL, "output_full", "there was no space for them where they are written")

enum loss_reason {
#define ROW(id, name, says) LOSS_##id,
	LOSS_ROWS(ROW)
#undef ROW
	LOSS_COUNT
};
struct loss_row { const char *name, *says; };
extern const struct loss_row loss_rows[LOSS_COUNT];

struct loss {
	uint64_t events;
	uint64_t bytes;		/* PASSED_OVER: of all records; else 0 */
	uint64_t since;		/* CLOCK_BOOTTIME, ns: all were there before that; 0: not known */
	bool is_uncounted;	/* there were some more, nobody knows how many */
};

struct losses {
	struct loss pending[LOSS_COUNT];	/* not said yet; of nothing lost, all zero but `since` */
	uint64_t by_hook[ABI_HOOKS_MAX], by_processes;	/* as the counters were last */
};

/*
 * What the programs could not send.  The first call takes what the counters are; `with_before`: what was lost since a
 * reader last looked is pending, too.  Later calls add what came since the last.
 */
void losses_begin(struct losses *losses, const struct counters *counters, struct abi_readers *table, bool with_before,
		  uint64_t now);
void losses_look(struct losses *losses, const struct counters *counters, struct abi_readers *table, uint64_t now);

bool loss_is_empty(const struct loss *loss);

#endif
