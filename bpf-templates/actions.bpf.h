/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * actions.bpf.h - what an accepted selector does: signals, overrides, and the event about it.
 *
 * Every accept of a call has its actions done, in the order of the decision.  Actions of one accept run in list order;
 * the event names the last that did not fail.  Of several overrides the first that is not 0 counts (0 would let
 * the call pass where an LSM hook's return value is overridden); if all are 0, 0.  At uprobes, where registers are assigned, the
 * first is done and the others fail.  A monitoring policy's
 * signals and overrides are reported and not done.  Of the actions that failed, the event says which was the first, and why.
 */
#ifndef BPF_TEMPLATES_ACTIONS_BPF_H
#define BPF_TEMPLATES_ACTIONS_BPF_H

#include "bpf-templates/scratch.bpf.h"
#include "bpf-templates/events.bpf.h"
#include "bpf-templates/chunks.bpf.h"
#include "bpf-templates/rates.bpf.h"
#include "bpf-templates/owners.bpf.h"
#include "bpf-templates/enforcer.bpf.h"
#include "bpf-templates/assignments.bpf.h"

#define SIGKILL_NUMBER	9

static __always_inline bool action_enforces(__u32 op)
{
	return op == ABI_ACTION_SIGKILL || op == ABI_ACTION_SIGNAL || op == ABI_ACTION_OVERRIDE ||
	       op == ABI_ACTION_NOTIFY_ENFORCER || op == ABI_ACTION_ENFORCE ||
	       op == ABI_ACTION_SET;
}

/*
 * Writes to where the argument of a static probe lies in the program's memory: 4 bytes, at an address that the program itself could write
 * to.  Programs that do not set anything cannot write.
 */
__noinline int action_set(__u32 index, __u32 action)
{
#ifdef ENGINE_SETS
	struct scratch *piece = scratch_get(index);
	__u64 descriptor, form, address;
	__u32 value;

	if (!piece)
		return -ERRNO_FAULT;
	descriptor = slot_descriptor(piece->match.image, piece->match.hook, match_image32(piece->match.image, action + 4ULL));
	form = match_image64(piece->match.image, SLOT_OFFSET(descriptor) + 8ULL);
	if (SLOT_SOURCE(descriptor) != ABI_SOURCE_LOCATION || !(form >> 48 & ABI_LOCATION_MEMORY) || (form >> 40 & 0xff) != sizeof(value))
		return -ERRNO_INVALID;
	address = location_address(piece, SLOT_OFFSET(descriptor), form);
	value = match_image32(piece->match.image, action + 8ULL);
	return address_is_kernel(address) ? -ERRNO_FAULT : bpf_probe_write_user((void *)address, &value, sizeof(value));
#else
	return index < action ? -ERRNO_UNSUPPORTED : -ERRNO_INVALID;
#endif
}

/* At `assignments`: what an Override of a uprobe makes of registers; of those of one call the first is done, and no other. */
static __always_inline long action_override(struct scratch *piece, __s32 value, __u32 assignments)
{
#ifdef ENGINE_REGISTERS
	if (assignments)
		return assignments_make(piece->index, assignments);
	if (piece->overridden == SCRATCH_ASSIGNED)
		return -ERRNO_BUSY;
#endif
	if (!piece->can_override || assignments)
		return -ERRNO_UNSUPPORTED;
	if (!piece->overridden || !piece->override)
		piece->override = value;
	piece->overridden = 1;
	return 0;
}

static __always_inline __u32 accept_policy_id(struct match_image image, __u64 accept)
{
	return match_image64(image, accept + 16) >> 48;
}

/* What the thread's notification says. */
static __always_inline long action_enforce(struct scratch *piece)
{
	struct abi_notification *notification = &piece->notification;
	long failed = notification->error ? action_override(piece, notification->error, 0) : 0;
	long unsent = notification->signal ? bpf_send_signal(notification->signal) : 0;

	return failed ? failed : unsent;
}

static __always_inline long action_do(struct scratch *piece, __u32 op, __s32 argument, __u64 action)
{
	struct match_image image = piece->match.image;

	switch (op) {
	case ABI_ACTION_NOTIFY_ENFORCER:
		return enforcer_notify(piece->index, accept_policy_id(image, piece->request.accept), argument,
				       match_image32(image, action + 8));
	case ABI_ACTION_ENFORCE:
		return action_enforce(piece);
	case ABI_ACTION_SIGKILL:
		return bpf_send_signal(SIGKILL_NUMBER);
	case ABI_ACTION_SIGNAL:
		return argument ? bpf_send_signal(argument) : 0;
	case ABI_ACTION_OVERRIDE:
		return action_override(piece, argument, match_image32(image, action + __builtin_offsetof(struct abi_action, assignments)));
	case ABI_ACTION_SET:
		return action_set(piece->index, action);
	case ABI_ACTION_TRACK_SOCK:
	case ABI_ACTION_UNTRACK_SOCK:
		return owner_act(piece->index, op, argument);
	default:
		return 0;
	}
}

static __always_inline bool accept_monitors(struct match_image image, __u64 accept)
{
	__u32 policies = match_image32(image, __builtin_offsetof(struct abi_image, sections) +
						      ABI_SECTION_POLICIES *
							      sizeof(struct abi_section));
	__u32 policy = match_image32(image, accept + __builtin_offsetof(struct abi_accept, policy));

	return match_image32(image, policies + policy * (__u64)sizeof(struct abi_policy)) &
	       ABI_POLICY_MONITOR;
}

/* Whether there is nothing to enforce: this policy has not notified the thread. */
static __always_inline bool action_is_idle(struct scratch *piece, __u32 op, __u64 accept)
{
	if (op != ABI_ACTION_ENFORCE)
		return false;
	enforcer_take(piece->index, accept_policy_id(piece->match.image, accept));
	return !piece->notification.policy;
}

/* The first failure of a list is the one that its event tells. */
static __always_inline void action_fail(struct scratch *piece, __u32 op, __s32 error)
{
	count_error(piece->hook_id, ABI_ERROR_ACTION_FAILED);
	if (!piece->request.failure)
		piece->request.failure = (-error & 0xffff) | op << 16;
}

/* Something is done that enforces nothing, and so by monitoring policies, too. */
static __always_inline bool action_works(__u32 op)
{
	return op == ABI_ACTION_TRACK_SOCK || op == ABI_ACTION_UNTRACK_SOCK;
}

/* The action at `at`; a failure stays the outcome of the whole list.  A notification alone enforces nothing yet. */
static __always_inline void action_run(struct scratch *piece, struct event_request *request, __u64 at)
{
	__u64 action = match_image64(piece->match.image, at);
	__u32 op = action;
	long error;

	if (op == ABI_ACTION_CLEANUP_ENFORCER)
		enforcer_forget(accept_policy_id(piece->match.image, request->accept));
	if ((!action_enforces(op) && !action_works(op)) || action_is_idle(piece, op, request->accept)) {
		request->action = op;
		return;
	}
	if (action_enforces(op) && accept_monitors(piece->match.image, request->accept)) {
		request->action = op;
		request->outcome = ABI_OUTCOME_MONITORED;
		return;
	}
	error = action_do(piece, op, action >> 32, at);
	if (error) {
		if (action_enforces(op))
			request->outcome = ABI_OUTCOME_FAILED;
		action_fail(piece, op, error);
		return;
	}
	request->action = op;
	if (request->outcome != ABI_OUTCOME_FAILED && op != ABI_ACTION_NOTIFY_ENFORCER && action_enforces(op))
		request->outcome = ABI_OUTCOME_ENFORCED;
}

static __always_inline void accept_actions(struct scratch *piece, struct event_request *request)
{
	struct match_image image = piece->match.image;
	__u64 accept = request->accept;
	__u64 actions = match_image32(image, accept + __builtin_offsetof(struct abi_accept, actions));
	__u32 i, count = match_image32(image, accept + __builtin_offsetof(struct abi_accept, selector)) >> 16;

	for (i = 0; i < ABI_ACTIONS_MAX; i++) {
		if (i >= count)
			break;
		action_run(piece, request, actions + i * sizeof(struct abi_action));
	}
}

static __always_inline void request_begin(struct scratch *piece, __u32 accept, __u32 report)
{
	piece->request.accept = accept;
	piece->request.report_slots = match_image32(piece->match.image, (__u64)accept + report);
	piece->request.action = ABI_ACTION_POST;
	piece->request.outcome = ABI_OUTCOME_NONE;
	piece->request.returns = 0;
	piece->request.owner = 0;
	piece->request.owner_start = 0;
	piece->request.failure = 0;
}

/* Slots that accept `n` needs for its event, if there will be one, or for its actions, and that no filter needed. */
static __always_inline __u32 accept_lacks(struct match_state *match, __u32 n)
{
	__u64 accept = match->accepts[n & (ABI_ACCEPTS_MAX - 1)];
	__u32 flags = match_image32(match->image, accept + __builtin_offsetof(struct abi_accept, flags));

	if ((flags & (ABI_ACCEPT_QUIET | ABI_ACCEPT_TRACKS)) == ABI_ACCEPT_QUIET)
		return 0;
	return match_image32(match->image, accept + __builtin_offsetof(struct abi_accept, report_slots)) &
	       ~match->slots_read;
}

/* Reads them.  Not in event_send(): reading a path needs much of the stack, and so does what is above it there. */
__noinline int accept_load(__u32 index, __u32 n)
{
	struct scratch *piece = scratch_get(index);

	if (piece)
		event_load_slots(piece, accept_lacks(&piece->match, n));
	return 0;
}

static __always_inline enum abi_failure failure_of(__u32 error)
{
	switch (error) {
#define X(name, number)                                                                                                     \
	case number:                                                                                                        \
		return ABI_FAILURE_##name;
	ABI_FAILURES(X)
#undef X
	default:
		return ABI_FAILURE_OTHER;
	}
}

static __always_inline void failure_count(struct scratch *piece, struct abi_policy_counters *policy)
{
	if (piece->request.failure)
		policy->failures[failure_of(piece->request.failure & 0xffff)]++;
}

/* What came of piece->request, before its event. */
__noinline int accept_count(__u32 index)
{
	struct scratch *piece = scratch_get(index);
	struct abi_policy_counters *policy = piece ? event_policy(piece) : NULL;
	__u32 outcome;

	if (!piece || !policy)
		return 0;
	outcome = piece->request.outcome;
	if (piece->request.action == ABI_ACTION_ENFORCE && !outcome)
		return 0;	/* another policy's notification was why this was asked */
	policy->matched++;
	if (outcome && outcome < ABI_OUTCOME_COUNT)
		policy->outcomes[outcome]++;
	failure_count(piece, policy);
	return 0;
}

/* Of the return of a call. */
__noinline int return_count(__u32 index)
{
	struct scratch *piece = scratch_get(index);
	struct abi_policy_counters *policy = piece ? event_policy(piece) : NULL;

	if (piece && policy)
		failure_count(piece, policy);
	return 0;
}

/* Whether the event of piece->request is held back: it is like one that was posted a moment ago. */
static __always_inline bool accept_is_limited(struct scratch *piece, __u32 index, __u32 accept, __u32 flags)
{
	struct abi_policy_counters *policy;

	if (!(flags & ABI_ACCEPT_ACTS) || !rate_exceeded(index, accept))
		return false;
	policy = event_policy(piece);
	if (policy)
		policy->limited++;
	return true;
}

/* Accept number `n` of this event: actions, then the event, then the note for its return and those about the process. */
__noinline int accept_run(__u32 index, __u32 n)
{
	struct scratch *piece = scratch_get(index);
	__u32 accept, flags;

	if (!piece || n >= ABI_ACCEPTS_MAX)
		return 0;
	accept = piece->match.accepts[n];
	request_begin(piece, accept, __builtin_offsetof(struct abi_accept, report_slots));
	flags = match_image32(piece->match.image,
			      (__u64)accept + __builtin_offsetof(struct abi_accept, flags));
	if (flags & ABI_ACCEPT_RETURN) {
		piece->request.returns = 1;
		call_note(piece, accept);
	}
	if (flags & ABI_ACCEPT_OWNERS)
		owner_find(index);	/* who it was before the actions */
	accept_actions(piece, &piece->request);
	accept_count(index);
	if (!(flags & ABI_ACCEPT_QUIET) && !accept_is_limited(piece, index, accept, flags)) {
		if (flags & ABI_ACCEPT_CHUNKS)
			chunks_send(index);
		event_send(index);
	}
	if (flags & (ABI_ACCEPT_NOTES_NAMESPACES | ABI_ACCEPT_NOTES_CAPABILITIES))
		task_note(index, flags);
	return 0;
}

/* Where it is decided whether the return of a call is reported, plus 1; 0: it is. */
static __always_inline __u32 accept_return_record(struct match_image image, __u32 accept)
{
	return match_image32(image, (__u64)accept + __builtin_offsetof(struct abi_accept, return_record));
}

static __always_inline __u32 accept_flags(struct match_image image, __u32 accept)
{
	return match_image32(image, (__u64)accept + __builtin_offsetof(struct abi_accept, flags));
}

__noinline int return_load(__u32 index, __u32 slots)
{
	struct scratch *piece = scratch_get(index);

	if (piece)
		event_load_slots(piece, slots & ~piece->match.slots_read);
	return 0;
}

/* returnArgAction of a call that `accept` has accepted. */
static __always_inline void return_track(struct scratch *piece, __u32 accept)
{
	__u32 flags = accept_flags(piece->match.image, accept), slots;
	__u32 op = flags & ABI_ACCEPT_TRACK_RETURN ? ABI_ACTION_TRACK_SOCK : ABI_ACTION_UNTRACK_SOCK;
	long error;

	if (!(flags & (ABI_ACCEPT_TRACK_RETURN | ABI_ACCEPT_UNTRACK_RETURN)))
		return;
	slots = match_image32(piece->match.image, (__u64)accept + __builtin_offsetof(struct abi_accept, return_slots));
	return_load(piece->index, slots);
	error = owner_act_returned(piece->index, op, slots);
	if (error)
		action_fail(piece, op, error);
}

/* The request for the return of the call that `accept` has accepted: of what accepts the return, if it is asked. */
static __always_inline void return_begin(struct scratch *piece, __u32 accept)
{
	if (!accept_return_record(piece->match.image, accept)) {
		request_begin(piece, accept, __builtin_offsetof(struct abi_accept, return_slots));
		return;
	}
	if (piece->match.accept_count) {
		accept = piece->match.accepts[0];
		request_begin(piece, accept, __builtin_offsetof(struct abi_accept, report_slots));
		if (accept_flags(piece->match.image, accept) & ABI_ACCEPT_TRACKS)
			return_load(piece->index, piece->request.report_slots);
		accept_actions(piece, &piece->request);
		if (!(accept_flags(piece->match.image, accept) & ABI_ACCEPT_QUIET))
			return;
	}
	piece->request.accept = accept;
	piece->request.report_slots = 0;
	piece->request.action = ABI_ACTION_NOPOST;
	piece->request.outcome = ABI_OUTCOME_NONE;
	piece->request.returns = 0;
}

/* The return half of accept `n` of the remembered call, once it is decided.  Of an entry without event there is none either. */
__noinline int accept_return(__u32 index, __u32 n)
{
	struct scratch *piece = scratch_get(index);
	__u32 accept;

	if (!piece || n >= ABI_CALL_ACCEPTS_MAX)
		return 0;
	accept = piece->call.accepts[n];
	return_begin(piece, accept);
	return_track(piece, accept);
	return_count(index);
	if (accept_flags(piece->match.image, accept) & ABI_ACCEPT_QUIET)
		return 0;
	return_load(index, piece->request.report_slots);
	if (accept_flags(piece->match.image, accept) & ABI_ACCEPT_CHUNKS)
		chunks_send(index);
	event_send(index);
	return 0;
}

#endif
