// SPDX-License-Identifier: Apache-2.0
/* process_maps.c - see process_maps.h. */
#include "symbolize/process_maps.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>

#include "schema/schema.h"

/* ---- Words of a line ---- */

static int digit_of(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : 16;
}

/* A number that ends with `end`, which is passed over; blanks after a blank too. */
static bool take_number(const char **at, unsigned base, char end, uint64_t *ret)
{
	const char *const start = *at;
	uint64_t number = 0;

	for (; (unsigned)digit_of(**at) < base; (*at)++)
		if (__builtin_mul_overflow(number, base, &number) ||
		    __builtin_add_overflow(number, (uint64_t)digit_of(**at), &number))
			return false;
	if (*at == start || **at != end)
		return false;
	if (end)
		(*at)++;
	*ret = number;
	return true;
}

/* ---- maps ---- */

static enum mapping_kind kind_of(const char *path, uint64_t inode)
{
	if (!strcmp(path, "[vdso]"))
		return MAPPING_VDSO;
	if (path[0] == '/' && inode)
		return MAPPING_FILE;
	if (!path[0] || path[0] == '/' || !strcmp(path, "[heap]") || !strncmp(path, "[stack", 6) || !strncmp(path, "[anon", 5))
		return MAPPING_ANONYMOUS;
	return MAPPING_OTHER;
}

static const char deleted[] = " (deleted)";

static bool is_deleted(const char *path)
{
	const size_t length = strlen(path);

	return length > sizeof(deleted) - 1 && !strcmp(path + length - (sizeof(deleted) - 1), deleted);
}

bool maps_read_line(char *line, struct mapping *ret)
{
	const char *at = line, *inode;
	uint64_t major, minor;

	if (!take_number(&at, 16, '-', &ret->start) || !take_number(&at, 16, ' ', &ret->end) || ret->start >= ret->end)
		return false;
	if (strlen(at) < 5 || at[4] != ' ')
		return false;
	ret->is_executable = at[2] == 'x';
	at += 5;
	if (!take_number(&at, 16, ' ', &ret->offset) || !take_number(&at, 16, ':', &major) || !take_number(&at, 16, ' ', &minor))
		return false;
	inode = at;
	if (!take_number(&at, 10, ' ', &ret->inode)) {
		at = inode;
		if (!take_number(&at, 10, '\0', &ret->inode))
			return false;
	}
	at += strspn(at, " ");
	ret->device = makedev((unsigned)major, (unsigned)minor);
	ret->path = at;
	ret->kind = kind_of(at, ret->inode);
	ret->is_deleted = ret->kind == MAPPING_FILE && is_deleted(at);
	return true;
}

static size_t count_lines(const char *text)
{
	size_t count = 0;

	for (; *text; text += strcspn(text, "\n"), text += *text == '\n')
		count++;
	return count < LIMIT_MAPPINGS ? count : LIMIT_MAPPINGS;
}

struct mapping *maps_read(char *text, size_t *count)
{
	const size_t room = count_lines(text);
	struct mapping *mappings = room ? calloc(room, sizeof(*mappings)) : NULL;
	uint64_t last = 0;

	*count = 0;
	for (char *line = text, *next; mappings && *line && *count < room; line = next) {
		next = line + strcspn(line, "\n");
		if (*next)
			*next++ = '\0';
		if (!maps_read_line(line, &mappings[*count]) || mappings[*count].start < last)
			continue;
		last = mappings[(*count)++].end;
	}
	return mappings;
}

const struct mapping *maps_find(const struct mapping *mappings, size_t count, uint64_t address)
{
	size_t low = 0, high = count;

	while (low < high) {
		const size_t middle = low + (high - low) / 2;

		if (mappings[middle].start <= address)
			low = middle + 1;
		else
			high = middle;
	}
	return low && address < mappings[low - 1].end ? &mappings[low - 1] : NULL;
}

static bool is_octal(const char *at)
{
	for (int n = 1; n <= 3; n++)
		if (at[n] < '0' || at[n] > '7')
			return false;
	return at[1] <= '3';
}

bool maps_path(const struct mapping *mapping, char *ret, size_t size)
{
	const size_t length = strlen(mapping->path) - (mapping->is_deleted ? sizeof(deleted) - 1 : 0);
	size_t written = 0;

	if (mapping->kind != MAPPING_FILE || !size)
		return false;
	for (size_t n = 0; n < length; n++) {
		const char *const at = mapping->path + n;
		const bool escaped = *at == '\\' && n + 3 < length && is_octal(at);

		if (written + 1 == size)
			return false;
		ret[written++] = escaped ? (char)((at[1] - '0') << 6 | (at[2] - '0') << 3 | (at[3] - '0')) : *at;
		n += escaped ? 3 : 0;
	}
	ret[written] = '\0';
	return true;
}

/* ---- stat and status ---- */

/* "PID (NAME) STATE ...": the name may hold anything, so its end is the last ")"; the time is the 20th word behind it. */
bool stat_start_time(const char *text, uint64_t *ret)
{
	const char *at = strrchr(text, ')');

	if (!at)
		return false;
	for (int n = 0; n < 20; n++) {
		at = strchr(at + 1, ' ');
		if (!at)
			return false;
	}
	at++;
	return take_number(&at, 10, ' ', ret);
}

/* Behind "NAME:" at the beginning of a line. */
static const char *status_value(const char *text, const char *name)
{
	const size_t length = strlen(name);

	for (; *text; text += strcspn(text, "\n"), text += *text == '\n')
		if (!strncmp(text, name, length) && text[length] == ':')
			return text + length + 1;
	return NULL;
}

bool status_inner_pid(const char *text, pid_t *ret)
{
	const char *at = status_value(text, "NSpid");
	bool found = false;
	int pid, length;

	for (; at && *at != '\n' && sscanf(at, "%d%n", &pid, &length) == 1; at += length) {
		*ret = pid;
		found = true;
		if (at[length] == '\n')
			break;
	}
	return found;
}

bool status_user_ids(const char *text, uid_t ret[4])
{
	const char *const at = status_value(text, "Uid");

	return at && sscanf(at, "%u %u %u %u", &ret[0], &ret[1], &ret[2], &ret[3]) == 4;
}

/* ---- Compiled functions ---- */

enum { COVERING_MAX = 64 };

static const char *without_0x(const char *at)
{
	return at[0] == '0' && (at[1] == 'x' || at[1] == 'X') ? at + 2 : at;
}

static bool read_compiled(const char *line, struct compiled *ret)
{
	const char *at = without_0x(line);

	if (!take_number(&at, 16, ' ', &ret->start))
		return false;
	at = without_0x(at);
	if (!take_number(&at, 16, ' ', &ret->size) || !ret->size || ret->start + ret->size < ret->start)
		return false;
	ret->name = at;
	return *at;
}

static int compare_compiled(const void *a, const void *b)
{
	const struct compiled *x = a, *y = b;

	if (x->start != y->start)
		return x->start < y->start ? -1 : 1;
	return x->line < y->line ? -1 : x->line > y->line;
}

/* Space for one more, by doubling; NULL when there is no memory or there are too many. */
static struct compiled *grow(struct compiled *list, size_t count, size_t *room)
{
	const size_t wanted = *room ? *room * 2 : 256;
	struct compiled *larger;

	if (count < *room)
		return list;
	larger = wanted <= LIMIT_COMPILED_FUNCTIONS ? reallocarray(list, wanted, sizeof(*list)) : NULL;
	*room = larger ? wanted : *room;
	return larger;
}

struct compiled *compiled_read(char *text, size_t size, size_t *count)
{
	struct compiled *list = NULL, *larger;
	size_t room = 0, lines = 0;

	*count = 0;
	for (char *line = text, *next, *const end = text + size; line < end; line = next) {
		char *const newline = memchr(line, '\n', (size_t)(end - line));

		next = newline ? newline + 1 : end;
		if (newline)
			*newline = '\0';
		larger = grow(list, *count, &room);
		if (!larger)
			break;
		list = larger;
		list[*count].line = lines++;
		*count += read_compiled(line, &list[*count]);
	}
	if (*count)
		qsort(list, *count, sizeof(*list), compare_compiled);
	return list;
}

const struct compiled *compiled_find(const struct compiled *list, size_t count, uint64_t address)
{
	const struct compiled *found = NULL;
	size_t low = 0, high = count;

	while (low < high) {
		const size_t middle = low + (high - low) / 2;

		if (list[middle].start <= address)
			low = middle + 1;
		else
			high = middle;
	}
	for (size_t n = low; n && low - n < COVERING_MAX; n--)
		if (address - list[n - 1].start < list[n - 1].size && (!found || list[n - 1].line > found->line))
			found = &list[n - 1];
	return found;
}
