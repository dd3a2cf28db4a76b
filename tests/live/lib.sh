# SPDX-License-Identifier: Apache-2.0
# For the live tests: where things are, TAP, and how to tell that this machine cannot do something from a failure.
# TETRA: the binary; TETRA_LIVE: the folder of workload, state and crash. In a test machine TETRA_VM_KERNEL is set.
# TETRA_LIVE_ONLY=TEXT runs only the tests with TEXT in their names (in a test machine: vm -a TETRA_LIVE_ONLY=TEXT).

here=$(cd "$(dirname "$0")" && pwd)
project=$(cd "$here/../.." && pwd)	# policies name these programs: no ".." in the paths
tetra=${TETRA:-$project/build/tetra}
tools=${TETRA_LIVE:-$project/build/tests/live}
root=/sys/fs/bpf/tetra-live-$$
work=$(mktemp -d)
number=0 failed=0

cleanup() {
	[ -n "${leave-}" ] || "$tetra" delete --root "$root" --all 2>/dev/null
	rm -rf "$work"
}
trap cleanup EXIT
trap 'exit 1' INT TERM

explain() { sed 's/^/# /' "$1" | head -n 30; }

# test_that NAME COMMAND...: the command's status is the result; "skip REASON" inside it skips.
test_that() {
	name=$1
	shift
	case $name in *${TETRA_LIVE_ONLY-}*) ;; *) return ;; esac
	number=$((number + 1))
	rm -f "$work/skip"
	began=$(uptime_of_machine)
	if ("$@") >"$work/said" 2>&1; then
		echo "ok $number - $name"
	elif [ -s "$work/skip" ]; then
		echo "ok $number - $name # SKIP $(head -n 1 "$work/skip")"
	else
		failed=1
		echo "not ok $number - $name"
		explain "$work/said"
	fi
	ended=$(uptime_of_machine)
	[ -n "${leave-}" ] || clear
	echo "# seconds: $began to $ended, cleared at $(uptime_of_machine)"
}

# Without a program: scripts have functions with the names of some.
uptime_of_machine() {
	read -r uptime rest </proc/uptime
	echo "$uptime"
}

# A policy that stays beside those of all tests that follow, so that what policies share (the programs that follow processes, above all) is
# loaded once: in an emulated kernel that is most of what a test takes. Not for tests about loading itself: alone.
resident() {
	head_of resident <<EOT >"$work/resident.yaml"
  tracepoints:
  - subsystem: sched
    event: sched_kthread_stop
    raw: true
    selectors:
    - matchActions: [{action: NoPost}]
EOT
	clear
}

alone() {
	rm -f "$work/resident.yaml"
	clear
}

# Takes out what a test has applied, and what of its events nobody has read.
clear() {
	{
		[ -e "$work/resident.yaml" ] && "$tetra" apply --root "$root" --replace-all "$work/resident.yaml" &&
			"$tetra" getevents --root "$root" --since-start --no-follow
	} >"$work/cleared" 2>&1 || "$tetra" delete --root "$root" --all >"$work/cleared" 2>&1
}

skip() {
	echo "$*" >"$work/skip"
	exit 1
}

finish() {
	echo "1..$number"
	exit $failed
}

skip_all() {
	echo "1..0 # SKIP $*"
	exit 0
}

head_of() { # name, then the rest of the document on standard input
	printf 'apiVersion: cilium.io/v1alpha1\nkind: TracingPolicy\nmetadata:\n  name: %s\nspec:\n' "$1"
	cat
}

# A hook that works on every kernel: one system call, by the raw tracepoint of all. Its selector can go on, indented by six.
on_system_call() { # number
	cat <<EOT
  tracepoints:
  - subsystem: raw_syscalls
    event: sys_enter
    raw: true
    args:
    - index: 1
      type: int64
    selectors:
    - matchArgs:
      - index: 1
        operator: Equal
        values: ["$1"]
EOT
}

# Each execution, by another one; selectors come behind it.
on_execution() {
	cat <<EOT
  tracepoints:
  - subsystem: sched
    event: sched_process_exec
    raw: true
    args:
    - index: 2
      type: linux_binprm
    selectors:
EOT
	cat
}

# What is pinned; the policies that run, by their names.
pins() { find "$root" 2>/dev/null | sort; }
policies() { "$tetra" list --root "$root" 2>/dev/null | sed -n '/^policies/,/^hooks/s/^  \([a-z][a-z]*\) .*/\1/p' | grep -vx resident | tr '\n' ' '; }

kernel_is() { [ "${TETRA_VM_KERNEL-}" = "$1" ]; }

[ "$(id -u)" = 0 ] || skip_all "needs root"
[ -r /sys/kernel/btf/vmlinux ] || skip_all "needs the kernel's type information (/sys/kernel/btf/vmlinux)"

# Skips the test when that output says that this machine cannot do it; never in a test machine.
skip_lack() { # file
	[ -n "${TETRA_VM_KERNEL-}" ] || ! grep -q 'this kernel, or this process, has no' "$1" ||
		skip "$(sed -n 's/.*: \(this kernel, or this process, has no .*\)/\1/p' "$1" | head -n 1)"
}

# Applies the policy on standard input. What the machine cannot do skips the test, but never in a test machine,
# whose abilities are known: there a test says itself what it cannot expect.
apply() {
	cat >"$work/policy.yaml"
	status=0
	"$tetra" apply --root "$root" "$@" "$work/policy.yaml" >"$work/applied" 2>&1 || status=$?
	[ $status -ne 0 ] || return 0
	cat "$work/applied"
	skip_lack "$work/applied"
	return 1
}

# The same where links cannot be pinned: a tetra holds them while the test runs, which is run by held_while.
apply_held() {
	if ! kernel_is 5.10; then
		apply "$@"
		return
	fi
	cat >"$work/policy.yaml"
	rm -f "$work/applied"
	[ ! -e "$work/resident.yaml" ] || "$tetra" delete --root "$root" --all
	"$tetra" apply --hold --root "$root" "$@" "$work/policy.yaml" >"$work/applied" 2>&1 &
	holder=$!
	echo $holder >"$work/holder"
	for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30; do
		! grep -qs 'holding the policies' "$work/applied" || return 0
		kill -0 $holder 2>/dev/null || break
		sleep 1
	done
	cat "$work/applied"
	return 1
}

# Runs a test, and then ends who holds its policy.
held_while() {
	rm -f "$work/holder"
	"$@"
	result=$?
	[ -s "$work/holder" ] || return $result
	holder=$(cat "$work/holder")
	kill -INT "$holder" 2>/dev/null
	while kill -0 "$holder" 2>/dev/null; do sleep 0.2; done
	return $result
}

# What the kernel holds of tetra's. Programs are freed a little after their last pin.
settled_state() {
	last='' times=0
	while [ $times -lt 4 ]; do
		now=$("$tools/state" | sort)
		[ "$now" = "$last" ] && times=$((times + 1)) || times=0
		last=$now
		sleep 0.3
	done
	echo "$now"
}

# Waits for the state to become this one.
becomes_state() {
	tries=0
	while [ $tries -lt 100 ]; do
		now=$("$tools/state" | sort)
		[ "$now" != "$1" ] || return 0
		sleep 0.1
		tries=$((tries + 1))
	done
	echo "the kernel holds:"
	echo "$now"
	echo "instead of:"
	echo "$1"
	return 1
}

# What was reported since the policy was applied, in $work/events; wait=SECONDS: and what is within those.
events() {
	until=--no-follow
	[ -z "${wait-}" ] || until="--timeout $wait"
	# shellcheck disable=SC2086
	"$tetra" getevents --root "$root" --since-start $until "$@" \
		>"$work/events" 2>"$work/events.err" ||
		{ cat "$work/events.err"; return 1; }
}

# Each argument is text that one event must have, all in one line.
has_event() {
	cp "$work/events" "$work/left"
	for text in "$@"; do
		grep -F -e "$text" "$work/left" >"$work/found" || {
			echo "no event has: $text"
			grep -v '"process_ex' "$work/events"
			return 1
		}
		mv "$work/found" "$work/left"
	done
}

no_event() {
	! has_event "$@" >/dev/null || { echo "an event has: $*"; cat "$work/left"; return 1; }
}
