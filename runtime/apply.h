/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apply.h - making the kernel run a set of policies.
 *
 * apply_prepare() finds out what is there, links what shall be, and plans; apply_run() does the plan.  The objects of the
 * policies that are there already come from the live image: nothing else remembers them.
 *
 * Errors: -EINVAL or -E2BIG when the policies are refused, anything else is the system's; always with a text.
 */
#ifndef RUNTIME_APPLY_H
#define RUNTIME_APPLY_H

#include <stddef.h>

#include "compiler/link/link.h"
#include "runtime/pins.h"
#include "runtime/plan.h"
#include "runtime/workloads.h"

enum apply_scope {
	APPLY_ADD,		/* those that are there stay, but for those of the same name */
	APPLY_REPLACE_ALL,	/* the set becomes exactly what is given */
};
enum apply_access {
	APPLY_CHANGE,		/* takes the writer's lock, makes the folders */
	APPLY_LOOK,		/* changes nothing: for dry runs */
};

struct apply_options {
	const char *root;		/* NULL: the default */
	enum apply_scope scope;
	enum apply_access access;
	enum attach_lifetime lifetime;	/* HELD: the caller stays until apply_end() */
	/*
	 * For one set after the other: hooks that a set does not use stay attached, and so do those of this one after apply_end(), as
	 * far as they have pins.  They do nothing until a set uses them, which then is quick.  remove_everything() ends it.
	 */
	bool keeps_unused;
	uint32_t attach;		/* as plan_input.forced */
	const char *const *remove;	/* names of policies that shall go; each must be there */
	size_t remove_count;
	/* Policies that stay, and from now on enforce or only monitor; each must be there, and have what it could enforce. */
	const char *const *change;
	size_t change_count;
	enum link_mode change_to;
	/*
	 * The labels of this node: policies that stay are for it or not by these.  NULL: not known, they are what they were.  Of
	 * new ones link_input.node says it.
	 */
	const struct node_labels *node;
	const struct workload_list *workloads;	/* what the user's files say of this host's containers; NULL: nothing */
	/*
	 * Called before each step; may be NULL.  A negative errno stops there: what was done is undone, unless the
	 * new image is live already, when the rest is done all the same.
	 */
	int (*before_step)(void *context, const struct plan_step *step);
	void *context;
};

struct apply;

/* `objects` are verified policy objects and must outlive the call only. */
int apply_prepare(const struct apply_options *options, const struct link_input *objects, size_t count,
		  struct apply **ret, struct failure *failure);

/* With refusals in it, the plan cannot be run. */
const struct plan *apply_plan(const struct apply *apply);

/* What the plan was made of; its image is what shall be live. */
const struct plan_input *apply_input(const struct apply *apply);

/* What shall be live. */
const struct image_view *apply_image(const struct apply *apply);

/* Names of policies that are replaced by others of the same name; in the arena of `apply`. */
size_t apply_replaced(const struct apply *apply, const char *const **ret);

/* Whether no policy is left: then remove_everything() is the thing to do, not apply_run(). */
bool apply_leaves_nothing(const struct apply *apply);

/* What was found out of the host's containers for policies that are for some of them only, after apply_run(). */
const struct workloads *apply_workloads(const struct apply *apply);

int apply_run(struct apply *apply, struct failure *failure);

/* For LIFETIME_HELD: puts back what was there before apply_run(). */
int apply_end(struct apply *apply, struct failure *failure);

/* Takes NULL.  Removes folders that were made and not used. */
void apply_free(struct apply *apply);

#endif
