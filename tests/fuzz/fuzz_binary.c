// SPDX-License-Identifier: Apache-2.0
/*
 * fuzz_binary.c - a program in which addresses are looked up, whatever its bytes are: refused, or safe for everything that is asked of it: sections,
 * names, functions of Go, what it unpacks to, and the links to debug information, which has a target of its own.
 *
 * Links are followed below a folder that has nothing in it.  What look-ups say is held against what they promise.
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "symbolize/module.h"
#include "symbolize/names_read.h"
#include "symbolize/unpack.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int empty_folder(void)
{
	static char name[] = "/tmp/tetra-fuzz-XXXXXX";
	static int folder = -1;

	if (folder < 0 && mkdtemp(name)) {
		folder = open(name, O_PATH | O_DIRECTORY | O_CLOEXEC);
		rmdir(name);
	}
	return folder;
}

static volatile uint8_t sum;

/* Touches every byte: what is promised to be there is. */
static void touch(struct binary_bytes bytes)
{
	for (size_t n = 0; n < bytes.size; n += n < 4096 ? 1 : 512)
		sum ^= bytes.bytes[n];
	if (bytes.size)
		sum ^= bytes.bytes[bytes.size - 1];
}

static void ask_sections(struct binary *binary)
{
	uint64_t at, back;

	for (size_t n = 0; n < binary_section_count(binary); n++) {
		const struct binary_section_header *header = binary_section_header(binary, n);

		touch(binary_section_bytes(binary, n));
		if (binary_address_in_section(binary, header->name, header->size / 2, &at))
			sum ^= (uint8_t)at;
	}
	for (uint64_t offset = 0; offset < 8192; offset += 61)
		if (binary_address_of_offset(binary, offset, &at) && !binary_offset_of_address(binary, at, &back))
			abort();
	if (binary_build_id(binary)->length > BINARY_BUILD_ID_BYTES)
		abort();
}

/* What the index says of each symbol's first byte is a symbol that has it. */
static void ask_names(struct binary *binary)
{
	struct names_reader reader = { 0 };
	struct buffer index = { 0 };
	struct names names;

	names_read(&reader, binary, 0);
	names_build(reader.symbols, reader.count, &index);
	names = (struct names){ (const uint8_t *)index.bytes, index.length, NULL, NULL };
	if (!names_check(names))
		abort();
	for (size_t n = 0; n < reader.count; n++) {
		struct name_found found;
		bool is_damaged;

		if (!names_find(names, reader.symbols[n].address, &found, &is_damaged)) {
			if (is_damaged || (reader.symbols[n].size && reader.symbols[n].address != UINT64_MAX))
				abort();
			continue;
		}
		if (found.start > reader.symbols[n].address || (reader.symbols[n].size && found.start != reader.symbols[n].address))
			abort();
		sum ^= (uint8_t)strlen(found.name);
	}
	names_reader_release(&reader);
	buffer_release(&index);
}

static void ask_module(struct binary *binary, const uint8_t *data, size_t size)
{
	static const char *const folders[] = { NULL };
	const struct debug_search search = { folders, empty_folder(), false };
	const struct module_options options = { .search = &search, .no_lines = true };
	struct module *module = module_new(binary, &options);
	struct symbol_frame frames[8];

	module_set_place(module, empty_folder(), "/bin/program");
	if (debug_file_find(&search, binary, "/bin/program") || debug_file_supplementary(&search, binary, "/bin/program"))
		abort();
	for (size_t n = 0; n < 64; n++) {
		struct symbol_frames ret = { .frames = frames, .room = 8 };
		uint64_t address = n * 64;

		if (n >= 32 && size >= 8)
			memcpy(&address, data + n * 7919 % (size - 7), 8);
		if (module_find(module, address, &ret) == SYMBOL_KNOWN && (!ret.count || ret.count > 8))
			abort();
		for (size_t m = 0; m < ret.count; m++)
			sum ^= (uint8_t)((frames[m].function ? strlen(frames[m].function) : 0) + (frames[m].file ? strlen(frames[m].file) : 0));
	}
	sum ^= (uint8_t)strlen(module_explain(module));
	module_free(module);
}

/* A file that is packed as a whole: what comes out is no more than was allowed. */
static void ask_packing(const uint8_t *bytes, size_t size)
{
	const struct packing *packing = size >= UNPACK_BEGINNING ? packing_of(bytes) : NULL;
	struct buffer unpacked = { 0 };

	if (packing && unpack(packing, bytes, size, 1 << 20, &unpacked) == SYMBOL_KNOWN && unpacked.length > 1 << 20)
		abort();
	touch((struct binary_bytes){ (const uint8_t *)unpacked.bytes, unpacked.length });
	buffer_release(&unpacked);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	enum symbol_why why;
	uint8_t *bytes = malloc(size + 1);	/* of its own, so that its end is known */
	struct binary *binary;

	memcpy(bytes, data, size);
	ask_packing(bytes, size);
	binary = binary_of_bytes(bytes, size, &why);
	if (binary) {
		ask_sections(binary);
		ask_names(binary);
		ask_module(binary, data, size);
	}
	free(bytes);
	return 0;
}
