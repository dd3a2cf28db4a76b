// SPDX-License-Identifier: Apache-2.0
/*
 * socket.c - what an event says of sockets, packets and addresses, part by part; see reading.h.
 *
 * Tetragon writes families, protocols and states by name or, where it knows none, as decimal numbers; numbers that are 0 it
 * leaves out.
 */
#include "compiler/events/reading.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "schema/names.h"

enum form { FORM_NAME, FORM_ADDRESS, FORM_PORT, FORM_NUMBER };

/* The family comes first: addresses are read by it. */
struct part_row {
	const char *key;
	enum form form;
	enum abi_part part;
	enum name_set names;	/* NAME */
};
static const struct part_row sock_rows[] = {
	{ "family", FORM_NAME, ABI_PART_FAMILY, NAMES_FAMILIES },
	{ "type", FORM_NAME, ABI_PART_TYPE, NAMES_SOCKET_TYPES },
	{ "protocol", FORM_NAME, ABI_PART_PROTOCOL, NAMES_PROTOCOLS },
	{ "state", FORM_NAME, ABI_PART_STATE, NAMES_TCP_STATES },
	{ "saddr", FORM_ADDRESS, ABI_PART_SOURCE }, { "daddr", FORM_ADDRESS, ABI_PART_DESTINATION },
	{ "sport", FORM_PORT, ABI_PART_SOURCE_PORT }, { "dport", FORM_PORT, ABI_PART_DESTINATION_PORT },
	{ "mark", FORM_NUMBER, ABI_PART_MARK }, { "priority", FORM_NUMBER, ABI_PART_PRIORITY },
	{ "cookie", FORM_NUMBER, ABI_PART_COOKIE },
	{ NULL, FORM_NUMBER, 0 },
};
static const struct part_row skb_rows[] = {
	{ "family", FORM_NAME, ABI_PART_FAMILY, NAMES_FAMILIES },
	{ "protocol", FORM_NAME, ABI_PART_PROTOCOL, NAMES_PROTOCOLS },
	{ "saddr", FORM_ADDRESS, ABI_PART_SOURCE }, { "daddr", FORM_ADDRESS, ABI_PART_DESTINATION },
	{ "sport", FORM_PORT, ABI_PART_SOURCE_PORT }, { "dport", FORM_PORT, ABI_PART_DESTINATION_PORT },
	{ "mark", FORM_NUMBER, ABI_PART_MARK }, { "priority", FORM_NUMBER, ABI_PART_PRIORITY },
	{ "len", FORM_NUMBER, ABI_PART_LENGTH }, { "hash", FORM_NUMBER, ABI_PART_HASH },
	{ NULL, FORM_NUMBER, 0 },
};
/* Of another family than IPv4 and IPv6 there is no address, and no port but one that is said. */
static const struct part_row sockaddr_rows[] = {
	{ "family", FORM_NAME, ABI_PART_FAMILY, NAMES_FAMILIES },
	{ "addr", FORM_ADDRESS, ABI_PART_SOURCE }, { "port", FORM_PORT, ABI_PART_SOURCE_PORT },
	{ NULL, FORM_NUMBER, 0 },
};
static const struct part_row *const all_rows[] = { sock_rows, skb_rows, sockaddr_rows };

static void put_part(struct abi_socket *socket, enum abi_part part, uint64_t value)
{
	socket->parts[part] = value;
	socket->known |= 1ULL << part;
}

static bool is_internet(const struct abi_socket *socket)
{
	return socket->known >> ABI_PART_FAMILY & 1 &&
	       (socket->parts[ABI_PART_FAMILY] == AF_INET || socket->parts[ABI_PART_FAMILY] == AF_INET6);
}

/* What is neither a name that we know nor a number stays unknown. */
static void put_named(struct abi_socket *socket, const struct part_row *row, struct json_object *value)
{
	const struct named *named = json_object_is_type(value, json_type_string) ?
		name_find(row->names, json_object_get_string(value), (size_t)json_object_get_string_len(value)) : NULL;
	uint64_t number;

	if (named)
		put_part(socket, row->part, named->number);
	else if (read_number(value, &number))
		put_part(socket, row->part, number);
}

/* Go writes ::ffff:10.0.0.1 as 10.0.0.1. */
static bool parse_address(int family, const char *text, void *ret)
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };

	if (inet_pton(family, text, ret) == 1)
		return true;
	memcpy(ret, mapped, sizeof(mapped));
	return family == AF_INET6 && inet_pton(AF_INET, text, (uint8_t *)ret + sizeof(mapped)) == 1;
}

/* Of what has no address Tetragon says "invalid IP". */
static bool put_address(struct abi_socket *socket, const struct part_row *row, struct json_object *value)
{
	uint8_t address[16] = { 0 };

	if (!json_object_is_type(value, json_type_string))
		return false;
	if (!is_internet(socket) || !strcmp(json_object_get_string(value), "invalid IP"))
		return true;
	if (!parse_address((int)socket->parts[ABI_PART_FAMILY], json_object_get_string(value), address))
		return false;
	memcpy(&socket->parts[row->part], address, sizeof(address));
	socket->known |= 1ULL << row->part;
	return true;
}

/* False when it is not what it should be.  `value` NULL: left out. */
static bool put_row(struct abi_socket *socket, const struct part_row *row, struct json_object *value)
{
	uint64_t number = 0;

	switch (row->form) {
	case FORM_NAME:
		if (value)
			put_named(socket, row, value);
		return true;
	case FORM_ADDRESS:
		return !value || put_address(socket, row, value);
	default:
		if (value && (!read_number(value, &number) || (row->form == FORM_PORT && number > UINT16_MAX)))
			return false;
		put_part(socket, row->part, number);
		return true;
	}
}

static bool put_rows(const struct part_row *rows, struct json_object *value, struct event_value *ret)
{
	if (ret->state != EVENT_SOCKET)
		ret->socket = (struct abi_socket){ 0 };
	ret->state = EVENT_SOCKET;
	if (!json_object_is_type(value, json_type_object))
		return false;
	for (; rows->key; rows++)
		if (!put_row(&ret->socket, rows, member(value, rows->key)))
			return false;
	return true;
}

bool value_sock(struct reading *reading, struct json_object *value, struct event_value *ret)
{
	(void)reading;
	return put_rows(sock_rows, value, ret);
}

/* `proto` is the number whose name is in `protocol`. */
bool value_skb(struct reading *reading, struct json_object *value, struct event_value *ret)
{
	uint64_t number;

	(void)reading;
	if (!put_rows(skb_rows, value, ret))
		return false;
	if (!(ret->socket.known >> ABI_PART_PROTOCOL & 1) && read_number(member(value, "proto"), &number))
		put_part(&ret->socket, ABI_PART_PROTOCOL, number);
	return true;
}

bool value_sockaddr(struct reading *reading, struct json_object *value, struct event_value *ret)
{
	(void)reading;
	if (!put_rows(sockaddr_rows, value, ret))
		return false;
	if (!is_internet(&ret->socket) && !member(value, "port"))
		ret->socket.known &= 1ULL << ABI_PART_FAMILY;
	return true;
}

/*
 * A path that begins with @ may be an abstract name, of which neither the first byte nor the zeros in it are told: its
 * bytes are not known.  An address of another family has no path.
 */
bool value_unix(struct reading *reading, struct json_object *value, struct event_value *ret)
{
	struct json_object *path = member(value, "path");
	struct abi_socket family = { 0 };

	if (!json_object_is_type(value, json_type_object) || !put_row(&family, sockaddr_rows, member(value, "family")))
		return false;
	ret->has_number = family.known;
	ret->number = family.parts[ABI_PART_FAMILY];
	if (path && !read_bytes(reading, path, ret))
		return false;
	if (!path) {
		ret->state = EVENT_BYTES;
		ret->bytes = "";
	}
	if (!path && family.known && ret->number != AF_UNIX)
		ret->state = EVENT_FAULT;
	else if ((ret->length && ret->bytes[0] == '@') || (!path && !family.known))
		ret->state = EVENT_ABSENT;
	return true;
}

void forget_part(struct event_value *value, const char *name)
{
	if (value->state != EVENT_SOCKET)
		return;
	for (size_t set = 0; set < sizeof(all_rows) / sizeof(*all_rows); set++)
		for (const struct part_row *row = all_rows[set]; row->key; row++)
			if (!strcmp(row->key, name))
				value->socket.known &= ~(1ULL << row->part);
}
