// SPDX-License-Identifier: Apache-2.0
/* fuzz_demangle.c - a name of a function that may stand for anything: bounded in length, and done soon (libFuzzer's own time limit). */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "schema/schema.h"
#include "symbolize/demangle.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *name = malloc(size + 1);
	struct buffer text = { 0 };

	memcpy(name, data, size);
	name[size] = '\0';
	if (demangle(name, &text) ? !text.length || text.length > LIMIT_DEMANGLED_BYTES + size : text.length != 0)
		abort();
	buffer_release(&text);
	free(name);
	return 0;
}
