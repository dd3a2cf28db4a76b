// SPDX-License-Identifier: Apache-2.0
/* test_explain_path.c - paths of fields: every way to write one, and what is said of those that are none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "compiler/explain/complete.h"
#include "compiler/explain/field_path.h"

static void reads(void **state)
{
	static const struct {
		const char *shows, *text, *path;	/* as it is written back */
	} rows[] = {
		{ "from the document", "spec.kprobes.call", "spec.kprobes[].call" },
		{ "from spec", "kprobes.call", "spec.kprobes[].call" },
		{ "a key of the document", "metadata.name", "metadata.name" },
		{ "a kind in front", "TracingPolicy.spec.loader", "spec.loader" },
		{ "in any case", "tracingpolicy.spec.loader", "spec.loader" },
		{ "of the other kind", "TRACINGPOLICYNAMESPACED.spec.loader", "spec.loader" },
		{ "its plural", "tracingpolicies.spec.loader", "spec.loader" },
		{ "a kind, without spec", "tracingpolicy.kprobes.call", "spec.kprobes[].call" },
		{ "a kind alone", "tracingpolicynamespaced", "TracingPolicyNamespaced" },
		{ "a list itself", "spec.kprobes", "spec.kprobes" },
		{ "its entries", "spec.kprobes[]", "spec.kprobes[]" },
		{ "one of them", "spec.kprobes[0]", "spec.kprobes[]" },
		{ "all of them", "spec.kprobes[*]", "spec.kprobes[]" },
		{ "by a number after a dot", "spec.kprobes.12.call", "spec.kprobes[].call" },
		{ "by a star after a dot", "spec.kprobes.*.call", "spec.kprobes[].call" },
		{ "entries on the way", "spec.kprobes[].selectors[0].matchArgs[*].operator",
		  "spec.kprobes[].selectors[].matchArgs[].operator" },
		{ "a key in quotes", "kprobes[\"selectors\"]", "spec.kprobes[].selectors" },
		{ "in single ones", "kprobes['selectors'].label", "spec.kprobes[].selectors[].label" },
		{ "in none", "spec[kprobes][call]", "spec.kprobes[].call" },
		{ "as jq writes it", ".spec.kprobes[0].call", "spec.kprobes[].call" },
		{ "as JSON Path does", "$.spec.kprobes[0].call", "spec.kprobes[].call" },
		{ "any section", "spec.*.selectors", "spec.*[].selectors" },
		{ "as it is written back", "spec.*[].selectors[].matchArgs", "spec.*[].selectors[].matchArgs" },
		{ "the first that has the rest", "*.hook", "spec.*[].hook" },
		{ "a free key", "metadata.labels.app", "metadata.labels[KEY]" },
		{ "with dots in it", "metadata.labels[\"app.kubernetes.io/name\"]", "metadata.labels[KEY]" },
		{ "with a bracket in it", "metadata.labels[\"a]b\"]", "metadata.labels[KEY]" },
		{ "any free key", "metadata.annotations[KEY]", "metadata.annotations[KEY]" },
		{ "a name, then keys", "spec.selectorsMacros.shells.matchBinaries", "spec.selectorsMacros[NAME].matchBinaries" },
		{ "keys without the name", "spec.selectorsMacros.matchBinaries", "spec.selectorsMacros[NAME].matchBinaries" },
		{ "a name that is a key", "spec.selectorsMacros[\"label\"].label", "spec.selectorsMacros[NAME].label" },
		{ "entries of strings", "spec.kprobes.tags[3]", "spec.kprobes[].tags[]" },
	};

	(void)state;
	for (size_t n = 0; n < sizeof(rows) / sizeof(*rows); n++) {
		struct arena arena = { 0 };
		struct field_path_problem problem;
		struct field_path path;

		if (!field_path_read(rows[n].text, &arena, &path, &problem))
			fail_msg("%s: %s: %s", rows[n].shows, rows[n].text, problem.message);
		if (strcmp(field_path_text(&path, &arena), rows[n].path))
			fail_msg("%s: %s is %s, not %s", rows[n].shows, rows[n].text, field_path_text(&path, &arena),
				rows[n].path);
		arena_release(&arena);
	}
}

static void refuses(void **state)
{
	static const struct {
		const char *shows, *text, *part, *nearest;
		enum field_group group;
		bool at_start;
	} rows[] = {
		{ "nothing", "", NULL, NULL, GROUP_none, false },
		{ "a dot", ".", NULL, NULL, GROUP_none, false },
		{ "a dollar", "$", NULL, NULL, GROUP_none, false },
		{ "two dots", "spec..kprobes", NULL, NULL, GROUP_none, false },
		{ "a dot at the end", "spec.", NULL, NULL, GROUP_none, false },
		{ "an open bracket", "spec.kprobes[", NULL, NULL, GROUP_none, false },
		{ "one with something in it", "spec.kprobes[0", NULL, NULL, GROUP_none, false },
		{ "a bracket that was never open", "spec.kprobes]", NULL, NULL, GROUP_none, false },
		{ "a bracket in brackets", "spec.kprobes[[0]]", NULL, NULL, GROUP_none, false },
		{ "an open quote", "kprobes[\"call]", NULL, NULL, GROUP_none, false },
		{ "a quote, then more", "kprobes[\"call\"x]", NULL, NULL, GROUP_none, false },
		{ "a bracket, then more", "kprobes[0]call", NULL, NULL, GROUP_none, false },
		{ "wrong case", "spec.Kprobes", "Kprobes", "kprobes", GROUP_spec, false },
		{ "misspelt", "spec.kprobes.selector", "selector", "selectors", GROUP_kprobe, false },
		{ "misspelt in the middle", "kprobes[0].selektors.matchArgs", "selektors", "selectors", GROUP_kprobe, false },
		{ "misspelt at the beginning", "kprobs.call", "kprobs", "kprobes", GROUP_root, true },
		{ "a kind", "TracingPolcy.spec", "TracingPolcy", "TracingPolicy", GROUP_root, true },
		{ "below a value", "kprobes.call.x", "x", NULL, GROUP_none, false },
		{ "misspelt in a kind of other keys", "RuntimeSecurityPolicy.spec.rule", "rule", "rules", GROUP_intent_spec, false },
		{ "an entry of what is no list", "kprobes.call[0]", "0", NULL, GROUP_none, false },
		{ "an entry of an entry", "kprobes[0][0]", "0", NULL, GROUP_none, false },
		{ "an entry of the document", "[0].spec", "0", NULL, GROUP_root, true },
		{ "no section has it", "spec.*.selectors.matchArg", "matchArg", "matchArgs", GROUP_selector, false },
		{ "almost a key of a macro", "spec.selectorsMacros.matchArg", "matchArg", NULL, GROUP_selector, false },
		{ "control characters", "spec.\033[31m", NULL, NULL, GROUP_none, false },
		{ "and in a name", "spec.\033x", "?x", NULL, GROUP_spec, false },
	};

	(void)state;
	for (size_t n = 0; n < sizeof(rows) / sizeof(*rows); n++) {
		struct arena arena = { 0 };
		struct field_path_problem problem;
		struct field_path path;

		if (field_path_read(rows[n].text, &arena, &path, &problem))
			fail_msg("%s: %s is %s", rows[n].shows, rows[n].text, field_path_text(&path, &arena));
		assert_non_null(problem.message);
		if (!problem.part != !rows[n].part || (problem.part && strcmp(problem.part, rows[n].part)))
			fail_msg("%s: %s", rows[n].shows, problem.part);
		if (rows[n].nearest && (!problem.nearest || strcmp(problem.nearest, rows[n].nearest)))
			fail_msg("%s: nearest is %s", rows[n].shows, problem.nearest);
		if (problem.group != rows[n].group || problem.at_start != rows[n].at_start)
			fail_msg("%s: %s under %s", rows[n].shows, rows[n].text, group_rows[problem.group].name);
		arena_release(&arena);
	}
}

static void huge_texts_are_refused(void **state)
{
	static const char *const units[] = { "a", ".", "a.", "[", "[0]", "spec.", "kprobes[0].", "\"", "\xff" };

	(void)state;
	for (size_t n = 0; n < sizeof(units) / sizeof(*units); n++) {
		struct arena arena = { 0 };
		struct buffer text = { 0 };
		struct field_path_problem problem;
		struct field_path path;

		while (text.length < 1 << 20)
			buffer_add_text(&text, units[n]);
		assert_false(field_path_read(text.bytes, &arena, &path, &problem));
		assert_true(strlen(problem.message) < 512);
		arena_release(&arena);
		buffer_release(&text);
	}
}

static void searches(void **state)
{
	static const struct {
		const char *shows, *text;
		size_t count;
		const char *first;
	} rows[] = {
		{ "in one place", "refCtrOffsets", 1, "spec.uprobes[].refCtrOffsets" },
		{ "in two sections", "call", 2, "spec.kprobes[].call" },
		{ "below hooks: once", "sizeArgIndex", 3, "spec.*[].args[].sizeArgIndex" },
		{ "by two keys", "matchBinaries.operator", 2, "spec.*[].selectors[].matchBinaries[].operator" },
		{ "entries say nothing", "matchBinaries[0].operator", 2, "spec.*[].selectors[].matchBinaries[].operator" },
		{ "nowhere", "operater", 0, NULL },
		{ "no path", "call.", 0, NULL },
		{ "keys in the wrong order", "operator.matchBinaries", 0, NULL },
	};

	(void)state;
	for (size_t n = 0; n < sizeof(rows) / sizeof(*rows); n++) {
		struct arena arena = { 0 };
		struct field_path_list list;

		field_path_search(rows[n].text, &arena, &list);
		if (list.count != rows[n].count)
			fail_msg("%s: %zu places", rows[n].shows, list.count);
		if (list.count)
			assert_string_equal(field_path_text(&list.items[0], &arena), rows[n].first);
		arena_release(&arena);
	}
}

static void completes(void **state)
{
	static const struct {
		const char *shows, *prefix, *has, *lacks;
	} rows[] = {
		{ "the beginning of a key", "kpro", "kprobes\t", "lsmhooks" },
		{ "keys below", "spec.kprobes.", "spec.kprobes.call\tThe function.", "spec.kprobes.hook" },
		{ "one level only", "spec.", "spec.kprobes\t", "spec.kprobes." },
		{ "the beginning of one", "spec.kprobes[0].se", "spec.kprobes[0].selectors\t", ".call\t" },
		{ "behind a kind", "tracingpolicy.s", "tracingpolicy.spec\t", "metadata" },
		{ "a code", "TP10", "TP101\tthere is no such key\n", "TP20" },
		{ "an operator", "NotPre", "NotPrefix\t", "Prefix\tTrue when the string or path starts with any" },
		{ "a list", "capabilit", "capabilities\t", "kprobes" },
		{ "a type", "linux_", "linux_binprm\t", "file\t" },
		{ "everything", "", "TracingPolicy\t", "spec.kprobes" },
		{ "nothing below a value", "spec.kprobes.call.", NULL, "spec" },
		{ "nothing below nothing", "zzz.", NULL, "z" },
		{ "a broken path", "spec..", NULL, "s" },
	};

	(void)state;
	for (size_t n = 0; n < sizeof(rows) / sizeof(*rows); n++) {
		struct buffer text = { 0 };
		const char *got;

		complete_name(rows[n].prefix, &text);
		got = text.bytes ? text.bytes : "";
		if (rows[n].has ? !strstr(got, rows[n].has) : text.length)
			fail_msg("%s: %s", rows[n].shows, got);
		if (strstr(got, rows[n].lacks))
			fail_msg("%s: %s", rows[n].shows, got);
		buffer_release(&text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads),
		cmocka_unit_test(refuses),
		cmocka_unit_test(huge_texts_are_refused),
		cmocka_unit_test(searches),
		cmocka_unit_test(completes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
