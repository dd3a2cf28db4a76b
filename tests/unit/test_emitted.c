// SPDX-License-Identifier: Apache-2.0
/*
 * test_emitted.c - rules mean the same to both back ends: what `apply` would run, and the TracingPolicies that `compile --emit` writes, read back.
 *
 * The same calls are decided by both, by the matcher that runs in the kernel, and each rule must deny and report the same.  Rules are those of the goldens,
 * and some by chance.  TETRA_COUNT: how many of these; TETRA_SEED: which.
 *
 * What may differ, and why:
 *  - what could not be read: an exception holds here when it is known to hold; folded into its opposite there it must be known not to hold.  So what is
 *    denied or reported there must be here, but not the other way round.
 *  - a policy that emission refuses (TP707) is not compared; how many these are is bounded.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <glob.h>

#include "compiler/emit.h"
#include "compiler/events_json.h"
#include "compiler/intent/emit.h"
#include "compiler/simulate.h"
#include "tests/unit/built.h"
#include "tests/unit/random_rules.h"

enum { RULES_MOST = 64, EVENTS_OF_POLICY = 40 };

/* ---- One back end ---- */

struct decided {
	struct built *built;
	struct simulation simulation;
	bool is_there;
};

static bool decided_begin(struct decided *decided, const char *text)
{
	*decided = (struct decided){ .built = calloc(1, sizeof(struct built)) };
	assert_non_null(decided->built);
	if (built_compile(decided->built, text))
		return false;
	if (link_image(decided->built->inputs, decided->built->unit.object_count, &(struct link_options){ 0 }, &decided->built->arena, &decided->built->image,
		       &decided->built->error))
		return false;
	if (image_verify(decided->built->image.bytes, decided->built->image.length, &decided->built->view, decided->built->message))
		return false;
	decided->is_there = !simulation_init(&decided->simulation, &decided->built->view, decided->built->message);
	return decided->is_there;
}

static void decided_end(struct decided *decided)
{
	if (decided->is_there)
		simulation_release(&decided->simulation);
	buffer_release(&decided->built->image);
	unit_release(&decided->built->unit);
	arena_release(&decided->built->arena);
	free(decided->built);
}

/* ---- What becomes of a call, by rule ---- */

enum { DENIED = 1, KILLED = 2, REPORTED = 4, SIGNALLED = 8 };

struct outcome { char rule[72]; unsigned what; };
struct outcomes { struct outcome items[RULES_MOST]; size_t count; };

static struct outcome *outcome_of(struct outcomes *outcomes, const char *rule)
{
	for (size_t n = 0; n < outcomes->count; n++)
		if (!strcmp(outcomes->items[n].rule, rule))
			return &outcomes->items[n];
	assert_true(outcomes->count < RULES_MOST);
	snprintf(outcomes->items[outcomes->count].rule, sizeof(outcomes->items->rule), "%s", rule);
	outcomes->items[outcomes->count].what = 0;
	return &outcomes->items[outcomes->count++];
}

static void take(void *context, const struct verdict *verdict)
{
	unsigned what = REPORTED;
	const char *rule = NULL;

	assert_false(verdict->disagrees);
	for (size_t n = 0; n < verdict->hook->tags.count && !rule; n++)
		if (!strncmp(verdict->hook->tags.items[n].bytes, "rule:", 5))
			rule = verdict->hook->tags.items[n].bytes + 5;
	assert_non_null(rule);
	if (verdict->answer != VERDICT_YES)
		return;
	for (size_t n = 0; n < verdict->selector->actions.count; n++)
		switch (verdict->selector->actions.items[n].op) {
		case ACTION_NO_POST:
			what &= ~(unsigned)REPORTED;
			break;
		case ACTION_OVERRIDE:
			what |= DENIED;
			break;
		case ACTION_SIGKILL:
			what |= KILLED;
			break;
		case ACTION_SIGNAL:
			what |= SIGNALLED;
			break;
		default:
			break;
		}
	outcome_of(context, rule)->what |= what;
}

static void decide(struct decided *decided, const char *line, size_t length, struct outcomes *ret)
{
	struct event_reader reader = { .tokener = NULL };
	struct event_sample *event = calloc(1, sizeof(*event));
	const char *error = "";
	const int kind = event_reader_read(&reader, line, length, event, &error);

	if (kind != 1)
		fail_msg("%s: %s", error, line);
	simulate(&decided->simulation, event, take, ret);
	event_reader_release(&reader);
	free(event);
}

/* ---- Both ---- */

struct compared { size_t policies, refused, calls, meant; };

static const char *differs(const struct outcomes *here, struct outcomes *there, bool unreadable)
{
	for (size_t n = 0; n < there->count; n++) {
		unsigned what = 0;

		for (size_t i = 0; i < here->count; i++)
			if (!strcmp(here->items[i].rule, there->items[n].rule))
				what = here->items[i].what;
		if (unreadable ? there->items[n].what & ~what : there->items[n].what != what)
			return there->items[n].rule;
	}
	for (size_t n = 0; n < here->count && !unreadable; n++)
		if (here->items[n].what && !outcome_of(there, here->items[n].rule)->what)
			return here->items[n].rule;
	return NULL;
}

/* What watches there of a back end: at the LSM hook, and at the function behind it. */
static void add_readers(struct decided *decided, const struct ir_hook *hook, struct readers *ret)
{
	for (size_t p = 0; p < image_policy_count(&decided->built->view); p++)
		for (size_t h = 0; h < decided->simulation.policies[p].hooks.count; h++) {
			const struct ir_hook *other = &decided->simulation.policies[p].hooks.items[h];

			if (other->kind == hook->kind ? !strcmp(other->name.bytes, hook->name.bytes) :
			    hook->kind == HOOK_LSM && intent_is_function(other->name.bytes, hook->name.bytes))
				ret->items[ret->count++] = other;
		}
}

static void compare_call(struct decided *here, struct decided *there, const struct ir_hook *hook, const char *text, const struct words *words,
			 uint64_t seed, struct compared *compared)
{
	const struct ir_hook *items[512];
	struct readers readers = { items, 0 };
	struct outcomes ours = { .count = 0 }, theirs = { .count = 0 };
	struct call call = { .name = hook->name.bytes, .kind = hook->kind, .seed = seed, .unreadable = seed % 8 == 0 };
	struct buffer line = { 0 };
	const char *rule;

	add_readers(here, hook, &readers);
	add_readers(there, hook, &readers);
	for (int way = 0; way < (hook->kind == HOOK_LSM ? 2 : 1); way++) {
		line.length = 0;
		call.as_function = way;
		call_write(&call, &readers, words, &line);
		buffer_add_char(&line, '\0');
		decide(here, line.bytes, line.length - 1, &ours);
		decide(there, line.bytes, line.length - 1, &theirs);
	}
	rule = differs(&ours, &theirs, call.unreadable);
	if (rule) {
		print_message("%s", text);
		print_message("%s\n", line.bytes);
		fail_msg("rule '%s' differs: here %x, there %x, seed %llu", rule, outcome_of(&ours, rule)->what, outcome_of(&theirs, rule)->what,
			 (unsigned long long)seed);
	}
	compared->calls++;
	for (size_t n = 0; n < ours.count; n++)
		compared->meant += ours.items[n].what != 0;
	buffer_release(&line);
}

static bool emit(struct decided *here, struct buffer *ret)
{
	size_t count = 0;

	if (unit_emit(&here->built->unit, ret, &count))
		return false;
	buffer_add_char(ret, '\0');
	return true;
}

static void compare_policy(const char *text, uint64_t seed, struct compared *compared)
{
	struct decided here, there = { .is_there = false };
	struct buffer emitted = { 0 };
	struct words words;

	if (!decided_begin(&here, text)) {
		decided_end(&here);
		return;
	}
	compared->policies++;
	if (!emit(&here, &emitted)) {
		compared->refused++;
	} else {
		if (!decided_begin(&there, emitted.bytes))
			fail_msg("what was emitted is not right: %s\n%s\n%s", there.built->message, text, emitted.bytes);
		words_read(&words, text);
		for (size_t n = 0; n < EVENTS_OF_POLICY; n++) {
			const struct ir_policy *policy = &here.simulation.policies[n % image_policy_count(&here.built->view)];

			random_state = seed * 31 + n + 1;
			random_word();
			if (policy->hooks.count)
				compare_call(&here, &there, &policy->hooks.items[pick((unsigned)policy->hooks.count)], text, &words, seed * 1000 + n, compared);
		}
		words_release(&words);
		decided_end(&there);
	}
	buffer_release(&emitted);
	decided_end(&here);
}

/* ---- Which ---- */

static uint64_t number_of(const char *name, uint64_t otherwise)
{
	const char *text = getenv(name);

	return text ? strtoull(text, NULL, 0) : otherwise;
}

static void rules_by_chance(void **state)
{
	const uint64_t count = number_of("TETRA_COUNT", 600), seed = number_of("TETRA_SEED", 20261127);
	struct compared compared = { 0 };

	(void)state;
	for (uint64_t n = 0; n < count; n++) {
		struct buffer text = { 0 };

		random_state = seed + n;
		for (int i = 0; i < 8; i++)
			random_word();
		some_rules(&text);
		buffer_add_char(&text, '\0');
		compare_policy(text.bytes, seed + n, &compared);
		buffer_release(&text);
	}
	print_message("%zu policies of %llu, %zu refused by emission, %zu calls, %zu times a rule means one\n", compared.policies,
		      (unsigned long long)count, compared.refused, compared.calls, compared.meant);
	assert_true(compared.policies > count / 3);
	assert_true(compared.refused < compared.policies / 2);
	assert_true(compared.meant > compared.calls / 20);
}

/* Those that are about other kinds of calls, or that are there to be refused. */
static bool is_left_out(const char *path)
{
	static const char *const names[] = { "/target-profile", "/target-auto", "/target-weak", "/too-many", "/scope-too-long" };

	for (size_t n = 0; n < sizeof(names) / sizeof(*names); n++)
		if (strstr(path, names[n]))
			return true;
	return false;
}

static char *read_file(const char *path)
{
	FILE *file = fopen(path, "rb");
	char *text = calloc(1, 1 << 16);

	assert_non_null(file);
	assert_non_null(text);
	assert_true(fread(text, 1, (1 << 16) - 1, file) < (1 << 16) - 1);
	fclose(file);
	return text;
}

static void rules_of_the_goldens(void **state)
{
	struct compared compared = { 0 };
	glob_t found;

	(void)state;
	assert_int_equal(glob("tests/golden/rules/*.yaml", 0, NULL, &found), 0);
	for (size_t n = 0; n < found.gl_pathc; n++) {
		char *text = is_left_out(found.gl_pathv[n]) ? NULL : read_file(found.gl_pathv[n]);

		for (uint64_t seed = 1; text && seed < 9; seed++)
			compare_policy(text, seed * 7919, &compared);
		free(text);
	}
	globfree(&found);
	print_message("%zu policies, %zu refused by emission, %zu calls, %zu times a rule means one\n", compared.policies, compared.refused,
		      compared.calls, compared.meant);
	assert_true(compared.calls > 15 * 8 * EVENTS_OF_POLICY / 2);
	assert_true(compared.meant > compared.calls / 50);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rules_of_the_goldens), cmocka_unit_test(rules_by_chance),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
