/* SPDX-License-Identifier: Apache-2.0 */
/*
 * scopes.h - from containers and labels to the sets of cgroups that programs ask: see struct abi_scope_entry.
 *
 * A cgroup belongs to a scope, or does not, or nobody knows.  What is not known is entered as such: the programs count it.
 */
#ifndef RUNTIME_SCOPES_H
#define RUNTIME_SCOPES_H

#include "compiler/workloads.h"
#include "runtime/workloads.h"

/* workload_scopes_read() with a failure: the scopes of an image. */
int scopes_read(const struct image_view *image, struct arena *arena, struct workload_scopes *ret, struct failure *failure);

/* Whether cgroup `n` of those belongs to the scope. */
enum match_answer scope_holds(const struct workload_scope *scope, struct workloads *workloads, size_t n);

/*
 * Makes the entries of one generation say what is known, and removes those of all others but `keep`, which programs may still
 * ask.  The same generation may be filled anew while it is live: each cgroup changes at once, and none is missing meanwhile.
 */
struct scope_generations { uint64_t fill, keep; };
int scopes_fill(int map, const struct workload_scopes *scopes, struct workloads *workloads, struct scope_generations generations,
		struct failure *failure);

/* What the kernel has: the cgroups of a generation, in the arena, and the entry of one.  0 or a negative errno. */
size_t scope_cgroups(int map, uint64_t generation, struct arena *arena, uint64_t **ret);
int scope_entry(int map, uint64_t cgroup, uint64_t generation, struct abi_scope_entry *ret);

/* Removes the entries of a generation that shall not come. */
void scopes_drop(int map, uint64_t generation);

/*
 * Notes of containers of which is not known whether some scope has them, and of what tells the host's processes and those of
 * containers apart.
 */
void scopes_note(const struct workload_scopes *scopes, struct workloads *workloads);

#endif
