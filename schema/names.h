/* SPDX-License-Identifier: Apache-2.0 */
/*
 * names.h - words of values that stand for numbers, and registers: the tables of schema/ that have no rules.
 *
 * capabilities.def, protocols.def, families.def, tcp_states.def, file_types.def, socket_types.def, bpf_commands.def,
 * bpf_prog_types.def, bpf_map_types.def, perf_event_types.def, securebits.def, module_taints.def and registers.def.
 */
#ifndef SCHEMA_NAMES_H
#define SCHEMA_NAMES_H

#include <stddef.h>
#include <stdint.h>

enum name_set {
	NAMES_CAPABILITIES, NAMES_PROTOCOLS, NAMES_FAMILIES, NAMES_TCP_STATES, NAMES_FILE_TYPES,
	/* of events only: */
	NAMES_SOCKET_TYPES, NAMES_BPF_COMMANDS, NAMES_BPF_PROG_TYPES, NAMES_BPF_MAP_TYPES, NAMES_PERF_EVENT_TYPES,
	NAMES_SECUREBITS, NAMES_MODULE_TAINTS,		/* the last two: numbers of bits */
	NAME_SET_COUNT
};
struct named {
	const char *name;
	uint32_t length;		/* of the name, bytes */
	uint32_t number;
};
struct name_set_row {
	const char *noun;		/* "capability" */
	const struct named *names;
	size_t count;
};
extern const struct name_set_row name_sets[NAME_SET_COUNT];

/* Machines whose registers a policy may name. */
enum machine { MACHINE_X86_64, MACHINE_ARM64, MACHINE_COUNT };
struct register_row {
	enum machine machine;
	const char *name;
	unsigned bits;
	unsigned offset;		/* bytes, in struct pt_regs */
};
extern const struct register_row register_rows[];
extern const size_t register_count;

/* Exact; NULL when there is none. */
const struct named *name_find(enum name_set set, const char *name, size_t length);

/* The first that the number has; NULL when there is none. */
const char *name_of_number(enum name_set set, uint64_t number);

/* 1 << MACHINE_ of those that have such a register; 0 when none has. */
unsigned register_machines(const char *name, size_t length);

/* Exact; NULL when the machine has none of that name. */
const struct register_row *register_find(enum machine machine, const char *name);

#endif
