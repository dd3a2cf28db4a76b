#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Applying and deleting with each of their system calls failing, or killed before it: the old policies or the new ones are in force, by
# what `tetra list` says and by what the kernel does; doing it again puts everything right, and nothing is left over. TAP.
# TETRA_WALK: "some" (default) calls of those that change something, "changes": each of them, "all": every bpf(), too, and others.
. "$(dirname "$0")/lib.sh"

walk=${TETRA_WALK:-some}
trap 'leave=; exit 1' INT TERM
uname -m | grep -qx x86_64 || skip_all "walks system calls of x86-64 only"

# Signals tell which of two system calls that nobody else makes is forbidden.
policy() { # name, number of a system call, event that only this one watches
	head_of "$1" <<EOT >"$work/$1.yaml"
$(on_system_call "$2")
      matchActions:
      - action: Signal
        argSig: 10
      - action: NoPost
  - subsystem: sched
    event: $3
    raw: true
    selectors:
    - matchPIDs:
      - operator: In
        values: [1]
EOT
}
policy old 998 sched_process_fork
policy new 999 sched_process_exit

run() { "$tetra" "$@" >/dev/null 2>&1; }
in_force() { echo "policies: $(policies)forbidden: $("$tools/workload" signalled 998 999)"; }

# Scenarios: what there is before, and what is done then.
begin() {
	case $1 in
	apply) run delete --root "$root" --all || return 0 ;;
	delete | remove) run apply --root "$root" --replace-all "$work/old.yaml" "$work/new.yaml" ;;
	*) run apply --root "$root" --replace-all "$work/old.yaml" ;;
	esac
}
operands() {
	case $1 in
	apply | add) echo "apply --root $root $work/new.yaml" ;;
	swap) echo "apply --root $root --replace-all $work/new.yaml" ;;
	remove) echo "delete --root $root old" ;;
	delete) echo "delete --root $root --all" ;;
	esac
}

# What the scenario begins and ends with, when nothing goes wrong.
measure() {
	begin "$1"
	before=$(in_force) before_state=$(settled_state) before_pins=$(pins)
	# shellcheck disable=SC2046
	run $(operands "$1")
	after=$(in_force) after_state=$(settled_state) after_pins=$(pins)
	begin "$1"
	# shellcheck disable=SC2046
	"$tools/walk" "${all}count" "$tetra" $(operands "$1") >"$work/out" 2>"$work/counted"
	sed -n 's/^walk [0-9]* //p' "$work/counted" >"$work/calls"
	calls=$(wc -l <"$work/calls")
}
can_fail() { [ "$before" != "$after" ] && [ "$calls" -gt 5 ]; }

equal() { [ "$2" = "$3" ] || { echo "$1:"; echo "$3"; echo "instead of:"; echo "$2"; return 1; }; }

# The state of before, whole, or that of after in what counts.
one_or_the_other() {
	now=$(in_force)
	[ "$now" = "$before" ] || [ "$now" = "$after" ] || { echo "neither old nor new: $now"; return 1; }
}

# Again, from whatever there is now: the end is the same as if nothing had happened. To delete what is deleted already is an error.
again() { # scenario
	# shellcheck disable=SC2046
	run $(operands "$1") || [ "$now" = "$after" ] || { echo "cannot be done again: $("$tetra" $(operands "$1") 2>&1)"; return 1; }
	case $1 in remove) run apply --root "$root" "$work/new.yaml" ;; esac
	equal "in force" "$after" "$(in_force)" && equal "pins" "$after_pins" "$(pins)" && becomes_state "$after_state"
}

failing() { # scenario, number, error
	begin "$1"
	status=0
	# shellcheck disable=SC2046
	"$tools/walk" "${all}fail" "$2" "$3" "$tetra" $(operands "$1") >"$work/out" 2>"$work/errors" || status=$?
	case $status in 0 | 1 | 3) ;; *) echo "exit status $status"; cat "$work/out" "$work/errors"; return 1 ;; esac
	one_or_the_other || return 1
	if [ $status -ne 0 ] && [ "$now" = "$before" ] && [ "$1" != delete ]; then
		equal "pins after it failed" "$before_pins" "$(pins)" && becomes_state "$before_state" || return 1
	fi
	[ $status -ne 0 ] || equal "in force, though it said that all is well" "$after" "$now" || return 1
	again "$1"
}

killed() { # scenario, number
	begin "$1"
	status=0
	# shellcheck disable=SC2046
	"$tools/walk" "${all}$3" "$2" "$tetra" $(operands "$1") >"$work/out" 2>"$work/errors" || status=$?
	[ $status -eq 137 ] || { echo "status $status, not killed"; cat "$work/out" "$work/errors"; return 1; }
	one_or_the_other && again "$1"
}

# Every so-many-th call, beginning with one that differs from deed to deed; or each.
step_of() { # scenario
	case $walk-$1 in
	some-apply) echo 16 ;;
	some-*) echo 6 ;;
	*) echo 1 ;;
	esac
}

errors='5 12 28 4'	# EIO ENOMEM ENOSPC EINTR
each() { # scenario, deed, first
	call=$3 bad=0 done=0
	while [ "$call" -le "$calls" ]; do
		what=$(sed -n "${call}p" "$work/calls")
		if [ "$2" = fail ]; then
			error=$(echo "$errors" | cut -d ' ' -f $((call % 4 + 1)))
			failing "$1" "$call" "$error" >"$work/one" 2>&1 || { bad=1; echo "call $call ($what) fails with $error:"; cat "$work/one"; }
		else
			killed "$1" "$call" "$2" >"$work/one" 2>&1 || { bad=1; echo "killed at call $call ($what):"; cat "$work/one"; }
		fi
		call=$((call + $(step_of "$1"))) done=$((done + 1))
	done
	echo "$done" >"$work/done"
	[ $bad -eq 0 ]
}

case $walk in all) all=all- ;; *) all= ;; esac
nothing_state=$(settled_state)
for scenario in ${TETRA_SCENARIOS:-apply swap add remove delete}; do
	leave=1
	measure "$scenario"
	test_that "$scenario: has system calls that can fail" can_fail
	test_that "$scenario: calls fail, one at a time" each "$scenario" fail 1
	echo "# $(cat "$work/done") of $calls"
	test_that "$scenario: killed before a call" each "$scenario" kill 2
	echo "# $(cat "$work/done") of $calls"
	[ "$walk" = some ] || test_that "$scenario: killed after a call" each "$scenario" killed 1
	leave=
done
run delete --root "$root" --all
test_that "nothing is left" becomes_state "$nothing_state"
finish
