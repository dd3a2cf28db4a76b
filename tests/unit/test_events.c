// SPDX-License-Identifier: Apache-2.0
/* test_events.c - what is read of recorded events: every kind of argument, the process, and what only tetra says. */
#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "compiler/base/buffer.h"
#include "compiler/events_json.h"

/* ---- Events as text ---- */

static void add_address(const struct abi_socket *socket, enum abi_part part, struct buffer *ret)
{
	char text[INET6_ADDRSTRLEN] = "?";

	inet_ntop((int)socket->parts[ABI_PART_FAMILY], &socket->parts[part], text, sizeof(text));
	buffer_add_text(ret, text);
}

/* Known parts in the order of their numbers. */
static void add_socket(const struct abi_socket *socket, struct buffer *ret)
{
	static const char *const names[ABI_PARTS] = {
		[ABI_PART_FAMILY] = "family", [ABI_PART_SOURCE_PORT] = "sport", [ABI_PART_DESTINATION_PORT] = "dport",
		[ABI_PART_PROTOCOL] = "protocol", [ABI_PART_STATE] = "state", [ABI_PART_TYPE] = "type", [ABI_PART_MARK] = "mark",
		[ABI_PART_PRIORITY] = "priority", [ABI_PART_COOKIE] = "cookie", [ABI_PART_LENGTH] = "length",
		[ABI_PART_HASH] = "hash", [ABI_PART_SOURCE] = "saddr", [ABI_PART_DESTINATION] = "daddr",
	};

	buffer_add_text(ret, "socket");
	for (int part = 0; part < ABI_PARTS; part++) {
		if (!names[part] || !(socket->known >> part & 1))
			continue;
		buffer_format(ret, " %s=", names[part]);
		if (part == ABI_PART_SOURCE || part == ABI_PART_DESTINATION)
			add_address(socket, (enum abi_part)part, ret);
		else
			buffer_format(ret, "%" PRIu64, (uint64_t)socket->parts[part]);
	}
}

static void add_value(const struct event_value *value, struct buffer *ret)
{
	static const char *const cuts[] = { "", " cut-end", " cut-front" };

	switch (value->state) {
	case EVENT_ABSENT:
		buffer_add_text(ret, "absent");
		break;
	case EVENT_FAULT:
		buffer_add_text(ret, "fault");
		break;
	case EVENT_NUMBER:
		buffer_format(ret, "%" PRId64, (int64_t)value->number);
		break;
	case EVENT_BYTES:
		buffer_add_quoted(ret, value->bytes, value->length);
		buffer_add_text(ret, cuts[value->cut]);
		break;
	case EVENT_SOCKET:
		add_socket(&value->socket, ret);
		break;
	}
	if (value->has_number)
		buffer_format(ret, " number=0%" PRIo64, value->number);
}

static int read_event(struct arena *arena, const char *line, struct event_sample *ret, const char **error)
{
	memset(ret, 0xa5, sizeof(*ret));	/* all that counts is written */
	return event_read_json(line, strlen(line), arena, ret, error);
}

/* ---- Arguments ---- */

static void arguments_of_every_kind(void **state)
{
	static const struct { const char *argument, *want; } rows[] = {
		{ "{\"int_arg\":-1}", "-1" },
		{ "{\"uint_arg\":4294967295}", "4294967295" },
		{ "{\"long_arg\":\"-9223372036854775808\"}", "-9223372036854775808" },
		{ "{\"size_arg\":\"18446744073709551615\"}", "-1" },
		{ "{\"string_arg\":\"\"}", "\"\"" },
		{ "{\"string_arg\":\"a\\u0000b\"}", "\"a\\x00b\"" },
		{ "{\"string_arg\":\"ab\xef\xbf\xbd" "cd\"}", "\"ab\" cut-end" },
		{ "{\"bytes_arg\":\"\"}", "\"\"" }, { "{\"bytes_arg\":\"YQ==\"}", "\"a\"" }, { "{\"bytes_arg\":\"YWI=\"}", "\"ab\"" },
		{ "{\"bytes_arg\":\"YWIA\"}", "\"ab\\x00\"" },
		{ "{\"truncated_bytes_arg\":{\"bytes_arg\":\"YWJj\",\"orig_size\":\"9\"}}", "\"abc\" cut-end" },
		{ "{\"truncated_bytes_arg\":{}}", "\"\" cut-end" },
		{ "{\"file_arg\":{\"path\":\"/a\",\"permission\":\"-rw-r--r--\"}}", "\"/a\" number=0100644" },
		{ "{\"file_arg\":{\"path\":\"/a\",\"permission\":\"drwxrwxrwt\"}}", "\"/a\" number=041777" },
		{ "{\"file_arg\":{\"path\":\"/a\",\"permission\":\"-rwsr-Sr-x\"}}", "\"/a\" number=0106745" },
		{ "{\"file_arg\":{\"path\":\"/a\",\"permission\":\"?\"}}", "\"/a\"" },
		{ "{\"file_arg\":{\"path\":\"/a\"}}", "\"/a\"" },
		{ "{\"file_arg\":{\"permission\":\"prw-------\"}}", "fault number=010600" },
		{ "{\"file_arg\":{\"permission\":\"-rw-------\"}}", "fault" },
		{ "{\"path_arg\":{\"path\":\"b/c\",\"flags\":\"unresolvedPathComponents\"}}", "\"b/c\" cut-front" },
		{ "{\"linux_binprm_arg\":{\"path\":\"/x\",\"permission\":\"-rwxr-xr-x\"}}", "\"/x\" number=0100755" },
		{ "{\"file_arg\":{\"path\":\"/a\"},\"tetra\":{\"mode\":33188,\"cut\":\"end\"}}", "\"/a\" cut-end number=0100644" },
		{ "{\"sock_arg\":{\"family\":\"AF_INET\",\"type\":\"SOCK_STREAM\",\"protocol\":\"IPPROTO_TCP\",\"saddr\":\"10.0.0.1\","
		  "\"daddr\":\"10.0.0.2\",\"sport\":1,\"dport\":443,\"cookie\":\"7\",\"state\":\"TCP_SYN_SENT\"}}",
		  "socket family=2 sport=1 dport=443 protocol=6 state=2 type=1 mark=0 priority=0 cookie=7 saddr=10.0.0.1 daddr=10.0.0.2" },
		{ "{\"sock_arg\":{\"family\":\"AF_INET\"}}", "socket family=2 sport=0 dport=0 mark=0 priority=0 cookie=0" },
		{ "{\"sock_arg\":{\"family\":\"AF_UNIX\",\"type\":\"0\",\"protocol\":\"IPPROTO_IP\",\"saddr\":\"invalid IP\","
		  "\"daddr\":\"invalid IP\",\"state\":\"TCP_CLOSE\"}}",
		  "socket family=1 sport=0 dport=0 protocol=0 state=7 type=0 mark=0 priority=0 cookie=0" },
		{ "{\"sock_arg\":{\"family\":\"AF_INET6\",\"saddr\":\"10.0.0.1\",\"daddr\":\"::1\"},\"tetra\":{\"unknown\":[\"sport\",\"dport\"]}}",
		  "socket family=10 mark=0 priority=0 cookie=0 saddr=::ffff:10.0.0.1 daddr=::1" },
		{ "{\"sock_arg\":{\"family\":\"77\",\"protocol\":\"200\",\"state\":\"TCP_NEW\"}}",
		  "socket family=77 sport=0 dport=0 protocol=200 mark=0 priority=0 cookie=0" },
		{ "{\"skb_arg\":{\"family\":\"AF_INET\",\"saddr\":\"1.2.3.4\",\"daddr\":\"4.3.2.1\",\"dport\":53,\"proto\":17,\"len\":99,\"hash\":5}}",
		  "socket family=2 sport=0 dport=53 protocol=17 mark=0 priority=0 length=99 hash=5 saddr=1.2.3.4 daddr=4.3.2.1" },
		{ "{\"sockaddr_arg\":{\"family\":\"AF_INET\",\"addr\":\"127.0.0.1\"}}", "socket family=2 sport=0 saddr=127.0.0.1" },
		{ "{\"sockaddr_arg\":{\"family\":\"AF_NETLINK\"}}", "socket family=16" },
		{ "{\"sockaddr_arg\":{}}", "socket" },
		{ "{\"sockaddrun_arg\":{\"family\":\"AF_UNIX\",\"path\":\"/run/x\"}}", "\"/run/x\" number=01" },
		{ "{\"sockaddrun_arg\":{\"family\":\"AF_UNIX\"}}", "\"\" number=01" },
		{ "{\"sockaddrun_arg\":{\"family\":\"AF_UNIX\",\"path\":\"@x\"}}", "absent number=01" },
		{ "{\"sockaddrun_arg\":{\"family\":\"AF_INET\"}}", "fault number=02" },
		{ "{\"kernel_cap_t_arg\":\"000001ffffffffff\"}", "2199023255551" }, { "{\"cap_effective_arg\":\"0000000000000000\"}", "0" },
		{ "{\"cap_permitted_arg\":\"ffffffffffffffff\"}", "-1" }, { "{\"cap_inheritable_arg\":\"1\"}", "1" },
		{ "{\"capability_arg\":{\"value\":21,\"name\":\"CAP_SYS_ADMIN\"}}", "21" }, { "{\"capability_arg\":{}}", "0" },
		{ "{\"syscall_id\":{\"id\":33,\"abi\":\"x64\"}}", "33" }, { "{\"syscall_id\":{\"abi\":\"i386\"}}", "2147483648" },
		{ "{\"syscall_id\":{\"id\":33}}", "absent" },
		{ "{\"bpf_cmd_arg\":\"BPF_PROG_LOAD\"}", "5" }, { "{\"bpf_cmd_arg\":44}", "44" }, { "{\"bpf_cmd_arg\":\"BPF_NEW\"}", "absent" },
		{ "{\"bpf_map_arg\":{\"MapName\":\"m\"}}", "\"{\\\"MapName\\\":\\\"m\\\"}\"" },
		{ "{\"module_arg\":{}}", "\"{}\"" }, { "{\"user_ns_arg\":{}}", "\"{}\"" }, { "{\"process_credentials_arg\":{}}", "\"{}\"" },
		{ "{\"bpf_attr_arg\":{}}", "\"{}\"" }, { "{\"bpf_prog_arg\":{}}", "\"{}\"" }, { "{\"perf_event_arg\":{}}", "\"{}\"" },
		{ "{\"net_dev_arg\":{\"name\":\"eth0\"}}", "\"eth0\"" },
		{ "{\"error_arg\":{\"message\":\"Bad address\"}}", "fault" },
		{ "{\"label\":\"x\"}", "absent" }, { "{\"new_arg\":1}", "absent" },
	};

	(void)state;
	for (size_t n = 0; n < sizeof(rows) / sizeof(*rows); n++) {
		struct arena arena = { 0 };
		struct event_sample event;
		struct buffer text = { 0 };
		const char *error = "";
		const char *line = arena_format(&arena, "{\"process_kprobe\":{\"function_name\":\"f\",\"args\":[%s],\"data\":[%s],"
						"\"return\":%s}}", rows[n].argument, rows[n].argument, rows[n].argument);

		print_message("# %s\n", rows[n].argument);
		if (read_event(&arena, line, &event, &error) != 1)
			fail_msg("%s", error);
		assert_int_equal(event.argument_count, 1);
		assert_int_equal(event.data_count, 1);
		add_value(&event.arguments[0].value, &text);
		assert_string_equal(text.bytes, rows[n].want);
		text.length = 0;
		add_value(&event.data[0].value, &text);
		assert_string_equal(text.bytes, rows[n].want);
		text.length = 0;
		add_value(&event.returned, &text);
		assert_string_equal(text.bytes, rows[n].want);
		buffer_release(&text);
		arena_release(&arena);
	}
}

static void values_that_are_refused(void **state)
{
	static const char *const rows[] = {
		"{\"int_arg\":\"\"}", "{\"int_arg\":1.5}", "{\"long_arg\":\"0x1\"}", "{\"long_arg\":\" 1\"}", "{\"long_arg\":\"-\"}",
		"{\"size_arg\":\"18446744073709551616\"}", "{\"bytes_arg\":\"Y\"}", "{\"bytes_arg\":\"Y*==\"}", "{\"bytes_arg\":1}",
		"{\"truncated_bytes_arg\":\"YQ==\"}", "{\"file_arg\":\"/a\"}", "{\"file_arg\":{\"path\":1}}",
		"{\"sock_arg\":[]}", "{\"sock_arg\":{\"sport\":65536}}", "{\"sock_arg\":{\"family\":\"AF_INET\",\"saddr\":\"::1\"}}",
		"{\"sockaddr_arg\":{\"family\":\"AF_INET\",\"addr\":1}}", "{\"sockaddrun_arg\":{\"path\":1}}", "{\"kernel_cap_t_arg\":\"\"}",
		"{\"kernel_cap_t_arg\":\"0x1\"}", "{\"kernel_cap_t_arg\":\"00000000000000001\"}", "{\"capability_arg\":21}",
		"{\"syscall_id\":33}", "{\"syscall_id\":{\"id\":\"x\"}}", "{\"bpf_cmd_arg\":{}}", "{\"bpf_map_arg\":1}", "{\"net_dev_arg\":{}}",
		"{\"index\":-1}", "{\"index\":256}", "{\"int_arg\":1,\"tetra\":{\"cut\":\"middle\"}}", "{\"int_arg\":1,\"tetra\":{\"mode\":65536}}",
		"{\"int_arg\":1,\"tetra\":{\"unknown\":\"x\"}}", "{\"int_arg\":1,\"tetra\":{\"unknown\":[1]}}",
	};

	(void)state;
	for (size_t n = 0; n < sizeof(rows) / sizeof(*rows); n++) {
		struct arena arena = { 0 };
		struct event_sample event;
		const char *error = "";

		print_message("# %s\n", rows[n]);
		assert_int_equal(read_event(&arena, arena_format(&arena, "{\"process_lsm\":{\"function_name\":\"f\",\"args\":[%s]}}", rows[n]),
					    &event, &error), -EINVAL);
		assert_true(*error);
		arena_release(&arena);
	}
}

/* ---- The process ---- */

static void add_fact(const char *name, const struct event_fact *fact, struct buffer *ret)
{
	if (fact->known)
		buffer_format(ret, " %s=%" PRIu64, name, fact->number);
}

static void add_indexed(const char *name, const struct event_fact *facts, size_t count, struct buffer *ret)
{
	for (size_t n = 0; n < count; n++) {
		char text[32];

		snprintf(text, sizeof(text), "%s%zu", name, n);
		add_fact(text, &facts[n], ret);
	}
}

static void add_kin(const struct event_sample *event, struct buffer *ret)
{
	for (size_t n = 0; n < event->kin_count; n++) {
		buffer_add_text(ret, n ? " < " : "");
		add_value(&event->kin[n].binary, ret);
		add_fact("pid", &event->kin[n].pid, ret);
		add_fact("inner", &event->kin[n].namespace_pid, ret);
	}
	buffer_add_text(ret, event->kin_complete ? " all" : "");
}

static void add_workload(const struct event_workload *workload, struct buffer *ret)
{
	static const char *const places[] = { "", " host", " pod" };

	buffer_add_text(ret, places[workload->place]);
	if (workload->place != EVENT_PLACE_POD)
		return;
	buffer_format(ret, " %s/%s/%s", workload->pod_namespace ? workload->pod_namespace : "?",
		      workload->container_name ? workload->container_name : "?",
		      workload->container_repository ? workload->container_repository : "?");
	buffer_add_text(ret, workload->labels_known ? " labels" : "");
	for (size_t n = 0; n < workload->label_count; n++)
		buffer_format(ret, " %s=%s", workload->labels[n].key, workload->labels[n].value);
}

static void add_process(const struct event_sample *event, struct buffer *ret)
{
	add_kin(event, ret);
	add_indexed("ns", event->namespaces, ABI_NAMESPACES, ret);
	add_indexed("host", event->in_host_namespace, ABI_NAMESPACES, ret);
	add_fact("ns-changes", &event->namespace_changes, ret);
	add_indexed("cap", event->capabilities, 3, ret);
	add_indexed("cap-changes", event->capability_changes, 3, ret);
	add_workload(&event->workload, ret);
}

#define ALL_NS "\"uts\":{\"inum\":1},\"ipc\":{\"inum\":1},\"mnt\":{\"inum\":1},\"pid\":{\"inum\":1},\"pid_for_children\":{\"inum\":1}," \
	"\"time\":{\"inum\":1},\"time_for_children\":{\"inum\":1},\"cgroup\":{\"inum\":1},\"user\":{\"inum\":1}"

static void processes(void **state)
{
	static const struct { const char *body, *tetra, *want; } rows[] = {
		{ "", NULL, "absent" },
		{ ",\"process\":{}", NULL, "absent" },
		{ ",\"process\":{\"pid\":7,\"binary\":\"/a\",\"flags\":\"execve clone\"}", NULL, "\"/a\" pid=7" },
		{ ",\"process\":{\"binary\":\"/a\",\"flags\":\"execve truncFilename\"}", NULL, "\"/a\" cut-end" },
		{ ",\"process\":{\"pid\":7},\"parent\":{\"pid\":6,\"binary\":\"/b\"},\"ancestors\":[{\"pid\":1,\"binary\":\"/c\"}]", NULL,
		  "absent pid=7 < \"/b\" pid=6 < \"/c\" pid=1" },
		{ ",\"ancestors\":[{\"pid\":1}]", NULL, "absent < absent < absent pid=1" },
		{ ",\"process\":{\"pid\":7}", "{\"namespace_pid\":3,\"ancestor_namespace_pids\":[null,1],\"ancestors_complete\":true}",
		  "absent pid=7 inner=3 < absent < absent inner=1 all" },
		{ ",\"process\":{\"ns\":{\"net\":{\"inum\":5},\"uts\":{\"inum\":6,\"is_host\":true},\"new\":{\"inum\":1}}}", NULL,
		  "absent ns0=6 ns5=5 host0=1 host5=0" },
		{ ",\"process\":{\"ns\":{\"net\":{\"is_host\":true},\"mnt\":{}}}", NULL, "absent host5=1" },
		{ ",\"process\":{\"cap\":{\"permitted\":[\"CAP_CHOWN\",\"DAC_OVERRIDE\"],\"effective\":[\"CAP_KILL\",\"CAP_DAC_OVERRIDE\"]}}", NULL,
		  "absent cap0=34 cap1=0 cap2=3" },
		{ ",\"process\":{\"cap\":{\"effective\":[\"CAP_NEW\"]}}", NULL, "absent cap1=0 cap2=0" },
		{ ",\"process\":{\"cap\":{\"effective\":[\"CAP_KILL\\u0000\"],\"permitted\":[\"CAP_KILLS\",\"\"]}}", NULL, "absent cap1=0" },
		{ ",\"process\":{\"cap\":{\"effective\":[\"CAP_KILL\",\"CAP_CHOWN\",\"CAP_CHECKPOINT_RESTORE\"]}}", NULL,
		  "absent cap0=1099511627809 cap1=0 cap2=0" },
		{ ",\"process\":{\"ns\":{\"user\":{\"is_host\":true,\"\":0,\"inum\":2}},\"p\":1,\"\":2,\"pit\":3,\"flags\":\"truncFilename\","
		  "\"binary\":\"/a\",\"pid\":7}", NULL, "\"/a\" cut-end pid=7 ns9=2 host9=1" },
		{ ",\"parent\":{\"binary\":\"/b\"},\"process\":{\"pid\":7}", NULL, "absent pid=7 < \"/b\"" },
		{ ",\"process\":{\"cap\":{}}", "{}", "absent" },
		{ ",\"process\":{\"cap\":{\"effective\":[\"CAP_KILL\"],\"permitted\":[]}}", "{\"exec_cap\":{\"effective\":[\"CAP_CHOWN\"]}}",
		  "absent cap0=32 cap2=0 cap-changes0=33" },
		{ ",\"process\":{\"ns\":{\"net\":{\"inum\":5}," ALL_NS "}}", "{\"exec_ns\":{\"net\":{\"inum\":4}," ALL_NS "}}",
		  "absent ns0=1 ns1=1 ns2=1 ns3=1 ns4=1 ns5=5 ns6=1 ns7=1 ns8=1 ns9=1 host0=0 host1=0 host2=0 host3=0 host4=0 host5=0 "
		  "host6=0 host7=0 host8=0 host9=0 ns-changes=32" },
		{ ",\"process\":{\"ns\":{\"net\":{\"inum\":5}}}", "{\"exec_ns\":{\"net\":{\"inum\":5}}}", "absent ns5=5 host5=0" },
		{ "", "{\"namespace_changes\":[\"Net\",\"Uts\"],\"capability_changes\":{\"inheritable\":[\"CAP_KILL\"]}}",
		  "absent ns-changes=33 cap-changes1=32" },
		{ ",\"process\":{\"pod\":{\"namespace\":\"d\",\"name\":\"p\",\"container\":{\"name\":\"c\",\"image\":{\"name\":"
		  "\"reg:5000/a/b:1.2@sha256:00\"}},\"pod_labels\":{\"app\":\"x\"}}}", NULL, "absent pod d/c/reg:5000/a/b labels app=x" },
		{ ",\"process\":{\"pod\":{\"container\":{\"image\":{\"name\":\"sha256:00\"}}}}", NULL, "absent pod ?/?/?" },
		{ ",\"process\":{\"pod\":{\"pod_labels\":{}}}", "{\"container_repo\":\"r\"}", "absent pod ?/?/r labels" },
		{ ",\"process\":{\"docker\":\"00\"}", NULL, "absent" },
		{ "", "{\"place\":\"host\"}", "absent host" },
	};

	(void)state;
	for (size_t n = 0; n < sizeof(rows) / sizeof(*rows); n++) {
		struct arena arena = { 0 };
		struct event_sample event;
		struct buffer text = { 0 };
		const char *error = "";
		const char *line = arena_format(&arena, "{\"process_kprobe\":{\"function_name\":\"f\"%s}%s%s}", rows[n].body,
						rows[n].tetra ? ",\"tetra\":" : "", rows[n].tetra ? rows[n].tetra : "");

		print_message("# %s %s\n", rows[n].body, rows[n].tetra ? rows[n].tetra : "");
		if (read_event(&arena, line, &event, &error) != 1)
			fail_msg("%s", error);
		add_process(&event, &text);
		assert_string_equal(text.bytes, rows[n].want);
		buffer_release(&text);
		arena_release(&arena);
	}
}

static void processes_that_are_refused(void **state)
{
	static const struct { const char *process, *tetra; } rows[] = {
		{ "{\"pid\":-1}", "{}" }, { "{\"pid\":4294967296}", "{}" }, { "{\"binary\":1}", "{}" }, { "{\"ns\":[]}", "{}" },
		{ "{\"ns\":{\"net\":1}}", "{}" }, { "{\"ns\":{\"net\":{\"inum\":-1}}}", "{}" }, { "{\"cap\":[]}", "{}" },
		{ "{\"cap\":{\"effective\":1}}", "{}" }, { "{\"cap\":{\"effective\":[1]}}", "{}" }, { "{\"pod\":1}", "{}" },
		{ "{\"pod\":{\"pod_labels\":1}}", "{}" }, { "{\"pod\":{\"pod_labels\":{\"a\":1}}}", "{}" }, { "{}", "1" },
		{ "{}", "{\"place\":\"moon\"}" }, { "{}", "{\"namespace_pid\":-1}" }, { "{}", "{\"ancestor_namespace_pids\":1}" },
		{ "{}", "{\"ancestor_namespace_pids\":[\"x\"]}" }, { "{}", "{\"ancestors_complete\":1}" },
		{ "{}", "{\"namespace_changes\":[\"net\"]}" }, { "{}", "{\"capability_changes\":[]}" }, { "{}", "{\"exec_ns\":1}" },
		{ "{}", "{\"exec_cap\":1}" },
	};

	(void)state;
	for (size_t n = 0; n < sizeof(rows) / sizeof(*rows); n++) {
		struct arena arena = { 0 };
		struct event_sample event;
		const char *error = "";

		print_message("# %s %s\n", rows[n].process, rows[n].tetra);
		assert_int_equal(read_event(&arena, arena_format(&arena, "{\"process_lsm\":{\"function_name\":\"f\",\"process\":%s},\"tetra\":%s}",
								 rows[n].process, rows[n].tetra), &event, &error), -EINVAL);
		assert_true(*error);
		arena_release(&arena);
	}
}

/* ---- Places ---- */

static void where_events_happen(void **state)
{
	static const struct { const char *line, *want; } rows[] = {
		{ "{\"process_kprobe\":{\"function_name\":\"f\",\"policy_name\":\"p\"},\"time\":\"t\"}", "kprobe f policy=p time=t" },
		{ "{\"process_tracepoint\":{\"subsys\":\"s\",\"event\":\"e\"}}", "tracepoint s e" },
		{ "{\"process_lsm\":{\"function_name\":\"file_open\"}}", "lsm file_open" },
		{ "{\"process_uprobe\":{\"path\":\"/bin/bash\",\"symbol\":\"readline\"}}", "uprobe /bin/bash readline" },
		{ "{\"process_uprobe\":{\"path\":\"/bin/bash\",\"offset\":\"4096\"}}", "uprobe /bin/bash +0x1000" },
		{ "{\"process_usdt\":{\"path\":\"/bin/a\",\"provider\":\"p\",\"name\":\"n\"}}", "usdt /bin/a p:n" },
		{ "{\"process_exit\":{}}", "another" }, { "{\"process_loader\":{}}", "another" }, { "{}", "another" },
		{ "{\"process_usdt\":{\"name\":\"n\"}}", "the event does not say which hook it is of" },
	};

	(void)state;
	for (size_t n = 0; n < sizeof(rows) / sizeof(*rows); n++) {
		struct arena arena = { 0 };
		struct event_sample event;
		struct buffer text = { 0 };
		const char *error = "";
		int kind = read_event(&arena, rows[n].line, &event, &error);

		if (kind > 0)
			buffer_format(&text, "%s%s%s %s%s%s%s%s", hook_rows[event.kind].name, event.subsystem ? " " : "",
				      event.subsystem ? event.subsystem : "", event.name, event.policy ? " policy=" : "",
				      event.policy ? event.policy : "", event.time ? " time=" : "", event.time ? event.time : "");
		else
			buffer_add_text(&text, kind ? error : "another");
		assert_string_equal(text.bytes, rows[n].want);
		buffer_release(&text);
		arena_release(&arena);
	}
}

/* Whatever a line is, the next one is read as if it were the first, and the memory does not grow. */
static void one_reader_reads_many_lines(void **state)
{
	static const char good[] = "{\"process_kprobe\":{\"function_name\":\"f\",\"args\":[{\"string_arg\":\"x\"}]}}";
	static const char *const bad[] = { "{", "x", "{\"process_kprobe\":{\"function_name\":\"f\",\"args\":[{\"int_arg\":\"x\"}]}}", "" };
	struct event_reader reader = { .tokener = NULL };
	struct event_sample event;
	const char *error = "";
	size_t most = 0;

	(void)state;
	for (size_t n = 0; n < 10000; n++) {
		const char *line = bad[n % 4];

		assert_int_equal(event_reader_read(&reader, line, strlen(line), &event, &error), -EINVAL);
		assert_int_equal(event_reader_read(&reader, good, strlen(good), &event, &error), 1);
		assert_string_equal(event.arguments[0].value.bytes, "x");
		most = reader.arena.total > most ? reader.arena.total : most;
	}
	assert_true(most < 4096);
	event_reader_release(&reader);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(arguments_of_every_kind),
		cmocka_unit_test(values_that_are_refused),
		cmocka_unit_test(processes),
		cmocka_unit_test(processes_that_are_refused),
		cmocka_unit_test(where_events_happen),
		cmocka_unit_test(one_reader_reads_many_lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
