/* SPDX-License-Identifier: Apache-2.0 */
/*
 * diagnostics.h - what is wrong with a policy, as values.
 *
 * Passes record; nothing in compiler/ prints.  cmd/report*.c render.
 */
#ifndef COMPILER_BASE_DIAGNOSTICS_H
#define COMPILER_BASE_DIAGNOSTICS_H

#include "compiler/base/arena.h"
#include "compiler/base/nearest.h"
#include "compiler/base/source.h"
#include "schema/schema.h"

struct diagnostic {
	enum diagnostic_id id;		/* title and page: schema/diagnostics.def */
	enum severity severity;		/* as the run has it: ERROR or WARNING */
	struct span at;
	const char *message;		/* lower case, no full stop, the subject in quotes */
	struct span related;		/* second place, may be empty */
	const char *related_message;	/* "first defined here" */
	const char *help;		/* what to do: NULL when there is nothing to add */
	const char *replacement;	/* text to put at `at` instead: a fix, or NULL */
	bool only_guessed;		/* the replacement is one of several that could be meant */
};

/* How severe a run takes each diagnostic.  The errors of the table stay errors whatever it says. */
struct severities { uint8_t of[DIAG_COUNT]; };	/* enum severity */
void severities_init(struct severities *severities);	/* as in the table */
static inline bool diagnostic_may_be_off(enum diagnostic_id id)
{
	return diagnostic_rows[id].severity != SEVERITY_ERROR;
}

/* One code of a comment that says to ignore it. */
struct ignore {
	struct span at;			/* the code in the comment */
	uint32_t start, end;		/* first byte of the line that it is for, and its end */
	enum diagnostic_id id;
	bool used;
};

struct diagnostics {
	struct arena *arena;		/* messages live here */
	struct diagnostic *items;	/* in the order of recording; the reporter sorts by place */
	size_t count, capacity;
	size_t errors, warnings;	/* errors end the compilation */
	size_t raised;			/* of the warnings, those that the run takes for errors; they do not end it */
	bool truncated;			/* more than LIMIT_DIAGNOSTICS were found; the rest are only counted: warnings first */
	bool dropped;			/* the last one is not in items */
	const struct severities *severities;	/* NULL: as in the table */
	struct ignore *ignores;		/* in the order of the text */
	size_t ignore_count, ignore_capacity;
	struct diagnostic *later;	/* what cannot be run yet, as message; nothing else is wrong with it */
	size_t later_count, later_capacity;
	bool latest_is_later;		/* which list the last one went to */
};

void diagnostics_init(struct diagnostics *diagnostics, struct arena *arena);

/*
 * Records; message as by printf.  The same at the same place is recorded once: what an alias or a macro repeats is
 * read several times.  Returns -EINVAL for errors and 0 for warnings and for what is ignored, so that a pass can
 * `return diag(...)`.  The diagnostic can be completed with the calls below right after.
 */
int diag(struct diagnostics *diagnostics, enum diagnostic_id id, struct span at, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

/*
 * Records that this version of tetra does not run something: `what` says it ("operator 'Family'").  Lowering takes
 * what is inside of policies over into their IR; diagnostics_settle() adds as errors what is left, and returns -EINVAL
 * if there was any.
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

/* "did you mean", and the replacement; nearest->best must be there. */
void diag_nearest(struct diagnostics *diagnostics, const struct nearest *nearest);

/* What counts in the end. */
static inline size_t diagnostics_errors(const struct diagnostics *diagnostics)
{
	return diagnostics->errors + diagnostics->raised;
}
static inline size_t diagnostics_warnings(const struct diagnostics *diagnostics)
{
	return diagnostics->warnings - diagnostics->raised;
}

#endif
