/* SPDX-License-Identifier: Apache-2.0 */
/* built.h - policies as text to their objects and image, for the tests of the back half. */
#ifndef TESTS_UNIT_BUILT_H
#define TESTS_UNIT_BUILT_H

#include <string.h>

#include "compiler/compiler.h"
#include "compiler/image/image.h"
#include "compiler/link/link.h"
#include "compiler/object/object.h"

/* One document with one kprobe hook; what follows is indented under the hook. */
#define POLICY(name) "apiVersion: cilium.io/v1alpha1\nkind: TracingPolicy\nmetadata: {name: " name "}\nspec:\n"
#define KPROBE(name, call) POLICY(name) "  kprobes:\n  - call: " call "\n    syscall: false\n"
#define SELECTOR(filters) "    selectors: [{matchArgs: [" filters "]}]\n"

enum { BUILT_OBJECTS_MAX = 1100 };

struct built {
	struct unit unit;
	struct arena arena;
	struct link_input inputs[BUILT_OBJECTS_MAX];
	struct buffer image;
	struct image_view view;
	const char *error;
	char message[256];
};

/* 0 when the text compiles. */
static inline int built_compile(struct built *built, const char *text)
{
	memset(built, 0, sizeof(*built));
	unit_init(&built->unit, "p.yaml", text, strlen(text));
	if (unit_compile(&built->unit, NULL) || built->unit.object_count > BUILT_OBJECTS_MAX)
		return -1;
	for (size_t n = 0; n < built->unit.object_count; n++)
		built->inputs[n] = (struct link_input){ built->unit.objects[n].bytes, built->unit.objects[n].length,
							"p.yaml" };
	return 0;
}

/* What link_image returned, else what image_verify did. */
static inline int built_link(struct built *built, const struct link_options *options)
{
	int failed = link_image(built->inputs, built->unit.object_count, options, &built->arena, &built->image,
				&built->error);

	return failed ? failed : image_verify(built->image.bytes, built->image.length, &built->view, built->message);
}

static inline void built_release(struct built *built)
{
	buffer_release(&built->image);
	arena_release(&built->arena);
	unit_release(&built->unit);
}

/* The object reads back as the policy, and the policy is written to the same bytes again; else the test fails. */
void assert_same_again(const struct ir_policy *before, const struct buffer *object);

#endif
