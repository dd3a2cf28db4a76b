/* SPDX-License-Identifier: Apache-2.0 */
/*
 * roff.h - writing man(7): text is escaped here and nowhere else.
 *
 * In all text `code` between backticks is bold.  Lines of the output stay below 80 bytes where words allow it.
 */
#ifndef CMD_ROFF_H
#define CMD_ROFF_H

#include <stdio.h>

/* .TH, for a page of this version. */
void roff_title(FILE *out, const char *name, int section);
void roff_section(FILE *out, const char *heading);
void roff_subsection(FILE *out, const char *heading);

/*
 * Filled paragraphs, parted by empty lines in the text.  Lines that begin with two blanks stay as they are.  The first
 * paragraph goes on where the output is; a new one begins with roff_paragraph().
 */
void roff_text(FILE *out, const char *text);
void roff_paragraph(FILE *out);

/* A term; what follows, as roff_text, is what it means. */
void roff_term(FILE *out, const char *term);

/* Lines as they are, indented. */
void roff_verbatim(FILE *out, const char *lines);

/* One line: escaped, not filled, its line end not written.  For synopses and tags. */
enum roff_font { ROFF_ROMAN, ROFF_BOLD, ROFF_ITALIC };
void roff_piece(FILE *out, enum roff_font font, const char *text);

/* A syntax such as "[VERB]" or "text|json": capitals are italic, other words bold. */
void roff_syntax(FILE *out, const char *syntax);

#endif
