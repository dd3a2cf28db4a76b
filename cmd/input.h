/* SPDX-License-Identifier: Apache-2.0 */
/*
 * input.h - where policies come from: files, directories (recursively, *.yaml *.yml *.json), globs that the
 * shell left alone, and "-" for standard input.
 */
#ifndef CMD_INPUT_H
#define CMD_INPUT_H

#include "compiler/compiler.h"

/*
 * Calls `each` once per input file, in order (directories sorted by name).  `text` lives until `each` returns
 * unless it takes it over by setting *keep.  A file that cannot be read, is larger than LIMIT_FILE_BYTES, or an
 * operand that names nothing is complained about once and makes the result EXIT_SYSTEM (or EXIT_USAGE for no
 * operands); the others are still visited.  The result is the worst exit code seen.
 */
typedef int input_each(void *context, const char *name, const char *text, size_t length, bool *keep);
int input_visit(int count, char **operands, input_each *each, void *context);

/*
 * What most verbs want: every operand compiled through `last` (NULL: to objects), diagnostics printed.
 * Units stay until inputs_release.  Returns the exit code; on EXIT_REFUSED the good units are there all the same.
 */
struct inputs {
	struct unit **units;
	size_t count;
};
int inputs_compile(int count, char **operands, const struct pass *last, struct inputs *ret);
void inputs_release(struct inputs *inputs);

#endif
