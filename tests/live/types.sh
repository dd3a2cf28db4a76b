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

# The function that called the hooked one, and what all system calls come through (on 5.10 the rest is jumped over).
kernel_stack() { # section
	watch_stacks "$1" kernelStackTrace || return 1
	"$tools/workload" mkdir "$work/kernel-$1" && events || return 1
	has_event '"process_kprobe"' '"kernel_stack_trace":[{"address":"' '"symbol":"vfs_mkdir"' '"symbol":"do_syscall_64"' &&
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

# ---- Structures of the kernel ----

watch() { # function, then its arguments and selectors on standard input
	head_of "$(echo "$1" | tr _ -)" <<EOT | apply
  kprobes:
  - call: $1
    syscall: false
$(cat)
EOT
}

# The events are read back with the verdict that the kernel had.
same_verdict() {
	"$tetra" dry-run --events "$work/events" "$work/policy.yaml" >"$work/verdicts" 2>&1
	awk '/ events, / { good = $1 > 0 && $1 == $3 && $5 == 0 } END { exit !good }' "$work/verdicts" || { cat "$work/verdicts"; return 1; }
}

credentials() {
	watch commit_creds <<EOT || return 1
    args:
    - index: 0
      type: cred
      label: new
    selectors:
    - matchBinaries:
      - operator: In
        values: ["$tools/workload"]
EOT
	"$tools/workload" drop mkdir "$work/creds" && events --event-types process_kprobe || return 1
	has_event '"args":[{"process_credentials_arg":{"uid":0,"gid":0,"euid":0,"egid":0,"suid":0,"sgid":0,"fsuid":0,"fsgid":0,"caps":{"permitted":["CAP_CHOWN"' \
		'"label":"new"' "\"user_ns\":{\"level\":0,\"uid\":0,\"gid\":0,\"ns\":{\"inum\":$(readlink /proc/1/ns/user | tr -dc 0-9),\"is_host\":true}}" &&
		no_event 'caps":{"permitted":["CAP_CHOWN"' '"effective"' "drop mkdir $work/creds" && same_verdict
}

user_namespace() {
	watch security_capable <<EOT || return 1
    args:
    - index: 0
      type: cred
    - index: 1
      type: user_namespace
    - index: 2
      type: int
    selectors:
    - matchArgs:
      - index: 2
        operator: Equal
        values: ["21"]
      matchBinaries:
      - operator: In
        values: ["$tools/workload"]
EOT
	"$tools/workload" uts mkdir "$work/uts" && events --event-types process_kprobe || return 1
	has_event '{"process_credentials_arg":' "{\"user_ns_arg\":{\"level\":0,\"uid\":0,\"gid\":0,\"ns\":{\"inum\":$(readlink /proc/1/ns/user | tr -dc 0-9),\"is_host\":true}}}" \
		'{"int_arg":21}' && same_verdict
}

bpf_objects() {
	head_of bpf <<EOT | apply || return 1
  kprobes:
  - call: security_bpf_map
    syscall: false
    args:
    - index: 0
      type: bpf_map
    selectors: &selectors
    - matchBinaries:
      - operator: In
        values: ["$tools/state"]
  - call: security_bpf_prog
    syscall: false
    args:
    - index: 0
      type: bpf_prog
    selectors: *selectors
EOT
	"$tools/state" >/dev/null && events --event-types process_kprobe || return 1
	has_event '"args":[{"bpf_map_arg":{"MapType":"BPF_MAP_TYPE_LRU_HASH","KeySize":8,' '"MaxEntries":16384,"MapName":"calls"}}]' &&
		has_event '"args":[{"bpf_prog_arg":{"ProgType":"BPF_PROG_TYPE_' '"ProgName":"process_exec"}}]'
}

bpf_attributes() {
	watch security_bpf <<EOT || return 1
    args:
    - index: 0
      type: int
    - index: 1
      type: bpf_attr
    selectors:
    - matchArgs:
      - index: 0
        operator: Equal
        values: ["5"]
EOT
	head_of another <<EOT | apply || return 1
  kprobes:
  - call: security_inode_rmdir
    syscall: false
EOT
	events --event-types process_kprobe && has_event '{"bpf_attr_arg":{"ProgType":"BPF_PROG_TYPE_' '"InsnCnt":' '"ProgName":"' '{"int_arg":5}'
}

perf_events() {
	watch security_perf_event_alloc <<EOT || return 1
    args:
    - index: 0
      type: perf_event
    selectors:
    - matchBinaries:
      - operator: In
        values: ["$tools/workload"]
EOT
	"$tools/workload" perf && events --event-types process_kprobe || return 1
	has_event '"args":[{"perf_event_arg":{"Type":"PERF_TYPE_SOFTWARE","Config":"2"}}]' && same_verdict
}

modules() {
	[ -e /dummy.ko ] || skip "no module came with this kernel"
	watch do_init_module <<EOT || return 1
    args:
    - index: 0
      type: module
EOT
	rmmod dummy 2>/dev/null
	insmod /dummy.ko && events --event-types process_kprobe || return 1
	has_event '"args":[{"module_arg":{"name":"dummy"' && same_verdict
}

loaded_modules() {
	[ -e /dummy.ko ] || skip "no module came with this kernel"
	watch load_module <<EOT || return 1
    args:
    - index: 0
      type: load_info
EOT
	rmmod dummy 2>/dev/null
	insmod /dummy.ko && events --event-types process_kprobe || return 1
	has_event '"function_name":"load_module"' '"args":[{"error_arg":'
}

# ---- Buffers ----

# $1: the call, $2: the type of argument 1, $3: its other keys
copied() {
	head_of copied <<EOT | apply
  kprobes:
  - call: sys_$1
    syscall: true
    args:
    - index: 0
      type: int
    - index: 1
      type: $2
      returnCopy: true
$3
    selectors:
    - matchBinaries:
      - operator: In
        values: ["$tools/workload"]
EOT
}

read_at_return() {
	echo "hello world" >"$work/hello"
	copied read char_buf "      sizeArgIndex: 3" || return 1
	"$tools/workload" read "$work/hello"; "$tools/workload" read "$work"
	events --event-types process_kprobe || return 1
	has_event '"arguments":"read '"$work/hello"'"' '{"bytes_arg":"aGVsbG8gd29ybGQK"}' && has_event '"arguments":"read '"$work"'"' '{"bytes_arg":""}' &&
		no_event 'error_arg' && no_event '"return":'
}

read_to_places_at_return() {
	echo "hello world" >"$work/hello"
	copied readv char_iovec "      sizeArgIndex: 3
    return: true
    returnArg:
      index: 0
      type: int" || return 1
	"$tools/workload" readv "$work/hello"; "$tools/workload" readv "$work"
	events --event-types process_kprobe || return 1
	has_event '"arguments":"readv '"$work/hello"'"' '{"bytes_arg":"aGVsbG8gd29ybGQK"}' '"return":{"int_arg":12}' &&
		has_event '"arguments":"readv '"$work"'"' '{"bytes_arg":""}' '"return":{"int_arg":-21}'
}

# A filter on the bytes cannot be decided when the call begins: it never holds, and that is counted.
filter_before_return() {
	echo "hello world" >"$work/hello"
	copied read char_buf "      sizeArgIndex: 3" || return 1
	sed 's/^    - matchBinaries:/    - matchArgs:\n      - index: 1\n        operator: NotEqual\n        values: ["hello"]\n      matchBinaries:/' "$work/policy.yaml" >"$work/filter.yaml"
	"$tetra" delete --root "$root" --all && apply <"$work/filter.yaml" || return 1
	"$tools/workload" read "$work/hello"
	events --event-types process_kprobe && no_event '"process_kprobe"'
}

written_places() {
	head_of written <<EOT | apply || return 1
  kprobes:
  - call: sys_writev
    syscall: true
    args:
    - index: 0
      type: int
    - index: 1
      type: char_iovec
      sizeArgIndex: 3
    selectors:
    - matchArgs:
      - index: 0
        operator: Equal
        values: ["7"]
EOT
	"$tools/workload" writev 7 "hello " "world" 7>"$work/out" && events --event-types process_kprobe || return 1
	has_event '"args":[{"int_arg":7},{"bytes_arg":"aGVsbG8gd29ybGQ="}]' && same_verdict
}

# A write to a pipe has one place, one of two has the rest behind it. The function has another name from 6.14 on.
iterated() {
	head_of iterated <<EOT | apply || return 1
  lists:
  - name: pipe
    values: [pipe_write, anon_pipe_write]
  kprobes:
  - call: "list:pipe"
    ignore:
      callNotFound: true
    syscall: false
    args:
    - index: 1
      type: iov_iter
    selectors:
    - matchBinaries:
      - operator: In
        values: ["$tools/workload"]
EOT
	"$tools/workload" write 7 "hello world" 7>&1 | cat && "$tools/workload" writev 7 "hello " "world" 7>&1 | cat && events --event-types process_kprobe || return 1
	has_event '"args":[{"bytes_arg":"aGVsbG8gd29ybGQ="}]' && has_event '"args":[{"truncated_bytes_arg":{"bytes_arg":"aGVsbG8g","orig_size":"11"}}]' && same_verdict
}

# ---- Long values ----

long_trampoline() {
	echo ---
	head_of long-trampoline <<EOT
  fentries:
  - call: vfs_write
    syscall: false
    args:
    - index: 1
      type: char_buf
      sizeArgIndex: 3
      maxData: true
    - index: 2
      type: size_t
    selectors:
    - matchArgs:
      - index: 2
        operator: Equal
        values: ["100000"]
EOT
}

# write(2) with its return, pwrite64(2) without; what vfs_write() is given, by trampoline; and attributes and options of mounts, which lie in the kernel.
watch_long_values() {
	# Before 5.15 functions are watched by trampoline, which cannot read what is a const void * or const char * there.
	attribute='  - call: security_inode_setxattr\n    syscall: false\n    args: [{index: 3, type: char_buf, sizeArgIndex: 5, maxData: true}]'
	{
		head_of long <<EOT
  kprobes:
  - call: sys_write
    return: true
    returnArg: &int
      index: 0
      type: int
    args: &written
    - *int
    - index: 1
      type: char_buf
      sizeArgIndex: 3
      maxData: true
    - index: 2
      type: size_t
    selectors:
    - matchArgs:
      - &seven
        index: 0
        operator: Equal
        values: ["7"]
      - index: 1
        operator: Prefix
        values: ["a"]
  - call: sys_pwrite64
    args: *written
    selectors:
    - matchArgs:
      - *seven
$(kernel_is 5.10 || printf '%b\n' "$attribute")
EOT
		kernel_is 5.10 || long_trampoline
		echo ---
		head_of long-lsm <<EOT
  lsmhooks:
  - hook: sb_mount
    args:
    - index: 4
      type: char_buf
      sizeArgIndex: 4	# its flags: MS_BIND is 4096
      maxData: true
EOT
	} | apply
}

# The last event that has the text has these bytes: the alphabet again and again.
has_bytes() { # text, how many
	grep -F -e "$1" "$work/events" | tail -n 1 | sed 's/.*"bytes_arg":"\([^"]*\)".*/\1/' | base64 -d >"$work/bytes"
	yes abcdefghijklmnopqrstuvwxyz | tr -d '\n' | head -c "$2" | cmp - "$work/bytes" || { echo "$1: not the $2 bytes"; return 1; }
}

long_values() {
	watch_long_values || return 1
	for size in 1 4095 4096 100000 327360 327361; do
		"$tools/workload" long 7 $size $size 7>/dev/null || return 1
	done
	"$tools/workload" long 7 99999 50000 7>/dev/null && "$tools/workload" long 7 99998 4095 7>/dev/null &&
		"$tools/workload" long 7 99997 4094 7>/dev/null && "$tools/workload" attribute "$work" 65000 || return 1
	events --event-types process_kprobe,process_lsm || return 1
	{ kernel_is 5.10 || { has_bytes '"function_name":"security_inode_setxattr"' 65000 && has_bytes '"function_name":"vfs_write"' 100000; }; } &&
		has_event '"process_lsm"' '"args":[{"bytes_arg":"YWJjZGVm' 'AA=="}]' || return 1
	grep -v '"vfs_write"' "$work/events" >"$work/others" && mv "$work/others" "$work/events"
	for size in 1 4095 4096 100000 327360; do
		has_event '{"bytes_arg":"' "{\"size_arg\":\"$size\"}" "\"return\":{\"int_arg\":$size}" && has_bytes "{\"size_arg\":\"$size\"}" $size || return 1
	done
	has_event '"truncated_bytes_arg"' '"orig_size":"327361"' && has_bytes '"orig_size":"327361"' 327360 && no_event '"orig_size":"327361"' '"missing"' &&
		has_event '"orig_size":"99999"},"tetra":{"missing":"unreadable"}}' && has_bytes '"orig_size":"99999"' 50000 &&
		has_event '"orig_size":"99998"},"tetra":{"missing":"unreadable"}}' && has_bytes '"orig_size":"99998"' 4095 &&
		no_event '{"size_arg":"99997"}' && no_event '"missing":"lost"' &&
		same_verdict && long_values_of_threads
}

# More than the ring buffer holds: each event has bytes of its own thread alone, and says when it has not all of them.
long_values_of_threads() {
	"$tools/workload" longs 7 4 30 49998 7>/dev/null && events --event-types process_kprobe || return 1
	grep -F '"bytes_arg":"' "$work/events" | sed 's/.*"bytes_arg":"\([^"]*\)".*/\1/' >"$work/bytes"
	! sed 's/....$//' "$work/bytes" | grep -vE '^((YWFh)*|(YmJi)*|(Y2Nj)*|(ZGRk)*)$' || { echo "an event has bytes of two threads"; return 1; }
	[ "$(awk 'length($0) == 66664' "$work/bytes" | grep -c .)" = "$(grep -cF '},{"bytes_arg":"' "$work/events")" ] ||
		{ echo "not all that is said to be whole is: $(awk '{ print length($0) }' "$work/bytes" | sort -n | uniq -c | awk '{ printf "%s of %s; ", $1, $2 }')"
		  return 1; }
	[ "$(grep -cF '"truncated_bytes_arg"' "$work/events")" = "$(grep -cF '"missing":"lost"' "$work/events")" ] || { echo "a loss is not said"; return 1; }
	# The ring buffer has no room for some events of processes, either: the counters say how many of these there are.
	"$tetra" list --root "$root" | sed -n 's/.*pwrite64.*posted \([0-9]*\), lost \([0-9]*\),.*/\1 \2/p' >"$work/counted"
	read -r posted dropped <"$work/counted"
	[ "$(grep -c . "$work/bytes")" = "$posted" ] && [ $((posted + dropped)) = 120 ] && [ "$dropped" -gt 0 ] ||
		{ echo "$(grep -c . "$work/bytes") events, ${posted:-none} posted and ${dropped:-none} dropped, of 120"; return 1; }
}

# ---- Fields whose type the kernel tells ----

told_fields() {
	head_of told <<EOT | apply_held || return 1
  tracepoints:
  - subsystem: syscalls
    event: sys_enter_mkdir
    args:
    - index: 4
    - index: 6
      type: auto
    selectors:
    - matchBinaries:
      - operator: In
        values: ["$tools/workload"]
EOT
	"$tools/workload" mkdir "$work/told" && events --event-types process_tracepoint || return 1
	has_event "mkdir $work/told" '"args":[{"int_arg":83},{"size_arg":"493"}]' && same_verdict
}

# Filters of types that only this kernel knows: a text that has a size, a size, a number; and arrays.
told_filters() {
	{
		head_of told <<EOT
  tracepoints:
  - subsystem: syscalls
    event: sys_enter_write
    args:
    - index: 5
    - index: 6
      sizeArgIndex: 8
    - index: 7
    selectors:
    - matchBinaries:
      - operator: In
        values: ["$tools/workload"]
      matchArgs:
      - index: 5
        operator: InRange
        values: ["7:8"]
      - index: 6
        operator: Postfix
        values: ["world"]
      - index: 7
        operator: LT
        values: ["12"]
EOT
		echo ---
		head_of words <<EOT
  tracepoints:
  - subsystem: raw_syscalls
    event: sys_enter
    args:
    - index: 4
    - index: 5
    selectors:
    - matchBinaries:
      - operator: In
        values: ["$tools/workload"]
      matchArgs:
      - index: 4
        operator: Equal
        values: ["83"]
EOT
		echo ---
		head_of letters <<EOT
  tracepoints:
  - subsystem: task
    event: task_rename
    args:
    - index: 5
    - index: 6
    selectors:
    - matchBinaries:
      - operator: In
        values: ["$(readlink -f /bin/sh)"]
EOT
	} | apply_held || return 1
	"$tools/workload" write 7 "hello world" 7>&1 && "$tools/workload" write 7 "hello worlds" 7>&1 && "$tools/workload" mkdir "$work/words" &&
		sh -c 'printf new-name >/proc/self/comm' && events --event-types process_tracepoint || return 1
	has_event '"args":[{"size_arg":"7"},{"bytes_arg":"aGVsbG8gd29ybGQ="},{"size_arg":"11"}]' '"policy_name":"told"' &&
		no_event 'aGVsbG8gd29ybGRz' && has_event "mkdir $work/words" '{"size_arg":"493"},{"size_arg":"' '"policy_name":"words"' &&
		has_event '"args":[{"bytes_arg":"c2gA' '{"bytes_arg":"bmV3LW5hbWUA' '"policy_name":"letters"'
}

# A filter on what no type is told of is refused, since nobody knows what its values mean.
untold_filter() {
	head_of untold <<EOT >"$work/untold.yaml"
  tracepoints:
  - subsystem: syscalls
    event: sys_enter_mkdir
    args:
    - index: 5
    selectors:
    - matchArgs:
      - index: 5
        operator: Equal
        values: ["/tmp"]
EOT
	! "$tetra" apply --root "$root" "$work/untold.yaml" >"$work/applied" 2>&1 &&
		grep -F 'untold.yaml:14:19: error[TP304]:' "$work/applied" | grep -F "say 'type: string'" || { cat "$work/applied"; return 1; }
}

# A text without a size has no type, and where common_pid was there is something else.
untold_field() { # index, why
	head_of untold <<EOT >"$work/untold.yaml"
  tracepoints:
  - subsystem: syscalls
    event: sys_enter_mkdir
    args:
    - index: $1
EOT
	! "$tetra" apply --root "$root" "$work/untold.yaml" >"$work/applied" 2>&1 &&
		grep -F 'untold.yaml:10:7: error:' "$work/applied" | grep -F "$2" || { cat "$work/applied"; return 1; }
}
untold_fields() {
	untold_field 5 'is not an integer of 1, 2, 4 or 8 bytes' && untold_field 3 'is one of the common ones'
}

resident
test_that "auto: integers of a tracepoint are reported as the kernel has them" held_while told_fields
test_that "auto: the kernel's types say what filters mean, and arrays are read" held_while told_filters
test_that "auto: a filter on what has no type is refused, with its place" untold_filter
test_that "auto: what is no integer is refused, with its place" untold_fields
test_that "buffers: what read(2) has brought" read_at_return
test_that "buffers: what readv(2) has brought, beside its return" read_to_places_at_return
test_that "buffers: a filter on what comes at the return never holds" filter_before_return
test_that "buffers: what writev(2) is given" written_places
test_that "buffers: the first place of an iov_iter" iterated
test_that "buffers: long values (maxData), whole, cut, unreadable, and lost" long_values
test_that "structures: credentials" credentials
test_that "structures: a user namespace, beside credentials" user_namespace
test_that "structures: BPF maps and programs" bpf_objects
test_that "structures: what bpf(2) is given" bpf_attributes
test_that "structures: perf events" perf_events
test_that "structures: modules" modules
test_that "structures: a load_info that has no name yet cannot be read" loaded_modules
test_that "stacks: of the kernel, by kprobe" kernel_stack kprobes
test_that "stacks: of the kernel, by trampoline" kernel_stack fentries
test_that "stacks: readers who may not see the kernel's addresses are told none" hidden_stack
test_that "stacks: of a program that runs on" user_stack
test_that "stacks: of a program that is gone" user_stack_of_the_dead
test_that "stacks: only events whose selector asks for them have one" others_have_none
finish
