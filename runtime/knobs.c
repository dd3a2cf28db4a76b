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

/* Left as it is, the instruction does nothing: its register is free. */
static void call(struct bpf_insn *instruction, uint32_t function)
{
	if (function)
		*instruction = (struct bpf_insn){ .code = BPF_JMP | BPF_CALL, .src_reg = BPF_PSEUDO_KFUNC_CALL,
						  .imm = (int32_t)function };
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
	case ABI_KNOB_PREEMPT_OFF:
		call(instruction, knobs->preempt_off);
		break;
	case ABI_KNOB_PREEMPT_ON:
		call(instruction, knobs->preempt_on);
		break;
	case ABI_KNOB_FILE:
		instruction->imm = (int32_t)knobs->file;
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
