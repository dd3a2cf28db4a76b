/* SPDX-License-Identifier: Apache-2.0 */
/* list_workloads.h - for which of the host's containers a policy is that the kernel runs, as the kernel has it. */
#ifndef CMD_LIST_WORKLOADS_H
#define CMD_LIST_WORKLOADS_H

#include "cmd/listing.h"
#include "runtime/scopes.h"

struct listed_cgroup {
	uint64_t id;
	bool has_entry;
	struct abi_scope_entry entry;
	bool is_known;			/* as a container, by `workload` */
	struct workload workload;
};
struct listed_workloads {
	struct workload_scopes scopes;
	struct listed_cgroup *cgroups;	/* that have an entry for the live image */
	size_t count;
};

/* All zero when no policy is for some workloads only, or nothing can be read.  Lives in the listing's arena. */
void list_workloads_read(struct listing *listing, struct listed_workloads *ret);

/* Whether policy `n` says which workloads it, or one of its selectors, is for. */
bool list_workloads_limits(const struct listed_workloads *listed, size_t n);

/* What the kernel has of the policy and a cgroup: whether one of the policy's scopes has it. */
enum match_answer list_workloads_holds(const struct listed_workloads *listed, size_t n, const struct listed_cgroup *cgroup);

/* Containers that the policy is for, and those of which nobody knows; of all. */
struct listed_count { size_t containers, unknown, all; bool host; };
struct listed_count list_workloads_count(const struct listed_workloads *listed, size_t n);

#endif
