/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * events.bpf.h - what is sent when a selector accepts, and what is remembered until the call returns.
 *
 * The bytes of the slots are in match_state.data as they were read; the head is put right before them, so an
 * event is one copy into the ring buffer.  Between the bytes of two reported slots there can be those of a
 * slot of the same call that only another policy reports; there is never anything of another call.
 */
#ifndef BPF_TEMPLATES_EVENTS_BPF_H
#define BPF_TEMPLATES_EVENTS_BPF_H

#include "bpf-templates/scratch.bpf.h"
#include "bpf-templates/arguments.bpf.h"

#define EVENT_FIXED	(__builtin_offsetof(struct abi_event, slots))
#define SLOT_WORD_READ	((__u64)ABI_SLOT_READ << 48)	/* the second word of a slot without bytes */
_Static_assert(__builtin_offsetof(struct abi_event_slot, state) == 14, "its state is at bit 48 of the second word");

static __always_inline __u64 event_process_start(__u32 process)
{
	struct abi_process_entry *entry = bpf_map_lookup_elem(&processes, &process);

	return entry ? entry->start_time : 0;
}

/* What is needed once for all events of a call. */
static __always_inline void event_begin(struct scratch *piece)
{
	if (piece->time)
		return;
	piece->time = bpf_ktime_get_boot_ns();
	piece->process_start = event_process_start(piece->identity >> 32);
}

/*
 * One slot of the head; zeros when the event does not report it.  Returns where its bytes end in data[].  Without
 * branches, which would multiply for the verifier with the number of slots.
 */
static __always_inline __u64 event_put_slot(struct abi_event_slot *target,
					    const struct abi_event_slot *slot, __u64 reported,
					    __u64 shift)
{
	__u64 value = *(__u64 *)slot, place = *((__u64 *)slot + 1);
	__u64 length = place >> 32 & 0xffff, has_bytes = -((length + 0xffff) >> 16);

	_Static_assert(__builtin_offsetof(struct abi_event_slot, offset) == 8 &&
			       __builtin_offsetof(struct abi_event_slot, length) == 12,
		       "place is offset, then length");
	reported = -reported;
	has_bytes &= reported;
	length += (__u32)place - MATCH_DATA;
	place &= has_bytes | ~0xffffffffULL;
	place -= shift & has_bytes;
	*(__u64 *)target = value & reported;
	*((__u64 *)target + 1) = place & reported;
	return length & has_bytes;
}

#define EVENT_FEW	4u	/* slots that are copied at once */

/*
 * The slots of an event that begins at `start` and has EVENT_FEW at most, to the end of the head; zeros for those that it does not report, of
 * which none was read, so that what is reported is all that there is in data[].  Before those of less than EVENT_FEW there is nothing to
 * copy: what is copied lies where the fixed part of the event is put afterwards.
 */
static __always_inline __u64 event_put_few(struct match_state *match, __u64 start, __u32 count, __u64 report)
{
	__u64 shift = __builtin_offsetof(struct match_state, head) + start, size = (MATCH_HEAD - EVENT_FIXED) - start;
	__u64 slot, place, mask;
	__u64 *target = (__u64 *)(match->head + MATCH_HEAD - EVENT_FEW * sizeof(struct abi_event_slot));
	const __u64 *source = (const __u64 *)(match->slots - EVENT_FEW);

	report = report << EVENT_FEW >> count;
	barrier_var(size);	/* added, since nothing may be taken from an address */
	source = (const __u64 *)((const __u8 *)source + (size & (ABI_SLOTS_MAX * sizeof(struct abi_event_slot))));
#pragma unroll
	for (slot = 0; slot < EVENT_FEW; slot++) {
		mask = -(report >> slot & 1);
		place = source[2 * slot + 1];
		place -= shift & -(((place >> 32 & 0xffff) + 0xffff) >> 16);
		target[2 * slot] = source[2 * slot] & mask;
		target[2 * slot + 1] = place & mask;
	}
	return match->data_used;
}
_Static_assert(EVENT_FEW * sizeof(struct abi_event_slot) <= EVENT_FIXED, "none of them lies before the event");

/* The slots of the head: returns how many bytes of data[] follow. */
__noinline __u32 event_put_slots(__u32 index, __u32 count, __u32 report)
{
	__u64 start = (ABI_SLOTS_MAX - count) * (__u64)sizeof(struct abi_event_slot), end = 0, shift, stop;
	struct scratch *piece = scratch_get(index);
	struct abi_event_slot *target;
	struct match_state *match;
	__u32 slot;

	barrier_var(start);
	if (!piece || start > MATCH_HEAD - EVENT_FIXED)
		return 0;
	match = &piece->match;
	shift = __builtin_offsetof(struct match_state, head) + start;
	target = (struct abi_event_slot *)(match->head + start + EVENT_FIXED);
	for (slot = 0; slot < ABI_SLOTS_MAX; slot++) {
		if (slot >= count)
			break;
		stop = event_put_slot(&target[slot], &match->slots[slot], report >> slot & 1,
				      shift) - end;
		end += stop & ~((__s64)stop >> 63);	/* the larger one, without a branch */
	}
	return end;
}

/*
 * Policy, selector, hook_index and report_slots: words 3 and 4 of struct abi_event, out of words 0 and 2 of
 * struct abi_accept, since a word costs no more than a part of it.
 */
static __always_inline void event_put_accept(__u64 *words, __u32 hook, __u64 first, __u64 third, __u64 report)
{
	words[3] = hook | first << 32;
	words[4] = (first >> 32 & 0xffff) | (third >> 32 & 0xffff) << 16 | report << 32;
}
_Static_assert(__builtin_offsetof(struct abi_event, hook) == 24 && __builtin_offsetof(struct abi_event, policy) == 28 &&
		       __builtin_offsetof(struct abi_event, selector) == 32 &&
		       __builtin_offsetof(struct abi_event, hook_index) == 34 &&
		       __builtin_offsetof(struct abi_event, report_slots) == 36 &&
		       __builtin_offsetof(struct abi_accept, policy) == 0 && __builtin_offsetof(struct abi_accept, selector) == 4 &&
		       __builtin_offsetof(struct abi_accept, hook_index) == 20,
	       "words of struct abi_event and struct abi_accept");
_Static_assert(__builtin_offsetof(struct abi_event, owner_tgid) == 64 && __builtin_offsetof(struct abi_event, owner_start) == 72 &&
		       __builtin_offsetof(struct abi_event, failed_errno) == 80 && __builtin_offsetof(struct abi_event, failed_action) == 82 &&
		       __builtin_offsetof(struct abi_event, chunks) == 84,
	       "words of struct abi_event");

/* Word 0 of struct abi_event. */
static __always_inline __u64 event_word(__u64 size, __u64 kind, __u64 action, __u64 outcome, __u64 count)
{
	return size | kind << 32 | action << 40 | outcome << 48 | count << 56;
}

static __always_inline void event_put_fixed(struct scratch *piece, struct abi_event *event,
					    __u32 count, __u64 size)
{
	struct match_image image = piece->match.image;
	struct event_request *request = &piece->request;
	__u64 *words = (__u64 *)event;

	words[0] = event_word(size, piece->event_kind, request->action, request->outcome, count);
	words[1] = piece->time;
	words[2] = piece->generation;
	event_put_accept(words, piece->hook_id, match_image64(image, request->accept),
			 match_image64(image, request->accept + 16), request->report_slots);
	words[5] = piece->identity >> 32 | piece->identity << 32;
	words[6] = piece->process_start;
	words[7] = piece->event_kind == ABI_EVENT_RETURN ? piece->entry_time
		   : request->returns			 ? piece->time
							 : 0;
	words[8] = request->owner;
	words[9] = request->owner_start;
	words[10] = request->failure;
}

/* The slots of an event that no filter needed. */
static __always_inline void event_load_slots(struct scratch *piece, __u32 lacks)
{
	__u32 slot;

	for (slot = 0; slot < ABI_SLOTS_MAX && lacks; slot++, lacks >>= 1)
		if (lacks & 1 && !load_argument(piece, slot))
			load_slot(piece->index, slot);
}

/* Sends piece->request, whose slots have been loaded.  0 when the ring buffer took it. */
static __always_inline long event_output(struct scratch *piece)
{
	struct match_state *match = &piece->match;
	__u32 report = piece->request.report_slots;
	__u64 count = match_image32(match->image,
				    match->hook + __builtin_offsetof(struct abi_hook, slot_count)) &
		      0xffff;
	__u64 start, size;

	if (count > ABI_SLOTS_MAX)
		count = ABI_SLOTS_MAX;
	start = (ABI_SLOTS_MAX - count) * sizeof(struct abi_event_slot);
	barrier_var(start);
	if (start > MATCH_HEAD - EVENT_FIXED)
		return -1;
	if (count <= EVENT_FEW && !(match->slots_read & ~report))
		size = event_put_few(match, start, count, report);
	else
		size = event_put_slots(piece->index, count, report);
	size = ((size + 7) & ~7ULL) + MATCH_HEAD - start;
	event_put_fixed(piece, (struct abi_event *)(match->head + start), count, size);
	if (size > MATCH_HEAD + ABI_DATA_SIZE)
		return -1;
	return bpf_ringbuf_output(&events, match->head + start, size, 0);
}

static __always_inline void event_count(struct abi_counters *counter, struct abi_policy_counters *policy, bool sent)
{
	if (sent) {
		counter->posted++;
		policy->posted++;
	} else {
		counter->lost++;
		policy->lost++;
	}
}

static __always_inline void event_send_counted(struct scratch *piece, struct abi_counters *counter,
					       struct abi_policy_counters *policy)
{
	event_count(counter, policy, !event_output(piece));
}

/* Of the accept that is reported, the word that has its policy. */
static __always_inline __u64 event_accept_word(struct scratch *piece)
{
	return match_image64(piece->match.image, piece->request.accept + 16);
}

static __always_inline struct abi_policy_counters *event_policy(struct scratch *piece)
{
	return policy_counters_get(event_accept_word(piece));
}

/* A piece belongs to a CPU for as long as it is claimed, and so do the counters beside it. */
__noinline int event_send(__u32 index)
{
	struct block *block = block_get(index / SCRATCH_PIECES);
	struct scratch *piece;

	if (!block)
		return 0;
	piece = block_piece(block, index);
	event_send_counted(piece, block_counters(block, piece->hook_id), block_policy_counters(block, event_accept_word(piece)));
	return 0;
}

/* All that comes of a call that one selector accepts, which only posts: piece->request is the event, some of whose slots may not have been read. */
__noinline int event_post(__u32 index)
{
	struct block *block = block_get(index / SCRATCH_PIECES);
	struct abi_policy_counters *policy;
	struct abi_counters *counter;
	struct scratch *piece;

	if (!block)
		return 0;
	piece = block_piece(block, index);
	counter = block_counters(block, piece->hook_id);
	policy = block_policy_counters(block, event_accept_word(piece));
	counter->matched++;
	policy->matched++;
	event_begin(piece);
	event_load_slots(piece, piece->request.report_slots & ~piece->match.slots_read);
	event_send_counted(piece, counter, policy);
	return 0;
}

/* ---- Calls that have not returned yet ---- */

/*
 * How many there are of a hook is counted beside the table, so that where there are none nothing is looked up. The count may be too high, for good, when
 * the table made room for others; it is never too low: what is put in has been counted before, and only what was taken out is not counted any more.
 */
static __always_inline __u32 *calls_of(__u32 hook_id)
{
	__u64 at = hook_id & (ABI_HOOKS_MAX - 1);

	barrier_var(at);
	return &area.calls[at & (ABI_HOOKS_MAX - 1)];
}

static __always_inline bool calls_are_there(__u32 hook_id)
{
	return *(volatile __u32 *)calls_of(hook_id);
}

static __always_inline long call_put(const struct abi_call_key *key, const struct abi_call *call)
{
	long result;

	scratch_add32(calls_of(key->hook), 1);
	result = bpf_map_update_elem(&calls, key, call, BPF_NOEXIST);
	if (!result)
		return 0;
	scratch_add32(calls_of(key->hook), -1);
	return bpf_map_update_elem(&calls, key, call, BPF_EXIST);
}

static __always_inline void call_drop(const struct abi_call_key *key)
{
	if (!bpf_map_delete_elem(&calls, key))
		scratch_add32(calls_of(key->hook), -1);
}

/* The accept wants a RETURN event, too. */
static __always_inline void call_note(struct scratch *piece, __u32 accept)
{
	__u32 n = piece->call.count;

	if (n >= ABI_CALL_ACCEPTS_MAX) {
		count_error(piece->hook_id, ABI_ERROR_CALLS_FULL);
		return;
	}
	piece->call.accepts[n] = accept;
	piece->call.count = n + 1;
}

static __always_inline void call_remember(struct scratch *piece)
{
	struct abi_call_key key = { .tid = piece->identity, .hook = piece->hook_id };
	__u32 n;

	piece->call.generation = piece->generation;
	piece->call.entry_time = piece->time;
	piece->call.reserved = 0;
#pragma unroll
	for (n = 0; n < ABI_CALL_ARGUMENTS; n++)
		piece->call.arguments[n] = piece->arguments[n];
	if (call_put(&key, &piece->call))
		count_error(piece->hook_id, ABI_ERROR_CALLS_FULL);
}

/* A call that was not accepted must not be answered for by one of the same thread that never returned. */
__noinline int call_forget_one(__u32 tid, __u32 hook_id)
{
	struct abi_call_key key = { .tid = tid, .hook = hook_id };

	if (bpf_map_lookup_elem(&calls, &key))
		call_drop(&key);
	return 0;
}

static __always_inline void call_forget(__u32 tid, __u32 hook_id)
{
	if (calls_are_there(hook_id))
		call_forget_one(tid, hook_id);
}

#endif
