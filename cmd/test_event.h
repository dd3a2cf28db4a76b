/* SPDX-License-Identifier: Apache-2.0 */
/* test_event.h - what the files share that write events from their short form: test_event.c, test_value.c, test_process.c. */
#ifndef CMD_TEST_EVENT_H
#define CMD_TEST_EVENT_H

#include "cmd/test.h"
#include "compiler/base/json.h"

#define ARRAY_SIZE(array)	(sizeof(array) / sizeof((array)[0]))
#define SHOW(node) (int)((node)->count < NEAREST_NAME_MAX ? (node)->count : NEAREST_NAME_MAX), (node)->text

struct short_event {
	struct test_file *file;
	struct simulation *simulation;
	struct json *json;
	const struct node *at;
	const char *only;		/* the policy that the test is about; NULL: all */
	/* Where it happens. */
	bool is_said;
	enum hook_kind kind;
	const char *name, *subsystem, *path, *provider;
	const struct ir_hook *hook;	/* the first that watches there */
	struct ir_argument_list watched, watched_data;	/* what it reads, and then what the others read beside that */
	const char *policy;
	/* What it carries. */
	const struct node *arguments, *data, *returned, *process;
};

/* The value of a key; NULL when `mapping` is none, or has no such key. */
const struct node *short_find(const struct node *mapping, const char *key);
bool short_is_nothing(const struct node *node);	/* null: not known */

/* Key and value.  What is not as it should be is refused as `wants` says. */
void short_text(struct short_event *event, const char *key, const struct node *node, const char *wants);
void short_number(struct short_event *event, const char *key, const struct node *node);
/* Its bit; 0 when it has been refused. */
uint64_t short_capability(struct short_event *event, const struct node *node);

/* test_value.c: the value of an argument, as `return` has it; and the lists of them, where each says which it is. */
void short_value(struct short_event *event, const struct ir_argument *argument, const struct node *node);
void short_values(struct short_event *event, const char *key, const struct node *values, const struct ir_argument_list *list);

/* test_process.c: `process`, what stands beside it in events, and what only tetra says. */
void short_process(struct short_event *event);
void short_relatives(struct short_event *event);
void short_facts(struct short_event *event);

#endif
