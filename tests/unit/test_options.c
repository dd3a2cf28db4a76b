// SPDX-License-Identifier: Apache-2.0
/* test_options.c - one table of options drives parsing: cmd/options.c, compiled in with a verb of our own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "cmd/options.c"

void complain(const char *format, ...)
{
	(void)format;
}

static bool force;
static const char *output, *file;
static unsigned long number;

static const struct option_row rows[] = {
	{ 'f', "force", OPTION_FLAG, &force, NULL, "do it" },
	{ 'o', "output", OPTION_CHOICE, &output, "text|json", "how" },
	{ 0, "file", OPTION_STRING, &file, "FILE", "where" },
	{ 'n', "number", OPTION_NUMBER, &number, "N", "how many" },
	OPTIONS_END
};
static const struct verb verb = { .name = "test", .options = rows };

static void parses(void **state)
{
	static const struct {
		const char *shows;
		const char *words[6];
		int operands, code;
		bool force;
		const char *output, *file;
		unsigned long number;
	} cases[] = {
		{ "nothing", { 0 }, 0, EXIT_FINE, false, "", "", 0 },
		{ "operands only", { "a", "-" }, 2, EXIT_FINE, false, "", "", 0 },
		{ "options anywhere", { "a", "-f", "b" }, 2, EXIT_FINE, true, "", "", 0 },
		{ "long with =", { "--output=json" }, 0, EXIT_FINE, false, "json", "", 0 },
		{ "long with a word", { "--output", "text", "x" }, 1, EXIT_FINE, false, "text", "", 0 },
		{ "letter with its value", { "-ojson" }, 0, EXIT_FINE, false, "json", "", 0 },
		{ "letters together", { "-fo", "json" }, 0, EXIT_FINE, true, "json", "", 0 },
		{ "an empty value", { "--file=" }, 0, EXIT_FINE, false, "", "", 0 },
		{ "a number", { "-n", "42" }, 0, EXIT_FINE, false, "", "", 42 },
		{ "-- ends options", { "--", "-f", "--output" }, 2, EXIT_FINE, false, "", "", 0 },
		{ "an unknown option", { "--forse" }, -1, EXIT_USAGE, false, "", "", 0 },
		{ "an unknown letter", { "-x" }, -1, EXIT_USAGE, false, "", "", 0 },
		{ "no short form of a long name", { "--out=json" }, -1, EXIT_USAGE, false, "", "", 0 },
		{ "a word that is no choice", { "--output=xml" }, -1, EXIT_USAGE, false, "", "", 0 },
		{ "no value", { "--file" }, -1, EXIT_USAGE, false, "", "", 0 },
		{ "a value for a flag", { "--force=yes" }, -1, EXIT_USAGE, false, "", "", 0 },
		{ "no number", { "-n", "4x" }, -1, EXIT_USAGE, false, "", "", 4 },
		{ "a negative number", { "--number=-1" }, -1, EXIT_USAGE, false, "", "", 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		char *words[6];
		int count = 0, code;

		force = false;
		output = file = "";
		number = 0;
		for (; count < 6 && cases[i].words[count]; count++)
			words[count] = (char *)cases[i].words[count];
		assert_int_equal(options_parse(&verb, count, words, &code), cases[i].operands);
		assert_int_equal(code, cases[i].code);
		if (code != EXIT_FINE)
			continue;
		assert_int_equal(force, cases[i].force);
		assert_string_equal(output, cases[i].output);
		assert_string_equal(file, cases[i].file);
		assert_int_equal(number, cases[i].number);
	}
}

static void operands_move_to_the_front(void **state)
{
	char *words[] = { "-f", "a", "--output=json", "b" };
	int code;

	(void)state;
	assert_int_equal(options_parse(&verb, 4, words, &code), 2);
	assert_string_equal(words[0], "a");
	assert_string_equal(words[1], "b");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parses),
		cmocka_unit_test(operands_move_to_the_front),
	};

	return cmocka_run_group_tests_name("options", tests, NULL, NULL);
}
