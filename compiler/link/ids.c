// SPDX-License-Identifier: Apache-2.0
/* ids.c - ids of hooks and policies: those that the host gave them before, and new ones; see merge.h. */
#include "compiler/link/merge.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static bool id_is_reserved(const struct link_options *options, uint32_t id)
{
	return options->reserved_ids[id / 64] >> (id % 64) & 1;
}

static int assign_known(struct merged *merged, const struct link_options *options, bool taken[ABI_HOOKS_MAX])
{
	for (size_t n = 0; n < options->assignment_count; n++) {
		const struct link_assignment *one = &options->assignments[n];
		struct merged_hook *hook = merged_hook_find(merged, one->key);

		if (!hook)
			continue;
		if (one->id >= ABI_HOOKS_MAX || taken[one->id] || hook->id != UINT32_MAX)
			return merge_fail(merged, -EINVAL, "hook id %u of %s cannot be kept", one->id, one->key);
		hook->id = one->id;
		taken[one->id] = true;
	}
	return 0;
}

static int compare_ids(const void *a, const void *b)
{
	const struct merged_hook *x = *(const struct merged_hook *const *)a;
	const struct merged_hook *y = *(const struct merged_hook *const *)b;

	return x->id < y->id ? -1 : x->id > y->id;
}

int assign_ids(struct merged *merged, const struct link_options *options)
{
	bool taken[ABI_HOOKS_MAX] = { false };
	uint32_t next = 0;
	int error = assign_known(merged, options, taken);

	for (size_t n = 0; n < merged->hook_count && !error; n++) {
		if (merged->hooks[n]->id != UINT32_MAX)
			continue;
		while (next < ABI_HOOKS_MAX && (taken[next] || id_is_reserved(options, next)))
			next++;
		if (next == ABI_HOOKS_MAX)
			return merge_fail(merged, -E2BIG, "the policies have more hooks than a host can, %u", ABI_HOOKS_MAX);
		merged->hooks[n]->id = next++;
	}
	if (merged->hook_count)
		qsort(merged->hooks, merged->hook_count, sizeof(struct merged_hook *), compare_ids);
	return error;
}

/* An id that nobody has; one that somebody had until now only when there is no other. */
static uint32_t free_policy_id(const bool taken[ABI_POLICIES_MAX], const bool known[ABI_POLICIES_MAX])
{
	uint32_t reused = UINT32_MAX;

	for (uint32_t id = 0; id < ABI_POLICIES_MAX; id++) {
		if (!taken[id] && !known[id])
			return id;
		if (!taken[id] && reused == UINT32_MAX)
			reused = id;
	}
	return reused;
}

static const struct link_assignment *find_policy_id(const struct link_options *options, const char *name)
{
	for (size_t n = 0; n < options->policy_id_count; n++)
		if (!strcmp(options->policies[n].key, name))
			return &options->policies[n];
	return NULL;
}

int assign_policy_ids(struct merged *merged, const struct link_options *options)
{
	bool taken[ABI_POLICIES_MAX] = { false }, known[ABI_POLICIES_MAX] = { false };

	if (merged->policy_count > ABI_POLICIES_MAX)
		return merge_fail(merged, -E2BIG, "%zu policies are more than a host can have, %u", merged->policy_count,
				  ABI_POLICIES_MAX);
	for (size_t n = 0; n < options->policy_id_count; n++)
		if (options->policies[n].id >= ABI_POLICIES_MAX || known[options->policies[n].id])
			return merge_fail(merged, -EINVAL, "policy id %u of %s cannot be kept", options->policies[n].id,
					  options->policies[n].key);
		else
			known[options->policies[n].id] = true;
	for (size_t n = 0; n < merged->policy_count; n++) {
		const struct link_assignment *one = find_policy_id(options, merged->policies[n].ir.name.bytes);

		merged->policies[n].id = one ? one->id : UINT32_MAX;
		if (one)
			taken[one->id] = true;
	}
	for (size_t n = 0; n < merged->policy_count; n++)
		if (merged->policies[n].id == UINT32_MAX) {
			merged->policies[n].id = free_policy_id(taken, known);
			taken[merged->policies[n].id] = true;
		}
	return 0;
}
