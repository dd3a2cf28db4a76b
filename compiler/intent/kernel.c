// SPDX-License-Identifier: Apache-2.0
/* kernel.c - what only those do who may do much: capabilities, modules, BPF, ptrace, credentials, namespaces, mounts; see rule.h. */
#include <stdio.h>
#include <string.h>

#include "compiler/base/nearest.h"
#include "compiler/intent/rule.h"

void refuse_operation(struct rule *rule, struct span at, const char *word, const char *help)
{
	diag(rule->diagnostics, DIAG_NOT_LOWERABLE, at, "there is no hook for '%s' here", word);
	diag_help(rule->diagnostics, "%s", help);
}

void refuse_excepted(struct rule *rule, struct span at, const char *key, const char *why, const char *help)
{
	diag(rule->diagnostics, DIAG_NOT_LOWERABLE, at, "'%s' says nothing in an exception: %s", key, why);
	diag_help(rule->diagnostics, "%s", help);
}

void refuse_empty(struct rule *rule, struct span at, size_t count)
{
	if (count)
		return;
	diag(rule->diagnostics, DIAG_INTENT_EMPTY, at, "nothing is named here");
	diag_help(rule->diagnostics, "name what is meant");
}

/* ---- Names for numbers ---- */

static const struct named *find(enum name_set set, const struct text *text, const char *prefix)
{
	char name[64];
	size_t length = strlen(prefix);
	const struct named *found = name_find(set, text->bytes, text->length);

	if (found || length + text->length >= sizeof(name))
		return found;
	memcpy(name, prefix, length);
	for (size_t n = 0; n < text->length; n++)
		name[length++] = text->bytes[n] >= 'a' && text->bytes[n] <= 'z' ? (char)(text->bytes[n] - 'a' + 'A') : text->bytes[n];
	found = name_find(set, name, length);
	if (!found && !strcmp(text->bytes, "attach"))
		return name_find(set, "BPF_PROG_ATTACH", strlen("BPF_PROG_ATTACH"));
	if (!found && !strncmp(text->bytes, prefix, strlen(prefix)))	/* one of the table has no prefix */
		found = name_find(set, text->bytes + strlen(prefix), text->length - strlen(prefix));
	return found;
}

static void refuse_name(struct rule *rule, const struct text *text, enum name_set set)
{
	struct nearest nearest = { .name = text->bytes, .length = text->length };

	for (size_t n = 0; n < name_sets[set].count; n++)
		nearest_try(&nearest, name_sets[set].names[n].name);
	diag(rule->diagnostics, DIAG_UNKNOWN_VALUE, text->at, "there is no %s '%.48s'", name_sets[set].noun, text->bytes);
	if (nearest.best)
		diag_nearest(rule->diagnostics, &nearest);
}

struct policy_value_list numbers_of(struct rule *rule, const struct text_list *names, enum name_set set, const char *prefix)
{
	struct policy_value_list values = { arena_array(rule->arena, struct policy_value, names->count), 0 };

	for (size_t n = 0; n < names->count; n++) {
		const struct text *text = &names->items[n];
		const struct named *found = find(set, text, prefix);

		if (found)
			values.items[values.count++].text = text_made(rule, text->at, "%u", found->number);
		else
			refuse_name(rule, text, set);
	}
	return values;
}

static void match_values(struct rule *rule, struct alternatives *to, size_t place, enum operator_id op,
			 struct policy_value_list values, struct span at)
{
	if (values.count)
		alternative_add(rule, alternatives_add(rule, to, NULL, at), place, op, values, at);
}

/* ---- Capabilities: int capable(cred, ns, cap, opts) ---- */

enum { CAPABILITY_USE, CAPABILITY_GAIN, CAPABILITY_SET };
#define NO_AUDIT "2"	/* CAP_OPT_NOAUDIT: asked without meaning to use it */

static void match_capabilities(struct rule *rule, const struct intent_capability *capability, struct alternatives *to)
{
	match_values(rule, to, 0, OPERATOR_IN_MAP, numbers_of(rule, &capability->names, NAMES_CAPABILITIES, "CAP_"), capability->names_at);
}

static void add_capable(struct rule *rule, const struct intent_capability *capability, struct span at)
{
	struct probe *probe = rule_add_probe(rule, HOOK_LSM, "capable", "use", at);
	size_t options;

	probe->number = CAPABILITY_USE;
	probe_add_argument(probe, 2, TYPE_INT, NULL, NULL);
	match_capabilities(rule, capability, &probe->matches);
	if (!capability->ignore_probes)
		return;
	if (rule->written->effect != INTENT_AUDIT) {
		diag(rule->diagnostics, DIAG_NOT_LOWERABLE, capability->ignore_probes_at, "'ignoreProbes' is for 'effect: audit'");
		diag_help(rule->diagnostics, "the kernel grants what is asked so, too: a rule that denies would have a hole");
		return;
	}
	options = probe_add_argument(probe, 3, TYPE_UINT32, NULL, NULL);
	match_values(rule, &probe->exceptions, options, OPERATOR_EQUAL, value_made(rule, capability->ignore_probes_at, NO_AUDIT),
		capability->ignore_probes_at);
}

/* What a process gets: sets of capabilities have a bit for each, and each is asked for alone, with those who have not had it. */
static void add_gain(struct rule *rule, const struct named *name, const struct word *op)
{
	const bool is_gain = op->number == CAPABILITY_GAIN;
	const char *said = arena_format(rule->arena, "%s %s", is_gain ? "gain" : "set", name->name);
	struct probe *probe = rule_add_probe(rule, HOOK_LSM, is_gain ? "bprm_creds_from_file" : "capset", said, op->at);
	char bit[24];
	size_t place;

	snprintf(bit, sizeof(bit), "0x%llx", 1ULL << name->number);
	if (is_gain) {	/* int bprm_creds_from_file(bprm, file), behind the kernel's own, which has set them */
		place = probe_add_argument(probe, 0, TYPE_CAP_EFFECTIVE, "cred.cap_effective", NULL);
		probe_add_argument(probe, 1, TYPE_FILE, NULL, NULL);
		probe->never_function = "what a program is given is not known yet where the function behind the hook begins";
	} else {	/* int capset(new, old, effective, inheritable, permitted) */
		place = probe_add_argument(probe, 2, TYPE_CAP_EFFECTIVE, NULL, NULL);
	}
	probe->number = op->number;
	probe->lacks = name->name;
	alternative_add(rule, &probe->condition, place, OPERATOR_MASK, value_made(rule, op->at, bit), op->at);
	probe->matches.everything = true;
}

/* Whether some scope takes arguments of the current task: which a TracingPolicy has at functions alone. */
static bool asks_task(const struct rule *rule)
{
	const struct intent_exception_list *exceptions = &rule->written->exceptions;

	for (size_t n = 0; n < exceptions->count; n++)
		if (scope_asks_task(exceptions->items[n].scope))
			return true;
	return scope_asks_task(rule->written->scope) || scope_asks_task(rule->intent->scope);
}

static bool refuse_task(struct rule *rule, const struct word *op, const char *why)
{
	if (!rule->for_tetragon || !asks_task(rule))
		return false;
	diag(rule->diagnostics, DIAG_NOT_EMITTED, op->at, "%s", why);
	diag_help(rule->diagnostics, "leave 'users' and 'cgroups' out, or the operation to tetra apply");
	return true;
}

static void add_gains(struct rule *rule, const struct intent_capability *capability, const struct word *op)
{
	if (rule->written->effect == INTENT_ALLOW_ONLY) {
		refuse_operation(rule, rule->written->effect_at, "allowOnly", "say which capabilities nobody is to get: effect: deny");
		return;
	}
	if (capability->ignore_probes)
		refuse_operation(rule, capability->ignore_probes_at, "ignoreProbes", "it is for ops: [use]");
	if (op->number == CAPABILITY_GAIN &&
	    refuse_task(rule, op, "users and cgroups take the function behind the hook, where it is not known yet what a program is given"))
		return;
	for (size_t n = 0; n < capability->names.count; n++) {
		const struct named *name = find(NAMES_CAPABILITIES, &capability->names.items[n], "CAP_");

		if (name)
			add_gain(rule, name, op);
		else
			refuse_name(rule, &capability->names.items[n], NAMES_CAPABILITIES);
	}
}

void capability_lower(struct rule *rule)
{
	const struct intent_capability *capability = rule->written->match.capability;

	refuse_empty(rule, capability->ops_at, capability->ops.count);
	refuse_empty(rule, capability->names_at, capability->names.count);
	for (size_t n = 0; n < capability->ops.count; n++) {
		const struct word *op = &capability->ops.items[n];

		if (op->number == CAPABILITY_USE)
			add_capable(rule, capability, op->at);
		else
			add_gains(rule, capability, op);
	}
}

bool capability_excepts(struct rule *rule, const struct probe *probe, const struct intent_match *match, struct alternatives *ret)
{
	const struct text_list *names = &match->capability->names;

	if (match->capability->ignore_probes)
		refuse_operation(rule, match->capability->ignore_probes_at, "ignoreProbes", "an exception names capabilities");
	refuse_empty(rule, match->capability->names_at, names->count);
	if (!words_have(&match->capability->ops, probe->number))
		return false;
	if (!probe->lacks) {
		match_capabilities(rule, match->capability, ret);
		return true;
	}
	for (size_t n = 0; n < names->count; n++) {
		const struct named *name = find(NAMES_CAPABILITIES, &names->items[n], "CAP_");

		if (name && !strcmp(name->name, probe->lacks))
			return true;
	}
	return false;
}

/* ---- Modules ---- */

enum { MODULE_LOAD, MODULE_AUTOLOAD, MODULE_UNLOAD };
#define A_MODULE "2"	/* READING_MODULE and LOADING_MODULE of 5.10 and later (kernel_read_file.h) */

/* From a file: int kernel_read_file(file, id, contents); from memory: int kernel_load_data(id, contents). */
static void add_load(struct rule *rule, const struct intent_module *module, struct span at)
{
	struct probe *probe = rule_add_probe(rule, HOOK_LSM, "kernel_read_file", "load", at);
	size_t id;

	probe->number = MODULE_LOAD;
	probe->path.path = probe_add_argument(probe, 0, TYPE_FILE, NULL, NULL);
	id = probe_add_argument(probe, 1, TYPE_INT, NULL, NULL);
	alternative_add(rule, &probe->condition, id, OPERATOR_EQUAL, value_made(rule, at, A_MODULE), at);
	if (module->paths)
		paths_match(rule, module->paths, probe->path, "load", &probe->matches, &probe->exceptions);
	else
		probe->matches.everything = true;
	if (module->paths && rule->written->effect != INTENT_ALLOW_ONLY)
		return;			/* what comes from memory has no path that it could have */
	probe = rule_add_probe(rule, HOOK_LSM, "kernel_load_data", "load", at);
	probe->number = MODULE_LOAD;
	probe->path.path = SIZE_MAX;
	id = probe_add_argument(probe, 0, TYPE_INT, NULL, NULL);
	alternative_add(rule, &probe->condition, id, OPERATOR_EQUAL, value_made(rule, at, A_MODULE), at);
	probe->matches.everything = rule->written->effect != INTENT_ALLOW_ONLY;	/* that allows files, and so nothing here */
}

static struct policy_value_list module_names(struct rule *rule, const struct intent_module *module)
{
	struct policy_value_list names = { arena_array(rule->arena, struct policy_value, module->names.count), module->names.count };

	for (size_t n = 0; n < names.count; n++)
		names.items[n].text = module->names.items[n];
	return values_expand(rule, &names);
}

/* int kernel_module_request(name): in the context of whoever needs it. */
static void add_autoload(struct rule *rule, const struct intent_module *module, struct span at)
{
	struct probe *probe = rule_add_probe(rule, HOOK_LSM, "kernel_module_request", "autoload", at);
	const size_t name = probe_add_argument(probe, 0, TYPE_STRING, NULL, NULL);
	const struct policy_value_list names = module_names(rule, module);

	probe->number = MODULE_AUTOLOAD;
	probe->path.path = SIZE_MAX;
	match_values(rule, &probe->matches, name, OPERATOR_EQUAL, names, module->names_at);
	probe->matches.everything = !names.count;
}

/* The kernel has no hook that could refuse it.  What is told is what was done: module_free(mod). */
static void add_unload(struct rule *rule, const struct intent_module *module, const struct word *op)
{
	struct probe *probe;
	size_t name;

	if (rule->written->effect != INTENT_AUDIT) {
		refuse_operation(rule, op->at, "unload", "it can be told of, by effect: audit; to deny it deny capability SYS_MODULE");
		return;
	}
	if (refuse_task(rule, op, "Tetragon cannot read users and cgroups at a raw tracepoint"))
		return;
	probe = rule_add_probe(rule, HOOK_RAW_TRACEPOINT, "module_free", "unload", op->at);
	probe->subsystem = "module";
	probe->number = MODULE_UNLOAD;
	probe->path.path = SIZE_MAX;
	name = probe_add_argument(probe, 0, TYPE_STRING, "name", NULL);
	match_values(rule, &probe->matches, name, OPERATOR_EQUAL, module_names(rule, module), module->names_at);
	probe->matches.everything = !module->names.count;
}

void module_lower(struct rule *rule)
{
	const struct intent_module *module = rule->written->match.module;

	for (size_t n = 0; n < module->ops.count; n++) {
		const struct word *op = &module->ops.items[n];

		if (op->number == MODULE_LOAD)
			add_load(rule, module, op->at);
		else if (op->number == MODULE_AUTOLOAD)
			add_autoload(rule, module, op->at);
		else
			add_unload(rule, module, op);
	}
	if (!module->ops.count)
		refuse_operation(rule, rule->written->match.module_at, "module", "say what is done: ops: [load, autoload, unload]");
	if (module->names.count && !words_have(&module->ops, MODULE_AUTOLOAD) && !words_have(&module->ops, MODULE_UNLOAD))
		refuse_operation(rule, module->names_at, "names", "they are what the kernel asks for, or what is taken out: ops: [autoload, unload]; files are 'paths'");
	if (module->paths && !words_have(&module->ops, MODULE_LOAD))
		refuse_operation(rule, module->paths_at, "paths", "they are what is loaded: ops: [load]");
}

bool module_excepts(struct rule *rule, const struct probe *probe, const struct intent_match *match, struct alternatives *ret)
{
	const struct intent_module *module = match->module;
	const bool is_meant = !module->ops.count || words_have(&module->ops, probe->number);

	if (!module->paths && !module->names.count && !module->ops.count)
		refuse_empty(rule, module->at, 0);
	if (!is_meant || (!module->paths && !module->names.count))
		return is_meant;
	if (probe->number != MODULE_LOAD) {
		match_values(rule, ret, 0, OPERATOR_EQUAL, module_names(rule, module), module->names_at);
		return module->names.count;
	}
	if (probe->path.path == SIZE_MAX || !module->paths)
		return false;
	paths_except(rule, module->paths, probe->path, ret);
	return true;
}

/* ---- BPF: int bpf(cmd, attr, size) ---- */

void bpf_lower(struct rule *rule)
{
	const struct intent_bpf *bpf = rule->written->match.bpf;
	struct probe *probe = rule_add_probe(rule, HOOK_LSM, "bpf", "bpf", rule->written->match.bpf_at);

	probe_add_argument(probe, 0, TYPE_INT, NULL, NULL);
	if (bpf->commands.count)
		bpf_excepts(rule, probe, &rule->written->match, &probe->matches);
	else
		probe->matches.everything = true;
}

bool bpf_excepts(struct rule *rule, const struct probe *probe, const struct intent_match *match, struct alternatives *ret)
{
	(void)probe;
	refuse_empty(rule, match->bpf->at, match->bpf->commands.count);
	match_values(rule, ret, 0, OPERATOR_IN_MAP, numbers_of(rule, &match->bpf->commands, NAMES_BPF_COMMANDS, "BPF_"),
		match->bpf->commands_at);
	return true;
}

/* ---- ptrace: int ptrace_access_check(child, mode), int ptrace_traceme(parent) ---- */

enum { PTRACE_OP_ATTACH, PTRACE_OP_READ, PTRACE_OP_TRACEME };

static void add_access(struct rule *rule, const char *word, const char *bit, const struct word *op)
{
	struct probe *probe = rule_add_probe(rule, HOOK_LSM, "ptrace_access_check", word, op->at);
	const size_t mode = probe_add_argument(probe, 1, TYPE_UINT32, NULL, NULL);

	probe->number = op->number;
	alternative_add(rule, &probe->condition, mode, OPERATOR_MASK, value_made(rule, op->at, bit), op->at);
	probe->matches.everything = true;
}

/* PTRACE_MODE_ATTACH is 2, and also asked for /proc/PID/mem, process_vm_writev and pidfd_getfd; PTRACE_MODE_READ is 1. */
void ptrace_lower(struct rule *rule)
{
	const struct intent_ptrace *ptrace = rule->written->match.ptrace;

	refuse_empty(rule, ptrace->ops_at, ptrace->ops.count);
	for (size_t n = 0; n < ptrace->ops.count; n++) {
		const struct word *op = &ptrace->ops.items[n];
		struct probe *probe;

		if (op->number != PTRACE_OP_TRACEME) {
			add_access(rule, op->number == PTRACE_OP_ATTACH ? "attach" : "read", op->number == PTRACE_OP_ATTACH ? "0x2" : "0x1", op);
			continue;
		}
		probe = rule_add_probe(rule, HOOK_LSM, "ptrace_traceme", "traceme", op->at);
		probe_add_argument(probe, 0, TYPE_STRING, "comm", NULL);
		probe->number = op->number;
		probe->matches.everything = true;
	}
}

bool ptrace_excepts(struct rule *rule, const struct probe *probe, const struct intent_match *match, struct alternatives *ret)
{
	(void)rule;
	(void)ret;
	return words_have(&match->ptrace->ops, probe->number);
}

/* ---- Credentials: int task_fix_setuid(new, old, flags), and of groups ---- */

enum { CHANGE_UID, CHANGE_GID, CHANGE_CAPS };

static void add_identity(struct rule *rule, struct probe *probe, const struct intent_identity *identity, size_t place)
{
	if (!identity)
		return;
	if (identity->users.count)
		alternative_add(rule, &probe->condition, place, OPERATOR_IN_MAP, values_expand(rule, &identity->users), identity->users_at);
	if (identity->not_users.count)
		alternative_add(rule, &probe->condition, place, OPERATOR_NOT_IN_MAP, values_expand(rule, &identity->not_users),
			identity->not_users_at);
}

static void add_change(struct rule *rule, const char *hook, const char *word, const char *resolve, struct span at)
{
	const struct intent_credentials *credentials = rule->written->match.credentials;
	struct probe *probe = rule_add_probe(rule, HOOK_LSM, hook, word, at);
	const size_t after = probe_add_argument(probe, 0, TYPE_UINT32, resolve, NULL);
	const size_t before = probe_add_argument(probe, 1, TYPE_UINT32, resolve, NULL);

	add_identity(rule, probe, credentials->to, after);
	add_identity(rule, probe, credentials->from, before);
	probe->matches.everything = true;
}

/* int capset(new, old, effective, inheritable, permitted): whatever is asked for. */
static void add_sets(struct rule *rule, const struct word *change)
{
	const struct intent_credentials *credentials = rule->written->match.credentials;
	struct probe *probe;

	if (credentials->to || credentials->from) {
		refuse_operation(rule, credentials->to ? credentials->to_at : credentials->from_at, credentials->to ? "to" : "from",
			"they are about users and groups: write a rule for 'caps' alone");
		return;
	}
	probe = rule_add_probe(rule, HOOK_LSM, "capset", "caps", change->at);
	probe_add_argument(probe, 2, TYPE_CAP_EFFECTIVE, NULL, NULL);
	probe_add_argument(probe, 3, TYPE_CAP_INHERITABLE, NULL, NULL);
	probe_add_argument(probe, 4, TYPE_CAP_PERMITTED, NULL, NULL);
	probe->matches.everything = true;
}

void credentials_lower(struct rule *rule)
{
	const struct intent_credentials *credentials = rule->written->match.credentials;

	if (rule->written->effect == INTENT_ALLOW_ONLY)
		refuse_operation(rule, rule->written->effect_at, "allowOnly", "deny the changes that 'to' and 'from' do not mean: notUid");
	refuse_empty(rule, credentials->change_at, credentials->change.count);
	for (size_t n = 0; n < credentials->change.count; n++) {
		const struct word *change = &credentials->change.items[n];

		if (change->number == CHANGE_UID)
			add_change(rule, "task_fix_setuid", "uid", "euid.val", change->at);
		else if (change->number == CHANGE_GID)
			add_change(rule, "task_fix_setgid", "gid", "egid.val", change->at);
		else
			add_sets(rule, change);
	}
}

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
