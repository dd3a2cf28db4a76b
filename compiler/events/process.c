// SPDX-License-Identifier: Apache-2.0
/* process.c - the process of an event, its ancestors, its namespaces and capabilities; see reading.h. */
#include "compiler/events/reading.h"

#include <errno.h>
#include <string.h>

#include "schema/names.h"

/* By word of NAMESPACE, as Tetragon writes them and as policies do. */
static const char *const namespace_keys[ABI_NAMESPACES] = {
	"uts", "ipc", "mnt", "pid", "pid_for_children", "net", "time", "time_for_children", "cgroup", "user",
};
static const char *const namespace_words[ABI_NAMESPACES] = {
	"Uts", "Ipc", "Mnt", "Pid", "PidForChildren", "Net", "Time", "TimeForChildren", "Cgroup", "User",
};
/* By word of CAPABILITY_SET. */
enum { CAPABILITY_SETS = 3 };
static const char *const set_keys[CAPABILITY_SETS] = { "effective", "inheritable", "permitted" };

/* ---- Who ---- */

/* What is read of a process: members of it, mostly in this order. */
enum process_part { PROCESS_PID, PROCESS_BINARY, PROCESS_FLAGS, PROCESS_POD, PROCESS_CAPABILITIES, PROCESS_NAMESPACES, PROCESS_PARTS };
static const char *const process_keys[PROCESS_PARTS] = { "pid", "binary", "flags", "pod", "cap", "ns" };

static int read_kin(struct reading *reading, struct json_object *const *parts, struct event_kin *ret)
{
	const char *flags = peek_text(parts[PROCESS_FLAGS]);
	uint64_t number = 0;

	clear_kin(ret);
	if (parts[PROCESS_PID] && (!read_number(parts[PROCESS_PID], &number) || number > UINT32_MAX))
		return refuse(reading, "the pid of the process is not valid");
	ret->pid = (struct event_fact){ parts[PROCESS_PID], number };
	if (parts[PROCESS_BINARY] && !read_bytes(reading, parts[PROCESS_BINARY], &ret->binary))
		return refuse(reading, "the binary of the process is not a string");
	if (flags && strstr(flags, "truncFilename"))
		ret->binary.cut = EVENT_CUT_END;
	return 0;
}

static int read_relative(struct reading *reading, struct json_object *process, struct event_kin *ret)
{
	struct json_object *parts[PROCESS_PARTS];

	members(process, process_keys, PROCESS_PARTS, parts);
	return read_kin(reading, parts, ret);
}

static int read_ancestors(struct reading *reading, struct json_object *list, struct event_sample *ret)
{
	size_t count = json_object_is_type(list, json_type_array) ? json_object_array_length(list) : 0;

	if (!json_object_is_type(list, json_type_array))
		return refuse(reading, "'ancestors' is not a list");
	if (count > EVENT_KIN_MAX - 2)
		return refuse(reading, "there are too many ancestors");
	if (count && ret->kin_count < 2)	/* of the parent nothing is said */
		ret->kin[ret->kin_count++] = (struct event_kin){ 0 };
	for (size_t n = 0; n < count; n++)
		if (read_relative(reading, json_object_array_get_idx(list, n), &ret->kin[ret->kin_count++]))
			return -EINVAL;
	return 0;
}

/* ---- Namespaces ---- */

/* As Tetragon writes them: then no member is compared with more than one key. */
enum namespace_part { NAMESPACE_INODE, NAMESPACE_IS_HOST, NAMESPACE_PARTS };
static const char *const namespace_parts[NAMESPACE_PARTS] = { "inum", "is_host" };

/* Inode number 0, or none: left out. */
static int read_namespace(struct reading *reading, struct json_object *object, struct event_fact *inode, struct event_fact *is_host)
{
	struct lh_table *table = json_object_get_object(object);
	bool valid = table, said = false, host = false;
	struct lh_entry *entry;
	uint64_t number = 0;
	size_t next = 0;

	if (!valid)
		return refuse(reading, "a namespace of the process is not valid");
	lh_foreach (table, entry) {
		struct json_object *value = (struct json_object *)lh_entry_v(entry);
		int part = find_word(namespace_parts, NAMESPACE_PARTS, lh_entry_k(entry), &next);

		if (part == NAMESPACE_INODE) {
			valid = read_number(value, &number) && number <= UINT32_MAX;
		} else if (part == NAMESPACE_IS_HOST) {
			said = true;
			host = json_object_get_boolean(value);
		}
	}
	*inode = (struct event_fact){ number, number };
	*is_host = (struct event_fact){ number || said, host };
	return valid ? 0 : refuse(reading, "a namespace of the process is not valid");
}

static int read_namespaces(struct reading *reading, struct json_object *object, struct event_fact *inodes,
			   struct event_fact *is_host)
{
	size_t next = 0;

	if (!json_object_is_type(object, json_type_object))
		return refuse(reading, "the namespaces of the process are not an object");
	json_object_object_foreach(object, key, value) {
		int n = find_word(namespace_keys, ABI_NAMESPACES, key, &next);

		if (n >= 0 && read_namespace(reading, value, &inodes[n], &is_host[n]))
			return -EINVAL;
	}
	return 0;
}

/* ---- Capabilities ---- */

/* Events that others write may spell it as the kernel does. */
static const struct named *find_name(const char *name, size_t length)
{
	static const char kernel_name[] = "CAP_DAC_OVERRIDE";
	const size_t prefix = strlen("CAP_");

	if (length == strlen(kernel_name) && !memcmp(name, kernel_name, length))
		return name_find(NAMES_CAPABILITIES, name + prefix, length - prefix);
	return name_find(NAMES_CAPABILITIES, name, length);
}

/* Only strings have a length here.  Names mostly come in the order of the bits: the first look is at `next`, behind the last one. */
static const struct named *find_capability(const struct named *next, const struct named *end, struct json_object *name)
{
	const size_t length = (size_t)json_object_get_string_len(name);

	if (next < end && next->length == length && same_bytes(next->name, json_object_get_string(name), length))
		return next;
	return length ? find_name(json_object_get_string(name), length) : NULL;
}

/* A set with a capability that this tetra does not know is not known. */
static int read_set(struct reading *reading, struct json_object *value, struct event_fact *ret)
{
	const struct named *next = name_sets[NAMES_CAPABILITIES].names, *end = next + name_sets[NAMES_CAPABILITIES].count;
	const struct array_list *list = json_object_get_array(value);
	uint64_t bits = 0;
	bool known = true;

	if (!list)
		return refuse(reading, "a set of capabilities is not a list");
	for (size_t n = 0, count = list->length; n < count; n++) {
		const struct named *named = find_capability(next, end, list->array[n]);

		if (named) {
			bits |= 1ULL << named->number;
			next = named + 1;
			continue;
		}
		if (!json_object_is_type(list->array[n], json_type_string))
			return refuse(reading, "a capability is not a name");
		known = false;
	}
	*ret = (struct event_fact){ known, bits };
	return 0;
}

/* A set that is not there is empty, as Tetragon writes it; not in an event that leaves nothing out. */
static int read_sets(struct reading *reading, struct json_object *object, struct event_fact *sets)
{
	if (!json_object_is_type(object, json_type_object))
		return refuse(reading, "the capabilities of the process are not an object");
	for (int n = 0; n < CAPABILITY_SETS; n++) {
		struct json_object *list = member(object, set_keys[n]);

		if (list && read_set(reading, list, &sets[n]))
			return -EINVAL;
		if (!list)
			sets[n] = (struct event_fact){ !reading->exact, 0 };
	}
	return 0;
}

/* ---- The process ---- */

static int read_process(struct reading *reading, struct json_object *process, struct event_sample *ret)
{
	struct json_object *parts[PROCESS_PARTS];

	members(process, process_keys, PROCESS_PARTS, parts);
	if (read_kin(reading, parts, &ret->kin[0]))
		return -EINVAL;
	if (parts[PROCESS_NAMESPACES] &&
	    read_namespaces(reading, parts[PROCESS_NAMESPACES], ret->namespaces, ret->in_host_namespace))
		return -EINVAL;
	if (parts[PROCESS_CAPABILITIES] && read_sets(reading, parts[PROCESS_CAPABILITIES], ret->capabilities))
		return -EINVAL;
	return parts[PROCESS_POD] ? read_pod(reading, parts[PROCESS_POD], &ret->workload) : 0;
}

int read_processes(struct reading *reading, struct json_object *process, struct json_object *parent,
		   struct json_object *ancestors, struct event_sample *ret)
{
	if (process && read_process(reading, process, ret))
		return -EINVAL;
	if (parent && read_relative(reading, parent, &ret->kin[ret->kin_count++]))
		return -EINVAL;
	return ancestors ? read_ancestors(reading, ancestors, ret) : 0;
}

/* ---- What Tetragon does not say ---- */

static int read_changed_namespaces(struct reading *reading, struct json_object *list, struct event_fact *ret)
{
	size_t next = 0;

	*ret = (struct event_fact){ true, 0 };
	if (!json_object_is_type(list, json_type_array))
		return refuse(reading, "'namespace_changes' is not a list");
	for (size_t n = 0; n < json_object_array_length(list); n++) {
		struct json_object *word = json_object_array_get_idx(list, n);
		int found = json_object_is_type(word, json_type_string) ?
			find_word(namespace_words, ABI_NAMESPACES, json_object_get_string(word), &next) : -1;

		if (found < 0)
			return refuse(reading, "'namespace_changes' lists something that is not a namespace: Uts, Ipc, Mnt, ...");
		ret->number |= 1ULL << found;
	}
	return 0;
}

/* The namespaces at exec: what changed is known when all of them are, then and now. */
static int read_exec_namespaces(struct reading *reading, struct json_object *object, struct event_sample *ret)
{
	struct event_fact inodes[ABI_NAMESPACES] = { { 0 } }, is_host[ABI_NAMESPACES];
	struct event_fact changes = { true, 0 };

	if (read_namespaces(reading, object, inodes, is_host))
		return -EINVAL;
	for (unsigned n = 0; n < ABI_NAMESPACES; n++) {
		changes.known &= inodes[n].known && ret->namespaces[n].known;
		changes.number |= (uint64_t)(inodes[n].number != ret->namespaces[n].number) << n;
	}
	ret->namespace_changes = changes;
	return 0;
}

static int read_exec_sets(struct reading *reading, struct json_object *object, struct event_sample *ret)
{
	struct event_fact sets[CAPABILITY_SETS] = { { 0 } };

	if (read_sets(reading, object, sets))
		return -EINVAL;
	for (int n = 0; n < CAPABILITY_SETS; n++)
		ret->capability_changes[n] = (struct event_fact){
			sets[n].known && ret->capabilities[n].known, sets[n].number ^ ret->capabilities[n].number,
		};
	return 0;
}

/* Of the parent and on; null: not known. */
static int read_namespace_pids(struct reading *reading, struct json_object *list, struct event_sample *ret)
{
	size_t count = json_object_is_type(list, json_type_array) ? json_object_array_length(list) : 0;

	if (!json_object_is_type(list, json_type_array))
		return refuse(reading, "'ancestor_namespace_pids' is not a list");
	if (count > EVENT_KIN_MAX - 1)
		return refuse(reading, "there are too many ancestors");
	for (size_t n = 0; n < count; n++) {
		struct json_object *value = json_object_array_get_idx(list, n);
		uint64_t number = 0;

		if (value && (!read_number(value, &number) || number > UINT32_MAX))
			return refuse(reading, "a pid of 'ancestor_namespace_pids' is not valid");
		if (n + 1 == ret->kin_count)
			ret->kin[ret->kin_count++] = (struct event_kin){ 0 };
		ret->kin[n + 1].namespace_pid = (struct event_fact){ value, number };
	}
	return 0;
}

static int read_namespace_pid(struct reading *reading, struct json_object *value, struct event_sample *ret)
{
	uint64_t number;

	if (!read_number(value, &number) || number > UINT32_MAX)
		return refuse(reading, "'namespace_pid' is not valid");
	ret->kin[0].namespace_pid = (struct event_fact){ true, number };
	return 0;
}

static int read_complete(struct reading *reading, struct json_object *value, struct event_sample *ret)
{
	if (!json_object_is_type(value, json_type_boolean))
		return refuse(reading, "'ancestors_complete' is neither true nor false");
	ret->kin_complete = json_object_get_boolean(value);
	return 0;
}

static int read_capability_changes(struct reading *reading, struct json_object *object, struct event_sample *ret)
{
	for (int n = 0; n < CAPABILITY_SETS; n++)
		if (member(object, set_keys[n]) && read_set(reading, member(object, set_keys[n]), &ret->capability_changes[n]))
			return -EINVAL;
	return json_object_is_type(object, json_type_object) ? 0 : refuse(reading, "'capability_changes' is not an object");
}

static int read_namespace_changes(struct reading *reading, struct json_object *list, struct event_sample *ret)
{
	return read_changed_namespaces(reading, list, &ret->namespace_changes);
}

static const struct {
	const char *key;
	int (*read)(struct reading *, struct json_object *, struct event_sample *);
} fact_rows[] = {
	{ "exec_ns", read_exec_namespaces }, { "exec_cap", read_exec_sets },
	{ "namespace_changes", read_namespace_changes }, { "capability_changes", read_capability_changes },
	{ "namespace_pid", read_namespace_pid }, { "ancestor_namespace_pids", read_namespace_pids },
	{ "ancestors_complete", read_complete },
};

int read_facts(struct reading *reading, struct json_object *facts, struct event_sample *ret)
{
	if (!json_object_is_type(facts, json_type_object))
		return refuse(reading, "'tetra' is not an object");
	for (size_t n = 0; n < sizeof(fact_rows) / sizeof(*fact_rows); n++) {
		struct json_object *value = member(facts, fact_rows[n].key);

		if (value && fact_rows[n].read(reading, value, ret))
			return -EINVAL;
	}
	return read_whereabouts(reading, facts, &ret->workload);
}
