// SPDX-License-Identifier: Apache-2.0
/*
 * test_explain_page.c - every row of the tables has a page; every diagnostic of a policy's text has a wrong and a
 * right example; what pages are made of is written as JSON and YAML.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "compiler/explain/parts.h"

/* ---- Every row ---- */

static bool is_documented(const char *key)
{
	for (const struct page_key *row = page_keys; row->key; row++)
		if (!strcmp(row->key, key))
			return true;
	return false;
}

static void check_keys(const struct data *data)
{
	if (data->key && !is_documented(data->key))
		fail_msg("page_keys does not have '%s'", data->key);
	if (data->kind != DATA_LIST && data->kind != DATA_RECORD)
		return;
	for (const struct data *each = data->first; each; each = each->next)
		check_keys(each);
}

/* A page that says something in each form. */
static void check_page(const char *name, const char *kind)
{
	struct explain_problem problem = { 0 };
	struct arena arena = { 0 };
	struct buffer text = { 0 };
	const struct data *page = explain_name(name, EXPLAIN_KEYS, &arena, &problem);

	if (!page)
		fail_msg("%s: %s", name, problem.message);
	if (kind && strcmp(data_find(page, "kind")->text, kind))
		fail_msg("%s is a %s, not a %s", name, data_find(page, "kind")->text, kind);
	check_keys(page);
	page_write_text(page, &text);
	if (!text.length || strstr(text.bytes, "(null)") || strstr(text.bytes, "\n\n\n"))
		fail_msg("%s: %s", name, text.bytes);
	buffer_release(&text);
	arena_release(&arena);
}

static void rows_have_pages(void **state)
{
	const char *spelling;
	int id;

	(void)state;
	for (size_t n = 0; (spelling = operator_spelling(n, &id)); n++)
		check_page(spelling, "operator");
	for (size_t n = 0; (spelling = type_spelling(n, &id)); n++)
		check_page(spelling, "type");
	for (int n = 0; n < ACTION_COUNT; n++)
		check_page(action_rows[n].name, "action");
	for (int n = 0; n < SPEC_OPTION_COUNT; n++)
		check_page(spec_option_rows[n].name, "option");
	for (int n = 0; n < HOOK_COUNT; n++)
		check_page(hook_rows[n].name, "hook");
	for (int n = 0; n < DOCUMENT_COUNT; n++)
		check_page(document_rows[n].kind, "document");
	for (int n = 0; n < DIAG_COUNT; n++)
		check_page(diagnostic_rows[n].code, "diagnostic");
	for (size_t n = 0; field_rows[n].key; n++)
		check_page(field_rows[n].key, NULL);
}

static void lists_and_their_names_have_pages(void **state)
{
	(void)state;
	for (const struct word_list *list = word_lists; list->name; list++) {
		struct arena arena = { 0 };
		struct data *entries = data_list(&arena, NULL, NULL);

		check_page(list->name, "list");
		list->add(&arena, entries, list->which);
		assert_non_null(entries->first);
		for (const struct data *each = entries->first; each; each = each->next)
			if (strncmp(list->name, "registers", 9) && strcmp(list->name, "page-keys") &&
			    data_find(each, "name"))
				check_page(data_find(each, "name")->text, NULL);
		arena_release(&arena);
	}
}

/* Words of kinds.def: each has its row in words.def, which says what it means. */
static void words_mean_something(void **state)
{
	(void)state;
	for (int kind = 0; kind < KIND_COUNT; kind++) {
		struct arena arena = { 0 };
		struct data *page = data_new(&arena);
		const struct data *values;

		add_kind_values(&arena, page, kind, ANY_HOOK);
		values = data_find(page, "values");
		for (const struct data *each = values ? values->first : NULL; each; each = each->next)
			if (!*data_find(each, "about")->text)
				fail_msg("'%s' of kind %d has no row in words.def", data_find(each, "name")->text, kind);
		arena_release(&arena);
	}
}

static void every_operator_and_action_has_an_example(void **state)
{
	struct arena arena = { 0 };

	(void)state;
	for (int op = 0; op < OPERATOR_COUNT; op++) {
		if (!operator_rows[op].filters)
			continue;
		assert_non_null(operator_example(op, &arena));
		assert_non_null(operator_values(op)->about);
	}
	for (int action = 0; action < ACTION_COUNT; action++)
		assert_non_null(action_example(action));
	arena_release(&arena);
}

/* ---- Fields ---- */

static size_t fields_seen;

/* What is written as a path is read as the same field. */
static void walk(const struct data *list)
{
	for (const struct data *each = list->first; each; each = each->next) {
		const char *text = data_find(each, "path")->text;
		struct field_path_problem problem;
		struct arena arena = { 0 };
		struct field_path path;

		if (!field_path_read(text, &arena, &path, &problem))
			fail_msg("%s: %s", text, problem.message);
		assert_string_equal(field_path_last(&path)->key, data_find(each, "name")->text);
		assert_string_equal(field_path_text(&path, &arena), text);
		fields_seen++;
		arena_release(&arena);
		check_page(text, "field");
		if (data_find(each, "tree"))
			walk(data_find(each, "tree"));
	}
}

static void the_tree_has_all_fields(void **state)
{
	struct explain_problem problem;
	struct arena arena = { 0 };
	const struct data *page = explain_name("TracingPolicy", EXPLAIN_TREE, &arena, &problem);

	(void)state;
	fields_seen = 0;
	walk(data_find(page, "tree"));
	assert_in_range(fields_seen, 900, 10000);
	arena_release(&arena);
}

/* ---- Diagnostics ---- */

/* What no line of a policy could show, and why. */
static const struct { enum diagnostic_id id; const char *reason; } without_examples[] = {
	{ DIAG_NOT_TEXT, "the file is no text" },
	{ DIAG_EMPTY_FILE, "there is nothing to show" },
	{ DIAG_TOO_DEEP, "it takes 65 levels" },
	{ DIAG_TOO_LARGE, "it takes a million values" },
	{ DIAG_ALIAS_EXPANSION, "it takes many lines" },
	{ DIAG_NOT_SUPPORTED, "the policy is right, and what is supported changes" },
	{ DIAG_MACRO_EXPANSION, "it takes many lines" },
	{ DIAG_LOADER_GLOBAL, "the policy is right; it is about the agent" },
	{ DIAG_TOO_COMPLEX, "it takes many lines" },
};

static bool needs_examples(enum diagnostic_id id)
{
	for (size_t n = 0; n < sizeof(without_examples) / sizeof(*without_examples); n++)
		if (without_examples[n].id == id)
			return false;
	return true;
}

static size_t count_verdicts(const struct data *page, const char *verdict)
{
	const struct data *examples = data_find(page, "examples");
	size_t count = 0;

	for (const struct data *each = examples ? examples->first : NULL; each; each = each->next)
		count += !strcmp(data_find(each, "verdict")->text, verdict);
	return count;
}

static void diagnostics_have_examples(void **state)
{
	(void)state;
	for (int id = 0; id < DIAG_COUNT; id++) {
		struct arena arena = { 0 };
		const struct data *page = explain_diagnostic(diagnostic_rows[id].code, &arena);
		bool both = count_verdicts(page, "wrong") && count_verdicts(page, "right");

		if (both != needs_examples(id))
			fail_msg("%s: %s", diagnostic_rows[id].code, both ? "has examples, and is listed as an exception" :
				"lacks a wrong or a right example");
		assert_non_null(data_find(page, "why"));
		arena_release(&arena);
	}
}

/* Nothing of the row is lost on its way through the page. */
static void a_diagnostic_is_told_whole(void **state)
{
	(void)state;
	for (int id = 0; id < DIAG_COUNT; id++) {
		struct arena arena = { 0 };
		struct buffer text = { 0 };
		const struct data *page = explain_diagnostic(diagnostic_rows[id].code, &arena);

		page_write_text(page, &text);
		for (const char *line = diagnostic_rows[id].why; *line; line += strcspn(line, "\n"), line += !!*line) {
			const char *copy = arena_copy(&arena, line, strcspn(line, "\n"));

			if (!strstr(text.bytes, copy))
				fail_msg("%s lacks '%s'", diagnostic_rows[id].code, copy);
		}
		buffer_release(&text);
		arena_release(&arena);
	}
}

/* ---- Data ---- */

static void data_is_written(void **state)
{
	static const struct { const char *shows, *text, *json, *yaml; } rows[] = {
		{ "a word", "word", "\"word\"", "word" },
		{ "nothing", "", "\"\"", "\"\"" },
		{ "a word of YAML", "No", "\"No\"", "\"No\"" },
		{ "another", "null", "\"null\"", "\"null\"" },
		{ "a number", "12", "\"12\"", "\"12\"" },
		{ "a colon", "a: b", "\"a: b\"", "\"a: b\"" },
		{ "a comment", "a #b", "\"a #b\"", "\"a #b\"" },
		{ "a star", "*a", "\"*a\"", "\"*a\"" },
		{ "a space at the end", "a ", "\"a \"", "\"a \"" },
		{ "two lines", "a\nb", "\"a\\nb\"", "\"a\\nb\"" },
		{ "a quote", "\"", "\"\\\"\"", "\"\\\"\"" },
		{ "control characters", "\033\177", "\"\\u001b\\u007f\"", "\"\\u001b\\u007f\"" },
		{ "more of them", "\xc2\x85", "\"\xc2\x85\"", "\"\\u0085\"" },
		{ "letters", "\xc3\xa9", "\"\xc3\xa9\"", "\"\xc3\xa9\"" },
	};

	(void)state;
	for (size_t n = 0; n < sizeof(rows) / sizeof(*rows); n++) {
		struct buffer json = { 0 }, yaml = { 0 };
		struct arena arena = { 0 };
		struct data *record = data_new(&arena);

		data_text(&arena, record, "k", rows[n].text);
		data_write_json(record, &json);
		data_write_yaml(record, &yaml);
		if (strcmp(json.bytes, arena_format(&arena, "{\"k\":%s}\n", rows[n].json)))
			fail_msg("%s: %s", rows[n].shows, json.bytes);
		if (strcmp(yaml.bytes, arena_format(&arena, "k: %s\n", rows[n].yaml)))
			fail_msg("%s: %s", rows[n].shows, yaml.bytes);
		buffer_release(&json);
		buffer_release(&yaml);
		arena_release(&arena);
	}
}

static void data_nests(void **state)
{
	struct buffer json = { 0 }, yaml = { 0 };
	struct arena arena = { 0 };
	struct data *record = data_new(&arena), *list = data_list(&arena, record, "list"), *entry;

	(void)state;
	data_number(&arena, list, NULL, -5);
	entry = data_record(&arena, list, NULL);
	data_boolean(&arena, entry, "so", true);
	data_text(&arena, data_list(&arena, entry, "below"), NULL, "x");
	data_list(&arena, record, "empty");
	data_text(&arena, data_record(&arena, record, "record"), "a", "b");
	data_write_json(record, &json);
	data_write_yaml(record, &yaml);
	assert_string_equal(json.bytes,
		"{\"list\":[-5,{\"so\":true,\"below\":[\"x\"]}],\"empty\":[],\"record\":{\"a\":\"b\"}}\n");
	assert_string_equal(yaml.bytes,
		"list:\n- -5\n- so: true\n  below:\n  - x\nempty: []\nrecord:\n  a: b\n");
	buffer_release(&json);
	buffer_release(&yaml);
	arena_release(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_have_pages),
		cmocka_unit_test(lists_and_their_names_have_pages),
		cmocka_unit_test(words_mean_something),
		cmocka_unit_test(every_operator_and_action_has_an_example),
		cmocka_unit_test(the_tree_has_all_fields),
		cmocka_unit_test(diagnostics_have_examples),
		cmocka_unit_test(a_diagnostic_is_told_whole),
		cmocka_unit_test(data_is_written),
		cmocka_unit_test(data_nests),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
