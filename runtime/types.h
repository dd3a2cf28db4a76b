/* SPDX-License-Identifier: Apache-2.0 */
/*
 * types.h - the type information of the running kernel and its modules, each read when it is first needed.
 *
 * The bytes are those of /sys/kernel/btf; compiler/kernel reads them.
 */
#ifndef RUNTIME_TYPES_H
#define RUNTIME_TYPES_H

#include "compiler/kernel/btf.h"

struct types_module;
struct types {
	struct btf_view *kernel;
	void *bytes;
	int error;			/* of the kernel's: a negative errno; then `message` says more, or is empty */
	char message[256];
	struct types_module *modules;
	bool is_other;			/* of another kernel: nothing is read from this one */
};

/* A zeroed struct types is ready; release leaves it so. */
void types_release(struct types *types);

/* Of another kernel instead, from a copy of its /sys/kernel/btf/vmlinux, without its modules.  0, or as types->error. */
int types_load(struct types *types, const char *path);

/* NULL when there is none: types->error says why. */
struct btf_view *types_of_kernel(struct types *types);

/* Those of a module, with the kernel's as base.  NULL when there is none, or it cannot be read. */
struct btf_view *types_of_module(struct types *types, const char *module);

/*
 * Those of a program, from a file of theirs alone or from section .BTF of an ELF file.  Whatever the file says is not believed.  NULL
 * when they cannot be read, with the reason, which lives as long as `types`.
 */
struct btf_view *types_of_file(struct types *types, const char *path, const char **why);

#endif
