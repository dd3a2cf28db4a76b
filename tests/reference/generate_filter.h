/* SPDX-License-Identifier: Apache-2.0 */
/* generate_filter.h - random filters. */
#ifndef TESTS_REFERENCE_GENERATE_FILTER_H
#define TESTS_REFERENCE_GENERATE_FILTER_H

#include "tests/reference/model.h"

/*
 * What the policies of a group are made of.  Few things at a time, so that each is also met without all the others, and a
 * difference is small from the start.
 */
struct palette {
	bool kinds[MODEL_FILTER_KINDS];	/* of filters, beside those on arguments */
	bool flags, macros, scopes;
	unsigned expressions;		/* that the hook may still have; it takes 8 */
	bool hooks;			/* several of a policy */
	bool widths;			/* one integer, and each policy reads it as it likes */
	int types[3];
	unsigned selectors, filters;	/* at most */
};
extern struct palette palette;

enum model_filter_kind some_kind(void);	/* of the palette */
/* False: the hook has nothing for such a filter, or chance made none. */
bool some_filter(const struct model_hook *hook, enum model_filter_kind kind, struct model_filter *ret);
struct model_workloads some_workloads(bool with_host);

#endif
