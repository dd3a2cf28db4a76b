// SPDX-License-Identifier: Apache-2.0
/*
 * test_event.c - an event in its short form to the line of JSON that it is short for; see test.h and docs/testing.md.
 *
 * Values are written by the types that the policy gives its arguments.  What is not said is not known.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cmd/test.h"
#include "compiler/base/json.h"
#include "compiler/syntax/scalar.h"

#define ARRAY_SIZE(array)	(sizeof(array) / sizeof((array)[0]))
#define SHOW(node) (int)((node)->count < NEAREST_NAME_MAX ? (node)->count : NEAREST_NAME_MAX), (node)->text

struct short_event {
	struct test_file *file;
	struct simulation *simulation;
	struct json *json;
	const struct node *at;
	/* Where it happens. */
	bool is_said;
	enum hook_kind kind;
	const char *name, *subsystem, *path, *provider;
	const struct ir_hook *hook;
	const char *policy;
	/* What it carries. */
	const struct node *arguments, *data, *returned, *process;
};

static bool is_nothing(const struct node *node)
{
	return node->kind == NODE_SCALAR && scalar_read(node).kind == SCALAR_NULL;
}

static const struct node *find(const struct node *mapping, const char *key)
{
	for (uint32_t n = 0; mapping && mapping->kind == NODE_MAPPING && n < mapping->count; n++)
		if (mapping->pairs[n].key->kind == NODE_SCALAR && node_is_text(mapping->pairs[n].key, key))
			return mapping->pairs[n].value;
	return NULL;
}

/* ---- Values ---- */

static void write_text(struct short_event *event, const char *key, const struct node *node, const char *wants)
{
	json_key(event->json, key);
	if (node->kind == NODE_SCALAR) {
		json_bytes(event->json, node->text, node->count);
		return;
	}
	json_string(event->json, "");
	test_refuse(event->file, node, wants);
}

/* 64-bit numbers are strings in events. */
static void write_number(struct short_event *event, const char *key, const struct node *node)
{
	bool negative = node->kind == NODE_SCALAR && node->count && node->text[0] == '-';
	uint64_t number = 0;

	if (!test_number(node, &number))
		test_refuse(event->file, node, "a whole number");
	json_key(event->json, key);
	if (!strcmp(key, "long_arg") || !strcmp(key, "size_arg")) {
		char text[24];

		snprintf(text, sizeof(text), negative ? "%lld" : "%llu", (long long)number);
		json_string(event->json, text);
	} else if (negative) {
		json_number(event->json, (int64_t)number);
	} else {
		json_unsigned(event->json, number);
	}
}

static void write_bytes(struct short_event *event, const char *key, const struct node *node)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const unsigned char *bytes = (const unsigned char *)node->text;
	struct buffer text = { 0 };

	if (node->kind != NODE_SCALAR) {
		test_refuse(event->file, node, "the bytes, as text");
		return;
	}
	for (uint32_t n = 0; n < node->count; n += 3) {
		const uint32_t left = node->count - n;
		const uint32_t three = (uint32_t)bytes[n] << 16 | (left > 1 ? (uint32_t)bytes[n + 1] << 8 : 0) |
				       (left > 2 ? bytes[n + 2] : 0);

		buffer_add_char(&text, digits[three >> 18]);
		buffer_add_char(&text, digits[three >> 12 & 63]);
		buffer_add_char(&text, left > 1 ? digits[three >> 6 & 63] : '=');
		buffer_add_char(&text, left > 2 ? digits[three & 63] : '=');
	}
	json_key(event->json, key);
	json_bytes(event->json, text.bytes ? text.bytes : "", text.length);
	buffer_release(&text);
}

/* ---- Files ---- */

struct writing { struct short_event *event; const struct node *cut, *type, *mode; };

static void file_path(void *context, const struct node *value)
{
	write_text(((struct writing *)context)->event, "path", value, "a path");
}

static void file_cut(void *context, const struct node *value)
{
	struct writing *writing = context;

	if (value->kind == NODE_SCALAR && (node_is_text(value, "end") || node_is_text(value, "front")))
		writing->cut = value;
	else
		test_refuse(writing->event->file, value, "end or front: where the path was cut off");
}

static void file_type(void *context, const struct node *value)
{
	struct writing *writing = context;

	if (value->kind == NODE_SCALAR && name_find(NAMES_FILE_TYPES, value->text, value->count))
		writing->type = value;
	else
		test_refuse(writing->event->file, value, "a type of file: reg, dir, lnk, sock, fifo, blk or chr");
}

static void file_mode(void *context, const struct node *value)
{
	struct writing *writing = context;
	uint64_t mode;

	if (test_number(value, &mode) && mode <= 07777)
		writing->mode = value;
	else
		test_refuse(writing->event->file, value, "permissions, as in 0644");
}

static void write_file_facts(struct writing *writing)
{
	struct json *json = writing->event->json;
	uint64_t mode = 0;

	if (!writing->cut && !writing->type)
		return;
	json_key(json, "tetra");
	json_begin_object(json);
	if (writing->cut) {
		json_key(json, "cut");
		json_bytes(json, writing->cut->text, writing->cut->count);
	}
	if (writing->type) {
		if (writing->mode)
			test_number(writing->mode, &mode);
		json_key_number(json, "mode", (int64_t)(name_find(NAMES_FILE_TYPES, writing->type->text,
								  writing->type->count)->number | mode));
	}
	json_end_object(json);
}

static void write_file(struct short_event *event, const char *key, const struct node *node)
{
	static const struct test_key keys[] = {
		{ "path", file_path }, { "cut", file_cut }, { "type", file_type }, { "mode", file_mode },
	};
	struct writing writing = { .event = event };

	json_key(event->json, key);
	json_begin_object(event->json);
	if (node->kind == NODE_SCALAR)
		file_path(&writing, node);
	else
		test_read_mapping(event->file, node, "a path, or a mapping with 'path'", keys, ARRAY_SIZE(keys), &writing);
	json_end_object(event->json);
	write_file_facts(&writing);
}

/* ---- Sockets ---- */

/* Parts as tests name them, and as events do. */
struct part { const char *name, *key; enum part_kind { PART_ADDRESS, PART_PORT, PART_NAME, PART_FAMILY } kind; };
static const struct part address_parts[] = {
	{ "family", "family", PART_FAMILY }, { "address", "addr", PART_ADDRESS }, { "port", "port", PART_PORT },
};
static const struct part socket_parts[] = {
	{ "family", "family", PART_FAMILY }, { "source", "saddr", PART_ADDRESS }, { "source_port", "sport", PART_PORT },
	{ "destination", "daddr", PART_ADDRESS }, { "destination_port", "dport", PART_PORT },
	{ "protocol", "protocol", PART_NAME }, { "state", "state", PART_NAME }, { "type", "type", PART_NAME },
};

static void refuse_parts(struct short_event *event, const struct node *node, const struct part *parts, size_t count)
{
	for (uint32_t i = 0; i < node->count; i++) {
		size_t n = 0;

		if (node->pairs[i].key->kind != NODE_SCALAR) {
			test_refuse(event->file, node->pairs[i].key, "a word");
			continue;
		}
		while (n < count && !node_is_text(node->pairs[i].key, parts[n].name))
			n++;
		if (n < count)
			continue;
		diag(&event->file->diagnostics, DIAG_UNKNOWN_KEY, node_span(event->file->tree, node->pairs[i].key),
		     "there is no key '%.*s' here", SHOW(node->pairs[i].key));
		diag_help(&event->file->diagnostics, count == ARRAY_SIZE(address_parts) ? "keys here: family, address, port" :
			  "keys here: family, source, source_port, destination, destination_port, protocol, state, type");
	}
}

/* An address says which family it is of. */
static void write_family(struct short_event *event, const struct node *node, const struct part *parts, size_t count)
{
	for (size_t n = 0; n < count; n++) {
		const struct node *value = parts[n].kind == PART_ADDRESS ? find(node, parts[n].name) : NULL;

		if (value && value->kind == NODE_SCALAR) {
			json_key_string(event->json, "family", memchr(value->text, ':', value->count) ? "AF_INET6" : "AF_INET");
			return;
		}
	}
}

static void write_part(struct short_event *event, const struct part *part, const struct node *value)
{
	uint64_t port;

	if (part->kind != PART_PORT) {
		write_text(event, part->key, value, "a text");
		return;
	}
	if (!test_number(value, &port) || port > UINT16_MAX)
		test_refuse(event->file, value, "a port, up to 65535");
	write_number(event, part->key, value);
}

static void write_unknown_parts(struct short_event *event, const struct node *node, const struct part *parts, size_t count)
{
	json_key(event->json, "tetra");
	json_begin_object(event->json);
	json_key(event->json, "unknown");
	json_begin_array(event->json);
	for (size_t n = 0; n < count; n++)
		if (parts[n].kind == PART_PORT && !find(node, parts[n].name))
			json_string(event->json, parts[n].key);
	json_end_array(event->json);
	json_end_object(event->json);
}

static void write_socket(struct short_event *event, const char *key, const struct node *node)
{
	const bool is_address = !strcmp(key, "sockaddr_arg");
	const struct part *parts = is_address ? address_parts : socket_parts;
	const size_t count = is_address ? ARRAY_SIZE(address_parts) : ARRAY_SIZE(socket_parts);

	if (node->kind != NODE_MAPPING) {
		test_refuse(event->file, node, is_address ? "a mapping, as in {address: 10.0.0.1, port: 443}" :
			    "a mapping, as in {destination: 10.0.0.1, destination_port: 443}");
		return;
	}
	refuse_parts(event, node, parts, count);
	json_key(event->json, key);
	json_begin_object(event->json);
	if (!find(node, "family"))
		write_family(event, node, parts, count);
	for (size_t n = 0; n < count; n++)
		if (find(node, parts[n].name))
			write_part(event, &parts[n], find(node, parts[n].name));
	json_end_object(event->json);
	write_unknown_parts(event, node, parts, count);
}

static void write_unix(struct short_event *event, const char *key, const struct node *node)
{
	const struct node *path = node->kind == NODE_MAPPING ? find(node, "path") : node;
	const struct node *family = find(node, "family");

	json_key(event->json, key);
	json_begin_object(event->json);
	if (family)
		write_text(event, "family", family, "a family");
	else
		json_key_string(event->json, "family", "AF_UNIX");
	if (path)
		write_text(event, "path", path, "a path, or a mapping with 'path' or 'family'");
	json_end_object(event->json);
}

/* ---- Sets and the like ---- */

static uint64_t capability_bit(struct short_event *event, const struct node *node)
{
	const struct named *named = node->kind == NODE_SCALAR ? name_find(NAMES_CAPABILITIES, node->text, node->count) : NULL;

	if (!named)
		test_refuse(event->file, node, "the name of a capability, as in CAP_SYS_ADMIN");
	return named ? 1ULL << named->number : 0;
}

static void write_set(struct short_event *event, const char *key, const struct node *node)
{
	uint64_t set = 0;
	char text[24];

	if (node->kind == NODE_SEQUENCE)
		for (uint32_t n = 0; n < node->count; n++)
			set |= capability_bit(event, node->items[n]);
	else if (!test_number(node, &set))
		test_refuse(event->file, node, "a list of capabilities, or their bits as a number");
	snprintf(text, sizeof(text), "%016llx", (unsigned long long)set);
	json_key_string(event->json, key, text);
}

static void write_capability(struct short_event *event, const char *key, const struct node *node)
{
	uint64_t number = 0;

	if (!test_number(node, &number))
		number = (uint64_t)__builtin_ctzll(capability_bit(event, node) | 1ULL << 63);
	json_key(event->json, key);
	json_begin_object(event->json);
	json_key_number(event->json, "value", (int64_t)number);
	json_end_object(event->json);
}

/* Bit 31 of the number is set for the 32-bit ABI. */
static void write_syscall(struct short_event *event, const char *key, const struct node *node)
{
	uint64_t number = 0;

	if (!test_number(node, &number) || number > UINT32_MAX)
		test_refuse(event->file, node, "the number of a system call");
	json_key(event->json, key);
	json_begin_object(event->json);
	json_key_number(event->json, "id", (int64_t)(number & 0x7fffffff));
	json_key_string(event->json, "abi", number >> 31 ? "i386" : "x64");
	json_end_object(event->json);
}

/* No filter looks into it: that it could be read is all. */
static void write_structure(struct short_event *event, const char *key, const struct node *node)
{
	(void)node;
	json_key(event->json, key);
	json_begin_object(event->json);
	json_end_object(event->json);
}

static void write_command(struct short_event *event, const char *key, const struct node *node)
{
	uint64_t number;

	if (test_number(node, &number))
		write_number(event, key, node);
	else
		write_text(event, key, node, "the name of a command, as in BPF_PROG_LOAD");
}

static void write_string(struct short_event *event, const char *key, const struct node *node)
{
	write_text(event, key, node, "a text");
}

static const struct {
	const char *key;
	void (*write)(struct short_event *event, const char *key, const struct node *node);
} forms[] = {
	{ "int_arg", write_number }, { "uint_arg", write_number }, { "long_arg", write_number }, { "size_arg", write_number },
	{ "string_arg", write_string }, { "bytes_arg", write_bytes }, { "file_arg", write_file }, { "path_arg", write_file },
	{ "linux_binprm_arg", write_file }, { "sock_arg", write_socket }, { "skb_arg", write_socket },
	{ "sockaddr_arg", write_socket }, { "sockaddrun_arg", write_unix }, { "kernel_cap_t_arg", write_set },
	{ "cap_inheritable_arg", write_set }, { "cap_permitted_arg", write_set }, { "cap_effective_arg", write_set },
	{ "capability_arg", write_capability }, { "syscall_id", write_syscall }, { "bpf_cmd_arg", write_command },
	{ "process_credentials_arg", write_structure }, { "user_ns_arg", write_structure }, { "module_arg", write_structure },
	{ "bpf_attr_arg", write_structure }, { "bpf_prog_arg", write_structure }, { "bpf_map_arg", write_structure },
	{ "perf_event_arg", write_structure },
};

/* Of a type that the record has, a number or a text as it is written. */
static const char *key_of(const struct ir_argument *argument, const struct node *node)
{
	uint64_t number;

	if (argument->type != TYPE_AUTO)
		return type_rows[argument->type].event;
	return test_number(node, &number) ? "long_arg" : "string_arg";
}

/* The element of `args`, `data` or `return`.  Nothing (null): not known.  {unreadable: true}: it could not be read. */
static void write_value(struct short_event *event, const struct ir_argument *argument, const struct node *node)
{
	const char *key = key_of(argument, node);

	json_begin_object(event->json);
	if (node->kind == NODE_MAPPING && find(node, "unreadable")) {
		json_key(event->json, "error_arg");
		json_begin_object(event->json);
		json_end_object(event->json);
	} else if (!is_nothing(node)) {
		for (size_t n = 0; n < ARRAY_SIZE(forms); n++)
			if (!strcmp(forms[n].key, key))
				forms[n].write(event, key, node);
	}
	json_end_object(event->json);
}

/* ---- Arguments ---- */

static const struct node *argument_of(const struct node *values, const struct ir_argument *argument, size_t position)
{
	char index[16];

	if (values->kind == NODE_SEQUENCE)
		return position < values->count ? values->items[position] : NULL;
	snprintf(index, sizeof(index), "%u", argument->index);
	if (find(values, index))
		return find(values, index);
	return argument->label.bytes ? find(values, argument->label.bytes) : NULL;
}

static bool is_argument(const struct ir_argument_list *list, const struct node *key)
{
	for (size_t n = 0; n < list->count; n++) {
		char index[16];

		snprintf(index, sizeof(index), "%u", list->items[n].index);
		if (node_is_text(key, index) || (list->items[n].label.bytes && node_is_text(key, list->items[n].label.bytes)))
			return true;
	}
	return false;
}

static void check_values(struct short_event *event, const struct node *values, const struct ir_argument_list *list)
{
	if (values->kind == NODE_SEQUENCE && values->count > list->count)
		diag(&event->file->diagnostics, DIAG_TOO_MANY, node_span(event->file->tree, values),
		     "the policy has %zu of them, not %u", list->count, values->count);
	for (uint32_t n = 0; values->kind == NODE_MAPPING && n < values->count; n++)
		if (values->pairs[n].key->kind != NODE_SCALAR || !is_argument(list, values->pairs[n].key))
			diag(&event->file->diagnostics, DIAG_UNKNOWN_KEY, node_span(event->file->tree, values->pairs[n].key),
			     "the policy has no argument of that index or label");
}

static void write_values(struct short_event *event, const char *key, const struct node *values,
			 const struct ir_argument_list *list)
{
	if (!values)
		return;
	if (values->kind == NODE_SCALAR) {
		test_refuse(event->file, values, "a list in the order of the policy, or a mapping by index or label");
		return;
	}
	check_values(event, values, list);
	json_key(event->json, key);
	json_begin_array(event->json);
	for (size_t n = 0; n < list->count; n++) {
		const struct node *value = argument_of(values, &list->items[n], n);

		if (value) {
			write_value(event, &list->items[n], value);
		} else {
			json_begin_object(event->json);
			json_end_object(event->json);
		}
	}
	json_end_array(event->json);
}

/* ---- The process ---- */

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
	write_text(context, "binary", value, "a path");
}

static void process_pid(void *context, const struct node *value)
{
	write_number(context, "pid", value);
}

/* A path, or a mapping. */
static void write_relative(struct short_event *event, const struct node *node)
{
	static const struct test_key keys[] = { { "binary", process_binary }, { "pid", process_pid } };

	json_begin_object(event->json);
	if (node->kind == NODE_SCALAR && !is_nothing(node))
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
			capability_bit(event, list->items[c]);
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
	write_text(context, "namespace", value, "a name");
}

static void pod_container(void *context, const struct node *value)
{
	struct short_event *event = context;

	json_key(event->json, "container");
	json_begin_object(event->json);
	write_text(event, "name", value, "the name of the container");
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
			write_text(event, key, value->pairs[n].value, "the value of a label");
	}
	json_end_object(event->json);
}

static void pass(void *context, const struct node *value)
{
	(void)context;
	(void)value;
}

static void process_pod(void *context, const struct node *value)
{
	static const struct test_key keys[] = {
		{ "namespace", pod_namespace }, { "container", pod_container }, { "labels", pod_labels }, { "repository", pass },
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
	{ "binary", process_binary }, { "pid", process_pid }, { "namespaces", process_namespaces },
	{ "capabilities", process_capabilities }, { "pod", process_pod }, { "parent", pass }, { "ancestors", pass },
	{ "ancestors_complete", pass }, { "namespace_pid", pass }, { "namespace_changes", pass },
	{ "capability_changes", pass }, { "host", pass },
};

static void write_relatives(struct short_event *event)
{
	const struct node *parent = find(event->process, "parent"), *ancestors = find(event->process, "ancestors");

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

static void write_facts(struct short_event *event)
{
	const struct node *process = event->process, *value;

	json_key(event->json, "tetra");
	json_begin_object(event->json);
	if ((value = find(process, "namespace_pid")))
		write_number(event, "namespace_pid", value);
	if ((value = find(process, "namespace_changes")))
		write_list_of_texts(event, "namespace_changes", value, "a list of namespaces, as in [Net, Mnt]");
	if ((value = find(process, "capability_changes")))
		write_sets(event, "capability_changes", value);
	if (is_true(event, find(process, "ancestors_complete")))
		json_key_bool(event->json, "ancestors_complete", true);
	if (is_true(event, find(process, "host")))
		json_key_string(event->json, "place", "host");
	if ((value = find(find(process, "pod"), "repository")))
		write_text(event, "container_repo", value, "the name of an image without its tag");
	json_end_object(event->json);
}

/* ---- Where ---- */

static void say(struct short_event *event, enum hook_kind kind, const struct node *value, const char *wants)
{
	if (event->is_said)
		diag(&event->file->diagnostics, DIAG_DUPLICATE_KEY, node_span(event->file->tree, value),
		     "where it happens is said twice");
	event->is_said = true;
	event->kind = kind;
	event->name = test_read_text(event->file, value, wants);
}

static void at_function(void *context, const struct node *value)
{
	say(context, HOOK_KPROBE, value, "the name of a function or system call");
}

static void at_hook(void *context, const struct node *value)
{
	say(context, HOOK_LSM, value, "the name of an LSM hook");
}

static void at_tracepoint(void *context, const struct node *value)
{
	struct short_event *event = context;
	const char *slash;

	say(event, HOOK_TRACEPOINT, value, "SUBSYSTEM/EVENT");
	slash = event->name ? strchr(event->name, '/') : NULL;
	if (!slash) {
		test_refuse(event->file, value, "SUBSYSTEM/EVENT, as in sched/sched_process_exec");
		return;
	}
	event->subsystem = arena_copy(&event->file->arena, event->name, (size_t)(slash - event->name));
	event->name = slash + 1;
}

static void at_symbol(void *context, const struct node *value)
{
	say(context, HOOK_UPROBE, value, "the name of a function of a program");
}

static void at_probe(void *context, const struct node *value)
{
	struct short_event *event = context;

	say(event, HOOK_USDT, value, "PROVIDER:NAME of a static probe");
	if (event->name && !strchr(event->name, ':'))
		test_refuse(event->file, value, "PROVIDER:NAME of a static probe");
}

#define KEEP(name, member) \
	static void keep_##name(void *context, const struct node *value) \
	{ \
		((struct short_event *)context)->member = value; \
	}
KEEP(arguments, arguments)
KEEP(data, data)
KEEP(return, returned)
KEEP(process, process)

static const struct test_key event_keys[] = {
	{ "function", at_function }, { "hook", at_hook }, { "tracepoint", at_tracepoint }, { "symbol", at_symbol },
	{ "probe", at_probe }, { "args", keep_arguments }, { "data", keep_data }, { "return", keep_return },
	{ "process", keep_process },
};

/* The hook that the first policy watches there. */
static void keep_hook(void *context, const struct verdict *verdict)
{
	struct short_event *event = context;

	if (event->hook)
		return;
	event->hook = verdict->hook;
	event->policy = verdict->ir->name.bytes;
}

static const char *hook_function(const struct ir_hook *hook, struct arena *arena)
{
	if (hook->kind == HOOK_UPROBE && hook->symbols.count)
		return hook->symbols.items[0].bytes;
	if (hook->kind == HOOK_USDT)
		return arena_format(arena, "%s:%s", hook->provider.bytes, hook->name.bytes);
	return hook->names ? hook->names->values.count ? hook->names->values.items[0].bytes : NULL : hook->name.bytes;
}

/* Without a place it is the only one that the policies watch. */
static bool take_only_place(struct short_event *event)
{
	const size_t policies = image_policy_count(event->simulation->image);
	const struct ir_hook *only = NULL;
	size_t count = 0;

	for (size_t p = 0; p < policies; p++)
		for (size_t h = 0; h < event->simulation->policies[p].hooks.count; h++, count++)
			only = &event->simulation->policies[p].hooks.items[h];
	if (count != 1 || (only->names && only->names->values.count != 1)) {
		diag(&event->file->diagnostics, DIAG_MISSING_KEY, node_span(event->file->tree, event->at),
		     "the policy watches several places: the event has to say which, as in 'function: NAME'");
		return false;
	}
	event->kind = only->kind;
	event->name = hook_function(only, &event->file->arena);
	event->subsystem = only->kind == HOOK_UPROBE || only->kind == HOOK_USDT ? only->path.bytes : only->subsystem.bytes;
	return event->name;
}

static bool find_hook(struct short_event *event)
{
	struct event_sample *sample = arena_new(&event->file->arena, struct event_sample);

	if (!event->is_said && !take_only_place(event))
		return false;
	if (!event->name)
		return false;
	*sample = (struct event_sample){ .kind = event->kind, .name = event->name, .subsystem = event->subsystem, .kin_count = 1 };
	simulate(event->simulation, sample, keep_hook, event);
	if (!event->hook)
		diag(&event->file->diagnostics, DIAG_UNKNOWN_VALUE, node_span(event->file->tree, event->at),
		     "the policy does not watch '%s'", event->name);
	return event->hook;
}

/* ---- Events ---- */

static void write_place(struct short_event *event)
{
	const char *colon = event->kind == HOOK_USDT ? strchr(event->name, ':') : NULL;

	if (event->kind == HOOK_TRACEPOINT || event->kind == HOOK_RAW_TRACEPOINT) {
		json_key_string(event->json, "subsys", event->subsystem);
		json_key_string(event->json, "event", event->name);
	} else if (colon) {
		json_key_string(event->json, "provider",
				arena_copy(&event->file->arena, event->name, (size_t)(colon - event->name)));
		json_key_string(event->json, "name", colon + 1);
	} else {
		json_key_string(event->json, event->kind == HOOK_UPROBE ? "symbol" : "function_name", event->name);
	}
	json_key_string(event->json, "policy_name", event->policy);
}

static void write_body(struct short_event *event)
{
	json_key(event->json, hook_rows[event->kind].event);
	json_begin_object(event->json);
	write_place(event);
	json_key(event->json, "process");
	json_begin_object(event->json);
	if (event->process)
		test_read_mapping(event->file, event->process, "a mapping, as in {binary: /usr/bin/cat}", process_keys,
				  ARRAY_SIZE(process_keys), event);
	json_end_object(event->json);
	write_relatives(event);
	write_values(event, "args", event->arguments, &event->hook->arguments);
	write_values(event, "data", event->data, &event->hook->data);
	if (event->returned && event->hook->return_argument) {
		json_key(event->json, "return");
		write_value(event, event->hook->return_argument, event->returned);
	} else if (event->returned) {
		diag(&event->file->diagnostics, DIAG_UNKNOWN_KEY, node_span(event->file->tree, event->returned),
		     "the policy does not report what the function returns");
	}
	json_end_object(event->json);
}

int test_event_line(struct test_file *file, struct simulation *simulation, const struct node *event, struct buffer *ret)
{
	struct json json = { .out = ret, .first = true };
	struct short_event reading = { .file = file, .simulation = simulation, .json = &json, .at = event };

	test_read_mapping(file, event, "a mapping", event_keys, ARRAY_SIZE(event_keys), &reading);
	if (file->diagnostics.errors || !find_hook(&reading))
		return -EINVAL;
	json_begin_object(&json);
	write_body(&reading);
	write_facts(&reading);
	json_end_object(&json);
	return file->diagnostics.errors ? -EINVAL : 0;
}
