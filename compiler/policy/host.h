/* SPDX-License-Identifier: Apache-2.0 */
/*
 * host.h - what only the kernel that a policy is compiled for can say of it, asked through a function of the caller's.
 *
 * The compiler itself looks at no kernel: without these answers, what they would say is left open in the object.
 */
#ifndef COMPILER_POLICY_HOST_H
#define COMPILER_POLICY_HOST_H

#include "compiler/base/arena.h"
#include "compiler/policy/policy.h"

struct policy_host {
	/*
	 * The type of an argument of type auto: a field of a tracepoint, or what `resolve` leads to. -1: *why says why there is none,
	 * as the end of a sentence; it lives in the arena.  `from_task`: its path starts at the current task.
	 */
	int (*type_of)(void *context, const struct policy_hook *hook, const struct policy_argument *argument, bool from_task,
		       struct arena *arena, const char **why);
	/* Whether the kernel has the function of this system call of x86-64, "newfstat": 1 or 0, or -1 when it does not tell.  May be NULL. */
	int (*has_syscall)(void *context, const char *function);
	void *context;
};

/*
 * Kernels that a policy names by files, which somebody else reads, and the one that it is compiled for.  Without this, policies that name profiles are
 * refused.
 */
enum profile_question {
	PROFILE_READABLE,	/* whether it can be read at all */
	PROFILE_SINCE,		/* a release that is not older than the one of the name, as 5.10 */
	PROFILE_MACHINE,	/* a machine of the name, as amd64 */
	PROFILE_LSM,		/* programs on LSM hooks */
	PROFILE_LSM_HOOK,	/* the LSM hook of the name */
	PROFILE_FUNCTION,	/* the function of the name, and programs on functions */
	PROFILE_DENIAL,		/* programs that change what a security_ function returns */
};
enum profile_answer { PROFILE_HAS, PROFILE_LACKS, PROFILE_SILENT, PROFILE_UNREADABLE };
struct policy_profiles {
	/*
	 * `profile`: as the policy has it, whose place says in which file.  LACKS: *why is a sentence; SILENT: what it does not say, behind "does not
	 * say"; UNREADABLE: why.  It lives in the arena.  NULL: of the kernel that the policy is compiled for, if that is known.
	 */
	enum profile_answer (*ask)(void *context, const struct text *profile, enum profile_question question, const char *name,
				   struct arena *arena, const char **why);
	void *context;
	bool has_kernel;	/* it is known what the policy is compiled for */
};

/*
 * Asks for every type that is left open and that a kernel can tell; `told` or `untold` of those arguments is set.  And of what system calls
 * generated lists are; `told` of those lists is set.
 */
void policy_ask_host(struct policy_list *policies, const struct policy_host *host, struct arena *arena);

#endif
