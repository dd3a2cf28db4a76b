// SPDX-License-Identifier: Apache-2.0
/* test_tree_writer.c - one tree as JSON and as YAML, and texts that YAML would take for something else. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "schema/tree_writer.h"

static void write_tree(struct tree_writer *writer)
{
	tree_begin(writer, TREE_MAPPING);
	tree_key_text(writer, "text", "some words");
	tree_key_begin(writer, "empty", TREE_MAPPING);
	tree_end(writer);
	tree_key_begin(writer, "list", TREE_LIST);
	tree_begin(writer, TREE_MAPPING);
	tree_key_number(writer, "number", INT64_MIN);
	tree_key_begin(writer, "row", TREE_ROW);
	tree_text(writer, "a");
	tree_literal(writer, "true");
	tree_end(writer);
	tree_end(writer);
	tree_begin(writer, TREE_MAPPING);
	tree_key_begin(writer, "inner", TREE_MAPPING);
	tree_key_literal(writer, "truth", "false");
	tree_end(writer);
	tree_end(writer);
	tree_text(writer, "b");
	tree_end(writer);
	tree_key_begin(writer, "line", TREE_LINE);
	tree_key_begin(writer, "inner", TREE_MAPPING);
	tree_key_number(writer, "n", 1);
	tree_end(writer);
	tree_key_begin(writer, "list", TREE_LIST);
	tree_number(writer, 2);
	tree_end(writer);
	tree_end(writer);
	tree_key_begin(writer, "nothing", TREE_ROW);
	tree_end(writer);
	tree_end(writer);
}

static void trees(void **state)
{
	static const struct { enum tree_format format; const char *want; } rows[] = {
		{ TREE_JSON,
		  "{\n  \"text\": \"some words\",\n  \"empty\": {},\n  \"list\": [\n    {\n      \"number\": -9223372036854775808,\n"
		  "      \"row\": [\"a\", true]\n    },\n    {\n      \"inner\": {\n        \"truth\": false\n      }\n    },\n"
		  "    \"b\"\n  ],\n  \"line\": {\"inner\": {\"n\": 1}, \"list\": [2]},\n  \"nothing\": []\n}\n" },
		{ TREE_YAML,
		  "text: some words\nempty: {}\nlist:\n  - number: -9223372036854775808\n    row:\n      - a\n      - true\n"
		  "  - inner:\n      truth: false\n  - b\nline:\n  inner:\n    \"n\": 1\n  list:\n    - 2\nnothing: []\n" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		char *bytes = NULL;
		size_t length;
		struct tree_writer writer = { .out = open_memstream(&bytes, &length), .format = rows[i].format };

		write_tree(&writer);
		fclose(writer.out);
		assert_string_equal(bytes, rows[i].want);
		free(bytes);
	}
}

static void texts(void **state)
{
	static const struct { const char *shows, *text, *json, *yaml; } rows[] = {
		{ "a word", "Equal", "\"Equal\"", "Equal" },
		{ "nothing", "", "\"\"", "\"\"" },
		{ "a boolean of YAML 1.1", "Off", "\"Off\"", "\"Off\"" },
		{ "half of one", "n", "\"n\"", "\"n\"" },
		{ "null", "null", "\"null\"", "\"null\"" },
		{ "a number", "0x10", "\"0x10\"", "\"0x10\"" },
		{ "a key and its value", "a: b", "\"a: b\"", "\"a: b\"" },
		{ "a comment", "a # b", "\"a # b\"", "\"a # b\"" },
		{ "an alias", "*a", "\"*a\"", "\"*a\"" },
		{ "a list", "[a]", "\"[a]\"", "\"[a]\"" },
		{ "a blank at its end", "a ", "\"a \"", "\"a \"" },
		{ "a quote and a backslash", "a\"\\", "\"a\\\"\\\\\"", "\"a\\\"\\\\\"" },
		{ "a line that is full, and a blank more",
		  "0123456789 0123456789 0123456789 0123456789 0123456789 0123456789 0123456789 0123456789 0123456789 01234567 b",
		  "\"0123456789 0123456789 0123456789 0123456789 0123456789 0123456789 0123456789 0123456789 0123456789 01234567 b\"",
		  ">-\n  0123456789 0123456789 0123456789 0123456789 0123456789 0123456789 0123456789 0123456789 0123456789 01234567\n  b" },
		{ "two blanks, where no line may end",
		  "012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789 01234567890123456  b",
		  "\"012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789 01234567890123456  b\"",
		  ">-\n  012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789\n  01234567890123456  b" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		for (enum tree_format format = TREE_JSON; format <= TREE_YAML; format++) {
			char *bytes = NULL, want[512];
			size_t length;
			struct tree_writer writer = { .out = open_memstream(&bytes, &length), .format = format };

			tree_begin(&writer, TREE_MAPPING);
			tree_key_text(&writer, "k", rows[i].text);
			tree_end(&writer);
			fclose(writer.out);
			snprintf(want, sizeof(want), format == TREE_JSON ? "{\n  \"k\": %s\n}\n" : "k: %s\n",
				format == TREE_JSON ? rows[i].json : rows[i].yaml);
			assert_string_equal(bytes, want);
			free(bytes);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(trees), cmocka_unit_test(texts) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
