/* SPDX-License-Identifier: Apache-2.0 */
/*
 * users.h - names of user ids, out of a file like /etc/passwd, or of groups, out of one like /etc/group, and nothing else: no name service is asked, which could hang, and which
 * a static program cannot load.
 */
#ifndef RUNTIME_USERS_H
#define RUNTIME_USERS_H

#include <stdbool.h>
#include <stdint.h>

enum { USERS_MAX = 65536 };	/* lines that are read; users beyond that have no names */

struct users;

/* The path is borrowed.  A file that cannot be read has no users.  Never NULL: aborts without memory. */
struct users *users_new(const char *path);
void users_free(struct users *users);

/* Reads the file again when it is another one, or has changed; whether it did. */
bool users_look(struct users *users);

/* NULL when there is none of that id; of several the first.  Valid until users_look(). */
const char *users_name(const struct users *users, uint32_t id);

#endif
