/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kernel.h - what the running kernel has of the places that policies ask for.
 *
 * Names are looked up in kallsyms, tracefs and the kernel's type information, each read when it is first needed.
 */
#ifndef RUNTIME_KERNEL_H
#define RUNTIME_KERNEL_H

#include <stdbool.h>
#include <stdint.h>

#include "compiler/base/arena.h"
#include "compiler/image/image.h"
#include "runtime/functions.h"
#include "runtime/tracepoint.h"

struct kernel;

struct kernel *kernel_new(void);
void kernel_free(struct kernel *kernel);

/*
 * From now on the types are those of another kernel, from a copy of its /sys/kernel/btf/vmlinux; call it first.  0 or a negative
 * errno with the reason.
 */
int kernel_use_types(struct kernel *kernel, const char *path, char message[256]);

/* What is known of one hook's place. */
struct hook_facts {
	bool exists;
	bool unknown;		/* the kernel's functions cannot be read: it may exist all the same */
	bool traceable;		/* a function that trampolines and kprobe.multi can reach, as far as the kernel says */
	bool typed;		/* its type is known */
	bool hooked;		/* a security_ function that calls an LSM hook of its name, with its arguments, for BPF programs, too */
	bool returns_nothing;	/* an LSM hook whose function has no result */
	bool told;		/* a function at which kernels may tell a program the path of its first argument: see typed_paths.h */
	const char *target;	/* what it is called here: "__x64_sys_write"; arena */
	const char *nearest;	/* when it does not exist: what may have been meant, or NULL; arena */
	uint32_t argument_count;	/* how many it has; UINT32_MAX when unknown */
	uint32_t record_size;		/* of a tracepoint, in bytes; 0 when unknown */
	/* Of what lies in a file, see user_places.h. */
	const char *refusal;	/* why it does not exist, or must not be probed; arena */
	bool other_file;	/* ... because the file has none of the digests that are demanded */
	int file;		/* descriptor, of the kernel */
	uint64_t offset, counter;	/* in the file: where it is, and its reference counter or 0 */
	const char *where;	/* which file and place, in letters, digits and '_'; NULL when there is no such file.  Arena */
};
void kernel_hook_facts(struct kernel *kernel, const struct image_hook *hook, struct arena *arena,
		       struct hook_facts *ret);

/* Whether it may let another task run in the middle of its own work, as far as it says; true when it does not say. */
bool kernel_preempts(void);

/* Names of all functions, and of those that can be traced; sorted, of `kernel`.  0 when they cannot be read. */
size_t kernel_functions(struct kernel *kernel, const char *const **ret);
size_t kernel_traceable(struct kernel *kernel, const char *const **ret);

/* Whether it has the function of a system call, "newfstat"; -1 when it does not tell which functions it has. */
int kernel_has_syscall(struct kernel *kernel, const char *name);

/* All functions, those that can be traced, and which of them are in modules; of `kernel`. */
void kernel_known_functions(struct kernel *kernel, struct known_functions *ret);

/* In how many places a file has a static probe; 0 when it has none, or cannot be read. */
size_t kernel_probe_count(struct kernel *kernel, const char *path, const char *provider, const char *name, struct arena *arena);

/* What a relocation becomes, or why that is not known. */
struct kernel_relocation {
	int error;
	uint32_t count;		/* of fields, for -ERANGE */
	struct tracepoint_field field;
	uint32_t register_offset, register_size;	/* in struct pt_regs; bytes */
	const char *refusal;	/* of a path or register: why it is none here */
	struct abi_chain chain;	/* of a path */
	struct abi_location location;	/* of an argument of a static probe */
	enum abi_load load;	/* of a field or path: what ABI_LOAD_AUTO becomes */
};

/*
 * The type of a value of which a policy says none: of a field of a tracepoint, `has_size` when something tells how long it is; or of what the
 * path of a relocation leads to on a hook, of which kind and name count.  -1: *why says why there is none.
 */
int kernel_type_of_field(struct kernel *kernel, const struct image_relocation *field, bool has_size, struct arena *arena, const char **why);
int kernel_type_of_path(struct kernel *kernel, const struct image_relocation *path, const struct image_hook *hook, struct arena *arena,
			const char **why);

/* Of relocation `n` of an image.  Texts live in the arena. */
void kernel_relocation(struct kernel *kernel, const struct image_view *image, size_t n, struct arena *arena,
		       struct kernel_relocation *ret);

/* What an assignment of an image becomes, or why that is not known; all zero when its hook is not there. */
struct kernel_assignment {
	struct abi_assignment abi;
	const char *refusal;
};
void kernel_assignment(struct kernel *kernel, const struct image_view *image, size_t n, struct arena *arena, struct kernel_assignment *ret);

/*
 * Arguments that the kernel has otherwise than a policy reads them.  They are read all the same, as Tetragon does: functions change,
 * and a policy may know better.  Returns how many; in the arena.
 */
struct kernel_doubt {
	const char *place;		/* of the hook */
	const char *text;
};
size_t kernel_doubts(struct kernel *kernel, const struct image_view *image, struct arena *arena, struct kernel_doubt **ret);

#endif
