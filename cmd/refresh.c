// SPDX-License-Identifier: Apache-2.0
/* refresh.c - `tetra refresh`: brings up to date for which of the host's containers the policies are that the kernel runs. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cmd/change.h"
#include "cmd/verb.h"
#include "cmd/workload_files.h"
#include "runtime/apply_scopes.h"

extern const struct verb verb_refresh;

static struct {
	const char *root;
	struct option_list workloads;
	bool quiet;
} arguments;

static size_t count_containers(const struct workloads *workloads)
{
	size_t count = 0;

	for (size_t n = 0; n < workloads->cgroups.count; n++)
		count += workloads->cgroups.items[n].kind == CGROUP_CONTAINER;
	return count;
}

static void print_refreshed(const struct workloads *workloads, size_t scopes)
{
	const size_t containers = count_containers(workloads);

	printf("%zu set%s of workloads, %zu container%s, %zu cgroup%s of the host\n", scopes, scopes == 1 ? "" : "s", containers,
	       containers == 1 ? "" : "s", workloads->cgroups.count - containers, workloads->cgroups.count - containers == 1 ? "" : "s");
}

static int refresh(const struct workload_list *told)
{
	struct scoping scoping = { .told = told };
	struct failure failure = { 0 };
	size_t scopes = 0;
	int error = scopes_refresh(arguments.root, &scoping, &scopes, &failure);

	if (!error && !arguments.quiet) {
		workload_files_print_notes(&scoping.workloads);
		print_refreshed(&scoping.workloads, scopes);
	}
	apply_scopes_release(&scoping);
	if (error == -ENOENT && !failure.text[0]) {
		complain("no policy is applied");
		return EXIT_SYSTEM;
	}
	return error ? change_failed(error, &failure) : EXIT_FINE;
}

static int refresh_run(int count, char **operands)
{
	struct workload_files files = { .text_count = 0 };
	int code;

	if (count) {
		complain("takes no operand, not '%s'", operands[0]);
		return EXIT_USAGE;
	}
	if (!change_allowed())
		return EXIT_SYSTEM;
	code = workload_files_read(&arguments.workloads, &files);
	if (code == EXIT_FINE)
		code = refresh(&files.list);
	workload_files_release(&files);
	return code;
}

static const struct option_row refresh_options[] = {
	WORKLOADS_OPTION(&arguments.workloads),
	{ 'q', "quiet", OPTION_FLAG, &arguments.quiet, NULL, "say only what fails" },
	{ 0, "root", OPTION_STRING, &arguments.root, "DIR", "pins are below DIR (default /sys/fs/bpf/tetra)", WORD_FOLDER },
	OPTIONS_END
};

static const struct note refresh_examples[] = {
	{ "tetra refresh", "containers that have come, gone or changed since the policies were applied" },
	NOTES_END
};

static const struct note refresh_files[] = {
	WORKLOADS_NOTE,
	NOTES_END
};

const struct verb verb_refresh = {
	.name = "refresh",
	.summary = "bring up to date for which containers the policies are that the kernel runs",
	.details = "Policies with podSelector, containerSelector or hostSelector, selectors with matchWorkloads and policies of one "
		"namespace are for some processes only. Which cgroups those are is found out when they are applied, and by this verb again: "
		"memory is written, no program is loaded and nothing is attached. Needs root.",
	.options = refresh_options,
	.examples = refresh_examples,
	.files = refresh_files,
	.run = refresh_run,
};
