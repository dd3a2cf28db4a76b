// SPDX-License-Identifier: Apache-2.0
/*
 * report_github.c - findings as workflow commands, which GitHub Actions shows beside the line.
 *
 * ::error file=F,line=L,endLine=L,col=C,endColumn=C,title=T::MESSAGE.  %, CR and LF are escaped everywhere, : and , in
 * properties too; nothing else is.  Other control characters would steer the log, so they become ?.
 */
#include <stdlib.h>
#include <string.h>

#include "cmd/report.h"

static void add_escaped(struct buffer *out, const char *text, const char *special)
{
	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;

		if (strchr(special, c))
			buffer_format(out, "%%%02X", c);
		else
			buffer_add_char(out, c < 0x20 || c == 0x7f ? '?' : (char)c);
	}
}

static void add_message(struct buffer *out, const char *text)
{
	add_escaped(out, text, "%\r\n");
}

static void add_property(struct buffer *out, const char *text)
{
	add_escaped(out, text, "%\r\n:,");
}

/* The columns only when the place is within one line: GitHub refuses them otherwise. */
static void add_place(struct buffer *out, struct span at)
{
	struct position start = source_position(at.source, at.start), end = source_position(at.source, at.end);

	buffer_add_text(out, "file=");
	add_property(out, report_path(at.source->name));
	buffer_format(out, ",line=%u,endLine=%u", start.line, end.line);
	if (start.line == end.line)
		buffer_format(out, ",col=%u,endColumn=%u", start.column, end.column);
	buffer_add_char(out, ',');
}

static void add_diagnostic(struct buffer *out, const struct diagnostic *diagnostic)
{
	const struct diagnostic_row *row = &diagnostic_rows[diagnostic->id];

	buffer_format(out, "::%s ", report_severity(diagnostic));
	if (!span_is_empty(diagnostic->at))
		add_place(out, diagnostic->at);
	buffer_format(out, "title=%s%%3A ", row->code);
	add_property(out, row->title);
	buffer_add_text(out, "::");
	add_message(out, diagnostic->message);
	if (diagnostic->help) {
		buffer_add_text(out, "%0A");
		add_message(out, diagnostic->help);
	}
	buffer_add_char(out, '\n');
}

static void add_file(struct report *report, const char *name, const struct diagnostics *diagnostics)
{
	const struct diagnostic **order = report_sorted(diagnostics);

	for (size_t i = 0; i < diagnostics->count; i++)
		add_diagnostic(&report->text, order[i]);
	if (diagnostics->truncated) {
		buffer_add_text(&report->text, "::error file=");
		add_property(&report->text, report_path(name));
		buffer_format(&report->text, "::%zu more problems are not shown\n", report_left_out(diagnostics));
	}
	free(order);
}

const struct report_format report_as_github = { .name = "github", .file = add_file };
