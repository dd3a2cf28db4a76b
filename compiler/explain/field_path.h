/* SPDX-License-Identifier: Apache-2.0 */
/*
 * field_path.h - where a key stands: "spec.kprobes[].selectors[].matchArgs[].operator", and ways to say it.
 *
 * A path is read in dots and brackets: kprobes[0].call, spec.kprobes[*].call, kprobes["call"], $.spec.kprobes.0.call.
 * It begins at the document, at `spec`, or with the kind of a document, or its plural, in any case; `*` under spec is any hook section
 * that has the rest.
 */
#ifndef COMPILER_EXPLAIN_FIELD_PATH_H
#define COMPILER_EXPLAIN_FIELD_PATH_H

#include <stdbool.h>
#include <stddef.h>

#include "compiler/base/arena.h"
#include "compiler/base/buffer.h"
#include "schema/schema.h"

enum { FIELD_PATH_STEPS = 16 };

struct field_step {
	const struct field_row *field;
	bool entry;			/* one entry of this list or mapping, or all of them, is meant */
	const char *name;		/* the free key that was given; not NUL-terminated; NULL when none was */
	size_t length;
};

struct field_path {
	int document;			/* enum document_id when a kind was said, else -1 */
	bool any_section;		/* written `spec.*` */
	struct field_step steps[FIELD_PATH_STEPS];
	size_t count;			/* 0: the document itself */
};

/* Why a text is no path.  Everything lives in the arena. */
struct field_path_problem {
	const char *message;
	const char *part;		/* what is not there; NULL when the text itself is broken */
	bool at_start;			/* it is the first word, so the text may be something else than a path */
	const char *nearest;		/* what is, and was perhaps meant; or NULL */
	enum field_group group;		/* whose keys are there instead; GROUP_none when there are none */
	struct field_path under;	/* where they are */
};

/* Whatever `text` holds.  Names in *ret borrow from it. */
bool field_path_read(const char *text, struct arena *arena, struct field_path *ret, struct field_path_problem *problem);

/*
 * All places that end so, in the order of the tables; "matchArgs.operator" or "call".  Places that differ in the hook
 * section only are one, with any_section set, when they are below the keys of a hook.
 */
struct field_path_list { struct field_path *items; size_t count, capacity; };
void field_path_search(const char *text, struct arena *arena, struct field_path_list *ret);

/* "spec.kprobes[].call"; the document itself is its kind. */
void field_path_write(const struct field_path *path, struct buffer *ret);
const char *field_path_text(const struct field_path *path, struct arena *arena);

/* The field at the end; NULL for the document. */
const struct field_row *field_path_last(const struct field_path *path);

/* The group of the keys below; GROUP_none when there are none. */
enum field_group field_path_group(const struct field_path *path);

/* Whether this version of tetra compiles a policy that has it. */
enum support field_path_support(const struct field_path *path);

/* The path with one more key.  false when it is full, which no path of the tables is. */
bool field_path_enter(struct field_path *path, const struct field_row *field);

/* Whether a value of the kind is a list, and whether it has free keys. */
bool field_is_list(const struct field_row *field);
bool field_is_map(const struct field_row *field);

/* Whether a key under spec holds hooks. */
bool field_is_section(const struct field_row *field);

#endif
