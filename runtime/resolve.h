/* SPDX-License-Identifier: Apache-2.0 */
/*
 * resolve.h - what the paths and registers of an image are on the running kernel.
 *
 * Each returns NULL, or why not, as a sentence without the place; it lives in the arena.
 */
#ifndef RUNTIME_RESOLVE_H
#define RUNTIME_RESOLVE_H

#include "compiler/base/arena.h"
#include "compiler/image/image.h"
#include "runtime/types.h"

/* `module`: that the hook's function is in, or NULL. *load is what ABI_LOAD_AUTO becomes. */
const char *resolve_chain(struct types *types, const struct image_relocation *relocation, const struct image_hook *hook,
			  const char *module, struct arena *arena, struct abi_chain *chain, enum abi_load *load);

/* The type that reads what a path without one leads to; -1 when there is none, or with *why when the path is none here. */
int resolve_type(struct types *types, const struct image_relocation *relocation, const struct image_hook *hook, struct arena *arena,
		 const char **why);

/* Whether an argument that is read as it comes is of the type that it is read as. NULL also when the kernel does not say. */
const char *resolve_argument(struct types *types, const struct image_hook *hook, uint32_t number, enum type_id type,
			     const char *module, struct arena *arena);

/* Offset in struct pt_regs, and bytes, of this machine's register. */
const char *resolve_register(const struct image_relocation *relocation, struct arena *arena, uint32_t *offset, uint32_t *size);

/* The assignment of argRegs by this machine's registers. */
const char *resolve_assignment(const char *text, struct arena *arena, struct abi_assignment *ret);

/* To the register of the next instruction what it is plus the distance. */
struct abi_assignment resolve_jump(uint64_t distance);

#endif
