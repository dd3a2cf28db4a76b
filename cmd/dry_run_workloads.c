// SPDX-License-Identifier: Apache-2.0
/* dry_run_workloads.c - see dry_run_workloads.h. */
#include "cmd/dry_run_workloads.h"

#include <string.h>

#include "cmd/change.h"
#include "cmd/workload_files.h"
#include "runtime/apply_scopes.h"

/* ---- Who is there ---- */

/* Of another host nothing is known but what the user says; in a container's place stands its cgroup's. */
static void suppose(const struct workload_list *told, struct workloads *ret)
{
	struct cgroups *cgroups = &ret->cgroups;

	*ret = (struct workloads){ .cgroups = { .mount = "", .count = told->count + 1 } };
	cgroups->items = arena_array(&ret->arena, struct cgroup, cgroups->count);
	ret->of = arena_array(&ret->arena, struct workload, cgroups->count);
	cgroups->items[0] = (struct cgroup){ .path = "/", .kind = CGROUP_HOST };
	for (size_t n = 0; n < told->count; n++) {
		cgroups->items[n + 1] = (struct cgroup){
			.path = told->items[n].cgroup ? told->items[n].cgroup : told->items[n].container,
			.kind = told->items[n].host ? CGROUP_USER : CGROUP_CONTAINER,
		};
		ret->of[n + 1] = told->items[n];
	}
}

static int find_workloads(const struct dry_run *options, struct dry_run_scopes *selecting)
{
	struct failure failure = { 0 };
	int error;

	if (options->profile) {
		suppose(options->workloads, &selecting->workloads);
		return EXIT_FINE;
	}
	error = workloads_look(NULL, options->workloads, &selecting->workloads, &failure);
	if (error)
		return change_failed(error, &failure);
	workload_files_print_notes(&selecting->workloads);
	workloads_check_host(&selecting->workloads, &selecting->refusal);
	return EXIT_FINE;
}

/* ---- Whom a policy is for ---- */

/* "web, docker.io/library/nginx:1.27, pod shop/web-0, /machine.slice/web.scope". */
static const char *name_workload(const struct dry_run_scopes *selecting, size_t n)
{
	const struct workload *workload = &selecting->workloads.of[n];
	struct buffer text = { 0 };
	const char *name;

	if (workload->name)
		buffer_format(&text, "%s, ", workload->name);
	if (workload->image)
		buffer_format(&text, "%s, ", workload->image);
	if (workload->pod)
		buffer_format(&text, "pod %s%s%s, ", workload->namespace ? workload->namespace : "", workload->namespace ? "/" : "", workload->pod);
	buffer_add_text(&text, selecting->workloads.cgroups.items[n].path);
	name = arena_copy(selecting->arena, text.bytes, text.length);
	buffer_release(&text);
	return name;
}

static void add_container(const struct dry_run_scopes *selecting, size_t n, enum match_answer answer, struct data *list)
{
	const struct workload *workload = &selecting->workloads.of[n];
	struct data *entry = data_record(selecting->arena, list, NULL);

	data_text(selecting->arena, entry, "text", arena_format(selecting->arena, "%s%s", answer == MATCH_UNKNOWN ? "not known: " : "",
								name_workload(selecting, n)));
#define ADD(member) if (workload->member) data_text(selecting->arena, entry, #member, workload->member);
	WORKLOAD_TEXTS(ADD)
#undef ADD
	data_boolean(selecting->arena, entry, "known", answer == MATCH_YES);
}

/* "policies 'a', 'b'". */
static const char *name_policies(const struct dry_run_scopes *selecting, const struct workload_scope *scope)
{
	struct buffer text = { 0 };
	const char *names;
	size_t count = 0;

	for (size_t n = 0; n < image_policy_count(selecting->image); n++)
		if (scope->policies[n])
			buffer_format(&text, "%s'%s'", count++ ? ", " : "", image_policy_at(selecting->image, n).name);
	names = arena_format(selecting->arena, "%s %s", count == 1 ? "policy" : "policies", text.bytes ? text.bytes : "");
	buffer_release(&text);
	return names;
}

struct counts { size_t all, selected, unknown; enum match_answer host; };

static const char *describe(const struct dry_run_scopes *selecting, const struct workload_scope *scope, const struct counts *counts)
{
	const char *unknown = counts->unknown ? arena_format(selecting->arena, "; of %zu it is not known", counts->unknown) : "";
	const char *host = counts->host == MATCH_YES ? ", and processes of the host" :
			   counts->host == MATCH_UNKNOWN ? "; whether for processes of the host is not known" : "";

	return arena_format(selecting->arena, "%s: for %zu of %zu container%s%s%s", name_policies(selecting, scope), counts->selected,
			    counts->all, counts->all == 1 ? "" : "s", host, unknown);
}

static void add_not_known(const struct dry_run_scopes *selecting, const struct workload_scope *scope, struct data *list)
{
	struct data *entry = data_record(selecting->arena, list, NULL);

	data_text(selecting->arena, entry, "text", arena_format(selecting->arena, "%s: which containers there are is not known; --workloads tells",
								name_policies(selecting, scope)));
	data_text(selecting->arena, entry, "place", scope->place);
}

static void add_scope(struct dry_run_scopes *selecting, const struct workload_scope *scope, struct data *list)
{
	struct data *entry = data_record(selecting->arena, list, NULL), *text = data_text(selecting->arena, entry, "text", "");
	struct data *containers;
	struct counts counts = { .host = MATCH_NO };

	data_text(selecting->arena, entry, "place", scope->place);
	containers = data_list(selecting->arena, entry, "containers");
	for (size_t n = 0; n < selecting->workloads.cgroups.count; n++) {
		const enum match_answer answer = scope_holds(scope, &selecting->workloads, n);

		if (selecting->workloads.cgroups.items[n].kind != CGROUP_CONTAINER) {
			counts.host = answer;
			continue;
		}
		counts.all++;
		counts.selected += answer == MATCH_YES;
		counts.unknown += answer == MATCH_UNKNOWN;
		if (answer != MATCH_NO)
			add_container(selecting, n, answer, containers);
	}
	if (counts.host != MATCH_UNKNOWN)
		data_boolean(selecting->arena, entry, "host", counts.host == MATCH_YES);
	text->text = describe(selecting, scope, &counts);
}

int dry_run_workloads(const struct dry_run *options, struct dry_run_scopes *selecting, struct data *root)
{
	struct workload_scopes scopes;
	struct failure failure = { 0 };
	struct data *list;
	int error = scopes_read(selecting->image, selecting->arena, &scopes, &failure), code;

	if (error)
		return change_failed(error, &failure);
	code = scopes.count ? find_workloads(options, selecting) : EXIT_FINE;
	if (code != EXIT_FINE || !scopes.count || selecting->refusal.text[0])
		return code;
	list = data_list(selecting->arena, root, "workloads");
	for (size_t n = 0; n < scopes.count; n++)
		if (options->profile && !options->workloads->count)
			add_not_known(selecting, &scopes.items[n], list);
		else
			add_scope(selecting, &scopes.items[n], list);
	return EXIT_FINE;
}
