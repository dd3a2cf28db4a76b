// SPDX-License-Identifier: Apache-2.0
/* delete.c - `tetra delete`: takes policies out of the kernel. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cmd/verb.h"
#include "runtime/apply.h"

extern const struct verb verb_delete;

static struct {
	const char *root;
	bool all;
} arguments;

static int delete_all(void)
{
	struct failure failure = { 0 };
	int error = remove_everything(arguments.root, &failure);

	if (error == -ENOENT && !failure.text[0])
		return EXIT_FINE;	/* nothing is there, as asked */
	if (!error)
		return EXIT_FINE;
	complain("%s", failure.text);
	return EXIT_SYSTEM;
}

static int run_plan(struct apply *apply)
{
	const struct plan *plan = apply_plan(apply);
	struct failure failure = { 0 };

	for (size_t i = 0; i < plan->refusal_count; i++)
		complain("%s%s%s", plan->refusals[i].place ? plan->refusals[i].place : "",
			plan->refusals[i].place ? ": " : "", plan->refusals[i].text);
	if (plan->refusal_count)
		return EXIT_REFUSED;
	if (!apply_run(apply, &failure))
		return EXIT_FINE;
	complain("%s; nothing was changed", failure.text);
	return EXIT_SYSTEM;
}

static int delete_named(const char *const *names, size_t count)
{
	struct apply_options options = { .root = arguments.root, .access = APPLY_CHANGE, .remove = names,
					 .remove_count = count };
	struct failure failure = { 0 };
	struct apply *apply;
	int error = apply_prepare(&options, NULL, 0, &apply, &failure), code;
	bool nothing;

	if (error) {
		complain("%s", failure.text);
		return error == -EINVAL ? EXIT_REFUSED : EXIT_SYSTEM;
	}
	nothing = apply_leaves_nothing(apply);
	code = nothing ? EXIT_FINE : run_plan(apply);
	apply_free(apply);
	return nothing ? delete_all() : code;
}

static int delete_run(int count, char **operands)
{
	if (arguments.all ? count : !count) {
		complain(arguments.all ? "--all takes no names" : "takes the names of policies, or --all");
		return EXIT_USAGE;
	}
	if (geteuid()) {
		complain("needs root: what is pinned below /sys/fs/bpf belongs to it; try sudo");
		return EXIT_SYSTEM;
	}
	return arguments.all ? delete_all() : delete_named((const char *const *)operands, (size_t)count);
}

static const struct option_row delete_options[] = {
	{ 0, "all", OPTION_FLAG, &arguments.all, NULL, "remove every policy and every pin" },
	{ 0, "root", OPTION_STRING, &arguments.root, "DIR", "pins are below DIR (default " PINS_ROOT_DEFAULT ")",
	  WORD_FOLDER },
	OPTIONS_END
};

static const struct note delete_examples[] = {
	{ "tetra delete exec-from-temporary", "end one policy; the others stay in force" },
	{ "tetra delete --all", "everything that tetra has pinned" },
	NOTES_END
};

static const struct note delete_files[] = {
	{ PINS_ROOT_DEFAULT, "maps, programs and links of the policies that the kernel runs" },
	NOTES_END
};

const struct verb verb_delete = {
	.name = "delete",
	.operands = "NAME...",
	.takes = WORD_APPLIED,
	.summary = "take policies out of the kernel",
	.details = "With the last policy everything goes: programs, maps, links and folders.",
	.options = delete_options,
	.examples = delete_examples,
	.files = delete_files,
	.run = delete_run,
};
