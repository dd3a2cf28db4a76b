// SPDX-License-Identifier: Apache-2.0
/* planned.c - see planned.h. */
#include "tests/unit/planned.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <string.h>

#include <cmocka.h>	/* last: it takes the name fail */

void planned_prepare(struct planned *planned, const char *text, uint32_t lacking)
{
	struct link_options options = { 0 };
	const struct image_view *image = &planned->built.view;

	memset(planned, 0, sizeof(*planned));
	assert_int_equal(built_compile(&planned->built, text), 0);
	assert_int_equal(built_link(&planned->built, &options), 0);
	assert_true(image_hook_count(image) <= HOOKS_MAX);
	for (int i = 0; i < FEATURE_COUNT; i++)
		planned->features.error[i] = lacking & 1u << i ? -EOPNOTSUPP : 0;
	for (size_t n = 0; n < image_hook_count(image); n++)
		planned->facts[n] = (struct hook_facts){ .exists = true, .traceable = true, .typed = true,
			.target = image_hook_at(image, n).name, .argument_count = 5 };
	for (size_t n = 0; n < HOOKS_MAX; n++)
		planned->fields[n].field = (struct tracepoint_field){ "int field", 8, 4 };
	planned->input = (struct plan_input){ .image = image, .facts = planned->facts, .fields = planned->fields,
		.assignments = planned->assignments,
		.features = &planned->features, .wanted = FEATURES_ALL };
}

void planned_make(struct planned *planned)
{
	plan_make(&planned->input, &planned->arena, &planned->plan);
}

void planned_release(struct planned *planned)
{
	built_release(&planned->built);
	arena_release(&planned->arena);
}

const struct plan_step *planned_step(const struct plan *plan, enum step_kind kind)
{
	for (size_t i = 0; i < plan->step_count; i++)
		if (plan->steps[i].kind == kind)
			return &plan->steps[i];
	return NULL;
}

void planned_attach_all(struct planned *planned, enum attach_kind kind, struct plan_attached *ret)
{
	const struct image_view *image = planned->input.image;
	size_t count = image_hook_count(image);

	for (size_t n = 0; n < count; n++) {
		struct image_hook hook = image_hook_at(image, n);

		ret[n] = (struct plan_attached){ hook.id, kind, hook.key, "pin" };
	}
	planned->input.attached = ret;
	planned->input.attached_count = count;
}
