// SPDX-License-Identifier: Apache-2.0
/* kernel.c - looks names up in the running kernel; see kernel.h. */
#include "runtime/kernel.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "compiler/base/buffer.h"
#include "compiler/base/nearest.h"
#include "compiler/kernel/chain.h"
#include "runtime/filesystems.h"
#include "runtime/resolve.h"
#include "runtime/syscalls.h"
#include "runtime/typed_paths.h"
#include "runtime/types.h"
#include "runtime/user_places.h"

#define FORMAT_SIZE 65536

/* Lines of a list, cut into names, sorted. */
struct name_list {
	struct buffer text;
	const char **names;
	size_t count;
	bool read;
};

struct kernel {
	struct types types;
	int tracefs;			/* descriptor, or a negative errno */
	struct name_list functions;	/* of kallsyms */
	struct name_list traceable;	/* of available_filter_functions; empty when it cannot be read */
	const char **in_modules;	/* names of `traceable` that no function of the kernel itself has; NULL: not read */
	size_t in_modules_count;
	struct user_files files;	/* in which programs are probed */
};

struct kernel *kernel_new(void)
{
	struct kernel *kernel = calloc(1, sizeof(*kernel));

	if (kernel)
		kernel->tracefs = tracefs_open();
	return kernel;
}

int kernel_use_types(struct kernel *kernel, const char *path, char message[256])
{
	int error = types_load(&kernel->types, path);

	if (error)
		snprintf(message, 256, "%s", *kernel->types.message ? kernel->types.message : strerror(-error));
	return error;
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
	types_release(&kernel->types);
	if (kernel->tracefs >= 0)
		close(kernel->tracefs);
	list_release(&kernel->functions);
	list_release(&kernel->traceable);
	free(kernel->in_modules);
	user_files_release(&kernel->files);
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

/* The module of a name of a list, or NULL: what list_fill() left of "name\t[module]". */
static const char *module_of_name(const struct name_list *list, const char *name)
{
	const char *module = name + strlen(name) + 1;

	return module < list->text.bytes + list->text.length && *module == '[' ? module + 1 : NULL;
}

/* Names that one entry at least has without a module are the kernel's. */
static void find_modules(struct kernel *kernel)
{
	const struct name_list *list = traceable(kernel);

	kernel->in_modules = calloc(list->count + 1, sizeof(*kernel->in_modules));
	for (size_t n = 0, next; kernel->in_modules && n < list->count; n = next) {
		bool built_in = false;

		for (next = n; next < list->count && !strcmp(list->names[next], list->names[n]); next++)
			built_in |= !module_of_name(list, list->names[next]);
		if (!built_in)
			kernel->in_modules[kernel->in_modules_count++] = list->names[n];
	}
}

void kernel_known_functions(struct kernel *kernel, struct known_functions *ret)
{
	if (!kernel->in_modules)
		find_modules(kernel);
	*ret = (struct known_functions){
		.all = { functions(kernel)->names, functions(kernel)->count },
		.traceable = { traceable(kernel)->names, kernel->in_modules ? traceable(kernel)->count : 0 },
		.in_modules = { kernel->in_modules, kernel->in_modules_count },
		.syscall_prefix = SYSCALL_PREFIX,
	};
}

int kernel_has_syscall(struct kernel *kernel, const char *name)
{
	const struct function_names all = { functions(kernel)->names, functions(kernel)->count };
	char function[64];

	if (!all.count)
		return -1;
	return snprintf(function, sizeof(function), SYSCALL_PREFIX "sys_%s", name) < (int)sizeof(function) &&
	       function_names_have(&all, function);
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

/* Number of parameters of a function, or UINT32_MAX. */
static uint32_t function_arguments(struct kernel *kernel, const char *name)
{
	struct btf_view *view = types_of_kernel(&kernel->types);
	struct btf_entry prototype;

	return view && btf_prototype(view, name, &prototype) ? prototype.count : UINT32_MAX;
}

/*
 * Whether a program that is attached to a system call's function may read its registers: where the types know struct pt_regs by name alone, as
 * 5.10's do of calls that a kernel may lack (COND_SYSCALL), the verifier refuses that.
 */
static bool has_typed_registers(struct kernel *kernel, const char *name)
{
	struct btf_view *view = types_of_kernel(&kernel->types);
	struct chain_error error;
	struct btf_entry entry;
	uint32_t type;

	return view && !chain_argument(view, name, 0, &type, &error) && btf_bare(view, type, &entry) && entry.kind == BTF_KIND_PTR &&
	       btf_bare(view, entry.type, &entry) && entry.kind != BTF_KIND_FWD;
}

static bool function_returns_nothing(struct kernel *kernel, const char *name)
{
	struct btf_view *view = types_of_kernel(&kernel->types);
	struct btf_entry prototype;

	return view && btf_prototype(view, name, &prototype) && !prototype.type;
}

static uint32_t raw_tracepoint_arguments(struct kernel *kernel, const char *name)
{
	struct btf_view *view = types_of_kernel(&kernel->types);
	uint32_t count;

	return view && chain_tracepoint_count(view, name, &count) ? count : UINT32_MAX;
}

/* Of the types whose name starts with `prefix`, the nearest to it plus `name`; without the prefix. */
static const char *nearest_type(struct kernel *kernel, const char *prefix, uint32_t kinds, const char *name,
				struct arena *arena)
{
	struct nearest nearest = { .name = name, .length = strlen(name) };
	struct btf_view *view = types_of_kernel(&kernel->types);

	if (view)
		btf_nearest(view, prefix, kinds, &nearest);
	return nearest.best ? arena_copy(arena, nearest.best, strlen(nearest.best)) : NULL;
}

/* The module that a function is in, or NULL. */
static const char *module_of(struct kernel *kernel, const char *function, struct arena *arena)
{
	const struct name_list *list = functions(kernel);
	const char **found = list->count ? bsearch(&function, list->names, list->count, sizeof(*list->names), compare_names) : NULL;
	const char *module = found ? module_of_name(list, *found) : NULL;

	return module ? arena_copy(arena, module, strcspn(module, "]")) : NULL;
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

static void find_field(struct kernel *kernel, const struct image_relocation *relocation, struct kernel_relocation *ret)
{
	char *text = malloc(FORMAT_SIZE);

	ret->error = text ? read_format(kernel, relocation->subsystem, relocation->event, text, FORMAT_SIZE) : -ENOMEM;
	if (ret->error >= 0)
		ret->error = tracepoint_field(text, relocation->field, &ret->field, &ret->count);
	if (!ret->error)
		ret->load = (enum abi_load)tracepoint_field_load(&ret->field);
	free(text);
}

/* ---- Types that policies leave open ---- */

int kernel_type_of_field(struct kernel *kernel, const struct image_relocation *field, bool has_size, struct arena *arena, const char **why)
{
	struct kernel_relocation found = { 0 };
	int type;

	find_field(kernel, field, &found);
	if (found.error) {
		*why = found.error == -ENOENT ? "this kernel has no such tracepoint" :
		       found.error == -ERANGE ? arena_format(arena, "the record has only %u fields here", found.count) :
		       arena_format(arena, "the format of the tracepoint cannot be read: %s", strerror(-found.error));
		return -1;
	}
	type = tracepoint_field_type(&found.field, has_size, why);
	if (type < 0)
		*why = arena_format(arena, "'%s' %s", found.field.declaration, *why);
	return type;
}

int kernel_type_of_path(struct kernel *kernel, const struct image_relocation *path, const struct image_hook *hook, struct arena *arena,
			const char **why)
{
	int type = resolve_type(&kernel->types, path, hook, arena, why);

	if (type < 0 && !*why)
		*why = "no type reads what is there";
	return type;
}

/* ---- Static probes ---- */

size_t kernel_probe_count(struct kernel *kernel, const char *path, const char *provider, const char *name, struct arena *arena)
{
	return user_probe_count(&kernel->files, path, provider, name, arena);
}

/* ---- Relocations ---- */

/* Functions that the kernel itself describes are looked for nowhere else. */
static const char *module_of_hook(struct kernel *kernel, const struct image_hook *hook, struct arena *arena)
{
	bool is_function = hook->kind == HOOK_KPROBE || hook->kind == HOOK_FENTRY;

	if (kernel->types.is_other || !is_function || hook->syscall || function_arguments(kernel, hook->name) != UINT32_MAX)
		return NULL;
	return module_of(kernel, hook->name, arena);
}

void kernel_relocation(struct kernel *kernel, const struct image_view *image, size_t n, struct arena *arena,
		       struct kernel_relocation *ret)
{
	const struct image_relocation relocation = image_relocation_at(image, n);
	struct image_hook hook;

	*ret = (struct kernel_relocation){ 0 };
	if (relocation.kind == IMAGE_RELOCATE_FIELD)
		find_field(kernel, &relocation, ret);
	else if (relocation.kind == IMAGE_RELOCATE_REGISTER)
		ret->refusal = resolve_register(&relocation, arena, &ret->register_offset, &ret->register_size);
	else if (relocation.kind == IMAGE_RELOCATE_LOCATION && image_hook_by_id(image, relocation.hook, &hook))
		ret->refusal = user_probe_argument(&kernel->files, &hook, &relocation, image_sets_slot(image, &hook, relocation.slot), arena,
						   &ret->location);
	else if (image_hook_by_id(image, relocation.hook, &hook))
		ret->refusal = resolve_chain(&kernel->types, &relocation, &hook, module_of_hook(kernel, &hook, arena), arena,
					     &ret->chain, &ret->load);
}

void kernel_assignment(struct kernel *kernel, const struct image_view *image, size_t n, struct arena *arena, struct kernel_assignment *ret)
{
	const struct image_assignment assignment = image_assignment_at(image, n);
	struct image_hook hook;

	*ret = (struct kernel_assignment){ 0 };
	if (assignment.kind == IMAGE_ASSIGN_REGISTER)
		ret->refusal = resolve_assignment(assignment.text, arena, &ret->abi);
	else if (image_hook_by_id(image, assignment.hook, &hook))
		ret->refusal = user_jump(&kernel->files, &hook, &assignment, arena, &ret->abi);
}

/* ---- Arguments ---- */

struct doubting {
	struct kernel *kernel;
	const struct image_view *image;
	struct arena *arena;
	struct kernel_doubt *items;
	size_t count, capacity;
};

static void doubt_argument(struct doubting *doubting, const struct image_hook *hook, const char *module,
			   const struct image_report_argument *argument)
{
	const struct abi_slot *slot = &hook->abi->slots[argument->slot];
	const char *why;

	if (slot->source != ABI_SOURCE_ARGUMENT || slot->chain || slot->load == ABI_LOAD_MOUNT)
		return;
	why = resolve_argument(&doubting->kernel->types, hook, slot->index, slot->load == ABI_LOAD_COMMAND_LINE ? TYPE_LINUX_BINPRM : argument->type,
		module, doubting->arena);
	if (!why)
		return;
	doubting->items = arena_grow(doubting->arena, doubting->items, doubting->count, &doubting->capacity,
		sizeof(*doubting->items));
	doubting->items[doubting->count++] = (struct kernel_doubt){ hook->place, why };
}

static void doubt_hook(struct doubting *doubting, uint32_t policy, uint32_t hook_index)
{
	struct image_report_storage storage;
	struct image_report report;
	struct image_hook hook, other;
	const char *module;

	if (!image_policy_hook(doubting->image, policy, hook_index, &hook, NULL) ||
	    !image_report_of(doubting->image, policy, hook_index, &storage, &report))
		return;
	module = module_of_hook(doubting->kernel, &hook, doubting->arena);
	for (size_t n = 0; n < report.argument_count; n++)
		if (!report.arguments[n].is_copied)
			doubt_argument(doubting, &hook, module, &report.arguments[n]);
		else if (image_hook_by_id(doubting->image, hook.pair, &other))
			doubt_argument(doubting, &other, module, &report.arguments[n]);
}

size_t kernel_doubts(struct kernel *kernel, const struct image_view *image, struct arena *arena, struct kernel_doubt **ret)
{
	struct doubting doubting = { .kernel = kernel, .image = image, .arena = arena };

	for (uint32_t policy = 0; policy < image_policy_count(image); policy++)
		for (uint32_t n = 0; n < image_policy_at(image, policy).hook_count; n++)
			doubt_hook(&doubting, policy, n);
	*ret = doubting.items;
	return doubting.count;
}

/* ---- Hooks ---- */

/* The same of a function of a module, by its types; kprobe.multi does not find those on all kernels. */
static uint32_t module_arguments(struct kernel *kernel, const char *name, struct arena *arena)
{
	const char *module = module_of(kernel, name, arena);
	struct btf_view *view = module ? types_of_module(&kernel->types, module) : NULL;
	struct btf_entry prototype;

	return view && btf_prototype(view, name, &prototype) ? prototype.count : UINT32_MAX;
}

/* Those that the kernel keeps BPF programs from: bpf_lsm_disabled_hooks in kernel/bpf/bpf_lsm.c. */
static bool is_closed_hook(const char *name)
{
	static const char *const closed[] = { "vm_enough_memory", "inode_need_killpriv", "inode_getsecurity", "inode_listsecurity",
		"inode_copy_up_xattr", "inode_xattr_skipcap", "getselfattr", "getprocattr", "setprocattr", "audit_rule_known",
		"audit_rule_match", "ismaclabel" };

	for (size_t i = 0; i < sizeof(closed) / sizeof(closed[0]); i++)
		if (!strcmp(closed[i], name))
			return true;
	return false;
}

/* Types have one number each, so that the same arguments have the same numbers. */
static bool same_parameters(struct btf_view *view, const char *a, const char *b)
{
	struct btf_entry first, second;

	if (!btf_prototype(view, a, &first) || !btf_prototype(view, b, &second) || first.count != second.count)
		return false;
	for (uint32_t n = 0; n < first.count; n++)
		if (btf_parameter_at(view, &first, n).type != btf_parameter_at(view, &second, n).type)
			return false;
	return true;
}

static bool is_hooked(struct kernel *kernel, const char *function, struct arena *arena)
{
	static const char prefix[] = "security_";
	const char *hook = function + sizeof(prefix) - 1;
	struct btf_view *view = types_of_kernel(&kernel->types);

	if (!view || strncmp(function, prefix, sizeof(prefix) - 1) || is_closed_hook(hook))
		return false;
	return same_parameters(view, function, arena_format(arena, "bpf_lsm_%s", hook));
}

static void function_facts(struct kernel *kernel, const struct image_hook *hook, struct arena *arena,
			   struct hook_facts *ret)
{
	size_t prefix = hook->syscall ? strlen(SYSCALL_PREFIX) : 0;
	char symbol[SYSCALL_SYMBOL_MAX];
	const char *name = hook->syscall ? syscall_symbol(hook->name, symbol) : hook->name;

	if (hook->pattern) {
		struct known_functions known;

		kernel_known_functions(kernel, &known);
		ret->refusal = functions_refusal(&known, hook, arena);
		return;
	}
	ret->target = arena_copy(arena, name, strlen(name));
	ret->exists = list_has(functions(kernel), ret->target);
	ret->unknown = !functions(kernel)->count;
	if (!ret->exists) {
		ret->nearest = nearest_function(kernel, ret->target, arena);
		if (ret->nearest && !strncmp(ret->nearest, SYSCALL_PREFIX, prefix))
			ret->nearest += prefix;
		return;
	}
	ret->traceable = !traceable(kernel)->count || list_has(traceable(kernel), ret->target);
	ret->argument_count = function_arguments(kernel, ret->target);
	if (hook->syscall && ret->argument_count != UINT32_MAX && ret->argument_count && !has_typed_registers(kernel, ret->target))
		ret->argument_count = UINT32_MAX;
	ret->hooked = hook->kind == HOOK_KPROBE && is_hooked(kernel, ret->target, arena);
	ret->told = typed_paths_are_told_at(ret->target);
	if (hook->kind == HOOK_FENTRY && ret->argument_count == UINT32_MAX)
		ret->argument_count = module_arguments(kernel, ret->target, arena);
}

static void lsm_facts(struct kernel *kernel, const struct image_hook *hook, struct arena *arena,
		      struct hook_facts *ret)
{
	const char *function = arena_format(arena, "bpf_lsm_%s", hook->name);

	ret->target = arena_copy(arena, hook->name, strlen(hook->name));
	ret->argument_count = function_arguments(kernel, function);
	ret->returns_nothing = function_returns_nothing(kernel, function);
	ret->exists = ret->argument_count != UINT32_MAX;
	if (!ret->exists)
		ret->nearest = nearest_type(kernel, "bpf_lsm_", BTF_BIT(FUNC), hook->name, arena);
}

static void raw_tracepoint_facts(struct kernel *kernel, const struct image_hook *hook, struct arena *arena,
				 struct hook_facts *ret)
{
	ret->target = arena_copy(arena, hook->name, strlen(hook->name));
	ret->argument_count = raw_tracepoint_arguments(kernel, hook->name);
	ret->exists = ret->argument_count != UINT32_MAX;
	if (!ret->exists)
		ret->nearest = nearest_type(kernel, "btf_trace_", BTF_BIT(TYPEDEF), hook->name, arena);
}

static void tracepoint_facts(struct kernel *kernel, const struct image_hook *hook, struct arena *arena,
			     struct hook_facts *ret)
{
	char *text = malloc(FORMAT_SIZE);

	ret->target = arena_copy(arena, hook->name, strlen(hook->name));
	ret->exists = text && read_format(kernel, hook->subsystem, hook->name, text, FORMAT_SIZE) > 0;
	if (ret->exists)
		ret->record_size = tracepoint_size(text);
	else
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
	case HOOK_UPROBE:
	case HOOK_USDT:
		user_hook_facts(&kernel->files, hook, arena, ret);
		break;
	default:
		function_facts(kernel, hook, arena, ret);
		break;
	}
	ret->typed = ret->argument_count != UINT32_MAX;
}

/* ---- Preemption ---- */

/* Of the file with all modes and the present one in parentheses: "none (voluntary) full". */
static bool chosen_mode_preempts(bool *ret)
{
	char modes[256];

	if (read_small_file(AT_FDCWD, "/sys/kernel/debug/sched/preempt", modes, sizeof(modes)) <= 0)
		return false;
	*ret = !strstr(modes, "(none)") && !strstr(modes, "(voluntary)");
	return true;
}

bool kernel_preempts(void)
{
	struct utsname name;
	bool preempts = true;

	if (!uname(&name) && !strstr(name.version, "PREEMPT"))
		return false;
	return !chosen_mode_preempts(&preempts) || preempts;
}
