// SPDX-License-Identifier: Apache-2.0
/* explain_operand.c - see explain_operand.h. */
#include "cmd/explain_operand.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd/input.h"
#include "compiler/explain/field_path.h"

/* A path, or one that goes wrong after a good beginning. */
static bool is_path(const char *operand)
{
	struct arena arena = { 0 };
	struct field_path_problem problem;
	struct field_path path;
	bool found = field_path_read(operand, &arena, &path, &problem);

	found |= !problem.at_start && problem.part;
	arena_release(&arena);
	return found;
}

/* What could only be one, though it is not there. */
static bool looks_like_file(const char *operand)
{
	return strchr(operand, '/') || strpbrk(operand, "*?") || input_has_suffix(operand);
}

/* Takes ":NUMBER" off the end; false when there is none.  Too large a number is the largest. */
static bool take_number(char *text, uint32_t *ret)
{
	char *colon = strrchr(text, ':');
	unsigned long number;

	if (!colon || colon == text || !colon[1] || colon[1 + strspn(colon + 1, "0123456789")])
		return false;
	number = strtoul(colon + 1, NULL, 10);
	*ret = number > UINT32_MAX ? UINT32_MAX : (uint32_t)number;
	*colon = '\0';
	return true;
}

static bool is_place(const char *operand, struct operand_place *place)
{
	char *file = strdup(operand);
	uint32_t last, first;

	if (!file)
		abort();
	*place = (struct operand_place){ .file = file };
	if (take_number(file, &last)) {
		bool two = access(file, F_OK) && take_number(file, &first);

		place->line = two ? first : last;
		place->column = two ? last : 0;
		if (!strcmp(file, "-") || !access(file, F_OK) || looks_like_file(file))
			return true;
	}
	free(file);
	return false;
}

enum operand_kind operand_classify(const char *operand, struct operand_place *place)
{
	if (!strcmp(operand, "-") || !access(operand, F_OK))
		return OPERAND_FILE;
	if (input_has_suffix(operand))
		return OPERAND_FILE;
	if (is_path(operand))
		return OPERAND_WORD;
	if (is_place(operand, place))
		return OPERAND_LINE;
	return looks_like_file(operand) && !strchr(operand, '[') ? OPERAND_FILE : OPERAND_WORD;
}
