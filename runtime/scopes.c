// SPDX-License-Identifier: Apache-2.0
/* scopes.c - see scopes.h. */
#include "runtime/scopes.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/bpf.h>

#include "compiler/object/object.h"
#include "compiler/workloads.h"

/* ---- What is asked ---- */

/* Policies of an image that were read, by their number. */
struct policies { struct ir_policy *items; bool *read; };

static const struct policy_workloads *find_workloads(const struct image_view *image, struct policies *policies,
						     const struct image_scope *scope, struct arena *arena)
{
	const struct image_policy policy = image_policy_at(image, scope->policy);
	struct ir_policy *ir = &policies->items[scope->policy];
	char message[256];

	if (!policies->read[scope->policy] && object_read(policy.object, policy.object_size, arena, ir, message))
		return NULL;
	policies->read[scope->policy] = true;
	if (scope->written >= ir->hooks.count || scope->selector >= ir->hooks.items[scope->written].selectors.count)
		return NULL;
	const struct ir_selector *selector = &ir->hooks.items[scope->written].selectors.items[scope->selector];

	return scope->predicate < selector->predicates.count ? selector->predicates.items[scope->predicate].workloads : NULL;
}

int scopes_read(const struct image_view *image, struct arena *arena, struct scopes *ret, struct failure *failure)
{
	const size_t count = image_scope_count(image), policies = image_policy_count(image);
	struct policies read = { arena_array(arena, struct ir_policy, policies), arena_array(arena, bool, policies) };

	if (count > ABI_SCOPES_MAX)
		return fail(failure, -E2BIG, "the policies are for %zu different sets of workloads, at most %u can be told apart", count,
			    ABI_SCOPES_MAX);
	*ret = (struct scopes){ arena_array(arena, struct scope, count), count };
	for (size_t n = 0; n < count; n++) {
		const struct image_scope scope = image_scope_at(image, n);

		ret->items[n] = (struct scope){ image_policy_at(image, scope.policy).name, scope.place,
						find_workloads(image, &read, &scope, arena) };
		if (!ret->items[n].workloads)
			return fail(failure, -EINVAL, "policy '%s' does not say which workloads it is for", ret->items[n].policy);
	}
	return 0;
}

/* ---- Who belongs ---- */

/* Where containers are in cgroups that programs do not ask about, the rest may be theirs. */
static struct event_workload facts_of(struct workloads *workloads, size_t n)
{
	if (workloads->cgroups.items[n].kind == CGROUP_CONTAINER)
		return workload_facts(&workloads->of[n], &workloads->arena);
	return (struct event_workload){ .place = workloads->cgroups.elsewhere ? EVENT_PLACE_UNKNOWN : EVENT_PLACE_HOST };
}

enum match_answer scope_holds(const struct scope *scope, struct workloads *workloads, size_t n)
{
	const struct event_workload facts = facts_of(workloads, n);

	return workloads_hold(scope->workloads, &facts);
}

static struct abi_scope_entry entry_of(const struct scopes *scopes, struct workloads *workloads, size_t n)
{
	const struct event_workload facts = facts_of(workloads, n);
	struct abi_scope_entry entry = { .flags = workloads->cgroups.items[n].kind == CGROUP_HOST ? 0 : ABI_SCOPE_INHERITED };

	for (size_t i = 0; i < scopes->count; i++) {
		const enum match_answer holds = workloads_hold(scopes->items[i].workloads, &facts);

		entry.holds[i / 64] |= (uint64_t)(holds == MATCH_YES) << i % 64;
		entry.unknown[i / 64] |= (uint64_t)(holds == MATCH_UNKNOWN) << i % 64;
	}
	return entry;
}

/* ---- The map ---- */

static bool is_there(const struct workloads *workloads, uint64_t id)
{
	for (size_t n = 0; n < workloads->cgroups.count; n++)
		if (workloads->cgroups.items[n].id == id)
			return true;
	return false;
}

typedef bool key_test(const void *context, const struct abi_scope_key *key);

static void remove_if(int map, key_test *test, const void *context)
{
	struct abi_scope_key *keys = calloc(ABI_SCOPE_CGROUPS_MAX, sizeof(*keys));
	size_t count = 0;

	if (!keys)
		abort();
	while (count < ABI_SCOPE_CGROUPS_MAX && !bpf_map_get_next_key(map, count ? &keys[count - 1] : NULL, &keys[count]))
		count++;
	for (size_t n = 0; n < count; n++)
		if (test(context, &keys[n]))
			bpf_map_delete_elem(map, &keys[n]);
	free(keys);
}

struct filling { const struct workloads *workloads; struct scope_generations generations; };

static bool is_stale(const void *context, const struct abi_scope_key *key)
{
	const struct filling *filling = context;

	if (key->generation == filling->generations.fill)
		return !is_there(filling->workloads, key->cgroup);
	return key->generation != filling->generations.keep;
}

static bool is_of(const void *context, const struct abi_scope_key *key)
{
	return key->generation == *(const uint64_t *)context;
}

void scopes_drop(int map, uint64_t generation)
{
	remove_if(map, is_of, &generation);
}

int scopes_fill(int map, const struct scopes *scopes, struct workloads *workloads, struct scope_generations generations,
		struct failure *failure)
{
	const struct filling filling = { workloads, generations };
	int error = 0;

	remove_if(map, is_stale, &filling);
	for (size_t n = 0; n < workloads->cgroups.count && !error; n++) {
		const struct abi_scope_key key = { workloads->cgroups.items[n].id, generations.fill };
		const struct abi_scope_entry entry = entry_of(scopes, workloads, n);

		error = bpf_map_update_elem(map, &key, &entry, BPF_ANY);
	}
	return error ? fail(failure, error, "cannot enter the workloads: %s", strerror(-error)) : 0;
}

/* ---- Notes ---- */

static const struct scope *first_unknown(const struct scopes *scopes, struct workloads *workloads, size_t n)
{
	for (size_t i = 0; i < scopes->count; i++)
		if (scope_holds(&scopes->items[i], workloads, n) == MATCH_UNKNOWN)
			return &scopes->items[i];
	return NULL;
}

void scopes_note(const struct scopes *scopes, struct workloads *workloads)
{
	const struct cgroups *cgroups = &workloads->cgroups;

	if (scopes->count && cgroups->elsewhere)
		workloads_say(workloads, NULL, "%zu processes are in containers whose cgroups are of version 1 alone: nobody can tell "
			      "them from the host's", cgroups->elsewhere);
	for (size_t n = 0; n < cgroups->count; n++) {
		const struct scope *scope = cgroups->items[n].kind == CGROUP_CONTAINER ? first_unknown(scopes, workloads, n) : NULL;
		const char *id = cgroups->items[n].container;

		if (scope)
			workloads_say(workloads, scope->place, "policy '%s' does nothing in %s '%s': too little is known of it to tell whether it is for it",
				      scope->policy, *id ? "container" : "cgroup", *id ? id : cgroups->items[n].path);
	}
}
