// SPDX-License-Identifier: Apache-2.0
/*
 * state.c - what the kernel holds of tetra's: one line per program, map and attachment, sorted.
 *
 * "program NAME BYTES", "map NAME BYTES", "link PROGRAM-NAME"; the ids follow with -i. Bytes as the kernel charges them. Other people's
 * objects are told by their names.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "bpf-templates/abi.h"

static const char *const program_names[] = { "kprobe_entry", "kprobe_return", "tracepoint", "raw_tracepoint", "lsm_hook",
	"trampoline_entr", "trampoline_retu", "trampoline_modi", "process_exec", "process_fork", "process_exit", NULL };
static const char *const map_names[] = { ABI_MAP_AREA, ABI_MAP_COUNTERS, ABI_MAP_PROCESSES, ABI_MAP_PROCESS_TEXTS,
	ABI_MAP_CALLS, ABI_MAP_RATES, ABI_MAP_NOTIFIED, ABI_MAP_SOCKS, ABI_MAP_EVENTS, ABI_MAP_READERS, NULL };
static int with_ids;

static int is_ours(const char *const *names, const char *name)
{
	for (; *names; names++)
		if (!strcmp(*names, name))
			return 1;
	return 0;
}

/* " BYTES" of a map or program; "" when the kernel does not tell. */
static const char *memory_of(int fd)
{
	static char text[32];
	char path[64], line[128];
	unsigned long bytes;
	FILE *file;

	*text = 0;
	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	file = fopen(path, "r");
	while (file && fgets(line, sizeof(line), file))
		if (sscanf(line, "memlock: %lu", &bytes) == 1)
			snprintf(text, sizeof(text), " %lu", bytes);
	if (file)
		fclose(file);
	return text;
}

static void print(const char *what, const char *name, const char *memory, unsigned int id)
{
	if (with_ids)
		printf("%s %s%s %u\n", what, name, memory, id);
	else
		printf("%s %s%s\n", what, name, memory);
}

static unsigned int print_program(unsigned int id, const char *what, unsigned int shown)
{
	struct bpf_prog_info info = { 0 };
	unsigned int length = sizeof(info);
	int fd = bpf_prog_get_fd_by_id(id);

	if (fd >= 0 && !bpf_obj_get_info_by_fd(fd, &info, &length) && is_ours(program_names, info.name))
		print(what, info.name, strcmp(what, "link") ? memory_of(fd) : "", shown);
	if (fd >= 0)
		close(fd);
	return id;
}

static void print_map(unsigned int id)
{
	struct bpf_map_info info = { 0 };
	unsigned int length = sizeof(info);
	int fd = bpf_map_get_fd_by_id(id);

	if (fd >= 0 && !bpf_obj_get_info_by_fd(fd, &info, &length) && is_ours(map_names, info.name))
		print("map", info.name, memory_of(fd), id);
	if (fd >= 0)
		close(fd);
}

static void print_link(unsigned int id)
{
	struct bpf_link_info info = { 0 };
	unsigned int length = sizeof(info);
	int fd = bpf_link_get_fd_by_id(id);

	if (fd >= 0 && !bpf_obj_get_info_by_fd(fd, &info, &length))
		print_program(info.prog_id, "link", id);
	if (fd >= 0)
		close(fd);
}

int main(int argc, char **argv)
{
	unsigned int id = 0;

	with_ids = argc > 1 && !strcmp(argv[1], "-i");
	while (!bpf_prog_get_next_id(id, &id))
		print_program(id, "program", id);
	for (id = 0; !bpf_map_get_next_id(id, &id);)
		print_map(id);
	for (id = 0; !bpf_link_get_next_id(id, &id);)
		print_link(id);
	return 0;
}
