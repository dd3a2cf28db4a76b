// SPDX-License-Identifier: Apache-2.0
/* change.c - see change.h. */
#include "cmd/change.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cmd/verb.h"
#include "runtime/remove.h"

/* A refusal without a place is about this machine, not about a policy. */
int change_refused(const struct plan *plan)
{
	int code = EXIT_REFUSED;

	for (size_t i = 0; i < plan->refusal_count; i++) {
		const struct plan_refusal *refusal = &plan->refusals[i];

		if (refusal->place) {
			fprintf(stderr, "%s: error: %s\n", refusal->place, refusal->text);
		} else {
			complain("%s", refusal->text);
			code = EXIT_SYSTEM;
		}
	}
	return code;
}

int change_failed(int error, const struct failure *failure)
{
	complain("%s", failure->text);
	return error == -EINVAL || error == -E2BIG ? EXIT_REFUSED : EXIT_SYSTEM;
}

static int run_plan(struct apply *apply)
{
	struct failure failure = { 0 };

	if (apply_plan(apply)->refusal_count)
		return change_refused(apply_plan(apply));
	if (!apply_run(apply, &failure))
		return EXIT_FINE;
	complain("%s; nothing was changed", failure.text);
	return EXIT_SYSTEM;
}

static int remove_all(const char *root)
{
	struct failure failure = { 0 };
	int error = remove_everything(root, &failure);

	return error ? change_failed(error, &failure) : EXIT_FINE;
}

enum link_mode change_mode(const char *word)
{
	return strcmp(word, "monitor") ? LINK_MODE_ENFORCE : LINK_MODE_MONITOR;
}

bool change_allowed(void)
{
	if (!geteuid())
		return true;
	complain("needs root: what is pinned below /sys/fs/bpf belongs to it; try sudo");
	return false;
}

int change_run(const struct apply_options *options)
{
	struct failure failure = { 0 };
	struct apply *apply;
	bool nothing;
	int error, code;

	if (!change_allowed())
		return EXIT_SYSTEM;
	error = apply_prepare(options, NULL, 0, &apply, &failure);
	if (error)
		return change_failed(error, &failure);
	nothing = apply_leaves_nothing(apply);
	code = nothing ? EXIT_FINE : run_plan(apply);
	apply_free(apply);
	return nothing ? remove_all(options->root) : code;
}
