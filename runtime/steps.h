/* SPDX-License-Identifier: Apache-2.0 */
/* steps.h - doing one step of a plan, and taking it back. */
#ifndef RUNTIME_STEPS_H
#define RUNTIME_STEPS_H

#include "runtime/apply_scopes.h"
#include "runtime/area.h"
#include "runtime/plan.h"

/* What steps work on. */
struct stepping {
	const struct pins *pins;
	struct area *area;		/* mapped by the first step that needs it */
	const void *image;		/* verified: what WRITE writes */
	size_t image_size;
	struct scoping scoping;		/* for SCOPES */
	struct bpf_object *processes;	/* programs that follow processes, once a step needed one: see programs_get_process() */
	int held[ABI_HOOKS_MAX];	/* by hook id: descriptor of a link that has no pin, or 0 */
};

/* 0, or a negative errno with a text that names the policy's place where there is one. */
int step_do(struct stepping *stepping, const struct plan_step *step, struct failure *failure);

/* Takes back what the step did; never fails, and a step that was not done is no harm. */
void step_undo(struct stepping *stepping, const struct plan_step *step);

#endif
