/* SPDX-License-Identifier: Apache-2.0 */
/*
 * stacks.h - what lies at the addresses of a stack trace, told when its event is read.
 *
 * Of the kernel: functions, by kernel_symbols.h, for readers whom the kernel shows its addresses (CAP_SYSLOG, and
 * kernel.kptr_restrict not 2); others are told nothing, neither addresses nor functions.  Of a program: the file that is mapped
 * there and the offset in it, as long as the process lives and has not executed something else; else the address alone.
 */
#ifndef RUNTIME_STACKS_H
#define RUNTIME_STACKS_H

#include <stddef.h>
#include <stdint.h>

#include "bpf-templates/abi.h"

enum stack_kind { STACK_KERNEL, STACK_USER };

struct stack_trace {
	enum stack_kind kind;
	const uint8_t *addresses;	/* 8 bytes each, anywhere; the innermost first */
	size_t count;			/* at most ABI_STACK_FRAMES */
	uint32_t pid;
	uint64_t process_start;		/* of its struct abi_process_entry; 0: not known */
};

struct stack_entry {
	uint64_t address;
	uint64_t offset;		/* from the symbol; of a program: in the module */
	const char *symbol, *module;	/* NULL: not known */
};

struct stacks;

/* `processes`: descriptor of the map of processes, borrowed.  Never NULL: aborts without memory. */
struct stacks *stacks_new(int processes);
void stacks_free(struct stacks *stacks);

/*
 * The entries of a trace, as many as it has: 0; -EACCES when the reader may not see the kernel's addresses, with nothing told.
 * Texts are valid until the next call.  `stacks` NULL: addresses of programs alone.
 */
int stacks_tell(struct stacks *stacks, const struct stack_trace *trace, struct stack_entry ret[ABI_STACK_FRAMES]);

#endif
