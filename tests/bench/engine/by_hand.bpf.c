// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * by_hand.bpf.c - the policies of bench.c, each written out as the program that does just that.
 *
 * The events are of tests/bench/by_hand.bpf.h, with the look-up of the process in tetra's own table.
 */
#include "tests/bench/by_hand.bpf.h"
#include "tests/bench/engine/policies.h"

#define EVENT_ONE_SLOT	EVENT_SIZE(1)

/* ---- Raw tracepoint sys_enter ---- */

SEC("raw_tp")
int nothing_raw(void *context)
{
	return 0;
}

SEC("raw_tp")
int integer(__u64 *context)
{
	struct abi_event *event;

	if (context[1] != BENCH_NUMBER)
		return 0;
	event = bpf_ringbuf_reserve(&events, EVENT_ONE_SLOT, 0);
	if (!event)
		return 0;
	put_head(event, EVENT_ONE_SLOT, 1);
	put_slot(&event->slots[0], BENCH_NUMBER, 0, 0);
	bpf_ringbuf_submit(event, 0);
	return 0;
}

/* ---- Tracepoint sys_enter_openat ---- */

struct openat_record {
	__u64 common;
	__s64 number;
	__u64 directory, path, flags, mode;
};

/* The event is sent from where the path was read; the trie's key is the path with its length in bits before it. */
struct message {
	__u8 head[EVENT_ONE_SLOT];
	__u32 pad;
	__u32 bits;
	char path[ABI_STRING_MAX];
	__u64 end;
};
_Static_assert(__builtin_offsetof(struct message, path) % 8 == 0, "the path is read by words");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct message);
} messages SEC(".maps");

struct prefix {
	__u32 bits;
	char path[BENCH_PREFIX_MAX];
};

struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(max_entries, BENCH_PREFIXES);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct prefix);
	__type(value, __u32);
} prefixes SEC(".maps");

static __always_inline struct message *read_path(struct openat_record *record, __u32 *length)
{
	__u32 zero = 0;
	struct message *message = bpf_map_lookup_elem(&messages, &zero);
	long size;

	if (!message)
		return NULL;
	size = bpf_probe_read_user_str(message->path, sizeof(message->path), (void *)record->path);
	if (size <= 0)
		return NULL;
	*length = size - 1;
	return message;
}

SEC("tp/syscalls/sys_enter_openat")
int nothing_openat(struct openat_record *record)
{
	return 0;
}

SEC("tp/syscalls/sys_enter_openat")
int path_read(struct openat_record *record)
{
	__u32 length;

	return read_path(record, &length) == NULL;
}

static __always_inline void send_path(struct message *message, __u32 length)
{
	struct abi_event *event = (struct abi_event *)message->head;
	__u64 size;

	/* The key's length stands between head and path; an event's bytes need not follow its slots at once. */
	length &= ABI_STRING_MAX - 1;
	size = __builtin_offsetof(struct message, path) + ((length + 7) & ~7u);
	*(__u64 *)(message->path + length) = 0;
	put_head(event, size, 1);
	put_slot(&event->slots[0], 0, __builtin_offsetof(struct message, path), length);
	bpf_ringbuf_output(&events, message, size, 0);
}

SEC("tp/syscalls/sys_enter_openat")
int path_in_trie(struct openat_record *record)
{
	__u32 length;
	struct message *message = read_path(record, &length);

	if (!message)
		return 0;
	message->bits = (length < BENCH_PREFIX_MAX ? length : BENCH_PREFIX_MAX) * 8;
	if (bpf_map_lookup_elem(&prefixes, &message->bits))
		send_path(message, length);
	return 0;
}

/* One prefix is no reason for a map. */
static __always_inline bool has_prefix(const char *path)
{
	const __u64 *words = (const __u64 *)path;
	const char prefix[16] = "/root/.ssh/";

	return words[0] == *(const __u64 *)prefix && (words[1] & 0xffffff) == (*(const __u64 *)(prefix + 8) & 0xffffff);
}

SEC("tp/syscalls/sys_enter_openat")
int path_prefix(struct openat_record *record)
{
	__u32 length;
	struct message *message = read_path(record, &length);

	if (message && length >= 11 && has_prefix(message->path))
		send_path(message, length);
	return 0;
}

const char program_license[] SEC("license") = "Dual BSD/GPL";
