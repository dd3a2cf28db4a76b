/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * digests.bpf.h - the digest of a hook's file, which only a program that may sleep can get.
 *
 * A program that sleeps can be made to sleep by whoever provides the file, for as long as he likes.  So it must not be what decides:
 * it would keep a half of the image from being written again, and working memory from others; kernels before 6.2 would not run it
 * for anybody else on that CPU meanwhile.  Three programs share the hook, and run in this order:
 *
 *   lsm_ask        decides as lsm_hook will, does nothing, and leaves a question when an event with a digest would be posted
 *   lsm_file_hash  (or its like) finds the question, sleeps in IMA, leaves the answer.  It knows nothing of the image, and has no
 *                  working memory: all it touches is the map of digests
 *   lsm_hook       decides, enforces and posts.  What it does never depends on the other two: without an answer, the event says so
 *
 * A question belongs to a thread and a hook; the next call of that hook by the thread begins with removing what is left of it.  So an
 * answer is about this call, as long as the order is kept: see probe_lsm_order() of runtime/probe.c.
 */
#ifndef BPF_TEMPLATES_DIGESTS_BPF_H
#define BPF_TEMPLATES_DIGESTS_BPF_H

#include "bpf-templates/stacks.bpf.h"

/* ---- Asking ---- */

static __always_inline void digest_forget(const struct abi_digest_key *key)
{
	if (bpf_map_lookup_elem(&digests, key))
		bpf_map_delete_elem(&digests, key);
}

static __always_inline void digest_ask(const struct abi_digest_key *key)
{
	struct abi_digest question = { .state = ABI_DIGEST_ASKED };

	bpf_map_update_elem(&digests, key, &question, BPF_ANY);
}

/* ---- Answering, in a program that may sleep ---- */

static __always_inline bool digest_is_asked(const struct abi_digest_key *key)
{
	struct abi_digest *question = bpf_map_lookup_elem(&digests, key);

	return question && question->state == ABI_DIGEST_ASKED;
}

/*
 * A copy goes into the map, not the answer into what was found there: while this slept, that may have become somebody else's.  When the
 * question is gone, so is who asked.
 */
static __always_inline void digest_answer(const struct abi_digest_key *key, struct abi_digest *answer)
{
	answer->state = answer->result < 0 ? ABI_DIGEST_REFUSED : ABI_DIGEST_KNOWN;
	bpf_map_update_elem(&digests, key, answer, BPF_EXIST);
}

/* ---- Reporting ---- */

static __always_inline __u64 digest_value(__u32 state, __s32 result)
{
	return (__u64)state << 32 | (__u32)result;
}

/* Why there is none goes where the algorithm would be. */
static __always_inline void digest_miss(struct match_state *match, __u32 slot, __u64 value)
{
	match_set_state(match, slot, ABI_SLOT_FAULT);
	match_slot(match, slot)->value = value;
}

static __always_inline void digest_put(struct match_state *match, __u32 slot, const struct abi_digest *digest)
{
	__u64 start = match->data_used;

	barrier_var(start);
	if (start > ABI_DATA_SIZE - ABI_DIGEST_BYTES) {
		match_set_state(match, slot, ABI_SLOT_NO_SPACE);
		return;
	}
	__builtin_memcpy(match->data + start, digest->bytes, ABI_DIGEST_BYTES);
	match->data_used = start + ABI_DIGEST_BYTES;
	match_set_value(match, slot, digest_value(ABI_DIGEST_KNOWN, digest->result));
	match_set_bytes(match, slot, MATCH_DATA + start, ABI_DIGEST_BYTES, MATCH_WHOLE);
}

/* The answer, for the events of a call that was accepted. */
__noinline int digest_load(__u32 index)
{
	struct scratch *piece = scratch_get(index);
	struct abi_digest_key key = {};
	struct abi_digest *digest;
	__u32 slot = stack_slot(index, ABI_LOAD_DIGEST);

	if (!piece || slot >= ABI_SLOTS_MAX)
		return 0;
	key.tid = piece->identity;
	key.hook = piece->hook_id;
	digest = bpf_map_lookup_elem(&digests, &key);
	if (!digest)
		digest_miss(&piece->match, slot, digest_value(ABI_DIGEST_LOST, 0));
	else if (digest->state != ABI_DIGEST_KNOWN)
		digest_miss(&piece->match, slot, digest_value(digest->state, digest->result));
	else
		digest_put(&piece->match, slot, digest);
	if (digest)
		bpf_map_delete_elem(&digests, &key);
	return 0;
}

#endif
