// SPDX-License-Identifier: Apache-2.0
/* help.c - `tetra help [VERB]`: printed from the rows of the verbs. */
#include <stdio.h>

#include "cmd/verb.h"

extern const struct verb verb_help;

static int help_all(void)
{
	puts("tetra VERB [OPTION]... [OPERAND]...\n\ntetra " TETRA_DOES ".\n");
	for (size_t i = 0; verbs[i] && !verbs[i]->internal; i++)
		printf("  %-10s %-18s %s\n", verbs[i]->name,
			verbs[i]->operands ? verbs[i]->operands : "", verbs[i]->summary);
	printf("\n'tetra help VERB' tells more of one.\nExit codes: ");
	for (const struct note *note = exit_notes; note->name; note++)
		printf("%s%s %s", note == exit_notes ? "" : ", ", note->name, note->about);
	puts(".");
	return EXIT_FINE;
}

static int help_run(int count, char **operands)
{
	const struct verb *verb = count ? verb_find(operands[0]) : NULL;

	if (count > 1) {
		complain("takes one verb, not '%s' as well", operands[1]);
		return EXIT_USAGE;
	}
	if (!count)
		return help_all();
	if (verb && !verb->internal) {
		options_print_help(verb);
		return EXIT_FINE;
	}
	complain("there is no verb '%s'", operands[0]);
	return EXIT_USAGE;
}

static const struct note help_examples[] = {
	{ "tetra help check", "what check does, and its options" },
	NOTES_END
};

const struct verb verb_help = {
	.name = "help", .operands = "[VERB]", .takes = WORD_VERB, .summary = "list the verbs, or tell more of one",
	.examples = help_examples, .run = help_run,
};
