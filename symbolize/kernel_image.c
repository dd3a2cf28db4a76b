// SPDX-License-Identifier: Apache-2.0
/* kernel_image.c - see kernel_image.h. */
#include "symbolize/kernel_image.h"

#include <elf.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>

#include "symbolize/text_file.h"

enum { NOTES_MAX = 65536 };

/* ---- Build ids ---- */

bool build_id_of_notes(const void *notes, size_t size, struct build_id *ret)
{
	const uint8_t *at = notes;
	Elf64_Nhdr note;

	while (size >= sizeof(note)) {
		uint64_t name, content;

		memcpy(&note, at, sizeof(note));
		name = ((uint64_t)note.n_namesz + 3) & ~3ULL;
		content = ((uint64_t)note.n_descsz + 3) & ~3ULL;
		if (name + content > size - sizeof(note))
			return false;
		if (note.n_type == NT_GNU_BUILD_ID && note.n_namesz == 4 && !memcmp(at + sizeof(note), "GNU", 4) &&
		    note.n_descsz && note.n_descsz <= BINARY_BUILD_ID_BYTES) {
			ret->length = note.n_descsz;
			memcpy(ret->bytes, at + sizeof(note) + name, note.n_descsz);
			return true;
		}
		at += sizeof(note) + name + content;
		size -= sizeof(note) + name + content;
	}
	return false;
}

static bool read_build_id(const char *path, struct build_id *ret)
{
	struct buffer notes = { 0 };
	const bool found = text_file_read(AT_FDCWD, path, NOTES_MAX, &notes) == SYMBOL_KNOWN &&
			   build_id_of_notes(notes.bytes, notes.length, ret);

	buffer_release(&notes);
	return found;
}

bool kernel_build_id(struct build_id *ret)
{
	return read_build_id("/sys/kernel/notes", ret);
}

bool kernel_module_build_id(const char *name, struct build_id *ret)
{
	char path[256];

	if (strchr(name, '/') || (size_t)snprintf(path, sizeof(path), "/sys/module/%s/notes/.note.gnu.build-id", name) >= sizeof(path))
		return false;
	return read_build_id(path, ret);
}

/* ---- Files ---- */

static struct binary *open_if_same(const char *path, const struct build_id *id, enum symbol_why *why)
{
	const int descriptor = binary_open_path(AT_FDCWD, path, why);
	struct binary *const binary = descriptor < 0 ? NULL : binary_open_packed(descriptor, why);

	if (binary && !build_id_is_equal(binary_build_id(binary), id)) {
		binary_close(binary);
		*why = SYMBOL_BUILD_ID_DIFFERS;
		return NULL;
	}
	return binary;
}

/* %s: the kernel's release. */
static const char *const image_places[] = {
	"/usr/lib/debug/boot/vmlinux-%s", "/usr/lib/debug/lib/modules/%s/vmlinux", "/usr/lib/debug/usr/lib/modules/%s/vmlinux",
	"/usr/lib/debug/vmlinux-%s", "/boot/vmlinux-%s", "/lib/modules/%s/vmlinux", "/lib/modules/%s/build/vmlinux", "/boot/vmlinux-%s.debug",
};

struct binary *kernel_image_find(const struct debug_search *search, const struct build_id *id, struct buffer *about)
{
	struct binary *binary = search ? debug_file_by_id(search, id, false) : NULL;
	struct utsname names;

	if (binary || uname(&names))
		return binary;
	buffer_add_text(about, "looked for by build id");
	for (size_t n = 0; n < sizeof(image_places) / sizeof(*image_places) && !binary; n++) {
		enum symbol_why why;
		char path[256];

		snprintf(path, sizeof(path), image_places[n], names.release);
		buffer_format(about, ", %s", path);
		binary = open_if_same(path, id, &why);
		if (!binary && why != SYMBOL_NO_FILE)
			buffer_format(about, " (%s)", symbol_why_about(why));
	}
	return binary;
}

/* "kernel/fs/ext4/ext4.ko.xz: kernel/..." of modules.dep: the file of that name, where - and _ are the same. */
static bool is_module_file(const char *line, size_t length, const char *name)
{
	const char *base = memrchr(line, '/', length);
	size_t n = 0;

	base = base ? base + 1 : line;
	for (; name[n] && base + n < line + length; n++)
		if ((base[n] == '-' ? '_' : base[n]) != (name[n] == '-' ? '_' : name[n]))
			return false;
	return !name[n] && (size_t)(line + length - base) >= n + 3 && !strncmp(base + n, ".ko", 3) &&
	       ((size_t)(line + length - base) == n + 3 || base[n + 3] == '.');
}

static bool module_path(const char *name, char *ret, size_t size)
{
	struct buffer list = { 0 };
	struct utsname names;
	char path[256];
	bool found = false;

	if (uname(&names))
		return false;
	snprintf(path, sizeof(path), "/lib/modules/%s/modules.dep", names.release);
	if (text_file_read(AT_FDCWD, path, 16 << 20, &list) == SYMBOL_KNOWN)
		for (const char *line = list.bytes; line && *line && !found;
		     line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL) {
			const size_t length = strcspn(line, ":\n");

			found = is_module_file(line, length, name) &&
				(size_t)snprintf(ret, size, "/lib/modules/%s/%.*s", names.release, (int)length, line) < size;
		}
	buffer_release(&list);
	return found;
}

struct binary *kernel_module_find(const struct debug_search *search, const char *name, struct buffer *about)
{
	enum symbol_why why;
	struct binary *binary;
	struct build_id id;
	char path[512];

	if (!kernel_module_build_id(name, &id)) {
		buffer_format(about, "the running kernel does not say the build id of module %s", name);
		return NULL;
	}
	binary = search ? debug_file_by_id(search, &id, false) : NULL;
	if (binary)
		return binary;
	if (!module_path(name, path, sizeof(path))) {
		buffer_format(about, "no debug file has the build id of module %s, and no file of it is known to modprobe", name);
		return NULL;
	}
	binary = open_if_same(path, &id, &why);
	if (!binary)
		buffer_format(about, "no debug file has the build id of module %s; %s: %s", name, path, symbol_why_about(why));
	return binary;
}

/* ---- Symbols ---- */

struct symbols {
	const struct binary *binary;
	const uint8_t *bytes;
	size_t count, entry;
	struct binary_bytes texts;
};

static bool open_symbols(struct binary *binary, struct symbols *ret)
{
	const struct binary_bytes table = binary_section(binary, ".symtab");

	ret->binary = binary;
	ret->entry = binary_is_64(binary) ? sizeof(Elf64_Sym) : sizeof(Elf32_Sym);
	ret->bytes = table.bytes;
	ret->count = table.size / ret->entry;
	ret->texts = binary_section(binary, ".strtab");
	return ret->count && ret->texts.size && !ret->texts.bytes[ret->texts.size - 1];
}

#define MEMBER(symbols, symbol, name) \
	(binary_is_64((symbols)->binary) \
	 ? binary_number((symbols)->binary, (symbol) + offsetof(Elf64_Sym, name), sizeof(((Elf64_Sym *)NULL)->name)) \
	 : binary_number((symbols)->binary, (symbol) + offsetof(Elf32_Sym, name), sizeof(((Elf32_Sym *)NULL)->name)))

static const char *name_of(const struct symbols *symbols, const uint8_t *symbol)
{
	const uint64_t offset = MEMBER(symbols, symbol, st_name);

	return offset < symbols->texts.size ? (const char *)symbols->texts.bytes + offset : "";
}

/* Of a relocatable file values count from the beginning of their section. */
static bool address_of(const struct symbols *symbols, const uint8_t *symbol, uint64_t *ret)
{
	const uint64_t section = MEMBER(symbols, symbol, st_shndx);

	*ret = MEMBER(symbols, symbol, st_value);
	if (section == SHN_UNDEF)
		return false;
	if (binary_type(symbols->binary) != ET_REL)
		return true;
	if (section >= binary_section_count(symbols->binary))
		return false;
	*ret += binary_section_header(symbols->binary, section)->address;
	return true;
}

/* When several have the name, which one is meant is not known. */
bool kernel_image_symbol(struct binary *binary, const char *name, uint64_t *ret)
{
	struct symbols symbols;
	uint64_t address;
	size_t found = 0;

	if (!open_symbols(binary, &symbols))
		return false;
	for (size_t n = 0; n < symbols.count; n++) {
		const uint8_t *const symbol = symbols.bytes + n * symbols.entry;

		if (strcmp(name_of(&symbols, symbol), name) || !address_of(&symbols, symbol, &address))
			continue;
		*ret = address;
		found++;
	}
	return found == 1;
}
