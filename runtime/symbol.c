// SPDX-License-Identifier: Apache-2.0
/* symbol.c - see symbol.h. */
#include "runtime/symbol.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/machine.h"

/* "ffffffff81000000 T name" or, of a module, "... name\t[module]", which is not meant. */
static int is_named(const char *line, const char *name)
{
	const char *type = strchr(line, ' ');

	return type && type[1] && type[2] == ' ' && !strcmp(type + 3, name);
}

uint64_t symbol_address(const char *name)
{
	FILE *list = fopen("/proc/kallsyms", "re");
	uint64_t result = 0;
	size_t room = 0;
	char *line = NULL;

	while (list && getline(&line, &room, list) > 0) {
		line[strcspn(line, "\n")] = 0;
		if (!is_named(line, name))
			continue;
		result = strtoull(line, NULL, 16);
		break;
	}
	free(line);
	if (list)
		fclose(list);
	return result;
}

uint64_t symbol_of_renames(void)
{
#if defined(THIS_MACHINE)
	return THIS_MACHINE == MACHINE_X86_64 ? symbol_address("rename_lock") : 0;
#else
	return 0;
#endif
}
