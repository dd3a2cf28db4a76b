/* SPDX-License-Identifier: Apache-2.0 */
/* reading.h - what the files of this room share: members of JSON objects, and how a line is refused. */
#ifndef COMPILER_EVENTS_READING_H
#define COMPILER_EVENTS_READING_H

#include <json-c/json.h>
#include <string.h>

#include "compiler/base/arena.h"
#include "compiler/events_json.h"

struct reading {
	struct arena *arena;
	const char **error;
	bool exact;	/* the event has an object "tetra": nothing was left out because it is a default */
};

/* Most keys that are compared differ in their first two bytes. */
static inline bool same_word(const char *a, const char *b)
{
	return a[0] == b[0] && (!a[0] || (a[1] == b[1] && !strcmp(a, b)));
}

/* Nothing is said yet.  Most values are no sockets, whose parts take most of the room: who reads one clears them. */
static inline void clear_value(struct event_value *ret)
{
	ret->state = EVENT_ABSENT;
	ret->cut = EVENT_WHOLE;
	ret->has_number = false;
	ret->number = 0;
	ret->bytes = NULL;
	ret->length = 0;
}

static inline void clear_kin(struct event_kin *ret)
{
	clear_value(&ret->binary);
	ret->pid = ret->namespace_pid = (struct event_fact){ 0 };
}

static inline uint64_t word_at(const char *bytes)
{
	uint64_t word;

	memcpy(&word, bytes, sizeof(word));
	return word;
}

/* Most names are of 8 to 24 bytes, which three words cover that may overlap. */
static inline bool same_bytes(const char *a, const char *b, size_t length)
{
	const size_t last = length - sizeof(uint64_t);
	const size_t middle = last < sizeof(uint64_t) ? last : sizeof(uint64_t);

	if (last > 2 * sizeof(uint64_t))
		return !memcmp(a, b, length);
	return !((word_at(a) ^ word_at(b)) | (word_at(a + middle) ^ word_at(b + middle)) |
		 (word_at(a + last) ^ word_at(b + last)));
}

/*
 * One of the words, by its position; -1: there is none.  Words mostly come in order: the search begins at *next, and leaves it
 * behind what was found.
 */
int search_word(const char *const *words, size_t count, const char *word, size_t *next);

/* Of words that come in order the first look is at the right one. */
static inline int find_word(const char *const *words, size_t count, const char *word, size_t *next)
{
	if (*next < count && same_word(words[*next], word))
		return (int)(*next)++;
	return search_word(words, count, word, next);
}

/* Sets *error; returns -EINVAL. */
int refuse(struct reading *reading, const char *error);

/* NULL when `object` is none, or has no such member. */
struct json_object *member(struct json_object *object, const char *key);

/* Members by several keys, of an object that has many, in one walk; NULL for what is not there. */
void members(struct json_object *object, const char *const *keys, size_t count, struct json_object **ret);

/* What lives as long as `value`; NULL when it is no string. */
const char *peek_text(struct json_object *value);

/* Copies; NULL when it is missing or no string. */
const char *member_text(struct reading *reading, struct json_object *object, const char *key);
char *copy_text(struct reading *reading, struct json_object *value, size_t *length);

/* Numbers, and 64-bit numbers, which are strings of decimal digits. */
bool read_number(struct json_object *value, uint64_t *ret);

/* Of an object whose `key` may be missing, which is 0; false when it is not a number up to `most`. */
bool member_number(struct json_object *object, const char *key, uint64_t most, uint64_t *ret);

/*
 * A text as bytes.  U+FFFD stands where bytes were that are not UTF-8: they and all behind them are not known.
 */
bool read_bytes(struct reading *reading, struct json_object *value, struct event_value *ret);

/* argument.c: what an element of `args` or `data`, or `return`, says; kinds of values that this tetra does not know stay absent. */
int read_argument(struct reading *reading, struct json_object *object, struct event_argument *ret);

/* socket.c: sock_arg, skb_arg, sockaddr_arg and sockaddrun_arg. */
bool value_sock(struct reading *reading, struct json_object *value, struct event_value *ret);
bool value_skb(struct reading *reading, struct json_object *value, struct event_value *ret);
bool value_sockaddr(struct reading *reading, struct json_object *value, struct event_value *ret);
bool value_unix(struct reading *reading, struct json_object *value, struct event_value *ret);
/* A name that tetra.unknown of an argument lists. */
void forget_part(struct event_value *value, const char *name);

/* process.c: members of the body, each of which may be NULL; then what only `tetra` of the event says. */
int read_processes(struct reading *reading, struct json_object *process, struct json_object *parent,
		   struct json_object *ancestors, struct event_sample *ret);
int read_facts(struct reading *reading, struct json_object *facts, struct event_sample *ret);

/* workload.c: `pod` of a process, and what `tetra` says of it. */
int read_pod(struct reading *reading, struct json_object *pod, struct event_workload *ret);
int read_whereabouts(struct reading *reading, struct json_object *facts, struct event_workload *ret);

#endif
