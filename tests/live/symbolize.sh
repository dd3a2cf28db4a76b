#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Stack traces of events with functions: getevents --symbolize while programs run, and tetra symbolize when they are gone. TAP.
# What this kernel cannot attach is skipped with the reason.
. "$(dirname "$0")/lib.sh"

gone=$work/gone box=$work/box

watch_stacks() { # section, function
	head_of stacks <<EOT | apply_held
  $1:
  - call: $2
    selectors:
    - matchBinaries:
      - operator: In
        values: ["$gone", "$box/inside", "$tools/workload"]
      matchActions:
      - action: Post
        userStackTrace: true
        kernelStackTrace: true
EOT
}

# An emulated machine takes its time until the reader is there.
# getppid is system call 110 of x86-64.  The reader sees the program while it runs; nothing of it is left in the end.
record() { # getevents's further options, then --, the program
	options=
	while [ "$1" != -- ]; do options="$options $1"; shift; done
	shift
	# shellcheck disable=SC2086
	"$tetra" getevents --root "$root" --timeout ${TETRA_VM_KERNEL:+2}9 --event-types process_kprobe $options >"$work/events" 2>"$work/events.err" &
	reader=$!
	sleep ${TETRA_VM_KERNEL:+1}3
	"$@"
	wait $reader || { cat "$work/events.err"; return 1; }
}

frames_of() { # list: one frame a line, of the last event: in an emulated machine the first one's look-up takes longer than is waited for
	grep -F "\"$1\":[" "$work/events" | tail -n 1 | sed "s/.*\"$1\":\[\(.*\)/\1/; s/\].*//; s/},{/}\n{/g"
}

# Whoever calls inner() is outer(), and main() calls that; the file is known by its build id.
names_functions() {
	has_event '"symbol":"stacked_inner"' '"symbol":"stacked_outer"' '"symbol":"main"' || return 1
	frames_of user_stack_trace | sed -n '1,3p' >"$work/frames"
	[ "$(grep -c '"build_id":"[0-9a-f]*"' "$work/frames")" = 3 ] && sed -n 2p "$work/frames" | grep '"symbol":"stacked_outer"' >"$work/outer" ||
		{ cat "$work/frames"; return 1; }
}

of_program() {
	watch_stacks kprobes sys_getppid && cp "$tools/stacked" "$gone" || return 1
	run_gone() { "$gone" 110 2 2; rm -f "$gone"; }
	record --symbolize --no-cache -- run_gone || return 1
	[ ! -e "$gone" ] && names_functions || return 1
	# Long after: what was stored is enough where there is a file of that build id.
	id=$(sed 's/.*"build_id":"\([0-9a-f]*\)".*/\1/' "$work/outer")
	sed 's/,"symbol":"stacked_[a-z]*"//g' "$work/events" >"$work/stored"
	! grep -q stacked_outer "$work/stored" || { echo "the name is still there"; return 1; }
	cp "$work/stored" "$work/of-gone"
	"$tetra" symbolize --no-cache --no-lines "$work/stored" >"$work/events" && no_event '"symbol":"stacked_outer"' || return 1
	mkdir -p "$work/debug/.build-id/$(echo "$id" | cut -c 1-2)"
	cp "$tools/stacked" "$work/debug/.build-id/$(echo "$id" | cut -c 1-2)/$(echo "$id" | cut -c 3-)"
	"$tetra" symbolize --no-cache --debug-dir "$work/debug" "$work/stored" >"$work/events" || return 1
	names_functions
}

of_gone() { # the event's first frame of the program, looked up now
	"$tetra" symbolize --no-cache --no-lines "$@" "$work/of-gone" >"$work/events" || return 1
	frames_of user_stack_trace | grep -F "\"module\":\"$gone" | head -n 1
}

# Between event and look-up another program took the path: it is not taken for the one of the event, by build id, or by its time where there is none.
replaced() {
	[ -s "$work/of-gone" ] || skip "no events of a program that is gone"
	cp "$tools/workload" "$gone"
	of_gone >"$work/frame"
	grep -q '"symbol_unknown":"build_id_differs"' "$work/frame" && ! grep -q '"symbol":' "$work/frame" || { cat "$work/frame"; return 1; }
	of_gone --debug-dir "$work/debug" >"$work/frame"
	grep -q '"symbol":"stacked_inner"' "$work/frame" || { cat "$work/frame"; return 1; }
	sed -i 's/"build_id":"[0-9a-f]*"/"x":1/g' "$work/of-gone"
	of_gone >"$work/frame"
	grep -q '"symbol_unknown":"file_changed"' "$work/frame" && ! grep -q '"symbol":' "$work/frame" || { cat "$work/frame"; return 1; }
}

as_text() {
	watch_stacks kprobes sys_getppid && cp "$tools/stacked" "$gone" || return 1
	record --symbolize --no-cache -o compact -- "$gone" 110 2 2 || return 1
	grep -E '^    0x[0-9a-f]+ stacked_outer\+0x[0-9a-f]+( at .*)? in .*/gone\+0x[0-9a-f]+ \(build id [0-9a-f]+\)$' "$work/events" >"$work/found" ||
		{ cat "$work/events"; return 1; }
}

# A program that nobody else can see the file of.
in_mount_namespace() {
	mkdir -p "$box" && watch_stacks kprobes sys_getppid || return 1
	inside() {
		unshare -m sh -c "mount --make-rprivate / 2>/dev/null; mount -t tmpfs none '$box' && cp '$tools/stacked' '$box/inside' && exec '$box/inside' 110 2 2"
	}
	record --symbolize --no-cache -- inside || return 1
	[ ! -e "$box/inside" ] && names_functions
}

# Each function of the kernel begins where kallsyms says.
as_kallsyms() {
	watch_stacks kprobes sys_getppid && cp "$tools/stacked" "$gone" || return 1
	record -- "$gone" 110 0 1 || return 1
	frames_of kernel_stack_trace >"$work/frames"
	grep -q '"symbol":"do_syscall_64"' "$work/frames" || { cat "$work/frames"; return 1; }
	checked=0
	while read -r frame; do
		symbol=$(echo "$frame" | sed -n 's/.*"symbol":"\([^"]*\)".*/\1/p')
		offset=$(echo "$frame" | sed -n 's/.*"offset":"\([0-9]*\)".*/\1/p')
		address=$(echo "$frame" | sed -n 's/.*"address":"\([0-9]*\)".*/\1/p')
		[ -n "$symbol" ] || continue
		# The first 8 of 16 digits are the same for all of the kernel's text, and the shell cannot count so far.
		begins=$(printf '%08x' $((0x$(printf '%x' "$address" | cut -c 9-) - offset)))
		awk -v end="$begins" -v name="$symbol" '$3 == name && substr($1, 9) == end { found = 1 } END { exit !found }' /proc/kallsyms ||
			{ echo "$frame"; return 1; }
		checked=$((checked + 1))
	done <"$work/frames"
	[ $checked -ge 2 ] || { cat "$work/frames"; return 1; }
}

# A trampoline is called in the kernel, and calls a BPF program: both are no module's.
bpf_programs() {
	watch_stacks fentries 'security_inode_mkdir
    syscall: false' || return 1
	record -- "$tools/workload" mkdir "$work/made" || return 1
	has_event '"kernel_stack_trace"' '"module":"bpf"' '"symbol":"bpf_'
}

kernel_event() { # address, as events have it
	printf '{"process_kprobe":{"kernel_stack_trace":[{"address":"%s"}]},"node_name":"%s","time":"%s"}\n' "$1" "$(uname -n)" "$(date -u +%Y-%m-%dT%H:%M:%SZ)"
}

# The kernel hides its addresses from everybody: that is said, also where an earlier run kept what it saw.
hidden() {
	[ -n "${TETRA_VM_KERNEL-}" ] || skip "changes what all of this machine see: only in a test machine"
	XDG_CACHE_HOME=$work "$tetra" symbolize --kernel "$(awk '$3 == "do_syscall_64" { print $1 }' /proc/kallsyms)" >"$work/found" || return 1
	grep -q ' do_syscall_64+0x0' "$work/found" && ls "$work"/tetra/kallsyms-* >/dev/null || { cat "$work/found"; return 1; }
	sleep 2
	kernel_event 18446744071578845184 >"$work/one"
	echo 2 >/proc/sys/kernel/kptr_restrict
	status=0
	XDG_CACHE_HOME=$work "$tetra" symbolize --kernel 1 >"$work/found" 2>&1 || status=$?
	XDG_CACHE_HOME=$work "$tetra" symbolize "$work/one" >>"$work/found" 2>&1
	echo 0 >/proc/sys/kernel/kptr_restrict
	[ $status = 3 ] && grep -q 'the kernel does not show its addresses' "$work/found" && grep -q '"symbol_unknown":"hidden"' "$work/found" ||
		{ cat "$work/found"; return 1; }
}

# A function of a module, and the module's own file, which is packed.
of_module() {
	[ -e /dummy.ko ] || skip "no module came with this kernel"
	[ -d /sys/class/net/dummy0 ] || insmod /dummy.ko || return 1
	folder=/lib/modules/$(uname -r)
	mkdir -p "$folder" && gzip -c /dummy.ko >"$folder/dummy.ko.gz" && echo 'dummy.ko.gz:' >"$folder/modules.dep" || return 1
	address=$(awk '$3 == "dummy_xmit" { print $1 }' /proc/kallsyms)
	"$tetra" symbolize --no-cache --kernel --explain "$address" >"$work/found" || return 1
	kernel_event "$(printf %u "0x$address")" | "$tetra" symbolize --no-cache - >>"$work/found"
	id=$(hexdump -v -s 16 -e '1/1 "%02x"' /sys/module/dummy/notes/.note.gnu.build-id)
	grep -q '^0x[0-9a-f]* dummy_xmit+0x0.* in dummy' "$work/found" && grep -q "module dummy: .*build id: $id" "$work/found" &&
		grep -q '"symbol":"dummy_xmit","offset":"0"' "$work/found" && grep -q '"module":"dummy"' "$work/found" ||
		{ cat "$work/found"; return 1; }
	# Another file of that name is not its.
	gzip -c "$tools/stacked" >"$folder/dummy.ko.gz"
	"$tetra" symbolize --no-cache --kernel --explain "$address" >"$work/found"
	grep -q "dummy.ko.gz: the file there now is another one: its build id differs" "$work/found" || { cat "$work/found"; return 1; }
}

[ "$(uname -m)" = x86_64 ] || skip_all "the program makes its system call on x86-64 only"
resident
test_that "symbolize: functions of a program, also when it is gone and deleted" held_while of_program
test_that "symbolize: a file that was replaced between event and look-up" replaced
test_that "symbolize: lines for people" held_while as_text
test_that "symbolize: a program whose file is in a mount namespace of its own" held_while in_mount_namespace
test_that "symbolize: functions of the kernel, as kallsyms has them" held_while as_kallsyms
test_that "symbolize: BPF programs and trampolines of the kernel" held_while bpf_programs
test_that "symbolize: functions of a module, and its packed file" of_module
test_that "symbolize: a kernel that hides its addresses" hidden
finish
