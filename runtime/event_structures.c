// SPDX-License-Identifier: Apache-2.0
/* event_structures.c - see event_structures.h. */
#include "runtime/event_structures.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "schema/names.h"

bool event_structure(const struct event_slot *slot, void *ret, size_t size)
{
	if (slot->length != size)
		return false;
	memcpy(ret, slot->bytes, size);
	return true;
}

static void json_nothing(struct json *json)
{
	json_begin_object(json);
	json_end_object(json);
}

/* ---- Pieces ---- */

static void key_text(struct json *json, const char *key, const char *text, size_t room)
{
	json_key(json, key);
	json_bytes(json, text, strnlen(text, room));
}

static void name_text(enum name_set set, uint64_t number, char ret[48])
{
	const char *name = name_of_number(set, number);

	if (name)
		snprintf(ret, 48, "%s", name);
	else
		snprintf(ret, 48, "%" PRIu64, number);
}

static void key_name(struct json *json, const char *key, enum name_set set, uint64_t number)
{
	char text[48];

	name_text(set, number, text);
	json_key_string(json, key, text);
}

/* Names of the bits that are set; of one without a name its number. */
static void key_bits(struct json *json, const char *key, enum name_set set, uint64_t bits)
{
	char text[48];

	if (!bits)
		return;
	json_key(json, key);
	json_begin_array(json);
	for (unsigned bit = 0; bit < 64; bit++)
		if (bits >> bit & 1) {
			name_text(set, bit, text);
			json_string(json, text);
		}
	json_end_array(json);
}

/* ---- Credentials and namespaces ---- */

static void put_user_namespace(struct json *json, const struct abi_user_namespace *namespace)
{
	json_begin_object(json);
	json_key_number(json, "level", namespace->level);
	json_key_number(json, "uid", namespace->owner);
	json_key_number(json, "gid", namespace->group);
	json_key(json, "ns");
	json_begin_object(json);
	json_key_number(json, "inum", namespace->inum);
	if (namespace->is_host != ABI_ANSWER_UNKNOWN)
		json_key_bool(json, "is_host", namespace->is_host == ABI_ANSWER_YES);
	json_end_object(json);
	json_end_object(json);
}

void json_user_namespace(struct json *json, const struct event_slot *slot)
{
	struct abi_user_namespace namespace;

	if (!event_structure(slot, &namespace, sizeof(namespace))) {
		json_nothing(json);
		return;
	}
	put_user_namespace(json, &namespace);
}

void add_user_namespace(struct buffer *out, const struct event_slot *slot)
{
	struct abi_user_namespace namespace;

	if (!event_structure(slot, &namespace, sizeof(namespace))) {
		buffer_add_char(out, '?');
		return;
	}
	buffer_format(out, "user:[%u]", namespace.inum);
}

void json_cred(struct json *json, const struct event_slot *slot)
{
	struct abi_cred cred;

	if (!event_structure(slot, &cred, sizeof(cred))) {
		json_nothing(json);
		return;
	}
	json_begin_object(json);
	json_key_number(json, "uid", cred.uid);
	json_key_number(json, "gid", cred.gid);
	json_key_number(json, "euid", cred.euid);
	json_key_number(json, "egid", cred.egid);
	json_key_number(json, "suid", cred.suid);
	json_key_number(json, "sgid", cred.sgid);
	json_key_number(json, "fsuid", cred.fsuid);
	json_key_number(json, "fsgid", cred.fsgid);
	key_bits(json, "securebits", NAMES_SECUREBITS, cred.securebits);
	json_key(json, "caps");
	json_begin_object(json);
	key_bits(json, "permitted", NAMES_CAPABILITIES, cred.capabilities[2]);
	key_bits(json, "effective", NAMES_CAPABILITIES, cred.capabilities[0]);
	key_bits(json, "inheritable", NAMES_CAPABILITIES, cred.capabilities[1]);
	json_end_object(json);
	json_key(json, "user_ns");
	put_user_namespace(json, &cred.user_namespace);
	json_end_object(json);
}

void add_cred(struct buffer *out, const struct event_slot *slot)
{
	struct abi_cred cred;

	if (!event_structure(slot, &cred, sizeof(cred))) {
		buffer_add_char(out, '?');
		return;
	}
	buffer_format(out, "uid %u euid %u gid %u egid %u", cred.uid, cred.euid, cred.gid, cred.egid);
}

/* ---- Modules ---- */

void json_module(struct json *json, const struct event_slot *slot)
{
	struct abi_module module;

	if (!event_structure(slot, &module, sizeof(module))) {
		json_nothing(json);
		return;
	}
	json_begin_object(json);
	key_text(json, "name", module.name, sizeof(module.name));
	if (module.signature_ok != ABI_ANSWER_UNKNOWN)
		json_key_bool(json, "signature_ok", module.signature_ok == ABI_ANSWER_YES);
	key_bits(json, "tainted", NAMES_MODULE_TAINTS, module.taints);
	json_end_object(json);
}

void add_module(struct buffer *out, const struct event_slot *slot)
{
	struct abi_module module;

	if (!event_structure(slot, &module, sizeof(module))) {
		buffer_add_char(out, '?');
		return;
	}
	buffer_add_quoted(out, module.name, strnlen(module.name, sizeof(module.name)));
}

/* ---- BPF ---- */

void json_bpf_prog(struct json *json, const struct event_slot *slot)
{
	struct abi_bpf_prog program;

	if (!event_structure(slot, &program, sizeof(program))) {
		json_nothing(json);
		return;
	}
	json_begin_object(json);
	key_name(json, "ProgType", NAMES_BPF_PROG_TYPES, program.type);
	json_key_number(json, "InsnCnt", program.instructions);
	key_text(json, "ProgName", program.name, sizeof(program.name));
	json_end_object(json);
}

void add_bpf_prog(struct buffer *out, const struct event_slot *slot)
{
	struct abi_bpf_prog program;
	char type[48];

	if (!event_structure(slot, &program, sizeof(program))) {
		buffer_add_char(out, '?');
		return;
	}
	name_text(NAMES_BPF_PROG_TYPES, program.type, type);
	buffer_format(out, "%s ", type);
	buffer_add_quoted(out, program.name, strnlen(program.name, sizeof(program.name)));
	buffer_format(out, " instruction count %u", program.instructions);
}

void json_bpf_map(struct json *json, const struct event_slot *slot)
{
	struct abi_bpf_map map;

	if (!event_structure(slot, &map, sizeof(map))) {
		json_nothing(json);
		return;
	}
	json_begin_object(json);
	key_name(json, "MapType", NAMES_BPF_MAP_TYPES, map.type);
	json_key_number(json, "KeySize", map.key_size);
	json_key_number(json, "ValueSize", map.value_size);
	json_key_number(json, "MaxEntries", map.max_entries);
	key_text(json, "MapName", map.name, sizeof(map.name));
	json_end_object(json);
}

void add_bpf_map(struct buffer *out, const struct event_slot *slot)
{
	struct abi_bpf_map map;
	char type[48];

	if (!event_structure(slot, &map, sizeof(map))) {
		buffer_add_char(out, '?');
		return;
	}
	name_text(NAMES_BPF_MAP_TYPES, map.type, type);
	buffer_format(out, "%s ", type);
	buffer_add_quoted(out, map.name, strnlen(map.name, sizeof(map.name)));
	buffer_format(out, " key size %u value size %u max entries %u", map.key_size, map.value_size, map.max_entries);
}

/* ---- Perf events ---- */

void json_perf_event(struct json *json, const struct event_slot *slot)
{
	struct abi_perf_event event;

	if (!event_structure(slot, &event, sizeof(event))) {
		json_nothing(json);
		return;
	}
	json_begin_object(json);
	if (event.function[0])
		key_text(json, "KprobeFunc", event.function, sizeof(event.function));
	key_name(json, "Type", NAMES_PERF_EVENT_TYPES, event.type);
	json_key_unsigned_text(json, "Config", event.config);
	if (event.function[0])
		json_key_unsigned_text(json, "ProbeOffset", event.probe_offset);
	json_end_object(json);
}

void add_perf_event(struct buffer *out, const struct event_slot *slot)
{
	struct abi_perf_event event;
	char type[48];

	if (!event_structure(slot, &event, sizeof(event))) {
		buffer_add_char(out, '?');
		return;
	}
	name_text(NAMES_PERF_EVENT_TYPES, event.type, type);
	buffer_add_text(out, type);
	if (!event.function[0])
		return;
	buffer_add_char(out, ' ');
	buffer_add_quoted(out, event.function, strnlen(event.function, sizeof(event.function)));
}
