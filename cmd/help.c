// SPDX-License-Identifier: Apache-2.0
/* help.c - `tetra help [VERB]`: printed from the rows of the verbs. */
#include <stdio.h>
#include <string.h>

#include "cmd/verb.h"

extern const struct verb verb_help;

static int help_all(void)
{
	puts("tetra VERB [OPTION]... [OPERAND]...\n\n"
	     "Checks, explains, dry-runs and applies Linux runtime-security policies.\n");
	for (size_t i = 0; verbs[i]; i++)
		printf("  %-10s %-18s %s\n", verbs[i]->name,
			verbs[i]->operands ? verbs[i]->operands : "", verbs[i]->summary);
	puts("\n'tetra help VERB' tells more of one.\n"
	     "Exit codes: 0 fine, 1 a policy was refused, 2 wrong command line, 3 a file, the kernel or a permission.");
	return EXIT_FINE;
}

static int help_run(int count, char **operands)
{
	if (!count)
		return help_all();
	for (size_t i = 0; verbs[i]; i++)
		if (!strcmp(verbs[i]->name, operands[0]) ||
		    (verbs[i]->alias && !strcmp(verbs[i]->alias, operands[0]))) {
			options_print_help(verbs[i]);
			return EXIT_FINE;
		}
	complain("there is no verb '%s'", operands[0]);
	return EXIT_USAGE;
}

const struct verb verb_help = {
	.name = "help", .operands = "[VERB]", .summary = "list the verbs, or tell more of one",
	.run = help_run,
};
