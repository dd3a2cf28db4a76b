/* SPDX-License-Identifier: Apache-2.0 */
/*
 * evaluate.h - what a policy says to an event, by the sentences of the reference and nothing else.
 *
 * Where section 10 lists a defect of Tetragon, what the policy says holds.  Every answer has three values: what was not
 * recorded, could not be read, or was cut so that the answer is open, is UNKNOWN.  UNKNOWN never accepts, negated or not.
 */
#ifndef TESTS_REFERENCE_EVALUATE_H
#define TESTS_REFERENCE_EVALUATE_H

#include "tests/reference/model.h"

enum model_answer { ANSWER_NO, ANSWER_YES, ANSWER_UNKNOWN };
extern const char *const model_answer_names[3];

struct model_verdict {
	int selector;			/* the first whose filters all hold; -1: none */
	bool unknown_before;		/* some selector before it was unknown, or whether the policy applies at all */
	enum model_answer returned;	/* of its matchReturnArgs; NO when none accepts */
};

/* The event is one of the hook. */
struct model_verdict evaluate(const struct model_policy *policy, const struct model_hook *hook,
			      const struct model_event *event);

/* Its parts.  A selector: all filters but matchReturnArgs, those of its macros too. */
enum model_answer evaluate_scope(const struct model_policy *policy, const struct model_event *event);
enum model_answer evaluate_selector(const struct model_policy *policy, const struct model_hook *hook,
				    const struct model_selector *selector, const struct model_event *event);
enum model_answer evaluate_filter(const struct model_policy *policy, const struct model_hook *hook,
				  const struct model_filter *filter, const struct model_event *event);

/* The number that an integer of that type shows of what was read. */
__int128 model_number(int type, uint64_t raw);

/* What a value says: a number in any of Go's spellings, a set of capabilities as a number or by names. */
__int128 model_read_number(struct model_text text);
__int128 model_read_set(struct model_text text);

/* How a string, cut or not, answers to one value of EQUAL, PREFIX, POSTFIX, SUBSTRING, SUBSTRING_ANY_CASE. */
enum model_answer evaluate_string(enum model_test test, const struct model_value *value, bool of_process,
				  struct model_text with);
/* Whether an address of a socket is in a network. */
enum model_answer evaluate_address(const struct model_value *value, bool destination, struct model_text network);

enum model_answer answer_of(bool yes);
enum model_answer answer_not(enum model_answer answer);
enum model_answer answer_both(enum model_answer a, enum model_answer b);
enum model_answer answer_either(enum model_answer a, enum model_answer b);

#endif
