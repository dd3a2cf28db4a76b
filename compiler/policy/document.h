/* SPDX-License-Identifier: Apache-2.0 */
/* document.h - which documents of a file are ours.  Private to compiler/policy. */
#ifndef COMPILER_POLICY_DOCUMENT_H
#define COMPILER_POLICY_DOCUMENT_H

#include "compiler/policy/value.h"

enum document_class {
	DOCUMENT_NOTHING,	/* empty */
	DOCUMENT_OTHER,		/* of a kind that is not ours */
	DOCUMENT_POLICY,	/* ours, of the kind *ret_id */
	DOCUMENT_LIST,		/* a Kubernetes List: its items are documents */
	DOCUMENT_REFUSED,	/* ours, but misspelt or not supported: recorded */
};
enum document_class document_classify(struct decoder *decoder, const struct node *root, const struct node **ret_items,
				      enum document_id *ret_id);

#endif
