// SPDX-License-Identifier: Apache-2.0
/* random_calls.c - calls by chance, as events; see random_rules.h. */
#include "tests/unit/random_rules.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bpf-templates/abi.h"
#include "compiler/base/json.h"
#include "compiler/intent/emit.h"
#include "tests/unit/random_words.h"

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
