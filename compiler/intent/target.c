// SPDX-License-Identifier: Apache-2.0
/* target.c - what the kernels that a policy is for must have; see rule.h. */
#include <stdio.h>
#include <string.h>

#include "compiler/intent/rule.h"

/*
 * Hooks that are younger than the oldest kernel that tetra runs on (5.10): include/linux/lsm_hook_defs.h of the release.  path_chown has structures
 * for arguments (kuid_t, kgid_t), and no program can be attached to such a hook before 6.1.
 */
static const struct { const char *hook; unsigned major, minor; } since[] = {
	{ "userns_create", 6, 1 }, { "path_chown", 6, 1 },
};

void target_check(struct rule *rule, const struct probe *probe)
{
	const struct intent_target *target = rule->intent->target;
	unsigned major = 0, minor = 0;
	char end;

	if (!target || !target->oldest.bytes)
		return;
	if (sscanf(target->oldest.bytes, "%u.%u%c", &major, &minor, &end) != 2) {
		diag(rule->diagnostics, DIAG_UNKNOWN_VALUE, target->oldest.at, "'%.32s' is no version of a kernel", target->oldest.bytes);
		diag_help(rule->diagnostics, "as \"5.10\"");
		return;
	}
	for (size_t n = 0; n < sizeof(since) / sizeof(*since); n++) {
		if (strcmp(since[n].hook, probe->hook) || major > since[n].major || (major == since[n].major && minor >= since[n].minor))
			continue;
		diag(rule->diagnostics, DIAG_NOT_LOWERABLE, probe->at, "Linux %u.%u has no hook '%s' for programs", major, minor, probe->hook);
		diag_related(rule->diagnostics, target->oldest.at, "the oldest kernel that the policy is for");
		diag_help(rule->diagnostics, "it is there from %u.%u on", since[n].major, since[n].minor);
	}
}
