/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * owners.bpf.h - TrackSock and UntrackSock: whose a socket is, for the events of the policy that says so.
 *
 * A socket is known by the address of its struct sock, which is another one's once it has been freed.  So an owner goes with the number of
 * the inode by which user space has the socket, which no other has: at an address with another one, or with none although the
 * socket is not closing, what was tracked is gone.  A socket that had no file yet when it was tracked (sk_alloc, accept) takes the first
 * inode that it is seen with: until then, only UntrackSock where sockets are freed (__sk_free) tells it from a later one.
 */
#ifndef BPF_TEMPLATES_OWNERS_BPF_H
#define BPF_TEMPLATES_OWNERS_BPF_H

#include "bpf-templates/arguments.bpf.h"

#define SOCK_DEAD	1	/* of skc_flags: user space has closed it, the kernel has not yet */

/* The struct sock that the slot was read from; 0: it was not, or there is none. */
static __always_inline __u64 owner_sock(struct scratch *piece, __u32 slot)
{
	__u32 load = SLOT_LOAD(slot_descriptor(piece->match.image, piece->match.hook, slot));
	__u64 at = slot & (MATCH_SLOTS - 1);

	if (load != ABI_LOAD_SOCK && load != ABI_LOAD_SOCKET && load != ABI_LOAD_SKB)
		return 0;
	if (!match_slot_is_read(&piece->match, slot) || !match_has_bytes(&piece->match, slot))
		return 0;
	MATCH_PIN(at);
	return piece->socks[at & (MATCH_SLOTS - 1)];
}

static __always_inline void owner_key(struct scratch *piece, __u64 sock)
{
	piece->sock_key.sock = sock;
	piece->sock_key.policy = match_image64(piece->match.image, piece->request.accept + 16) >> 48;
	piece->sock_key.reserved = 0;
}

/* Number of the inode by which user space has the socket; 0: it has not, yet or any more. */
static __always_inline __u64 owner_inode(__u64 sock)
{
	__u64 at = task_read64(sock + bpf_core_field_offset(struct sock, sk_socket));

	if (at)
		at = task_read64(at + bpf_core_field_offset(struct socket, file));
	if (at)
		at = task_read64(at + bpf_core_field_offset(struct file, f_inode));
	return at ? task_read64(at + bpf_core_field_offset(struct inode, i_ino)) : 0;
}

/* Whether the socket that is there is the one that has the owner. */
static __always_inline bool owner_holds(struct abi_sock_owner *owner, __u64 sock)
{
	__u64 inode = owner_inode(sock);

	if (!owner->inode)
		owner->inode = inode;
	if (inode || !owner->inode)
		return owner->inode == inode;
	return task_read64(sock + bpf_core_field_offset(struct sock, __sk_common.skc_flags)) & SOCK_DEAD;
}

/* 1 when the socket of the slot has an owner: piece->request is then about it. */
__noinline int owner_of(__u32 index, __u32 slot)
{
	struct scratch *piece = scratch_get(index);
	struct abi_sock_owner *owner;
	__u64 sock;

	sock = piece ? owner_sock(piece, slot) : 0;
	if (!sock)
		return 0;
	owner_key(piece, sock);
	owner = bpf_map_lookup_elem(&socks, &piece->sock_key);
	if (!owner)
		return 0;
	if (!owner_holds(owner, sock)) {
		bpf_map_delete_elem(&socks, &piece->sock_key);
		return 0;
	}
	piece->request.owner = owner->tgid | (__u64)owner->tid << 32;
	piece->request.owner_start = owner->process_start;
	return 1;
}

/* Of the sockets that piece->request reports, the first that has an owner. */
__noinline int owner_find(__u32 index)
{
	struct scratch *piece = scratch_get(index);
	__u32 slot;

	if (!piece)
		return 0;
	for (slot = 0; slot < ABI_SLOTS_MAX; slot++)
		if (*(volatile __u32 *)&piece->request.report_slots >> slot & 1 && owner_of(index, slot))
			break;
	return 0;
}

/* TrackSock or UntrackSock, of the socket of the slot.  0, or a negative errno: -EFAULT when there is no socket, or the kernel's. */
__noinline int owner_act(__u32 index, __u32 op, __u32 slot)
{
	struct scratch *piece = scratch_get(index);
	__u64 sock;

	sock = piece ? owner_sock(piece, slot) : 0;
	if (!sock)
		return -ERRNO_FAULT;
	owner_key(piece, sock);
	if (op == ABI_ACTION_UNTRACK_SOCK) {
		bpf_map_delete_elem(&socks, &piece->sock_key);
		return 0;
	}
	piece->sock_owner.tgid = piece->identity >> 32;
	piece->sock_owner.tid = piece->identity;
	piece->sock_owner.process_start = piece->process_start;
	piece->sock_owner.inode = owner_inode(sock);
	return bpf_map_update_elem(&socks, &piece->sock_key, &piece->sock_owner, BPF_ANY);
}

/* The same of the first socket among `slots`; nothing when the call has returned none. */
__noinline int owner_act_returned(__u32 index, __u32 op, __u32 slots)
{
	struct scratch *piece = scratch_get(index);
	__u32 slot;

	if (!piece)
		return 0;
	for (slot = 0; slot < ABI_SLOTS_MAX; slot++)
		if (slots >> slot & 1 && owner_sock(piece, slot))
			return owner_act(index, op, slot);
	return 0;
}

#endif
