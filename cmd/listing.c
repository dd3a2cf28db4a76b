// SPDX-License-Identifier: Apache-2.0
/* listing.c - see listing.h. */
#include "cmd/listing.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd/verb.h"

int listing_read(struct listing *listing, const char *root, struct failure *failure)
{
	char message[256];
	uint64_t active = 0;
	size_t size;
	int error = pins_open(&listing->pins, root, failure);

	if (!error)
		error = area_open_to_read(&listing->pins, &listing->area, failure);
	if (!error)
		error = area_copy_active(&listing->area, &listing->bytes, &size, &active, failure);
	if (!error && listing->bytes)
		error = image_verify(listing->bytes, size, &listing->image, message);
	listing->generation = ABI_ACTIVE_GENERATION(active);
	if (error || !listing->bytes)
		return error;
	return attached_read(&listing->pins, &listing->image, &listing->arena, &listing->attached,
		&listing->attached_count);
}

void listing_release(struct listing *listing)
{
	area_close(&listing->area);
	arena_release(&listing->arena);
	free(listing->bytes);
}

int listing_open(struct listing *listing, const char *root)
{
	struct failure failure = { 0 };
	int error = listing_read(listing, root, &failure);
	bool permitted = error != -EACCES && error != -EPERM;

	if (!error || (error == -ENOENT && !failure.text[0]))
		return EXIT_FINE;
	if (!permitted && geteuid())
		complain("needs root: what is pinned below /sys/fs/bpf belongs to it; try sudo");
	else
		complain("%s", failure.text[0] ? failure.text : strerror(-error));
	return EXIT_SYSTEM;
}

int listing_count(struct listing *listing, struct counters *counted, struct memory *memory)
{
	int error;

	if (!listing->bytes)
		return EXIT_FINE;
	error = counters_open(&listing->pins, counted);
	if (!error)
		error = memory_read(&listing->pins, &listing->arena, memory);
	if (!error)
		return EXIT_FINE;
	complain("cannot read what was counted: %s", strerror(-error));
	return EXIT_SYSTEM;
}

bool listing_find(const struct listing *listing, const char *name, struct image_policy *ret)
{
	return listing->bytes && image_policy_named(&listing->image, name, ret);
}

const char *listing_mode(const struct image_policy *policy)
{
	return policy->enforces && !policy->monitor ? "enforce" : "monitor";
}

const struct plan_attached *listing_attached(const struct listing *listing, const struct image_hook *hook)
{
	for (size_t i = 0; i < listing->attached_count; i++)
		if (attach_rows[listing->attached[i].kind].result != RESULT_PART && listing->attached[i].id == hook->id &&
		    !strcmp(listing->attached[i].key, hook->key))
			return &listing->attached[i];
	return NULL;
}

const char *listing_attach(const struct listing *listing, const struct image_hook *hook)
{
	const struct plan_attached *attached = listing_attached(listing, hook);

	return attached ? attach_rows[attached->kind].name : NULL;
}
