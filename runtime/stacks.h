/* SPDX-License-Identifier: Apache-2.0 */
/*
 * stacks.h - what lies at the addresses of a stack trace, told when its event is read.
 *
 * Who tells is not known here: the reader's caller gives a teller.  Here is only decided whether a process may be asked: whether it still runs the
 * program that the event is of, before and after it was asked.
 */
#ifndef RUNTIME_STACKS_H
#define RUNTIME_STACKS_H

#include <stdbool.h>
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
	bool is_running;		/* USER: the process runs the same program as then */
};

struct stack_entry {
	uint64_t address;
	bool has_offset;
	uint64_t offset;		/* from the symbol; of a program: in the module */
	const char *symbol, *module;	/* NULL: not known */
	const char *members;		/* further members of its object in JSON, each behind a comma; NULL: none */
	const char *text;		/* what people are told instead: lines with their ends; NULL: what stands above */
};

struct stack_teller {
	void *context;
	/*
	 * Fills what is known of the entries, whose addresses are there: 0; -EACCES when the reader may not see the kernel's addresses, with
	 * nothing told.  Texts are valid until the next call.
	 */
	int (*tell)(void *context, const struct stack_trace *trace, struct stack_entry ret[ABI_STACK_FRAMES]);
	/* While it was asked the process became another program: nothing of what was seen holds. */
	void (*forget)(void *context, const struct stack_trace *trace);
};

struct stacks;

/* `processes`: descriptor of the map of processes; both are borrowed.  Never NULL: aborts without memory. */
struct stacks *stacks_new(int processes, const struct stack_teller *teller);
void stacks_free(struct stacks *stacks);

/*
 * The entries of a trace, as many as it has: 0; -EACCES when the reader may not see the kernel's addresses.  Texts are valid until the next call.
 * `stacks` NULL, or without a teller: addresses of programs alone.
 */
int stacks_tell(struct stacks *stacks, const struct stack_trace *trace, struct stack_entry ret[ABI_STACK_FRAMES]);

#endif
