// SPDX-License-Identifier: Apache-2.0
/* roff.c - see roff.h. */
#include "cmd/roff.h"

#include <ctype.h>
#include <string.h>

#include "cmd/verb.h"

enum { LINE_MAX_BYTES = 78 };

/* What troff reads as something else than the character; a dot is safe within a line. */
static const char *escape_of(char c)
{
	switch (c) {
	case '\\':	return "\\(rs";
	case '-':	return "\\-";
	case '\'':	return "\\(aq";
	case '`':	return "\\(ga";
	case '^':	return "\\(ha";
	case '~':	return "\\(ti";
	case '"':	return "\\(dq";
	default:	return NULL;
	}
}

static size_t put(FILE *out, char c)
{
	const char *escape = escape_of(c);

	if (!escape) {
		fputc(c, out);
		return 1;
	}
	fputs(escape, out);
	return strlen(escape);
}

void roff_title(FILE *out, const char *name, int section)
{
	fputs(".TH ", out);
	for (; *name; name++)
		put(out, (char)toupper((unsigned char)*name));
	fprintf(out, " %d %s \"tetra " TETRA_VERSION "\" \"Manual of tetra\"\n", section, TETRA_DATE);
}

static void heading(FILE *out, const char *macro, const char *text)
{
	fprintf(out, ".%s ", macro);
	for (; *text; text++)
		put(out, *text);
	fputc('\n', out);
}

void roff_section(FILE *out, const char *text)
{
	heading(out, "SH", text);
}

void roff_subsection(FILE *out, const char *text)
{
	heading(out, "SS", text);
}

void roff_paragraph(FILE *out)
{
	fputs(".PP\n", out);
}

/* ---- Filled text ---- */

struct filling {
	FILE *out;
	size_t column;		/* bytes in this line of output; 0: at its start */
	bool bold;		/* between backticks */
	bool ended;		/* the last word ended a sentence */
};

static void put_word(struct filling *filling, const char *word, size_t length)
{
	if (filling->column && (filling->ended || filling->column + length > LINE_MAX_BYTES)) {
		fputc('\n', filling->out);
		filling->column = 0;
	} else if (filling->column) {
		fputc(' ', filling->out);
		filling->column++;
	}
	if (!filling->column && word[0] == '.')
		fputs("\\&", filling->out);
	for (size_t n = 0; n < length; n++) {
		if (word[n] == '`') {
			filling->bold = !filling->bold;
			filling->column += (size_t)fprintf(filling->out, "\\f%c", filling->bold ? 'B' : 'R');
		} else {
			filling->column += put(filling->out, word[n]);
		}
	}
	filling->ended = strchr(".!?:", word[length - 1]) && length > 1;
}

static void put_words(struct filling *filling, const char *text, size_t length)
{
	const char *end = text + length;

	while (text < end) {
		const char *word = text + strspn(text, " \t");

		if (word >= end)
			return;
		text = word + strcspn(word, " \t\n");
		put_word(filling, word, (size_t)((text < end ? text : end) - word));
	}
}

static void end_line(struct filling *filling)
{
	if (filling->column)
		fputc('\n', filling->out);
	filling->column = 0;
	filling->ended = false;
}

static void put_verbatim_line(FILE *out, const char *line, size_t length)
{
	if (length && line[0] == '.')
		fputs("\\&", out);
	for (size_t n = 0; n < length; n++)
		put(out, line[n]);
	fputc('\n', out);
}

/* The lines of text that begin with two blanks; returns what follows them. */
static const char *put_block(FILE *out, const char *text)
{
	fputs(".PP\n.EX\n", out);
	while (!strncmp(text, "  ", 2)) {
		size_t length = strcspn(text, "\n");

		put_verbatim_line(out, text, length);
		text += length + (text[length] == '\n');
	}
	fputs(".EE\n", out);
	return text;
}

void roff_text(FILE *out, const char *text)
{
	struct filling filling = { .out = out };

	while (*text) {
		size_t length = strcspn(text, "\n");

		if (!strncmp(text, "  ", 2)) {
			end_line(&filling);
			text = put_block(out, text);
			if (*text)
				roff_paragraph(out);
			continue;
		}
		put_words(&filling, text, length);
		if (!length) {
			end_line(&filling);
			roff_paragraph(out);
		}
		text += length + (text[length] == '\n');
	}
	end_line(&filling);
}

void roff_term(FILE *out, const char *term)
{
	fputs(".TP\n", out);
	roff_piece(out, ROFF_BOLD, term);
	fputc('\n', out);
}

void roff_verbatim(FILE *out, const char *lines)
{
	fputs(".RS 4\n.EX\n", out);
	while (*lines) {
		size_t length = strcspn(lines, "\n");

		put_verbatim_line(out, lines, length);
		lines += length + (lines[length] == '\n');
	}
	fputs(".EE\n.RE\n", out);
}

/* ---- Pieces ---- */

static void put_run(FILE *out, enum roff_font font, const char *text, size_t length)
{
	static const char letters[] = { [ROFF_ROMAN] = 'R', [ROFF_BOLD] = 'B', [ROFF_ITALIC] = 'I' };

	if (font != ROFF_ROMAN)
		fprintf(out, "\\f%c", letters[font]);
	for (size_t n = 0; n < length; n++)
		put(out, text[n]);
	if (font != ROFF_ROMAN)
		fputs("\\fR", out);
}

void roff_piece(FILE *out, enum roff_font font, const char *text)
{
	put_run(out, font, text, strlen(text));
}

static bool is_word(char c)
{
	return isalnum((unsigned char)c) || c == '_' || c == '-';
}

void roff_syntax(FILE *out, const char *syntax)
{
	while (*syntax) {
		bool capitals = true;
		size_t length = 0;

		while (is_word(syntax[length]))
			capitals &= !islower((unsigned char)syntax[length++]);
		if (length)
			put_run(out, capitals ? ROFF_ITALIC : ROFF_BOLD, syntax, length);
		else
			put(out, *syntax);
		syntax += length ? length : 1;
	}
}
