/* SPDX-License-Identifier: Apache-2.0 */
/* symbolize_options.h - options of all verbs that look up addresses, as the symbolizer has them. */
#ifndef CMD_SYMBOLIZE_OPTIONS_H
#define CMD_SYMBOLIZE_OPTIONS_H

#include "cmd/verb.h"
#include "symbolize/symbolizer.h"

struct symbolize_settings {
	struct option_list debug_folders;
	bool no_cache, debuginfod, no_lines;
};

/* Lives as long as the options that point into it. */
struct symbolize_where {
	const char *folders[66];
	struct debug_search search;
	char *cache;
};

/* Folders that were given come before "/usr/lib/debug". */
void symbolize_where(const struct symbolize_settings *settings, struct symbolize_where *where, struct module_options *ret);
void symbolize_where_release(struct symbolize_where *where);

#endif
