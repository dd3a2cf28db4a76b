// SPDX-License-Identifier: Apache-2.0
/* test_held_mappings.c - when it is a mapped file's turn among other events. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "runtime/held_mappings.h"
#include "schema/schema.h"

#define MS	1000000ull

/* Processes whose numbers are below this are known. */
static bool is_known(void *context, const struct event_mapping *mapping)
{
	return mapping->pid < *(uint32_t *)context;
}

struct step {
	uint64_t add;			/* a file is mapped at this time (in ms)... */
	uint32_t pid;			/* ... by this process */
	uint64_t time;			/* 0; else: whose turn it is before this, when `known` are */
	uint32_t known;
	const char *want;		/* times (in ms) of what is told */
};

static const struct { const char *shows; struct step steps[6]; } rows[] = {
	{ "what was before, is told", { { 10, 1, 0, 0, NULL }, { 0, 0, 11, 9, "10 " } } },
	{ "what comes later, and at the same time, is not", { { 10, 1, 0, 0, NULL }, { 0, 0, 10, 9, "" }, { 0, 0, 12, 9, "10 " } } },
	{ "once", { { 10, 1, 0, 0, NULL }, { 0, 0, 11, 9, "10 " }, { 0, 0, 12, 9, "" } } },
	{ "in the order of time, whenever it is heard of", { { 12, 1, 0, 0, NULL }, { 10, 2, 0, 0, NULL }, { 11, 1, 0, 0, NULL }, { 0, 0, 20, 9, "10 11 12 " } } },
	{ "those of one time in the order in which they come", { { 10, 1, 0, 0, NULL }, { 10, 2, 0, 0, NULL }, { 0, 0, 20, 2, "10 " }, { 0, 0, 20, 3, "10 " } } },
	{ "one whose process nobody knows waits, and nothing for it", { { 10, 5, 0, 0, NULL }, { 11, 1, 0, 0, NULL }, { 0, 0, 20, 2, "11 " }, { 0, 0, 20, 9, "10 " } } },
	{ "it waits 50 ms, not longer", { { 10, 5, 0, 0, NULL }, { 0, 0, 60, 2, "" }, { 0, 0, 61, 2, "10 " } } },
	{ "at the end nothing waits", { { 10, 5, 0, 0, NULL }, { 20, 6, 0, 0, NULL }, { 0, 0, UINT64_MAX / MS, 0, "10 20 " } } },
};

static void tell(struct held_mappings *held, uint64_t time, uint32_t known, char *ret, size_t room)
{
	struct event_mapping mapping;
	size_t length = 0;

	*ret = 0;
	while (held_mappings_next(held, time, is_known, &known, &mapping) && length < room)
		length += (size_t)snprintf(ret + length, room - length, "%llu ", (unsigned long long)(mapping.time / MS));
}

static void test_turns(void **state)
{
	(void)state;
	for (size_t n = 0; n < sizeof(rows) / sizeof(*rows); n++) {
		struct held_mappings *held = held_mappings_new();
		char told[64];

		print_message("# %s\n", rows[n].shows);
		for (const struct step *step = rows[n].steps; step->add || step->time; step++) {
			const struct event_mapping mapping = { .time = step->add * MS, .pid = step->pid, .path = "/x", .path_length = 2 };

			if (step->add) {
				held_mappings_add(held, &mapping);
				continue;
			}
			tell(held, step->time * MS, step->known, told, sizeof(told));
			assert_string_equal(told, step->want);
		}
		held_mappings_free(held);
	}
}

/* The caller's memory is used again before the mapping is told. */
static void test_copies(void **state)
{
	struct held_mappings *held = held_mappings_new();
	uint8_t id[20] = { 1, 2, 3 };
	char path[] = "/usr/lib/a";
	struct event_mapping mapping = { .time = 5, .pid = 1, .tid = 2, .exec_began = 3, .path = path, .path_length = 10, .build_id = id,
					 .build_id_size = 20 }, got;
	uint32_t known = 9;

	(void)state;
	held_mappings_add(held, &mapping);
	mapping.time = 6;
	mapping.build_id = NULL;
	mapping.build_id_size = 0;
	held_mappings_add(held, &mapping);
	memset(path, 0, sizeof(path));
	memset(id, 0, sizeof(id));
	assert_true(held_mappings_next(held, 9, is_known, &known, &got));
	assert_true(got.time == 5 && got.tid == 2 && got.exec_began == 3 && got.path_length == 10 && !memcmp(got.path, "/usr/lib/a", 10) &&
		    got.build_id_size == 20 && !memcmp(got.build_id, "\1\2\3", 4));
	assert_true(held_mappings_next(held, 9, is_known, &known, &got));
	assert_true(got.time == 6 && !got.build_id && !memcmp(got.path, "/usr/lib/a", 10));
	held_mappings_free(held);
}

static void test_limit(void **state)
{
	struct held_mappings *held = held_mappings_new();
	struct event_mapping mapping = { .pid = 5, .path = "/x", .path_length = 2 }, got;
	uint32_t known = 0;

	(void)state;
	for (uint64_t n = 0; n < LIMIT_MAPPINGS_HELD + 2; n++) {
		mapping.time = 1000 + n;
		held_mappings_add(held, &mapping);
	}
	assert_true(held_mappings_next(held, 90000, is_known, &known, &got) && got.time == 1000);
	assert_true(held_mappings_next(held, 90000, is_known, &known, &got) && got.time == 1001);
	assert_false(held_mappings_next(held, 90000, is_known, &known, &got));
	held_mappings_free(held);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_turns), cmocka_unit_test(test_copies), cmocka_unit_test(test_limit) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
