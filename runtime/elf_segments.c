// SPDX-License-Identifier: Apache-2.0
/* elf_segments.c - between addresses and offsets in the file; see elf_file.h. */
#include "runtime/elf_internal.h"

static bool is_of(const GElf_Phdr *segment, enum elf_segment kind)
{
	return kind == ELF_SEGMENT_CODE ? (segment->p_flags & PF_X) != 0 : segment->p_flags & PF_W && !(segment->p_flags & PF_X);
}

bool elf_file_offset(const struct elf_file *file, uint64_t address, enum elf_segment kind, uint64_t *ret)
{
	for (size_t n = 0; n < file->segment_count; n++) {
		const GElf_Phdr *segment = &file->segments[n];

		if (!is_of(segment, kind) || address < segment->p_vaddr || address - segment->p_vaddr >= segment->p_filesz)
			continue;
		return !__builtin_add_overflow(address - segment->p_vaddr, segment->p_offset, ret);
	}
	return false;
}

bool elf_code_address(const struct elf_file *file, uint64_t offset, uint64_t *ret)
{
	for (size_t n = 0; n < file->segment_count; n++) {
		const GElf_Phdr *segment = &file->segments[n];

		if (!is_of(segment, ELF_SEGMENT_CODE) || offset < segment->p_offset || offset - segment->p_offset >= segment->p_filesz)
			continue;
		return !__builtin_add_overflow(offset - segment->p_offset, segment->p_vaddr, ret);
	}
	return false;
}

bool elf_offset_is_code(const struct elf_file *file, uint64_t offset)
{
	uint64_t address;

	return elf_code_address(file, offset, &address);
}

bool elf_first_code(const struct elf_file *file, uint64_t *ret)
{
	for (size_t n = 0; n < file->segment_count; n++) {
		if (!is_of(&file->segments[n], ELF_SEGMENT_CODE) || !file->segments[n].p_filesz)
			continue;
		*ret = file->segments[n].p_offset;
		return true;
	}
	return false;
}
