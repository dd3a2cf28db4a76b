// SPDX-License-Identifier: Apache-2.0
/*
 * fuzz_elf.c - a program on disk that may be anything, and places of arguments that may be: refused, or safe for everything that is asked.
 *
 * The input is a name, a zero byte, and the bytes of the file.  The name is looked for as a function and as a probe, and read as the
 * arguments of a probe.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/kernel/location.h"
#include "runtime/elf_file.h"
#include "schema/schema.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void ask_locations(const char *text)
{
	const size_t count = location_count(text);

	for (size_t n = 0; n < count + 1 && n < 64; n++)
		for (int machine = 0; machine < MACHINE_COUNT; machine++) {
			struct abi_location location;
			char why[LOCATION_REASON_MAX];

			if (location_find((enum machine)machine, text, n, &location, why))
				continue;
			if (n >= count || !location.size || location.size > 8 || location.base > 512 || location.index > 512 ||
			    !location.scale != !location.index)
				abort();
		}
}

static void ask(struct elf_file *file, const char *name, size_t size)
{
	struct elf_failure failure;
	struct arena arena = { 0 };
	struct elf_probe *found = NULL;
	const void *section = NULL;
	const char *id;
	size_t count = 0;
	uint64_t offset = 0;

	if (!elf_function_find(file, name, &offset, &failure) && !elf_offset_is_code(file, offset))
		abort();
	if (!elf_probes_find(file, "app", name, &arena, &found, &count, &failure)) {
		if (!count || count > LIMIT_PROBE_PLACES)
			abort();
		for (size_t n = 0; n < count; n++) {
			if (!elf_offset_is_code(file, found[n].offset))
				abort();
			ask_locations(found[n].arguments);
		}
	}
	id = elf_build_id(file, &arena);
	if (id && strlen(id) / 2 > size)
		abort();
	if (elf_section_named(file, name, &section, &count) && (!count || count > size || !memmem(section, count, section, count)))
		abort();
	arena_release(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *end = memchr(data, '\0', size);
	struct elf_failure failure;
	struct elf_file *file;
	void *bytes;

	if (!end)
		return 0;
	ask_locations((const char *)data);
	size -= (size_t)(end + 1 - data);
	bytes = malloc(size + 1);	/* of its own, aligned, so that its end is known */
	memcpy(bytes, end + 1, size);
	if (!elf_file_of_bytes(bytes, size, &file, &failure)) {
		ask(file, (const char *)data, size);
		elf_file_close(file);
	}
	free(bytes);
	return 0;
}
