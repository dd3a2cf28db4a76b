/* SPDX-License-Identifier: Apache-2.0 */
/*
 * meeting.h - what several policies do at one hook; for conflict.c.
 *
 * All is copied: units are gone when the next one is read.  Arguments are numbered anew, so that predicates of two policies that
 * look at the same argument in the same way have the same subject.
 */
#ifndef COMPILER_SELECTOR_MEETING_H
#define COMPILER_SELECTOR_MEETING_H

#include "compiler/selector/claims.h"

enum stance {
	STANCE_NONE,		/* reports, or does what concerns nobody else */
	STANCE_ENFORCES,
	STANCE_TRIES,		/* would enforce: the policy is in monitor mode */
	STANCE_QUIET,		/* NoPost, and nothing that enforces */
};

/* A selector, and what the action that gives it its stance does. */
struct deed {
	struct ir_predicate_list predicates;
	struct claim_list claims;
	enum stance stance;
	const char *says;		/* "Override with -1" */
	bool overrides;
	bool assigns;			/* it does so by assigning registers, or lets the call go on elsewhere */
	const char *effect;		/* of what overrides: the same text, the same effect */
	struct span at;			/* of the action */
};

/* Where a policy applies. */
struct reach { const char *name, *namespace; struct policy_label_list pods; };

/* One policy at one hook. */
struct party {
	const struct reach *reach;
	struct deed *deeds;
	size_t count;
};

struct meeting {
	const char *key;
	uint32_t hash;
	struct ir_hook hook;		/* the arguments and data that anybody looks at */
	size_t argument_room, data_room;
	uint32_t opaque_count;
	struct party *parties;
	size_t count, room;
};

/* Whether some selector of the hook has a stance. */
bool meeting_concerns(const struct ir_policy *policy, const struct ir_hook *hook);

/* The policy's selectors as they are at the meeting; spans are those of the unit. */
struct party meeting_copy(struct meeting *meeting, const struct ir_policy *policy, const struct ir_hook *hook,
			  struct budget *budget, struct arena *arena);

#endif
