/* SPDX-License-Identifier: Apache-2.0 */
/* syntax_error.h - where libyaml is in the text, and what its complaints mean.  Private to compiler/syntax. */
#ifndef COMPILER_SYNTAX_SYNTAX_ERROR_H
#define COMPILER_SYNTAX_SYNTAX_ERROR_H

#include "compiler/base/diagnostics.h"
#include "compiler/base/source.h"

struct yaml_parser_s;

/* libyaml counts characters from behind the byte order mark; spans are bytes.  Marks mostly move forward. */
struct text_cursor {
	const struct source *source;
	uint32_t first;		/* bytes of the byte order mark */
	bool ascii;
	size_t index;		/* character at... */
	uint32_t offset;	/* ...this byte */
};
void text_cursor_init(struct text_cursor *cursor, const struct source *source);
uint32_t text_cursor_seek(struct text_cursor *cursor, size_t index);

/* Records why libyaml stopped; returns -EINVAL. */
int syntax_error(const struct yaml_parser_s *yaml, const struct source *source, struct text_cursor *cursor,
		 struct diagnostics *diagnostics);

#endif
