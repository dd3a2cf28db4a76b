// SPDX-License-Identifier: Apache-2.0
/* probe.c - `tetra probe`: what the kernel offers to programs of ours. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cmd/verb.h"
#include "runtime/profile.h"

static struct {
	const char *output;
	bool functions;
} probe = { .output = "text" };

static void print_text(const struct profile *profile, struct arena *arena)
{
	const char *const unknown = "not known";

	printf("kernel %s, machine %s, ", profile->release ? profile->release : unknown,
		profile->machine ? profile->machine : unknown);
	if (profile->processors)
		printf("processors %u\n", profile->processors);
	else
		printf("processors %s\n", unknown);
	for (int n = 0; n < FEATURE_COUNT; n++) {
		const bool missing = profile->known & 1u << n && !feature_works(&profile->features, (enum feature)n);

		printf("  %-17s %s: %s\n", feature_rows[n].name, profile_says(profile, (enum feature)n, arena), feature_rows[n].about);
		if (missing)
			printf("  %-17s   %s\n", "", feature_advice((enum feature)n, profile->features.error[n]));
	}
	if (profile->has_functions)
		printf("  %zu functions", profile->functions.count);
	if (profile->has_functions && profile->has_traceable)
		printf(", of which %zu can be traced", profile->traceable.count);
	if (profile->has_functions)
		printf("\n");
}

static void print_json(const struct profile *profile)
{
	struct buffer text = { 0 };

	profile_write(profile, &text);
	fwrite(text.bytes, 1, text.length, stdout);
	buffer_release(&text);
}

static int probe_run(int count, char **operands)
{
	struct arena arena = { 0 };
	struct profile profile;

	if (count) {
		complain("takes no operands, not '%s'", operands[0]);
		return EXIT_USAGE;
	}
	if (geteuid())
		complain("note: without root most features cannot be tried, and are not known");
	profile_of_this_kernel(&arena, FEATURES_ALL, &profile);
	if (probe.functions)
		profile_add_functions(&arena, &profile);
	if (!strcmp(probe.output, "json"))
		print_json(&profile);
	else
		print_text(&profile, &arena);
	arena_release(&arena);
	return EXIT_FINE;
}

static const struct option_row probe_options[] = {
	{ 'o', "output", OPTION_CHOICE, &probe.output, "text|json", "how to print it (text); JSON is what 'dry-run --kernel' reads" },
	{ 0, "functions", OPTION_FLAG, &probe.functions, NULL, "list the functions of the kernel, too: some megabytes" },
	OPTIONS_END
};

static const struct note probe_examples[] = {
	{ "tetra probe", "what this kernel has of what policies may need" },
	{ "tetra probe -o json --functions >host.json", "a profile of it, for other machines" },
	{ "tetra dry-run --kernel host.json policies", "whether policies would run there" },
	NOTES_END
};

extern const struct verb verb_probe;
const struct verb verb_probe = {
	.name = "probe",
	.summary = "say what this kernel offers, and what it lacks",
	.details = "Tries each feature itself, on a function that nothing calls; the version is never looked at. Leaves nothing\n"
		   "behind.",
	.options = probe_options, .examples = probe_examples, .run = probe_run,
};
