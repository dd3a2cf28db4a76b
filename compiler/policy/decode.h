/* SPDX-License-Identifier: Apache-2.0 */
/*
 * decode.h - tree to policies, driven by schema/fields.def.
 *
 * What a document says is taken over as it stands; whether it makes sense is for check.  Everything wrong is
 * reported, and the part around it marked broken.
 */
#ifndef COMPILER_POLICY_DECODE_H
#define COMPILER_POLICY_DECODE_H

#include "compiler/policy/intent.h"
#include "compiler/syntax/tree.h"

/*
 * Documents of other kinds are counted in *passed_over.  Always sets *ret, to the policies that could be read at
 * least in part; 0, or -EINVAL when errors were recorded.
 */
int policy_decode(const struct tree *tree, struct arena *arena, struct diagnostics *diagnostics,
		  struct policy_list **ret, struct intent_list **intents, size_t *passed_over);

#endif
