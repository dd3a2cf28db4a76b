/* SPDX-License-Identifier: Apache-2.0 */
/*
 * assignment.h - a register assignment of an Override, "rsp=8%rsp": what is assigned to what.
 *
 * The names are not looked up: which registers there are depends on the machine.
 */
#ifndef COMPILER_BASE_ASSIGNMENT_H
#define COMPILER_BASE_ASSIGNMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Part of the text that was read; not NUL-terminated. */
struct assignment_part { const char *bytes; size_t length; };

struct assignment {
	struct assignment_part target, source;	/* registers; the source is empty where a number is assigned */
	uint64_t number;			/* that number, or what is added to the source; two's complement */
	bool loads;				/* the sum is where the value lies in the program's memory: 8 bytes */
	struct assignment_part right;		/* all that is behind the '=', for messages */
};

enum assignment_fault {
	ASSIGNMENT_FINE,
	ASSIGNMENT_SHAPE,	/* there is not one '=' with something on both sides; *ret is not written */
	ASSIGNMENT_SOURCE,	/* what is behind it is nothing that can be assigned; of *ret, target and right are written */
};

enum assignment_fault assignment_parse(const char *text, size_t length, struct assignment *ret);

/*
 * Whether it is one of the stack pointer, by any of its names on any machine.  The kernel hijacks returns at the stack pointer of the call:
 * such a function's return cannot be watched.
 */
bool assignment_moves_stack(const struct assignment *assignment);

#endif
