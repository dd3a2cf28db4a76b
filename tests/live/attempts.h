/* SPDX-License-Identifier: Apache-2.0 */
/* attempts.h - what the files of `attempts` share: steps, in lists that end with one without a name. */
#ifndef TESTS_LIVE_ATTEMPTS_H
#define TESTS_LIVE_ATTEMPTS_H

/* `words`: how many it takes.  Less than 0 when it could not be done, with errno. */
struct step { const char *name; int words; int (*run)(char **words); };

extern const struct step exec_steps[];	/* attempts_exec.c */
extern const struct step kind_steps[];	/* attempts_kinds.c */

#endif
