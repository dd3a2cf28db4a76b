// SPDX-License-Identifier: Apache-2.0
/* write_diagnostics.c - the catalogue of diagnostics, as Markdown; see write.h. */
#include <string.h>

#include "schema/schema.h"
#include "schema/write.h"

static bool is_example(const char *paragraph)
{
	static const char *const starts[] = { "wrong:", "right:", "apiVersion:" };

	for (size_t i = 0; i < sizeof(starts) / sizeof(*starts); i++)
		if (!strncmp(paragraph, starts[i], strlen(starts[i])))
			return true;
	return false;
}

static void why_page(FILE *out, const char *why)
{
	while (*why) {
		const char *end = strstr(why, "\n\n");
		size_t length = end ? (size_t)(end - why) : strlen(why);

		fprintf(out, is_example(why) ? "\n```yaml\n%.*s\n```\n" : "\n%.*s\n", (int)length, why);
		why += length;
		why += strspn(why, "\n");
	}
}

void write_diagnostics(FILE *out)
{
	fputs("# Diagnostics\n\nMade from schema/diagnostics.def; do not edit. `tetra explain CODE` prints one.\n", out);
	for (enum diagnostic_id id = 0; id < DIAG_COUNT; id++) {
		const struct diagnostic_row *row = &diagnostic_rows[id];

		fprintf(out, "\n## %s: %s\n\n%s.\n", row->code, row->title,
			row->severity == SEVERITY_WARNING ? "Warning" : "Error");
		why_page(out, row->why);
	}
}
