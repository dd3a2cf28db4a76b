/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * first.bpf.h - the steps of a hook's first test: see struct abi_first.
 *
 * Each is 0 when nothing can be accepted, 1 in doubt, and FIRST_IS_CERTAIN when what it asks for is so. They use no working memory, so they are functions of their own, which the
 * verifier looks at once, called from where the stack is still shallow. `which` is the number of the struct abi_first in area.first.
 */
#ifndef BPF_TEMPLATES_FIRST_BPF_H
#define BPF_TEMPLATES_FIRST_BPF_H

#include "bpf-templates/lookups.bpf.h"

#define FIRST_IS_CERTAIN	2

static __always_inline struct abi_first *first_at(__u32 which)
{
	__u64 at = which;

	barrier_var(at);	/* or its bounds are lost between here and where it is used */
	return &area.first[0][0] + (at & (2 * ABI_HOOKS_MAX - 1));
}

/* ---- One part of a socket ---- */

static __always_inline int first_holds(struct abi_first *first, __u32 which, __u64 value)
{
	return value - *(volatile __u64 *)&first->part_low[which] <= *(volatile __u64 *)&first->part_span[which];
}

/* The high half of an IPv6 address. */
static __always_inline int first_address6(struct abi_first *first, __u64 address)
{
	__u64 half;

	if (!bpf_core_field_exists(((struct sock *)0)->__sk_common.skc_v6_daddr) ||
	    bpf_probe_read_kernel(&half, sizeof(half), (void *)address))
		return 1;
	return first_holds(first, 1, __builtin_bswap64(half));
}

/* Numbers that lie further back, as load_sock() reads them. */
static __always_inline int first_far_part(struct abi_first *first, __u32 part, __u64 sock)
{
	__u64 value = 0;
	long error;

	if (part == ABI_PART_PROTOCOL)
		error = bpf_core_read(&value, bpf_core_field_size(((struct sock *)0)->sk_protocol), &((struct sock *)sock)->sk_protocol);
	else if (part != ABI_PART_TYPE)
		return 1;
	else
		error = bpf_core_read(&value, bpf_core_field_size(((struct sock *)0)->sk_type), &((struct sock *)sock)->sk_type);
	return error || first_holds(first, 0, value);
}

static __always_inline int first_address(struct abi_first *first, const struct sock_ends *ends, __u64 sock, bool destination)
{
	if (ends->family == AF_INET)
		return first_holds(first, 0, __builtin_bswap32(destination ? ends->destination : ends->source)) * FIRST_IS_CERTAIN;
	if (ends->family != AF_INET6)
		return 1;
	return first_address6(first, sock + (destination ? bpf_core_field_offset(struct sock, __sk_common.skc_v6_daddr) :
							   bpf_core_field_offset(struct sock, __sk_common.skc_v6_rcv_saddr)));
}

/* Other families have none. */
static __always_inline int first_port(struct abi_first *first, const struct sock_ends *ends, __u64 port)
{
	return (ends->family != AF_INET && ends->family != AF_INET6) || first_holds(first, 0, port);
}

/* Of a struct sock. What is asked for most comes first. */
__noinline int first_socket_passes(__u32 which, __u64 sock)
{
	struct abi_first *first = first_at(which);
	struct sock_ends ends;
	__u32 part;

	if (bpf_probe_read_kernel(&ends, sizeof(ends), (void *)sock) || !ENDS_HAVE(family, skc_family))
		return 1;
	part = *(volatile __u16 *)&first->part;
	if (part == ABI_PART_DESTINATION)
		return ENDS_HAVE(destination, skc_daddr) ? first_address(first, &ends, sock, true) : 1;
	if (part == ABI_PART_SOURCE)
		return ENDS_HAVE(source, skc_rcv_saddr) ? first_address(first, &ends, sock, false) : 1;
	if (part == ABI_PART_DESTINATION_PORT)
		return !ENDS_HAVE(destination_port, skc_dport) || first_port(first, &ends, __builtin_bswap16(ends.destination_port));
	if (part == ABI_PART_SOURCE_PORT)
		return !ENDS_HAVE(source_port, skc_num) || first_port(first, &ends, ends.source_port);
	if (part == ABI_PART_FAMILY)
		return first_holds(first, 0, ends.family);
	if (part == ABI_PART_STATE)
		return !ENDS_HAVE(state, skc_state) || first_holds(first, 0, ends.state);
	return first_far_part(first, part, sock);
}

/* ---- The process's binary ---- */

/* By the rows that are kept with the process, if they are of this image. */
__noinline int first_process_passes(__u32 which, __u64 generation)
{
	struct abi_first *first = first_at(which);
	__u32 process = bpf_get_current_pid_tgid() >> 32, table = *(volatile __u32 *)&first->process_table;
	struct abi_process_entry *entry = bpf_map_lookup_elem(&processes, &process);
	__u64 key, rows;

	if (!entry)
		return 1;
	table &= ABI_BINARY_TABLES_MAX - 1;
	key = ABI_PROCESS_KEY(generation, process, *(volatile __u64 *)&entry->start_time);
	rows = *(volatile __u64 *)&entry->binary_rows[table];
	if (*(volatile __u64 *)&entry->binary_checks[table] != ABI_PROCESS_CHECK(key, rows))
		return 1;
	return !!(rows & *(volatile __u64 *)&first->process_rows) * FIRST_IS_CERTAIN;
}

/* ---- The last name of a path ---- */

/* Where the struct path is that the slot's first number leads to. */
static __always_inline __u64 first_path(__u32 load, __u64 raw)
{
	if (load == ABI_LOAD_PATH)
		return raw;
	return (load == ABI_LOAD_FILE ? raw : load_pointer(load, raw)) + bpf_core_field_offset(struct file, f_path);
}

/* Whether that number is the address of the dentry itself, which then is the root of no mount. */
static __always_inline bool first_is_dentry(__u32 load)
{
	return load == ABI_LOAD_DENTRY || load == ABI_LOAD_ENTRY;
}

/* Whether some filter lets the name through. 1 in doubt. */
static __always_inline int first_name_may_be(struct abi_first *first, struct match_image image, __u64 bytes, __u32 length)
{
	__u32 n, filter;
	__u64 tail;

	if (!length || length > ABI_NAME_MAX)
		return 1;
	/* What is before a short name lies in the dentry, too. */
	if (bpf_probe_read_kernel(&tail, sizeof(tail), (void *)bytes + length - sizeof(tail)))
		return 1;
	if (length < sizeof(tail))
		tail = match_tail(tail, length);
	for (n = 0; n < ABI_FIRST_NAMES; n++) {
		filter = *(volatile __u32 *)&first->names[n];
		if (filter && match_name(image, filter, tail, length))
			return 1;
	}
	return 0;
}

/* The same of a name that is known to be the root of no mount. */
__noinline int first_known_name_passes(__u32 which, __u64 half, __u64 bytes, __u32 length)
{
	struct match_image image = { half };

	return first_name_may_be(first_at(which), image, bytes, length);
}

/*
 * `raw`: what the slot is read from. The root of a mount is left to the decision: it has the name that it has where it comes from, and its path
 * ends with the name of what it is mounted on.
 */
__noinline int first_name_passes(__u32 which, __u64 half, __u64 raw)
{
	struct abi_first *first = first_at(which);
	__u32 load = SLOT_LOAD(*(volatile __u64 *)&first->name);
	struct path path = { .dentry = (struct dentry *)raw };
	struct match_image image = { half };
	struct qstr name;
	__u64 root;

	if (!first_is_dentry(load) && bpf_probe_read_kernel(&path, sizeof(path), (void *)first_path(load, raw)))
		return 1;
	if (bpf_probe_read_kernel(&name, sizeof(name), (void *)path.dentry + bpf_core_field_offset(struct dentry, d_name)) ||
	    first_name_may_be(first, image, (__u64)name.name, name.hash_len >> 32))
		return 1;
	if (first_is_dentry(load))
		return 0;
	return bpf_probe_read_kernel(&root, sizeof(root), (void *)path.mnt + bpf_core_field_offset(struct vfsmount, mnt_root)) ||
	       root == (__u64)path.dentry;
}

#endif
