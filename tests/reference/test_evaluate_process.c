// SPDX-License-Identifier: Apache-2.0
/*
 * test_evaluate_process.c - the judge is judged: what it says of filters on the process, and of workloads.  TAP.
 *
 * The first column is as in test_evaluate.c.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/reference/evaluate.h"
#include "tests/reference/judged.h"

/* ---- One filter on the process ---- */

/*
 * Facts: pid= nspid= binary= cut=(binary) parent= grand= (binaries) ppid= gpid= pnspid= complete; NAMESPACE= and exec-NAMESPACE=
 * (inode; "h" before it: that of the host), SET= and exec-SET= (hexadecimal), host, pod, ns=, container=, repo=, label=KEY:VALUE
 */
static void relative_of(const char *facts, const char *pid, const char *inner, const char *binary,
			struct model_relative *ret)
{
	char word[128];

	if ((ret->has_pid = find_word(facts, pid, word)))
		ret->pid = (uint32_t)atoi(word);
	if ((ret->has_namespace_pid = find_word(facts, inner, word)))
		ret->namespace_pid = (uint32_t)atoi(word);
	if ((ret->has_binary = find_word(facts, binary, word)))
		ret->binary = (struct model_value){ .state = VALUE_READ, .bytes = model_format("%s", word) };
}

static void space_of(const char *facts, const char *before, unsigned n, struct model_namespace_fact *ret)
{
	char key[64], word[128];

	snprintf(key, sizeof(key), "%s%s=", before, model_namespaces[n]);
	if (!find_word(facts, key, word))
		return;
	*ret = (struct model_namespace_fact){ true, (uint32_t)atoi(word + (*word == 'h')), *word == 'h' };
}

static void set_of(const char *facts, const char *before, unsigned n, struct model_set_fact *ret)
{
	char key[64], word[128];

	snprintf(key, sizeof(key), "%s%s=", before, model_capability_sets[n]);
	if (find_word(facts, key, word))
		*ret = (struct model_set_fact){ true, strtoull(word, NULL, 16) };
}

static struct model_text word_of(const char *facts, const char *key)
{
	char word[128];

	return find_word(facts, key, word) ? model_format("%s", word) : (struct model_text){ NULL, 0 };
}

static void place_of(const char *facts, struct model_process *ret)
{
	char word[128];

	ret->place = find_word(facts, "host", word) ? PLACE_HOST : find_word(facts, "pod", word) ? PLACE_POD : PLACE_UNKNOWN;
	ret->pod_namespace = word_of(facts, "ns=");
	ret->container_name = word_of(facts, "container=");
	ret->container_repo = word_of(facts, "repo=");
	if (find_word(facts, "label=", word)) {
		char *colon = strchr(word, ':');

		ret->has_labels = true;
		if (colon)
			ret->labels.items[ret->labels.count++] = (struct model_label){
				model_copy(word, (size_t)(colon - word)), model_format("%s", colon + 1) };
	}
}

static void process_of(const char *facts, struct model_process *ret)
{
	char word[128];

	*ret = (struct model_process){ .ancestor_count = find_word(facts, "grand=", word) || find_word(facts, "gpid=", word) ? 2 :
				       find_word(facts, "parent=", word) || find_word(facts, "ppid=", word) ? 1 : 0 };
	relative_of(facts, "pid=", "nspid=", "binary=", &ret->self);
	relative_of(facts, "ppid=", "pnspid=", "parent=", &ret->ancestors[0]);
	relative_of(facts, "gpid=", "gnspid=", "grand=", &ret->ancestors[1]);
	if (find_word(facts, "cut", word))
		ret->self.binary.cut = CUT_END;
	ret->ancestors_complete = find_word(facts, "complete", word);
	for (unsigned n = 0; n < MODEL_NAMESPACES; n++) {
		space_of(facts, "", n, &ret->namespaces[n]);
		space_of(facts, "exec-", n, &ret->exec_namespaces[n]);
	}
	for (unsigned n = 0; n < MODEL_CAPABILITY_SETS; n++) {
		set_of(facts, "", n, &ret->sets[n]);
		set_of(facts, "exec-", n, &ret->exec_sets[n]);
	}
	place_of(facts, ret);
}

enum { F = 1, I = 2 };	/* follow; in the namespace */

static const struct process_row {
	const char *section, *says;
	enum model_filter_kind kind;
	const char *op, *name, *values;
	unsigned flags;
	const char *facts;
	enum model_answer want;
} process_rows[] = {
	{ "5.3", "matchPIDs In: equals any", MATCH_PIDS, "In", "", "1|7", 0, "pid=7", YES },
	{ "5.3", "matchPIDs In: none", MATCH_PIDS, "In", "", "1|7", 0, "pid=8", NO },
	{ "5.3", "matchPIDs NotIn: equals none", MATCH_PIDS, "NotIn", "", "1|7", 0, "pid=8", YES },
	{ "5.3", "matchPIDs: not recorded", MATCH_PIDS, "NotIn", "", "1|7", 0, "", UNKNOWN },
	{ "10.13", "matchPIDs: the fifth value counts", MATCH_PIDS, "In", "", "1|2|3|4|5|6|7|8|9", 0, "pid=9", YES },
	{ "5.3", "matchPIDs: the pid in its namespace", MATCH_PIDS, "In", "", "7", I, "pid=1 nspid=7", YES },
	{ "5.3", "matchPIDs: and not the other one", MATCH_PIDS, "In", "", "7", I, "pid=7 nspid=1", NO },
	{ "5.3", "followForks: an ancestor", MATCH_PIDS, "In", "", "7", F, "pid=1 ppid=2 gpid=7", YES },
	{ "5.3", "followForks NotIn: an ancestor", MATCH_PIDS, "NotIn", "", "7", F, "pid=1 ppid=2 gpid=7 complete", NO },
	{ "5.3", "followForks: no ancestor", MATCH_PIDS, "In", "", "7", F, "pid=1 ppid=2 gpid=3 complete", NO },
	{ "decided", "followForks: an incomplete chain", MATCH_PIDS, "In", "", "7", F, "pid=1 ppid=2 gpid=3", UNKNOWN },
	{ "decided", "followForks NotIn: an incomplete chain", MATCH_PIDS, "NotIn", "", "7", F, "pid=1 ppid=2", UNKNOWN },
	{ "5.3", "without followForks no ancestor counts", MATCH_PIDS, "In", "", "7", 0, "pid=1 ppid=7", NO },
	{ "5.3", "both flags: not in a child namespace, In", MATCH_PIDS, "In", "", "7", F | I,
	  "nspid=7 Pid=h1 ppid=1 pnspid=1 complete", NO },
	{ "5.3", "both flags: not in a child namespace, NotIn", MATCH_PIDS, "NotIn", "", "7", F | I,
	  "nspid=8 Pid=h1 ppid=1 pnspid=1 complete", NO },
	{ "5.3", "both flags: in one", MATCH_PIDS, "In", "", "7", F | I, "nspid=8 Pid=2 ppid=1 pnspid=7", YES },

	{ "5.3", "matchBinaries In", MATCH_BINARIES, "In", "", "/a|/b", 0, "binary=/b", YES },
	{ "5.3", "matchBinaries NotIn", MATCH_BINARIES, "NotIn", "", "/a|/b", 0, "binary=/c", YES },
	{ "5.3", "matchBinaries Prefix", MATCH_BINARIES, "Prefix", "", "/usr/", 0, "binary=/usr/b", YES },
	{ "5.3", "matchBinaries NotPrefix", MATCH_BINARIES, "NotPrefix", "", "/usr/", 0, "binary=/usr/b", NO },
	{ "5.3", "matchBinaries Postfix", MATCH_BINARIES, "Postfix", "", "/b", 0, "binary=/usr/b", YES },
	{ "5.3", "matchBinaries NotPostfix", MATCH_BINARIES, "NotPostfix", "", "/b", 0, "binary=/usr/bb", YES },
	{ "match.h", "a binary that is not known", MATCH_BINARIES, "NotIn", "", "/a", 0, "", UNKNOWN },
	{ "match.h", "a cut binary: prefixes are looked for", MATCH_BINARIES, "Prefix", "", "/usr", 0, "binary=/usr/b cut", YES },
	{ "match.h", "... and are unknown otherwise", MATCH_BINARIES, "NotPrefix", "", "/etc", 0, "binary=/usr/b cut", UNKNOWN },
	{ "match.h", "... exact values are unknown", MATCH_BINARIES, "NotIn", "", "/a", 0, "binary=/usr/b cut", UNKNOWN },
	{ "match.h", "... and how it ends", MATCH_BINARIES, "Postfix", "", "b", 0, "binary=/usr/b cut", UNKNOWN },
	{ "5.3", "followChildren: an ancestor", MATCH_BINARIES, "In", "", "/a", F, "binary=/b parent=/c grand=/a", YES },
	{ "5.3", "followChildren NotIn: an ancestor", MATCH_BINARIES, "NotIn", "", "/a", F, "binary=/b parent=/a", NO },
	{ "5.3", "followChildren NotIn: none", MATCH_BINARIES, "NotIn", "", "/a", F, "binary=/b parent=/c complete", YES },
	{ "decided", "followChildren: an incomplete chain", MATCH_BINARIES, "NotIn", "", "/a", F, "binary=/b parent=/c", UNKNOWN },
	{ "decided", "followChildren: an ancestor that is not known", MATCH_BINARIES, "NotIn", "", "/a", F,
	  "binary=/b ppid=1 grand=/c complete", UNKNOWN },

	{ "5.3", "matchParentBinaries In", MATCH_PARENT_BINARIES, "In", "", "/a", 0, "binary=/b parent=/a", YES },
	{ "5.3", "matchParentBinaries: not the process", MATCH_PARENT_BINARIES, "In", "", "/b", 0, "binary=/b parent=/a", NO },
	{ "10.24", "an unknown parent", MATCH_PARENT_BINARIES, "In", "", "/a", 0, "binary=/b", UNKNOWN },
	{ "10.24", "an unknown parent, NotIn", MATCH_PARENT_BINARIES, "NotIn", "", "/a", 0, "binary=/b", UNKNOWN },
	{ "5.3", "followChildren on the parent", MATCH_PARENT_BINARIES, "In", "", "/a", F, "binary=/b parent=/c grand=/a", YES },

	{ "5.3", "matchNamespaces In: an inode", MATCH_NAMESPACES, "In", "Mnt", "4|5", 0, "Mnt=5", YES },
	{ "5.3", "matchNamespaces NotIn: an inode", MATCH_NAMESPACES, "NotIn", "Mnt", "4|5", 0, "Mnt=6", YES },
	{ "5.3", "matchNamespaces: host_ns", MATCH_NAMESPACES, "In", "Net", "host_ns", 0, "Net=h9", YES },
	{ "5.3", "matchNamespaces: not host_ns", MATCH_NAMESPACES, "In", "Net", "host_ns", 0, "Net=9", NO },
	{ "5.3", "matchNamespaces NotIn: host_ns or an inode", MATCH_NAMESPACES, "NotIn", "Net", "host_ns|9", 0, "Net=9", NO },
	{ "5.3", "matchNamespaces: of that type", MATCH_NAMESPACES, "In", "Pid", "5", 0, "Mnt=5 Pid=6", NO },
	{ "5.1", "matchNamespaces: not recorded", MATCH_NAMESPACES, "NotIn", "User", "5", 0, "", UNKNOWN },

	{ "5.3", "matchNamespaceChanges In: a listed type changed", MATCH_NAMESPACE_CHANGES, "In", "", "Mnt|Net", 0,
	  "Mnt=1 exec-Mnt=1 Net=2 exec-Net=3", YES },
	{ "5.3", "matchNamespaceChanges In: none did", MATCH_NAMESPACE_CHANGES, "In", "", "mnt", 0,
	  "Mnt=1 exec-Mnt=1 Net=2 exec-Net=3", NO },
	{ "2.9", "the names in any case", MATCH_NAMESPACE_CHANGES, "In", "", "mNT", 0, "Mnt=1 exec-Mnt=2", YES },
	{ "5.3", "matchNamespaceChanges NotIn: another one changed", MATCH_NAMESPACE_CHANGES, "NotIn", "", "Mnt", 0,
	  "Mnt=1 exec-Mnt=1 Net=2 exec-Net=3", YES },
	{ "5.3", "matchNamespaceChanges NotIn: only the listed one", MATCH_NAMESPACE_CHANGES, "NotIn", "",
	  "Uts|Ipc|Mnt|PidForChildren|Net|Time|TimeForChildren|Cgroup|User", 0, "Mnt=1 exec-Mnt=2 Pid=2 exec-Pid=2", NO },
	{ "5.3", "matchNamespaceChanges NotIn: both a listed one and another", MATCH_NAMESPACE_CHANGES, "NotIn", "", "Mnt", 0,
	  "Mnt=1 exec-Mnt=2 Pid=2 exec-Pid=3", YES },
	{ "5.3", "processes without record do not match", MATCH_NAMESPACE_CHANGES, "In", "", "Mnt", 0, "Mnt=1", UNKNOWN },

	{ "5.3", "matchCapabilities In: any listed bit", MATCH_CAPABILITIES, "In", "Effective", "CAP_CHOWN|DAC_OVERRIDE", 0,
	  "Effective=2", YES },
	{ "5.3", "matchCapabilities In: none", MATCH_CAPABILITIES, "In", "Effective", "CAP_CHOWN", 0, "Effective=2", NO },
	{ "5.3", "matchCapabilities NotIn: no listed bit", MATCH_CAPABILITIES, "NotIn", "Effective", "CAP_CHOWN", 0,
	  "Effective=2", YES },
	{ "5.3", "matchCapabilities: of that set", MATCH_CAPABILITIES, "In", "Permitted", "CAP_CHOWN", 0,
	  "Effective=1 Permitted=0", NO },
	{ "5.3", "matchCapabilities: Inheritable", MATCH_CAPABILITIES, "In", "Inheritable", "CAP_CHECKPOINT_RESTORE", 0,
	  "Inheritable=10000000000", YES },
	{ "5.1", "matchCapabilities: not recorded", MATCH_CAPABILITIES, "NotIn", "Permitted", "CAP_CHOWN", 0, "Effective=0", UNKNOWN },
	{ "5.3", "isNamespaceCapability: in the host's", MATCH_CAPABILITIES, "In", "Effective", "CAP_CHOWN", I,
	  "Effective=1 User=h1", NO },
	{ "5.3", "isNamespaceCapability: in another", MATCH_CAPABILITIES, "In", "Effective", "CAP_CHOWN", I, "Effective=1 User=2", YES },
	{ "5.3", "isNamespaceCapability NotIn: in the host's", MATCH_CAPABILITIES, "NotIn", "Effective", "CAP_CHOWN", I,
	  "Effective=0 User=h1", NO },
	{ "5.3", "isNamespaceCapability: not known where", MATCH_CAPABILITIES, "In", "Effective", "CAP_CHOWN", I,
	  "Effective=1", UNKNOWN },

	{ "5.3", "matchCapabilityChanges In: a listed one", MATCH_CAPABILITY_CHANGES, "In", "Effective", "CAP_CHOWN", 0,
	  "Effective=1 exec-Effective=2", YES },
	{ "5.3", "matchCapabilityChanges In: another one", MATCH_CAPABILITY_CHANGES, "In", "Effective", "CAP_CHOWN", 0,
	  "Effective=3 exec-Effective=1", NO },
	{ "5.3", "matchCapabilityChanges NotIn: another one", MATCH_CAPABILITY_CHANGES, "NotIn", "Effective", "CAP_CHOWN", 0,
	  "Effective=3 exec-Effective=1", YES },
	{ "5.3", "matchCapabilityChanges NotIn: a listed one too", MATCH_CAPABILITY_CHANGES, "NotIn", "Effective", "CAP_CHOWN", 0,
	  "Effective=3 exec-Effective=0", NO },
	{ "5.3", "matchCapabilityChanges NotIn: nothing", MATCH_CAPABILITY_CHANGES, "NotIn", "Effective", "CAP_CHOWN", 0,
	  "Effective=3 exec-Effective=3", NO },
	{ "5.1", "matchCapabilityChanges: no record", MATCH_CAPABILITY_CHANGES, "In", "Effective", "CAP_CHOWN", 0,
	  "Effective=3", UNKNOWN },
};

static unsigned find_word_in(const char *const *names, unsigned count, const char *name)
{
	for (unsigned n = 0; n < count; n++)
		if (!strcmp(names[n], name))
			return n;
	return 0;
}

static void run_process_row(const struct process_row *row)
{
	struct model_filter filter = { .kind = row->kind, .op = model_operator_find(row->op), .values = values_of(row->values),
				       .in_namespace = row->flags & I, .follow = row->flags & F };
	struct model_event event = { .argument_count = 0 };
	const struct model_policy policy = { .name = model_text("p") };
	const struct model_hook hook = { .return_type = -1 };

	filter.name = row->kind == MATCH_NAMESPACES ? find_word_in(model_namespaces, MODEL_NAMESPACES, row->name) :
		      find_word_in(model_capability_sets, MODEL_CAPABILITY_SETS, row->name);
	process_of(row->facts, &event.process);
	tell_answer(evaluate_filter(&policy, &hook, &filter, &event), row->want, row->section, row->says);
}

/* ---- Workloads ---- */

/* A selector is "KEY OP VALUE,VALUE;...": "" is {}, NULL absent. */
static const struct workload_row {
	const char *section, *says, *name_space, *pod, *container, *host, *facts;
	enum model_answer want;
} workload_rows[] = {
	{ "1.7", "all absent: every process", NULL, NULL, NULL, NULL, "", YES },
	{ "1.7", "all {}: the same", NULL, "", "", "", "", YES },
	{ "1.7", "hostSelector absent while the others are {}: no host process", NULL, "", "", NULL, "host", NO },
	{ "1.7", "podSelector: a pod that matches", NULL, "app In web", NULL, NULL, "pod label=app:web", YES },
	{ "1.7", "podSelector: another pod", NULL, "app In web", NULL, NULL, "pod label=app:db", NO },
	{ "1.7", "podSelector: host processes never match", NULL, "app In web", NULL, NULL, "host", NO },
	{ "1.7", "podSelector {} takes all pods", NULL, "", NULL, NULL, "pod", YES },
	{ "1.7", "containerSelector: absent podSelector becomes {}", NULL, NULL, "name In c", NULL, "pod container=c", YES },
	{ "1.7", "containerSelector: another container", NULL, NULL, "name In c", NULL, "pod container=d", NO },
	{ "1.7", "containerSelector: repo", NULL, NULL, "repo NotIn r", NULL, "pod repo=r", NO },
	{ "1.7", "pod and container", NULL, "app In web", "name In c", NULL, "pod container=d label=app:web", NO },
	{ "1.7", "hostSelector {} only: host processes", NULL, NULL, NULL, "", "host", YES },
	{ "1.7", "hostSelector {} only: no pods", NULL, NULL, NULL, "", "pod", NO },
	{ "1.7", "host and pods", NULL, "app In web", NULL, "", "host", YES },
	{ "1.7", "namespaced, no selectors: its pods", "default", NULL, NULL, NULL, "pod ns=default", YES },
	{ "1.7", "namespaced: pods of another namespace", "default", NULL, NULL, NULL, "pod ns=other", NO },
	{ "1.7", "namespaced: no host process", "default", NULL, NULL, NULL, "host", NO },
	{ "1.7", "the label of the namespace", NULL, "k8s:io.kubernetes.pod.namespace In default", NULL, NULL, "pod ns=default", YES },
	{ "2.8", "NotIn: without the label", NULL, "app NotIn web", NULL, NULL, "pod label=", YES },
	{ "2.8", "Exists", NULL, "app Exists ", NULL, NULL, "pod label=app:x", YES },
	{ "2.8", "DoesNotExist", NULL, "app DoesNotExist ", NULL, NULL, "pod label=app:x", NO },
	{ "2.8", "requirements are ANDed", NULL, "app Exists ;app NotIn x", NULL, NULL, "pod label=app:x", NO },
	{ "2.8", "one of several values", NULL, "app In a,x", NULL, NULL, "pod label=app:x", YES },
	{ "5.1", "labels that are not known", NULL, "app NotIn web", NULL, NULL, "pod", UNKNOWN },
	{ "5.1", "not known whether host or pod", NULL, "app In web", NULL, NULL, "", UNKNOWN },
	{ "5.1", "a namespace that is not known", "default", NULL, NULL, NULL, "pod", UNKNOWN },
};

static struct model_label_selector *label_selector_of(const char *text)
{
	static const char *const ops[] = { "In", "NotIn", "Exists", "DoesNotExist" };
	struct model_label_selector *ret;

	if (!text)
		return NULL;
	ret = model_allocate(sizeof(*ret));
	ret->items = model_allocate(4 * sizeof(*ret->items));
	while (*text) {
		struct model_requirement *requirement = &ret->items[ret->count++];
		char key[64], op[32], value[64] = "";

		sscanf(text, "%63[^ ] %31[^ ] %63[^;]", key, op, value);
		requirement->key = model_format("%s", key);
		requirement->op = (enum model_label_operator)find_word_in(ops, 4, op);
		for (char *at = value; *at; at += strcspn(at, ",") + (at[strcspn(at, ",")] == ','))
			model_texts_add(&requirement->values, model_copy(at, strcspn(at, ",")));
		text += strcspn(text, ";");
		text += *text == ';';
	}
	return ret;
}

static void run_workload_row(const struct workload_row *row)
{
	struct model_policy policy = { .name = model_text("p"),
				       .workloads = { label_selector_of(row->pod), label_selector_of(row->container),
						      label_selector_of(row->host) } };
	struct model_event event = { .argument_count = 0 };

	if (row->name_space)
		policy.name_space = model_text(row->name_space);
	process_of(row->facts, &event.process);
	tell_answer(evaluate_scope(&policy, &event), row->want, row->section, row->says);
}

int main(void)
{
	EACH(process_rows, run_process_row);
	EACH(workload_rows, run_workload_row);
	return tell_done();
}
