/* SPDX-License-Identifier: Apache-2.0 */
/* dry_run_workloads.h - which containers policies are for that are for some workloads only; a part of dry-run. */
#ifndef CMD_DRY_RUN_WORKLOADS_H
#define CMD_DRY_RUN_WORKLOADS_H

#include "cmd/dry_run.h"
#include "compiler/base/data.h"
#include "runtime/workloads.h"

/*
 * Adds a list "workloads" to `root`, an entry for each set of workloads that policies of the image name; none when they name none.
 * Of this host by what is there, of another one by the user's file alone.  EXIT_, with what went wrong said.
 */
struct dry_run_scopes {
	const struct image_view *image;
	struct arena *arena;
	struct workloads workloads;	/* workloads_release() by the caller, after the last look at the entries */
	struct failure refusal;		/* why this host cannot tell containers apart; no text: it can */
};
int dry_run_workloads(const struct dry_run *options, struct dry_run_scopes *scopes, struct data *root);

#endif
