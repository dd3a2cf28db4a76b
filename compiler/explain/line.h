/* SPDX-License-Identifier: Apache-2.0 */
/*
 * line.h - what stands on a line of a policy, in English.
 *
 * The place in the language is told from the tree, so it is there for whatever can be read as YAML; what the filter,
 * the selector and the hook around it do, from what was lowered, where that is there.
 */
#ifndef COMPILER_EXPLAIN_LINE_H
#define COMPILER_EXPLAIN_LINE_H

#include "compiler/compiler.h"
#include "compiler/explain/page.h"

/*
 * The page of a line, from 1; column 0 means all that begins on the line.  `unit` was compiled up to lower, or
 * as far as it went; it is simplified here, for its findings.
 * NULL when nothing is there, with the reason in *problem.  Lives in the unit's arena.
 */
struct data *explain_line(struct unit *unit, uint32_t line, uint32_t column, struct explain_problem *problem);

#endif
