/* SPDX-License-Identifier: Apache-2.0 */
/* dry_run.h - the two halves of `tetra dry-run`. */
#ifndef CMD_DRY_RUN_H
#define CMD_DRY_RUN_H

#include <stdbool.h>

#include "cmd/linking.h"
#include "compiler/workloads.h"

struct dry_run {
	const char *profile;			/* file of a kernel's profile; NULL: this kernel */
	const char *types;			/* file of that kernel's types; NULL: not known */
	const struct node_labels *node;		/* NULL: not known */
	const struct workload_list *workloads;	/* what the user's files say of that host's containers */
	bool as_json;
};

/* Decides on the events of a file ("-": standard input) and prints the verdicts.  Returns an exit code. */
int dry_run_events(const struct linking *linking, const char *path, const struct dry_run *options);

/*
 * Prints what would be put into the kernel, and what cannot.  Changes nothing but `linking`, which is linked again for what
 * generated lists mean there.  EXIT_REFUSED when something cannot run there.
 */
int dry_run_plan(struct linking *linking, const struct dry_run *options);

#endif
