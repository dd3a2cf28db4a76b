// SPDX-License-Identifier: Apache-2.0
/* kernel.c - what only those do who may do much: capabilities, modules, BPF, ptrace, credentials; see rule.h. */
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

/* As the name may be written, in small letters: for advice. */
static const char *short_name(struct rule *rule, const char *name, const char *prefix)
{
	const size_t length = strlen(prefix);
	char *made;

	if (strncmp(name, prefix, length))
		return name;
	made = arena_copy(rule->arena, name + length, strlen(name) - length);
	for (char *at = made; *at; at++)
		*at = *at >= 'A' && *at <= 'Z' ? (char)(*at - 'A' + 'a') : *at;
	return made;
}

static void refuse_name(struct rule *rule, const struct text *text, enum name_set set, const char *prefix)
{
	struct nearest nearest = { .name = text->bytes, .length = text->length };

	for (size_t n = 0; n < name_sets[set].count; n++) {
		nearest_try(&nearest, name_sets[set].names[n].name);
		nearest_try(&nearest, short_name(rule, name_sets[set].names[n].name, prefix));
	}
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
			refuse_name(rule, text, set, prefix);
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
			refuse_name(rule, &capability->names.items[n], NAMES_CAPABILITIES, "CAP_");
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
	if (bpf->commands.count || !span_is_empty(bpf->types_at))
		bpf_excepts(rule, probe, &rule->written->match, &probe->matches);
	else
		probe->matches.everything = true;
}

/* Other commands have other things where the type is. */
static bool check_types(struct rule *rule, const struct intent_bpf *bpf)
{
	bool fine = bpf->types.count;

	refuse_empty(rule, bpf->types_at, bpf->types.count);
	if (!bpf->commands.count) {
		diag(rule->diagnostics, DIAG_NOT_LOWERABLE, bpf->types_at, "'progTypes' is about programs that are loaded, and without 'cmds' all commands are meant");
		diag_help(rule->diagnostics, "say cmds: [prog_load]");
		return false;
	}
	for (size_t n = 0; n < bpf->commands.count; n++) {
		const struct text *command = &bpf->commands.items[n];
		const struct named *found = find(NAMES_BPF_COMMANDS, command, "BPF_");

		if (!found || !strcmp(found->name, "BPF_PROG_LOAD"))	/* one that is not there is refused by itself */
			continue;
		diag(rule->diagnostics, DIAG_NOT_LOWERABLE, command->at, "'%.48s' loads no program, and so has no type that 'progTypes' could mean", command->bytes);
		diag_related(rule->diagnostics, bpf->types_at, "types are named here");
		diag_help(rule->diagnostics, "write another rule, or another exception, for it");
		fine = false;
	}
	return fine;
}

/* The kernel's own copy of what the caller gave: enum bpf_prog_type comes first in it. */
bool bpf_excepts(struct rule *rule, const struct probe *probe, const struct intent_match *match, struct alternatives *ret)
{
	const struct intent_bpf *bpf = match->bpf;
	const bool has_types = !span_is_empty(bpf->types_at);
	struct policy_value_list types = { 0 };

	if (has_types && !check_types(rule, bpf))
		return true;
	if (has_types)
		types = numbers_of(rule, &bpf->types, NAMES_BPF_PROG_TYPES, "BPF_PROG_TYPE_");
	refuse_empty(rule, bpf->at, bpf->commands.count);
	match_values(rule, ret, 0, OPERATOR_IN_MAP, numbers_of(rule, &bpf->commands, NAMES_BPF_COMMANDS, "BPF_"), bpf->commands_at);
	if (types.count)
		alternatives_add_all(rule, ret, rule_place(rule, probe, 1, TYPE_UINT32, "prog_type"), OPERATOR_IN_MAP, types, bpf->types_at);
	return true;
}

/* ---- ptrace: int ptrace_access_check(child, mode), int ptrace_traceme(parent) ---- */

enum { PTRACE_OP_ATTACH, PTRACE_OP_READ, PTRACE_OP_TRACEME };

enum { NAME_BYTES = 15 };	/* TASK_COMM_LEN without its end */

/* Whose name is compared: of traceme it is the caller's, and the hook's argument is who would trace it. */
static size_t target_place(struct rule *rule, struct probe *probe)
{
	return probe->number == PTRACE_OP_TRACEME ? probe_task_place(probe, TYPE_STRING, "comm") : rule_place(rule, probe, 0, TYPE_STRING, "comm");
}

/* No thread could have a longer one: the kernel cuts it. */
static bool check_names(struct rule *rule, const struct policy_value_list *names)
{
	bool fine = true;

	for (size_t n = 0; n < names->count; n++) {
		const struct text *name = &names->items[n].text;

		if (name->length && name->length <= NAME_BYTES)
			continue;
		diag(rule->diagnostics, DIAG_INTENT_NEVER, name->at, "no thread is called '%.64s': a name has 1 to %d bytes", name->bytes, NAME_BYTES);
		if (name->length)
			diag_help(rule->diagnostics, "the kernel cuts longer ones: '%.*s'", NAME_BYTES, name->bytes);
		fine = false;
	}
	return fine;
}

static void match_targets(struct rule *rule, struct probe *probe, const struct intent_targets *targets, struct alternatives *to)
{
	const struct policy_value_list names = values_expand(rule, &targets->names);

	refuse_empty(rule, targets->names_at, names.count);
	if (check_names(rule, &names))
		match_values(rule, to, target_place(rule, probe), OPERATOR_EQUAL, names, targets->names_at);
}

/* PTRACE_MODE_ATTACH is 2, and also asked for /proc/PID/mem, process_vm_writev and pidfd_getfd; PTRACE_MODE_READ is 1. */
static struct probe *add_ptrace(struct rule *rule, const struct word *op)
{
	const bool is_attach = op->number == PTRACE_OP_ATTACH;
	struct probe *probe;

	if (op->number == PTRACE_OP_TRACEME) {
		probe = rule_add_probe(rule, HOOK_LSM, "ptrace_traceme", "traceme", op->at);
		probe_add_argument(probe, 0, TYPE_INT, "tgid", NULL);	/* who would trace; two names in one event could be taken for each other */
	} else {
		probe = rule_add_probe(rule, HOOK_LSM, "ptrace_access_check", is_attach ? "attach" : "read", op->at);
		alternative_add(rule, &probe->condition, probe_add_argument(probe, 1, TYPE_UINT32, NULL, NULL), OPERATOR_MASK,
			value_made(rule, op->at, is_attach ? "0x2" : "0x1"), op->at);
	}
	probe->number = op->number;
	return probe;
}

void ptrace_lower(struct rule *rule)
{
	const struct intent_ptrace *ptrace = rule->written->match.ptrace;

	refuse_empty(rule, ptrace->ops_at, ptrace->ops.count);
	for (size_t n = 0; n < ptrace->ops.count; n++) {
		struct probe *probe = add_ptrace(rule, &ptrace->ops.items[n]);

		if (ptrace->targets)
			match_targets(rule, probe, ptrace->targets, &probe->matches);
		else
			probe->matches.everything = true;
	}
}

bool ptrace_excepts(struct rule *rule, const struct probe *probe, const struct intent_match *match, struct alternatives *ret)
{
	const bool is_meant = words_have(&match->ptrace->ops, probe->number);

	if (is_meant && match->ptrace->targets)
		match_targets(rule, &rule->probes[probe - rule->probes], match->ptrace->targets, ret);
	return is_meant;
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
