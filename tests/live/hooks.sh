#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Every kind of hook on the running kernel: the watched thing is done, the event comes, enforcement bites. TAP.
# What this kernel cannot attach is skipped with the reason.
. "$(dirname "$0")/lib.sh"

secret=$work/secret
open=$work/open
echo content >"$secret"
echo content >"$open"

# ---- Tracepoints ----

tracepoint_string() {
	head_of tracepoint-openat <<EOT | apply || return 1
  tracepoints:
  - subsystem: syscalls
    event: sys_enter_openat
    args:
    - index: 5
      type: int32
    - index: 6
      type: string
    selectors:
    - matchArgs:
      - index: 6
        operator: Prefix
        values: ["$work/sec"]
EOT
	"$tools/workload" open "$secret" && "$tools/workload" open "$open" && events || return 1
	has_event '"process_tracepoint"' '"subsys":"syscalls","event":"sys_enter_openat"' \
		"\"args\":[{\"int_arg\":-100},{\"string_arg\":\"$secret\"}]" '"policy_name":"tracepoint-openat"' \
		"\"arguments\":\"open $secret\"" '"action":"KPROBE_ACTION_POST"' &&
		no_event "{\"string_arg\":\"$open\"}"
}

workload_is_executed() {
	on_execution <<EOT
    - matchArgs:
      - index: 2
        operator: Postfix
        values: ["/workload"]
EOT
}

raw_tracepoint_binprm() {
	workload_is_executed | head_of raw-exec | apply || return 1
	"$tools/workload" open "$secret" && events || return 1
	has_event '"process_tracepoint"' '"linux_binprm_arg":{"path":"' '/workload"' '"permission":"-rwxr-xr-x"'
}

# The process is the new program already: what follows processes runs before. Each of many, of the right ones alone.
raw_tracepoint_exec_binaries() {
	for name in here there; do cp "$tools/workload" "$work/$name" || return 1; done
	on_execution <<EOT | head_of exec-binaries | apply || return 1
    - matchBinaries:
      - operator: In
        values: ["$work/here"]
EOT
	for n in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
		"$work/here" open "$open" && "$work/there" open "$open" && "$work/there" run "$work/here" open "$secret" &&
			"$work/here" run "$work/there" open "$secret" || return 1
	done
	events || return 1
	grep '"process_tracepoint"' "$work/events" >"$work/matched"
	for way in "open $open" "open $secret" "run $work/there open $secret"; do
		count=$(grep -F "\"arguments\":\"$way\"" "$work/matched" | grep -c "\"linux_binprm_arg\":{\"path\":\"$work/here\"")
		[ "$count" = 20 ] || { echo "$way: $count of 20"; "$tetra" list --root "$root"; return 1; }
	done
	[ "$(wc -l <"$work/matched")" = 60 ] || { cat "$work/matched"; return 1; }
}

# ---- Kprobes ----

kprobe_write() {
	head_of sys-write <<EOT | apply || return 1
  kprobes:
  - call: sys_write
    syscall: true
    return: true
    args:
    - index: 0
      type: int
    - index: 2
      type: size_t
    returnArg:
      index: 0
      type: int
    selectors:
    - matchArgs:
      - index: 0
        operator: Equal
        values: ["7"]
EOT
	"$tools/workload" write 7 hello 7>"$work/out" && "$tools/workload" write 8 no 8>"$work/out" && events || return 1
	has_event '"process_kprobe"' '"function_name":"__x64_sys_write"' '"args":[{"int_arg":7},{"size_arg":"5"}]' \
		'"return":{"int_arg":5}' '"policy_name":"sys-write"' && no_event '{"int_arg":8}'
}

kprobe_openat_return() {
	head_of sys-openat <<EOT | apply || return 1
  kprobes:
  - call: sys_openat
    syscall: true
    return: true
    args:
    - index: 1
      type: string
    returnArg:
      index: 0
      type: int
    selectors:
    - matchArgs:
      - index: 1
        operator: Equal
        values: ["$secret", "$work/none"]
EOT
	"$tools/workload" open "$secret" && ! "$tools/workload" open "$work/none" && events || return 1
	has_event "{\"string_arg\":\"$secret\"}" '"return":{"int_arg":3}' &&
		has_event "{\"string_arg\":\"$work/none\"}" '"return":{"int_arg":-2}'
}

kprobe_connect() {
	head_of connect <<EOT | apply || return 1
  kprobes:
  - call: security_socket_connect
    syscall: false
    args:
    - index: 1
      type: sockaddr
    - index: 2
      type: int
    selectors:
    - matchArgs:
      - index: 1
        operator: SAddr
        values: ["127.0.0.0/8", "::1"]
      - index: 1
        operator: SPort
        values: ["7777"]
EOT
	"$tools/workload" connect 7777 && "$tools/workload" connect 7778 && events || return 1
	has_event '"function_name":"security_socket_connect"' \
		'"args":[{"sockaddr_arg":{"family":"AF_INET","addr":"127.0.0.1","port":7777}},{"int_arg":16}]' &&
		no_event '"port":7778' || return 1
	"$tools/workload" connect6 7777 2>/dev/null && events || return 1
	has_event '"family":"AF_INET6","addr":"::1","port":7777'
}

kprobe_file() {
	head_of file-permission <<EOT | apply || return 1
  kprobes:
  - call: security_file_permission
    syscall: false
    args:
    - index: 0
      type: file
    - index: 1
      type: int
      label: mask
    selectors:
    - matchArgs:
      - index: 0
        operator: Equal
        values: ["$secret"]
EOT
	cat "$secret" >/dev/null && cat "$open" >/dev/null && events || return 1
	has_event "{\"file_arg\":{\"path\":\"$secret\",\"permission\":\"-rw-r--r--\"}}" '"int_arg":4,"label":"mask"' &&
		no_event "{\"path\":\"$open\""
}

kprobe_sigkill() {
	head_of sigkill <<EOT | apply || return 1
  kprobes:
  - call: sys_mkdir
    syscall: true
    args:
    - index: 0
      type: string
    selectors:
    - matchArgs:
      - index: 0
        operator: Equal
        values: ["$work/forbidden"]
      matchActions:
      - action: Sigkill
EOT
	"$tools/workload" mkdir "$work/fine" || return 1
	status=0
	"$tools/workload" mkdir "$work/forbidden" || status=$?
	[ $status -eq 137 ] || { echo "status $status, not killed"; return 1; }
	events && has_event '"action":"KPROBE_ACTION_SIGKILL"' && has_event '"enforcement":"enforced"'
}

kprobe_override_security() {
	head_of override-security <<EOT | apply || return 1
  kprobes:
  - call: security_inode_mkdir
    syscall: false
    selectors:
    - matchBinaries:
      - operator: In
        values: ["$tools/workload"]
      matchActions:
      - action: Override
        argError: -13
EOT
	mkdir "$work/by-another" && ! "$tools/workload" mkdir "$work/denied" 2>"$work/why" && events || return 1
	grep -q 'Permission denied' "$work/why" && has_event '"action":"KPROBE_ACTION_OVERRIDE"'
}

kprobe_override_syscall() {
	head_of override-syscall <<EOT | apply
  kprobes:
  - call: sys_mkdir
    syscall: true
    args:
    - index: 0
      type: string
    selectors:
    - matchArgs:
      - index: 0
        operator: Equal
        values: ["$work/overridden"]
      matchActions:
      - action: Override
        argError: -13
EOT
	if [ $? -ne 0 ]; then	# a kernel that cannot must say so, at the line of the policy
		grep -q "policy.yaml:7:.*'sys_mkdir' with Override: this kernel, or this process, has no" "$work/applied" ||
			return 1
		skip "$(sed -n 's/.*\(this kernel, or this process, has no .*\)/\1/p' "$work/applied")"
	fi
	! "$tools/workload" mkdir "$work/overridden" 2>"$work/why" || { echo "it succeeded"; "$tetra" list --root "$root"; return 1; }
	grep -q 'Permission denied' "$work/why" || { cat "$work/why"; return 1; }
	[ ! -d "$work/overridden" ] && events && has_event '"action":"KPROBE_ACTION_OVERRIDE"'
}

# A kprobe that comes to override needs another kind of program, and loses no event on the way.
kprobe_becomes_override() {
	for action in Post Override; do
		head_of changing <<EOT | apply || return 1
  kprobes:
  - call: security_inode_mkdir
    syscall: false
    selectors:
    - matchBinaries:
      - operator: In
        values: ["$tools/workload"]
      matchActions:
      - action: $action
        $([ $action != Override ] || echo 'argError: -13')
EOT
		[ $action = Override ] || "$tools/workload" mkdir "$work/changing-$action" || return 1
	done
	! "$tools/workload" mkdir "$work/changing-Override" || return 1
	[ "$(find "$root/links" -name 'hook-*inode_mkdir' | wc -l)" -eq 1 ] || { find "$root/links"; return 1; }
	events && has_event '"action":"KPROBE_ACTION_POST"' && has_event '"action":"KPROBE_ACTION_OVERRIDE"'
}

# ---- LSM ----

lsm_policy() { # name, action, mode
	head_of "$1" <<EOT
  options:
  - name: policy-mode
    value: $3
  lsmhooks:
  - hook: file_open
    args:
    - index: 0
      type: file
    selectors:
    - matchArgs:
      - index: 0
        operator: Equal
        values: ["$secret"]
      matchActions:
      - action: $2
        $([ "$2" != Override ] || echo 'argError: -1')
EOT
}

lsm_event() {
	lsm_policy lsm-open Post monitor | apply || return 1
	cat "$secret" >/dev/null && cat "$open" >/dev/null && events || return 1
	has_event '"process_lsm"' '"function_name":"file_open"' '"policy_name":"lsm-open"' \
		"{\"file_arg\":{\"path\":\"$secret\",\"permission\":\"-rw-r--r--\"}}" '"action":"KPROBE_ACTION_POST"' &&
		no_event "{\"path\":\"$open\""
}

lsm_override() {
	lsm_policy lsm-deny Override enforce | apply || return 1
	! "$tools/workload" open "$secret" 2>"$work/why" && "$tools/workload" open "$open" || return 1
	grep -q 'Operation not permitted' "$work/why" && events || return 1
	has_event '"process_lsm"' '"policy_name":"lsm-deny"' '"action":"KPROBE_ACTION_OVERRIDE"' && has_event '"enforcement":"enforced"'
}

lsm_monitor() {
	lsm_policy lsm-watch Override monitor | apply || return 1
	"$tools/workload" open "$secret" && events || return 1
	has_event '"policy_name":"lsm-watch"' '"action":"KPROBE_ACTION_OVERRIDE"' '"enforcement":"monitored"'
}

# ---- Processes ----

# openat (257 here), by the tracepoint of all system calls: it works on every kernel.
watch_exec_opens() { # operator
	head_of binaries <<EOT | apply
$(on_system_call 257)
      matchBinaries:
      - operator: $1
        values: ["$tools/workload"]
EOT
}

match_binaries() {
	watch_exec_opens In || return 1
	"$tools/workload" open "$open" && cat "$open" >/dev/null && events --event-types process_tracepoint || return 1
	has_event '"process_tracepoint"' "\"arguments\":\"open $open\"" '"args":[{"long_arg":"257"}]' && no_event '/cat"'
}

ran_before() {
	mkfifo "$work/fifo"
	"$tools/workload" wait "$work/fifo" open "$open" &
	waiting=$!
	sleep 1	# until it has become the workload
	watch_exec_opens In || { kill $waiting; return 1; }
	{ sleep 1; echo go >"$work/fifo"; } &
	wait=4 events --event-types process_tracepoint --count 1 || return 1
	wait $waiting
	rm "$work/fifo"
	has_event "\"pid\":$waiting," "\"arguments\":\"wait $work/fifo open $open\"" '"flags":"procFS"' \
		"\"binary\":\"$tools/workload\""
}

# ---- Changing ----

# New values for attached hooks: no program is loaded, and the next event is decided by them.
change_values() {
	for value in secret open; do
		on_execution <<EOT | head_of changing | apply || return 1
    - matchArgs:
      - index: 2
        operator: Postfix
        values: ["/$([ $value = secret ] && echo nothing || echo workload)"]
EOT
		"$tools/state" -i >"$work/state-$value"
		"$tools/workload" open "$work/$value"
	done
	diff "$work/state-secret" "$work/state-open" && events || return 1
	has_event '"process_tracepoint"' "\"arguments\":\"open $open\"" && no_event '"process_tracepoint"' "\"arguments\":\"open $secret\""
}

add_and_delete() {
	before=$(settled_state)
	watch_exec_opens In || return 1
	lsm_like=$(head_of second <<EOT | apply 2>&1
  tracepoints:
  - subsystem: sched
    event: sched_process_fork
    raw: true
EOT
	) || { echo "$lsm_like"; return 1; }
	"$tetra" list --root "$root" >"$work/list" && grep -q '^  binaries ' "$work/list" && grep -q '^  second ' "$work/list" ||
		{ cat "$work/list"; return 1; }
	"$tetra" delete --root "$root" binaries && "$tetra" list --root "$root" >"$work/list" || return 1
	! grep -q '^  binaries ' "$work/list" && grep -q '^  second ' "$work/list" || { cat "$work/list"; return 1; }
	"$tetra" delete --root "$root" second && [ ! -e "$root" ] || return 1
	becomes_state "$before"
}

held() {
	head_of held <<EOT >"$work/held.yaml"
  tracepoints:
  - subsystem: syscalls
    event: sys_enter_openat
    args:
    - index: 6
      type: string
    selectors:
    - matchArgs:
      - index: 6
        operator: Equal
        values: ["$secret"]
EOT
	before=$(settled_state)
	"$tetra" apply --hold --root "$root" "$work/held.yaml" >"$work/held.out" 2>&1 &
	holder=$!
	for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
		grep -q 'holding the policies' "$work/held.out" && break
		sleep 1
	done
	"$tools/workload" open "$secret" && events && has_event '"policy_name":"held"' "{\"string_arg\":\"$secret\"}"
	good=$?
	kill -INT $holder
	wait $holder || { cat "$work/held.out"; return 1; }
	[ $good -eq 0 ] && [ ! -e "$root" ] || return 1
	becomes_state "$before"
}

# ---- Tests of policies ----

tested() { # expected number of matches
	mkdir -p "$work/tested"
	workload_is_executed | head_of tested >"$work/tested/exec.yaml"
	cat >"$work/tested/exec.test.yaml" <<EOT
tests:
- name: the workload
  run: $tools/workload open $open
  expect: {matches: $1, selectors: {0: $1}}
- name: nothing
  run: ":"
  expect: {matches: 0}
EOT
	"$tetra" test --live "$work/tested"
}

policy_tests() {
	before=$(settled_state)
	tested 1 && ! tested 2 >"$work/second" && grep -q 'expected 2 matches, happened: 1' "$work/second" && becomes_state "$before"
}

no_links() {
	kernel_is 5.10 || skip "this kernel can pin them"
	! head_of refused <<EOT | apply || return 1
  tracepoints:
  - subsystem: syscalls
    event: sys_enter_openat
EOT
	grep -q 'policy.yaml:7:.*with --hold, apply stays and keeps it' "$work/applied"
}

resident
cannot_pin_tracepoints() { kernel_is 5.10; }

if cannot_pin_tracepoints; then
	test_that "a tracepoint that cannot be pinned is refused with the advice to hold it" no_links
else
	test_that "tracepoint with a string" tracepoint_string
fi
test_that "raw tracepoint with a linux_binprm" raw_tracepoint_binprm
test_that "raw tracepoint of executions: matchBinaries are about the new program" raw_tracepoint_exec_binaries
test_that "kprobe on sys_write, with its return" kprobe_write
test_that "kprobe on sys_openat returns a descriptor or an error" kprobe_openat_return
test_that "kprobe on security_socket_connect, by address and port" kprobe_connect
test_that "kprobe on security_file_permission, with label" kprobe_file
test_that "Sigkill kills" kprobe_sigkill
test_that "Override on a security_ function" kprobe_override_security
test_that "Override on a system call" kprobe_override_syscall
test_that "a hook that comes to override changes its program" kprobe_becomes_override
test_that "LSM hook file_open" lsm_event
test_that "Override on an LSM hook denies" lsm_override
test_that "monitor mode does not" lsm_monitor
test_that "matchBinaries" match_binaries
alone
test_that "a process that ran before" ran_before
test_that "new values take effect with the next event, and no program is loaded" change_values
test_that "policies are added and deleted, and nothing is left" add_and_delete
test_that "tetra test --live runs commands under the policy, and leaves nothing" policy_tests
test_that "--hold keeps and then removes everything" held
finish
