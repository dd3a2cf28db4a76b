// SPDX-License-Identifier: Apache-2.0
/* elf_file.c - opening, and what every part reads; see elf_file.h. */
#include "runtime/elf_internal.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "schema/schema.h"

#if defined(__x86_64__)
#define THIS_ELF_MACHINE EM_X86_64
#elif defined(__aarch64__)
#define THIS_ELF_MACHINE EM_AARCH64
#else
#define THIS_ELF_MACHINE EM_NONE
#endif

int elf_fail(struct elf_failure *failure, int error, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(failure->text, sizeof(failure->text), format, arguments);
	va_end(arguments);
	return error;
}

/* ---- Sections ---- */

bool elf_section_header(const struct elf_file *file, size_t section, GElf_Shdr *ret)
{
	Elf_Scn *found = section < file->section_count ? elf_getscn(file->elf, section) : NULL;

	return found && gelf_getshdr(found, ret);
}

/* Sections may claim the same bytes of the file, all of them: what is read in all has a limit, too. */
static bool may_read(struct elf_file *file, size_t section, size_t size)
{
	if (file->is_read[section])
		return true;
	if (size > LIMIT_ELF_TABLE_BYTES || size > LIMIT_ELF_BYTES - file->bytes_read)
		return false;
	file->bytes_read += size;
	file->is_read[section] = true;
	return true;
}

bool elf_section_bytes(struct elf_file *file, size_t section, uint32_t type, GElf_Shdr *header, Elf_Data **ret)
{
	if (!elf_section_header(file, section, header) || header->sh_type != type || header->sh_flags & SHF_COMPRESSED ||
	    !header->sh_size || !may_read(file, section, header->sh_size))
		return false;
	*ret = elf_getdata(elf_getscn(file->elf, section), NULL);
	return *ret && (*ret)->d_buf && (*ret)->d_size == header->sh_size;
}

/* Up to the last zero byte: what is behind it does not end. */
struct elf_texts elf_section_texts(struct elf_file *file, size_t section)
{
	GElf_Shdr header;
	Elf_Data *data;
	const char *last;

	if (!elf_section_bytes(file, section, SHT_STRTAB, &header, &data))
		return (struct elf_texts){ NULL, 0 };
	last = memrchr(data->d_buf, '\0', data->d_size);
	return (struct elf_texts){ data->d_buf, last ? (size_t)(last - (const char *)data->d_buf) + 1 : 0 };
}

const char *elf_text(struct elf_texts texts, size_t offset)
{
	if (offset >= texts.size || strnlen(texts.bytes + offset, LIMIT_ELF_NAME_BYTES) == LIMIT_ELF_NAME_BYTES)
		return NULL;
	return texts.bytes + offset;
}

bool elf_section_named(struct elf_file *file, const char *name, const void **bytes, size_t *size)
{
	struct elf_texts names;
	size_t table;
	Elf_Data *data;

	if (elf_getshdrstrndx(file->elf, &table))
		return false;
	names = elf_section_texts(file, table);
	for (size_t n = 1; n < file->section_count; n++) {
		GElf_Shdr header;
		const char *text = elf_section_header(file, n, &header) ? elf_text(names, header.sh_name) : NULL;

		if (!text || strcmp(text, name) || !elf_section_bytes(file, n, SHT_PROGBITS, &header, &data))
			continue;
		*bytes = data->d_buf;
		*size = data->d_size;
		return true;
	}
	return false;
}

/* ---- Opening ---- */

static int read_header(struct elf_file *file, struct elf_failure *failure)
{
	GElf_Ehdr header;

	if (elf_kind(file->elf) != ELF_K_ELF)
		return elf_fail(failure, -ENOEXEC, "is not an ELF file");
	if (gelf_getclass(file->elf) == ELFCLASS32)
		return elf_fail(failure, -ENOEXEC, "is a program of 32 bits; only those of 64 bits are probed");
	if (!gelf_getehdr(file->elf, &header))
		return elf_fail(failure, -ENOEXEC, "is damaged: %s", elf_errmsg(-1));
	if (header.e_machine != THIS_ELF_MACHINE)
		return elf_fail(failure, -ENOEXEC, "is for another kind of machine (ELF number %u)", header.e_machine);
	if (header.e_type != ET_EXEC && header.e_type != ET_DYN)
		return elf_fail(failure, -ENOEXEC, "is neither a program nor a library");
	if (elf_getshdrnum(file->elf, &file->section_count) || file->section_count > LIMIT_ELF_SECTIONS)
		return elf_fail(failure, -ENOEXEC, "is damaged: it has no valid table of sections, or more than %d", LIMIT_ELF_SECTIONS);
	file->is_read = calloc(file->section_count + 1, sizeof(*file->is_read));
	return file->is_read ? 0 : elf_fail(failure, -ENOMEM, "cannot be read: no memory");
}

static int read_segments(struct elf_file *file, struct elf_failure *failure)
{
	size_t count;

	if (elf_getphdrnum(file->elf, &count) || count > LIMIT_ELF_SEGMENTS)
		return elf_fail(failure, -ENOEXEC, "is damaged: it has no valid table of segments, or more than %d", LIMIT_ELF_SEGMENTS);
	file->segments = calloc(count + 1, sizeof(*file->segments));
	if (!file->segments)
		return elf_fail(failure, -ENOMEM, "cannot be read: no memory");
	for (size_t n = 0; n < count; n++) {
		GElf_Phdr *segment = &file->segments[file->segment_count];

		if (!gelf_getphdr(file->elf, (int)n, segment))
			return elf_fail(failure, -ENOEXEC, "is damaged: %s", elf_errmsg(-1));
		file->segment_count += segment->p_type == PT_LOAD;
	}
	return 0;
}

/* Takes over `elf`. */
static int read_file(Elf *elf, struct elf_file **ret, struct elf_failure *failure)
{
	struct elf_file *file = calloc(1, sizeof(*file));
	int error;

	if (!file) {
		elf_end(elf);
		return elf_fail(failure, -ENOMEM, "cannot be read: no memory");
	}
	file->elf = elf;
	error = elf ? read_header(file, failure) : elf_fail(failure, -ENOEXEC, "cannot be read: %s", elf_errmsg(-1));
	if (!error)
		error = read_segments(file, failure);
	if (error)
		elf_file_close(file);
	else
		*ret = file;
	return error;
}

/* Not mapped: who writes to the file, or cuts it short, would stop us with a signal. */
int elf_file_open(int descriptor, struct elf_file **ret, struct elf_failure *failure)
{
	elf_version(EV_CURRENT);
	return read_file(elf_begin(descriptor, ELF_C_READ, NULL), ret, failure);
}

int elf_file_of_bytes(void *bytes, size_t size, struct elf_file **ret, struct elf_failure *failure)
{
	elf_version(EV_CURRENT);
	return read_file(elf_memory(bytes, size), ret, failure);
}

void elf_file_close(struct elf_file *file)
{
	if (!file)
		return;
	elf_end(file->elf);
	free(file->segments);
	free(file->is_read);
	free(file);
}
