// SPDX-License-Identifier: Apache-2.0
/* go_table.c - finding and opening Go's table; see go.h. */
#include "symbolize/go_internal.h"

#include <elf.h>
#include <stdlib.h>
#include <string.h>

#include "schema/schema.h"

static const struct go_layout layouts[] = {
	/* magic      version text names units files values functions narrow record call (bytes, name, parent) module */
	{ 0xfffffffb, "1.2",  -1, -1, -1, -1, -1, -1, false, 7, 0, 0, 0, 0 },
	{ 0xfffffffa, "1.16", -1, 2, 3, 4, 5, 6, false, 8, 0, 0, 0, 0 },
	{ 0xfffffff0, "1.18", 2, 3, 4, 5, 6, 7, true, 8, 20, 12, 16, 38 },
	{ 0xfffffff1, "1.20", 2, 3, 4, 5, 6, 7, true, 9, 16, 4, 8, 40 },
};

/* ---- Reading ---- */

const uint8_t *go_bytes(const struct go *go, uint64_t offset, uint64_t size)
{
	if (offset > go->section.size - go->offset || size > go->section.size - go->offset - offset ||
	    !binary_need(go->binary, go->section, go->offset + offset, size))
		return NULL;
	return go->section.bytes + go->offset + offset;
}

bool go_number(const struct go *go, uint64_t offset, unsigned size, uint64_t *ret)
{
	const uint8_t *bytes = go_bytes(go, offset, size);

	if (bytes)
		*ret = binary_number(go->binary, bytes, size);
	return bytes;
}

bool go_pointer(const struct go *go, uint64_t offset, uint64_t *ret)
{
	if (!go_number(go, offset, go->pointer, ret))
		return false;
	*ret = go_fixed(go->fixes, go->fix_count, go->address + offset, *ret);
	return true;
}

const char *go_text(const struct go *go, uint64_t offset)
{
	const uint64_t room = offset < go->section.size - go->offset ? go->section.size - go->offset - offset : 0;
	uint64_t length = 0;

	while (length < room && length < LIMIT_SYMBOL_NAME_BYTES) {
		const uint64_t step = room - length < 64 ? room - length : 64;
		const uint8_t *bytes = go_bytes(go, offset + length, step);

		if (!bytes)
			return NULL;
		if (memchr(bytes, '\0', step))
			return (const char *)bytes - length;
		length += step;
	}
	return NULL;
}

const uint8_t *go_bytes_at(const struct go *go, uint64_t address, uint64_t size)
{
	for (size_t n = 1; n < binary_section_count(go->binary); n++) {
		const struct binary_section_header *header = binary_section_header(go->binary, n);
		struct binary_bytes bytes;

		if (!(header->flags & SHF_ALLOC) || header->type != SHT_PROGBITS || address < header->address ||
		    address - header->address >= header->size)
			continue;
		bytes = binary_section_bytes_lazily(go->binary, n);
		return binary_need(go->binary, bytes, address - header->address, size) ? bytes.bytes + (address - header->address) : NULL;
	}
	return NULL;
}

/* ---- Finding ---- */

static const struct go_layout *layout_of(const struct binary *binary, const uint8_t *bytes)
{
	const uint32_t magic = (uint32_t)binary_number(binary, bytes, 4);

	if (bytes[4] || bytes[5] || (bytes[6] != 1 && bytes[6] != 2 && bytes[6] != 4) || bytes[7] != (binary_is_64(binary) ? 8 : 4))
		return NULL;
	for (size_t n = 0; n < sizeof(layouts) / sizeof(*layouts); n++)
		if (layouts[n].magic == magic)
			return &layouts[n];
	return NULL;
}

/* Offset of a word of the header. */
static uint64_t word(const struct go *go, int n)
{
	return 8 + (uint64_t)n * go->pointer;
}

static bool read_place(const struct go *go, int n, uint64_t *ret)
{
	*ret = 0;
	return n < 0 || go_number(go, word(go, n), go->pointer, ret);
}

/* Of Go 1.2: the table of files is behind that of functions. */
static bool read_old_header(struct go *go)
{
	const uint64_t index_end = word(go, 1) + (2 * go->count + 1) * go->pointer;

	go->index = word(go, 1);
	return go_number(go, index_end, 4, &go->files);
}

static bool read_header(struct go *go)
{
	const struct go_layout *layout = go->layout;
	const unsigned entry = layout->is_narrow ? 4 : go->pointer;

	if (!go_number(go, word(go, 0), go->pointer, &go->count) || !go->count || go->count > LIMIT_GO_FUNCTIONS)
		return false;
	if (layout->functions < 0)
		return read_old_header(go) && go_bytes(go, go->index, (2 * go->count + 1) * entry);
	if (!read_place(go, layout->names, &go->names) || !read_place(go, layout->units, &go->units) ||
	    !read_place(go, layout->files, &go->files) || !read_place(go, layout->values, &go->values) ||
	    !read_place(go, layout->functions, &go->functions))
		return false;
	go->index = go->functions;
	return go->functions <= go->section.size && go->functions + (2 * go->count + 1) * entry <= go->section.size - go->offset;
}

/* The layout, and where everything is; false when what is there is no such table. */
static bool open_at(struct go *go, size_t section, uint64_t offset)
{
	const struct binary_section_header *header = binary_section_header(go->binary, section);
	const uint8_t *bytes;

	go->section = binary_section_bytes_lazily(go->binary, section);
	go->offset = offset;
	go->address = header->address + offset;
	if (go->section.size < 16 || offset > go->section.size - 16 || !(bytes = go_bytes(go, 0, 8)))
		return false;
	go->layout = layout_of(go->binary, bytes);
	if (!go->layout)
		return false;
	go->quantum = bytes[6];
	go->pointer = bytes[7];
	return read_header(go);
}

static bool is_candidate(const struct binary_section_header *header)
{
	return header->flags & SHF_ALLOC && header->type == SHT_PROGBITS && !(header->flags & SHF_EXECINSTR);
}

static bool find_named(struct go *go)
{
	static const char *const names[] = { ".gopclntab", ".data.rel.ro.gopclntab" };

	for (size_t n = 0; n < 2; n++) {
		const size_t number = binary_section_number(go->binary, names[n]);

		if (number && open_at(go, number, 0))
			return true;
	}
	return false;
}

/* Names are gone, but sections still begin where they did. */
static bool find_at_start(struct go *go)
{
	for (size_t n = 1; n < binary_section_count(go->binary); n++)
		if (is_candidate(binary_section_header(go->binary, n)) && open_at(go, n, 0))
			return true;
	return false;
}

/* Anywhere: the linker aligns it to 32 bytes. */
static bool find_inside(struct go *go)
{
	uint64_t scanned = 0;

	for (size_t n = 1; n < binary_section_count(go->binary); n++) {
		const struct binary_section_header *header = binary_section_header(go->binary, n);
		const struct binary_bytes bytes = is_candidate(header) ? binary_section_bytes_lazily(go->binary, n) : (struct binary_bytes){ 0 };

		for (uint64_t at = -header->address & 31; at + 16 <= bytes.size; at += 32) {
			if (++scanned * 32 >> 20 >= LIMIT_GO_SCANNED_MIB || !binary_need(go->binary, bytes, at, 16))
				return false;
			if (layout_of(go->binary, bytes.bytes + at) && open_at(go, n, at))
				return true;
		}
	}
	return false;
}

static bool is_go(struct binary *binary)
{
	return binary_section_number(binary, ".gopclntab") || binary_section_number(binary, ".go.buildinfo") || binary_has_note(binary, "Go", 4);
}

/* Where the text begins: as the table says, or the loader writes there. */
static void read_text(struct go *go)
{
	if (go->layout->text_start >= 0)
		go_pointer(go, word(go, go->layout->text_start), &go->text);
}

struct go *go_open(struct binary *binary)
{
	struct go *go;

	if (binary_type(binary) == ET_REL || !is_go(binary))
		return NULL;
	go = calloc(1, sizeof(*go));
	if (!go)
		return NULL;
	go->binary = binary;
	if (!find_named(go) && !find_at_start(go) && !find_inside(go)) {
		go_close(go);
		return NULL;
	}
	go_fixes_read(binary, go->address, go->address + (go->section.size - go->offset), &go->fixes, &go->fix_count);
	read_text(go);
	go_module_find(go);
	return go;
}

void go_close(struct go *go)
{
	if (!go)
		return;
	free(go->fixes);
	free(go);
}

/* ---- What it is ---- */

size_t go_count(const struct go *go)
{
	return go->count;
}

const char *go_version(const struct go *go)
{
	return go->layout->version;
}

bool go_has_inlined(const struct go *go)
{
	return go->data && go->layout->call_bytes;
}

size_t go_memory(const struct go *go)
{
	return sizeof(*go) + go->fix_count * sizeof(*go->fixes);
}
