// SPDX-License-Identifier: Apache-2.0
/*
 * paths.c - the keys of `paths` as alternatives; see rule.h.
 *
 * Of hooks that change what is in a folder, Tetragon has the folder's path and the entry's name beside it; what a name is below another mount only
 * the folder's path tells, so for it the folder is compared whole, and of the name only what follows its last /.
 */
#include <string.h>

#include "compiler/base/path_glob.h"
#include "compiler/intent/rule.h"

struct comparing {
	struct rule *rule;
	struct path_places places;
	const char *label;
	struct alternatives *to;
};

static struct alternative *begin(struct comparing *comparing, const char *key, struct span at)
{
	const char *name = comparing->label ? text_made(comparing->rule, at, "%s/%s", comparing->label, key).bytes : key;

	return alternatives_add(comparing->rule, comparing->to, name, at);
}

static void compare(struct comparing *comparing, const char *key, enum operator_id op, struct policy_value_list values,
		    struct span at)
{
	alternative_add(comparing->rule, begin(comparing, key, at), comparing->places.path, op, values, at);
}

/* ---- Values ---- */

/* Paths of folders without the / that some end with; all of them with it. */
static struct policy_value_list folders(struct rule *rule, const struct policy_value_list *written, bool with_slash)
{
	struct policy_value_list values = { arena_array(rule->arena, struct policy_value, written->count), written->count };

	for (size_t n = 0; n < written->count; n++) {
		const struct text *text = &written->items[n].text;
		size_t length = text->length;

		while (length > 1 && text->bytes[length - 1] == '/')
			length--;
		length -= length == 1 && text->bytes[0] == '/' && with_slash;
		values.items[n].text = text_made(rule, text->at, "%.*s%s", (int)length, text->bytes, with_slash ? "/" : "");
	}
	return values;
}

static bool check_path(struct rule *rule, const struct text *text, const char *what)
{
	if (text->length && (text->bytes[0] == '/' || text->bytes[0] == '@'))	/* of a set that was refused */
		return true;
	diag(rule->diagnostics, DIAG_INTENT_PATH, text->at, "'%.64s' is no whole path", text->bytes);
	diag_help(rule->diagnostics, "%s begin with /", what);
	return false;
}

static bool check_paths(struct rule *rule, const struct policy_value_list *values, const char *what)
{
	bool fine = true;

	for (size_t n = 0; n < values->count; n++)
		fine &= check_path(rule, &values->items[n].text, what);
	return fine;
}

/* ---- A folder and a name in it ---- */

static size_t folder_length(const struct text *path)
{
	size_t length = path->length;

	while (length && path->bytes[length - 1] != '/')
		length--;
	return length;			/* with its / */
}

/* Each path's folder must be the one, and its name the other. */
static void compare_names(struct comparing *comparing, const char *key, const struct policy_value_list *paths, struct span at)
{
	struct rule *rule = comparing->rule;

	for (size_t n = 0; n < paths->count; n++) {
		const struct text *path = &paths->items[n].text;
		const size_t length = folder_length(path);
		struct alternative *alternative;
		struct text folder;

		if (path->length <= 1)		/* the root is in no folder */
			continue;
		folder = text_made(rule, path->at, "%.*s", (int)(length > 1 ? length - 1 : 1), path->bytes);
		alternative = begin(comparing, key, at);
		alternative_add(rule, alternative, comparing->places.path, OPERATOR_EQUAL, value_made(rule, path->at, folder.bytes), path->at);
		alternative_add(rule, alternative, comparing->places.name, OPERATOR_POSTFIX,
			value_made(rule, path->at, path->bytes + length - 1), path->at);
	}
}

static void refuse_for_pair(struct comparing *comparing, const char *key, struct span at)
{
	diag(comparing->rule->diagnostics, DIAG_NOT_EMITTED, at, "'%s' cannot be compared by Tetragon with what is created, removed or renamed", key);
	diag_help(comparing->rule->diagnostics, "it has the folder and the entry's name there: use 'exact' or 'dir' for this operation");
}

static bool has_slash_inside(const struct text *text)
{
	return text->length > 1 && memchr(text->bytes + 1, '/', text->length - 1);
}

/* A name, or the end of one: what is before it may be in another mount. */
static void compare_suffix_pair(struct comparing *comparing, const struct policy_value_list *values, struct span at)
{
	for (size_t n = 0; n < values->count; n++)
		if (has_slash_inside(&values->items[n].text)) {
			refuse_for_pair(comparing, "suffix", values->items[n].text.at);
			return;
		}
	alternative_add(comparing->rule, begin(comparing, "suffix", at), comparing->places.name, OPERATOR_POSTFIX, *values, at);
}

/* ---- Patterns ---- */

/* Those that have neither a beginning nor an end that says all, and what all of them begin and end with. */
struct globs { struct policy_value_list heads, tails, whole; bool have_heads, have_tails; };

static void refuse_glob(struct rule *rule, const struct text *glob, const char *problem)
{
	diag(rule->diagnostics, DIAG_INTENT_PATH, glob->at, "'%.64s' is no pattern of paths: %s", glob->bytes, problem);
	diag_help(rule->diagnostics, "as /etc/**/*.conf, /home/*/.ssh/**, *.so");
}

static struct policy_value_list value_of(struct rule *rule, const struct text *glob, const char *bytes, size_t length)
{
	return value_made(rule, glob->at, text_made(rule, glob->at, "%.*s", (int)length, bytes).bytes);
}

/* A path, or whatever begins and ends as the pattern does. */
static void compare_ends(struct comparing *comparing, const struct text *glob, const struct path_glob_ends *ends, struct span at)
{
	struct rule *rule = comparing->rule;
	struct alternative *alternative = begin(comparing, "glob", at);
	const size_t place = comparing->places.path;

	if (ends->is_exact) {
		alternative_add(rule, alternative, place, OPERATOR_EQUAL, value_of(rule, glob, ends->head.bytes, ends->head.length), glob->at);
		return;
	}
	if (ends->head.length)
		alternative_add(rule, alternative, place, OPERATOR_PREFIX, value_of(rule, glob, ends->head.bytes, ends->head.length), glob->at);
	if (ends->tail.length)
		alternative_add(rule, alternative, place, OPERATOR_POSTFIX, value_of(rule, glob, ends->tail.bytes, ends->tail.length), glob->at);
}

/* Up to its last /, as a folder: the rest is the pattern's. */
static size_t folder_of(const struct path_glob_ends *ends)
{
	size_t length = ends->head.length;

	while (length && ends->head.bytes[length - 1] != '/')
		length--;
	return length;
}

static void keep_whole(struct rule *rule, const struct policy_value *glob, const struct path_glob_ends *ends, struct globs *globs)
{
	const size_t head = folder_of(ends);

	globs->have_heads &= head > 1;
	globs->have_tails &= ends->tail.length > 0;
	globs->heads.items[globs->heads.count++] = *value_of(rule, &glob->text, ends->head.bytes, head).items;
	globs->tails.items[globs->tails.count++] = *value_of(rule, &glob->text, ends->tail.bytes, ends->tail.length).items;
	globs->whole.items[globs->whole.count++] = *glob;
}

/* Beginnings and ends are cheaper to ask for, and answer for most paths. */
static void compare_whole(struct comparing *comparing, const struct globs *globs, struct span at)
{
	struct rule *rule = comparing->rule;
	struct alternative *alternative = begin(comparing, "glob", at);

	if (globs->have_heads)
		alternative_add(rule, alternative, comparing->places.path, OPERATOR_PREFIX, globs->heads, at);
	if (globs->have_tails)
		alternative_add(rule, alternative, comparing->places.path, OPERATOR_POSTFIX, globs->tails, at);
	alternative_add(rule, alternative, comparing->places.path, OPERATOR_GLOB, globs->whole, at);
}

static void refuse_whole(struct rule *rule, const struct text *glob, const char *forms)
{
	diag(rule->diagnostics, DIAG_NOT_EMITTED, glob->at, "Tetragon compares beginnings and ends of paths, and '%.64s' is more", glob->bytes);
	diag_help(rule->diagnostics, "write it as %s, or list the folders with 'exact' and 'dir'", forms);
}

static void compare_globs(struct comparing *comparing, const struct policy_value_list *list, struct span at)
{
	struct rule *rule = comparing->rule;
	struct globs globs = {
		.heads.items = arena_array(rule->arena, struct policy_value, list->count), .have_heads = true,
		.tails.items = arena_array(rule->arena, struct policy_value, list->count), .have_tails = true,
		.whole.items = arena_array(rule->arena, struct policy_value, list->count),
	};

	for (size_t n = 0; n < list->count; n++) {
		const struct text *text = &list->items[n].text;
		struct path_glob glob;
		const char *problem = path_glob_read(text->bytes, text->length, rule->arena, &glob);
		struct path_glob_ends ends;

		if (problem) {
			refuse_glob(rule, text, problem);
			continue;
		}
		ends = path_glob_ends(&glob, rule->arena);
		if (ends.is_exact || ends.is_all)
			compare_ends(comparing, text, &ends, at);
		else if (rule->for_tetragon)
			refuse_whole(rule, text, "FOLDER/**, FOLDER/**/NAME, FOLDER/**/*END or *END");
		else
			keep_whole(rule, &list->items[n], &ends, &globs);
	}
	if (globs.whole.count)
		compare_whole(comparing, &globs, at);
}

/* ---- The keys ---- */

struct keys {
	const struct policy_value_list *exact, *dir, *prefix, *suffix, *contains, *glob;
	struct span exact_at, dir_at, prefix_at, suffix_at, contains_at, glob_at;
};

static void compare_exact(struct comparing *comparing, const struct policy_value_list *written, struct span at)
{
	const struct policy_value_list values = values_expand(comparing->rule, written);

	if (!check_paths(comparing->rule, &values, "paths"))
		return;
	if (comparing->places.is_pair)
		compare_names(comparing, "exact", &values, at);
	else
		compare(comparing, "exact", OPERATOR_EQUAL, values, at);
}

/* The folder itself as well: it can be opened, removed and renamed. */
static void compare_dir(struct comparing *comparing, const struct policy_value_list *written, struct span at)
{
	const struct policy_value_list values = values_expand(comparing->rule, written);
	struct policy_value_list plain;

	if (!check_paths(comparing->rule, &values, "folders"))
		return;
	plain = folders(comparing->rule, &values, false);
	compare(comparing, "dir", OPERATOR_EQUAL, plain, at);
	compare(comparing, "dir", OPERATOR_PREFIX, folders(comparing->rule, &values, true), at);
	if (comparing->places.is_pair)
		compare_names(comparing, "dir", &plain, at);
}

static void compare_text(struct comparing *comparing, const char *key, enum operator_id op, const struct policy_value_list *written,
			 struct span at)
{
	const struct policy_value_list values = values_expand(comparing->rule, written);

	if (op == OPERATOR_PREFIX && !check_paths(comparing->rule, &values, "beginnings of paths"))
		return;
	if (comparing->places.is_pair && op == OPERATOR_POSTFIX)
		compare_suffix_pair(comparing, &values, at);
	else if (comparing->places.is_pair)
		refuse_for_pair(comparing, key, at);
	else
		compare(comparing, key, op, values, at);
}

static void compare_keys(struct comparing *comparing, const struct keys *keys)
{
	if (keys->exact->count)
		compare_exact(comparing, keys->exact, keys->exact_at);
	if (keys->dir->count)
		compare_dir(comparing, keys->dir, keys->dir_at);
	if (keys->prefix->count)
		compare_text(comparing, "prefix", OPERATOR_PREFIX, keys->prefix, keys->prefix_at);
	if (keys->suffix->count)
		compare_text(comparing, "suffix", OPERATOR_POSTFIX, keys->suffix, keys->suffix_at);
	if (keys->contains && keys->contains->count)
		compare_text(comparing, "contains", OPERATOR_SUBSTRING, keys->contains, keys->contains_at);
	if (!keys->glob->count)
		return;
	if (comparing->places.is_pair) {
		refuse_for_pair(comparing, "glob", keys->glob_at);
	} else {
		const struct policy_value_list globs = values_expand(comparing->rule, keys->glob);

		compare_globs(comparing, &globs, keys->glob_at);
	}
}

/* No key is there: any path.  A list that is there and empty would mean none, and is refused. */
static bool says_nothing(struct rule *rule, const struct keys *keys)
{
	const struct { const struct policy_value_list *values; struct span at; } lists[] = {
		{ keys->exact, keys->exact_at }, { keys->dir, keys->dir_at }, { keys->prefix, keys->prefix_at },
		{ keys->suffix, keys->suffix_at }, { keys->contains, keys->contains_at }, { keys->glob, keys->glob_at },
	};
	bool nothing = true;

	for (size_t n = 0; n < sizeof(lists) / sizeof(*lists); n++) {
		nothing &= span_is_empty(lists[n].at);
		if (span_is_empty(lists[n].at) || lists[n].values->count)
			continue;
		diag(rule->diagnostics, DIAG_INTENT_EMPTY, lists[n].at, "this list is empty");
		diag_help(rule->diagnostics, "remove the key to mean any path");
	}
	return nothing;
}

/* ---- What an exception does not let pass: filters that hold when it is known that the path is none of these ---- */

static void exclude(struct comparing *comparing, enum operator_id op, struct policy_value_list values, struct span at)
{
	if (values.count)
		alternatives_add_all(comparing->rule, comparing->to, comparing->places.path, op, values, at);
}

/* `what` they are, of messages. */
static void exclude_paths(struct comparing *comparing, enum operator_id op, const struct policy_value_list *written, const char *what, struct span at)
{
	const struct policy_value_list values = values_expand(comparing->rule, written);

	if (check_paths(comparing->rule, &values, what))
		exclude(comparing, op, values, at);
}

static void exclude_dir(struct comparing *comparing, const struct policy_value_list *written, struct span at)
{
	const struct policy_value_list values = values_expand(comparing->rule, written);

	if (!check_paths(comparing->rule, &values, "folders"))
		return;
	exclude(comparing, OPERATOR_NOT_EQUAL, folders(comparing->rule, &values, false), at);
	exclude(comparing, OPERATOR_NOT_PREFIX, folders(comparing->rule, &values, true), at);
}

/* Of a name that Tetragon has by itself: what is before it may be in another mount. */
static void exclude_suffix(struct comparing *comparing, const struct policy_value_list *written, struct span at)
{
	const struct policy_value_list values = values_expand(comparing->rule, written);

	for (size_t n = 0; comparing->places.is_pair && n < values.count; n++)
		if (has_slash_inside(&values.items[n].text)) {
			refuse_for_pair(comparing, "notSuffix", values.items[n].text.at);
			return;
		}
	alternatives_add_all(comparing->rule, comparing->to, comparing->places.is_pair ? comparing->places.name : comparing->places.path,
		OPERATOR_NOT_POSTFIX, values, at);
}

/* Both ends at once have no opposite there. */
static void exclude_ends(struct comparing *comparing, const struct text *glob, struct span at)
{
	struct rule *rule = comparing->rule;
	struct path_glob read;
	struct path_glob_ends ends;

	path_glob_read(glob->bytes, glob->length, rule->arena, &read);
	ends = path_glob_ends(&read, rule->arena);
	if (ends.is_exact)
		exclude(comparing, OPERATOR_NOT_EQUAL, value_of(rule, glob, ends.head.bytes, ends.head.length), at);
	else if (ends.is_all && !ends.tail.length)
		exclude(comparing, OPERATOR_NOT_PREFIX, value_of(rule, glob, ends.head.bytes, ends.head.length), at);
	else if (ends.is_all && !ends.head.length)
		exclude(comparing, OPERATOR_NOT_POSTFIX, value_of(rule, glob, ends.tail.bytes, ends.tail.length), at);
	else
		refuse_whole(rule, glob, "FOLDER/** or *END");
}

static void exclude_globs(struct comparing *comparing, const struct policy_value_list *written, struct span at)
{
	const struct policy_value_list values = values_expand(comparing->rule, written);
	struct path_glob read;
	bool fine = true;

	for (size_t n = 0; n < values.count; n++) {
		const struct text *glob = &values.items[n].text;
		const char *problem = path_glob_read(glob->bytes, glob->length, comparing->rule->arena, &read);

		if (problem)
			refuse_glob(comparing->rule, glob, problem);
		else if (comparing->rule->for_tetragon)
			exclude_ends(comparing, glob, at);
		fine &= !problem;
	}
	if (fine && !comparing->rule->for_tetragon)
		exclude(comparing, OPERATOR_NOT_GLOB, values, at);
}

/* The opposite of a folder and a name in it is one or the other, and no filter. */
static bool refuse_pair(struct comparing *comparing, const struct keys *keys)
{
	const struct { const char *key; const struct policy_value_list *values; struct span at; } lists[] = {
		{ "notExact", keys->exact, keys->exact_at }, { "notDir", keys->dir, keys->dir_at }, { "notPrefix", keys->prefix, keys->prefix_at },
		{ "notGlob", keys->glob, keys->glob_at },
	};
	bool refused = false;

	for (size_t n = 0; n < sizeof(lists) / sizeof(*lists) && comparing->places.is_pair; n++)
		if (lists[n].values->count) {
			diag(comparing->rule->diagnostics, DIAG_NOT_EMITTED, lists[n].at,
			     "Tetragon has the folder and the name of what is created, removed or renamed, and '%s' is neither", lists[n].key);
			diag_help(comparing->rule->diagnostics, "say by 'exact' and 'dir' what is let pass");
			refused = true;
		}
	return refused;
}

static void exclude_keys(struct comparing *comparing, const struct keys *keys)
{
	if (refuse_pair(comparing, keys))
		return;
	if (keys->exact->count)
		exclude_paths(comparing, OPERATOR_NOT_EQUAL, keys->exact, "paths", keys->exact_at);
	if (keys->dir->count)
		exclude_dir(comparing, keys->dir, keys->dir_at);
	if (keys->prefix->count)
		exclude_paths(comparing, OPERATOR_NOT_PREFIX, keys->prefix, "beginnings of paths", keys->prefix_at);
	if (keys->suffix->count)
		exclude_suffix(comparing, keys->suffix, keys->suffix_at);
	if (keys->glob->count)
		exclude_globs(comparing, keys->glob, keys->glob_at);
}

/* ---- Both ---- */

static struct keys positive_of(const struct intent_paths *paths)
{
	return (struct keys){
		&paths->exact, &paths->dir, &paths->prefix, &paths->suffix, &paths->contains, &paths->glob,
		paths->exact_at, paths->dir_at, paths->prefix_at, paths->suffix_at, paths->contains_at, paths->glob_at,
	};
}

static struct keys negative_of(const struct intent_paths *paths)
{
	return (struct keys){
		&paths->not_exact, &paths->not_dir, &paths->not_prefix, &paths->not_suffix, NULL, &paths->not_glob,
		paths->not_exact_at, paths->not_dir_at, paths->not_prefix_at, paths->not_suffix_at, { 0 }, paths->not_glob_at,
	};
}

void paths_match(struct rule *rule, const struct intent_paths *paths, struct path_places places, const char *label,
		 struct alternatives *matches, struct alternatives *exceptions)
{
	struct comparing comparing = { rule, places, label, matches };
	const struct keys positive = positive_of(paths), negative = negative_of(paths);

	compare_keys(&comparing, &positive);
	matches->everything |= says_nothing(rule, &positive);
	comparing.to = exceptions;
	says_nothing(rule, &negative);
	compare_keys(&comparing, &negative);
}

/* Without an alternative it would let everything pass. */
void paths_except(struct rule *rule, const struct intent_paths *paths, struct path_places places, struct alternatives *ret)
{
	struct comparing comparing = { rule, places, NULL, ret };
	const struct keys positive = positive_of(paths), negative = negative_of(paths);
	const size_t errors = rule->diagnostics->errors;
	const bool is_any = says_nothing(rule, &positive);

	says_nothing(rule, &negative);
	compare_keys(&comparing, &positive);
	if (!is_any && !ret->count && rule->diagnostics->errors == errors) {
		diag(rule->diagnostics, DIAG_INTENT_EMPTY, paths->at, "no entry of a folder has such a path");
		diag_help(rule->diagnostics, "leave the exception out");
	}
	exclude_keys(&comparing, &negative);
}
