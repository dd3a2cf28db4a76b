/* SPDX-License-Identifier: Apache-2.0 */
/*
 * simulate.h - image x event -> verdict and why, by the matcher that the kernel runs.
 *
 * One decision per policy hook that watches where the event happened.  Each is made twice: by the image as it is, which the
 * linker has optimized, and by one of that policy alone in which filters are asked as they are written; from this one come
 * the reasons.  That they differ is a fault of tetra, and is said of the verdict.
 */
#ifndef COMPILER_SIMULATE_H
#define COMPILER_SIMULATE_H

#include "compiler/base/arena.h"
#include "compiler/base/buffer.h"
#include "compiler/events_json.h"
#include "compiler/image/image.h"
#include "compiler/selector/ir.h"

struct match_native;
struct simulated_hook;
struct simulated_place;
struct simulated_plain;

enum { SIMULATED_PLACES = 1024 };

struct simulation {
	const struct image_view *image;
	struct arena arena;
	struct ir_policy *policies;	/* read back from the image's objects */
	struct simulated_plain *plain;	/* by policy: its image that is not optimized */
	struct simulated_hook *hooks;	/* by policy, then by hook_index */
	size_t hook_count;
	struct match_native *matcher, *plain_matcher;
	/* Where events happened so far, with the hooks that see them: found once for each name. */
	struct arena place_arena;
	struct simulated_place *places[SIMULATED_PLACES];
	size_t place_count;
	size_t disagreements;		/* verdicts with `disagrees` so far */
};

/* The image must outlive the simulation.  -EINVAL when one of its objects is damaged. */
int simulation_init(struct simulation *simulation, const struct image_view *image, char message[256]);
void simulation_release(struct simulation *simulation);

/* The first filter, in the order in which they are written, at which a selector failed. */
struct verdict_failure {
	uint32_t selector;		/* as reported */
	const struct ir_predicate *predicate;
	bool unknown;			/* else: it answered no */
	bool undecided;			/* the selector failed for nothing but values that the event does not carry */
};

enum { VERDICT_FAILURES_MAX = 16 };

struct verdict {
	uint32_t policy, hook_index;	/* hook_index as events report it: one for each function that the hook lists */
	const char *name;		/* of the function, event or hook */
	const struct ir_policy *ir;
	const struct ir_hook *hook;
	/*
	 * UNKNOWN: with the values that the event does not carry, another selector could have decided.  What could not be
	 * read when it happened is no such value: with it the kernel decided, too.
	 */
	enum verdict_answer { VERDICT_NO, VERDICT_YES, VERDICT_UNKNOWN } answer;
	const struct ir_selector *selector;	/* that accepts what is known; NULL: none does */
	const struct abi_accept *accept;
	struct verdict_failure failures[VERDICT_FAILURES_MAX];	/* of the selectors before it, in order */
	size_t failure_count;
	bool placed;			/* false: it is not known which arguments the event carries */
	bool has_return;		/* the selector has filters or actions for the return: */
	enum verdict_return {
		VERDICT_RETURN_UNKNOWN, VERDICT_RETURN_NO, VERDICT_RETURN_YES,
	} returned;			/* whether they accept what the call returned */
	bool disagrees;			/* the two decisions differ: a fault of tetra */
	const struct ir_hook *recorder;	/* in whose order the event's arguments are; NULL: nobody's */
};
extern const char *const verdict_answer_names[];	/* "not matched", ... */
extern const char *const verdict_return_names[];	/* by enum verdict_return */

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
