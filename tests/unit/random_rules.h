/* SPDX-License-Identifier: Apache-2.0 */
/* random_rules.h - RuntimeSecurityPolicies by chance, as text, and calls that they may mean: for what must hold of all rules. */
#ifndef TESTS_UNIT_RANDOM_RULES_H
#define TESTS_UNIT_RANDOM_RULES_H

#include "compiler/base/buffer.h"
#include "compiler/selector/ir.h"
#include "tests/unit/random.h"

void some_rules(struct buffer *ret);

/* Texts that the events below are made of, of a policy's own text: paths, numbers and addresses that stand in it, and what is next to them. */
struct words { const char *items[512]; size_t count; struct arena arena; };
void words_read(struct words *words, const char *policy);
void words_release(struct words *words);

/*
 * One call, as a line of JSON, with a value for each argument that one of the hooks reads.  `function`: as it is seen at the function behind the LSM
 * hook `name`, else at the hook.  The same seed makes the same call.  unreadable: one value in four could not be read.
 */
struct call { const char *name; enum hook_kind kind; uint64_t seed; bool as_function, unreadable; };
struct readers { const struct ir_hook **items; size_t count; };
void call_write(const struct call *call, const struct readers *readers, const struct words *words, struct buffer *ret);

#endif
