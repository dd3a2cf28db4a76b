#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Many at once: apply, delete and list, some of them killed while they hold the lock. What is listed is always one of the sets that
# somebody applied, whole; whoever cannot have the lock says so; in the end nothing is left over. TAP.
# TETRA_SECONDS: how long (20).
. "$(dirname "$0")/lib.sh"

seconds=${TETRA_SECONDS:-20}
policy() { # name, event
	head_of "$1" <<EOT >"$work/$1.yaml"
  tracepoints:
  - subsystem: sched
    event: $2
    raw: true
    selectors:
    - matchPIDs:
      - operator: In
        values: [1]
EOT
}
policy left sched_process_fork
policy right sched_process_exec
policy alone sched_process_exit

# Until the time is over. A status is one of those that there is a reason for, with what is said then.
again_and_again() { # name, text that may come with 3, command...
	name=$1 allowed=$2
	shift 2
	while [ ! -e "$work/over" ]; do
		status=0
		"$@" >"$work/$name.out" 2>&1 || status=$?
		echo "$status" >>"$work/$name.statuses"
		case $status in
		0 | 137) continue ;;
		3) grep -q -e "$allowed" "$work/$name.out" && continue ;;
		esac
		{ echo "$name: status $status"; cat "$work/$name.out"; } >>"$work/wrong"
	done
}

busy="is changing '$root'\|was deleted meanwhile"
lists() {
	while [ ! -e "$work/over" ]; do
		listed=$("$tetra" list --root "$root" 2>"$work/list.err" | sed -n '/^policies/,/^hooks/s/^  \([a-z][a-z]*\) .*/\1/p' | tr '\n' ' ')
		echo "$listed" >>"$work/listed"
		case $listed in
		'' | 'alone ' | 'left right ') ;;
		*) echo "listed: $listed" >>"$work/wrong" ;;
		esac
	done
}

# Half of the time while it holds the lock, anywhere in between.
kills() {
	while [ ! -e "$work/over" ]; do
		sleep 2.$(($(date +%N | cut -c 1-2 | sed 's/^0//') % 9 + 1))
		pid=$(sed -n "s/^[0-9]*: FLOCK .* WRITE \([0-9]*\) .*:$(stat -c %i "$root" 2>/dev/null || echo none) .*/\1/p" /proc/locks | head -n 1)
		case $(cat "/proc/${pid:-none}/comm" 2>/dev/null) in
		tetra) kill -9 "$pid" && echo "$pid" >>"$work/killed" ;;
		esac
	done
}

crowd() {
	before=$(settled_state)
	again_and_again pair "$busy" "$tetra" apply --root "$root" --replace-all "$work/left.yaml" "$work/right.yaml" &
	again_and_again alone "$busy" "$tetra" apply --root "$root" --replace-all "$work/alone.yaml" &
	again_and_again delete "$busy" sh -c 'sleep 3; exec "$@"' - "$tetra" delete --root "$root" --all &
	lists &
	lists &
	kills &
	sleep "$seconds"
	touch "$work/over"
	wait
	cat "$work/wrong" 2>/dev/null && return 1
	for name in pair alone delete; do
		echo "$name: $(sort "$work/$name.statuses" | uniq -c | tr -s ' \n' ' ')"
	done
	echo "killed: $(wc -l <"$work/killed"), listed: $(sort "$work/listed" | uniq -c | tr -s ' \n' ' ')"
	grep -qx 0 "$work/pair.statuses" && grep -qx 0 "$work/alone.statuses" && [ -s "$work/killed" ] || return 1
	"$tetra" apply --root "$root" --replace-all "$work/alone.yaml" && "$tetra" delete --root "$root" --all && [ ! -e "$root" ] &&
		becomes_state "$before"
}
test_that "apply, delete and list for $seconds seconds, and kills among them" crowd
sed 's/^/# /' "$work/said"
finish
