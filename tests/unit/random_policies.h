/* SPDX-License-Identifier: Apache-2.0 */
/*
 * random_policies.h - random policies and events, and an evaluator that knows nothing of the compiler.
 *
 * The evaluator works on the typed policy and follows the language reference filter by filter.  It is slow, has no
 * tables and shares no code with what it checks.
 */
#ifndef TESTS_UNIT_RANDOM_POLICIES_H
#define TESTS_UNIT_RANDOM_POLICIES_H

#include "bpf-templates/match.h"
#include "compiler/base/arena.h"
#include "compiler/policy/policy.h"
#include "tests/unit/random.h"

enum { ARGUMENT_SETS = 3, EVENT_STRING_ROOM = 5200 };

enum readable { READ_WHOLE, READ_NOT, READ_END_LOST, READ_FRONT_LOST };

struct value {
	enum readable readable;
	uint64_t number;		/* as the kernel has it, extended by the type */
	char bytes[EVENT_STRING_ROOM];	/* the whole string; FRONT_LOST: what is left of it */
	size_t length;
	uint16_t family, port;
	uint8_t address[16];
};

struct event {
	struct value arguments[5];
	struct value binary;
	uint32_t pid;
};

/* Hook arguments of all classes; each policy takes some of them in an order of its own. */
extern const enum type_id argument_types[ARGUMENT_SETS][5];

/* What numbers and strings are compared by. */
enum { NUMBER_OPERATORS = 7, STRING_OPERATORS = 6 };
extern const enum operator_id number_operators[NUMBER_OPERATORS], string_operators[STRING_OPERATORS];

void some_event(const enum type_id types[5], struct event *event);

/* Policies p0, p1, ... with one hook each, of one of `functions`; everything lives in the arena. */
struct policy_list some_policies(const enum type_id types[5], size_t count, const char *const *functions,
				 size_t function_count, struct arena *arena);

/*
 * Many that ask about few values: hundreds of selectors, most with one filter on the same argument, so that tables are full
 * and linking passes over groups of them.  All are on `function`; events meet about one filter in a hundred.
 */
struct policy_list many_policies(const enum type_id types[5], size_t count, const char *function, struct arena *arena);
void many_event(const enum type_id types[5], struct event *event);

/* The selector that decides, or -1. */
int expected_selector(const struct policy_hook *hook, const struct event *event);

/* For match_native.load; `context` is one of these. */
struct event_of_hook { const struct abi_hook *hook; const struct event *event; };
int load_event(void *context, struct match_state *state, __u32 slot);

#endif
