#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What events say beside numbers, texts and paths, from YAML to the event on the running kernel: stack traces, structures of the
# kernel, buffers. TAP. What this kernel cannot attach is skipped with the reason.
. "$(dirname "$0")/lib.sh"

# Does the thing and stays, so that the reader of events can look at it; go_on ends it.
stay() { # what...
	[ -p "$work/end" ] || mkfifo "$work/end"
	"$tools/workload" stay "$work/end" "$@" &
	staying=$!
	sleep 1
}
go_on() {
	echo end >"$work/end"
	wait $staying
}

# Of the first element of a list in the last event that was found: the value of a key, which is a string.
first_of() { # list, key
	sed -n "s/.*\"$1\":\[{\([^}]*\)}.*/\1/p" "$work/left" | tail -n 1 | sed -n "s/.*\"$2\":\"\([^\"]*\)\".*/\1/p"
}

# ---- Stack traces ----

watch_stacks() { # section, keys of Post
	head_of stacks <<EOT | apply
  $1:
  - call: security_inode_mkdir
    syscall: false
    selectors:
    - matchBinaries:
      - operator: In
        values: ["$tools/workload"]
      matchActions:
      - action: Post
$(printf '        %s: true\n' $2)
EOT
}

# The symbols of the first frame and of those that must have led there are the kernel's own words.
kernel_stack() { # section
	watch_stacks "$1" kernelStackTrace || return 1
	"$tools/workload" mkdir "$work/kernel-$1" && events || return 1
	has_event '"process_kprobe"' '"kernel_stack_trace":[{"address":"' '"symbol":"vfs_mkdir"' '"symbol":"__x64_sys_mkdir"' '"symbol":"do_syscall_64"' &&
		no_event '"user_stack_trace"' && no_event '"kernel_stack_hidden"' || return 1
	frame=$(grep -o '{"address":"[0-9]*","offset":"[0-9]*","symbol":"vfs_mkdir"}' "$work/events" | head -n 1)
	begins=$(awk '$2 ~ /[tT]/ && $3 == "vfs_mkdir" { print $1; exit }' /proc/kallsyms)
	offset=$(echo "$frame" | sed 's/.*"offset":"\([0-9]*\)".*/\1/')
	address=$(echo "$frame" | sed 's/.*"address":"\([0-9]*\)".*/\1/')
	# The first 8 of 16 digits are the same for all of the kernel's text, and the shell cannot count so far.
	[ "$(printf '%08x' $((0x${begins#????????} + offset)))" = "$(printf '%x' "$address" | cut -c 9-)" ]
}

hidden_stack() {
	watch_stacks kprobes kernelStackTrace || return 1
	"$tools/workload" mkdir "$work/hidden" || return 1
	before=$(cat /proc/sys/kernel/kptr_restrict)
	echo 2 >/proc/sys/kernel/kptr_restrict
	events
	echo "$before" >/proc/sys/kernel/kptr_restrict
	has_event '"process_kprobe"' '"kernel_stack_hidden":' && no_event '"kernel_stack_trace"' && no_event '"address"'
}

# The first address is behind the instruction that called the kernel, in the file that the event names.
user_stack() {
	watch_stacks kprobes userStackTrace || return 1
	stay mkdir "$work/user"
	events
	go_on
	has_event '"process_kprobe"' '"user_stack_trace":[{"address":"' && no_event '"kernel_stack_trace"' || return 1
	module=$(first_of user_stack_trace module) offset=$(first_of user_stack_trace offset)
	[ "$(od -An -tx1 -j $((offset - 2)) -N 2 "$module" | tr -d ' ')" = 0f05 ] || { echo "$module+$offset"; cat "$work/left"; return 1; }
}

# Nothing is told of a process that is gone but its addresses.
user_stack_of_the_dead() {
	watch_stacks kprobes 'userStackTrace kernelStackTrace' || return 1
	"$tools/workload" mkdir "$work/dead" && events || return 1
	has_event '"process_kprobe"' '"kernel_stack_trace":[{' '"user_stack_trace":[{"address":"' || return 1
	sed 's/.*"user_stack_trace"//' "$work/left" >"$work/frames" && ! grep -q '"module"' "$work/frames"
}

# A selector without stacks, and another policy, on the same function report none.
others_have_none() {
	head_of plain <<EOT | apply || return 1
  kprobes:
  - call: security_inode_mkdir
    syscall: false
    args:
    - index: 2
      type: uint16
EOT
	watch_stacks kprobes kernelStackTrace || return 1
	"$tools/workload" mkdir "$work/others" && events || return 1
	has_event '"policy_name":"stacks"' '"kernel_stack_trace"' && has_event '"policy_name":"plain"' '{"uint_arg":' &&
		no_event '"policy_name":"plain"' '"kernel_stack_trace"'
}

test_that "stacks: of the kernel, by kprobe" kernel_stack kprobes
test_that "stacks: of the kernel, by trampoline" kernel_stack fentries
test_that "stacks: readers who may not see the kernel's addresses are told none" hidden_stack
test_that "stacks: of a program that runs on" user_stack
test_that "stacks: of a program that is gone" user_stack_of_the_dead
test_that "stacks: only events whose selector asks for them have one" others_have_none
finish
