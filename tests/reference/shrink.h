/* SPDX-License-Identifier: Apache-2.0 */
/* shrink.h - the smallest policies and event that still show a difference. */
#ifndef TESTS_REFERENCE_SHRINK_H
#define TESTS_REFERENCE_SHRINK_H

#include "tests/reference/generate.h"

typedef bool still_differs(const struct model_group *group, const struct model_event *event);

/* Leaves out policies, hooks, selectors, filters, values and facts of the event, in place, while it still differs. */
void shrink_group(struct model_group *group, struct model_event *event, still_differs *differs);

#endif
