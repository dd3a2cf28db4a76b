// SPDX-License-Identifier: Apache-2.0
/* apply_scopes.c - see apply_scopes.h. */
#include "runtime/apply_scopes.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int get_map(const struct pins *pins, const char *name, struct failure *failure)
{
	const int map = pins_get(pins, PIN_MAPS, name);

	return map < 0 ? fail(failure, map, "cannot open map '%s': %s", name, strerror(-map)) : map;
}

int workloads_check_host(const struct workloads *workloads, struct failure *failure)
{
	if (!workloads->cgroups.mount)
		return fail(failure, -ENOTSUP, "policies for some workloads only need cgroups of version 2, and none are mounted on this host");
	if (workloads->cgroups.elsewhere)
		return fail(failure, -ENOTSUP, "policies for some workloads only need cgroups of version 2, but %zu processes are in containers "
			    "that have cgroups of version 1 alone; boot with systemd.unified_cgroup_hierarchy=1", workloads->cgroups.elsewhere);
	return 0;
}

int workloads_look(const char *root, const struct workload_list *told, struct workloads *ret, struct failure *failure)
{
	struct pins pins;
	struct failure ignored;
	const bool is_there = !pins_open(&pins, root, &ignored);
	const int map = is_there ? pins_get(&pins, PIN_MAPS, ABI_MAP_WORKLOADS) : -1;
	const int error = workloads_read(told, map < 0 ? -1 : map, ret, failure);

	if (map >= 0)
		close(map);
	if (is_there)
		pins_close(&pins);
	return error;
}

static int enter(struct scoping *scoping, const struct workload_scopes *scopes, int scope_map, int workload_map,
		 struct scope_generations generations, struct failure *failure)
{
	static const struct workload_list nothing;
	int error;

	workloads_release(&scoping->workloads);
	error = workloads_read(scoping->told ? scoping->told : &nothing, workload_map, &scoping->workloads, failure);
	if (error)
		return error;
	if (generations.fill != generations.keep)
		error = workloads_check_host(&scoping->workloads, failure);
	if (!error)
		error = scopes_fill(scope_map, scopes, &scoping->workloads, generations, failure);
	if (!error && (error = workloads_keep(&scoping->workloads, workload_map)))
		return fail(failure, error, "cannot keep what is known of containers: %s", strerror(-error));
	if (!error)
		scopes_note(scopes, &scoping->workloads);
	return error;
}

int apply_scopes(struct scoping *scoping, const struct image_view *image, struct scope_generations generations,
		 struct failure *failure)
{
	int scope_map = get_map(scoping->pins, ABI_MAP_SCOPES, failure), workload_map = -1, error = scope_map;
	struct arena arena = { 0 };
	struct workload_scopes scopes;

	if (error >= 0)
		error = workload_map = get_map(scoping->pins, ABI_MAP_WORKLOADS, failure);
	if (error >= 0)
		error = scopes_read(image, &arena, &scopes, failure);
	if (!error)
		error = enter(scoping, &scopes, scope_map, workload_map, generations, failure);
	if (scope_map >= 0)
		close(scope_map);
	if (workload_map >= 0)
		close(workload_map);
	arena_release(&arena);
	return error;
}

void apply_scopes_drop(const struct scoping *scoping, uint64_t generation)
{
	const int map = pins_get(scoping->pins, PIN_MAPS, ABI_MAP_SCOPES);

	if (map < 0)
		return;
	scopes_drop(map, generation);
	close(map);
}

void apply_scopes_release(struct scoping *scoping)
{
	workloads_release(&scoping->workloads);
}

/* ---- While it is live ---- */

static int refresh(struct scoping *scoping, const struct area *area, size_t *ret_count, struct failure *failure)
{
	struct image_view image;
	char message[256];
	uint64_t active;
	void *bytes;
	size_t size;
	int error = area_copy_active(area, &bytes, &size, &active, failure);

	if (error)
		return error;
	*ret_count = 0;
	if (bytes && !image_verify(bytes, size, &image, message)) {
		const struct scope_generations live = { ABI_ACTIVE_GENERATION(active), ABI_ACTIVE_GENERATION(active) };

		*ret_count = image_scope_count(&image);
		error = apply_scopes(scoping, &image, live, failure);
	}
	free(bytes);
	return error;
}

int scopes_refresh(const char *root, struct scoping *scoping, size_t *ret_count, struct failure *failure)
{
	struct area area = { 0 };
	struct pins pins;
	int error = pins_open_to_delete(&pins, root, failure);

	if (error)
		return error;
	scoping->pins = &pins;
	error = area_open_to_read(&pins, &area, failure);
	if (!error)
		error = refresh(scoping, &area, ret_count, failure);
	area_close(&area);
	pins_close(&pins);
	scoping->pins = NULL;
	return error;
}
