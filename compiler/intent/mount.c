// SPDX-License-Identifier: Apache-2.0
/* mount.c - namespaces, and what is mounted in them; see rule.h. */
#include <stdio.h>

#include "compiler/intent/rule.h"

/* ---- Namespaces: int userns_create(cred), 6.1; of others no LSM hook is asked ---- */

enum { NAMESPACE_CREATE, NAMESPACE_ENTER };
enum { NAMESPACE_USER };

/* linux/sched.h, and the functions that setns() calls for a namespace of the type (struct proc_ns_operations). */
static const struct { uint64_t flag; const char *enter; } namespace_rows[] = {	/* by the words of INTENT_NAMESPACE_TYPES */
	{ 0x10000000, "userns_install" }, { 0x20000, "mntns_install" }, { 0x20000000, "pidns_install" }, { 0x40000000, "netns_install" },
	{ 0x4000000, "utsns_install" }, { 0x8000000, "ipcns_install" }, { 0x2000000, "cgroupns_install" }, { 0x80, "timens_install" },
};

/* Functions that programs cannot make fail: who is killed there does not get to use what it has asked for. */
static bool can_watch(struct rule *rule, struct span at, const char *what)
{
	const enum intent_effect effect = rule->written->effect;

	if (effect == INTENT_AUDIT || effect == INTENT_KILL)
		return true;
	refuse_operation(rule, at, what, "it can be told of, or who does it killed: effect: audit, or kill; to deny it deny capability SYS_ADMIN");
	return false;
}

static void add_user_namespace(struct rule *rule, struct span at)
{
	struct probe *probe = rule_add_probe(rule, HOOK_LSM, "userns_create", "create", at);

	probe_add_argument(probe, 0, TYPE_UINT32, "uid.val", NULL);
	probe->matches.everything = true;
}

/*
 * By fork or unshare, both of which have the flags first.  unshare_nsproxy_namespaces() would tell the same, but has a pointer to a pointer behind them, and
 * 5.10 lets no program be attached by a trampoline that may read it.
 */
static void add_creation(struct rule *rule, const struct word_list *types, struct span at)
{
	static const char *const functions[] = { "copy_namespaces", "ksys_unshare" };
	uint64_t flags = 0;
	char mask[24];

	for (size_t n = 0; n < types->count; n++) {
		const struct word *type = &types->items[n];

		if (type->number == NAMESPACE_USER)
			add_user_namespace(rule, at);
		else if (can_watch(rule, type->at, "namespaces of other types than user"))
			flags |= namespace_rows[type->number].flag;
	}
	snprintf(mask, sizeof(mask), "0x%llx", (unsigned long long)flags);
	for (size_t n = 0; n < sizeof(functions) / sizeof(*functions) && flags; n++) {
		struct probe *probe = rule_add_probe(rule, HOOK_KPROBE, functions[n], "create", at);

		alternative_add(rule, &probe->condition, probe_add_argument(probe, 0, TYPE_UINT64, NULL, NULL), OPERATOR_MASK,
			value_made(rule, at, mask), at);
		probe->matches.everything = true;
	}
}

static void add_entering(struct rule *rule, const struct word_list *types, struct span at)
{
	if (!can_watch(rule, at, "entering a namespace"))
		return;
	for (size_t n = 0; n < types->count; n++)
		rule_add_probe(rule, HOOK_KPROBE, namespace_rows[types->items[n].number].enter, "enter", at)->matches.everything = true;
}

void namespaces_lower(struct rule *rule)
{
	const struct intent_namespaces *namespaces = rule->written->match.namespaces;

	refuse_empty(rule, namespaces->ops_at, namespaces->ops.count);
	refuse_empty(rule, namespaces->types_at, namespaces->types.count);
	for (size_t n = 0; n < namespaces->ops.count; n++) {
		const struct word *op = &namespaces->ops.items[n];

		if (op->number == NAMESPACE_CREATE)
			add_creation(rule, &namespaces->types, op->at);
		else
			add_entering(rule, &namespaces->types, op->at);
	}
}

/* ---- Mounts ---- */

enum { MOUNT_MOUNT, MOUNT_MOVE, MOUNT_UMOUNT, MOUNT_PIVOT_ROOT };

static const struct mount_row {
	const char *word, *hook;
	uint32_t index;			/* of the path */
	int type_index;			/* of the file system's name; -1: it is not told */
	const char *type_resolve;	/* of that argument, or NULL */
} mount_rows[] = {
	[MOUNT_MOUNT] = { "mount", "sb_mount", 1, 2, NULL },		/* (device, path, type, flags, data) */
	[MOUNT_MOVE] = { "move", "move_mount", 1, -1, NULL },		/* (from, to) */
	[MOUNT_UMOUNT] = { "umount", "sb_umount", 0, 0, "mnt_sb.s_type.name" },	/* (mount, flags) */
	[MOUNT_PIVOT_ROOT] = { "pivotRoot", "sb_pivotroot", 1, -1, NULL },	/* (old, new) */
};

static void refuse_for_tetragon(struct rule *rule, const struct intent_mount *mount)
{
	diag(rule->diagnostics, DIAG_NOT_EMITTED, mount->paths_at, "Tetragon has no type for what is unmounted, and so no path");
	diag_help(rule->diagnostics, "leave the operation to tetra apply, or go by 'fstypes' alone");
}

/* Of umount the hook has the mount itself, which no type of Tetragon reads. */
static size_t add_place(struct rule *rule, struct probe *probe)
{
	const bool is_mount = probe->number == MOUNT_UMOUNT;
	size_t place;

	if (is_mount && rule->for_tetragon)
		return SIZE_MAX;
	place = probe_add_argument(probe, mount_rows[probe->number].index, TYPE_PATH, NULL, NULL);
	probe->arguments[place].mount = is_mount;
	return place;
}

static void add_mount(struct rule *rule, const struct intent_mount *mount, const struct word *op)
{
	const struct mount_row *row = &mount_rows[op->number];
	struct probe *probe;
	size_t place = 0;

	if (mount->types.count && row->type_index < 0) {
		refuse_operation(rule, mount->types_at, row->word, "the type is known of 'mount' and 'umount' alone");
		return;
	}
	probe = rule_add_probe(rule, HOOK_LSM, row->hook, row->word, op->at);
	probe->number = op->number;
	probe->path.path = add_place(rule, probe);
	if (mount->types.count || op->number == MOUNT_UMOUNT)
		place = probe_add_argument(probe, (uint32_t)row->type_index, TYPE_STRING, row->type_resolve, NULL);
	if (mount->types.count)
		alternative_add(rule, &probe->condition, place, OPERATOR_EQUAL, values_expand(rule, &mount->types), mount->types_at);
	if (mount->paths && probe->path.path == SIZE_MAX)
		refuse_for_tetragon(rule, mount);
	else if (mount->paths)
		paths_match(rule, mount->paths, probe->path, row->word, &probe->matches, &probe->exceptions);
	else
		probe->matches.everything = true;
}

void mount_lower(struct rule *rule)
{
	const struct intent_mount *mount = rule->written->match.mount;

	refuse_empty(rule, mount->ops_at, mount->ops.count);
	for (size_t n = 0; n < mount->ops.count; n++)
		add_mount(rule, mount, &mount->ops.items[n]);
}

bool mount_excepts(struct rule *rule, const struct probe *probe, const struct intent_match *match, struct alternatives *ret)
{
	const struct intent_mount *mount = match->mount;
	const struct mount_row *row = &mount_rows[probe->number];

	if (!words_have(&mount->ops, probe->number))
		return false;
	if (mount->paths && probe->path.path == SIZE_MAX)
		refuse_for_tetragon(rule, mount);
	else if (mount->paths)
		paths_except(rule, mount->paths, probe->path, ret);
	if (mount->types.count && row->type_index < 0)
		refuse_operation(rule, mount->types_at, row->word, "the type is known of 'mount' and 'umount' alone");
	else if (mount->types.count)
		alternatives_add_all(rule, ret, rule_place(rule, probe, (uint32_t)row->type_index, TYPE_STRING, row->type_resolve), OPERATOR_EQUAL,
			values_expand(rule, &mount->types), mount->types_at);
	return true;
}
