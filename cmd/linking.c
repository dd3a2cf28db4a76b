// SPDX-License-Identifier: Apache-2.0
/* linking.c - see linking.h. */
#include "cmd/linking.h"

#include "cmd/verb.h"

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

void linking_release(struct linking *linking)
{
	buffer_release(&linking->image);
	arena_release(&linking->arena);
}
