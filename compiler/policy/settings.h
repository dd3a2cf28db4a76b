/* SPDX-License-Identifier: Apache-2.0 */
/*
 * settings.h - what a project says of checking its policies: the text of .tetra.yaml as values.
 *
 * Pure, as the rest of the compiler: finding and reading the file is cmd/config.c's.
 */
#ifndef COMPILER_POLICY_SETTINGS_H
#define COMPILER_POLICY_SETTINGS_H

#include "compiler/base/diagnostics.h"

struct settings {
	struct severities severities;
	bool strict;			/* warnings refuse too */
	const char *output;		/* NULL: not said */
	const char **excludes;		/* patterns: compiler/base/glob.h */
	size_t exclude_count;
};

/* What holds when nothing is said. */
void settings_init(struct settings *settings);

/*
 * Changes `settings`, which are complete before, by what the text says; strings live in the arena.  `outputs` are the
 * words that `output` may be, parted by |.  0, or -EINVAL with what is wrong recorded: every one is an error here.
 */
int settings_read(const struct source *source, const char *outputs, struct arena *arena,
		  struct diagnostics *diagnostics, struct settings *settings);

/*
 * For one code, by name.  Errors of the table stay errors.  NULL, or why not (in the arena).
 */
const char *settings_set(struct severities *severities, const char *code, size_t length, enum severity severity,
			 struct arena *arena);

#endif
