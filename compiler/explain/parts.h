/* SPDX-License-Identifier: Apache-2.0 */
/* parts.h - what the makers of pages share.  Private to compiler/explain. */
#ifndef COMPILER_EXPLAIN_PARTS_H
#define COMPILER_EXPLAIN_PARTS_H

#include "compiler/explain/page.h"
#include "compiler/explain/field_path.h"

/* Begins a page: its kind, its name under `key`, whether it is supported, and what it is. */
struct data *page_new(struct arena *arena, const char *kind, const char *key, const char *name, enum support support,
		      const char *about);

/* An entry of a table in a page. */
struct data *page_entry(struct arena *arena, struct data *list, const char *name, const char *about, enum support support);

/* ---- Rows (rows.c): NULL when nothing has that name ---- */
struct data *explain_diagnostic(const char *name, struct arena *arena);
struct data *explain_operator(const char *name, struct arena *arena);
struct data *explain_type(const char *name, struct arena *arena);
struct data *explain_action(const char *name, struct arena *arena);
struct data *explain_option(const char *name, struct arena *arena);
struct data *explain_hook(const char *name, struct arena *arena);

/* Names, as a list under `key`. */
void add_types_of_operator(struct arena *arena, struct data *page, const char *key, enum operator_id op);
void add_hooks(struct arena *arena, struct data *page, const char *key, uint32_t hooks);
void add_hook_facts(struct arena *arena, struct data *page, enum hook_kind hook);

/* ---- Examples (examples.c): what may stand under spec; NULL when there is none ---- */
const char *operator_example(enum operator_id op, struct arena *arena);
const char *action_example(enum action_id action);

/* What values look like: a sentence, and the list that has the names (of word_lists), or NULL. */
struct values_row { const char *about, *example, *list; };
const struct values_row *operator_values(enum operator_id op);

/* ---- Words (words.c) ---- */

/* Lists of names: `operators`, `capabilities`, `limits`. */
struct word_list {
	const char *name, *about;
	void (*add)(struct arena *arena, struct data *list, int which);
	int which;
	enum field_group values_of;	/* the group whose `values` are such names; GROUP_none: no group's */
};
extern const struct word_list word_lists[];	/* ends with name NULL */
struct data *explain_word_list(const char *name, struct arena *arena);

/* A name in one of the lists: CAP_SYS_ADMIN, Pid. */
struct data *explain_named(const char *name, struct arena *arena);

/* The words that a kind of value may be on hooks of some HOOK_BITs, under "values"; nothing where any may stand. */
#define ANY_HOOK (-1)
void add_kind_values(struct arena *arena, struct data *page, enum field_kind kind, int hooks);

/* ---- Fields (field.c) ---- */
struct data *explain_field(const struct field_path *path, enum explain_depth depth, struct arena *arena);

/* "string", "[]object"; of a number its bounds are beside it. */
const char *field_type_name(const struct field_row *field);

/* Several places that a name may mean. */
struct data *explain_places(const char *name, const struct field_path_list *places, enum explain_depth depth,
			    struct arena *arena);
void add_places(struct arena *arena, struct data *page, const struct field_path_list *places);

#endif
