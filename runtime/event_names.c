// SPDX-License-Identifier: Apache-2.0
/* event_names.c - see event_names.h. */
#include "runtime/event_names.h"

#include <stdio.h>
#include <string.h>

#include "runtime/event_structures.h"

void event_names_begin(struct event_names *names, const struct users *users, const struct users *groups)
{
	names->users.names = users;
	names->groups.names = groups;
	names->users.count = names->groups.count = 0;
}

static void add(struct event_ids *ids, uint32_t id)
{
	if (!ids->names || !users_name(ids->names, id) || ids->count == EVENT_NAMES_MAX)
		return;
	for (size_t n = 0; n < ids->count; n++)
		if (ids->ids[n] == id)
			return;
	ids->ids[ids->count++] = id;
}

static void add_namespace(struct event_names *names, const struct abi_user_namespace *namespace)
{
	add(&names->users, namespace->owner);
	add(&names->groups, namespace->group);
}

static void add_credentials(struct event_names *names, const struct abi_cred *cred)
{
	const uint32_t users[] = { cred->uid, cred->euid, cred->suid, cred->fsuid };
	const uint32_t groups[] = { cred->gid, cred->egid, cred->sgid, cred->fsgid };

	for (size_t n = 0; n < sizeof(users) / sizeof(*users); n++) {
		add(&names->users, users[n]);
		add(&names->groups, groups[n]);
	}
	add_namespace(names, &cred->user_namespace);
}

void event_names_add(struct event_names *names, enum type_id type, const struct event_slot *slot)
{
	struct abi_user_namespace namespace;
	struct abi_cred cred;

	if (type_rows[type].load == ABI_LOAD_CRED && event_structure(slot, &cred, sizeof(cred)))
		add_credentials(names, &cred);
	else if (type_rows[type].load == ABI_LOAD_USER_NAMESPACE && event_structure(slot, &namespace, sizeof(namespace)))
		add_namespace(names, &namespace);
}

static void key_ids(struct json *json, const char *key, const struct event_ids *ids)
{
	if (!ids->count)
		return;
	json_key(json, key);
	json_begin_object(json);
	for (size_t n = 0; n < ids->count; n++) {
		const char *name = users_name(ids->names, ids->ids[n]);
		char id[16];

		snprintf(id, sizeof(id), "%u", ids->ids[n]);
		json_key(json, id);
		json_bytes(json, name, strlen(name));
	}
	json_end_object(json);
}

void event_names_json(struct json *json, const struct event_names *names)
{
	key_ids(json, "users", &names->users);
	key_ids(json, "groups", &names->groups);
}
