// SPDX-License-Identifier: Apache-2.0
/* explain.c - `tetra explain`: policies, lines of them, and the words of the language, in English and as data. */
#include "compiler/explain/explain.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cmd/explain_operand.h"
#include "cmd/input.h"
#include "cmd/profiles.h"
#include "cmd/report.h"
#include "cmd/verb.h"
#include "compiler/explain/complete.h"
#include "compiler/explain/line.h"
#include "compiler/explain/page.h"
#include "compiler/selector/ir.h"

static struct {
	const char *output, *complete;
	bool recursive;
	bool printed;			/* something stands on standard output */
} explain;

/* ---- Printing ---- */

static void print(struct buffer *text)
{
	if (text->length)
		fwrite(text->bytes, 1, text->length, stdout);
	buffer_release(text);
}

static bool is_text(void)
{
	return !explain.output || !strcmp(explain.output, "text");
}

/* Between two pages. */
static void separate(void)
{
	if (explain.printed && is_text())
		putchar('\n');
	if (explain.output && !strcmp(explain.output, "yaml"))
		puts("---");
	explain.printed = true;
}

static void print_page(const struct data *page)
{
	struct buffer text = { 0 };

	separate();
	if (is_text())
		page_write_text(page, &text);
	else if (!strcmp(explain.output, "json"))
		data_write_json(page, &text);
	else
		data_write_yaml(page, &text);
	print(&text);
}

static void print_problem(const struct explain_problem *problem)
{
	complain("%s", problem->message);
	if (problem->exists)
		fputs(problem->exists, stderr);
}

/* ---- Policies ---- */

static void print_policy(const struct ir_policy *policy, struct source_cursor *cursor)
{
	struct arena arena = { 0 };
	struct buffer text = { 0 };
	struct data *page = data_new(&arena);

	explain_policy(policy, cursor, &text);
	if (is_text()) {
		separate();
		print(&text);
		arena_release(&arena);
		return;
	}
	data_text(&arena, page, "kind", "policy");
	data_text(&arena, page, "name", arena_copy(&arena, policy->name.bytes, policy->name.length));
	data_text(&arena, page, "file", policy->source_name);
	data_boolean(&arena, page, "supported", !policy->later.count);
	data_text(&arena, page, "text", text.bytes);
	print_page(page);
	buffer_release(&text);
	arena_release(&arena);
}

/* Whatever check lets pass is explained, compiled or not. */
static int explain_files(int count, char **operands)
{
	struct inputs inputs;
	int code = inputs_compile(count, operands, compiler_find_pass("simplify"), &inputs);

	for (size_t n = 0; n < inputs.count; n++) {
		const struct unit *unit = inputs.units[n];
		struct source_cursor cursor = { 0 };

		for (size_t i = 0; !unit->diagnostics.errors && i < unit->ir->count; i++)
			print_policy(&unit->ir->items[i], &cursor);
	}
	inputs_release(&inputs);
	return code;
}

/* ---- A line ---- */

static int explain_operand_place(void *context, const char *name, const char *text, size_t length, bool *keep)
{
	const struct operand_place *place = context;
	struct explain_problem problem;
	const struct data *page = NULL;
	struct unit unit;

	*keep = false;
	unit_init(&unit, name, text, length);
	unit.profiles = profiles_of_policies();
	unit_compile(&unit, compiler_find_pass("lower"));
	if (unit.tree)
		page = explain_line(&unit, place->line, place->column, &problem);
	if (page)
		print_page(page);
	else if (unit.tree)
		print_problem(&problem);
	else
		report_text(&unit.diagnostics, stderr, COLOUR_AUTO);
	unit_release(&unit);
	return page ? EXIT_FINE : EXIT_REFUSED;
}

static int explain_line_of_file(struct operand_place *place)
{
	struct stat status;

	if (!stat(place->file, &status) && S_ISDIR(status.st_mode)) {
		complain("'%s' is a directory: name one of its files", place->file);
		return EXIT_USAGE;
	}
	return input_visit(1, &place->file, explain_operand_place, place);
}

/* ---- Words ---- */

static int explain_language(const char *name)
{
	enum explain_depth depth = explain.recursive ? EXPLAIN_TREE : EXPLAIN_KEYS;
	struct arena arena = { 0 };
	struct explain_problem problem;
	const struct data *page = explain_name(name, depth, &arena, &problem);

	if (page)
		print_page(page);
	else
		print_problem(&problem);
	arena_release(&arena);
	return page ? EXIT_FINE : EXIT_USAGE;
}

/* ---- The verb ---- */

/* Files that stand beside each other are explained together: of two policies with one name the second is refused. */
static int explain_operands(int count, char **operands, int *used)
{
	struct operand_place place = { 0 };
	enum operand_kind kind = operand_classify(operands[0], &place);
	int code;

	*used = 1;
	if (kind == OPERAND_WORD)
		return explain_language(operands[0]);
	if (kind == OPERAND_LINE) {
		code = explain_line_of_file(&place);
		free(place.file);
		return code;
	}
	for (; *used < count; ++*used) {
		kind = operand_classify(operands[*used], &place);
		if (kind == OPERAND_LINE)
			free(place.file);
		if (kind != OPERAND_FILE)
			break;
	}
	return explain_files(*used, operands);
}

static int complete(int count)
{
	struct buffer text = { 0 };

	if (count) {
		complain("--complete takes no other operand");
		return EXIT_USAGE;
	}
	complete_name(explain.complete, &text);
	print(&text);
	return EXIT_FINE;
}

static int explain_run(int count, char **operands)
{
	int code = EXIT_FINE;

	if (explain.complete)
		return complete(count);
	if (!count) {
		complain("explain what? A policy, a line of it (FILE:LINE), a diagnostic such as TP101, or a field such as "
			 "kprobes.selectors");
		return EXIT_USAGE;
	}
	for (int n = 0, used; n < count; n += used) {
		int one = explain_operands(count - n, operands + n, &used);

		code = one > code ? one : code;
	}
	return code;
}

static const struct option_row explain_options[] = {
	{ 'o', "output", OPTION_CHOICE, &explain.output, "text|json|yaml", "how to print it (text)" },
	{ 'r', "recursive", OPTION_FLAG, &explain.recursive, NULL, "of a field: all keys below, as a tree" },
	{ 0, "complete", OPTION_STRING, &explain.complete, "PREFIX", "print what PREFIX may become, for shells" },
	OPTIONS_END
};

static const struct note explain_examples[] = {
	{ "tetra explain policy.yaml", "tell what a policy does" },
	{ "tetra explain policy.yaml:12", "what stands on line 12" },
	{ "tetra explain TP109", "a diagnostic, with a wrong and a right example" },
	{ "tetra explain -r spec.kprobes.selectors", "a field, and all keys below it" },
	{ "tetra explain -o json Equal", "an operator, as data" },
	NOTES_END
};

extern const struct verb verb_explain;
const struct verb verb_explain = {
	.name = "explain", .operands = "POLICY|FILE:LINE|CODE|NAME...",
	.summary = "say in English what a policy does, or what a word of the language means",
	.details = "A policy is told from what it compiles to; FILE:LINE or FILE:LINE:COLUMN is what stands there. A CODE is\n"
		   "that of a diagnostic, such as TP101. A NAME is\n"
		   "  a field     spec.kprobes.selectors.matchArgs.operator, kprobes[0].call, tracingpolicy.spec, operator\n"
		   "  a word      an operator (Equal), a type (file), an action (Override), an option (policy-mode), a kind\n"
		   "              of hook (lsm), a name such as CAP_SYS_ADMIN\n"
		   "  a list      of such words, as operators or capabilities; 'tetra explain words' lists the lists\n"
		   "With -o json each page is an object on one line, with -o yaml a document; 'tetra explain page-keys' lists\n"
		   "their keys.",
	.takes = WORD_LANGUAGE, .examples = explain_examples,
	.options = explain_options, .run = explain_run,
};
