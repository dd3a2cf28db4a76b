/* SPDX-License-Identifier: Apache-2.0 */
/*
 * chain.h - from a path, as `resolve` says it, to what the programs walk, by a kernel's types.
 *
 * A path is names parted by dots and elements, "mm.owner.comm", "fds[2].flags"; a dot at either end is taken. Pointers are
 * followed as they come; of a pointer to a pointer, element 0 at each but the last, which counts as a step. Anonymous
 * structures are looked through. What lies there begins a larger structure, where "(name)" says so: "sk.(unix_sock).path".
 */
#ifndef COMPILER_KERNEL_CHAIN_H
#define COMPILER_KERNEL_CHAIN_H

#include "bpf-templates/abi.h"
#include "compiler/kernel/btf.h"

/* What the path starts at: the address of something of this type. */
struct chain_root {
	uint32_t type;
	bool is_argument;	/* what a pointer points to: the path may begin with an element of it */
};

struct chain {
	struct abi_chain abi;
	uint32_t type;		/* of the value; of an address, of what lies there */
	bool is_signed;		/* of a bit field */
};

/* What is wrong, and for paths where: `length` bytes at `at`; 0 and 0 when it is nowhere. */
struct chain_error {
	uint32_t at, length;
	char text[400];
};

/* All return 0, or -EINVAL with *error. */
int chain_resolve(struct btf_view *view, struct chain_root root, const char *path, struct chain *ret,
		  struct chain_error *error);

/* Structure, union or typedef of that name; in `own` only, if set, the module's own types. */
int chain_root_of_type(struct btf_view *view, const char *name, bool own, struct chain_root *ret, struct chain_error *error);

/* Type of an argument, counted from 0, or of what is returned, of a function or prototype that the kernel describes. */
int chain_argument(struct btf_view *view, const char *function, uint32_t number, uint32_t *type, struct chain_error *error);
int chain_returned(struct btf_view *view, const char *function, uint32_t *type, struct chain_error *error);

/* The same of a raw tracepoint. */
int chain_tracepoint_argument(struct btf_view *view, const char *event, uint32_t number, uint32_t *type,
			      struct chain_error *error);
/* How many arguments a raw tracepoint has; false when there is no such tracepoint. */
bool chain_tracepoint_count(struct btf_view *view, const char *event, uint32_t *ret);

/* What a pointer of that type points to; `what` names it in the error. */
int chain_root_of_pointer(struct btf_view *view, uint32_t type, const char *what, struct chain_root *ret,
			  struct chain_error *error);

#endif
