/* SPDX-License-Identifier: Apache-2.0 */
/* dump.h - what the files of ir_dump() share; private to compiler/selector. */
#ifndef COMPILER_SELECTOR_DUMP_H
#define COMPILER_SELECTOR_DUMP_H

#include "compiler/selector/ir.h"

/* A predicate that a condition asks, as a line of its own. */
void ir_dump_ask(const struct ir_hook *hook, const struct ir_predicate *predicate, struct buffer *ret);

/* One part a line, those of a part further in. */
void ir_dump_condition(const struct ir_hook *hook, const struct ir_condition *condition, struct buffer *ret);

#endif
