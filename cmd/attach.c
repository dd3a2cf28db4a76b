// SPDX-License-Identifier: Apache-2.0
/* attach.c - see attach.h. */
#include "cmd/attach.h"

#include <string.h>

#include "compiler/base/buffer.h"
#include "compiler/base/nearest.h"
#include "runtime/plan.h"

static bool complain_of(const char *word, size_t length)
{
	struct nearest nearest = { .name = word, .length = length };
	struct buffer names = { 0 };

	for (int i = 0; i < ATTACH_COUNT; i++) {
		if (attach_rows[i].result == RESULT_PART)
			continue;
		buffer_format(&names, "%s%s", i ? ", " : "", attach_rows[i].name);
		nearest_try(&nearest, attach_rows[i].name);
	}
	if (nearest.best)
		complain("no kind to attach by is called '%.*s'; did you mean '%s'?", (int)length, word, nearest.best);
	else
		complain("no kind to attach by is called '%.*s'; there are %s", (int)length, word, names.bytes);
	buffer_release(&names);
	return false;
}

static int find(const char *word, size_t length)
{
	for (int i = 0; i < ATTACH_COUNT; i++)
		if (attach_rows[i].result != RESULT_PART && strlen(attach_rows[i].name) == length && !memcmp(attach_rows[i].name, word, length))
			return i;
	return -1;
}

bool attach_read(const struct option_list *words, uint32_t *ret)
{
	*ret = 0;
	for (size_t n = 0; n < words->count; n++) {
		const char *word = words->values[n];

		do {
			size_t length = strcspn(word, ",");
			int kind = find(word, length);

			if (kind < 0)
				return complain_of(word, length);
			*ret |= 1u << kind;
			word += length;
		} while (*word++ == ',');
	}
	return true;
}
