// SPDX-License-Identifier: Apache-2.0
/* event_values.c - see event_values.h. */
#include "runtime/event_values.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "runtime/event_structures.h"
#include "schema/names.h"

#define COMPAT_SYSCALL	(1ull << 31)	/* the 32-bit ABI's: see ABI_LOAD_SYSCALL64 */

/* ---- Pieces ---- */

void base64_add(struct buffer *out, const void *bytes, size_t length)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const uint8_t *at = bytes;

	for (; length > 0; at += 3, length -= length < 3 ? length : 3) {
		const uint32_t three = (uint32_t)at[0] << 16 | (length > 1 ? at[1] : 0u) << 8 | (length > 2 ? at[2] : 0u);

		buffer_add_char(out, digits[three >> 18]);
		buffer_add_char(out, digits[three >> 12 & 63]);
		buffer_add_char(out, length > 1 ? digits[three >> 6 & 63] : '=');
		buffer_add_char(out, length > 2 ? digits[three & 63] : '=');
	}
}

static bool is_known(const struct abi_socket *socket, enum abi_part part)
{
	return socket->known >> part & 1;
}

static void key_number(struct json *json, const char *key, const struct abi_socket *socket, enum abi_part part)
{
	if (is_known(socket, part))
		json_key_number(json, key, (int64_t)socket->parts[part]);
}

/* By its name, or the number when it has none. */
static void key_name(struct json *json, const char *key, const struct abi_socket *socket, enum abi_part part, const char *name)
{
	if (name && is_known(socket, part))
		json_key_string(json, key, name);
	else
		key_number(json, key, socket, part);
}

static bool address_text(const struct abi_socket *socket, enum abi_part part, char text[INET6_ADDRSTRLEN])
{
	return is_known(socket, part) &&
	       inet_ntop((int)socket->parts[ABI_PART_FAMILY], &socket->parts[part], text, INET6_ADDRSTRLEN);
}

static void key_address(struct json *json, const char *key, const struct abi_socket *socket, enum abi_part part)
{
	char text[INET6_ADDRSTRLEN];

	if (address_text(socket, part, text))
		json_key_string(json, key, text);
}

static void key_ends(struct json *json, const struct abi_socket *socket)
{
	key_address(json, "saddr", socket, ABI_PART_SOURCE);
	key_address(json, "daddr", socket, ABI_PART_DESTINATION);
	key_number(json, "sport", socket, ABI_PART_SOURCE_PORT);
	key_number(json, "dport", socket, ABI_PART_DESTINATION_PORT);
}

static void key_base64(struct json *json, const char *key, const struct event_slot *slot)
{
	struct buffer text = { 0 };

	base64_add(&text, slot->bytes, slot->length);
	json_key(json, key);
	json_bytes(json, text.bytes, text.length);
	buffer_release(&text);
}

/* ---- Values ---- */

static void json_sock(struct json *json, const struct event_slot *slot)
{
	const struct abi_socket socket = event_socket(slot);
	char cookie[24];

	json_begin_object(json);
	key_name(json, "family", &socket, ABI_PART_FAMILY, name_of_number(NAMES_FAMILIES, socket.parts[ABI_PART_FAMILY]));
	key_name(json, "type", &socket, ABI_PART_TYPE, name_of_number(NAMES_SOCKET_TYPES, socket.parts[ABI_PART_TYPE]));
	key_name(json, "protocol", &socket, ABI_PART_PROTOCOL, name_of_number(NAMES_PROTOCOLS, socket.parts[ABI_PART_PROTOCOL]));
	key_number(json, "mark", &socket, ABI_PART_MARK);
	key_number(json, "priority", &socket, ABI_PART_PRIORITY);
	key_ends(json, &socket);
	snprintf(cookie, sizeof(cookie), "%" PRIu64, (uint64_t)socket.parts[ABI_PART_COOKIE]);
	if (is_known(&socket, ABI_PART_COOKIE))
		json_key_string(json, "cookie", cookie);
	key_name(json, "state", &socket, ABI_PART_STATE, name_of_number(NAMES_TCP_STATES, socket.parts[ABI_PART_STATE]));
	json_end_object(json);
}

static void json_packet(struct json *json, const struct event_slot *slot)
{
	const struct abi_socket socket = event_socket(slot);

	json_begin_object(json);
	key_number(json, "hash", &socket, ABI_PART_HASH);
	key_number(json, "len", &socket, ABI_PART_LENGTH);
	key_number(json, "priority", &socket, ABI_PART_PRIORITY);
	key_number(json, "mark", &socket, ABI_PART_MARK);
	key_ends(json, &socket);
	key_number(json, "proto", &socket, ABI_PART_PROTOCOL);
	key_name(json, "protocol", &socket, ABI_PART_PROTOCOL, name_of_number(NAMES_PROTOCOLS, socket.parts[ABI_PART_PROTOCOL]));
	key_name(json, "family", &socket, ABI_PART_FAMILY, name_of_number(NAMES_FAMILIES, socket.parts[ABI_PART_FAMILY]));
	json_end_object(json);
}

/* The path of a Unix socket; of an abstract name, @ stands for its first zero and the others are left out. */
static void add_unix_path(struct buffer *out, const struct event_slot *slot)
{
	if (slot->length && !slot->bytes[0])
		buffer_add_char(out, '@');
	for (size_t n = 0; n < slot->length; n++)
		if (slot->bytes[n])
			buffer_add_char(out, (char)slot->bytes[n]);
}

static void json_unix(struct json *json, const struct event_slot *slot)
{
	const char *family = name_of_number(NAMES_FAMILIES, slot->value);
	struct buffer path = { 0 };

	json_begin_object(json);
	if (family)
		json_key_string(json, "family", family);
	else
		json_key_number(json, "family", (int64_t)slot->value);
	add_unix_path(&path, slot);
	if (path.length) {
		json_key(json, "path");
		json_bytes(json, path.bytes, path.length);
	}
	json_end_object(json);
	buffer_release(&path);
}

static void json_base64(struct json *json, const struct event_slot *slot)
{
	struct buffer text = { 0 };

	if (slot->state == ABI_SLOT_CUT) {
		char size[24];

		snprintf(size, sizeof(size), "%" PRIu64, slot->value);	/* 0: nobody knows */
		json_begin_object(json);
		key_base64(json, "bytes_arg", slot);
		if (slot->value)
			json_key_string(json, "orig_size", size);
		json_end_object(json);
		return;
	}
	base64_add(&text, slot->bytes, slot->length);
	json_bytes(json, text.bytes ? text.bytes : "", text.length);
	buffer_release(&text);
}

static void json_syscall(struct json *json, const struct event_slot *slot)
{
	const bool is_compat = slot->value & COMPAT_SYSCALL;
#if defined(__aarch64__)
	const char *abi = is_compat ? "arm32" : "arm64";
#else
	const char *abi = is_compat ? "i386" : "x64";
#endif

	json_begin_object(json);
	json_key_number(json, "id", (int64_t)(slot->value & ~COMPAT_SYSCALL));
	json_key_string(json, "abi", abi);
	json_end_object(json);
}

static void json_capability(struct json *json, const struct event_slot *slot)
{
	const char *name = name_of_number(NAMES_CAPABILITIES, slot->value);

	json_begin_object(json);
	json_key_number(json, "value", (int64_t)slot->value);
	if (name)
		json_key_string(json, "name", name);
	json_end_object(json);
}

static void json_capabilities(struct json *json, const struct event_slot *slot)
{
	char text[24];

	snprintf(text, sizeof(text), "%016" PRIx64, slot->value);
	json_string(json, text);
}

static void json_command(struct json *json, const struct event_slot *slot)
{
	const char *name = name_of_number(NAMES_BPF_COMMANDS, slot->value);

	if (name)
		json_string(json, name);
	else
		json_number(json, (int64_t)slot->value);
}

static void json_text(struct json *json, const struct event_slot *slot)
{
	json_bytes(json, slot->bytes, slot->length);
}

const char *event_missing_name(const struct event_slot *slot)
{
	static const char *const names[] = {
		[EVENT_MISSING_NOTHING] = NULL, [EVENT_MISSING_UNREADABLE] = "unreadable", [EVENT_MISSING_LOST] = "lost",
	};

	return names[slot->missing];
}

/* ---- Lines for people ---- */

static void add_end(struct buffer *out, const struct abi_socket *socket, enum abi_part address, enum abi_part port)
{
	char text[INET6_ADDRSTRLEN];

	if (!address_text(socket, address, text))
		buffer_add_char(out, '?');
	else
		buffer_format(out, socket->parts[ABI_PART_FAMILY] == AF_INET6 ? "[%s]" : "%s", text);
	if (is_known(socket, port))
		buffer_format(out, ":%" PRIu64, (uint64_t)socket->parts[port]);
}

static void add_socket(struct buffer *out, const struct event_slot *slot)
{
	const struct abi_socket socket = event_socket(slot);
	const char *family = name_of_number(NAMES_FAMILIES, socket.parts[ABI_PART_FAMILY]);

	if (!is_known(&socket, ABI_PART_SOURCE)) {
		buffer_add_text(out, family && is_known(&socket, ABI_PART_FAMILY) ? family : "socket");
		return;
	}
	add_end(out, &socket, ABI_PART_SOURCE, ABI_PART_SOURCE_PORT);
	buffer_add_text(out, " -> ");
	add_end(out, &socket, ABI_PART_DESTINATION, ABI_PART_DESTINATION_PORT);
}

static void add_size(struct buffer *out, const struct event_slot *slot)
{
	const char *missing = event_missing_name(slot);

	buffer_format(out, "%" PRIu64 " bytes", slot->state == ABI_SLOT_CUT && slot->value ? slot->value : (uint64_t)slot->length);
	if (missing)
		buffer_format(out, " (%s from byte %zu on)", missing, slot->length);
}

size_t event_value_words(enum type_id type, const struct event_slot *slot)
{
	return type_rows[type].load == ABI_LOAD_CONST_BUF && slot->value == sizeof(uint64_t) && slot->length % sizeof(uint64_t) == 0 ?
		slot->length / sizeof(uint64_t) : 0;
}

uint64_t event_value_word(const struct event_slot *slot, size_t n)
{
	uint64_t word;

	memcpy(&word, slot->bytes + n * sizeof(word), sizeof(word));
	return word;
}

/* Numbers by commas; bytes as a text, up to the first zero, if they are one. */
static void add_array(struct buffer *out, const struct event_slot *slot)
{
	const size_t words = event_value_words(TYPE_CONST_BUF, slot), length = strnlen((const char *)slot->bytes, slot->length);

	for (size_t n = 0; n < words; n++)
		buffer_format(out, "%s%" PRIu64, n ? "," : "", event_value_word(slot, n));
	for (size_t n = 0; !words && n < length; n++)
		if (slot->bytes[n] < ' ' || slot->bytes[n] > '~') {
			add_size(out, slot);
			return;
		}
	if (!words)
		buffer_add(out, slot->bytes, length);
}

static void add_syscall(struct buffer *out, const struct event_slot *slot)
{
	buffer_format(out, "%" PRIu64 "%s", (uint64_t)(slot->value & ~COMPAT_SYSCALL), slot->value & COMPAT_SYSCALL ? "/32-bit" : "");
}

static void add_capability(struct buffer *out, const struct event_slot *slot)
{
	const char *name = name_of_number(NAMES_CAPABILITIES, slot->value);

	if (name)
		buffer_add_text(out, name);
	else
		buffer_format(out, "%" PRId64, (int64_t)slot->value);
}

static void add_capabilities(struct buffer *out, const struct event_slot *slot)
{
	buffer_format(out, "%016" PRIx64, slot->value);
}

static void add_command(struct buffer *out, const struct event_slot *slot)
{
	const char *name = name_of_number(NAMES_BPF_COMMANDS, slot->value);

	if (name)
		buffer_add_text(out, name);
	else
		buffer_format(out, "%" PRId64, (int64_t)slot->value);
}

/* ---- By load ---- */

static const struct value_row {
	void (*json)(struct json *json, const struct event_slot *slot);
	void (*compact)(struct buffer *out, const struct event_slot *slot);	/* NULL: like a path */
} rows[ABI_LOAD_END] = {
	[ABI_LOAD_SOCK] = { json_sock, add_socket }, [ABI_LOAD_SOCKET] = { json_sock, add_socket },
	[ABI_LOAD_SKB] = { json_packet, add_socket }, [ABI_LOAD_SOCKADDR_UN] = { json_unix, add_unix_path },
	[ABI_LOAD_CHAR_BUF] = { json_base64, add_size }, [ABI_LOAD_CHAR_IOVEC] = { json_base64, add_size },
	[ABI_LOAD_IOV_ITER] = { json_base64, add_size }, [ABI_LOAD_CONST_BUF] = { json_base64, add_array }, [ABI_LOAD_SYSCALL64] = { json_syscall, add_syscall },
	[ABI_LOAD_CAPABILITY] = { json_capability, add_capability },
	[ABI_LOAD_CAPABILITIES] = { json_capabilities, add_capabilities },
	[ABI_LOAD_BPF_CMD] = { json_command, add_command },
	[ABI_LOAD_CRED] = { json_cred, add_cred }, [ABI_LOAD_USER_NAMESPACE] = { json_user_namespace, add_user_namespace },
	[ABI_LOAD_MODULE] = { json_module, add_module }, [ABI_LOAD_LOAD_INFO] = { json_module, add_module },
	[ABI_LOAD_BPF_ATTR] = { json_bpf_prog, add_bpf_prog }, [ABI_LOAD_BPF_PROG] = { json_bpf_prog, add_bpf_prog },
	[ABI_LOAD_BPF_MAP] = { json_bpf_map, add_bpf_map }, [ABI_LOAD_PERF_EVENT] = { json_perf_event, add_perf_event },
	[ABI_LOAD_DATA_LOC] = { json_text, NULL }, [ABI_LOAD_NET_DEVICE] = { json_text, NULL },
};

const char *event_value_key(enum type_id type, const struct event_slot *slot)
{
	if (rows[type_rows[type].load].json == json_base64 && slot->state == ABI_SLOT_CUT)
		return "truncated_bytes_arg";
	return type_rows[type].event;
}

bool event_value_json(struct json *json, enum type_id type, const struct event_slot *slot)
{
	const struct value_row *row = &rows[type_rows[type].load];

	if (row->json)
		row->json(json, slot);
	return row->json;
}

bool event_value_compact(struct buffer *out, enum type_id type, const struct event_slot *slot)
{
	const struct value_row *row = &rows[type_rows[type].load];

	if (row->compact)
		row->compact(out, slot);
	return row->compact;
}
