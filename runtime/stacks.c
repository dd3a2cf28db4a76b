// SPDX-License-Identifier: Apache-2.0
/* stacks.c - see stacks.h. */
#include "runtime/stacks.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "compiler/base/buffer.h"
#include "runtime/kernel_symbols.h"

struct stacks {
	int processes;
	struct kernel_symbols *kernel;	/* NULL until it is needed */
	struct buffer modules;		/* text of /proc/modules that it was read with */
	struct buffer maps;		/* of the process that was asked last */
};

/* ---- Files of /proc ---- */

/* Replaces what is there; an empty text when the file cannot be read. */
static void read_text(const char *path, struct buffer *ret)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	char piece[16384];
	ssize_t got;

	ret->length = 0;
	while (fd >= 0 && (got = read(fd, piece, sizeof(piece))) > 0)
		buffer_add(ret, piece, (size_t)got);
	buffer_add_char(ret, '\0');
	if (fd >= 0)
		close(fd);
}

/* Once, and again when modules have come or gone. */
static void read_kernel(struct stacks *stacks)
{
	struct buffer modules = { 0 }, symbols = { 0 };

	read_text("/proc/modules", &modules);
	if (stacks->kernel && !strcmp(modules.bytes, stacks->modules.bytes)) {
		buffer_release(&modules);
		return;
	}
	read_text("/proc/kallsyms", &symbols);
	kernel_symbols_free(stacks->kernel);
	stacks->kernel = kernel_symbols_parse(symbols.bytes, modules.bytes);
	buffer_release(&symbols);
	buffer_release(&stacks->modules);
	stacks->modules = modules;
}

/* ---- The kernel ---- */

static int tell_kernel(struct stacks *stacks, size_t count, struct stack_entry *ret)
{
	struct kernel_symbol symbol;

	read_kernel(stacks);
	if (!kernel_symbols_are_shown(stacks->kernel))
		return -EACCES;
	for (size_t n = 0; n < count; n++)
		if (kernel_symbols_find(stacks->kernel, ret[n].address, &symbol)) {
			ret[n].offset = symbol.offset;
			ret[n].symbol = symbol.name;
			ret[n].module = symbol.module;
		}
	return 0;
}

/* ---- Programs ---- */

static bool is_still_there(const struct stacks *stacks, const struct stack_trace *trace)
{
	struct abi_process_entry process;

	return trace->process_start && !bpf_map_lookup_elem(stacks->processes, &trace->pid, &process) &&
	       process.start_time == trace->process_start;
}

/* A line of /proc/PID/maps: "START-END PERMISSIONS OFFSET DEVICE INODE   NAME". */
static void tell_mapping(char *line, size_t count, struct stack_entry *ret)
{
	uint64_t start, end, offset;
	int name = 0;

	if (sscanf(line, "%" SCNx64 "-%" SCNx64 " %*s %" SCNx64 " %*s %*s %n", &start, &end, &offset, &name) != 3 || !name ||
	    !line[name])
		return;
	for (size_t n = 0; n < count; n++)
		if (ret[n].address >= start && ret[n].address < end) {
			ret[n].module = line + name;
			ret[n].offset = ret[n].address - start + offset;
		}
}

static void tell_program(struct stacks *stacks, const struct stack_trace *trace, struct stack_entry *ret)
{
	char path[32], *line, *end;

	if (!is_still_there(stacks, trace))
		return;
	snprintf(path, sizeof(path), "/proc/%u/maps", trace->pid);
	read_text(path, &stacks->maps);
	if (!is_still_there(stacks, trace))	/* what was read may be of what came after it */
		return;
	for (line = stacks->maps.bytes; *line; line = end) {
		end = strchrnul(line, '\n');
		if (*end)
			*end++ = '\0';
		tell_mapping(line, trace->count, ret);
	}
}

/* ---- Both ---- */

struct stacks *stacks_new(int processes)
{
	struct stacks *stacks = calloc(1, sizeof(*stacks));

	if (!stacks)
		abort();
	stacks->processes = processes;
	return stacks;
}

void stacks_free(struct stacks *stacks)
{
	if (!stacks)
		return;
	kernel_symbols_free(stacks->kernel);
	buffer_release(&stacks->modules);
	buffer_release(&stacks->maps);
	free(stacks);
}

int stacks_tell(struct stacks *stacks, const struct stack_trace *trace, struct stack_entry ret[ABI_STACK_FRAMES])
{
	for (size_t n = 0; n < trace->count; n++) {
		ret[n] = (struct stack_entry){ 0 };
		memcpy(&ret[n].address, trace->addresses + 8 * n, sizeof(ret[n].address));
	}
	if (trace->kind == STACK_KERNEL)
		return stacks ? tell_kernel(stacks, trace->count, ret) : -EACCES;
	if (stacks)
		tell_program(stacks, trace, ret);
	return 0;
}
