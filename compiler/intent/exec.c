// SPDX-License-Identifier: Apache-2.0
/*
 * exec.c - programs that are started, as LSM hooks; see rule.h.
 *
 * bprm_check_security is asked for the file that was named and for each interpreter that it leads to; bprm_creds_for_exec (5.8) once, for what was
 * named; bprm_creds_from_file (5.8) once, for the image that runs in the end, whose bits count; bprm_committing_creds is told of that image when the process
 * has its memory already, and in it what it is started with, which cannot be read before.
 */
#include "compiler/intent/rule.h"

#define SET_ID_BITS "0xc00"	/* S_ISUID | S_ISGID */
#define NO_SET_ID_BITS "32768:33791"	/* modes without them, of regular files (S_IFREG, 0x8000), which alone can be run */

/* What the user says runs, or all that does. */
static const char *hook_of(const struct intent_exec *exec)
{
	if (exec->arguments)
		return "bprm_committing_creds";
	if (exec->setid != INTENT_SETID_ANY)
		return "bprm_creds_from_file";
	return exec->interpreters ? "bprm_creds_for_exec" : "bprm_check_security";
}

/* The structure that a hook has of the program, or of its image alone, with what it has of the file there. */
struct exec_places { uint32_t index; const char *mode, *links; };

static struct exec_places places_of(const struct rule *rule)
{
	const struct intent_exec *exec = rule->written->match.exec;
	const bool is_image = exec->setid != INTENT_SETID_ANY && !exec->arguments;

	return is_image ? (struct exec_places){ 1, "f_inode.i_mode", "f_inode.i_nlink" } :
		(struct exec_places){ 0, "file.f_inode.i_mode", "file.f_inode.i_nlink" };
}

static size_t mode_place(struct rule *rule, const struct probe *probe)
{
	const struct exec_places places = places_of(rule);

	return rule_place(rule, probe, places.index, TYPE_UINT16, places.mode);
}

static size_t links_place(struct rule *rule, const struct probe *probe)
{
	const struct exec_places places = places_of(rule);

	return rule_place(rule, probe, places.index, TYPE_UINT32, places.links);
}

/* What it is started with has the argument for itself: in events, values of one argument are told apart by what is read of it. */
static size_t add_path(struct probe *probe, const struct intent_exec *exec)
{
	if (exec->arguments)
		return probe_add_argument(probe, 0, TYPE_FILE, "file", NULL);
	return exec->setid == INTENT_SETID_ANY ? probe_add_argument(probe, 0, TYPE_LINUX_BINPRM, NULL, NULL) :
		probe_add_argument(probe, 1, TYPE_FILE, NULL, NULL);
}

static void add_setid(struct rule *rule, struct probe *probe)
{
	const struct intent_exec *exec = rule->written->match.exec;
	size_t place;

	if (exec->setid == INTENT_SETID_ANY)
		return;
	place = mode_place(rule, probe);
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

	if (exec->fileless)
		alternative_add(rule, &probe->condition, links_place(rule, probe), OPERATOR_EQUAL, value_made(rule, exec->fileless_at, "0"), exec->fileless_at);
}

/* ---- What it is started with ---- */

enum { COMMAND_LINE = 0 };		/* its place among the arguments: the first, where it is read at all */

/* The old program is gone when it can be read: who is killed then runs nothing of the new one. */
static bool can_read_arguments(struct rule *rule)
{
	const struct intent_rule *written = rule->written;
	const struct intent_exec *exec = written->match.exec;

	if (rule->for_tetragon) {
		diag(rule->diagnostics, DIAG_NOT_EMITTED, exec->arguments_at, "Tetragon has no argument that is the command line of a program that is started");
		diag_help(rule->diagnostics, "leave the rule to tetra apply, or go by 'paths' alone");
	} else if (written->effect != INTENT_AUDIT && written->effect != INTENT_KILL) {
		diag(rule->diagnostics, DIAG_NOT_LOWERABLE, exec->arguments_at,
			"what a program is started with can be read when its memory is there, and nothing can be denied then");
		diag_help(rule->diagnostics, "it can be told of, or who starts it killed before it runs: effect: audit, or kill; to deny it go by 'paths' alone");
	} else if (written->effect == INTENT_KILL && written->respond && written->respond->error.bytes) {
		diag(rule->diagnostics, DIAG_NOT_LOWERABLE, written->respond->error.at, "'errno' where nothing fails: the process is killed, and no call comes back");
		diag_help(rule->diagnostics, "remove it");
	} else {
		return true;
	}
	return false;
}

static void add_arguments(struct rule *rule, struct probe *probe)
{
	const struct intent_arguments *arguments = rule->written->match.exec->arguments;

	if (!arguments)
		return;
	probe->only_tells = true;
	probe->arguments[probe_add_argument(probe, 0, TYPE_STRING, NULL, NULL)].command_line = true;
	refuse_empty(rule, arguments->contains_at, arguments->contains.count);
	if (arguments->contains.count)
		alternative_add(rule, &probe->condition, COMMAND_LINE, OPERATOR_SUBSTRING, values_expand(rule, &arguments->contains), arguments->contains_at);
}

/* ---- Both ---- */

void exec_lower(struct rule *rule)
{
	const struct intent_exec *exec = rule->written->match.exec;
	struct probe *probe;

	if ((exec->setid != INTENT_SETID_ANY || exec->arguments) && !span_is_empty(exec->interpreters_at))
		refuse_operation(rule, exec->interpreters_at, "interpreters", exec->arguments ? "with 'args' the image that runs in the end is meant, which of a script is its interpreter" :
			"with 'setid' the image that runs in the end is meant");
	if (exec->arguments && !can_read_arguments(rule))
		return;
	probe = rule_add_probe(rule, HOOK_LSM, hook_of(exec), "exec", rule->written->match.exec_at);
	add_arguments(rule, probe);
	probe->path.path = add_path(probe, exec);
	add_setid(rule, probe);
	add_fileless(rule, probe);
	if (exec->paths)
		paths_match(rule, exec->paths, probe->path, NULL, &probe->matches, &probe->exceptions);
	else
		probe->matches.everything = true;
}

/* They are read where the rule itself asks for them. */
static void except_arguments(struct rule *rule, const struct intent_exec *exec, struct alternatives *ret)
{
	if (!rule->written->match.exec->arguments) {
		refuse_excepted(rule, exec->arguments_at, "args", "where the rule is asked what a program is started with cannot be read yet",
			"write a rule with 'args' of its own, for effect: audit or kill");
		return;
	}
	refuse_empty(rule, exec->arguments->contains_at, exec->arguments->contains.count);
	if (exec->arguments->contains.count)
		alternatives_add_all(rule, ret, COMMAND_LINE, OPERATOR_SUBSTRING, values_expand(rule, &exec->arguments->contains),
			exec->arguments->contains_at);
}

bool exec_excepts(struct rule *rule, const struct probe *probe, const struct intent_match *match, struct alternatives *ret)
{
	const struct intent_exec *exec = match->exec;

	if (!span_is_empty(exec->interpreters_at))
		refuse_excepted(rule, exec->interpreters_at, "interpreters",
			"the kernel asks for each file by itself, and of an interpreter it is not known for which script it is started",
			"name the interpreters as well, or say interpreters: ignore in the rule");
	if (!exec->paths && !exec->fileless && exec->setid == INTENT_SETID_ANY && !exec->arguments)
		refuse_empty(rule, exec->at, 0);
	if (exec->paths)
		paths_except(rule, exec->paths, probe->path, ret);
	if (exec->arguments)
		except_arguments(rule, exec, ret);
	if (exec->fileless)
		alternatives_add_all(rule, ret, links_place(rule, probe), OPERATOR_EQUAL, value_made(rule, exec->fileless_at, "0"), exec->fileless_at);
	if (exec->setid == INTENT_SETID_ONLY)
		alternatives_add_all(rule, ret, mode_place(rule, probe), OPERATOR_MASK, value_made(rule, exec->setid_at, SET_ID_BITS), exec->setid_at);
	if (exec->setid == INTENT_SETID_EXCLUDE)
		alternatives_add_all(rule, ret, mode_place(rule, probe), OPERATOR_IN_RANGE, value_made(rule, exec->setid_at, NO_SET_ID_BITS), exec->setid_at);
	return true;
}
