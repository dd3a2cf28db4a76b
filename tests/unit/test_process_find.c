// SPDX-License-Identifier: Apache-2.0
/* test_process_find.c - entries of the table of processes that change while they are copied. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "runtime/processes.h"

enum { ENTRIES = 3, TEXTS = 4, PID = 42 };

/* What is there at each look, a letter each; the last one is what stays. */
static const char *entries, *texts;

/* Of a program whose path is `text` all over. */
static struct abi_process_entry entry_of(char text, uint64_t start, uint32_t flags)
{
	struct abi_process_entry ret = { .pid = PID, .parent_pid = (uint32_t)text, .start_time = start, .flags = flags };

	if (flags & ABI_PROCESS_FAR)
		ret.path_length = ABI_PROCESS_NEAR + 1;
	else
		memset(ret.texts, text, ret.path_length = 9);
	return ret;
}

/* a, b: whole; x: half a, half b, already with b's start; y: with a's; A, B: texts elsewhere; 0: being changed; p: the parent's; -: none. */
static int get_entry(char which, struct abi_process_entry *ret)
{
	switch (which) {
	case 'x':
	case 'y':
		*ret = entry_of('a', which == 'x' ? 2 : 1, 0);
		memset(ret->texts + 4, 'b', 5);
		break;
	case 'A':
	case 'B':
		*ret = entry_of(which == 'A' ? 'a' : 'b', which == 'A' ? 1 : 2, ABI_PROCESS_FAR);
		break;
	case '0':
		*ret = entry_of('a', 0, 0);
		break;
	case 'p':
		*ret = entry_of('p', 1, 0);
		ret->pid = PID - 1;
		break;
	case '-':
		return -ENOENT;
	default:
		*ret = entry_of(which, which == 'a' ? 1 : 2, 0);
	}
	return 0;
}

/* a, b: whole; x: half a, half b, with a's start. */
static int get_texts(char which, struct abi_process_texts *ret)
{
	if (which == '-')
		return -ENOENT;
	ret->start_time = which == 'b' ? 2 : 1;
	memset(ret->texts, which == 'b' ? 'b' : 'a', sizeof(ret->texts));
	if (which == 'x')
		memset(ret->texts + 4, 'b', 100);
	return 0;
}

static char next_of(const char **looks)
{
	return (*looks)[1] ? *(*looks)++ : **looks;
}

int __wrap_bpf_map_lookup_elem(int map, const void *key, void *value);
int __wrap_bpf_map_lookup_elem(int map, const void *key, void *value)
{
	assert_int_equal(*(const uint32_t *)key, PID);
	return map == ENTRIES ? get_entry(next_of(&entries), value) : get_texts(next_of(&texts), value);
}

static void changes(void **state)
{
	static const struct { const char *entries, *texts; int error; char found; const char *says; } rows[] = {
		{ "a", "-", 0, 'a', "nothing changes" },
		{ "-", "-", -ENOENT, 0, "there is none" },
		{ "a-", "-", -ENOENT, 0, "it ends" },
		{ "ab", "-", 0, 'b', "another one, the next time" },
		{ "xb", "-", 0, 'b', "half of it was changed; then all was" },
		{ "y0b", "-", 0, 'b', "half of it was changed, whose start was read before" },
		{ "yb", "-", 0, 'b', "likewise, and then all was" },
		{ "0000b", "-", 0, 'b', "it is being changed for a while" },
		{ "0", "-", -EAGAIN, 0, "it is being changed all the time" },
		{ "p0a", "-", 0, 'a', "it was the parent's" },
		{ "p", "-", -EAGAIN, 0, "it is the parent's all the time" },
		{ "A", "a", 0, 'a', "texts elsewhere" },
		{ "ABB", "xb", 0, 'b', "texts that were half another's" },
		{ "A0B", "xb", 0, 'b', "likewise, while it is being changed" },
		{ "A", "b", 0, '-', "texts that are another's all the time" },
		{ "A", "-", 0, '-', "texts that are nowhere" },
	};

	(void)state;
	for (size_t n = 0; n < sizeof(rows) / sizeof(*rows); n++) {
		struct abi_process found;

		print_message("# %s\n", rows[n].says);
		entries = rows[n].entries;
		texts = rows[n].texts;
		assert_int_equal(process_find((struct process_maps){ ENTRIES, TEXTS }, PID, &found), rows[n].error);
		if (rows[n].error)
			continue;
		assert_int_equal(found.pid, PID);
		assert_int_equal(!found.path_length, rows[n].found == '-');
		for (unsigned at = 0; at < found.path_length; at++)
			assert_int_equal(found.texts[at], rows[n].found);
		assert_false(found.flags & ABI_PROCESS_FAR);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(changes) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
