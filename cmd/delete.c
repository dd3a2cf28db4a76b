// SPDX-License-Identifier: Apache-2.0
/* delete.c - `tetra delete`: takes policies out of the kernel. */
#include <errno.h>

#include "cmd/change.h"
#include "cmd/verb.h"
#include "runtime/remove.h"

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
	return error ? change_failed(error, &failure) : EXIT_FINE;
}

static int delete_run(int count, char **operands)
{
	if (arguments.all ? count : !count) {
		complain(arguments.all ? "--all takes no names" : "takes the names of policies, or --all");
		return EXIT_USAGE;
	}
	if (!change_allowed())
		return EXIT_SYSTEM;
	if (arguments.all)
		return delete_all();
	return change_run(&(struct apply_options){ .root = arguments.root, .remove = (const char *const *)operands,
						   .remove_count = (size_t)count });
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
