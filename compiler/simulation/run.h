/* SPDX-License-Identifier: Apache-2.0 */
/* run.h - what the files of this room share: hooks as both images have them, and one run of the matcher. */
#ifndef COMPILER_SIMULATION_RUN_H
#define COMPILER_SIMULATION_RUN_H

#include "bpf-templates/match.h"
#include "compiler/base/pattern.h"
#include "compiler/simulate.h"

struct simulated_plain { struct buffer bytes; struct image_view view; };

/* One side, call or return, of a policy's hook, as one of the images has it. */
struct simulated_side {
	const struct image_view *image;
	uint32_t policy;			/* the real one, for an image of its own */
	const struct abi_hook *abi;		/* NULL: there is no such side */
	const struct ir_argument *arguments[ABI_SLOTS_MAX];	/* by slot: which one it reads; NULL: none of this policy */
	uint32_t data;				/* bit per slot: it is one of `data` */
};

/* A record of the plain program: one of a filter, or of the end of a selector. */
struct simulated_record {
	const struct ir_selector *selector;	/* NULL: of another hook of the policy */
	const struct ir_predicate *predicate;	/* NULL: the selector holds */
	uint32_t end;				/* record behind the filter: where it goes on when it holds */
};

struct simulated_hook {
	uint32_t policy, hook_index;
	struct image_hook hook;
	const struct ir_hook *ir;
	struct simulated_side call, returned, plain_call, plain_returned;
	struct simulated_record *records;	/* of the plain program */
	uint32_t first, record_count;		/* first: of this hook */
	struct pattern pattern;			/* of functions that only the target knows; of others, empty */
};

/* Where an event happened, and who watches. */
struct simulated_place {
	struct simulated_place *next;
	enum hook_kind kind;
	const char *name, *subsystem;
	const struct simulated_hook **hooks;
	size_t count;
};

/* One run of the matcher, for one policy's hook. */
struct run {
	const struct simulation *simulation;
	const struct event_sample *event;
	const struct ir_hook *recorder;		/* in whose order the event's arguments are */
	const struct simulated_side *side;
	enum match_answer answer;		/* of the last record */
};

/* hooks.c: 0, or -EINVAL with a message. */
int hooks_read(struct simulation *simulation, char message[256]);
void hooks_release(struct simulation *simulation);
const struct simulated_place *place_of(struct simulation *simulation, const struct event_sample *event);

/* values.c: what an event has of an argument of a hook; never NULL. */
const struct event_value *find_argument(const struct event_sample *event, const struct ir_hook *recorder,
					const struct ir_argument *argument);
const struct event_value *find_data(const struct event_sample *event, const struct ir_hook *recorder,
				    const struct ir_argument *argument);
/* What a predicate on an argument, data or the return looks at. */
const struct event_value *find_subject(const struct event_sample *event, const struct ir_hook *recorder,
				       const struct ir_hook *hook, const struct ir_predicate *predicate);
/* Makes the matcher ready for a run, which must stay where it is. */
void run_begin(struct run *run, struct match_native *matcher);

/*
 * missing.c: of a predicate that was unknown: whether for what the event does not carry alone.  Else the kernel could not
 * know it either.
 */
bool is_missing(const struct event_sample *event, const struct ir_hook *recorder, const struct ir_hook *hook,
		const struct ir_predicate *predicate);

#endif
