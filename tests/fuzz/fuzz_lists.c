// SPDX-License-Identifier: Apache-2.0
/*
 * fuzz_lists.c - texts that tell of addresses, whatever their bytes are: the kernel's symbols, maps of a process, what it compiled, events with stacks.
 * The first byte says which.
 */
#include <json-c/json.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "schema/schema.h"
#include "symbolize/event_line.h"
#include "symbolize/kernel_image.h"
#include "symbolize/kernel_list.h"
#include "symbolize/kernel_passing.h"
#include "symbolize/process_maps.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
	if (!holds)
		abort();
}

/* With a NUL behind it, as texts of files have. */
static char *copy_of(const uint8_t *data, size_t size)
{
	char *copy = malloc(size + 1);

	memcpy(copy, data, size);
	copy[size] = '\0';
	return copy;
}

/* Every function that is listed and found begins at or before the address that it is found for, and its module is a text. */
static void ask_index(const struct kernel_index *index, uint64_t address)
{
	struct name_found found;
	const char *module;
	bool is_damaged;

	if (kernel_index_find(index, address, &found, &module, &is_damaged))
		require(found.start <= address && found.name[0] && (!module || strlen(module) < index->size));
	require(!is_damaged);
}

static void kernel(const uint8_t *data, size_t size)
{
	char *text = copy_of(data, size), *again = copy_of(data, size), *modules = copy_of(data, size), *at = again;
	struct buffer head = { 0 }, names = { 0 };
	struct kernel_line line;

	if (kernel_index_build(text, size, modules, &head, &names) == SYMBOL_KNOWN) {
		const struct kernel_index index = { (uint8_t *)head.bytes, head.length, { (uint8_t *)names.bytes, names.length } };

		require(kernel_index_check(&index));
		while (kernel_line_next(&at, again + size, &line))
			for (int n = -1; n <= 1; n++)
				ask_index(&index, line.address + (uint64_t)n);
	}
	buffer_release(&head);
	buffer_release(&names);
	free(text);
	free(again);
	free(modules);
}

static void passing(const uint8_t *data, size_t size)
{
	struct passing *passing = passing_new();
	struct name_found found;
	char *text = copy_of(data, size);
	const char *module;

	passing_fill(passing, text, size);
	free(text);
	for (uint64_t address = 0; address < 65536; address += 777)
		if (passing_find(passing, address, &found, &module))
			require(found.start <= address && address - found.start < found.size && module[0]);
	passing_free(passing);
}

static void maps(const uint8_t *data, size_t size)
{
	char *text = copy_of(data, size), path[64];
	size_t count;
	struct mapping *mappings = maps_read(text, &count);
	uint64_t last = 0, ticks;
	uid_t ids[4];
	pid_t pid;

	for (size_t n = 0; n < count; n++) {
		require(mappings[n].start >= last && mappings[n].start < mappings[n].end);
		require(maps_find(mappings, count, mappings[n].start) == &mappings[n] && maps_find(mappings, count, mappings[n].end - 1) == &mappings[n]);
		if (maps_path(&mappings[n], path, sizeof(path)))
			require(strlen(path) < sizeof(path));
		last = mappings[n].end;
	}
	free(mappings);
	memcpy(text, data, size);
	stat_start_time(text, &ticks);
	status_inner_pid(text, &pid);
	status_user_ids(text, ids);
	free(text);
}

static void compiled(const uint8_t *data, size_t size)
{
	char *text = copy_of(data, size);
	size_t count;
	struct compiled *list = compiled_read(text, size, &count);

	for (size_t n = 0; n < count; n++) {
		const struct compiled *const found = compiled_find(list, count, list[n].start);

		require(list[n].name[0] && (!found || list[n].start - found->start < found->size));
	}
	free(list);
	free(text);
}

/* What is taken for an event is JSON, and frames are objects, one behind the other. */
static void event(const uint8_t *data, size_t size)
{
	struct event_line_reader reader = { .room = 0 };
	struct json_tokener *tokener = json_tokener_new_ex(LIMIT_EVENT_DEPTH + 2);
	struct event_line line;
	size_t last = 0;
	uint64_t time;

	if (!event_line_read(&reader, (const char *)data, size, &line)) {
		json_object_put(json_tokener_parse_ex(tokener, (const char *)data, (int)size));
		require(json_tokener_get_error(tokener) == json_tokener_success);
		for (size_t n = 0; n < line.count; n++) {
			require(line.frames[n].start >= last && line.frames[n].start < line.frames[n].end && line.frames[n].end < size);
			require(data[line.frames[n].start] == '{' && data[line.frames[n].end] == '}');
			for (int part = 0; part < 2; part++)
				require(!line.frames[n].unknown[part].end || (line.frames[n].unknown[part].start > line.frames[n].start &&
					line.frames[n].unknown[part].start < line.frames[n].unknown[part].end && line.frames[n].unknown[part].end <= line.frames[n].end));
			last = line.frames[n].end;
		}
		event_line_time(line.time, &time);
	}
	json_tokener_free(tokener);
	event_line_release(&reader);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static void (*const kinds[])(const uint8_t *, size_t) = { kernel, passing, maps, compiled, event };
	struct build_id id;

	if (!size)
		return 0;
	kinds[data[0] % (sizeof(kinds) / sizeof(*kinds))](data + 1, size - 1);
	build_id_of_notes(data + 1, size - 1, &id);
	return 0;
}
