/* SPDX-License-Identifier: Apache-2.0 */
/* dry_run.h - the two halves of `tetra dry-run`. */
#ifndef CMD_DRY_RUN_H
#define CMD_DRY_RUN_H

#include <stdbool.h>

#include "cmd/linking.h"

/* Decides on the events of a file ("-": standard input) and prints the verdicts.  Returns an exit code. */
int dry_run_events(const struct linking *linking, const char *path, bool as_json);

/*
 * Prints what would be put into the kernel, and what cannot: into this one, or into that of the profile (NULL: none), whose
 * types are in a file (NULL: not known).  Changes nothing but `linking`, which is linked again for what generated lists mean there.  EXIT_REFUSED when something cannot run there.
 */
int dry_run_plan(struct linking *linking, const char *profile, const char *types, bool as_json);

#endif
