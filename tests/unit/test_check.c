// SPDX-License-Identifier: Apache-2.0
/* test_check.c - values take their forms, and rules of more than one field; the golden cases show the messages. */
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

static void check_text(struct unit *unit, const char *text)
{
	unit_init(unit, "x.yaml", text, strlen(text));
	unit_compile(unit, compiler_find_pass("check"));
}

/* The values of one filter on one argument.  `text` is the caller's to release. */
static struct policy_value *check_value(struct unit *unit, struct buffer *text, const char *type, const char *op,
					const char *value)
{
	buffer_format(text, "%s  kprobes:\n  - call: sys_a\n    args: [{index: 0, type: %s}]\n    selectors:\n"
		"    - matchArgs: [{index: 0, operator: %s, values: [\"%s\"]}]\n", HEAD, type, op, value);
	check_text(unit, text->bytes);
	return unit->policies->items[0].hooks.items[0].selectors.items[0].arguments.items[0].values.items;
}

static void numbers(void **state)
{
	static const struct { const char *type, *op, *value; enum value_form form; uint64_t low, high; size_t warnings; } rows[] = {
		{ "int", "Equal", "0x10", VALUE_INTEGER, 16, 0, 0 },
		{ "int", "Equal", "-1", VALUE_INTEGER, UINT64_MAX, 0, 0 },
		{ "int", "Equal", "2147483648", VALUE_UNPARSED, 0, 0, 0 },
		{ "uint32", "Equal", "4294967295", VALUE_INTEGER, UINT32_MAX, 0, 0 },
		{ "uint32", "Mask", "-1", VALUE_UNPARSED, 0, 0, 0 },
		{ "int8", "NotEqual", "-128", VALUE_INTEGER, (uint64_t)-128, 0, 1 },
		{ "int8", "NotEqual", "300", VALUE_INTEGER, 300, 0, 1 },
		{ "uint16", "GT", "65536", VALUE_INTEGER, 65536, 0, 1 },
		{ "int64", "LT", "-9223372036854775808", VALUE_INTEGER, 1ULL << 63, 0, 0 },
		{ "uint64", "Equal", "18446744073709551615", VALUE_INTEGER, UINT64_MAX, 0, 0 },
		{ "size_t", "Equal", "-1", VALUE_INTEGER, UINT64_MAX, 0, 0 },
		{ "size_t", "Equal", "2147483648", VALUE_UNPARSED, 0, 0, 0 },
		{ "int", "InRange", "-5:5", VALUE_RANGE, (uint64_t)-5, 5, 0 },
		{ "int", "InRange", "0:4294967295", VALUE_RANGE, 0, UINT32_MAX, 0 },
		{ "int", "InRange", "4294967296:4294967297", VALUE_UNPARSED, 0, 0, 0 },
		{ "int8", "InRange", "200:300", VALUE_RANGE, 200, 300, 1 },
		{ "uint32", "NotInRange", "-5:5", VALUE_RANGE, 0, 5, 1 },
		{ "uint32", "NotInRange", "-5:-1", VALUE_UNPARSED, 0, 0, 0 },
		{ "uint64", "InRange", "0x10:0x20", VALUE_RANGE, 16, 32, 0 },
		{ "uint64", "InRange", "0:18446744073709551615", VALUE_UNPARSED, 0, 0, 0 },
		{ "sockaddr", "SPort", "010", VALUE_INTEGER, 10, 0, 0 },
		{ "sockaddr", "SPort", "2048:1024", VALUE_RANGE, 1024, 2048, 0 },
		{ "sockaddr", "SPort", "0x50", VALUE_UNPARSED, 0, 0, 0 },
		{ "sockaddr", "SPort", "65536", VALUE_INTEGER, 65536, 0, 1 },
		{ "int", "InMap", "-1", VALUE_INTEGER, UINT64_MAX, 0, 1 },
		{ "int64", "InMap", "-1", VALUE_INTEGER, UINT64_MAX, 0, 0 },
		{ "int64", "InMap", "-9223372036854775809", VALUE_UNPARSED, 0, 0, 0 },
		{ "int", "InMap", "5:1", VALUE_RANGE, 1, 5, 0 },
		{ "int64", "NotInMap", "5:-1", VALUE_RANGE, UINT64_MAX, 5, 0 },
		{ "size_t", "InMap", "5:-1", VALUE_RANGE, 0, 5, 1 },
		{ "size_t", "InMap", "9223372036854775808", VALUE_UNPARSED, 0, 0, 0 },
		{ "uint64", "InMap", "010", VALUE_INTEGER, 10, 0, 0 },
		{ "uint64", "InMap", "18446744073709551615", VALUE_INTEGER, UINT64_MAX, 0, 0 },
		{ "uint64", "InMap", "+1", VALUE_UNPARSED, 0, 0, 0 },
		{ "uint32", "InMap", "1:", VALUE_UNPARSED, 0, 0, 0 },
		{ "uint32", "InMap", "", VALUE_UNPARSED, 0, 0, 0 },
		{ "uint32", "InMap", "1_0", VALUE_UNPARSED, 0, 0, 0 },
		{ "uint32", "InMap", "0:1048575", VALUE_RANGE, 0, 1048575, 0 },
		{ "uint32", "InMap", "0:1048576", VALUE_RANGE, 0, 1048576, 1 },
		{ "size_t", "InMap", "4294967296", VALUE_INTEGER, 4294967296, 0, 0 },
		{ "sock", "Protocol", "IPPROTO_MPTCP", VALUE_INTEGER, 262, 0, 0 },
		{ "sock", "Protocol", "17:6", VALUE_RANGE, 6, 17, 0 },
		{ "sock", "Protocol", "IPPROTO_TCP:IPPROTO_UDP", VALUE_UNPARSED, 0, 0, 0 },
		{ "sock", "Protocol", "0x6", VALUE_UNPARSED, 0, 0, 0 },
		{ "sockaddr_un", "Family", "AF_UNIX", VALUE_INTEGER, 1, 0, 0 },
		{ "skb", "Family", "AF_DECNET", VALUE_UNPARSED, 0, 0, 0 },
		{ "skb", "Family", "AF_DECnet", VALUE_INTEGER, 12, 0, 0 },
		{ "sock", "Family", "AF_MCTP", VALUE_INTEGER, 45, 0, 0 },
		{ "socket", "State", "TCP_NEW_SYN_RECV", VALUE_INTEGER, 12, 0, 0 },
		{ "skb", "State", "TCP_LISTEN", VALUE_INTEGER, 10, 0, 1 },
		{ "file", "FileType", "link", VALUE_INTEGER, 0120000, 0, 0 },
		{ "file", "FileType", "1", VALUE_UNPARSED, 0, 0, 0 },
		{ "path", "NotFileType", "Dir", VALUE_UNPARSED, 0, 0, 0 },
		{ "kernel_cap_t", "Mask", "0x200000", VALUE_INTEGER, 0x200000, 0, 0 },
		{ "cap_effective", "Equal", "cap_chown, DAC_OVERRIDE", VALUE_INTEGER, 3, 0, 0 },
		{ "cap_effective", "Equal", "CAP_DAC_OVERRIDE", VALUE_UNPARSED, 0, 0, 0 },
		{ "cap_effective", "Equal", "CAP_CHOWN,", VALUE_UNPARSED, 0, 0, 0 },
		{ "cap_effective", "GT", "-1", VALUE_UNPARSED, 0, 0, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct buffer text = { 0 };
		struct unit unit;
		const struct policy_value *value = check_value(&unit, &text, rows[i].type, rows[i].op, rows[i].value);

		if (value->form != rows[i].form)
			print_message("%s %s %s\n", rows[i].type, rows[i].op, rows[i].value);
		assert_int_equal(value->form, rows[i].form);
		assert_int_equal(unit.diagnostics.errors, rows[i].form == VALUE_UNPARSED);
		assert_int_equal(unit.diagnostics.warnings, rows[i].warnings);
		if (value->form == VALUE_INTEGER || value->form == VALUE_RANGE)
			assert_int_equal(value->low, rows[i].low);
		if (value->form == VALUE_RANGE)
			assert_int_equal(value->high, rows[i].high);
		unit_release(&unit);
		buffer_release(&text);
	}
}

static void addresses(void **state)
{
	static const struct { const char *value; uint8_t family, prefix; uint8_t bytes[16]; } rows[] = {
		{ "127.0.0.1", 4, 32, { 127, 0, 0, 1 } },
		{ "10.1.2.3/8", 4, 8, { 10 } },
		{ "1.2.3.255/25", 4, 25, { 1, 2, 3, 128 } },
		{ "0.0.0.0/0", 4, 0, { 0 } },
		{ "::1", 6, 128, { [15] = 1 } },
		{ "2001:db8:ffff::/33", 6, 33, { 0x20, 0x01, 0x0d, 0xb8, 0x80 } },
		{ "::ffff:1.2.3.4", 6, 128, { [10] = 0xff, 0xff, 1, 2, 3, 4 } },
		{ "fe80::1%eth0", 6, 128, { 0xfe, 0x80, [15] = 1 } },
		{ "010.0.0.1", 0, 0, { 0 } }, { "1.2.3", 0, 0, { 0 } }, { "1.2.3.4/33", 0, 0, { 0 } },
		{ "1.2.3.4/", 0, 0, { 0 } }, { "1.2.3.4/08", 0, 0, { 0 } }, { "1.2.3.4/+8", 0, 0, { 0 } },
		{ "::1/129", 0, 0, { 0 } }, { "fe80::1%eth0/64", 0, 0, { 0 } }, { "fe80::1%", 0, 0, { 0 } },
		{ "1.2.3.4%x", 0, 0, { 0 } }, { "", 0, 0, { 0 } }, { " ::1", 0, 0, { 0 } }, { "1::2::3", 0, 0, { 0 } },
		{ "1:2:3:4:5:6:7::8", 0, 0, { 0 } }, { "localhost", 0, 0, { 0 } }, { "::1\\0", 0, 0, { 0 } },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct buffer text = { 0 };
		struct unit unit;
		const struct policy_value *value = check_value(&unit, &text, "sockaddr", "NotSAddr", rows[i].value);

		assert_int_equal(value->form, rows[i].family ? VALUE_ADDRESS : VALUE_UNPARSED);
		if (rows[i].family) {
			assert_int_equal(value->family, rows[i].family);
			assert_int_equal(value->prefix, rows[i].prefix);
			assert_memory_equal(value->address, rows[i].bytes, 16);
		}
		unit_release(&unit);
		buffer_release(&text);
	}
}

static void strings(void **state)
{
	static const struct { const char *type, *op, *value; size_t length; size_t errors, warnings; } rows[] = {
		{ "string", "Equal", "", 0, 0, 0 }, { "string", "Equal", "a\\0\\0", 1, 0, 1 },
		{ "string", "Equal", "\\0", 0, 1, 0 }, { "string", "Equal", "a\\0b", 3, 1, 0 },
		{ "file", "Equal", "/a\\0", 3, 1, 0 }, { "file", "Postfix", "a\\0", 1, 0, 1 },
		{ "file", "Equal", "a", 1, 0, 1 }, { "file", "Postfix", "", 0, 1, 0 },
		{ "string", "Prefix", "", 0, 0, 1 }, { "linux_binprm", "Prefix", "a", 1, 0, 0 },
		{ "file", "Prefix", "/etc", 4, 0, 1 }, { "file", "Prefix", "/etc/", 5, 0, 0 }, { "file", "Prefix", "/a-", 3, 0, 0 },
		{ "file", "Equal", "/a//b", 5, 0, 1 }, { "file", "Equal", "/a/../b", 7, 0, 1 }, { "file", "Equal", "/a/.", 4, 0, 1 },
		{ "file", "Equal", "/a/..", 5, 0, 1 }, { "file", "Equal", "/.a/..b/c..", 11, 0, 0 }, { "file", "Equal", "/a/", 3, 0, 1 },
		{ "file", "Equal", "/", 1, 0, 0 }, { "file", "SubString", "etc", 3, 0, 0 }, { "file", "SubString", "", 0, 0, 1 },
		{ "string", "Equal", " a", 2, 0, 1 }, { "string", "SubStringIgnCase", "\\u00e4", 2, 0, 1 },
		{ "char_buf", "Equal", "a\\0b\\0", 4, 0, 1 }, { "char_buf", "Equal", " ", 1, 0, 1 },
		{ "char_buf", "Postfix", "a\\0", 2, 0, 1 }, { "sockaddr_un", "Prefix", "\\0a", 2, 0, 0 },
		{ "net_device", "Equal", "an-interface-name", 17, 0, 1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct buffer text = { 0 };
		struct unit unit;
		const struct policy_value *value = check_value(&unit, &text, rows[i].type, rows[i].op, rows[i].value);

		assert_int_equal(value->text.length, rows[i].length);
		assert_int_equal(value->form, rows[i].errors ? VALUE_UNPARSED : VALUE_BYTES);
		assert_int_equal(unit.diagnostics.errors, rows[i].errors);
		assert_int_equal(unit.diagnostics.warnings, rows[i].warnings);
		unit_release(&unit);
		buffer_release(&text);
	}
}

/* Each operator on each type: the table of the language reference, and nothing else, decides. */
static void operators_and_types(void **state)
{
	(void)state;
	for (int op = 0; op < OPERATOR_COUNT; op++) {
		if (!(operator_rows[op].filters & FILTER_ARGUMENTS))
			continue;
		for (int type = 0; type < TYPE_COUNT; type++) {
			bool compares = operator_rows[op].classes & 1u << type_rows[type].class;
			struct buffer text = { 0 };
			struct unit unit;
			size_t refusals = 0;

			if (type == TYPE_AUTO)
				continue;
			check_value(&unit, &text, type_rows[type].name, operator_rows[op].name, "x");
			for (size_t i = 0; i < unit.diagnostics.count; i++)
				refusals += unit.diagnostics.items[i].id == DIAG_OPERATOR_TYPE;
			assert_int_equal(refusals, !compares);
			unit_release(&unit);
			buffer_release(&text);
		}
	}
}

/* The same once more, by hand, so that a wrong row of operators.def shows. */
static void operators_by_hand(void **state)
{
	static const char *const types[] = { "int", "cap_effective", "string", "file", "sock", "sockaddr", "sockaddr_un",
					     "filename" };
	static const struct { const char *operators, *compares; } rows[] = {	/* y: of the types above, in their order */
		{ "Equal NotEqual", "yyyy--y-" }, { "GT LT GreaterThan LessThan Mask", "yy------" },
		{ "InRange NotInRange InMap NotInMap", "y-------" },
		{ "Prefix NotPrefix SubString SubStringIgnCase", "--yy--y-" }, { "Postfix NotPostfix", "--yy----" },
		{ "FileType NotFileType", "---y----" }, { "SPort NotSPort SAddr NotSAddr SPortPriv NotSportPriv", "----yy--" },
		{ "DPort NotDPort DAddr NotDAddr DPortPriv NotDPortPriv Protocol State", "----y---" },
		{ "Family", "----yyy-" }, { "CapabilitiesGained", "-y------" }, { "CelExpr", "yyyyyyyy" },
	};
	size_t operators = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		for (const char *op = rows[i].operators, *end; *op; op = *end ? end + 1 : end) {
			int id;

			end = op + strcspn(op, " ");
			id = operator_find(op, (size_t)(end - op));
			assert_true(id >= 0 && (operator_rows[id].filters & FILTER_ARGUMENTS));
			operators++;
			for (size_t n = 0; n < sizeof(types) / sizeof(*types); n++) {
				enum type_class class = type_rows[type_find(types[n], strlen(types[n]))].class;

				assert_int_equal(operator_rows[id].classes >> class & 1, rows[i].compares[n] == 'y');
			}
		}
	assert_int_equal(operators, 36);
}

static void completions(void **state)
{
	static const char text[] = HEAD
		"  options: [{name: policy-mode, value: monitor}]\n"
		"  tracepoints:\n"
		"  - subsystem: raw_syscalls\n"
		"    event: sys_enter\n"
		"    raw: true\n"
		"    args: [{index: 3, type: int}, {index: 1, type: int64}]\n"
		"    selectors:\n"
		"    - matchArgs: [{index: 1, operator: Equal, values: ['1']}]\n"
		"      matchActions: [{action: Signal, argSig: 9}]\n";
	const struct policy *policy;
	const struct policy_selector *selector;
	struct unit unit;

	(void)state;
	check_text(&unit, text);
	assert_int_equal(unit.diagnostics.count, 0);
	policy = &unit.policies->items[0];
	selector = &policy->hooks.items[0].selectors.items[0];
	assert_int_equal(policy->mode, MODE_MONITOR);
	assert_true(policy->enforces);
	assert_int_equal(policy->hooks.items[0].kind, HOOK_RAW_TRACEPOINT);
	assert_int_equal(selector->arguments.items[0].position, 1);
	assert_true(selector->actions.items[0].has_signal && !selector->actions.items[0].has_error);
	assert_memory_equal(text + selector->actions.items[0].own_argument_at.start, "9", 1);
	unit_release(&unit);
}

static void names(void **state)
{
	static const struct { const char *name; bool valid; } rows[] = {
		{ "a", true }, { "a-b.c1", true }, { "1", true }, { "a.b", true }, { "A", false }, { "a_b", false },
		{ "-a", false }, { "a-", false }, { "a..b", false }, { ".a", false }, { "a.", false }, { "a.-b", false },
		{ "a-.b", false }, { "", false }, { "\\u00e4", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct buffer text = { 0 };
		struct unit unit;

		buffer_format(&text, "apiVersion: cilium.io/v1alpha1\nkind: TracingPolicy\nmetadata: {name: \"%s\"}\n"
			"spec: {lsmhooks: [{hook: file_open}]}\n", rows[i].name);
		check_text(&unit, text.bytes);
		assert_int_equal(unit.diagnostics.errors, !rows[i].valid);
		unit_release(&unit);
		buffer_release(&text);
	}
}

/* TP517 advises Override, which only what returns something can do. */
static void late_kills(void **state)
{
	static const struct { const char *hook; bool told; } rows[] = {
		{ "lsmhooks: [{hook: file_open", true },
		{ "lsmhooks: [{hook: sock_graft", false },
		{ "lsmhooks: [{hook: bprm_committed_creds", false },
		{ "lsmhooks: [{hook: task_free", false },
		{ "lsmhooks: [{hook: file_free_security", false },	/* not the name of the function */
		{ "lsmhooks: [{hook: inode_free_security_rcu", false },	/* of no function */
		{ "lsmhooks: [{hook: file_free", true },	/* a function, no hook: nothing is known of it */
		{ "kprobes: [{syscall: false, call: security_file_open", true },
		{ "kprobes: [{syscall: false, call: security_sock_graft", false },
		{ "kprobes: [{syscall: false, call: security_bprm_committing_creds", false },
		{ "kprobes: [{syscall: false, call: security_file_free", false },
		{ "kprobes: [{syscall: false, call: security_transfer_creds", false },
		{ "kprobes: [{syscall: false, call: security_skb_classify_flow", false },	/* of no hook */
		{ "kprobes: [{syscall: false, call: security_file_free_security", true },	/* a hook, no function */
		{ "kprobes: [{syscall: false, call: sock_graft", false },	/* no function that Override is for */
		{ "kprobes: [{syscall: true, call: sys_dup", true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct buffer text = { 0 };
		struct unit unit;
		size_t told = 0;

		buffer_format(&text, "%s  %s, selectors: [{matchActions: [{action: Sigkill}]}]}]\n", HEAD, rows[i].hook);
		check_text(&unit, text.bytes);
		assert_int_equal(unit.diagnostics.errors, 0);
		for (size_t n = 0; n < unit.diagnostics.count; n++)
			told += unit.diagnostics.items[n].id == DIAG_LATE_KILL;
		if (told != rows[i].told)
			fail_msg("%s: %s", rows[i].hook, told ? "told of Override" : "not told");
		unit_release(&unit);
		buffer_release(&text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers),
		cmocka_unit_test(addresses),
		cmocka_unit_test(strings),
		cmocka_unit_test(operators_and_types), cmocka_unit_test(operators_by_hand),
		cmocka_unit_test(completions),
		cmocka_unit_test(names),
		cmocka_unit_test(late_kills),
	};

	return cmocka_run_group_tests_name("check", tests, NULL, NULL);
}
