/* SPDX-License-Identifier: Apache-2.0 */
/* label.h - the syntax of names and labels in Kubernetes.  Locale-free: policies mean the same everywhere. */
#ifndef COMPILER_POLICY_LABEL_H
#define COMPILER_POLICY_LABEL_H

#include "compiler/policy/policy.h"

/* RFC 1123: parts of lower-case letters, digits and inner -, parted by dots.  Length is the caller's. */
bool is_subdomain(const char *text, size_t length);

/* A value of a label, or the name in its key: letters, digits, and inner - _ and dots, at most 63 bytes; or empty. */
bool is_label_name(const char *text, size_t length);

/* NAME or PREFIX/NAME: the key of a label or an annotation. */
bool is_label_key(const struct text *key);

#endif
