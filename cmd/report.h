/* SPDX-License-Identifier: Apache-2.0 */
/*
 * report.h - the one place that prints diagnostics: for people with the line and a caret, for programs in the formats
 * that they read.  One file for each format; report.c has the table of them and what they share.
 */
#ifndef CMD_REPORT_H
#define CMD_REPORT_H

#include <stdio.h>

#include "compiler/base/buffer.h"
#include "compiler/base/diagnostics.h"
#include "compiler/base/json.h"

/* ---- As text ---- */

/* AUTO: when `out` is a terminal and NO_COLOR is not set. */
enum colour { COLOUR_AUTO, COLOUR_ALWAYS, COLOUR_NEVER };

/* Whether a byte may go to a terminal as it is: line ends and what is no control character. */
static inline bool report_is_plain(char c)
{
	return c == '\n' || ((unsigned char)c >= 0x20 && c != 0x7f);
}

/* Sorted by place. */
void report_text(const struct diagnostics *diagnostics, FILE *out, enum colour colour);

/* The same without colour, for tests and other back ends. */
void report_render(const struct diagnostics *diagnostics, struct buffer *ret);

/* ---- A whole run, in any format ---- */

struct totals {
	size_t files, policies, passed_over, excluded, errors, warnings, fixed;
};

/* Begin with format, colour and strict set and the rest zero. */
struct report {
	const struct report_format *format;
	enum colour colour;
	bool strict;			/* warnings refuse too */
	struct totals totals;		/* of what was reported so far; the caller counts */
	struct buffer text;		/* of formats that print at the end */
	struct json json;
	size_t failures, cases;		/* JUnit's */
	size_t left_out;		/* SARIF's: problems that were only counted */
};

struct report_format {
	const char *name;
	void (*begin)(struct report *report);
	void (*file)(struct report *report, const char *name, const struct diagnostics *diagnostics);
	void (*end)(struct report *report, int code);	/* `code`: what tetra will exit with */
};
#define REPORT_FORMATS "text|json|sarif|github|junit|quiet"
const struct report_format *report_format_find(const char *name);	/* NULL when there is none */

void report_begin(struct report *report);
/* Once for each file that is not passed over, whether something was found in it or not. */
void report_file(struct report *report, const char *name, const struct diagnostics *diagnostics);
void report_end(struct report *report, int code);

/* ---- For the formats ---- */

extern const struct report_format report_as_text, report_as_json, report_as_sarif, report_as_github, report_as_junit,
	report_as_nothing;

/* Pointers to the diagnostics, sorted by place; the caller frees.  NULL when there are none. */
const struct diagnostic **report_sorted(const struct diagnostics *diagnostics);

/* Problems that were only counted. */
size_t report_left_out(const struct diagnostics *diagnostics);

/* "error" or "warning" */
const char *report_severity(const struct diagnostic *diagnostic);

/* The name without "./" in front, as forges know the file. */
const char *report_path(const char *name);

/* Bytes of the UTF-8 character at `text` and its code point; 0 bytes when it is none (`length` is at least 1). */
size_t report_character(const char *text, size_t length, uint32_t *ret);

#endif
