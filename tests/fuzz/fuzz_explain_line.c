// SPDX-License-Identifier: Apache-2.0
/*
 * fuzz_explain_line.c - a line and a column of any text: a page or a problem.  The first two bytes are the line, the
 * third is the column.
 */
#include <assert.h>
#include <string.h>

#include "compiler/explain/line.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct explain_problem problem = { 0 };
	struct buffer text = { 0 };
	const struct data *page;
	struct unit unit;

	if (size < 3)
		return 0;
	unit_init(&unit, "fuzz.yaml", (const char *)data + 3, size - 3);
	unit_compile(&unit, compiler_find_pass("lower"));
	if (unit.tree) {
		page = explain_line(&unit, data[0] | (uint32_t)data[1] << 8, data[2], &problem);
		assert(page || problem.message);
		if (page) {
			page_write_text(page, &text);
			data_write_json(page, &text);
			data_write_yaml(page, &text);
		}
	}
	buffer_release(&text);
	unit_release(&unit);
	return 0;
}
