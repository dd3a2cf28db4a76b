// SPDX-License-Identifier: Apache-2.0
/* names.c - the rows of the tables of names; see names.h. */
#include "schema/names.h"

#include <string.h>

#define ARRAY_SIZE(array)	(sizeof(array) / sizeof((array)[0]))
#define NAMED(name, number)	{ name, sizeof(name) - 1, number },

static const struct named capabilities[] = {
#include "schema/capabilities.def"
};
static const struct named protocols[] = {
#include "schema/protocols.def"
};
static const struct named families[] = {
#include "schema/families.def"
};
static const struct named tcp_states[] = {
#include "schema/tcp_states.def"
};
static const struct named file_types[] = {
#include "schema/file_types.def"
};
static const struct named socket_types[] = {
#include "schema/socket_types.def"
};
static const struct named bpf_commands[] = {
#include "schema/bpf_commands.def"
};
static const struct named bpf_prog_types[] = {
#include "schema/bpf_prog_types.def"
};
static const struct named bpf_map_types[] = {
#include "schema/bpf_map_types.def"
};
static const struct named perf_event_types[] = {
#include "schema/perf_event_types.def"
};
static const struct named securebits[] = {
#include "schema/securebits.def"
};
static const struct named module_taints[] = {
#include "schema/module_taints.def"
};

const struct name_set_row name_sets[NAME_SET_COUNT] = {
	[NAMES_CAPABILITIES] = { "capability", capabilities, ARRAY_SIZE(capabilities) },
	[NAMES_PROTOCOLS] = { "protocol", protocols, ARRAY_SIZE(protocols) },
	[NAMES_FAMILIES] = { "address family", families, ARRAY_SIZE(families) },
	[NAMES_TCP_STATES] = { "TCP state", tcp_states, ARRAY_SIZE(tcp_states) },
	[NAMES_FILE_TYPES] = { "file type", file_types, ARRAY_SIZE(file_types) },
	[NAMES_SOCKET_TYPES] = { "socket type", socket_types, ARRAY_SIZE(socket_types) },
	[NAMES_BPF_COMMANDS] = { "command of bpf(2)", bpf_commands, ARRAY_SIZE(bpf_commands) },
	[NAMES_BPF_PROG_TYPES] = { "type of BPF program", bpf_prog_types, ARRAY_SIZE(bpf_prog_types) },
	[NAMES_BPF_MAP_TYPES] = { "type of BPF map", bpf_map_types, ARRAY_SIZE(bpf_map_types) },
	[NAMES_PERF_EVENT_TYPES] = { "type of perf event", perf_event_types, ARRAY_SIZE(perf_event_types) },
	[NAMES_SECUREBITS] = { "secure bit", securebits, ARRAY_SIZE(securebits) },
	[NAMES_MODULE_TAINTS] = { "taint", module_taints, ARRAY_SIZE(module_taints) },
};

const struct register_row register_rows[] = {
#define REGISTER(machine, name, bits, offset) { MACHINE_##machine, name, bits, offset },
#include "schema/registers.def"
#undef REGISTER
};
const size_t register_count = ARRAY_SIZE(register_rows);

static int is_same(const char *row, const char *name, size_t length)
{
	return strlen(row) == length && !memcmp(row, name, length);
}

const struct named *name_find(enum name_set set, const char *name, size_t length)
{
	const struct name_set_row *row = &name_sets[set];

	for (size_t i = 0; i < row->count; i++)
		if (row->names[i].length == length && !memcmp(row->names[i].name, name, length))
			return &row->names[i];
	return NULL;
}

const char *name_of_number(enum name_set set, uint64_t number)
{
	for (size_t i = 0; i < name_sets[set].count; i++)
		if (name_sets[set].names[i].number == number)
			return name_sets[set].names[i].name;
	return NULL;
}

unsigned register_machines(const char *name, size_t length)
{
	unsigned machines = 0;

	for (size_t i = 0; i < register_count; i++)
		if (is_same(register_rows[i].name, name, length))
			machines |= 1u << register_rows[i].machine;
	return machines;
}

const struct register_row *register_find(enum machine machine, const char *name)
{
	for (size_t i = 0; i < register_count; i++)
		if (register_rows[i].machine == machine && !strcmp(register_rows[i].name, name))
			return &register_rows[i];
	return NULL;
}
