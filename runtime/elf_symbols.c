// SPDX-License-Identifier: Apache-2.0
/* elf_symbols.c - from the name of a function to where it is; see elf_file.h. */
#include "runtime/elf_internal.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "compiler/base/nearest.h"
#include "schema/schema.h"

enum { VERSION_HIDDEN = 0x8000, NO_VERSION = -1, OTHER_VERSION = -2 };

/* What is looked for, and the best of what was found. */
struct search {
	struct elf_file *file;
	const char *name;		/* as it is written */
	size_t base_length;		/* of what precedes its version */
	const char *version;		/* NULL: none is written */
	bool guesses;			/* nothing has the name: looks for the nearest */
	struct nearest nearest;
	size_t tables, seen;		/* tables of symbols, and symbols in them */
	int best;			/* rank of `address`; 0: nothing was found */
	uint64_t address, other;
	bool ambiguous;			/* `other` is as good */
	bool has_all, has_exported;	/* tables that are there and have functions */
	bool is_imported, is_indirect;	/* what is wrong with those that have the name */
};

/* ---- Versions ---- */

static int version_in(Elf_Data *data, struct elf_texts texts, const char *version)
{
	int offset = 0;

	for (size_t count = 0; count < LIMIT_ELF_VERSIONS; count++) {
		GElf_Verdef definition;
		GElf_Verdaux first;
		const char *name;

		if (!gelf_getverdef(data, offset, &definition) || definition.vd_aux > INT32_MAX - (uint32_t)offset ||
		    !gelf_getverdaux(data, offset + (int)definition.vd_aux, &first))
			break;
		name = elf_text(texts, first.vda_name);
		if (name && !strcmp(name, version))
			return definition.vd_ndx & ~VERSION_HIDDEN;
		if (!definition.vd_next || definition.vd_next > INT32_MAX - (uint32_t)offset)
			break;
		offset += (int)definition.vd_next;
	}
	return OTHER_VERSION;
}

/* Number of the version, by its name, among those that the file defines; it has one such table. */
static int version_number(const struct search *search)
{
	GElf_Shdr header;
	Elf_Data *data;

	for (size_t n = 1; n < search->file->section_count; n++)
		if (elf_section_bytes(search->file, n, SHT_GNU_verdef, &header, &data))
			return version_in(data, elf_section_texts(search->file, header.sh_link), search->version);
	return OTHER_VERSION;
}

/* The table that says which version each symbol of section `symbols` has; NULL when there is none. */
static Elf_Data *versions_of(const struct search *search, size_t symbols)
{
	GElf_Shdr header;
	Elf_Data *data;

	for (size_t n = 1; n < search->file->section_count; n++)
		if (elf_section_header(search->file, n, &header) && header.sh_link == symbols &&
		    elf_section_bytes(search->file, n, SHT_GNU_versym, &header, &data))
			return data;
	return NULL;
}

/* ---- Candidates ---- */

static bool is_named(const struct search *search, const char *name)
{
	if (!strcmp(name, search->name))
		return true;
	return search->version && !strncmp(name, search->name, search->base_length) && !name[search->base_length];
}

/* 0: it is none. */
static int rank(const GElf_Sym *symbol, bool is_hidden)
{
	switch (GELF_ST_BIND(symbol->st_info)) {
	case STB_GLOBAL:
		return is_hidden ? 3 : 5;
	case STB_WEAK:
		return is_hidden ? 2 : 4;
	default:
		return 1;
	}
}

static void consider(struct search *search, const GElf_Sym *symbol, bool is_hidden)
{
	const int type = GELF_ST_TYPE(symbol->st_info), found = rank(symbol, is_hidden);

	if (type == STT_GNU_IFUNC) {
		search->is_indirect = true;
		return;
	}
	if (symbol->st_shndx == SHN_UNDEF) {
		search->is_imported = true;
		return;
	}
	if (type != STT_FUNC || found < search->best)
		return;
	if (found > search->best) {
		search->best = found;
		search->address = symbol->st_value;
		search->ambiguous = false;
	} else if (search->address != symbol->st_value) {
		search->other = symbol->st_value;
		search->ambiguous = true;
	}
}

/* Whether the symbol is of the version that is written, if one is; names of the table of all symbols have theirs at their end. */
static bool version_suits(const struct search *search, Elf_Data *versions, size_t n, int wanted, const char *name, bool *is_hidden)
{
	GElf_Versym version = 0;
	const bool has_version = versions && n <= INT32_MAX && gelf_getversym(versions, (int)n, &version);

	*is_hidden = has_version && version & VERSION_HIDDEN;
	if (!search->version || !strcmp(name, search->name))
		return true;
	return has_version && (version & ~VERSION_HIDDEN) == wanted;
}

static bool is_function(const GElf_Sym *symbol)
{
	const int type = GELF_ST_TYPE(symbol->st_info);

	return type == STT_FUNC || type == STT_GNU_IFUNC;
}

static int search_table(struct search *search, size_t section, const GElf_Shdr *header, Elf_Data *data, struct elf_failure *failure)
{
	const size_t count = header->sh_entsize == sizeof(Elf64_Sym) ? header->sh_size / sizeof(Elf64_Sym) : 0;
	const struct elf_texts texts = elf_section_texts(search->file, header->sh_link);
	Elf_Data *versions = header->sh_type == SHT_DYNSYM ? versions_of(search, section) : NULL;
	const int wanted = search->version && versions ? version_number(search) : NO_VERSION;

	search->seen += count;
	if (++search->tables > LIMIT_ELF_SYMBOL_TABLES || search->seen > LIMIT_ELF_SYMBOLS)
		return elf_fail(failure, -ENOEXEC, "has more than %d symbols, or tables of them", LIMIT_ELF_SYMBOLS);
	for (size_t n = 1; n < count; n++) {
		GElf_Sym symbol;
		const char *name = gelf_getsym(data, (int)n, &symbol) && is_function(&symbol) ? elf_text(texts, symbol.st_name) : NULL;
		bool is_hidden;

		if (!name || !*name)
			continue;
		*(header->sh_type == SHT_DYNSYM ? &search->has_exported : &search->has_all) = true;
		if (search->guesses && symbol.st_shndx != SHN_UNDEF && n < LIMIT_ELF_SYMBOLS_GUESSED)
			nearest_try(&search->nearest, name);
		if (!search->guesses && is_named(search, name) && version_suits(search, versions, n, wanted, name, &is_hidden))
			consider(search, &symbol, is_hidden);
	}
	return 0;
}

static int search_tables(struct search *search, struct elf_failure *failure)
{
	GElf_Shdr header;
	Elf_Data *data;
	int error = 0;

	search->tables = search->seen = 0;
	for (size_t n = 1; n < search->file->section_count && !error; n++)
		if (elf_section_bytes(search->file, n, SHT_SYMTAB, &header, &data) ||
		    elf_section_bytes(search->file, n, SHT_DYNSYM, &header, &data))
			error = search_table(search, n, &header, data, failure);
	return error;
}

/* ---- The answer ---- */

static int not_found(struct search *search, struct elf_failure *failure)
{
	const char *hint;

	if (!search->has_all && !search->has_exported)
		return elf_fail(failure, -ENOENT, "has no table of symbols (it is stripped): say 'offsets' or 'addrs' instead");
	if (search->is_indirect)
		return elf_fail(failure, -ENOENT, "has '%.128s' as an indirect function, for which the program chooses another one when it starts: "
			"name the one that it chooses", search->name);
	if (search->is_imported)
		return elf_fail(failure, -ENOENT, "only calls '%.128s', which is in a library: probe that", search->name);
	search->guesses = true;
	search_tables(search, failure);
	hint = search->nearest.best;
	return elf_fail(failure, -ENOENT, "has no function '%.128s'%s%s%.64s%s", search->name,
		search->has_all ? "" : " (of its symbols only the exported ones are left)",
		hint ? "; did you mean '" : "", hint ? hint : "", hint ? "'?" : "");
}

int elf_function_find(struct elf_file *file, const char *name, uint64_t *offset, struct elf_failure *failure)
{
	const char *at = strchr(name, '@');
	struct search search = {
		.file = file, .name = name, .base_length = at ? (size_t)(at - name) : strlen(name),
		.version = at ? at + strspn(at, "@") : NULL, .nearest = { .name = name, .length = strlen(name) },
	};
	int error = search_tables(&search, failure);

	if (error)
		return error;
	if (!search.best)
		return not_found(&search, failure);
	if (search.ambiguous)
		return elf_fail(failure, -ENOENT, "has several functions '%.128s', at 0x%" PRIx64 " and 0x%" PRIx64 ": "
			"say which by 'addrs'", name, search.address, search.other);
	if (!elf_file_offset(file, search.address, ELF_SEGMENT_CODE, offset))
		return elf_fail(failure, -ENOENT, "has '%.128s' at 0x%" PRIx64 ", where it has no code", name, search.address);
	return 0;
}
