// SPDX-License-Identifier: Apache-2.0
/*
 * crowd.c - making the kernel run 100 policies on 50 hooks: from cold, as a swap, and one more; how long, and what it takes of the kernel's memory.
 *
 *	crowd tracepoint|kprobe
 *
 * Hooks are entries of 50 system calls, two policies each: one compares the first argument with two numbers, the other with eight. Time is of all
 * that `tetra apply` does, from text to pins. Memory is what the kernel says of the maps and programs ("memlock"), as in `tetra list`.
 * Prints rows: what, hooks, time, programs, maps, memory, memory of each policy.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "compiler/base/arena.h"
#include "runtime/memory.h"
#include "tests/bench/applied.h"

#define ROOT "/sys/fs/bpf/tetra-bench-crowd"

enum { HOOKS = 50, POLICIES = 100 };

/* Every kernel since 5.10 has them, and none has a first argument that is not a number of some kind. */
static const char *const calls[] = {
	"accept4", "bind", "chdir", "chroot", "close", "connect", "dup", "dup3", "fallocate", "fchdir",
	"fchmod", "fchown", "fdatasync", "flock", "fsetxattr", "fsync", "ftruncate", "getdents64", "getpriority", "getrlimit",
	"getsockname", "getsockopt", "inotify_add_watch", "inotify_rm_watch", "ioctl", "kill", "listen", "lseek", "mkdirat", "mlock",
	"mprotect", "munlock", "munmap", "pivot_root", "prctl", "pread64", "pwrite64", "readahead", "readlinkat", "recvfrom",
	"renameat2", "sendto", "setpriority", "setsockopt", "shutdown", "splice", "symlinkat", "tgkill", "umount", "unlinkat",
};
_Static_assert(sizeof(calls) / sizeof(*calls) == HOOKS, "50 hooks");

static void add_hook(struct buffer *yaml, bool is_kprobe, const char *call)
{
	if (is_kprobe)
		buffer_format(yaml, "  kprobes:\n  - call: sys_%s\n    syscall: true\n    args:\n    - {index: 0, type: int64}\n", call);
	else
		buffer_format(yaml, "  tracepoints:\n  - subsystem: syscalls\n    event: sys_enter_%s\n    args:\n    - {index: 5, type: int64}\n", call);
}

static void add_policy(struct buffer *yaml, bool is_kprobe, int number, int values_from)
{
	buffer_format(yaml, "---\napiVersion: cilium.io/v1alpha1\nkind: TracingPolicy\nmetadata:\n  name: crowd-%d\nspec:\n", number);
	add_hook(yaml, is_kprobe, calls[number % HOOKS]);
	buffer_format(yaml, "    selectors:\n    - matchArgs:\n      - index: %d\n        operator: Equal\n        values: [", is_kprobe ? 0 : 5);
	for (int n = 0; n < (number < HOOKS ? 2 : 8); n++)
		buffer_format(yaml, "%s\"%d\"", n ? ", " : "", values_from + number * 20 + 2 * n);
	buffer_add_text(yaml, "]\n");
}

/* Nanoseconds. */
static uint64_t apply(bool is_kprobe, int count, int values_from)
{
	struct buffer yaml = { 0 };
	uint64_t began;

	for (int number = 0; number < count; number++)
		add_policy(&yaml, is_kprobe, number, values_from);
	began = bench_now();
	bench_apply(ROOT, &yaml, NULL);
	began = bench_now() - began;
	buffer_release(&yaml);
	return began;
}

struct taken {
	unsigned programs, maps;
	uint64_t bytes;
};

static struct taken memory_taken(void)
{
	struct taken ret = { 0 };
	struct memory memory;
	struct arena arena = { 0 };
	struct pins pins;

	bench_open(ROOT, &pins);
	if (memory_read(&pins, &arena, &memory) || memory.hidden)
		bench_die("memory", "cannot be read");
	for (size_t n = 0; n < memory.count; n++) {
		ret.programs += memory.rows[n].of == MEMORY_PROGRAM;
		ret.maps += memory.rows[n].of == MEMORY_MAP;
		ret.bytes += memory.rows[n].bytes;
	}
	pins_close(&pins);
	arena_release(&arena);
	return ret;
}

static void row(const char *what, uint64_t took, int policies)
{
	struct taken taken = memory_taken();

	printf("| %s | %.3f s | %u | %u | %.2f MB | %.1f KB |\n", what, (double)took / 1e9, taken.programs, taken.maps, (double)taken.bytes / 1e6,
	       (double)taken.bytes / 1e3 / policies);
	fflush(stdout);
}

int main(int argc, char **argv)
{
	bool is_kprobe = argc > 1 && !strcmp(argv[1], "kprobe");
	uint64_t took, bytes;

	if (argc != 2 || (!is_kprobe && strcmp(argv[1], "tracepoint")))
		bench_die("usage", "crowd tracepoint|kprobe");
	if (geteuid())
		bench_die("crowd", "needs root");
	bench_remove(ROOT);
	printf("| %ss | time | programs | maps | kernel memory of all | for each policy |\n|---|---|---|---|---|---|\n", argv[1]);
	took = apply(is_kprobe, 1, 1000);
	row("1 policy on 1 hook, from cold", took, 1);
	bytes = memory_taken().bytes;
	took = apply(is_kprobe, 2, 1000);
	row("1 more, on another hook", took, 2);
	bench_remove(ROOT);
	took = apply(is_kprobe, POLICIES, 1000);
	row("100 policies on 50 hooks, from cold", took, POLICIES);
	printf("| each of the 99 beyond the first takes | | | | | %.1f KB |\n", ((double)memory_taken().bytes - (double)bytes) / 1e3 / (POLICIES - 1));
	took = apply(is_kprobe, POLICIES, 50000);
	row("the same with other values, as a swap", took, POLICIES);
	bench_remove(ROOT);
	return 0;
}
