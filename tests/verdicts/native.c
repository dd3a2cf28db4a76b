// SPDX-License-Identifier: Apache-2.0
/* native.c - replays the verdict tables through match.h as cc compiled it.  TAP.  native [TABLE...] */
#include <glob.h>
#include <stdio.h>
#include <string.h>

#include "bpf-templates/match.h"
#include "tests/verdicts/rows.h"

#define DIRECTORY "tests/verdicts"

struct replay {
	const struct verdict_row *row;
	const struct abi_hook *hook;
	struct verdict_cache cache;
	struct match_native matcher;
};

/* A file without a path still has a mode. */
static int put_file(struct match_state *state, __u32 slot, const struct verdict_value *value)
{
	if (!value->bytes)
		match_set_state(state, slot, ABI_SLOT_FAULT);
	else if (match_put_bytes(state, slot, value->bytes, value->length, MATCH_WHOLE))
		return -1;
	match_set_number(state, slot, value->mode);
	return 0;
}

static int put_value(struct match_state *state, __u32 slot, uint8_t load, const struct verdict_value *value)
{
	switch (value->kind) {
	case VERDICT_FAULT:
		return -1;
	case VERDICT_INT:
		return match_put_value(state, slot, match_extend(load, value->number));
	case VERDICT_SOCKADDR:
		return match_put_address(state, slot, value->family, value->port, value->address);
	default:
		return value->mode ? put_file(state, slot, value) :
				     match_put_bytes(state, slot, value->bytes, value->length, MATCH_WHOLE);
	}
}

static int load(void *context, struct match_state *state, __u32 slot)
{
	const struct replay *replay = context;
	const struct verdict_row *row = replay->row;
	const struct verdict_value *value;
	const struct abi_slot *abi;

	if (slot == MATCH_SLOT_BINARY)
		return row->binary ? match_put_bytes(state, slot, row->binary, strlen(row->binary), MATCH_WHOLE) : -1;
	abi = &replay->hook->slots[slot];
	if (abi->load == ABI_LOAD_PID)
		return match_put_value(state, slot, row->pid);
	value = verdict_row_value(row, abi->index);
	return value ? put_value(state, slot, abi->load, value) : -1;
}

/* The verdict of a row, or why there is none. */
static bool decide(struct replay *replay, struct buffer *got)
{
	struct buffer image = { 0 };
	struct image_view view;
	struct image_hook hook;
	char message[256];
	bool fine = !verdict_row_image(&replay->cache, replay->row, DIRECTORY, &image, &view, &hook, message);

	if (fine) {
		replay->hook = hook.abi;
		replay->matcher.image = image.bytes;
		replay->matcher.image_size = (__u32)image.length;
		replay->matcher.load = load;
		replay->matcher.context = replay;
		verdict_describe(&view, replay->matcher.state.accepts,
				 match_native_run_id(&replay->matcher, hook.id), got);
	} else {
		buffer_add_text(got, message);
	}
	buffer_release(&image);
	return fine;
}

/* Prints one line of TAP; whether it is "ok". */
static bool replay_row(struct replay *replay, const char *table, size_t number, const struct verdict_row *row)
{
	struct buffer got = { 0 };
	bool fine;

	replay->row = row;
	fine = decide(replay, &got) && !strcmp(got.bytes, row->expected);
	printf("%sok %zu - %s:%zu: %s\n", fine ? "" : "not ", number, table, row->line, row->name);
	if (!fine)
		printf("# expected %s, got %s\n", row->expected, got.bytes);
	buffer_release(&got);
	return fine;
}

static bool replay_table(struct replay *replay, const char *path, size_t *number)
{
	const char *table = strrchr(path, '/') ? strrchr(path, '/') + 1 : path;
	struct arena arena = { 0 };
	struct verdict_rows rows;
	char message[256];
	bool fine = true;

	if (verdict_rows_read(path, &arena, &rows, message)) {
		printf("not ok %zu - %s\n# %s\n", ++*number, table, message);
		fine = false;
	} else {
		for (size_t n = 0; n < rows.count; n++)
			fine &= replay_row(replay, table, ++*number, &rows.items[n]);
	}
	arena_release(&arena);
	return fine;
}

int main(int argc, char **argv)
{
	static struct replay replay;
	size_t number = 0;
	bool fine = true;
	glob_t tables = { 0 };

	if (argc < 2)
		glob(DIRECTORY "/*.tsv", 0, NULL, &tables);
	for (int n = 1; n < argc; n++)
		fine &= replay_table(&replay, argv[n], &number);
	for (size_t n = 0; n < tables.gl_pathc; n++)
		fine &= replay_table(&replay, tables.gl_pathv[n], &number);
	globfree(&tables);
	verdict_cache_release(&replay.cache);
	printf("1..%zu\n", number);
	return fine && number ? 0 : 1;
}
