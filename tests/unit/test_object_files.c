// SPDX-License-Identifier: Apache-2.0
/* test_object_files.c - the policies of the project and of the corpus: to objects and back, nothing is lost. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "tests/unit/built.h"

/* What the policies of our tests and library had. */
struct seen { size_t objects, lost; bool hooks[HOOK_COUNT], types[TYPE_COUNT], operators[OPERATOR_COUNT], actions[ACTION_COUNT]; };

static void note(const struct ir_hook *hook, struct seen *seen)
{
	seen->hooks[hook->kind] = true;
	for (size_t n = 0; n < hook->arguments.count; n++)
		seen->types[hook->arguments.items[n].type] = true;
	for (size_t s = 0; s < hook->selectors.count; s++) {
		const struct ir_selector *selector = &hook->selectors.items[s];

		for (size_t n = 0; n < selector->actions.count; n++)
			seen->actions[selector->actions.items[n].op] = true;
		for (size_t n = 0; n < selector->predicates.count; n++)
			for (size_t w = 0; w < selector->predicates.items[n].written.count; w++)
				seen->operators[selector->predicates.items[n].written.items[w].op] = true;
	}
}

static char *read_file(const char *path, size_t *length)
{
	FILE *file = fopen(path, "rb");
	char *text;

	assert_non_null(file);
	fseek(file, 0, SEEK_END);
	*length = (size_t)ftell(file);
	rewind(file);
	text = malloc(*length + 1);
	assert_int_equal(fread(text, 1, *length, file), *length);
	text[*length] = '\0';
	fclose(file);
	return text;
}

static void count_lost(const struct unit *unit, struct seen *seen)
{
	for (size_t n = 0; n < unit->diagnostics.count; n++)
		if (unit->diagnostics.items[n].id == DIAG_NOT_SUPPORTED || unit->diagnostics.items[n].id == DIAG_TOO_COMPLEX)
			seen->lost++;
}

/* Files with errors on purpose make no objects. */
static void try_file(const char *path, struct seen *seen)
{
	struct unit unit, twice;
	size_t length;
	char *text = read_file(path, &length);

	unit_init(&unit, path, text, length);
	unit_init(&twice, path, text, length);
	if (!unit_compile(&unit, NULL)) {
		assert_int_equal(unit_compile(&twice, NULL), 0);
		for (size_t n = 0; n < unit.object_count; n++) {
			assert_same_again(&unit.ir->items[n], &unit.objects[n]);
			assert_int_equal(unit.objects[n].length, twice.objects[n].length);
			assert_memory_equal(unit.objects[n].bytes, twice.objects[n].bytes, unit.objects[n].length);
			for (size_t h = 0; h < unit.ir->items[n].hooks.count; h++)
				note(&unit.ir->items[n].hooks.items[h], seen);
			seen->objects++;
		}
	} else {
		count_lost(&unit, seen);
	}
	unit_release(&twice);
	unit_release(&unit);
	free(text);
}

#define ASSERT_ALL(seen, rows, COUNT) do { \
	for (int id = 0; id < (COUNT); id++) \
		if (!(seen)[id]) \
			fail_msg("no policy of the library or the tests has '%s'", (rows)[id].name); \
} while (0)

/* How many there were. */
static size_t try_files(const char *pattern, struct seen *seen)
{
	glob_t files;
	size_t count;

	if (glob(pattern, 0, NULL, &files))
		return 0;
	count = files.gl_pathc;
	for (size_t i = 0; i < count; i++)
		try_file(files.gl_pathv[i], seen);
	globfree(&files);
	return count;
}

static void every_policy_of_the_corpus_there_and_back(void **state)
{
	static const char *const depths[] = { "*.yaml", "*/*.yaml", "*/*/*.yaml", "*/*/*/*.yaml", "*/*/*/*/*.yaml" };
	const char *corpus = getenv("TETRA_CORPUS");
	struct seen seen = { 0 };
	size_t files = 0;

	(void)state;
	if (!corpus)
		corpus = "../shared/corpus";
	if (access(corpus, R_OK) != 0)
		skip();
	for (size_t n = 0; n < sizeof(depths) / sizeof(*depths); n++) {
		char pattern[1024];

		snprintf(pattern, sizeof(pattern), "%s/%s", corpus, depths[n]);
		files += try_files(pattern, &seen);
	}
	assert_true(files > 100 && seen.objects > files / 2);
	assert_int_equal(seen.lost, 0);
}

static void every_policy_of_ours_there_and_back(void **state)
{
	static const char *const patterns[] = {
		"policy-library/*/*.yaml", "tests/golden/*/*.yaml", "tests/verdicts/policies/*.yaml",
	};
	struct seen seen = { 0 };

	(void)state;
	for (size_t n = 0; n < sizeof(patterns) / sizeof(*patterns); n++)
		assert_true(try_files(patterns[n], &seen));
	assert_true(seen.objects > 100);
	ASSERT_ALL(seen.hooks, hook_rows, HOOK_COUNT);
	for (int id = 0; id < TYPE_COUNT; id++)
		seen.types[id] |= !type_rows[id].hooks;		/* one that nobody can write */
	ASSERT_ALL(seen.types, type_rows, TYPE_COUNT);
	ASSERT_ALL(seen.operators, operator_rows, OPERATOR_COUNT);
	ASSERT_ALL(seen.actions, action_rows, ACTION_COUNT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_policy_of_ours_there_and_back),
		cmocka_unit_test(every_policy_of_the_corpus_there_and_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
