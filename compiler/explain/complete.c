// SPDX-License-Identifier: Apache-2.0
/* complete.c - see complete.h. */
#include "compiler/explain/complete.h"

#include <string.h>

#include "compiler/explain/parts.h"

struct completing {
	const char *base;		/* what stands before the word */
	size_t base_length;
	const char *word;
	struct buffer *out;
};

static void offer(const struct completing *completing, const char *word, const char *about)
{
	size_t length = strlen(completing->word);

	if (!strncmp(word, completing->word, length))
		buffer_format(completing->out, "%.*s%s\t%s\n", (int)completing->base_length, completing->base, word, about);
}

static void offer_keys(const struct completing *completing, enum field_group group)
{
	for (size_t n = group_rows[group].first; group && field_rows[n].group == group; n++)
		offer(completing, field_rows[n].key, field_rows[n].about);
}

static void offer_spellings(const struct completing *completing)
{
	const char *spelling;
	int id;

	for (size_t n = 0; (spelling = operator_spelling(n, &id)); n++)
		offer(completing, spelling, operator_rows[id].about);
	for (size_t n = 0; (spelling = type_spelling(n, &id)); n++)
		offer(completing, spelling, type_rows[id].about);
}

static void offer_words(const struct completing *completing)
{
	offer_keys(completing, GROUP_root);
	offer_keys(completing, GROUP_spec);
	offer_keys(completing, GROUP_intent_spec);
	for (int id = 0; id < DOCUMENT_COUNT; id++)
		offer(completing, document_rows[id].kind, document_rows[id].about);
	offer_spellings(completing);
	for (int id = 0; id < ACTION_COUNT; id++)
		offer(completing, action_rows[id].name, action_rows[id].about);
	for (int id = 0; id < SPEC_OPTION_COUNT; id++)
		offer(completing, spec_option_rows[id].name, spec_option_rows[id].about);
	for (int id = 0; id < HOOK_COUNT; id++)
		offer(completing, hook_rows[id].name, hook_rows[id].about);
	for (const struct word_list *list = word_lists; list->name; list++)
		offer(completing, list->name, list->about);
	for (int id = 0; id < DIAG_COUNT; id++)
		offer(completing, diagnostic_rows[id].code, diagnostic_rows[id].title);
}

/* The keys below what stands before the last dot. */
static void offer_below(const struct completing *completing)
{
	struct arena arena = { 0 };
	struct field_path_problem problem;
	struct field_path path;

	if (field_path_read(arena_copy(&arena, completing->base, completing->base_length - 1), &arena, &path, &problem))
		offer_keys(completing, field_path_group(&path));
	arena_release(&arena);
}

void complete_name(const char *prefix, struct buffer *ret)
{
	const char *dot = strrchr(prefix, '.');
	struct completing completing = { prefix, dot ? (size_t)(dot + 1 - prefix) : 0, dot ? dot + 1 : prefix, ret };

	if (dot)
		offer_below(&completing);
	else
		offer_words(&completing);
}
