/* SPDX-License-Identifier: Apache-2.0 */
/*
 * user_places.h - places in user programs: the file, whether it is the right one, and where in it the probe goes.
 *
 * Each file is opened once, and what is looked up, digested and probed is what was opened then: another one that takes its name in
 * the meantime is none of it.  Only regular files are opened; a named pipe or a device would block, or do something.
 */
#ifndef RUNTIME_USER_PLACES_H
#define RUNTIME_USER_PLACES_H

#include "runtime/kernel.h"

struct user_file;
struct user_files { struct user_file *first; };

void user_files_release(struct user_files *files);

/* Facts of a uprobe or a static probe. */
void user_hook_facts(struct user_files *files, const struct image_hook *hook, struct arena *arena, struct hook_facts *ret);

/* In how many places the file has the probe; 0 when it has none, or cannot be read. */
size_t user_probe_count(struct user_files *files, const char *path, const char *provider, const char *name, struct arena *arena);

/* Where an argument of a static probe is; or the reason why that is not known, or why it cannot be set if it `is_set`. */
const char *user_probe_argument(struct user_files *files, const struct image_hook *hook, const struct image_relocation *relocation,
				bool is_set, struct arena *arena, struct abi_location *ret);

/*
 * What makes a call of the hook's function go on where `jump` says; or the reason why that is not known.  *ret stays as it is, and nothing is
 * said, when the hook's own facts say why.
 */
const char *user_jump(struct user_files *files, const struct image_hook *hook, const struct image_assignment *jump, struct arena *arena,
		      struct abi_assignment *ret);

#endif
