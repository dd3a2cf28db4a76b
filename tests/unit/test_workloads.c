// SPDX-License-Identifier: Apache-2.0
/* test_workloads.c - what is told of containers: by the user's file, by runtimes' state files, by the names of cgroups. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "compiler/workload_list.h"
#include "compiler/workloads.h"
#include "runtime/cgroups.h"
#include "runtime/container_state.h"
#include "runtime/workloads.h"

#include <cmocka.h>	/* last: it has a macro fail() */

#define ID "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define POD "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"

/* ---- The user's file ---- */

static const struct file_row {
	const char *text;
	const char *error;	/* part of the first message; NULL: it is read */
	size_t count;
} files[] = {
	{ "", "the file is empty", 0 }, { "[]", NULL, 0 }, { "- cgroup: /a\n- container: abc\n", NULL, 2 },
	{ "[{\"cgroup\": \"/a\", \"podLabels\": {\"a\": \"b\", \"c\": 1}}]", NULL, 1 }, { "- {cgroup: /a, host: true}", NULL, 1 },
	{ "a: b", "must be a list", 0 }, { "- a", "a mapping that tells of one workload", 0 }, { "- {name: a}", "'cgroup' or the id", 0 },
	{ "- {cgroup: a}", "from its root", 0 }, { "- {cgroup: /a/}", "from its root", 0 }, { "- {cgroup: //a}", "from its root", 0 },
	{ "- {container: ABC}", "lower-case hexadecimal", 0 }, { "- {cgroup: /a, lables: {}}", "a workload has no 'lables'", 0 },
	{ "- {cgroup: /a, cgroup: /b}", "", 0 }, { "- {cgroup: /a, podLabels: [a]}", "a mapping of labels", 0 },
	{ "- {cgroup: /a, host: perhaps}", "true or false", 0 }, { "- {cgroup: /a, host: true, name: a}", "nothing else", 0 },
	{ "- {cgroup: /a, name: ~}", "the name of the container", 0 }, { "[]\n---\n[]", "the only document", 0 },
};

static void user_files(void **state)
{
	(void)state;
	for (size_t n = 0; n < sizeof(files) / sizeof(*files); n++) {
		const struct source source = { "w.yaml", files[n].text, strlen(files[n].text) };
		struct workload_list list = { 0 };
		struct diagnostics diagnostics;
		struct arena arena = { 0 };
		int error;

		diagnostics_init(&diagnostics, &arena);
		error = workload_list_read(&source, &arena, &diagnostics, &list);
		if (!!error != !!files[n].error)
			fail_msg("%s: %s", files[n].text, error ? diagnostics.items[0].message : "read");
		assert_int_equal(list.count, files[n].count);
		if (files[n].error && !strstr(diagnostics.items[0].message, files[n].error))
			fail_msg("%s: %s", files[n].text, diagnostics.items[0].message);
		arena_release(&arena);
	}
}

/* ---- Names of cgroups ---- */

static void names(void **state)
{
	static const struct { const char *name, *container; } rows[] = {
		{ "docker-" ID ".scope", ID }, { ID, ID }, { "cri-containerd-" ID ".scope", ID }, { "crio-" ID ".scope", ID },
		{ "libpod-" ID ".scope", ID }, { "libpod-conmon-" ID ".scope", "" }, { "crio-conmon-" ID ".scope", "" },
		{ "libpod_pod_" ID ".slice", "" }, { "system.slice", "" }, { "a" ID, "" }, { "docker-" ID "0.scope", "" },
	};

	(void)state;
	for (size_t n = 0; n < sizeof(rows) / sizeof(*rows); n++) {
		char id[CONTAINER_ID + 1];

		cgroup_container(rows[n].name, id);
		assert_string_equal(id, rows[n].container);
	}
}

/* ---- State files ---- */

#define OCI(annotations) "{\"ociVersion\":\"1.1.0\",\"annotations\":{" annotations "}}"

static const struct state_row {
	enum container_state state;
	const char *text;
	int error;
	const char *name, *image, *namespace, *pod;
	int labels;		/* -1: not known */
	const char *sandbox;
} states[] = {
	{ STATE_CONTAINERD, OCI("\"io.kubernetes.cri.container-name\":\"web\",\"io.kubernetes.cri.image-name\":\"nginx:1\","
				"\"io.kubernetes.cri.sandbox-namespace\":\"shop\",\"io.kubernetes.cri.sandbox-name\":\"web-0\","
				"\"io.kubernetes.cri.sandbox-id\":\"" POD "\""), 0, "web", "nginx:1", "shop", "web-0", -1, POD },
	{ STATE_CONTAINERD, OCI("\"io.kubernetes.cri.sandbox-id\":\"" ID "\""), 0, "", NULL, NULL, NULL, -1, ID },
	{ STATE_CONTAINERD, OCI("\"io.kubernetes.cri.container-name\":7"), 0, NULL, NULL, NULL, NULL, -1, NULL },
	{ STATE_CONTAINERD, "{}", -1, NULL, NULL, NULL, NULL, -1, NULL }, { STATE_CONTAINERD, "{", -1, NULL, NULL, NULL, NULL, -1, NULL },
	{ STATE_CRIO, OCI("\"io.kubernetes.cri-o.ContainerType\":\"container\",\"io.kubernetes.container.name\":\"web\","
			  "\"io.kubernetes.pod.namespace\":\"shop\",\"io.kubernetes.cri-o.Labels\":\"{\\\"a\\\":\\\"b\\\"}\""),
	  0, "web", NULL, "shop", NULL, -1, NULL },
	{ STATE_CRIO, OCI("\"io.kubernetes.cri-o.ContainerType\":\"sandbox\",\"io.kubernetes.container.name\":\"POD\","
			  "\"io.kubernetes.cri-o.Labels\":\"{\\\"a\\\":\\\"b\\\"}\""), 0, "POD", NULL, NULL, NULL, 1, NULL },
	{ STATE_CRIO, OCI("\"io.kubernetes.cri-o.ContainerType\":\"sandbox\",\"io.kubernetes.cri-o.Labels\":\"[\""), 0, NULL, NULL, NULL, NULL, -1,
	  NULL },
	{ STATE_CRIO, OCI("\"io.container.manager\":\"libpod\""), 0, NULL, NULL, NULL, NULL, -1, NULL },
	{ STATE_DOCKER, "{\"Name\":\"/web\",\"Config\":{\"Image\":\"nginx\",\"Labels\":{\"a\":\"b\",\"c\":\"d\"}}}", 0, "web", "nginx", "", "", 2, NULL },
	{ STATE_DOCKER, "{\"Name\":\"/web\",\"Config\":{\"Image\":\"nginx\",\"Labels\":null}}", 0, "web", "nginx", "", "", 0, NULL },
	{ STATE_DOCKER, "{\"Name\":\"/web\",\"Config\":{\"Labels\":{\"a\":1}}}", 0, "web", NULL, "", "", -1, NULL },
	{ STATE_DOCKER, "{\"Name\":\"/k8s_x\",\"Config\":{\"Labels\":{\"io.kubernetes.pod.namespace\":\"shop\",\"io.kubernetes.container.name\":\"web\"}}}",
	  0, "web", NULL, "shop", NULL, -1, NULL },
	{ STATE_DOCKER, "[]", -1, NULL, NULL, NULL, NULL, -1, NULL },
	{ STATE_STORAGE, "[{\"id\":\"x\"},{\"id\":\"" ID "\",\"metadata\":\"{\\\"name\\\":\\\"web\\\",\\\"image-name\\\":\\\"nginx\\\"}\"}]", 0, "web", "nginx",
	  NULL, NULL, -1, NULL },
	{ STATE_STORAGE, "[1,null,{\"id\":\"" ID "\",\"metadata\":\"[\"}]", 0, NULL, NULL, NULL, NULL, -1, NULL },
	{ STATE_STORAGE, "{}", -1, NULL, NULL, NULL, NULL, -1, NULL },
};

static void same(const char *got, const char *want)
{
	if (!got || !want)
		assert_ptr_equal(got, want);
	else
		assert_string_equal(got, want);
}

static void state_files(void **state)
{
	(void)state;
	for (size_t n = 0; n < sizeof(states) / sizeof(*states); n++) {
		const struct state_row *row = &states[n];
		struct workload workload = { 0 };
		const char *sandbox = NULL;
		struct arena arena = { 0 };
		const int error = container_state_parse(row->state, ID, row->text, strlen(row->text), &arena, &workload, &sandbox);

		assert_int_equal(!!error, !!row->error);
		same(workload.name, row->name);
		same(workload.image, row->image);
		same(workload.namespace, row->namespace);
		same(workload.pod, row->pod);
		same(sandbox, row->sandbox);
		assert_int_equal(workload.labels_known ? (int)workload.label_count : -1, row->labels);
		arena_release(&arena);
	}
}

/* ---- The map ---- */

static void record(void **state)
{
	struct event_label labels[] = { { "app", "we\"b" }, { "k8s/x", "" } };
	const struct workload before = { .cgroup = "/a", .container = ID, .name = "web", .namespace = "", .labels_known = true,
					 .labels = labels, .label_count = 2 };
	struct buffer text = { 0 };
	struct arena arena = { 0 };
	struct workload after;

	(void)state;
	assert_true(workload_write(&before, &text));
	assert_int_equal(workload_parse(text.bytes, text.length, &arena, &after), 0);
	same(after.cgroup, "/a");
	same(after.namespace, "");
	same(after.pod, NULL);
	assert_int_equal(after.label_count, 2);
	same(after.labels[0].value, "we\"b");
	assert_int_equal(workload_parse("[", 1, &arena, &after), -22);
	assert_int_equal(workload_parse("{\"name\":1}", 10, &arena, &after), -22);
	buffer_release(&text);
	arena_release(&arena);
}

/* ---- Who is selected ---- */

/* A container that is known to be in no pod has no namespace; one of which nothing is known may have any. */
static void selected(void **state)
{
	struct policy_label label = { .key = { .bytes = "k8s:io.kubernetes.pod.namespace" }, .value = { .bytes = "shop" } };
	struct policy_label_selector pod = { .labels = { &label, 1 } };
	const struct policy_workloads of_shop = { .pod = &pod };
	static const struct { struct workload workload; enum match_answer want; } rows[] = {
		{ { .namespace = "shop" }, MATCH_YES }, { { .namespace = "" }, MATCH_NO }, { { .namespace = "bank" }, MATCH_NO },
		{ { .name = "x" }, MATCH_UNKNOWN }, { { .host = true }, MATCH_NO },
	};
	struct arena arena = { 0 };

	(void)state;
	for (size_t n = 0; n < sizeof(rows) / sizeof(*rows); n++) {
		const struct event_workload facts = workload_facts(&rows[n].workload, &arena);

		assert_int_equal(workloads_hold(&of_shop, &facts), rows[n].want);
	}
	arena_release(&arena);
}

/* ---- Nodes ---- */

static const struct label_row {
	const char *text;
	const char *error;	/* part of the first message; NULL: it is read */
	size_t count;		/* beside zone, which is there before */
} label_files[] = {
	{ "{}", NULL, 0 }, { "zone: b\n\"kubernetes.io/os\": linux\n", NULL, 1 }, { "{\"gpu\": \"\", \"n\": 4}", NULL, 2 },
	{ "", "the file is empty", 0 }, { "# nothing", "nothing but comments", 0 }, { "[zone]", "a mapping of labels", 0 },
	{ "zone", "a mapping of labels", 0 }, { "{a: b, a: c}", "is there twice", 0 }, { "{a: [b]}", "the value of a label", 0 },
	{ "{a: ~}", "the value of a label", 0 }, { "{}\n---\n{}", "the only document", 0 },
};

static void label_texts(void **state)
{
	(void)state;
	for (size_t n = 0; n < sizeof(label_files) / sizeof(*label_files); n++) {
		const struct label_row *row = &label_files[n];
		const struct source source = { "labels.yaml", row->text, strlen(row->text) };
		struct node_labels labels = { 0 };
		struct diagnostics diagnostics;
		struct arena arena = { 0 };
		int error;

		diagnostics_init(&diagnostics, &arena);
		assert_int_equal(node_labels_add(&labels, &arena, "zone", "a"), 0);
		error = node_labels_read(&source, &arena, &diagnostics, &labels);
		if (!!error != !!row->error || (error && !strstr(diagnostics.items[0].message, row->error)))
			fail_msg("'%s': %s", row->text, error ? diagnostics.items[0].message : "read");
		if (!error)
			assert_int_equal(labels.count, row->count + 1);
		arena_release(&arena);
	}
}

/* The later one counts; the last that there is room for is still taken. */
static void label_limits(void **state)
{
	struct node_labels labels = { 0 };
	struct arena arena = { 0 };

	(void)state;
	for (int n = 0; n < LIMIT_WORKLOAD_LABELS; n++)
		assert_int_equal(node_labels_add(&labels, &arena, arena_format(&arena, "k%d", n), "a"), 0);
	assert_int_equal(node_labels_add(&labels, &arena, "one-more", "a"), -E2BIG);
	assert_int_equal(node_labels_add(&labels, &arena, "k7", "b"), 0);
	assert_int_equal(labels.count, LIMIT_WORKLOAD_LABELS);
	same(labels.items[7].value, "b");
	arena_release(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(user_files), cmocka_unit_test(names), cmocka_unit_test(state_files), cmocka_unit_test(record),
		cmocka_unit_test(selected), cmocka_unit_test(label_texts), cmocka_unit_test(label_limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
