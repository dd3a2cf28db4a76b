/* SPDX-License-Identifier: Apache-2.0 */
/*
 * diagnostics.h - what is wrong with a policy, as values.
 *
 * Passes record; nothing in compiler/ prints.  cmd/report.c is the one place that renders.
 */
#ifndef COMPILER_BASE_DIAGNOSTICS_H
#define COMPILER_BASE_DIAGNOSTICS_H

#include "compiler/base/arena.h"
#include "compiler/base/source.h"
#include "schema/schema.h"

struct diagnostic {
	enum diagnostic_id id;		/* severity and page: schema/diagnostics.def */
	struct span at;
	const char *message;		/* lower case, no full stop, the subject in quotes */
	struct span related;		/* second place, may be empty */
	const char *related_message;	/* "first defined here" */
	const char *help;		/* what to do: NULL when there is nothing to add */
	const char *replacement;	/* text to put at `at` instead: a fix, or NULL */
};

struct diagnostics {
	struct arena *arena;		/* messages live here */
	struct diagnostic *items;	/* in the order of recording; the reporter sorts by place */
	size_t count, capacity;
	size_t errors, warnings;
	bool truncated;			/* more than LIMIT_DIAGNOSTICS were found; the rest are only counted */
	struct diagnostic *later;	/* what cannot be compiled yet; nothing else is wrong with it */
	size_t later_count, later_capacity;
	bool latest_is_later;		/* which list the last one went to */
	bool latest_is_known;		/* the last one was there already, and went to none */
};

void diagnostics_init(struct diagnostics *diagnostics, struct arena *arena);

/*
 * Records; message as by printf.  The same at the same place is recorded once: what an alias or a macro repeats is
 * read several times.  Returns -EINVAL for errors and 0 for warnings, so that a pass can
 * `return diag(...)`.  The diagnostic can be completed with the three calls below right after.
 */
int diag(struct diagnostics *diagnostics, enum diagnostic_id id, struct span at, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

/*
 * Records that this version of tetra does not compile something: `what` says it ("operator 'Family'").  It is no
 * error until diagnostics_settle(), which the passes that compile begin with: it adds all that was recorded so as
 * errors, and returns -EINVAL if there was any.
 */
void diag_later(struct diagnostics *diagnostics, struct span at, const char *what, ...)
	__attribute__((format(printf, 3, 4)));
int diagnostics_settle(struct diagnostics *diagnostics);

/* Whether the last one was kept, so that looking for a suggestion is worth the time. */
bool diag_is_kept(struct diagnostics *diagnostics);

void diag_related(struct diagnostics *diagnostics, struct span at, const char *message);
void diag_help(struct diagnostics *diagnostics, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void diag_replacement(struct diagnostics *diagnostics, const char *text);

#endif
