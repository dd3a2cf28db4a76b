// SPDX-License-Identifier: Apache-2.0
/* kernel_symbols.c - see kernel_symbols.h. */
#include "runtime/kernel_symbols.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/base/arena.h"

struct symbol {
	uint64_t address;
	size_t line;			/* how many were listed before it */
	const char *name, *module;
};

/* Closed below, open above. */
struct range { uint64_t start, end; };

struct kernel_symbols {
	struct arena arena;
	struct symbol *symbols;		/* functions, ascending */
	size_t count, room;
	struct range *modules;
	size_t module_count, module_room;
	struct range text;		/* of the kernel itself */
	bool shown;
};

/* ---- /proc/kallsyms: "ffffffff81000000 T _stext", and of modules "\t[NAME]" behind it ---- */

static bool is_function(char kind)
{
	return kind == 't' || kind == 'T' || kind == 'w' || kind == 'W';
}

static void note_bounds(struct kernel_symbols *symbols, const char *name, uint64_t address)
{
	if (!strcmp(name, "_stext") || (!strcmp(name, "_text") && !symbols->text.start))
		symbols->text.start = address;
	else if (!strcmp(name, "_etext"))
		symbols->text.end = address;
}

/* One name for all symbols of a module that follow each other. */
static const char *module_name(struct kernel_symbols *symbols, const char *name)
{
	const char *last = symbols->count ? symbols->symbols[symbols->count - 1].module : NULL;

	return last && !strcmp(last, name) ? last : arena_copy(&symbols->arena, name, strlen(name));
}

static void add_line(struct kernel_symbols *symbols, const char *line)
{
	char name[512], module[128];
	uint64_t address;
	char kind;
	int got = sscanf(line, "%" SCNx64 " %c %511s [%127[^]]]", &address, &kind, name, module);

	if (got < 3)
		return;
	symbols->shown |= address != 0;
	if (got == 3)
		note_bounds(symbols, name, address);
	if (!is_function(kind) || !address || (got == 4 && !strcmp(module, "bpf")))
		return;
	symbols->symbols = arena_grow(&symbols->arena, symbols->symbols, symbols->count, &symbols->room, sizeof(struct symbol));
	symbols->symbols[symbols->count] = (struct symbol){
		address, symbols->count, arena_copy(&symbols->arena, name, strlen(name)), got == 4 ? module_name(symbols, module) : NULL,
	};
	symbols->count++;
}

/* ---- /proc/modules: "NAME SIZE USES BY STATE 0xADDRESS" ---- */

static void add_module(struct kernel_symbols *symbols, const char *line)
{
	uint64_t size, address;

	if (sscanf(line, "%*s %" SCNu64 " %*s %*s %*s %" SCNx64, &size, &address) != 2 || !address)
		return;
	symbols->modules = arena_grow(&symbols->arena, symbols->modules, symbols->module_count, &symbols->module_room,
				      sizeof(struct range));
	symbols->modules[symbols->module_count++] = (struct range){ address, address + size };
}

/* Each line for itself: sscanf() looks for the end of the whole text first.  What is longer than any that is meant is cut. */
static void each_line(struct kernel_symbols *symbols, const char *text, void (*take)(struct kernel_symbols *, const char *))
{
	while (*text) {
		const char *end = strchrnul(text, '\n');
		size_t length = (size_t)(end - text);
		char line[1024];

		if (length > sizeof(line) - 1)
			length = sizeof(line) - 1;
		memcpy(line, text, length);
		line[length] = '\0';
		take(symbols, line);
		text = *end ? end + 1 : end;
	}
}

/* Of several at one address, the first that was listed is found. */
static int compare(const void *a, const void *b)
{
	const struct symbol *x = a, *y = b;

	if (x->address != y->address)
		return x->address < y->address ? -1 : 1;
	return x->line < y->line ? -1 : x->line > y->line;
}

struct kernel_symbols *kernel_symbols_parse(const char *kallsyms, const char *modules)
{
	struct kernel_symbols *symbols = calloc(1, sizeof(*symbols));

	if (!symbols)
		abort();
	each_line(symbols, kallsyms, add_line);
	each_line(symbols, modules, add_module);
	if (symbols->count)
		qsort(symbols->symbols, symbols->count, sizeof(*symbols->symbols), compare);
	return symbols;
}

void kernel_symbols_free(struct kernel_symbols *symbols)
{
	if (symbols)
		arena_release(&symbols->arena);
	free(symbols);
}

bool kernel_symbols_are_shown(const struct kernel_symbols *symbols)
{
	return symbols->shown;
}

/* ---- Look-up ---- */

static bool holds(struct range range, uint64_t address)
{
	return range.start <= address && address < range.end;
}

static bool is_known_text(const struct kernel_symbols *symbols, uint64_t address)
{
	if (holds(symbols->text, address))
		return true;
	for (size_t n = 0; n < symbols->module_count; n++)
		if (holds(symbols->modules[n], address))
			return true;
	return false;
}

/* How many symbols begin at or below the address. */
static size_t below(const struct kernel_symbols *symbols, uint64_t address)
{
	size_t low = 0, high = symbols->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (symbols->symbols[middle].address <= address)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

bool kernel_symbols_find(const struct kernel_symbols *symbols, uint64_t address, struct kernel_symbol *ret)
{
	const bool in_kernel = holds(symbols->text, address);
	size_t n = is_known_text(symbols, address) ? below(symbols, address) : 0;

	if (!n)
		return false;
	while (n > 1 && symbols->symbols[n - 2].address == symbols->symbols[n - 1].address)
		n--;
	if (in_kernel != !symbols->symbols[n - 1].module)
		return false;
	*ret = (struct kernel_symbol){ address - symbols->symbols[n - 1].address, symbols->symbols[n - 1].name,
				       symbols->symbols[n - 1].module };
	return true;
}
