// SPDX-License-Identifier: Apache-2.0
/* emit.c - `tetra compile --emit=tracingpolicy`: what RuntimeSecurityPolicies become, for clusters. */
#include "cmd/emit.h"

#include <stdio.h>

#include "cmd/output.h"
#include "cmd/report.h"
#include "cmd/verb.h"
#include "compiler/emit.h"

/* What compiling said is printed already. */
static int emit_unit(struct unit *unit, struct buffer *text, size_t *count)
{
	const int error = (diagnostics_init(&unit->diagnostics, &unit->arena), unit_emit(unit, text, count));

	if (unit->diagnostics.count)
		report_text(&unit->diagnostics, stderr, COLOUR_AUTO);
	return error ? EXIT_REFUSED : EXIT_FINE;
}

int emit_policies(const struct inputs *inputs, const char *output)
{
	struct buffer text = { 0 };
	size_t count = 0;
	int code = EXIT_FINE;

	for (size_t n = 0; n < inputs->count; n++) {
		const int one = emit_unit(inputs->units[n], &text, &count);

		code = one > code ? one : code;
	}
	if (code == EXIT_FINE && !count) {
		complain("there is no RuntimeSecurityPolicy: a TracingPolicy is what --emit makes");
		code = EXIT_USAGE;
	}
	if (code == EXIT_FINE && output)
		code = output_write(output, &text);
	else if (code == EXIT_FINE)
		fwrite(text.bytes, 1, text.length, stdout);
	buffer_release(&text);
	return code;
}
