// SPDX-License-Identifier: Apache-2.0
/* report_json.c - a run as one JSON object; keys are only ever added.  Lines and columns count from 1, in code points. */
#include <stdlib.h>

#include "cmd/report.h"

static void add_place(struct json *json, struct span at)
{
	struct position start, end;

	if (span_is_empty(at))
		return;
	start = source_position(at.source, at.start);
	end = source_position(at.source, at.end);
	json_key_string(json, "file", at.source->name);
	json_key_number(json, "line", start.line);
	json_key_number(json, "column", start.column);
	json_key_number(json, "end_line", end.line);
	json_key_number(json, "end_column", end.column);
}

static void add_diagnostic(struct json *json, const struct diagnostic *diagnostic)
{
	json_begin_object(json);
	add_place(json, diagnostic->at);
	json_key_string(json, "severity", report_severity(diagnostic));
	json_key_string(json, "code", diagnostic_rows[diagnostic->id].code);
	json_key_string(json, "message", diagnostic->message);
	if (diagnostic->help)
		json_key_string(json, "help", diagnostic->help);
	if (diagnostic->replacement)
		json_key_string(json, "replacement", diagnostic->replacement);
	if (!span_is_empty(diagnostic->related)) {
		json_key(json, "related");
		json_begin_object(json);
		add_place(json, diagnostic->related);
		json_key_string(json, "message", diagnostic->related_message);
		json_end_object(json);
	}
	json_end_object(json);
}

static void begin(struct report *report)
{
	json_begin_object(&report->json);
	json_key(&report->json, "diagnostics");
	json_begin_array(&report->json);
}

static void add_file(struct report *report, const char *name, const struct diagnostics *diagnostics)
{
	const struct diagnostic **order = report_sorted(diagnostics);

	(void)name;
	for (size_t i = 0; i < diagnostics->count; i++)
		add_diagnostic(&report->json, order[i]);
	free(order);
}

static void end(struct report *report, int code)
{
	const struct totals *totals = &report->totals;
	const struct { const char *key; size_t count; } rows[] = {
		{ "files", totals->files }, { "policies", totals->policies }, { "passed_over", totals->passed_over },
		{ "errors", totals->errors }, { "warnings", totals->warnings }, { "excluded", totals->excluded },
		{ "fixed", totals->fixed },
	};

	(void)code;
	json_end_array(&report->json);
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		json_key_number(&report->json, rows[i].key, (int64_t)rows[i].count);
	json_end_object(&report->json);
	buffer_add_char(&report->text, '\n');
}

const struct report_format report_as_json = { .name = "json", .begin = begin, .file = add_file, .end = end };
