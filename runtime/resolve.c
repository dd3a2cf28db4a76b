// SPDX-License-Identifier: Apache-2.0
/* resolve.c - see resolve.h. */
#include "runtime/resolve.h"

#include <stdio.h>
#include <string.h>

#include "compiler/base/assignment.h"
#include "compiler/kernel/fit.h"
#include "runtime/machine.h"
#include "runtime/syscalls.h"
#include "schema/names.h"

struct resolving {
	const struct image_relocation *relocation;
	const struct image_hook *hook;
	struct btf_view *view;		/* the kernel's types, or those of the hook's module */
	struct arena *arena;
	struct chain_error error;
};

/* ---- Functions ---- */

/* The function that has the types of a system call's arguments; not all kernels keep it.  NULL for those of other machines. */
static const char *syscall_body(const char *name, struct arena *arena)
{
	if (!strncmp(name, SYSCALL_PREFIX, strlen(SYSCALL_PREFIX)))
		name += strlen(SYSCALL_PREFIX);
	return strncmp(name, "sys_", 4) ? NULL : arena_format(arena, "__do_%s", name);
}

static const char *function_of(const struct image_hook *hook, struct arena *arena)
{
	if (hook->kind == HOOK_LSM)
		return arena_format(arena, "bpf_lsm_%s", hook->name);
	return hook->syscall ? syscall_body(hook->name, arena) : hook->name;
}

static int value_type(struct resolving *resolving, uint32_t *type)
{
	const struct image_relocation *relocation = resolving->relocation;
	const struct image_hook *hook = resolving->hook;
	const char *function = function_of(hook, resolving->arena);
	struct btf_entry ignored;

	if (hook->kind == HOOK_RAW_TRACEPOINT)
		return chain_tracepoint_argument(resolving->view, hook->name, relocation->field, type, &resolving->error);
	if (hook->syscall && (!function || !btf_prototype(resolving->view, function, &ignored))) {
		snprintf(resolving->error.text, sizeof(resolving->error.text),
			 "this kernel does not say what system call %.64s takes; say btfType", hook->name);
		return -1;
	}
	if (relocation->source == ABI_SOURCE_RETURN)
		return chain_returned(resolving->view, function, type, &resolving->error);
	return chain_argument(resolving->view, function, relocation->field, type, &resolving->error);
}

/* ---- Chains ---- */

static bool is_of_program(const struct image_relocation *relocation, const struct image_hook *hook)
{
	return (hook->kind == HOOK_UPROBE || hook->kind == HOOK_USDT) && relocation->source != ABI_SOURCE_CURRENT;
}

static int find_root(struct resolving *resolving, struct chain_root *ret)
{
	const struct image_relocation *relocation = resolving->relocation;
	bool returned = relocation->source == ABI_SOURCE_RETURN;
	uint32_t type;
	int error;

	if (relocation->source == ABI_SOURCE_CURRENT)
		return chain_root_of_type(resolving->view, "task_struct", false, ret, &resolving->error);
	if (relocation->btf_type)
		return chain_root_of_type(resolving->view, relocation->btf_type,
					  relocation->btf_module && !is_of_program(relocation, resolving->hook), ret,
					  &resolving->error);
	error = value_type(resolving, &type);
	return error ? error : chain_root_of_pointer(resolving->view, type, returned ?
		arena_format(resolving->arena, "what %.64s returns", resolving->hook->name) :
		arena_format(resolving->arena, "argument %u of %.64s", relocation->field, resolving->hook->name),
		ret, &resolving->error);
}

static const char *no_types(const struct types *types, const struct image_relocation *relocation, struct arena *arena)
{
	if (relocation->btf_module && !types->error)
		return arena_format(arena, "there is no type information of module '%s': is it loaded?", relocation->btf_module);
	return arena_format(arena, "the type information of this kernel cannot be read: %s", *types->message ? types->message :
			    strerror(-types->error));
}

static const char *no_path(struct resolving *resolving)
{
	const struct chain_error *error = &resolving->error;

	if (!error->length && !error->at)
		return arena_format(resolving->arena, "path '%s': %s", resolving->relocation->path, error->text);
	return arena_format(resolving->arena, "path '%s', column %u: %s", resolving->relocation->path, error->at + 1, error->text);
}

static struct btf_view *view_of(struct types *types, const struct image_relocation *relocation, const char *module)
{
	struct btf_view *view = relocation->btf_module && relocation->btf_type && relocation->source != ABI_SOURCE_CURRENT ?
		types_of_module(types, relocation->btf_module) : module ? types_of_module(types, module) : NULL;

	return view || (relocation->btf_module && relocation->btf_type) ? view : types_of_kernel(types);
}

/* Goes the path; NULL, or why it is none.  Those of programs have a file of types instead of a module. */
static const char *find_chain(struct resolving *resolving, struct types *types, const char *module, struct chain *ret)
{
	const struct image_relocation *relocation = resolving->relocation;
	const char *message = "there is no file of types (btfPath)";
	struct chain_root root;

	if (!is_of_program(relocation, resolving->hook))
		resolving->view = view_of(types, relocation, module);
	else if (!relocation->btf_module || !(resolving->view = types_of_file(types, relocation->btf_module, &message)))
		return arena_format(resolving->arena, "path '%s': %s", relocation->path, message);
	if (!resolving->view)
		return no_types(types, relocation, resolving->arena);
	if (find_root(resolving, &root) || chain_resolve(resolving->view, root, relocation->path, ret, &resolving->error))
		return no_path(resolving);
	return NULL;
}

const char *resolve_chain(struct types *types, const struct image_relocation *relocation, const struct image_hook *hook,
			  const char *module, struct arena *arena, struct abi_chain *chain, enum abi_load *load)
{
	struct resolving resolving = { .relocation = relocation, .hook = hook, .arena = arena };
	char why[FIT_REASON_MAX];
	struct chain found;
	const char *refusal = find_chain(&resolving, types, module, &found);

	if (refusal)
		return refusal;
	if (!fit_chain(resolving.view, &found, relocation->type, why))
		return arena_format(arena, "path '%s': %s", relocation->path, why);
	*chain = found.abi;
	*load = fit_load(resolving.view, &found);
	return NULL;
}

int resolve_type(struct types *types, const struct image_relocation *relocation, const struct image_hook *hook, struct arena *arena,
		 const char **why)
{
	struct resolving resolving = { .relocation = relocation, .hook = hook, .arena = arena };
	struct chain found;

	*why = find_chain(&resolving, types, NULL, &found);
	return *why ? -1 : fit_told(resolving.view, &found);
}

/* ---- Arguments ---- */

const char *resolve_argument(struct types *types, const struct image_hook *hook, uint32_t number, enum type_id type,
			     const char *module, struct arena *arena)
{
	const struct image_relocation argument = { .source = ABI_SOURCE_ARGUMENT, .field = number };
	struct resolving resolving = { &argument, hook, view_of(types, &argument, module), arena };
	char why[FIT_REASON_MAX];
	uint32_t found;

	if (hook->kind == HOOK_UPROBE || hook->kind == HOOK_USDT || !resolving.view || value_type(&resolving, &found) ||
	    fit_argument(resolving.view, found, type, why))
		return NULL;
	return arena_format(arena, "argument %u of %s: %s", number, hook->name, why);
}

/* ---- Registers ---- */

const char *resolve_register(const struct image_relocation *relocation, struct arena *arena, uint32_t *offset, uint32_t *size)
{
	const struct register_row *row = register_find(THIS_MACHINE, relocation->path);

	if (!row)
		return arena_format(arena, "this machine has no register '%s'", relocation->path);
	if (row->bits != 64 && !type_rows[relocation->type].bits && relocation->type != TYPE_NOP)
		return arena_format(arena, "register '%s' has %u bits, and type %s needs an address or number of 64", relocation->path,
				    row->bits, type_rows[relocation->type].name);
	*offset = row->offset;
	*size = row->bits / 8;
	return NULL;
}

/* ---- Assignments ---- */

static const struct register_row *find_part(struct assignment_part name, struct arena *arena)
{
	return register_find(THIS_MACHINE, arena_copy(arena, name.bytes, name.length));
}

static const char *no_register(const char *text, struct assignment_part name, struct arena *arena)
{
	return arena_format(arena, "'%.128s': this machine has no register '%.*s'", text, (int)name.length, name.bytes);
}

const char *resolve_assignment(const char *text, struct arena *arena, struct abi_assignment *ret)
{
	const struct register_row *target, *source = NULL;
	struct assignment parsed;

	if (assignment_parse(text, strlen(text), &parsed))
		return arena_format(arena, "'%.128s' is no assignment", text);
	target = find_part(parsed.target, arena);
	if (!target)
		return no_register(text, parsed.target, arena);
	if (parsed.source.length) {
		source = find_part(parsed.source, arena);
		if (!source)
			return no_register(text, parsed.source, arena);
	}
	*ret = (struct abi_assignment){
		.number = parsed.number, .target = (uint16_t)target->offset, .target_size = (uint8_t)(target->bits / 8),
		.source = (uint16_t)(source ? source->offset : 0), .source_size = (uint8_t)(source ? source->bits / 8 : 0),
		.flags = parsed.loads ? ABI_ASSIGNMENT_MEMORY : 0,
	};
	return NULL;
}

struct abi_assignment resolve_jump(uint64_t distance)
{
	static const char *const next[] = { [MACHINE_X86_64] = "rip", [MACHINE_ARM64] = "pc" };
	const struct register_row *row = register_find(THIS_MACHINE, next[THIS_MACHINE]);

	return (struct abi_assignment){ .number = distance, .target = (uint16_t)row->offset, .source = (uint16_t)row->offset,
					.target_size = 8, .source_size = 8 };
}
