/* SPDX-License-Identifier: Apache-2.0 */
/*
 * page.h - the language in English: pages of `tetra explain`, as data.
 *
 * A page is a record; its keys are stable and page_keys says what each means.  Text, JSON and YAML are written from the
 * same page, so that they cannot differ.
 */
#ifndef COMPILER_EXPLAIN_PAGE_H
#define COMPILER_EXPLAIN_PAGE_H

#include "compiler/base/data.h"
#include "schema/schema.h"

/* How far a field's page goes: the keys below it, or all of them down to the leaves. */
enum explain_depth { EXPLAIN_KEYS, EXPLAIN_TREE };

/* Why there is no page.  Lives in the arena. */
struct explain_problem {
	const char *message;		/* one line */
	const char *exists;		/* what does exist there, in lines; or NULL */
};

/*
 * The page of a word: a field by its path or its last keys, a diagnostic (TP101), an operator, a type, an action, an
 * option, a kind of hook, a kind of document, a list such as `capabilities`, a name in one.  NULL when there is none.
 */
struct data *explain_name(const char *name, enum explain_depth depth, struct arena *arena,
			  struct explain_problem *problem);

/* For people. */
void page_write_text(const struct data *page, struct buffer *ret);

/* Keys of pages. */
enum page_style {
	PAGE_HIDDEN,			/* not in the text, or said in its heading */
	PAGE_LINE,			/* "Label: value", "Label: a, b" */
	PAGE_BLOCK,			/* lines below a label */
	PAGE_PARAGRAPH,			/* without a label */
	PAGE_TABLE,			/* a list of records */
	PAGE_TREE,			/* a list of records that may have such a list in them */
	PAGE_VERDICTS,			/* wrong and right examples */
};
struct page_key {
	const char *key;
	enum page_style style;
	const char *label;
	const char *about;
};
extern const struct page_key page_keys[];	/* ends with key NULL */

#endif
