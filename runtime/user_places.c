// SPDX-License-Identifier: Apache-2.0
/* user_places.c - see user_places.h. */
#include "runtime/user_places.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "compiler/kernel/location.h"
#include "runtime/digest.h"
#include "runtime/elf_file.h"
#include "runtime/machine.h"
#include "runtime/resolve.h"

/* A file that was opened, or why it was not. */
struct user_file {
	struct user_file *next;
	char *path;
	int descriptor;			/* -1 when it could not be opened */
	int error;			/* 0 when it can be probed */
	dev_t device;
	ino_t number;
	struct elf_file *elf;
	struct elf_failure failure;
};

void user_files_release(struct user_files *files)
{
	while (files->first) {
		struct user_file *file = files->first;

		files->first = file->next;
		elf_file_close(file->elf);
		if (file->descriptor >= 0)
			close(file->descriptor);
		free(file->path);
		free(file);
	}
}

/* ---- Opening ---- */

static const char *type_of(mode_t mode)
{
	static const struct { mode_t type; const char *says; } rows[] = {
		{ S_IFDIR, "is a directory" }, { S_IFIFO, "is a named pipe" }, { S_IFSOCK, "is a socket" },
		{ S_IFCHR, "is a device" }, { S_IFBLK, "is a device" },
	};

	for (size_t n = 0; n < sizeof(rows) / sizeof(*rows); n++)
		if ((mode & S_IFMT) == rows[n].type)
			return rows[n].says;
	return "is no regular file";
}

static int no_file(struct user_file *file, int error)
{
	return elf_fail(&file->failure, error, error == -ENOENT ? "does not exist" : "cannot be opened: %s", strerror(-error));
}

/* First without the right to read it, which touches nothing: a named pipe would block, a device may do something. */
static int open_regular(struct user_file *file)
{
	int place = open(file->path, O_PATH | O_CLOEXEC), error = 0;
	char again[32];
	struct stat status;

	if (place < 0)
		return no_file(file, -errno);
	if (fstat(place, &status)) {
		error = no_file(file, -errno);
	} else if (!S_ISREG(status.st_mode)) {
		error = elf_fail(&file->failure, -EINVAL, "%s", type_of(status.st_mode));
	} else {
		snprintf(again, sizeof(again), "/proc/self/fd/%d", place);
		file->descriptor = open(again, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
		error = file->descriptor < 0 ? no_file(file, -errno) : 0;
		file->device = status.st_dev;
		file->number = status.st_ino;
	}
	close(place);
	return error;
}

static struct user_file *open_file(struct user_files *files, const char *path)
{
	struct user_file *file;

	for (file = files->first; file; file = file->next)
		if (!strcmp(file->path, path))
			return file;
	file = calloc(1, sizeof(*file));
	if (file)
		file->path = strdup(path);
	if (!file || !file->path) {
		free(file);
		return NULL;
	}
	file->descriptor = -1;
	file->error = open_regular(file);
	if (!file->error)
		file->error = elf_file_open(file->descriptor, &file->elf, &file->failure);
	file->next = files->first;
	files->first = file;
	return file;
}

/* ---- Places ---- */

/* "NAME", "NAME+OFFSET", "+OFFSET" in the file, or "ADDRESS": as link.h writes them. */
static int find_function(struct user_file *file, const char *name, struct arena *arena, uint64_t *offset)
{
	const char *plus = strchr(name, '+');
	const uint64_t number = plus ? strtoull(plus + 1, NULL, 0) : 0;
	int error;

	if (plus == name) {
		*offset = number;
		return elf_offset_is_code(file->elf, number) ? 0 :
			elf_fail(&file->failure, -ENOENT, "has no code at offset 0x%" PRIx64, number);
	}
	if (!plus && name[0] == '0' && name[1] == 'x') {
		const uint64_t address = strtoull(name, NULL, 16);

		return elf_file_offset(file->elf, address, ELF_SEGMENT_CODE, offset) ? 0 :
			elf_fail(&file->failure, -ENOENT, "has no code at address 0x%" PRIx64, address);
	}
	error = elf_function_find(file->elf, plus ? arena_copy(arena, name, (size_t)(plus - name)) : name, offset, &file->failure);
	if (error || !plus)
		return error;
	if (__builtin_add_overflow(*offset, number, offset) || !elf_offset_is_code(file->elf, *offset))
		return elf_fail(&file->failure, -ENOENT, "has no code at '%.128s'", name);
	return 0;
}

/* "PROVIDER:NAME", as events write it: names of providers have no colon. */
static int find_probe(struct user_file *file, const struct image_hook *hook, struct arena *arena, struct elf_probe *ret)
{
	const char *colon = strchr(hook->name, ':');
	struct elf_probe *places;
	size_t count;
	int error = elf_probes_find(file->elf, arena_copy(arena, hook->name, (size_t)(colon - hook->name)), colon + 1, arena,
				    &places, &count, &file->failure);

	if (error)
		return error;
	if (hook->site >= count)
		return elf_fail(&file->failure, -ENOENT, "has '%.128s' in %zu places only: it was changed just now", hook->name, count);
	*ret = places[hook->site];
	return 0;
}

static int find_place(struct user_file *file, const struct image_hook *hook, struct arena *arena, struct hook_facts *ret)
{
	struct elf_probe probe = { 0 };
	int error;

	if (hook->kind == HOOK_USDT) {
		error = find_probe(file, hook, arena, &probe);
		ret->offset = probe.offset;
		ret->counter = probe.reference_counter;
		return error;
	}
	ret->counter = hook->reference_counter;
	return find_function(file, hook->name, arena, &ret->offset);
}

static void refuse(const struct user_file *file, struct arena *arena, struct hook_facts *ret)
{
	ret->refusal = arena_format(arena, "'%s' %s", file->path, file->failure.text);
}

/* The device and the number of the file, and where in it. */
static const char *where_of(const struct user_file *file, const struct hook_facts *facts, struct arena *arena)
{
	return arena_format(arena, "%x_%x_%" PRIx64 "_%" PRIx64 "_%" PRIx64, major(file->device), minor(file->device),
			    (uint64_t)file->number, facts->offset, facts->counter);
}

void user_hook_facts(struct user_files *files, const struct image_hook *hook, struct arena *arena, struct hook_facts *ret)
{
	struct user_file *file = open_file(files, hook->subsystem);
	int error;

	ret->target = arena_copy(arena, hook->name, strlen(hook->name));
	if (!file || file->error) {
		ret->refusal = "no memory";
		if (file)
			refuse(file, arena, ret);
		return;
	}
	ret->file = file->descriptor;
	error = find_place(file, hook, arena, ret);
	ret->where = where_of(file, ret, arena);
	if (!error && hook->digests)
		error = digest_check(hook->digests, file->descriptor, file->elf, &file->failure);
	ret->other_file = error == -EKEYREJECTED;
	ret->exists = !error;
	if (error)
		refuse(file, arena, ret);
}

size_t user_probe_count(struct user_files *files, const char *path, const char *provider, const char *name, struct arena *arena)
{
	struct user_file *file = open_file(files, path);
	struct elf_probe *places;
	size_t count;

	if (!file || file->error || elf_probes_find(file->elf, provider, name, arena, &places, &count, &file->failure))
		return 0;
	return count;
}

/* Set writes 4 bytes to where the value lies. */
static bool can_be_set(const struct abi_location *location)
{
	return location->flags & ABI_LOCATION_MEMORY && location->size == 4;
}

const char *user_probe_argument(struct user_files *files, const struct image_hook *hook, const struct image_relocation *relocation,
				bool is_set, struct arena *arena, struct abi_location *ret)
{
	struct user_file *file = open_file(files, hook->subsystem);
	struct elf_probe probe = { 0 };
	char why[LOCATION_REASON_MAX];

	if (hook->generated || !file || file->error || find_probe(file, hook, arena, &probe))
		return NULL;	/* of the hook it is said why */
	if (location_find(THIS_MACHINE, probe.arguments, relocation->field, ret, why))
		return arena_format(arena, "'%s', offset 0x%" PRIx64 ": %s", file->path, probe.offset, why);
	if (is_set && !can_be_set(ret))
		return arena_format(arena, "'%s', offset 0x%" PRIx64 ": argument %u cannot be set: it is no number of 4 bytes in memory (\"%s\")",
				    file->path, probe.offset, relocation->field, probe.arguments);
	return NULL;
}

/* ---- Where an Override goes on ---- */

/* As find_function(), by the address that the program sees. */
static int find_address(struct user_file *file, const char *name, struct arena *arena, uint64_t *ret)
{
	uint64_t offset;
	int error = find_function(file, name, arena, &offset);

	if (error)
		return error;
	return elf_code_address(file->elf, offset, ret) ? 0 : elf_fail(&file->failure, -ENOENT, "has no code at '%.128s'", name);
}

static int find_target(struct user_file *file, const struct image_assignment *jump, struct arena *arena, uint64_t *ret)
{
	uint64_t offset;
	int error = 0;

	switch (jump->kind) {
	case IMAGE_ASSIGN_SYMBOL:
		error = elf_function_find(file->elf, jump->text, &offset, &file->failure);
		break;
	case IMAGE_ASSIGN_ADDRESS:
		return find_address(file, jump->text, arena, ret);
	default:
		offset = strtoull(jump->text, NULL, 16);
		break;
	}
	if (error || elf_code_address(file->elf, offset, ret))
		return error;
	return elf_fail(&file->failure, -ENOENT, "has no code at offset 0x%" PRIx64, offset);
}

const char *user_jump(struct user_files *files, const struct image_hook *hook, const struct image_assignment *jump, struct arena *arena,
		      struct abi_assignment *ret)
{
	struct user_file *file = open_file(files, hook->subsystem);
	uint64_t from, to;

	if (!file || file->error || find_address(file, hook->name, arena, &from))
		return NULL;
	if (find_target(file, jump, arena, &to))
		return arena_format(arena, "the call cannot go on there: '%s' %s", file->path, file->failure.text);
	*ret = resolve_jump(to - from);
	return NULL;
}
