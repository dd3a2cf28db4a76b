/* SPDX-License-Identifier: Apache-2.0 */
/*
 * image.h - reading host images: verify, look up, relocate, dump.
 *
 * Everything takes an image_view, which image_verify made; after that no access can leave the image.
 * The bytes are borrowed, 8-byte aligned (as from malloc or mmap) and must outlive the view.
 */
#ifndef COMPILER_IMAGE_IMAGE_H
#define COMPILER_IMAGE_IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bpf-templates/abi.h"
#include "compiler/base/buffer.h"
#include "schema/schema.h"

struct image_view {
	const uint8_t *bytes;
	size_t size;
	const struct abi_image *header;
};

/*
 * Checks every offset, index, jump, count and table bound.  Returns 0; -EINVAL damaged (or not an image);
 * -EPROTO made for another ABI_VERSION.  *error (static or in `message`) says what and where.
 */
int image_verify(const void *bytes, size_t size, struct image_view *ret, char message[256]);

struct image_policy {
	const char *name;
	const char *source_name;	/* file it was compiled from */
	bool monitor;			/* policy-mode: monitor, or nothing to enforce */
	bool enforces;			/* has an enforcement action */
	bool loader;			/* files that are mapped to execute are events */
	bool elsewhere;			/* it is not for this node, and has no hooks */
	uint32_t id;			/* of its counters; the same in the next image that has it */
	uint32_t hook_count, selector_count;	/* hooks: one for each function */
	const void *object;		/* the whole policy object it was linked from */
	size_t object_size;
};
size_t image_policy_count(const struct image_view *view);
struct image_policy image_policy_at(const struct image_view *view, size_t policy);
bool image_policy_named(const struct image_view *view, const char *name, struct image_policy *ret);

/* A hook of the host: one attach point, shared by policies. */
struct image_hook {
	enum hook_kind kind;
	bool syscall, returns;		/* returns: the return side of a kprobe */
	bool overrides;			/* some selector has Override or, at a static probe, Set: needs a program kind that can */
	bool moves_stack;		/* ... and changes the stack pointer, so that the return cannot be watched */
	bool optional;			/* where it is missing, it is passed over: ignore.callNotFound of all that ask for it */
	bool enforcer;			/* acts on notifications, for what `enforcers` of its policies name */
	bool fmod_ret, override_return;	/* of an enforcer: the only way by which it may override; neither: any */
	bool single;			/* a policy does not want it attached by a multi link */
	bool generated;			/* stands for functions that only the target knows; name is "sys_*" */
	bool pattern;			/* generated, and name is a regular expression (compiler/base/pattern.h) */
	uint32_t texts;			/* bit per argument of a function of a program that is a text, to be brought into memory first */
	const char *name, *subsystem;	/* subsystem: of tracepoints; of uprobes and USDTs the file; NULL where there is none */
	const char *key;		/* see link.h */
	uint32_t id, pair;		/* pair: id of the other side, or UINT32_MAX */
	uint32_t argument_count;	/* highest argument index that is read, plus one */
	const struct abi_hook *abi;
	const char *place;		/* "policy.yaml:7:5" of the first policy that asks for it */
	const char *policy;		/* name of that policy */
	/* Of uprobes and USDTs. */
	uint32_t site;			/* which of the places that a static probe has in the file, from 0 */
	const char *digests;		/* one of which the file must have, separated by commas; NULL: any file will do */
	uint64_t reference_counter;	/* offset in the file, 0: none; of USDTs, once the image is applied */
	uint64_t offset;		/* in the file, once the image is applied */
};
size_t image_hook_count(const struct image_view *view);
struct image_hook image_hook_at(const struct image_view *view, size_t n);	/* ascending id */
bool image_hook_by_id(const struct image_view *view, uint32_t id, struct image_hook *ret);

/* What one policy reports of one of its hooks, in the policy's order of arguments. */
struct image_report_argument {
	enum type_id type;
	uint8_t slot;			/* of the hook (or of its return hook, for the return argument) */
	bool is_data;			/* an entry of `data` */
	bool is_copied;			/* read at the return: its slot is of the return hook */
	const char *label;		/* NULL when there is none */
};
struct image_report {
	const char *message;		/* NULL when there is none */
	const char *const *tags;
	size_t tag_count;
	const struct image_report_argument *arguments;
	size_t argument_count;		/* those of `data` follow those of `args` */
	uint32_t written;		/* number of the hook in the policy's object */
	const struct image_report_argument *return_argument;	/* NULL when it has none */
};
/* By the policy and hook_index of an event.  False when the image has no such hook.  Arrays live in `arena`-free
 * static storage inside the view's image or in *storage, which the caller provides. */
struct image_report_storage { const char *tags[16]; struct image_report_argument arguments[2 * LIMIT_ARGUMENTS], returned; };
bool image_report_of(const struct image_view *view, uint32_t policy, uint32_t hook_index,
		     struct image_report_storage *storage, struct image_report *ret);

/* "policy.yaml:12:9" of a selector; NULL when unknown. */
const char *image_selector_place(const struct image_view *view, uint32_t policy, uint32_t hook_index, uint32_t selector);

/*
 * Relocations: what only the target kernel knows.  Resolve all, on a private copy, before the image is used; then image_seal.
 */
enum image_relocation_kind {
	IMAGE_RELOCATE_FIELD = 1,	/* where `field` of the tracepoint's record lies */
	IMAGE_RELOCATE_CHAIN = 2,	/* what leads to `path` */
	IMAGE_RELOCATE_REGISTER = 3,	/* the register that `path` names */
	IMAGE_RELOCATE_LOCATION = 4,	/* where argument `field` of the static probe is */
};
struct image_relocation {
	enum image_relocation_kind kind;
	uint32_t hook;			/* id */
	const char *subsystem, *event;
	enum abi_source source;
	uint32_t slot;			/* of the hook */
	uint32_t field;			/* position in the event's format file, common fields included; number of an argument */
	enum type_id type;
	const char *path, *btf_type, *btf_module;	/* NULL when absent */
	const char *place;		/* policy line, for messages */
};
/* Whether some selector of the hook writes to where the slot's value lies: Set. */
bool image_sets_slot(const struct image_view *view, const struct image_hook *hook, uint32_t slot);

size_t image_relocation_count(const struct image_view *view);
struct image_relocation image_relocation_at(const struct image_view *view, size_t n);
void image_relocate(void *bytes, const struct image_view *view, size_t n, uint32_t offset, uint32_t size);
/* Of a field that is an array: its length, and the bytes of one element of it, 1 or 8. */
void image_relocate_array(void *bytes, const struct image_view *view, size_t n, uint32_t offset, uint32_t length, uint32_t element);
void image_relocate_chain(void *bytes, const struct image_view *view, size_t n, const struct abi_chain *chain);
void image_relocate_location(void *bytes, const struct image_view *view, size_t n, const struct abi_location *location);
/* Bytes of the register, at its offset in struct pt_regs. */
void image_relocate_register(void *bytes, const struct image_view *view, size_t n, uint32_t offset, uint32_t size);
/* What ABI_LOAD_AUTO becomes, U8 to S64; of other slots the load stays. */
void image_relocate_load(void *bytes, const struct image_view *view, size_t n, enum abi_load load);
/* Where the place of hook `n` lies in its file, for who reads events; both offsets in the file. */
void image_relocate_place(void *bytes, const struct image_view *view, size_t n, uint64_t offset, uint64_t reference_counter);
void image_seal(void *bytes, size_t size);	/* recomputes the checksum */

/* FNV-1a 64 over the bytes of an image with the checksum field as 0. */
uint64_t image_checksum(const void *bytes, size_t size);

/*
 * The filter that a record of a decision program came from; for reasons.  `record` is the number in
 * the hook's program.  False for records that belong to no filter (ACCEPT, JUMP, END).
 */
struct image_step {
	uint32_t policy, hook_index, selector;
	uint32_t predicate;		/* number in that selector of the policy's object */
};
bool image_step_of(const struct image_view *view, const struct abi_hook *hook, uint32_t record,
		   struct image_step *ret);

/*
 * The host hook of a policy's hook, and in *written (may be NULL) the number of that hook in the policy: one that lists
 * several functions has a hook_index for each.  False when the policy has no such hook.
 */
bool image_policy_hook(const struct image_view *view, uint32_t policy, uint32_t hook_index,
		       struct image_hook *ret, uint32_t *written);

/*
 * A set of workloads, by the operand of SCOPE: predicate `predicate` of the selector at position `selector` of hook `written` of
 * the policy's object.
 */
struct image_scope {
	uint32_t policy, written, selector, predicate;
	const char *place;
};
size_t image_scope_count(const struct image_view *view);
struct image_scope image_scope_at(const struct image_view *view, size_t n);

/* A GetUrl or DnsLookup of the selector that an event names by these numbers. */
struct image_request {
	uint32_t policy, hook_index, selector;
	enum action_id action;
	bool on_return;			/* of the event of the return */
	const char *text;		/* URL or name */
};
size_t image_request_count(const struct image_view *view);
struct image_request image_request_at(const struct image_view *view, size_t n);

/*
 * A register assignment of an Override, or where its call goes on: only the target knows which register that is, and only the file where
 * that lies.  Those of one Override have one policy and one place.
 */
enum image_assignment_kind { IMAGE_ASSIGN_REGISTER = 1, IMAGE_ASSIGN_SYMBOL = 2, IMAGE_ASSIGN_ADDRESS = 3, IMAGE_ASSIGN_OFFSET = 4 };
struct image_assignment {
	enum image_assignment_kind kind;
	uint32_t hook, policy;		/* hook: id */
	const char *text;		/* REGISTER: as argRegs has it; else a symbol, or a number in hexadecimal */
	const char *place;		/* of the selector */
	const struct abi_assignment *abi;
};
size_t image_assignment_count(const struct image_view *view);
struct image_assignment image_assignment_at(const struct image_view *view, size_t n);
/* On a private copy, as relocations. */
void image_assign(void *bytes, const struct image_view *view, size_t n, const struct abi_assignment *assignment);

/* Words for sections and enum abi_load. */
const char *image_section_name(enum abi_section_id section);
const char *image_load_name(uint8_t load);

/* Text for people and goldens: header, hooks, decision programs, tables, accepts. */
void image_dump(const struct image_view *view, struct buffer *ret);

/* What is in it and how large: a few lines for people. */
void image_describe(const struct image_view *view, struct buffer *ret);

#endif
