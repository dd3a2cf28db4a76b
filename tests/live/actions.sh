#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Actions that need more than one place: enforcers, and the notifications that arm them. TAP.
. "$(dirname "$0")/lib.sh"

fresh=$work/fresh

# A policy that notifies when the directory is made; its enforcer's calls, and what else there is, come from the caller.
notifier() { # name, calls, arguments of the action, further hooks
	head_of "$1" <<EOT
  enforcers:
  - calls: $2
  kprobes:
  - call: sys_mkdir
    syscall: true
    args:
    - index: 0
      type: string
    selectors:
    - matchArgs:
      - index: 0
        operator: Prefix
        values: ["$fresh"]
      matchActions:
      - action: NotifyEnforcer
        $3
${4-}
EOT
}

# What a kernel cannot override, it says at the line of the enforcer.
apply_or_skip() {
	apply "$@" && return 0
	grep -q "policy.yaml:7:.*enforcer of .*: this kernel, or this process, has no" "$work/applied" || return 1
	skip "$(sed -n 's/.*\(this kernel, or this process, has no .*\)/\1/p' "$work/applied" | head -n 1)"
}

is_denied() { # directory, error
	! "$tools/workload" mkdir "$1" 2>"$work/why" || { echo "it succeeded"; "$tetra" list --root "$root"; return 1; }
	grep -q "$2" "$work/why" && [ ! -d "$1" ] || { cat "$work/why"; return 1; }
}

security_function() {
	notifier notify '[security_inode_mkdir]' 'argError: -13' | apply || return 1
	is_denied "$fresh-1" 'Permission denied' && "$tools/workload" mkdir "$work/other" || return 1
	"$tools/workload" mkdir "$work/nowhere/x" 2>/dev/null
	events && has_event '"function_name":"__x64_sys_mkdir"' "\"string_arg\":\"$fresh-1\"" '"action":"KPROBE_ACTION_NOTIFYENFORCER"' &&
		no_event '"function_name":"security_inode_mkdir"' || return 1
	"$tetra" list --root "$root" | grep -q 'enforced 1, only monitored 0, failed to enforce 0' || { "$tetra" list --root "$root"; return 1; }
}

system_call() {
	notifier notify '["list:made"]' 'argError: -17' | sed 's/^  enforcers:/  lists: [{name: made, type: syscalls, values: [sys_rmdir, sys_mkdir]}]\n&/;
		s/^  kprobes:/  tracepoints:/; s/^  - call: sys_mkdir/  - subsystem: syscalls\n    event: sys_enter_mkdir/; /^    syscall:/d;
		s/index: 0/index: 5/' | apply
	if [ $? -ne 0 ]; then
		grep -q "policy.yaml:8:.*enforcer of 'sys_[a-z]*': this kernel, or this process, has no\|tracepoint .*with --hold" "$work/applied" ||
			return 1
		skip "$(sed -n "s/.*'sys_mkdir': //p; s/.*mkdir': this/this/p" "$work/applied" | head -n 1)"
	fi
	is_denied "$fresh-2" 'File exists' && "$tools/workload" mkdir "$work/other-2"
}

signal() {
	notifier notify '[security_inode_mkdir]' 'argError: -13
        argSig: 9' | apply || return 1
	"$tools/workload" mkdir "$fresh-3"
	[ $? -eq 137 ] && [ ! -d "$fresh-3" ]
}

signal_alone() {
	notifier notify '[security_inode_mkdir]' 'argSig: 9' | apply || return 1
	"$tools/workload" mkdir "$fresh-4"
	[ $? -eq 137 ] && [ -d "$fresh-4" ] || { echo "it is let through, and killed after it"; return 1; }
}

monitored() {
	notifier notify '[security_inode_mkdir]' 'argError: -13' | apply --mode=monitor || return 1
	"$tools/workload" mkdir "$fresh-5" && events || return 1
	has_event "\"string_arg\":\"$fresh-5\"" '"action":"KPROBE_ACTION_NOTIFYENFORCER"' '"enforcement":"monitored"' || return 1
	"$tetra" mode --root "$root" --set=enforce notify && is_denied "$fresh-6" 'Permission denied'
}

cleaned_up() {
	notifier notify '[security_inode_mkdir]' 'argError: -13' '  - call: security_path_mkdir
    syscall: false
    selectors:
    - matchBinaries:
      - operator: In
        values: ["'"$tools/workload"'"]
      matchActions:
      - action: CleanupEnforcerNotification' | apply || return 1
	"$tools/workload" mkdir "$fresh-7"
}

# What a call notifies without coming to the enforced function is not for other threads.
of_its_own_thread() {
	notifier notify '[security_inode_mkdir]' 'argError: -13' | sed "s|Prefix|Equal|; s|\"$fresh\"|\"$fresh/no/parent\"|" | apply || return 1
	! "$tools/workload" mkdir "$fresh/no/parent" 2>/dev/null || return 1
	"$tools/workload" mkdir "$fresh-8" || return 1
	# Nor for the next one that has its number.
	"$tools/workload" mkdir "$fresh/no/parent" 2>/dev/null &
	first=$!
	! wait $first || return 1
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		echo $((first - 1)) >/proc/sys/kernel/ns_last_pid
		"$tools/workload" mkdir "$fresh-9" 2>"$work/why" &
		second=$!
		wait $second || { cat "$work/why"; return 1; }
		rmdir "$fresh-9"
		[ $second -ne $first ] || return 0
	done
	echo "no process got the number $first again"
	return 1
}

# Each policy's notification is for the functions of its own enforcer.
of_its_own_policy() {
	notifier removes '[security_inode_rmdir]' 'argError: -5' >"$work/removes.yaml"
	notifier makes '[security_inode_mkdir]' 'argError: -13' | apply && "$tetra" apply --root "$root" "$work/removes.yaml" || return 1
	is_denied "$fresh-9" 'Permission denied' || return 1
	"$tetra" delete --root "$root" makes && "$tools/workload" mkdir "$fresh-9"
}

# Both acted on by one hook: the first error that is not 0 counts, as with Override.
of_two_policies() {
	notifier second '[security_inode_mkdir]' 'argError: -5' >"$work/second.yaml"
	notifier first '[security_inode_mkdir]' 'argError: -13' | apply && "$tetra" apply --root "$root" "$work/second.yaml" || return 1
	[ "$(find "$root/links" -name 'hook-*enforcer*' | wc -l)" -eq 1 ] || { find "$root/links"; return 1; }
	is_denied "$fresh-10" 'Permission denied' || return 1
	[ "$("$tetra" list --root "$root" | grep -c 'enforced 1, only monitored 0, failed to enforce 0')" -eq 2 ] ||
		{ "$tetra" list --root "$root"; return 1; }
}

method_is_kept() {
	notifier notify '[sys_mkdir]' 'argError: -13' | sed 's/^  enforcers:/  options: [{name: override-method, value: override-return}]\n&/' | apply
	[ $? -ne 0 ] || { is_denied "$fresh-11" 'Permission denied'; return; }
	grep -q "policy.yaml:8:.*enforcer of 'sys_mkdir': this kernel, or this process, has no .*bpf_override_return" "$work/applied"
}

resident
test_that "enforcer: a security_ function" security_function
test_that "enforcer: a system call, by a list" system_call
test_that "enforcer: error and signal" signal
test_that "enforcer: a signal alone" signal_alone
test_that "enforcer: only monitored, until the mode is switched" monitored
test_that "enforcer: a notification is cleaned up" cleaned_up
test_that "enforcer: a notification is for its thread only" of_its_own_thread
test_that "enforcer: a notification is for its policy only" of_its_own_policy
test_that "enforcer: notifications of two policies" of_two_policies
test_that "enforcer: override-method is kept" method_is_kept
finish
