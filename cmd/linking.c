// SPDX-License-Identifier: Apache-2.0
/* linking.c - see linking.h. */
#include "cmd/linking.h"

#include <stdio.h>
#include <string.h>

#include "cmd/verb.h"
#include "compiler/object/object.h"

void linking_collect(const struct inputs *inputs, struct linking *ret)
{
	size_t count = 0;

	*ret = (struct linking){ .object_count = 0 };
	for (size_t n = 0; n < inputs->count; n++) {
		count += inputs->units[n]->object_count;
		ret->options.plain |= inputs->units[n]->level == UNIT_PLAIN;
	}
	ret->objects = arena_array(&ret->arena, struct link_input, count);
	for (size_t n = 0; n < inputs->count; n++)
		for (size_t i = 0; i < inputs->units[n]->object_count; i++) {
			const struct buffer *object = &inputs->units[n]->objects[i];

			ret->objects[ret->object_count++] = (struct link_input){
				object->bytes, object->length, inputs->units[n]->source.name
			};
		}
}

int linking_run(struct linking *linking)
{
	const char *error = "";
	char message[256];

	if (link_image(linking->objects, linking->object_count, &linking->options, &linking->arena, &linking->image, &error)) {
		complain("%s", error);
		return EXIT_REFUSED;
	}
	if (image_verify(linking->image.bytes, linking->image.length, &linking->view, message)) {
		complain("the image that was made is not valid: %s", message);
		return EXIT_SYSTEM;
	}
	return EXIT_FINE;
}

static bool is_same_later(const struct ir_later *a, const struct ir_later *b)
{
	return a->at.line == b->at.line && a->at.column == b->at.column && !strcmp(a->what, b->what);
}

/* What an alias repeats is said once. */
static void print_later(const struct ir_policy *policy)
{
	for (size_t n = 0; n < policy->later.count; n++) {
		const struct ir_later *one = &policy->later.items[n];

		if (!n || !is_same_later(one, one - 1))
			fprintf(stderr, "%s:%u:%u: error: %s cannot be applied yet by this version of tetra\n",
				policy->source_name, one->at.line, one->at.column, one->what);
	}
}

int linking_refuse_later(const struct linking *linking, const char *so)
{
	int code = EXIT_FINE;

	for (size_t n = 0; n < linking->object_count; n++) {
		const struct link_input *object = &linking->objects[n];
		struct arena arena = { 0 };
		struct ir_policy policy;
		char message[256];

		if (object_read(object->bytes, object->size, &arena, &policy, message)) {
			complain("%s: %s", object->name, message);
			code = EXIT_REFUSED;
		} else if (policy.later.count) {
			print_later(&policy);
			code = EXIT_REFUSED;
		}
		arena_release(&arena);
	}
	if (code != EXIT_FINE)
		complain("%s", so);
	return code;
}

void linking_release(struct linking *linking)
{
	buffer_release(&linking->image);
	arena_release(&linking->arena);
}
