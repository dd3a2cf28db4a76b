// SPDX-License-Identifier: Apache-2.0
/* profile.c - see profile.h. */
#include "runtime/profile.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "compiler/base/json.h"
#include "compiler/base/nearest.h"
#include "runtime/processors.h"
#include "runtime/typed_paths.h"

#define WORKS "works"

/* ---- This kernel ---- */

/* Without the right to try things, a refusal says nothing of the kernel. */
static void forget_refusals(struct profile *profile)
{
	if (feature_works(&profile->features, FEATURE_PRIVILEGE))
		return;
	for (int n = 0; n < FEATURE_COUNT; n++)
		if (n != FEATURE_PRIVILEGE && profile->features.error[n])
			profile->known &= ~(1u << n);
	profile->known &= ~FEATURE_BIT(PRIVILEGE);	/* of this process, not of the kernel */
}

void profile_of_this_kernel(struct arena *arena, uint32_t features, struct profile *ret)
{
	const int processors = processors_count();
	struct utsname name;

	*ret = (struct profile){ .processors = processors > 0 ? (uint32_t)processors : 0, .known = features };
	if (!uname(&name)) {
		ret->release = arena_copy(arena, name.release, strlen(name.release));
		ret->machine = arena_copy(arena, name.machine, strlen(name.machine));
	}
	features_probe(features, &ret->features);
	forget_refusals(ret);
}

static bool copy_names(struct arena *arena, const char *const *names, size_t count, struct function_names *ret)
{
	const char **copies = arena_array(arena, const char *, count);

	for (size_t n = 0; n < count; n++)
		copies[n] = arena_copy(arena, names[n], strlen(names[n]));
	*ret = (struct function_names){ copies, count };
	return count > 0;
}

void profile_add_functions(struct arena *arena, struct profile *profile)
{
	struct kernel *kernel = kernel_new();
	struct known_functions known;
	const char *const *names;
	size_t count;

	if (!kernel)
		return;
	count = kernel_functions(kernel, &names);
	profile->has_functions = copy_names(arena, names, count, &profile->functions);
	count = kernel_traceable(kernel, &names);
	profile->has_traceable = copy_names(arena, names, count, &profile->traceable);
	kernel_known_functions(kernel, &known);
	copy_names(arena, known.in_modules.items, known.in_modules.count, &profile->in_modules);
	profile->has_in_modules = known.traceable.count > 0;
	kernel_free(kernel);
}

/* ---- Writing ---- */

const char *profile_says(const struct profile *profile, enum feature feature, struct arena *arena)
{
	const char *name = strerrorname_np(-profile->features.error[feature]);

	if (!(profile->known & 1u << feature))
		return "not known";
	if (feature_works(&profile->features, feature))
		return WORKS;
	return arena_format(arena, "missing (%s)", name ? name : "unknown error");
}

static void write_features(const struct profile *profile, struct json *json)
{
	json_key(json, "features");
	json_begin_object(json);
	for (int n = 0; n < FEATURE_COUNT; n++) {
		const char *name = strerrorname_np(-profile->features.error[n]);

		if (profile->known & 1u << n)
			json_key_string(json, feature_rows[n].name, !profile->features.error[n] ? WORKS : name ? name : "EOPNOTSUPP");
	}
	json_end_object(json);
}

static void write_names(const struct function_names *names, const char *key, struct json *json)
{
	json_key(json, key);
	json_begin_array(json);
	for (size_t n = 0; n < names->count; n++)
		json_string(json, names->items[n]);
	json_end_array(json);
}

void profile_write(const struct profile *profile, struct buffer *ret)
{
	struct json json = { .out = ret, .first = true };

	json_begin_object(&json);
	json_key_string(&json, "kind", "kernel");
	if (profile->release)
		json_key_string(&json, "release", profile->release);
	if (profile->machine)
		json_key_string(&json, "machine", profile->machine);
	if (profile->processors)
		json_key_number(&json, "processors", profile->processors);
	write_features(profile, &json);
	if (profile->has_functions)
		write_names(&profile->functions, "functions", &json);
	if (profile->has_traceable)
		write_names(&profile->traceable, "traceable", &json);
	if (profile->has_in_modules)
		write_names(&profile->in_modules, "in_modules", &json);
	json_end_object(&json);
	buffer_add_char(ret, '\n');
}

/* ---- Hooks ---- */

/* What the function of a system call begins with; NULL where that is not known. */
static const char *syscall_prefix(const struct profile *profile)
{
	static const struct { const char *machine, *prefix; } rows[] = {
		{ "x86_64", "__x64_" }, { "aarch64", "__arm64_" },
	};

	for (size_t n = 0; profile->machine && n < sizeof(rows) / sizeof(*rows); n++)
		if (!strcmp(rows[n].machine, profile->machine))
			return rows[n].prefix;
	return NULL;
}

static const char *nearest_function(const struct profile *profile, const char *name)
{
	struct nearest nearest = { .name = name, .length = strlen(name) };

	for (size_t n = 0; n < profile->functions.count; n++)
		nearest_try(&nearest, profile->functions.items[n]);
	return nearest.best;
}

void profile_known_functions(const struct profile *profile, struct known_functions *ret)
{
	*ret = (struct known_functions){ .all = profile->functions, .syscall_prefix = syscall_prefix(profile) };
	if (!profile->has_in_modules)
		return;
	ret->traceable = profile->traceable;
	ret->in_modules = profile->in_modules;
}

/* One that is there still: either it matches none, or which it matches is not known. */
static bool pattern_facts(const struct profile *profile, const struct image_hook *hook, struct arena *arena, struct hook_facts *ret)
{
	struct known_functions known;

	profile_known_functions(profile, &known);
	ret->exists = !known.traceable.count;
	ret->refusal = ret->exists ? NULL : functions_refusal(&known, hook, arena);
	return !ret->exists;
}

bool profile_hook_facts(const struct profile *profile, const struct image_hook *hook, struct arena *arena, struct hook_facts *ret)
{
	const bool has_prefix = !hook->syscall || !strncmp(hook->name, "__", 2);	/* "__ia32_sys_read" */
	const char *prefix = has_prefix ? "" : syscall_prefix(profile);

	*ret = (struct hook_facts){
		.exists = true, .traceable = true, .typed = true, .target = hook->name, .argument_count = UINT32_MAX,
	};
	if (hook->pattern)
		return pattern_facts(profile, hook, arena, ret);
	if ((hook->kind != HOOK_KPROBE && hook->kind != HOOK_FENTRY) || !profile->has_functions || !prefix || hook->generated)
		return false;
	ret->target = arena_format(arena, "%s%s", prefix, hook->name);
	ret->exists = function_names_have(&profile->functions, ret->target);
	if (!ret->exists)
		ret->nearest = nearest_function(profile, ret->target);
	ret->traceable = !profile->has_traceable || function_names_have(&profile->traceable, ret->target);
	ret->told = typed_paths_are_told_at(ret->target);
	return true;
}
