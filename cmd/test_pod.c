// SPDX-License-Identifier: Apache-2.0
/* test_pod.c - the pod in which a command of a test runs; see test.h. */
#include "cmd/test.h"

#define ARRAY_SIZE(array)	(sizeof(array) / sizeof((array)[0]))

struct reading {
	struct test_file *file;
	struct workload *pod;
};

#define POD_TEXT(key, field, wants) \
	static void pod_##key(void *context, const struct node *value) \
	{ \
		struct reading *reading = context; \
		reading->pod->field = test_read_text(reading->file, value, wants); \
	}
POD_TEXT(namespace, namespace, "a name")
POD_TEXT(container, name, "the name of the container")
POD_TEXT(repository, image, "the name of an image")

static void pod_labels(void *context, const struct node *value)
{
	struct reading *reading = context;
	struct test_file *file = reading->file;
	struct workload *pod = reading->pod;

	if (value->kind != NODE_MAPPING) {
		test_refuse(file, value, "a mapping of labels");
		return;
	}
	pod->labels = arena_array(&file->arena, struct event_label, value->count);
	for (uint32_t n = 0; n < value->count; n++) {
		const char *key = test_read_text(file, value->pairs[n].key, "the name of a label");
		const char *text = test_read_text(file, value->pairs[n].value, "the value of a label");

		if (key && text)
			pod->labels[pod->label_count++] = (struct event_label){ key, text };
	}
}

void test_read_pod(struct test_file *file, const struct node *node, struct workload *ret)
{
	static const struct test_key keys[] = {
		{ "namespace", pod_namespace }, { "container", pod_container }, { "labels", pod_labels }, { "repository", pod_repository },
	};
	struct reading reading = { file, ret };

	*ret = (struct workload){
		.name = "test", .image = "test", .namespace = "test", .pod = "test", .labels_known = true, .place = "the test",
	};
	test_read_mapping(file, node, "a mapping with 'namespace', 'container', 'repository' and 'labels'", keys, ARRAY_SIZE(keys), &reading);
}
