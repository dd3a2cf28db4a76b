// SPDX-License-Identifier: Apache-2.0
/* symbolizer.c - see symbolizer.h. */
#include "symbolize/symbolizer.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "compiler/base/buffer.h"
#include "symbolize/demangle.h"
#include "symbolize/open_modules.h"
#include "symbolize/open_processes.h"

enum { NAMED_FILES = 1024, KEPT_NAMES = 32768 };

/* What a path or build id led to last. */
struct named_file {
	char *key;			/* NULL: none */
	struct open_module_mark module;
	enum symbol_why why;		/* KNOWN: the module was there */
	uint64_t looked;		/* ns of CLOCK_MONOTONIC */
};

struct kept_name {
	char *name;
	bool is_mangled;
	struct buffer demangled;
};

struct symbolizer {
	const struct symbolizer_options *options;
	struct kernel_names *kernel;
	struct open_modules modules;
	struct open_processes processes;
	struct named_file files[NAMED_FILES];
	struct kept_name *names;	/* KEPT_NAMES; NULL until there is one */
	struct named_file *latest;	/* that was asked for, and what for: most ask for one file again and again */
	struct symbolize_target latest_target;
	char *latest_path;
	struct buffer key, text;
};

struct symbolizer *symbolizer_new(const struct symbolizer_options *options)
{
	struct symbolizer *symbolizer = calloc(1, sizeof(*symbolizer));

	if (!symbolizer)
		abort();
	symbolizer->options = options;
	symbolizer->modules.options = &options->module;
	symbolizer->kernel = kernel_names_new(&options->kernel, &options->module);
	return symbolizer;
}

void symbolizer_free(struct symbolizer *symbolizer)
{
	if (!symbolizer)
		return;
	for (size_t n = 0; n < NAMED_FILES; n++)
		free(symbolizer->files[n].key);
	for (size_t n = 0; symbolizer->names && n < KEPT_NAMES; n++) {
		free(symbolizer->names[n].name);
		buffer_release(&symbolizer->names[n].demangled);
	}
	free(symbolizer->names);
	kernel_names_free(symbolizer->kernel);
	open_processes_release(&symbolizer->processes);
	open_modules_release(&symbolizer->modules);
	free(symbolizer->latest_path);
	buffer_release(&symbolizer->key);
	buffer_release(&symbolizer->text);
	free(symbolizer);
}

/* ---- Small parts ---- */

static int digit_of(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

bool build_id_parse(const char *text, size_t length, struct build_id *ret)
{
	if (!length || length % 2 || length / 2 > BINARY_BUILD_ID_BYTES)
		return false;
	for (size_t n = 0; n < length; n++)
		if (digit_of(text[n]) < 0)
			return false;
	for (size_t n = 0; n < length / 2; n++)
		ret->bytes[n] = (uint8_t)(digit_of(text[2 * n]) << 4 | digit_of(text[2 * n + 1]));
	ret->length = length / 2;
	return true;
}

static uint64_t hash_of(const char *text)
{
	uint64_t hash = 0xcbf29ce484222325u;

	for (; *text; text++)
		hash = (hash ^ (uint8_t)*text) * 0x100000001b3u;
	return hash ^ hash >> 29;
}

static uint64_t clock_ns(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC_COARSE, &time);
	return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

/* ---- Files by path and by build id ---- */

/* The root below which the target's path is. */
static int root_of(struct symbolizer *symbolizer, const struct symbolize_target *target, enum symbol_why *why)
{
	struct open_process *process;
	int root;

	if (!target->pid)
		return AT_FDCWD;
	process = open_processes_find(&symbolizer->processes, target->pid, target->start_time, why);
	root = process ? process_root(process->process) : -1;
	if (process && root < 0)
		*why = SYMBOL_PERMISSION;
	return root;
}

static struct binary *open_path(struct symbolizer *symbolizer, const struct symbolize_target *target, enum symbol_why *why)
{
	const int root = root_of(symbolizer, target, why);
	const int file = root == -1 ? -1 : binary_open_path(root, target->path, why);
	struct binary *binary = file < 0 ? NULL : target->may_be_packed ? binary_open_packed(file, why) : binary_open(file, why);

	if (binary && target->build_id.length && !build_id_is_equal(binary_build_id(binary), &target->build_id)) {
		binary_close(binary);
		*why = SYMBOL_BUILD_ID_DIFFERS;
		return NULL;
	}
	return binary;
}

/* Offsets are of the program: its debug file alone does not say which addresses they are. */
static struct binary *open_by_id(struct symbolizer *symbolizer, const struct symbolize_target *target)
{
	const struct debug_search *const search = symbolizer->options->module.search;
	struct binary *binary = search ? debug_file_by_id(search, &target->build_id, true) : NULL;

	return binary || !search ? binary : debug_file_by_id(search, &target->build_id, false);
}

static struct open_module *open_file(struct symbolizer *symbolizer, const struct symbolize_target *target, enum symbol_why *why)
{
	struct binary *binary = NULL;
	enum symbol_why ignored;

	*why = SYMBOL_NO_FILE;
	if (target->path)
		binary = open_path(symbolizer, target, why);
	if (!binary && target->kind == TARGET_BUILD_ID)
		binary = open_by_id(symbolizer, target);
	if (!binary)
		return NULL;
	*why = SYMBOL_KNOWN;
	return open_modules_add(&symbolizer->modules, binary, root_of(symbolizer, target, &ignored), target->path ? target->path : "");
}

/* Everything that decides what is found. */
static const char *key_of(struct symbolizer *symbolizer, const struct symbolize_target *target)
{
	struct buffer *const key = &symbolizer->key;

	key->length = 0;
	buffer_format(key, "%d %d %" PRIu64 " ", target->kind, target->pid, target->start_time);
	for (size_t n = 0; n < target->build_id.length; n++)
		buffer_format(key, "%02x", target->build_id.bytes[n]);
	buffer_add_char(key, ' ');
	buffer_add_text(key, target->path ? target->path : "");
	return key->bytes;
}

static bool is_still_known(struct symbolizer *symbolizer, const struct named_file *file, const char *key, struct open_module **module)
{
	*module = NULL;
	if (!file->key || strcmp(file->key, key))
		return false;
	if (file->why != SYMBOL_KNOWN)
		return clock_ns() - file->looked < LIMIT_FILE_FORGOTTEN_SECONDS * 1000000000ull;
	*module = open_module_get(&symbolizer->modules, file->module);
	return *module;
}

static bool is_latest(const struct symbolizer *symbolizer, const struct symbolize_target *target)
{
	const struct symbolize_target *const latest = &symbolizer->latest_target;

	return symbolizer->latest && latest->kind == target->kind && latest->pid == target->pid &&
	       latest->start_time == target->start_time && latest->build_id.length == target->build_id.length &&
	       !memcmp(latest->build_id.bytes, target->build_id.bytes, target->build_id.length) &&
	       !strcmp(symbolizer->latest_path, target->path ? target->path : "");
}

static void set_latest(struct symbolizer *symbolizer, const struct symbolize_target *target, struct named_file *file)
{
	free(symbolizer->latest_path);
	symbolizer->latest_path = strdup(target->path ? target->path : "");
	symbolizer->latest_target = *target;
	symbolizer->latest = symbolizer->latest_path ? file : NULL;
}

static struct open_module *named_module(struct symbolizer *symbolizer, const struct symbolize_target *target, enum symbol_why *why)
{
	struct open_module *module = is_latest(symbolizer, target) ? open_module_get(&symbolizer->modules, symbolizer->latest->module) : NULL;
	const char *key;
	struct named_file *file;

	*why = SYMBOL_KNOWN;
	if (module)
		return module;
	key = key_of(symbolizer, target);
	file = &symbolizer->files[hash_of(key) % NAMED_FILES];
	if (!is_still_known(symbolizer, file, key, &module)) {
		module = open_file(symbolizer, target, &file->why);
		free(file->key);
		file->key = strdup(key);
		file->looked = clock_ns();
		file->module = module ? open_module_mark(module) : (struct open_module_mark){ NULL, 0 };
	}
	set_latest(symbolizer, target, file);
	*why = file->why;
	return module;
}

/* ---- Looking up ---- */

static uint64_t looked_up(uint64_t address, enum address_meaning meaning)
{
	return meaning == ADDRESS_RETURN && address ? address - 1 : address;
}

/* What the answer has of an unknown one. */
static void clear(struct symbolized *ret)
{
	ret->count = 0;
	ret->is_cut = false;
	ret->offset = 0;
	ret->module = NULL;
	ret->is_in_file = false;
	ret->file_offset = ret->file_address = 0;
	ret->build_id = "";
	ret->changed_ns = 0;
	ret->why = ret->why_no_lines = SYMBOL_KNOWN;
}

static void set_no_lines(const struct symbolizer *symbolizer, struct symbolized *ret)
{
	if (ret->why != SYMBOL_KNOWN)
		ret->why_no_lines = ret->why;
	else if (symbolizer->options->module.no_lines)
		ret->why_no_lines = SYMBOL_KNOWN;
	else if (!(ret->count && ret->frames[0].file) && ret->why_no_lines == SYMBOL_KNOWN)
		ret->why_no_lines = SYMBOL_NO_LINES;
}

/* `address`: of the file, exact. */
static void find_in_module(struct symbolizer *symbolizer, struct open_module *module, uint64_t address, enum address_meaning meaning,
			   struct symbolized *ret)
{
	struct symbol_frames frames = { .frames = ret->frames, .room = SYMBOLIZED_FRAMES };

	ret->build_id = module->build_id;
	ret->changed_ns = module->identity.changed_ns;
	ret->why = open_module_find(&symbolizer->modules, module, looked_up(address, meaning), &frames);
	ret->why_no_lines = ret->why == SYMBOL_KNOWN ? module_why_no_lines(module->module) : SYMBOL_KNOWN;
	ret->count = ret->why == SYMBOL_KNOWN ? frames.count : 0;
	ret->is_cut = frames.is_cut;
	ret->offset = address - frames.start;
}

/* Of an offset the address; both are told of the address as it was given, also one behind the last byte (of a return). */
static bool place(struct open_module *module, const struct symbolize_target *target, uint64_t number, enum address_meaning meaning,
		  struct symbolized *ret)
{
	const struct binary *const binary = module_binary(module->module);
	const uint64_t back = number - looked_up(number, meaning);
	uint64_t other;

	if (target->by_offset ? !binary_address_of_offset(binary, number - back, &other)
			      : !binary_offset_of_address(binary, number - back, &other)) {
		ret->file_address = ret->file_offset = number;
		return false;
	}
	ret->is_in_file = true;
	ret->file_offset = target->by_offset ? number : other + back;
	ret->file_address = target->by_offset ? other + back : number;
	return true;
}

static void find_in_file(struct symbolizer *symbolizer, const struct symbolize_target *target, uint64_t number,
			 enum address_meaning meaning, struct symbolized *ret)
{
	struct open_module *const module = named_module(symbolizer, target, &ret->why);

	ret->module = target->path;
	if (!module)
		return;
	ret->build_id = module->build_id;
	ret->changed_ns = module->identity.changed_ns;
	if (!place(module, target, number, meaning, ret) && target->by_offset) {
		ret->why = SYMBOL_UNMAPPED;
		return;
	}
	find_in_module(symbolizer, module, ret->file_address, meaning, ret);
}

static void find_in_kernel(struct symbolizer *symbolizer, uint64_t address, enum address_meaning meaning, struct symbolized *ret)
{
	struct symbol_frames frames = { .frames = ret->frames, .room = SYMBOLIZED_FRAMES };
	struct kernel_found found;

	ret->why = kernel_names_find(symbolizer->kernel, looked_up(address, meaning), &frames, &found);
	if (ret->why != SYMBOL_KNOWN)
		return;
	ret->count = frames.count;
	ret->is_cut = frames.is_cut;
	ret->module = found.module;
	ret->offset = address - frames.start;
}

/* ---- Processes ---- */

static void find_compiled(struct open_process *process, uint64_t address, enum address_meaning meaning, struct symbolized *ret)
{
	uint64_t start;
	const char *name;

	if (!process_compiled(process->process, looked_up(address, meaning), &name, &start))
		return;
	ret->frames[0] = (struct symbol_frame){ .function = name };
	ret->count = 1;
	ret->offset = address - start;
	ret->why = SYMBOL_KNOWN;
}

/* Where an address of a process lies: NULL with the reason. */
static const struct mapping *find_mapping(struct open_process *process, uint64_t address, enum address_meaning meaning, struct symbolized *ret)
{
	const struct mapping *const mapping = process_mapping(process->process, looked_up(address, meaning), &ret->why);

	if (!mapping)
		return NULL;
	if (mapping->path[0])
		ret->module = mapping->path;
	if (mapping->kind == MAPPING_FILE) {
		ret->is_in_file = true;
		ret->file_offset = address - mapping->start + mapping->offset;
	}
	return mapping;
}

/* The file of a mapping, and the address there: NULL with the reason. */
static struct open_module *find_place(struct symbolizer *symbolizer, struct open_process *process, const struct mapping *mapping,
				      const struct symbolize_target *target, uint64_t address, enum address_meaning meaning,
				      struct symbolized *ret)
{
	struct open_module *const module = open_process_module(process, mapping, &symbolizer->modules, &ret->why);
	const struct symbolize_target in_file = { .by_offset = true };

	if (!module)
		return NULL;
	ret->build_id = module->build_id;
	if (target->build_id.length && !build_id_is_equal(binary_build_id(module_binary(module->module)), &target->build_id))
		ret->why = SYMBOL_BUILD_ID_DIFFERS;
	else if (!place(module, &in_file, address - mapping->start + mapping->offset, meaning, ret))
		ret->why = SYMBOL_NO_FUNCTION;
	return ret->why == SYMBOL_KNOWN ? module : NULL;
}

static void find_in_process(struct symbolizer *symbolizer, const struct symbolize_target *target, uint64_t address,
			    enum address_meaning meaning, struct symbolized *ret)
{
	struct open_process *const process =
		open_processes_find(&symbolizer->processes, target->pid, target->start_time, &ret->why);
	const struct mapping *const mapping = process ? find_mapping(process, address, meaning, ret) : NULL;
	struct open_module *const module =
		mapping ? find_place(symbolizer, process, mapping, target, address, meaning, ret) : NULL;

	if (module)
		find_in_module(symbolizer, module, ret->file_address, meaning, ret);
	else if (ret->why == SYMBOL_ANONYMOUS || ret->why == SYMBOL_NOT_ELF)
		find_compiled(process, address, meaning, ret);
}

void symbolize_place(struct symbolizer *symbolizer, const struct symbolize_target *target, uint64_t address, enum place_depth depth,
		     struct symbolized *ret)
{
	struct open_process *process;
	const struct mapping *mapping;

	clear(ret);
	process = open_processes_find(&symbolizer->processes, target->pid, target->start_time, &ret->why);
	mapping = process ? find_mapping(process, address, ADDRESS_EXACT, ret) : NULL;
	if (mapping && depth == PLACE_FILE)
		find_place(symbolizer, process, mapping, target, address, ADDRESS_EXACT, ret);
}

void symbolize(struct symbolizer *symbolizer, const struct symbolize_target *target, uint64_t address, enum address_meaning meaning,
	       struct symbolized *ret)
{
	clear(ret);
	if (target->kind == TARGET_KERNEL)
		find_in_kernel(symbolizer, address, meaning, ret);
	else if (target->kind == TARGET_PROCESS)
		find_in_process(symbolizer, target, address, meaning, ret);
	else
		find_in_file(symbolizer, target, address, meaning, ret);
	set_no_lines(symbolizer, ret);
}

/* Offsets have to become addresses first, and processes have many files: neither is worth it. */
void symbolize_expect(struct symbolizer *symbolizer, const struct symbolize_target *target, const uint64_t *numbers, size_t count)
{
	struct open_module *module;
	enum symbol_why why;

	if (target->kind == TARGET_KERNEL)
		kernel_names_expect(symbolizer->kernel, numbers, count);
	if (target->kind != TARGET_FILE || target->by_offset)
		return;
	module = named_module(symbolizer, target, &why);
	if (module)
		module_expect(module->module, numbers, count);
}

static enum symbol_why open_process(struct symbolizer *symbolizer, const struct symbolize_target *target)
{
	enum symbol_why why;
	struct open_process *const process = open_processes_find(&symbolizer->processes, target->pid, target->start_time, &why);

	if (process)
		process_mapping(process->process, 0, &why);	/* nothing is mapped at 0: the list is read */
	return why == SYMBOL_UNMAPPED ? SYMBOL_KNOWN : why;
}

static enum symbol_why open_kernel(struct symbolizer *symbolizer)
{
	struct symbolized found;

	clear(&found);
	find_in_kernel(symbolizer, 0, ADDRESS_EXACT, &found);
	return found.why == SYMBOL_NO_FUNCTION ? SYMBOL_KNOWN : found.why;
}

enum symbol_why symbolize_open(struct symbolizer *symbolizer, const struct symbolize_target *target)
{
	enum symbol_why why;

	if (target->kind == TARGET_PROCESS)
		return open_process(symbolizer, target);
	if (target->kind == TARGET_KERNEL)
		return open_kernel(symbolizer);
	named_module(symbolizer, target, &why);
	return why;
}

void symbolize_refresh(struct symbolizer *symbolizer, pid_t pid, uint64_t start_time)
{
	enum symbol_why why;
	struct open_process *const process = open_processes_find(&symbolizer->processes, pid, start_time, &why);

	if (process)
		process_refresh(process->process);
}

bool symbolize_gone(struct symbolizer *symbolizer, pid_t pid, uint64_t start_time)
{
	return open_processes_gone(&symbolizer->processes, pid, start_time);
}

void symbolize_nothing(struct symbolized *ret, enum symbol_why why)
{
	clear(ret);
	ret->why = ret->why_no_lines = why;
}

void symbolize_forget(struct symbolizer *symbolizer, pid_t pid, uint64_t start_time)
{
	open_processes_forget(&symbolizer->processes, pid, start_time);
}

/* ---- For people ---- */

static void explain_place(struct buffer *text, const struct symbolized *found, enum address_meaning meaning)
{
	if (meaning == ADDRESS_RETURN)
		buffer_add_text(text, "looked up: one byte earlier, where the call is\n");
	if (found->is_in_file)
		buffer_format(text, "in the file: offset 0x%" PRIx64 ", address 0x%" PRIx64 "\n", found->file_offset, found->file_address);
}

static void explain_process(struct symbolizer *symbolizer, const struct symbolize_target *target, uint64_t address,
			    enum address_meaning meaning)
{
	enum symbol_why why;
	struct open_process *const process = open_processes_find(&symbolizer->processes, target->pid, target->start_time, &why);
	const struct mapping *const mapping = process ? process_mapping(process->process, looked_up(address, meaning), &why) : NULL;
	struct open_module *module;

	if (!mapping) {
		buffer_format(&symbolizer->text, "mapping: %s\n", symbol_why_about(why));
		return;
	}
	buffer_format(&symbolizer->text, "mapping: 0x%" PRIx64 "-0x%" PRIx64 ", offset 0x%" PRIx64 ": %s\n", mapping->start, mapping->end,
		      mapping->offset, mapping->path[0] ? mapping->path : "memory of no file");
	module = open_process_module(process, mapping, &symbolizer->modules, &why);
	if (module)
		buffer_add_text(&symbolizer->text, module_explain(module->module));
	else
		buffer_format(&symbolizer->text, "file: %s\n", symbol_why_about(why));
}

static void explain_file(struct symbolizer *symbolizer, const struct symbolize_target *target)
{
	enum symbol_why why;
	struct open_module *const module = named_module(symbolizer, target, &why);

	if (!module) {
		buffer_format(&symbolizer->text, "file: %s\n", symbol_why_about(why));
		return;
	}
	buffer_add_text(&symbolizer->text, module_explain(module->module));
}

const char *symbolize_explain(struct symbolizer *symbolizer, const struct symbolize_target *target, uint64_t address,
			      enum address_meaning meaning)
{
	struct symbolized found;

	symbolize(symbolizer, target, address, meaning, &found);
	symbolizer->text.length = 0;
	explain_place(&symbolizer->text, &found, meaning);
	if (target->kind == TARGET_KERNEL)
		buffer_add_text(&symbolizer->text, kernel_names_explain(symbolizer->kernel));
	else if (target->kind == TARGET_PROCESS)
		explain_process(symbolizer, target, address, meaning);
	else
		explain_file(symbolizer, target);
	if (found.why != SYMBOL_KNOWN)
		buffer_format(&symbolizer->text, "not known: %s\n", symbol_why_about(found.why));
	else if (found.why_no_lines != SYMBOL_KNOWN)
		buffer_format(&symbolizer->text, "line not known: %s\n", symbol_why_about(found.why_no_lines));
	return symbolizer->text.bytes;
}

/* ---- Names ---- */

const char *symbolize_demangle(struct symbolizer *symbolizer, const char *name)
{
	struct kept_name *kept;

	if (!demangle_may(name))
		return name;
	if (!symbolizer->names)
		symbolizer->names = calloc(KEPT_NAMES, sizeof(*symbolizer->names));
	if (!symbolizer->names)
		abort();
	kept = &symbolizer->names[hash_of(name) % KEPT_NAMES];
	if (!kept->name || strcmp(kept->name, name)) {
		free(kept->name);
		kept->name = strdup(name);
		kept->demangled.length = 0;
		kept->is_mangled = demangle(name, &kept->demangled);
	}
	return kept->is_mangled ? kept->demangled.bytes : name;
}
