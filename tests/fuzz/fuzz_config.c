// SPDX-License-Identifier: Apache-2.0
/*
 * fuzz_config.c - any bytes as a configuration, as patterns of files, as ignore comments in a policy, and as a file of workloads.
 *
 * The first byte chooses which.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/base/glob.h"
#include "compiler/compiler.h"
#include "compiler/policy/ignore.h"
#include "compiler/policy/settings.h"
#include "compiler/workload_list.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
	if (!holds)
		abort();
}

/* What is read never weakens an error, and is wrong exactly when something was said. */
static void try_settings(const char *text, size_t length)
{
	struct source source = { "fuzz.yaml", text, length };
	struct arena arena = { 0 };
	struct diagnostics diagnostics;
	struct settings settings;
	int failed;

	if (length > LIMIT_CONFIG_BYTES)
		return;
	settings_init(&settings);
	diagnostics_init(&diagnostics, &arena);
	failed = settings_read(&source, "text|json", &arena, &diagnostics, &settings);
	require((failed != 0) == (diagnostics.count > 0));
	for (size_t i = 0; i < diagnostics.count; i++)
		require(diagnostics.items[i].at.end <= length);
	for (enum diagnostic_id id = 0; id < DIAG_COUNT; id++)
		require(diagnostic_may_be_off(id) || settings.severities.of[id] == SEVERITY_ERROR);
	require(settings.exclude_count <= LIMIT_EXCLUDES);
	for (size_t i = 0; i < settings.exclude_count; i++)
		glob_matches(settings.excludes[i], "policies/vendor/a.yaml");
	arena_release(&arena);
}

/* A pattern and a path, parted by a line end.  A path without stars matches itself. */
static void try_glob(const char *text, size_t length)
{
	char *pattern = strndup(text, length), *path;

	require(pattern != NULL);
	path = strchr(pattern, '\n');
	if (path)
		*path++ = '\0';
	if (path)
		glob_matches(pattern, path);
	if (*pattern && !strpbrk(pattern, "*?/"))
		require(glob_matches(pattern, pattern));
	free(pattern);
}

/* The comments are in the order of the text and inside of it, and no error is ignored but a soft one. */
static void try_comments(const char *text, size_t length)
{
	struct unit unit;
	int failed;

	unit_init(&unit, "fuzz.yaml", text, length);
	failed = unit_compile(&unit, NULL);
	require((failed != 0) == (unit.diagnostics.errors > 0));
	for (size_t i = 0; i < unit.diagnostics.ignore_count; i++) {
		const struct ignore *ignore = &unit.diagnostics.ignores[i];

		require(diagnostic_may_be_off(ignore->id) && ignore->start <= ignore->end && ignore->end <= length);
		require(ignore->at.start < ignore->at.end && ignore->at.end <= length);
		require(!i || (ignore[-1].start <= ignore->start && ignore[-1].end <= ignore->end));
	}
	ignores_finish(&unit.diagnostics);
	require((failed != 0) == (unit.diagnostics.errors > 0));
	unit_release(&unit);
}

/* Every workload can be found, by its cgroup or its container; and the list is empty when something was said. */
static void try_workloads(const char *text, size_t length)
{
	struct source source = { "fuzz.yaml", text, length };
	struct workload_list list = { 0 };
	struct arena arena = { 0 };
	struct diagnostics diagnostics;
	int failed;

	diagnostics_init(&diagnostics, &arena);
	failed = workload_list_read(&source, &arena, &diagnostics, &list);
	require((failed != 0) == (diagnostics.errors > 0) && (!failed || !list.count) && list.count <= LIMIT_WORKLOADS);
	for (size_t n = 0; n < list.count; n++) {
		require(list.items[n].cgroup || list.items[n].container);
		require(!list.items[n].cgroup || list.items[n].cgroup[0] == '/');
		require(list.items[n].label_count <= LIMIT_WORKLOAD_LABELS);
		workload_facts(&list.items[n], &arena);
	}
	arena_release(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data + 1;

	if (!size || size > LIMIT_FILE_BYTES)
		return 0;
	if (data[0] == 'w') {
		try_workloads(text, size - 1);
		return 0;
	}
	switch (data[0] % 3) {
	case 0:
		try_settings(text, size - 1);
		break;
	case 1:
		try_glob(text, size - 1);
		break;
	default:
		try_comments(text, size - 1);
	}
	return 0;
}
