// SPDX-License-Identifier: Apache-2.0
/* random_rules.c - see random_rules.h. */
#include "tests/unit/random_rules.h"

#include <string.h>

#include "tests/unit/random_words.h"

static const char *const ends[] = { ".so", "/id_rsa", ".php", "/a" };
static const char *const networks[] = { "10.0.0.0/8", "10.1.2.3", "192.0.2.0/24", "2001:db8::/32", "fd00::1", "0.0.0.0/0" };
static const char *const ports[] = { "443", "80", "8000:8999", "53" };

/* ---- Lists ---- */

static void add_list(struct buffer *ret, const char *key, const char *const *words, unsigned count)
{
	const unsigned entries = 1 + pick(3);

	buffer_format(ret, "%s: [", key);
	for (unsigned n = 0; n < entries; n++)
		buffer_format(ret, "%s\"%s\"", n ? ", " : "", words[pick(count)]);
	buffer_add_text(ret, "]");
}
#define LIST(ret, key, words) add_list(ret, key, words, COUNT(words))

static void add_comma(struct buffer *ret)
{
	const char last = ret->bytes[ret->length - 1];

	if (last != '{' && last != '[')
		buffer_add_text(ret, ", ");
}

/* An exception may say what it does not let pass, and nothing else. */
static void add_paths(struct buffer *ret, bool is_exception)
{
	static const char *const globs[] = { "/etc/**", "*.so", "/srv/**/*.php", "/etc/keys" };
	const bool is_negative = is_exception && one_in(4);
	const unsigned what = is_negative ? 0 : 1 + pick(15);

	buffer_add_text(ret, "paths: {");
	if (what & 1)
		LIST(ret, "exact", paths);
	if (what & 2)
		add_comma(ret), LIST(ret, "dir", paths);
	if (what & 4)
		add_comma(ret), LIST(ret, "suffix", ends);
	if (what & 8)
		add_comma(ret), LIST(ret, "prefix", paths);
	if (is_negative || one_in(4))
		add_comma(ret), LIST(ret, "notExact", paths);
	if (one_in(6))
		add_comma(ret), LIST(ret, "notDir", paths);
	if (is_exception && one_in(6))
		add_comma(ret), LIST(ret, "notPrefix", paths);
	if (is_exception && one_in(6))
		add_comma(ret), LIST(ret, "notSuffix", ends);
	if (is_exception && one_in(6))
		add_comma(ret), LIST(ret, "notGlob", globs);
	buffer_add_text(ret, "}");
}

/* ---- Scopes ---- */

static void add_programs(struct buffer *ret, const char *key)
{
	buffer_format(ret, "%s: {", key);
	switch (pick(5)) {
	case 0:
		LIST(ret, "notIn", programs);
		break;
	case 1:
		LIST(ret, "prefix", programs);
		break;
	case 2:
		buffer_add_text(ret, "descendants: true, ");
		/* fall through */
	default:
		LIST(ret, "in", programs);
	}
	buffer_add_text(ret, "}");
}

static void add_scope(struct buffer *ret)
{
	static const char *const users[] = { "0", "1000:65535", "33" };

	buffer_add_text(ret, "scope: {");
	switch (pick(9)) {
	case 0:
		LIST(ret, "users: {uid", users);
		buffer_add_text(ret, "}");
		break;
	case 1:
		buffer_add_text(ret, one_in(2) ? "linuxNamespaces: {net: notHost}" : "linuxNamespaces: {net: host, mnt: \"4026532001\"}");
		break;
	case 2:
		LIST(ret, "capabilities: {has", capabilities);
		buffer_add_text(ret, "}");
		break;
	case 3:
		add_programs(ret, "parents");
		break;
	case 4:
		buffer_add_text(ret, "pods: {matchLabels: {app: web}}");
		break;
	case 5:
		add_programs(ret, "binaries");
		buffer_add_text(ret, ", ");
		add_programs(ret, "parents");
		break;
	default:
		add_programs(ret, "binaries");
	}
	buffer_add_text(ret, "}");
}

/* ---- Categories: what a rule is about, and what an exception of it says ---- */

static void add_operations(struct buffer *ret, const char *const *words, unsigned count)
{
	bool any = false;

	buffer_add_text(ret, "ops: [");
	for (unsigned n = 0; n < count; n++)
		if (one_in(2) || (!any && n + 1 == count)) {
			buffer_format(ret, "%s%s", any ? ", " : "", words[n]);
			any = true;
		}
	buffer_add_text(ret, "]");
}

static void about_exec(struct buffer *ret, bool is_exception)
{
	static const char *const further[] = { "", ", interpreters: ignore", ", setid: only", ", fileless: true", ", setid: exclude" };

	buffer_add_text(ret, "exec: {");
	add_paths(ret, is_exception);
	buffer_add_text(ret, is_exception ? (one_in(4) ? ", fileless: true" : one_in(4) ? ", setid: only" : one_in(4) ? ", setid: exclude" : "") : ONE_OF(further));
	buffer_add_text(ret, "}");
}

static void about_file(struct buffer *ret, bool is_exception)
{
	static const char *const words[] = { "read", "write", "exec", "mmapExec", "create", "delete", "rename", "link", "chmod", "chown", "truncate" };
	static const char *const types[] = { "reg", "reg", "dir", "link", "sock", "fifo", "chr", "blk" };

	buffer_add_text(ret, "file: {");
	add_operations(ret, words, COUNT(words));
	buffer_add_text(ret, ", ");
	add_paths(ret, is_exception);
	if (one_in(3))
		add_comma(ret), LIST(ret, "types", types);
	buffer_add_text(ret, "}");
}

static void add_endpoints(struct buffer *ret, const char *key)
{
	buffer_format(ret, ", %s: [", key);
	for (unsigned n = 1 + pick(2); n--; buffer_add_text(ret, n ? "}, " : "}")) {
		buffer_add_text(ret, "{");
		if (one_in(2))
			LIST(ret, "ports", ports), add_comma(ret);
		LIST(ret, "cidr", networks);
		if (one_in(4))
			add_comma(ret), LIST(ret, "except", networks);
	}
	buffer_add_text(ret, "]");
}

/* Who connects is asked of accept alone. */
static void about_network(struct buffer *ret, bool is_exception)
{
	const bool is_to = one_in(2);
	const char *op = is_to ? (one_in(2) ? "connect" : "send") : one_in(3) ? "bind" : one_in(3) ? "listen" : "accept";
	const bool has_peer = !strcmp(op, "accept") && one_in(2);

	buffer_format(ret, "network: {ops: [%s]", op);
	if (has_peer)
		add_endpoints(ret, "peer");
	if (!has_peer || one_in(3))
		add_endpoints(ret, is_to ? "to" : "from");
	buffer_add_text(ret, one_in(3) ? ", protocols: [tcp, udp]" : one_in(3) ? ", families: [ipv4]" : "");
	buffer_add_text(ret, !is_exception && one_in(2) ? ", loopback: match}" : "}");
}

static void about_unix(struct buffer *ret, bool is_exception)
{
	static const char *const words[] = { "connect", "bind" }, *const names[] = { "a", "bus" };

	buffer_add_text(ret, "unix: {");
	add_operations(ret, words, COUNT(words));
	buffer_add_text(ret, ", ");
	if (one_in(3))
		LIST(ret, "abstract", names);
	else
		add_paths(ret, is_exception);
	buffer_add_text(ret, "}");
}

static void about_capability(struct buffer *ret, bool is_exception)
{
	static const char *const ops[] = { "use", "gain", "set", "gain, set" };

	(void)is_exception;
	buffer_format(ret, "capability: {ops: [%s], ", ONE_OF(ops));
	LIST(ret, "names", capabilities);
	buffer_add_text(ret, "}");
}

static void about_module(struct buffer *ret, bool is_exception)
{
	static const char *const names[] = { "nfs", "net-pf-21" };

	if (one_in(2)) {
		LIST(ret, "module: {ops: [autoload], names", names);
		buffer_add_text(ret, "}");
		return;
	}
	buffer_add_text(ret, "module: {ops: [load], ");
	add_paths(ret, is_exception);
	buffer_add_text(ret, "}");
}

static void about_bpf(struct buffer *ret, bool is_exception)
{
	static const char *const commands[] = { "prog_load", "map_create", "link_create", "prog_attach" };
	static const char *const types[] = { "socket_filter", "kprobe", "sched_cls", "tracepoint", "lsm" };

	if (!is_exception && one_in(3)) {
		buffer_add_text(ret, "bpf: {}");
		return;
	}
	if (one_in(2))
		LIST(ret, "bpf: {cmds", commands);
	else
		LIST(ret, "bpf: {cmds: [prog_load], progTypes", types);
	buffer_add_text(ret, "}");
}

static void about_ptrace(struct buffer *ret, bool is_exception)
{
	static const char *const words[] = { "attach", "read", "traceme" }, *const names[] = { "agent", "sh", "x" };

	(void)is_exception;
	buffer_add_text(ret, "ptrace: {");
	add_operations(ret, words, COUNT(words));
	if (one_in(2)) {
		LIST(ret, ", targets: {comm", names);
		buffer_add_text(ret, "}");
	}
	buffer_add_text(ret, "}");
}

static void about_credentials(struct buffer *ret, bool is_exception)
{
	(void)is_exception;
	buffer_add_text(ret, one_in(2) ? "credentials: {change: [uid, gid], to: {uid: [0]}, from: {notUid: [0]}}" :
		"credentials: {change: [uid], to: {uid: [0, \"1000:2000\"]}}");
}

static void about_mount(struct buffer *ret, bool is_exception)
{
	static const char *const types[] = { "proc", "ext4" };

	if (one_in(2)) {
		buffer_format(ret, "mount: {ops: [%s], ", one_in(2) ? "mount" : "umount");
		LIST(ret, "fstypes", types);
		buffer_add_text(ret, "}");
		return;
	}
	buffer_add_text(ret, "mount: {ops: [mount, move], ");
	add_paths(ret, is_exception);
	buffer_add_text(ret, "}");
}

static void (*const categories[])(struct buffer *ret, bool is_exception) = {
	about_exec, about_file, about_file, about_file, about_network, about_network, about_unix, about_capability, about_module, about_bpf,
	about_ptrace, about_credentials, about_mount,
};

/* ---- Rules ---- */

static void add_exceptions(struct buffer *ret, unsigned category)
{
	buffer_add_text(ret, ", except: [");
	for (unsigned n = 1 + pick(2); n--; buffer_add_text(ret, n ? "}, " : "}")) {
		buffer_add_text(ret, "{reason: r, ");
		if (one_in(10)) {
			buffer_add_text(ret, "scope: {nodes: {matchLabels: {zone: b}}}");
			continue;
		}
		if (one_in(2) || categories[category] == about_credentials) {
			add_scope(ret);
			continue;
		}
		categories[category](ret, true);
		if (one_in(3))
			buffer_add_text(ret, ", "), add_scope(ret);
	}
	buffer_add_text(ret, "]");
}

static void add_rule(struct buffer *ret, unsigned number)
{
	static const char *const effects[] = { "audit", "deny", "deny", "kill", "allowOnly" };
	static const char *const answers[] = { "errno: EACCES", "event: none", "alsoKill: true", "signal: SIGTERM" };
	const unsigned category = pick(COUNT(categories));
	const char *effect = ONE_OF(effects);

	buffer_format(ret, "  - {id: r%u, effect: %s, ", number, effect);
	categories[category](ret, !strcmp(effect, "allowOnly") && one_in(2));
	if (one_in(8))
		buffer_add_text(ret, one_in(2) ? ", scope: {nodes: {matchLabels: {zone: a}}}" : ", scope: {nodes: {matchExpressions: [{key: gpu, operator: Exists}]}}");
	else if (one_in(3))
		buffer_add_text(ret, ", "), add_scope(ret);
	if (one_in(3))
		add_exceptions(ret, category);
	if (one_in(4) && strcmp(effect, "audit"))
		buffer_format(ret, ", respond: {%s}", ONE_OF(answers));
	buffer_add_text(ret, "}\n");
}

void some_rules(struct buffer *ret)
{
	buffer_add_text(ret, "apiVersion: tetra.dev/v1alpha1\nkind: RuntimeSecurityPolicy\nmetadata: {name: some}\nspec:\n  mode: enforce\n");
	if (one_in(3)) {
		buffer_add_text(ret, "  ");
		add_scope(ret);
		buffer_add_text(ret, "\n");
	}
	if (one_in(3))
		buffer_add_text(ret, one_in(2) ? "  target: {bpfLSM: avoid}\n" : "  target: {minKernel: \"6.2\"}\n");
	buffer_add_text(ret, "  rules:\n");
	for (unsigned n = 0, count = 1 + pick(3); n < count; n++)
		add_rule(ret, n);
}
