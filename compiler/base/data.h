/* SPDX-License-Identifier: Apache-2.0 */
/*
 * data.h - values with names in them, made once and written as JSON or YAML.
 *
 * Values live in an arena.  Records keep the order in which their members were added.  Texts are not copied: they
 * must live as long.
 */
#ifndef COMPILER_BASE_DATA_H
#define COMPILER_BASE_DATA_H

#include <stdbool.h>
#include <stdint.h>

#include "compiler/base/arena.h"
#include "compiler/base/buffer.h"

enum data_kind { DATA_TEXT, DATA_NUMBER, DATA_BOOLEAN, DATA_LIST, DATA_RECORD };

struct data {
	enum data_kind kind;
	const char *key;		/* in a record; NULL in a list */
	struct data *next;		/* beside it */
	union {
		const char *text;
		int64_t number;
		bool boolean;
		struct data *first;	/* LIST, RECORD; NULL when empty */
	};
	struct data *last;
};

/* A record that stands alone. */
struct data *data_new(struct arena *arena);

/* Members of a record; with key NULL, entries of a list.  The new value is returned. */
struct data *data_text(struct arena *arena, struct data *into, const char *key, const char *text);
struct data *data_number(struct arena *arena, struct data *into, const char *key, int64_t number);
struct data *data_boolean(struct arena *arena, struct data *into, const char *key, bool boolean);
struct data *data_list(struct arena *arena, struct data *into, const char *key);
struct data *data_record(struct arena *arena, struct data *into, const char *key);

/* The member of a record, or NULL. */
const struct data *data_find(const struct data *record, const char *key);

/* On one line, with its end. */
void data_write_json(const struct data *data, struct buffer *ret);

/* In block style, without `---`; plain where every reader takes the text for text. */
void data_write_yaml(const struct data *data, struct buffer *ret);

#endif
