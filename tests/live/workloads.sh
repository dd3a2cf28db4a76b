#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Policies for some workloads only, on the running kernel: real cgroups, told of by a file or by their names. TAP.
. "$(dirname "$0")/lib.sh"

tree=$(awk '$3 == "cgroup2" { print $2; exit }' /proc/self/mounts)
mounted=
if [ -z "$tree" ]; then
	tree=$work/cgroups
	mkdir "$tree" && mount -t cgroup2 none "$tree" 2>/dev/null || skip_all "needs cgroups of version 2"
	mounted=$tree
fi
top=tetra-live-$$
id_a=$(printf %064d 1) id_b=$(printf %064d 2)

remove_cgroups() { find "$tree/$top" -depth -type d -exec rmdir {} \; 2>/dev/null; }
end() {
	remove_cgroups
	[ -z "$mounted" ] || umount "$mounted"
	cleanup
}
trap end EXIT

make_cgroups() {
	for cgroup in "$@"; do mkdir -p "$tree/$top/$cgroup" || return 1; done
}

# inside CGROUP NAME: makes a folder of that name from there; "/" is where we are.
inside() {
	sh -c '[ "$1" = / ] || echo $$ >"$1/cgroup.procs" || exit 1
	exec "$2" mkdir "$3"' - "$([ "$1" = / ] && echo / || echo "$tree/$top/$1")" "$tools/workload" "$work/m-$2" || return 1
	rmdir "$work/m-$2"
}

# A policy that reports folders being made, limited by the lines on standard input.
limited() { # name
	on_system_call 83 | head_of "$1"
	cat
}

saw() { has_event process_tracepoint "\"arguments\":\"mkdir $work/m-$1\"" || { echo "not seen: $1"; return 1; }; }
saw_not() { no_event process_tracepoint "\"arguments\":\"mkdir $work/m-$1\"" || { echo "seen: $1"; return 1; }; }

refresh() { "$tetra" refresh --root "$root" --workloads "$work/workloads.yaml" >"$work/refreshed" 2>&1 || { cat "$work/refreshed"; return 1; }; }

# How often it was not known whether a process is one of those.
unknown() {
	"$tetra" list --root "$root" -o json | grep -o '"workload_unknown":[0-9]*' | awk -F: '{ n += $2 } END { print n + 0 }'
}

# Reads from now on, so that a machine with much to do does not fill the ring buffer with processes of others.
watch() {
	"$tetra" getevents --root "$root" --since-start >"$work/all" 2>"$work/all.err" &
	watcher=$!
	trap 'kill $watcher 2>/dev/null' EXIT
}

# gather CGROUP: what was reported, in $work/events, up to a last folder that is made from there, where it is reported.
gather() {
	inside "$1" last || return 1
	for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30; do
		! grep -q "process_tracepoint.*mkdir $work/m-last\"" "$work/all" || break
		sleep 0.2
	done
	kill -INT $watcher
	wait $watcher || { cat "$work/all.err"; return 1; }
	cp "$work/all" "$work/events"
}

by_container() {
	make_cgroups web web/deep/er/still other "runtime-$id_a.scope" "runtime-$id_b.scope" || return 1
	cat >"$work/workloads.yaml" <<EOT
- cgroup: /$top/web
  name: web
  image: docker.io/library/nginx:1.27
- cgroup: /$top/other
  name: other
- container: $id_a
  name: web
EOT
	limited web <<EOT >"$work/web.yaml"
  containerSelector: {matchLabels: {name: web}}
EOT
	"$tetra" dry-run --workloads "$work/workloads.yaml" "$work/web.yaml" >"$work/foreseen" 2>&1 &&
		grep -q "^    policy 'web': for 2 of [0-9]* containers; of [0-9]* it is not known" "$work/foreseen" &&
		grep -q "^      web, docker.io/library/nginx:1.27, /$top/web  (" "$work/foreseen" &&
		grep -q "^      not known: /$top/runtime-$id_b.scope$" "$work/foreseen" || { cat "$work/foreseen"; return 1; }
	apply --workloads "$work/workloads.yaml" <"$work/web.yaml" || return 1
	grep -q "policy.yaml:[0-9]*:[0-9]*: note: policy 'web' does nothing in container '$id_b'" "$work/applied" ||
		{ echo "no note of $id_b"; cat "$work/applied"; return 1; }
	watch
	before=$(unknown)
	inside web in && inside web/deep/er/still nested && inside "runtime-$id_a.scope" id && inside other other &&
		inside / host || return 1
	[ "$(unknown)" = "$before" ] || { echo "something was unknown"; return 1; }
	inside "runtime-$id_b.scope" unknown || return 1
	[ "$(unknown)" -gt "$before" ] || { echo "nothing was unknown"; return 1; }
	make_cgroups web/later new || return 1
	inside web/later later && inside new new || return 1
	rmdir "$tree/$top/other" && make_cgroups other || return 1	# the same name, another cgroup
	sed -i 's/name: other/name: web/' "$work/workloads.yaml"
	inside other again || return 1
	printf -- '- cgroup: /%s/new\n  name: web\n' "$top" >>"$work/workloads.yaml"
	refresh && inside new refreshed && inside other other-refreshed || return 1
	gather web || return 1
	for name in in nested id later refreshed other-refreshed; do saw $name || return 1; done
	for name in other host unknown new again; do saw_not $name || return 1; done
}


# A policy of one namespace, one of the host, and one with selectors for each, in one apply: pods, labels, users' cgroups.
by_place() {
	make_cgroups pod-a pod-b plain user || return 1
	chown 12345 "$tree/$top/user" && mkdir "$tree/$top/user/docker-$id_b.scope" || return 1
	cat >"$work/workloads.yaml" <<EOT
- {cgroup: /$top/pod-a, namespace: shop, pod: web-0, name: web, image: "nginx:1", podLabels: {app: web, tier: front}}
- {cgroup: /$top/pod-b, namespace: bank, pod: till-0, name: till, podLabels: {app: till}}
- {cgroup: /$top/plain, namespace: "", name: plain, podLabels: {app: web}}
EOT
	{
		limited shop </dev/null | sed 's/^kind: .*/kind: TracingPolicyNamespaced/; s/^  name: shop/&\n  namespace: shop/'
		echo ---
		limited host <<EOT
  hostSelector: {}
EOT
		echo ---
		limited front <<EOT
      matchWorkloads:
        podSelector: {matchExpressions: [{key: tier, operator: Exists}]}
    - matchArgs:
      - {index: 1, operator: Equal, values: ["83"]}
      matchWorkloads:
        podSelector: {matchLabels: {app: web}, matchExpressions: [{key: tier, operator: DoesNotExist}]}
EOT
	} | apply --workloads "$work/workloads.yaml" || return 1
	watch
	before=$(unknown)
	inside pod-a a && inside pod-b b && inside plain plain && inside user user && inside "user/docker-$id_b.scope" pretends &&
		inside / host || return 1
	[ "$(unknown)" = "$before" ] || { echo "something was unknown"; "$tetra" list --root "$root"; return 1; }
	make_cgroups fresh && inside fresh fresh || return 1
	[ "$(unknown)" -gt "$before" ] || { echo "a cgroup that is new was known"; return 1; }
	gather pod-a || return 1
	of shop a && of host host && of host user && of host pretends && of front a && of front plain || return 1
	for name in b plain host user pretends fresh; do not_of shop $name || return 1; done
	for name in a b plain fresh; do not_of host $name || return 1; done
	for name in b host user pretends fresh; do not_of front $name || return 1; done
	staying events && has_event process_tracepoint "m-stays\"" '"pod":{"namespace":"shop","name":"web-0","container":{"name":"web","image":{"name":"nginx:1"}},"pod_labels":{"app":"web","tier":"front"}}' ||
		return 1
	staying events --namespace 'sh*' --event-types process_tracepoint && has_event m-stays && no_event m-other || return 1
	staying events --pod 'till-0' && no_event m-stays && has_event m-other || return 1
	staying events --namespace shop -o compact && has_event 'shop/web-0 ' || return 1
	"$tetra" list --root "$root" >"$work/list" && grep -A3 ' shop ' "$work/list" | grep -q 'for 1 of 3 containers$' &&
		grep -A4 ' host ' "$work/list" | grep -q 'for 0 of 3 containers and the host' &&
		"$tetra" list --root "$root" -o json | grep -q '"workloads":{"host":false,"containers":\[{"cgroup_id":"[0-9]*","cgroup":"[^"]*/pod-a","name":"web"' ||
		{ cat "$work/list"; return 1; }
	"$tetra" mode --root "$root" shop >/dev/null && "$tetra" delete --root "$root" host || return 1	# what was told stays known
	watch
	inside pod-a a2 && inside pod-b b2 && gather pod-a && of shop a2 && not_of shop b2 && not_of host a2
}

# stay CGROUP NAME: makes a folder from there and stays; events tell the pods of processes that still run when they are read.
stay() {
	rm -rf "$work/fifo-$2" "$work/m-$2"
	mkfifo "$work/fifo-$2" || return 1
	sh -c 'echo $$ >"$1/cgroup.procs" && exec "$2" stay "$3" mkdir "$4"' - "$tree/$top/$1" "$tools/workload" "$work/fifo-$2" "$work/m-$2" &
	echo $! >>"$work/staying"
	for _ in 1 2 3 4 5 6 7 8 9 10; do [ ! -d "$work/m-$2" ] || return 0; sleep 0.1; done
	return 1
}

# staying COMMAND...: while one process of each pod stays.
staying() {
	: >"$work/staying"
	stay pod-a stays && stay pod-b other && "$@"
	result=$?
	while read -r pid; do kill "$pid"; done <"$work/staying"
	wait
	return $result
}

of() { has_event process_tracepoint "\"policy_name\":\"$1\"" "\"arguments\":\"mkdir $work/m-$2\"" || { echo "$1 missed: $2"; return 1; }; }
not_of() { no_event process_tracepoint "\"policy_name\":\"$1\"" "\"arguments\":\"mkdir $work/m-$2\"" || { echo "$1 has: $2"; return 1; }; }

# Containers that come while somebody follows; one that is gone leaves nothing to one of the same name.
followed() {
	limited followed <<EOT | apply || return 1
  containerSelector: {}
EOT
	"$tetra" refresh --follow --root "$root" >"$work/follow.out" 2>&1 &
	follower=$!
	trap 'kill $follower 2>/dev/null' EXIT
	for _ in 1 2 3 4 5 6 7 8 9 10; do [ ! -s "$work/follow.out" ] || break; sleep 0.1; done
	make_cgroups new || return 1
	for turn in 1 2; do
		make_cgroups "new/docker-$id_a.scope" || return 1
		for try in 1 2 3 4 5 6 7 8 9 10; do
			sleep 0.1
			inside "new/docker-$id_a.scope" "turn$turn-$try" && events || return 1
			! has_event process_tracepoint "m-turn$turn-$try\"" >/dev/null || break
		done
		[ $try -lt 10 ] || { echo "turn $turn: not seen"; cat "$work/follow.out"; kill $follower; return 1; }
		rmdir "$tree/$top/new/docker-$id_a.scope" || return 1
	done
	kill -INT $follower && wait $follower
}

test_that "containers, what is nested in them, those that come later, and those of which nothing is known" by_container
remove_cgroups
test_that "a namespace, the host, selectors by labels; users cannot pretend; events tell of pods" by_place
remove_cgroups
test_that "refresh --follow hears of containers that come" followed
finish
