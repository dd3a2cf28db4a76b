// SPDX-License-Identifier: Apache-2.0
/* test_diagnostics.c - which diagnostics are kept when there are too many. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "compiler/base/arena.h"
#include "compiler/base/diagnostics.h"

#define WARNING	DIAG_UNUSED
#define ERROR	DIAG_TOO_MANY

/* `warnings` and then `errors` are recorded, each with a help of its own. */
static void fill(struct diagnostics *diagnostics, unsigned warnings, unsigned errors)
{
	for (unsigned n = 0; n < warnings + errors; n++) {
		struct span at = { .start = n, .end = n + 1 };

		diag(diagnostics, n < warnings ? WARNING : ERROR, at, "number %u", n);
		diag_help(diagnostics, "help %u", n);
	}
}

static void errors_are_kept_before_warnings(void **state)
{
	static const struct {
		unsigned warnings, errors, want_warnings, want_errors;
	} rows[] = {
		{ 3, 2, 3, 2 },
		{ LIMIT_DIAGNOSTICS, 0, LIMIT_DIAGNOSTICS, 0 },
		{ LIMIT_DIAGNOSTICS + 5, 0, LIMIT_DIAGNOSTICS, 0 },
		{ LIMIT_DIAGNOSTICS, 1, LIMIT_DIAGNOSTICS - 1, 1 },
		{ LIMIT_DIAGNOSTICS + 5, 7, LIMIT_DIAGNOSTICS - 7, 7 },
		{ 7, LIMIT_DIAGNOSTICS + 5, 0, LIMIT_DIAGNOSTICS },
		{ 0, LIMIT_DIAGNOSTICS + 5, 0, LIMIT_DIAGNOSTICS },
	};

	(void)state;
	for (size_t row = 0; row < sizeof(rows) / sizeof(*rows); row++) {
		struct arena arena = { 0 };
		struct diagnostics diagnostics;
		unsigned errors = 0;

		diagnostics_init(&diagnostics, &arena);
		fill(&diagnostics, rows[row].warnings, rows[row].errors);
		for (size_t n = 0; n < diagnostics.count; n++) {
			const struct diagnostic *kept = &diagnostics.items[n];

			errors += kept->severity == SEVERITY_ERROR;
			assert_string_equal(kept->help + strlen("help "), kept->message + strlen("number "));
		}
		assert_int_equal(errors, rows[row].want_errors);
		assert_int_equal(diagnostics.count - errors, rows[row].want_warnings);
		assert_int_equal(diagnostics.errors, rows[row].errors);
		assert_int_equal(diagnostics.warnings, rows[row].warnings);
		assert_int_equal(diagnostics.truncated, rows[row].warnings + rows[row].errors > LIMIT_DIAGNOSTICS);
		arena_release(&arena);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(errors_are_kept_before_warnings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
