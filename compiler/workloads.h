/* SPDX-License-Identifier: Apache-2.0 */
/*
 * workloads.h - whether a process belongs to the workloads that a policy names, and whether a node is one that it is for; the one
 * place where labels are matched.
 */
#ifndef COMPILER_WORKLOADS_H
#define COMPILER_WORKLOADS_H

#include "bpf-templates/match.h"
#include "compiler/image/image.h"
#include "compiler/link/link.h"
#include "compiler/policy/policy.h"
#include "compiler/workload_list.h"

/* As section matchWorkloads of the language says; unknown when it depends on what the event does not carry. */
enum match_answer workloads_hold(const struct policy_workloads *workloads, const struct event_workload *of);

/* ---- Of an image ---- */

/* The sets of workloads that its policies name, by their numbers in the image; equal ones are one. */
struct workload_scope {
	const char *policy;		/* that asks first; several may have the same one */
	const char *place;		/* "policy.yaml:7:5" */
	const struct policy_workloads *workloads;
	bool *policies;			/* by number of the image's policies: those that have it */
};
struct workload_scopes { struct workload_scope *items; size_t count; };

/* Out of the objects in it; texts live in the arena and in the image.  -E2BIG when there are too many, -EINVAL: damaged, with why. */
int workload_scopes_read(const struct image_view *image, struct arena *arena, struct workload_scopes *ret, char message[256]);

/* ---- Nodes ---- */

/*
 * Whether the node is one of those that the policy of `object` is for, and which of its hooks: no, when none is; unknown when any of it asks for labels
 * and `labels` is NULL.
 */
struct node_choice {
	enum match_answer answer;
	const char *policy, *place;	/* its name, and where it asks: "policy.yaml:6:17"; NULL when it does not */
	const bool *elsewhere;		/* by hook, in the arena; of answer YES.  NULL: all are for it */
	size_t left_out;		/* how many are not */
};
int node_choose(const struct link_input *object, const struct node_labels *labels, struct arena *arena, struct node_choice *ret,
		char message[256]);

/* The input as a choice that is known says. */
void node_settle(struct link_input *object, const struct node_choice *choice);

/*
 * By hook of a policy of an image, in its object, which was read: those that were not for the node that it was linked for.  NULL: none; else how many,
 * in *left_out.
 */
const bool *hooks_elsewhere(const struct image_view *image, uint32_t policy, const struct ir_policy *read, struct arena *arena, size_t *left_out);
/* The same, which reads it. */
const bool *image_hooks_elsewhere(const struct image_view *image, uint32_t policy, struct arena *arena, size_t *left_out);

#endif
