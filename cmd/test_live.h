/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_live.h - what `tetra test --live` is made of: one policy after the other in the kernel, and a command under it.
 *
 * All that is in the kernel is below one pin root of this process, beside what the host runs.  A process of its own waits for this
 * one to be gone, whatever became of it, and removes what it left.
 */
#ifndef CMD_TEST_LIVE_H
#define CMD_TEST_LIVE_H

#include <sys/types.h>

#include "cmd/test.h"
#include "runtime/pins.h"

/* ---- The policies (test_session.c) ---- */

/* A signal came that ends the run. */
extern volatile int session_interrupted;

/* The pin root; signals are caught from the first call on. */
const char *session_root(void);

/*
 * Makes the policy that of the kernel, if it is not, as the test wants it, and nothing else.  Programs that were attached once stay,
 * without work, for policies to come.  -EOPNOTSUPP when the kernel cannot run it; always with a text.
 */
int session_enter(const struct test_policy *policy, const struct test_case *test, struct failure *failure);

/* No policy is in force. */
void session_leave(void);

/* Whether the policy that is in force is that of the test, as that wants it. */
bool session_has(const struct test_policy *policy, const struct test_case *test);

/* Folder of the cgroup that is the pod of the test that was entered; NULL: none. */
const char *session_pod(void);

/* ---- The command (test_command.c) ---- */

enum { COMMAND_SAYS_MOST = 4096 };

struct test_command {
	char folder[64];	/* where it runs: an empty one of its own */
	pid_t starter;		/* leader of its group, in whose namespace of mounts it is; 0: none */
	pid_t child;		/* the shell */
	int says;		/* what it printed */
	int gate;		/* a byte lets it begin */
};

/*
 * Makes it, with what the test prepares, up to its first step.  0 or a negative errno with a text; command_end() in any case, where it may
 * have printed why.
 */
int command_start(const char *text, const struct test_file *file, const struct test_case *test, struct test_command *ret,
		  struct failure *failure);
int command_enter_pod(const struct test_command *command, const char *pod, struct failure *failure);	/* NULL: none */
int command_go(struct test_command *command);
bool command_has_ended(const struct test_command *command);
void command_await(const struct test_command *command);	/* its shell has ended */

/*
 * Ends what is left of it, and removes its folder.  Its status as shells say it, and what it printed, the last
 * COMMAND_SAYS_MOST bytes, in `says`.
 */
int command_end(struct test_command *command, struct buffer *says);

#endif
