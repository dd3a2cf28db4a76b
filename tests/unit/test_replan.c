// SPDX-License-Identifier: Apache-2.0
/* test_replan.c - what is attached already: what of it stays, what asks for another id, and what has been replaced. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "runtime/pins.h"
#include "runtime/plan.h"
#include "runtime/replaced.h"
#include "tests/unit/planned.h"

#include <cmocka.h>	/* last: it takes the name fail */

enum { NAMES_MAX = 16 };

/* With everything there, new values are three steps: wait, write, switch. */
static void test_change_of_values(void **state)
{
	static const char *const programs[] = { "kprobe_multi_entry", "kprobe_multi_return" };
	static const char *const links[] = { "process_exec", "process_exit", "process_fork" };
	struct plan_attached attached[HOOKS_MAX];
	const char *maps[NAMES_MAX];
	struct planned planned;
	size_t count = 0;

	(void)state;
	for (; plan_maps[count]; count++)
		maps[count] = plan_maps[count];
	planned_prepare(&planned, SYSCALL(RETURNS), FEATURES_ALL);
	planned.input.wanted = 0;	/* nothing was tried, nor needed */
	planned.input.maps = maps;
	planned.input.map_count = count;
	planned.input.programs = programs;
	planned.input.program_count = 2;
	planned.input.links = links;
	planned.input.link_count = 3;
	planned_attach_all(&planned, ATTACH_KPROBE_MULTI, attached);
	planned_make(&planned);
	assert_int_equal(planned.plan.refusal_count, 0);
	assert_int_equal(planned.plan.step_count, 3);
	assert_int_equal(planned.plan.steps[2].kind, STEP_SWITCH);
	planned_release(&planned);
}

/* A hook that comes to override asks for another id; one that ceases to, stays. */
static void test_rekey(void **state)
{
	static const struct {
		const char *policy;
		enum attach_kind attached;
		size_t want;
	} rows[] = {
		{ FUNCTION("security_file_open", OVERRIDE), ATTACH_KPROBE_MULTI, 1 },
		{ FUNCTION("security_file_open", OVERRIDE), ATTACH_FMOD_RET, 0 },
		{ FUNCTION("security_file_open", OVERRIDE), ATTACH_LSM_FUNCTION, 0 },
		{ FUNCTION("security_file_open", ""), ATTACH_FMOD_RET, 0 },
		{ FUNCTION("security_file_open", ""), ATTACH_KPROBE, 0 },
		{ LSM(OVERRIDE), ATTACH_LSM, 0 },
		{ FUNCTION("x", REGISTERS), ATTACH_TRAMPOLINE, 1 },
		{ FUNCTION("x", REGISTERS), ATTACH_KPROBE_MULTI, 1 },
		{ FUNCTION("x", REGISTERS), ATTACH_KPROBE, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct plan_attached attached[HOOKS_MAX];
		struct planned planned;
		const char **keys;

		planned_prepare(&planned, rows[i].policy, 0);
		planned_attach_all(&planned, rows[i].attached, attached);
		assert_int_equal(plan_rekey(&planned.input, &planned.arena, &keys), rows[i].want);
		planned_release(&planned);
	}
}

/* What lies in a file stays attached while it is the same place of the same file, or until that place is found again. */
static void test_files(void **state)
{
	static const struct { const char *shows; struct hook_facts facts; bool moves; } rows[] = {
		{ "the same place", { .exists = true, .where = "a_1" }, false },
		{ "another place", { .exists = true, .where = "a_2" }, true },
		{ "another file, which is refused", { .refusal = "no", .where = "b_1" }, false },
		{ "the same file, which is refused now", { .refusal = "no", .where = "a_1" }, false },
		{ "another file, that has none of the digests", { .refusal = "no", .other_file = true, .where = "b_1" }, false },
		{ "a file that is gone", { .refusal = "does not exist" }, false },
	};

	(void)state;
	for (size_t n = 0; n < sizeof(rows) / sizeof(*rows); n++) {
		struct plan_attached attached[HOOKS_MAX];
		struct planned planned;
		const char **keys;

		planned_prepare(&planned, UPROBE(""), 0);
		planned_attach_all(&planned, ATTACH_UPROBE, attached);
		attached[0].where = "a_1";
		planned.facts[0] = rows[n].facts;
		if (plan_rekey(&planned.input, &planned.arena, &keys) != rows[n].moves)
			fail_msg("%s", rows[n].shows);
		planned_release(&planned);
	}
}

/* Of a file that was replaced by one without the place, nothing is refused and nothing detached; it is only said. */
static void test_replaced(void **state)
{
	struct plan_attached attached[HOOKS_MAX];
	struct kernel_relocation found = { .refusal = "as found" };
	struct planned planned;

	(void)state;
	planned_prepare(&planned, UPROBE(""), 0);
	planned_attach_all(&planned, ATTACH_UPROBE, attached);
	attached[0].where = "a_1";
	planned.facts[0] = (struct hook_facts){ .refusal = "'/bin/x' has no function 'f'", .where = "b_1" };
	planned_make(&planned);
	assert_int_equal(planned.plan.refusal_count, 0);
	assert_null(planned_step(&planned.plan, STEP_ATTACH));
	assert_null(planned_step(&planned.plan, STEP_DETACH));
	assert_non_null(planned_step(&planned.plan, STEP_SWITCH));
	assert_int_equal(planned.plan.note_count, 1);
	assert_non_null(strstr(planned.plan.notes[0].text, "has no function 'f'; it stays attached to the file that was there before"));
	assert_string_equal(replaced_why(&attached[0], &planned.facts[0]), "'/bin/x' has no function 'f'");
	planned.facts[0] = (struct hook_facts){ .exists = true, .where = "b_1" };
	assert_string_equal(replaced_why(&attached[0], &planned.facts[0]), "another file has taken its name");
	planned.facts[0].where = "a_1";
	assert_null(replaced_why(&attached[0], &planned.facts[0]));
	planned_release(&planned);

	planned_prepare(&planned, USDT("    args: [{index: 1, type: int}]\n"), 0);	/* where its argument was is what the live image says, or not known */
	replaced_relocation(&planned.built.view, planned.input.image, 0, true, &planned.arena, &found);
	assert_null(found.refusal);
	replaced_relocation(NULL, planned.input.image, 0, true, &planned.arena, &found);
	assert_string_equal(found.refusal, "where argument 1 was, in the file that was there before, is not known");
	found.refusal = "as found";
	replaced_relocation(NULL, planned.input.image, 0, false, &planned.arena, &found);
	assert_string_equal(found.refusal, "as found");
	planned_release(&planned);
}

/* A hook that comes to report digests asks for another id, unless all that it takes is there; parts alone are detached. */
static void test_incomplete(void **state)
{
	static const struct { const char *policy; enum attach_kind kinds[3]; size_t count, rekeyed, detached; } rows[] = {
		{ LSM(DIGESTS), { ATTACH_LSM }, 1, 1, 0 },
		{ LSM(DIGESTS), { ATTACH_LSM_ASK, ATTACH_LSM_DIGEST, ATTACH_LSM_FILE_HASH }, 3, 0, 0 },
		{ LSM(DIGESTS), { ATTACH_LSM_ASK, ATTACH_LSM_MEASURED, ATTACH_LSM_INODE_HASH }, 3, 0, 0 },
		{ LSM(DIGESTS), { ATTACH_LSM_ASK, ATTACH_LSM_DIGEST, ATTACH_LSM_INODE_HASH }, 3, 1, 0 },
		{ LSM(DIGESTS), { ATTACH_LSM_DIGEST, ATTACH_LSM_FILE_HASH }, 2, 1, 0 },
		{ LSM(""), { ATTACH_LSM_ASK, ATTACH_LSM_DIGEST, ATTACH_LSM_FILE_HASH }, 3, 0, 0 },
		{ FENTRY(""), { ATTACH_LSM_ASK, ATTACH_LSM_DIGEST, ATTACH_LSM_FILE_HASH }, 3, 0, 3 },
		{ FENTRY(""), { ATTACH_LSM_FILE_HASH }, 1, 0, 1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct plan_attached attached[3];
		struct planned planned;
		const char **keys;
		size_t detached = 0;

		planned_prepare(&planned, rows[i].policy, 0);
		for (size_t n = 0; n < rows[i].count; n++)
			attached[n] = (struct plan_attached){ .id = 0, .kind = rows[i].kinds[n], .key = "lsm:file_open", .pin = "pin" };
		planned.input.attached = attached;
		planned.input.attached_count = rows[i].count;
		assert_int_equal(plan_rekey(&planned.input, &planned.arena, &keys), rows[i].rekeyed);
		planned_make(&planned);
		for (size_t n = 0; n < planned.plan.step_count; n++)
			detached += planned.plan.steps[n].kind == STEP_DETACH;
		assert_int_equal(detached, rows[i].detached);
		planned_release(&planned);
	}
}

/* What waits for texts is attached after the program that reads them; when others are waited for, or none, all is attached anew. */
static void test_waiting(void **state)
{
	static const struct { const char *policy, *where; enum attach_kind part; size_t count, rekeyed; } rows[] = {
		{ WAITS(TEXT), "a_1_texts2", ATTACH_UPROBE_TOUCH_MULTI, 2, 0 },
		{ WAITS(TEXT), "a_1_texts3", ATTACH_UPROBE_TOUCH_MULTI, 2, 1 },
		{ WAITS(TEXT), "a_1_texts2", ATTACH_UPROBE_TOUCH, 2, 1 },
		{ WAITS(TEXT), NULL, ATTACH_UPROBE_TOUCH, 1, 1 },
		{ WAITS(""), "a_1_texts2", ATTACH_UPROBE_TOUCH_MULTI, 2, 1 },
		{ WAITS(""), NULL, ATTACH_UPROBE_TOUCH, 1, 0 },
	};

	(void)state;
	for (size_t n = 0; n < sizeof(rows) / sizeof(*rows); n++) {
		struct plan_attached attached[] = {
			{ .id = 0, .kind = ATTACH_UPROBE_MULTI, .key = "uprobe:/bin/a:f", .pin = "pin", .where = "a_1" },
			{ .id = 0, .kind = rows[n].part, .key = "uprobe:/bin/a:f", .pin = "part", .where = rows[n].where },
		};
		struct planned planned;
		const struct plan_step *step;
		const char **keys;

		planned_prepare(&planned, rows[n].policy, 0);
		planned.facts[0].where = "a_1";
		planned_make(&planned);
		step = planned_step(&planned.plan, STEP_ATTACH);
		assert_int_equal(step->attach, ATTACH_UPROBE_MULTI);
		if (strstr(rows[n].policy, "string")) {
			for (step++; step->kind != STEP_ATTACH; step++)
				;
			assert_int_equal(step->attach, ATTACH_UPROBE_TOUCH_MULTI);
			assert_int_equal(step->texts, 2);
		}
		planned.input.attached = attached;
		planned.input.attached_count = rows[n].count;
		if (plan_rekey(&planned.input, &planned.arena, &keys) != rows[n].rekeyed)
			fail_msg("row %zu", n);
		planned_release(&planned);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_change_of_values), cmocka_unit_test(test_rekey), cmocka_unit_test(test_files),
		cmocka_unit_test(test_replaced), cmocka_unit_test(test_incomplete), cmocka_unit_test(test_waiting),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
