// SPDX-License-Identifier: Apache-2.0
/* fuzz_explain.c - any bytes as an operand of `tetra explain`: a page in every form, or a problem in one line. */
#include <assert.h>
#include <string.h>

#include "compiler/explain/complete.h"
#include "compiler/explain/page.h"
#include "compiler/explain/field_path.h"

static void check_printable(const char *text, size_t length)
{
	for (size_t n = 0; n < length; n++)
		assert(text[n] == '\n' || (text[n] >= ' ' && text[n] != 127) || text[n] & 0x80);
}

static void check_page(const struct data *page)
{
	struct buffer text = { 0 };

	page_write_text(page, &text);
	check_printable(text.bytes, text.length);
	data_write_json(page, &text);
	data_write_yaml(page, &text);
	buffer_release(&text);
}

/* What is read is written so that it is read as the same. */
static void check_path(const char *name, struct arena *arena)
{
	struct field_path_problem problem;
	struct field_path path, again;
	const char *text;

	if (!field_path_read(name, arena, &path, &problem))
		return;
	text = field_path_text(&path, arena);
	assert(field_path_read(text, arena, &again, &problem));
	assert(field_path_last(&path) == field_path_last(&again));
	assert(!strcmp(field_path_text(&again, arena), text));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct explain_problem problem = { 0 };
	struct arena arena = { 0 };
	struct buffer candidates = { 0 };
	const char *name = arena_copy(&arena, data, size);
	const struct data *page = explain_name(name, EXPLAIN_KEYS, &arena, &problem);

	if (page) {
		check_page(page);
	} else {
		assert(problem.message && !strchr(problem.message, '\n') && strlen(problem.message) < 1024);
		check_printable(problem.message, strlen(problem.message));
	}
	check_path(name, &arena);
	complete_name(name, &candidates);
	buffer_release(&candidates);
	arena_release(&arena);
	return 0;
}
