/* SPDX-License-Identifier: Apache-2.0 */
/*
 * generate.h - policies and events by chance, the same for the same seed.
 *
 * Policies of a group watch the same one or two functions: they must decide together as each would alone.  They use
 * every operator on every type and hook where 5.5 says that it works.  Events are drawn from what the policies compare
 * with: the values themselves, one more and one less, longer, shorter, cut, unreadable, not recorded.
 */
#ifndef TESTS_REFERENCE_GENERATE_H
#define TESTS_REFERENCE_GENERATE_H

#include "tests/reference/model.h"

enum { GROUP_POLICIES_MAX = 6, POLICY_HOOKS_MAX = 3 };

struct model_group {
	struct model_policy policies[GROUP_POLICIES_MAX];	/* each with some hooks */
	size_t count;
	/* What the functions have, of which each policy reads some; integers are called int64 here where policies differ. */
	struct model_arguments arguments, data;
	int return_type;
};

void generate_seed(uint64_t seed);
void generate_group(struct model_group *ret);
void generate_event(const struct model_group *group, struct model_event *ret);

#endif
