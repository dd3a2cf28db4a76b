// SPDX-License-Identifier: Apache-2.0
/* verbs.c - every verb, in the order in which help lists them: the way of a policy. */
#include "cmd/verb.h"

extern const struct verb verb_check, verb_explain, verb_schema, verb_compile, verb_dry_run, verb_apply, verb_list,
	verb_getevents, verb_delete, verb_version, verb_help;

const struct verb *const verbs[] = {
	&verb_check, &verb_explain, &verb_schema, &verb_compile, &verb_dry_run, &verb_apply, &verb_list,
	&verb_getevents, &verb_delete, &verb_version, &verb_help, NULL,
};
