// SPDX-License-Identifier: Apache-2.0
/* verbs.c - every verb, in the order in which help lists them: the way of a policy; and what all of them share. */
#include <string.h>

#include "cmd/verb.h"

extern const struct verb verb_init, verb_check, verb_explain, verb_schema, verb_compile, verb_inspect, verb_probe, verb_dry_run, verb_test,
	verb_apply, verb_refresh, verb_diff,
	verb_list, verb_mode, verb_getevents, verb_symbolize, verb_metrics, verb_delete, verb_completion, verb_man, verb_version, verb_help, verb_complete;

const struct verb *const verbs[] = {
	&verb_init, &verb_check, &verb_explain, &verb_schema, &verb_compile, &verb_inspect, &verb_probe, &verb_dry_run, &verb_test,
	&verb_apply, &verb_refresh, &verb_diff,
	&verb_list, &verb_mode, &verb_getevents, &verb_symbolize, &verb_metrics, &verb_delete, &verb_completion, &verb_man, &verb_version,
	&verb_help, &verb_complete, NULL,
};

const struct option_row short_verbs[] = {
	{ 'h', "help", OPTION_FLAG, NULL, NULL, NULL },
	{ 'V', "version", OPTION_FLAG, NULL, NULL, NULL },
	OPTIONS_END
};

const struct note exit_notes[] = {
	{ "0", "fine" },
	{ "1", "a policy was refused" },
	{ "2", "wrong command line" },
	{ "3", "a file, the kernel or a permission" },
	NOTES_END
};

const struct note word_notes[WORD_KIND_COUNT] = {
	[WORD_POLICY] = { "POLICY", "a file, a directory (all of *.yaml, *.yml and *.json below it), a glob, or - for "
				    "standard input; a file may hold several policies" },
	[WORD_LANGUAGE] = { "POLICY", "a file, a directory, a glob, or - for standard input" },
	[WORD_APPLIED] = { "NAME", "the name of a policy that the kernel runs; `tetra list` shows them" },
	[WORD_TOPIC] = { "TOPIC", "what the policy is about, as shells or egress; `tetra init --list` has all" },
	[WORD_VERB] = { "VERB", "a verb of tetra" },
	[WORD_PAGE] = { "PAGE", "a page of this manual: a verb, as `check`; or the name of a page with or without its "
				"section, as `tetra-policy` or `tetra-check.1`; tetra(1) unless said" },
};

const struct verb *verb_find(const char *name)
{
	for (size_t i = 0; verbs[i]; i++)
		if (!strcmp(verbs[i]->name, name) || (verbs[i]->alias && !strcmp(verbs[i]->alias, name)))
			return verbs[i];
	return NULL;
}
