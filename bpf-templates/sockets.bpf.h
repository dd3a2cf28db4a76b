/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * sockets.bpf.h - socket addresses, sockets and packets, as struct abi_socket.
 *
 * A part of arguments.bpf.h, which includes it.  What is not there, or cannot be read, is not known; a family without addresses has
 * port 0.
 */
#ifndef BPF_TEMPLATES_SOCKETS_BPF_H
#define BPF_TEMPLATES_SOCKETS_BPF_H

#define FRAGMENT_OFFSET	0x1fff	/* bits of header4.fragment, host order */

/* A part of the socket that is being put together at `target`. */
static __always_inline void put_part(struct abi_socket *target, __u32 part, __u64 value)
{
	target->parts[part] = value;
	target->known |= 1ULL << part;
}

static __always_inline void put_address6(struct abi_socket *target, __u32 part, const void *address)
{
	__builtin_memcpy(&target->parts[part], address, 16);
	target->known |= 1ULL << part;
}

/* Family and port, and of IPv4 and IPv6 the address: all of the source. */
static __always_inline void put_address(struct abi_socket *target, const struct sockaddr_any *any)
{
	put_part(target, ABI_PART_FAMILY, any->family);
	put_part(target, ABI_PART_SOURCE_PORT, __builtin_bswap16(any->port));
	if (any->family == AF_INET)
		put_part(target, ABI_PART_SOURCE, any->address4);
	else if (any->family == AF_INET6)
		put_address6(target, ABI_PART_SOURCE, any->address6);
}

/* Room for a socket, all of it unknown; NULL when there is none. */
static __always_inline struct abi_socket *socket_room(struct match_state *match, __u32 slot)
{
	__u64 start = match->data_used;
	__u64 *words;
	__u32 n;

	if (start > ABI_DATA_SIZE - sizeof(struct abi_socket)) {
		match_set_state(match, slot, ABI_SLOT_NO_SPACE);
		return NULL;
	}
	barrier_var(start);
	if (start > ABI_DATA_SIZE - sizeof(struct abi_socket))
		return NULL;
	words = (__u64 *)(match->data + start);
#pragma unroll
	for (n = 0; n < sizeof(struct abi_socket) / 8; n++)
		words[n] = 0;
	return (struct abi_socket *)words;
}

/* The address of the struct sock that the slot is read from; see owners.bpf.h. */
static __always_inline void socket_note(struct scratch *piece, __u32 slot, __u64 sock)
{
	__u64 at = slot & (MATCH_SLOTS - 1);

	MATCH_PIN(at);
	piece->socks[at & (MATCH_SLOTS - 1)] = sock;
}

/* The socket is what the slot holds. */
static __always_inline void socket_take(struct match_state *match, __u32 slot)
{
	__u32 start = match->data_used;

	match->data_used = start + sizeof(struct abi_socket);
	match_set_bytes(match, slot, MATCH_DATA + start, sizeof(struct abi_socket), MATCH_WHOLE);
}

__noinline int load_address(__u32 index, __u32 slot, __u64 address)
{
	struct scratch *piece = scratch_get(index);
	struct abi_socket *target;
	struct sockaddr_any *any;
	long error;

	if (!piece)
		return 0;
	any = &piece->address;
	match_set_state(&piece->match, slot, ABI_SLOT_FAULT);
	any->port = 0;
	error = read_memory(piece, any, sizeof(any->family), address);
	if (!error && any->family == AF_INET)
		error = read_memory(piece, any, 8, address);
	else if (!error && any->family == AF_INET6)
		error = read_memory(piece, any, sizeof(*any), address);
	if (error)
		return 0;
	target = socket_room(&piece->match, slot);
	if (!target)
		return 0;
	put_address(target, any);
	socket_take(&piece->match, slot);
	return 0;
}

/* Numbers are read where they shall be, which is all zeros: there is no room on the stack for so many. */
static __always_inline void put_read(struct abi_socket *target, __u32 part, __u32 size, __u64 address)
{
	if (!bpf_probe_read_kernel(&target->parts[part], size, (void *)address))
		target->known |= 1ULL << part;
}

static __always_inline void put_port(struct abi_socket *target, __u32 part, __u64 address)
{
	put_read(target, part, 2, address);
	target->parts[part] = __builtin_bswap16(target->parts[part]);
}

/* ---- struct sock ---- */

/* What it begins with in every kernel so far: one read instead of six. */
struct sock_ends {
	__u32 destination, source;	/* network order */
	__u32 hash;
	__u16 destination_port;		/* network order */
	__u16 source_port;
	__u16 family;
	__u8 state;
};

/* Whether a field lies there: the verifier knows, and leaves out what is not so. */
#define ENDS_HAVE(field, kernel_field)                                                   \
	(bpf_core_field_offset(struct sock, __sk_common.kernel_field) == __builtin_offsetof(struct sock_ends, field))
#define ENDS_ARE_KNOWN                                                                   \
	(ENDS_HAVE(destination, skc_daddr) && ENDS_HAVE(source, skc_rcv_saddr) && ENDS_HAVE(destination_port, skc_dport) &&     \
	 ENDS_HAVE(source_port, skc_num) && ENDS_HAVE(family, skc_family) && ENDS_HAVE(state, skc_state))

#define PUT_SOCK(part, field)                                                            \
	put_read(target, part, bpf_core_field_size(((struct sock *)0)->field),           \
		 sock + bpf_core_field_offset(struct sock, field))

/* Wherever the fields lie.  0 when they were read. */
static __always_inline long read_ends(struct sock_ends *ends, __u64 sock)
{
	const struct sock *from = (const struct sock *)sock;

	if (ENDS_ARE_KNOWN)
		return bpf_probe_read_kernel(ends, sizeof(*ends), from);
	return bpf_core_read(&ends->destination, sizeof(ends->destination), &from->__sk_common.skc_daddr) ||
	       bpf_core_read(&ends->source, sizeof(ends->source), &from->__sk_common.skc_rcv_saddr) ||
	       bpf_core_read(&ends->destination_port, sizeof(ends->destination_port), &from->__sk_common.skc_dport) ||
	       bpf_core_read(&ends->source_port, sizeof(ends->source_port), &from->__sk_common.skc_num) ||
	       bpf_core_read(&ends->family, sizeof(ends->family), &from->__sk_common.skc_family) ||
	       bpf_core_read(&ends->state, sizeof(ends->state), &from->__sk_common.skc_state);
}

static __always_inline void put_ends(struct abi_socket *target, __u64 sock, const struct sock_ends *ends)
{
	put_part(target, ABI_PART_FAMILY, ends->family);
	put_part(target, ABI_PART_STATE, ends->state);
	if (ends->family == AF_INET) {
		put_part(target, ABI_PART_SOURCE, ends->source);
		put_part(target, ABI_PART_DESTINATION, ends->destination);
	} else if (ends->family == AF_INET6) {
		if (!bpf_core_field_exists(((struct sock *)0)->__sk_common.skc_v6_daddr))
			return;
		PUT_SOCK(ABI_PART_SOURCE, __sk_common.skc_v6_rcv_saddr);
		PUT_SOCK(ABI_PART_DESTINATION, __sk_common.skc_v6_daddr);
	} else {
		put_part(target, ABI_PART_SOURCE_PORT, 0);
		put_part(target, ABI_PART_DESTINATION_PORT, 0);
		return;
	}
	put_part(target, ABI_PART_SOURCE_PORT, ends->source_port);
	put_part(target, ABI_PART_DESTINATION_PORT, __builtin_bswap16(ends->destination_port));
}

/* Whether a field lies right behind another one, as both do in some kernels. */
#define SOCK_FOLLOWS(field, size, second)                                                \
	(bpf_core_field_offset(struct sock, second) == bpf_core_field_offset(struct sock, field) + (size) &&                    \
	 bpf_core_field_size(((struct sock *)0)->field) == (size) && bpf_core_field_size(((struct sock *)0)->second) == (size))

/* Two numbers of a socket; by one read, of `both`, where they are neighbours. */
#define PUT_SOCK_PAIR(part, field, both, second_part, second)                            \
	do {                                                                             \
		if (!SOCK_FOLLOWS(field, sizeof(both) / 2, second)) {                    \
			PUT_SOCK(part, field);                                           \
			PUT_SOCK(second_part, second);                                   \
		} else if (!bpf_core_read(&both, sizeof(both), &((struct sock *)sock)->field)) {                                \
			put_part(target, part, both & ((1ULL << sizeof(both) * 4) - 1)); \
			put_part(target, second_part, both >> sizeof(both) * 4);         \
		}                                                                        \
	} while (0)

static __always_inline void put_sock(struct abi_socket *target, __u64 sock)
{
	__u64 numbers;
	__u32 kinds;

	PUT_SOCK_PAIR(ABI_PART_TYPE, sk_type, kinds, ABI_PART_PROTOCOL, sk_protocol);
	PUT_SOCK_PAIR(ABI_PART_PRIORITY, sk_priority, numbers, ABI_PART_MARK, sk_mark);
	PUT_SOCK(ABI_PART_COOKIE, __sk_common.skc_cookie);
	if (!target->parts[ABI_PART_COOKIE])	/* sockets get theirs when somebody asks for it */
		target->known &= ~(1ULL << ABI_PART_COOKIE);
}

__noinline int load_sock(__u32 index, __u32 slot, __u64 sock)
{
	struct scratch *piece = scratch_get(index);
	struct abi_socket *target;
	struct sock_ends ends = {};

	if (!piece)
		return 0;
	match_set_state(&piece->match, slot, ABI_SLOT_FAULT);
	if (read_ends(&ends, sock))
		return 0;
	target = socket_room(&piece->match, slot);
	if (!target)
		return 0;
	put_ends(target, sock, &ends);
	put_sock(target, sock);
	socket_note(piece, slot, sock);
	socket_take(&piece->match, slot);
	return 0;
}

/* ---- struct sk_buff ---- */

#define PUT_PACKET(part, field)                                                          \
	put_read(target, part, bpf_core_field_size(((struct sk_buff *)0)->field),        \
		 packet + bpf_core_field_offset(struct sk_buff, field))
#define PUT_HEADER(part, type, field)                                                    \
	put_read(target, part, sizeof(((struct type *)0)->field), at + __builtin_offsetof(struct type, field))

/* TCP, UDP, DCCP, SCTP and UDP-Lite begin with two ports. */
static __always_inline bool has_ports(const struct abi_socket *target)
{
	__u64 protocol = target->parts[ABI_PART_PROTOCOL];

	return protocol == 6 || protocol == 17 || protocol == 33 || protocol == 132 || protocol == 136;
}

static __always_inline void put_ports(struct abi_socket *target, __u64 at)
{
	put_port(target, ABI_PART_SOURCE_PORT, at);
	put_port(target, ABI_PART_DESTINATION_PORT, at + 2);
}

/* Of fragments, the first has the ports. */
static __always_inline void put_header4(struct abi_socket *target, __u64 at, __u8 first)
{
	__u16 fragment = 0;

	put_part(target, ABI_PART_FAMILY, AF_INET);
	PUT_HEADER(ABI_PART_PROTOCOL, header4, protocol);
	PUT_HEADER(ABI_PART_SOURCE, header4, source);
	PUT_HEADER(ABI_PART_DESTINATION, header4, destination);
	if (bpf_probe_read_kernel(&fragment, 2, (void *)at + __builtin_offsetof(struct header4, fragment)))
		return;
	if (has_ports(target) && !(__builtin_bswap16(fragment) & FRAGMENT_OFFSET))
		put_ports(target, at + (first & 15) * 4);
}

/* Behind extension headers, the protocol is that of the first of them, and ports are not looked for. */
static __always_inline void put_header6(struct abi_socket *target, __u64 at)
{
	put_part(target, ABI_PART_FAMILY, AF_INET6);
	PUT_HEADER(ABI_PART_PROTOCOL, header6, protocol);
	PUT_HEADER(ABI_PART_SOURCE, header6, source);
	PUT_HEADER(ABI_PART_DESTINATION, header6, destination);
	if (has_ports(target))
		put_ports(target, at + sizeof(struct header6));
}

static __always_inline void put_packet(struct abi_socket *target, __u64 packet)
{
	__u64 at = task_read64(packet + bpf_core_field_offset(struct sk_buff, head));
	__u16 header = 0;
	__u8 first = 0;

	bpf_probe_read_kernel(&header, 2, (void *)packet + bpf_core_field_offset(struct sk_buff, network_header));
	at += header;
	PUT_PACKET(ABI_PART_MARK, mark);
	PUT_PACKET(ABI_PART_PRIORITY, priority);
	PUT_PACKET(ABI_PART_HASH, hash);
	bpf_probe_read_kernel(&first, 1, (void *)at);
	if (first >> 4 == 4)
		put_header4(target, at, first);
	else if (first >> 4 == 6)
		put_header6(target, at);
}

__noinline int load_packet(__u32 index, __u32 slot, __u64 packet)
{
	struct scratch *piece = scratch_get(index);
	struct abi_socket *target;

	if (!piece)
		return 0;
	match_set_state(&piece->match, slot, ABI_SLOT_FAULT);
	target = socket_room(&piece->match, slot);
	if (!target)
		return 0;
	PUT_PACKET(ABI_PART_LENGTH, len);
	if (!target->known)
		return 0;
	put_packet(target, packet);
	socket_note(piece, slot, task_read64(packet + bpf_core_field_offset(struct sk_buff, sk)));
	socket_take(&piece->match, slot);
	return 0;
}

#endif
