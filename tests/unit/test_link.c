// SPDX-License-Identifier: Apache-2.0
/* test_link.c - linking: what is shared, which ids hooks get, in which order it is decided, what does not fit. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "tests/unit/built.h"

#define ARGUMENTS "    args: [{index: 0, type: int}, {index: 1, type: string}]\n"

static void link_text(struct built *built, const char *text)
{
	assert_int_equal(built_compile(built, text), 0);
	if (built_link(built, NULL))
		fail_msg("%s%s", built->error ? built->error : "", built->message);
}

static const struct abi_record *records_of(const struct built *built, const struct image_hook *hook)
{
	return (const void *)(built->view.bytes + hook->abi->program);
}

static void hooks_of_one_function_are_one(void **state)
{
	struct built built;
	struct image_hook hook;

	(void)state;
	link_text(&built, KPROBE("a", "f") ARGUMENTS "---\n" KPROBE("b", "f")
		  "    args: [{index: 1, type: string}, {index: 0, type: int64}]\n---\n" KPROBE("c", "g") ARGUMENTS);
	assert_int_equal(image_hook_count(&built.view), 2);
	hook = image_hook_at(&built.view, 0);
	assert_string_equal(hook.key, "kprobe:f");
	assert_string_equal(hook.policy, "a");
	assert_string_equal(hook.place, "p.yaml:6:5");
	assert_int_equal(hook.abi->slot_count, 3);	/* the int, the string once, and the int64 */
	assert_int_equal(hook.argument_count, 2);
	built_release(&built);
}

static void keys_name_what_is_attached(void **state)
{
	static const struct { const char *hooks, *key; } rows[] = {
		{ "  kprobes: [{call: sys_write, syscall: true}]\n", "kprobe:sys_write#syscall" },
		{ "  kprobes: [{call: vfs_write, syscall: false}]\n", "kprobe:vfs_write" },
		{ "  tracepoints: [{subsystem: sched, event: sched_switch}]\n", "tracepoint:sched/sched_switch" },
		{ "  tracepoints: [{subsystem: sched, event: sched_switch, raw: true}]\n", "raw_tracepoint:sched_switch" },
		{ "  lsmhooks: [{hook: file_open}]\n", "lsm:file_open" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct built built;
		struct arena arena = { 0 };

		link_text(&built, arena_format(&arena, "%s%s", POLICY("p"), rows[i].hooks));
		assert_string_equal(image_hook_at(&built.view, 0).key, rows[i].key);
		built_release(&built);
		arena_release(&arena);
	}
}

static void returns_are_a_hook_of_their_own(void **state)
{
	struct built built;
	struct image_hook entry, returned;

	(void)state;
	link_text(&built, KPROBE("a", "f") ARGUMENTS "---\n" KPROBE("b", "f")
		  "    return: true\n    returnArg: {index: 0, type: int}\n" ARGUMENTS);
	assert_int_equal(image_hook_count(&built.view), 2);
	entry = image_hook_at(&built.view, 0);
	returned = image_hook_at(&built.view, 1);
	assert_string_equal(returned.key, "kretprobe:f");
	assert_true(returned.returns);
	assert_string_equal(returned.policy, "b");
	assert_int_equal(entry.pair, returned.id);
	assert_int_equal(returned.pair, entry.id);
	assert_int_equal(returned.abi->record_count, 0);
	assert_int_equal(returned.abi->slots[0].source, ABI_SOURCE_RETURN);
	built_release(&built);
}

static void hooks_keep_their_ids(void **state)
{
	static const struct link_assignment assignments[] = { { "kprobe:c", 7 }, { "kprobe:gone", 9 }, { "kprobe:b", 1 } };
	struct link_options options = { assignments, 3, { 1 } };	/* id 0 is reserved */
	struct built built;

	(void)state;
	assert_int_equal(built_compile(&built, KPROBE("a", "a") "---\n" KPROBE("b", "b") "---\n" KPROBE("c", "c")
				       "---\n" KPROBE("d", "d")), 0);
	assert_int_equal(built_link(&built, &options), 0);
	assert_string_equal(image_hook_at(&built.view, 0).key, "kprobe:b");
	assert_int_equal(image_hook_at(&built.view, 0).id, 1);
	assert_string_equal(image_hook_at(&built.view, 1).key, "kprobe:a");
	assert_int_equal(image_hook_at(&built.view, 1).id, 2);
	assert_int_equal(image_hook_at(&built.view, 2).id, 3);
	assert_string_equal(image_hook_at(&built.view, 3).key, "kprobe:c");
	assert_int_equal(image_hook_at(&built.view, 3).id, 7);
	built_release(&built);
}

static void policies_keep_their_ids(void **state)
{
	static const struct link_assignment known[] = { { "c", 2 }, { "gone", 0 }, { "a", 5 } };
	struct link_options options = { .policies = known, .policy_id_count = 3 };
	static const uint32_t wanted[] = { 5, 1, 2, 3 };
	struct built built;

	(void)state;
	assert_int_equal(built_compile(&built, KPROBE("a", "a") "---\n" KPROBE("b", "b") "---\n" KPROBE("c", "c")
				       "---\n" KPROBE("d", "d")), 0);
	assert_int_equal(built_link(&built, &options), 0);
	for (size_t n = 0; n < 4; n++)
		assert_int_equal(image_policy_at(&built.view, n).id, wanted[n]);
	built_release(&built);
}

/* Where all ids were somebody's, those of policies that go are taken. */
static void ids_of_policies_that_go_are_the_last_ones(void **state)
{
	static struct link_assignment known[ABI_POLICIES_MAX];
	struct link_options options = { .policies = known, .policy_id_count = ABI_POLICIES_MAX };
	struct built built;

	(void)state;
	for (uint32_t n = 0; n < ABI_POLICIES_MAX; n++)
		known[n] = (struct link_assignment){ n == 7 ? "b" : "gone", n };
	assert_int_equal(built_compile(&built, KPROBE("a", "a") "---\n" KPROBE("b", "b")), 0);
	assert_int_equal(built_link(&built, &options), 0);
	assert_int_equal(image_policy_at(&built.view, 0).id, 0);
	assert_int_equal(image_policy_at(&built.view, 1).id, 7);
	built_release(&built);
	known[1].id = 0;	/* one id of two policies */
	assert_int_equal(built_compile(&built, KPROBE("a", "a")), 0);
	assert_int_equal(built_link(&built, &options), -EINVAL);
	assert_non_null(strstr(built.error, "policy id 0 of gone cannot be kept"));
	built_release(&built);
}

static void a_mode_can_be_chosen(void **state)
{
	static const struct { const char *written; enum link_mode mode; bool kills, monitors; } rows[] = {
		{ "enforce", LINK_MODE_WRITTEN, true, false }, { "enforce", LINK_MODE_MONITOR, true, true },
		{ "enforce", LINK_MODE_ENFORCE, true, false }, { "monitor", LINK_MODE_WRITTEN, true, true },
		{ "monitor", LINK_MODE_MONITOR, true, true }, { "monitor", LINK_MODE_ENFORCE, true, false },
		{ "enforce", LINK_MODE_ENFORCE, false, true }, { "enforce", LINK_MODE_WRITTEN, false, true },
	};

	(void)state;
	for (size_t n = 0; n < sizeof(rows) / sizeof(*rows); n++) {
		struct buffer text = { 0 };
		struct built built;

		buffer_format(&text, POLICY("p") "  options: [{name: policy-mode, value: %s}]\n  kprobes:\n  - call: f\n"
			      "    syscall: false\n    selectors: [{matchActions: [{action: %s}]}]\n", rows[n].written,
			      rows[n].kills ? "Sigkill" : "Post");
		assert_int_equal(built_compile(&built, text.bytes), 0);
		built.inputs[0].mode = rows[n].mode;
		assert_int_equal(built_link(&built, NULL), 0);
		assert_int_equal(image_policy_at(&built.view, 0).monitor, rows[n].monitors);
		built_release(&built);
		buffer_release(&text);
	}
}

static void cheap_filters_come_first(void **state)
{
	static const uint8_t order[] = { ABI_OP_GREATER_SIGNED, ABI_OP_BINARY, ABI_OP_STRING, ABI_OP_ACCEPT, ABI_OP_END };
	struct built built;
	struct image_hook hook;

	(void)state;
	link_text(&built, KPROBE("a", "f") ARGUMENTS
		  "    selectors: [{matchBinaries: [{operator: In, values: ['/bin/sh']}], matchArgs: [\n"
		  "      {index: 1, operator: Prefix, values: ['/tmp']}, {index: 0, operator: GT, values: ['1']}]}]\n");
	hook = image_hook_at(&built.view, 0);
	assert_int_equal(hook.abi->record_count, sizeof(order));
	for (size_t n = 0; n < sizeof(order); n++)
		assert_int_equal(records_of(&built, &hook)[n].op, order[n]);
	built_release(&built);
}

static void equal_lists_share_a_row(void **state)
{
	const char *filter = SELECTOR("{index: 1, operator: Prefix, values: ['/tmp/', '/etc/']}");
	const char *negated = SELECTOR("{index: 1, operator: NotPrefix, values: ['/tmp/', '/etc/']}");
	struct arena arena = { 0 };
	struct built built;
	struct image_hook hook;

	(void)state;
	link_text(&built, arena_format(&arena, "%s%s---\n%s%s---\n%s%s", KPROBE("a", "f") ARGUMENTS, filter,
				       KPROBE("b", "f") ARGUMENTS, filter, KPROBE("c", "f") ARGUMENTS, negated));
	hook = image_hook_at(&built.view, 0);
	assert_int_equal(hook.abi->register_count, 1);
	assert_int_equal(records_of(&built, &hook)[0].operand, records_of(&built, &hook)[2].operand);
	assert_int_equal(records_of(&built, &hook)[0].operand, records_of(&built, &hook)[4].operand);
	built_release(&built);
	arena_release(&arena);
}

/* How many of the policies share a hook; each gets the text with its number in place of %u. */
static const char *many(struct arena *arena, unsigned count, const char *after)
{
	struct buffer text = { 0 };
	const char *ret;

	for (unsigned n = 0; n < count; n++) {
		buffer_format(&text, POLICY("p%u") "  kprobes:\n  - call: f%u\n    syscall: false\n" ARGUMENTS, n,
			      n / 32);
		for (const char *at = after; *at; at++)
			if (*at == '#')
				buffer_format(&text, "%u", n);
			else
				buffer_add_char(&text, *at);
		buffer_add_text(&text, "---\n");
	}
	ret = arena_copy(arena, text.bytes, text.length);
	buffer_release(&text);
	return ret;
}

static void what_does_not_fit_is_refused(void **state)
{
	static const struct { const char *shows; unsigned count; const char *after; int want; const char *error; } rows[] = {
		{ "1024 lists of binaries", 1024, "    selectors: [{matchBinaries: [{operator: In, values: ['/bin/#']}]}]\n", 0, "" },
		{ "1025 lists of binaries", 1025, "    selectors: [{matchBinaries: [{operator: In, values: ['/bin/#']}]}]\n", -E2BIG,
		  "policy 'p1024' (p.yaml:10249:34): the policies of a host can have 1024 different lists of programs, this one is too many" },
		{ "65 policies with one list", 65, "    selectors: [{matchBinaries: [{operator: In, values: ['/bin/sh']}]}]\n", 0, "" },
		{ "32 policies on one hook", 32, "", 0, "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct arena arena = { 0 };
		struct built built;

		print_message("# %s\n", rows[i].shows);
		assert_int_equal(built_compile(&built, many(&arena, rows[i].count, rows[i].after)), 0);
		assert_int_equal(built_link(&built, NULL), rows[i].want);
		assert_string_equal(built.error ? built.error : "", rows[i].error);
		assert_true(rows[i].want == 0 || !built.image.length);
		built_release(&built);
		arena_release(&arena);
	}
}

static void too_many_policies_on_one_hook_are_refused(void **state)
{
	struct arena arena = { 0 };
	struct buffer text = { 0 };
	struct built built;

	(void)state;
	for (unsigned n = 0; n < ABI_ACCEPTS_MAX + 1; n++)
		buffer_format(&text, "%s" POLICY("p%u") "  kprobes: [{call: f, syscall: false}]\n", n ? "---\n" : "", n);
	assert_int_equal(built_compile(&built, text.bytes), 0);
	assert_int_equal(built_link(&built, NULL), -E2BIG);
	assert_string_equal(built.error, "kprobe:f: 129 policies watch this hook, at most 128 can");
	built_release(&built);
	buffer_release(&text);
	arena_release(&arena);
}

static void two_policies_of_one_name_are_refused(void **state)
{
	struct built built;

	(void)state;
	assert_int_equal(built_compile(&built, KPROBE("a", "f")), 0);
	built.inputs[1] = built.inputs[0];
	built.inputs[1].name = "q.yaml";
	assert_int_equal(link_image(built.inputs, 2, NULL, &built.arena, &built.image, &built.error), -EINVAL);
	assert_string_equal(built.error, "two policies are named 'a': in p.yaml and in q.yaml");
	built_release(&built);
}

static void a_damaged_object_is_refused(void **state)
{
	struct built built;

	(void)state;
	assert_int_equal(built_compile(&built, KPROBE("a", "f")), 0);
	built.inputs[0].size--;
	assert_int_equal(built_link(&built, NULL), -EINVAL);
	assert_non_null(strstr(built.error, "p.yaml: "));
	built_release(&built);
}

static void the_same_objects_give_the_same_image(void **state)
{
	struct built one, other;
	const char *text = KPROBE("a", "f") ARGUMENTS SELECTOR("{index: 1, operator: Equal, values: ['c', 'a', 'b']}") "---\n"
			   KPROBE("b", "g") ARGUMENTS SELECTOR("{index: 0, operator: InRange, values: ['5:9', '1:2', '20:30']}");

	(void)state;
	link_text(&one, text);
	link_text(&other, text);
	assert_int_equal(one.image.length, other.image.length);
	assert_memory_equal(one.image.bytes, other.image.bytes, one.image.length);
	built_release(&one);
	built_release(&other);
}

static void nothing_links_to_an_empty_image(void **state)
{
	struct built built = { .error = NULL };

	(void)state;
	assert_int_equal(link_image(NULL, 0, NULL, &built.arena, &built.image, &built.error), 0);
	assert_int_equal(image_verify(built.image.bytes, built.image.length, &built.view, built.message), 0);
	assert_int_equal(image_policy_count(&built.view), 0);
	assert_int_equal(image_hook_count(&built.view), 0);
	buffer_release(&built.image);
	arena_release(&built.arena);
}

/* At -O0 a set that is there already takes another row: the 65th must go to another table. */
static void plain_rows_do_not_overflow(void **state)
{
	static struct built built;
	struct buffer text = { 0 };
	struct link_options plain = { .plain = true };

	(void)state;
	for (int n = 0; n < 70; n++)
		buffer_format(&text, "---\napiVersion: cilium.io/v1alpha1\nkind: TracingPolicy\nmetadata: {name: p%d}\nspec:\n  kprobes:\n"
			      "  - call: f\n    syscall: false\n" ARGUMENTS SELECTOR("{index: 1, operator: Prefix, values: [\"/etc/\"]}"), n);
	assert_int_equal(built_compile(&built, text.bytes), 0);
	assert_int_equal(built_link(&built, &plain), 0);
	assert_int_equal(image_hook_at(&built.view, 0).abi->register_count, 2);
	built_release(&built);
	buffer_release(&text);
}

/* A hook for each entry: which function an ABI means is for the kernel to say, but none is taken for another's. */
static void lists_are_hooks(void **state)
{
	static const char *const syscalls[] = { "sys_close", "sys_write" };
	static const struct { const char *list; struct link_options options; const char *keys[4]; bool generated; } rows[] = {
		{ "type: syscalls, values: [sys_write, x64/sys_read, i386/sys_close, arm64/sys_close]", { 0 },
		  { "kprobe:sys_write#syscall", "kprobe:__x64_sys_read#syscall", "kprobe:__ia32_sys_close#syscall",
		    "kprobe:__arm64_sys_close#syscall" }, false },
		{ "values: [vfs_read, vfs_write]", { 0 }, { "kprobe:vfs_read#syscall", "kprobe:vfs_write#syscall" }, false },
		{ "type: generated_syscalls", { 0 }, { "kprobe:sys_*#syscall" }, true },
		{ "type: generated_syscalls", { .syscalls = syscalls, .syscall_count = 2 },
		  { "kprobe:sys_close#syscall", "kprobe:sys_write#syscall" }, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct arena arena = { 0 };
		struct built built;
		size_t n;

		assert_int_equal(built_compile(&built, arena_format(&arena, POLICY("p") "  lists: [{name: l, %s}]\n  kprobes:\n"
			"  - call: \"list:l\"\n", rows[i].list)), 0);
		assert_int_equal(built_link(&built, &rows[i].options), 0);
		for (n = 0; n < 4 && rows[i].keys[n]; n++) {
			assert_string_equal(image_hook_at(&built.view, n).key, rows[i].keys[n]);
			assert_int_equal(image_hook_at(&built.view, n).generated, rows[i].generated);
		}
		assert_int_equal(image_hook_count(&built.view), n);
		built_release(&built);
		arena_release(&arena);
	}
}

/* Nobody may insist on a hook that is optional; who does is who is told. */
#define NOTIFIER(name, options, calls) POLICY(name) options "  lists: [{name: l, type: syscalls, values: [sys_dup, i386/sys_dup2]}]\n" \
	"  enforcers: [{calls: [" calls "]}]\n  kprobes:\n  - call: f\n    syscall: false\n" \
	"    selectors: [{matchActions: [{action: NotifyEnforcer, argError: -1}]}]\n"

static const struct abi_accept *first_accept(const struct built *built, const struct image_hook *hook)
{
	const struct abi_record *record = (const void *)(built->view.bytes + hook->abi->program);

	assert_int_equal(record->op, ABI_OP_ACCEPT);
	return (const void *)(built->view.bytes + record->operand);
}

/* Beside the policy's own hooks; policies share one where they want the same of it. */
static void calls_of_enforcers_are_hooks(void **state)
{
	static const struct { const char *key; bool enforcer, syscall, fmod_ret; } rows[] = {
		{ "kprobe:f", false, false, false }, { "enforcer:__ia32_sys_dup2#syscall", true, true, false },
		{ "enforcer:__ia32_sys_dup2#syscall#fmod-ret", true, true, true },
		{ "enforcer:security_file_open", true, false, false }, { "enforcer:sys_dup#syscall", true, true, false },
		{ "enforcer:sys_dup#syscall#fmod-ret", true, true, true },
	};
	struct built built;

	(void)state;
	assert_int_equal(built_compile(&built, NOTIFIER("a", "", "security_file_open, list:l") "---\n" NOTIFIER("b", "", "sys_dup") "---\n"
				       NOTIFIER("c", "  options: [{name: override-method, value: fmod-ret}]\n", "list:l")), 0);
	assert_int_equal(built_link(&built, NULL), 0);
	assert_int_equal(image_hook_count(&built.view), sizeof(rows) / sizeof(*rows));
	for (size_t n = 0; n < sizeof(rows) / sizeof(*rows); n++) {
		struct image_hook hook = { .key = "" };

		for (size_t i = 0; i < image_hook_count(&built.view) && strcmp(hook.key, rows[n].key); i++)
			hook = image_hook_at(&built.view, i);
		assert_string_equal(hook.key, rows[n].key);
		assert_int_equal(hook.enforcer, rows[n].enforcer);
		assert_int_equal(hook.syscall, rows[n].syscall);
		assert_int_equal(hook.fmod_ret, rows[n].fmod_ret);
		assert_int_equal(hook.overrides, rows[n].enforcer);
		if (rows[n].enforcer) {
			const struct abi_accept *accept = first_accept(&built, &hook);
			const struct abi_action *actions = (const void *)(built.view.bytes + accept->actions);

			assert_int_equal(actions[0].op, ABI_ACTION_ENFORCE);
			assert_true(accept->flags & ABI_ACCEPT_QUIET && accept->flags & ABI_ACCEPT_ACTS);
		}
	}
	assert_int_equal(image_policy_at(&built.view, 0).hook_count, 4);
	built_release(&built);
}

/* What a thread was notified of is done in hooks of enforcers only. */
static void others_do_not_enforce(void **state)
{
	struct built built;
	struct abi_action *action;

	(void)state;
	assert_int_equal(built_compile(&built, NOTIFIER("a", "", "sys_dup")), 0);
	assert_int_equal(built_link(&built, NULL), 0);
	for (size_t n = 0; n < 2; n++) {
		struct image_hook hook = image_hook_at(&built.view, n);

		if (hook.enforcer)
			continue;
		action = (void *)(built.image.bytes + first_accept(&built, &hook)->actions);
		action->op = ABI_ACTION_ENFORCE;
	}
	image_seal(built.image.bytes, built.image.length);
	assert_int_equal(image_verify(built.image.bytes, built.image.length, &built.view, built.message), -EINVAL);
	assert_non_null(strstr(built.message, "its accept has unknown actions"));
	built_release(&built);
}

static void a_hook_is_optional_for_all_or_none(void **state)
{
#define IGNORED "    ignore: {callNotFound: true}\n"
	static const struct { const char *text; bool optional; const char *place; } rows[] = {
		{ KPROBE("a", "f") IGNORED, true, "p.yaml:6:5" },
		{ KPROBE("a", "f") IGNORED "---\n" KPROBE("b", "f") IGNORED, true, "p.yaml:6:5" },
		{ KPROBE("a", "f") IGNORED "---\n" KPROBE("b", "f"), false, "p.yaml:15:5" },
		{ KPROBE("a", "f"), false, "p.yaml:6:5" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct built built;

		link_text(&built, rows[i].text);
		assert_int_equal(image_hook_at(&built.view, 0).optional, rows[i].optional);
		assert_string_equal(image_hook_at(&built.view, 0).place, rows[i].place);
		built_release(&built);
	}
}

static void data_are_told_from_arguments(void **state)
{
	struct image_report_storage storage;
	struct image_report report;
	struct built built;

	(void)state;
	link_text(&built, KPROBE("a", "f") ARGUMENTS "    data: [{index: 0, type: string, source: current_task, resolve: comm}]\n");
	assert_true(image_report_of(&built.view, 0, 0, &storage, &report));
	assert_int_equal(report.argument_count, 3);
	for (size_t n = 0; n < 3; n++)
		assert_int_equal(report.arguments[n].is_data, n == 2);
	built_release(&built);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hooks_of_one_function_are_one),
		cmocka_unit_test(keys_name_what_is_attached),
		cmocka_unit_test(returns_are_a_hook_of_their_own),
		cmocka_unit_test(plain_rows_do_not_overflow),
		cmocka_unit_test(hooks_keep_their_ids),
		cmocka_unit_test(policies_keep_their_ids),
		cmocka_unit_test(ids_of_policies_that_go_are_the_last_ones),
		cmocka_unit_test(a_mode_can_be_chosen),
		cmocka_unit_test(cheap_filters_come_first),
		cmocka_unit_test(equal_lists_share_a_row),
		cmocka_unit_test(what_does_not_fit_is_refused),
		cmocka_unit_test(too_many_policies_on_one_hook_are_refused),
		cmocka_unit_test(two_policies_of_one_name_are_refused),
		cmocka_unit_test(a_damaged_object_is_refused),
		cmocka_unit_test(the_same_objects_give_the_same_image),
		cmocka_unit_test(nothing_links_to_an_empty_image),
		cmocka_unit_test(lists_are_hooks),
		cmocka_unit_test(calls_of_enforcers_are_hooks),
		cmocka_unit_test(others_do_not_enforce),
		cmocka_unit_test(a_hook_is_optional_for_all_or_none),
		cmocka_unit_test(data_are_told_from_arguments),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
