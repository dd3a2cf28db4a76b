/* SPDX-License-Identifier: Apache-2.0 */
/*
 * simulate.h - image x event -> verdict and why, by the matcher that the kernel runs.
 *
 * One decision per policy hook that watches where the event happened.
 */
#ifndef COMPILER_SIMULATE_H
#define COMPILER_SIMULATE_H

#include "compiler/base/arena.h"
#include "compiler/base/buffer.h"
#include "compiler/events_json.h"
#include "compiler/image/image.h"
#include "compiler/selector/ir.h"

struct match_native;

struct simulation {
	const struct image_view *image;
	struct arena arena;
	struct ir_policy *policies;	/* read back from the image's objects */
	struct match_native *matcher;
};

/* The image must outlive the simulation.  -EINVAL when one of its objects is damaged. */
int simulation_init(struct simulation *simulation, const struct image_view *image, char message[256]);
void simulation_release(struct simulation *simulation);

/* The filter at which a selector failed. */
struct verdict_failure {
	uint32_t selector;		/* as reported */
	const struct ir_predicate *predicate;
	bool unknown;			/* else: it answered no */
};

enum { VERDICT_FAILURES_MAX = 16 };

struct verdict {
	uint32_t policy, hook_index;	/* hook_index as events report it: one for each function that the hook lists */
	const char *name;		/* of the function, event or hook */
	const struct ir_policy *ir;
	const struct ir_hook *hook;
	const struct ir_selector *selector;	/* that accepted; NULL: none did */
	const struct abi_accept *accept;
	struct verdict_failure failures[VERDICT_FAILURES_MAX];	/* of the selectors before it, in order */
	size_t failure_count;
	bool placed;			/* false: it is not known which arguments the event carries */
	bool has_return;		/* the selector has filters or actions for the return: */
	enum verdict_return {
		VERDICT_RETURN_UNKNOWN, VERDICT_RETURN_NO, VERDICT_RETURN_YES,
	} returned;			/* whether they accept what the call returned */
};

typedef void verdict_each(void *context, const struct verdict *verdict);

/* Calls `each` for every policy hook that sees the event; returns how many there were. */
size_t simulate(struct simulation *simulation, const struct event_sample *event, verdict_each *each,
		void *context);

/* "argument 0 (file) is /etc/passwd: it is /etc/hosts". */
void verdict_describe_failure(const struct simulation *simulation, const struct event_sample *event,
			      const struct verdict *verdict, const struct verdict_failure *failure,
			      struct buffer *ret);

/* The value that a predicate saw: "/etc/hosts", "-1", "127.0.0.1:80", "not in the event". */
void verdict_describe_value(const struct simulation *simulation, const struct event_sample *event,
			    const struct verdict *verdict, const struct ir_predicate *predicate,
			    struct buffer *ret);

#endif
