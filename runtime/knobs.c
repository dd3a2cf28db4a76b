// SPDX-License-Identifier: Apache-2.0
/* knobs.c - fills constants into instructions; see knobs.h. */
#include "runtime/knobs.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/libbpf.h>

static bool moves_constant(const struct bpf_insn *instruction)
{
	return BPF_OP(instruction->code) == BPF_MOV && BPF_SRC(instruction->code) == BPF_K &&
	       (BPF_CLASS(instruction->code) == BPF_ALU64 || BPF_CLASS(instruction->code) == BPF_ALU);
}

static void fill_in(struct bpf_insn *instruction, const struct knobs *knobs)
{
	switch ((uint32_t)instruction->imm) {
	case ABI_KNOB_HOOK:
		instruction->imm = (int32_t)knobs->hook;
		break;
	case ABI_KNOB_RETURN_HOOK:
		instruction->imm = (int32_t)knobs->return_hook;
		break;
	case ABI_KNOB_ARGUMENTS:
		instruction->imm = (int32_t)knobs->argument_count;
		break;
	case ABI_KNOB_OVERRIDES:
		instruction->imm = (int32_t)knobs->overrides;
		break;
	}
}

static int set_in_program(struct bpf_program *program, const struct knobs *knobs)
{
	size_t count = bpf_program__insn_cnt(program);
	struct bpf_insn *copy = calloc(count, sizeof(*copy));
	int error;

	if (!copy)
		return -ENOMEM;
	memcpy(copy, bpf_program__insns(program), count * sizeof(*copy));
	for (size_t n = 0; n < count; n++)
		if (moves_constant(&copy[n]))
			fill_in(&copy[n], knobs);
	error = bpf_program__set_insns(program, copy, count);
	free(copy);
	return error;
}

int knobs_set(struct bpf_object *object, const struct knobs *knobs)
{
	struct bpf_program *program;
	int error = 0;

	bpf_object__for_each_program(program, object)
		if (!error)
			error = set_in_program(program, knobs);
	return error;
}
