// SPDX-License-Identifier: Apache-2.0
/*
 * binary_sections.c - the bytes of sections: read as a whole or page by page, unpacked, relocated; see binary.h.
 *
 * What is not packed has a mapping of its own, without a file, that pread fills where it is needed: only that takes memory.
 */
#include "symbolize/binary_internal.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include "schema/schema.h"

/* Smaller sections are read at once. */
enum { SMALL_BYTES = 64 << 10 };

bool binary_may_hold(struct binary *binary, uint64_t size)
{
	const uint64_t limit = (uint64_t)LIMIT_SYMBOL_MEMORY_MIB << 20;

	if (binary->resident > limit || size > limit - binary->resident)
		return binary_fail(binary, SYMBOL_TOO_LARGE);
	binary->resident += size;
	return true;
}

size_t binary_memory(const struct binary *binary)
{
	return sizeof(*binary) + binary->unpacked.capacity + binary->resident + binary->section_names_size +
	       binary->section_count * (sizeof(*binary->sections) + sizeof(*binary->loaded));
}

/* ---- Finding ---- */

size_t binary_section_count(const struct binary *binary)
{
	return binary->section_count;
}

const struct binary_section_header *binary_section_header(const struct binary *binary, size_t number)
{
	return number < binary->section_count ? &binary->sections[number] : NULL;
}

/* ".debug_info" as ".zdebug_info". */
static bool is_named(const char *have, const char *name)
{
	return !strcmp(have, name) || (name[0] == '.' && have[0] == '.' && have[1] == 'z' && !strncmp(name, ".debug_", 7) &&
				       !strcmp(have + 2, name + 1));
}

size_t binary_section_number(const struct binary *binary, const char *name)
{
	for (size_t n = 1; n < binary->section_count; n++)
		if (binary->sections[n].type != SHT_NOBITS && binary->sections[n].size && is_named(binary->sections[n].name, name))
			return n;
	return 0;
}

bool binary_address_in_section(const struct binary *binary, const char *name, uint64_t offset, uint64_t *ret)
{
	for (size_t n = 1; n < binary->section_count; n++) {
		const struct binary_section_header *section = &binary->sections[n];

		if (!(section->flags & SHF_ALLOC) || strcmp(section->name, name) || offset >= section->size)
			continue;
		*ret = section->address + offset;
		return true;
	}
	return false;
}

/* ---- Unpacking ---- */

/* Several streams may follow each other. */
static bool unpack_zlib(const uint8_t *from, size_t from_size, uint8_t *to, size_t to_size)
{
	z_stream stream = { .next_in = (Bytef *)(uintptr_t)from, .avail_in = (uInt)from_size, .next_out = to, .avail_out = (uInt)to_size };
	int status = inflateInit(&stream);

	if (status != Z_OK)
		return false;
	do {
		status = inflate(&stream, Z_FINISH);
		if (status == Z_STREAM_END && stream.avail_out && stream.avail_in)
			status = inflateReset(&stream) == Z_OK ? Z_OK : Z_DATA_ERROR;
	} while (status == Z_OK);
	inflateEnd(&stream);
	return status == Z_STREAM_END && !stream.avail_out;
}

static bool unpack_zstd(const uint8_t *from, size_t from_size, uint8_t *to, size_t to_size)
{
	return ZSTD_decompress(to, to_size, from, from_size) == to_size;
}

struct packed { bool (*unpack)(const uint8_t *, size_t, uint8_t *, size_t); uint64_t header, size; };

static bool parse_compression(const struct binary *binary, const uint8_t *bytes, size_t size, struct packed *ret)
{
	const size_t header = binary->is_64 ? sizeof(Elf64_Chdr) : sizeof(Elf32_Chdr);
	uint64_t kind;

	if (size < header)
		return false;
	kind = binary_number(binary, bytes, 4);
	ret->header = header;
	ret->size = binary->is_64 ? binary_number(binary, bytes + offsetof(Elf64_Chdr, ch_size), 8) :
				    binary_number(binary, bytes + offsetof(Elf32_Chdr, ch_size), 4);
	ret->unpack = kind == ELFCOMPRESS_ZLIB ? unpack_zlib : kind == 2 /* ELFCOMPRESS_ZSTD */ ? unpack_zstd : NULL;
	return ret->unpack;
}

/* .zdebug_*: "ZLIB", and the size in big endian. */
static bool parse_old_compression(const uint8_t *bytes, size_t size, struct packed *ret)
{
	if (size < 12 || memcmp(bytes, "ZLIB", 4))
		return false;
	*ret = (struct packed){ .unpack = unpack_zlib, .header = 12 };
	for (int n = 4; n < 12; n++)
		ret->size = ret->size << 8 | bytes[n];
	return true;
}

static bool is_old_compressed(const struct binary_section_header *section)
{
	return !strncmp(section->name, ".zdebug_", 8);
}

static bool is_packed(const struct binary_section_header *section)
{
	return section->flags & SHF_COMPRESSED || is_old_compressed(section);
}

static bool unpack(struct binary *binary, const struct binary_section_header *section, const uint8_t *bytes, struct loaded *ret)
{
	struct packed packed;

	if (!(section->flags & SHF_COMPRESSED ? parse_compression(binary, bytes, section->size, &packed) :
						 parse_old_compression(bytes, section->size, &packed)))
		return binary_fail(binary, SYMBOL_DAMAGED);
	if (packed.size > 1 << 20 && packed.size / LIMIT_SYMBOL_RATIO > section->size)
		return binary_fail(binary, SYMBOL_TOO_LARGE);
	if (!packed.size || !binary_may_hold(binary, packed.size))
		return false;
	ret->bytes = malloc(packed.size);
	ret->size = packed.size;
	ret->kind = LOADED_HEAP;
	return (ret->bytes && packed.unpack(bytes + packed.header, section->size - packed.header, ret->bytes, packed.size)) ||
	       binary_fail(binary, SYMBOL_DAMAGED);
}

/* ---- Loading ---- */

static bool is_inside(const struct binary *binary, const struct binary_section_header *section)
{
	return section->offset <= binary->identity.size && section->size <= binary->identity.size - section->offset;
}

static void unload(struct binary *binary, struct loaded *loaded)
{
	if (loaded->kind == LOADED_HEAP)
		free(loaded->bytes);
	if (loaded->kind == LOADED_MAPPED)
		munmap(loaded->bytes, loaded->size);
	if (loaded->kind == LOADED_HEAP && loaded->bytes)
		binary->resident -= loaded->size;
	free(loaded->present);
	*loaded = (struct loaded){ .kind = LOADED_FAILED };
}

/* Bytes of the section as the file has them, to be freed. */
static bool load_copy(struct binary *binary, const struct binary_section_header *section, struct loaded *ret)
{
	if (!binary_may_hold(binary, section->size))
		return false;
	ret->kind = LOADED_HEAP;
	ret->size = section->size;
	ret->bytes = malloc(section->size);
	if (!ret->bytes)
		binary->resident -= section->size;
	return ret->bytes && binary_read(binary, section->offset, ret->bytes, section->size);
}

static bool load_packed(struct binary *binary, const struct binary_section_header *section, struct loaded *ret)
{
	struct loaded raw = { 0 };
	const bool fine = load_copy(binary, section, &raw) && unpack(binary, section, raw.bytes, ret);

	unload(binary, &raw);
	return fine;
}

static bool load_reserved(struct binary *binary, const struct binary_section_header *section, struct loaded *ret)
{
	const uint64_t pages = section->size / BINARY_PAGE + 1;

	if (section->size >> 20 >= LIMIT_SYMBOL_SECTION_MIB)
		return binary_fail(binary, SYMBOL_TOO_LARGE);
	ret->present = calloc(pages / 64 + 1, sizeof(*ret->present));
	ret->bytes = mmap(NULL, section->size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (ret->bytes == MAP_FAILED || !ret->present) {
		if (ret->bytes != MAP_FAILED)
			munmap(ret->bytes, section->size);
		return binary_fail(binary, SYMBOL_TOO_LARGE);
	}
	ret->size = section->size;
	ret->kind = LOADED_MAPPED;
	return true;
}

/* Never a table of relocations or symbols: what relocates is not relocated itself. */
static bool is_relocated(const struct binary *binary, const struct binary_section_header *section)
{
	const bool has_descriptors = binary->machine == EM_PPC64 && !strcmp(section->name, ".opd");
	const bool is_debug = !(section->flags & SHF_ALLOC) && (!strncmp(section->name, ".debug_", 7) || is_old_compressed(section));

	return binary->type == ET_REL && section->type == SHT_PROGBITS && (has_descriptors || is_debug);
}

static bool load(struct binary *binary, size_t number, struct loaded *ret)
{
	const struct binary_section_header *section = &binary->sections[number];

	if (!is_inside(binary, section))
		return binary_fail(binary, SYMBOL_DAMAGED);
	if (is_packed(section))
		return load_packed(binary, section, ret);
	if (binary->descriptor < 0 && !is_relocated(binary, section)) {
		*ret = (struct loaded){ (uint8_t *)(uintptr_t)(binary->memory + section->offset), section->size, NULL, LOADED_BORROWED };
		return true;
	}
	return section->size <= SMALL_BYTES || is_relocated(binary, section) ? load_copy(binary, section, ret) :
									       load_reserved(binary, section, ret);
}

static struct loaded *load_once(struct binary *binary, size_t number)
{
	const struct binary_section_header *section = number && number < binary->section_count ? &binary->sections[number] : NULL;
	struct loaded *loaded;

	if (!section || section->type == SHT_NOBITS || section->type == SHT_NULL || !section->size)
		return NULL;
	loaded = &binary->loaded[number];
	if (loaded->kind == LOADED_NOT_TRIED) {
		if (!load(binary, number, loaded) ||
		    (is_relocated(binary, section) && !binary_relocate(binary, number, loaded->bytes, loaded->size)))
			unload(binary, loaded);
	}
	return loaded->kind == LOADED_FAILED ? NULL : loaded;
}

/* ---- Pages ---- */

static bool is_present(const struct loaded *loaded, uint64_t page)
{
	return loaded->present[page / 64] >> page % 64 & 1;
}

/* Missing pages that follow each other are read at once. */
static bool read_missing(struct binary *binary, size_t number, struct loaded *loaded, uint64_t page, uint64_t last)
{
	while (page <= last) {
		uint64_t end = page, size;

		if (is_present(loaded, page++))
			continue;
		while (end <= last && !is_present(loaded, end))
			end++;
		size = (end * BINARY_PAGE < loaded->size ? end * BINARY_PAGE : loaded->size) - (page - 1) * BINARY_PAGE;
		if (!binary_may_hold(binary, size) ||
		    !binary_read(binary, binary->sections[number].offset + (page - 1) * BINARY_PAGE,
				 loaded->bytes + (page - 1) * BINARY_PAGE, size))
			return false;
		for (uint64_t n = page - 1; n < end; n++)
			loaded->present[n / 64] |= 1ULL << n % 64;
		page = end;
	}
	return true;
}

static bool need(struct binary *binary, size_t number, struct loaded *loaded, uint64_t offset, uint64_t size)
{
	if (offset > loaded->size || size > loaded->size - offset)
		return false;
	return !loaded->present || !size ||
	       read_missing(binary, number, loaded, offset / BINARY_PAGE, (offset + size - 1) / BINARY_PAGE);
}

static bool is_of(const struct loaded *loaded, struct binary_bytes section)
{
	return loaded->bytes == section.bytes && loaded->size == section.size;
}

/* Most often it is the one that was asked for before. */
static struct loaded *loaded_of(struct binary *binary, struct binary_bytes section, size_t *number)
{
	if (!section.size || !section.bytes)
		return NULL;
	if (binary->last >= binary->section_count || !is_of(&binary->loaded[binary->last], section))
		for (binary->last = 1; binary->last < binary->section_count; binary->last++)
			if (is_of(&binary->loaded[binary->last], section))
				break;
	*number = binary->last;
	return binary->last < binary->section_count ? &binary->loaded[binary->last] : NULL;
}

bool binary_need(struct binary *binary, struct binary_bytes section, uint64_t offset, uint64_t size)
{
	size_t number;
	struct loaded *loaded = loaded_of(binary, section, &number);

	return loaded && need(binary, number, loaded, offset, size);
}

/* Only whole pages are let go of. */
void binary_forget(struct binary *binary, struct binary_bytes section, uint64_t offset, uint64_t size)
{
	size_t number;
	struct loaded *loaded = loaded_of(binary, section, &number);
	uint64_t page = (offset + BINARY_PAGE - 1) / BINARY_PAGE, end;

	if (!loaded || !loaded->present || offset > loaded->size || size > loaded->size - offset)
		return;
	end = (offset + size) / BINARY_PAGE;
	if (page >= end || madvise(loaded->bytes + page * BINARY_PAGE, (end - page) * BINARY_PAGE, MADV_DONTNEED))
		return;
	for (; page < end; page++) {
		binary->resident -= is_present(loaded, page) ? BINARY_PAGE : 0;
		loaded->present[page / 64] &= ~(1ULL << page % 64);
	}
}

/* ---- Asking ---- */

static struct binary_bytes bytes_of(const struct loaded *loaded)
{
	return loaded ? (struct binary_bytes){ loaded->bytes, loaded->size } : (struct binary_bytes){ NULL, 0 };
}

struct binary_bytes binary_section_bytes(struct binary *binary, size_t number)
{
	struct loaded *loaded = load_once(binary, number);

	return bytes_of(loaded && need(binary, number, loaded, 0, loaded->size) ? loaded : NULL);
}

struct binary_bytes binary_section(struct binary *binary, const char *name)
{
	return binary_section_bytes(binary, binary_section_number(binary, name));
}

struct binary_bytes binary_section_bytes_lazily(struct binary *binary, size_t number)
{
	return bytes_of(load_once(binary, number));
}

struct binary_bytes binary_section_lazily(struct binary *binary, const char *name)
{
	return binary_section_bytes_lazily(binary, binary_section_number(binary, name));
}

void binary_close(struct binary *binary)
{
	if (!binary)
		return;
	for (size_t n = 0; n < binary->section_count; n++)
		unload(binary, &binary->loaded[n]);
	if (binary->descriptor >= 0)
		close(binary->descriptor);
	buffer_release(&binary->unpacked);
	free(binary->section_names);
	free(binary->sections);
	free(binary->loaded);
	free(binary->segments);
	free(binary);
}
