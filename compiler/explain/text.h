/* SPDX-License-Identifier: Apache-2.0 */
/* text.h - words, lists and phrases; for explain*.c. */
#ifndef COMPILER_EXPLAIN_TEXT_H
#define COMPILER_EXPLAIN_TEXT_H

#include <stdbool.h>

#include "compiler/base/buffer.h"
#include "compiler/policy/policy.h"

/* As it is when it reads well, else quoted and escaped. */
void explain_value(const struct text *text, struct buffer *ret);

/* "a, b or c", with `last` between the last two; of long lists the beginning. */
void explain_values(const struct text_list *values, const char *last, struct buffer *ret);

/* Word `number` of a kind. */
void explain_word(enum field_kind kind, size_t number, struct buffer *ret);

/*
 * A phrase of schema/: for every %LETTER `say` adds what it stands for.  A part in [] is left out when `say` returned
 * false for some letter in it.
 */
typedef bool explain_part(const void *context, char letter, struct buffer *ret);
void explain_phrase(const char *phrase, explain_part *say, const void *context, struct buffer *ret);

#endif
