// SPDX-License-Identifier: Apache-2.0
/* report.c - the formats of reports, and what they share; see report.h. */
#include "cmd/report.h"

#include <stdlib.h>
#include <string.h>

static const struct report_format *const formats[] = {
	&report_as_text, &report_as_json, &report_as_sarif, &report_as_github, &report_as_junit, &report_as_nothing,
};

const struct report_format *report_format_find(const char *name)
{
	for (size_t i = 0; i < sizeof(formats) / sizeof(*formats); i++)
		if (!strcmp(formats[i]->name, name))
			return formats[i];
	return NULL;
}

void report_begin(struct report *report)
{
	report->json = (struct json){ .out = &report->text, .first = true };
	if (report->format->begin)
		report->format->begin(report);
}

void report_file(struct report *report, const char *name, const struct diagnostics *diagnostics)
{
	if (report->format->file)
		report->format->file(report, name, diagnostics);
}

void report_end(struct report *report, int code)
{
	if (report->format->end)
		report->format->end(report, code);
	if (report->text.length)
		fwrite(report->text.bytes, 1, report->text.length, stdout);
	buffer_release(&report->text);
}

const struct report_format report_as_nothing = { .name = "quiet" };

/* ---- For the formats ---- */

static int compare(const void *a, const void *b)
{
	const struct diagnostic *x = *(const struct diagnostic *const *)a;
	const struct diagnostic *y = *(const struct diagnostic *const *)b;

	if (x->at.start != y->at.start)
		return x->at.start < y->at.start ? -1 : 1;
	return x < y ? -1 : x > y;	/* of one place: in the order of recording */
}

const struct diagnostic **report_sorted(const struct diagnostics *diagnostics)
{
	const struct diagnostic **order;

	if (!diagnostics->count)
		return NULL;
	order = calloc(diagnostics->count, sizeof(*order));
	if (!order)
		abort();
	for (size_t i = 0; i < diagnostics->count; i++)
		order[i] = &diagnostics->items[i];
	qsort(order, diagnostics->count, sizeof(*order), compare);
	return order;
}

size_t report_left_out(const struct diagnostics *diagnostics)
{
	return diagnostics->truncated ? diagnostics->errors + diagnostics->warnings - diagnostics->count : 0;
}

const char *report_severity(const struct diagnostic *diagnostic)
{
	return diagnostic->severity == SEVERITY_ERROR ? "error" : "warning";
}

const char *report_path(const char *name)
{
	while (!strncmp(name, "./", 2) && name[2 + strspn(name + 2, "/")])
		name += 2 + strspn(name + 2, "/");
	return name;
}

size_t report_character(const char *text, size_t length, uint32_t *ret)
{
	static const uint32_t smallest[] = { 0, 0, 0x80, 0x800, 0x10000 };
	const unsigned char *bytes = (const unsigned char *)text;
	size_t size = *bytes < 0x80 ? 1 : *bytes < 0xc0 ? 0 : *bytes < 0xe0 ? 2 : *bytes < 0xf0 ? 3 : *bytes < 0xf8 ? 4 : 0;
	uint32_t code = size == 1 ? *bytes : *bytes & (0x7fu >> size);

	if (!size || size > length)
		return 0;
	for (size_t i = 1; i < size; i++) {
		if ((bytes[i] & 0xc0) != 0x80)
			return 0;
		code = code << 6 | (bytes[i] & 0x3f);
	}
	if (code < smallest[size] || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))
		return 0;
	*ret = code;
	return size;
}
