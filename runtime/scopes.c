// SPDX-License-Identifier: Apache-2.0
/* scopes.c - see scopes.h. */
#include "runtime/scopes.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/bpf.h>

int scopes_read(const struct image_view *image, struct arena *arena, struct workload_scopes *ret, struct failure *failure)
{
	char message[256];
	int error = workload_scopes_read(image, arena, ret, message);

	return error ? fail(failure, error, "%s", message) : 0;
}

/* ---- Who belongs ---- */

/* Where containers are in cgroups that programs do not ask about, the rest may be theirs. */
static struct event_workload facts_of(struct workloads *workloads, size_t n)
{
	if (workloads->cgroups.items[n].kind == CGROUP_CONTAINER)
		return workload_facts(&workloads->of[n], &workloads->arena);
	return (struct event_workload){ .place = workloads->cgroups.elsewhere ? EVENT_PLACE_UNKNOWN : EVENT_PLACE_HOST };
}

enum match_answer scope_holds(const struct workload_scope *scope, struct workloads *workloads, size_t n)
{
	const struct event_workload facts = facts_of(workloads, n);

	return workloads_hold(scope->workloads, &facts);
}

static struct abi_scope_entry entry_of(const struct workload_scopes *scopes, struct workloads *workloads, size_t n)
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

size_t scope_cgroups(int map, uint64_t generation, struct arena *arena, uint64_t **ret)
{
	uint64_t *ids = arena_array(arena, uint64_t, ABI_SCOPE_CGROUPS_MAX);
	struct abi_scope_key keys[2];
	size_t count = 0;

	for (size_t n = 0; n < ABI_SCOPE_CGROUPS_MAX; n++) {
		if (bpf_map_get_next_key(map, n ? &keys[(n - 1) & 1] : NULL, &keys[n & 1]))
			break;
		if (keys[n & 1].generation == generation)
			ids[count++] = keys[n & 1].cgroup;
	}
	*ret = ids;
	return count;
}

int scope_entry(int map, uint64_t cgroup, uint64_t generation, struct abi_scope_entry *ret)
{
	const struct abi_scope_key key = { cgroup, generation };

	return bpf_map_lookup_elem(map, &key, ret);
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

int scopes_fill(int map, const struct workload_scopes *scopes, struct workloads *workloads, struct scope_generations generations,
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

static const struct workload_scope *first_unknown(const struct workload_scopes *scopes, struct workloads *workloads, size_t n)
{
	for (size_t i = 0; i < scopes->count; i++)
		if (scope_holds(&scopes->items[i], workloads, n) == MATCH_UNKNOWN)
			return &scopes->items[i];
	return NULL;
}

void scopes_note(const struct workload_scopes *scopes, struct workloads *workloads)
{
	const struct cgroups *cgroups = &workloads->cgroups;

	if (scopes->count && cgroups->elsewhere)
		workloads_say(workloads, NULL, "%zu processes are in containers whose cgroups are of version 1 alone: nobody can tell "
			      "them from the host's", cgroups->elsewhere);
	for (size_t n = 0; n < cgroups->count; n++) {
		const struct workload_scope *scope = cgroups->items[n].kind == CGROUP_CONTAINER ? first_unknown(scopes, workloads, n) : NULL;
		const char *id = cgroups->items[n].container;

		if (scope)
			workloads_say(workloads, scope->place, "policy '%s' does nothing in %s '%s': too little is known of it to tell whether it is for it",
				      scope->policy, *id ? "container" : "cgroup", *id ? id : cgroups->items[n].path);
	}
}
