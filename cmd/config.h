/* SPDX-License-Identifier: Apache-2.0 */
/*
 * config.h - the project's .tetra.yaml: where it is, and what it says.
 *
 * It is looked for in the folder of the first operand (the folder itself when it is one; the current one for "-"), then
 * in those above, up to the root of the repository (where .git is).  Outside of a repository the current folder is
 * the last, or the operand's own when that is elsewhere: nobody else's file is obeyed.
 */
#ifndef CMD_CONFIG_H
#define CMD_CONFIG_H

#include "compiler/policy/settings.h"

#define CONFIG_NAME ".tetra.yaml"

struct config {
	struct settings settings;
	char *path;		/* of the file; NULL: none, and the settings are the standard ones */
	char *folder;		/* absolute: patterns of excluded files are below it */
	char *text;
	struct arena arena;
};

/* `file`: the one to take, or NULL to look for it.  Returns enum exit_code, having said what is wrong. */
int config_read(const char *file, const char *first_operand, struct config *ret);
/* No file at all. */
void config_init(struct config *ret);
void config_release(struct config *config);

/* Whether a pattern excludes the file of this name. */
bool config_excludes(const struct config *config, const char *path);

#endif
