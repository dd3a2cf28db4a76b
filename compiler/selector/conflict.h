/* SPDX-License-Identifier: Apache-2.0 */
/*
 * conflict.h - policies of several files that act on the same events, and not alike.
 *
 * Each policy decides by itself.  What is said is that one enforces, and another one tries the same out, asks for silence, or
 * returns another value; unless it is proved that no event comes to both.
 */
#ifndef COMPILER_SELECTOR_CONFLICT_H
#define COMPILER_SELECTOR_CONFLICT_H

#include "compiler/selector/budget.h"
#include "compiler/selector/ir.h"

struct meeting;

/* Zeroed, nothing was seen yet. */
struct conflicts {
	struct meeting **meetings;
	size_t count, capacity;
	struct budget budget;
	bool has_begun;
};

/*
 * Compares simplified policies with each other and with those of earlier calls.  What later calls need of them, their text
 * among it, is copied to the arena, which lives until the last.
 */
void conflicts_find(struct conflicts *conflicts, const struct ir_list *ir, struct arena *arena,
		    struct diagnostics *diagnostics);

#endif
