// SPDX-License-Identifier: Apache-2.0
/* kernel.c - looks names up in the running kernel; see kernel.h. */
#include "runtime/kernel.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bpf/btf.h>

#include "compiler/base/buffer.h"
#include "compiler/base/nearest.h"
#include "runtime/filesystems.h"
#include "runtime/syscalls.h"

#define FORMAT_SIZE 65536

/* Lines of a list, cut into names, sorted. */
struct name_list {
	struct buffer text;
	const char **names;
	size_t count;
	bool read;
};

struct kernel {
	struct btf *btf;		/* NULL until needed */
	bool btf_missing;
	int tracefs;			/* descriptor, or a negative errno */
	struct name_list functions;	/* of kallsyms */
	struct name_list traceable;	/* of available_filter_functions; empty when it cannot be read */
};

struct kernel *kernel_new(void)
{
	struct kernel *kernel = calloc(1, sizeof(*kernel));

	if (kernel)
		kernel->tracefs = tracefs_open();
	return kernel;
}

static void list_release(struct name_list *list)
{
	buffer_release(&list->text);
	free(list->names);
}

void kernel_free(struct kernel *kernel)
{
	if (!kernel)
		return;
	btf__free(kernel->btf);
	if (kernel->tracefs >= 0)
		close(kernel->tracefs);
	list_release(&kernel->functions);
	list_release(&kernel->traceable);
	free(kernel);
}

/* ---- Lists of functions ---- */

static void read_all(int fd, struct buffer *ret)
{
	char chunk[65536];
	ssize_t got;

	while (fd >= 0 && (got = read(fd, chunk, sizeof(chunk))) > 0)
		buffer_add(ret, chunk, (size_t)got);
	if (fd >= 0)
		close(fd);
}

/* "ffffffff81000000 T name\t[module]": the name of a function, or NULL. */
static char *kallsyms_name(char *line)
{
	char *type = strchr(line, ' ');

	if (!type || !strchr("tTwW", type[1]) || type[2] != ' ')
		return NULL;
	return type + 3;
}

static char *whole_line(char *line)
{
	return line;
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static size_t count_lines(const struct buffer *text)
{
	size_t count = 0;

	for (size_t i = 0; i < text->length; i++)
		count += text->bytes[i] == '\n';
	return count + 1;
}

static void list_fill(struct name_list *list, int fd, char *(*name_of)(char *line))
{
	list->read = true;
	read_all(fd, &list->text);
	if (!list->text.length)
		return;
	list->names = calloc(count_lines(&list->text), sizeof(*list->names));
	for (char *line = list->text.bytes, *next; list->names && line && *line; line = next) {
		char *name;

		next = strchr(line, '\n');
		if (next)
			*next++ = 0;
		name = name_of(line);
		if (!name)
			continue;
		name[strcspn(name, "\t ")] = 0;
		list->names[list->count++] = name;
	}
	qsort(list->names, list->count, sizeof(*list->names), compare_names);
}

static bool list_has(const struct name_list *list, const char *name)
{
	return list->count && bsearch(&name, list->names, list->count, sizeof(*list->names), compare_names);
}

static const struct name_list *functions(struct kernel *kernel)
{
	if (!kernel->functions.read)
		list_fill(&kernel->functions, open("/proc/kallsyms", O_RDONLY | O_CLOEXEC), kallsyms_name);
	return &kernel->functions;
}

static const struct name_list *traceable(struct kernel *kernel)
{
	if (!kernel->traceable.read)
		list_fill(&kernel->traceable, kernel->tracefs < 0 ? -1 :
			openat(kernel->tracefs, "available_filter_functions", O_RDONLY | O_CLOEXEC), whole_line);
	return &kernel->traceable;
}

size_t kernel_functions(struct kernel *kernel, const char *const **ret)
{
	*ret = functions(kernel)->names;
	return kernel->functions.count;
}

size_t kernel_traceable(struct kernel *kernel, const char *const **ret)
{
	*ret = traceable(kernel)->names;
	return kernel->traceable.count;
}

static const char *nearest_function(struct kernel *kernel, const char *name, struct arena *arena)
{
	const struct name_list *list = functions(kernel);
	struct nearest nearest = { .name = name, .length = strlen(name) };

	for (size_t i = 0; i < list->count; i++)
		nearest_try(&nearest, list->names[i]);
	return nearest.best ? arena_copy(arena, nearest.best, strlen(nearest.best)) : NULL;
}

/* ---- Types ---- */

static struct btf *types(struct kernel *kernel)
{
	if (!kernel->btf && !kernel->btf_missing) {
		kernel->btf = btf__load_vmlinux_btf();
		kernel->btf_missing = !kernel->btf;
	}
	return kernel->btf;
}

/* Number of parameters of a function, or UINT32_MAX. */
static uint32_t function_arguments(struct kernel *kernel, const char *name)
{
	struct btf *btf = types(kernel);
	int id = btf ? btf__find_by_name_kind(btf, name, BTF_KIND_FUNC) : -1;
	const struct btf_type *prototype;

	if (id < 0)
		return UINT32_MAX;
	prototype = btf__type_by_id(btf, btf__type_by_id(btf, (uint32_t)id)->type);
	return prototype && btf_is_func_proto(prototype) ? btf_vlen(prototype) : UINT32_MAX;
}

/* btf_trace_NAME is the type of its callbacks, whose first parameter is private. */
static uint32_t raw_tracepoint_arguments(struct kernel *kernel, const char *name)
{
	struct btf *btf = types(kernel);
	const struct btf_type *type;
	char full[256];
	int id;

	snprintf(full, sizeof(full), "btf_trace_%s", name);
	id = btf ? btf__find_by_name_kind(btf, full, BTF_KIND_TYPEDEF) : -1;
	type = id < 0 ? NULL : btf__type_by_id(btf, (uint32_t)id);
	type = type ? btf__type_by_id(btf, type->type) : NULL;
	type = type && btf_is_ptr(type) ? btf__type_by_id(btf, type->type) : NULL;
	return type && btf_is_func_proto(type) && btf_vlen(type) ? btf_vlen(type) - 1u : UINT32_MAX;
}

/* Of the types whose name starts with `prefix`, the nearest to it plus `name`; without the prefix. */
static const char *nearest_type(struct kernel *kernel, const char *prefix, const char *name, struct arena *arena)
{
	struct nearest nearest = { .name = name, .length = strlen(name) };
	struct btf *btf = types(kernel);
	size_t length = strlen(prefix);
	uint32_t count = btf ? btf__type_cnt(btf) : 0;

	for (uint32_t id = 1; id < count; id++) {
		const char *found = btf__name_by_offset(btf, btf__type_by_id(btf, id)->name_off);

		if (found && !strncmp(found, prefix, length))
			nearest_try(&nearest, found + length);
	}
	return nearest.best ? arena_copy(arena, nearest.best, strlen(nearest.best)) : NULL;
}

/* ---- Tracepoints ---- */

static bool is_one_name(const char *name)
{
	return *name && *name != '.' && !strchr(name, '/');
}

static int read_format(struct kernel *kernel, const char *subsystem, const char *event, char *text, size_t size)
{
	char path[512];

	if (kernel->tracefs < 0)
		return kernel->tracefs;
	if (!is_one_name(subsystem) || !is_one_name(event))
		return -ENOENT;
	snprintf(path, sizeof(path), "events/%s/%s/format", subsystem, event);
	return read_small_file(kernel->tracefs, path, text, size);
}

static const char *nearest_entry(struct kernel *kernel, const char *folder, const char *name, struct arena *arena)
{
	struct nearest nearest = { .name = name, .length = strlen(name) };
	int fd = kernel->tracefs < 0 ? -1 : openat(kernel->tracefs, folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *directory = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;

	if (!directory && fd >= 0)
		close(fd);
	while (directory && (entry = readdir(directory)))
		if (entry->d_name[0] != '.')
			nearest_try(&nearest, arena_copy(arena, entry->d_name, strlen(entry->d_name)));
	if (directory)
		closedir(directory);
	return nearest.best;
}

static const char *nearest_tracepoint(struct kernel *kernel, const struct image_hook *hook, struct arena *arena)
{
	const char *folder = arena_format(arena, "events/%s", hook->subsystem);
	const char *event, *subsystem = hook->subsystem;

	if (!is_one_name(subsystem))
		return NULL;
	if (kernel->tracefs >= 0 && faccessat(kernel->tracefs, folder, F_OK, 0)) {
		subsystem = nearest_entry(kernel, "events", hook->subsystem, arena);
		return subsystem ? arena_format(arena, "%s/%s", subsystem, hook->name) : NULL;
	}
	event = nearest_entry(kernel, folder, hook->name, arena);
	return event ? arena_format(arena, "%s/%s", subsystem, event) : NULL;
}

int kernel_field(struct kernel *kernel, const struct image_relocation *relocation,
		 struct tracepoint_field *ret, uint32_t *count)
{
	char *text = malloc(FORMAT_SIZE);
	int error = text ? read_format(kernel, relocation->subsystem, relocation->event, text, FORMAT_SIZE) : -ENOMEM;

	*count = 0;
	if (error >= 0)
		error = tracepoint_field(text, relocation->field, ret, count);
	free(text);
	return error;
}

/* ---- Hooks ---- */

static void function_facts(struct kernel *kernel, const struct image_hook *hook, struct arena *arena,
			   struct hook_facts *ret)
{
	size_t prefix = hook->syscall ? strlen(SYSCALL_PREFIX) : 0;
	char symbol[SYSCALL_SYMBOL_MAX];
	const char *name = hook->syscall ? syscall_symbol(hook->name, symbol) : hook->name;

	ret->target = arena_copy(arena, name, strlen(name));
	ret->exists = list_has(functions(kernel), ret->target);
	if (!ret->exists) {
		ret->nearest = nearest_function(kernel, ret->target, arena);
		if (ret->nearest && !strncmp(ret->nearest, SYSCALL_PREFIX, prefix))
			ret->nearest += prefix;
		return;
	}
	ret->traceable = !traceable(kernel)->count || list_has(traceable(kernel), ret->target);
	ret->argument_count = function_arguments(kernel, ret->target);
}

static void lsm_facts(struct kernel *kernel, const struct image_hook *hook, struct arena *arena,
		      struct hook_facts *ret)
{
	ret->target = arena_copy(arena, hook->name, strlen(hook->name));
	ret->argument_count = function_arguments(kernel, arena_format(arena, "bpf_lsm_%s", hook->name));
	ret->exists = ret->argument_count != UINT32_MAX;
	if (!ret->exists)
		ret->nearest = nearest_type(kernel, "bpf_lsm_", hook->name, arena);
}

static void raw_tracepoint_facts(struct kernel *kernel, const struct image_hook *hook, struct arena *arena,
				 struct hook_facts *ret)
{
	ret->target = arena_copy(arena, hook->name, strlen(hook->name));
	ret->argument_count = raw_tracepoint_arguments(kernel, hook->name);
	ret->exists = ret->argument_count != UINT32_MAX;
	if (!ret->exists)
		ret->nearest = nearest_type(kernel, "btf_trace_", hook->name, arena);
}

static void tracepoint_facts(struct kernel *kernel, const struct image_hook *hook, struct arena *arena,
			     struct hook_facts *ret)
{
	char *text = malloc(FORMAT_SIZE);

	ret->target = arena_copy(arena, hook->name, strlen(hook->name));
	ret->exists = text && read_format(kernel, hook->subsystem, hook->name, text, FORMAT_SIZE) > 0;
	if (!ret->exists)
		ret->nearest = nearest_tracepoint(kernel, hook, arena);
	free(text);
}

void kernel_hook_facts(struct kernel *kernel, const struct image_hook *hook, struct arena *arena,
		       struct hook_facts *ret)
{
	*ret = (struct hook_facts){ .argument_count = UINT32_MAX };
	switch (hook->kind) {
	case HOOK_LSM:
		lsm_facts(kernel, hook, arena, ret);
		break;
	case HOOK_RAW_TRACEPOINT:
		raw_tracepoint_facts(kernel, hook, arena, ret);
		break;
	case HOOK_TRACEPOINT:
		tracepoint_facts(kernel, hook, arena, ret);
		break;
	default:
		function_facts(kernel, hook, arena, ret);
		break;
	}
	ret->typed = ret->argument_count != UINT32_MAX;
}
