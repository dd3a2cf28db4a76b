// SPDX-License-Identifier: Apache-2.0
/* check_metadata.c - names and labels, by the rules of Kubernetes; see check.h. */
#include <string.h>

#include "compiler/policy/check.h"

/* Locale-free: policies mean the same everywhere. */
static bool is_lower_or_digit(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

static bool is_letter_or_digit(char c)
{
	return is_lower_or_digit(c) || (c >= 'A' && c <= 'Z');
}

/* RFC 1123: parts of lower-case letters, digits and inner -, parted by dots. */
static bool is_subdomain(const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		bool at_edge = !i || i + 1 == length || text[i - 1] == '.' || text[i + 1] == '.';

		if (is_lower_or_digit(text[i]) || (!at_edge && (text[i] == '-' || text[i] == '.')))
			continue;
		return false;
	}
	return length > 0;
}

/* A name of a label: letters, digits, and inner - _ and dots. */
static bool is_label_name(const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		bool at_edge = !i || i + 1 == length;

		if (!is_letter_or_digit(text[i]) && (at_edge || !text[i] || !strchr("-_.", text[i])))
			return false;
	}
	return length <= LIMIT_LABEL_BYTES;
}

static bool is_label_key(const struct text *key)
{
	const char *slash = memchr(key->bytes, '/', key->length);
	size_t prefix = slash ? (size_t)(slash - key->bytes) : 0, name = slash ? prefix + 1 : 0;

	if (slash && (prefix > LIMIT_LABEL_PREFIX_BYTES || !is_subdomain(key->bytes, prefix)))
		return false;
	return key->length > name && is_label_name(key->bytes + name, key->length - name);
}

static void check_keys(const struct policy_label_list *labels, const char *what, struct diagnostics *diagnostics)
{
	for (size_t i = 0; i < labels->count; i++) {
		const struct text *key = &labels->items[i].key;

		if (key->bytes && !is_label_key(key))
			diag(diagnostics, DIAG_LABEL, key->at, "'%s' is not a valid key of %s", key->bytes, what);
	}
}

static void check_label_values(const struct policy_label_list *labels, struct diagnostics *diagnostics)
{
	for (size_t i = 0; i < labels->count; i++) {
		const struct text *value = &labels->items[i].value;

		if (value->bytes && !is_label_name(value->bytes, value->length))
			diag(diagnostics, DIAG_LABEL, value->at, "'%s' is not a valid value of a label", value->bytes);
	}
}

static void check_annotations_size(const struct policy *policy, struct diagnostics *diagnostics)
{
	size_t bytes = 0;

	for (size_t i = 0; i < policy->annotations.count; i++)
		bytes += policy->annotations.items[i].key.length + policy->annotations.items[i].value.length;
	if (bytes > LIMIT_ANNOTATIONS_BYTES)
		diag(diagnostics, DIAG_LABEL, policy->annotations.items[0].key.at,
			"the annotations hold %zu bytes, and may hold %d", bytes, LIMIT_ANNOTATIONS_BYTES);
}

static void check_name(const struct text *name, struct diagnostics *diagnostics)
{
	if (!name->bytes || (is_subdomain(name->bytes, name->length) && name->length <= LIMIT_NAME_BYTES))
		return;
	if (name->length > LIMIT_NAME_BYTES)
		diag(diagnostics, DIAG_POLICY_NAME, name->at, "the name has %zu bytes, and may have %d", name->length,
			LIMIT_NAME_BYTES);
	else if (!name->length)
		diag(diagnostics, DIAG_POLICY_NAME, name->at, "the name is empty");
	else
		diag(diagnostics, DIAG_POLICY_NAME, name->at, "'%s' is not a valid name", name->bytes);
	diag_help(diagnostics, "lower-case letters, digits, '-' and '.', with a letter or digit at both ends");
}

/* RFC 1123: what a subdomain is, without dots. */
static bool is_label_word(const struct text *text)
{
	return text->length <= LIMIT_LABEL_BYTES && is_subdomain(text->bytes, text->length) &&
		!memchr(text->bytes, '.', text->length);
}

static void check_namespace(const struct policy *policy, struct diagnostics *diagnostics)
{
	const struct text *namespace = &policy->namespace;
	bool is_namespaced = policy->kind.bytes &&
		!strcmp(policy->kind.bytes, document_rows[DOCUMENT_TRACING_POLICY_NAMESPACED].kind);

	if (namespace->bytes && !is_namespaced) {
		diag(diagnostics, DIAG_NAMESPACE, namespace->at, "a TracingPolicy has no namespace");
		diag_help(diagnostics, "remove it, or make the kind TracingPolicyNamespaced");
	} else if (is_namespaced && !namespace->bytes && policy->name.bytes) {
		diag(diagnostics, DIAG_NAMESPACE, policy->name.at, "a TracingPolicyNamespaced needs a namespace");
		diag_help(diagnostics, "add 'namespace' to metadata");
	} else if (is_namespaced && namespace->bytes && !is_label_word(namespace)) {
		diag(diagnostics, DIAG_NAMESPACE, namespace->at, "'%s' is not a valid namespace", namespace->bytes);
		diag_help(diagnostics, "lower-case letters, digits and '-', at most %d bytes", LIMIT_LABEL_BYTES);
	}
}

void check_metadata(const struct policy *policy, struct diagnostics *diagnostics)
{
	check_name(&policy->name, diagnostics);
	check_namespace(policy, diagnostics);
	check_keys(&policy->labels, "labels", diagnostics);
	check_keys(&policy->annotations, "annotations", diagnostics);
	check_label_values(&policy->labels, diagnostics);
	check_annotations_size(policy, diagnostics);
}
