/* SPDX-License-Identifier: Apache-2.0 */
/*
 * plan.h - from what shall be and what is, the steps between.  Pure: dry-run prints what apply does.
 *
 * The order makes a crash harmless.  New hooks are attached while the live image has no entry for their ids,
 * so they do nothing; one step makes the new image live, and with it all policies take effect at once; only then
 * are unused hooks detached.  Steps before that one are undone when a later one fails; those after it only tidy up.
 */
#ifndef RUNTIME_PLAN_H
#define RUNTIME_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "compiler/base/arena.h"
#include "compiler/base/buffer.h"
#include "compiler/image/image.h"
#include "runtime/kernel.h"
#include "runtime/probe.h"

/* ---- Ways to attach ---- */

enum attach_kind {
#define ATTACH(id, name, hook, result, features, function, lifetime, serves, context, says) ATTACH_##id,
#include "runtime/attach.def"
#undef ATTACH
	ATTACH_COUNT
};
enum attach_result { RESULT_LEAVES, RESULT_CHANGES, RESULT_EITHER, RESULT_PART };
enum attach_function { FUNCTION_ANY, FUNCTION_TRACEABLE, FUNCTION_SECURITY, FUNCTION_HOOKED, FUNCTION_SYSCALL,
			FUNCTION_UNRETURNED, FUNCTION_DIGESTED };
enum attach_lifetime { LIFETIME_PINNED, LIFETIME_HELD };
enum attach_serves { SERVES_MANY, SERVES_ONE };
enum attach_context { CONTEXT_REGISTERS, CONTEXT_ARGUMENTS, CONTEXT_VALUES, CONTEXT_RECORD };
struct attach_row {
	const char *name;
	enum hook_kind hook;
	enum attach_result result;
	uint32_t features;
	enum attach_function function;
	enum attach_lifetime lifetime;
	enum attach_serves serves;
	enum attach_context context;
	const char *says;
};
extern const struct attach_row attach_rows[ATTACH_COUNT];

/* -1 when there is none of that name. */
int attach_find(const char *name);

/*
 * The other programs that the hook takes when it is attached in a way, in the order in which they are attached, after its own: the last that
 * was attached runs first.  How many.
 */
#define ATTACH_PARTS 2
size_t attach_parts(enum attach_kind kind, const struct image_hook *hook, enum attach_kind ret[ATTACH_PARTS]);

/* Of a part of the hook: where, for its pin, when that of the whole is `where`; it says what the part was told of the hook, too. */
const char *attach_part_where(enum attach_kind part, const struct image_hook *hook, const char *where, struct arena *arena);

/*
 * Name of the program that serves a hook, of which `facts` are known, and many others, in that way: "kprobe_entry".  Of a tracepoint, the name
 * tells how many words of the record it may read from its context: "tracepoint_entry_6".
 */
const char *attach_program_name(enum attach_kind kind, bool returns, const struct hook_facts *facts, struct arena *arena);

/* Every feature that may matter for the hooks of an image; what features_probe() wants. */
uint32_t plan_features(const struct image_view *image);

/* ---- What is ---- */

/* A hook that has a program, by its pin. */
struct plan_attached {
	uint32_t id;
	enum attach_kind kind;
	const char *key, *pin;
	const char *where;	/* see hook_facts; NULL when the key says all */
};

struct plan_input {
	const struct image_view *image;		/* what shall be live */
	const struct hook_facts *facts;		/* by number of the image's hooks */
	const struct kernel_relocation *fields;	/* by number of its relocations */
	const struct kernel_assignment *assignments;	/* by number of its assignments */
	const struct kernel_doubt *doubts;	/* what is said, and done all the same */
	size_t doubt_count;
	const struct features *features;
	uint32_t wanted;			/* bits of the features that were tried */
	enum attach_lifetime lifetime;		/* HELD: the caller keeps running */
	bool keeps_unused;			/* hooks and programs that nobody uses stay: they do nothing, and the next set may use them */
	bool preempts;				/* the kernel may let another task run in the middle of its own work */
	uint32_t forced;			/* bits of the only kinds that may serve the hooks that they serve; 0: all may */
	const struct plan_attached *attached;
	size_t attached_count;
	const char *const *maps, *const *programs, *const *links;	/* pins that are there, sorted */
	size_t map_count, program_count, link_count;
};

/* ---- Steps ---- */

enum step_kind {
#define STEP(id, says, undo) STEP_##id,
#include "runtime/steps.def"
#undef STEP
	STEP_COUNT
};
struct plan_step {
	enum step_kind kind;
	const char *name;		/* of the map, program, link or hook (its key) */
	const char *target;		/* ATTACH: function or event */
	const char *subsystem;		/* ATTACH: of a tracepoint */
	const char *pin;		/* name of the link's pin */
	uint32_t id;			/* ATTACH, DETACH: of the hook */
	uint32_t texts;			/* ATTACH of what waits for texts: see struct image_hook */
	enum attach_kind attach;	/* LOAD, ATTACH, DETACH */
	bool returns;			/* LOAD, ATTACH: the return side */
	bool returns_nothing;		/* ATTACH: the target has no result */
	const char *program;		/* ATTACH: name of the pinned program, or NULL for one of its own */
	uint32_t argument_count;	/* of the target, ATTACH; words of the record, LOAD too; 0 when unknown */
	int file;			/* ATTACH, of what lies in a file: borrowed descriptor of it... */
	uint64_t offset, counter;	/* ... and where in it; see struct link_place */
	const char *place, *policy;	/* ATTACH: who asks for it */
};

/* Why the image cannot be applied here; place is "policy.yaml:7:5". */
struct plan_refusal {
	const char *place;
	const char *text;
};

/* A hook that is missing here, and without which the policy goes on (ignore.callNotFound), or whose program may be passed over. */
struct plan_note {
	const char *place;
	const char *text;
};

struct plan {
	struct plan_step *steps;
	size_t step_count;
	struct plan_refusal *refusals;
	size_t refusal_count;
	struct plan_note *notes;
	size_t note_count;
};

/*
 * Hooks of the image that are attached in a way that will not do (a policy has come to override) must
 * not keep their ids: link again without their keys.  Number of such keys; they live in the arena.
 */
size_t plan_rekey(const struct plan_input *input, struct arena *arena, const char ***ret);

/* How the hook, which is not attached yet, would be: enum attach_kind; or -1 with the reason, which may live in the arena. */
int plan_choose(const struct plan_input *input, const struct image_hook *hook, const struct hook_facts *facts,
		struct arena *arena, const char **why);

/* Whether the hook is one that is passed over: it is not there, and nobody insists on it. */
bool plan_passes_over(const struct image_hook *hook, const struct hook_facts *facts);

/* Whether the hook has a program that will do; then neither its facts nor its features are looked at. */
bool plan_is_attached(const struct plan_input *input, const struct image_hook *hook);

/* Everything lives in the arena.  With refusals there are no steps. */
void plan_make(const struct plan_input *input, struct arena *arena, struct plan *ret);

/* A numbered list of the steps with what undoes each, or of the refusals. */
void plan_print(const struct plan *plan, struct buffer *ret);

/* One step as a phrase: "attach lsm:file_open as hook 3: ...". */
void plan_step_print(const struct plan_step *step, struct buffer *ret);

/* The links that keep the process table, and the maps, in the order in which they are made. */
extern const char *const plan_process_links[];
extern const char *const plan_maps[];

#endif
