// SPDX-License-Identifier: Apache-2.0
/* types.c - reads /sys/kernel/btf; see types.h. */
#include "runtime/types.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/elf_file.h"
#include "schema/schema.h"

struct types_module {
	struct types_module *next;
	char *name;
	void *bytes;
	struct btf_view *view;		/* NULL: there is none */
	char message[400];		/* ... and why, of a file that is no module's */
};

static void *read_whole(int fd, size_t size)
{
	uint8_t *bytes = malloc(size ? size : 1);
	size_t done = 0;
	ssize_t got;

	while (bytes && done < size && (got = read(fd, bytes + done, size - done)) > 0)
		done += (size_t)got;
	if (bytes && done == size)
		return bytes;
	free(bytes);
	return NULL;
}

/* 0 or a negative errno. */
static int read_file(const char *path, void **bytes, size_t *size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK), error = 0;
	struct stat status;

	if (fd < 0)
		return -errno;
	if (fstat(fd, &status))
		error = -errno;
	else if (!S_ISREG(status.st_mode))
		error = -EINVAL;
	else if (status.st_size > LIMIT_BTF_BYTES)
		error = -EFBIG;
	*size = error ? 0 : (size_t)status.st_size;
	*bytes = error ? NULL : read_whole(fd, *size);
	close(fd);
	return error ? error : *bytes ? 0 : -EIO;
}

static int read_types(const char *name, void **bytes, size_t *size)
{
	char path[300];

	snprintf(path, sizeof(path), "/sys/kernel/btf/%.255s", name);
	return read_file(path, bytes, size);
}

int types_load(struct types *types, const char *path)
{
	size_t size;

	types->is_other = true;
	types->error = read_file(path, &types->bytes, &size);
	if (!types->error)
		types->error = btf_open(types->bytes, size, NULL, &types->kernel, types->message);
	return types->error;
}

/* Those of the running kernel do not change: whoever applies one policy after the other reads them once. */
static struct btf_view *running;

struct btf_view *types_of_kernel(struct types *types)
{
	void *bytes = NULL;
	size_t size;

	if (types->kernel || types->error)
		return types->kernel;
	if (!running) {
		types->error = read_types("vmlinux", &bytes, &size);
		if (!types->error)
			types->error = btf_open(bytes, size, NULL, &running, types->message);
		if (types->error)
			free(bytes);
	}
	types->kernel = running;
	return types->kernel;
}

static void read_module(struct types *types, struct types_module *module)
{
	char message[256];
	size_t size;

	if (types->is_other || strchr(module->name, '/') || !strcmp(module->name, "vmlinux") || !types_of_kernel(types))
		return;
	if (!read_types(module->name, &module->bytes, &size))
		btf_open(module->bytes, size, types->kernel, &module->view, message);
}

/* The one of that name, which `read` fills when it is new; NULL when there is no memory. */
static struct types_module *find_module(struct types *types, const char *name, void (*read)(struct types *, struct types_module *))
{
	struct types_module *module;

	for (module = types->modules; module; module = module->next)
		if (!strcmp(module->name, name))
			return module;
	module = calloc(1, sizeof(*module));
	if (module)
		module->name = strdup(name);
	if (!module || !module->name) {
		free(module);
		return NULL;
	}
	module->next = types->modules;
	types->modules = module;
	read(types, module);
	return module;
}

struct btf_view *types_of_module(struct types *types, const char *name)
{
	const struct types_module *module = find_module(types, name, read_module);

	return module ? module->view : NULL;
}

/* ---- Of programs ---- */

/* The bytes of section .BTF take the place of those of the file. */
static int keep_section(struct types_module *module, size_t *size)
{
	struct elf_failure failure;
	struct elf_file *elf;
	const void *section;
	void *bytes = NULL;
	size_t length;
	int error = elf_file_of_bytes(module->bytes, *size, &elf, &failure);

	if (error) {
		snprintf(module->message, sizeof(module->message), "'%.128s' %.200s", module->name, failure.text);
		return error;
	}
	if (elf_section_named(elf, ".BTF", &section, &length) && (bytes = malloc(length)))
		memcpy(bytes, section, length);
	else
		snprintf(module->message, sizeof(module->message), "'%.128s' has no section .BTF", module->name);
	elf_file_close(elf);
	free(module->bytes);
	module->bytes = bytes;
	*size = bytes ? length : 0;
	return bytes ? 0 : -ENOEXEC;
}

static void read_program(struct types *types, struct types_module *module)
{
	char message[256];
	size_t size;
	int error = read_file(module->name, &module->bytes, &size);

	(void)types;
	if (error) {
		snprintf(module->message, sizeof(module->message), "the types in '%.128s' cannot be read: %s", module->name, strerror(-error));
		return;
	}
	if (size > 4 && !memcmp(module->bytes, "\177ELF", 4) && keep_section(module, &size))
		return;
	if (btf_open(module->bytes, size, NULL, &module->view, message))
		snprintf(module->message, sizeof(module->message), "the types in '%.128s' cannot be read: %.200s", module->name, message);
}

struct btf_view *types_of_file(struct types *types, const char *path, const char **why)
{
	const struct types_module *module = find_module(types, path, read_program);

	*why = module ? module->message : "no memory";
	return module ? module->view : NULL;
}

void types_release(struct types *types)
{
	for (struct types_module *module = types->modules, *next; module; module = next) {
		next = module->next;
		btf_close(module->view);
		free(module->bytes);
		free(module->name);
		free(module);
	}
	if (types->kernel != running)
		btf_close(types->kernel);
	free(types->bytes);
	*types = (struct types){ 0 };
}
