// SPDX-License-Identifier: Apache-2.0
/* functions.c - see functions.h. */
#include "runtime/functions.h"

#include <stdlib.h>
#include <string.h>

#include "compiler/base/pattern.h"

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

bool function_names_have(const struct function_names *names, const char *name)
{
	return names->count && bsearch(&name, names->items, names->count, sizeof(*names->items), compare_names);
}

static bool is_repeated(const struct function_names *names, size_t n)
{
	return n && !strcmp(names->items[n], names->items[n - 1]);
}

size_t functions_syscalls(const struct known_functions *known, struct arena *arena, const char *const **ret)
{
	const char **names = arena_array(arena, const char *, known->all.count);
	const char *prefix = arena_format(arena, "%ssys_", known->syscall_prefix ? known->syscall_prefix : "");
	size_t count = 0;

	for (size_t n = 0; n < known->all.count && known->syscall_prefix; n++) {
		const char *name = known->all.items[n];

		if (strncmp(name, prefix, strlen(prefix)) || is_repeated(&known->all, n))
			continue;
		name += strlen(known->syscall_prefix);
		if (!known->traceable.count || function_names_have(&known->traceable, known->all.items[n]))
			names[count++] = arena_copy(arena, name, strlen(name));
	}
	*ret = names;
	return count;
}

bool functions_wants_syscalls(const struct image_view *image)
{
	for (size_t n = 0; n < image_hook_count(image); n++) {
		struct image_hook hook = image_hook_at(image, n);

		if (hook.generated && hook.syscall && !hook.pattern)
			return true;
	}
	return false;
}

/* ---- Patterns ---- */

/* Places that ftrace has emptied are listed by names that no function has. */
static bool is_function(const char *name)
{
	static const char emptied[] = "__ftrace_invalid_address__";

	return strncmp(name, emptied, sizeof(emptied) - 1);
}

static size_t find_matching(const struct known_functions *known, const struct pattern *pattern, struct arena *arena,
			    const char *const **ret)
{
	const char **names = NULL;
	size_t count = 0, room = 0;

	for (size_t n = 0; n < known->traceable.count; n++) {
		const char *name = known->traceable.items[n];

		if (is_repeated(&known->traceable, n) || !is_function(name) || !pattern_matches(pattern, name) ||
		    function_names_have(&known->in_modules, name))
			continue;
		names = arena_grow(arena, names, count, &room, sizeof(*names));
		names[count++] = arena_copy(arena, name, strlen(name));
	}
	*ret = names;
	return count;
}

static bool is_listed(const struct link_functions *list, size_t count, const char *pattern)
{
	for (size_t n = 0; n < count; n++)
		if (!strcmp(list[n].pattern, pattern))
			return true;
	return false;
}

size_t functions_matching(const struct known_functions *known, const struct image_view *image, struct arena *arena,
			  struct link_functions **ret)
{
	const size_t hooks = image_hook_count(image);
	struct link_functions *list = arena_array(arena, struct link_functions, hooks);
	struct pattern_problem problem;
	size_t count = 0;

	for (size_t n = 0; n < hooks; n++) {
		const struct image_hook hook = image_hook_at(image, n);
		struct pattern pattern;

		if (!hook.pattern || is_listed(list, count, hook.name) ||
		    !pattern_compile(hook.name, strlen(hook.name), arena, &pattern, &problem))
			continue;
		list[count].pattern = arena_copy(arena, hook.name, strlen(hook.name));
		list[count].count = find_matching(known, &pattern, arena, &list[count].names);
		count++;
	}
	*ret = list;
	return count;
}

const char *functions_refusal(const struct known_functions *known, const struct image_hook *hook, struct arena *arena)
{
	struct pattern_problem problem;
	struct pattern pattern;

	if (!known->traceable.count)
		return "this kernel, or this process, has no list of functions (available_filter_functions of tracefs); "
			"mount tracefs, or boot a kernel built with CONFIG_DYNAMIC_FTRACE=y";
	if (!pattern_compile(hook->name, strlen(hook->name), arena, &pattern, &problem))	/* of an image that somebody else made */
		return arena_format(arena, "it is no regular expression: %s", problem.what);
	return "it matches no function of this kernel that can be traced; modules do not count "
		"(the list is available_filter_functions of tracefs)";
}
