// SPDX-License-Identifier: Apache-2.0
/* open_modules.c - see open_modules.h. */
#include "symbolize/open_modules.h"

#include <stdlib.h>
#include <string.h>

enum { LOOKUPS_BETWEEN_MEASURES = 64 };

static void write_build_id(const struct build_id *id, char *ret)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t n = 0; n < id->length; n++) {
		*ret++ = digits[id->bytes[n] >> 4];
		*ret++ = digits[id->bytes[n] & 15];
	}
	*ret = '\0';
}

struct open_module_mark open_module_mark(const struct open_module *module)
{
	return (struct open_module_mark){ (struct open_module *)module, module->number };
}

/* The pointer is only compared until it is known to be there. */
struct open_module *open_module_get(struct open_modules *modules, struct open_module_mark mark)
{
	for (size_t n = 0; mark.module && n < modules->count; n++)
		if (modules->list[n] == mark.module)
			return mark.module->number == mark.number ? mark.module : NULL;
	return NULL;
}

/* ---- Letting go ---- */

static void let_go(struct open_modules *modules, size_t n)
{
	struct open_module *module = modules->list[n];

	module_free(module->module);
	free(module->path);
	free(module);
	modules->list[n] = modules->list[--modules->count];
}

static size_t least_used(const struct open_modules *modules)
{
	size_t least = 0;

	for (size_t n = 1; n < modules->count; n++)
		if (modules->list[n]->used < modules->list[least]->used)
			least = n;
	return least;
}

static size_t all_memory(const struct open_modules *modules)
{
	size_t memory = 0;

	for (size_t n = 0; n < modules->count; n++)
		memory += modules->list[n]->memory;
	return memory;
}

/* The one that is asked now stays, however large it is: its own limits hold. */
static void keep_below_limit(struct open_modules *modules)
{
	while (modules->count > 1 && all_memory(modules) > LIMIT_OPEN_FILE_BYTES)
		let_go(modules, least_used(modules));
}

void open_modules_release(struct open_modules *modules)
{
	while (modules->count)
		let_go(modules, modules->count - 1);
}

/* ---- Opening ---- */

static struct open_module *find_same(struct open_modules *modules, const struct binary_identity *identity)
{
	for (size_t n = 0; identity && n < modules->count; n++)
		if (!memcmp(&modules->list[n]->identity, identity, sizeof(*identity)))
			return modules->list[n];
	return NULL;
}

struct open_module *open_modules_add(struct open_modules *modules, struct binary *binary, int root, const char *path)
{
	const struct binary_identity *const identity = binary_identity(binary);
	struct open_module *module = find_same(modules, identity);

	if (module) {
		binary_close(binary);
		return module;
	}
	if (modules->count == LIMIT_OPEN_FILES)
		let_go(modules, least_used(modules));
	module = calloc(1, sizeof(*module));
	if (!module)
		abort();
	if (identity)
		module->identity = *identity;
	write_build_id(binary_build_id(binary), module->build_id);
	module->path = strdup(path);
	module->module = module_new(binary, modules->options);
	if (path[0])
		module_set_place(module->module, root, path);
	module->number = ++modules->number;
	module->used = ++modules->clock;
	module->lookups = LOOKUPS_BETWEEN_MEASURES - 1;
	modules->list[modules->count++] = module;
	return module;
}

enum symbol_why open_module_find(struct open_modules *modules, struct open_module *module, uint64_t address, struct symbol_frames *ret)
{
	module->used = ++modules->clock;
	if (++module->lookups >= LOOKUPS_BETWEEN_MEASURES) {
		module->lookups = 0;
		module->memory = module_memory(module->module);
		keep_below_limit(modules);
	}
	return module_find(module->module, address, ret);
}
