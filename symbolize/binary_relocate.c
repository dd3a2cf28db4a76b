// SPDX-License-Identifier: Apache-2.0
/*
 * binary_relocate.c - relocatable files (objects, kernel modules): where their sections lie, and their debug information relocated by that.
 */
#include "symbolize/binary_internal.h"

#include <string.h>

#include "schema/schema.h"

/* ---- Where sections lie ---- */

enum { ALIGNMENT_MOST = 1 << 16 };

static bool place(struct binary_section_header *section, uint64_t *next)
{
	const uint64_t alignment = section->alignment && section->alignment <= ALIGNMENT_MOST && !(section->alignment & (section->alignment - 1)) ?
				   section->alignment : 1;

	if (__builtin_add_overflow(*next, alignment - 1, next))
		return false;
	*next &= ~(alignment - 1);
	section->address = *next;
	return !__builtin_add_overflow(*next, section->size, next);
}

/* What has no room in the addresses any more, because a size is damaged, is as if it were not loaded. */
static void place_all(struct binary *binary, uint64_t code, uint64_t *next)
{
	for (size_t n = 1; n < binary->section_count; n++) {
		struct binary_section_header *section = &binary->sections[n];

		if (section->flags & SHF_ALLOC && (section->flags & SHF_EXECINSTR) == code && !place(section, next)) {
			section->flags &= ~(uint64_t)SHF_ALLOC;
			*next = UINT64_MAX;
		}
	}
}

void binary_lay_out(struct binary *binary)
{
	uint64_t next = 0;

	place_all(binary, SHF_EXECINSTR, &next);
	next = next < UINT64_MAX - BINARY_PAGE ? (next + BINARY_PAGE - 1) & ~(uint64_t)(BINARY_PAGE - 1) : UINT64_MAX;
	place_all(binary, 0, &next);
}

/* ---- Relocations ---- */

/* What a relocation of debug information does: S + A, to that many bytes; with `place` minus where it lies. */
enum formula { NOTHING, ABSOLUTE, RELATIVE, ADD, SUBTRACT, SET_SIX, SUBTRACT_SIX };
static const struct relocation_row { uint16_t machine; uint32_t type; uint8_t size; uint8_t formula; } rows[] = {
	{ EM_X86_64, R_X86_64_NONE, 0, NOTHING },
	{ EM_X86_64, R_X86_64_64, 8, ABSOLUTE },
	{ EM_X86_64, R_X86_64_32, 4, ABSOLUTE },
	{ EM_X86_64, R_X86_64_32S, 4, ABSOLUTE },
	{ EM_X86_64, R_X86_64_PC32, 4, RELATIVE },
	{ EM_X86_64, R_X86_64_PC64, 8, RELATIVE },
	{ EM_X86_64, R_X86_64_DTPOFF32, 4, ABSOLUTE },	/* of thread-local variables: nobody looks them up */
	{ EM_X86_64, R_X86_64_DTPOFF64, 8, ABSOLUTE },
	{ EM_AARCH64, R_AARCH64_NONE, 0, NOTHING },
	{ EM_AARCH64, R_AARCH64_ABS64, 8, ABSOLUTE },
	{ EM_AARCH64, R_AARCH64_ABS32, 4, ABSOLUTE },
	{ EM_AARCH64, R_AARCH64_PREL32, 4, RELATIVE },
	{ EM_AARCH64, R_AARCH64_PREL64, 8, RELATIVE },
	{ EM_386, R_386_NONE, 0, NOTHING },
	{ EM_386, R_386_32, 4, ABSOLUTE },
	{ EM_386, R_386_PC32, 4, RELATIVE },
	{ EM_386, R_386_TLS_LDO_32, 4, ABSOLUTE },
	{ EM_ARM, R_ARM_NONE, 0, NOTHING },
	{ EM_ARM, R_ARM_ABS32, 4, ABSOLUTE },
	{ EM_ARM, R_ARM_REL32, 4, RELATIVE },
	{ EM_ARM, R_ARM_TLS_LDO32, 4, ABSOLUTE },
	{ EM_PPC64, R_PPC64_NONE, 0, NOTHING },
	{ EM_PPC64, R_PPC64_ADDR64, 8, ABSOLUTE },
	{ EM_PPC64, R_PPC64_TOC, 8, NOTHING },	/* in descriptors, beside the function's address */
	{ EM_PPC64, R_PPC64_ADDR32, 4, ABSOLUTE },
	{ EM_PPC64, R_PPC64_REL32, 4, RELATIVE },
	{ EM_PPC64, R_PPC64_REL64, 8, RELATIVE },
	{ EM_PPC64, R_PPC64_DTPREL64, 8, ABSOLUTE },
	{ EM_S390, R_390_NONE, 0, NOTHING },
	{ EM_S390, R_390_64, 8, ABSOLUTE },
	{ EM_S390, R_390_32, 4, ABSOLUTE },
	{ EM_S390, R_390_PC32, 4, RELATIVE },
	{ EM_S390, R_390_TLS_LDO64, 8, ABSOLUTE },
	{ EM_RISCV, R_RISCV_NONE, 0, NOTHING },
	{ EM_RISCV, R_RISCV_64, 8, ABSOLUTE },
	{ EM_RISCV, R_RISCV_32, 4, ABSOLUTE },
	{ EM_RISCV, R_RISCV_32_PCREL, 4, RELATIVE },
	{ EM_RISCV, R_RISCV_ADD8, 1, ADD },
	{ EM_RISCV, R_RISCV_ADD16, 2, ADD },
	{ EM_RISCV, R_RISCV_ADD32, 4, ADD },
	{ EM_RISCV, R_RISCV_ADD64, 8, ADD },
	{ EM_RISCV, R_RISCV_SUB8, 1, SUBTRACT },
	{ EM_RISCV, R_RISCV_SUB16, 2, SUBTRACT },
	{ EM_RISCV, R_RISCV_SUB32, 4, SUBTRACT },
	{ EM_RISCV, R_RISCV_SUB64, 8, SUBTRACT },
	{ EM_RISCV, R_RISCV_SET6, 1, SET_SIX },
	{ EM_RISCV, R_RISCV_SUB6, 1, SUBTRACT_SIX },
	{ EM_RISCV, R_RISCV_SET8, 1, ABSOLUTE },
	{ EM_RISCV, R_RISCV_SET16, 2, ABSOLUTE },
	{ EM_RISCV, R_RISCV_SET32, 4, ABSOLUTE },
};

static const struct relocation_row *row_of(uint16_t machine, uint32_t type)
{
	for (size_t n = 0; n < sizeof(rows) / sizeof(*rows); n++)
		if (rows[n].machine == machine && rows[n].type == type)
			return &rows[n];
	return NULL;
}

struct relocation { uint64_t offset, addend; uint32_t type, symbol; bool has_addend; };

static struct relocation parse(const struct binary *binary, const uint8_t *bytes, bool has_addend)
{
	struct relocation ret = { .has_addend = has_addend };
	uint64_t info;

	if (binary->is_64) {
		ret.offset = binary_number(binary, bytes, 8);
		info = binary_number(binary, bytes + 8, 8);
		ret.type = (uint32_t)ELF64_R_TYPE(info);
		ret.symbol = (uint32_t)ELF64_R_SYM(info);
		ret.addend = has_addend ? binary_number(binary, bytes + 16, 8) : 0;
	} else {
		ret.offset = binary_number(binary, bytes, 4);
		info = binary_number(binary, bytes + 4, 4);
		ret.type = (uint32_t)ELF32_R_TYPE(info);
		ret.symbol = (uint32_t)ELF32_R_SYM(info);
		ret.addend = has_addend ? (uint64_t)(int32_t)binary_number(binary, bytes + 8, 4) : 0;
	}
	return ret;
}

/* The address of a symbol; 0 of one that is not defined here. */
static bool symbol_value(const struct binary *binary, struct binary_bytes symbols, uint32_t number, uint64_t *ret)
{
	const size_t size = binary->is_64 ? sizeof(Elf64_Sym) : sizeof(Elf32_Sym);
	const uint8_t *symbol;
	uint64_t section, value;

	if (number >= symbols.size / size)
		return false;
	symbol = symbols.bytes + number * size;
	section = binary_number(binary, symbol + (binary->is_64 ? offsetof(Elf64_Sym, st_shndx) : offsetof(Elf32_Sym, st_shndx)), 2);
	value = binary->is_64 ? binary_number(binary, symbol + offsetof(Elf64_Sym, st_value), 8) :
				binary_number(binary, symbol + offsetof(Elf32_Sym, st_value), 4);
	if (section == SHN_UNDEF)
		value = 0;
	else if (section < binary->section_count)
		value += binary->sections[section].flags & SHF_ALLOC ? binary->sections[section].address : 0;
	else if (section != SHN_ABS && section != SHN_COMMON)
		return false;
	*ret = value;
	return true;
}

static void store(const struct binary *binary, uint8_t *at, unsigned size, uint64_t value)
{
	for (unsigned n = 0; n < size; n++)
		at[binary->is_big_endian ? size - 1 - n : n] = (uint8_t)(value >> 8 * n);
}

static uint64_t result(const struct relocation_row *row, uint64_t old, uint64_t value, uint64_t place)
{
	switch ((enum formula)row->formula) {
	case RELATIVE:		return value - place;
	case ADD:		return old + value;
	case SUBTRACT:		return old - value;
	case SET_SIX:		return (old & 0xc0) | (value & 0x3f);
	case SUBTRACT_SIX:	return (old & 0xc0) | ((old - value) & 0x3f);
	default:		return value;
	}
}

static bool apply(const struct binary *binary, const struct relocation *relocation, struct binary_bytes symbols, uint8_t *bytes, size_t size)
{
	const struct relocation_row *row = row_of(binary->machine, relocation->type);
	uint64_t value, old;

	if (!row || relocation->offset > size || row->size > size - relocation->offset)
		return false;
	if (row->formula == NOTHING)
		return true;
	if (!symbol_value(binary, symbols, relocation->symbol, &value))
		return false;
	old = binary_number(binary, bytes + relocation->offset, row->size);
	value += relocation->has_addend ? relocation->addend : old;
	store(binary, bytes + relocation->offset, row->size, result(row, old, value, relocation->offset));
	return true;
}

static bool apply_table(struct binary *binary, size_t number, uint8_t *bytes, size_t size, size_t *budget)
{
	const struct binary_section_header *table = &binary->sections[number];
	const bool has_addend = table->type == SHT_RELA;
	const size_t entry = (binary->is_64 ? 8 : 4) * (has_addend ? 3 : 2);
	const struct binary_section_header *link = binary_section_header(binary, table->link);
	const struct binary_bytes relocations = binary_section_bytes(binary, number);
	struct binary_bytes symbols;

	if (!link || link->type != SHT_SYMTAB || (table->size && !relocations.size))
		return binary_fail(binary, SYMBOL_DAMAGED);
	symbols = binary_section_bytes(binary, table->link);
	for (size_t at = 0; relocations.size - at >= entry; at += entry) {
		const struct relocation relocation = parse(binary, relocations.bytes + at, has_addend);

		if (!*budget)
			return binary_fail(binary, SYMBOL_TOO_LARGE);
		--*budget;
		if (!apply(binary, &relocation, symbols, bytes, size))
			return binary_fail(binary, SYMBOL_DAMAGED);
	}
	return true;
}

bool binary_relocate(struct binary *binary, size_t number, uint8_t *bytes, size_t size)
{
	size_t budget = LIMIT_SYMBOL_RELOCATIONS;

	for (size_t n = 1; n < binary->section_count; n++) {
		const struct binary_section_header *table = &binary->sections[n];

		if ((table->type == SHT_RELA || table->type == SHT_REL) && table->info == number &&
		    !apply_table(binary, n, bytes, size, &budget))
			return false;
	}
	return true;
}
