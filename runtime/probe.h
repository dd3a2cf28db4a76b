/* SPDX-License-Identifier: Apache-2.0 */
/*
 * probe.h - what the running kernel lets this process do.
 *
 * Every feature is a row with a probe that tries the thing itself on a function that nothing calls; the
 * kernel's version is never looked at.  Needs nothing of ours to exist and leaves nothing behind.
 */
#ifndef RUNTIME_PROBE_H
#define RUNTIME_PROBE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum feature {
#define FEATURE(id, name, about, advice) FEATURE_##id,
#include "runtime/features.def"
#undef FEATURE
	FEATURE_COUNT
};

struct feature_row {
	const char *name;
	const char *about;	/* what it is for */
	const char *advice;	/* what to do when it is missing */
};
extern const struct feature_row feature_rows[FEATURE_COUNT];

/* By feature: 0 when it works, else a negative errno that says why not; -ENODATA when it was not tried. */
struct features {
	int error[FEATURE_COUNT];
};

#define FEATURE_BIT(id)		(1u << FEATURE_##id)
#define FEATURES_ALL		((1u << FEATURE_COUNT) - 1)

/* Tries the features in `wanted` (bits); each takes some milliseconds. */
void features_probe(uint32_t wanted, struct features *ret);

static inline bool feature_works(const struct features *features, enum feature feature)
{
	return !features->error[feature];
}

/* What to do about a feature that cannot be had, for this reason (a negative errno). */
const char *feature_advice(enum feature feature, int error);

/* Whether the text of /sys/kernel/security/lsm names `module`. */
bool lsm_list_has(const char *list, const char *module);

#endif
