// SPDX-License-Identifier: Apache-2.0
/* check_metadata.c - names and labels, by the rules of Kubernetes; see check.h. */
#include <ctype.h>
#include <string.h>

#include "compiler/policy/check.h"
#include "compiler/policy/label.h"

static void refuse_key(const struct text *key, const char *what, struct diagnostics *diagnostics)
{
	diag(diagnostics, DIAG_LABEL, key->at, "'%s' is not a valid key of %s", key->bytes, what);
}

static void check_label_keys(const struct policy_label_list *labels, struct diagnostics *diagnostics)
{
	for (size_t i = 0; i < labels->count; i++)
		if (labels->items[i].key.bytes && !is_label_key(&labels->items[i].key))
			refuse_key(&labels->items[i].key, "labels", diagnostics);
}

/* As those of labels, in any case of letters. */
static void check_annotation_keys(const struct policy_label_list *annotations, struct diagnostics *diagnostics)
{
	for (size_t i = 0; i < annotations->count; i++) {
		struct text key = annotations->items[i].key;
		char *lower;

		if (!key.bytes)
			continue;
		lower = arena_copy(diagnostics->arena, key.bytes, key.length);
		for (size_t n = 0; n < key.length; n++)
			lower[n] = (char)tolower((unsigned char)key.bytes[n]);
		key.bytes = lower;
		if (!is_label_key(&key))
			refuse_key(&annotations->items[i].key, "annotations", diagnostics);
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
	bool is_namespaced = policy_is_namespaced(policy);

	bool is_given = namespace->bytes && namespace->length;	/* "" is none */

	if (is_given && !is_namespaced) {
		diag(diagnostics, DIAG_NAMESPACE, namespace->at, "a TracingPolicy has no namespace");
		diag_help(diagnostics, "remove it, or make the kind TracingPolicyNamespaced");
	} else if (is_namespaced && !is_given && policy->name.bytes) {
		diag(diagnostics, DIAG_NAMESPACE, policy->name.at, "a TracingPolicyNamespaced needs a namespace");
		diag_help(diagnostics, "add 'namespace' to metadata");
	} else if (is_namespaced && is_given && !is_label_word(namespace)) {
		diag(diagnostics, DIAG_NAMESPACE, namespace->at, "'%s' is not a valid namespace", namespace->bytes);
		diag_help(diagnostics, "lower-case letters, digits and '-', at most %d bytes", LIMIT_LABEL_BYTES);
	}
}

/* ---- What Kubernetes sets ---- */

/* Digits as in the pattern, where 0 stands for any; everything else as it is there. */
static bool has_form(const char *bytes, const char *pattern)
{
	for (; *pattern; bytes++, pattern++)
		if (*pattern == '0' ? !isdigit((unsigned char)*bytes) : *bytes != *pattern)
			return false;
	return true;
}

static unsigned two_digits(const char *bytes)
{
	return (unsigned)(bytes[0] - '0') * 10 + (unsigned)(bytes[1] - '0');
}

static bool is_date(const char *bytes)
{
	static const unsigned char days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	unsigned year = two_digits(bytes) * 100 + two_digits(bytes + 2);
	unsigned month = two_digits(bytes + 5), day = two_digits(bytes + 8);
	bool is_leap = year % 4 == 0 && (year % 100 || year % 400 == 0);

	return month >= 1 && month <= 12 && day >= 1 && day <= days[month - 1] + (unsigned)(month == 2 && is_leap);
}

/* RFC 3339. */
static bool is_time(const struct text *text)
{
	const char *bytes = text->bytes;

	if (strlen(bytes) != text->length || !has_form(bytes, "0000-00-00T00:00:00") || !is_date(bytes) ||
	    two_digits(bytes + 11) > 23 || two_digits(bytes + 14) > 59 || two_digits(bytes + 17) > 59)
		return false;
	bytes += strlen("0000-00-00T00:00:00");
	if (has_form(bytes, ".0"))
		bytes += 1 + strspn(bytes + 1, "0123456789");
	if (!strcmp(bytes, "Z"))
		return true;
	return (*bytes == '+' || *bytes == '-') && has_form(bytes + 1, "00:00") && strlen(bytes) == strlen("+00:00") &&
		two_digits(bytes + 1) <= 24 && two_digits(bytes + 4) <= 60;
}

static void check_time(const struct text *text, const char *key, struct diagnostics *diagnostics)
{
	if (!text->bytes || is_time(text))
		return;
	diag(diagnostics, DIAG_SERVER_METADATA, text->at, "'%s' is no time, as 2024-05-01T10:00:00Z is", key);
	diag_help(diagnostics, "remove it: Kubernetes sets it");
}

static bool is_group_version(const struct text *version)
{
	const char *slash = version->length ? memchr(version->bytes, '/', version->length) : NULL;
	size_t left = slash ? version->length - (size_t)(slash + 1 - version->bytes) : 0;

	return version->length && (!slash || (slash != version->bytes && left && !memchr(slash + 1, '/', left)));
}

static void refuse_empty(const struct text *text, const char *key, struct diagnostics *diagnostics)
{
	if (text->bytes && !text->length)
		diag(diagnostics, DIAG_SERVER_METADATA, text->at, "'%s' of an owner is empty", key);
}

static void check_owners(const struct policy_owner_list *owners, struct diagnostics *diagnostics)
{
	const struct policy_owner *controller = NULL;

	for (size_t i = 0; i < owners->count; i++) {
		const struct policy_owner *owner = &owners->items[i];

		refuse_empty(&owner->kind, "kind", diagnostics);
		refuse_empty(&owner->name, "name", diagnostics);
		refuse_empty(&owner->uid, "uid", diagnostics);
		if (owner->api_version.bytes && !is_group_version(&owner->api_version))
			diag(diagnostics, DIAG_SERVER_METADATA, owner->api_version.at, "'%.64s' is not a group and version",
				owner->api_version.bytes);
		if (owner->controller && controller) {
			diag(diagnostics, DIAG_SERVER_METADATA, owner->controller_at, "two owners are the controller");
			diag_related(diagnostics, controller->controller_at, "the first");
		}
		if (owner->controller)
			controller = owner;
	}
}

static void check_finalizers(const struct text_list *finalizers, struct diagnostics *diagnostics)
{
	for (size_t i = 0; i < finalizers->count; i++)
		if (finalizers->items[i].bytes && !is_label_key(&finalizers->items[i]))
			diag(diagnostics, DIAG_SERVER_METADATA, finalizers->items[i].at, "'%.64s' is not a valid finalizer",
				finalizers->items[i].bytes);
}

static void check_managed_fields(const struct policy_managed_fields_list *list, struct diagnostics *diagnostics)
{
	for (size_t i = 0; i < list->count; i++) {
		const struct policy_managed_fields *entry = &list->items[i];
		const struct text *operation = &entry->operation;

		if (!entry->broken && (!operation->bytes || words_find("Apply|Update", operation->bytes, operation->length) < 0))
			diag(diagnostics, DIAG_SERVER_METADATA, operation->bytes ? operation->at : entry->at,
				"'operation' must be Apply or Update");
		if (entry->fields_type.length && strcmp(entry->fields_type.bytes, "FieldsV1"))
			diag(diagnostics, DIAG_SERVER_METADATA, entry->fields_type.at, "'fieldsType' must be FieldsV1");
		check_time(&entry->time, "time", diagnostics);
		if (entry->manager.length > LIMIT_MANAGER_BYTES)
			diag(diagnostics, DIAG_SERVER_METADATA, entry->manager.at, "'manager' has %zu bytes, and may have %d",
				entry->manager.length, LIMIT_MANAGER_BYTES);
	}
}

void check_metadata(const struct policy *policy, struct diagnostics *diagnostics)
{
	check_name(&policy->name, diagnostics);
	check_namespace(policy, diagnostics);
	check_label_keys(&policy->labels, diagnostics);
	check_annotation_keys(&policy->annotations, diagnostics);
	check_label_values(&policy->labels, diagnostics);
	check_annotations_size(policy, diagnostics);
	check_time(&policy->created, "creationTimestamp", diagnostics);
	check_time(&policy->deleted, "deletionTimestamp", diagnostics);
	check_owners(&policy->owners, diagnostics);
	check_finalizers(&policy->finalizers, diagnostics);
	check_managed_fields(&policy->managed_fields, diagnostics);
}
