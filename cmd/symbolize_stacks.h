/* SPDX-License-Identifier: Apache-2.0 */
/*
 * symbolize_stacks.h - who tells the reader of events what the addresses of stack traces are.
 *
 * Without --symbolize: names of the kernel's functions, and the files of programs with the offsets in them; no file is opened.  With it functions, files
 * and lines of both, and the build ids of programs' files.  Then the reader is kept from its work for a while: once an event has taken STALL_MS,
 * what is left of its frames is told without functions, as "timeout".
 */
#ifndef CMD_SYMBOLIZE_STACKS_H
#define CMD_SYMBOLIZE_STACKS_H

#include <stdbool.h>

#include "runtime/stacks.h"
#include "symbolize/symbolizer.h"

enum { STALL_MS = 50 };

struct stacks_options {
	bool symbolize;
	bool as_text;			/* for people; else as JSON */
	struct symbolizer_options symbolizer;
};

struct symbolized_stacks;

/* Options are borrowed.  Never NULL. */
struct symbolized_stacks *symbolized_stacks_new(const struct stacks_options *options);
void symbolized_stacks_free(struct symbolized_stacks *stacks);

/* As long as it lives. */
const struct stack_teller *symbolized_stacks_teller(struct symbolized_stacks *stacks);

#endif
