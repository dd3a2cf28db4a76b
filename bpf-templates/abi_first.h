/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* abi_first.h - the first test of a hook: a part of abi.h, which includes it. */
#ifndef BPF_TEMPLATES_ABI_FIRST_H
#define BPF_TEMPLATES_ABI_FIRST_H

/*
 * What a program asks of a hook before anything else, once for each half.  Next to `active`, because after a switch
 * from user space every page that an event touches costs as much as many instructions.
 *
 * The test is drawn from the records that the hook's program begins with: an event whose number fails it
 * reaches nothing but their END.  When those that pass it have one thing to come, a plain event, all that this takes is
 * here, too.  Plain: an accept that END follows, without return and with no action but Post, that reports at most
 * ABI_PLAIN_SLOTS values, all of them integers.  Whatever such an accept reports, its place is here: nothing is left to decide.
 *
 * When what they have to come first is a look-up of a text, from which nothing but END follows unless some pattern is
 * found, a text that begins like no pattern is done, too: none of the filters lets it through. Where a few patterns are all that
 * its table has, they are here, instead of filters, and the text is held against each: nothing of it is left to look up. Of a path, programs may know one component before they know
 * the whole, and refuse it by that.
 *
 * Beside that there are up to three steps, wherever in the program their records are: no record that accepts can be reached unless one
 * of them says yes. What could not be read passes. Of an event that a step refuses, nothing is counted either, also not what other
 * records could not have decided.
 *
 *   SOCKET   one number or one address of a socket, in the hull of what is asked for
 *   PROCESS  one of some rows of a table of binaries, which are kept with the process
 *   NAME     the last name of a path, which some filter of last names lets through
 */
#define ABI_PLAIN_SLOTS		3u
#define ABI_FIRST_FILTERS	4u
#define ABI_FIRST_PATTERNS	4u
#define ABI_FIRST_NAMES		2u
#define ABI_FIRST_PASSED	4u
#define ABI_FIRST_SOCKET	1u
#define ABI_FIRST_PROCESS	2u
#define ABI_FIRST_NAME		4u
#define ABI_FIRST_CERTAIN(steps)	((steps) << 8)	/* beside them: those that must be passed for certain for `posts` and `found` to hold */
#define ABI_FIRST_PARTS	\
	(1u << ABI_PART_FAMILY | 1u << ABI_PART_SOURCE_PORT | 1u << ABI_PART_DESTINATION_PORT | 1u << ABI_PART_STATE | \
	 1u << ABI_PART_PROTOCOL | 1u << ABI_PART_TYPE)	/* numbers that SOCKET can be about */
struct abi_first {
	__u32 hook;		/* offset of its struct abi_hook; 0 when no policy uses it */
	__u16 flags;		/* ABI_HOOK_ of it */
	__u16 record;		/* where the decision goes on when the test is passed */
	__u64 slot;		/* first word of the number's struct abi_slot; 0: there is no test */
	__u64 low, span;	/* fails unless number - low <= span, modulo 2^64 */
	union {
		struct {
			__u64 plain_accept[3];	/* the first words of its struct abi_accept */
			__u64 plain_slots[ABI_PLAIN_SLOTS];	/* first word of each struct abi_slot, as the hook has them */
		};
		struct {	/* of a text's test */
			__u64 found;	/* operand of the only look-up, when `posts` is all that comes of those whose text it finds, and nothing of others */
			__u64 component_words[ABI_FIRST_PATTERNS];	/* names of the component: their first 8 bytes, zeros behind shorter ones; or bits, see match_component_bits() */
			__u8 component_lengths[ABI_FIRST_PATTERNS];
			__u8 component;	/* which of a path, from the root, 1 being the first; all patterns have it whole; 0: there is no such test */
			__u8 component_count;	/* names; 0: they are more, and have bits */
			__u8 passed;	/* events in a row that passed by it: kept by the programs, which from ABI_FIRST_PASSED on do not ask, but of some events */
			__u8 reserved;
		};
	};
	__u32 plain_count;	/* how many slots the hook has; 0: no plain event */
	__u8 text_slot;		/* number of the slot that the text's test reads */
	__u8 text_register;	/* with patterns: where the rows of those that are found belong */
	__u8 filter_count, pattern_count;	/* at most one is not 0; both 0: there is no such test */
	__u64 text;		/* the first word of that struct abi_slot */
	union {
		__u32 filters[ABI_FIRST_FILTERS];	/* offsets of struct abi_filter */
		__u32 patterns[ABI_FIRST_PATTERNS];	/* ... of struct abi_pattern, neither postfix nor empty */
	};
	__u32 program;		/* that of the hook */
	__u16 steps;		/* ABI_FIRST_, ABI_FIRST_CERTAIN() of them */
	__u16 part;		/* SOCKET: enum abi_part */
	__u32 posts;		/* offset of the struct abi_accept that is all that comes of those that pass; 0: of no such one */
	__u32 process_table;	/* PROCESS: number of the table */
	__u64 socket;		/* SOCKET: first word of the struct abi_slot that the part is of */
	__u64 part_low[2], part_span[2];	/* ... fails unless part - low <= span; of addresses, IPv4 and the high half of IPv6, in host order */
	__u64 process_rows;	/* PROCESS: fails unless the process has one of them */
	__u64 name;		/* NAME: first word of the struct abi_slot of the path */
	__u32 names[ABI_FIRST_NAMES];	/* ... offsets of struct abi_filter, of struct abi_string_table's `names`; 0: no more */
};
_Static_assert(sizeof(struct abi_first) == 192, "abi_first");
_Static_assert(__builtin_offsetof(struct abi_first, pattern_count) == __builtin_offsetof(struct abi_first, filter_count) + 1,
	       "both counts are read as one");

#endif
