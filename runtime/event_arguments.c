// SPDX-License-Identifier: Apache-2.0
/* event_arguments.c - see event_arguments.h. */
#include "runtime/event_arguments.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/stat.h>

#include "runtime/event_values.h"
#include "schema/names.h"

static void key_permission(struct json *json, uint64_t mode)
{
	static const struct { mode_t type; char letter; } types[] = {
		{ S_IFREG, '-' }, { S_IFDIR, 'd' }, { S_IFLNK, 'l' }, { S_IFCHR, 'c' },
		{ S_IFBLK, 'b' }, { S_IFIFO, 'p' }, { S_IFSOCK, 's' },
	};
	char text[] = "?rwxrwxrwx";

	for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++)
		if ((mode & S_IFMT) == types[i].type)
			text[0] = types[i].letter;
	for (int bit = 0; bit < 9; bit++)
		if (!(mode & (0400u >> bit)))
			text[1 + bit] = '-';
	json_key_string(json, "permission", text);
}

static void json_path(struct json *json, const struct event_slot *slot)
{
	json_begin_object(json);
	if (slot->length) {
		json_key(json, "path");
		json_bytes(json, slot->bytes, slot->length);
	}
	if (slot->state == ABI_SLOT_CUT)
		json_key_string(json, "flags", "unresolvedPathComponents");
	key_permission(json, slot->value);
	json_end_object(json);
}

static void json_sockaddr(struct json *json, const struct event_slot *slot)
{
	const struct abi_socket socket = event_socket(slot);
	const uint64_t family_number = socket.parts[ABI_PART_FAMILY];
	const char *family = name_of_number(NAMES_FAMILIES, family_number);
	char text[INET6_ADDRSTRLEN];

	json_begin_object(json);
	json_key(json, "family");
	if (family)
		json_string(json, family);
	else
		json_number(json, (int64_t)family_number);
	if (socket.known >> ABI_PART_SOURCE & 1 &&
	    inet_ntop((int)family_number, &socket.parts[ABI_PART_SOURCE], text, sizeof(text)))
		json_key_string(json, "addr", text);
	if (socket.parts[ABI_PART_SOURCE_PORT])
		json_key_number(json, "port", (int64_t)socket.parts[ABI_PART_SOURCE_PORT]);
	json_end_object(json);
}

static void json_unsigned_text(struct json *json, uint64_t value)
{
	char text[24];

	snprintf(text, sizeof(text), "%" PRIu64, value);
	json_string(json, text);
}

static void json_signed_text(struct json *json, int64_t value)
{
	char text[24];

	snprintf(text, sizeof(text), "%" PRId64, value);
	json_string(json, text);
}

/* The value in the shape that Tetragon's field for this type has. */
static void json_value(struct json *json, enum type_id type, const struct event_slot *slot)
{
	switch (type_rows[type].load) {
	case ABI_LOAD_U64:
		json_unsigned_text(json, slot->value);
		break;
	case ABI_LOAD_S64:
		json_signed_text(json, (int64_t)slot->value);
		break;
	case ABI_LOAD_STRING:
	case ABI_LOAD_FILENAME:
		json_bytes(json, slot->bytes, slot->length);
		break;
	case ABI_LOAD_FILE:
	case ABI_LOAD_PATH:
	case ABI_LOAD_BINPRM:
	case ABI_LOAD_FD:
	case ABI_LOAD_KIOCB:
	case ABI_LOAD_DENTRY:
		json_path(json, slot);
		break;
	case ABI_LOAD_SOCKADDR:
		json_sockaddr(json, slot);
		break;
	default:	/* integers of up to 32 bits are numbers */
		if (!event_value_json(json, type, slot))
			json_number(json, (int64_t)slot->value);
	}
}

/* Those that have a number besides their bytes: a mode, or a family. */
static bool has_number(uint8_t load)
{
	return load == ABI_LOAD_FILE || load == ABI_LOAD_PATH || load == ABI_LOAD_BINPRM || load == ABI_LOAD_FD ||
	       load == ABI_LOAD_KIOCB || load == ABI_LOAD_DENTRY || load == ABI_LOAD_SOCKADDR_UN;
}

/* A path that has no name (a pipe, a socket) is a value without a path, not a failure. */
static bool slot_has_value(enum type_id type, const struct event_slot *slot)
{
	if (slot->state == ABI_SLOT_READ || slot->state == ABI_SLOT_CUT)
		return true;
	return slot->state == ABI_SLOT_FAULT && slot->value && has_number(type_rows[type].load);
}

static void json_error_argument(struct json *json, const struct event_slot *slot)
{
	const char *text = slot->state == ABI_SLOT_NO_SPACE ? "No space for the value in the event"
			 : slot->state == ABI_SLOT_FAULT    ? "Bad address for basic type"
							    : "Value was not read";

	json_key(json, "error_arg");
	json_begin_object(json);
	json_key_string(json, "message", text);
	json_end_object(json);
}

static void key_label(struct json *json, const struct image_report_argument *argument)
{
	if (argument->label)
		json_key_string(json, "label", argument->label);
}

/* Why there is no more of a long value than what the event has. */
static void key_missing(struct json *json, const struct event_slot *slot)
{
	const char *name = event_missing_name(slot);

	if (!name)
		return;
	json_key(json, "tetra");
	json_begin_object(json);
	json_key_string(json, "missing", name);
	json_end_object(json);
}

/* As Tetragon reports an array of numbers: each is an argument of its own. */
static void json_words(struct json *json, const struct image_report_argument *argument, const struct event_slot *slot)
{
	for (size_t n = 0; n < event_value_words(argument->type, slot); n++) {
		json_begin_object(json);
		json_key(json, "size_arg");
		json_unsigned_text(json, event_value_word(slot, n));
		key_label(json, argument);
		json_end_object(json);
	}
}

void json_argument(struct json *json, const struct image_report_argument *argument,
		   const struct event *event)
{
	struct event_slot slot = { 0 };

	if (event)
		slot = event_slot(event, argument->slot);

	if (argument->type == TYPE_NOP)
		return;
	if (slot_has_value(argument->type, &slot) && event_value_words(argument->type, &slot)) {
		json_words(json, argument, &slot);
		return;
	}
	json_begin_object(json);
	if (slot_has_value(argument->type, &slot)) {
		json_key(json, event_value_key(argument->type, &slot));
		json_value(json, argument->type, &slot);
	} else {
		json_error_argument(json, &slot);
	}
	key_label(json, argument);
	key_missing(json, &slot);
	json_end_object(json);
}
