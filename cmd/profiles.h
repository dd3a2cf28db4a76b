/* SPDX-License-Identifier: Apache-2.0 */
/* profiles.h - files that say what a kernel has, as `tetra probe -o json` writes them. */
#ifndef CMD_PROFILES_H
#define CMD_PROFILES_H

#include "compiler/policy/host.h"
#include "runtime/profile.h"

/* 0, -errno when the file cannot be read, or -EINVAL when it is none; then `message` says what is wrong. */
int profile_file_read(const char *path, struct arena *arena, struct profile *ret, char message[256]);

/* Those that policies name: each file is read once. */
const struct policy_profiles *profiles_of_policies(void);
/* And the kernel that they are compiled for: that of a profile, or, NULL, the running one, which is asked when a policy wants to know. */
const struct policy_profiles *profiles_for_kernel(const char *path);

#endif
