// SPDX-License-Identifier: Apache-2.0
/* mode.c - `tetra mode`: whether policies that run enforce what they say, or only report it. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cmd/change.h"
#include "cmd/listing.h"
#include "cmd/verb.h"

extern const struct verb verb_mode;

static struct {
	const char *root, *set;
	bool all;
} arguments;

/* Names of the policies that have something to enforce: what --all means. */
static size_t enforcing(const struct listing *listing, struct arena *arena, const char ***ret)
{
	size_t policies = listing->bytes ? image_policy_count(&listing->image) : 0, count = 0;

	*ret = arena_array(arena, const char *, policies);
	for (size_t n = 0; n < policies; n++)
		if (image_policy_at(&listing->image, n).enforces)
			(*ret)[count++] = image_policy_at(&listing->image, n).name;
	return count;
}

static int set_modes(const char *const *names, size_t count)
{
	if (!count) {
		complain("none of the policies that are applied has anything to enforce");
		return EXIT_REFUSED;
	}
	return change_run(&(struct apply_options){
		.root = arguments.root, .change = names, .change_count = count,
		.change_to = change_mode(arguments.set),
	});
}

static void print_mode(const struct image_policy *policy)
{
	printf("%s: %s%s%s\n", policy->name, listing_mode(policy), policy->enforces ? "" : ", nothing to enforce",
	       policy->elsewhere ? ", not for this node" : "");
}

/* Those that are named, which are there, or all. */
static void print_modes(const struct listing *listing, const char *const *names, size_t count)
{
	struct image_policy policy;

	for (size_t n = 0; n < count; n++)
		if (listing_find(listing, names[n], &policy))
			print_mode(&policy);
	for (size_t n = 0; !count && listing->bytes && n < image_policy_count(&listing->image); n++) {
		policy = image_policy_at(&listing->image, n);
		print_mode(&policy);
	}
}

static int check_names(const struct listing *listing, const char *const *names, size_t count)
{
	int code = EXIT_FINE;

	for (size_t i = 0; i < count; i++) {
		struct image_policy policy;

		if (listing_find(listing, names[i], &policy))
			continue;
		code = EXIT_REFUSED;
		complain("no policy '%s' is applied; %s", names[i], strcmp(names[i], "enforce") && strcmp(names[i], "monitor") ?
			 "'tetra list' shows what is" : "a mode is set with --set=enforce or --set=monitor");
	}
	return code;
}

static int mode_run(int count, char **operands)
{
	const char *const *names = (const char *const *)operands;
	struct listing listing = { .bytes = NULL };
	size_t name_count = (size_t)count;
	int code;

	if (arguments.all && count) {
		complain("--all takes no names");
		return EXIT_USAGE;
	}
	if (arguments.set && !count && !arguments.all) {
		complain("--set wants the names of policies, or --all");
		return EXIT_USAGE;
	}
	code = listing_open(&listing, arguments.root);
	if (code == EXIT_FINE)
		code = check_names(&listing, names, name_count);
	if (code == EXIT_FINE && !arguments.set)
		print_modes(&listing, names, name_count);
	if (code == EXIT_FINE && arguments.all)
		name_count = enforcing(&listing, &listing.arena, (const char ***)&names);
	if (code == EXIT_FINE && arguments.set)
		code = set_modes(names, name_count);
	listing_release(&listing);
	return code;
}

static const struct option_row mode_options[] = {
	{ 0, "set", OPTION_CHOICE, &arguments.set, "enforce|monitor", "what they do from now on" },
	{ 0, "all", OPTION_FLAG, &arguments.all, NULL, "every policy that has something to enforce" },
	{ 0, "root", OPTION_STRING, &arguments.root, "DIR", "pins are below DIR (default " PINS_ROOT_DEFAULT ")",
	  WORD_FOLDER },
	OPTIONS_END
};

static const struct note mode_examples[] = {
	{ "tetra mode", "which policies enforce, and which only report" },
	{ "tetra mode --set=monitor block-writes", "let everything pass, and report what would not" },
	{ "tetra mode --set=enforce --all", "enforce all that can be" },
	NOTES_END
};

const struct verb verb_mode = {
	.name = "mode",
	.operands = "[NAME...]",
	.takes = WORD_APPLIED,
	.summary = "show or change whether policies that run enforce or only monitor",
	.details = "A policy that monitors matches and reports as before; its events say what would have been done. All changes take effect\n"
		   "at once, and last until the policy is applied again. Needs root.",
	.options = mode_options,
	.examples = mode_examples,
	.run = mode_run,
};
