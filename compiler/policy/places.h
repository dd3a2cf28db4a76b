/* SPDX-License-Identifier: Apache-2.0 */
/* places.h - where the values of fields go: the rows of schema/fields.def with offsets into our structs.  Private to compiler/policy. */
#ifndef COMPILER_POLICY_PLACES_H
#define COMPILER_POLICY_PLACES_H

#include <stddef.h>
#include <stdint.h>

#include "schema/schema.h"

#define NOWHERE SIZE_MAX
struct where {
	size_t member;		/* offset of the value in its struct */
	size_t place;		/* offset of the span of the value */
};

extern const struct where field_places[];	/* as field_rows[] */
extern const size_t group_sizes[GROUP_COUNT];

#endif
