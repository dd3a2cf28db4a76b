// SPDX-License-Identifier: Apache-2.0
/* dwarf_builder.c - see dwarf_builder.h. */
#include "tests/unit/dwarf_builder.h"

#include <elf.h>
#include <stdlib.h>
#include <string.h>

struct buffer *made_section(struct made_program *program, const char *name)
{
	struct made_section *section = program->sections;

	while (section->name && strcmp(section->name, name))
		section++;
	section->name = name;
	return &section->bytes;
}

static void put(struct buffer *bytes, uint64_t number, unsigned size, bool is_big_endian)
{
	for (unsigned n = 0; n < size; n++)
		buffer_add_char(bytes, (char)(number >> 8 * (is_big_endian ? size - 1 - n : n)));
}

void made_fixed(const struct made_program *program, struct buffer *section, uint64_t number, unsigned size)
{
	put(section, number, size, program->is_big_endian);
}

void made_leb(struct buffer *section, uint64_t number)
{
	for (; number >= 0x80; number >>= 7)
		buffer_add_char(section, (char)(number | 0x80));
	buffer_add_char(section, (char)number);
}

void made_signed_leb(struct buffer *section, int64_t number)
{
	for (; number < -64 || number > 63; number >>= 7)
		buffer_add_char(section, (char)(number | 0x80));
	buffer_add_char(section, (char)(number & 0x7f));
}

void made_text(struct buffer *section, const char *text)
{
	buffer_add(section, text, strlen(text) + 1);
}

void made_bytes(struct buffer *section, const char *words)
{
	char *end;

	for (unsigned long byte; byte = strtoul(words, &end, 16), end != words; words = end)
		buffer_add_char(section, (char)byte);
}

size_t made_length(struct buffer *section)
{
	buffer_reserve(section, 4);
	return section->length - 4;
}

void made_length_end(const struct made_program *program, struct buffer *section, size_t at)
{
	struct buffer length = { 0 };

	put(&length, section->length - at - 4, 4, program->is_big_endian);
	memcpy(section->bytes + at, length.bytes, 4);
	buffer_release(&length);
}

static void put_header(struct made_program *program, size_t count, uint64_t table)
{
	const unsigned word = program->is_narrow ? 4 : 8;
	const bool is_big = program->is_big_endian;
	struct buffer *file = &program->file;

	buffer_add(file, ELFMAG, SELFMAG);
	put(file, program->is_narrow ? ELFCLASS32 : ELFCLASS64, 1, is_big);
	put(file, is_big ? ELFDATA2MSB : ELFDATA2LSB, 1, is_big);
	put(file, EV_CURRENT, 1, is_big);
	buffer_reserve(file, 9);
	put(file, program->is_relocatable ? ET_REL : ET_DYN, 2, is_big);
	put(file, EM_X86_64, 2, is_big);
	put(file, EV_CURRENT, 4, is_big);
	put(file, 0, 2 * word, is_big);
	put(file, table, word, is_big);
	put(file, 0, 4, is_big);
	put(file, program->is_narrow ? 52 : 64, 2, is_big);
	put(file, 0, 4, is_big);
	put(file, program->is_narrow ? 40 : 64, 2, is_big);
	put(file, count, 2, is_big);
	put(file, count - 1, 2, is_big);
}

static void put_row(const struct made_program *program, struct buffer *table, uint32_t name, uint32_t type, uint64_t offset, uint64_t size)
{
	const unsigned word = program->is_narrow ? 4 : 8;

	put(table, name, 4, program->is_big_endian);
	put(table, type, 4, program->is_big_endian);
	put(table, 0, word, program->is_big_endian);
	put(table, 0, word, program->is_big_endian);
	put(table, offset, word, program->is_big_endian);
	put(table, size, word, program->is_big_endian);
	put(table, 0, 8, program->is_big_endian);
	put(table, 1, word, program->is_big_endian);
	put(table, 0, word, program->is_big_endian);
}

struct binary *made_open(struct made_program *program)
{
	struct buffer names = { 0 }, table = { 0 }, bytes = { 0 };
	const uint64_t first = program->is_narrow ? 52 : 64;
	enum symbol_why why;
	size_t count = 0;

	made_text(&names, "");
	put_row(program, &table, 0, SHT_NULL, 0, 0);
	for (; program->sections[count].name; count++) {
		const struct buffer *section = &program->sections[count].bytes;

		put_row(program, &table, (uint32_t)names.length, SHT_PROGBITS, first + bytes.length, section->length);
		made_text(&names, program->sections[count].name);
		buffer_add(&bytes, section->bytes, section->length);
	}
	put_row(program, &table, 0, SHT_STRTAB, first + bytes.length, names.length);
	buffer_add(&bytes, names.bytes, names.length);
	program->file.length = 0;
	put_header(program, count + 2, first + bytes.length);
	buffer_add(&program->file, bytes.bytes, bytes.length);
	buffer_add(&program->file, table.bytes, table.length);
	buffer_release(&names);
	buffer_release(&table);
	buffer_release(&bytes);
	return binary_of_bytes(program->file.bytes, program->file.length, &why);
}

void made_release(struct made_program *program)
{
	for (size_t n = 0; n < MADE_SECTIONS; n++)
		buffer_release(&program->sections[n].bytes);
	buffer_release(&program->file);
	*program = (struct made_program){ 0 };
}
