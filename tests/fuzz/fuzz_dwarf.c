// SPDX-License-Identifier: Apache-2.0
/*
 * fuzz_dwarf.c - debug information that may be anything: every answer is one, or says why there is none.
 *
 * The input: a byte (1: big endian, 2: relocatable, 4: 32 bits, 8: what follows is a block as the cache keeps them, and is looked up as such), then
 * sections: a byte (which; 0x40 more: of the split file, which stands for every .dwo and for the .dwp), three bytes (how long), its bytes.  Asked for
 * are the addresses at which the index says that something begins.
 */
#include <elf.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/base/buffer.h"
#include "schema/schema.h"
#include "symbolize/dwarf.h"
#include "symbolize/dwarf_block.h"
#include "symbolize/dwarf_index.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { BIG_ENDIAN_FILE = 1, RELOCATABLE = 2, NARROW = 4, BLOCK = 8, OF_SPLIT = 0x40, SECTIONS_MAX = 32, ASKED_MAX = 64, ROOM = 16 };

static const char *const names[] = { ".debug_info", ".debug_abbrev", ".debug_str", ".debug_line_str", ".debug_str_offsets", ".debug_addr",
				     ".debug_ranges", ".debug_rnglists", ".debug_line", ".debug_aranges", ".debug_cu_index" };
enum { NAMES = sizeof(names) / sizeof(*names) };

struct piece { const char *name; const uint8_t *bytes; size_t size; };

/* Numbers in the file's byte order. */
static void put(struct buffer *file, uint64_t number, unsigned size, bool is_big)
{
	for (unsigned n = 0; n < size; n++)
		buffer_add_char(file, (char)(number >> 8 * (is_big ? size - 1 - n : n)));
}

static void put_section(struct buffer *file, uint32_t name, uint32_t type, uint64_t offset, uint64_t size, uint8_t kind)
{
	const bool is_big = kind & BIG_ENDIAN_FILE;
	const unsigned word = kind & NARROW ? 4 : 8;

	put(file, name, 4, is_big);
	put(file, type, 4, is_big);
	put(file, 0, word, is_big);
	put(file, 0, word, is_big);
	put(file, offset, word, is_big);
	put(file, size, word, is_big);
	put(file, 0, 8, is_big);
	put(file, 1, word, is_big);
	put(file, 0, word, is_big);
}

/* An ELF file of these sections and the table of their names. */
static void make_file(const struct piece *pieces, size_t count, bool split, uint8_t kind, struct buffer *ret)
{
	const bool is_big = kind & BIG_ENDIAN_FILE;
	const unsigned word = kind & NARROW ? 4 : 8;
	struct buffer texts = { 0 }, table = { 0 };
	uint64_t offset = kind & NARROW ? 52 : 64;

	buffer_add(&texts, "", 1);
	put_section(&table, 0, SHT_NULL, 0, 0, kind);
	for (size_t n = 0; n < count; n++) {
		put_section(&table, (uint32_t)texts.length, SHT_PROGBITS, offset, pieces[n].size, kind);
		buffer_format(&texts, "%s%s", pieces[n].name, split && strcmp(pieces[n].name, ".debug_cu_index") ? ".dwo" : "");
		buffer_add(&texts, "", 1);
		offset += pieces[n].size;
	}
	put_section(&table, 0, SHT_STRTAB, offset, texts.length, kind);
	offset += texts.length;

	buffer_add(ret, ELFMAG, SELFMAG);
	put(ret, kind & NARROW ? ELFCLASS32 : ELFCLASS64, 1, is_big);
	put(ret, is_big ? ELFDATA2MSB : ELFDATA2LSB, 1, is_big);
	put(ret, EV_CURRENT, 1, is_big);
	buffer_reserve(ret, 9);
	put(ret, kind & RELOCATABLE ? ET_REL : ET_DYN, 2, is_big);
	put(ret, EM_X86_64, 2, is_big);
	put(ret, EV_CURRENT, 4, is_big);
	put(ret, 0, word, is_big);
	put(ret, 0, word, is_big);
	put(ret, offset, word, is_big);
	put(ret, 0, 4, is_big);
	put(ret, kind & NARROW ? 52 : 64, 2, is_big);
	put(ret, 0, 4, is_big);
	put(ret, kind & NARROW ? 40 : 64, 2, is_big);
	put(ret, count + 2, 2, is_big);
	put(ret, count + 1, 2, is_big);
	for (size_t n = 0; n < count; n++)
		buffer_add(ret, pieces[n].bytes, pieces[n].size);
	buffer_add(ret, texts.bytes, texts.length);
	buffer_add(ret, table.bytes, table.length);
	buffer_release(&texts);
	buffer_release(&table);
}

static size_t take_pieces(const uint8_t *data, size_t size, bool split, struct piece *pieces)
{
	size_t count = 0;

	while (size >= 4 && count < SECTIONS_MAX) {
		size_t length = data[1] | (size_t)data[2] << 8 | (size_t)data[3] << 16;
		const uint8_t which = data[0];

		data += 4;
		size -= 4;
		length = length < size ? length : size;
		if (!(which & OF_SPLIT) == !split)
			pieces[count++] = (struct piece){ names[which % OF_SPLIT % NAMES], data, length };
		data += length;
		size -= length;
	}
	return count;
}

/* Reads all of each text that an answer has. */
static void check(const struct symbol_frames *found, enum symbol_why why)
{
	size_t length = 0;

	if (found->count > found->room || why >= SYMBOL_WHY_COUNT || (why == SYMBOL_NO_LINES && found->count))
		abort();
	for (size_t n = 0; n < found->count; n++) {
		length += found->frames[n].function ? strlen(found->frames[n].function) : 0;
		length += found->frames[n].file ? strlen(found->frames[n].file) : 0;
	}
	if (length > (size_t)ROOM * 4 * LIMIT_DWARF_TEXT_BYTES)
		abort();
}

static void ask(struct dwarf *dwarf, uint64_t address)
{
	struct symbol_frame frames[ROOM];
	struct symbol_frames found = { .frames = frames, .room = ROOM };

	check(&found, dwarf_find(dwarf, address, &found));
	found.room = 1;
	check(&found, dwarf_find(dwarf, address, &found));
}

static void no_ranges(void *context, struct dwarf_unit *unit, struct buffer *ret)
{
	(void)context;
	(void)unit;
	(void)ret;
}

/* Where something begins, by an index of our own. */
static size_t begins(struct binary *binary, uint64_t *ret)
{
	struct dwarf_budget budget = { 0, LIMIT_DWARF_UNIT_STEPS };
	const struct index_reader reader = { NULL, no_ranges };
	struct dwarf_index index;
	struct dwarf_file file;
	struct buffer bytes = { 0 };
	size_t count = 0;

	dwarf_file_open(&file, binary, false, &budget);
	dwarf_index_make(&file, &reader, &bytes);
	if (!dwarf_index_open(&index, bytes.bytes, bytes.length))
		abort();
	for (uint32_t n = 0; n < index.header->segments && count < ASKED_MAX; n++)
		ret[count++] = index.segments[n].start;
	dwarf_file_close(&file);
	buffer_release(&bytes);
	return count;
}

static struct binary *split_file(void *context, const char *folder, const char *name, uint64_t id)
{
	if (strlen(folder) + strlen(name) > 2 * LIMIT_DWARF_TEXT_BYTES)
		abort();
	return id % 2 ? context : NULL;
}

static void ask_all(struct binary *binary, struct binary *split, uint8_t kind)
{
	struct dwarf_files files = { .context = split, .split = split_file, .package = kind & 0x10 ? split : NULL,
				     .supplementary = kind & 0x20 ? split : NULL };
	struct dwarf *dwarf = dwarf_open(binary, &files, NULL);
	uint64_t addresses[ASKED_MAX];
	const size_t count = dwarf ? begins(binary, addresses) : 0;

	for (size_t n = 0; n < count; n++) {
		ask(dwarf, addresses[n]);
		ask(dwarf, addresses[n] + 5);
	}
	if (dwarf)
		ask(dwarf, 0x1139);
	dwarf_close(dwarf);
}

/* Bytes as the cache has them: what dwarf_block_open takes has to stay within them. */
static void ask_block(const uint8_t *data, size_t size)
{
	struct block_call calls[4];
	struct block_line line;
	struct dwarf_block block;
	struct dwarf_index index;
	const uint32_t *units;
	uint64_t start = 0;
	void *exact = malloc(size + 1);	/* aligned, its end known */

	memcpy(exact, data, size);
	for (uint64_t address = 0; address < 64; address++) {
		if (dwarf_block_open(&block, exact, size)) {
			const uint64_t at = block.header->ranges ? block.ranges[address % block.header->ranges].start + address : address;

			for (size_t n = dwarf_block_calls(&block, at, calls, 4, &start); n--;)
				if (n < 4 && calls[n].function && strlen(calls[n].function) > size)
					abort();
			if (block.header->sequences &&
			    dwarf_block_line(&block, block.sequences[address % block.header->sequences].start + address, &line) &&
			    dwarf_block_file(&block, line.file) && strlen(dwarf_block_file(&block, line.file)) > size)
				abort();
		}
		if (dwarf_index_open(&index, exact, size))
			for (size_t n = dwarf_index_find(&index, address, &units); n--;)
				start += units[n];
	}
	free(exact);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct piece pieces[SECTIONS_MAX];
	struct buffer file = { 0 }, split_bytes = { 0 };
	struct binary *binary, *split;
	enum symbol_why why;

	if (!size)
		return 0;
	if (*data & BLOCK) {
		ask_block(data + 1, size - 1);
		return 0;
	}
	make_file(pieces, take_pieces(data + 1, size - 1, false, pieces), false, *data, &file);
	make_file(pieces, take_pieces(data + 1, size - 1, true, pieces), true, *data, &split_bytes);
	binary = binary_of_bytes(file.bytes, file.length, &why);
	split = binary_of_bytes(split_bytes.bytes, split_bytes.length, &why);
	if (!binary || !split)
		abort();
	ask_all(binary, split, *data);
	binary_close(binary);
	binary_close(split);
	buffer_release(&file);
	buffer_release(&split_bytes);
	return 0;
}
