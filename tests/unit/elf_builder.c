// SPDX-License-Identifier: Apache-2.0
/* elf_builder.c - see elf_builder.h. */
#include "tests/unit/elf_builder.h"

#include <string.h>

#if defined(__x86_64__)
#define MACHINE EM_X86_64
#else
#define MACHINE EM_AARCH64
#endif

struct building {
	struct buffer *file;
	struct buffer names;
	Elf64_Shdr sections[BUILT_SECTIONS];
};

static uint32_t add_name(struct buffer *names, const char *name)
{
	uint32_t offset = (uint32_t)names->length;

	buffer_add(names, name, strlen(name) + 1);
	return offset;
}

static void add_section(struct building *building, enum built_section number, const char *name, uint32_t type, const struct buffer *bytes)
{
	Elf64_Shdr *section = &building->sections[number];

	buffer_align(building->file, 8);
	section->sh_name = add_name(&building->names, name);
	section->sh_type = type;
	section->sh_offset = building->file->length;
	section->sh_size = bytes->length;
	section->sh_addralign = type == SHT_NOTE ? 4 : 8;
	if (bytes->length)
		buffer_add(building->file, bytes->bytes, bytes->length);
}

static void add_symbols(struct building *building, const struct built_symbol *symbols, enum built_section table, enum built_section texts)
{
	const int is_all = table == BUILT_SYMTAB;
	struct buffer records = { 0 }, names = { 0 };
	Elf64_Sym symbol = { 0 };

	buffer_add(&records, &symbol, sizeof(symbol));
	buffer_add_char(&names, '\0');
	for (; symbols->name; symbols++) {
		symbol = (Elf64_Sym){
			.st_name = add_name(&names, symbols->name), .st_value = symbols->where,
			.st_info = ELF64_ST_INFO(symbols->binding, symbols->type),
			.st_shndx = symbols->where ? BUILT_TEXT : SHN_UNDEF,
		};
		buffer_add(&records, &symbol, sizeof(symbol));
	}
	if (records.length > sizeof(symbol)) {
		add_section(building, table, is_all ? ".symtab" : ".dynsym", is_all ? SHT_SYMTAB : SHT_DYNSYM, &records);
		building->sections[table].sh_entsize = sizeof(symbol);
		building->sections[table].sh_link = texts;
	}
	add_section(building, texts, is_all ? ".strtab" : ".dynstr", SHT_STRTAB, &names);
	buffer_release(&records);
	buffer_release(&names);
}

/* Versions ONE and TWO, whose names are those of the exported symbols "ONE" and "TWO". */
static void add_versions(struct building *building, const struct built_elf *what)
{
	struct { Elf64_Verdef definition; Elf64_Verdaux name; } rows[2] = { 0 };
	struct buffer numbers = { 0 }, definitions = { 0 };

	if (!what->versions[1])
		return;
	buffer_add(&numbers, what->versions, sizeof(what->versions));
	add_section(building, BUILT_VERSYM, ".gnu.version", SHT_GNU_versym, &numbers);
	building->sections[BUILT_VERSYM].sh_entsize = 2;
	building->sections[BUILT_VERSYM].sh_link = BUILT_DYNSYM;
	for (int n = 0; n < 2; n++) {
		const Elf64_Shdr *texts = &building->sections[BUILT_DYNSTR];
		const char *start = building->file->bytes + texts->sh_offset;
		const char *name = memmem(start, texts->sh_size, n ? "TWO" : "ONE", 4);

		rows[n].definition = (Elf64_Verdef){ .vd_version = 1, .vd_ndx = (uint16_t)(2 + n), .vd_cnt = 1,
			.vd_aux = sizeof(Elf64_Verdef), .vd_next = n ? 0 : sizeof(rows[0]) };
		rows[n].name.vda_name = (uint32_t)(name - start);
	}
	buffer_add(&definitions, rows, sizeof(rows));
	add_section(building, BUILT_VERDEF, ".gnu.version_d", SHT_GNU_verdef, &definitions);
	building->sections[BUILT_VERDEF].sh_link = BUILT_DYNSTR;
	building->sections[BUILT_VERDEF].sh_info = 2;
	buffer_release(&numbers);
	buffer_release(&definitions);
}

static void add_note(struct buffer *notes, const char *owner, uint32_t type, const void *bytes, size_t size)
{
	const Elf64_Nhdr header = { (uint32_t)strlen(owner) + 1, (uint32_t)size, type };

	buffer_add(notes, &header, sizeof(header));
	buffer_add(notes, owner, strlen(owner) + 1);
	buffer_align(notes, 4);
	buffer_add(notes, bytes, size);
	buffer_align(notes, 4);
}

static void add_probes(struct building *building, const struct built_elf *what)
{
	struct buffer notes = { 0 };

	for (const struct built_probe *probe = what->probes; probe->name; probe++) {
		const uint64_t words[] = { probe->where, probe->base, probe->counter };
		struct buffer bytes = { 0 };

		buffer_add(&bytes, words, sizeof(words));
		add_name(&bytes, probe->provider);
		add_name(&bytes, probe->name);
		add_name(&bytes, probe->arguments);
		add_note(&notes, "stapsdt", 3, bytes.bytes, bytes.length);
		buffer_release(&bytes);
	}
	notes.length -= what->cut;
	if (notes.length)
		add_section(building, BUILT_NOTES, ".note.stapsdt", SHT_NOTE, &notes);
	buffer_release(&notes);
	building->sections[BUILT_BASE] = (Elf64_Shdr){
		.sh_name = add_name(&building->names, ".stapsdt.base"), .sh_type = SHT_PROGBITS, .sh_addr = BUILT_BASE_ADDRESS, .sh_size = 1,
	};
}

static void add_id(struct building *building, const char *id)
{
	struct buffer notes = { 0 };

	if (!id)
		return;
	add_note(&notes, "GNU", NT_GNU_BUILD_ID, id, strlen(id));
	add_section(building, BUILT_ID, ".note.gnu.build-id", SHT_NOTE, &notes);
	buffer_release(&notes);
}

static void add_space(struct buffer *file, size_t until)
{
	while (file->length < until)
		buffer_add_char(file, '\0');
}

static void write_heads(struct building *building, const struct built_elf *what)
{
	const Elf64_Phdr segments[] = {
		{ .p_type = PT_NOTE },
		{ .p_type = PT_LOAD, .p_flags = PF_R | PF_X, .p_offset = BUILT_CODE, .p_vaddr = BUILT_CODE_ADDRESS,
		  .p_filesz = BUILT_CODE_SIZE, .p_memsz = BUILT_CODE_SIZE },
		{ .p_type = PT_LOAD, .p_flags = PF_R | PF_W, .p_offset = BUILT_DATA, .p_vaddr = BUILT_DATA_ADDRESS,
		  .p_filesz = BUILT_DATA_SIZE, .p_memsz = 2 * BUILT_DATA_SIZE },
	};
	Elf64_Ehdr header = {
		.e_ident = { ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, (unsigned char)(what->elf_class ? what->elf_class : ELFCLASS64), ELFDATA2LSB,
			     EV_CURRENT },
		.e_type = (uint16_t)(what->type ? what->type : ET_DYN), .e_machine = (uint16_t)(what->machine ? what->machine : MACHINE),
		.e_version = EV_CURRENT, .e_phoff = sizeof(header), .e_ehsize = sizeof(header), .e_phentsize = sizeof(Elf64_Phdr),
		.e_phnum = 3, .e_shentsize = sizeof(Elf64_Shdr), .e_shnum = BUILT_SECTIONS, .e_shstrndx = BUILT_NAMES,
	};

	buffer_align(building->file, 8);
	header.e_shoff = building->file->length;
	buffer_add(building->file, building->sections, sizeof(building->sections));
	memcpy(building->file->bytes, &header, sizeof(header));
	memcpy(building->file->bytes + sizeof(header), segments, sizeof(segments));
}

void elf_build(const struct built_elf *what, struct buffer *ret)
{
	struct building building = { .file = ret };
	struct buffer names = { 0 };

	add_space(ret, BUILT_DATA + BUILT_DATA_SIZE);
	buffer_add_char(&building.names, '\0');
	add_symbols(&building, what->all, BUILT_SYMTAB, BUILT_STRTAB);
	add_symbols(&building, what->exported, BUILT_DYNSYM, BUILT_DYNSTR);
	add_versions(&building, what);
	add_probes(&building, what);
	add_id(&building, what->build_id);
	building.sections[BUILT_TEXT] = (Elf64_Shdr){
		.sh_name = add_name(&building.names, ".text"), .sh_type = SHT_PROGBITS, .sh_flags = SHF_ALLOC | SHF_EXECINSTR,
		.sh_addr = BUILT_CODE_ADDRESS, .sh_offset = BUILT_CODE, .sh_size = BUILT_CODE_SIZE, .sh_addralign = 16,
	};
	add_name(&building.names, ".shstrtab");
	buffer_add(&names, building.names.bytes, building.names.length);
	add_section(&building, BUILT_NAMES, ".shstrtab", SHT_STRTAB, &names);
	write_heads(&building, what);
	buffer_release(&names);
	buffer_release(&building.names);
}
