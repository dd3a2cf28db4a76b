// SPDX-License-Identifier: Apache-2.0
/*
 * exec.c - programs that are started, as LSM hooks; see rule.h.
 *
 * bprm_check_security is asked for the file that was named and for each interpreter that it leads to; bprm_creds_for_exec (5.8) once, for what was
 * named; bprm_creds_from_file (5.8) once, for the image that runs in the end, whose bits count.
 */
#include "compiler/intent/rule.h"

#define SET_ID_BITS "0xc00"	/* S_ISUID | S_ISGID */
#define NO_SET_ID_BITS "32768:33791"	/* modes without them, of regular files (S_IFREG, 0x8000), which alone can be run */

/* What the user says runs, or all that does. */
static const char *hook_of(const struct rule *rule)
{
	const struct intent_exec *exec = rule->written->match.exec;

	if (exec->setid != INTENT_SETID_ANY)
		return "bprm_creds_from_file";
	return exec->interpreters ? "bprm_creds_for_exec" : "bprm_check_security";
}

static void add_file(struct rule *rule, struct probe *probe)
{
	const struct intent_exec *exec = rule->written->match.exec;
	size_t place;

	if (exec->setid == INTENT_SETID_ANY) {
		probe->path.path = probe_add_argument(probe, 0, TYPE_LINUX_BINPRM, NULL, NULL);
		return;
	}
	probe->path.path = probe_add_argument(probe, 1, TYPE_FILE, NULL, NULL);
	place = probe_add_argument(probe, 1, TYPE_UINT16, "f_inode.i_mode", NULL);
	if (exec->setid == INTENT_SETID_ONLY)
		alternative_add(rule, &probe->condition, place, OPERATOR_MASK, value_made(rule, exec->setid_at, SET_ID_BITS), exec->setid_at);
	else
		alternative_add(rule, alternatives_add(rule, &probe->exceptions, "setid", exec->setid_at), place, OPERATOR_MASK,
			value_made(rule, exec->setid_at, SET_ID_BITS), exec->setid_at);
}

/* A file without a name has no link: memfd, O_TMPFILE, removed. */
static void add_fileless(struct rule *rule, struct probe *probe)
{
	const struct intent_exec *exec = rule->written->match.exec;
	size_t place;

	if (!exec->fileless)
		return;
	place = exec->setid == INTENT_SETID_ANY ? probe_add_argument(probe, 0, TYPE_UINT32, "file.f_inode.i_nlink", NULL) :
		probe_add_argument(probe, 1, TYPE_UINT32, "f_inode.i_nlink", NULL);
	alternative_add(rule, &probe->condition, place, OPERATOR_EQUAL, value_made(rule, exec->fileless_at, "0"), exec->fileless_at);
}

void exec_lower(struct rule *rule)
{
	const struct intent_exec *exec = rule->written->match.exec;
	struct probe *probe = rule_add_probe(rule, HOOK_LSM, hook_of(rule), "exec", rule->written->match.exec_at);

	if (exec->setid != INTENT_SETID_ANY && !span_is_empty(exec->interpreters_at))
		refuse_operation(rule, exec->interpreters_at, "interpreters", "with 'setid' the image that runs in the end is meant");
	add_file(rule, probe);
	add_fileless(rule, probe);
	if (exec->paths)
		paths_match(rule, exec->paths, probe->path, NULL, &probe->matches, &probe->exceptions);
	else
		probe->matches.everything = true;
}

/* The mode of what is started: of the image that runs in the end, or of the file that is asked for. */
static size_t mode_place(struct rule *rule, const struct probe *probe)
{
	const bool is_final = rule->written->match.exec->setid != INTENT_SETID_ANY;

	return rule_place(rule, probe, is_final, TYPE_UINT16, is_final ? "f_inode.i_mode" : "file.f_inode.i_mode");
}

static size_t links_place(struct rule *rule, const struct probe *probe)
{
	const bool is_final = rule->written->match.exec->setid != INTENT_SETID_ANY;

	return rule_place(rule, probe, is_final, TYPE_UINT32, is_final ? "f_inode.i_nlink" : "file.f_inode.i_nlink");
}

bool exec_excepts(struct rule *rule, const struct probe *probe, const struct intent_match *match, struct alternatives *ret)
{
	const struct intent_exec *exec = match->exec;

	if (!span_is_empty(exec->interpreters_at))
		refuse_excepted(rule, exec->interpreters_at, "interpreters",
			"the kernel asks for each file by itself, and of an interpreter it is not known for which script it is started",
			"name the interpreters as well, or say interpreters: ignore in the rule");
	if (!exec->paths && !exec->fileless && exec->setid == INTENT_SETID_ANY)
		refuse_empty(rule, exec->at, 0);
	if (exec->paths)
		paths_except(rule, exec->paths, probe->path, ret);
	if (exec->fileless)
		alternatives_add_all(rule, ret, links_place(rule, probe), OPERATOR_EQUAL, value_made(rule, exec->fileless_at, "0"), exec->fileless_at);
	if (exec->setid == INTENT_SETID_ONLY)
		alternatives_add_all(rule, ret, mode_place(rule, probe), OPERATOR_MASK, value_made(rule, exec->setid_at, SET_ID_BITS), exec->setid_at);
	if (exec->setid == INTENT_SETID_EXCLUDE)
		alternatives_add_all(rule, ret, mode_place(rule, probe), OPERATOR_IN_RANGE, value_made(rule, exec->setid_at, NO_SET_ID_BITS), exec->setid_at);
	return true;
}
