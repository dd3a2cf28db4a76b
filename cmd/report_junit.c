// SPDX-License-Identifier: Apache-2.0
/*
 * report_junit.c - a run as JUnit's XML, which GitLab and Jenkins show as tests.
 *
 * One suite for each file.  Readers take one failure of a test, so each finding is a test of its own that fails, or
 * passes with an output when it is a warning that refuses nothing; a file without findings is one test that passes.
 */
#include <stdlib.h>

#include "cmd/report.h"
#include "cmd/xml.h"

static void add_attribute(struct buffer *out, const char *key, const struct buffer *value)
{
	buffer_format(out, " %s=\"", key);
	xml_escape(out, value->bytes ? value->bytes : "", value->length);
	buffer_add_char(out, '"');
}

static void begin_case(struct buffer *out, const char *file, const struct buffer *name)
{
	struct buffer path = { 0 };

	buffer_add_text(&path, file);
	buffer_add_text(out, "    <testcase");
	add_attribute(out, "name", name);
	add_attribute(out, "classname", &path);
	add_attribute(out, "file", &path);
	buffer_release(&path);
}

static void add_detail(struct buffer *out, const struct diagnostic *diagnostic)
{
	struct diagnostics alone = { .items = (struct diagnostic *)diagnostic, .count = 1 };
	struct buffer text = { 0 };

	report_render(&alone, &text);
	for (size_t i = 0; i < text.length; i++) {
		uint32_t code = 0;
		size_t bytes = report_character(text.bytes + i, text.length - i, &code);

		if (code == '\n')
			buffer_add_char(out, '\n');	/* of text, a line end stays one */
		else
			xml_escape(out, text.bytes + i, bytes ? bytes : 1);
		i += bytes ? bytes - 1 : 0;
	}
	buffer_release(&text);
}

static void add_finding(struct buffer *out, const struct report *report, const struct diagnostic *diagnostic)
{
	bool fails = report->strict || diagnostic->severity == SEVERITY_ERROR;
	struct buffer message = { 0 }, type = { 0 };

	buffer_add_text(&message, diagnostic->message);
	buffer_add_text(&type, diagnostic_rows[diagnostic->id].code);
	if (fails) {
		buffer_add_text(out, ">\n      <failure");
		add_attribute(out, "type", &type);
		add_attribute(out, "message", &message);
		buffer_add_char(out, '>');
	} else {
		buffer_add_text(out, ">\n      <system-out>");
	}
	add_detail(out, diagnostic);
	buffer_add_text(out, fails ? "</failure>\n    </testcase>\n" : "</system-out>\n    </testcase>\n");
	buffer_release(&message);
	buffer_release(&type);
}

static void add_diagnostic(struct buffer *out, const struct report *report, const char *file,
			   const struct diagnostic *diagnostic)
{
	struct position at = { 0 };
	struct buffer name = { 0 };

	if (!span_is_empty(diagnostic->at))
		at = source_position(diagnostic->at.source, diagnostic->at.start);
	buffer_format(&name, "%s:%u:%u: %s: %s", file, at.line, at.column, diagnostic_rows[diagnostic->id].code,
		diagnostic->message);
	begin_case(out, file, &name);
	add_finding(out, report, diagnostic);
	buffer_release(&name);
}

static size_t failures_of(const struct report *report, const struct diagnostics *diagnostics)
{
	size_t failures = 0;

	for (size_t i = 0; i < diagnostics->count; i++)
		failures += report->strict || diagnostics->items[i].severity == SEVERITY_ERROR;
	return failures;
}

static void add_file(struct report *report, const char *path, const struct diagnostics *diagnostics)
{
	const char *file = report_path(path);
	const struct diagnostic **order = report_sorted(diagnostics);
	struct buffer name = { 0 }, *out = &report->text;
	size_t cases = diagnostics->count ? diagnostics->count : 1, failures = failures_of(report, diagnostics);

	buffer_add_text(&name, file);
	buffer_add_text(out, "  <testsuite");
	add_attribute(out, "name", &name);
	buffer_format(out, " tests=\"%zu\" failures=\"%zu\" errors=\"0\">\n", cases, failures);
	for (size_t i = 0; i < diagnostics->count; i++)
		add_diagnostic(out, report, file, order[i]);
	if (!diagnostics->count) {
		begin_case(out, file, &name);
		buffer_add_text(out, "/>\n");
	}
	if (diagnostics->truncated)
		buffer_format(out, "    <system-out>%zu more problems are not shown</system-out>\n",
			report_left_out(diagnostics));
	buffer_add_text(out, "  </testsuite>\n");
	report->cases += cases;
	report->failures += failures;
	buffer_release(&name);
	free(order);
}

static void end(struct report *report, int code)
{
	(void)code;
	printf("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
		"<testsuites name=\"tetra check\" tests=\"%zu\" failures=\"%zu\" errors=\"0\">\n",
		report->cases, report->failures);
	buffer_add_text(&report->text, "</testsuites>\n");
}

const struct report_format report_as_junit = { .name = "junit", .file = add_file, .end = end };
