// SPDX-License-Identifier: Apache-2.0
/*
 * examples.c - an example for each operator and each action, and what values look like.
 *
 * An example is what stands under spec.  tests/cli/explain.sh puts each into a policy and lets check read it.
 */
#include <string.h>

#include "compiler/explain/parts.h"

/* ---- Operators: a hook with an argument of some class, and a filter on it ---- */

static const struct {
	enum type_class class;
	unsigned index;
	const char *hook;
} subjects[] = {
	{ CLASS_PATH, 0, "lsmhooks:\n- hook: file_open\n  args:\n  - index: 0\n    type: file\n" },
	{ CLASS_SIGNED, 1, "kprobes:\n- call: sys_fchown\n  syscall: true\n  args:\n  - index: 1\n    type: int\n" },
	{ CLASS_SOCKADDR, 1,
	  "kprobes:\n- call: security_socket_connect\n  syscall: false\n  args:\n  - index: 1\n    type: sockaddr\n" },
	{ CLASS_SOCKET, 0, "kprobes:\n- call: tcp_connect\n  syscall: false\n  args:\n  - index: 0\n    type: sock\n" },
};

static const struct values_row values_rows[] = {
	[VALUES_NONE] = { "No values.", NULL, NULL },
	[VALUES_BY_CLASS] = {
		"Strings and paths as they are. Numbers in quotes: decimal, 0x, 0o or 0b; _ may part digits.",
		"\"1000\"", NULL },
	[VALUES_RANGE] = { "Ranges min:max, both ends included, the smaller first.", "\"1000:65535\"", NULL },
	[VALUES_SET] = { "Decimal numbers and ranges min:max.", "\"0\", \"1000:1999\"", NULL },
	[VALUES_ADDRESS] = { "IPv4 and IPv6 addresses, each alone or with /BITS.", "10.0.0.0/8, \"fc00::/7\"", NULL },
	[VALUES_PORT] = { "Port numbers from 0 to 65535, and ranges min:max of them.", "\"443\", \"8000:8999\"", NULL },
	[VALUES_PROTOCOL] = { "Names of IP protocols, or their numbers.", "IPPROTO_UDP", "protocols" },
	[VALUES_FAMILY] = { "Names of address families, or their numbers.", "AF_INET, AF_INET6", "families" },
	[VALUES_STATE] = { "Names of TCP states, or their numbers.", "TCP_LISTEN", "tcp-states" },
	[VALUES_FILE_TYPE] = { "Types of files.", "reg", "file-types" },
	[VALUES_EXPRESSION] = {
		"One expression of the Common Expression Language; arg0 is the first entry of args.",
		"\"arg0 == int32(0) || arg0 > int32(999)\"", NULL },
};

static const struct values_row membership_values = {
	"Absolute paths in matchBinaries, plain numbers in matchPIDs, host_ns or inode numbers in matchNamespaces, names "
	"of capabilities and of namespaces elsewhere.", "/usr/bin/curl", NULL,
};

/* Of the operators on strings, where the general example would not do. */
static const struct { enum operator_id op; const char *values; } string_values[] = {
	{ OPERATOR_EQUAL, "/etc/shadow" },	{ OPERATOR_NOT_EQUAL, "/etc/shadow" },
	{ OPERATOR_PREFIX, "/etc/ssh/" },	{ OPERATOR_NOT_PREFIX, "/etc/ssh/" },
	{ OPERATOR_POSTFIX, ".pub" },		{ OPERATOR_NOT_POSTFIX, ".pub" },
	{ OPERATOR_SUBSTRING, "secret" },	{ OPERATOR_SUBSTRING_ANY_CASE, "secret" },
};

const struct values_row *operator_values(enum operator_id op)
{
	return operator_rows[op].filters & FILTER_ARGUMENTS ? &values_rows[operator_rows[op].values] : &membership_values;
}

static const char *example_values(enum operator_id op)
{
	for (size_t n = 0; n < sizeof(string_values) / sizeof(*string_values); n++)
		if (string_values[n].op == op)
			return string_values[n].values;
	return operator_values(op)->example;
}

/* Every class is an expression's; the example is of numbers. */
static bool suits(enum operator_id op, enum type_class class)
{
	return operator_rows[op].classes >> class & 1 &&
	       (operator_rows[op].values != VALUES_EXPRESSION || class == CLASS_SIGNED);
}

static const char capabilities_example[] =
	"kprobes:\n- call: commit_creds\n  syscall: false\n  args:\n"
	"  - index: 0\n    type: cap_effective\n    btfType: cred\n    resolve: cap_permitted\n"
	"  - index: 1\n    type: cap_effective\n    btfType: cred\n    resolve: cap_effective\n"
	"  selectors:\n  - matchArgs:\n    - operator: CapabilitiesGained\n      args: [0, 1]";

static const char *membership_example(enum operator_id op, struct arena *arena)
{
	return arena_format(arena, "lsmhooks:\n- hook: file_open\n  selectors:\n  - matchBinaries:\n"
			    "    - operator: %s\n      values: [%s]", operator_rows[op].name, example_values(op));
}

const char *operator_example(enum operator_id op, struct arena *arena)
{
	if (!(operator_rows[op].filters & FILTER_ARGUMENTS))
		return membership_example(op, arena);
	for (size_t n = 0; n < sizeof(subjects) / sizeof(*subjects); n++) {
		const char *values = example_values(op);

		if (suits(op, subjects[n].class))
			return arena_format(arena, "%s  selectors:\n  - matchArgs:\n    - index: %u\n      operator: %s%s%s%s",
				subjects[n].hook, subjects[n].index, operator_rows[op].name,
				values ? "\n      values: [" : "", values ? values : "", values ? "]" : "");
	}
	return operator_rows[op].classes & CLASS_BIT(CAPABILITIES) ? capabilities_example : NULL;
}

/* ---- Actions ---- */

#define ON_FILE_OPEN(actions) \
	"lsmhooks:\n- hook: file_open\n  args:\n  - index: 0\n    type: file\n  selectors:\n" \
	"  - matchArgs:\n    - index: 0\n      operator: Prefix\n      values: [/etc/ssh/]\n    matchActions:\n" actions
#define ON_CONNECT(actions) \
	"kprobes:\n- call: tcp_connect\n  syscall: false\n  args:\n  - index: 0\n    type: sock\n  selectors:\n" \
	"  - matchActions:\n" actions

static const char *const action_examples[ACTION_COUNT] = {
	[ACTION_POST] = ON_FILE_OPEN("    - action: Post\n      rateLimit: 1m\n      rateLimitScope: process"),
	[ACTION_NO_POST] = ON_FILE_OPEN("    - action: NoPost"),
	[ACTION_SIGKILL] = ON_FILE_OPEN("    - action: Override\n      argError: -1\n    - action: Sigkill"),
	[ACTION_SIGNAL] = ON_FILE_OPEN("    - action: Signal\n      argSig: 15"),
	[ACTION_OVERRIDE] = ON_FILE_OPEN("    - action: Override\n      argError: -1"),
	[ACTION_GET_URL] = ON_CONNECT("    - action: GetUrl\n      argUrl: http://localhost:8080/connected"),
	[ACTION_DNS_LOOKUP] = ON_CONNECT("    - action: DnsLookup\n      argFqdn: connected.example.org"),
	[ACTION_TRACK_SOCK] = ON_CONNECT("    - action: TrackSock\n      argSock: 0"),
	[ACTION_UNTRACK_SOCK] = ON_CONNECT("    - action: UntrackSock\n      argSock: 0"),
	[ACTION_NOTIFY_ENFORCER] =
		"enforcers:\n- calls: [sys_dup]\ntracepoints:\n- subsystem: raw_syscalls\n  event: sys_enter\n"
		"  args:\n  - index: 4\n    type: syscall64\n  selectors:\n  - matchArgs:\n    - index: 4\n"
		"      operator: InMap\n      values: [\"32\"]\n    matchActions:\n    - action: NotifyEnforcer\n"
		"      argError: -1",
	[ACTION_CLEANUP_ENFORCER] =
		"enforcers:\n- calls: [sys_dup]\ntracepoints:\n- subsystem: raw_syscalls\n  event: sys_exit\n"
		"  selectors:\n  - matchActions:\n    - action: CleanupEnforcerNotification",
	[ACTION_SET] =
		"usdts:\n- path: /usr/local/bin/server\n  provider: server\n  name: accept\n  args:\n"
		"  - index: 0\n    type: int32\n  selectors:\n  - matchActions:\n    - action: Set\n"
		"      argIndex: 0\n      argValue: 1",
};

const char *action_example(enum action_id action)
{
	return action_examples[action];
}
