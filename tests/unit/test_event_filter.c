// SPDX-License-Identifier: Apache-2.0
/* test_event_filter.c - which events are wanted: globs, names of fields, and what of a line they find. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "runtime/event_fields.h"
#include "runtime/event_filter.h"

static void globs(void **state)
{
	static const struct { const char *pattern, *text; bool want; } rows[] = {
		{ "", "", true }, { "", "a", false }, { "a", "a", true }, { "a", "ab", false }, { "ab", "a", false },
		{ "*", "", true }, { "*", "a/b", true }, { "a*", "abc", true }, { "*c", "abc", true }, { "*b", "abc", false },
		{ "a*c", "abbc", true }, { "a*b*c", "axbxbxc", true }, { "a*b*c", "axcxb", false }, { "?", "a", true },
		{ "?", "", false }, { "a?c", "abc", true }, { "\\*", "*", true }, { "\\*", "a", false }, { "a\\?", "a?", true },
		{ "a\\?", "ab", false }, { "\\\\", "\\", true }, { "\\", "\\", true }, { "**a", "a", true }, { "a**", "a", true },
		{ "*a*a*a*b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaac", false },
		{ "[a]", "a", false }, { "[a]", "[a]", true }, { "/usr/bin/*", "/usr/bin/a/b", true },
	};

	(void)state;
	for (size_t n = 0; n < sizeof(rows) / sizeof(*rows); n++) {
		print_message("# %s on %s\n", rows[n].pattern, rows[n].text);
		assert_int_equal(filter_matches(rows[n].pattern, rows[n].text, strlen(rows[n].text)), rows[n].want);
	}
}

static void names_of_fields(void **state)
{
	static const struct { const char *path; bool known, value; const char *wrong, *nearest; } rows[] = {
		{ "process.binary", true, true, NULL, NULL }, { "process", true, false, NULL, NULL },
		{ "node_name", true, true, NULL, NULL }, { "process_kprobe.function_name", true, true, NULL, NULL },
		{ "args.string_arg", true, true, NULL, NULL }, { "args.0.string_arg", true, true, NULL, NULL },
		{ "args.0", true, false, NULL, NULL }, { "tags", true, true, NULL, NULL }, { "tags.0", true, true, NULL, NULL },
		{ "process.pod.pod_labels.app", true, true, NULL, NULL }, { "process.ns.net.inum", true, true, NULL, NULL },
		{ "tetra.lost", true, true, NULL, NULL }, { "time", true, true, NULL, NULL },
		{ "args.bpf_map_arg.MapName", true, true, NULL, NULL },
		{ "proces.binary", false, false, "proces", "process" }, { "process.binry", false, false, "binry", "binary" },
		{ "process_lsm.subsys", false, false, "subsys", NULL }, { "", false, false, "", NULL },
		{ "process..pid", false, false, "", NULL }, { "process.pid.x", false, false, "x", NULL },
		{ "binary", false, false, "binary", NULL }, { "process.pid.", false, false, "", NULL },
	};

	(void)state;
	for (size_t n = 0; n < sizeof(rows) / sizeof(*rows); n++) {
		const char *wrong, *nearest = NULL;
		size_t length;

		print_message("# %s\n", rows[n].path);
		assert_int_equal(event_field_is_known(rows[n].path, &wrong, &length, &nearest), rows[n].known);
		assert_int_equal(event_field_is_value(rows[n].path), rows[n].value);
		if (rows[n].known)
			continue;
		assert_int_equal(length, strlen(rows[n].wrong));
		assert_memory_equal(wrong, rows[n].wrong, length);
		if (rows[n].nearest)
			assert_string_equal(nearest, rows[n].nearest);
	}
}

static const char line[] = "{\"process_kprobe\":{\"process\":{\"pid\":7,\"binary\":\"/usr/bin/cat\",\"arguments\":\"a \\\"b\\\" \\n\\u0001\\\\\"},"
	"\"parent\":{\"pid\":1,\"binary\":\"/sbin/init\"},\"function_name\":\"f\",\"args\":[{\"string_arg\":\"/etc/passwd\"},{\"int_arg\":-2},"
	"{\"file_arg\":{\"path\":\"/x,]}y\"}}],\"tags\":[\"one\",\"two\"],\"data\":[],\"policy_name\":\"p\"},\"node_name\":\"n\","
	"\"time\":\"2026-11-26T14:37:05Z\",\"tetra\":{\"return\":\"unseen\",\"ok\":true}}\n";

static void fields_of_a_line(void **state)
{
	static const struct { const char *filter; bool want; } rows[] = {
		{ "process.binary=/usr/bin/cat", true }, { "process.binary=/usr/*", true }, { "process.binary=cat", false },
		{ "process.binary!=/usr/*", false }, { "process.binary!=/opt/*", true }, { "process.pid=7", true },
		{ "process.pid=1", false }, { "parent.pid=1", true }, { "process.uid=0", false }, { "process.uid!=0", true },
		{ "process.arguments=a \"b\" \n\001\\\\", true }, { "process.arguments=*\"b\"*", true },
		{ "args.string_arg=/etc/*", true }, { "args.string_arg!=/etc/*", false }, { "args.0.string_arg=/etc/*", true },
		{ "args.1.string_arg=/etc/*", false }, { "args.1.int_arg=-2", true }, { "args.int_arg=-?", true },
		{ "args.file_arg.path=/x,]}y", true }, { "args.2.file_arg.path=*y", true }, { "args.3.int_arg=*", false },
		{ "tags=two", true }, { "tags=three", false }, { "tags.0=two", false }, { "tags!=two", false }, { "data.int_arg=*", false },
		{ "node_name=n", true }, { "time=2026-11-26*", true }, { "process_kprobe.function_name=f", true },
		{ "process_lsm.function_name=f", false }, { "process_lsm.function_name!=f", true }, { "policy_name=p", true },
		{ "tetra.return=unseen", true }, { "tetra.lost=*", false }, { "function_name=*=*", false }, { "function_name=", false },
		{ "message=", false }, { "message!=", true },
	};

	(void)state;
	for (size_t n = 0; n < sizeof(rows) / sizeof(*rows); n++) {
		struct event_filter filter = { .field_count = 0 };
		const char *error = "";

		print_message("# %s\n", rows[n].filter);
		if (event_filter_add_field(&filter, rows[n].filter, &error))
			fail_msg("%s", error);
		assert_int_equal(event_filter_accepts_line(&filter, line), rows[n].want);
		event_filter_release(&filter);
	}
}

static void what_is_refused(void **state)
{
	static const struct { int (*add)(struct event_filter *, const char *, const char **); const char *text, *want; } rows[] = {
		{ event_filter_add_field, "process.binary", "'process.binary' is neither FIELD=GLOB nor FIELD!=GLOB" },
		{ event_filter_add_field, "=x", "'=x' is neither FIELD=GLOB nor FIELD!=GLOB" },
		{ event_filter_add_field, "!=x", "events have no ''" },
		{ event_filter_add_field, "process=x", "'process' is an object; name one of its fields" },
		{ event_filter_add_field, "process.binry=x", "events have no 'process.binry' ('binry'), did you mean 'binary'?" },
		{ event_filter_add_types, "process_exec,process_lms", "there are no events of type 'process_lms', did you mean 'process_lsm'?" },
		{ event_filter_add_types, "", "an empty word" }, { event_filter_add_policies, "a,,b", "an empty word" },
		{ event_filter_add_pids, "1,x", "'x' is no process id" }, { event_filter_add_pids, "-1", "'-1' is no process id" },
		{ event_filter_add_pids, "4294967296", "'4294967296' is no process id" }, { event_filter_add_processes, ",", "an empty word" },
	};

	(void)state;
	for (size_t n = 0; n < sizeof(rows) / sizeof(*rows); n++) {
		struct event_filter filter = { .field_count = 0 };
		const char *error = NULL;

		assert_true(rows[n].add(&filter, rows[n].text, &error) < 0);
		assert_string_equal(error, rows[n].want);
		event_filter_release(&filter);
	}
}

static void options_combine(void **state)
{
	static const struct filter_facts cat = { "process_lsm", "p", "/usr/bin/cat", 12, 7 }, unknown = { "process_lsm", "p", NULL, 0, 8 };
	static const struct { const char *policies, *types, *processes, *pids; bool cat, unknown; } rows[] = {
		{ NULL, NULL, NULL, NULL, true, true }, { "o,p", NULL, NULL, NULL, true, true }, { "o", NULL, NULL, NULL, false, false },
		{ "p", "process_exec", NULL, NULL, false, false }, { "p", "process_exec,process_lsm", NULL, NULL, true, true },
		{ NULL, NULL, "cat", NULL, true, false }, { NULL, NULL, "/usr/bin/*", NULL, true, false }, { NULL, NULL, "c?t,x", NULL, true, false },
		{ NULL, NULL, "bin", NULL, false, false }, { NULL, NULL, "*", NULL, true, false }, { NULL, NULL, NULL, "7,9", true, false },
		{ NULL, NULL, "cat", "8", false, false },
	};

	(void)state;
	for (size_t n = 0; n < sizeof(rows) / sizeof(*rows); n++) {
		struct event_filter filter = { .field_count = 0 };
		const char *error;

		assert_false(rows[n].policies && event_filter_add_policies(&filter, rows[n].policies, &error));
		assert_false(rows[n].types && event_filter_add_types(&filter, rows[n].types, &error));
		assert_false(rows[n].processes && event_filter_add_processes(&filter, rows[n].processes, &error));
		assert_false(rows[n].pids && event_filter_add_pids(&filter, rows[n].pids, &error));
		assert_int_equal(event_filter_accepts(&filter, &cat), rows[n].cat);
		assert_int_equal(event_filter_accepts(&filter, &unknown), rows[n].unknown);
		event_filter_release(&filter);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(globs), cmocka_unit_test(names_of_fields), cmocka_unit_test(fields_of_a_line),
		cmocka_unit_test(what_is_refused), cmocka_unit_test(options_combine),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
