/* SPDX-License-Identifier: Apache-2.0 */
/*
 * verb.h - what the files of cmd/ share: verbs, their options, exit codes.
 *
 * A verb file ends with its row; verbs.c is the array of rows.  Help, man pages and completions are
 * printed from the rows, so no usage string is typed twice.
 */
#ifndef CMD_VERB_H
#define CMD_VERB_H

#include <stdbool.h>
#include <stddef.h>

#include "compiler/base/arena.h"

#define TETRA_VERSION "0.1.0"
#define TETRA_DATE "2026-11-25"		/* of the version, for manual pages */
#define TETRA_DOES "checks, explains, dry-runs and applies Linux runtime-security policies"

/* A name and what it means: an example, a variable, a file.  A table ends with NOTES_END. */
struct note { const char *name, *about; };
#define NOTES_END { NULL, NULL }

enum exit_code { EXIT_FINE = 0, EXIT_REFUSED = 1, EXIT_USAGE = 2, EXIT_SYSTEM = 3 };
extern const struct note exit_notes[];

/* What an operand, or the value of an option, stands for: word_rows says how it is written, completion offers it. */
enum word_kind {
	WORD_OTHER,		/* any text */
	WORD_CHOICE,		/* one of the words that stand there, parted by | */
	WORD_FILE, WORD_FOLDER,
	WORD_POLICY,		/* a file of policies, or a folder of them */
	WORD_LANGUAGE,		/* what `explain` tells of: a WORD_POLICY or a word of the language */
	WORD_APPLIED,		/* the name of a policy that the kernel runs */
	WORD_CODE,		/* of a diagnostic that may be turned off and on */
	WORD_ATTACH,		/* a kind to attach by: attach.def */
	WORD_PASS,		/* of the compiler, for --dump */
	WORD_EVENT_TYPE,
	WORD_TOPIC,		/* of `init` */
	WORD_VERB,
	WORD_PAGE,		/* of the manual */
	WORD_KIND_COUNT
};
extern const struct note word_notes[WORD_KIND_COUNT];	/* name: "POLICY"; about: NULL where there is nothing to say */

enum option_kind { OPTION_FLAG, OPTION_STRING, OPTION_NUMBER, OPTION_CHOICE, OPTION_LIST };

/* Values of an option that may be given several times, in order. */
struct option_list {
	const char *values[64];
	size_t count;
};

/* The words of all values, which commas separate; in the arena. */
size_t option_list_words(const struct option_list *list, struct arena *arena, const char ***ret);

struct option_row {
	char letter;			/* 0: none */
	const char *name;		/* long name, without dashes; NULL ends the table */
	enum option_kind kind;
	void *value;			/* bool *, const char **, unsigned long *, const char **, option_list * */
	const char *argument;		/* "FILE"; for CHOICE the words, "text|json"; "CODE,..." may be several */
	const char *about;
	enum word_kind takes;		/* what the argument stands for; a CHOICE needs not say so */
};
#define OPTIONS_END { 0, NULL, OPTION_FLAG, NULL, NULL, NULL, WORD_OTHER }

struct verb {
	const char *name;
	const char *alias;		/* NULL: none */
	const char *operands;		/* "POLICY..."; NULL: takes none */
	enum word_kind takes;		/* what the operands stand for */
	const char *summary;		/* one line, lower case */
	/* Paragraphs of help, may be NULL.  A line that starts with two blanks stays as it is, others may be filled. */
	const char *details;
	const struct option_row *options;
	const struct note *examples;	/* command lines; each works where there are such files, rights and policies */
	const struct note *variables;	/* of the environment */
	const struct note *files;	/* that it reads or makes by itself */
	bool internal;			/* for the scripts of ours: not listed, and its words are not parsed */
	int (*run)(int count, char **operands);	/* operands without options; returns enum exit_code */
};
extern const struct verb *const verbs[];	/* NULL-terminated, internal ones last */
const struct verb *verb_find(const char *name);	/* by name or alias; NULL when there is none */

/* Options in place of a verb: each is short for the verb of its name, and has its summary. */
extern const struct option_row short_verbs[];

/*
 * Parses options anywhere on the line; "--" ends them; "-", and "-:LINE" of it, are operands.  On -h/--help prints help and
 * returns -1 with *code = EXIT_FINE; on a wrong option says so on stderr and returns -1 with EXIT_USAGE.
 * Otherwise the number of operands, moved to the front of argv.
 */
int options_parse(const struct verb *verb, int argc, char **argv, int *code);
void options_print_help(const struct verb *verb);

/* Row n of what the verb takes, --help last; NULL past the end. */
const struct option_row *options_row(const struct verb *verb, size_t n);

/* NULL when the verb has none of that name or letter. */
const struct option_row *options_find(const struct verb *verb, const char *name, size_t length);
const struct option_row *options_find_letter(const struct verb *verb, char letter);

/* One line on stderr, "tetra: ..." with the verb's name; the only way verbs complain about the system. */
void complain(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
