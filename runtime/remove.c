// SPDX-License-Identifier: Apache-2.0
/* remove.c - see remove.h. */
#include "runtime/remove.h"

#include <stdlib.h>
#include <string.h>

#include "compiler/link/link.h"
#include "runtime/area.h"
#include "runtime/programs.h"

int nothing_link(void **bytes, size_t *size, struct failure *failure)
{
	struct link_options options = { 0 };
	struct buffer image = { 0 };
	struct arena arena = { 0 };
	const char *reason = "";
	int error = link_image(NULL, 0, &options, &arena, &image, &reason);

	if (error) {
		fail(failure, error, "cannot make an empty image: %s", reason);
	} else {
		*bytes = image.bytes;
		*size = image.length;
	}
	arena_release(&arena);
	return error;
}

/* Without this, a crash while pins are removed would leave some hooks of a policy and not others. */
static void silence(const struct pins *pins)
{
	struct failure ignored;
	struct area area = { 0 };
	void *nothing = NULL;
	size_t size;

	if (area_open(pins, &area, &ignored))
		return;
	if (ABI_ACTIVE_GENERATION(area_active(&area)) && !nothing_link(&nothing, &size, &ignored))
		area_make_live(&area, nothing, size);
	free(nothing);
	area_close(&area);
}

static int remove_folder(const struct pins *pins, enum pin_folder folder, struct failure *failure)
{
	struct arena arena = { 0 };
	const char *const *names;
	size_t count;
	int error = pins_names(pins, folder, &arena, &names, &count);

	for (size_t i = 0; i < count && !error; i++)
		error = pins_remove(pins, folder, names[i]);
	arena_release(&arena);
	return error ? fail(failure, error, "cannot remove what is pinned below '%s': %s", pins->root,
		strerror(-error)) : 0;
}

int remove_everything(const char *root, struct failure *failure)
{
	static const enum pin_folder order[] = { PIN_LINKS, PIN_PROGRAMS, PIN_MAPS };
	struct pins pins;
	int error = pins_open_to_delete(&pins, root, failure);

	if (error)
		return error;
	programs_listen();
	silence(&pins);
	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]) && !error; i++)
		error = remove_folder(&pins, order[i], failure);
	if (!error && (error = pins_remove_folders(&pins)))
		fail(failure, error, "cannot remove the folder '%s': %s", pins.root, strerror(-error));
	pins_close(&pins);
	return error;
}
