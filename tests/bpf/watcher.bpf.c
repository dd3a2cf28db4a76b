// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * watcher.bpf.c - looks at the entry of one process whenever a program reads memory for it: also when what keeps the table does, in the
 * middle of changing the entry.
 */
#include "bpf-templates/kernel_types.h"
#include <bpf/bpf_helpers.h>
#include "bpf-templates/abi_records.h"
#include "tests/bpf/watcher.h"

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, ABI_PROCESSES_MAX);
	__type(key, __u32);
	__type(value, struct abi_process_entry);
} processes SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct watched);
} watched SEC(".maps");

SEC("kprobe/copy_from_kernel_nofault")
int watch(void *context)
{
	__u32 key = 0, process = bpf_get_current_pid_tgid() >> 32, n;
	struct watched *watching = bpf_map_lookup_elem(&watched, &key);
	const volatile __u64 *entry;
	volatile __u64 *sight;
	int i;

	if (!watching || process != watching->process)
		return 0;
	entry = bpf_map_lookup_elem(&processes, &process);
	n = watching->count;
	if (!entry || n >= SIGHTS_MAX)
		return 0;
	watching->count = n + 1;
	sight = (volatile __u64 *)&watching->sights[n];
	sight[0] = entry[SIGHT_START];
#pragma unroll
	for (i = 0; i < SIGHT_WORDS; i++)
		sight[1 + i] = entry[i];
	sight[1 + SIGHT_WORDS] = entry[SIGHT_START];
	return 0;
}

const char program_license[] SEC("license") = "Dual BSD/GPL";
