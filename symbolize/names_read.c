// SPDX-License-Identifier: Apache-2.0
/* names_read.c - see names_read.h. */
#include "symbolize/names_read.h"

#include <elf.h>
#include <stdlib.h>
#include <string.h>

#include "schema/schema.h"

struct symbol { uint64_t value, size; uint32_t name; uint16_t section; uint8_t type, binding; };

#define MEMBER(binary, bytes, name) \
	((binary_is_64(binary)) ? binary_number(binary, (bytes) + offsetof(Elf64_Sym, name), sizeof(((Elf64_Sym *)0)->name)) : \
				  binary_number(binary, (bytes) + offsetof(Elf32_Sym, name), sizeof(((Elf32_Sym *)0)->name)))

static void parse(const struct binary *binary, const uint8_t *bytes, struct symbol *ret)
{
	const uint8_t info = (uint8_t)MEMBER(binary, bytes, st_info);

	*ret = (struct symbol){
		.value = MEMBER(binary, bytes, st_value), .size = MEMBER(binary, bytes, st_size),
		.name = (uint32_t)MEMBER(binary, bytes, st_name), .section = (uint16_t)MEMBER(binary, bytes, st_shndx),
		.type = ELF64_ST_TYPE(info), .binding = ELF64_ST_BIND(info),
	};
}

static bool is_mark(const char *name)
{
	return !*name || (name[0] == '$' && name[1] && strchr("adtx", name[1]) && (!name[2] || name[2] == '.')) || !strncmp(name, ".L", 2);
}

/* Functions before what has no type; global ones before weak ones, those before local ones. */
static uint8_t rank_of(const struct symbol *symbol)
{
	static const uint8_t ranks[] = { [STB_LOCAL] = 0, [STB_GLOBAL] = 2, [STB_WEAK] = 1, [STB_GNU_UNIQUE] = 2 };
	const uint8_t binding = symbol->binding < sizeof(ranks) ? ranks[symbol->binding] : 0;

	return (uint8_t)(binding + (symbol->type == STT_NOTYPE ? 0 : 4));
}

static bool has_code(const struct binary_section_header *section)
{
	return section->flags & SHF_EXECINSTR && section->flags & SHF_ALLOC;
}

/* ---- Descriptors ---- */

/* What symbols are held against: tables of one file. */
struct table {
	struct binary *binary;
	struct binary_bytes texts;
	struct binary_bytes descriptors;	/* .opd of the program; empty: it has none */
	uint64_t descriptors_at;		/* where that lies by this file's addresses */
	size_t steps;				/* that may still be made to find sections: files may be made of nothing else */
};

enum { DESCRIPTOR_STEPS = 1 << 26 };

/* A debug file has the section, but not its bytes. */
static void find_descriptors(const struct names_reader *reader, struct table *table)
{
	struct binary *const program = reader->program ? reader->program : table->binary;

	if (binary_machine(table->binary) != EM_PPC64 || !binary_is_64(table->binary))
		return;
	for (size_t n = 1; n < binary_section_count(table->binary); n++)
		if (!strcmp(binary_section_header(table->binary, n)->name, ".opd")) {
			table->descriptors = binary_section(program, ".opd");
			table->descriptors_at = binary_section_header(table->binary, n)->address;
			return;
		}
}

static const struct binary_section_header *section_with_code(struct table *table, uint64_t address)
{
	for (size_t n = 1; n < binary_section_count(table->binary) && table->steps; n++, table->steps--) {
		const struct binary_section_header *section = binary_section_header(table->binary, n);

		if (has_code(section) && address >= section->address && address - section->address < section->size)
			return section;
	}
	return NULL;
}

/* The address that the descriptor at *address has, and the section that is in; NULL: it is none. */
static const struct binary_section_header *follow_descriptor(struct table *table, uint64_t *address)
{
	const uint64_t at = *address - table->descriptors_at;

	if (*address < table->descriptors_at || at > table->descriptors.size || table->descriptors.size - at < 8)
		return NULL;
	*address = binary_number(table->binary, table->descriptors.bytes + at, 8);
	return section_with_code(table, *address);
}

/* ---- Symbols ---- */

/* Where it lies; false when that is not in code. */
static bool place(struct table *table, const struct symbol *symbol, struct name_symbol *ret)
{
	const struct binary *const binary = table->binary;
	const struct binary_section_header *section = binary_section_header(binary, symbol->section);

	ret->address = symbol->value;
	ret->size = symbol->size;
	if (binary_machine(binary) == EM_ARM && symbol->type != STT_NOTYPE)
		ret->address &= ~1ULL;		/* Thumb */
	if (symbol->section == SHN_ABS)
		return symbol->type != STT_NOTYPE;
	if (symbol->section && section && binary_type(binary) == ET_REL)
		ret->address += section->address;
	if (symbol->section && section && table->descriptors.size && !strcmp(section->name, ".opd"))
		section = follow_descriptor(table, &ret->address);
	if (!symbol->section || !section || !has_code(section))
		return false;
	ret->end = section->size > UINT64_MAX - section->address ? 0 : section->address + section->size;
	return ret->address <= ret->end;
}

static bool is_function(uint8_t type)
{
	return type == STT_FUNC || type == STT_GNU_IFUNC || type == STT_NOTYPE;
}

static bool grow(struct names_reader *reader)
{
	const size_t capacity = reader->capacity ? 2 * reader->capacity : 1024;
	struct name_symbol *more;

	if (reader->count < reader->capacity)
		return true;
	more = reader->count < LIMIT_SYMBOLS ? reallocarray(reader->symbols, capacity, sizeof(*more)) : NULL;
	if (!more)
		return false;
	reader->symbols = more;
	reader->capacity = capacity;
	return true;
}

/* False: there is no room for more. */
static bool add(struct names_reader *reader, struct table *table, const struct symbol *symbol, uint64_t shift)
{
	const struct binary_bytes texts = table->texts;
	struct name_symbol found = { .rank = rank_of(symbol) };
	size_t length, room;

	if (!is_function(symbol->type) || symbol->name >= texts.size || !place(table, symbol, &found))
		return true;
	found.name = (const char *)texts.bytes + symbol->name;
	room = texts.size - symbol->name < LIMIT_SYMBOL_NAME_BYTES ? texts.size - symbol->name : LIMIT_SYMBOL_NAME_BYTES;
	length = strnlen(found.name, room);
	reader->names_size += length;
	if (reader->names_size >> 20 >= LIMIT_SYMBOL_NAMES_MIB)
		return false;
	if (length == room || (symbol->type == STT_NOTYPE && is_mark(found.name)) || !length)
		return true;
	if (!grow(reader))
		return false;
	found.address += shift;
	found.end += found.end ? shift : 0;
	reader->symbols[reader->count++] = found;
	return true;
}

static enum symbol_why read_table(struct names_reader *reader, struct binary *binary, size_t number, uint64_t shift)
{
	const struct binary_section_header *header = binary_section_header(binary, number);
	const struct binary_section_header *names = binary_section_header(binary, header->link);
	const size_t size = binary_is_64(binary) ? sizeof(Elf64_Sym) : sizeof(Elf32_Sym);
	const struct binary_bytes symbols = binary_section_bytes(binary, number);
	struct table table = { .binary = binary, .steps = DESCRIPTOR_STEPS };

	if (names && names->type == SHT_STRTAB)
		table.texts = binary_section_bytes(binary, header->link);
	if (!symbols.size || !table.texts.size)
		return binary_trouble(binary) == SYMBOL_KNOWN ? SYMBOL_DAMAGED : binary_trouble(binary);
	find_descriptors(reader, &table);
	for (size_t at = 0; symbols.size - at >= size; at += size) {
		struct symbol symbol;

		parse(binary, symbols.bytes + at, &symbol);
		if (!add(reader, &table, &symbol, shift))
			return SYMBOL_TOO_LARGE;
	}
	return SYMBOL_KNOWN;
}

/* More than one table of each kind is damage: the first serves. */
enum symbol_why names_read(struct names_reader *reader, struct binary *binary, uint64_t shift)
{
	static const uint32_t types[] = { SHT_SYMTAB, SHT_DYNSYM };
	enum symbol_why why = SYMBOL_NO_SYMBOLS;

	for (size_t type = 0; type < 2; type++)
		for (size_t n = 1; n < binary_section_count(binary); n++) {
			const struct binary_section_header *header = binary_section_header(binary, n);
			enum symbol_why of_table;

			if (header->type != types[type] || !header->size)
				continue;
			of_table = read_table(reader, binary, n, shift);
			if (why == SYMBOL_NO_SYMBOLS || of_table == SYMBOL_TOO_LARGE)
				why = of_table;
			break;
		}
	return why;
}

void names_reader_release(struct names_reader *reader)
{
	free(reader->symbols);
	*reader = (struct names_reader){ 0 };
}
