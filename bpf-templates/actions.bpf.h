/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * actions.bpf.h - what an accepted selector does: signals, overrides, and the event about it.
 *
 * Every accept of a call has its actions done, in the order of the decision.  Actions of one accept run in list order;
 * the event names the last that did not fail.  Of several overrides the first that is not 0 counts (0 would let
 * the call pass where an LSM hook's return value is overridden); if all are 0, 0.  A monitoring policy's
 * signals and overrides are reported and not done.
 */
#ifndef BPF_TEMPLATES_ACTIONS_BPF_H
#define BPF_TEMPLATES_ACTIONS_BPF_H

#include "bpf-templates/scratch.bpf.h"
#include "bpf-templates/events.bpf.h"
#include "bpf-templates/rates.bpf.h"
#include "bpf-templates/enforcer.bpf.h"

#define SIGKILL_NUMBER	9

static __always_inline bool action_enforces(__u32 op)
{
	return op == ABI_ACTION_SIGKILL || op == ABI_ACTION_SIGNAL || op == ABI_ACTION_OVERRIDE ||
	       op == ABI_ACTION_NOTIFY_ENFORCER || op == ABI_ACTION_ENFORCE;
}

static __always_inline long action_override(struct scratch *piece, __s32 value)
{
	if (!piece->can_override)
		return -1;
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
	long failed = notification->error ? action_override(piece, notification->error) : 0;

	return notification->signal && bpf_send_signal(notification->signal) ? -1 : failed;
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
		return action_override(piece, argument);
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

/* The action at `at`; a failure stays the outcome of the whole list.  A notification alone enforces nothing yet. */
static __always_inline void action_run(struct scratch *piece, struct event_request *request, __u64 at)
{
	__u64 action = match_image64(piece->match.image, at);
	__u32 op = action;

	if (op == ABI_ACTION_CLEANUP_ENFORCER)
		enforcer_forget(accept_policy_id(piece->match.image, request->accept));
	if (!action_enforces(op) || action_is_idle(piece, op, request->accept)) {
		request->action = op;
		return;
	}
	if (accept_monitors(piece->match.image, request->accept)) {
		request->action = op;
		request->outcome = ABI_OUTCOME_MONITORED;
		return;
	}
	if (action_do(piece, op, action >> 32, at)) {
		request->outcome = ABI_OUTCOME_FAILED;
		count_error(piece->hook_id, ABI_ERROR_ACTION_FAILED);
		return;
	}
	request->action = op;
	if (request->outcome != ABI_OUTCOME_FAILED && op != ABI_ACTION_NOTIFY_ENFORCER)
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
}

/* Slots that the event of accept `n` reports, if there will be one, and that no filter needed. */
static __always_inline __u32 accept_lacks(struct match_state *match, __u32 n)
{
	__u64 accept = match->accepts[n & (ABI_ACCEPTS_MAX - 1)];

	if (match_image32(match->image, accept + __builtin_offsetof(struct abi_accept, flags)) & ABI_ACCEPT_QUIET)
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
	accept_actions(piece, &piece->request);
	accept_count(index);
	if (!(flags & ABI_ACCEPT_QUIET) && !accept_is_limited(piece, index, accept, flags))
		event_send(index);
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
	if (accept_flags(piece->match.image, accept) & ABI_ACCEPT_QUIET)
		return 0;
	event_load_slots(piece, piece->request.report_slots);
	event_send(index);
	return 0;
}

#endif
