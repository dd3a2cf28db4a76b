/* SPDX-License-Identifier: Apache-2.0 */
/* apply_scopes.h - the sets of cgroups of an image, in the kernel: before it goes live, and brought up to date while it is. */
#ifndef RUNTIME_APPLY_SCOPES_H
#define RUNTIME_APPLY_SCOPES_H

#include "runtime/area.h"
#include "runtime/scopes.h"

struct scoping {
	const struct pins *pins;
	const struct workload_list *told;	/* what the user's files say; NULL: nothing */
	struct workloads workloads;		/* as they were found last; apply_scopes_release() */
};

/*
 * For the image that goes live next, or, with the generation that is live, for that one.  -ENOTSUP when this host's containers
 * cannot be told from its other processes; always with a text.
 */
int apply_scopes(struct scoping *scoping, const struct image_view *image, struct scope_generations generations,
		 struct failure *failure);

/* Why it cannot be done on this host: -ENOTSUP with a text, or 0. */
int workloads_check_host(const struct workloads *workloads, struct failure *failure);

/* What apply_scopes() would find, by what an earlier apply left where that may be read.  `root` as for pins_open(); changes nothing. */
int workloads_look(const char *root, const struct workload_list *told, struct workloads *ret, struct failure *failure);
void apply_scopes_drop(const struct scoping *scoping, uint64_t generation);
void apply_scopes_release(struct scoping *scoping);

/* The live image's, anew.  *ret_count: its scopes.  Takes the writer's lock for as long.  -ENOENT without a text: nothing is applied. */
int scopes_refresh(const char *root, struct scoping *scoping, size_t *ret_count, struct failure *failure);

#endif
