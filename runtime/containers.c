// SPDX-License-Identifier: Apache-2.0
/* containers.c - see containers.h. */
#include "runtime/containers.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "runtime/filesystems.h"
#include "runtime/processes.h"

#define NANOSECONDS 1000000000ull

static size_t digits_at(const char *text)
{
	return strspn(text, "0123456789abcdef");
}

/* An id fills the rest of a folder's name, or all before its extension. */
static bool ends_name(char c)
{
	return !c || c == '/' || c == '\n' || c == '.';
}

void container_id_find(const char *text, char ret[CONTAINER_ID + 1])
{
	*ret = 0;
	for (const char *at = text; *at;) {
		const size_t length = digits_at(at);
		const char before = at == text ? '/' : at[-1];

		if (length == CONTAINER_ID && (before == '/' || before == '-') && ends_name(at[length])) {
			memcpy(ret, at, length);
			ret[length] = 0;
		}
		at += length ? length : 1;
	}
}

/* One of that number that began after it would be another one.  Of /proc, times have the clock's ticks. */
static bool is_that_process(uint32_t pid, uint64_t start_time)
{
	const unsigned long long tick = NANOSECONDS / (unsigned long long)sysconf(_SC_CLK_TCK);
	char path[64], text[1024];
	unsigned long long start;
	unsigned int parent;

	snprintf(path, sizeof(path), "/proc/%u/stat", pid);
	return read_small_file(AT_FDCWD, path, text, sizeof(text)) > 0 && !process_parse_stat(text, &parent, &start) &&
	       start * tick <= start_time + tick;
}

void container_cgroups_read(uint32_t pid, uint64_t start_time, char *ret, size_t size)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%u/cgroup", pid);
	if (read_small_file(AT_FDCWD, path, ret, size) <= 0 || !is_that_process(pid, start_time))
		*ret = 0;
}
