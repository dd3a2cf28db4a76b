/* SPDX-License-Identifier: Apache-2.0 */
/* lower.h - what the files of lowering share; private to compiler/selector. */
#ifndef COMPILER_SELECTOR_LOWER_H
#define COMPILER_SELECTOR_LOWER_H

#include "compiler/selector/ir.h"

static inline struct ir_place place(struct span at)
{
	return (struct ir_place){ .span = at };
}

/* The filters on a call, in the order in which they are asked, and those on its return.  The hook has its arguments. */
struct ir_predicate_list lower_filters(struct arena *arena, const struct ir_hook *hook,
				       const struct policy_selector *selector);
struct ir_predicate_list lower_return_filters(struct arena *arena, const struct ir_hook *hook,
					      const struct policy_selector *selector);

#endif
