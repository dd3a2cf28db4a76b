// SPDX-License-Identifier: Apache-2.0
/* symbolize_options.c - see symbolize_options.h. */
#include "cmd/symbolize_options.h"

#include <fcntl.h>
#include <stdlib.h>

#include "symbolize/cache.h"

void symbolize_where(const struct symbolize_settings *settings, struct symbolize_where *where, struct module_options *ret)
{
	const char *const servers = getenv("DEBUGINFOD_URLS");
	size_t count = 0;

	for (; count < settings->debug_folders.count; count++)
		where->folders[count] = settings->debug_folders.values[count];
	where->folders[count++] = "/usr/lib/debug";
	where->folders[count] = NULL;
	where->search = (struct debug_search){
		.folders = where->folders, .root = AT_FDCWD, .debuginfod = settings->debuginfod && servers && *servers,
	};
	where->cache = settings->no_cache ? NULL : cache_folder();
	*ret = (struct module_options){ .search = &where->search, .cache = where->cache, .no_lines = settings->no_lines };
}

void symbolize_where_release(struct symbolize_where *where)
{
	free(where->cache);
	where->cache = NULL;
}
