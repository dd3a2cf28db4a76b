// SPDX-License-Identifier: Apache-2.0
/* test_decode.c - trees to policies: which documents, what goes where, what is refused once. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "compiler/compiler.h"
#include "compiler/policy/policy.h"

#define HEAD "apiVersion: cilium.io/v1alpha1\nkind: TracingPolicy\nmetadata: {name: p}\nspec:\n"

static void decode(struct unit *unit, const char *text)
{
	unit_init(unit, "x.yaml", text, strlen(text));
	unit_compile(unit, compiler_find_pass("decode"));
}

#define FLOW_HEAD "apiVersion: cilium.io/v1alpha1, kind: TracingPolicy, metadata: {name: a}, spec: "

static void documents(void **state)
{
	static const struct { const char *shows, *text; size_t policies, passed_over, errors; } rows[] = {
		{ "one", HEAD "  kprobes: []\n", 1, 0, 0 },
		{ "others are passed over", "kind: Pod\n---\n" HEAD "  {}\n---\n[]\n---\nx\n", 1, 3, 0 },
		{ "empty documents are nothing", "---\n---\n" HEAD "  {}\n---\n", 1, 0, 0 },
		{ "nothing but others", "kind: Pod\n", 0, 1, 1 },
		{ "a kind of another group", "kind: TracingPolicys\napiVersion: example.com/v1\n", 0, 1, 1 },
		{ "a misspelt kind", "kind: TracingPolcy\n", 0, 0, 1 },
		{ "no kind, but our group", "apiVersion: cilium.io/v1alpha1\nspec: {}\n", 0, 0, 1 },
		{ "no kind, but hooks", "spec: {kprobes: []}\n", 0, 0, 1 },
		{ "no kind, nothing of ours", "a: b\n", 0, 1, 1 },
		{ "duplicate keys of others", "kind: Pod\na: 1\na: 2\n---\n" HEAD "  {}\n", 1, 1, 0 },
		{ "a List of others", "kind: List\nitems: [{kind: Pod}]\n---\n" HEAD "  {}\n", 1, 1, 0 },
		{ "a List with a policy", "kind: List\nitems: [{kind: Pod}, {" FLOW_HEAD "{}}]\n", 1, 1, 0 },
		{ "a list of policies", "kind: TracingPolicyList\nitems: [{" FLOW_HEAD "{}}, {" FLOW_HEAD "{}}]\n", 2, 0, 0 },
		{ "a list in a list", "kind: List\nitems: [{kind: List, items: [{" FLOW_HEAD "{}}]}]\n", 0, 1, 1 },
		{ "no list without items", "kind: List\n---\n" HEAD "  {}\n", 1, 1, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct unit unit;

		decode(&unit, rows[i].text);
		assert_int_equal(unit.policies->count, rows[i].policies);
		assert_int_equal(unit.passed_over, rows[i].passed_over);
		assert_int_equal(unit.diagnostics.errors, rows[i].errors);
		unit_release(&unit);
	}
}

static void whole_policy(void **state)
{
	static const char text[] = HEAD
		"  options: [{name: policy-mode, value: monitor}]\n"
		"  kprobes:\n"
		"  - call: sys_write\n"
		"    return: true\n"
		"    returnArg: {index: 0, type: long}\n"
		"    message: hello\n"
		"    tags: [one, two]\n"
		"    args: [{index: 1, type: string, label: text}]\n"
		"    selectors:\n"
		"    - matchArgs: [{index: 1, operator: Prefix, values: [a, b]}]\n"
		"      matchBinaries: [{operator: NotIn, values: [/bin/sh]}]\n"
		"      matchPIDs: [{operator: In, values: [1, 0x10]}]\n"
		"      matchActions: [{action: Override, argError: -1}, {action: Signal, argSig: 9}]\n"
		"  - {call: fd_install, syscall: false}\n";
	const struct policy_hook *hooks;
	const struct policy_selector *selector;
	const struct policy *policy;
	struct unit unit;

	(void)state;
	decode(&unit, text);
	assert_int_equal(unit.diagnostics.count, 0);
	policy = &unit.policies->items[0];
	assert_string_equal(policy->name.bytes, "p");
	assert_string_equal(policy->options.items[0].value.bytes, "monitor");
	assert_int_equal(policy->hooks.count, 2);
	hooks = policy->hooks.items;
	assert_int_equal(hooks[0].kind, HOOK_KPROBE);
	assert_true(hooks[0].syscall && hooks[0].returns && !hooks[1].syscall && !hooks[1].returns);
	assert_int_equal(hooks[0].return_argument->type, TYPE_INT64);
	assert_string_equal(hooks[0].message.bytes, "hello");
	assert_string_equal(hooks[0].tags.items[1].bytes, "two");
	assert_int_equal(hooks[0].arguments.items[0].index, 1);
	assert_string_equal(hooks[0].arguments.items[0].label.bytes, "text");
	assert_memory_equal(text + hooks[0].arguments.items[0].type_at.start, "string", 6);
	selector = &hooks[0].selectors.items[0];
	assert_int_equal(selector->arguments.items[0].op, OPERATOR_PREFIX);
	assert_int_equal(selector->arguments.items[0].values.count, 2);
	assert_string_equal(selector->arguments.items[0].values.items[1].text.bytes, "b");
	assert_int_equal(selector->binaries.items[0].op, OPERATOR_NOT_IN);
	assert_int_equal(selector->pids.items[0].values.items[1].low, 16);
	assert_int_equal(selector->actions.items[0].error, -1);
	assert_int_equal(selector->actions.items[1].signal, 9);
	unit_release(&unit);
}

/* One mistake, one error: nothing that follows from it is reported as well. */
static void no_cascades(void **state)
{
	static const struct { const char *shows, *hook; enum diagnostic_id id; } rows[] = {
		{ "a misspelt required key is not missing too", "{cal: x}", DIAG_UNKNOWN_KEY },
		{ "a wrong index is not repeated", "{call: sys_a, args: [{index: -1, type: int}, {index: 0, type: int}]}",
			DIAG_OUT_OF_BOUNDS },
		{ "a filter on an argument that could not be read",
			"{call: sys_a, args: [{index: x, type: int}], selectors: [{matchArgs: [{index: 1, operator: Equal, "
			"values: ['1']}]}]}", DIAG_WRONG_SHAPE },
		{ "a filter on an argument of unknown type",
			"{call: sys_a, args: [{index: 0, type: quux}], selectors: [{matchArgs: [{index: 0, operator: Equal, "
			"values: [x]}]}]}", DIAG_UNKNOWN_VALUE },
		{ "misspelt values are not missing too",
			"{call: sys_a, args: [{index: 0, type: int}], selectors: [{matchArgs: [{index: 0, operator: Equal, "
			"vlaues: ['1']}]}]}", DIAG_UNKNOWN_KEY },
		{ "an entry that is no mapping", "{call: sys_a, args: [x]}", DIAG_WRONG_SHAPE },
		{ "a null entry", "{call: sys_a, selectors: [~]}", DIAG_NULL_VALUE },
		{ "a broken returnArg is there", "{call: sys_a, return: true, returnArg: 1}", DIAG_WRONG_SHAPE },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct buffer text = { 0 };
		struct unit unit;

		buffer_format(&text, "%s  kprobes:\n  - %s\n", HEAD, rows[i].hook);
		unit_init(&unit, "x.yaml", text.bytes, text.length);
		assert_int_equal(unit_compile(&unit, NULL), -EINVAL);
		if (unit.diagnostics.count != 1 || unit.diagnostics.items[0].id != rows[i].id)
			print_message("%s: %s\n", rows[i].shows, unit.diagnostics.items[0].message);
		assert_int_equal(unit.diagnostics.count, 1);
		assert_int_equal(unit.diagnostics.items[0].id, rows[i].id);
		unit_release(&unit);
		buffer_release(&text);
	}
}

static void fixes(void **state)
{
	static const struct { const char *text, *at, *replacement; } rows[] = {
		{ HEAD "  kprobes: [{call: sys_a, agrs: []}]\n", "agrs", "args" },
		{ HEAD "  kprobes: [{call: sys_a, tags: [12]}]\n", "12", "\"12\"" },
		{ HEAD "  kprobes: [{call: sys_a, return: 'off'}]\n", "'off'", "off" },
		{ HEAD "  kprobes: [{call: sys_a, syscall: yes}]\n", "yes", "true" },
		{ HEAD "  kprobes: [{call: sys_a, args: [{index: 0, type: Int}]}]\n", "Int", "int" },
		{ "apiVersion: cilium.io/v1alpha1\nkind: tracingPolicy\n", "tracingPolicy", "TracingPolicy" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct unit unit;
		const struct diagnostic *first;

		decode(&unit, rows[i].text);
		first = &unit.diagnostics.items[0];
		assert_int_equal(unit.diagnostics.count, 1);
		assert_string_equal(first->replacement, rows[i].replacement);
		assert_int_equal(first->at.end - first->at.start, strlen(rows[i].at));
		assert_memory_equal(rows[i].text + first->at.start, rows[i].at, strlen(rows[i].at));
		unit_release(&unit);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(documents),
		cmocka_unit_test(whole_policy),
		cmocka_unit_test(no_cascades),
		cmocka_unit_test(fixes),
	};

	return cmocka_run_group_tests_name("decode", tests, NULL, NULL);
}
