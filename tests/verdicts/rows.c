// SPDX-License-Identifier: Apache-2.0
/* rows.c - reads verdict tables and makes the images that they are about; see rows.h. */
#include "tests/verdicts/rows.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "compiler/link/link.h"
#include "compiler/object/object.h"

enum { COLUMNS = 7, LINE_BYTES = 16384 };

/* ---- Text ---- */

static int hex(char c)
{
	const char *digits = "0123456789abcdef", *found = strchr(digits, c);

	return c && found ? (int)(found - digits) : -1;
}

/* TEXT up to `end`, expanded.  NULL when it is not well formed. */
static const char *expand(const char *text, const char *end, struct buffer *ret)
{
	while (text < end) {
		if (text[0] == '\\' && end - text >= 4 && text[1] == 'x' && hex(text[2]) >= 0 && hex(text[3]) >= 0) {
			buffer_add_char(ret, (char)(hex(text[2]) << 4 | hex(text[3])));
			text += 4;
		} else if (text[0] == '{') {
			const char *star = memchr(text, '*', (size_t)(end - text));
			const char *close = memchr(text, '}', (size_t)(end - text));

			if (!star || !close || star > close)
				return NULL;
			for (long n = atol(star + 1); n > 0; n--)
				if (!expand(text + 1, star, ret))
					return NULL;
			text = close + 1;
		} else {
			buffer_add_char(ret, *text++);
		}
	}
	return text;
}

static bool read_bytes(const char *text, struct arena *arena, struct verdict_value *ret)
{
	struct buffer bytes = { 0 };
	bool fine = expand(text, text + strlen(text), &bytes);

	ret->bytes = arena_copy(arena, bytes.bytes, bytes.length);
	ret->length = bytes.length;
	buffer_release(&bytes);
	return fine;
}

/* ---- Values ---- */

static bool read_number(const char *text, struct arena *arena, struct verdict_value *ret)
{
	char *end;

	(void)arena;
	ret->number = *text == '-' ? (uint64_t)strtoll(text, &end, 0) : strtoull(text, &end, 0);
	return *text && !*end;
}

static bool read_address(const char *text, struct arena *arena, struct verdict_value *ret)
{
	char address[64];
	int port = 0;

	(void)arena;
	ret->family = AF_UNIX;
	if (!strcmp(text, "unix"))
		return true;
	ret->family = *text == '[' ? AF_INET6 : AF_INET;
	if (sscanf(text, *text == '[' ? "[%63[^]]]:%d" : "%63[^:]:%d", address, &port) != 2)
		return false;
	ret->port = (uint16_t)port;
	return inet_pton(ret->family, address, ret->address) == 1;
}

static bool read_nothing(const char *text, struct arena *arena, struct verdict_value *ret)
{
	(void)arena;
	(void)ret;
	return !*text;
}

static const struct {
	const char *word;
	enum verdict_kind kind;
	uint32_t mode;
	bool (*read)(const char *, struct arena *, struct verdict_value *);
} value_words[] = {
	{ "fault", VERDICT_FAULT, 0, read_nothing }, { "int:", VERDICT_INT, 0, read_number },
	{ "string:", VERDICT_STRING, 0, read_bytes }, { "file:", VERDICT_FILE, S_IFREG, read_bytes },
	{ "dir:", VERDICT_FILE, S_IFDIR, read_bytes }, { "fifo:", VERDICT_FILE, S_IFIFO, read_bytes },
	{ "link:", VERDICT_FILE, S_IFLNK, read_bytes }, { "pipe", VERDICT_FILE, S_IFIFO, read_nothing },
	{ "path:", VERDICT_PATH, S_IFREG, read_bytes }, { "binprm:", VERDICT_BINPRM, S_IFREG, read_bytes },
	{ "filename:", VERDICT_FILENAME, 0, read_bytes }, { "sockaddr:", VERDICT_SOCKADDR, 0, read_address },
};

static bool read_value(const char *text, struct arena *arena, struct verdict_value *ret)
{
	char *end;

	ret->index = (uint32_t)strtoul(text, &end, 10);
	if (end == text || *end++ != '=')
		return false;
	for (size_t n = 0; n < sizeof(value_words) / sizeof(value_words[0]); n++) {
		size_t length = strlen(value_words[n].word);

		if (strncmp(end, value_words[n].word, length))
			continue;
		ret->kind = value_words[n].kind;
		ret->mode = value_words[n].mode;
		return value_words[n].read(end + length, arena, ret);
	}
	return false;
}

static bool read_values(char *text, struct arena *arena, struct verdict_row *row)
{
	char *rest = NULL;

	if (!strcmp(text, "-"))
		return true;
	for (char *one = strtok_r(text, " ", &rest); one; one = strtok_r(NULL, " ", &rest))
		if (row->value_count == VERDICT_VALUES_MAX || !read_value(one, arena, &row->values[row->value_count++]))
			return false;
	return true;
}

/* ---- Rows ---- */

static bool read_policies(char *text, struct arena *arena, struct verdict_row *row)
{
	char *names = strchr(text, ':'), *rest = NULL;

	if (!names)
		return false;
	*names++ = '\0';
	row->policy_file = arena_copy(arena, text, strlen(text));
	for (char *one = strtok_r(names, ",", &rest); one; one = strtok_r(NULL, ",", &rest)) {
		if (row->policy_count == VERDICT_POLICIES_MAX)
			return false;
		row->policies[row->policy_count++] = arena_copy(arena, one, strlen(one));
	}
	return row->policy_count;
}

static bool split(char *line, char *columns[COLUMNS])
{
	for (int n = 0; n < COLUMNS; n++) {
		char *tab = strchr(line, '\t');

		if (!tab != (n == COLUMNS - 1))
			return false;
		columns[n] = line;
		if (tab)
			*tab = '\0';
		line = tab + 1;
	}
	return true;
}

static const char *read_row(char *line, struct arena *arena, struct verdict_row *row)
{
	char *columns[COLUMNS];

	if (!split(line, columns))
		return "there are not 7 columns";
	row->name = arena_copy(arena, columns[0], strlen(columns[0]));
	if (!read_policies(columns[1], arena, row))
		return "the policies are not FILE:NAME,NAME...";
	row->hook = (uint32_t)strtoul(columns[2], NULL, 10);
	row->binary = arena_copy(arena, columns[3], strlen(columns[3]));
	if (!strcmp(row->binary, "-"))
		row->binary = "/usr/bin/verdict";
	else if (!strcmp(row->binary, "?"))
		row->binary = NULL;
	row->pid = strcmp(columns[4], "-") ? (uint32_t)strtoul(columns[4], NULL, 10) : 1000;
	row->expected = arena_copy(arena, columns[6], strlen(columns[6]));
	return read_values(columns[5], arena, row) ? NULL : "a value is not valid";
}

int verdict_rows_read(const char *path, struct arena *arena, struct verdict_rows *ret, char message[256])
{
	FILE *file = fopen(path, "r");
	char line[LINE_BYTES];
	const char *error = NULL;
	size_t capacity = 0;

	*ret = (struct verdict_rows){ .path = path };
	if (!file) {
		snprintf(message, 256, "cannot read '%s'", path);
		return -1;
	}
	for (size_t n = 1; !error && fgets(line, sizeof(line), file); n++) {
		line[strcspn(line, "\n")] = '\0';
		if (!*line || *line == '#')
			continue;
		ret->items = arena_grow(arena, ret->items, ret->count, &capacity, sizeof(*ret->items));
		ret->items[ret->count] = (struct verdict_row){ .line = n };
		error = read_row(line, arena, &ret->items[ret->count++]);
		if (error)
			snprintf(message, 256, "%s:%zu: %s", path, n, error);
	}
	fclose(file);
	return error ? -1 : 0;
}

const struct verdict_value *verdict_row_value(const struct verdict_row *row, uint32_t index)
{
	for (size_t n = 0; n < row->value_count; n++)
		if (row->values[n].index == index)
			return &row->values[n];
	return NULL;
}

/* ---- Images ---- */

static char *read_file(const char *path, size_t *length)
{
	FILE *file = fopen(path, "r");
	struct buffer text = { 0 };
	char chunk[4096];
	size_t got;

	if (!file)
		return NULL;
	while ((got = fread(chunk, 1, sizeof(chunk), file)))
		buffer_add(&text, chunk, got);
	fclose(file);
	*length = text.length;
	return text.bytes;
}

/* The objects of the policies that the row names, in its order. */
static size_t pick_objects(const struct verdict_row *row, const struct unit *unit, struct arena *arena,
			   struct link_input inputs[VERDICT_POLICIES_MAX])
{
	size_t count = 0;
	char message[256];

	for (size_t p = 0; p < row->policy_count; p++)
		for (size_t n = 0; n < unit->object_count; n++) {
			const struct buffer *object = &unit->objects[n];
			struct ir_policy policy;

			if (object_read(object->bytes, object->length, arena, &policy, message) ||
			    strcmp(policy.name.bytes, row->policies[p]))
				continue;
			inputs[count++] = (struct link_input){ object->bytes, object->length, row->policy_file };
			break;
		}
	return count;
}

static int link_row(const struct verdict_row *row, const struct unit *unit, struct arena *arena,
		    struct buffer *ret, char message[256])
{
	struct link_input inputs[VERDICT_POLICIES_MAX];
	const char *error = "";

	if (pick_objects(row, unit, arena, inputs) != row->policy_count) {
		snprintf(message, 256, "%s has not all of the policies", row->policy_file);
		return -1;
	}
	if (link_image(inputs, row->policy_count, NULL, arena, ret, &error)) {
		snprintf(message, 256, "%.250s", error);
		return -1;
	}
	return 0;
}

void verdict_cache_release(struct verdict_cache *cache)
{
	if (cache->path)
		unit_release(&cache->unit);
	free(cache->path);
	free(cache->text);
	*cache = (struct verdict_cache){ .path = NULL };
}

/* NULL when the file cannot be read or does not compile. */
static const struct unit *compile(struct verdict_cache *cache, const char *path)
{
	size_t length = 0;

	if (cache->path && !strcmp(cache->path, path))
		return &cache->unit;
	verdict_cache_release(cache);
	cache->text = read_file(path, &length);
	if (!cache->text)
		return NULL;
	cache->path = strdup(path);
	unit_init(&cache->unit, cache->path, cache->text, length);
	if (!unit_compile(&cache->unit, NULL))
		return &cache->unit;
	verdict_cache_release(cache);
	return NULL;
}

int verdict_row_image(struct verdict_cache *cache, const struct verdict_row *row, const char *directory,
		      struct buffer *ret, struct image_view *view, struct image_hook *hook, char message[256])
{
	struct arena arena = { 0 };
	const char *path = arena_format(&arena, "%s/%s", directory, row->policy_file);
	const struct unit *unit = compile(cache, path);
	int failed;

	if (unit)
		failed = link_row(row, unit, &arena, ret, message);
	else
		failed = snprintf(message, 256, "%.200s cannot be read or does not compile", path);
	if (!failed)
		failed = image_verify(ret->bytes, ret->length, view, message);
	if (!failed && !image_policy_hook(view, 0, row->hook, hook, NULL))
		failed = snprintf(message, 256, "policy '%s' has no hook %u", row->policies[0], row->hook);
	arena_release(&arena);
	return failed ? -1 : 0;
}

void verdict_describe(const struct image_view *view, const uint32_t *accepts, size_t count, struct buffer *ret)
{
	for (size_t n = 0; n < count; n++) {
		const struct abi_accept *accept = (const void *)(view->bytes + accepts[n]);
		const struct abi_action *actions = (const void *)(view->bytes + accept->actions);

		buffer_format(ret, "%s%s/%u/", n ? "," : "", image_policy_at(view, accept->policy).name,
			      accept->selector);
		for (uint32_t a = 0; a < accept->action_count; a++)
			buffer_format(ret, "%s%s", a ? "+" : "", action_rows[action_by_wire((int)actions[a].op)].name);
	}
	if (!count)
		buffer_add_text(ret, "none");
}
