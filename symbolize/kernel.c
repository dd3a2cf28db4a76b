// SPDX-License-Identifier: Apache-2.0
/* kernel.c - see kernel.h. */
#include "symbolize/kernel.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "compiler/base/buffer.h"
#include "schema/schema.h"
#include "symbolize/cache.h"
#include "symbolize/kernel_image.h"
#include "symbolize/kernel_list.h"
#include "symbolize/kernel_passing.h"
#include "symbolize/text_file.h"

/* A file with the kernel's DWARF: vmlinux, or a module's. */
struct image {
	char *name;			/* of the module; NULL: the kernel */
	struct module *module;		/* NULL: there is none */
	uint64_t slide;			/* what is added to its addresses; of a module for the function that was asked for last */
	uint64_t function;		/* which is at that address */
	struct buffer about;		/* where it was looked for */
};

struct kernel_names {
	const struct kernel_source *source;
	const struct module_options *options;
	enum symbol_why why;		/* KNOWN: the index is there, or the image stands for it */
	struct kernel_index index;
	struct buffer built, built_names;	/* the index's bytes, unless they are the cache's */
	struct cache *cache;
	char key[64];			/* boot and modules that the index is of */
	bool is_loaded, is_image_alone;
	uint64_t checked, passing_listed;	/* ns of CLOCK_MONOTONIC; 0: never */
	struct passing *passing;
	struct image kernel_image;
	bool image_looked_for;
	struct image *modules;
	size_t module_count;
	struct buffer text;		/* of explain */
	const char *origin;		/* of the index, for explain */
};

static uint64_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC_COARSE, &time);
	return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

/* Whether a list of that time need not be looked at again. */
static bool is_fresh(uint64_t listed)
{
	return listed && now() - listed < (uint64_t)LIMIT_KERNEL_LIST_SECONDS * 1000000000u;
}

struct kernel_names *kernel_names_new(const struct kernel_source *source, const struct module_options *options)
{
	struct kernel_names *kernel = calloc(1, sizeof(*kernel));

	if (!kernel)
		abort();
	kernel->source = source;
	kernel->options = options;
	kernel->passing = passing_new();
	return kernel;
}

static void forget_image(struct image *image)
{
	module_free(image->module);
	buffer_release(&image->about);
	free(image->name);
	*image = (struct image){ .name = NULL };
}

static void forget_modules(struct kernel_names *kernel)
{
	for (size_t n = 0; n < kernel->module_count; n++)
		forget_image(&kernel->modules[n]);
	free(kernel->modules);
	kernel->modules = NULL;
	kernel->module_count = 0;
}

static void forget_index(struct kernel_names *kernel)
{
	cache_close(kernel->cache);	/* which may have borrowed what was built */
	buffer_release(&kernel->built);
	buffer_release(&kernel->built_names);
	kernel->cache = NULL;
	kernel->index = (struct kernel_index){ NULL, 0, { NULL, 0 } };
}

void kernel_names_free(struct kernel_names *kernel)
{
	if (!kernel)
		return;
	forget_modules(kernel);
	forget_image(&kernel->kernel_image);
	forget_index(kernel);
	passing_free(kernel->passing);
	buffer_release(&kernel->text);
	free(kernel);
}

/* ---- Whether the kernel shows its addresses, and what is loaded ---- */

/* The first lines of kallsyms may be zero as they are (per-CPU data): it is read until one is not. */
static enum symbol_why is_shown(void)
{
	const int list = open("/proc/kallsyms", O_RDONLY | O_CLOEXEC);
	enum symbol_why why = SYMBOL_HIDDEN;
	bool in_address = true;
	char piece[16384];
	ssize_t got;

	if (list < 0)
		return SYMBOL_PERMISSION;
	while (why == SYMBOL_HIDDEN && (got = read(list, piece, sizeof(piece))) > 0)
		for (ssize_t n = 0; n < got; n++) {
			in_address = piece[n] == '\n' || (in_address && piece[n] != ' ');
			if (in_address && piece[n] != '\n' && piece[n] != '0')
				why = SYMBOL_KNOWN;
		}
	close(list);
	return why;
}

static uint64_t add_to_hash(uint64_t hash, const char *bytes, size_t length)
{
	for (size_t n = 0; n < length; n++)
		hash = (hash ^ (uint8_t)bytes[n]) * 0x100000001b3u;
	return hash;
}

/* Of names, sizes and addresses: how often a module is used changes all the time. */
static uint64_t hash_modules(const char *modules)
{
	uint64_t hash = 0xcbf29ce484222325u;

	while (*modules) {
		const char *const end = strchrnul(modules, '\n');
		const char *word = modules;

		for (int column = 0; word < end; column++) {
			const size_t length = strcspn(word, " \n");

			if (column < 2 || column == 5)
				hash = add_to_hash(hash, word, length + 1);
			word += length + (word[length] == ' ');
			if (!length && *word == '\n')
				break;
		}
		modules = *end ? end + 1 : end;
	}
	return hash;
}

static void read_modules(struct buffer *ret)
{
	ret->length = 0;
	if (text_file_read(AT_FDCWD, "/proc/modules", LIMIT_KERNEL_LIST_BYTES, ret) != SYMBOL_KNOWN) {
		ret->length = 0;
		buffer_add_char(ret, '\0');	/* a kernel without modules */
	}
}

/* "kallsyms-BOOT-MODULES"; false when the kernel does not say which boot it is. */
static bool make_key(const char *modules, char *ret, size_t size)
{
	struct buffer boot = { 0 };
	const bool known = text_file_read(AT_FDCWD, "/proc/sys/kernel/random/boot_id", 64, &boot) == SYMBOL_KNOWN &&
			   boot.length >= 36 && strspn(boot.bytes, "0123456789abcdef-") == 36;

	if (known)
		snprintf(ret, size, "kallsyms-%.36s-%08" PRIx64, boot.bytes, hash_modules(modules) & 0xffffffff);
	else
		ret[0] = '\0';
	buffer_release(&boot);
	return known;
}

/* ---- Loading ---- */

static bool need_cached(void *context, const void *bytes, size_t offset, size_t size)
{
	return cache_need(context, bytes, offset, size);
}

static bool take_cached(struct kernel_names *kernel)
{
	const void *bytes, *names;
	size_t size, name_size;
	struct kernel_index index;

	kernel->cache = kernel->options->cache && kernel->key[0] ? cache_open_key(kernel->options->cache, kernel->key) : NULL;
	if (!cache_find(kernel->cache, CACHE_KERNEL, &bytes, &size) ||
	    !cache_find_lazily(kernel->cache, CACHE_NAMES, &names, &name_size))
		return false;
	index = (struct kernel_index){ bytes, size, { names, name_size, need_cached, kernel->cache } };
	if (!kernel_index_check(&index))
		return false;
	kernel->index = index;
	kernel->origin = "/proc/kallsyms of this boot, as it was kept on disk";
	return true;
}

/* For the next run.  The bytes stay ours. */
static void keep(struct kernel_names *kernel)
{
	cache_add(kernel->cache, CACHE_KERNEL, kernel->built.bytes, kernel->built.length);
	cache_add(kernel->cache, CACHE_NAMES, kernel->built_names.bytes, kernel->built_names.length);
	cache_close(kernel->cache);
	kernel->cache = NULL;
}

static enum symbol_why build(struct kernel_names *kernel, const char *path, const char *modules)
{
	struct buffer text = { 0 };
	enum symbol_why why = text_file_read(AT_FDCWD, path, LIMIT_KERNEL_LIST_BYTES, &text);

	kernel->built.length = kernel->built_names.length = 0;
	if (why == SYMBOL_KNOWN)
		why = kernel_index_build(text.bytes, text.length, modules, &kernel->built, &kernel->built_names);
	kernel->index = (struct kernel_index){
		(const uint8_t *)kernel->built.bytes, kernel->built.length,
		{ (const uint8_t *)kernel->built_names.bytes, kernel->built_names.length },
	};
	kernel->origin = path;
	buffer_release(&text);
	return why;
}

/* A list that was read while modules came or went is good for now, and not kept. */
static enum symbol_why build_running(struct kernel_names *kernel, const char *modules)
{
	const enum symbol_why why = build(kernel, "/proc/kallsyms", modules);
	struct buffer after = { 0 };
	char key_after[64];

	if (why != SYMBOL_KNOWN)
		return why;
	read_modules(&after);
	if (make_key(after.bytes, key_after, sizeof(key_after)) && !strcmp(kernel->key, key_after))
		keep(kernel);
	else
		kernel->key[0] = '\0';	/* it is looked at again */
	buffer_release(&after);
	return why;
}

/* At most once a second: what modules there are, and with others all anew. */
static void load_running(struct kernel_names *kernel)
{
	struct buffer modules = { 0 };
	char key[64];

	if (kernel->is_loaded && is_fresh(kernel->checked))
		return;
	kernel->checked = now();
	read_modules(&modules);
	make_key(modules.bytes, key, sizeof(key));
	if (!kernel->is_loaded || strcmp(key, kernel->key)) {
		forget_index(kernel);
		forget_modules(kernel);
		memcpy(kernel->key, key, sizeof(key));
		kernel->why = is_shown();
		if (kernel->why == SYMBOL_KNOWN && !take_cached(kernel))
			kernel->why = build_running(kernel, modules.bytes);
		kernel->is_loaded = true;
	}
	buffer_release(&modules);
}

static bool is_running_kernel(const struct kernel_names *kernel)
{
	return !kernel->source->symbols && !kernel->is_image_alone;
}

/* ---- vmlinux ---- */

static struct binary *open_given_image(struct kernel_names *kernel)
{
	enum symbol_why why;
	const int descriptor = binary_open_path(AT_FDCWD, kernel->source->image, &why);
	struct binary *const binary = descriptor < 0 ? NULL : binary_open(descriptor, &why);

	if (!binary)
		buffer_format(&kernel->kernel_image.about, "%s: %s", kernel->source->image, symbol_why_about(why));
	return binary;
}

/* One that was given is another kernel's unless it has the build id of what runs; then it has to answer alone. */
static bool is_of_another(struct kernel_names *kernel, struct binary *binary)
{
	struct build_id running;

	return kernel->source->slide_given || !kernel_build_id(&running) || !build_id_is_equal(&running, binary_build_id(binary));
}

static bool find_slide(struct kernel_names *kernel, struct binary *binary)
{
	uint64_t start;

	if (kernel->source->slide_given || kernel->is_image_alone) {
		kernel->kernel_image.slide = kernel->source->slide;
		return true;
	}
	if (!kernel->index.bytes || !kernel_index_start(&kernel->index) || !kernel_image_symbol(binary, "_stext", &start)) {
		buffer_add_text(&kernel->kernel_image.about, "where it was loaded is not known: no symbol _stext");
		return false;
	}
	kernel->kernel_image.slide = kernel_index_start(&kernel->index) - start;
	return true;
}

static void take_image(struct kernel_names *kernel, struct binary *binary)
{
	if (binary && find_slide(kernel, binary))
		kernel->kernel_image.module = module_new(binary, kernel->options);
	else
		binary_close(binary);
}

/* Of the running kernel by its build id; of another only what was given. */
static void look_for_image(struct kernel_names *kernel)
{
	struct build_id id;

	if (kernel->image_looked_for)
		return;
	kernel->image_looked_for = true;
	if (kernel->source->image)
		take_image(kernel, open_given_image(kernel));
	else if (kernel->source->symbols)
		buffer_add_text(&kernel->kernel_image.about, "no vmlinux was given for these symbols");
	else if (!kernel_build_id(&id))
		buffer_add_text(&kernel->kernel_image.about, "the running kernel does not say its build id");
	else
		take_image(kernel, kernel_image_find(kernel->options->search, &id, &kernel->kernel_image.about));
}

/* A vmlinux of another kernel, without a list of symbols: it is the list. */
static void load_image_alone(struct kernel_names *kernel)
{
	struct binary *binary;

	if (kernel->image_looked_for || !kernel->source->image || kernel->source->symbols)
		return;
	binary = open_given_image(kernel);
	kernel->is_image_alone = !binary || is_of_another(kernel, binary);
	if (!kernel->is_image_alone) {
		binary_close(binary);
		return;
	}
	kernel->image_looked_for = kernel->is_loaded = true;
	take_image(kernel, binary);
	kernel->why = kernel->kernel_image.module ? SYMBOL_KNOWN : SYMBOL_NO_FILE;
}

static void load(struct kernel_names *kernel)
{
	if (kernel->is_image_alone)
		return;
	if (!kernel->is_loaded)
		load_image_alone(kernel);
	if (is_running_kernel(kernel)) {
		load_running(kernel);
	} else if (!kernel->is_loaded) {
		kernel->why = build(kernel, kernel->source->symbols, NULL);
		kernel->is_loaded = true;
	}
}

/* ---- Files of modules ---- */

static struct image *module_image(struct kernel_names *kernel, const char *name)
{
	struct image *image;
	struct binary *binary;

	for (size_t n = 0; n < kernel->module_count; n++)
		if (!strcmp(kernel->modules[n].name, name))
			return &kernel->modules[n];
	if (!kernel->modules)
		kernel->modules = calloc(LIMIT_KERNEL_MODULE_FILES, sizeof(*kernel->modules));
	if (!kernel->modules || kernel->module_count == LIMIT_KERNEL_MODULE_FILES)
		return NULL;
	image = &kernel->modules[kernel->module_count++];
	image->name = strdup(name);
	binary = kernel_module_find(kernel->options->search, name, &image->about);
	image->module = binary ? module_new(binary, kernel->options) : NULL;
	return image;
}

/* Sections of a module lie where the kernel put each: the function's own symbol says where its code is in the file. */
static bool place_function(struct image *image, const struct name_found *function)
{
	uint64_t address;

	if (image->module && image->function == function->start)
		return true;
	if (!image->module || !kernel_image_symbol(module_binary(image->module), function->name, &address))
		return false;
	image->function = function->start;
	image->slide = function->start - address;
	return true;
}

static struct image *image_of(struct kernel_names *kernel, const char *module, const struct name_found *function)
{
	struct image *image;

	if (!module) {
		look_for_image(kernel);
		return kernel->kernel_image.module ? &kernel->kernel_image : NULL;
	}
	image = is_running_kernel(kernel) ? module_image(kernel, module) : NULL;
	return image && place_function(image, function) ? image : NULL;
}

/* ---- Look-up ---- */

static void list_passing(struct kernel_names *kernel)
{
	struct buffer text = { 0 };

	if (is_fresh(kernel->passing_listed))
		return;
	if (text_file_read(AT_FDCWD, "/proc/kallsyms", LIMIT_KERNEL_LIST_BYTES, &text) == SYMBOL_KNOWN)
		passing_fill(kernel->passing, text.bytes, text.length);
	passing_measure(kernel->passing);
	kernel->passing_listed = now();
	buffer_release(&text);
}

/* What was kept on disk and is damaged there is worked out anew. */
static bool find_listed(struct kernel_names *kernel, uint64_t address, struct name_found *ret, const char **module)
{
	struct buffer modules = { 0 };
	bool is_damaged;

	if (kernel_index_find(&kernel->index, address, ret, module, &is_damaged))
		return true;
	if (!is_damaged || !kernel->cache)
		return false;
	read_modules(&modules);
	kernel->why = build_running(kernel, modules.bytes);
	buffer_release(&modules);
	return kernel->why == SYMBOL_KNOWN && kernel_index_find(&kernel->index, address, ret, module, &is_damaged);
}

static bool find_name(struct kernel_names *kernel, uint64_t address, struct name_found *ret, const char **module)
{
	const uint64_t slide = kernel->source->symbols ? kernel->source->slide : 0;

	if (find_listed(kernel, address - slide, ret, module)) {
		ret->start += slide;
		return true;
	}
	if (!is_running_kernel(kernel) || !address)	/* nothing is at 0: no need to list anything for it */
		return false;
	list_passing(kernel);
	return passing_find(kernel->passing, address, ret, module);
}

/* Frames of the file, where it has any; the function begins where the kernel says that it does. */
static void add_lines(struct image *image, uint64_t address, struct symbol_frames *ret, struct kernel_found *found)
{
	struct symbol_frames frames = { .frames = ret->frames, .room = ret->room };
	const struct symbol_frame listed = ret->frames[0];
	const enum symbol_why why = module_find(image->module, address - image->slide, &frames);

	if (why != SYMBOL_KNOWN || !frames.count) {
		ret->frames[0] = listed;
		return;
	}
	ret->count = frames.count;
	ret->is_cut = frames.is_cut;
	if (!ret->frames[ret->count - 1].function)
		ret->frames[ret->count - 1].function = listed.function;
	found->has_lines = ret->frames[0].file != NULL;
}

static enum symbol_why find_in_image(struct kernel_names *kernel, uint64_t address, struct symbol_frames *ret, struct kernel_found *found)
{
	struct image *const image = &kernel->kernel_image;
	const enum symbol_why why = module_find(image->module, address - image->slide, ret);

	if (why == SYMBOL_KNOWN) {
		ret->start += image->slide;
		found->start = ret->start;
		found->has_lines = ret->count && ret->frames[0].file;
	}
	return why;
}

enum symbol_why kernel_names_find(struct kernel_names *kernel, uint64_t address, struct symbol_frames *ret, struct kernel_found *found)
{
	struct name_found name;
	struct image *image;

	*found = (struct kernel_found){ .module = NULL };
	ret->count = 0;
	ret->is_cut = false;
	load(kernel);
	if (kernel->why != SYMBOL_KNOWN)
		return kernel->why;
	if (kernel->is_image_alone)
		return find_in_image(kernel, address, ret, found);
	if (!ret->room || !find_name(kernel, address, &name, &found->module))
		return SYMBOL_NO_FUNCTION;
	found->start = ret->start = name.start;
	found->size = name.size;
	ret->frames[0] = (struct symbol_frame){ .function = name.name };
	ret->count = 1;
	image = kernel->options->no_lines ? NULL : image_of(kernel, found->module, &name);
	if (image)
		add_lines(image, address, ret, found);
	return SYMBOL_KNOWN;
}

void kernel_names_expect(struct kernel_names *kernel, const uint64_t *addresses, size_t count)
{
	const uint64_t slide = kernel->is_image_alone ? kernel->kernel_image.slide : kernel->source->symbols ? kernel->source->slide : 0;
	uint64_t in_list[64];

	for (size_t n = 0, now = 0; kernel->is_loaded && kernel->why == SYMBOL_KNOWN && n < count; n += now) {
		for (now = 0; now < sizeof(in_list) / sizeof(*in_list) && n + now < count; now++)
			in_list[now] = addresses[n + now] - slide;
		if (kernel->is_image_alone)
			module_expect(kernel->kernel_image.module, in_list, now);
		else
			names_expect(kernel->index.names, in_list, now);
	}
}

/* ---- For people ---- */

static void explain_images(struct kernel_names *kernel)
{
	if (kernel->options->no_lines) {
		buffer_add_text(&kernel->text, "lines: not asked for\n");
		return;
	}
	look_for_image(kernel);
	if (kernel->kernel_image.module)
		buffer_format(&kernel->text, "loaded at: addresses of the file + 0x%" PRIx64 "\n%s", kernel->kernel_image.slide,
			      module_explain(kernel->kernel_image.module));
	else
		buffer_format(&kernel->text, "lines: no vmlinux: %s\n", kernel->kernel_image.about.length ?
			      kernel->kernel_image.about.bytes : "not found");
	for (size_t n = 0; n < kernel->module_count; n++)
		buffer_format(&kernel->text, "module %s: %s\n", kernel->modules[n].name, kernel->modules[n].module ?
			      module_explain(kernel->modules[n].module) : kernel->modules[n].about.bytes);
}

const char *kernel_names_explain(struct kernel_names *kernel)
{
	kernel->text.length = 0;
	load(kernel);
	if (kernel->is_image_alone)
		buffer_format(&kernel->text, "symbols: %s, of another kernel than the one that runs\n", kernel->source->image);
	else if (kernel->why == SYMBOL_KNOWN)
		buffer_format(&kernel->text, "symbols: %s, %zu functions\n", kernel->origin, kernel_index_count(&kernel->index));
	else
		buffer_format(&kernel->text, "symbols: %s\n", symbol_why_about(kernel->why));
	if (kernel->why == SYMBOL_KNOWN)
		explain_images(kernel);
	return kernel->text.bytes;
}
