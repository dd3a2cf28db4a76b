// SPDX-License-Identifier: Apache-2.0
/* apply.c - `tetra apply`: makes the kernel run policies, beside or instead of those it runs already. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cmd/attach.h"
#include "cmd/change.h"
#include "cmd/linking.h"
#include "cmd/node.h"
#include "cmd/verb.h"
#include "cmd/workload_files.h"

extern const struct verb verb_apply;

static struct {
	const char *root, *mode;
	struct option_list attach, workloads;
	struct node_arguments node;
	bool replace_all, hold, dry_run, verbose;
} arguments;

static volatile sig_atomic_t interrupted;

static void on_signal(int signal)
{
	interrupted = signal;
}

/* Between steps only: no system call of ours is cut short by it. */
static void catch_signals(void)
{
	struct sigaction action = { .sa_handler = on_signal, .sa_flags = SA_RESTART };

	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGHUP, &action, NULL);
}

static int before_step(void *context, const struct plan_step *step)
{
	struct buffer text = { 0 };

	(void)context;
	if (arguments.verbose) {
		plan_step_print(step, &text);
		fprintf(stderr, "%s\n", text.bytes);
		buffer_release(&text);
	}
	return interrupted ? -EINTR : 0;
}

/* ---- Saying what happened ---- */

static void print_replaced(const struct apply *apply)
{
	const char *const *names;
	size_t count = apply_replaced(apply, &names);

	for (size_t i = 0; i < count; i++)
		fprintf(stderr, "note: policy '%s' is there already and is replaced\n", names[i]);
}

static void print_doubts(const struct plan_input *input)
{
	for (size_t i = 0; i < input->doubt_count; i++)
		fprintf(stderr, "%s: warning: %s\n", input->doubts[i].place, input->doubts[i].text);
}

static void print_notes(const struct plan *plan)
{
	for (size_t i = 0; i < plan->note_count; i++)
		fprintf(stderr, "%s: note: %s\n", plan->notes[i].place, plan->notes[i].text);
}

static int print_plan(const struct apply *apply)
{
	struct buffer text = { 0 };

	plan_print(apply_plan(apply), &text);
	fputs(text.bytes ? text.bytes : "", stdout);
	buffer_release(&text);
	return EXIT_FINE;
}

static void print_applied(const struct apply *apply)
{
	const struct image_view *image = apply_image(apply);
	size_t count = image_policy_count(image), left_out;
	struct arena arena = { 0 };

	for (size_t i = 0; i < count; i++) {
		struct image_policy policy = image_policy_at(image, i);

		if (policy.elsewhere) {
			printf("%s: not for this node\n", policy.name);
			continue;
		}
		image_hooks_elsewhere(image, (uint32_t)i, &arena, &left_out);
		printf("%s: %s, %u hook%s", policy.name,
			policy.monitor && policy.enforces ? "monitors only" : policy.enforces ? "enforces" : "monitors",
			policy.hook_count, policy.hook_count == 1 ? "" : "s");
		if (left_out)
			printf(", and %zu for other nodes", left_out);
		printf("\n");
	}
	arena_release(&arena);
}

/* ---- Applying ---- */

static int hold(struct apply *apply)
{
	struct failure failure = { 0 };
	sigset_t waited, before;

	sigemptyset(&waited);
	sigaddset(&waited, SIGINT);
	sigaddset(&waited, SIGTERM);
	sigaddset(&waited, SIGHUP);
	sigprocmask(SIG_BLOCK, &waited, &before);
	fprintf(stderr, "holding the policies; Ctrl-C ends and removes them\n");
	fflush(stdout);
	while (!interrupted)
		sigsuspend(&before);
	sigprocmask(SIG_SETMASK, &before, NULL);
	if (!apply_end(apply, &failure))
		return EXIT_FINE;
	complain("%s", failure.text);
	return EXIT_SYSTEM;
}

static int run(struct apply *apply)
{
	struct failure failure = { 0 };
	int error = apply_run(apply, &failure);

	if (error == -EINTR) {
		complain("interrupted: nothing was changed");
		return EXIT_SYSTEM;
	}
	if (error) {
		complain("%s; nothing was changed", failure.text);
		return EXIT_SYSTEM;
	}
	workload_files_print_notes(apply_workloads(apply));
	print_applied(apply);
	if (arguments.hold && !interrupted)
		return hold(apply);
	if (interrupted) {
		complain("interrupted when the policies were in effect already: they are applied");
		return EXIT_SYSTEM;
	}
	return EXIT_FINE;
}

static int apply_objects(const struct linking *linking, const struct node *node, const struct workload_list *workloads)
{
	struct apply_options options = {
		.root = arguments.root,
		.scope = arguments.replace_all ? APPLY_REPLACE_ALL : APPLY_ADD,
		.access = arguments.dry_run ? APPLY_LOOK : APPLY_CHANGE,
		.lifetime = arguments.hold ? LIFETIME_HELD : LIFETIME_PINNED,
		.workloads = workloads,
		.node = node_labels_of(node),
		.before_step = before_step,
	};
	struct failure failure = { 0 };
	struct apply *apply;
	int error, code;

	if (!attach_read(&arguments.attach, &options.attach))
		return EXIT_USAGE;
	if (geteuid()) {
		complain("needs root: programs are loaded into the kernel and pinned below /sys/fs/bpf; "
			"try sudo, or 'tetra dry-run' for verdicts without a kernel");
		return EXIT_SYSTEM;
	}
	catch_signals();
	error = apply_prepare(&options, linking->objects, linking->object_count, &apply, &failure);
	if (error)
		return change_failed(error, &failure);
	print_replaced(apply);
	print_doubts(apply_input(apply));
	print_notes(apply_plan(apply));
	if (apply_plan(apply)->refusal_count)
		code = change_refused(apply_plan(apply));
	else
		code = arguments.dry_run ? print_plan(apply) : run(apply);
	apply_free(apply);
	return code;
}

/* ---- The verb ---- */

static void choose_mode(struct linking *linking)
{
	for (size_t n = 0; arguments.mode && n < linking->object_count; n++)
		linking->objects[n].mode = change_mode(arguments.mode);
}

static int apply_operands(int count, char **operands)
{
	struct inputs inputs = { 0 };
	struct linking linking = { 0 };
	struct workload_files files = { .list = { NULL, 0 } };
	struct node node = { .is_known = false };
	int code = node_read(&arguments.node, TOLD_OF_THIS, &node);

	if (code == EXIT_FINE)
		code = inputs_compile_here(count, operands, &inputs);
	if (code == EXIT_FINE) {
		linking_collect(&inputs, &linking);
		choose_mode(&linking);
		code = linking_refuse_later(&linking, "nothing was applied");
	}
	if (code == EXIT_FINE)
		code = node_place(&node, &linking, "nothing was applied");
	if (code == EXIT_FINE)
		code = workload_files_read(&arguments.workloads, TOLD_OF_THIS, &files);
	if (code == EXIT_FINE)
		code = apply_objects(&linking, &node, &files.list);
	node_release(&node);
	workload_files_release(&files);
	linking_release(&linking);
	inputs_release(&inputs);
	return code;
}

static const struct option_row apply_options[] = {
	{ 0, "replace-all", OPTION_FLAG, &arguments.replace_all, NULL, "remove the policies that are not given" },
	{ 0, "mode", OPTION_CHOICE, &arguments.mode, "enforce|monitor",
	  "what these policies do with their enforcement actions, whatever they say themselves" },
	{ 0, "attach", OPTION_LIST, &arguments.attach, "KIND,...",
	  "attach by these kinds only, such as kprobe or fentry; 'tetra dry-run' shows what is chosen without it", WORD_ATTACH },
	WORKLOADS_OPTION(&arguments.workloads),
	NODE_OPTIONS(&arguments.node),
	{ 0, "hold", OPTION_FLAG, &arguments.hold, NULL,
	  "stay, and keep what this kernel cannot keep by itself; Ctrl-C removes it" },
	{ 'n', "dry-run", OPTION_FLAG, &arguments.dry_run, NULL, "print the steps, and change nothing" },
	{ 'v', "verbose", OPTION_FLAG, &arguments.verbose, NULL, "say each step" },
	{ 0, "root", OPTION_STRING, &arguments.root, "DIR", "pin below DIR (default " PINS_ROOT_DEFAULT ")",
	  WORD_FOLDER },
	OPTIONS_END
};

static const struct note apply_examples[] = {
	{ "tetra apply policy.yaml", "run a policy beside those that run already, or in place of the one of its name" },
	{ "tetra apply --replace-all policies", "these and no others" },
	{ "tetra apply --mode=monitor policy.yaml", "report what it would enforce, and enforce nothing" },
	{ "tetra apply --dry-run policy.yaml", "the steps, without taking them" },
	NOTES_END
};

static const struct note apply_files[] = {
	{ PINS_ROOT_DEFAULT, "maps, programs and links of the policies that the kernel runs" },
	WORKLOADS_NOTE,
	NODE_NOTE,
	NOTES_END
};

const struct verb verb_apply = {
	.name = "apply",
	.operands = "POLICY...",
	.takes = WORD_POLICY,
	.summary = "make the kernel run these policies",
	.details = "Policies that run already stay; one of the same name is replaced. All take effect at once: until then "
		"the old ones are in force, and any failure leaves them so. What this version cannot run yet is refused, with "
		"its place in the policy, before anything is done.",
	.options = apply_options,
	.examples = apply_examples,
	.files = apply_files,
	.run = apply_operands,
};
