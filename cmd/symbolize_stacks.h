/* SPDX-License-Identifier: Apache-2.0 */
/*
 * symbolize_stacks.h - who tells the reader of events what the addresses of stack traces are.
 *
 * Without --symbolize: names of the kernel's functions, and the files of programs with the offsets in them; no file is opened.  With it functions, files
 * and lines of both, and the build ids of programs' files: by a thread (symbolize_worker.h), for which the reader waits a while.  What is not told
 * by then is told as "timeout": of programs module, offset and build id, of the kernel without lines.  The reader never waits longer for one trace than
 * stall_ms, and for many that all take their time no longer than a quarter of it, so that the ring buffer does not overflow meanwhile.
 */
#ifndef CMD_SYMBOLIZE_STACKS_H
#define CMD_SYMBOLIZE_STACKS_H

#include <stdbool.h>

#include "runtime/stacks.h"
#include "symbolize/symbolizer.h"

enum {
	STALL_MS = 50,			/* for one trace */
	CREDIT_MS = 250,		/* for those that come one behind the other */
	SOON_MS = 5,			/* what takes less is not counted */
	IMPATIENCE_MS = 20,		/* for a file system that does not answer when a build id is read */
};

struct stacks_options {
	bool symbolize;
	int stall_ms;			/* STALL_MS; with 0 nothing is waited for */
	bool as_text;			/* for people; else as JSON */
	struct symbolizer_options symbolizer;
};

struct symbolized_stacks;

/* Options are borrowed.  Never NULL. */
struct symbolized_stacks *symbolized_stacks_new(const struct stacks_options *options);
/* False: its thread is still at a file; then what was lent to it stays until the program ends. */
bool symbolized_stacks_free(struct symbolized_stacks *stacks);

/* As long as it lives. */
const struct stack_teller *symbolized_stacks_teller(struct symbolized_stacks *stacks);

#endif
