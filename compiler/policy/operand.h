/* SPDX-License-Identifier: Apache-2.0 */
/* operand.h - values of filters: from the text to the form that the operator wants.  Private to compiler/policy. */
#ifndef COMPILER_POLICY_OPERAND_H
#define COMPILER_POLICY_OPERAND_H

#include "compiler/base/diagnostics.h"
#include "compiler/policy/policy.h"

/* Each fills value->form and what goes with it, or records what is wrong. */
void operand_number(struct policy_value *value, enum type_id type, struct diagnostics *diagnostics);
void operand_range(struct policy_value *value, enum type_id type, struct diagnostics *diagnostics);
void operand_port(struct policy_value *value, struct diagnostics *diagnostics);
void operand_address(struct policy_value *value, struct diagnostics *diagnostics);

/* What a string operand is compared with decides its limits. */
enum operand_subject { SUBJECT_STRING, SUBJECT_PATH, SUBJECT_BINARY };
void operand_string(struct policy_value *value, enum operator_id op, enum operand_subject subject,
		    bool trims_zeros, struct diagnostics *diagnostics);

#endif
