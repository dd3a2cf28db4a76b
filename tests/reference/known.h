/* SPDX-License-Identifier: Apache-2.0 */
/* known.h - differences between the judge and the compiler that were found, and that nobody has settled yet. */
#ifndef TESTS_REFERENCE_KNOWN_H
#define TESTS_REFERENCE_KNOWN_H

#include "tests/reference/model.h"

/* What of the hook's selectors is such a matter, or NULL.  Its differences are counted, and fail with --strict only. */
const char *known_difference(const struct model_policy *policy, const struct model_hook *hook);

#endif
