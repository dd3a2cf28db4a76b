// SPDX-License-Identifier: Apache-2.0
/* manual_verb.c - tetra(1), and a page for each verb; see manual.h. */
#include <string.h>

#include "cmd/manual.h"
#include "cmd/roff.h"

static void capitalised(FILE *out, const char *text)
{
	struct buffer sentence = { 0 };

	buffer_add_text(&sentence, text);
	buffer_capitalise(&sentence, 0);
	if (sentence.bytes[sentence.length - 1] != '.')
		buffer_add_char(&sentence, '.');
	roff_text(out, sentence.bytes);
	buffer_release(&sentence);
}

static void term_section(FILE *out, const char *heading, const struct note *notes)
{
	if (!notes)
		return;
	roff_section(out, heading);
	for (; notes->name; notes++) {
		roff_term(out, notes->name);
		capitalised(out, notes->about);
	}
}

static void example(FILE *out, const struct note *note)
{
	struct buffer intro = { 0 };

	buffer_format(&intro, "%s:", note->about);
	buffer_capitalise(&intro, 0);
	roff_text(out, intro.bytes);
	roff_verbatim(out, note->name);
	buffer_release(&intro);
}

static void reference(FILE *out, const char *verb, const char *tail)
{
	fputs("\\fBtetra", out);
	if (verb) {
		fputs("\\-", out);
		roff_piece(out, ROFF_BOLD, verb);
	}
	fprintf(out, "\\fR(1)%s\n", tail);
}

static void see_also(FILE *out, const struct verb *this)
{
	roff_section(out, "SEE ALSO");
	if (this)
		reference(out, NULL, ",");
	for (size_t n = 0; verbs[n] && !verbs[n]->internal; n++)
		if (verbs[n] != this)
			reference(out, verbs[n]->name, ",");
	roff_piece(out, ROFF_BOLD, MANUAL_LANGUAGE);
	fputs("(5)\n", out);
}

/* ---- tetra-VERB(1) ---- */

static void name_section(FILE *out, const struct verb *verb)
{
	struct buffer text = { 0 };

	roff_section(out, "NAME");
	buffer_format(&text, "tetra-%s%s%s - %s", verb->name, verb->alias ? ", tetra-" : "",
		verb->alias ? verb->alias : "", verb->summary);
	roff_text(out, text.bytes);
	buffer_release(&text);
}

static void synopsis(FILE *out, const struct verb *verb, const char *name)
{
	fputs("\\fBtetra\\ ", out);
	roff_piece(out, ROFF_BOLD, name);
	fputs(" [", out);
	roff_piece(out, ROFF_ITALIC, "OPTION");
	fputs("]...", out);
	if (verb->operands) {
		fputc(' ', out);
		roff_syntax(out, verb->operands);
	}
	fputc('\n', out);
}

static void synopsis_section(FILE *out, const struct verb *verb)
{
	roff_section(out, "SYNOPSIS");
	synopsis(out, verb, verb->name);
	if (verb->alias) {
		fputs(".br\n", out);
		synopsis(out, verb, verb->alias);
	}
}

static void description_section(FILE *out, const struct verb *verb)
{
	roff_section(out, "DESCRIPTION");
	capitalised(out, verb->summary);
	if (verb->details) {
		roff_paragraph(out);
		roff_text(out, verb->details);
	}
	if (verb->operands && word_notes[verb->takes].about) {
		fputs(".TP\n", out);
		roff_piece(out, ROFF_ITALIC, word_notes[verb->takes].name);
		fputc('\n', out);
		capitalised(out, word_notes[verb->takes].about);
	}
}

static void option(FILE *out, const struct option_row *row, const char *about)
{
	char letter[] = { '-', row->letter, '\0' };
	struct buffer name = { 0 };

	fputs(".TP\n", out);
	if (row->letter) {
		roff_piece(out, ROFF_BOLD, letter);
		fputs(", ", out);
	}
	buffer_format(&name, "--%s", row->name);
	roff_piece(out, ROFF_BOLD, name.bytes);
	buffer_release(&name);
	if (row->kind != OPTION_FLAG) {
		fputc('=', out);
		roff_syntax(out, row->argument);
	}
	fputc('\n', out);
	capitalised(out, about);
	if (row->kind == OPTION_LIST)
		roff_text(out, "May be given several times.");
}

void manual_write_verb(FILE *out, const struct verb *verb)
{
	struct buffer name = { 0 };
	const struct option_row *row;

	buffer_format(&name, "tetra-%s", verb->name);
	roff_title(out, name.bytes, 1);
	buffer_release(&name);
	name_section(out, verb);
	synopsis_section(out, verb);
	description_section(out, verb);
	roff_section(out, "OPTIONS");
	for (size_t n = 0; (row = options_row(verb, n)); n++)
		option(out, row, row->about);
	term_section(out, "EXIT STATUS", exit_notes);
	term_section(out, "ENVIRONMENT", verb->variables);
	term_section(out, "FILES", verb->files);
	if (verb->examples) {
		roff_section(out, "EXAMPLES");
		for (const struct note *note = verb->examples; note->name; note++) {
			if (note != verb->examples)
				roff_paragraph(out);
			example(out, note);
		}
	}
	see_also(out, verb);
}

/* ---- tetra(1) ---- */

static void verbs_section(FILE *out)
{
	roff_section(out, "VERBS");
	for (size_t n = 0; verbs[n] && !verbs[n]->internal; n++) {
		fputs(".TP\n", out);
		roff_piece(out, ROFF_BOLD, verbs[n]->name);
		if (verbs[n]->operands) {
			fputc(' ', out);
			roff_syntax(out, verbs[n]->operands);
		}
		fputc('\n', out);
		capitalised(out, verbs[n]->summary);
		fputs("See ", out);
		reference(out, verbs[n]->name, ".");
	}
}

static const struct note *variables_of(const struct verb *verb)
{
	return verb->variables;
}

static const struct note *files_of(const struct verb *verb)
{
	return verb->files;
}

static bool is_of_earlier(const char *name, size_t n, const struct note *(*notes_of)(const struct verb *verb))
{
	for (size_t i = 0; i < n; i++)
		for (const struct note *note = notes_of(verbs[i]); note && note->name; note++)
			if (!strcmp(note->name, name))
				return true;
	return false;
}

/* The notes of all verbs, each once, with the verbs that have it. */
static void gathered_section(FILE *out, const char *heading, const struct note *(*notes_of)(const struct verb *verb))
{
	roff_section(out, heading);
	for (size_t n = 0; verbs[n]; n++)
		for (const struct note *note = notes_of(verbs[n]); note && note->name; note++) {
			if (is_of_earlier(note->name, n, notes_of))
				continue;
			roff_term(out, note->name);
			capitalised(out, note->about);
			fputs("See ", out);
			reference(out, verbs[n]->name, ".");
		}
}

static void options_section(FILE *out)
{
	roff_section(out, "OPTIONS");
	roff_text(out, "These stand in place of a verb; `tetra help VERB` has the options of each verb, which may stand anywhere "
		"behind it. `--` ends them.");
	for (const struct option_row *row = short_verbs; row->name; row++)
		option(out, row, verb_find(row->name)->summary);
}

void manual_write_overview(FILE *out)
{
	roff_title(out, "tetra", 1);
	roff_section(out, "NAME");
	roff_text(out, "tetra - " TETRA_DOES);
	roff_section(out, "SYNOPSIS");
	fputs("\\fBtetra\\fR \\fIVERB\\fR [\\fIOPTION\\fR]... [\\fIOPERAND\\fR]...\n", out);
	roff_section(out, "DESCRIPTION");
	roff_text(out, "A policy says what to watch in a Linux kernel and what to do then, in YAML; " MANUAL_LANGUAGE "(5) has "
		"the language. `tetra` checks policies, explains them, compiles them and tries them on recorded events, all "
		"without a kernel and without permissions; and it makes the kernel run them, without a daemon: what is applied "
		"stays when `tetra` has ended.");
	verbs_section(out);
	options_section(out);
	term_section(out, "EXIT STATUS", exit_notes);
	gathered_section(out, "ENVIRONMENT", variables_of);
	gathered_section(out, "FILES", files_of);
	roff_section(out, "EXAMPLES");
	for (size_t n = 0, shown = 0; verbs[n]; n++) {
		if (!verbs[n]->examples)
			continue;
		if (shown++)
			roff_paragraph(out);
		example(out, verbs[n]->examples);
	}
	see_also(out, NULL);
}
