// SPDX-License-Identifier: Apache-2.0
/* test_value.c - values of arguments as tests write them, by the types that the policy gives them; see test_event.h. */
#include "cmd/test_event.h"

#include <stdio.h>
#include <string.h>

#include "compiler/syntax/scalar.h"

bool short_is_nothing(const struct node *node)
{
	return node->kind == NODE_SCALAR && scalar_read(node).kind == SCALAR_NULL;
}

const struct node *short_find(const struct node *mapping, const char *key)
{
	for (uint32_t n = 0; mapping && mapping->kind == NODE_MAPPING && n < mapping->count; n++)
		if (mapping->pairs[n].key->kind == NODE_SCALAR && node_is_text(mapping->pairs[n].key, key))
			return mapping->pairs[n].value;
	return NULL;
}

/* ---- Values ---- */

void short_text(struct short_event *event, const char *key, const struct node *node, const char *wants)
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
void short_number(struct short_event *event, const char *key, const struct node *node)
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
	short_text(((struct writing *)context)->event, "path", value, "a path");
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
		const struct node *value = parts[n].kind == PART_ADDRESS ? short_find(node, parts[n].name) : NULL;

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
		short_text(event, part->key, value, "a text");
		return;
	}
	if (!test_number(value, &port) || port > UINT16_MAX)
		test_refuse(event->file, value, "a port, up to 65535");
	short_number(event, part->key, value);
}

static void write_unknown_parts(struct short_event *event, const struct node *node, const struct part *parts, size_t count)
{
	json_key(event->json, "tetra");
	json_begin_object(event->json);
	json_key(event->json, "unknown");
	json_begin_array(event->json);
	for (size_t n = 0; n < count; n++)
		if (parts[n].kind == PART_PORT && !short_find(node, parts[n].name))
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
	if (!short_find(node, "family"))
		write_family(event, node, parts, count);
	for (size_t n = 0; n < count; n++)
		if (short_find(node, parts[n].name))
			write_part(event, &parts[n], short_find(node, parts[n].name));
	json_end_object(event->json);
	write_unknown_parts(event, node, parts, count);
}

static void write_unix(struct short_event *event, const char *key, const struct node *node)
{
	const struct node *path = node->kind == NODE_MAPPING ? short_find(node, "path") : node;
	const struct node *family = short_find(node, "family");

	json_key(event->json, key);
	json_begin_object(event->json);
	if (family)
		short_text(event, "family", family, "a family");
	else
		json_key_string(event->json, "family", "AF_UNIX");
	if (path)
		short_text(event, "path", path, "a path, or a mapping with 'path' or 'family'");
	json_end_object(event->json);
}

/* ---- Sets and the like ---- */

uint64_t short_capability(struct short_event *event, const struct node *node)
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
			set |= short_capability(event, node->items[n]);
	else if (!test_number(node, &set))
		test_refuse(event->file, node, "a list of capabilities, or their bits as a number");
	snprintf(text, sizeof(text), "%016llx", (unsigned long long)set);
	json_key_string(event->json, key, text);
}

static void write_capability(struct short_event *event, const char *key, const struct node *node)
{
	uint64_t number = 0;

	if (!test_number(node, &number))
		number = (uint64_t)__builtin_ctzll(short_capability(event, node) | 1ULL << 63);
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
		short_number(event, key, node);
	else
		short_text(event, key, node, "the name of a command, as in BPF_PROG_LOAD");
}

static void write_string(struct short_event *event, const char *key, const struct node *node)
{
	short_text(event, key, node, "a text");
}

static const struct {
	const char *key;
	void (*write)(struct short_event *event, const char *key, const struct node *node);
} forms[] = {
	{ "int_arg", short_number }, { "uint_arg", short_number }, { "long_arg", short_number }, { "size_arg", short_number },
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

/* Nothing (null): not known.  {unreadable: true}: it could not be read. */
static void write_inside(struct short_event *event, const struct ir_argument *argument, const struct node *node)
{
	const char *key = key_of(argument, node);

	if (node->kind == NODE_MAPPING && short_find(node, "unreadable")) {
		json_key(event->json, "error_arg");
		json_begin_object(event->json);
		json_end_object(event->json);
	} else if (!short_is_nothing(node)) {
		for (size_t n = 0; n < ARRAY_SIZE(forms); n++)
			if (!strcmp(forms[n].key, key))
				forms[n].write(event, key, node);
	}
}

void short_value(struct short_event *event, const struct ir_argument *argument, const struct node *node)
{
	json_begin_object(event->json);
	write_inside(event, argument, node);
	json_end_object(event->json);
}

/* ---- Arguments ---- */

/* Several may have an index: the first of them is called by it alone. */
static bool owns_index(const struct ir_argument_list *list, size_t position)
{
	for (size_t n = 0; n < position; n++)
		if (list->items[n].index == list->items[position].index)
			return false;
	return true;
}

static bool is_named(const struct ir_argument_list *list, size_t position, const struct node *key)
{
	const struct ir_argument *argument = &list->items[position];
	char index[16];

	snprintf(index, sizeof(index), "%u", argument->index);
	return (owns_index(list, position) && node_is_text(key, index)) || (argument->label.bytes && node_is_text(key, argument->label.bytes)) ||
		(argument->resolve.bytes && node_is_text(key, argument->resolve.bytes));
}

static const struct node *argument_of(const struct node *values, const struct ir_argument_list *list, size_t position)
{
	if (values->kind == NODE_SEQUENCE)
		return position < values->count ? values->items[position] : NULL;
	for (uint32_t n = 0; n < values->count; n++)
		if (values->pairs[n].key->kind == NODE_SCALAR && is_named(list, position, values->pairs[n].key))
			return values->pairs[n].value;
	return NULL;
}

/* "0, 0 (f_flags)": what there is. */
static void list_arguments(struct short_event *event, const struct ir_argument_list *list)
{
	struct buffer text = { 0 };

	for (size_t n = 0; n < list->count; n++) {
		const struct ir_argument *argument = &list->items[n];

		buffer_add_text(&text, n ? ", " : "");
		if (argument->label.bytes || !owns_index(list, n))
			buffer_add_text(&text, argument->label.bytes ? argument->label.bytes : argument->resolve.bytes);
		else
			buffer_format(&text, "%u", argument->index);
	}
	diag_help(&event->file->diagnostics, list->count ? "there are: %s" : "there are none%s", list->count ? text.bytes : "");
	buffer_release(&text);
}

static bool is_argument(const struct ir_argument_list *list, const struct node *key)
{
	for (size_t n = 0; n < list->count; n++)
		if (is_named(list, n, key))
			return true;
	return false;
}

static void check_values(struct short_event *event, const struct node *values, const struct ir_argument_list *list)
{
	if (values->kind == NODE_SEQUENCE && values->count > list->count)
		diag(&event->file->diagnostics, DIAG_TOO_MANY, node_span(event->file->tree, values),
		     "the policy has %zu of them, not %u", list->count, values->count);
	for (uint32_t n = 0; values->kind == NODE_MAPPING && n < values->count; n++)
		if (values->pairs[n].key->kind != NODE_SCALAR || !is_argument(list, values->pairs[n].key)) {
			diag(&event->file->diagnostics, DIAG_UNKNOWN_KEY, node_span(event->file->tree, values->pairs[n].key),
			     "the policy has no argument of that index or label");
			list_arguments(event, list);
		}
}

/* Each says which it is: policies have them in orders of their own. */
void short_values(struct short_event *event, const char *key, const struct node *values, const struct ir_argument_list *list)
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
		const struct node *value = argument_of(values, list, n);

		if (!value)
			continue;
		json_begin_object(event->json);
		json_key_number(event->json, "index", list->items[n].index);
		json_key_string(event->json, "resolve", list->items[n].resolve.bytes ? list->items[n].resolve.bytes : "");
		write_inside(event, &list->items[n], value);
		json_end_object(event->json);
	}
	json_end_array(event->json);
}
