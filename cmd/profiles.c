// SPDX-License-Identifier: Apache-2.0
/* profiles.c - see profiles.h. */
#include "cmd/profiles.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "compiler/base/version.h"

/* ---- Files ---- */

static int read_text(const char *path, struct buffer *ret, char message[256])
{
	const int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	char chunk[4096];
	ssize_t got = -1;
	int error;

	if (descriptor >= 0)
		while ((got = read(descriptor, chunk, sizeof(chunk))) > 0 && ret->length <= LIMIT_FILE_BYTES)
			buffer_add(ret, chunk, (size_t)got);
	error = errno;
	if (descriptor >= 0)
		close(descriptor);
	if (got >= 0)
		return 0;
	snprintf(message, 256, "%s", strerror(error));
	return -error;
}

int profile_file_read(const char *path, struct arena *arena, struct profile *ret, char message[256])
{
	struct buffer text = { 0 };
	int error = read_text(path, &text, message);

	if (!error && text.length > LIMIT_FILE_BYTES) {
		snprintf(message, 256, "it is larger than %d MiB", LIMIT_FILE_BYTES >> 20);
		error = -EINVAL;
	} else if (!error) {
		error = profile_read(text.length ? text.bytes : "", text.length, arena, ret, message);
	}
	buffer_release(&text);
	return error;
}

/* ---- Those that policies name ---- */

struct known_profile {
	struct known_profile *next;
	const char *path;
	bool is_read;
	struct profile profile;
	char message[256];		/* why it is not */
};
static struct { struct arena arena; struct known_profile *first, *running; } known;

/* As far as this process may ask it. */
static struct known_profile *running(void)
{
	if (known.running)
		return known.running;
	known.running = arena_new(&known.arena, struct known_profile);
	known.running->is_read = true;
	profile_of_this_kernel(&known.arena, FEATURE_BIT(PRIVILEGE) | FEATURE_BIT(LSM) | FEATURE_BIT(LSM_ENABLED), &known.running->profile);
	return known.running;
}

static struct known_profile *find(const char *path)
{
	struct known_profile *one = known.first;

	while (one && strcmp(one->path, path))
		one = one->next;
	if (one)
		return one;
	one = arena_new(&known.arena, struct known_profile);
	one->path = arena_copy(&known.arena, path, strlen(path));
	one->is_read = !profile_file_read(path, &known.arena, &one->profile, one->message);
	one->next = known.first;
	known.first = one;
	return one;
}

/* From the folder of the policy. */
static const char *path_of(const struct text *name, struct arena *arena)
{
	const char *policy = name->at.source->name, *slash = strrchr(policy, '/');

	if (*name->bytes == '/' || !slash)
		return name->bytes;
	return arena_format(arena, "%.*s%s", (int)(slash + 1 - policy), policy, name->bytes);
}

static const char *release_of(const struct profile *profile)
{
	return profile->release ? profile->release : "that it is of";
}

static enum profile_answer ask_feature(const struct profile *profile, enum feature feature, struct arena *arena, const char **why)
{
	const bool is_known = profile->known & 1u << feature;

	if (is_known && feature_works(&profile->features, feature))
		return PROFILE_HAS;
	*why = arena_format(arena, is_known ? "the kernel %s has no %s" : "whether the kernel %s has %s", release_of(profile), feature_rows[feature].about);
	return is_known ? PROFILE_LACKS : PROFILE_SILENT;
}

/* Both are wanted: that one is lacked says more than that nothing is said of the other. */
static enum profile_answer ask_lsm(const struct profile *profile, struct arena *arena, const char **why)
{
	const char *why_enabled = "";
	const enum profile_answer programs = ask_feature(profile, FEATURE_LSM, arena, why);
	const enum profile_answer enabled = ask_feature(profile, FEATURE_LSM_ENABLED, arena, &why_enabled);

	if (programs == PROFILE_LACKS || enabled == PROFILE_HAS || (programs == PROFILE_SILENT && enabled != PROFILE_LACKS))
		return programs;
	*why = why_enabled;
	return enabled;
}

/* One of them will do. */
static enum profile_answer ask_probes(const struct profile *profile, struct arena *arena, const char **why)
{
	const char *why_kprobe = "";
	const enum profile_answer fentry = ask_feature(profile, FEATURE_FENTRY, arena, why);
	const enum profile_answer kprobe = ask_feature(profile, FEATURE_KPROBE, arena, &why_kprobe);

	if (fentry == PROFILE_HAS || kprobe == PROFILE_HAS)
		return PROFILE_HAS;
	*why = kprobe == PROFILE_SILENT || fentry == PROFILE_LACKS ? why_kprobe : *why;
	return fentry == PROFILE_SILENT || kprobe == PROFILE_SILENT ? PROFILE_SILENT : PROFILE_LACKS;
}

static enum profile_answer ask_function(const struct profile *profile, const char *function, const char *what, const char *name,
					struct arena *arena, const char **why)
{
	if (!profile->has_functions) {
		*why = arena_format(arena, "which functions the kernel %s has", release_of(profile));
		return PROFILE_SILENT;
	}
	if (function_names_have(&profile->functions, function))
		return PROFILE_HAS;
	*why = arena_format(arena, "the kernel %s has no %s '%s'", release_of(profile), what, name);
	return PROFILE_LACKS;
}

/* Of the numbers that a release begins with. */
static enum profile_answer ask_release(const struct profile *profile, const char *since, struct arena *arena, const char **why)
{
	struct version release, oldest;

	if (!profile->release || !version_read(profile->release, strlen(profile->release), &release) || !version_read(since, strlen(since), &oldest)) {
		*why = "of which release its kernel is";
		return PROFILE_SILENT;
	}
	if (!version_is_older(release, oldest))
		return PROFILE_HAS;
	*why = arena_format(arena, "its kernel is of Linux %u.%u", release.major, release.minor);
	return PROFILE_LACKS;
}

/* As uname says it. */
static enum profile_answer ask_machine(const struct profile *profile, const char *machine, struct arena *arena, const char **why)
{
	static const char *const names[][2] = { { "amd64", "x86_64" }, { "arm64", "aarch64" } };

	if (!profile->machine) {
		*why = "of which machine its kernel is";
		return PROFILE_SILENT;
	}
	for (size_t n = 0; n < sizeof(names) / sizeof(*names); n++)
		if (!strcmp(names[n][0], machine) && !strcmp(names[n][1], profile->machine))
			return PROFILE_HAS;
	*why = arena_format(arena, "its kernel is for %s", profile->machine);
	return PROFILE_LACKS;
}

/* `context`: the path of the profile of the kernel that policies are compiled for, or NULL. */
static enum profile_answer ask(void *context, const struct text *name, enum profile_question question, const char *what, struct arena *arena,
			       const char **why)
{
	const struct known_profile *one = name ? find(path_of(name, arena)) : context ? find(context) : running();
	enum profile_answer answer;

	if (!one->is_read) {
		*why = one->message;
		return PROFILE_UNREADABLE;
	}
	switch (question) {
	case PROFILE_SINCE:
		return ask_release(&one->profile, what, arena, why);
	case PROFILE_MACHINE:
		return ask_machine(&one->profile, what, arena, why);
	case PROFILE_LSM:
		return ask_lsm(&one->profile, arena, why);
	case PROFILE_LSM_HOOK:
		return ask_function(&one->profile, arena_format(arena, "bpf_lsm_%s", what), "LSM hook", what, arena, why);
	case PROFILE_FUNCTION:
		answer = ask_probes(&one->profile, arena, why);
		return answer == PROFILE_HAS ? ask_function(&one->profile, what, "function", what, arena, why) : answer;
	case PROFILE_DENIAL:
		return ask_feature(&one->profile, FEATURE_FMOD_RET, arena, why);
	case PROFILE_READABLE:
		break;
	}
	return PROFILE_HAS;
}

const struct policy_profiles *profiles_of_policies(void)
{
	static const struct policy_profiles profiles = { .ask = ask };

	return &profiles;
}

const struct policy_profiles *profiles_for_kernel(const char *path)
{
	static struct policy_profiles profiles = { .ask = ask, .has_kernel = true };

	profiles.context = (char *)path;
	return &profiles;
}
