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
	limited web <<EOT | apply --workloads "$work/workloads.yaml" || return 1
  containerSelector: {matchLabels: {name: web}}
EOT
	grep -q "policy.yaml:[0-9]*:[0-9]*: note: policy 'web' does nothing in container '$id_b'" "$work/applied" ||
		{ echo "no note of $id_b"; cat "$work/applied"; return 1; }
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
	events || return 1
	for name in in nested id later refreshed other-refreshed; do saw $name || return 1; done
	for name in other host unknown new again; do saw_not $name || return 1; done
}

test_that "containers, what is nested in them, those that come later, and those of which nothing is known" by_container
finish
