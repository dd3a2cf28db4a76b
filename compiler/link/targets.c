// SPDX-License-Identifier: Apache-2.0
/* targets.c - what the hooks of policies are attached to, and the keys by which host hooks are known; see merge.h. */
#include "compiler/link/merge.h"

#include <inttypes.h>
#include <string.h>

static const struct { const char *abi, *prefix; } syscall_abis[] = {
	{ "x64/", "__x64_" }, { "arm64/", "__arm64_" }, { "i386/", "__ia32_" }, { "arm32/", "__arm64_" },
};

/* "sys_read" of a list, as a kprobe's `call` would be written: what says which ABI is a prefix of functions. */
static const char *syscall_name(struct arena *arena, const char *value)
{
	for (size_t n = 0; n < sizeof(syscall_abis) / sizeof(*syscall_abis); n++) {
		size_t length = strlen(syscall_abis[n].abi);

		if (!strncmp(value, syscall_abis[n].abi, length))
			return arena_format(arena, "%s%s", syscall_abis[n].prefix, value + length);
	}
	return value;
}

static bool is_of_syscall(const char *function)
{
	for (size_t n = 0; n < sizeof(syscall_abis) / sizeof(*syscall_abis); n++)
		if (!strncmp(function, syscall_abis[n].prefix, strlen(syscall_abis[n].prefix)))
			return true;
	return false;
}

size_t merge_target_count(const struct ir_hook *hook, size_t syscall_count)
{
	if (hook->names && hook->names->kind == IR_NAMES_ALL_SYSCALLS && syscall_count)
		return syscall_count;
	if (hook->names)
		return hook->names->kind == IR_NAMES_LISTED || hook->names->kind == IR_NAMES_SYSCALLS ?
			hook->names->values.count : 1;
	if (hook->kind == HOOK_UPROBE)
		return hook->symbols.count + hook->offsets.count + hook->addresses.count;
	return 1;
}

/* Where the probe is in its file, as far as that is known; NULL: not. */
static const struct link_probe *probe_of(const struct merged *merged, const struct ir_hook *hook)
{
	for (size_t n = 0; n < merged->probe_count && hook->kind == HOOK_USDT; n++) {
		const struct link_probe *probe = &merged->probes[n];

		if (!strcmp(probe->path, hook->path.bytes) && !strcmp(probe->provider, hook->provider.bytes) &&
		    !strcmp(probe->name, hook->name.bytes))
			return probe;
	}
	return NULL;
}

/* The functions that a pattern stands for, as far as they are known; NULL: not. */
static const struct link_functions *functions_of(const struct merged *merged, const struct ir_hook *hook)
{
	for (size_t n = 0; hook->names && hook->names->kind == IR_NAMES_PATTERN && n < merged->functions_count; n++)
		if (merged->functions[n].count && !strcmp(merged->functions[n].pattern, hook->names->pattern.bytes))
			return &merged->functions[n];
	return NULL;
}

size_t merge_targets(const struct merged *merged, const struct ir_hook *hook)
{
	const struct link_probe *probe = probe_of(merged, hook);
	const struct link_functions *functions = functions_of(merged, hook);

	if (hook->elsewhere)
		return 0;
	return probe ? probe->count : functions ? functions->count : merge_target_count(hook, merged->syscall_count);
}

static const char *uprobe_name(struct arena *arena, const struct ir_hook *hook, size_t n)
{
	if (n < hook->symbols.count)
		return hook->symbols.items[n].bytes;
	n -= hook->symbols.count;
	if (n < hook->offsets.count)
		return arena_format(arena, "+0x%" PRIx64, hook->offsets.items[n]);
	return arena_format(arena, "0x%" PRIx64, hook->addresses.items[n - hook->offsets.count]);
}

static struct merge_target uprobe_target(struct arena *arena, const struct ir_hook *hook, size_t n)
{
	return (struct merge_target){
		.name = uprobe_name(arena, hook, n),
		.reference_counter = n < hook->reference_offsets.count ? hook->reference_offsets.items[n] : 0,
	};
}

static bool is_security(const char *name)
{
	return !strncmp(name, "security_", strlen("security_"));
}

/* What `syscall` says is of the functions of system calls alone: those of others have no registers behind their first argument. */
static struct merge_target matching_target(const struct merged *merged, const struct ir_hook *hook, size_t n)
{
	const struct link_functions *functions = functions_of(merged, hook);
	const char *name = functions ? functions->names[n] : NULL;

	if (!name)
		return (struct merge_target){ .name = hook->names->pattern.bytes, .syscall = hook->syscall, .generated = true, .pattern = true };
	return (struct merge_target){ .name = name, .syscall = hook->syscall && is_of_syscall(name) };
}

struct merge_target merge_target_at(const struct merged *merged, const struct ir_hook *hook, size_t n)
{
	struct arena *arena = merged->arena;

	if (hook->kind == HOOK_UPROBE)
		return uprobe_target(arena, hook, n);
	if (hook->kind == HOOK_USDT)
		return (struct merge_target){ .name = hook->name.bytes, .site = (uint32_t)n, .generated = !probe_of(merged, hook) };
	if (!hook->names)
		return (struct merge_target){ .name = hook->name.bytes, .syscall = hook->syscall };
	switch (hook->names->kind) {
	case IR_NAMES_LISTED:
		return (struct merge_target){ .name = hook->names->values.items[n].bytes,
					.syscall = hook->enforcer ? !is_security(hook->names->values.items[n].bytes) : hook->syscall };
	case IR_NAMES_SYSCALLS:
		return (struct merge_target){ .name = syscall_name(arena, hook->names->values.items[n].bytes), .syscall = true };
	case IR_NAMES_ALL_SYSCALLS:
		if (merged->syscall_count)
			return (struct merge_target){ .name = merged->syscalls[n], .syscall = true };
		return (struct merge_target){ .name = "sys_*", .syscall = true, .generated = true };
	default:
		return matching_target(merged, hook, n);
	}
}

/* ---- Keys ---- */

/* Policies that want it done in another way have another hook. */
static const char *const method_suffixes[] = {
	[METHOD_ANY] = "", [METHOD_FMOD_RET] = "#fmod-ret", [METHOD_OVERRIDE_RETURN] = "#override-return",
};

const char *merge_digests(struct arena *arena, const struct ir_hook *hook)
{
	const char *list = "";

	for (size_t n = 0; n < hook->digests.count; n++)
		list = arena_format(arena, "%s%s%s", list, n ? "," : "", hook->digests.items[n].bytes);
	return hook->digests.count ? list : NULL;
}

/* Two that differ in any of it are different hooks: what one policy demands of the file is no business of another one. */
static const char *uprobe_key(struct arena *arena, const struct ir_hook *hook, const struct merge_target *target)
{
	const char *counter = target->reference_counter ? arena_format(arena, "*0x%" PRIx64, target->reference_counter) : "";
	const char *digests = merge_digests(arena, hook);

	return arena_format(arena, "%s:%s:%s%s%s%s", hook_rows[hook->kind].name, hook->path.bytes, target->name, counter,
			    digests ? " " : "", digests ? digests : "");
}

static const char *usdt_key(struct arena *arena, const struct ir_hook *hook, const struct merge_target *target)
{
	const char *key = arena_format(arena, "%s:%s:%s:%s", hook_rows[hook->kind].name, hook->path.bytes, hook->provider.bytes,
				       target->name);

	return target->generated ? key : arena_format(arena, "%s#%u", key, target->site);
}

static const char *whole_key(struct arena *arena, const struct ir_hook *hook, const struct merge_target *target,
			    enum override_method method)
{
	const char *kind = hook->enforcer ? "enforcer" : hook_rows[hook->kind].name;

	if (hook->kind == HOOK_TRACEPOINT)
		return arena_format(arena, "%s:%s/%s", kind, hook->subsystem.bytes, target->name);
	if (hook->kind == HOOK_UPROBE)
		return uprobe_key(arena, hook, target);
	if (hook->kind == HOOK_USDT)
		return usdt_key(arena, hook, target);
	return arena_format(arena, "%s:%s%s%s%s", kind, target->name, target->pattern ? "#pattern" : "", target->syscall ? "#syscall" : "",
			    !hook->enforcer ? "" : method_suffixes[method]);
}

/* Bytes of a key in the name of a pin, where all but letters and digits takes three. */
static size_t pinned_length(const char *key)
{
	size_t length = 0;

	for (; *key; key++)
		length += (*key >= 'a' && *key <= 'z') || (*key >= 'A' && *key <= 'Z') || (*key >= '0' && *key <= '9') || *key == '_' ? 1 : 3;
	return length;
}

/* FNV-1a, 128 bits: no two keys that anybody will see have the same. */
static const char *key_digest(struct arena *arena, const char *key)
{
	const unsigned __int128 prime = (unsigned __int128)1 << 88 | 0x13b;
	unsigned __int128 hash = (unsigned __int128)0x6c62272e07bb0142 << 64 | 0x62b821756295c58d;

	for (; *key; key++)
		hash = (hash ^ (uint8_t)*key) * prime;
	return arena_format(arena, "%016" PRIx64 "%016" PRIx64, (uint64_t)(hash >> 64), (uint64_t)hash);
}

const char *merge_key(struct arena *arena, const struct ir_hook *hook, const struct merge_target *target,
		      enum override_method method)
{
	const char *key = whole_key(arena, hook, target, method);

	if (pinned_length(key) <= LIMIT_PINNED_KEY_BYTES)
		return key;
	return arena_format(arena, "%s:~%s:%.24s", hook_rows[hook->kind].name, key_digest(arena, key), target->name);
}
