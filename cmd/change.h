/* SPDX-License-Identifier: Apache-2.0 */
/* change.h - what the verbs that change the kernel's policies have in common. */
#ifndef CMD_CHANGE_H
#define CMD_CHANGE_H

#include "runtime/apply.h"

/* Says all refusals of a plan, at their places; the exit code for them. */
int change_refused(const struct plan *plan);

/* Says why preparing failed; the exit code for it. */
int change_failed(int error, const struct failure *failure);

/* What "enforce" or "monitor", as options have it, asks for. */
enum link_mode change_mode(const char *word);

/* Whether this is root; says so when it is not. */
bool change_allowed(void);

/* Does what `options` ask for, without new policies; when none is left, everything goes.  EXIT_, with what went wrong said. */
int change_run(const struct apply_options *options);

#endif
