#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What becomes of enforcement when something runs out or cannot be known, and which counter says so: docs/enforcement.md. TAP.
. "$(dirname "$0")/lib.sh"

# System call 999 brings a signal; $1: more of the selector, $2: actions beside Signal.
forbidden() {
	head_of forbidden <<EOT
$(on_system_call 999)
$1
      matchActions:
      - action: Signal
        argSig: 10
$2
EOT
}
by_workload="      matchBinaries:
      - operator: In
        values: [\"$tools/workload\"]"
quiet='      - action: NoPost'

signalled() { # what is wanted
	got=$("$tools/workload" signalled 998 999)
	[ "$got" = "$1" ] || { echo "signalled by '$got', not '$1'"; "$tetra" list --root "$root"; return 1; }
}
counter() { # name, at least
	"$tetra" list --root "$root" >"$work/list"
	found=$(sed -n "s/.*[ :]$1 \([0-9][0-9]*\).*/\1/p" "$work/list" | head -n 1)
	[ "${found:-0}" -ge "$2" ] || { echo "$1 ${found:-0}, not $2 or more"; cat "$work/list"; return 1; }
}

ring_full() {
	forbidden "" "" | apply || return 1
	"$tetra" compile "$work/policy.yaml" -o "$work/policy.object" >/dev/null || return 1
	timeout 60 "$tools/hammer" "$root" signal 999 30 1 "$work/policy.object" -- "$work/policy.object" >"$work/tally" 2>&1
	status=$?
	cat "$work/tally"
	# The ring takes 4 MiB; an event of one number has 80 bytes.
	until "$tetra" list --root "$root" | grep -q 'lost [1-9]'; do
		"$tools/hammer" "$root" signal 999 200 1 "$work/policy.object" -- "$work/policy.object" >"$work/tally" 2>&1 || return 1
		tries=$((${tries:-0} + 1))
		[ $tries -lt 20 ] || break
	done
	[ $status -eq 0 ] && counter lost 1 && signalled 999
}
test_that "ring full: events are lost and counted, every call is refused" ring_full

table_full() {
	forbidden "$by_workload" "$quiet" | apply || return 1
	signalled 999 && "$tools/spoil" "$root" table || return 1
	signalled 999 && signalled 999
}
test_that "process table full: matchBinaries looks at what the process runs" table_full

table_full_kin() {
	forbidden "      matchParentBinaries:
      - operator: In
        values: [\"$tools/workload\"]" "$quiet" | apply || return 1
	got=$("$tools/workload" run "$tools/workload" signalled 998 999)
	[ "$got" = 999 ] || { echo "before: '$got'"; return 1; }
	"$tools/spoil" "$root" table || return 1
	got=$("$tools/workload" run "$tools/workload" signalled 998 999)
	[ -z "$got" ] || { echo "decided by a parent that cannot be known: '$got'"; return 1; }
	counter process_unknown 1
}
test_that "process table full: what the parent runs is unknown, not enforced and counted" table_full_kin

# As an attacker could have it: more than 4096 bytes, and the end decides.
cut() {
	head_of cut <<EOT | apply_held || return 1
  tracepoints:
  - subsystem: syscalls
    event: sys_enter_mkdir
    args:
    - index: 5
      type: string
    selectors:
    - matchArgs:
      - index: 5
        operator: Postfix
        values: ["/forbidden"]
      matchActions:
      - action: Sigkill
EOT
	"$tools/workload" mkdir "$(printf '%2100s' ' ' | sed 's, ,./,g')/forbidden" 2>/dev/null
	[ $? -ne 137 ] || { echo "killed by what could not be read"; return 1; }
	counter cut 1 || return 1
	"$tools/workload" mkdir /nowhere/forbidden 2>/dev/null
	[ $? -eq 137 ] || { echo "not killed"; return 1; }
}
test_that "text cut at 4096 bytes: unknown, not enforced and counted" held_while cut

# read() of a fifo waits until the policies are others; only then it returns.
returns_late() {
	head_of late <<EOT | apply || return 1
  kprobes:
  - call: sys_read
    syscall: true
    return: true
    args:
    - index: 0
      type: int
    returnArg:
      index: 0
      type: int
    selectors:
    - matchBinaries:
      - operator: In
        values: ["$tools/workload"]
EOT
	mkfifo "$work/fifo" && { "$tools/workload" wait "$work/fifo" signalled 998 999 & } || return 1
	exec 9>"$work/fifo"
	sleep 1
	forbidden "" "" >"$work/other.yaml"
	"$tetra" apply --root "$root" "$work/other.yaml" || return 1
	exec 9>&-
	wait
	counter calls_full 1
}
test_that "a call that returns under other policies: not decided, and counted" returns_late

# A CPU that comes when the programs are there already has its working memory: it was made for all that may come.
hotplug() {
	online=/sys/devices/system/cpu/cpu1/online
	[ -n "${TETRA_VM_KERNEL-}" ] || skip "takes a CPU away: only in a test machine"
	[ -w $online ] || skip "the kernel has no second CPU that can go"
	echo 0 >$online || return 1
	forbidden "$by_workload" "$quiet" | apply || { echo 1 >$online; return 1; }
	echo 1 >$online
	for cpu in 0 1; do
		got=$(taskset $((cpu + 1)) "$tools/workload" signalled 998 999)
		[ "$got" = 999 ] || { echo "on CPU $cpu: '$got'"; return 1; }
	done
	echo 0 >$online && signalled 999 && echo 1 >$online && signalled 999
}
test_that "a CPU that comes after apply, goes and comes again" hotplug
finish
