// SPDX-License-Identifier: Apache-2.0
/* explain.c - `tetra explain`: policies, fields and diagnostics in English. */
#include "compiler/explain.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cmd/input.h"
#include "cmd/verb.h"

static void print(struct buffer *text)
{
	if (text->length)
		fwrite(text->bytes, 1, text->length, stdout);
	buffer_release(text);
}

static void explain_unit(const struct unit *unit, bool *is_first)
{
	struct source_cursor cursor = { 0 };

	for (size_t n = 0; n < unit->ir->count; n++, *is_first = false) {
		struct buffer text = { 0 };

		if (!*is_first)
			putchar('\n');
		explain_policy(&unit->ir->items[n], &cursor, &text);
		print(&text);
	}
}

/* Whatever check lets pass is explained, compiled or not. */
static int explain_files(int count, char **operands)
{
	struct inputs inputs;
	int code = inputs_compile(count, operands, compiler_find_pass("simplify"), &inputs);
	bool is_first = true;

	for (size_t n = 0; n < inputs.count; n++)
		if (!inputs.units[n]->diagnostics.errors)
			explain_unit(inputs.units[n], &is_first);
	inputs_release(&inputs);
	return code;
}

static int explain_word(const char *name)
{
	struct buffer text = { 0 };
	const char *nearest;

	if (explain_name(name, &text, &nearest)) {
		print(&text);
		return EXIT_FINE;
	}
	if (nearest)
		complain("nothing is called '%s'; did you mean '%s'?", name, nearest);
	else
		complain("nothing is called '%s': no file, diagnostic, field, operator, type, action or option", name);
	return EXIT_USAGE;
}

/* What exists as a file, or could only be one. */
static bool is_file(const char *operand)
{
	return !strcmp(operand, "-") || strchr(operand, '/') || strpbrk(operand, "*?") ||
	       !access(operand, F_OK) || strstr(operand, ".yaml") || strstr(operand, ".yml");
}

static int explain_run(int count, char **operands)
{
	int code = EXIT_FINE;

	if (!count) {
		complain("explain what? A policy, a diagnostic such as TP101, or a field such as kprobes.selectors");
		return EXIT_USAGE;
	}
	for (int n = 0; n < count; n++) {
		int one, files = 0;

		while (n + files < count && is_file(operands[n + files]))
			files++;
		one = files ? explain_files(files, operands + n) : explain_word(operands[n]);
		n += files ? files - 1 : 0;
		code = one > code ? one : code;
	}
	return code;
}

static const struct option_row explain_options[] = { OPTIONS_END };

extern const struct verb verb_explain;
const struct verb verb_explain = {
	.name = "explain", .operands = "POLICY|CODE|NAME...",
	.summary = "say in English what a policy does, or what a word of the language means",
	.details = "A policy is told as tetra understands it, even when this version cannot compile it yet. A CODE is that of a diagnostic, such as TP101. A NAME is a\n"
		   "field (kprobes.selectors.matchArgs.operator), an operator, a type, an action or an option.",
	.options = explain_options, .run = explain_run,
};
