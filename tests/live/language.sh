#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What a policy may say, from YAML to the event on the running kernel: values behind pointers, filters on the process, lists, macros.
# TAP. What this kernel cannot attach is skipped with the reason.
. "$(dirname "$0")/lib.sh"

# mkdir (83 here), by the tracepoint of all system calls: it works on every kernel. The selector's other filters come on
# standard input, indented by six.
watch_mkdir() { # name
	head_of "$1" <<EOT | apply
$(on_system_call 83)
$(cat)
EOT
}

make() { "$tools/workload" mkdir "$work/$1"; }	# a directory
made() { has_event '"process_tracepoint"' "\"arguments\":\"$1$work/$2\""; }	# said by a process with these arguments before it
not_made() { no_event '"process_tracepoint"' "\"arguments\":\"$1$work/$2\""; }

refused_with() { # text: what apply must say of the policy on standard input
	! apply || return 1
	grep -F -e "$1" "$work/applied" >/dev/null
}

# ---- Values behind pointers ----

resolve_arguments() {
	head_of resolve <<EOT | apply || return 1
  tracepoints:
  - subsystem: sched
    event: sched_process_exec
    raw: true
    args:
    - index: 0
      type: uint32
      resolve: cred.uid.val
    - index: 2
      type: string
      resolve: file.f_path.dentry.d_name.name
    - index: 1
      type: string
      resolve: comm
      btfType: task_struct
    selectors:
    - matchArgs:
      - index: 2
        operator: Equal
        values: ["workload"]
      - index: 0
        operator: LT
        values: ["1"]
EOT
	make resolved && events || return 1
	# Argument 1 is a number: what would be behind it is none of ours.
	has_event '"process_tracepoint"' '"args":[{"uint_arg":0},{"string_arg":"workload"},{"error_arg":' "mkdir $work/resolved\"" &&
		no_event '"process_tracepoint"' '{"string_arg":"sh"}'
}

returned() { # f_flags that are reported. The function has another name from 7.x on.
	head_of returned <<EOT | apply || return 1
  lists:
  - name: open
    values: [do_filp_open, do_file_open]
  kprobes:
  - call: "list:open"
    ignore:
      callNotFound: true
    syscall: false
    return: true
    returnArg:
      index: 0
      type: uint32
      resolve: f_flags
    selectors:
    - matchBinaries:
      - operator: In
        values: ["$tools/workload"]
      matchReturnArgs:
      - index: 0
        operator: Equal
        values: ["$1"]
EOT
	"$tools/workload" open "$tools/workload" && events
}

resolve_returned() { # O_LARGEFILE, and also O_WRONLY
	returned 32768 && has_event '"process_kprobe"' '"function_name":"do_fil' '"return":{"uint_arg":32768}' &&
		returned 32769 && no_event '"process_kprobe"'
}

resolve_of_lsm() {
	echo content >"$work/secret" && echo content >"$work/open"
	head_of resolve-lsm <<EOT | apply || return 1
  lsmhooks:
  - hook: file_open
    args:
    - index: 0
      type: string
      resolve: f_path.dentry.d_name.name
    - index: 1
      type: string
      source: current_task
      resolve: comm
    selectors:
    - matchArgs:
      - index: 0
        operator: Equal
        values: ["secret"]
      - index: 1
        operator: Prefix
        values: ["work"]
EOT
	"$tools/workload" open "$work/secret" && "$tools/workload" open "$work/open" && cat "$work/secret" >/dev/null && events || return 1
	has_event '"process_lsm"' '"args":[{"string_arg":"secret"},{"string_arg":"workload"}]' && [ "$(grep -c process_lsm "$work/events")" = 1 ]
}

# A function of a module, whose types are the module's own; and one by trampoline.
resolve_in_module() {
	[ -e /dummy.ko ] || skip "no module came with this kernel"
	[ -d /sys/class/net/dummy0 ] || insmod /dummy.ko || return 1
	ip addr add 10.9.8.7/24 dev dummy0 2>/dev/null
	ip link set dummy0 up || return 1
	head_of "module-$1" <<EOT | apply
  $1:
  - call: dummy_xmit
    syscall: false
    args:
    - index: 1
      type: string
      resolve: name
    selectors:
    - matchArgs:
      - index: 1
        operator: Equal
        values: ["dummy0"]
EOT
	if [ $? -ne 0 ]; then	# which has types of modules
		kernel_is 5.10 && grep -q "policy.yaml:[0-9]*:[0-9]*: error: .* 'dummy_xmit': " "$work/applied"
		return
	fi
	ping -c 1 -W 1 10.9.8.8 >/dev/null 2>&1
	events && has_event '"process_kprobe"' '"function_name":"dummy_xmit"' '"args":[{"string_arg":"dummy0"}]'
}

resolve_refused() { # path, type, what is wrong
	refused_with "policy.yaml:11:7: error: raw_tracepoint 'sched/sched_process_exec': $3" <<EOT
$(head_of refused </dev/null)
  tracepoints:
  - subsystem: sched
    event: sched_process_exec
    raw: true
    args:
    - index: 2
      type: $2
      resolve: $1
EOT
}

resolve_mistakes() {
	resolve_refused file.f_path.dentri string "path 'file.f_path.dentri', column 13: struct path has no member 'dentri'; did you mean 'dentry'?" &&
		resolve_refused file.f_flags int "path 'file.f_flags': the kernel has unsigned int (32 bits, unsigned) there, the policy reads it as int" &&
		resolve_refused 'a
      btfType: nf_conn
      btfTypeModule: no_such_module' int "there is no type information of module 'no_such_module': is it loaded?"
}

data_of_task() {
	head_of data <<EOT | apply || return 1
  kprobes:
  - call: sys_mkdir
    syscall: true
    args:
    - index: 0
      type: string
    data:
    - index: 0
      type: string
      source: current_task
      resolve: comm
    - index: 1
      type: int32
      source: current_task
      resolve: real_parent.tgid
      label: parent
    - index: 2
      source: current_task
      resolve: exit_signal
    selectors:
    - matchData:
      - index: 0
        operator: Equal
        values: ["workload"]
      - index: 1
        operator: NotEqual
        values: ["1"]
EOT
	make data && mkdir "$work/other" && events || return 1
	no_event "{\"string_arg\":\"$work/other\"}" && has_event '"process_kprobe"' "{\"string_arg\":\"$work/data\"}" || return 1
	parent=$(sed -n 's/.*"parent":{"exec_id":"[^"]*","pid":\([0-9]*\),.*/\1/p' "$work/left")
	has_event "\"args\":[{\"string_arg\":\"$work/data\"}],\"data\":[{\"string_arg\":\"workload\"},{\"int_arg\":$parent,\"label\":\"parent\"},{\"int_arg\":17}]"
}

# Of a function those that it was called with, of a system call those of the caller.
registers() {
	head_of registers <<EOT | apply
  kprobes:
  - call: security_inode_mkdir
    syscall: false
    args:
    - index: 2
      type: uint16
    data:
    - index: 0
      type: uint16
      source: pt_regs
      resolve: dx
    selectors:
    - matchBinaries:
      - operator: In
        values: ["$tools/workload"]
  - call: sys_write
    syscall: true
    data:
    - index: 0
      type: uint32
      source: pt_regs
      resolve: edi
    - index: 1
      type: string
      source: pt_regs
      resolve: rsi
    selectors:
    - matchData:
      - index: 0
        operator: Equal
        values: ["7"]
EOT
	if [ $? -ne 0 ]; then	# trampolines have none
		kernel_is 5.10 && grep -q 'policy.yaml:7:.*with --hold, apply stays and keeps it' "$work/applied"
		return
	fi
	make registers && "$tools/workload" write 7 hello 7>"$work/out" && "$tools/workload" write 8 no 8>"$work/out" && events || return 1
	# The third argument is in dx. It has the mode, 493, and from 7.x on also what it is of.
	has_event '"function_name":"security_inode_mkdir"' &&
		grep -q '"args":\[{"uint_arg":\(493\|16877\)}\],"data":\[{"uint_arg":\1}\]' "$work/left" &&
		has_event '"function_name":"__x64_sys_write"' '"data":[{"uint_arg":7},{"string_arg":"hello"}]' && no_event '{"string_arg":"no"}'
}

# ---- Selectors ----

macros() {
	head_of macros <<EOT | apply || return 1
  selectorsMacros:
    by-workload:
      label: from-macro
      matchBinaries:
      - operator: In
        values: ["$tools/workload"]
    directories:
      matchArgs:
      - index: 1
        operator: Equal
        values: ["83", "84"]
  tracepoints:
  - subsystem: raw_syscalls
    event: sys_enter
    raw: true
    message: a directory
    tags: [first, second]
    args:
    - index: 1
      type: int64
    selectors:
    - label: of-its-own
      macros: [directories, by-workload]
EOT
	make macros && "$tools/workload" rmdir "$work/macros" && mkdir "$work/by-another" && events || return 1
	has_event '{"long_arg":"83"}' "\"mkdir $work/macros\"" '"message":"a directory","tags":["first","second"]' &&
		has_event '{"long_arg":"84"}' "\"rmdir $work/macros\"" && no_event '"process_tracepoint"' "by-another"
}

expression() {
	head_of expression <<EOT | apply || return 1
  tracepoints:
  - subsystem: raw_syscalls
    event: sys_enter
    raw: true
    args:
    - index: 1
      type: int64
    selectors:
    - matchArgs:
      - operator: CelExpr
        values: ["arg0 - 80 == 3 || arg0 == 84 && arg0 > 100"]
      matchBinaries:
      - operator: In
        values: ["$tools/workload"]
EOT
	make expression && "$tools/workload" rmdir "$work/expression" && events || return 1
	has_event '"process_tracepoint"' '{"long_arg":"83"}' "mkdir $work/expression" && no_event '"process_tracepoint"' '{"long_arg":"84"}'
}

two_arguments() {
	head_of capset <<EOT | apply || return 1
  kprobes:
  - call: security_capset
    syscall: false
    args:
    - index: 2
      type: cap_effective
    - index: 4
      type: cap_permitted
    selectors:
    - matchArgs:
      - args: [0, 1]
        operator: CapabilitiesGained
EOT
	"$tools/workload" drop mkdir "$work/dropped" && make kept && events || return 1
	has_event '"function_name":"security_capset"' "drop mkdir $work/dropped" '"args":[{"cap_effective_arg":"0000000000000000"},{"cap_permitted_arg":"0' && no_event '"process_kprobe"' "kept"
}

# ---- Lists ----

listed_numbers() {
	"$tools/workload" close32 || skip "this kernel does not run 32-bit system calls"
	head_of numbers <<EOT | apply || return 1
  lists:
  - name: calls
    type: syscalls
    values: [sys_mkdir, x64/sys_rmdir, i386/sys_close]
  tracepoints:
  - subsystem: raw_syscalls
    event: sys_enter
    raw: true
    args:
    - index: 1
      type: syscall64
    selectors:
    - matchArgs:
      - index: 1
        operator: InMap
        values: ["list:calls"]
      matchBinaries:
      - operator: In
        values: ["$tools/workload"]
EOT
	make listed && "$tools/workload" rmdir "$work/listed" && "$tools/workload" close32 && events --event-types process_tracepoint || return 1
	has_event "mkdir $work/listed" '"id":83,"abi":"x64"' && has_event "rmdir $work/listed" '"id":84,"abi":"x64"' &&
		has_event '"close32"' '"id":6,"abi":"i386"' && no_event '"id":3,' && [ "$(grep -c process_tracepoint "$work/events")" = 3 ]
}

listed_calls() {
	head_of calls <<EOT | apply || return 1
  lists:
  - name: calls
    type: syscalls
    values: [sys_mkdir, x64/sys_rmdir, i386/sys_close]
  kprobes:
  - call: "list:calls"
    selectors:
    - matchBinaries:
      - operator: In
        values: ["$tools/workload"]
EOT
	make listed && "$tools/workload" rmdir "$work/listed" && "$tools/workload" close32 && events --event-types process_kprobe || return 1
	has_event "mkdir $work/listed" '"function_name":"__x64_sys_mkdir"' && has_event "rmdir $work/listed" '"function_name":"__x64_sys_rmdir"' &&
		has_event '"close32"' '"function_name":"__ia32_sys_close"' && [ "$(grep -c process_kprobe "$work/events")" = 3 ]
}

all_calls() {
	! kernel_is 5.10 || skip "a program for each of hundreds of system calls takes minutes here"
	head_of all-calls <<EOT | apply || return 1
  lists:
  - name: all
    type: generated_syscalls
  kprobes:
  - call: "list:all"
    selectors:
    - matchBinaries:
      - operator: In
        values: ["$work/alone"]
EOT
	[ "$("$tetra" list --root "$root" | grep -c '^  kprobe:sys_.*#syscall ')" -gt 300 ] || { "$tetra" list --root "$root"; return 1; }
	cp "$tools/workload" "$work/alone"
	"$work/alone" mkdir "$work/all" && "$work/alone" rmdir "$work/all" && events --event-types process_kprobe || return 1
	has_event '"function_name":"__x64_sys_mkdir"' "\"arguments\":\"mkdir $work/all\"" && has_event '"function_name":"__x64_sys_rmdir"' "\"arguments\":\"rmdir $work/all\"" &&
		has_event '"function_name":"__x64_sys_exit_group"'
}

# The same list as numbers: those that this kernel has.
all_numbers() {
	for operator in InMap NotInMap; do
		head_of numbers <<EOT | apply || return 1
  lists:
  - name: all
    type: generated_syscalls
  tracepoints:
  - subsystem: raw_syscalls
    event: sys_enter
    raw: true
    args:
    - index: 1
      type: syscall64
    selectors:
    - matchBinaries:
      - operator: In
        values: ["$tools/workload"]
      matchArgs:
      - index: 1
        operator: $operator
        values: ["list:all", "998"]
EOT
		"$tools/workload" signalled 998 999 && events --event-types process_tracepoint || return 1
		grep -o '"syscall_id":{"id":[0-9]*\|"id":[0-9]*' "$work/events" | sed 's/.*://' | sort -un | tr '\n' ' ' >"$work/numbers"
		cat "$work/numbers"
		case $operator in
		InMap) for n in 0 231 998; do grep -qw $n "$work/numbers" || return 1; done; ! grep -qw 999 "$work/numbers" || return 1 ;;
		NotInMap) [ "$(cat "$work/numbers")" = '999 ' ] || return 1 ;;
		esac
	done
}

listed_functions() {
	head_of functions <<EOT | apply || return 1
  lists:
  - name: directories
    values: [security_inode_mkdir, security_inode_rmdir]
  kprobes:
  - call: "list:directories"
    syscall: false
    args:
    - index: 1
      type: dentry
    selectors:
    - matchBinaries:
      - operator: In
        values: ["$tools/workload"]
EOT
	make listed && "$tools/workload" rmdir "$work/listed" && events || return 1
	has_event '"function_name":"security_inode_mkdir"' '"args":[{"path_arg":{"path":"' '/listed",' && has_event '"function_name":"security_inode_rmdir"' '/listed"'
}

matching() { # pattern
	head_of matching <<EOT
  lists:
  - name: directories
    type: generated_ftrace
    pattern: "$1"
  kprobes:
  - call: "list:directories"
    syscall: false
    ignore:
      callNotFound: true
    selectors:
    - matchBinaries:
      - operator: In
        values: ["$tools/workload"]
EOT
}

# Functions of the host by their names; as many as it has, where a program of each is not one that is loaded for it alone.
matching_functions() {
	matching '^security_no_such_' | refused_with "policy.yaml:11:5: error: kprobe '^security_no_such_': it matches no function of this kernel" || return 1
	many='|^vfs_'
	! kernel_is 5.10 || many=
	matching "^security_inode_(?:mk|[^a-m]m)dir\$$many" | apply || return 1
	"$tetra" list --root "$root" | sed -n 's/^  kprobe:\([a-z0-9_.]*\) .*/\1/p' | sort >"$work/matched"
	! grep -v '^security_inode_[mr][km]dir$\|^vfs_' "$work/matched" || return 1
	[ -z "$many" ] || [ "$(wc -l <"$work/matched")" = "$(sed -n '/\[/d; s/ .*//; /^vfs_/p' /sys/kernel/tracing/available_filter_functions | sort -u | wc -l | awk '{ print $1 + 2 }')" ] || return 1
	make listed-by-pattern && "$tools/workload" rmdir "$work/listed-by-pattern" && events || return 1
	has_event '"function_name":"security_inode_mkdir"' && has_event '"function_name":"security_inode_rmdir"' &&
		{ [ -z "$many" ] || has_event '"function_name":"vfs_mkdir"'; }
}

# ---- Files that are mapped ----

build_id() { # file: of its note, in hexadecimal
	od -An -v -tx1 "$1" | tr -d ' \n' | sed -n 's/.*040000001400000003000000474e5500\([0-9a-f]\{40\}\).*/\1/p'
}

# What the program was made of comes after its exec and before its exit.
in_order() { # events
	grep -F "\"arguments\":\"mkdir $work/mapped\"" "$1" | sed 's/^{"\([a-z_]*\)".*/\1/' | uniq | tr '\n' ' ' >"$work/order"
	case $(cat "$work/order") in
	"process_exec process_loader process_exit "*) ;;
	*) echo "not in order: $(cat "$work/order")"; return 1 ;;
	esac
}

# Nobody else sees the file in its mount namespace: the kernel reads the build id from what is mapped. When the policy goes, so do its events.
loader() {
	if kernel_is 5.10; then
		printf '  loader: true\n' | head_of files |
			refused_with "policy.yaml: error: loader of policy 'files': this kernel, or this process, has no perf events that tell files with build ids"
		return
	fi
	printf '  loader: true\n' | head_of files | apply || return 1
	id=$(build_id "$tools/workload")
	[ ${#id} = 40 ] || return 1
	"$tetra" getevents --root "$root" --event-types process_loader,process_exec,process_exit --timeout 8 >"$work/mapped.json" &
	json=$!
	"$tetra" getevents --root "$root" -o compact --event-types process_loader --timeout 8 >"$work/mapped.txt" &
	sleep 2
	mkdir "$work/space"
	cp "$tools/workload" "$work/alone"
	"$work/alone" mkdir "$work/mapped" && "$work/alone" rmdir "$work/mapped" || return 1
	unshare -m sh -c 'mount -t tmpfs none "$1" && cp "$2" "$1/inner" && "$1/inner" mkdir "$1/made"' - "$work/space" "$tools/workload" || return 1
	sleep 1
	"$tetra" delete --root "$root" files && sleep 1 && "$work/alone" mkdir "$work/mapped" || return 1	# readers turn them off, when they see it
	wait
	in_base64=$(env printf "$(echo "$id" | sed 's/../\\x&/g')" | base64)
	cat "$work/mapped.txt"
	in_order "$work/mapped.json" || return 1
	grep -F "\"arguments\":\"mkdir $work/mapped\"" "$work/mapped.json" | grep '^{"process_loader":{"process":{"exec_id"' |
		grep -F "\"path\":\"$work/alone\",\"buildid\":\"$in_base64\"}," >/dev/null &&
		grep -F "\"binary\":\"$work/space/inner\"" "$work/mapped.json" |
		grep -F "\"path\":\"$work/space/inner\",\"buildid\":\"$in_base64\"}," >/dev/null &&
		[ "$(grep -c " $work/alone.* $id $work/alone\$" "$work/mapped.txt")" = 2 ]
}

# Their arguments are in other registers than those that the programs read.
calls_of_32_bits() {
	head_of arguments <<EOT | refused_with "policy.yaml:11:5: error: kprobe '__ia32_sys_close': arguments of 32-bit system calls cannot be read"
  lists:
  - name: calls
    type: syscalls
    values: [sys_close, i386/sys_close]
  kprobes:
  - call: "list:calls"
    args:
    - index: 0
      type: int
EOT
}

missing() { # callNotFound
	head_of missing <<EOT
  kprobes:
  - call: sys_no_such_call
    ignore:
      callNotFound: $1
  - call: sys_mkdir
    args:
    - index: 0
      type: string
EOT
}

passed_over() {
	missing true | apply || return 1
	grep -q "policy.yaml:7:5: note: kprobe 'sys_no_such_call': this kernel has no such function, it is passed over" "$work/applied" ||
		{ cat "$work/applied"; return 1; }
	"$tetra" apply --dry-run --root "$root" "$work/policy.yaml" >"$work/plan" 2>&1 && ! grep -q 'attach .*no_such' "$work/plan" || return 1
	make there && events && has_event "{\"string_arg\":\"$work/there\"}" || return 1
	"$tetra" list --root "$root" | grep -q 'sys_no_such_call#syscall *not attached' || return 1
	missing false | refused_with "policy.yaml:7:5: error: kprobe 'sys_no_such_call': this kernel has no such kprobe"
}

# ---- Fentries ----

fentry() {
	head_of fentries <<EOT | apply || return 1
  fentries:
  - call: security_socket_connect
    syscall: false
    return: true
    args:
    - index: 1
      type: sockaddr
    returnArg:
      index: 0
      type: int
    selectors:
    - matchArgs:
      - index: 1
        operator: SPort
        values: ["7777"]
  - call: sys_mkdir
    syscall: true
    args:
    - index: 0
      type: string
    data:
    - index: 0
      type: string
      source: current_task
      resolve: comm
    selectors:
    - matchArgs:
      - index: 0
        operator: Prefix
        values: ["$work/f"]
EOT
	"$tetra" list --root "$root" >"$work/list"
	grep -q 'fentry:security_socket_connect *fentry ' "$work/list" && grep -q 'fexit:security_socket_connect *fentry ' "$work/list" ||
		{ cat "$work/list"; return 1; }
	"$tools/workload" connect 7777 && "$tools/workload" connect 7778 && make fentry && make other2 && events || return 1
	has_event '"process_kprobe"' '"function_name":"security_socket_connect"' '"port":7777' '"return":{"int_arg":0}' && no_event '"port":7778' &&
		has_event '"function_name":"__x64_sys_mkdir"' "{\"string_arg\":\"$work/fentry\"}" '"data":[{"string_arg":"workload"}]' &&
		no_event "{\"string_arg\":\"$work/other2\"}"
}

# A kprobe and a fentry of the same function are hooks of their own.
fentry_beside_kprobe() {
	for section in kprobes fentries; do
		head_of "both-$section" <<EOT | apply || return 1
  $section:
  - call: sys_mkdir
    syscall: true
    args:
    - index: 0
      type: string
EOT
	done
	make both && events || return 1
	has_event '"policy_name":"both-kprobes"' "$work/both" && has_event '"policy_name":"both-fentries"' "$work/both"
}

# ---- Processes ----

parents() {
	cp "$tools/workload" "$work/parent"
	watch_mkdir parents <<EOT || return 1
      matchParentBinaries:
      - operator: In
        values: ["$work/parent"]
EOT
	"$work/parent" run "$tools/workload" mkdir "$work/child" && make stranger && "$work/parent" mkdir "$work/itself" && events || return 1
	made "mkdir " child && not_made "mkdir " stranger && not_made "mkdir " itself
}

children() {
	cp "$tools/workload" "$work/grandparent"
	watch_mkdir children <<EOT || return 1
      matchBinaries:
      - operator: In
        values: ["$work/grandparent"]
        followChildren: true
EOT
	"$work/grandparent" run "$tools/workload" run "$tools/workload" mkdir "$work/grandchild" && make stranger2 && events || return 1
	made "mkdir " grandchild && not_made "mkdir " stranger2
}

# The process is there before the policy, its child comes after it, and the grandchild outlives it.
forks() {
	mkfifo "$work/start"
	"$tools/workload" wait "$work/start" run "$tools/workload" run "$tools/workload" mkdir "$work/forked" &
	followed=$!
	sleep 1
	watch_mkdir forks <<EOT || { kill $followed; return 1; }
      matchPIDs:
      - operator: In
        followForks: true
        isNamespacePID: false
        values: [$followed]
EOT
	echo go >"$work/start"
	wait $followed && make stranger3 && events || return 1
	rm "$work/start"
	made "mkdir " forked && not_made "mkdir " stranger3
}

namespaces() { # the one that is not meant
	watch_mkdir namespaces <<EOT || return 1
      matchNamespaces:
      - namespace: Uts
        operator: NotIn
        values: ["$1"]
EOT
	"$tools/workload" uts mkdir "$work/inside-$1" && make "outside-$1" && events || return 1
	made "uts mkdir " "inside-$1" && not_made "mkdir " "outside-$1"
}

host_namespaces() {
	readlink /proc/1/ns/uts >/dev/null 2>&1 || skip "the namespaces of process 1 cannot be read"
	namespaces host_ns
}

namespace_changes() {
	watch_mkdir changes <<EOT || return 1
      matchNamespaceChanges:
      - operator: In
        values: ["Uts"]
EOT
	# A program that is executed there has it from the beginning.
	"$tools/workload" uts mkdir "$work/changed" && "$tools/workload" uts run "$tools/workload" mkdir "$work/born" && make never && events || return 1
	made "uts mkdir " changed && not_made "mkdir " born && not_made "mkdir " never
}

capabilities() {
	watch_mkdir capabilities <<EOT || return 1
      matchCapabilities:
      - type: Effective
        operator: NotIn
        values: ["CAP_SYS_ADMIN"]
EOT
	"$tools/workload" drop mkdir "$work/without" && make with && events || return 1
	made "drop mkdir " without && not_made "mkdir " with
}

capability_changes() {
	watch_mkdir capability-changes <<EOT || return 1
      matchCapabilityChanges:
      - type: Effective
        operator: In
        values: ["CAP_SYS_ADMIN"]
EOT
	"$tools/workload" drop mkdir "$work/lost" && make had && events || return 1
	made "drop mkdir " lost && not_made "mkdir " had
}

# ---- Actions and returns ----

rates() {
	watch_mkdir rates <<EOT || return 1
      matchBinaries:
      - operator: In
        values: ["$tools/workload"]
      matchActions:
      - action: Post
        rateLimit: 5m
        rateLimitScope: global
EOT
	make first && make second && make third && events --event-types process_tracepoint || return 1
	made "mkdir " first && [ "$(grep -c process_tracepoint "$work/events")" = 1 ]
}

returns() {
	head_of returns <<EOT | apply || return 1
  kprobes:
  - call: sys_mkdir
    syscall: true
    return: true
    args:
    - index: 0
      type: string
    returnArg:
      index: 0
      type: int
    selectors:
    - matchBinaries:
      - operator: In
        values: ["$tools/workload"]
      matchReturnArgs:
      - index: 0
        operator: Equal
        values: ["-17"]
EOT
	make twice && ! make twice && make once && events || return 1
	has_event "{\"string_arg\":\"$work/twice\"}" '"return":{"int_arg":-17}' && no_event '"return":{"int_arg":0}' && no_event "$work/once\"}]"
}

resident
test_that "resolve: members behind arguments, reported and filtered on" resolve_arguments
test_that "resolve: what this kernel has not is refused, with its place" resolve_mistakes
test_that "resolve: a member of what a function returns, reported and filtered on" resolve_returned
test_that "resolve: on an LSM hook, from the file and the current task" resolve_of_lsm
test_that "resolve: by the types of a module" resolve_in_module kprobes
test_that "fentries: a function of a module" resolve_in_module fentries
test_that "data: members of the current task, reported and filtered on" data_of_task
test_that "data: registers of functions and of the callers of system calls" registers
test_that "selectorsMacros, label, message and tags" macros
test_that "CelExpr" expression
test_that "args: a filter on two arguments" two_arguments
test_that "lists: numbers of system calls, of both ABIs" listed_numbers
test_that "lists: system calls as kprobes, of both ABIs" listed_calls
test_that "lists: functions as kprobes" listed_functions
test_that "lists: functions that a pattern matches" matching_functions
test_that "loader: files that are mapped, with their build ids" loader
test_that "arguments of 32-bit system calls are refused" calls_of_32_bits
test_that "callNotFound: a missing function is passed over, with a note" passed_over
test_that "fentries, with a return" fentry
test_that "a fentry beside a kprobe" fentry_beside_kprobe
test_that "matchParentBinaries" parents
test_that "matchBinaries with followChildren" children
test_that "matchPIDs with followForks" forks
test_that "matchNamespaces, by number" namespaces "$(readlink /proc/self/ns/uts | tr -dc 0-9)"
test_that "matchNamespaces, that of the host" host_namespaces
test_that "matchNamespaceChanges" namespace_changes
test_that "matchCapabilities" capabilities
test_that "matchCapabilityChanges" capability_changes
test_that "rateLimit" rates
test_that "matchReturnArgs: only these returns are reported" returns

# An emulated kernel needs minutes to detach hundreds of functions; the test machine is thrown away anyway.
leave=${TETRA_VM_KERNEL-}
test_that "lists: all system calls as kprobes" all_calls
test_that "all system calls, as numbers: those that the kernel has" all_numbers
finish
