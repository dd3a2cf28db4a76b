// SPDX-License-Identifier: Apache-2.0
/*
 * test_limits.c - just within and just beyond each limit: Tetragon's, of which check warns, and ours, which it refuses.
 * What is within ours compiles.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "compiler/compiler.h"

#define HEAD "apiVersion: cilium.io/v1alpha1\nkind: TracingPolicy\nmetadata: {name: p}\nspec:\n"
#define KPROBE HEAD "  kprobes:\n  - call: f\n    syscall: false\n    return: true\n    returnArg: {index: 0, type: int}\n" \
	"    args: [{index: 0, type: int}, {index: 1, type: file}, {index: 2, type: sock}, {index: 3, type: cap_effective}]\n"
#define SELECTOR KPROBE "    selectors:\n    - "
#define VALUES(op, index) SELECTOR "matchArgs: [{index: " index ", operator: " op ", values: ["
#define END_OF_VALUES "]}]\n"

/* A list of `entry`s between `before` and `after`; # in an entry is its number. */
static const struct list_row {
	const char *before, *entry, *after;
	size_t tetragon;		/* entries of which Tetragon takes no more; 0: it takes as many as we */
	enum diagnostic_id warning;
	size_t ours;
} list_rows[] = {
	{ HEAD "  tracepoints:\n  - subsystem: a\n    event: b\n    args: [", "{index: #, type: int64}", "]\n",
	  LIMIT_TETRAGON_ARGUMENTS, DIAG_TETRAGON_ENTRIES, LIMIT_ARGUMENTS },
	{ KPROBE "    data: [", "{index: 0, type: int, source: current_task, resolve: pid}", "]\n",
	  LIMIT_TETRAGON_ARGUMENTS - 4, DIAG_TETRAGON_ENTRIES, LIMIT_ARGUMENTS - 4 },
	{ KPROBE "    selectors: [", "{matchArgs: [{index: 0, operator: Equal, values: ['#']}]}", "]\n",
	  LIMIT_TETRAGON_SELECTORS, DIAG_TETRAGON_ENTRIES, LIMIT_SELECTORS },
	{ SELECTOR "matchArgs: [", "{index: 0, operator: NotEqual, values: ['#']}", "]\n",
	  LIMIT_TETRAGON_ARGUMENT_FILTERS, DIAG_TETRAGON_ENTRIES, LIMIT_ARGUMENT_FILTERS },
	{ KPROBE "    data: [{index: 0, type: int, source: current_task, resolve: pid}]\n    selectors:\n"
	  "    - matchArgs: [{index: 0, operator: GT, values: ['1']}]\n      matchData: [",
	  "{index: 0, operator: NotEqual, values: ['#']}", "]\n",
	  LIMIT_TETRAGON_ARGUMENT_FILTERS - 1, DIAG_TETRAGON_ENTRIES, LIMIT_ARGUMENT_FILTERS - 1 },
	{ SELECTOR "matchReturnArgs: [", "{index: 0, operator: NotEqual, values: ['#']}", "]\n",
	  LIMIT_TETRAGON_ARGUMENT_FILTERS, DIAG_TETRAGON_ENTRIES, LIMIT_ARGUMENT_FILTERS },
	{ SELECTOR "matchBinaries: [", "{operator: NotIn, values: [/a#]}", "]\n",
	  LIMIT_TETRAGON_BINARY_FILTERS, DIAG_TETRAGON_ENTRIES, LIMIT_BINARY_FILTERS },
	{ SELECTOR "matchParentBinaries: [", "{operator: NotIn, values: [/a#]}", "]\n",
	  LIMIT_TETRAGON_BINARY_FILTERS, DIAG_TETRAGON_ENTRIES, LIMIT_BINARY_FILTERS },
	{ SELECTOR "matchPIDs: [", "{operator: NotIn, values: [#]}", "]\n", 1, DIAG_SECOND_ENTRY, LIMIT_PID_FILTERS },
	{ SELECTOR "matchNamespaces: [", "{namespace: Pid, operator: NotIn, values: ['#']}", "]\n",
	  LIMIT_TETRAGON_NAMESPACE_FILTERS, DIAG_TETRAGON_ENTRIES, LIMIT_NAMESPACE_FILTERS },
	{ SELECTOR "matchNamespaceChanges: [", "{operator: In, values: [Pid]}", "]\n",
	  LIMIT_TETRAGON_NAMESPACE_CHANGES, DIAG_TETRAGON_ENTRIES, LIMIT_NAMESPACE_FILTERS },
	{ SELECTOR "matchCapabilities: [", "{operator: In, values: [CAP_KILL]}", "]\n",
	  1, DIAG_SECOND_ENTRY, LIMIT_CAPABILITY_FILTERS },
	{ SELECTOR "matchCapabilityChanges: [", "{operator: In, values: [CAP_KILL]}", "]\n",
	  1, DIAG_SECOND_ENTRY, LIMIT_CAPABILITY_FILTERS },
	{ SELECTOR "matchActions: [", "{action: Post}", "]\n",
	  LIMIT_TETRAGON_ACTIONS, DIAG_TETRAGON_ENTRIES, LIMIT_ACTIONS },
	{ SELECTOR "matchReturnActions: [", "{action: Post}", "]\n",
	  LIMIT_TETRAGON_ACTIONS, DIAG_TETRAGON_ENTRIES, LIMIT_ACTIONS },
	/* Values */
	{ VALUES("Equal", "0"), "'#'", END_OF_VALUES, LIMIT_TETRAGON_NUMERIC_VALUES, DIAG_TETRAGON_VALUES, LIMIT_VALUES },
	{ VALUES("Mask", "0"), "'#'", END_OF_VALUES, LIMIT_TETRAGON_NUMERIC_VALUES, DIAG_TETRAGON_VALUES, LIMIT_VALUES },
	{ VALUES("GT", "0"), "'#'", END_OF_VALUES, LIMIT_TETRAGON_NUMERIC_VALUES, DIAG_TETRAGON_VALUES, LIMIT_VALUES },
	{ VALUES("Equal", "3"), "'#'", END_OF_VALUES, LIMIT_TETRAGON_NUMERIC_VALUES, DIAG_TETRAGON_VALUES, LIMIT_VALUES },
	{ VALUES("InRange", "0"), "'#:1000000'", END_OF_VALUES,
	  LIMIT_TETRAGON_NUMERIC_VALUES, DIAG_TETRAGON_VALUES, LIMIT_VALUES },
	{ VALUES("InMap", "0"), "'#'", END_OF_VALUES, 0, DIAG_TETRAGON_VALUES, LIMIT_VALUES },
	{ VALUES("FileType", "1"), "reg", END_OF_VALUES, LIMIT_TETRAGON_FILE_TYPES, DIAG_TETRAGON_VALUES, LIMIT_VALUES },
	{ VALUES("Equal", "1"), "/a#", END_OF_VALUES, 0, DIAG_TETRAGON_VALUES, LIMIT_VALUES },
	{ VALUES("NotPrefix", "1"), "/a#/", END_OF_VALUES, 0, DIAG_TETRAGON_VALUES, LIMIT_VALUES },
	{ VALUES("Postfix", "1"), "/a#", END_OF_VALUES, 0, DIAG_TETRAGON_VALUES, LIMIT_VALUES },
	{ VALUES("SubString", "1"), "a#", END_OF_VALUES,
	  LIMIT_TETRAGON_KERNEL_SUBSTRINGS, DIAG_TETRAGON_VALUES, LIMIT_VALUES },
	{ VALUES("SAddr", "2"), "'10.0.0.0/8'", END_OF_VALUES, 0, DIAG_TETRAGON_VALUES, LIMIT_VALUES },
	{ VALUES("DPort", "2"), "'#'", END_OF_VALUES, 0, DIAG_TETRAGON_VALUES, LIMIT_VALUES },
	{ SELECTOR "matchBinaries: [{operator: In, values: [", "/a#", END_OF_VALUES, 0, DIAG_TETRAGON_VALUES, LIMIT_VALUES },
	{ SELECTOR "matchPIDs: [{operator: In, values: [", "#", END_OF_VALUES, LIMIT_TETRAGON_PIDS, DIAG_PIDS, LIMIT_VALUES },
	{ SELECTOR "matchNamespaces: [{namespace: Net, operator: In, values: [", "'#'", END_OF_VALUES,
	  LIMIT_TETRAGON_NAMESPACE_VALUES, DIAG_TETRAGON_VALUES, LIMIT_VALUES },
};

static void write_list(struct buffer *text, const struct list_row *row, size_t count)
{
	size_t before = strcspn(row->entry, "#");

	buffer_add_text(text, row->before);
	for (size_t n = 0; n < count; n++) {
		buffer_add_text(text, n ? ", " : "");
		buffer_add(text, row->entry, before);
		if (row->entry[before])
			buffer_format(text, "%zu%s", n, row->entry + before + 1);
	}
	buffer_add_text(text, row->after);
}

struct found { size_t errors, of_id; };

static struct found compile(const struct buffer *text, const char *pass, enum diagnostic_id id)
{
	struct found ret = { 0, 0 };
	struct unit unit;

	unit_init(&unit, "x.yaml", text->bytes, text->length);
	unit_compile(&unit, compiler_find_pass(pass));
	ret.errors = unit.diagnostics.errors;
	for (size_t i = 0; i < unit.diagnostics.count; i++)
		ret.of_id += unit.diagnostics.items[i].id == id;
	unit_release(&unit);
	return ret;
}

static struct found compile_list(const struct list_row *row, size_t count, const char *pass, enum diagnostic_id id)
{
	struct buffer text = { 0 };
	struct found ret;

	write_list(&text, row, count);
	ret = compile(&text, pass, id);
	buffer_release(&text);
	return ret;
}

static void expect(struct found found, size_t errors, size_t of_id, const char *about, size_t count)
{
	if (found.errors != errors || found.of_id != of_id)
		fail_msg("%zu of %s: %zu errors, %zu of the code", count, about, found.errors, found.of_id);
}

static void lists(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(list_rows) / sizeof(*list_rows); i++) {
		const struct list_row *row = &list_rows[i];

		if (row->tetragon) {
			expect(compile_list(row, row->tetragon, "check", row->warning), 0, 0, row->before, row->tetragon);
			expect(compile_list(row, row->tetragon + 1, "check", row->warning), 0, 1, row->before,
				row->tetragon + 1);
		}
		/* Whether an image has room for them is asked behind it: see test_room. */
		expect(compile_list(row, row->ours, "lower", row->warning), 0, row->tetragon != 0, row->before, row->ours);
		expect(compile_list(row, row->ours + 1, "check", DIAG_TOO_MANY), 1, 1, row->before, row->ours + 1);
	}
}

static void lengths(void **state)
{
	static const struct { const char *before; size_t tetragon; } rows[] = {
		{ VALUES("Equal", "1"), 0 }, { VALUES("NotEqual", "1"), 0 },
		{ VALUES("Prefix", "1"), LIMIT_TETRAGON_PREFIX_BYTES }, { VALUES("NotPrefix", "1"), LIMIT_TETRAGON_PREFIX_BYTES },
		{ VALUES("Postfix", "1"), LIMIT_TETRAGON_POSTFIX_BYTES },
		{ VALUES("NotPostfix", "1"), LIMIT_TETRAGON_POSTFIX_BYTES },
		{ VALUES("SubString", "1"), LIMIT_TETRAGON_SUBSTRING_BYTES },
		{ VALUES("SubStringIgnCase", "1"), LIMIT_TETRAGON_SUBSTRING_BYTES },
		{ SELECTOR "matchBinaries: [{operator: In, values: [", LIMIT_TETRAGON_BINARY_BYTES },
		{ SELECTOR "matchBinaries: [{operator: NotIn, values: [", LIMIT_TETRAGON_BINARY_BYTES },
		{ SELECTOR "matchBinaries: [{operator: Prefix, values: [", LIMIT_TETRAGON_PREFIX_BYTES },
		{ SELECTOR "matchParentBinaries: [{operator: Postfix, values: [", LIMIT_TETRAGON_POSTFIX_BYTES },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		const struct { size_t length; enum diagnostic_id id; size_t errors, of_id; } tries[] = {
			{ rows[i].tetragon, DIAG_TETRAGON_LENGTH, 0, 0 },
			{ rows[i].tetragon + 1, DIAG_TETRAGON_LENGTH, 0, rows[i].tetragon != 0 },
			{ LIMIT_STRING_BYTES, DIAG_TETRAGON_LENGTH, 0, rows[i].tetragon != 0 },
			{ LIMIT_STRING_BYTES + 1, DIAG_VALUE_LENGTH, 1, 1 },
		};

		for (size_t n = 0; n < sizeof(tries) / sizeof(*tries); n++) {
			struct buffer text = { 0 };

			if (!tries[n].length)
				continue;
			buffer_add_text(&text, rows[i].before);
			buffer_add_char(&text, '/');
			for (size_t c = 1; c < tries[n].length; c++)
				buffer_add_char(&text, 'a');
			buffer_add_text(&text, END_OF_VALUES);
			expect(compile(&text, tries[n].errors ? "check" : "object", tries[n].id), tries[n].errors,
				tries[n].of_id, rows[i].before, tries[n].length);
			buffer_release(&text);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(lists), cmocka_unit_test(lengths) };

	return cmocka_run_group_tests_name("limits", tests, NULL, NULL);
}
