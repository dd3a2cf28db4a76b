/* SPDX-License-Identifier: Apache-2.0 */
/*
 * extents.h - sets of numbers and of addresses as sorted intervals, and their algebra; for proofs.
 *
 * Numbers are keys (see ir_key) in the first space.  IPv4 addresses are in the first space, IPv6 addresses in the second: an
 * IPv4 network is in both, because it is matched as IPv4 and as IPv4-mapped IPv6.
 */
#ifndef COMPILER_SELECTOR_EXTENTS_H
#define COMPILER_SELECTOR_EXTENTS_H

#include "compiler/selector/budget.h"
#include "compiler/selector/ir.h"

typedef unsigned __int128 extent_key;

/* Closed; in a list sorted, disjoint, not adjacent. */
struct extent { extent_key low, high; };
struct extent_list { struct extent *items; size_t count; };

enum { EXTENT_SPACES = 2 };
struct extents { struct extent_list spaces[EXTENT_SPACES]; };

/* What satisfies the set of a normal predicate (INTERVALS or NETWORKS), negated or not, among all that there is. */
struct extents extents_of_intervals(const struct ir_predicate *predicate, struct ir_interval domain,
				    struct arena *arena);
struct extents extents_of_networks(const struct ir_predicate *predicate, struct arena *arena);
struct extents extents_of_all_numbers(struct ir_interval domain, struct arena *arena);
struct extents extents_without(const struct extents *a, const struct extents *b, struct budget *budget,
			       struct arena *arena);
struct extents extents_complement(const struct extents *extents, const struct extents *all, struct arena *arena);
struct extents extents_intersect(const struct extents *a, const struct extents *b, struct arena *arena);

bool extents_are_empty(const struct extents *extents);
bool extents_are_equal(const struct extents *a, const struct extents *b);

/* What of `a` is not in `b`, part by part: zeroed but for the two, extent_walk_next() until it says false. */
struct extent_walk {
	const struct extent_list *a, *b;
	size_t at, other;
	extent_key from;	/* where the rest of a's current one begins */
	bool inside;		/* some of it has been looked at */
};
bool extent_walk_next(struct extent_walk *walk, struct budget *budget, struct extent *ret);

#endif
