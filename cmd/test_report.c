// SPDX-License-Identifier: Apache-2.0
/* test_report.c - how tests went: for people, and as TAP, JUnit and JSON lines; see test.h. */
#include <stdio.h>
#include <string.h>

#include "cmd/report.h"
#include "cmd/test.h"
#include "cmd/xml.h"
#include "compiler/base/json.h"

static const char *const outcome_names[] = { [TEST_PASSED] = "passed", [TEST_FAILED] = "failed", [TEST_SKIPPED] = "skipped" };

/* Each line of a text behind `before`. */
static void print_lines(const char *before, const struct buffer *text)
{
	const char *line = text->bytes;
	size_t left = text->length;

	while (left) {
		const char *end = memchr(line, '\n', left);
		size_t length = end ? (size_t)(end - line) : left;

		printf("%s%.*s\n", before, (int)length, line);
		length += end ? 1 : 0;
		line += length;
		left -= length;
	}
}

/* ---- Text ---- */

static void text_begin(struct test_report *report)
{
	(void)report;
}

static void text_result(struct test_report *report, const char *file, const char *test, struct position at,
			const struct test_result *result)
{
	static const char *const words[] = { [TEST_PASSED] = "ok    ", [TEST_FAILED] = "FAILED", [TEST_SKIPPED] = "skip  " };

	if (!report->file || strcmp(report->file, file))
		printf("%s\n", file);
	report->file = file;
	printf("  %s %s", words[result->outcome], test);
	if (result->outcome == TEST_FAILED)
		printf("  (%s:%u:%u)", file, at.line, at.column);
	puts("");
	print_lines("         ", &result->text);
}

static void text_end(struct test_report *report)
{
	printf("%zu passed, %zu failed, %zu skipped\n", report->totals.passed, report->totals.failed, report->totals.skipped);
}

/* ---- TAP ---- */

static void tap_begin(struct test_report *report)
{
	(void)report;
	puts("TAP version 13");
}

size_t test_report_total(const struct test_report *report)
{
	return report->totals.passed + report->totals.failed + report->totals.skipped;
}

/* A # would begin a directive. */
static void print_tap_name(const char *text)
{
	for (; *text; text++)
		printf(*text == '#' || *text == '\\' ? "\\%c" : "%c", *text == '\n' ? ' ' : *text);
}

/* The reason, up to the end of its line. */
static void print_tap_skip(const struct buffer *text)
{
	const char *end = memchr(text->bytes, '\n', text->length);

	printf(" # SKIP %.*s", (int)(end ? (size_t)(end - text->bytes) : text->length), text->bytes);
}

static void tap_result(struct test_report *report, const char *file, const char *test, struct position at,
		       const struct test_result *result)
{
	(void)at;
	printf("%sok %zu - ", result->outcome == TEST_FAILED ? "not " : "", test_report_total(report));
	print_tap_name(file);
	fputs(": ", stdout);
	print_tap_name(test);
	if (result->outcome == TEST_SKIPPED)
		print_tap_skip(&result->text);
	puts("");
	if (result->outcome == TEST_FAILED)
		print_lines("# ", &result->text);
}

static void tap_end(struct test_report *report)
{
	printf("1..%zu\n", test_report_total(report));
}

/* ---- JUnit ---- */

static void junit_attribute(struct buffer *out, const char *key, const char *value)
{
	buffer_format(out, " %s=\"", key);
	xml_escape(out, value, strlen(value));
	buffer_add_char(out, '"');
}

static void junit_result(struct test_report *report, const char *file, const char *test, struct position at,
			 const struct test_result *result)
{
	struct buffer *out = &report->out;

	buffer_add_text(out, "  <testcase");
	junit_attribute(out, "name", test);
	junit_attribute(out, "classname", file);
	junit_attribute(out, "file", file);
	buffer_format(out, " line=\"%u\">", at.line);
	if (result->outcome != TEST_PASSED) {
		buffer_add_text(out, result->outcome == TEST_FAILED ? "<failure>" : "<skipped>");
		xml_escape(out, result->text.bytes ? result->text.bytes : "", result->text.length);
		buffer_add_text(out, result->outcome == TEST_FAILED ? "</failure>" : "</skipped>");
	}
	buffer_add_text(out, "</testcase>\n");
}

static void junit_end(struct test_report *report)
{
	printf("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n"
	       "<testsuite name=\"tetra test\" tests=\"%zu\" failures=\"%zu\" skipped=\"%zu\">\n%s</testsuite>\n</testsuites>\n",
	       test_report_total(report), report->totals.failed, report->totals.skipped, report->out.bytes ? report->out.bytes : "");
}

/* ---- JSON lines ---- */

static void json_result(struct test_report *report, const char *file, const char *test, struct position at,
			const struct test_result *result)
{
	struct buffer line = { 0 };
	struct json json = { .out = &line, .first = true };

	(void)report;
	json_begin_object(&json);
	json_key_string(&json, "file", file);
	json_key_number(&json, "line", at.line);
	json_key_string(&json, "test", test);
	json_key_string(&json, "outcome", outcome_names[result->outcome]);
	if (result->text.length) {
		json_key(&json, "text");
		json_bytes(&json, result->text.bytes, result->text.length);
	}
	json_end_object(&json);
	puts(line.bytes);
	buffer_release(&line);
}

static void nothing(struct test_report *report)
{
	(void)report;
}

static const struct test_format formats[] = {
	{ "text", text_begin, text_result, text_end },
	{ "tap", tap_begin, tap_result, tap_end },
	{ "junit", nothing, junit_result, junit_end },
	{ "json", nothing, json_result, nothing },
};

const struct test_format *test_format_find(const char *name)
{
	for (size_t n = 0; n < sizeof(formats) / sizeof(*formats); n++)
		if (!strcmp(formats[n].name, name))
			return &formats[n];
	return NULL;
}
