// SPDX-License-Identifier: Apache-2.0
/* event_fields.c - see event_fields.h. */
#include "runtime/event_fields.h"

#include <string.h>

#include "compiler/base/nearest.h"

enum type {
	TYPE_TEXT, TYPE_NUMBER, TYPE_NUMBER64, TYPE_BOOL, TYPE_TIME, TYPE_BYTES, TYPE_MAP,
	TYPE_ENVELOPE, TYPE_PROCESS_EXEC, TYPE_PROCESS_EXIT, TYPE_PROCESS_KPROBE, TYPE_PROCESS_TRACEPOINT, TYPE_PROCESS_UPROBE,
	TYPE_PROCESS_USDT, TYPE_PROCESS_LSM, TYPE_PROCESS_LOADER, TYPE_RATE_LIMIT_INFO, TYPE_PROCESS, TYPE_USER_RECORD,
	TYPE_ENVIRONMENT_VARIABLE, TYPE_POD, TYPE_CONTAINER, TYPE_IMAGE, TYPE_CAPABILITIES, TYPE_NAMESPACES, TYPE_NAMESPACE,
	TYPE_CREDENTIALS, TYPE_BINARY_PROPERTIES, TYPE_USER_NAMESPACE, TYPE_STACK_ENTRY, TYPE_ARGUMENT, TYPE_TRUNCATED_BYTES,
	TYPE_FILE, TYPE_SKB, TYPE_SOCK, TYPE_SOCKADDR, TYPE_SOCKADDR_UN, TYPE_CAPABILITY, TYPE_MODULE, TYPE_BPF_PROGRAM,
	TYPE_BPF_MAP, TYPE_PERF_EVENT, TYPE_SYSCALL, TYPE_NET_DEVICE, TYPE_ERROR, TYPE_TETRA, TYPE_TETRA_ARGUMENT,
	TYPE_COUNT
};
_Static_assert(TYPE_COUNT <= 64, "a set of types is a word");

static const struct field {
	enum type message;
	const char *key;
	enum type type;
} fields[] = {
#define EVENT_FIELD(message, key, type) { TYPE_##message, key, TYPE_##type },
#include "runtime/event_fields.def"
#undef EVENT_FIELD
};
#define FIELD_COUNT	(sizeof(fields) / sizeof(*fields))

/* A path may begin in the message of any event: what it leads to is a set of types. */
#define type_set	unsigned long long
#define ONE(type)	(1ULL << (type))
static const type_set events = ONE(TYPE_PROCESS_EXEC) | ONE(TYPE_PROCESS_EXIT) | ONE(TYPE_PROCESS_KPROBE) |
	ONE(TYPE_PROCESS_TRACEPOINT) | ONE(TYPE_PROCESS_UPROBE) | ONE(TYPE_PROCESS_USDT) | ONE(TYPE_PROCESS_LSM) |
	ONE(TYPE_PROCESS_LOADER);

static type_set step(type_set from, const char *key, size_t length)
{
	type_set to = from & ONE(TYPE_MAP) ? ONE(TYPE_TEXT) : 0;

	for (size_t n = 0; n < FIELD_COUNT; n++)
		if (from & ONE(fields[n].message) && strlen(fields[n].key) == length && !strncmp(fields[n].key, key, length))
			to |= ONE(fields[n].type);
	return to;
}

static bool is_number(const char *part, size_t length)
{
	return length && strspn(part, "0123456789") >= length;
}

static type_set resolve(const char *path, const char **wrong, size_t *length, type_set *before)
{
	type_set at = events | ONE(TYPE_ENVELOPE);

	for (;; path++) {
		*before = at;
		*wrong = path;
		*length = strcspn(path, ".");
		if (!is_number(path, *length))	/* which of the elements */
			at = step(at, path, *length);
		path += *length;
		if (!at || !*path)
			return at;
	}
}

bool event_field_is_known(const char *path, const char **wrong, size_t *length, const char **nearest)
{
	type_set before;
	struct nearest search = { 0 };

	if (resolve(path, wrong, length, &before))
		return true;
	search.name = *wrong;
	search.length = *length;
	for (size_t n = 0; n < FIELD_COUNT; n++)
		if (before & ONE(fields[n].message))
			nearest_try(&search, fields[n].key);
	*nearest = search.best;
	return false;
}

bool event_field_is_value(const char *path)
{
	const char *wrong;
	type_set before;
	size_t length;

	return resolve(path, &wrong, &length, &before) & (ONE(TYPE_MAP) - 1);
}

const char *event_type_name(size_t n)
{
	for (size_t field = 0; field < FIELD_COUNT; field++)
		if (fields[field].message == TYPE_ENVELOPE && events & ONE(fields[field].type) && !n--)
			return fields[field].key;
	return NULL;
}
