// SPDX-License-Identifier: Apache-2.0
/* random_rules.c - see random_rules.h. */
#include "tests/unit/random_rules.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bpf-templates/abi.h"
#include "compiler/base/json.h"
#include "compiler/intent/emit.h"

#define COUNT(array) (unsigned)(sizeof(array) / sizeof(*(array)))
#define ONE_OF(array) (array)[pick(COUNT(array))]

static const char *const paths[] = { "/etc/keys", "/etc/keys/a", "/etc/keys-old", "/usr/bin/dash", "/usr/bin/cat", "/srv/www", "/srv/www/x/y.php",
				     "/tmp/x", "/home/ada/.ssh/id_rsa", "/opt/a.so", "/etc/app.conf" };
static const char *const ends[] = { ".so", "/id_rsa", ".php", "/a" };
static const char *const programs[] = { "/usr/bin/cat", "/usr/bin/dash", "/usr/sbin/nginx", "/opt/agent", "/usr/bin/passwd" };
static const char *const networks[] = { "10.0.0.0/8", "10.1.2.3", "192.0.2.0/24", "2001:db8::/32", "fd00::1", "0.0.0.0/0" };
static const char *const ports[] = { "443", "80", "8000:8999", "53" };
static const char *const capabilities[] = { "CAP_SYS_ADMIN", "CAP_NET_RAW", "CAP_KILL" };

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

/* ---- Words ---- */

static void add_word(struct words *words, const char *text, size_t length)
{
	if (length && words->count < COUNT(words->items))
		words->items[words->count++] = arena_copy(&words->arena, text, length);
}

void words_read(struct words *words, const char *policy)
{
	static const char between[] = "[]{},\"' \n\t";

	*words = (struct words){ .count = 0 };
	for (const char *at = policy; *at; ) {
		const size_t length = strcspn(at, between);

		if (*at == '/' || *at == '.' || *at == ':' || (*at >= '0' && *at <= '9') || (*at >= 'a' && *at <= 'z'))
			add_word(words, at, length);
		at += length + (at[length] ? 1 : 0);
	}
}

void words_release(struct words *words)
{
	arena_release(&words->arena);
}

static const char *word_with(const struct words *words, const char *begins)
{
	for (unsigned tries = 0; words->count && tries < 40; tries++) {
		const char *word = words->items[pick((unsigned)words->count)];

		if (strchr(begins, *word))
			return word;
	}
	return NULL;
}

/* A path of the policy, or one next to it. */
static void some_path(const struct words *words, char ret[512])
{
	static const char *const further[] = { "", "", "", "/a", "/x.php", "-old", "x", ".so", "/sub/id_rsa" };
	const char *word = one_in(5) ? NULL : word_with(words, "/");
	const char *end = one_in(3) ? word_with(words, "./") : NULL;

	snprintf(ret, 512, "%.200s%s%.200s", word ? word : ONE_OF(paths), ONE_OF(further), end && *end == '.' ? end : "");
}

static uint64_t some_number(const struct words *words)
{
	static const uint64_t numbers[] = { 0, 1, 2, 3, 4, 5, 8, 9, 13, 21, 28, 0x200, 0x201, 0x241, 0x89ed, 0x85ed, 0x81ed, 49645, 0x41ed, 0xa1ff, 0x11a4, 0x21b6, 0x61b0, 33, 1000, 1500, 65534, 4294967295 };
	const char *word = one_in(3) ? word_with(words, "0123456789") : NULL;

	return word ? strtoull(word, NULL, 0) & 0xffffffff : ONE_OF(numbers);
}

/* ---- Values ---- */

/* Of IPv4: no version of a kernel. */
static bool is_address(const char *text)
{
	unsigned parts[4];
	char end;

	return sscanf(text, "%u.%u.%u.%u%c", &parts[0], &parts[1], &parts[2], &parts[3], &end) == 4;
}

static const char *some_address(const struct words *words, char ret[64])
{
	static const char *const addresses[] = { "10.1.2.3", "10.9.9.9", "192.0.2.77", "203.0.113.9", "127.0.0.1", "::1", "::ffff:10.1.2.3", "::ffff:127.0.0.1",
						 "2001:db8::5", "fd00::1", "fe80::2", "::ffff:203.0.113.9" };
	const char *word = one_in(3) ? word_with(words, "0123456789:") : NULL;
	const size_t length = word ? strcspn(word, "/") : 0;

	if (!word || length > 60 || (!memchr(word, '.', length) && !memchr(word, ':', length)) || !strncmp(word, "8000:", 5) || strchr(word, ':') == word + 4)
		return ONE_OF(addresses);
	snprintf(ret, 64, "%.*s", (int)length, word);
	return is_address(ret) ? ret : ONE_OF(addresses);
}

static int64_t some_port(void)
{
	static const int64_t numbers[] = { 443, 80, 8000, 8500, 53, 22, 1 };

	return ONE_OF(numbers);
}

static void write_socket(struct json *json, const struct words *words, bool is_address)
{
	static const char *const protocols[] = { "IPPROTO_TCP", "IPPROTO_UDP", "IPPROTO_ICMP" };
	char room[64];
	const char *address = some_address(words, room);

	json_key(json, is_address ? "sockaddr_arg" : "sock_arg");
	json_begin_object(json);
	json_key_string(json, "family", one_in(10) ? "AF_UNIX" : strchr(address, ':') ? "AF_INET6" : "AF_INET");
	json_key_string(json, is_address ? "addr" : "saddr", address);
	json_key_number(json, is_address ? "port" : "sport", some_port());
	if (!is_address) {
		json_key_string(json, "daddr", address);
		json_key_number(json, "dport", some_port());
		json_key_string(json, "protocol", ONE_OF(protocols));
		json_key_string(json, "type", "SOCK_STREAM");
		json_key_string(json, "state", "TCP_CLOSE");
	}
	json_end_object(json);
}

/* `path`: of the folder, or of what is in it, so that they belong together. */
static void write_value(struct json *json, const struct words *words, const struct ir_argument *argument, const char *path)
{
	const char *key = type_rows[argument->type].event;
	char text[64];

	switch (argument->type) {
	case TYPE_FILE:
	case TYPE_PATH:
	case TYPE_DENTRY:
	case TYPE_LINUX_BINPRM:
		json_key(json, key);
		json_begin_object(json);
		json_key_string(json, "path", path);
		json_end_object(json);
		return;
	case TYPE_STRING: {
		static const char *const texts[] = { "nfs", "net-pf-21", "proc", "ext4", "x", "agent", "sh" };

		json_key_string(json, key, ONE_OF(texts));
		return;
	}
	case TYPE_SOCKADDR:
		write_socket(json, words, true);
		return;
	case TYPE_SOCK:
	case TYPE_SOCKET:
		write_socket(json, words, false);
		return;
	case TYPE_SOCKADDR_UN:
		json_key(json, key);
		json_begin_object(json);
		json_key_string(json, "family", "AF_UNIX");
		json_key_string(json, "path", one_in(2) ? "@a" : one_in(2) ? "@bus" : path);
		json_end_object(json);
		return;
	case TYPE_CAP_EFFECTIVE:
	case TYPE_CAP_PERMITTED:
	case TYPE_CAP_INHERITABLE:
		snprintf(text, sizeof(text), "%016llx", (unsigned long long)(random_word() & ((1ULL << 41) - 1)));
		json_key_string(json, key, text);
		return;
	case TYPE_UINT64:
	case TYPE_INT64:
	case TYPE_SIZE:
		snprintf(text, sizeof(text), "%llu", (unsigned long long)some_number(words));
		json_key_string(json, key, text);
		return;
	default:
		if (argument->type == TYPE_INT)
			json_key_number(json, key, (int64_t)(some_number(words) & 0x7fffffff));
		else
			json_key_number(json, key, (int64_t)some_number(words));
	}
}

/* ---- The process ---- */

static const char *some_program(const struct words *words, char ret[512])
{
	if (one_in(3)) {
		some_path(words, ret);
		return ret;
	}
	return ONE_OF(programs);
}

static void write_process(struct json *json, const struct words *words)
{
	char path[512];

	json_key(json, "process");
	json_begin_object(json);
	json_key_string(json, "binary", some_program(words, path));
	json_key_number(json, "pid", 7);
	json_key(json, "ns");
	json_begin_object(json);
	for (unsigned n = 0; n < 10; n++) {
		static const char *const keys[] = { "uts", "ipc", "mnt", "pid", "pid_for_children", "net", "time", "time_for_children", "cgroup", "user" };
		const bool is_host = one_in(2);

		json_key(json, keys[n]);
		json_begin_object(json);
		if (is_host)
			json_key_bool(json, "is_host", true);
		else
			json_key_number(json, "inum", 4026532000 + (int64_t)pick(2));
		json_end_object(json);
	}
	json_end_object(json);
	json_key(json, "cap");
	json_begin_object(json);
	json_key(json, "effective");
	json_begin_array(json);
	for (unsigned n = 0; n < COUNT(capabilities); n++)
		if (one_in(2))
			json_string(json, capabilities[n]);
	json_end_array(json);
	json_end_object(json);
	if (one_in(2)) {
		json_key(json, "pod");
		json_begin_object(json);
		json_key_string(json, "namespace", "shop");
		json_key(json, "container");
		json_begin_object(json);
		json_key_string(json, "name", "main");
		json_end_object(json);
		json_key(json, "pod_labels");
		json_begin_object(json);
		json_key_string(json, "app", one_in(2) ? "web" : "db");
		json_end_object(json);
		json_end_object(json);
	}
	json_end_object(json);
	json_key(json, "parent");
	json_begin_object(json);
	json_key_string(json, "binary", some_program(words, path));
	json_end_object(json);
	json_key(json, "ancestors");
	json_begin_array(json);
	json_begin_object(json);
	json_key_string(json, "binary", ONE_OF(programs));
	json_end_object(json);
	json_end_array(json);
}

/* ---- Calls ---- */

static bool is_of_task(const struct ir_argument *argument)
{
	return argument->source == ABI_SOURCE_CURRENT;
}

/* Each value by itself, so that it does not matter who else reads what. */
static void seed_value(const struct call *call, uint32_t index, const char *resolve)
{
	random_state = call->seed * 0x9e3779b97f4a7c15ull + index * 1000003u + 1;
	for (; resolve && *resolve; resolve++)
		random_state = random_state * 1099511628211ull + (unsigned char)*resolve;
	random_state |= 1;
	for (int n = 0; n < 4; n++)
		random_word();
}

/* The hook, of a function behind one too. */
static const char *hook_of(const struct call *call)
{
	return strncmp(call->name, "security_", 9) ? call->name : call->name + 9;
}

static bool has_folders(const struct call *call)
{
	const char *hook = hook_of(call);

	return !strncmp(hook, "path_", 5) && strcmp(hook, "path_chmod") && strcmp(hook, "path_chown") && strcmp(hook, "path_truncate");
}

/* Folders of a call, and what is in them: one for the first two arguments, and one for the others. */
static void path_of(const struct call *call, const struct words *words, const struct ir_argument *argument, char ret[512])
{
	const bool is_second = strcmp(hook_of(call), "path_link") ? argument->index > 1 : argument->index > 0;
	char *slash;

	seed_value(call, is_second ? 77 : 7, NULL);
	some_path(words, ret);
	slash = strrchr(ret, '/');
	if (argument->type == TYPE_PATH && has_folders(call))
		slash[slash == ret] = '\0';
}

static void write_argument(struct json *json, const struct call *call, const struct words *words, const struct ir_argument *argument, uint32_t index)
{
	const char *resolve = argument->resolve.bytes ? argument->resolve.bytes : "";
	const bool is_path = argument->type == TYPE_PATH || argument->type == TYPE_DENTRY;
	bool is_read = !call->unreadable;
	char path[512];

	path_of(call, words, argument, path);
	if (!is_path || !has_folders(call))
		seed_value(call, argument->index, resolve);	/* a folder and what is in it are read, or not, together */
	is_read |= !one_in(4);
	seed_value(call, argument->index + (is_of_task(argument) ? 100 : 0), resolve);	/* an argument's and the caller's own are two values */
	json_begin_object(json);
	json_key_number(json, "index", index);
	json_key_string(json, "resolve", resolve);
	if (!is_read) {
		json_key(json, "error_arg");
		json_begin_object(json);
		json_end_object(json);
	} else {
		write_value(json, words, argument, path);
	}
	json_end_object(json);
}

static bool is_first(const struct readers *readers, size_t reader, size_t position)
{
	const struct ir_argument *argument = &readers->items[reader]->arguments.items[position];

	for (size_t n = 0; n <= reader; n++)
		for (size_t i = 0; i < readers->items[n]->arguments.count && (n < reader || i < position); i++) {
			const struct ir_argument *other = &readers->items[n]->arguments.items[i];

			if (other->index == argument->index && is_of_task(other) == is_of_task(argument) &&
			    !strcmp(other->resolve.bytes ? other->resolve.bytes : "", argument->resolve.bytes ? argument->resolve.bytes : ""))
				return false;
		}
	return true;
}

/* Of the current task: an argument here, and one of `data`, whatever its place there, of a TracingPolicy. */
static void write_data(struct json *json, const struct call *call, const struct readers *readers, const struct words *words)
{
	json_key(json, "data");
	json_begin_array(json);
	for (size_t n = 0; n < readers->count; n++)
		for (size_t i = 0; i < readers->items[n]->arguments.count; i++)
			if (is_of_task(&readers->items[n]->arguments.items[i]) && is_first(readers, n, i))
				for (uint32_t place = 0; place < 3; place++)
					write_argument(json, call, words, &readers->items[n]->arguments.items[i], place);
	json_end_array(json);
}

static void write_arguments(struct json *json, const struct call *call, const struct readers *readers, const struct words *words)
{
	json_key(json, "args");
	json_begin_array(json);
	for (size_t n = 0; n < readers->count; n++)
		for (size_t i = 0; i < readers->items[n]->arguments.count; i++) {
			const struct ir_argument *argument = &readers->items[n]->arguments.items[i];

			if (is_first(readers, n, i))
				write_argument(json, call, words, argument,
					call->as_function && !is_of_task(argument) ? intent_function_index(call->name, argument->index) : argument->index);
		}
	json_end_array(json);
}

void call_write(const struct call *call, const struct readers *readers, const struct words *words, struct buffer *ret)
{
	struct json json = { .out = ret, .first = true };
	struct arena arena = { 0 };
	const bool is_lsm = call->kind == HOOK_LSM && !call->as_function;
	bool on_host;

	json_begin_object(&json);
	json_key(&json, is_lsm ? "process_lsm" : hook_rows[call->kind == HOOK_LSM ? HOOK_KPROBE : call->kind].event);
	json_begin_object(&json);
	if (call->kind == HOOK_RAW_TRACEPOINT) {
		json_key_string(&json, "subsys", readers->items[0]->subsystem.bytes);
		json_key_string(&json, "event", call->name);
	}
	json_key_string(&json, "function_name", call->as_function ? intent_function(&arena, call->name) : call->name);
	seed_value(call, 999, NULL);
	on_host = one_in(2);
	write_process(&json, words);
	write_arguments(&json, call, readers, words);
	write_data(&json, call, readers, words);
	json_end_object(&json);
	json_key(&json, "tetra");
	json_begin_object(&json);
	json_key_bool(&json, "ancestors_complete", true);
	if (on_host)
		json_key_string(&json, "place", "host");
	json_end_object(&json);
	json_end_object(&json);
	arena_release(&arena);
}
