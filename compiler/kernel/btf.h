/* SPDX-License-Identifier: Apache-2.0 */
/*
 * btf.h - what a kernel, or one of its modules, says about its types: reading BTF.
 *
 * Bytes in, facts out.  The bytes are borrowed and may be hostile: nothing that they say is believed unchecked, what refers to
 * something else is looked at when it is used, and all walks are bounded (schema/limits.def).
 *
 * Opening takes one pass over the types and one over the strings: 4 bytes of memory for each type.  The first look-up by
 * name makes an index: up to 12 more for each type.  Neither is safe to use from several threads.
 */
#ifndef COMPILER_KERNEL_BTF_H
#define COMPILER_KERNEL_BTF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <linux/btf.h>

#include "compiler/base/buffer.h"
#include "compiler/base/nearest.h"

struct btf_view;

/*
 * `base`: the kernel's, for the types of a module, which refer to it; it must outlive the view.  0; -EINVAL damaged, -EPROTO
 * of a kind that is not known, -E2BIG beyond a limit; `message` says what is wrong and where.
 */
int btf_open(const void *bytes, size_t size, struct btf_view *base, struct btf_view **ret, char message[256]);
void btf_close(struct btf_view *view);	/* takes NULL; not its base */

/* Ids are those of the base, then its own; 0 is void. */
uint32_t btf_type_count(const struct btf_view *view);

struct btf_entry {
	uint32_t id;
	uint32_t kind;		/* BTF_KIND_ */
	bool flag;		/* kind_flag */
	uint32_t count;		/* of members, parameters, ... */
	const char *name;	/* "" when it has none */
	uint32_t size;		/* of those that have one: INT, STRUCT, UNION, ENUM, FLOAT */
	uint32_t type;		/* of those that refer to one */
	const uint8_t *more;	/* what follows, by kind */
};

/* False when there is no such type. */
bool btf_at(const struct btf_view *view, uint32_t id, struct btf_entry *ret);

/* The same, with typedefs, qualifiers and tags taken off.  False also when that does not end. */
bool btf_bare(const struct btf_view *view, uint32_t id, struct btf_entry *ret);

/* The first type of that name whose kind is in `kinds` (BTF_BIT); those of the base come first. */
#define BTF_BIT(KIND)	(1u << BTF_KIND_##KIND)
bool btf_find(struct btf_view *view, const char *name, uint32_t kinds, struct btf_entry *ret);
bool btf_find_own(struct btf_view *view, const char *name, uint32_t kinds, struct btf_entry *ret);	/* not those of the base */

/* Member, or parameter, number n of an entry, n < count. */
struct btf_part {
	const char *name;	/* "" when it has none */
	uint32_t type;
	uint64_t bit;		/* where it begins, in bits from the start of the structure */
	uint32_t bits;		/* of a bit field; 0: it is none */
};
struct btf_part btf_member_at(const struct btf_view *view, const struct btf_entry *entry, uint32_t n);
struct btf_part btf_parameter_at(const struct btf_view *view, const struct btf_entry *entry, uint32_t n);

/*
 * The member of that name of a structure or union, also of one of its anonymous members.  False when there is none;
 * then, when `nearest` is given, it has been shown all names that there are.
 */
bool btf_member_find(const struct btf_view *view, const struct btf_entry *entry, const char *name, size_t length,
		     struct nearest *nearest, struct btf_part *ret);

struct btf_elements { uint32_t type, count; };
struct btf_elements btf_elements(const struct btf_entry *entry);	/* of an ARRAY */

/* An integer, enumeration or bool of 1, 2, 4 or 8 bytes. */
struct btf_number {
	uint32_t size, offset, bits;	/* bytes; bits from the start, and how many: fewer than size * 8 in old bit fields */
	bool is_signed;
	bool either;		/* reads the same with a sign as without: char, and enumerations of small numbers */
};
bool btf_number(const struct btf_entry *entry, struct btf_number *ret);

/* Bytes of a value of the type.  False for what has no size, and beyond 4 GiB. */
bool btf_size(const struct btf_view *view, uint32_t id, uint64_t *ret);

/* The prototype of a function.  False when there is none. */
bool btf_prototype(struct btf_view *view, const char *function, struct btf_entry *ret);

/* As C has it, without qualifiers: "struct file *", "unsigned int", "char [16]". */
void btf_describe(const struct btf_view *view, uint32_t id, struct buffer *ret);

/* Shows `nearest` the names that begin with `prefix`, without it, of all types whose kind is in `kinds`. */
void btf_nearest(const struct btf_view *view, const char *prefix, uint32_t kinds, struct nearest *nearest);

#endif
