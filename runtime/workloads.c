// SPDX-License-Identifier: Apache-2.0
/* workloads.c - see workloads.h. */
#include "runtime/workloads.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/bpf.h>

#include "bpf-templates/abi.h"
#include "compiler/base/json.h"
#include "runtime/container_state.h"

void workloads_say(struct workloads *workloads, const char *place, const char *format, ...)
{
	char text[1024];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	workloads->notes = arena_grow(&workloads->arena, workloads->notes, workloads->note_count, &workloads->note_capacity,
				      sizeof(*workloads->notes));
	workloads->notes[workloads->note_count++] = (struct workload_note){ place, arena_copy(&workloads->arena, text, strlen(text)) };
}

void workload_add(struct workload *workload, const struct workload *with)
{
#define TAKE(member) if (with->member) workload->member = with->member;
	WORKLOAD_TEXTS(TAKE)
#undef TAKE
	workload->host = with->host;
	if (!with->labels_known)
		return;
	workload->labels_known = true;
	workload->labels = with->labels;
	workload->label_count = with->label_count;
}

/* ---- The cgroups ---- */

/* Ids of the cgroups of which something is kept. */
static size_t read_kept(int map, struct cgroup_declared *ret)
{
	uint64_t keys[2];
	size_t count = 0;

	while (map >= 0 && count < ABI_WORKLOADS_MAX &&
	       !bpf_map_get_next_key(map, count ? &keys[(count - 1) & 1] : NULL, &keys[count & 1])) {
		ret[count] = (struct cgroup_declared){ .id = keys[count & 1] };
		count++;
	}
	return count;
}

static int read_cgroups(const struct workload_list *told, int map, struct workloads *ret, struct failure *failure)
{
	struct cgroup_declared *declared = arena_array(&ret->arena, struct cgroup_declared, told->count + ABI_WORKLOADS_MAX);
	size_t count = read_kept(map, declared);
	int error;

	for (size_t n = 0; n < told->count; n++)
		if (told->items[n].cgroup)
			declared[count++] = (struct cgroup_declared){ .path = told->items[n].cgroup };
	error = cgroups_read(&ret->arena, declared, count, &ret->cgroups, failure);
	ret->of = arena_array(&ret->arena, struct workload, ret->cgroups.count);
	return error;
}

/* What is known of a cgroup from its name alone. */
static void begin(struct workloads *workloads)
{
	for (size_t n = 0; n < workloads->cgroups.count; n++) {
		const struct cgroup *cgroup = &workloads->cgroups.items[n];

		if (cgroup->kind != CGROUP_CONTAINER)
			continue;
		workloads->of[n].cgroup = cgroup->path;
		workloads->of[n].container = *cgroup->container ? cgroup->container : NULL;
	}
}

static void add_kept(struct workloads *workloads, int map)
{
	for (size_t n = 0; map >= 0 && n < workloads->cgroups.count; n++) {
		struct workload kept;

		if (workloads->cgroups.items[n].kind == CGROUP_CONTAINER &&
		    !workload_kept(map, workloads->cgroups.items[n].id, &workloads->arena, &kept))
			workload_add(&workloads->of[n], &kept);
	}
}

static void add_state(struct workloads *workloads)
{
	for (size_t n = 0; n < workloads->cgroups.count; n++) {
		const struct cgroup *cgroup = &workloads->cgroups.items[n];
		struct workload read = { 0 };

		if (cgroup->kind != CGROUP_CONTAINER || !*cgroup->container)
			continue;
		const int error = container_state_read("", cgroup->container, &workloads->arena, &read);

		if (!error)
			workload_add(&workloads->of[n], &read);
		else if (error != -ENOENT)
			workloads_say(workloads, NULL, "what a runtime says of container '%s' cannot be understood", cgroup->container);
	}
}

static const struct cgroup *find_told(const struct workloads *workloads, const struct workload *told)
{
	const struct cgroup *cgroup = told->cgroup ? cgroups_find(&workloads->cgroups, told->cgroup) :
				      cgroups_find_container(&workloads->cgroups, told->container);

	return cgroup && cgroup->kind == CGROUP_CONTAINER ? cgroup : NULL;
}

static void add_told(struct workloads *workloads, const struct workload_list *told)
{
	for (size_t n = 0; n < told->count; n++) {
		const struct cgroup *cgroup = find_told(workloads, &told->items[n]);

		if (cgroup)
			workload_add(&workloads->of[cgroup - workloads->cgroups.items], &told->items[n]);
		else
			workloads_say(workloads, told->items[n].place, told->items[n].cgroup ? "no cgroup '%s' is there" :
				      "no cgroup of a container '%s' is there",
				      told->items[n].cgroup ? told->items[n].cgroup : told->items[n].container);
	}
}

int workloads_read(const struct workload_list *told, int map, struct workloads *ret, struct failure *failure)
{
	int error;

	*ret = (struct workloads){ .note_count = 0 };
	error = read_cgroups(told, map, ret, failure);
	if (error)
		return error;
	begin(ret);
	add_kept(ret, map);
	add_state(ret);
	add_told(ret, told);
	if (ret->cgroups.left_out)
		workloads_say(ret, NULL, "%zu cgroups are too many or too deep in the tree to be told apart: nothing is known of what is in them",
			      ret->cgroups.left_out);
	return 0;
}

void workloads_release(struct workloads *workloads)
{
	arena_release(&workloads->arena);
	*workloads = (struct workloads){ .note_count = 0 };
}

/* ---- Keeping ---- */

static bool is_there(const struct workloads *workloads, uint64_t id)
{
	for (size_t n = 0; n < workloads->cgroups.count; n++)
		if (workloads->cgroups.items[n].id == id && workloads->cgroups.items[n].kind == CGROUP_CONTAINER)
			return true;
	return false;
}

static void forget_gone(const struct workloads *workloads, int map)
{
	uint64_t *keys = calloc(ABI_WORKLOADS_MAX, sizeof(*keys));
	size_t count = 0;

	if (!keys)
		abort();
	while (count < ABI_WORKLOADS_MAX && !bpf_map_get_next_key(map, count ? &keys[count - 1] : NULL, &keys[count]))
		count++;
	for (size_t n = 0; n < count; n++)
		if (!is_there(workloads, keys[n]))
			bpf_map_delete_elem(map, &keys[n]);
	free(keys);
}

bool workload_write(const struct workload *workload, struct buffer *ret)
{
	struct json json = { .out = ret, .first = true };

	json_begin_object(&json);
#define WRITE(member) if (workload->member) json_key_string(&json, #member, workload->member);
	WORKLOAD_TEXTS(WRITE)
#undef WRITE
	if (workload->host)
		json_key_bool(&json, "host", true);
	if (workload->labels_known) {
		json_key(&json, "labels");
		json_begin_object(&json);
		for (size_t n = 0; n < workload->label_count; n++)
			json_key_string(&json, workload->labels[n].key, workload->labels[n].value);
		json_end_object(&json);
	}
	json_end_object(&json);
	return ret->length < ABI_WORKLOAD_BYTES;
}

/* Labels that take too much room are not kept: then they are not known to who has no other source. */
static int keep(const struct workload *workload, uint64_t id, int map)
{
	char value[ABI_WORKLOAD_BYTES] = "";
	struct workload shorter = *workload;
	struct buffer text = { 0 };
	int error = 0;

	if (!workload_write(workload, &text)) {
		buffer_release(&text);
		text = (struct buffer){ 0 };
		shorter.labels_known = false;
		if (!workload_write(&shorter, &text))
			error = -E2BIG;
	}
	if (!error) {
		memcpy(value, text.bytes, text.length);
		error = bpf_map_update_elem(map, &id, value, BPF_ANY);
	}
	buffer_release(&text);
	return error == -E2BIG ? 0 : error;
}

int workloads_keep(const struct workloads *workloads, int map)
{
	int error = 0;

	forget_gone(workloads, map);
	for (size_t n = 0; n < workloads->cgroups.count && !error; n++)
		if (workloads->cgroups.items[n].kind == CGROUP_CONTAINER)
			error = keep(&workloads->of[n], workloads->cgroups.items[n].id, map);
	return error;
}
