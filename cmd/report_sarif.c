// SPDX-License-Identifier: Apache-2.0
/*
 * report_sarif.c - a run as SARIF 2.1.0, for code scanning.
 *
 * Rules are the diagnostics table.  Columns count UTF-16 code units, which is what readers assume when they do not look
 * at columnKind.  Paths stay relative to where tetra runs, which should be the root of the repository.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/fix.h"
#include "cmd/report.h"
#include "cmd/verb.h"

static void key_object(struct json *json, const char *key)
{
	json_key(json, key);
	json_begin_object(json);
}

static void key_array(struct json *json, const char *key)
{
	json_key(json, key);
	json_begin_array(json);
}

/* "key": {"text": text} */
static void key_text(struct json *json, const char *key, const char *text)
{
	key_object(json, key);
	json_key_string(json, "text", text);
	json_end_object(json);
}

/* ---- Rules ---- */

/* UNKNOWN_KEY is UnknownKey. */
static void add_rule_name(struct json *json, const char *name)
{
	struct buffer text = { 0 };

	for (bool first = true; *name; first = *name++ == '_')
		if (*name != '_')
			buffer_add_char(&text, (char)(first ? *name : tolower((unsigned char)*name)));
	json_key_string(json, "name", text.bytes);
	buffer_release(&text);
}

/* The first paragraph says it; help has all, examples too. */
static void add_description(struct json *json, const char *why)
{
	const char *end = strstr(why, "\n\n");

	key_object(json, "fullDescription");
	json_key(json, "text");
	json_bytes(json, why, end ? (size_t)(end - why) : strlen(why));
	json_end_object(json);
}

static void add_rule(struct json *json, const struct diagnostic_row *row)
{
	json_begin_object(json);
	json_key_string(json, "id", row->code);
	add_rule_name(json, row->name);
	key_text(json, "shortDescription", row->title);
	add_description(json, row->why);
	key_text(json, "help", row->why);
	key_object(json, "defaultConfiguration");
	json_key_string(json, "level", row->severity == SEVERITY_WARNING ? "warning" : "error");
	json_end_object(json);
	json_end_object(json);
}

static void add_tool(struct json *json)
{
	key_object(json, "tool");
	key_object(json, "driver");
	json_key_string(json, "name", "tetra");
	json_key_string(json, "version", TETRA_VERSION);
	json_key_string(json, "semanticVersion", TETRA_VERSION);
	key_array(json, "rules");
	for (enum diagnostic_id id = 0; id < DIAG_COUNT; id++)
		add_rule(json, &diagnostic_rows[id]);
	json_end_array(json);
	json_end_object(json);
	json_end_object(json);
}

static void begin(struct report *report)
{
	struct json *json = &report->json;

	json_begin_object(json);
	json_key_string(json, "$schema", "https://json.schemastore.org/sarif-2.1.0.json");
	json_key_string(json, "version", "2.1.0");
	key_array(json, "runs");
	json_begin_object(json);
	add_tool(json);
	json_key_string(json, "columnKind", "utf16CodeUnits");
	key_array(json, "results");
}

/* ---- Places ---- */

/* RFC 3986: what is not unreserved is written as %XX, so that any name is a relative reference. */
static void add_encoded(struct buffer *uri, const char *path)
{
	for (; *path; path++)
		if (isalnum((unsigned char)*path) || strchr("-._~/", *path))
			buffer_add_char(uri, *path);
		else
			buffer_format(uri, "%%%02X", (unsigned char)*path);
}

static void add_artifact(struct json *json, const char *path)
{
	struct buffer uri = { 0 };

	buffer_add_text(&uri, *path == '/' ? "file://" : "");
	add_encoded(&uri, report_path(path));
	key_object(json, "artifactLocation");
	json_key_string(json, "uri", uri.bytes);
	json_end_object(json);
	buffer_release(&uri);
}

/* From 1; characters outside of the basic plane, four bytes of UTF-8, count twice. */
static uint32_t utf16_column(struct span at, uint32_t offset)
{
	size_t length;
	const char *line = source_line(at.source, offset, &length);
	uint32_t column = 1;

	for (const char *c = line; c < at.source->text + offset; c++)
		column += ((*c & 0xc0) != 0x80) + ((*c & 0xf8) == 0xf0);
	return column;
}

static void add_region(struct json *json, const char *key, struct span at)
{
	key_object(json, key);
	json_key_number(json, "startLine", source_position(at.source, at.start).line);
	json_key_number(json, "startColumn", utf16_column(at, at.start));
	json_key_number(json, "endLine", source_position(at.source, at.end).line);
	json_key_number(json, "endColumn", utf16_column(at, at.end));
	json_end_object(json);
}

static void add_location(struct json *json, struct span at, const char *message)
{
	json_begin_object(json);
	key_object(json, "physicalLocation");
	add_artifact(json, at.source->name);
	add_region(json, "region", at);
	json_end_object(json);
	if (message)
		key_text(json, "message", message);
	json_end_object(json);
}

/* ---- Results ---- */

static void add_fix(struct json *json, const struct diagnostic *diagnostic)
{
	struct buffer text = { 0 };

	fix_text(diagnostic, &text);
	key_array(json, "fixes");
	json_begin_object(json);
	if (diagnostic->help)
		key_text(json, "description", diagnostic->help);
	key_array(json, "artifactChanges");
	json_begin_object(json);
	add_artifact(json, diagnostic->at.source->name);
	key_array(json, "replacements");
	json_begin_object(json);
	add_region(json, "deletedRegion", diagnostic->at);
	key_text(json, "insertedContent", text.bytes);
	json_end_object(json);
	json_end_array(json);
	json_end_object(json);
	json_end_array(json);
	json_end_object(json);
	json_end_array(json);
	buffer_release(&text);
}

static void add_message(struct json *json, const struct diagnostic *diagnostic)
{
	struct buffer text = { 0 };

	buffer_add_text(&text, diagnostic->message);
	if (diagnostic->help)
		buffer_format(&text, " (%s)", diagnostic->help);
	key_text(json, "message", text.bytes);
	buffer_release(&text);
}

static void add_result(struct json *json, const struct diagnostic *diagnostic)
{
	json_begin_object(json);
	json_key_string(json, "ruleId", diagnostic_rows[diagnostic->id].code);
	json_key_number(json, "ruleIndex", diagnostic->id);
	json_key_string(json, "level", report_severity(diagnostic));
	add_message(json, diagnostic);
	if (!span_is_empty(diagnostic->at)) {
		key_array(json, "locations");
		add_location(json, diagnostic->at, NULL);
		json_end_array(json);
	}
	if (!span_is_empty(diagnostic->related)) {
		key_array(json, "relatedLocations");
		add_location(json, diagnostic->related, diagnostic->related_message);
		json_end_array(json);
	}
	if (diagnostic->replacement && !span_is_empty(diagnostic->at))
		add_fix(json, diagnostic);
	json_end_object(json);
}

static void add_file(struct report *report, const char *name, const struct diagnostics *diagnostics)
{
	const struct diagnostic **order = report_sorted(diagnostics);

	(void)name;
	for (size_t i = 0; i < diagnostics->count; i++)
		add_result(&report->json, order[i]);
	report->left_out += report_left_out(diagnostics);
	free(order);
}

/* The run has failed when tetra could not read what it was to check; findings are no failure. */
static void end(struct report *report, int code)
{
	struct json *json = &report->json;

	json_end_array(json);
	key_array(json, "invocations");
	json_begin_object(json);
	json_key_bool(json, "executionSuccessful", code == EXIT_FINE || code == EXIT_REFUSED);
	json_key_number(json, "exitCode", code);
	if (report->left_out) {
		struct buffer text = { 0 };

		buffer_format(&text, "%zu more problems are not listed", report->left_out);
		key_array(json, "toolExecutionNotifications");
		json_begin_object(json);
		json_key_string(json, "level", "warning");
		key_text(json, "message", text.bytes);
		json_end_object(json);
		json_end_array(json);
		buffer_release(&text);
	}
	json_end_object(json);
	json_end_array(json);
	json_end_object(json);
	json_end_array(json);
	json_end_object(json);
	buffer_add_char(&report->text, '\n');
}

const struct report_format report_as_sarif = { .name = "sarif", .begin = begin, .file = add_file, .end = end };
