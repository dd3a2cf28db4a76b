// SPDX-License-Identifier: Apache-2.0
/* module.c - see module.h. */
#include "symbolize/module.h"

#include <elf.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "compiler/base/buffer.h"
#include "schema/schema.h"
#include "symbolize/binary_internal.h"
#include "symbolize/cache.h"
#include "symbolize/dwarf.h"
#include "symbolize/go.h"
#include "symbolize/names_read.h"
#include "symbolize/packed_symbols.h"

struct module {
	struct binary *binary;
	struct module_options options;
	struct debug_search search;	/* the options', with the root of this file */
	int root;			/* AT_FDCWD, or a descriptor of its own */
	char *path;			/* NULL: not known */

	bool is_searched;		/* for its debug file */
	struct binary *debug;		/* NULL: there is none, or none is needed */
	char *debug_path;
	uint64_t shift;			/* what addresses of the debug file need to be those of the binary: it was prelinked */
	struct cache *cache, *debug_cache;	/* the second of the debug file; NULL: there is none */

	bool has_names;			/* they were looked for */
	enum symbol_why why_no_names;
	struct names names;
	struct buffer index;		/* names that were worked out now */
	size_t sources[3];		/* symbols of the binary, its packed symbols, its debug file */
	bool names_are_kept;		/* of an earlier run */

	bool has_lines;			/* they were looked for */
	struct dwarf *dwarf;
	uint64_t lines_shift;		/* as `shift`, of the file that has the lines */
	struct binary *package, *supplementary, *split;
	bool has_go;			/* it was looked for */
	struct go *go;
	enum symbol_why why_no_lines;	/* of the last look-up */
	struct buffer explanation;
};

struct module *module_new(struct binary *binary, const struct module_options *options)
{
	struct module *module = calloc(1, sizeof(*module));

	if (!module)
		abort();	/* as arena.c does */
	module->binary = binary;
	module->options = *options;
	module->root = AT_FDCWD;
	module->search = options->search ? *options->search : (struct debug_search){ .root = AT_FDCWD };
	return module;
}

void module_set_place(struct module *module, int root, const char *path)
{
	if (module->root != AT_FDCWD && module->root >= 0)
		close(module->root);
	free(module->path);
	module->root = root == AT_FDCWD ? AT_FDCWD : fcntl(root, F_DUPFD_CLOEXEC, 0);
	module->path = module->root == -1 ? NULL : strdup(path);
	if (module->root == -1)
		module->root = AT_FDCWD;
	module->search.root = module->root;
}

struct binary *module_binary(const struct module *module)
{
	return module->binary;
}

/* ---- Its debug file, and what is kept of both ---- */

static bool has_section(const struct binary *binary, const char *name)
{
	return binary && binary_section_number(binary, name);
}

static bool has_debug_information(const struct binary *binary)
{
	return has_section(binary, ".debug_info") || has_section(binary, ".debug_line");
}

/* Where the first segment that is loaded lies. */
static bool first_address(const struct binary *binary, uint64_t *ret)
{
	bool found = false;

	for (size_t n = 0; n < binary->segment_count; n++)
		if (binary->segments[n].type == PT_LOAD && (!found || binary->segments[n].address < *ret)) {
			*ret = binary->segments[n].address;
			found = true;
		}
	return found;
}

static void search(struct module *module)
{
	uint64_t own = 0, other = 0;

	if (module->is_searched)
		return;
	module->is_searched = true;
	if (module->options.search && !(has_section(module->binary, ".symtab") &&
					(has_debug_information(module->binary) || module->options.no_lines)))
		module->debug = debug_file_find_at(&module->search, module->binary, module->path, &module->debug_path);
	if (module->debug && first_address(module->binary, &own) && first_address(module->debug, &other))
		module->shift = own - other;
	module->cache = cache_open(module->options.cache, module->binary);
	if (module->debug)
		module->debug_cache = cache_open(module->options.cache, module->debug);
}

/* ---- Names ---- */

static bool need_kept(void *cache, const void *bytes, size_t offset, size_t size)
{
	return cache_need(cache, bytes, offset, size);
}

/* What was made of a debug file as well is kept by that one's identity, too: it may come later, or be replaced. */
static uint64_t names_block(const struct module *module)
{
	const struct binary_identity *identity = module->debug ? binary_identity(module->debug) : NULL;
	uint64_t sum = 0;

	if (!identity)
		return CACHE_NAMES;
	sum = (sum ^ identity->device) * 0x9e3779b185ebca87ULL;
	sum = (sum ^ identity->inode ^ sum >> 32) * 0x9e3779b185ebca87ULL;
	sum = (sum ^ identity->size ^ sum >> 32) * 0x9e3779b185ebca87ULL;
	sum = (sum ^ identity->changed_ns ^ sum >> 32) * 0x9e3779b185ebca87ULL;
	return 1ULL << 63 | sum >> 1;
}

static bool find_kept_names(struct module *module)
{
	const void *bytes;
	size_t size;

	if (!cache_find_lazily(module->cache, names_block(module), &bytes, &size))
		return false;
	module->names = (struct names){ bytes, size, need_kept, module->cache };
	module->names_are_kept = names_check(module->names);
	return module->names_are_kept;
}

/* Tables of symbols are not needed any more once their index is made. */
static void forget_symbols(struct binary *binary)
{
	for (size_t n = 1; n < binary_section_count(binary); n++) {
		const struct binary_section_header *header = binary_section_header(binary, n);

		if (header->type == SHT_SYMTAB || header->type == SHT_STRTAB || header->type == SHT_DYNSYM) {
			const struct loaded *loaded = &binary->loaded[n];

			if (loaded->kind == LOADED_MAPPED)
				binary_forget(binary, (struct binary_bytes){ loaded->bytes, loaded->size }, 0, loaded->size);
		}
	}
}

/* The first that says more than "none" is told. */
static void add_symbols(struct module *module, struct names_reader *reader, struct binary *binary, uint64_t shift, size_t *source)
{
	const size_t before = reader->count;
	const enum symbol_why why = names_read(reader, binary, shift);

	*source = reader->count - before;
	if (why != SYMBOL_KNOWN && why != SYMBOL_NO_SYMBOLS && module->why_no_names == SYMBOL_KNOWN)
		module->why_no_names = why;
}

static void add_packed_symbols(struct module *module, struct names_reader *reader, struct buffer *bytes, struct binary **packed)
{
	enum symbol_why why = packed_symbols_unpack(module->binary, bytes);

	*packed = why == SYMBOL_KNOWN ? binary_of_bytes(bytes->bytes, bytes->length, &why) : NULL;
	if (*packed)
		add_symbols(module, reader, *packed, 0, &module->sources[1]);
	else if (why != SYMBOL_NO_SYMBOLS && module->why_no_names == SYMBOL_KNOWN)
		module->why_no_names = why;
}

static void build_names(struct module *module)
{
	struct names_reader reader = { .program = module->binary };
	struct buffer packed_bytes = { 0 };
	struct binary *packed = NULL;

	module->why_no_names = SYMBOL_KNOWN;
	add_symbols(module, &reader, module->binary, 0, &module->sources[0]);
	if (has_section(module->debug, ".symtab"))
		add_symbols(module, &reader, module->debug, module->shift, &module->sources[2]);
	else if (!has_section(module->binary, ".symtab"))
		add_packed_symbols(module, &reader, &packed_bytes, &packed);
	if (module->why_no_names == SYMBOL_KNOWN && !reader.count)
		module->why_no_names = SYMBOL_NO_SYMBOLS;
	names_build(reader.symbols, reader.count, &module->index);
	module->names = (struct names){ (const uint8_t *)module->index.bytes, module->index.length, NULL, NULL };
	module->names_are_kept = false;
	/* What could not be read now may be read next time. */
	if (module->why_no_names == SYMBOL_KNOWN || module->why_no_names == SYMBOL_NO_SYMBOLS)
		cache_add(module->cache, names_block(module), module->index.bytes, module->index.length);
	names_reader_release(&reader);
	binary_close(packed);
	buffer_release(&packed_bytes);
	forget_symbols(module->binary);
	if (module->debug)
		forget_symbols(module->debug);
}

static void prepare_names(struct module *module)
{
	if (module->has_names)
		return;
	module->has_names = true;
	search(module);
	if (!find_kept_names(module))
		build_names(module);
}

static bool find_name(struct module *module, uint64_t address, struct name_found *ret)
{
	bool is_damaged, found;

	prepare_names(module);
	found = names_find(module->names, address, ret, &is_damaged);
	if (!is_damaged || !module->names_are_kept)
		return found;
	build_names(module);
	return names_find(module->names, address, ret, &is_damaged);
}

void module_expect(struct module *module, const uint64_t *addresses, size_t count)
{
	if (module->has_names)
		names_expect(module->names, addresses, count);
}

/* ---- Lines ---- */

static struct binary *lines_binary(const struct module *module)
{
	return has_debug_information(module->binary) ? module->binary : has_debug_information(module->debug) ? module->debug : NULL;
}

/* A unit is read as a whole before the next one: one file at a time is enough. */
static struct binary *open_split(void *context, const char *folder, const char *name, uint64_t id)
{
	struct module *module = context;

	(void)id;	/* the reader of DWARF compares it */
	binary_close(module->split);
	module->split = debug_file_split(&module->search, module->path, folder, name);
	return module->split;
}

static void prepare_lines(struct module *module)
{
	struct dwarf_files files = { .context = module, .split = open_split };
	struct binary *binary;

	if (module->has_lines || module->options.no_lines)
		return;
	module->has_lines = true;
	search(module);
	binary = lines_binary(module);
	if (!binary)
		return;
	module->package = debug_file_package(&module->search, module->path);
	module->supplementary = debug_file_supplementary(&module->search, binary, binary == module->debug ? module->debug_path : module->path);
	module->lines_shift = binary == module->debug ? module->shift : 0;
	files.package = module->package;
	files.supplementary = module->supplementary;
	module->dwarf = dwarf_open(binary, &files, binary == module->debug ? module->debug_cache : module->cache);
}

static void find_lines(struct module *module, uint64_t address, struct symbol_frames *ret)
{
	ret->count = 0;
	ret->is_cut = false;
	module->why_no_lines = SYMBOL_NO_LINES;
	prepare_lines(module);
	if (!module->dwarf)
		return;
	module->why_no_lines = dwarf_find(module->dwarf, address - module->lines_shift, ret);
	ret->start += module->lines_shift;
	if (module->why_no_lines == SYMBOL_KNOWN && !(ret->count && ret->frames[0].file))
		module->why_no_lines = SYMBOL_NO_LINES;
}

/* Of names alone the outermost is left. */
static void drop_lines(struct symbol_frames *ret)
{
	if (ret->count)
		ret->frames[0] = (struct symbol_frame){ .function = ret->frames[ret->count - 1].function };
	ret->count = ret->count != 0;
	ret->is_cut = false;
}

/* Go's own table, where DWARF has nothing. */
static void find_in_go(struct module *module, uint64_t address, struct symbol_frames *ret)
{
	if (!module->has_go)
		module->go = go_open(module->binary);
	module->has_go = true;
	if (!module->go || go_find(module->go, address, ret) != SYMBOL_KNOWN) {
		ret->count = 0;
		return;
	}
	if (module->options.no_lines)
		drop_lines(ret);
	else if (ret->frames[0].file)
		module->why_no_lines = go_has_inlined(module->go) ? SYMBOL_KNOWN : SYMBOL_NO_INLINED;
}

/* ---- All ---- */

/* The symbol is the function that the machine runs: the outermost frame. */
static void join(const struct name_found *name, struct symbol_frames *ret)
{
	if (!ret->count)
		ret->frames[ret->count++] = (struct symbol_frame){ .function = name->name };
	else if (!ret->frames[ret->count - 1].function)
		ret->frames[ret->count - 1].function = name->name;
	ret->start = name->start;
}

static enum symbol_why why_nothing(const struct module *module)
{
	if (module->why_no_names != SYMBOL_KNOWN && !module->names_are_kept && !module->go)
		return module->why_no_names;
	return names_count(module->names) || module->go ? SYMBOL_NO_FUNCTION : SYMBOL_NO_SYMBOLS;
}

/* Go's table shortens names of instances of generic functions: where the symbol has the whole name, that is told. */
static void join_go(struct module *module, uint64_t address, bool has_name, const struct name_found *name, struct symbol_frames *ret)
{
	find_in_go(module, address, ret);
	if (ret->count && has_name && name->start == ret->start)
		ret->frames[ret->count - 1].function = name->name;
}

enum symbol_why module_find(struct module *module, uint64_t address, struct symbol_frames *ret)
{
	struct name_found name;
	bool has_name;

	if (!ret->room)
		return SYMBOL_NO_FUNCTION;
	has_name = find_name(module, address, &name);
	find_lines(module, address, ret);
	if (!ret->count && !(has_name && module->options.no_lines))
		join_go(module, address, has_name, &name, ret);
	if (has_name)
		join(&name, ret);
	return ret->count ? SYMBOL_KNOWN : why_nothing(module);
}

enum symbol_why module_why_no_lines(const struct module *module)
{
	return module->why_no_lines;
}

/* ---- How ---- */

static void explain_source(struct buffer *text, size_t count, const char *where, const char **between)
{
	if (!count)
		return;
	buffer_format(text, "%s%zu of %s", *between, count, where);
	*between = ", ";
}

static void explain_names(struct module *module)
{
	struct buffer *text = &module->explanation;
	const char *between = " (";

	prepare_names(module);
	if (module->why_no_names != SYMBOL_KNOWN) {
		buffer_format(text, "symbols: %s\n", symbol_why_about(module->why_no_names));
		return;
	}
	buffer_format(text, "symbols: %zu functions", names_count(module->names));
	explain_source(text, module->sources[0], "the file itself", &between);
	explain_source(text, module->sources[1], "its .gnu_debugdata", &between);
	explain_source(text, module->sources[2], "its debug file", &between);
	buffer_add_text(text, module->names_are_kept ? " (kept from an earlier run)\n" : *between == ',' ? ")\n" : "\n");
}

static void explain_lines(struct module *module)
{
	struct buffer *text = &module->explanation;

	if (module->options.no_lines) {
		buffer_add_text(text, "lines: not asked for\n");
		return;
	}
	prepare_lines(module);
	buffer_format(text, "lines: %s\n", !module->dwarf ? "no debug information was found" :
		      lines_binary(module) == module->binary ? "DWARF of the file itself" : "DWARF of its debug file");
	if (!module->has_go)
		module->go = go_open(module->binary);
	module->has_go = true;
	if (module->go)
		buffer_format(text, "Go: its table of %zu functions (layout of Go %s%s)\n", go_count(module->go), go_version(module->go),
			      go_has_inlined(module->go) ? ", with inlined calls" : "");
	if (module->package)
		buffer_format(text, "package of split units: %s.dwp\n", module->path);
	if (module->supplementary)
		buffer_add_text(text, "supplementary file: found\n");
}

const char *module_explain(struct module *module)
{
	struct buffer *text = &module->explanation;
	const struct build_id *id = binary_build_id(module->binary);

	text->length = 0;
	search(module);
	if (module->path)
		buffer_format(text, "file: %s\n", module->path);
	buffer_add_text(text, id->length ? "build id: " : "build id: it has none");
	for (size_t n = 0; n < id->length; n++)
		buffer_format(text, "%02x", id->bytes[n]);
	buffer_add_char(text, '\n');
	if (module->debug)
		buffer_format(text, "debug file: %s\n", module->debug_path ? module->debug_path : "found");
	if (module->shift)
		buffer_format(text, "prelinked: its addresses are those of the debug file + 0x%llx\n", (unsigned long long)module->shift);
	explain_names(module);
	explain_lines(module);
	return text->bytes;
}

/* ---- The end ---- */

size_t module_memory(const struct module *module)
{
	const struct binary *binaries[] = { module->binary, module->debug, module->package, module->supplementary, module->split };
	size_t memory = sizeof(*module) + module->index.capacity + module->explanation.capacity + cache_memory(module->cache) +
			cache_memory(module->debug_cache) + (module->dwarf ? dwarf_memory(module->dwarf) : 0) + (module->go ? go_memory(module->go) : 0);

	for (size_t n = 0; n < sizeof(binaries) / sizeof(*binaries); n++)
		memory += binaries[n] ? binary_memory(binaries[n]) : 0;
	return memory;
}

/* The caches were lent what the others hold: they go first. */
void module_free(struct module *module)
{
	if (!module)
		return;
	cache_close(module->cache);
	cache_close(module->debug_cache);
	dwarf_close(module->dwarf);
	go_close(module->go);
	binary_close(module->split);
	binary_close(module->package);
	binary_close(module->supplementary);
	binary_close(module->debug);
	binary_close(module->binary);
	buffer_release(&module->index);
	buffer_release(&module->explanation);
	if (module->root != AT_FDCWD)
		close(module->root);
	free(module->path);
	free(module->debug_path);
	free(module);
}
