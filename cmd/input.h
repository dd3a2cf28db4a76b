/* SPDX-License-Identifier: Apache-2.0 */
/*
 * input.h - where policies come from: files, directories (recursively, *.yaml *.yml *.json), globs that the
 * shell left alone, and "-" for standard input.
 */
#ifndef CMD_INPUT_H
#define CMD_INPUT_H

#include "compiler/compiler.h"
#include "compiler/selector/conflict.h"

/* Of the files that count in a directory; ends with NULL. */
extern const char *const input_suffixes[];
bool input_has_suffix(const char *name);

/* Whether it is a file of tests, which stand beside policies and are none: they are passed over also where a glob names them. */
bool input_has_tests(const char *name);

/*
 * Calls `each` once per input file, in order (directories sorted by name).  `text` lives until `each` returns
 * unless it takes it over by setting *keep.  A file that cannot be read, or an operand that names nothing
 * (also a directory without policies) is complained about once and makes the result EXIT_SYSTEM, a file larger
 * than LIMIT_FILE_BYTES EXIT_REFUSED, no operands EXIT_USAGE; the others are still visited.  The result is the worst exit code seen.
 */
typedef int input_each(void *context, const char *name, const char *text, size_t length, bool *keep);
int input_visit(int count, char **operands, input_each *each, void *context);

/* The same; files and folders that the filter excludes are not visited, unless an operand names them. */
struct input_filter {
	bool (*excludes)(const void *context, const char *path);	/* NULL: none */
	const void *context;
	size_t excluded;	/* how many were */
	const char *wants;	/* what files are looked for; NULL: a policy */
};
int input_visit_filtered(int count, char **operands, struct input_filter *filter, input_each *each, void *context);

/* For `each`: the text came from standard input. */
bool input_is_stdin(void);

/* For `each`: the file was found in a directory. */
bool input_is_found(void);

/*
 * For `each`, when the file has no policy in it.  True when it was found in a directory: then it is not complained
 * about, and some other file of the directory has to have one.  False when the user named the file.
 */
bool input_pass_over(void);

/*
 * Compiles one unit through `last` (NULL: to objects).  Besides what the compiler says, a policy of the same name
 * in an earlier file is refused, and what two policies do differently on the same events warned about.
 * *ret_passed_over: the file has no policy and input_pass_over() says that this is fine.  Prints nothing.  Returns
 * EXIT_FINE or EXIT_REFUSED.
 */
struct input_names {
	struct input_name *items;
	size_t count, capacity;
	struct conflicts conflicts;
	struct arena arena;
};
int input_compile(struct unit *unit, const struct pass *last, struct input_names *names, bool *ret_passed_over);

/* The same without a look at other files and at how the file was named. */
int input_compile_alone(struct unit *unit, const struct pass *last);

/*
 * What most verbs want: every operand compiled through `last` (NULL: to objects), diagnostics printed.
 * Units stay until inputs_release.  Returns the exit code; on EXIT_REFUSED the good units are there all the same.
 */
struct inputs {
	struct unit **units;
	size_t count;
};
int inputs_compile(int count, char **operands, const struct pass *last, struct inputs *ret);
int inputs_compile_at(enum unit_level level, int count, char **operands, const struct pass *last, struct inputs *ret);
/* For the running kernel, which is asked for what only a kernel can tell. */
int inputs_compile_here(int count, char **operands, struct inputs *ret);
/* For the kernel of a profile. */
int inputs_compile_for(const char *profile, int count, char **operands, struct inputs *ret);
void inputs_release(struct inputs *inputs);

#endif
