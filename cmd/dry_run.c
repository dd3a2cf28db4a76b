// SPDX-License-Identifier: Apache-2.0
/* dry_run.c - `tetra dry-run`: what policies would do, to recorded events or to a host; changes nothing. */
#include <string.h>

#include "cmd/dry_run.h"
#include "cmd/linking.h"
#include "cmd/node.h"
#include "cmd/verb.h"
#include "cmd/workload_files.h"

static struct {
	const char *events, *output, *kernel, *types;
	struct node_arguments node;
	struct option_list workloads;
} dry_run = { .output = "text" };

/* What the user says of the host. */
struct host_files { struct node node; struct workload_files workloads; };

/* The files in /etc are about this host, and not about that of a profile. */
static int read_host(struct host_files *ret)
{
	const enum told_of of = dry_run.kernel ? TOLD_OF_ANOTHER : TOLD_OF_THIS;
	int code = node_read(&dry_run.node, of, &ret->node);

	return code == EXIT_FINE ? workload_files_read(&dry_run.workloads, of, &ret->workloads) : code;
}

/* Verdicts of a policy whose nodes nobody can tell are those on a node that it is for. */
static int run_on(struct linking *linking, const struct host_files *host)
{
	const struct dry_run options = {
		.profile = dry_run.kernel, .types = dry_run.types, .node = node_labels_of(&host->node),
		.workloads = &host->workloads.list,
		.as_json = !strcmp(dry_run.output, "json"),
	};
	int code = node_place(&host->node, linking, NULL);

	if (code == EXIT_FINE)
		code = linking_run(linking);
	if (code == EXIT_FINE)
		code = dry_run.events ? dry_run_events(linking, dry_run.events, &options) : dry_run_plan(linking, &options);
	return code;
}

static int dry_run_run(int count, char **operands)
{
	struct inputs inputs = { 0 };
	struct linking linking = { 0 };
	struct host_files host = { .node = { .is_known = false } };
	int code;

	if (dry_run.types && !dry_run.kernel) {
		complain("--types goes with --kernel; without it, the types are those of this kernel");
		return EXIT_USAGE;
	}
	code = read_host(&host);
	if (code == EXIT_FINE)
		code = dry_run.kernel ? inputs_compile_for(dry_run.kernel, count, operands, &inputs) :
			dry_run.events ? inputs_compile(count, operands, NULL, &inputs) : inputs_compile_here(count, operands, &inputs);
	if (code == EXIT_FINE) {
		linking_collect(&inputs, &linking);
		code = run_on(&linking, &host);
	}
	linking_release(&linking);
	inputs_release(&inputs);
	workload_files_release(&host.workloads);
	node_release(&host.node);
	return code;
}

static const struct option_row dry_run_options[] = {
	{ 0, "events", OPTION_STRING, &dry_run.events, "FILE",
	  "decide on these events: JSON lines, as getevents and Tetragon write them; - is standard input",
	  WORD_FILE },
	{ 0, "kernel", OPTION_STRING, &dry_run.kernel, "FILE", "without --events: for the kernel of this profile, which 'tetra probe -o json' wrote",
	  WORD_FILE },
	{ 0, "types", OPTION_STRING, &dry_run.types, "FILE", "with --kernel: the types of that kernel, a copy of its /sys/kernel/btf/vmlinux",
	  WORD_FILE },
	WORKLOADS_OPTION(&dry_run.workloads),
	NODE_OPTIONS(&dry_run.node),
	{ 'o', "output", OPTION_CHOICE, &dry_run.output, "text|json", "how to print it (text)" },
	OPTIONS_END
};

static const struct note dry_run_examples[] = {
	{ "tetra dry-run policy.yaml", "what this kernel would load for a policy, and what an event would take" },
	{ "tetra dry-run --kernel host.json policy.yaml", "the same for another kernel" },
	{ "tetra dry-run --kernel host.json --types host.btf policy.yaml", "where paths of 'resolve' lead there, too" },
	{ "tetra dry-run --workloads pods.yaml policy.yaml", "also for which containers it would be" },
	{ "tetra dry-run policy.yaml --events events.jsonl", "which event matches, and why not" },
	{ "tetra dry-run -o json policies --events - <events.jsonl", "the same as JSON lines" },
	NOTES_END
};

extern const struct verb verb_dry_run;
const struct verb verb_dry_run = {
	.name = "dry-run", .operands = "POLICY...", .takes = WORD_POLICY,
	.summary = "say what policies would do, and change nothing",
	.details = "With --events: for each event and policy the verdict, and for each selector that failed the filter that\n"
		   "failed first, its place in the policy and the value that it saw. Events are decided by the matcher that\n"
		   "runs in the kernel. The arguments of an event are in the order of the policy that it names; events\n"
		   "written by hand may give each argument its \"index\". What an event does not carry is not known; where\n"
		   "it could make a difference, the verdict is unknown, which is no match. Without --events: for this kernel, or for the one of a profile, how each hook would be\n"
		   "attached and what an event there takes, programs and maps, what is there already and stays, and what cannot run\n"
		   "there, with its line; with its types, also where paths of 'resolve' lead. What is not known is said to be so. Without root nothing can be tried on this kernel.",
	.options = dry_run_options, .examples = dry_run_examples, .run = dry_run_run,
};
