/* SPDX-License-Identifier: Apache-2.0 */
/* complete.h - what the beginning of a word for `tetra explain` may become. */
#ifndef COMPILER_EXPLAIN_COMPLETE_H
#define COMPILER_EXPLAIN_COMPLETE_H

#include "compiler/base/buffer.h"

/*
 * One candidate a line: the word, a tab, what it is.  A path goes on by one key: "spec.kprobes." gives the keys of
 * spec.kprobes; without a dot or bracket, all words of the language that begin so.  Nothing when nothing does.
 */
void complete_name(const char *prefix, struct buffer *ret);

#endif
