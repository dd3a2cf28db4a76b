/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * scopes.bpf.h - whether a process belongs to the workloads that a policy or a selector is for: see struct abi_scope_entry.
 *
 * The entry of the process's own cgroup is looked for first, which is where a container's processes are as a rule.  Else those of
 * its ancestors, from the root on: how deep somebody nests cgroups inside a container makes no difference.
 */
#ifndef BPF_TEMPLATES_SCOPES_BPF_H
#define BPF_TEMPLATES_SCOPES_BPF_H

#include "bpf-templates/lookups.bpf.h"

enum scope_answer { SCOPE_NO = 0, SCOPE_YES = 1, SCOPE_UNKNOWN = 2, SCOPE_ABSENT = 3 };

/* What the entry of one cgroup says; of ancestors, only if it holds for what is below them. */
__noinline int scope_ask(__u64 cgroup, __u64 generation, __u32 scope, __u32 flags)
{
	struct abi_scope_key key = {};
	struct abi_scope_entry *entry;
	__u32 word = scope / 64 & (ABI_SCOPES_MAX / 64 - 1);

	key.cgroup = cgroup;
	key.generation = generation;
	entry = bpf_map_lookup_elem(&scopes, &key);
	if (!entry || (*(volatile __u64 *)&entry->flags & flags) != flags)
		return SCOPE_ABSENT;
	if (*(volatile __u64 *)&entry->unknown[word] >> (scope & 63) & 1)
		return SCOPE_UNKNOWN;
	return *(volatile __u64 *)&entry->holds[word] >> (scope & 63) & 1;
}

static __always_inline struct cgroup *scope_cgroup(void)
{
	return BPF_CORE_READ((struct task_struct *)bpf_get_current_task(), cgroups, dfl_cgrp);
}

/* Id of the ancestor at that level of the process's cgroup; 0 when there is none before the cgroup itself. */
__noinline __u64 scope_ancestor(__u32 level)
{
	struct cgroup *cgroup = scope_cgroup(), *ancestor = NULL;
	__u64 id = 0;

	if ((int)level >= BPF_CORE_READ(cgroup, level))
		return 0;
	if (!bpf_core_field_exists(cgroup->ancestors)) {
		bpf_probe_read_kernel(&id, sizeof(id), (__u8 *)cgroup + bpf_core_field_offset(cgroup->ancestor_ids) + 8 * (__u64)level);
		return id;
	}
	bpf_probe_read_kernel(&ancestor, sizeof(ancestor), (__u8 *)cgroup + bpf_core_field_offset(cgroup->ancestors) + 8 * (__u64)level);
	return BPF_CORE_READ(ancestor, kn, id);
}

__noinline int scope_find(__u64 generation, __u32 scope)
{
	int answer = scope_ask(BPF_CORE_READ(scope_cgroup(), kn, id), generation, scope, 0);
	__u64 cgroup;
	__u32 level;

	for (level = 0; level < ABI_SCOPE_LEVELS && answer == SCOPE_ABSENT; level++) {
		cgroup = scope_ancestor(level);
		if (!cgroup)
			break;
		answer = scope_ask(cgroup, generation, scope, ABI_SCOPE_INHERITED);
	}
	return answer;
}

MATCH_INLINE enum match_answer match_find_scope(struct match_state *state, __u64 scope)
{
	int answer = scope < ABI_SCOPES_MAX ? scope_find(scratch_of(state)->generation, scope) : SCOPE_UNKNOWN;

	if (answer == SCOPE_NO)
		return MATCH_NO;
	return answer == SCOPE_YES ? MATCH_YES : match_unreadable(state, ABI_ERROR_WORKLOAD_UNKNOWN);
}

#endif
