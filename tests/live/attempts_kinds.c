// SPDX-License-Identifier: Apache-2.0
/* attempts_kinds.c - steps that are about what kind something is: names of threads, types of BPF programs, types of files. A part of attempts.c. */
#include <linux/bpf.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tests/live/attempts.h"

static int be_called(char **words) { return prctl(PR_SET_NAME, words[0]); }

/* Two instructions that return 0; whether the kernel takes them for that type is not asked here. */
static int bpf_load_as(char **words)
{
	static const struct bpf_insn code[] = { { .code = BPF_ALU64 | BPF_MOV | BPF_K }, { .code = BPF_JMP | BPF_EXIT } };
	union bpf_attr attributes;

	memset(&attributes, 0, sizeof(attributes));
	attributes.prog_type = (unsigned)atoi(words[0]);
	attributes.insns = (uintptr_t)code;
	attributes.insn_cnt = 2;
	attributes.license = (uintptr_t)"GPL";
	return (int)syscall(SYS_bpf, BPF_PROG_LOAD, &attributes, sizeof(attributes));
}

/* A mode in octal, with the type; a device of characters is that of /dev/null. */
static int make_node(char **words)
{
	const mode_t mode = (mode_t)strtoul(words[0], NULL, 8);

	return mknod(words[1], mode, S_ISCHR(mode) ? 0x103 : 0);
}

const struct step kind_steps[] = {
	{ "be-called", 1, be_called }, { "bpf-load-as", 1, bpf_load_as }, { "node", 2, make_node },
	{ NULL, 0, NULL },
};
