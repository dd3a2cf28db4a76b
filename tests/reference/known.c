// SPDX-License-Identifier: Apache-2.0
/* known.c - differences that wait for a decision; see known.h. */
#include "tests/reference/known.h"

#include "tests/reference/evaluate.h"

/*
 * A bit of a mask that the argument's type does not have.  8 and 16 bits are read of int8 and int16 (4.1), so no argument has it;
 * the matcher sees negative ones with their sign extended.  check warns of the value (TP408).
 */
static bool has_wide_mask(const struct model_hook *hook, const struct model_filter *filter)
{
	int type = model_filter_type(hook, filter);

	if (type < 0 || model_operators[filter->op].test != TEST_MASK || model_types[type].class != MODEL_SIGNED ||
	    model_types[type].bits > 16)
		return false;
	for (size_t n = 0; n < filter->values.count; n++)
		if ((uint64_t)model_read_number(filter->values.items[n]) >> model_types[type].bits)
			return true;
	return false;
}

/*
 * "isNamespacePID with followForks rejects processes that are not in a child pid namespace, for In and NotIn alike" (5.3), and
 * section 10 does not call it a defect; ir.h knows nothing of it.
 */
static bool follows_in_namespace(const struct model_hook *hook, const struct model_filter *filter)
{
	(void)hook;
	return filter->kind == MATCH_PIDS && filter->in_namespace && filter->follow;
}

static const struct {
	const char *what;
	bool (*has)(const struct model_hook *hook, const struct model_filter *filter);
} matters[] = {
	{ "Mask with bits beyond a signed type of 8 or 16 bits", has_wide_mask },
	{ "matchPIDs with isNamespacePID and followForks", follows_in_namespace },
};

static const char *known_of(const struct model_hook *hook, const struct model_filters *filters)
{
	for (size_t k = 0; k < sizeof(matters) / sizeof(*matters); k++)
		for (size_t n = 0; n < filters->count; n++)
			if (matters[k].has(hook, &filters->items[n]))
				return matters[k].what;
	return NULL;
}

const char *known_difference(const struct model_policy *policy, const struct model_hook *hook)
{
	const char *ret = NULL;

	for (size_t n = 0; n < hook->selectors.count && !ret; n++)
		ret = known_of(hook, &hook->selectors.items[n].filters);
	for (size_t n = 0; n < policy->macros.count && !ret; n++)
		ret = known_of(hook, &policy->macros.items[n].filters);
	return ret;
}
