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

#define TETRA_VERSION "0.1.0"

enum exit_code {
	EXIT_FINE = 0,
	EXIT_REFUSED = 1,	/* a policy was refused */
	EXIT_USAGE = 2,		/* the command line is wrong */
	EXIT_SYSTEM = 3,	/* a file, the kernel or a permission */
};

enum option_kind { OPTION_FLAG, OPTION_STRING, OPTION_NUMBER, OPTION_CHOICE, OPTION_LIST };

/* Values of an option that may be given several times, in order. */
struct option_list {
	const char *values[64];
	size_t count;
};

struct option_row {
	char letter;			/* 0: none */
	const char *name;		/* long name, without dashes; NULL ends the table */
	enum option_kind kind;
	void *value;			/* bool *, const char **, unsigned long *, const char **, option_list * */
	const char *argument;		/* "FILE"; for CHOICE the words, "text|json" */
	const char *about;
};
#define OPTIONS_END { 0, NULL, OPTION_FLAG, NULL, NULL, NULL }

struct verb {
	const char *name;
	const char *alias;		/* NULL: none */
	const char *operands;		/* "POLICY..." */
	const char *summary;		/* one line, lower case */
	const char *details;		/* paragraphs of help, may be NULL */
	const struct option_row *options;
	int (*run)(int count, char **operands);	/* operands without options; returns enum exit_code */
};
extern const struct verb *const verbs[];	/* NULL-terminated */

/*
 * Parses options anywhere on the line; "--" ends them; "-" is an operand.  On -h/--help prints help and
 * returns -1 with *code = EXIT_FINE; on a wrong option says so on stderr and returns -1 with EXIT_USAGE.
 * Otherwise the number of operands, moved to the front of argv.
 */
int options_parse(const struct verb *verb, int argc, char **argv, int *code);
void options_print_help(const struct verb *verb);

/* One line on stderr, "tetra: ..." with the verb's name; the only way verbs complain about the system. */
void complain(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
