// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * assignments.bpf.c - makes the register assignments of an image in a copy of registers that a test gives, on any kernel: what a program
 * at a uprobe does before it writes the registers, which only newer kernels let it.
 *
 * The registers, then what came of them, are in `tried`; the live half has struct abi_assignments at `at`.
 */
#define ENGINE_REGISTERS
#include "bpf-templates/engine.bpf.h"

struct tried {
	__u64 registers[sizeof(struct pt_regs) / 8];
	__s64 result;
	__u32 overridden;
	__u32 at;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct tried);
} tried SEC(".maps");

SEC("raw_tp")
int make_assignments(void *context)
{
	__u32 key = 0, index = scratch_first() + SCRATCH_EXCLUSIVE;
	struct tried *trial = bpf_map_lookup_elem(&tried, &key);
	struct scratch *piece = scratch_get(index);

	if (!trial || !piece)
		return 1;
	piece->index = index;
	piece->context = (__u64)trial->registers;
	piece->overridden = trial->overridden;
	piece->match.image.half = 0;
	trial->result = assignments_make(index, trial->at);
	piece = scratch_get(index);
	if (!piece)
		return 1;
	trial->overridden = piece->overridden;
	if (piece->overridden == SCRATCH_ASSIGNED)
		__builtin_memcpy(trial->registers, piece->assigned, sizeof(trial->registers));
	return 0;
}

const char program_license[] SEC("license") = "Dual BSD/GPL";
