/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * command_line.bpf.h - the arguments of the program that a process is about to become, as one text with blanks between them.
 *
 * Once the kernel has changed to the memory of the new program (begin_new_exec()), they lie there one behind the other, bprm->argc of them from
 * bprm->p on, and nothing has run there yet that could change them.  A part of arguments.bpf.h, which includes it.
 */
#ifndef BPF_TEMPLATES_COMMAND_LINE_BPF_H
#define BPF_TEMPLATES_COMMAND_LINE_BPF_H

#define COMMAND_WORDS	64u	/* that are read by one call of command_words() */
#define COMMAND_FULL	1	/* there was no room for all of it */

/* One argument, behind those that are there, and a blank in the place of its NUL.  0, COMMAND_FULL, or less than 0: it cannot be read. */
static __always_inline int command_word(struct scratch *piece, __u64 start)
{
	struct gathering *gathering = &piece->gathering;
	__u64 done = gathering->done, base = gathering->base, end;
	__u8 *target = data_at(&piece->match, start);
	char next = 0;
	long got;

	barrier_var(done);
	if (!target || done > ABI_STRING_MAX - 3)
		return COMMAND_FULL;
	got = bpf_probe_read_user_str(target + done, size_here(ABI_STRING_MAX - 1 - done), (void *)base);
	if (got < 0 || got > ABI_STRING_MAX - 1)
		return -1;
	if (!got)	/* of an empty one, strncpy_from_user_nofault() does not count the NUL up to Linux 6.12 */
		got = 1;
	end = done + got - 1;
	barrier_var(end);
	target[end & (ABI_STRING_MAX - 1)] = ' ';
	gathering->done = done + got;
	gathering->base = base + got;
	gathering->left--;
	if (bpf_probe_read_user(&next, 1, (void *)(base + got - 1)))
		return -1;
	return next ? COMMAND_FULL : 0;
}

__noinline int command_words(__u32 index, __u64 start)
{
	struct scratch *piece = scratch_get(index);
	__u32 n;
	int result;

	if (!piece)
		return -1;
	for (n = 0; n < COMMAND_WORDS; n++) {
		if (!piece->gathering.left)
			break;
		result = command_word(piece, start);
		if (result)
			return result;
	}
	return 0;
}

/* The last blank is not part of it. */
static __always_inline void command_end(struct scratch *piece, __u32 slot, __u64 start, bool is_whole)
{
	__u64 length = piece->gathering.done;

	barrier_var(length);
	if (length > ABI_STRING_MAX - 1)
		return;
	length -= !!length;
	data_take(&piece->match, start, length);
	match_set_bytes(&piece->match, slot, MATCH_DATA + start, length, is_whole ? MATCH_WHOLE : MATCH_CUT_END);
}

__noinline int load_command_line(__u32 index, __u32 slot, __u64 address)
{
	struct linux_binprm *program = (struct linux_binprm *)address;
	struct scratch *piece = scratch_get(index);
	unsigned long place = 0;
	int count = 0, result = 0;
	__u64 start;
	__u32 n;

	if (!piece)
		return 0;
	match_set_state(&piece->match, slot, ABI_SLOT_FAULT);
	if (bpf_core_read(&place, sizeof(place), &program->p) || bpf_core_read(&count, sizeof(count), &program->argc) || count < 0 ||
	    !gather_begin(piece, slot, count, &start))
		return 0;
	piece->gathering.base = place;
	for (n = 0; n < ABI_STRING_MAX / COMMAND_WORDS; n++) {
		if (!piece->gathering.left || result)
			break;
		result = command_words(index, start);
	}
	if (result >= 0)
		command_end(piece, slot, start, !result && !piece->gathering.left);
	return 0;
}

#endif
