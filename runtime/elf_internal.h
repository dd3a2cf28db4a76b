/* SPDX-License-Identifier: Apache-2.0 */
/* elf_internal.h - what the parts of elf_file.h share. */
#ifndef RUNTIME_ELF_INTERNAL_H
#define RUNTIME_ELF_INTERNAL_H

#include <gelf.h>
#include <libelf.h>

#include "runtime/elf_file.h"

struct elf_file {
	Elf *elf;
	size_t section_count, segment_count;
	GElf_Phdr *segments;		/* those that are loaded */
	bool *is_read;			/* by section */
	size_t bytes_read;		/* of all sections */
};

/* The header of a section; false when there is no such section. */
bool elf_section_header(const struct elf_file *file, size_t section, GElf_Shdr *ret);

/* The bytes of a section, within the limits; false when it is of another type, has none or lies about them. */
bool elf_section_bytes(struct elf_file *file, size_t section, uint32_t type, GElf_Shdr *header, Elf_Data **ret);

/* Texts of a section: each ends inside of it. */
struct elf_texts { const char *bytes; size_t size; };
struct elf_texts elf_section_texts(struct elf_file *file, size_t section);

/* NULL when there is none at that offset, or it is longer than LIMIT_ELF_NAME_BYTES. */
const char *elf_text(struct elf_texts texts, size_t offset);

#endif
