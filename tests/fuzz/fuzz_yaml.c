// SPDX-License-Identifier: Apache-2.0
/*
 * fuzz_yaml.c - any bytes as a policy file: every pass, every dump and every diagnostic's place.
 *
 * The first byte may choose how far to go, so that a short run reaches the late passes and the early ones alike.
 */
#include <stdint.h>
#include <stdlib.h>

#include "compiler/compiler.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
	if (!holds)
		abort();
}

static void look_at(struct span at)
{
	size_t length;

	if (span_is_empty(at))
		return;
	require(at.start <= at.end && at.end <= at.source->length);
	require(source_position(at.source, at.start).line > 0);
	require(source_line(at.source, at.start, &length) != NULL);
}

/* Errors are recorded exactly when the compiler fails, and each stands in the text. */
static void check_diagnostics(const struct unit *unit, int failed)
{
	require((unit->diagnostics.errors > 0) == (failed != 0));
	for (size_t i = 0; i < unit->diagnostics.count; i++) {
		require(unit->diagnostics.items[i].message != NULL);
		look_at(unit->diagnostics.items[i].at);
		look_at(unit->diagnostics.items[i].related);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct pass *last = size && data[0] < compiler_pass_count ? &compiler_passes[data[0]] : NULL;
	struct buffer dump = { 0 };
	struct unit unit;
	int failed;

	if (size > LIMIT_FILE_BYTES)
		return 0;
	if (last) {
		data++;
		size--;
	}
	unit_init(&unit, "fuzz.yaml", (const char *)data, size);
	failed = unit_compile(&unit, last);
	check_diagnostics(&unit, failed);
	if (!failed)
		(last ? last : &compiler_passes[compiler_pass_count - 1])->dump(&unit, &dump);
	buffer_release(&dump);
	unit_release(&unit);
	return 0;
}
