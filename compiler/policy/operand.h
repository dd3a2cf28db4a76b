/* SPDX-License-Identifier: Apache-2.0 */
/*
 * operand.h - values of filters: from the text to the form that the operator wants.  Private to compiler/policy.
 *
 * operand.c has numbers, operand_network.c ports and addresses, operand_name.c words for numbers, operand_string.c
 * strings and paths, operand_link.c names of paths, operand_expression.c CEL.
 */
#ifndef COMPILER_POLICY_OPERAND_H
#define COMPILER_POLICY_OPERAND_H

#include "compiler/base/diagnostics.h"
#include "compiler/policy/policy.h"
#include "schema/names.h"

/* What a message repeats of a value, for %.*s. */
enum { OPERAND_SHOWN = 48 };
#define SHOW(text) (int)((text).length < OPERAND_SHOWN ? (text).length : OPERAND_SHOWN), (text).bytes

/* Each fills value->form and what goes with it, or records what is wrong. */
void operand_number(struct policy_value *value, enum type_id type, struct diagnostics *diagnostics);
void operand_range(struct policy_value *value, enum type_id type, struct diagnostics *diagnostics);
void operand_member(struct policy_value *value, enum type_id type, struct diagnostics *diagnostics);	/* of InMap */
void operand_expression(struct policy_value *value, const struct policy_hook *hook, struct diagnostics *diagnostics);
void operand_port(struct policy_value *value, struct diagnostics *diagnostics);
void operand_address(struct policy_value *value, struct diagnostics *diagnostics);

/* INTEGER: the number of a name.  The first also takes numbers and ranges. */
void operand_number_or_name(struct policy_value *value, enum name_set set, struct diagnostics *diagnostics);
void operand_name(struct policy_value *value, enum name_set set, struct diagnostics *diagnostics);
void operand_capability(struct policy_value *value, struct diagnostics *diagnostics);
void operand_capability_set(struct policy_value *value, struct diagnostics *diagnostics);	/* INTEGER: its bits */
void operand_namespace(struct policy_value *value, struct diagnostics *diagnostics);
void operand_namespace_name(struct policy_value *value, struct diagnostics *diagnostics);

/* What a string operand is compared with decides its limits; the type, what is trimmed.  TYPE_FILE for binaries. */
enum operand_subject { SUBJECT_STRING, SUBJECT_BUFFER, SUBJECT_UNIX_PATH, SUBJECT_INTERFACE, SUBJECT_PATH, SUBJECT_BINARY };
enum operand_subject operand_subject_of(enum type_id type);
void operand_string(struct policy_value *value, enum operator_id op, enum operand_subject subject,
		    enum type_id type, struct diagnostics *diagnostics);

/* Paths of a list that no file has where some directories are links, and whose other name is not in it. */
void operand_warn_links(const struct policy_value_list *values, enum operator_id op, struct diagnostics *diagnostics);

/* Values of a list that are written alike. */
void operand_warn_repeated(const struct policy_value_list *values, struct diagnostics *diagnostics);

/* Pieces: an unsigned decimal number or range into low, high and form; "a:b" in two; a word. */
bool operand_read_unsigned(struct policy_value *value);
bool operand_is_loopback(const struct policy_value *value);	/* an address or network, all of it within the host */
bool operand_split(struct text text, struct text *low, struct text *high);
bool operand_is(const struct policy_value *value, const char *word);

#endif
