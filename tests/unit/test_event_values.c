// SPDX-License-Identifier: Apache-2.0
/* test_event_values.c - values of events as JSON and in lines for people. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "runtime/event_values.h"

#define KNOWN(part)	(1ull << ABI_PART_##part)
#define ENDS		(KNOWN(SOURCE) | KNOWN(DESTINATION) | KNOWN(SOURCE_PORT) | KNOWN(DESTINATION_PORT))

static const struct abi_socket tcp = {
	.known = KNOWN(FAMILY) | KNOWN(TYPE) | KNOWN(PROTOCOL) | KNOWN(MARK) | KNOWN(PRIORITY) | KNOWN(COOKIE) | KNOWN(STATE) | ENDS,
	.parts = { [ABI_PART_FAMILY] = 2, [ABI_PART_TYPE] = 1, [ABI_PART_PROTOCOL] = 6, [ABI_PART_MARK] = 7,
		   [ABI_PART_PRIORITY] = 3, [ABI_PART_COOKIE] = UINT64_MAX, [ABI_PART_STATE] = 1, [ABI_PART_SOURCE] = 0x0100007f,
		   [ABI_PART_DESTINATION] = 0x08080808, [ABI_PART_SOURCE_PORT] = 40000, [ABI_PART_DESTINATION_PORT] = 443 },
};
static const struct abi_socket local = {
	.known = KNOWN(FAMILY) | KNOWN(TYPE) | KNOWN(SOURCE_PORT) | KNOWN(DESTINATION_PORT),
	.parts = { [ABI_PART_FAMILY] = 1, [ABI_PART_TYPE] = 99 },
};
static const struct abi_socket packet6 = {
	.known = KNOWN(FAMILY) | KNOWN(PROTOCOL) | KNOWN(HASH) | KNOWN(LENGTH) | KNOWN(MARK) | KNOWN(PRIORITY) | ENDS,
	.parts = { [ABI_PART_FAMILY] = 10, [ABI_PART_PROTOCOL] = 17, [ABI_PART_HASH] = 5, [ABI_PART_LENGTH] = 60,
		   [ABI_PART_SOURCE + 1] = 1ull << 56, [ABI_PART_DESTINATION] = 0x80fe, [ABI_PART_SOURCE_PORT] = 53,
		   [ABI_PART_DESTINATION_PORT] = 1000 },
};
static const struct abi_socket odd = { .known = KNOWN(LENGTH), .parts = { [ABI_PART_LENGTH] = 20 } };

static const struct abi_user_namespace inner = { .level = 1, .owner = 1000, .group = 1001, .inum = 4026532000, .is_host = ABI_ANSWER_NO };
static const struct abi_cred cred = {
	.uid = 1, .gid = 2, .euid = 3, .egid = 4, .suid = 5, .sgid = 6, .fsuid = 7, .fsgid = 8, .securebits = 0x12,
	.capabilities = { 1ull << 21, 0, 3 },
	.user_namespace = { .inum = 4026531837, .is_host = ABI_ANSWER_YES },
};
static const struct abi_user_namespace unasked = { .inum = 7, .is_host = ABI_ANSWER_UNKNOWN };
static const struct abi_module module = { .taints = 0x3000, .signature_ok = ABI_ANSWER_UNKNOWN, .name = "dummy" },
			       loading = { .signature_ok = ABI_ANSWER_NO, .name = "a\nb" }, odd_taint = { .taints = 1ull << 40, .signature_ok = ABI_ANSWER_YES };
static const struct abi_bpf_prog program = { .type = 2, .instructions = 99, .name = "sixteen_letters_" }, new_program = { .type = 99 };
static const struct abi_bpf_map map = { .type = 27, .key_size = 0, .value_size = 0, .max_entries = 4096, .name = "events" };
static const struct abi_perf_event counter = { .type = 1, .config = 1ull << 63, .probe_offset = 5 },
				   probe = { .type = 8, .probe_offset = 16, .function = "do_sys_open" };

static const struct row {
	enum type_id type;
	struct event_slot slot;
	const char *key, *json, *compact;	/* compact NULL: like a text */
} rows[] = {
#define BYTES(text)	.bytes = (const uint8_t *)(text), .length = sizeof(text) - 1, .state = ABI_SLOT_READ
#define SOCKET(socket)	.bytes = (const uint8_t *)&(socket), .length = sizeof(socket), .state = ABI_SLOT_READ
	{ TYPE_SOCK, { SOCKET(tcp) }, "sock_arg",
	  "{\"family\":\"AF_INET\",\"type\":\"SOCK_STREAM\",\"protocol\":\"IPPROTO_TCP\",\"mark\":7,\"priority\":3,"
	  "\"saddr\":\"127.0.0.1\",\"daddr\":\"8.8.8.8\",\"sport\":40000,\"dport\":443,\"cookie\":\"18446744073709551615\","
	  "\"state\":\"TCP_ESTABLISHED\"}", "127.0.0.1:40000 -> 8.8.8.8:443" },
	{ TYPE_SOCKET, { SOCKET(local) }, "sock_arg", "{\"family\":\"AF_UNIX\",\"type\":99,\"sport\":0,\"dport\":0}", "AF_UNIX" },
	{ TYPE_SKB, { SOCKET(packet6) }, "skb_arg",
	  "{\"hash\":5,\"len\":60,\"priority\":0,\"mark\":0,\"saddr\":\"::1\",\"daddr\":\"fe80::\",\"sport\":53,\"dport\":1000,"
	  "\"proto\":17,\"protocol\":\"IPPROTO_UDP\",\"family\":\"AF_INET6\"}", "[::1]:53 -> [fe80::]:1000" },
	{ TYPE_SKB, { SOCKET(odd) }, "skb_arg", "{\"len\":20}", "socket" },
	{ TYPE_SOCKADDR_UN, { BYTES("/run/x"), .value = 1 }, "sockaddrun_arg", "{\"family\":\"AF_UNIX\",\"path\":\"/run/x\"}", "/run/x" },
	{ TYPE_SOCKADDR_UN, { BYTES("\0bus\0\0"), .value = 1 }, "sockaddrun_arg", "{\"family\":\"AF_UNIX\",\"path\":\"@bus\"}", "@bus" },
	{ TYPE_SOCKADDR_UN, { .value = 200, .state = ABI_SLOT_FAULT }, "sockaddrun_arg", "{\"family\":200}", "" },
	{ TYPE_CHAR_BUF, { BYTES("") }, "bytes_arg", "\"\"", "0 bytes" },
	{ TYPE_CHAR_BUF, { BYTES("a") }, "bytes_arg", "\"YQ==\"", "1 bytes" },
	{ TYPE_CHAR_BUF, { BYTES("ab\0") }, "bytes_arg", "\"YWIA\"", "3 bytes" },
	{ TYPE_CHAR_BUF, { .bytes = (const uint8_t *)"\xff\xfe\xfd\xfc", .length = 4, .state = ABI_SLOT_CUT, .value = 5000 },
	  "truncated_bytes_arg", "{\"bytes_arg\":\"//79/A==\",\"orig_size\":\"5000\"}", "5000 bytes" },
	{ TYPE_CAPABILITY, { .value = 21, .state = ABI_SLOT_READ }, "capability_arg", "{\"value\":21,\"name\":\"CAP_SYS_ADMIN\"}",
	  "CAP_SYS_ADMIN" },
	{ TYPE_CAPABILITY, { .value = 63, .state = ABI_SLOT_READ }, "capability_arg", "{\"value\":63}", "63" },
	{ TYPE_KERNEL_CAP, { .value = 0x1ffffffffff, .state = ABI_SLOT_READ }, "kernel_cap_t_arg", "\"000001ffffffffff\"", "000001ffffffffff" },
	{ TYPE_CAP_EFFECTIVE, { .value = 1, .state = ABI_SLOT_READ }, "cap_effective_arg", "\"0000000000000001\"", "0000000000000001" },
	{ TYPE_BPF_CMD, { .value = 5, .state = ABI_SLOT_READ }, "bpf_cmd_arg", "\"BPF_PROG_LOAD\"", "BPF_PROG_LOAD" },
	{ TYPE_BPF_CMD, { .value = (uint64_t)-1, .state = ABI_SLOT_READ }, "bpf_cmd_arg", "-1", "-1" },
	{ TYPE_NET_DEVICE, { BYTES("eth0") }, "string_arg", "\"eth0\"", NULL },
	{ TYPE_DATA_LOC, { BYTES("x y") }, "string_arg", "\"x y\"", NULL },
	{ TYPE_CRED, { SOCKET(cred) }, "process_credentials_arg",
	  "{\"uid\":1,\"gid\":2,\"euid\":3,\"egid\":4,\"suid\":5,\"sgid\":6,\"fsuid\":7,\"fsgid\":8,"
	  "\"securebits\":[\"SecBitNoRootLocked\",\"SecBitKeepCaps\"],"
	  "\"caps\":{\"permitted\":[\"CAP_CHOWN\",\"DAC_OVERRIDE\"],\"effective\":[\"CAP_SYS_ADMIN\"]},"
	  "\"user_ns\":{\"level\":0,\"uid\":0,\"gid\":0,\"ns\":{\"inum\":4026531837,\"is_host\":true}}}", "uid 1 euid 3 gid 2 egid 4" },
	{ TYPE_USER_NAMESPACE, { SOCKET(inner) }, "user_ns_arg",
	  "{\"level\":1,\"uid\":1000,\"gid\":1001,\"ns\":{\"inum\":4026532000,\"is_host\":false}}", "user:[4026532000]" },
	{ TYPE_USER_NAMESPACE, { SOCKET(unasked) }, "user_ns_arg", "{\"level\":0,\"uid\":0,\"gid\":0,\"ns\":{\"inum\":7}}", "user:[7]" },
	{ TYPE_MODULE, { SOCKET(module) }, "module_arg",
	  "{\"name\":\"dummy\",\"tainted\":[\"TAINT_OUT_OF_TREE_MODULE\",\"TAINT_UNSIGNED_MODULE\"]}", "\"dummy\"" },
	{ TYPE_LOAD_INFO, { SOCKET(loading) }, "module_arg", "{\"name\":\"a\\nb\",\"signature_ok\":false}", "\"a\\x0ab\"" },
	{ TYPE_LOAD_INFO, { SOCKET(odd_taint) }, "module_arg", "{\"name\":\"\",\"signature_ok\":true,\"tainted\":[\"40\"]}", "\"\"" },
	{ TYPE_BPF_PROG, { SOCKET(program) }, "bpf_prog_arg",
	  "{\"ProgType\":\"BPF_PROG_TYPE_KPROBE\",\"InsnCnt\":99,\"ProgName\":\"sixteen_letters_\"}",
	  "BPF_PROG_TYPE_KPROBE \"sixteen_letters_\" instruction count 99" },
	{ TYPE_BPF_ATTR, { SOCKET(new_program) }, "bpf_attr_arg", "{\"ProgType\":\"99\",\"InsnCnt\":0,\"ProgName\":\"\"}",
	  "99 \"\" instruction count 0" },
	{ TYPE_BPF_MAP, { SOCKET(map) }, "bpf_map_arg",
	  "{\"MapType\":\"BPF_MAP_TYPE_RINGBUF\",\"KeySize\":0,\"ValueSize\":0,\"MaxEntries\":4096,\"MapName\":\"events\"}",
	  "BPF_MAP_TYPE_RINGBUF \"events\" key size 0 value size 0 max entries 4096" },
	{ TYPE_PERF_EVENT, { SOCKET(counter) }, "perf_event_arg", "{\"Type\":\"PERF_TYPE_SOFTWARE\",\"Config\":\"9223372036854775808\"}",
	  "PERF_TYPE_SOFTWARE" },
	{ TYPE_PERF_EVENT, { SOCKET(probe) }, "perf_event_arg",
	  "{\"KprobeFunc\":\"do_sys_open\",\"Type\":\"8\",\"Config\":\"0\",\"ProbeOffset\":\"16\"}", "8 \"do_sys_open\"" },
	{ TYPE_CRED, { BYTES("short") }, "process_credentials_arg", "{}", "?" }, { TYPE_BPF_MAP, { BYTES("") }, "bpf_map_arg", "{}", "?" },
	{ TYPE_CHAR_IOVEC, { .bytes = (const uint8_t *)"abc", .length = 3, .state = ABI_SLOT_CUT }, "truncated_bytes_arg",
	  "{\"bytes_arg\":\"YWJj\"}", "3 bytes" },
	{ TYPE_IOV_ITER, { BYTES("ab") }, "bytes_arg", "\"YWI=\"", "2 bytes" },
#ifdef __x86_64__
	{ TYPE_SYSCALL64, { .value = 59, .state = ABI_SLOT_READ }, "syscall_id", "{\"id\":59,\"abi\":\"x64\"}", "59" },
	{ TYPE_SYSCALL64, { .value = 1ull << 31 | 11, .state = ABI_SLOT_READ }, "syscall_id", "{\"id\":11,\"abi\":\"i386\"}", "11/32-bit" },
#endif
};

static void values_of_every_kind(void **state)
{
	(void)state;
	for (size_t n = 0; n < sizeof(rows) / sizeof(*rows); n++) {
		struct buffer text = { 0 }, line = { 0 };
		struct json json = { .out = &text, .first = true };

		assert_string_equal(event_value_key(rows[n].type, &rows[n].slot), rows[n].key);
		assert_true(event_value_json(&json, rows[n].type, &rows[n].slot));
		assert_string_equal(text.bytes, rows[n].json);
		assert_int_equal(event_value_compact(&line, rows[n].type, &rows[n].slot), rows[n].compact != NULL);
		if (rows[n].compact)
			assert_string_equal(line.bytes ? line.bytes : "", rows[n].compact);
		buffer_release(&text);
		buffer_release(&line);
	}
}

/* Integers, texts and paths are none of its business. */
static void others_are_left_alone(void **state)
{
	static const enum type_id types[] = { TYPE_INT, TYPE_UINT64, TYPE_STRING, TYPE_FILE, TYPE_FD, TYPE_KIOCB, TYPE_DENTRY, TYPE_SOCKADDR };
	const struct event_slot slot = { .value = 1, .state = ABI_SLOT_READ };
	struct buffer text = { 0 };
	struct json json = { .out = &text, .first = true };

	(void)state;
	for (size_t n = 0; n < sizeof(types) / sizeof(*types); n++) {
		assert_false(event_value_json(&json, types[n], &slot));
		assert_false(event_value_compact(&text, types[n], &slot));
	}
	assert_int_equal(text.length, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_of_every_kind), cmocka_unit_test(others_are_left_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
