// SPDX-License-Identifier: Apache-2.0
/* check.c - `tetra check`: what is wrong with policies, without a kernel.  One file is in memory at a time. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/input.h"
#include "cmd/report.h"
#include "cmd/verb.h"
#include "compiler/policy/policy.h"

static struct {
	const char *output;
} check = { .output = "text" };

struct checking {
	const struct pass *last;
	struct input_names names;
	struct json *json;		/* NULL: text */
	size_t files, policies, passed_over, errors, warnings;
};

static void count_unit(struct checking *checking, const struct unit *unit, bool passed_over)
{
	checking->files++;
	checking->passed_over += unit->passed_over;
	if (passed_over)
		return;
	checking->policies += unit->policies ? unit->policies->count : 0;
	checking->errors += unit->diagnostics.errors;
	checking->warnings += unit->diagnostics.warnings;
}

static int check_each(void *context, const char *name, const char *text, size_t length, bool *keep)
{
	struct checking *checking = context;
	struct unit unit;
	bool passed_over;
	int code;

	*keep = false;
	unit_init(&unit, name, text, length);
	unit.checks_only = true;
	code = input_compile(&unit, checking->last, &checking->names, &passed_over);
	count_unit(checking, &unit, passed_over);
	if (passed_over)
		code = EXIT_FINE;
	else if (checking->json)
		report_json(&unit.diagnostics, checking->json);
	else
		report_text(&unit.diagnostics, stdout);
	unit_release(&unit);
	return code;
}

static const char *plural(size_t count)
{
	return count == 1 ? "" : "s";
}

static void print_summary(const struct checking *checking)
{
	fflush(stdout);
	fprintf(stderr, "%zu polic%s in %zu file%s: ", checking->policies, checking->policies == 1 ? "y" : "ies",
		checking->files, plural(checking->files));
	if (checking->errors || checking->warnings)
		fprintf(stderr, "%zu error%s, %zu warning%s", checking->errors, plural(checking->errors),
			checking->warnings, plural(checking->warnings));
	else
		fputs("fine", stderr);
	if (checking->passed_over)
		fprintf(stderr, "; %zu document%s of other kinds passed over", checking->passed_over,
			plural(checking->passed_over));
	fputc('\n', stderr);
}

static void print_json(struct checking *checking)
{
	struct json *json = checking->json;

	json_end_array(json);
	json_key_number(json, "files", (int64_t)checking->files);
	json_key_number(json, "policies", (int64_t)checking->policies);
	json_key_number(json, "passed_over", (int64_t)checking->passed_over);
	json_key_number(json, "errors", (int64_t)checking->errors);
	json_key_number(json, "warnings", (int64_t)checking->warnings);
	json_end_object(json);
	fwrite(json->out->bytes, 1, json->out->length, stdout);
	putchar('\n');
}

static int check_run(int count, char **operands)
{
	struct buffer text = { 0 };
	struct json json = { .out = &text, .first = true };
	struct checking checking = { .last = compiler_find_pass("simplify") };
	int code;

	if (!strcmp(check.output, "json")) {
		checking.json = &json;
		json_begin_object(&json);
		json_key(&json, "diagnostics");
		json_begin_array(&json);
	}
	code = input_visit(count, operands, check_each, &checking);
	if (checking.json)
		print_json(&checking);
	if (checking.files)
		print_summary(&checking);
	arena_release(&checking.names.arena);
	buffer_release(&text);
	return code;
}

static const struct option_row check_options[] = {
	{ 'o', "output", OPTION_CHOICE, &check.output, "text|json", "how to print what was found (text)" },
	OPTIONS_END
};

extern const struct verb verb_check;
const struct verb verb_check = {
	.name = "check", .alias = "lint", .operands = "POLICY...",
	.summary = "say what is wrong with policies",
	.details = "Checks files, directories (*.yaml, *.yml, *.json) and '-' for standard input: every document of them.\n"
		   "Needs no kernel and no permission. What was found goes to standard output, the summary to\n"
		   "standard error. 'tetra explain CODE' tells more of a finding.",
	.options = check_options, .run = check_run,
};
