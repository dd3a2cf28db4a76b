// SPDX-License-Identifier: Apache-2.0
/* binary.c - opening, headers, segments and the build id; see binary.h. */
#include "symbolize/binary_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <time.h>
#include <unistd.h>

#include "schema/schema.h"
#include "symbolize/unpack.h"
#include "symbolize/waiting.h"

/* ---- Reading ---- */

bool binary_fail(struct binary *binary, enum symbol_why why)
{
	if (binary->trouble == SYMBOL_KNOWN)
		binary->trouble = why;
	return false;
}

static uint64_t milliseconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/* A quarter of the time in which it was not read: a file may be read for weeks, now and then. */
static void regain_patience(struct binary *binary, uint64_t now)
{
	const uint64_t gained = binary->read_ms ? (now - binary->read_ms) / 4 : 0;
	const uint64_t lost = (uint64_t)(LIMIT_WAIT_FILE_MS - binary->patience_ms);

	binary->patience_ms = gained < lost ? binary->patience_ms + (int)gained : LIMIT_WAIT_FILE_MS;
}

/* Each answer in time may still be many that are slow. */
static ssize_t read_patiently(struct binary *binary, void *bytes, size_t size, uint64_t offset)
{
	const uint64_t before = milliseconds();
	ssize_t got;

	regain_patience(binary, before);
	if (binary->patience_ms <= 0)
		return -ETIMEDOUT;
	got = waiting_read(binary->descriptor, binary->id, bytes, size, offset);
	binary->read_ms = milliseconds();
	binary->patience_ms -= (int)(binary->read_ms - before);
	return got;
}

static ssize_t read_some(struct binary *binary, void *bytes, size_t size, uint64_t offset)
{
	const ssize_t got = binary->may_wait ? read_patiently(binary, bytes, size, offset) :
					       pread(binary->descriptor, bytes, size, (off_t)offset);

	return got >= 0 || binary->may_wait ? got : -errno;
}

bool binary_read(struct binary *binary, uint64_t offset, void *bytes, size_t size)
{
	uint8_t *at = bytes;

	if (offset > binary->identity.size || size > binary->identity.size - offset)
		return binary_fail(binary, SYMBOL_DAMAGED);
	if (binary->descriptor < 0) {
		memcpy(bytes, binary->memory + offset, size);
		return true;
	}
	while (size) {
		const ssize_t got = read_some(binary, at, size, offset);

		if (got == -EINTR)
			continue;
		if (got <= 0)	/* it was cut short since it was opened */
			return binary_fail(binary, got == -ETIMEDOUT ? SYMBOL_TIMEOUT : SYMBOL_DAMAGED);
		at += got;
		offset += (uint64_t)got;
		size -= (size_t)got;
	}
	return true;
}

uint64_t binary_number(const struct binary *binary, const void *bytes, unsigned size)
{
	uint64_t number = 0;

	memcpy((uint8_t *)&number + (binary->is_big_endian ? sizeof(number) - size : 0), bytes, size);
	return binary->is_big_endian ? be64toh(number) : le64toh(number);
}

enum symbol_why binary_trouble(const struct binary *binary)
{
	return binary->trouble;
}

/* ---- Headers ---- */

/* A member of a header: where it is in files of 32 and of 64 bits, and its size there. */
struct place { uint8_t at_32, size_32, at_64, size_64; };

static uint64_t member(const struct binary *binary, const uint8_t *header, struct place place)
{
	return binary->is_64 ? binary_number(binary, header + place.at_64, place.size_64) :
			       binary_number(binary, header + place.at_32, place.size_32);
}

#define PLACE(type, name) \
	(struct place){ offsetof(Elf32_##type, name), sizeof(((Elf32_##type *)0)->name), \
			offsetof(Elf64_##type, name), sizeof(((Elf64_##type *)0)->name) }
#define GET(binary, header, type, name) member(binary, header, PLACE(type, name))
#define SIZE_OF(binary, type) ((binary)->is_64 ? sizeof(Elf64_##type) : sizeof(Elf32_##type))

static void parse_section(const struct binary *binary, const uint8_t *bytes, struct binary_section_header *ret, uint32_t *name)
{
	*name = (uint32_t)GET(binary, bytes, Shdr, sh_name);
	ret->type = (uint32_t)GET(binary, bytes, Shdr, sh_type);
	ret->flags = GET(binary, bytes, Shdr, sh_flags);
	ret->address = GET(binary, bytes, Shdr, sh_addr);
	ret->offset = GET(binary, bytes, Shdr, sh_offset);
	ret->size = GET(binary, bytes, Shdr, sh_size);
	ret->link = (uint32_t)GET(binary, bytes, Shdr, sh_link);
	ret->info = (uint32_t)GET(binary, bytes, Shdr, sh_info);
	ret->alignment = GET(binary, bytes, Shdr, sh_addralign);
	ret->entry_size = GET(binary, bytes, Shdr, sh_entsize);
}

struct tables { uint64_t sections, segments, section_count, segment_count, names; };

/* Numbers that are too large for the file's header are in that of section 0. */
static bool read_counts(struct binary *binary, struct tables *tables)
{
	struct binary_section_header first;
	uint8_t bytes[sizeof(Elf64_Shdr)];
	uint32_t name;

	if (!tables->sections || (tables->section_count && tables->names != SHN_XINDEX && tables->segment_count != PN_XNUM))
		return true;
	if (!binary_read(binary, tables->sections, bytes, SIZE_OF(binary, Shdr)))
		return false;
	parse_section(binary, bytes, &first, &name);
	if (!tables->section_count)
		tables->section_count = first.size;
	if (tables->names == SHN_XINDEX)
		tables->names = first.link;
	if (tables->segment_count == PN_XNUM)
		tables->segment_count = first.info;
	return true;
}

/* A table of headers, in the heap; NULL when it is empty or damaged. */
static uint8_t *read_table(struct binary *binary, uint64_t offset, uint64_t count, size_t size)
{
	uint8_t *bytes = malloc(count * size + 1);

	if (bytes && binary_read(binary, offset, bytes, count * size))
		return bytes;
	free(bytes);
	return NULL;
}

static bool read_segments(struct binary *binary, const struct tables *tables)
{
	const size_t size = SIZE_OF(binary, Phdr), count = tables->segments ? tables->segment_count : 0;
	uint8_t *bytes;

	if (!count)
		return true;
	if (count > LIMIT_SYMBOL_FILE_SEGMENTS)
		return binary_fail(binary, SYMBOL_TOO_LARGE);
	bytes = read_table(binary, tables->segments, count, size);
	binary->segments = calloc(count, sizeof(*binary->segments));
	for (size_t n = 0; bytes && binary->segments && n < count; n++) {
		const uint8_t *at = bytes + n * size;

		binary->segments[n] = (struct segment){
			.type = (uint32_t)GET(binary, at, Phdr, p_type), .flags = (uint32_t)GET(binary, at, Phdr, p_flags),
			.offset = GET(binary, at, Phdr, p_offset), .address = GET(binary, at, Phdr, p_vaddr),
			.file_size = GET(binary, at, Phdr, p_filesz), .memory_size = GET(binary, at, Phdr, p_memsz),
			.alignment = GET(binary, at, Phdr, p_align),
		};
		binary->segment_count = n + 1;
	}
	free(bytes);
	return binary->segment_count == count;
}

/* One more zero byte stands behind the names, so that the last one ends. */
static void read_section_names(struct binary *binary, uint64_t number)
{
	const struct binary_section_header *table = number < binary->section_count ? &binary->sections[number] : NULL;

	if (!table || table->type != SHT_STRTAB || table->size > LIMIT_SYMBOL_SECTION_NAMES_BYTES)
		return;
	binary->section_names = calloc(table->size + 1, 1);
	if (binary->section_names && binary_read(binary, table->offset, binary->section_names, table->size))
		binary->section_names_size = table->size;
}

static bool read_sections(struct binary *binary, const struct tables *tables)
{
	const size_t size = SIZE_OF(binary, Shdr), count = tables->sections ? tables->section_count : 0;
	uint32_t *names;
	uint8_t *bytes;

	if (!count)
		return true;
	if (count > LIMIT_SYMBOL_FILE_SECTIONS)
		return binary_fail(binary, SYMBOL_TOO_LARGE);
	bytes = read_table(binary, tables->sections, count, size);
	names = calloc(count, sizeof(*names));
	binary->sections = calloc(count, sizeof(*binary->sections));
	binary->loaded = calloc(count, sizeof(*binary->loaded));
	if (bytes && names && binary->sections && binary->loaded) {
		binary->section_count = count;
		for (size_t n = 0; n < count; n++)
			parse_section(binary, bytes + n * size, &binary->sections[n], &names[n]);
		read_section_names(binary, tables->names);
		for (size_t n = 0; n < count; n++)
			binary->sections[n].name = names[n] < binary->section_names_size ? binary->section_names + names[n] : "";
	}
	free(names);
	free(bytes);
	return binary->section_count == count;
}

static bool read_header(struct binary *binary, struct tables *ret)
{
	uint8_t bytes[sizeof(Elf64_Ehdr)] = { 0 };

	if (binary->identity.size < sizeof(Elf32_Ehdr) || !binary_read(binary, 0, bytes, sizeof(Elf32_Ehdr)) ||
	    memcmp(bytes, ELFMAG, SELFMAG) || (bytes[EI_CLASS] != ELFCLASS32 && bytes[EI_CLASS] != ELFCLASS64) ||
	    (bytes[EI_DATA] != ELFDATA2LSB && bytes[EI_DATA] != ELFDATA2MSB))
		return false;
	binary->is_64 = bytes[EI_CLASS] == ELFCLASS64;
	binary->is_big_endian = bytes[EI_DATA] == ELFDATA2MSB;
	if (!binary_read(binary, 0, bytes, SIZE_OF(binary, Ehdr)))
		return false;
	binary->type = (uint16_t)GET(binary, bytes, Ehdr, e_type);
	binary->machine = (uint16_t)GET(binary, bytes, Ehdr, e_machine);
	*ret = (struct tables){
		.sections = GET(binary, bytes, Ehdr, e_shoff), .segments = GET(binary, bytes, Ehdr, e_phoff),
		.section_count = GET(binary, bytes, Ehdr, e_shnum), .segment_count = GET(binary, bytes, Ehdr, e_phnum),
		.names = GET(binary, bytes, Ehdr, e_shstrndx),
	};
	/* What the tables' entries have in size is fixed by the class: another number is a damaged file. */
	return (!ret->sections || GET(binary, bytes, Ehdr, e_shentsize) == SIZE_OF(binary, Shdr)) &&
	       (!ret->segments || !ret->segment_count || GET(binary, bytes, Ehdr, e_phentsize) == SIZE_OF(binary, Phdr));
}

/* ---- Sections of a file that has lost them ---- */

static bool make_sections(struct binary *binary)
{
	binary->sections = calloc(binary->segment_count + 1, sizeof(*binary->sections));
	binary->loaded = calloc(binary->segment_count + 1, sizeof(*binary->loaded));
	if (!binary->sections || !binary->loaded)
		return false;
	binary->sections[binary->section_count++].name = "";
	for (size_t n = 0; n < binary->segment_count; n++) {
		const struct segment *segment = &binary->segments[n];

		if (segment->type == PT_LOAD)
			binary->sections[binary->section_count++] = (struct binary_section_header){
				.name = "", .type = SHT_PROGBITS, .address = segment->address, .offset = segment->offset,
				.flags = SHF_ALLOC | (segment->flags & PF_X ? SHF_EXECINSTR : 0) | (segment->flags & PF_W ? SHF_WRITE : 0),
				.size = segment->file_size, .alignment = segment->alignment,
			};
	}
	return true;
}

/* ---- Notes ---- */

struct note_wanted { const char *owner; uint32_t type; };

/* In a table of notes; their parts are aligned to 4, or to 8 when the table is.  The note's text, in the table. */
static struct binary_bytes note_in(const struct binary *binary, struct binary_bytes table, uint64_t alignment, const struct note_wanted *wanted)
{
	const uint64_t mask = alignment == 8 ? 7 : 3;
	uint64_t at = 0;

	while (table.size - at >= sizeof(Elf64_Nhdr)) {
		const uint64_t name = binary_number(binary, table.bytes + at, 4), text = binary_number(binary, table.bytes + at + 4, 4);
		const uint64_t name_at = at + sizeof(Elf64_Nhdr), text_at = (name_at + name + mask) & ~mask;

		if (text_at > table.size || text > table.size - text_at)
			break;
		if (binary_number(binary, table.bytes + at + 8, 4) == wanted->type && name >= strlen(wanted->owner) + 1 &&
		    !memcmp(table.bytes + name_at, wanted->owner, strlen(wanted->owner) + 1))
			return (struct binary_bytes){ table.bytes + text_at, text };
		at = (text_at + text + mask) & ~mask;
		if (at > table.size)
			break;
	}
	return (struct binary_bytes){ NULL, 0 };
}

/* The text of the note is copied: BINARY_BUILD_ID_BYTES at most, of a longer one nothing. */
static bool note_at(struct binary *binary, struct binary_section_header place, const struct note_wanted *wanted, struct build_id *ret)
{
	uint8_t *bytes;
	struct binary_bytes note;

	if (place.size > LIMIT_SYMBOL_NOTES_BYTES || place.offset > binary->identity.size || place.size > binary->identity.size - place.offset)
		return false;
	bytes = read_table(binary, place.offset, place.size, 1);
	if (!bytes)
		return false;
	note = note_in(binary, (struct binary_bytes){ bytes, place.size }, place.alignment, wanted);
	if (note.size && note.size <= BINARY_BUILD_ID_BYTES) {
		memcpy(ret->bytes, note.bytes, note.size);
		ret->length = note.size;
	}
	free(bytes);
	return note.bytes;
}

/* Tables of notes may all claim the same bytes: so many are looked at. */
enum { NOTE_TABLES = 64 };

/* By sections first: a debug file has those of its program, but its segments say what is not there. */
static bool find_note(struct binary *binary, const struct note_wanted *wanted, struct build_id *ret)
{
	size_t tables = 0;

	for (size_t n = 0; n < binary->section_count && tables < NOTE_TABLES; n++)
		if (binary->sections[n].type == SHT_NOTE && ++tables && note_at(binary, binary->sections[n], wanted, ret))
			return true;
	for (size_t n = 0; n < binary->segment_count && tables < NOTE_TABLES; n++) {
		const struct segment *segment = &binary->segments[n];
		const struct binary_section_header place = {
			.offset = segment->offset, .size = segment->file_size, .alignment = segment->alignment,
		};

		if (segment->type == PT_NOTE && ++tables && note_at(binary, place, wanted, ret))
			return true;
	}
	return false;
}

bool binary_has_note(struct binary *binary, const char *owner, uint32_t type)
{
	struct build_id text = { .length = 0 };

	return find_note(binary, &(struct note_wanted){ owner, type }, &text);
}

/* ---- Opening ---- */

/* Of files without sections, or with damaged ones, the segments still serve. */
static bool read_all(struct binary *binary, enum symbol_why *why)
{
	struct tables tables;

	*why = SYMBOL_NOT_ELF;
	if (!read_header(binary, &tables) || !read_counts(binary, &tables) || !read_segments(binary, &tables) ||
	    !read_sections(binary, &tables)) {
		if (binary->trouble == SYMBOL_TOO_LARGE || binary->trouble == SYMBOL_TIMEOUT)
			*why = binary->trouble;
		return false;
	}
	binary->trouble = SYMBOL_KNOWN;
	if (!binary->section_count && !make_sections(binary))
		return false;
	if (binary->type == ET_REL)
		binary_lay_out(binary);
	find_note(binary, &(struct note_wanted){ "GNU", NT_GNU_BUILD_ID }, &binary->build_id);
	return true;
}

static struct binary *binary_new(const struct binary *start, enum symbol_why *why)
{
	struct binary *binary = malloc(sizeof(*binary));

	*why = SYMBOL_TOO_LARGE;
	if (!binary) {
		if (start->descriptor >= 0)
			close(start->descriptor);
		free(start->unpacked.bytes);
		return NULL;
	}
	*binary = *start;
	if (read_all(binary, why))
		return binary;
	binary_close(binary);
	return NULL;
}

static bool check_file(const struct statx *file, enum symbol_why *why)
{
	*why = SYMBOL_NOT_ELF;
	if (!S_ISREG(file->stx_mode))
		return false;
	*why = SYMBOL_TOO_LARGE;
	return file->stx_size >> 20 < LIMIT_SYMBOL_FILE_MIB;
}

/* False: the descriptor is closed. */
static bool start_of(int descriptor, struct binary *ret, enum symbol_why *why)
{
	static _Thread_local uint64_t last_id;	/* as the helper's that knows files by it */
	struct statx file;

	*why = SYMBOL_NO_FILE;
	if (!waiting_look(descriptor, &file) || !check_file(&file, why)) {
		close(descriptor);
		return false;
	}
	*ret = (struct binary){ .descriptor = descriptor, .id = ++last_id, .patience_ms = LIMIT_WAIT_FILE_MS };
	ret->may_wait = fcntl(descriptor, F_GETFL) & O_PATH;
	ret->identity = (struct binary_identity){
		.device = makedev(file.stx_dev_major, file.stx_dev_minor), .inode = file.stx_ino, .size = file.stx_size,
		.changed_ns = (uint64_t)file.stx_ctime.tv_sec * 1000000000 + file.stx_ctime.tv_nsec,
	};
	return true;
}

struct binary *binary_open(int descriptor, enum symbol_why *why)
{
	struct binary start;

	return start_of(descriptor, &start, why) ? binary_new(&start, why) : NULL;
}

/* ---- Packed files ---- */

static enum symbol_why read_packed(struct binary *start, const struct packing *packing, struct buffer *ret)
{
	uint8_t *const bytes = start->identity.size <= LIMIT_PACKED_FILE_BYTES ? malloc(start->identity.size) : NULL;
	enum symbol_why why = SYMBOL_TOO_LARGE;

	if (bytes)
		why = binary_read(start, 0, bytes, start->identity.size)
			      ? unpack(packing, bytes, start->identity.size, LIMIT_PACKED_FILE_BYTES, ret) : start->trouble;
	free(bytes);
	return why;
}

/* From here on it is bytes in memory. */
static bool unpack_start(struct binary *start, const struct packing *packing, enum symbol_why *why)
{
	struct buffer unpacked = { 0 };

	*why = read_packed(start, packing, &unpacked);
	if (*why == SYMBOL_DAMAGED)	/* that word is of what is in a file */
		*why = SYMBOL_NOT_ELF;
	close(start->descriptor);
	*start = (struct binary){ .descriptor = -1, .unpacked = unpacked, .identity.size = unpacked.length };
	start->memory = (const uint8_t *)start->unpacked.bytes;
	if (*why != SYMBOL_KNOWN)
		buffer_release(&start->unpacked);
	return *why == SYMBOL_KNOWN;
}

struct binary *binary_open_packed(int descriptor, enum symbol_why *why)
{
	uint8_t beginning[UNPACK_BEGINNING];
	const struct packing *packing = NULL;
	struct binary start;

	if (!start_of(descriptor, &start, why))
		return NULL;
	if (start.identity.size >= sizeof(beginning) && binary_read(&start, 0, beginning, sizeof(beginning)))
		packing = packing_of(beginning);
	return !packing || unpack_start(&start, packing, why) ? binary_new(&start, why) : NULL;
}

struct binary *binary_of_bytes(const void *bytes, size_t size, enum symbol_why *why)
{
	return binary_new(&(struct binary){ .descriptor = -1, .memory = bytes, .identity.size = size }, why);
}

/* ---- What it is ---- */

const struct build_id *binary_build_id(const struct binary *binary)
{
	return &binary->build_id;
}

const struct binary_identity *binary_identity(const struct binary *binary)
{
	return binary->descriptor < 0 ? NULL : &binary->identity;
}

bool binary_is_64(const struct binary *binary)
{
	return binary->is_64;
}

bool binary_is_big_endian(const struct binary *binary)
{
	return binary->is_big_endian;
}

uint16_t binary_machine(const struct binary *binary)
{
	return binary->machine;
}

uint16_t binary_type(const struct binary *binary)
{
	return binary->type;
}

/* ---- Offsets and addresses ---- */

/* A stretch of the file with code; a relocatable file has sections instead of segments. */
struct stretch { uint64_t offset, address, size; };

static bool is_possible(const struct stretch *stretch)
{
	return stretch->size <= UINT64_MAX - stretch->address && stretch->size <= UINT64_MAX - stretch->offset;
}

static bool stretch_of(const struct binary *binary, size_t n, struct stretch *ret)
{
	if (binary->type == ET_REL) {
		const struct binary_section_header *section = &binary->sections[n];

		*ret = (struct stretch){ section->offset, section->address, section->size };
		return section->flags & SHF_ALLOC && section->flags & SHF_EXECINSTR && section->type != SHT_NOBITS &&
		       is_possible(ret);
	}
	*ret = (struct stretch){ binary->segments[n].offset, binary->segments[n].address, binary->segments[n].file_size };
	return binary->segments[n].type == PT_LOAD && binary->segments[n].flags & PF_X && is_possible(ret);
}

static size_t stretch_count(const struct binary *binary)
{
	return binary->type == ET_REL ? binary->section_count : binary->segment_count;
}

bool binary_address_of_offset(const struct binary *binary, uint64_t offset, uint64_t *ret)
{
	struct stretch stretch;

	for (size_t n = 0; n < stretch_count(binary); n++)
		if (stretch_of(binary, n, &stretch) && offset >= stretch.offset && offset - stretch.offset < stretch.size) {
			*ret = stretch.address + (offset - stretch.offset);
			return true;
		}
	return false;
}

bool binary_offset_of_address(const struct binary *binary, uint64_t address, uint64_t *ret)
{
	struct stretch stretch;

	for (size_t n = 0; n < stretch_count(binary); n++)
		if (stretch_of(binary, n, &stretch) && address >= stretch.address && address - stretch.address < stretch.size) {
			*ret = stretch.offset + (address - stretch.address);
			return true;
		}
	return false;
}
