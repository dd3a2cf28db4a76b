// SPDX-License-Identifier: Apache-2.0
/* symbol.c - see symbol.h. */
#include "runtime/symbol.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/machine.h"

/* "ffffffff81000000 T name" or, of a module, "... name\t[module]", which is not meant. */
static bool is_named(const char *line, const char *name)
{
	const char *type = strchr(line, ' ');

	return type && type[1] && type[2] == ' ' && !strcmp(type + 3, name);
}

uint64_t symbol_address(FILE *list, const char *name)
{
	uint64_t result = 0;
	size_t room = 0;
	char *line = NULL;

	while (getline(&line, &room, list) > 0) {
		line[strcspn(line, "\n")] = 0;
		if (!is_named(line, name))
			continue;
		result = strtoull(line, NULL, 16);
		break;
	}
	free(line);
	return result;
}

#if defined(THIS_MACHINE)
enum { KEEPS_LOADS_IN_ORDER = THIS_MACHINE == MACHINE_X86_64 };
#else
enum { KEEPS_LOADS_IN_ORDER = 0 };
#endif

uint64_t symbol_of_renames(void)
{
	FILE *list = KEEPS_LOADS_IN_ORDER ? fopen("/proc/kallsyms", "re") : NULL;
	uint64_t result;

	if (!list)
		return 0;
	result = symbol_address(list, "rename_lock");
	fclose(list);
	return result;
}
