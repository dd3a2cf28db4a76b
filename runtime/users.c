// SPDX-License-Identifier: Apache-2.0
/* users.c - see users.h.  Lines are NAME:PASSWORD:ID:...; what is none is passed over, as passwd(5) readers do. */
#include "runtime/users.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct user {
	uint32_t id, order;
	char *name;
};

struct users {
	const char *path;
	struct stat seen;
	struct user *users;
	size_t count, capacity;
};

static void *must(void *memory)
{
	if (!memory) {
		fputs("tetra: out of memory\n", stderr);
		abort();
	}
	return memory;
}

static int compare(const void *a, const void *b)
{
	const struct user *x = a, *y = b;

	if (x->id != y->id)
		return x->id < y->id ? -1 : 1;
	return x->order < y->order ? -1 : x->order > y->order;
}

static void add(struct users *users, const char *line)
{
	const size_t length = strcspn(line, ":");
	const char *password = line + length, *id = *password ? strchr(password + 1, ':') : NULL;
	unsigned long number;
	char *end;

	if (!length || *line == '#' || !id || id[1] < '0' || id[1] > '9')
		return;
	number = strtoul(id + 1, &end, 10);
	if ((*end != ':' && *end != '\n' && *end) || number >= UINT32_MAX)
		return;
	if (users->count == users->capacity) {
		users->capacity = users->capacity ? 2 * users->capacity : 64;
		users->users = must(realloc(users->users, users->capacity * sizeof(*users->users)));
	}
	users->users[users->count] = (struct user){ (uint32_t)number, (uint32_t)users->count, must(strndup(line, length)) };
	users->count++;
}

static void forget(struct users *users)
{
	while (users->count)
		free(users->users[--users->count].name);
}

static void read_file(struct users *users)
{
	FILE *file = fopen(users->path, "re");
	char *line = NULL;
	size_t room = 0;

	forget(users);
	while (file && users->count < USERS_MAX && getline(&line, &room, file) > 0)
		add(users, line);
	free(line);
	if (file)
		fclose(file);
	if (users->count)
		qsort(users->users, users->count, sizeof(*users->users), compare);
}

static bool is_same(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino && a->st_size == b->st_size && a->st_mtim.tv_sec == b->st_mtim.tv_sec &&
	       a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

bool users_look(struct users *users)
{
	struct stat now = { .st_size = -1 };

	if (stat(users->path, &now))
		now = (struct stat){ .st_size = -1 };
	if (is_same(&now, &users->seen))
		return false;
	users->seen = now;
	read_file(users);
	return true;
}

struct users *users_new(const char *path)
{
	struct users *users = must(calloc(1, sizeof(*users)));

	users->path = path;
	users_look(users);
	return users;
}

void users_free(struct users *users)
{
	if (!users)
		return;
	forget(users);
	free(users->users);
	free(users);
}

const char *users_name(const struct users *users, uint32_t id)
{
	size_t low = 0, high = users->count;

	while (low < high) {
		const size_t middle = low + (high - low) / 2;

		if (users->users[middle].id < id)
			low = middle + 1;
		else
			high = middle;
	}
	return low < users->count && users->users[low].id == id ? users->users[low].name : NULL;
}
