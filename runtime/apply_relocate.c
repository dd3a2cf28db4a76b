// SPDX-License-Identifier: Apache-2.0
/* apply_relocate.c - see apply_relocate.h. */
#include "runtime/apply_relocate.h"

#include <string.h>

static void relocate_one(void *bytes, const struct image_view *view, size_t n, const struct kernel_relocation *field)
{
	const enum type_id type = image_relocation_at(view, n).type;

	switch (image_relocation_at(view, n).kind) {
	case IMAGE_RELOCATE_FIELD:	/* what is not read may have any size */
		if (type == TYPE_CONST_BUF)
			image_relocate_array(bytes, view, n, field->field.offset, field->field.size, tracepoint_element_size(&field->field));
		else
			image_relocate(bytes, view, n, field->field.offset, type == TYPE_NOP ? 0 : field->field.size);
		break;
	case IMAGE_RELOCATE_CHAIN:
		image_relocate_chain(bytes, view, n, &field->chain);
		break;
	case IMAGE_RELOCATE_LOCATION:
		image_relocate_location(bytes, view, n, &field->location);
		return;
	case IMAGE_RELOCATE_REGISTER:
		image_relocate_register(bytes, view, n, field->register_offset, field->register_size);
		return;
	}
	image_relocate_load(bytes, view, n, field->load);
}

/* Of a hook that stays attached to a file that is gone, the place is what the live image says. */
static bool relocate_place(void *bytes, const struct plan_input *input, const struct image_view *live, size_t n)
{
	const struct image_hook hook = image_hook_at(input->image, n);
	const struct hook_facts *facts = &input->facts[n];
	struct image_hook before;

	if (hook.kind != HOOK_UPROBE && hook.kind != HOOK_USDT)
		return false;
	if (facts->exists)
		image_relocate_place(bytes, input->image, n, facts->offset, facts->counter);
	else if (live && image_hook_by_id(live, hook.id, &before) && !strcmp(before.key, hook.key))
		image_relocate_place(bytes, input->image, n, before.offset, before.reference_counter);
	return true;
}

int apply_relocate(void *bytes, size_t size, const struct plan_input *input, const struct image_view *live, struct failure *failure)
{
	const size_t count = image_relocation_count(input->image), assignments = image_assignment_count(input->image);
	struct image_view view;
	bool changed = count || assignments;
	char message[256];
	int error;

	for (size_t n = 0; n < count; n++)
		relocate_one(bytes, input->image, n, &input->fields[n]);
	for (size_t n = 0; n < assignments; n++)
		image_assign(bytes, input->image, n, &input->assignments[n].abi);
	for (size_t n = 0; n < image_hook_count(input->image); n++)
		changed |= relocate_place(bytes, input, live, n);
	if (changed)
		image_seal(bytes, size);
	error = image_verify(bytes, size, &view, message);
	return error ? fail(failure, error, "the relocated image is damaged: %s", message) : 0;
}
