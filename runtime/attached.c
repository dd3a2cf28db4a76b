// SPDX-License-Identifier: Apache-2.0
/* attached.c - reads the pins of hooks back; see attached.h. */
#include "runtime/attached.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

static bool is_live(const struct image_view *live, const struct plan_attached *attached)
{
	struct image_hook hook;

	return live && image_hook_by_id(live, attached->id, &hook) && !strcmp(hook.key, attached->key);
}

static void prefer_live(struct plan_attached *attached, size_t count, const struct image_view *live)
{
	size_t front = 0;

	for (size_t i = 0; i < count; i++) {
		struct plan_attached found = attached[i];

		if (!is_live(live, &found))
			continue;
		memmove(&attached[front + 1], &attached[front], (i - front) * sizeof(*attached));
		attached[front++] = found;
	}
}

int attached_read(const struct pins *pins, const struct image_view *live, struct arena *arena,
		  struct plan_attached **ret, size_t *count)
{
	const char *const *names;
	size_t name_count, found = 0;
	struct plan_attached *attached;
	int error = pins_names(pins, PIN_LINKS, arena, &names, &name_count);

	if (error)
		return error;
	attached = arena_array(arena, struct plan_attached, name_count);
	for (size_t i = 0; i < name_count; i++) {
		struct pin_hook hook;
		int kind;

		if (pin_hook_read(arena, names[i], &hook) || hook.id >= ABI_HOOKS_MAX)
			continue;
		kind = attach_find(hook.kind);
		if (kind >= 0)
			attached[found++] = (struct plan_attached){ hook.id, (enum attach_kind)kind, hook.key, names[i],
								      hook.where };
	}
	prefer_live(attached, found, live);
	*ret = attached;
	*count = found;
	return 0;
}
