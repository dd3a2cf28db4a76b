/* SPDX-License-Identifier: Apache-2.0 */
/*
 * replaced.h - places in files that are gone, or that other files have taken the name of.
 *
 * What is attached there stays, in the file that was, until its policy goes or its place is found again: it is no business of other
 * policies.  What the live image says of such a place is all that is left to know of it.
 */
#ifndef RUNTIME_REPLACED_H
#define RUNTIME_REPLACED_H

#include "runtime/plan.h"

/* Whether the hook is attached to such a place. */
bool replaced_stays(const struct plan_input *input, const struct image_hook *hook, const struct hook_facts *facts);

/* In how many places `live`, or NULL, has a static probe: "PROVIDER:NAME". */
size_t replaced_probe_count(const struct image_view *live, const char *path, const char *name);

/*
 * Relocation `n` of an image, when it cannot be found any more, as the live image has it: fills in *ret, or leaves there why not.
 * `stays`: of its hook.
 */
void replaced_relocation(const struct image_view *live, const struct image_view *image, size_t n, bool stays, struct arena *arena,
			 struct kernel_relocation *ret);

/* The same of an assignment: where a call goes on is a place in the file. */
void replaced_assignment(const struct image_view *live, const struct image_view *image, size_t n, bool stays, struct arena *arena,
			 struct kernel_assignment *ret);

/* Why what is attached is not the place that its file has now, as the end of a sentence; NULL when it is. */
const char *replaced_why(const struct plan_attached *attached, const struct hook_facts *facts);

#endif
