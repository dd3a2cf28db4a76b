// SPDX-License-Identifier: Apache-2.0
/* elf_notes.c - static probes (SystemTap's notes) and build ids; see elf_file.h. */
#include "runtime/elf_internal.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "compiler/base/buffer.h"
#include "compiler/base/nearest.h"
#include "schema/schema.h"

#define PROBE_OWNER	"stapsdt"
#define PROBE_SECTION	".note.stapsdt"
#define BASE_SECTION	".stapsdt.base"
enum { PROBE_TYPE = 3 };

/* One note: its owner, and what it says. */
struct note { const char *owner; size_t owner_size; uint32_t type; const uint8_t *bytes; size_t size; };

static bool is_of(const struct note *note, const char *owner, uint32_t type)
{
	return note->type == type && note->owner_size == strlen(owner) + 1 && !memcmp(note->owner, owner, note->owner_size);
}

/* The note at *offset of a section, and where the next one is; false at the end, or where none can be read. */
static bool next_note(Elf_Data *data, size_t *offset, struct note *ret)
{
	size_t owner, bytes, next;
	GElf_Nhdr header;

	next = gelf_getnote(data, *offset, &header, &owner, &bytes);
	if (!next)
		return false;
	*ret = (struct note){ (const char *)data->d_buf + owner, header.n_namesz, header.n_type, (const uint8_t *)data->d_buf + bytes,
			      header.n_descsz };
	*offset = next;
	return true;
}

/* ---- Sections by name ---- */

static struct elf_texts section_names(struct elf_file *file)
{
	size_t number;

	if (elf_getshdrstrndx(file->elf, &number))
		return (struct elf_texts){ NULL, 0 };
	return elf_section_texts(file, number);
}

static bool is_called(struct elf_texts names, const GElf_Shdr *header, const char *name)
{
	const char *found = elf_text(names, header->sh_name);

	return found && !strcmp(found, name);
}

/* Where the section lies from which tools measure how far the file was moved after its notes were written; 0 when it has none. */
static uint64_t base_address(struct elf_file *file)
{
	const struct elf_texts names = section_names(file);
	GElf_Shdr header;

	for (size_t n = 1; n < file->section_count; n++)
		if (elf_section_header(file, n, &header) && is_called(names, &header, BASE_SECTION))
			return header.sh_addr;
	return 0;
}

/* ---- Static probes ---- */

struct search {
	struct elf_file *file;
	const char *provider, *name;
	struct arena *arena;
	struct elf_probe *found;
	size_t count, capacity, notes;
	uint64_t base;
	struct nearest nearest;
	struct elf_failure *failure;
};

/* The next text of a note, which must end inside of it; NULL when it does not. */
static const char *take_text(const uint8_t **bytes, size_t *size)
{
	const char *text = (const char *)*bytes;
	const uint8_t *end = memchr(*bytes, '\0', *size);

	if (!end || end - *bytes >= LIMIT_ELF_NAME_BYTES)
		return NULL;
	*size -= (size_t)(end + 1 - *bytes);
	*bytes = end + 1;
	return text;
}

static int damaged(const struct search *search, const char *what)
{
	return elf_fail(search->failure, -ENOEXEC, "has damaged notes of static probes: %s", what);
}

static bool is_known(const struct search *search, uint64_t offset)
{
	for (size_t n = 0; n < search->count; n++)
		if (search->found[n].offset == offset)
			return true;
	return false;
}

static int add_place(struct search *search, const uint64_t words[3], const char *arguments)
{
	const uint64_t moved = search->base && words[1] ? search->base - words[1] : 0;
	struct elf_probe place = { .arguments = arguments };

	if (!elf_file_offset(search->file, words[0] + moved, ELF_SEGMENT_CODE, &place.offset))
		return damaged(search, "a probe lies where the file has no code");
	if (words[2] && !elf_file_offset(search->file, words[2] + moved, ELF_SEGMENT_DATA, &place.reference_counter))
		return damaged(search, "the counter of a probe lies where the file has no data");
	if (is_known(search, place.offset))
		return 0;
	if (search->count == LIMIT_PROBE_PLACES)
		return elf_fail(search->failure, -ENOEXEC, "has probe '%.64s:%.64s' in more than %d places", search->provider, search->name,
				LIMIT_PROBE_PLACES);
	search->found = arena_grow(search->arena, search->found, search->count, &search->capacity, sizeof(*search->found));
	search->found[search->count++] = place;
	return 0;
}

static int read_probe(struct search *search, const struct note *note)
{
	const uint8_t *bytes = note->bytes;
	size_t size = note->size;
	const char *provider, *name, *arguments;
	uint64_t words[3];

	if (size < sizeof(words))
		return damaged(search, "a note is too short");
	memcpy(words, bytes, sizeof(words));
	bytes += sizeof(words);
	size -= sizeof(words);
	provider = take_text(&bytes, &size);
	name = provider ? take_text(&bytes, &size) : NULL;
	arguments = name ? take_text(&bytes, &size) : NULL;
	if (!arguments)
		return damaged(search, "a text does not end");
	if (!strcmp(provider, search->provider) && !strcmp(name, search->name))
		return add_place(search, words, arguments);
	nearest_try(&search->nearest, arena_format(search->arena, "%.64s:%.64s", provider, name));
	return 0;
}

static int read_section(struct search *search, Elf_Data *data)
{
	struct note note;
	size_t offset = 0;
	int error = 0;

	while (!error && offset < data->d_size && next_note(data, &offset, &note)) {
		if (++search->notes > LIMIT_ELF_NOTES)
			return elf_fail(search->failure, -ENOEXEC, "has more than %d notes", LIMIT_ELF_NOTES);
		if (is_of(&note, PROBE_OWNER, PROBE_TYPE))
			error = read_probe(search, &note);
	}
	return error;
}

/* A section of probes that cannot be read to its end may have more of them. */
static int read_sections(struct search *search)
{
	const struct elf_texts names = section_names(search->file);
	GElf_Shdr header;
	Elf_Data *data;
	int error = 0;

	for (size_t n = 1; n < search->file->section_count && !error; n++) {
		struct note note;
		size_t offset = 0;

		if (!elf_section_bytes(search->file, n, SHT_NOTE, &header, &data))
			continue;
		error = read_section(search, data);
		if (error || !is_called(names, &header, PROBE_SECTION))
			continue;
		while (offset < data->d_size && next_note(data, &offset, &note))
			;
		if (offset < data->d_size)
			error = damaged(search, "they end within a note");
	}
	return error;
}

int elf_probes_find(struct elf_file *file, const char *provider, const char *name, struct arena *arena, struct elf_probe **ret,
		    size_t *count, struct elf_failure *failure)
{
	const char *both = arena_format(arena, "%s:%s", provider, name);
	struct search search = {
		.file = file, .provider = provider, .name = name, .arena = arena, .base = base_address(file),
		.nearest = { .name = both, .length = strlen(both) }, .failure = failure,
	};
	int error = read_sections(&search);

	if (error)
		return error;
	*ret = search.found;
	*count = search.count;
	if (search.count)
		return 0;
	return elf_fail(failure, -ENOENT, search.notes ? "has no static probe '%.128s'%s%.128s%s" : "has no static probes",
		both, search.nearest.best ? "; did you mean '" : "", search.nearest.best ? search.nearest.best : "",
		search.nearest.best ? "'?" : "");
}

/* ---- Build ids ---- */

const char *elf_build_id(struct elf_file *file, struct arena *arena)
{
	enum { BYTES_MAX = 64 };
	GElf_Shdr header;
	Elf_Data *data;
	size_t notes = 0;

	for (size_t n = 1; n < file->section_count; n++) {
		struct note note;
		size_t offset = 0;

		if (!elf_section_bytes(file, n, SHT_NOTE, &header, &data))
			continue;
		while (offset < data->d_size && ++notes <= LIMIT_ELF_NOTES && next_note(data, &offset, &note)) {
			struct buffer text = { 0 };
			const char *id;

			if (!is_of(&note, ELF_NOTE_GNU, NT_GNU_BUILD_ID) || !note.size || note.size > BYTES_MAX)
				continue;
			for (size_t i = 0; i < note.size; i++)
				buffer_format(&text, "%02x", note.bytes[i]);
			id = arena_copy(arena, text.bytes, text.length);
			buffer_release(&text);
			return id;
		}
	}
	return NULL;
}
