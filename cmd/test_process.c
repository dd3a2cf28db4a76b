// SPDX-License-Identifier: Apache-2.0
/* test_process.c - the process of an event as tests write it; see test_event.h. */
#include "cmd/test_event.h"

#include <string.h>

#include "compiler/syntax/scalar.h"

static void write_list_of_texts(struct short_event *event, const char *key, const struct node *node, const char *wants)
{
	json_key(event->json, key);
	json_begin_array(event->json);
	if (node->kind != NODE_SEQUENCE)
		test_refuse(event->file, node, wants);
	for (uint32_t n = 0; node->kind == NODE_SEQUENCE && n < node->count; n++) {
		if (node->items[n]->kind == NODE_SCALAR)
			json_bytes(event->json, node->items[n]->text, node->items[n]->count);
		else
			test_refuse(event->file, node->items[n], wants);
	}
	json_end_array(event->json);
}

static void process_binary(void *context, const struct node *value)
{
	short_text(context, "binary", value, "a path");
}

static void process_pid(void *context, const struct node *value)
{
	short_number(context, "pid", value);
}

/* A path, or a mapping. */
static void write_relative(struct short_event *event, const struct node *node)
{
	static const struct test_key keys[] = { { "binary", process_binary }, { "pid", process_pid } };

	json_begin_object(event->json);
	if (node->kind == NODE_SCALAR && !short_is_nothing(node))
		process_binary(event, node);
	else if (node->kind != NODE_SCALAR)
		test_read_mapping(event->file, node, "a path, or a mapping with 'binary' and 'pid'", keys, ARRAY_SIZE(keys), event);
	json_end_object(event->json);
}

static const char *const namespace_words[] = {
	"Uts", "Ipc", "Mnt", "Pid", "PidForChildren", "Net", "Time", "TimeForChildren", "Cgroup", "User",
};
static const char *const namespace_keys[ARRAY_SIZE(namespace_words)] = {
	"uts", "ipc", "mnt", "pid", "pid_for_children", "net", "time", "time_for_children", "cgroup", "user",
};

static void write_namespace(struct short_event *event, const struct node *key, const struct node *value)
{
	uint64_t inode = 0;
	size_t n = 0;

	while (n < ARRAY_SIZE(namespace_words) && !(key->kind == NODE_SCALAR && node_is_text(key, namespace_words[n])))
		n++;
	if (n == ARRAY_SIZE(namespace_words)) {
		test_refuse(event->file, key, "a namespace: Uts, Ipc, Mnt, Pid, PidForChildren, Net, Time, TimeForChildren, "
					      "Cgroup or User");
		return;
	}
	json_key(event->json, namespace_keys[n]);
	json_begin_object(event->json);
	if (test_number(value, &inode) && inode <= UINT32_MAX)
		json_key_number(event->json, "inum", (int64_t)inode);
	else if (value->kind == NODE_SCALAR && node_is_text(value, "host"))
		json_key_bool(event->json, "is_host", true);
	else
		test_refuse(event->file, value, "the inode number of a namespace that is not the host's, or host");
	json_end_object(event->json);
}

static void process_namespaces(void *context, const struct node *value)
{
	struct short_event *event = context;

	if (value->kind != NODE_MAPPING) {
		test_refuse(event->file, value, "a mapping, as in {Net: host, Mnt: 4026532000}");
		return;
	}
	json_key(event->json, "ns");
	json_begin_object(event->json);
	for (uint32_t n = 0; n < value->count; n++)
		write_namespace(event, value->pairs[n].key, value->pairs[n].value);
	json_end_object(event->json);
}

static void write_sets(struct short_event *event, const char *key, const struct node *value)
{
	static const char *const words[] = { "Effective", "Inheritable", "Permitted" };
	static const char *const keys[] = { "effective", "inheritable", "permitted" };

	if (value->kind != NODE_MAPPING) {
		test_refuse(event->file, value, "a mapping, as in {Effective: [CAP_SYS_ADMIN]}");
		return;
	}
	json_key(event->json, key);
	json_begin_object(event->json);
	for (uint32_t i = 0; i < value->count; i++) {
		const struct node *list = value->pairs[i].value;
		size_t n = 0;

		while (n < ARRAY_SIZE(words) &&
		       !(value->pairs[i].key->kind == NODE_SCALAR && node_is_text(value->pairs[i].key, words[n])))
			n++;
		if (n == ARRAY_SIZE(words)) {
			test_refuse(event->file, value->pairs[i].key, "Effective, Inheritable or Permitted");
			continue;
		}
		for (uint32_t c = 0; list->kind == NODE_SEQUENCE && c < list->count; c++)
			short_capability(event, list->items[c]);
		write_list_of_texts(event, keys[n], list, "a list of capabilities");
	}
	json_end_object(event->json);
}

static void process_capabilities(void *context, const struct node *value)
{
	write_sets(context, "cap", value);
}

static void pod_namespace(void *context, const struct node *value)
{
	short_text(context, "namespace", value, "a name");
}

static void pod_container(void *context, const struct node *value)
{
	struct short_event *event = context;

	json_key(event->json, "container");
	json_begin_object(event->json);
	short_text(event, "name", value, "the name of the container");
	json_end_object(event->json);
}

static void pod_labels(void *context, const struct node *value)
{
	struct short_event *event = context;

	json_key(event->json, "pod_labels");
	json_begin_object(event->json);
	if (value->kind != NODE_MAPPING)
		test_refuse(event->file, value, "a mapping of labels");
	for (uint32_t n = 0; value->kind == NODE_MAPPING && n < value->count; n++) {
		const char *key = test_read_text(event->file, value->pairs[n].key, "the name of a label");

		if (key)
			short_text(event, key, value->pairs[n].value, "the value of a label");
	}
	json_end_object(event->json);
}

/* Stands in another place of the event. */
static void process_later(void *context, const struct node *value)
{
	(void)context;
	(void)value;
}
#define pod_later process_later

#define ROWS_OF_test(key, read)
#define ROWS_OF_test_expect(key, read)
#define ROWS_OF_test_event(key, read)

static void process_pod(void *context, const struct node *value)
{
	static const struct test_key keys[] = {
#define ROWS_OF_test_pod(key, read) { key, pod_##read },
#define ROWS_OF_test_process(key, read)
#define TEST_GROUP(...)
#define TEST_FIELD(group, key, read, ...) ROWS_OF_##group(key, read)
#include "schema/test_fields.def"
#undef ROWS_OF_test_pod
#undef ROWS_OF_test_process
	};
	struct short_event *event = context;

	json_key(event->json, "pod");
	json_begin_object(event->json);
	test_read_mapping(event->file, value, "a mapping with 'namespace', 'container', 'repository' and 'labels'", keys,
			  ARRAY_SIZE(keys), event);
	json_end_object(event->json);
}

/* `parent` and `ancestors` stand beside the process in events, and what Tetragon does not say in "tetra". */
static const struct test_key process_keys[] = {
#define ROWS_OF_test_pod(key, read)
#define ROWS_OF_test_process(key, read) { key, process_##read },
#define TEST_GROUP(...)
#define TEST_FIELD(group, key, read, ...) ROWS_OF_##group(key, read)
#include "schema/test_fields.def"
};

void short_relatives(struct short_event *event)
{
	const struct node *parent = short_find(event->process, "parent"), *ancestors = short_find(event->process, "ancestors");

	if (parent) {
		json_key(event->json, "parent");
		write_relative(event, parent);
	}
	if (!ancestors)
		return;
	if (ancestors->kind != NODE_SEQUENCE) {
		test_refuse(event->file, ancestors, "a list: the parent of the parent, and so on");
		return;
	}
	json_key(event->json, "ancestors");
	json_begin_array(event->json);
	for (uint32_t n = 0; n < ancestors->count; n++)
		write_relative(event, ancestors->items[n]);
	json_end_array(event->json);
}

static bool is_true(struct short_event *event, const struct node *node)
{
	struct scalar scalar;

	if (!node)
		return false;
	scalar = node->kind == NODE_SCALAR ? scalar_read(node) : (struct scalar){ .kind = SCALAR_NULL };
	if (scalar.kind != SCALAR_BOOLEAN)
		test_refuse(event->file, node, "true or false");
	return scalar.kind == SCALAR_BOOLEAN && scalar.truth;
}

void short_facts(struct short_event *event)
{
	const struct node *process = event->process, *value;

	json_key(event->json, "tetra");
	json_begin_object(event->json);
	if ((value = short_find(process, "namespace_pid")))
		short_number(event, "namespace_pid", value);
	if ((value = short_find(process, "namespace_changes")))
		write_list_of_texts(event, "namespace_changes", value, "a list of namespaces, as in [Net, Mnt]");
	if ((value = short_find(process, "capability_changes")))
		write_sets(event, "capability_changes", value);
	if (is_true(event, short_find(process, "ancestors_complete")))
		json_key_bool(event->json, "ancestors_complete", true);
	if (is_true(event, short_find(process, "host")))
		json_key_string(event->json, "place", "host");
	if ((value = short_find(short_find(process, "pod"), "repository")))
		short_text(event, "container_repo", value, "the name of an image without its tag");
	json_end_object(event->json);
}

void short_process(struct short_event *event)
{
	json_key(event->json, "process");
	json_begin_object(event->json);
	if (event->process)
		test_read_mapping(event->file, event->process, "a mapping, as in {binary: /usr/bin/cat}", process_keys,
				  ARRAY_SIZE(process_keys), event);
	json_end_object(event->json);
}
