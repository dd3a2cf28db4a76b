// SPDX-License-Identifier: Apache-2.0
/* list_workloads.c - see list_workloads.h. */
#include "cmd/list_workloads.h"

#include <stdlib.h>
#include <unistd.h>

#include "runtime/scopes.h"

static void read_cgroup(struct listed_cgroup *cgroup, int scopes, int workloads, uint64_t generation, struct arena *arena)
{
	cgroup->has_entry = !scope_entry(scopes, cgroup->id, generation, &cgroup->entry);
	cgroup->is_known = !workload_kept(workloads, cgroup->id, arena, &cgroup->workload);
}

static void read_maps(struct listing *listing, int scopes, int workloads, struct listed_workloads *ret)
{
	uint64_t *ids;

	ret->count = scope_cgroups(scopes, listing->generation, &listing->arena, &ids);
	ret->cgroups = arena_array(&listing->arena, struct listed_cgroup, ret->count);
	for (size_t n = 0; n < ret->count; n++) {
		ret->cgroups[n].id = ids[n];
		read_cgroup(&ret->cgroups[n], scopes, workloads, listing->generation, &listing->arena);
	}
}

void list_workloads_read(struct listing *listing, struct listed_workloads *ret)
{
	struct failure ignored;
	int scopes, workloads;

	*ret = (struct listed_workloads){ .count = 0 };
	if (!listing->bytes || !image_scope_count(&listing->image) ||
	    scopes_read(&listing->image, &listing->arena, &ret->scopes, &ignored))
		return;
	scopes = pins_get(&listing->pins, PIN_MAPS, ABI_MAP_SCOPES);
	workloads = pins_get(&listing->pins, PIN_MAPS, ABI_MAP_WORKLOADS);
	if (scopes >= 0 && workloads >= 0)
		read_maps(listing, scopes, workloads, ret);
	if (scopes >= 0)
		close(scopes);
	if (workloads >= 0)
		close(workloads);
}

bool list_workloads_limits(const struct listed_workloads *listed, size_t n)
{
	for (size_t i = 0; i < listed->scopes.count; i++)
		if (listed->scopes.items[i].policies[n])
			return true;
	return false;
}

enum match_answer list_workloads_holds(const struct listed_workloads *listed, size_t n, const struct listed_cgroup *cgroup)
{
	enum match_answer answer = MATCH_NO;

	for (size_t i = 0; i < listed->scopes.count; i++) {
		if (!listed->scopes.items[i].policies[n])
			continue;
		if (cgroup->entry.holds[i / 64] >> i % 64 & 1)
			return MATCH_YES;
		if (cgroup->entry.unknown[i / 64] >> i % 64 & 1)
			answer = MATCH_UNKNOWN;
	}
	return answer;
}

struct listed_count list_workloads_count(const struct listed_workloads *listed, size_t n)
{
	struct listed_count count = { 0 };

	for (size_t i = 0; i < listed->count; i++) {
		const enum match_answer answer = list_workloads_holds(listed, n, &listed->cgroups[i]);
		const bool is_container = listed->cgroups[i].is_known;

		count.containers += is_container && answer == MATCH_YES;
		count.unknown += is_container && answer == MATCH_UNKNOWN;
		count.host |= !is_container && answer == MATCH_YES;
		count.all += is_container;
	}
	return count;
}
