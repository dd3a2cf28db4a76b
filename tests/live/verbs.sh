#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What is done with policies that run: looked at, compared, switched between enforcing and monitoring, counted. TAP.
. "$(dirname "$0")/lib.sh"

forbidden=$work/forbidden
cp "$tools/workload" "$forbidden"
echo content >"$work/content"

# Kills who has executed the file.
kill_policy() { # name, values
	on_execution <<EOT | head_of "$1"
    - matchArgs:
      - index: 2
        operator: Equal
        values: [$2]
      matchActions:
      - action: Sigkill
EOT
}

watch_policy() {
	head_of "$1" <<EOT
  tracepoints:
  - subsystem: sched
    event: sched_process_exit
    raw: true
EOT
}

is_killed() {
	"$forbidden" open "$work/content"
	[ $? -eq 137 ] || { echo "it was not killed"; return 1; }
}
is_spared() { "$forbidden" open "$work/content" || { echo "it was not spared"; return 1; }; }

says() { # pattern, command...
	pattern=$1
	shift
	"$@" >"$work/answer" 2>&1
	status=$?
	grep -q -e "$pattern" "$work/answer" || { echo "not '$pattern', but:"; cat "$work/answer"; return 1; }
	return $status
}

refuses() { # status, pattern, command...
	wanted=$1
	shift
	says "$@"
	[ $? -eq "$wanted" ] || { echo "status is not $wanted"; return 1; }
}

enforcing() {
	kill_policy killer "\"$forbidden\"" | apply "$@" || return 1
	watch_policy watcher >"$work/watcher.yaml" && "$tetra" apply --root "$root" "$work/watcher.yaml"
}

mode_switches() {
	enforcing || return 1
	says '^killer: enforce$' "$tetra" mode --root "$root" && is_killed || return 1
	"$tetra" mode --root "$root" --set=monitor killer && is_spared || return 1
	says '^killer: monitor$' "$tetra" mode --root "$root" killer || return 1
	"$tetra" mode --root "$root" --set=enforce --all && is_killed || return 1
	events || return 1
	has_event "\"linux_binprm_arg\":{\"path\":\"$forbidden\"" '"action":"KPROBE_ACTION_SIGKILL"' &&
		has_event "\"linux_binprm_arg\":{\"path\":\"$forbidden\"" '"enforcement":"monitored"'
}

# What was chosen outlives the application of another policy, and not that of its own.
mode_lasts() {
	enforcing --mode=monitor && is_spared || return 1
	watch_policy another >"$work/another.yaml" && "$tetra" apply --root "$root" "$work/another.yaml" || return 1
	says '^killer: monitor$' "$tetra" mode --root "$root" killer && is_spared || return 1
	"$tetra" apply --root "$root" "$work/policy.yaml" && is_killed
}

mode_refuses() {
	enforcing || return 1
	refuses 1 "'watcher' has nothing to enforce" "$tetra" mode --root "$root" --set=enforce watcher &&
		refuses 1 "no policy 'nobody' is applied" "$tetra" mode --root "$root" --set=enforce killer nobody &&
		refuses 1 'a mode is set with --set=enforce' "$tetra" mode --root "$root" monitor killer &&
		refuses 2 'wants the names of policies, or --all' "$tetra" mode --root "$root" --set=monitor &&
		refuses 2 '--all takes no names' "$tetra" mode --root "$root" --set=monitor --all killer && is_killed
}

counted_by_policy() {
	enforcing || return 1
	is_killed && is_killed && "$tetra" mode --root "$root" --set=monitor killer && is_spared || return 1
	says 'matched 3, posted 3, lost 0' "$tetra" list --root "$root" &&
		says 'enforced 2, only monitored 1, failed to enforce 0' "$tetra" list --root "$root" &&
		says '"matched":3,"posted":3,"lost":0,"rate_limited":0,"enforced":2,"monitored":1,"failed":0' \
			"$tetra" list --root "$root" -o json || return 1
	# Counters go on while the policy is there, and begin anew when it was not.
	"$tetra" apply --root "$root" "$work/policy.yaml" && is_killed && says 'enforced 3,' "$tetra" list --root "$root" || return 1
	"$tetra" delete --root "$root" killer && "$tetra" apply --root "$root" "$work/policy.yaml" || return 1
	says 'enforced 0,' "$tetra" list --root "$root" && is_killed && says 'enforced 1,' "$tetra" list --root "$root"
}

rate_limit_is_counted() {
	kill_policy limited "\"$forbidden\"" | sed 's/action: Sigkill/action: Post/' >"$work/limited.yaml"
	printf '        rateLimit: 1m\n        rateLimitScope: global\n' | cat "$work/limited.yaml" - | apply || return 1
	is_spared && is_spared && is_spared || return 1
	says 'matched 3, posted 1, lost 0, held back by a rate limit 2' "$tetra" list --root "$root"
}

metrics_are_metrics() {
	enforcing && is_killed || return 1
	"$tetra" metrics --root "$root" --file "$work/tetra.prom" || return 1
	for line in 'tetra_policies 2' 'tetra_policy_matched_total{policy="killer"} 1' \
		'tetra_policy_enforcement_total{policy="killer",outcome="enforced"} 1' \
		"tetra_policy_info{policy=\"killer\",mode=\"enforce\",source=\"$work/policy.yaml\"} 1" \
		'tetra_hook_matched_total{hook="raw_tracepoint:sched_process_exec"} 1' \
		'tetra_hook_errors_total{hook="raw_tracepoint:sched_process_exit",error="unreadable"} 0'; do
		grep -qxF "$line" "$work/tetra.prom" || { echo "no line: $line"; cat "$work/tetra.prom"; return 1; }
	done
	awk -f "$here/prometheus.awk" "$work/tetra.prom" || return 1
	# The kernel says itself how many processes it has; the table has those and maybe some that just ended.
	entries=$(sed -n 's/^tetra_map_entries{map="processes"} //p' "$work/tetra.prom")
	running=$(ls -d /proc/[0-9]* | wc -l)
	[ "$entries" -ge $((running / 2)) ] && [ "$entries" -le $((2 * running + 20)) ] ||
		{ echo "$entries entries, $running processes"; return 1; }
}

# A process that ends gets no signal any more; a counter that is not right, a sample out of place: what is refused is known, too.
failures_are_counted() {
	head_of late <<EOT | apply || return 1
  tracepoints:
  - subsystem: sched
    event: sched_process_exit
    raw: true
    selectors:
    - matchActions:
      - action: Signal
        argSig: 10
EOT
	"$forbidden" open "$work/content" && "$forbidden" open "$work/content" && events || return 1
	has_event '"policy_name":"late"' '"failure":{"action":"Signal","error":"EPERM","errno":1}' || return 1
	"$tetra" metrics --root "$root" --file "$work/tetra.prom" && awk -f "$here/prometheus.awk" "$work/tetra.prom" || return 1
	failed=$(sed -n 's/^tetra_policy_action_failures_total{policy="late",error="EPERM"} //p' "$work/tetra.prom")
	[ "$failed" -ge 2 ] || { echo "$failed failed"; return 1; }
	for line in 'tetra_policy_action_failures_total{policy="late",error="other"} 0' \
		"tetra_policy_enforcement_total{policy=\"late\",outcome=\"failed\"} $failed"; do
		grep -qxF "$line" "$work/tetra.prom" || { echo "no line: $line"; cat "$work/tetra.prom"; return 1; }
	done
	says '^    actions that failed: EPERM [1-9]' "$tetra" list --root "$root" &&
		says '"failures":{"other":0,"EPERM":[1-9]' "$tetra" list --root "$root" -o json || return 1
	for fault in 's/^tetra_policies .*/tetra_policies two/' 's/^\(tetra_policies .*\)/\1 1700000000000/' '/^# TYPE tetra_policies /d' \
		's/^# HELP tetra_policies .*/# HELP tetra_policies/' 's/tetra_hook_seen_total/tetra_hook_seen/' 's/\(,error="other\)"/\1/' \
		's/EAGAIN/EPERM/'; do
		sed "$fault" "$work/tetra.prom" >"$work/bad.prom"
		! awk -f "$here/prometheus.awk" "$work/bad.prom" >/dev/null || { echo "not found: $fault"; return 1; }
	done
}

metrics_of_nothing() {
	says '^tetra_policies 0$' "$tetra" metrics --root "$root" || return 1
	"$tetra" metrics --root "$root" >"$work/nothing.prom" && awk -f "$here/prometheus.awk" "$work/nothing.prom" || return 1
	refuses 3 "cannot write '/nowhere/" "$tetra" metrics --root "$root" --file /nowhere/tetra.prom
}

diff_tells() {
	enforcing || return 1
	says '^0 to add, 0 to change, 0 to remove, 2 unchanged$' "$tetra" diff --exit-code --root "$root" "$work/policy.yaml" || return 1
	# Comments and places are no difference.
	{ echo '# a comment'; cat "$work/policy.yaml"; } >"$work/moved.yaml"
	says '^0 to add, 0 to change' "$tetra" diff --exit-code --root "$root" "$work/moved.yaml" || return 1
	kill_policy killer "\"$forbidden\", \"/other\"" >"$work/changed.yaml"
	refuses 1 '^    + .*/other' "$tetra" diff --exit-code --root "$root" "$work/changed.yaml" || return 1
	says '^0 to add, 1 to change, 0 to remove, 1 unchanged$' "$tetra" diff --root "$root" "$work/changed.yaml" || return 1
	watch_policy newcomer >"$work/newcomer.yaml"
	says '^+ policy newcomer ' "$tetra" diff --root "$root" "$work/newcomer.yaml" || return 1
	says '^- policy killer ' "$tetra" diff --replace-all --root "$root" "$work/newcomer.yaml" &&
		grep -q '^- hook raw_tracepoint:sched_process_exec$' "$work/answer" &&
		grep -q '^1 to add, 0 to change, 2 to remove, 0 unchanged$' "$work/answer" || { cat "$work/answer"; return 1; }
	"$tetra" mode --root "$root" --set=monitor killer || return 1
	says 'mode: monitor becomes enforce' "$tetra" diff --root "$root" "$work/policy.yaml" || return 1
	says '^killer: monitor$' "$tetra" mode --root "$root" killer	# nothing was changed
}

diff_before_anything() {
	watch_policy newcomer >"$work/newcomer.yaml"
	refuses 1 '^+ hook raw_tracepoint:sched_process_exit, by raw_tracepoint$' "$tetra" diff --exit-code --root "$root" \
		"$work/newcomer.yaml" || return 1
	[ ! -e "$root" ] || { echo "it left something"; return 1; }
}

list_tells_memory() {
	enforcing || return 1
	says '^memory: [1-9][0-9]* KiB in [1-9][0-9]* maps, [1-9][0-9]* KiB in [1-9][0-9]* programs$' "$tetra" list --root "$root" &&
		says '^image: generation 2, [1-9][0-9]* bytes, checksum [0-9a-f]\{16\}$' "$tetra" list --root "$root"
}

seen_as() { # kind
	"$tools/workload" open "$work/content" && says "^  kprobe:sys_openat#syscall *$1 *seen [1-9]" "$tetra" list --root "$root"
}

# 5.10 keeps no kprobe without --hold: fentry instead.
attach_is_forced() {
	kinds='kprobe trampoline'
	! kernel_is 5.10 || kinds=trampoline
	for kind in $kinds; do
		printf '  kprobes:\n  - call: sys_openat\n' | head_of opener | apply --attach="$kind" && seen_as "$kind" || return 1
	done
	# What is attached already stays as it is, unless another kind is named.
	"$tetra" apply --root "$root" "$work/policy.yaml" && seen_as trampoline || return 1
	refuses 1 'no kind that --attach names can serve it' "$tetra" apply --root "$root" --attach=override "$work/policy.yaml" &&
		seen_as trampoline
}

exits() { # the name of a policy; whether events of it come
	"$tools/workload" open "$work/content" && events && has_event '"event":"sched_process_exit"' "\"policy_name\":\"$1\""
}

# By the labels of the node: applied, kept when others are, and decided anew when the labels are others.
nodes() {
	watch_policy zoned | sed 's/^spec:/spec:\n  nodeSelector: {matchLabels: {zone: a}}/' >"$work/zoned.yaml"
	watch_policy plain >"$work/plain.yaml"
	echo '{"zone": "b"}' >"$work/labels.yaml"
	says '^zoned: not for this node$' "$tetra" apply --root "$root" --node-labels-file "$work/labels.yaml" "$work/zoned.yaml" || return 1
	says '^    not for this node' "$tetra" list --root "$root" || return 1
	says '^zoned: not for this node$' "$tetra" apply --root "$root" "$work/plain.yaml" || return 1
	exits plain && ! exits zoned >/dev/null || { echo "it reports on a node that it is not for"; return 1; }
	refuses 1 'node: it is for this node now' "$tetra" diff --exit-code --root "$root" --node-labels zone=a "$work/plain.yaml" || return 1
	says '^zoned: monitors, 1 hook$' "$tetra" apply --root "$root" --node-labels zone=a "$work/plain.yaml" && exits zoned || return 1
	refuses 1 'is for some nodes only' "$tetra" apply --root "$root" "$work/zoned.yaml" || return 1
	says '"name":"zoned",[^}]*"for_this_node":true' "$tetra" list --root "$root" -o json || return 1
	says '^zoned: not for this node$' "$tetra" apply --root "$root" --replace-all --node-labels zone=c "$work/zoned.yaml" || return 1
	says '^zoned: .*, not for this node$' "$tetra" mode --root "$root" && says '"hooks":\[\],"image"' "$tetra" list --root "$root" -o json
}

# Rules of one policy, by labels: which of them are linked is kept, and decided anew when the labels are others.
rule_of_nodes() {
	cat >"$work/regions.yaml" <<EOT
apiVersion: tetra.dev/v1alpha1
kind: RuntimeSecurityPolicy
metadata: {name: regions}
spec:
  rules:
  - {id: starts, raw: {tracepoints: [{subsystem: sched, event: sched_process_exec, raw: true}]}}
  - {id: ends, scope: {nodes: {matchLabels: {zone: a}}}, raw: {tracepoints: [{subsystem: sched, event: sched_process_exit, raw: true}]}}
EOT
	watch_policy plain >"$work/plain.yaml"
	refuses 1 'regions.yaml:7:.*is for some nodes only' "$tetra" apply --root "$root" "$work/regions.yaml" || return 1
	says '^regions: monitors, 1 hook, and 1 for other nodes$' "$tetra" apply --root "$root" --node-labels zone=b "$work/regions.yaml" || return 1
	says '^    1 more hook for other nodes' "$tetra" list --root "$root" || return 1
	says '^regions: monitors, 1 hook, and 1 for other nodes$' "$tetra" apply --root "$root" "$work/plain.yaml" || return 1
	exits plain && ! exits regions >/dev/null || { echo "it reports on a node that the rule is not for"; return 1; }
	refuses 1 'node: other rules of it are for this node now' "$tetra" diff --exit-code --root "$root" --node-labels zone=a "$work/regions.yaml" || return 1
	says '^regions: monitors, 2 hooks$' "$tetra" apply --root "$root" --node-labels zone=a "$work/plain.yaml" && exits regions || return 1
	says '"name":"regions",[^}]*"hooks_for_other_nodes":0' "$tetra" list --root "$root" -o json || return 1
	says '^regions: monitors, 1 hook, and 1 for other nodes$' "$tetra" apply --root "$root" --replace-all --node-labels zone=c "$work/regions.yaml"
}

# What programs read of this image fits into a half, all of it does not: others are applied beside it, it is read back each time, and
# nothing of it is left.
large_image() {
	before=$(settled_state)
	{
		kill_policy large '' | sed '/values: /d; /matchActions/,$d'
		printf '        values: ["%s"' "$forbidden"
		seq 10000 | sed 's|.*|, "/usr/lib/some/folder/or/other/program-&"|' | tr -d '\n'
		echo ']'
	} >"$work/large.yaml"
	watch_policy watcher >"$work/watcher.yaml"
	for _ in 1 2; do
		"$tetra" apply --root "$root" "$work/large.yaml" || return 1
		size=$("$tetra" list --root "$root" | sed -n 's/^image: .* \([0-9]*\) bytes.*/\1/p')
		[ "$size" -gt 1500000 ] || { echo "it has $size bytes"; return 1; }
		"$forbidden" open "$work/content" && events --policy large && has_event '"policy_name":"large"' "\"path\":\"$forbidden\"" || return 1
		"$tetra" apply --root "$root" "$work/watcher.yaml" && says '^  large .* from ' "$tetra" list --root "$root" || return 1
		"$forbidden" open "$work/content" && events && has_event '"policy_name":"watcher"' && has_event '"policy_name":"large"' || return 1
		"$tetra" delete --root "$root" large && "$tetra" apply --root "$root" "$work/watcher.yaml" || return 1
		[ -z "$(find "$root/maps" -name 'image_rest*')" ] || { echo "the end of an image is left"; return 1; }
	done
	"$tetra" apply --root "$root" "$work/large.yaml" && "$tetra" delete --root "$root" --all && becomes_state "$before"
}

test_that "apply: 10,000 paths, an image that is larger than a half" large_image
test_that "apply: policies for some nodes only" nodes
test_that "apply: rules for some nodes only" rule_of_nodes
test_that "mode: a policy stops to enforce, and enforces again" mode_switches
test_that "mode: a choice lasts until the policy is applied again" mode_lasts
test_that "mode: what it refuses" mode_refuses
test_that "list: what was counted for each policy" counted_by_policy
test_that "list: what a rate limit held back" rate_limit_is_counted
test_that "list: image and memory" list_tells_memory
test_that "metrics: in the form that Prometheus reads" metrics_are_metrics
test_that "metrics: why actions failed" failures_are_counted
test_that "metrics: where nothing is applied, and into no folder" metrics_of_nothing
test_that "diff: what would change" diff_tells
test_that "apply: by the kind that --attach names" attach_is_forced
test_that "diff: where nothing is applied" diff_before_anything
finish
