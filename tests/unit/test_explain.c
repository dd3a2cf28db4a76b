// SPDX-License-Identifier: Apache-2.0
/* test_explain.c - policies and words of the language in English. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "compiler/explain.h"
#include "tests/unit/built.h"

#define ARGUMENTS "    args: [{index: 0, type: int, label: fd}, {index: 1, type: string}, {index: 2, type: sockaddr}]\n"

/* The explanation holds the sentence. */
static void sentences(void **state)
{
	static const struct { const char *text, *want; } rows[] = {
		{ KPROBE("p", "f"), "Policy p observes.  (p.yaml)\n  On calls of f:  (line 5)\n    Always: report an event.  (line 5)\n" },
		{ KPROBE("p", "f") ARGUMENTS SELECTOR("{index: 0, operator: Equal, values: ['1', '2', '3']}"),
		  "    When fd (argument 0, int) is 1, 2 or 3: report an event.  (line 8)\n" },
		{ KPROBE("p", "f") ARGUMENTS SELECTOR("{index: 1, operator: NotPrefix, values: ['/a b']}"),
		  "When argument 1 (string) does not start with \"/a b\": report" },
		{ KPROBE("p", "f") ARGUMENTS SELECTOR("{index: 2, operator: SAddr, values: ['10.0.0.0/8']}, {index: 2, operator: SPort, values: ['80']}"),
		  "When the address of argument 2 (sockaddr) is in 10.0.0.0/8, and the port of argument 2 (sockaddr) is 80: report" },
		{ KPROBE("p", "f") ARGUMENTS SELECTOR("{index: 0, operator: GT, values: ['1']}, {index: 0, operator: LT, values: ['5']}"),
		  "When fd (argument 0, int) is greater than 1 and fd (argument 0, int) is less than 5: report" },
		{ KPROBE("p", "f") ARGUMENTS "    selectors: [{matchPIDs: [{operator: NotIn, values: [1]}]}, {matchActions: [{action: Sigkill}]}]\n",
		  "    When the process id is not 1: report an event.  (line 8)\n    Otherwise, always: kill the process and report an event.  (line 8)\n" },
		{ KPROBE("p", "f") "    selectors: [{matchActions: [{action: Signal, argSig: 10}, {action: NoPost}]}]\n",
		  "Always: send signal 10 (SIGUSR1) and report nothing." },
		{ KPROBE("p", "security_f") "    selectors: [{matchActions: [{action: Override, argError: -13}]}]\n",
		  "Policy p enforces." },
		{ KPROBE("p", "security_f") "    selectors: [{matchActions: [{action: Override, argError: -13}]}]\n",
		  "Always: return -EACCES instead and report an event." },
		{ POLICY("p") "  options: [{name: policy-mode, value: monitor}]\n  kprobes:\n  - call: f\n    syscall: false\n"
		  "    selectors: [{matchActions: [{action: Sigkill}]}]\n",
		  "would enforce, but is in monitor mode." },
		{ KPROBE("p", "f") ARGUMENTS "    return: true\n    returnArg: {index: 0, type: int}\n",
		  "Events carry fd (argument 0, int), argument 1 (string), argument 2 (sockaddr) and what the call returned (int).\n" },
		{ KPROBE("p", "f") ARGUMENTS "    selectors: [{}, {matchArgs: [{index: 0, operator: Equal, values: ['1']}]}]\n",
		  "    Selector 2 never decides:" },
		{ POLICY("p") "  tracepoints: [{subsystem: sched, event: sched_switch, raw: true}]\n", "  On raw tracepoint sched/sched_switch:" },
		{ POLICY("p") "  lsmhooks: [{hook: file_open, message: \"m m\", tags: [\"aa\", \"bb\"]}]\n",
		  "    Their message: m m\n    Their tags: aa, bb\n" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct built built;
		struct buffer said = { 0 };
		struct ir_policy policy;

		assert_int_equal(built_compile(&built, rows[i].text), 0);
		assert_int_equal(object_read(built.inputs[0].bytes, built.inputs[0].size, &built.arena, &policy, built.message), 0);
		explain_policy(&policy, &said);
		if (!strstr(said.bytes, rows[i].want))
			fail_msg("wanted: %s\ngot: %s", rows[i].want, said.bytes);
		buffer_release(&said);
		built_release(&built);
	}
}

static void names(void **state)
{
	static const struct { const char *name, *want, *nearest; } rows[] = {
		{ "TP101", "TP101 (error): there is no such key\n", NULL },
		{ "kprobes", "kprobes: a list of mappings\n", NULL },
		{ "spec.kprobes[].selectors[].matchArgs[].operator", "the name of an operator, required\n", NULL },
		{ "kprobes.selectors.matchArgs.operator", "  InRange                True when the argument is in any of the min:max ranges", NULL },
		{ "kprobes.args.type", "  linux_binprm ", NULL },
		{ "metadata.name", "required", NULL },
		{ "matchArgs.operator", NULL, "operator" },
		{ "kprobes.selectors.matchArg", NULL, "matchArgs" },
		{ "NotEqual", "  The negation of Equal; a value that cannot be read satisfies neither.\n", NULL },
		{ "sockaddr", "  Operators: SAddr NotSAddr SPort", NULL },
		{ "filename", "  Operators: none, it can only be reported.\n", NULL },
		{ "Sigkill", "  It enforces:", NULL },
		{ "policy-mode", "  One of enforce|monitor.\n", NULL },
		{ "Sigkil", NULL, "Sigkill" },
		{ "zzzzzzzzzzzz", NULL, NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct buffer said = { 0 };
		const char *nearest = NULL;
		bool found = explain_name(rows[i].name, &said, &nearest);

		print_message("# %s\n", rows[i].name);
		assert_int_equal(found, rows[i].want != NULL);
		if (found && !strstr(said.bytes, rows[i].want))
			fail_msg("wanted: %s\ngot: %s", rows[i].want, said.bytes);
		if (!found && rows[i].nearest)
			assert_string_equal(nearest, rows[i].nearest);
		else if (!found)
			assert_null(nearest);
		buffer_release(&said);
	}
}

/* Every row of the tables has words, and can be asked for. */
static void every_row_can_be_explained(void **state)
{
	struct buffer said = { 0 };
	const char *nearest;

	(void)state;
	for (int n = 0; n < DIAG_COUNT; n++)
		assert_true(explain_name(diagnostic_rows[n].code, &said, &nearest));
	for (int n = 0; n < OPERATOR_COUNT; n++)
		assert_true(explain_name(operator_rows[n].name, &said, &nearest));
	for (int n = 0; n < TYPE_COUNT; n++)
		assert_true(explain_name(type_rows[n].name, &said, &nearest));
	for (int n = 0; n < ACTION_COUNT; n++)
		assert_true(explain_name(action_rows[n].name, &said, &nearest));
	buffer_release(&said);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sentences),
		cmocka_unit_test(names),
		cmocka_unit_test(every_row_can_be_explained),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
