// SPDX-License-Identifier: Apache-2.0
/* debug_files.c - see debug_files.h. */
#include "symbolize/debug_files.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "compiler/base/buffer.h"
#include "schema/schema.h"
#include "symbolize/binary_internal.h"
#include "symbolize/debuginfod.h"

bool build_id_is_equal(const struct build_id *one, const struct build_id *other)
{
	return one->length == other->length && !memcmp(one->bytes, other->bytes, one->length);
}

/* What a file must be to be taken. */
struct wanted {
	const struct build_id *id;	/* NULL, or without length: it has none */
	const struct binary_identity *not_this;	/* the file whose debug information it is; NULL: none */
	uint32_t checksum;		/* of the whole file, where there is no id */
	bool has_checksum;
};

/* ---- Whether it is the one ---- */

static bool has_checksum(struct binary *found, uint32_t checksum)
{
	const uint64_t size = binary_identity(found)->size;
	uint8_t *bytes = size >> 20 < LIMIT_DEBUG_CHECKSUM_MIB ? malloc(1 << 20) : NULL;
	uLong sum = crc32(0, NULL, 0);
	uint64_t at = 0;

	while (bytes && at < size) {
		const uint64_t part = size - at < 1 << 20 ? size - at : 1 << 20;

		if (!binary_read(found, at, bytes, part))
			break;
		sum = crc32(sum, bytes, (uInt)part);
		at += part;
	}
	free(bytes);
	return bytes && at == size && sum == checksum;
}

static bool is_wanted(struct binary *found, const struct wanted *wanted)
{
	const struct binary_identity *identity = binary_identity(found);

	if (wanted->not_this && identity && identity->device == wanted->not_this->device && identity->inode == wanted->not_this->inode)
		return false;
	if (wanted->id && wanted->id->length)
		return build_id_is_equal(binary_build_id(found), wanted->id);
	return wanted->has_checksum && has_checksum(found, wanted->checksum);
}

/* One place; NULL when nothing is there, or something else. */
static struct binary *try_path(int root, const char *path, const struct wanted *wanted, char **where)
{
	enum symbol_why why;
	const int file = binary_open_path(root, path, &why);
	struct binary *found = file < 0 ? NULL : binary_open(file, &why);

	if (found && !is_wanted(found, wanted)) {
		binary_close(found);
		found = NULL;
	}
	if (found && where)
		*where = strdup(path);
	return found;
}

/* A place below each folder: of this host, then of the file's root. */
static struct binary *try_folders(const struct debug_search *search, const char *below, const struct wanted *wanted, char **where)
{
	struct binary *found = NULL;

	for (int turn = 0; !found && turn < (search->root == AT_FDCWD ? 1 : 2); turn++)
		for (size_t n = 0; !found && search->folders && search->folders[n]; n++) {
			struct buffer path = { 0 };

			buffer_format(&path, "%s%s", search->folders[n], below);
			found = try_path(turn ? search->root : AT_FDCWD, path.bytes, wanted, where);
			buffer_release(&path);
		}
	return found;
}

/* ---- By build id ---- */

static struct binary *by_id(const struct debug_search *search, const struct wanted *wanted, const char *suffix, char **where)
{
	struct buffer path = { 0 };
	struct binary *found;

	if (wanted->id->length < 2)
		return NULL;
	buffer_format(&path, "/.build-id/%02x/", wanted->id->bytes[0]);
	for (size_t n = 1; n < wanted->id->length; n++)
		buffer_format(&path, "%02x", wanted->id->bytes[n]);
	buffer_add_text(&path, suffix);
	found = try_folders(search, path.bytes, wanted, where);
	buffer_release(&path);
	return found;
}

static struct binary *by_debuginfod(const struct debug_search *search, const char *kind, const struct wanted *wanted, char **where)
{
	char *path = search->debuginfod && wanted->id->length ? debuginfod_find(kind, wanted->id) : NULL;
	struct binary *found = path ? try_path(AT_FDCWD, path, wanted, where) : NULL;

	free(path);
	return found;
}

struct binary *debug_file_by_id(const struct debug_search *search, const struct build_id *id, bool program)
{
	const struct wanted wanted = { .id = id };
	struct binary *found = by_id(search, &wanted, program ? "" : ".debug", NULL);

	if (!found && program) {	/* where some distributions keep links to their programs */
		static const char *const folders[] = { "/usr/lib", NULL };
		const struct debug_search other = { folders, search->root, false };

		found = by_id(&other, &wanted, "", NULL);
	}
	return found ? found : by_debuginfod(search, program ? "executable" : "debuginfo", &wanted, NULL);
}

/* ---- By .gnu_debuglink ---- */

/* A name without a folder, then, from the next multiple of 4 on, the checksum. */
static const char *parse_link(struct binary *binary, uint32_t *checksum)
{
	const struct binary_bytes link = binary_section(binary, ".gnu_debuglink");
	const char *name = (const char *)link.bytes;
	const size_t length = link.size ? strnlen(name, link.size) : 0, at = (length + 4) & ~(size_t)3;

	if (!length || length > LIMIT_DEBUG_LINK_BYTES || at > link.size || link.size - at < 4 || memchr(name, '/', length) ||
	    !strcmp(name, ".") || !strcmp(name, ".."))
		return NULL;
	*checksum = (uint32_t)binary_number(binary, link.bytes + at, 4);
	return name;
}

/* The folder of a path: "/usr/bin/" of "/usr/bin/x", "" of "x". */
static size_t folder_length(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? (size_t)(slash - path) + 1 : 0;
}

static struct binary *by_link(const struct debug_search *search, struct binary *binary, const char *path, char **where)
{
	static const char *const beside[] = { "", ".debug/" };
	struct wanted wanted = { .id = binary_build_id(binary), .not_this = binary_identity(binary), .has_checksum = true };
	const char *name = parse_link(binary, &wanted.checksum);
	struct binary *found = NULL;
	struct buffer tried = { 0 };

	if (!name || !path)
		return NULL;
	for (size_t n = 0; !found && n < 2; n++) {
		buffer_release(&tried);
		buffer_format(&tried, "%.*s%s%s", (int)folder_length(path), path, beside[n], name);
		found = try_path(search->root, tried.bytes, &wanted, where);
	}
	if (!found && *path == '/') {
		buffer_release(&tried);
		buffer_format(&tried, "%.*s%s", (int)folder_length(path), path, name);
		found = try_folders(search, tried.bytes, &wanted, where);
	}
	buffer_release(&tried);
	return found;
}

struct binary *debug_file_find_at(const struct debug_search *search, struct binary *binary, const char *path, char **where)
{
	const struct wanted wanted = { .id = binary_build_id(binary), .not_this = binary_identity(binary) };
	struct binary *found = by_id(search, &wanted, ".debug", where);

	if (!found)
		found = by_link(search, binary, path, where);
	return found ? found : by_debuginfod(search, "debuginfo", &wanted, where);
}

struct binary *debug_file_find(const struct debug_search *search, struct binary *binary, const char *path)
{
	return debug_file_find_at(search, binary, path, NULL);
}

/* ---- Files that debug information names itself ---- */

/* A path that a file says: as it is when it is absolute, else from the folder of `path`.  Below the root in any case. */
static struct binary *try_said(const struct debug_search *search, const char *path, const char *said, const struct wanted *wanted)
{
	struct buffer joined = { 0 };
	struct binary *found = NULL;
	const int root = search->root == AT_FDCWD ? open("/", O_PATH | O_DIRECTORY | O_CLOEXEC) : search->root;

	if (*said != '/' && (!path || (search->root == AT_FDCWD && *path != '/'))) {
		char *whole = path ? realpath(path, NULL) : NULL;

		if (whole)
			buffer_format(&joined, "%.*s%s", (int)folder_length(whole), whole, said);
		free(whole);
	} else if (*said != '/') {
		buffer_format(&joined, "%.*s%s", (int)folder_length(path), path, said);
	} else {
		buffer_add_text(&joined, said);
	}
	if (joined.length && root >= 0)
		found = try_path(root, joined.bytes, wanted, NULL);
	if (search->root == AT_FDCWD && root >= 0)
		close(root);
	buffer_release(&joined);
	return found;
}

/* .gnu_debugaltlink: a path, and behind its end the build id. */
static const char *parse_alternative(struct binary *binary, struct build_id *id)
{
	const struct binary_bytes link = binary_section(binary, ".gnu_debugaltlink");
	const size_t length = link.size ? strnlen((const char *)link.bytes, link.size) : 0;

	if (!length || length > LIMIT_DEBUG_LINK_BYTES || link.size - length < 2 || link.size - length - 1 > BINARY_BUILD_ID_BYTES)
		return NULL;
	id->length = link.size - length - 1;
	memcpy(id->bytes, link.bytes + length + 1, id->length);
	return (const char *)link.bytes;
}

/* .debug_sup of DWARF 5: version, whether it is the supplementary file itself, a path, the length of the id (below 128), the id. */
static const char *parse_supplementary(struct binary *binary, struct build_id *id)
{
	const struct binary_bytes link = binary_section(binary, ".debug_sup");
	const size_t length = link.size > 3 ? strnlen((const char *)link.bytes + 3, link.size - 3) : 0, at = 3 + length + 1;

	if (!length || length > LIMIT_DEBUG_LINK_BYTES || binary_number(binary, link.bytes, 2) != 5 || link.bytes[2] || link.size <= at ||
	    !link.bytes[at] || link.bytes[at] > BINARY_BUILD_ID_BYTES || link.size - at - 1 < link.bytes[at])
		return NULL;
	id->length = link.bytes[at];
	memcpy(id->bytes, link.bytes + at + 1, id->length);
	return (const char *)link.bytes + 3;
}

struct binary *debug_file_supplementary(const struct debug_search *search, struct binary *binary, const char *path)
{
	struct build_id id = { .length = 0 };
	const struct wanted wanted = { .id = &id, .not_this = binary_identity(binary) };
	const char *said = parse_alternative(binary, &id);
	struct binary *found;

	if (!said)
		said = parse_supplementary(binary, &id);
	if (!said)
		return NULL;
	found = by_id(search, &wanted, ".debug", NULL);
	return found ? found : try_said(search, path, said, &wanted);
}

/* Split units have no build id: whether one is right is said by its own id, which the reader of DWARF compares. */
static struct binary *try_any(int root, const char *path)
{
	enum symbol_why why;
	const int file = binary_open_path(root, path, &why);

	return file < 0 ? NULL : binary_open(file, &why);
}

/* The name's last parts beside the program: all of it first, as compilers leave relative ones, then its file name. */
static struct binary *beside(const struct debug_search *search, const char *path, const char *name)
{
	struct buffer joined = { 0 };
	struct binary *found = NULL;
	const char *const last = name + folder_length(name);

	for (int turn = 0; !found && turn < 2; turn++) {
		const char *part = turn ? last : name;

		if (*part == '/' || !*part || (!turn && part == last))
			continue;
		buffer_release(&joined);
		buffer_format(&joined, "%.*s%s", (int)folder_length(path), path, part);
		found = try_any(search->root, joined.bytes);
	}
	buffer_release(&joined);
	return found;
}

struct binary *debug_file_split(const struct debug_search *search, const char *path, const char *folder, const char *name)
{
	struct buffer joined = { 0 };
	struct binary *found;

	if (!name || strlen(name) > LIMIT_DEBUG_LINK_BYTES || (folder && strlen(folder) > LIMIT_DEBUG_LINK_BYTES))
		return NULL;
	if (*name != '/' && folder)
		buffer_format(&joined, "%s/", folder);
	buffer_add_text(&joined, name);
	found = *joined.bytes == '/' ? try_any(search->root, joined.bytes) : NULL;
	buffer_release(&joined);
	return found || !path ? found : beside(search, path, name);
}

struct binary *debug_file_package(const struct debug_search *search, const char *path)
{
	struct buffer name = { 0 };
	struct binary *found;

	if (!path)
		return NULL;
	buffer_format(&name, "%s.dwp", path);
	found = try_any(search->root, name.bytes);
	buffer_release(&name);
	return found;
}
